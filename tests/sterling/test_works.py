"""Ways that are made: dug, bridged, pillared, through doors; never through what must stay."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from benchmarks._navigation_worlds import KINDS, make_world

from conscious_bot.contracts import BlockPos
from conscious_bot.game.tables import Tables
from conscious_bot.sterling.errors import CellError, GridError, LimitError
from conscious_bot.sterling.policy import HazardPolicy
from conscious_bot.sterling.reference import Reference
from conscious_bot.sterling.units import UNITS_PER_COST, WALK_SECONDS
from conscious_bot.sterling.works import COSTS, NEVER, WorkPlan, Works, WorksNavigator, works_of
from conscious_bot.sterling.works_reference import WorksReference
from conscious_bot.world.grid import AIR, SOLID, OccupancyGrid
from conscious_bot.world.occupancy import classify
from conscious_bot.world.region import VoxelRegion

pytestmark = pytest.mark.requirement("STER-06")

T = Tables.builtin()
_FREE = HazardPolicy(penalties={})


def _random(
    kind: str, size: tuple[int, int, int], rng: np.random.Generator, blocks: int
) -> tuple[OccupancyGrid, Works]:
    grid = make_world(kind, size, rng, origin=(-7, 30, 11))
    opening = np.full(size, NEVER, np.uint16)
    opening[grid.blocks == AIR] = 0
    solid = grid.blocks == SOLID
    opening[solid] = rng.choice([3, 16, 40, NEVER], int(solid.sum()), p=[0.3, 0.3, 0.2, 0.2])
    gate = np.full(size, 3, np.uint8)
    doors = rng.random(size) < 0.02
    gate[doors] = rng.integers(1, 3, int(doors.sum()))
    opening[doors] = 4
    placeable = (grid.blocks == AIR) & (rng.random(size) < 0.9)
    return grid, Works(opening, gate, doors, placeable, blocks)


def replayed(grid: OccupancyGrid, works: Works, plan: WorkPlan) -> str | None:
    """What is wrong with a plan when it is carried out on the blocks; knows nothing of the search."""
    solid = {cell: kind != AIR for cell, kind in np.ndenumerate(grid.blocks)}
    floor = {cell: grid.floor_at(tuple(a + b for a, b in zip(cell, grid.origin, strict=True))) for cell in solid}  # type: ignore[arg-type]
    doors = {cell: True for cell in solid if works.gate[cell] != 3}

    def local(cell: BlockPos) -> BlockPos:
        x, y, z = (a - b for a, b in zip(cell, grid.origin, strict=True))
        return x, y, z

    opened: set[BlockPos] = set()
    here = local(plan.start)
    for number, primitive in enumerate(plan.primitives):
        to, move = local(primitive.to), primitive.move
        if move == "dig":
            if not 0 < works.opening[to] < NEVER or to in doors:
                return f"{number}: dug what must stay at {to}"
            solid[to] = floor[to] = False
        elif move == "place":
            if solid[to] or not works.placeable[to]:
                return f"{number}: placed into {to}"
            solid[to] = floor[to] = True
        elif move == "open":
            if not works.shut[to]:
                return f"{number}: opened what is no closed door at {to}"
            opened.add(to)
        else:
            if move == "pillar":
                if solid[here]:
                    return f"{number}: pillared in {here}"
                solid[here] = floor[here] = True
            x, y, z = to
            for cell in (to, (x, y + 1, z)):
                if solid[cell] and cell not in doors:
                    return f"{number}: {primitive.op} into a block at {cell}"
                if works.shut[cell] and cell not in opened:
                    return f"{number}: {primitive.op} into a closed door at {cell}"
            if not floor[x, y - 1, z]:
                return f"{number}: {primitive.op} to {to} has no floor"
            here = to
    return None if plan.goal is not None and here == local(plan.goal) else "it does not end at its goal"


@pytest.mark.parametrize("blocks", [0, 1000])
@pytest.mark.parametrize("kind", KINDS)
def test_costs_equal_dijkstras_and_every_plan_can_be_carried_out(kind: str, blocks: int) -> None:
    rng = np.random.default_rng(41)
    size = (7, 9, 7)
    seen: set[str] = set()
    for _ in range(2):
        grid, works = _random(kind, size, rng, blocks)
        navigator = WorksNavigator(grid, works)
        twin = WorksReference(Reference(grid), works)
        spots = [
            (x - 7, y + 30, z + 11)
            for x, y, z in np.ndindex(size)
            if twin.terrain.rests((x - 7, y + 30, z + 11)) and works.gate[x, y, z] == 3 and works.gate[x, y + 1, z] == 3
        ]
        solid = np.argwhere((works.opening > 0) & (works.opening < NEVER)).tolist()
        for _ in range(5):
            start = spots[int(rng.integers(0, len(spots)))]
            inside = solid[int(rng.integers(0, len(solid)))]  # mostly ground: somewhere to dig to
            goal = (inside[0] - 7, inside[1] + 30, inside[2] + 11)
            plan = navigator.solve(start, goal)
            best = twin.cost(start, goal)
            assert (plan.status == "unreachable") == (best is None)
            if best is None:
                continue
            assert plan.bound * UNITS_PER_COST <= best
            if plan.status == "solved":
                assert plan.cost is not None
                assert round(plan.cost * UNITS_PER_COST) == best
            if plan.found:
                assert replayed(grid, works, plan) is None
                seen |= {primitive.move for primitive in plan.primitives}
    assert {"dig", "walk"} <= seen
    assert blocks or not seen & {"place", "pillar"}


def _region(
    change: dict[BlockPos, str], size: tuple[int, int, int] = (12, 10, 7), ground: str = "stone"
) -> VoxelRegion:
    """Ground up to height 4, air above."""
    states = np.full(size, T.state_of("air"), np.uint16)
    states[:, :4, :] = T.state_of(ground)
    for cell, name in change.items():
        plain, _, properties = name.partition("[")
        chosen = dict(part.split("=") for part in properties.rstrip("]").split(",") if part)
        states[cell] = T.state_of(plain, **chosen)
    return VoxelRegion((0, 60, 0), states)


def _anywhere(_: BlockPos) -> bool:
    return True


def _far_side(pos: BlockPos) -> bool:
    return pos[0] > 5


def _plan(region: VoxelRegion, start: BlockPos, goal: BlockPos, **options: Any) -> WorkPlan:
    items = options.pop("items", {})
    may_edit = options.pop("may_edit", _anywhere)
    works = works_of(region, T, items, may_edit, **options)
    plan = WorksNavigator(classify(region, T), works, policy=_FREE).solve(start, goal)
    assert not plan.found or replayed(classify(region, T), works, plan) is None
    return plan


def _wall(name: str) -> dict[BlockPos, str]:
    return {(5, y, z): name for y in range(4, 10) for z in range(7)}


_ACROSS = (1, 64, 3), (10, 64, 3)


def test_a_wall_is_dug_through_with_what_the_best_tool_takes() -> None:
    region = _region(_wall("stone"))
    by_hand, with_pick = _plan(region, *_ACROSS), _plan(region, *_ACROSS, items={"diamond_pickaxe": 1})
    for plan, tool in ((by_hand, None), (with_pick, "diamond_pickaxe")):
        assert [p.op for p in plan.primitives if p.move != "walk"] == ["dig_E", "dig_E"]
        ticks = T.dig_ticks(T.state_of("stone"), tool)
        assert ticks is not None
        assert plan.cost is not None
        assert abs((plan.cost - 9.0) * WALK_SECONDS - 2 * ticks / 20) < 0.1


@pytest.mark.requirement("STER-06")
def test_what_somebody_built_and_what_is_protected_is_never_dug() -> None:
    assert _plan(_region(_wall("oak_planks"), ground="bedrock"), *_ACROSS).status == "unreachable"
    protected = _plan(_region(_wall("stone"), ground="bedrock"), *_ACROSS, may_edit=_far_side)
    assert protected.status == "unreachable"
    assert _plan(_region(_wall("bedrock"), ground="bedrock"), *_ACROSS).status == "unreachable"
    assert _plan(_region(_wall("obsidian"), ground="bedrock"), *_ACROSS).status == "unreachable"  # four minutes by hand


def test_nothing_is_dug_that_lets_in_a_liquid_or_falls() -> None:
    wet = _wall("stone") | {(6, y, z): "lava" for y in range(4, 10) for z in range(7)}
    assert _plan(_region(wet, ground="bedrock"), *_ACROSS).status == "unreachable"
    sand = _wall("stone") | {(5, y, 3): "sand" for y in range(5, 10)}
    plan = _plan(_region(sand, ground="bedrock"), *_ACROSS)
    assert plan.status == "solved"
    assert all(p.to[2] != 3 for p in plan.primitives if p.move == "dig")


def test_a_door_is_opened_and_walked_through_along_its_axis() -> None:
    house = _wall("oak_planks")
    for facing in ("west", "north"):
        shut = house | {
            (5, 4, 3): f"oak_door[half=lower,facing={facing},open=false]",
            (5, 5, 3): f"oak_door[half=upper,facing={facing},open=false]",
        }
        plan = _plan(_region(shut, ground="bedrock"), *_ACROSS)
        if facing == "north":
            assert plan.status == "unreachable"
            continue
        assert [p.op for p in plan.primitives if p.move != "walk"] == ["open_E"]
        wide = {cell: name.replace("open=false", "open=true") for cell, name in shut.items()}
        assert {p.move for p in _plan(_region(wide, ground="bedrock"), *_ACROSS).primitives} == {"walk"}
    iron = house | {(5, 4, 3): "iron_door[half=lower,facing=west]", (5, 5, 3): "iron_door[half=upper,facing=west]"}
    assert _plan(_region(iron, ground="bedrock"), *_ACROSS).status == "unreachable"


def test_a_ravine_is_bridged_with_as_many_blocks_as_there_are() -> None:
    ravine = {(x, y, z): "air" for x in (4, 5, 6) for y in range(4) for z in range(7)}
    plan = _plan(_region(ravine), *_ACROSS, blocks=3)
    assert [p.op for p in plan.primitives if p.move == "place"] == ["place_E"] * 3
    assert (plan.status, plan.places) == ("solved", 3)
    short = _plan(_region(ravine), *_ACROSS, blocks=2)
    assert not short.found
    assert _plan(_region(ravine), *_ACROSS).status == "unreachable"


def test_a_height_is_reached_by_a_pillar_and_a_depth_by_a_shaft() -> None:
    tower = {(5, y, 3): "oak_planks" for y in range(4, 8)}
    up = _plan(_region(tower, (12, 13, 7)), (1, 64, 3), (5, 68, 3), blocks=10)
    assert up.status == "solved"
    assert {"pillar_U"} <= {p.op for p in up.primitives}
    assert up.places == 3
    down = _plan(_region({}), (5, 64, 3), (5, 62, 3))
    assert [p.op for p in down.primitives] == ["dig_D", "drop_D", "dig_D", "drop_D"]


def test_what_was_dug_for_one_step_is_not_stood_on_in_the_next() -> None:
    """In a narrow shaft the way up winds; each plan is carried out block by block."""
    for seed in range(12):
        rng = np.random.default_rng(seed)
        names = np.array(["stone", "dirt", "oak_planks"])
        states = {
            (x, y, z): str(rng.choice(names, p=[0.6, 0.3, 0.1]))
            for x in range(3) for y in range(4, 14) for z in range(3)
        }  # fmt: skip
        states |= {(1, 4, 1): "air", (1, 5, 1): "air"}
        plan = _plan(_region(states, (3, 18, 3)), (1, 64, 1), (1, 74, 1), blocks=3)
        assert plan.status in ("solved", "budget", "unreachable")


def test_malformed_works_are_refused() -> None:
    region = _region({})
    grid, works = classify(region, T), works_of(region, T, {}, lambda _: True)
    with pytest.raises(GridError, match="opening"):
        WorksNavigator(grid, Works(works.opening[1:], works.gate, works.shut, works.placeable))
    with pytest.raises(CellError, match="goal"):
        WorksNavigator(grid, works).solve((1, 64, 3), (99, 64, 3))
    with pytest.raises(LimitError):
        WorksNavigator(grid, works).solve((1, 64, 3), (2, 64, 3), tolerance_xz=-1)


def test_steps_cost_no_less_than_the_estimate_takes_for_granted() -> None:
    walk, jump, descend, drop, pillar, place = COSTS
    assert jump >= walk + descend  # a rise that goes aside too never pays twice
    assert pillar + place >= jump - walk
    assert drop >= descend - walk
