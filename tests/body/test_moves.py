"""Each kind of move on the protocol server: mineflayer's own physics, the driver's steering, the solver's way.

Courses hang in the air above the test world, so that a missed step is a fall. The server itself has neither
water nor climbing rules (flying-squid has no survival rules); how a body moves in them is decided by the client,
as in the game, so swimming and climbing are tried as well.
"""

from __future__ import annotations

import asyncio
import math
import time

import pytest

from conscious_bot.contracts import BlockPos, Primitive
from conscious_bot.sterling.moves import EXTENDED
from conscious_bot.sterling.navigation import Navigator
from conscious_bot.sterling.units import UNITS_PER_COST, WALK_SECONDS
from conscious_bot.world.occupancy import classify
from conscious_bot.world.region import Box

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="session")]

Cells = list[tuple[BlockPos, str]]
_COST = {step.op: step.cost / UNITS_PER_COST for step in EXTENDED.steps}


def floor(xs: range, zs: range, y: int = -1, block: str = "stone") -> Cells:
    """A floor (or a layer of water) at a height, in cells relative to the start."""
    return [((x, y, z), block) for x in xs for z in zs]


_ROW = range(-1, 2)
COURSES: dict[str, tuple[Cells, BlockPos]] = {
    "walk_E": (floor(range(-1, 9), range(1)), (8, 0, 0)),
    "jump_up_E": (floor(range(-1, 3), _ROW) + floor(range(3, 6), _ROW, 0), (5, 1, 0)),
    "descend_E": (floor(range(-1, 3), _ROW) + floor(range(3, 7), _ROW, -2), (6, -1, 0)),
    "diagonal_SE": (floor(range(-1, 6), range(-1, 6)), (4, 0, 4)),
    "fall_2_E": (floor(range(-1, 3), _ROW) + floor(range(3, 7), _ROW, -3), (6, -2, 0)),
    "fall_3_E": (floor(range(-1, 3), _ROW) + floor(range(3, 7), _ROW, -4), (6, -3, 0)),
    "gap_1_E": (floor(range(-1, 3), _ROW) + floor(range(4, 7), _ROW), (6, 0, 0)),
    "gap_2_E": (floor(range(-1, 3), _ROW) + floor(range(5, 8), _ROW), (7, 0, 0)),
    "gap_3_E": (floor(range(-1, 3), _ROW) + floor(range(6, 9), _ROW), (8, 0, 0)),
    "gap_3_S": (floor(range(1), range(1)) + floor(range(1), range(4, 5)), (0, 0, 4)),
    "swim_E": (
        floor(range(-1, 9), _ROW, -3)
        + floor(range(2, 6), _ROW, -2, "water")
        + floor(range(-1, 2), _ROW, -2)
        + floor(range(6, 9), _ROW, -2)
        + floor(range(2, 6), _ROW, -1, "water")
        + floor(range(-1, 2), _ROW)
        + floor(range(6, 9), _ROW),
        (8, 0, 0),
    ),
    "climb_U": (
        floor(range(-1, 3), range(-2, 2))
        + [((x, y, z), "stone") for y in range(4) for x in range(-1, 3) for z in (2, 3)]
        + [((1, y, 1), "ladder") for y in range(4)],  # a ladder's usual state leans against the block to the south
        (1, 4, 3),
    ),
}


@pytest.mark.requirement("STER-02")
@pytest.mark.parametrize("op", list(COURSES))
async def test_the_driver_follows_each_move(server, body, hands, op: str) -> None:
    cells, goal = COURSES[op]
    x, y, z = (await body.observe()).block
    y += 25
    for (dx, dy, dz), block in cells:
        await server.do("setblock", pos=[x + dx, y + dy, z + dz], block=block)
    await server.do("teleport", name="Walker", position=[x + 0.5, y, z + 0.5])
    deadline = time.monotonic() + 5
    while math.dist((state := await body.observe()).position, (x + 0.5, y, z + 0.5)) > 0.2 or not state.on_ground:
        assert time.monotonic() < deadline, state
        await asyncio.sleep(0.05)
    grid = classify(await body.scan(Box((x - 4, y - 8, z - 4), (x + 12, y + 8, z + 8))), body.tables)
    end = (x + goal[0], y + goal[1], z + goal[2])
    way = Navigator(grid, moves=EXTENDED).solve((x, y, z), end, tolerance_xz=0, tolerance_y=0)
    ops = [p.op for p in way.primitives]
    assert op in ops
    began = time.monotonic()
    result = await hands.follow(way.primitives)
    seconds = time.monotonic() - began
    assert result.ended == "arrived", (result, ops)
    await body.stop()
    state = await body.observe()
    assert state.block == end
    assert state.health == 20
    assert seconds <= 1.4 * sum(_COST[o] for o in ops) * WALK_SECONDS + 1.5, ops


async def test_a_walk_cancelled_in_the_middle_of_a_jump_comes_down_on_the_other_side(server, body, hands) -> None:
    x, y, z = (await body.observe()).block
    y += 25
    for (dx, dy, dz), block in COURSES["gap_3_E"][0]:
        await server.do("setblock", pos=[x + dx, y + dy, z + dz], block=block)
    await server.do("teleport", name="Walker", position=[x + 2.5, y, z + 0.5])
    await asyncio.sleep(0.5)
    walk = asyncio.create_task(hands.follow([Primitive(op="gap_3_E", to=(x + 6, y, z))]))
    deadline = time.monotonic() + 5
    while (await body.observe()).position[1] < y + 0.3:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)
    walk.cancel()
    with pytest.raises(asyncio.CancelledError):
        await walk
    await body.stop()
    state = await body.observe()
    assert state.on_ground
    assert state.block[1] == y
