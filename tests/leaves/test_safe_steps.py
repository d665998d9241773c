"""Walking where it is safe, torches, and the state that a run keeps from leaf to leaf."""

from __future__ import annotations

import pytest
from tests.leaves.conftest import Stage, code, shown

from conscious_bot.game.tables import Tables
from conscious_bot.leaves.lighting import corridor_light
from conscious_bot.leaves.run_state import MovementGoal, RunState
from conscious_bot.leaves.threats import hostiles_present
from conscious_bot.simulation.body import SimulatedBody
from conscious_bot.simulation.commands import SimulatedOperator
from conscious_bot.simulation.terrain import Fixture
from conscious_bot.simulation.world import SimulatedWorld

END = {"x": 100, "y": 12, "z": -35}


@pytest.fixture
def corridor(tables: Tables) -> Stage:
    """A dark corridor: twelve cells to the end at 100 12 -35."""
    world = SimulatedWorld.from_fixture(Fixture.shipped("corridor_12_blocks", tables), tables)
    return Stage(world, SimulatedBody(world), SimulatedOperator(world))


@pytest.mark.requirement("LEAF-08")
def test_a_safe_walk_stops_before_the_dark_and_says_so(corridor) -> None:
    async def script(s):
        run = RunState()
        result = await s.run("move_to", pos=END, safe=True, state=run)
        return result, run, s.feet

    result, run, feet = corridor.play(script)
    assert shown(result).observables["output"]["reached"] is False
    assert "too dark" in result.observables["output"]["unsafe"]
    assert not result.changed
    assert feet == (88, 12, -35)
    assert run.goal == MovementGoal(pos=(100, 12, -35))


@pytest.mark.requirement("LEAF-08")
def test_a_safe_walk_in_daylight_reaches_the_goal(stage) -> None:
    async def script(s):
        goal = s.at(12, 0, 3)
        return await s.run("move_to", pos=list(goal), safe=True), goal, s.feet

    result, goal, feet = stage.play(script)
    assert shown(result).observables["output"]["reached"] is True
    assert feet == goal


@pytest.mark.requirement("LEAF-08")
def test_a_safe_walk_keeps_out_of_the_reach_of_a_hostile(new_stage) -> None:
    stage = new_stage()

    async def script(s):
        x, y, z = s.feet
        await s.fill((x - 2, y, z - 1), (x + 20, y + 2, z + 1), "stone")
        await s.fill((x - 1, y, z), (x + 19, y + 1, z), "air")
        await s.fill((x - 1, y + 2, z), (x + 19, y + 2, z), "glass")
        await s.operator.command("difficulty easy")
        await s.operator.command("gamerule doMobSpawning false")
        await s.operator.command(f"summon creeper {x + 15.5} {y} {z + 0.5} {{NoAI:1b}}")
        result = await s.run("move_to", pos=[x + 18, y, z], safe=True)
        step = await s.run("step_forward_safely", state=(run := RunState()))
        run.goal = MovementGoal(pos=(x + 18, y, z))
        return result, (x, y, z), s.feet, step, await s.run("step_forward_safely", state=run)

    result, start, feet, no_goal, unsafe = stage.play(script)
    assert shown(result).observables["output"]["reached"] is False
    assert "hostile" in result.observables["output"]["unsafe"]
    assert feet[0] == start[0] + 8  # 7 cells from the creeper: reach is 6
    assert code(no_goal) == "effects_unmet.precond_missing"
    assert code(unsafe) == "path.unsafe"


@pytest.mark.requirement("LEAF-09")
@pytest.mark.parametrize("interval", [2, 6, 10])
def test_torches_placed_as_needed_light_a_corridor_to_its_end(corridor, interval) -> None:
    async def script(s):
        run = RunState()
        shown(await s.run("move_to", pos=END, safe=True, state=run))
        placed = 0
        for _ in range(40):
            if abs(s.feet[0] - 100) <= 1:
                break
            shown(await s.run("sense_hostiles", radius=10, state=run))
            torch = shown(await s.run("place_torch_if_needed", interval=interval, state=run))
            placed += torch.observables["output"]["placed"]
            shown(await s.run("step_forward_safely", state=run))
            # The state survives being written down between any two leaves.
            run = RunState.from_json(run.to_json())
        return placed, await corridor_light(s.body, run), run

    placed, light, run = corridor.play(script)
    assert corridor.feet[0] == 99
    assert light >= 8
    assert placed == {2: 6, 6: 2, 10: 2}[interval]
    assert len(run.torches) == placed
    assert [cell[0] for cell in run.cells] == list(range(88, 100))


@pytest.mark.requirement("LEAF-09", "LEAF-05")
def test_without_torches_the_dark_is_a_lack_and_the_interval_is_not(corridor, stage) -> None:
    async def dark(s):
        run = RunState()
        await s.operator.command("clear Bot torch")
        await s.run("move_to", pos=END, safe=True, state=run)
        return await s.run("place_torch_if_needed", state=run)

    assert code(corridor.play(dark)) == "inventory.missing"

    async def by_day(s):
        run = RunState()
        shown(await s.run("move_to", pos=list(s.at(8, 0, 0)), state=run))
        return await s.run("place_torch_if_needed", interval=2, state=run)

    result = stage.play(by_day)
    assert shown(result).changed is False
    assert result.observables["output"]["needed"] is True
    assert result.observables["output"]["placed"] is False


@pytest.mark.requirement("LEAF-11")
def test_hostiles_are_present_if_they_see_the_body_or_can_get_to_it(corridor) -> None:
    async def script(s):
        run = RunState()
        await s.operator.command("summon zombie 96.5 12 -34.5 {NoAI:1b}")
        seen = await s.run("sense_hostiles", radius=10, state=run)
        before = len(await hostiles_present(s.body, run))
        await s.fill((92, 12, -35), (92, 13, -35), "stone")
        behind = await s.run("sense_hostiles", radius=10, state=run)
        without = [(92, 12, -35), (92, 13, -35)]
        return (
            seen,
            before,
            behind,
            len(await hostiles_present(s.body, run)),
            len(await hostiles_present(s.body, run, without=without)),
            run,
        )

    seen, before, behind, after, without, run = corridor.play(script)
    assert shown(seen).observables["output"]["count"] == 1
    found = seen.observables["output"]["hostiles"][0]
    assert (found["kind"], found["sight"], found["path"]) == ("zombie", True, 8)
    assert before == 1
    assert shown(behind).observables["output"]["count"] == 0
    assert behind.observables["output"]["hostiles"][0]["sight"] is False
    assert (after, without) == (0, 1)
    assert run.sensed_radius == 10


@pytest.mark.requirement("LEAF-11")
def test_light_is_told_for_the_own_cell_and_for_another(corridor) -> None:
    async def script(s):
        dark = await s.run("get_light_level")
        await s.run("place_torch", pos=[90, 12, -35])
        return dark, await s.run("get_light_level"), await s.run("get_light_level", pos=[9000, 12, 9000])

    dark, lit, far = corridor.play(script)
    assert shown(dark).observables["output"] == {"pos": [88, 12, -35], "light": 0, "safe": False}
    assert shown(lit).observables["output"]["light"] == 12
    assert code(far) == "path.unloaded"


@pytest.mark.requirement("LEAF-09")
def test_a_torch_goes_into_the_own_cell_once_and_on_a_wall_where_there_is_no_floor(corridor) -> None:
    async def script(s):
        first, second = await s.run("place_torch"), await s.run("place_torch")
        await s.fill((92, 11, -35), (92, 11, -35), "air")
        await s.run("dig_block", pos=[90, 11, -35])
        return first, second, await s.run("place_torch", pos=[90, 11, -35]), s.block((90, 11, -35))

    first, second, on_wall, block = corridor.play(script)
    assert shown(first).changed
    assert shown(second).changed is False
    assert shown(on_wall).changed
    assert block in ("torch", "wall_torch")


def test_the_run_state_refuses_what_it_did_not_write() -> None:
    with pytest.raises(ValueError, match="/goal/pos"):
        RunState.from_json({"goal": {"pos": [1, 2]}})


def test_going_back_takes_the_cells_off_the_way_but_not_off_the_memory() -> None:
    run = RunState()
    run.stood_in([(0, 0, 0), (1, 0, 0), (2, 0, 0), (1, 0, 0), (1, 0, 1)])
    assert run.trail == [(0, 0, 0), (1, 0, 0), (1, 0, 1)]
    assert list(run.cells) == [(0, 0, 0), (1, 0, 0), (2, 0, 0), (1, 0, 1)]
    run.torches.append((1, 0, 0))
    assert run.cells_since_torch() == 1
