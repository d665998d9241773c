"""Ways that are made: dug out of walls, down from pillars, over ravines, up from pits, never through what must stay."""

from __future__ import annotations

import asyncio

import pytest

from conscious_bot.contracts import BlockPos, Permission
from conscious_bot.leaves.catalogue import LeafCatalogue
from conscious_bot.leaves.movement import SterlingNavigate
from conscious_bot.simulation.state import PI_CROUCHED

from .conftest import code, shown

pytestmark = pytest.mark.requirement("STER-06")


async def _box_in(s, material: str) -> BlockPos:
    """Walls, a floor and a roof of one material around the bot, two thick."""
    x, y, z = s.feet
    await s.fill((x - 2, y - 2, z - 2), (x + 2, y + 3, z + 2), material)
    await s.fill((x, y, z), (x, y + 1, z), "air")
    return x, y, z


async def _go(s, goal: BlockPos, **more: int):
    return await s.run("sterling_navigate", goal=list(goal), toleranceXZ=0, **more)


def test_a_bot_that_is_walled_in_digs_itself_out(stage) -> None:
    async def script(s):
        x, y, z = await _box_in(s, "dirt")
        return (x + 8, y, z), await _go(s, (x + 8, y, z))

    goal, result = stage.play(script)
    assert shown(result).observables["output"]["made"] > 0
    assert stage.feet == goal


def test_what_somebody_built_is_not_dug(stage) -> None:
    async def script(s):
        x, y, z = await _box_in(s, "oak_planks")
        return await _go(s, (x + 8, y, z))

    assert code(stage.play(script)) == "path.unreachable"
    assert stage.block(stage.at(1, 0, 0)) == "oak_planks"


def test_protected_ground_is_gone_round_or_left(stage) -> None:
    class Fence:
        """East of the bot everything is protected."""

        def __init__(self) -> None:
            self.border = 0

        def may_edit(self, pos: BlockPos) -> bool:
            return pos[0] <= self.border

    stage.policy = Fence()

    async def script(s):
        x, y, z = await _box_in(s, "dirt")
        s.policy.border = x
        before = {(x + d, y, z): s.block((x + d, y, z)) for d in (1, 2)}
        result = await _go(s, (x + 8, y, z))
        return result, {pos: s.block(pos) for pos in before} == before

    result, stands = stage.play(script)
    shown(result)
    assert stands


def test_a_leaf_without_the_permission_to_dig_stays_inside(stage) -> None:
    class Walker(SterlingNavigate):
        """The same leaf, allowed to walk only."""

        spec = _only_walks(SterlingNavigate.spec)

    stage.catalogue = LeafCatalogue()
    stage.catalogue.register(Walker())

    async def script(s):
        x, y, z = await _box_in(s, "dirt")
        return await _go(s, (x + 8, y, z))

    assert code(stage.play(script)) == "path.unreachable"
    assert stage.block(stage.at(1, 0, 0)) == "dirt"


def _only_walks(spec):
    return spec.model_copy(update={"permissions": spec.permissions - {Permission.DIG, Permission.PLACE}})


def test_a_bot_on_a_pillar_comes_down_unhurt(stage) -> None:
    async def script(s):
        x, y, z = s.feet
        await s.fill((x, y, z), (x, y + 7, z), "dirt")
        await s.operator.command(f"tp Bot {x + 0.5} {y + 8} {z + 0.5}")
        await asyncio.sleep(0.5)
        return (x + 5, y, z), await _go(s, (x + 5, y, z))

    goal, result = stage.play(script)
    shown(result)
    assert stage.feet == goal
    assert stage.body.state().health == 20


def test_a_ravine_is_bridged_with_carried_blocks_and_not_without(stage) -> None:
    async def script(s):
        x, y, z = s.feet
        # An island in a lake of lava that lies deeper than one can climb out of.
        await s.fill((x - 9, y - 3, z - 9), (x + 9, y - 1, z + 9), "air")
        await s.fill((x - 9, y - 4, z - 9), (x + 9, y - 4, z + 9), "lava")
        await s.fill((x - 3, y - 4, z - 3), (x + 3, y - 1, z + 3), "dirt")
        goal = (x + 12, y, z)
        without = await _go(s, goal)
        await s.give("cobblestone", 16)
        going = asyncio.create_task(_go(s, goal))
        sneaked: set[int] = set()
        while not going.done():
            if s.world.arrays.pi[0, PI_CROUCHED]:
                sneaked.add(s.feet[0] - x)
            await asyncio.sleep(0.05)
        return goal, without, await going, sneaked

    goal, without, result, sneaked = stage.play(script)
    assert sneaked >= {4, 5, 6, 7, 8, 9}, "a bridge is laid sneaking"
    assert code(without) == "path.unreachable"
    assert shown(result).observables["output"]["made"] >= 12
    assert stage.feet == goal
    assert 16 - stage.carried("cobblestone") == 6
    assert stage.body.state().health == 20


def test_a_pit_of_hard_rock_is_left_by_a_pillar_which_may_be_taken_down_again(stage) -> None:
    async def script(s):
        x, y, z = s.feet
        await s.fill((x - 2, y, z - 2), (x + 2, y + 5, z + 2), "obsidian")
        await s.fill((x, y, z), (x, y + 5, z), "air")
        await s.give("cobblestone", 8)
        up = await _go(s, (x + 1, y + 6, z))
        above = s.feet
        await s.operator.command(f"tp Bot {x + 0.5} {y + 6} {z + 0.5}")
        await asyncio.sleep(0.5)
        down = await _go(s, (x, y + 1, z))
        return (x, y, z), up, above, down

    (x, y, z), up, above, down = stage.play(script)
    shown(up)
    assert above == (x + 1, y + 6, z)
    shown(down)
    assert stage.feet == (x, y + 1, z)
    assert stage.body.state().health == 20


def test_a_shut_door_is_opened_and_walked_through(stage) -> None:
    async def script(s):
        x, y, z = await _box_in(s, "oak_planks")
        await s.fill((x + 1, y, z), (x + 2, y + 1, z), "air")
        await s.set((x + 1, y, z), "oak_door[facing=east,half=lower,open=false]")
        await s.set((x + 1, y + 1, z), "oak_door[facing=east,half=upper,open=false]")
        return (x + 6, y, z), await _go(s, (x + 6, y, z))

    goal, result = stage.play(script)
    shown(result)
    assert stage.feet == goal


def test_a_block_that_is_put_back_while_it_digs_makes_it_plan_again(stage) -> None:
    async def script(s):
        x, y, z = await _box_in(s, "dirt")
        walk = asyncio.ensure_future(_go(s, (x + 8, y, z)))
        for _ in range(400):
            await asyncio.sleep(0.05)
            if s.feet[0] == x + 1:
                break
        await s.fill((x + 3, y, z - 3), (x + 3, y + 2, z + 3), "sand")
        return (x + 8, y, z), await walk

    goal, result = stage.play(script)
    shown(result)
    assert stage.feet == goal


def test_works_that_are_cancelled_leave_the_body_still(stage) -> None:
    async def script(s):
        x, y, z = await _box_in(s, "stone")
        walk = asyncio.ensure_future(_go(s, (x + 8, y, z)))
        await asyncio.sleep(2.0)
        walk.cancel()
        with pytest.raises(asyncio.CancelledError):
            await walk
        return s.still()

    assert stage.play(script)
