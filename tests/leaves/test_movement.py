"""Walking leaves on the simulated world: arrival, stages, and each way in which a walk fails."""

from __future__ import annotations

import asyncio
import random

import pytest


def code(result) -> str:
    assert result.error is not None, result
    return str(result.error.code)


@pytest.mark.requirement("LEAF-08")
def test_move_to_goes_to_the_very_cell(stage) -> None:
    async def script(s):
        goal = s.at(5, 0, -3)
        return goal, await s.run("move_to", pos=list(goal))

    goal, result = stage.play(script)
    assert result.ok
    assert result.changed
    assert stage.feet == goal
    assert result.observables["output"]["replanCount"] == 0


@pytest.mark.requirement("LEAF-08")
def test_standing_there_already_is_success_without_change(stage) -> None:
    result = stage.play(lambda s: s.run("move_to", pos=list(s.feet)))
    assert result.ok
    assert not result.changed
    assert result.observables["heldBefore"] is True
    assert result.observables["commands"] == 0


@pytest.mark.requirement("LEAF-08")
def test_sterling_navigate_climbs_and_descends_around_a_wall(stage) -> None:
    async def script(s):
        x, y, z = s.feet
        await s.fill((x + 3, y, z - 6), (x + 3, y + 2, z + 2), "stone")
        await s.fill((x + 5, y, z - 2), (x + 9, y, z + 2), "stone")
        goal = (x + 7, y + 1, z)
        return goal, await s.run("sterling_navigate", goal={"x": goal[0], "y": goal[1], "z": goal[2]}, toleranceXZ=0)

    goal, result = stage.play(script)
    assert result.ok, result
    assert stage.feet == goal


@pytest.mark.requirement("LEAF-08")
def test_a_goal_beyond_the_scan_is_reached_in_stages(stage) -> None:
    async def script(s):
        goal = s.at(130, 0, 40)
        return goal, await s.run("sterling_navigate", goal=list(goal), toleranceY=3)

    goal, result = stage.play(script)
    assert result.ok, result
    assert result.observables["output"]["stages"] >= 2
    assert max(abs(a - b) for a, b in zip(stage.feet, goal, strict=True)) <= 1


@pytest.mark.requirement("LEAF-06")
def test_a_goal_within_rock_is_unreachable_and_says_so_soon(stage) -> None:
    result = stage.play(lambda s: s.run("move_to", pos=list(s.at(6, -2, 0))))
    assert code(result) == "path.unreachable"
    assert result.ended_at - result.started_at < 3
    assert stage.still()


@pytest.mark.requirement("LEAF-06")
def test_a_goal_that_is_walled_in_is_unreachable(stage) -> None:
    async def script(s):
        x, y, z = s.at(6, 0, 0)
        await s.fill((x - 1, y, z - 1), (x + 1, y + 2, z + 1), "stone")
        await s.fill((x, y, z), (x, y + 1, z), "air")
        return await s.run("move_to", pos=[x, y, z])

    assert code(stage.play(script)) == "path.unreachable"


@pytest.mark.requirement("LEAF-06")
def test_a_wall_that_rises_on_the_way_makes_it_plan_again(stage) -> None:
    async def script(s):
        x, y, z = s.feet
        walk = asyncio.ensure_future(s.run("move_to", pos=[x + 10, y, z]))
        await asyncio.sleep(0.8)
        await s.fill((x + 6, y, z - 3), (x + 6, y + 2, z + 3), "stone")
        return (x + 10, y, z), await walk

    goal, result = stage.play(script)
    assert result.ok, result
    assert stage.feet == goal
    assert result.observables["output"]["replanCount"] >= 1


@pytest.mark.requirement("LEAF-06")
def test_a_body_that_is_walled_in_on_the_way_gives_up_and_stands_still(stage) -> None:
    async def script(s):
        x, y, z = s.feet
        walk = asyncio.ensure_future(s.run("move_to", pos=[x + 12, y, z]))
        await asyncio.sleep(1.0)
        hx, _, hz = s.feet
        await s.fill((hx - 3, y, hz - 3), (hx + 3, y + 3, hz - 3), "stone")
        await s.fill((hx - 3, y, hz + 3), (hx + 3, y + 3, hz + 3), "stone")
        await s.fill((hx - 3, y, hz - 3), (hx - 3, y + 3, hz + 3), "stone")
        await s.fill((hx + 3, y, hz - 3), (hx + 3, y + 3, hz + 3), "stone")
        return await walk

    result = stage.play(script)
    assert code(result) in ("path.unreachable", "path.stuck")
    assert stage.still()


@pytest.mark.requirement("LEAF-06")
def test_a_walk_that_is_cancelled_at_any_moment_leaves_the_body_still(stage) -> None:
    async def script(s):
        rng = random.Random(7)
        home = s.feet
        for _ in range(25):
            goal = (home[0] + rng.randint(-8, 8), home[1], home[2] + rng.randint(-8, 8))
            walk = asyncio.ensure_future(s.run("move_to", pos=list(goal)))
            await asyncio.sleep(rng.uniform(0, 1.5))
            if walk.cancel():
                with pytest.raises(asyncio.CancelledError):
                    await walk
            assert s.still()
            here = s.body.state().position
            await asyncio.sleep(0.3)
            assert s.body.state().position == here

    stage.play(script)


def test_respawn_of_the_living_changes_nothing(stage) -> None:
    result = stage.play(lambda s: s.run("respawn"))
    assert result.ok
    assert not result.changed
