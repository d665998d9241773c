"""Digging, placing, picking up, gathering: success, and each failure that is cheap to provoke."""

from __future__ import annotations

import asyncio
import random

import pytest

from conscious_bot.contracts import BlockPos


def code(result) -> str:
    assert result.error is not None, result
    return str(result.error.code)


class Guarded:
    """A policy with protected cells."""

    def __init__(self, cells: set[BlockPos]) -> None:
        self.cells = cells

    def may_edit(self, pos: BlockPos) -> bool:
        return pos not in self.cells


@pytest.mark.requirement("LEAF-09")
def test_dig_block_takes_the_best_tool_and_names_what_broke(stage) -> None:
    async def script(s):
        pos = s.at(2, 0, 0)
        await s.set(pos, "stone")
        await s.give("wooden_shovel")
        await s.give("stone_pickaxe")
        return pos, await s.run("dig_block", pos=list(pos), expect="stone", harvest=True)

    pos, result = stage.play(script)
    assert result.ok
    assert result.changed
    assert stage.block(pos) == "air"
    assert result.observables["output"]["broken"] == "stone"
    assert result.observables["difference"]["held"]["after"] == "stone_pickaxe"


@pytest.mark.parametrize(
    ("offset", "block", "args", "expected"),
    [
        ((2, 0, 0), "air", {}, "dig.blockChanged"),
        ((2, 0, 0), "dirt", {"expect": "stone"}, "dig.blockChanged"),
        ((2, 0, 0), "bedrock", {}, "dig.blockChanged"),
        ((9, 0, 0), "stone", {}, "dig.outOfReach"),
        ((2, 0, 0), "stone", {"harvest": True}, "dig.toolInvalid"),
        ((9000, 0, 0), None, {}, "path.unloaded"),
    ],
)
@pytest.mark.requirement("LEAF-09", "LEAF-05")
def test_dig_block_fails_with_the_right_code(stage, offset, block, args, expected) -> None:
    async def script(s):
        pos = s.at(*offset)
        if block is not None:
            await s.set(pos, block)
        return await s.run("dig_block", pos=list(pos), **args)

    result = stage.play(script)
    assert code(result) == expected
    assert not result.changed


@pytest.mark.requirement("LEAF-09")
def test_gravel_that_falls_into_the_hole_is_dug_until_the_cell_is_open(stage) -> None:
    async def script(s):
        x, y, z = s.at(2, 0, 0)
        await s.fill((x, y, z), (x, y + 2, z), "gravel")
        return (x, y, z), await s.run("dig_block", pos=[x, y, z])

    pos, result = stage.play(script)
    assert result.ok, result
    assert stage.block(pos) == "air"


def test_a_block_that_someone_changes_while_it_is_dug_is_reported(stage) -> None:
    async def script(s):
        pos = s.at(2, 0, 0)
        await s.set(pos, "stone")
        dig = asyncio.ensure_future(s.run("dig_block", pos=list(pos)))
        await asyncio.sleep(1)
        await s.set(pos, "dirt")
        return await dig

    result = stage.play(script)
    assert code(result) == "dig.blockChanged"


def test_protected_blocks_are_not_dug_nor_built_over(stage) -> None:
    cells: set[BlockPos] = set()
    stage.policy = Guarded(cells)

    async def script(s):
        ground, air = s.at(2, -1, 0), s.at(0, 0, 2)
        cells.update([ground, air])
        await s.give("dirt")
        return await s.run("dig_block", pos=list(ground)), await s.run("place_block", item="dirt", pos=list(air))

    for result in stage.play(script):
        assert code(result) == "permission.denied"
        assert not result.changed


@pytest.mark.requirement("LEAF-09")
def test_place_block_puts_it_down_and_a_second_time_has_nothing_to_do(stage) -> None:
    async def script(s):
        pos = s.at(2, 0, 0)
        await s.give("dirt", 2)
        return (
            pos,
            await s.run("place_block", item="dirt", pos=list(pos)),
            await s.run("place_block", item="dirt", pos=list(pos)),
        )

    pos, first, second = stage.play(script)
    assert first.ok
    assert first.changed
    assert stage.block(pos) == "dirt"
    assert stage.carried("dirt") == 1
    assert second.ok
    assert not second.changed
    assert second.observables["heldBefore"] is True


@pytest.mark.requirement("LEAF-09")
def test_a_torch_goes_on_the_named_side_of_a_wall(stage) -> None:
    async def script(s):
        wall = s.at(2, 1, 0)
        await s.set(wall, "stone")
        await s.give("torch")
        return wall, await s.run("place_block", item="torch", against=list(wall), face="west")

    wall, result = stage.play(script)
    assert result.ok, result
    assert stage.block((wall[0] - 1, wall[1], wall[2])) == "wall_torch"


@pytest.mark.parametrize(
    ("offset", "block", "have", "expected"),
    [
        ((2, 0, 0), "air", False, "inventory.missing"),
        ((2, 0, 0), "stone", True, "place.occupied"),
        ((0, 0, 0), "air", True, "place.occupied"),
        ((9, 0, 0), "air", True, "place.outOfReach"),
        ((2, 2, 0), "air", True, "place.invalidFace"),
    ],
)
@pytest.mark.requirement("LEAF-09", "LEAF-05")
def test_place_block_fails_with_the_right_code(stage, offset, block, have, expected) -> None:
    async def script(s):
        pos = s.at(*offset)
        await s.set(pos, block)
        if have:
            await s.give("dirt")
        return await s.run("place_block", item="dirt", pos=list(pos))

    result = stage.play(script)
    assert code(result) == expected
    assert stage.carried("dirt") == (1 if have else 0)


def test_what_is_no_block_cannot_be_placed(stage) -> None:
    assert code(stage.play(lambda s: s.run("place_block", item="stick", pos=list(s.at(2, 0, 0))))) == "step.badArgs"


@pytest.mark.requirement("LEAF-09")
def test_collect_items_brings_in_what_lies_about(stage) -> None:
    async def script(s):
        await s.run("dig_block", pos=list(s.at(3, -1, 0)))
        await s.run("dig_block", pos=list(s.at(0, -1, 3)))
        return await s.run("collect_items", item="dirt")

    result = stage.play(script)
    assert result.ok, result
    assert result.observables["output"]["collected"] == {"dirt": 2}
    assert stage.carried("dirt") == 2


@pytest.mark.requirement("LEAF-05")
def test_collect_items_with_nothing_there_is_not_found(stage) -> None:
    assert code(stage.play(lambda s: s.run("collect_items"))) == "sense.notFound"


@pytest.mark.requirement("LEAF-05")
def test_collect_items_with_full_pockets_says_so(stage) -> None:
    async def script(s):
        await s.give("stick", 64 * 36)
        await s.run("dig_block", pos=list(s.at(2, -1, 0)))
        return await s.run("collect_items", item="dirt")

    assert code(stage.play(script)) == "inventory.full"


@pytest.mark.requirement("LEAF-09", "LEAF-15")
def test_acquire_material_counts_the_drop_not_the_block(stage) -> None:
    async def script(s):
        x, y, z = s.at(4, 0, 0)
        await s.fill((x, y, z), (x + 2, y + 1, z + 2), "stone")
        await s.give("wooden_pickaxe")
        return await s.run("acquire_material", item="cobblestone", count=5)

    result = stage.play(script)
    assert result.ok, result
    assert result.observables["difference"]["inventory"] == {"cobblestone": 5}
    assert stage.carried("cobblestone") == 5


@pytest.mark.requirement("LEAF-09")
def test_acquire_material_digs_a_staircase_to_what_lies_hidden(stage) -> None:
    async def script(s):
        x, y, z = s.at(3, -2, 0)
        await s.fill((x, y - 1, z), (x + 2, y, z + 2), "iron_ore")
        await s.give("stone_pickaxe")
        return await s.run("acquire_material", item="raw_iron", count=3)

    result = stage.play(script)
    assert result.ok, result
    assert stage.carried("raw_iron") >= 3
    assert result.observables["output"]["tunnelled"] >= 0


@pytest.mark.requirement("LEAF-09")
def test_acquire_material_takes_what_one_can_walk_through(stage) -> None:
    async def script(s):
        await s.set(s.at(3, 0, 2), "torch")
        return await s.run("acquire_material", item="torch", radius=8)

    result = stage.play(script)
    assert result.ok, result
    assert stage.carried("torch") == 1


@pytest.mark.requirement("LEAF-09")
def test_acquire_material_takes_what_is_ripe_and_leaves_what_is_not(stage) -> None:
    async def script(s):
        await s.set(s.at(2, 0, 1), "sweet_berry_bush[age=1]")  # the nearer one
        await s.set(s.at(4, 0, 1), "sweet_berry_bush[age=3]")
        return await s.run("acquire_material", item="sweet_berries", radius=8)

    result = stage.play(script)
    assert result.ok, result
    assert stage.carried("sweet_berries") >= 2
    assert result.observables["output"]["broken"] == 1
    assert [one["before"] for one in result.observables["difference"]["blocks"]] == ["sweet_berry_bush"]


@pytest.mark.requirement("LEAF-09", "LEAF-05")
def test_acquire_material_refuses_a_tool_that_gets_nothing(stage) -> None:
    async def script(s):
        await s.set(s.at(3, 0, 0), "iron_ore")
        await s.give("wooden_pickaxe")
        return await s.run("acquire_material", item="raw_iron")

    result = stage.play(script)
    assert code(result) == "dig.toolInvalid"
    assert "stone_pickaxe" in result.error.detail
    assert stage.block(stage.at(3, 0, 0)) == "iron_ore"


@pytest.mark.requirement("LEAF-05")
def test_acquire_material_does_not_explore(stage) -> None:
    assert code(stage.play(lambda s: s.run("acquire_material", item="oak_log"))) == "sense.notFound"
    assert code(stage.play(lambda s: s.run("acquire_material", item="no_such_thing"))) == "step.badArgs"


def test_acquire_material_leaves_protected_blocks(stage) -> None:
    class OnlyGround:
        def may_edit(self, pos: BlockPos) -> bool:
            return False

    stage.policy = OnlyGround()
    result = stage.play(lambda s: s.run("acquire_material", item="dirt"))
    assert code(result) == "sense.notFound"
    assert not result.changed


@pytest.mark.requirement("LEAF-06")
def test_gathering_cancelled_at_any_moment_leaves_the_body_still_and_loses_nothing(stage) -> None:
    async def script(s):
        rng = random.Random(3)
        x, y, z = s.feet
        for i in range(12):
            await s.fill((x + 3, y, z), (x + 4, y + 1, z + 1), "dirt")
            held, lying = s.carried("dirt"), sum(e.stack.count for e in await s.body.entities(64) if e.stack)
            blocks = sum(s.block((x + a, y + b, z + c)) == "dirt" for a in (3, 4) for b in (0, 1) for c in (0, 1))
            total = held + lying + blocks
            job = asyncio.ensure_future(s.run("acquire_material", item="dirt", count=3, radius=8))
            await asyncio.sleep(rng.uniform(0, 4))
            if job.cancel():
                with pytest.raises(asyncio.CancelledError):
                    await job
            assert s.still(), i
            broken = sum(
                len(e.data.get("observables", {}).get("difference", {}).get("blocks", [])) for e in s.events[-1:]
            )
            assert broken >= 0
            now = s.carried("dirt") + sum(e.stack.count for e in await s.body.entities(64) if e.stack)
            left = sum(s.block((x + a, y + b, z + c)) == "dirt" for a in (3, 4) for b in (0, 1) for c in (0, 1))
            # Grass of the ground may have been dug as well: it only adds dirt.
            assert now + left >= total

    stage.play(script)


@pytest.mark.requirement("LEAF-09")
def test_digging_for_material_keeps_the_way_back(stage) -> None:
    async def script(s):
        x, y, z = s.feet
        await s.fill((x - 7, y, z - 7), (x + 7, y + 9, z + 7), "dirt")
        await s.fill((x - 7, y, z - 7), (x + 7, y + 5, z + 7), "stone")
        top = (x, y + 10, z)
        await s.operator.command(f"tp Bot {x} {y + 10} {z}")
        await s.give("wooden_pickaxe")
        await asyncio.sleep(1)
        dug = await s.run("acquire_material", item="cobblestone", count=20)
        below = s.feet
        return top, dug, below, await s.run("move_to", pos=list(top), tolerance=2)

    top, dug, below, back = stage.play(script)
    assert dug.ok, dug
    assert below[1] < top[1] - 2
    assert back.ok, back


@pytest.mark.requirement("LEAF-09")
def test_a_tunnel_goes_around_what_somebody_built(stage) -> None:
    async def script(s):
        x, y, z = s.feet
        await s.fill((x - 5, y, z - 5), (x + 5, y + 4, z + 5), "dirt")
        await s.fill((x - 5, y + 3, z - 5), (x + 5, y + 3, z + 5), "oak_planks")
        await s.fill((x + 2, y + 3, z - 5), (x + 5, y + 3, z + 5), "dirt")
        await s.fill((x - 5, y, z - 5), (x + 5, y + 1, z + 5), "stone")
        await s.operator.command(f"tp Bot {x} {y + 5} {z}")
        await s.give("wooden_pickaxe")
        await asyncio.sleep(1)
        result = await s.run("acquire_material", item="cobblestone", count=2)
        planks = sum(s.block((a, y + 3, c)) == "oak_planks" for a in range(x - 5, x + 2) for c in range(z - 5, z + 6))
        return result, planks

    result, planks = stage.play(script)
    assert planks == 7 * 11
    assert result.ok, result
