"""Where a world begins: a dry, safe cell of grass from which a beginner can walk to trees and to stone."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from conscious_bot.contracts import BlockPos, UserError
from conscious_bot.game.tables import Tables
from conscious_bot.simulation.terrain.presets import Terrain
from conscious_bot.simulation.voxels import MIN_Y, Cells, VoxelStore, get_state

__all__ = ["REACH", "spawn_point"]

REACH = 40
"""How far a beginner may have to walk for wood and stone, as the crow flies."""

_FREE, _SOLID, _GRASS, _STONE, _LOG, _LEAF, _DANGER = range(7)
_SEARCHES = ((4, 24), (8, 88), (14, 180))
"""Columns to load and cells to search around the middle, one after the other."""

Kinds = npt.NDArray[np.uint8]


def _kinds(tables: Tables) -> Kinds:
    """What each state means to a walker."""
    kinds = np.full(1 << 16, _DANGER, np.uint8)
    for block in tables.blocks.values():
        if block.name in {"water", "lava", "cactus", "magma_block", "fire", "sweet_berry_bush", "powder_snow"}:
            kind = _DANGER
        elif block.name == "grass_block":
            kind = _GRASS
        elif block.name == "stone":
            kind = _STONE
        elif block.name.endswith("_log"):
            kind = _LOG
        elif block.name.endswith("_leaves"):
            kind = _LEAF
        else:
            kind = _SOLID
        kinds[block.min_state : block.max_state + 1] = kind
    offsets, _ = tables.collision_boxes
    for state in np.flatnonzero(offsets[1:] == offsets[:-1]).tolist():
        if kinds[state] == _SOLID:
            kinds[state] = _FREE
    return kinds


@njit(cache=True)
def _survey(
    cells: Cells,
    kinds: Kinds,
    x0: int,
    z0: int,
    high: int,
    floors: npt.NDArray[np.int32],
    what: Kinds,
) -> None:
    """Map the square from (x0, z0): `floors` the highest firm cell under the trees, `what` its kind.

    `what` is `_DANGER` where nobody can stand, `_LOG` where a trunk rises from the ground.
    """
    for i in range(floors.shape[0]):
        for j in range(floors.shape[1]):
            x = x0 + i
            z = z0 + j
            floors[i, j] = MIN_Y - 1
            what[i, j] = _DANGER
            above = _FREE
            second = _FREE
            for y in range(high, MIN_Y - 1, -1):
                kind = kinds[get_state(cells, x, y, z)]
                if kind in (_FREE, _LEAF, _LOG):
                    second = above
                    above = kind
                    continue
                floors[i, j] = y
                if above == _LOG:
                    what[i, j] = _LOG
                elif above == _FREE and second == _FREE:
                    what[i, j] = kind
                break


@njit(cache=True)
def _walk(
    floors: npt.NDArray[np.int32], what: Kinds, i0: int, j0: int, reach: int, seen: Kinds, queue: npt.NDArray[np.int32]
) -> tuple[int, int]:
    """How many trunks and cells of bare stone a walker comes to, who climbs one cell and drops at most three."""
    seen[:] = 0
    seen[i0, j0] = 1
    queue[0, 0] = i0
    queue[0, 1] = j0
    head = 0
    tail = 1
    trunks = 0
    stones = 0
    while head < tail:
        i = queue[head, 0]
        j = queue[head, 1]
        head += 1
        for di, dj in ((-1, 0), (1, 0), (0, -1), (0, 1)):
            a = i + di
            b = j + dj
            if a < 0 or a >= floors.shape[0] or b < 0 or b >= floors.shape[1] or seen[a, b]:
                continue
            if (a - i0) ** 2 + (b - j0) ** 2 > reach * reach:
                continue
            rise = floors[a, b] - floors[i, j]
            if what[a, b] == _LOG and -1 <= rise <= 1:
                seen[a, b] = 1
                trunks += 1
                continue
            if what[a, b] == _DANGER or rise > 1 or rise < -3:
                continue
            seen[a, b] = 1
            if what[a, b] == _STONE:
                stones += 1
            queue[tail, 0] = a
            queue[tail, 1] = b
            tail += 1
    return trunks, stones


@njit(cache=True)
def _safe(floors: npt.NDArray[np.int32], what: Kinds, i: int, j: int) -> bool:
    """Whether a cell is grass with nearly level ground and no danger two cells around."""
    if what[i, j] != _GRASS:
        return False
    for a in range(i - 2, i + 3):
        for b in range(j - 2, j + 3):
            if what[a, b] == _DANGER or abs(floors[a, b] - floors[i, j]) > 1 + max(abs(a - i), abs(b - j)) // 2:
                return False
    return True


def spawn_point(store: VoxelStore, terrain: Terrain, tables: Tables) -> BlockPos:
    """The cell of the feet where a newcomer enters the world; loads the columns it looks at.

    In the default terrain: grass, safe, near the middle, with at least four trees and some bare stone
    within `REACH` on foot. Other presets: on top of what stands in the middle. Raises UserError if the
    default terrain of this seed has no such place near its middle.
    """
    kinds = _kinds(tables)
    if terrain.preset != "default":
        store.ensure_loaded(0, 0)
        for y in range(MIN_Y + 383, MIN_Y - 1, -1):
            if kinds[store.get((0, y, 0))] != _FREE:
                return 0, y + 1, 0
        raise UserError("the world has no ground at its middle", "choose another preset, or give it a platform")
    for columns, radius in _SEARCHES:
        store.ensure_around(0, 0, columns)
        side = 2 * (radius + REACH) + 1
        corner = -(radius + REACH)
        floors = np.empty((side, side), np.int32)
        what = np.empty((side, side), np.uint8)
        seen = np.empty((side, side), np.uint8)
        queue = np.empty((side * side, 2), np.int32)
        cells = store.cells
        _survey(cells, kinds, corner, corner, MIN_Y + int(cells.top.max()), floors, what)
        offsets = range(-radius, radius + 1)
        for far, x, z in sorted((x * x + z * z, x, z) for x in offsets for z in offsets):
            i, j = x - corner, z - corner
            if far > radius * radius or not _safe(floors, what, i, j):
                continue
            trunks, stones = _walk(floors, what, i, j, REACH, seen, queue)
            if trunks >= 4 and stones >= 3:
                return x, int(floors[i, j]) + 1, z
    raise UserError(f"the world of seed {terrain.seed} has no good place to begin", "choose another seed")
