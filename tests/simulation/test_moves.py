"""Each move of the solver, walked by the simulated body: it arrives, unhurt, in about the time it was declared to take.

The way is the solver's own over a small course that needs the move, so names, clearances and costs are those
that a plan would have.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from conscious_bot.body.port import FollowResult, Hands
from conscious_bot.contracts import BlockPos, Primitive
from conscious_bot.sterling.moves import EXTENDED
from conscious_bot.sterling.navigation import Navigator
from conscious_bot.sterling.units import UNITS_PER_COST, WALK_SECONDS
from conscious_bot.world.grid import OccupancyGrid
from conscious_bot.world.occupancy import classes_of
from conscious_bot.world.region import Box
from conscious_bot.world.state import BodyState

_COST = {step.op: step.cost / UNITS_PER_COST for step in EXTENDED.steps}


@dataclass(frozen=True)
class Walked:
    """How a walk went."""

    way: list[Primitive]
    result: FollowResult
    seconds: float
    declared: float
    state: BodyState


async def plateau(stage) -> BlockPos:
    """Raise a block of stone 16 high, put the bot on its middle; the cell its feet are in."""
    x, y, z = stage.feet()
    await stage.operator.command(f"fill {x - 14} {y} {z - 14} {x + 14} {y + 15} {z + 14} stone")
    await stage.operator.command(f"tp Bot {x + 0.5} {y + 16} {z + 0.5}")
    await asyncio.sleep(0.5)
    return stage.feet()


def walked(stage, build: list[str], goal: BlockPos, start: BlockPos = (0, 0, 0)) -> Walked:
    """Build a course (commands, in which {x}+n etc. are cells relative to the bot), plan over it and walk it."""

    async def script(hands: Hands) -> Walked:
        x, y, z = await plateau(stage)
        for command in build:
            words = [_absolute(word, (x, y, z)) for word in command.split()]
            await stage.operator.command(" ".join(words))
        begin = (x + start[0], y + start[1], z + start[2])
        if start != (0, 0, 0):
            await stage.operator.command(f"tp Bot {begin[0] + 0.5} {begin[1]} {begin[2] + 0.5}")
        await asyncio.sleep(1.0)
        end = (x + goal[0], y + goal[1], z + goal[2])
        low = tuple(min(a, b) - (10 if i == 1 else 4) for i, (a, b) in enumerate(zip(begin, end, strict=True)))
        high = tuple(max(a, b) + (10 if i == 1 else 4) for i, (a, b) in enumerate(zip(begin, end, strict=True)))
        region = await stage.body.scan(Box(low, high))  # pyright: ignore[reportArgumentType]
        classes = classes_of(stage.body.tables)
        grid = OccupancyGrid(region.origin, classes.classes[region.blocks], classes.floors[region.blocks])
        way = Navigator(grid, moves=EXTENDED).solve(stage.feet(), end, tolerance_xz=0, tolerance_y=0)
        assert way.found
        began = asyncio.get_running_loop().time()
        result = await hands.follow(way.primitives)
        seconds = asyncio.get_running_loop().time() - began
        declared = sum(_COST[p.op] for p in way.primitives) * WALK_SECONDS
        await stage.body.stop()
        return Walked(list(way.primitives), result, seconds, declared, stage.body.state())

    return stage.play(script)


def _absolute(word: str, origin: BlockPos) -> str:
    for axis, at in zip("xyz", origin, strict=True):
        if word.startswith(axis) and (word[1:] == "" or word[1] in "+-"):
            return str(at + int(word[1:] or 0))
    return word


# A pit of 12 by 12 cells, 12 deep, begins one cell east of the bot; the bot's own block stays.
_PIT = "fill x+1 y-12 z-6 x+12 y-1 z+6 air"
_SHAFT = [  # a wall east of a shaft of one cell, with a ladder on it; the top of the wall is 5 above the floor
    "fill x+3 y z-2 x+5 y+4 z+2 stone",
    "fill x+2 y z x+2 y+4 z ladder[facing=west]",
]

COURSES: dict[str, tuple[list[str], BlockPos, BlockPos]] = {
    "diagonal_SE": ([], (5, 0, 5), (0, 0, 0)),
    "diagonal_NE": ([], (6, 0, -6), (0, 0, 0)),
    "diagonal_NW": ([], (-4, 0, -4), (0, 0, 0)),
    "diagonal_SW": (["fill x-6 y-1 z x y-1 z+6 stone"], (-4, 0, 4), (0, 0, 0)),
    "fall_2_E": (["fill x+1 y-2 z-3 x+9 y-1 z+3 air"], (4, -2, 0), (0, 0, 0)),
    "fall_3_E": (["fill x+1 y-3 z-3 x+9 y-1 z+3 air"], (4, -3, 0), (0, 0, 0)),
    "fall_3_W": (
        ["fill x-6 y-3 z-3 x-1 y-1 z+3 air", "fill x-2 y-9 z-3 x-6 y-4 z+3 air"],  # onto a ledge of one block
        (-1, -3, 0),
        (0, 0, 0),
    ),
    "gap_1_E": (["fill x+2 y-9 z-5 x+2 y-1 z+5 air"], (5, 0, 0), (0, 0, 0)),
    "gap_1_N": (["fill x-9 y-9 z-2 x+9 y-1 z-2 air"], (0, 0, -5), (0, 0, 0)),
    "gap_2_E": (["fill x+2 y-9 z-9 x+3 y-1 z+9 air"], (6, 0, 0), (0, 0, 0)),
    "gap_2_W": (["fill x-3 y-9 z-9 x-1 y-1 z+9 air", "fill x-3 y-1 z x-3 y-1 z stone"], (-3, 0, 0), (0, 0, 0)),
    "gap_3_E": (["fill x+2 y-9 z-9 x+4 y-1 z+9 air"], (7, 0, 0), (0, 0, 0)),
    "gap_3_S": (["fill x-9 y-9 z+1 x+9 y-1 z+3 air"], (0, 0, 4), (0, 0, 0)),
    "swim_E": (["fill x+2 y-4 z-9 x+8 y-1 z+9 water"], (10, 0, 0), (0, 0, 0)),
    "swim_N": (["fill x-9 y-4 z-8 x+9 y-1 z-2 water"], (0, 0, -10), (0, 0, 0)),
    "climb_U": (_SHAFT, (4, 5, 0), (0, 0, 0)),
    "climb_D": (_SHAFT, (0, 0, 0), (4, 5, 0)),
    "mount_W": (_SHAFT, (-1, 0, 0), (3, 5, 0)),
    "climb_E": (_SHAFT, (3, 5, 0), (-2, 0, 0)),
    **{
        f"dive_{depth}_E": (
            [_PIT, f"fill x+1 y-12 z-6 x+12 y-{depth} z+6 water", f"fill x+4 y-12 z-6 x+12 y-{depth + 1} z+6 stone"],
            (6, -depth, 0),
            (0, 0, 0),
        )
        for depth in range(1, 9)
    },
}


@pytest.mark.requirement("STER-02")
@pytest.mark.parametrize("op", sorted(COURSES))
def test_the_body_follows_each_move_unhurt_and_about_as_fast_as_declared(new_stage: Callable, op: str) -> None:
    build, goal, start = COURSES[op]
    run = walked(new_stage(view=2), build, goal, start)
    assert op in [p.op for p in run.way], [p.op for p in run.way]
    assert run.result.ended == "arrived", (run.result, [p.op for p in run.way])
    assert run.state.health == 20
    # A standing start, a ladder to be found with the feet and coming to rest take about a second on top.
    assert run.seconds <= 1.35 * run.declared + 1.5, (run.seconds, run.declared, [p.op for p in run.way])


@pytest.mark.requirement("STER-02")
def test_in_deep_water_it_swims_up_and_down(new_stage: Callable) -> None:
    stage = new_stage(view=2)

    async def script(hands: Hands) -> tuple[FollowResult, FollowResult, BodyState]:
        x, y, z = await plateau(stage)
        await stage.operator.command(f"fill {x + 1} {y - 9} {z - 2} {x + 3} {y - 1} {z + 2} water")
        down = [Primitive(op="dive_1_E", to=(x + 1, y - 1, z))]
        down += [Primitive(op="swim_D", to=(x + 1, y - i, z)) for i in range(2, 8)]
        down += [Primitive(op="swim_E", to=(x + 2, y - 7, z))]
        first = await hands.follow(down)
        up = [Primitive(op="swim_U", to=(x + 2, y - i, z)) for i in range(6, 0, -1)]
        up += [Primitive(op="swim_W", to=(x + 1, y - 1, z)), Primitive(op="jump_up_W", to=(x, y, z))]
        return first, await hands.follow(up), stage.body.state()

    first, second, state = stage.play(script)
    assert (first.ended, second.ended) == ("arrived", "arrived")
    assert state.on_ground


def test_it_sprints_along_a_straight_way_and_stops_at_its_end(stage, straight) -> None:
    """Minecraft Wiki, "Sprinting": 5.612 blocks a second."""

    async def script(hands: Hands) -> tuple[FollowResult, float]:
        await asyncio.sleep(1)
        started = asyncio.get_running_loop().time()
        result = await hands.follow(straight(stage.feet(), 30))
        return result, asyncio.get_running_loop().time() - started

    result, seconds = stage.play(script)
    assert result.ended == "arrived"
    assert 30 / seconds > 4.9
    assert result.position[0] % 1 == pytest.approx(0.5, abs=0.2)


def test_a_hungry_body_walks(stage, straight) -> None:
    """Minecraft Wiki, "Sprinting": not with a hunger of 6 or less."""

    async def script(hands: Hands) -> float:
        await asyncio.sleep(1)
        stage.world.arrays.pi[0, 11 - 1] = 6
        assert stage.body.state().food == 6
        started = asyncio.get_running_loop().time()
        await hands.follow(straight(stage.feet(), 30))
        return asyncio.get_running_loop().time() - started

    assert 30 / stage.play(script) < 4.4


def test_lava_that_flows_onto_the_way_blocks_it(stage, straight) -> None:
    async def script(hands: Hands) -> FollowResult:
        x, y, z = stage.feet()
        walk = asyncio.create_task(hands.follow(straight((x, y, z), 10)))
        await asyncio.sleep(0.5)
        await stage.operator.command(f"setblock {x + 6} {y} {z} lava")
        return await walk

    result = stage.play(script)
    assert result.ended == "blocked"
    assert stage.body.state().health == 20
