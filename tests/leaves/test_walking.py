"""Walking with open eyes: random walks over terrain, blocks that change, creatures near the way, flapping."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from tools.prove.walking import simulated

from conscious_bot.leaves.metrics import LeafMetrics
from conscious_bot.leaves.navigation import Mind, WalkOptions, moves_of, there_and_back
from conscious_bot.leaves.watching import Reversals, danger_zone
from conscious_bot.sterling.moves import EXTENDED, PHASE1
from conscious_bot.world.grid import OccupancyGrid
from conscious_bot.world.state import EntityView

from .conftest import code


@pytest.mark.requirement("LEAF-08")
@pytest.mark.parametrize("seed", [3, 7])
def test_random_goals_over_terrain_are_reached_unhurt_with_blocks_changed_on_the_way(seed: int) -> None:
    """A sample of `make prove ARGS=walking`."""
    for trial in simulated(seed, 4):
        assert trial.arrived, trial
        assert trial.damage == 0, trial


@pytest.mark.requirement("LEAF-06")
def test_a_block_that_closes_the_way_far_ahead_makes_it_plan_again_before_it_gets_there(stage) -> None:
    async def script(s):
        x, y, z = s.feet
        walk = asyncio.ensure_future(s.run("sterling_navigate", goal=[x + 24, y, z], toleranceXZ=0))
        await asyncio.sleep(1.0)
        at = s.feet[0]
        await s.fill((x + 18, y, z - 4), (x + 18, y + 2, z + 4), "stone")
        await asyncio.sleep(0.3)
        return at, (x + 24, y, z), await walk

    at, goal, result = stage.play(script)
    assert result.ok, result
    assert stage.feet == goal
    output = result.observables["output"]
    assert output["replanCount"] == 1
    assert "changed" in output["why"][0]
    assert at < goal[0] - 10


@pytest.mark.requirement("LEAF-06")
def test_a_block_that_changes_beside_the_way_is_no_reason_to_plan_again(stage) -> None:
    async def script(s):
        x, y, z = s.feet
        walk = asyncio.ensure_future(s.run("sterling_navigate", goal=[x + 16, y, z], toleranceXZ=0))
        await asyncio.sleep(1.0)
        await s.set((x + 12, y, z + 4), "stone")
        return await walk

    result = stage.play(script)
    assert result.ok
    assert result.observables["output"]["replanCount"] == 0


@pytest.mark.requirement("LEAF-06")
def test_lava_put_beside_the_way_makes_it_go_another_way_unhurt(stage) -> None:
    async def script(s):
        x, y, z = s.feet
        walk = asyncio.ensure_future(s.run("sterling_navigate", goal=[x + 16, y, z], toleranceXZ=0))
        await asyncio.sleep(1.0)
        await s.set((x + 10, y - 1, z + 1), "lava")
        return await walk

    result = stage.play(script)
    assert result.ok
    assert result.observables["output"]["replanCount"] == 1
    assert stage.body.state().health == 20


@pytest.mark.requirement("LEAF-06")
def test_a_walk_that_is_cancelled_in_the_middle_of_a_jump_comes_down_on_the_other_side(stage) -> None:
    async def script(s):
        x, y, z = s.feet
        await s.fill((x - 6, y, z - 6), (x + 12, y + 9, z + 6), "stone")
        await s.fill((x + 3, y, z - 6), (x + 5, y + 9, z + 6), "air")
        await s.operator.command(f"tp Bot {x + 0.5} {y + 10} {z + 0.5}")
        await asyncio.sleep(1)
        walk = asyncio.ensure_future(s.run("sterling_navigate", goal=[x + 9, y + 10, z], toleranceXZ=0))
        for _ in range(200):
            if s.body.state().position[0] >= x + 4:
                break
            await asyncio.sleep(0.05)
        assert not s.body.state().on_ground
        walk.cancel()
        with pytest.raises(asyncio.CancelledError):
            await walk
        return x, y

    x, y = stage.play(script)
    assert stage.still()
    assert stage.feet[1] == y + 10
    assert stage.feet[0] >= x + 6
    assert stage.body.state().health == 20


def test_the_first_command_comes_at_once_after_a_walk_or_a_fall(stage) -> None:
    """Design, figures: time to first action p95 under 50 ms in the simulated world."""

    async def script(s):
        for step in range(20):
            x, y, z = s.feet
            await s.run("move_to", pos=[x + (4 if step % 2 == 0 else -4), y, z + step % 3 - 1])
        return s.runner.metrics

    metrics = stage.play(script)
    p95 = LeafMetrics.quantile(next(iter(metrics.values())).first_command, 0.95)
    assert p95 is not None
    assert p95 < 0.05


def test_more_than_three_turns_back_within_ten_seconds_are_flapping() -> None:
    """The documents' FM-04."""
    a, b = (0, 64, 0), (1, 64, 0)
    quick, slow = Reversals(), Reversals()
    for i in range(6):
        quick.enter((a, b)[i % 2], float(i))
        slow.enter((a, b)[i % 2], 5.0 * i)
    assert quick.flapping(5.0)
    assert not slow.flapping(25.0)
    assert not quick.flapping(40.0)


def test_darkness_counts_until_the_body_has_come_into_it() -> None:
    """Else a way into a cave would be turned back from at its mouth, and turned to again outside."""
    dark = np.zeros((4, 4, 4), np.bool_)
    dark[2:] = True
    mind = Mind()
    assert mind.minded(None, (0, 0, 0)) is None
    assert mind.minded(dark, (0, 0, 0)) is dark
    assert mind.minded(dark, (2, 0, 0)) is None
    assert mind.minded(dark, (0, 0, 0)) is None


def test_the_surroundings_of_a_hostile_creature_are_a_danger_zone() -> None:
    grid = OccupancyGrid((0, 60, 0), np.zeros((32, 8, 32), np.uint8))
    assert danger_zone(grid, []) is None
    zone = danger_zone(grid, [EntityView(7, "zombie", (10.5, 64.0, 10.5))])
    assert zone is not None
    assert zone[10, 4, 10]
    assert zone[16, 4, 10]
    assert not zone[17, 4, 10]


def test_a_body_gets_the_moves_it_can_follow() -> None:
    assert moves_of(frozenset({"walk", "jump_up", "descend"})) is PHASE1
    every = frozenset({"walk", "jump_up", "descend", "diagonal", "fall", "dive", "swim", "climb", "mount", "gap"})
    assert moves_of(every) is EXTENDED
    back = there_and_back(every).moves
    assert back is not None
    assert not {m.name for m in back.moves} & {"fall_2", "fall_3", "dive_8"}
    assert "swim" in {m.name for m in back.moves}


@pytest.mark.requirement("STER-04")
def test_troubles_escalate_to_a_wider_scan_then_fewer_moves_then_caution_and_then_it_fails(stage) -> None:
    """The documents' order: expand_scan, downgrade_primitives, safe_mode, fail."""
    base = WalkOptions()
    steps = [base.escalated(step) for step in range(4)]
    assert [step.scan_margin for step in steps] == [5, 10, 20, 40]
    assert [step.moves is PHASE1 for step in steps] == [False, False, True, True]
    assert [step.policy.risk_mode for step in steps] == ["normal", "normal", "normal", "cautious"]

    async def script(s):
        """Whoever leaves the start is put back there: nothing ever comes of any plan."""
        x, y, z = s.feet
        walk = asyncio.ensure_future(s.run("sterling_navigate", goal=[x + 12, y, z], toleranceXZ=0))
        while not walk.done():
            if abs(s.feet[0] - x) >= 4:
                await s.operator.command(f"tp Bot {x + 0.5} {y} {z + 0.5}")
            await asyncio.sleep(0.05)
        return await walk

    result = stage.play(script)
    assert code(result) == "path.stuck"
    assert "planned again 3 times" in result.error.detail
    assert stage.still()


@pytest.mark.requirement("STER-04")
def test_a_body_that_is_put_more_than_two_blocks_off_its_way_plans_again_and_arrives(stage) -> None:
    async def script(s):
        x, y, z = s.feet
        walk = asyncio.ensure_future(s.run("sterling_navigate", goal=[x + 16, y, z], toleranceXZ=0))
        await asyncio.sleep(1.5)
        await s.operator.command(f"tp Bot {x + 5.5} {y} {z + 6.5}")
        return (x + 16, y, z), await walk

    goal, result = stage.play(script)
    assert result.ok, result
    assert stage.feet == goal
    output = result.observables["output"]
    assert output["replanCount"] == 1
    assert "deviated" in output["why"][0]


@pytest.mark.requirement("STER-04")
def test_a_creature_that_comes_near_the_way_ahead_is_given_a_wide_berth(stage) -> None:
    async def script(s):
        await s.operator.command("difficulty normal")
        await s.operator.command("time set night")
        x, y, z = s.feet
        walk = asyncio.ensure_future(s.run("sterling_navigate", goal=[x + 30, y, z], toleranceXZ=0))
        await asyncio.sleep(1.5)
        await s.operator.command(f"summon zombie {x + 18} {y} {z} {{NoAI:1b}}")
        near = 99.0
        while not walk.done():
            bx, _, bz = s.body.state().position
            near = min(near, max(abs(bx - x - 18), abs(bz - z)))
            await asyncio.sleep(0.05)
        return near, await walk

    near, result = stage.play(script)
    assert result.ok, result
    assert result.observables["output"]["diversions"] == 1
    assert near > 3
    assert stage.body.state().health == 20


@pytest.mark.requirement("STER-04")
def test_a_lit_way_is_preferred_to_a_dark_one(stage) -> None:
    async def script(s):
        x, y, z = s.feet
        # Straight on lies a long dark hall; around it the sun shines.
        await s.fill((x + 4, y, z - 3), (x + 24, y + 4, z + 3), "stone")
        await s.fill((x + 4, y, z - 1), (x + 24, y + 1, z + 1), "air")
        walk = asyncio.ensure_future(s.run("move_to", pos=[x + 28, y, z]))
        sides = set[int]()
        while not walk.done():
            if x + 8 <= s.feet[0] <= x + 20:
                sides.add(abs(s.feet[2] - z))
            await asyncio.sleep(0.05)
        return sides, await walk

    sides, result = stage.play(script)
    assert result.ok, result
    assert min(sides) >= 4


@pytest.mark.requirement("LEAF-06")
def test_a_swimmer_keeps_to_the_surface(stage) -> None:
    async def script(s):
        x, y, z = s.feet
        await s.fill((x + 2, y - 3, z - 3), (x + 30, y - 1, z + 3), "water")
        await s.operator.command(f"tp Bot {x + 4.5} {y - 3} {z + 0.5}")
        await asyncio.sleep(0.3)
        walk = asyncio.ensure_future(s.run("move_to", pos=[x + 32, y, z]))
        least = 300
        while not walk.done():
            least = min(least, s.body.state().air)
            await asyncio.sleep(0.05)
        return least, await walk

    least, result = stage.play(script)
    assert result.ok, result
    assert least > 200
