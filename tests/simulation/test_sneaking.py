"""Sneaking by the game's rules. Source of the values: Minecraft Wiki, "Sneaking" (Java Edition 1.20)."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conscious_bot.body.port import Face, Hands
from conscious_bot.contracts import ActionFailed, BlockPos, Primitive
from conscious_bot.game.tables import Tables
from conscious_bot.simulation import deeds
from conscious_bot.simulation import state as s
from conscious_bot.simulation.creatures.layout import CI_TARGET
from conscious_bot.simulation.physics import eye_of, height_of
from conscious_bot.simulation.world import SimulatedWorld

PLATFORM = 20  # its height above the flat ground


def _platform(world: SimulatedWorld, *, wide: int = 0) -> BlockPos:
    """A platform of 2 `wide` + 1 blocks a side in the air, with the first player on its middle; its feet's cell."""
    x, y, z = world.spawn[0], world.spawn[1] + PLATFORM, world.spawn[2]
    for dx in range(-wide, wide + 1):
        for dz in range(-wide, wide + 1):
            world.set_block((x + dx, y - 1, z + dz), world.tables.state_of("stone"))
    world.teleport(world.players[0], (x + 0.5, float(y), z + 0.5))
    world.run(2)
    return x, y, z


def _flat(tables: Tables) -> SimulatedWorld:
    made = SimulatedWorld.create(1, tables, "flat", view=1)
    made.rules["doMobSpawning"] = False
    made.add_player("Bot")
    made.run(2)
    return made


@pytest.fixture
def world(tables: Tables) -> SimulatedWorld:
    return _flat(tables)


@pytest.mark.requirement("WORLD-02")
def test_sneaking_covers_1_295_blocks_a_second(world: SimulatedWorld) -> None:
    pf, pi = world.arrays.pf[0], world.arrays.pi[0]
    pf[s.PF_YAW], pf[s.PF_FORWARD], pi[s.PI_SNEAK], pi[s.PI_SPRINT] = 0.0, 1.0, 1, 1
    world.run(60)
    start = pf[s.PF_Z]
    world.run(100)
    assert (pf[s.PF_Z] - start) / 5 == pytest.approx(1.295, abs=0.001)
    assert not pi[s.PI_SPRINT]


@pytest.mark.parametrize(("sneaks", "height", "eye"), [(0, 1.8, 1.62), (1, 1.5, 1.27)])
def test_a_sneaking_player_is_1_5_high_with_eyes_at_1_27(
    world: SimulatedWorld, sneaks: int, height: float, eye: float
) -> None:
    world.arrays.pi[0, s.PI_SNEAK] = sneaks
    world.run(1)
    assert height_of(world.arrays.pi, 0) == height
    assert eye_of(world.arrays.pi, 0) == eye


def test_whoever_sneaks_under_a_low_ceiling_stays_bent_until_there_is_room(world: SimulatedWorld) -> None:
    """A gap of one and a half blocks lets nobody upright through."""
    x, y, z = world.spawn
    for dz in range(1, 4):
        world.set_block((x, y + 1, z + dz), world.tables.state_of("oak_slab", type="top"))
    pf, pi = world.arrays.pf[0], world.arrays.pi[0]
    pf[s.PF_YAW], pf[s.PF_FORWARD] = 0.0, 1.0
    world.run(40)
    assert pf[s.PF_Z] < z + 1
    pi[s.PI_SNEAK] = 1
    world.run(30)
    assert z + 1.3 < pf[s.PF_Z] < z + 3
    pi[s.PI_SNEAK] = 0
    world.run(1)
    assert pi[s.PI_CROUCHED]
    world.run(60)
    assert pf[s.PF_Z] > z + 4.3
    assert not pi[s.PI_CROUCHED]


@pytest.mark.requirement("WORLD-02")
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    turns=st.lists(st.tuples(st.floats(-math.pi, math.pi), st.integers(5, 60)), min_size=1, max_size=6),
    wide=st.integers(0, 2),
)
def test_no_sequence_of_sneaked_steps_leaves_an_edge(tables: Tables, turns: list[tuple[float, int]], wide: int) -> None:
    world = _flat(tables)
    _, y, _ = _platform(world, wide=wide)
    pf, pi = world.arrays.pf[0], world.arrays.pi[0]
    pi[s.PI_SNEAK] = 1
    far = 0.0
    for yaw, ticks in turns:
        pf[s.PF_YAW], pf[s.PF_FORWARD] = yaw, 1.0
        for _ in range(ticks):
            world.run(1)
            assert pf[s.PF_Y] == y
            far = max(far, abs(pf[s.PF_X] - world.spawn[0] - 0.5), abs(pf[s.PF_Z] - world.spawn[2] - 0.5))
    assert far <= wide + 0.8  # half a block and half of its own width beyond the last block's middle


def test_walking_leaves_the_edge_that_sneaking_keeps(world: SimulatedWorld) -> None:
    _, y, _ = _platform(world)
    pf, pi = world.arrays.pf[0], world.arrays.pi[0]
    pf[s.PF_YAW], pf[s.PF_FORWARD], pi[s.PI_SNEAK] = 0.0, 1.0, 1
    world.run(60)
    assert pf[s.PF_Y] == y
    assert pf[s.PF_Z] - world.spawn[2] > 1.0  # it leans out over the edge
    pi[s.PI_SNEAK] = 0
    world.run(20)
    assert pf[s.PF_Y] < y


@pytest.mark.parametrize(("floor", "leaves"), [("oak_slab", True), ("air", False)])
def test_sneaking_steps_down_by_half_a_block_but_not_by_more_than_a_step(
    world: SimulatedWorld, floor: str, leaves: bool
) -> None:
    x, y, z = _platform(world)
    world.set_block((x, y - 1, z + 1), world.tables.state_of(floor))
    world.set_block((x, y - 2, z + 1), world.tables.state_of("stone"))
    pf, pi = world.arrays.pf[0], world.arrays.pi[0]
    pf[s.PF_YAW], pf[s.PF_FORWARD], pi[s.PI_SNEAK] = 0.0, 1.0, 1
    world.run(25)
    assert bool(pf[s.PF_Y] < y) is leaves


def test_a_sneaking_body_hangs_on_a_ladder(world: SimulatedWorld) -> None:
    x, y, z = world.spawn
    for dy in range(8):
        world.set_block((x, y + dy, z - 1), world.tables.state_of("stone"))
        world.set_block((x, y + dy, z), world.tables.state_of("ladder", facing="south"))
    pi = world.arrays.pi[0]
    heights = []
    for sneaks in (1, 0):
        world.teleport(world.players[0], (x + 0.5, y + 5.0, z + 0.5))
        pi[s.PI_SNEAK] = sneaks
        world.run(20)
        heights.append(float(world.arrays.pf[0, s.PF_Y]) - y)
    assert heights[0] > 4.8
    assert heights[1] == pytest.approx(5 - 20 * 0.15, abs=0.3)


def test_magma_hurts_nobody_who_sneaks_over_it(world: SimulatedWorld) -> None:
    """Minecraft Wiki, "Magma Block"."""
    x, y, z = world.spawn
    world.set_block((x, y - 1, z), world.tables.state_of("magma_block"))
    world.arrays.pi[0, s.PI_SNEAK] = 1
    world.run(40)
    assert world.health_of(world.players[0])[0] == 20
    world.arrays.pi[0, s.PI_SNEAK] = 0
    world.run(40)
    assert world.health_of(world.players[0])[0] < 20


@pytest.mark.parametrize(("sneaks", "noticed"), [(0, True), (1, False)])
def test_a_monster_notices_whoever_sneaks_within_four_fifths_of_its_sight_only(
    tables: Tables, sneaks: int, noticed: bool
) -> None:
    """A skeleton sees 16 blocks far, but a sneaking player only from 12.8 on."""
    world = SimulatedWorld.create(1, tables, "flat", view=2)
    world.rules["doMobSpawning"] = world.rules["doDaylightCycle"] = False
    world.time_of_day = 18000
    world.add_player("Bot")
    x, y, z = world.spawn
    world.arrays.pi[0, s.PI_SNEAK] = sneaks
    world.run(2)
    world.herd.summon("skeleton", (x + 14.5, float(y), z + 0.5), kept=True)
    world.run(30)
    assert bool(world.herd.arrays.ci[0, CI_TARGET]) is noticed


@pytest.mark.requirement("WORLD-02")
def test_a_body_follows_sneaked_steps_slowly_and_walks_on_after_them(stage: Any) -> None:
    async def script(hands: Hands) -> tuple[list[str], float]:
        x, y, z = stage.feet()
        way = [Primitive(op="walk_E", to=(x + k, y, z)).sneaked() for k in range(1, 5)]
        began = asyncio.get_running_loop().time()
        ended = [(await hands.follow(way)).ended]
        seconds = asyncio.get_running_loop().time() - began
        assert not stage.world.arrays.pi[0, s.PI_SNEAK]
        ended.append((await hands.follow([Primitive(op="walk_E", to=(x + 5, y, z))])).ended)
        return ended, seconds

    ended, seconds = stage.play(script)
    assert ended == ["arrived", "arrived"]
    assert 4 / seconds == pytest.approx(1.295, rel=0.15)


def test_only_level_steps_are_sneaked() -> None:
    assert Primitive(op="walk_N", to=(0, 0, 0)).sneaked().op == "sneak_N"
    assert Primitive(op="diagonal_SW", to=(0, 0, 0)).sneaked().op == "sneak_SW"
    assert Primitive(op="jump_up_N", to=(0, 1, 0)).sneaked().op == "jump_up_N"


@pytest.mark.requirement("WORLD-02")
@pytest.mark.parametrize("block", ["chest", "crafting_table", "furnace", "oak_trapdoor"])
def test_a_block_goes_against_what_answers_clicks_with_the_sneak_key_held(stage: Any, block: str) -> None:
    async def script(hands: Hands) -> tuple[BlockPos, list[int]]:
        x, y, z = stage.feet()
        at = (x + 2, y, z)
        await stage.operator.command(f"setblock {x + 2} {y} {z} {block}")
        await stage.operator.command("give Bot cobblestone 1")
        await hands.equip("cobblestone", "hand")
        before = stage.world.voxels.get(at)
        held: list[int] = []
        placing = asyncio.create_task(hands.place(at, "west" if block == "oak_trapdoor" else "up"))
        for _ in range(6):
            await stage.body.pause(1)
            held.append(int(stage.world.arrays.pi[0, s.PI_CROUCHED]))
        await placing
        assert stage.world.voxels.get(at) == before
        assert stage.body.state().window is None
        return at, held

    (x, y, z), held = stage.play(script)
    where = (x - 1, y, z) if block == "oak_trapdoor" else (x, y + 1, z)
    assert stage.world.tables.name_of(stage.world.voxels.get(where)) == "cobblestone"
    assert 1 in held
    assert held[-1] == 0


def test_a_click_without_the_key_is_the_blocks_own(stage: Any) -> None:
    """Minecraft Wiki, "Chest": it opens, unless whoever clicks sneaks."""

    async def script(hands: Hands) -> None:
        x, y, z = stage.feet()
        await stage.operator.command(f"setblock {x + 2} {y} {z} chest")
        await stage.operator.command("give Bot cobblestone 1")
        await hands.equip("cobblestone", "hand")
        side: Face = "up"
        player = stage.world.players[0]
        state, _ = deeds.placement(stage.world, player, (x + 2, y, z), side)
        with pytest.raises(ActionFailed, match="for the chest"):
            deeds.placement(stage.world, player, (x + 2, y, z), side, facing=state)
        player_row = stage.world.arrays.pi[0]
        player_row[s.PI_SNEAK] = 1
        assert deeds.placement(stage.world, player, (x + 2, y, z), side, facing=state)[1] == (x + 2, y + 1, z)

    stage.play(script)


@pytest.mark.parametrize("op", ["follow", "place"])
def test_whatever_ends_the_action_lets_go_of_the_key(stage: Any, op: str) -> None:
    async def script(hands: Hands) -> None:
        x, y, z = stage.feet()
        await stage.operator.command(f"setblock {x + 2} {y} {z} chest")
        await stage.operator.command("give Bot cobblestone 1")
        await hands.equip("cobblestone", "hand")
        calls: dict[str, Callable[[], Any]] = {
            "follow": lambda: hands.follow([Primitive(op="sneak_S", to=(x, y, z + k)) for k in range(1, 6)]),
            "place": lambda: hands.place((x + 2, y, z), "up"),
        }
        action = asyncio.create_task(calls[op]())
        await asyncio.sleep(0)
        if op == "follow":
            await stage.body.pause(5)
        assert stage.world.arrays.pi[0, s.PI_SNEAK]
        action.cancel()
        with pytest.raises(asyncio.CancelledError):
            await action
        await stage.body.stop()
        assert not stage.world.arrays.pi[0, s.PI_SNEAK]

    stage.play(script)
