"""Hostile creatures: what they see, where they can get to, and which cells are within their reach."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from conscious_bot.body.port import Senses
from conscious_bot.contracts import BlockPos
from conscious_bot.leaves.run_state import RunState
from conscious_bot.leaves.sight import EYE, Sight
from conscious_bot.leaves.watching import HOSTILE_REACH, hostiles_among
from conscious_bot.world.region import Box, VoxelRegion
from conscious_bot.world.state import EntityView, block_of, distance

__all__ = ["Threat", "guard_radius", "hostiles_present", "reach_zone", "threats_around"]

_CLIMBS, _DROPS = 1, 3
"""How many blocks a walking creature steps up and jumps down."""

_MARGIN, _RISE = 6, 6


@dataclass(frozen=True, slots=True)
class Threat:
    """A hostile creature near the body: how far, whether it has the body in sight, and its way in cells (or None)."""

    view: EntityView
    distance: float
    sight: bool
    path: int | None

    @property
    def present(self) -> bool:
        """Whether the body has to reckon with it: it sees the body or can get to it."""
        return self.sight or self.path is not None


def guard_radius(run: RunState) -> float:
    """Within how many blocks hostiles count for a run: what it last sensed, and never less than their reach."""
    return max(run.sensed_radius or 0.0, HOSTILE_REACH + 1.0)


async def hostiles_present(senses: Senses, run: RunState, *, without: Iterable[BlockPos] = ()) -> list[Threat]:
    """The hostiles with sight of or a path to the body, nearest first; `without`: as if these cells were air."""
    return [t for t in await threats_around(senses, guard_radius(run), without=without) if t.present]


async def threats_around(senses: Senses, radius: float, *, without: Iterable[BlockPos] = ()) -> list[Threat]:
    """Every hostile within `radius` blocks, nearest first, with what it sees and where it can get to."""
    hostiles = hostiles_among(await senses.entities(radius), senses.tables)
    if not hostiles:
        return []
    state = await senses.observe()
    here = state.block
    region = await senses.scan(_around([here, *(block_of(h.position) for h in hostiles)]))
    sight = Sight(_cleared(region, without, senses), senses.tables)
    # Backwards from the body: who climbs forwards drops backwards.
    start = _footing(sight, here)
    cells = None
    if start is not None:
        cells = _spread(sight, [start], int(2 * radius), climbs=_DROPS, drops=_CLIMBS)
    x, y, z = state.position
    found: list[Threat] = []
    for hostile in hostiles:
        a, b, c = hostile.position
        eye = (a, b + 0.85 * hostile.height, c)
        sees = sight.sees(eye, (x, y + EYE, z)) or sight.sees(eye, (x, y + 0.5, z))
        foot = _footing(sight, block_of(hostile.position))
        steps = None if cells is None or foot is None else _at(cells, sight, foot)
        found.append(Threat(hostile, distance(state.position, hostile.position), sees, steps))
    return sorted(found, key=lambda threat: (threat.distance, threat.view.id))


def reach_zone(sight: Sight, hostiles: Iterable[EntityView], reach: int = HOSTILE_REACH) -> npt.NDArray[np.bool_]:
    """The cells of a region at most `reach` steps from a hostile; around one without footing, as the crow flies."""
    zone = np.zeros(sight.region.blocks.shape, np.bool_)
    feet: list[BlockPos] = []
    for hostile in hostiles:
        cell = block_of(hostile.position)
        foot = _footing(sight, cell)
        if foot is not None:
            feet.append(foot)
            continue
        x, y, z = (c - o for c, o in zip(cell, sight.region.origin, strict=True))
        zone[
            max(0, x - reach) : max(0, x + reach + 1),
            max(0, y - _DROPS) : max(0, y + _DROPS + 1),
            max(0, z - reach) : max(0, z + reach + 1),
        ] = True
    if feet:
        zone |= _spread(sight, feet, reach, climbs=_CLIMBS, drops=_DROPS) >= 0
    return zone


def _around(cells: Sequence[BlockPos]) -> Box:
    low = [min(c[i] for c in cells) for i in range(3)]
    high = [max(c[i] for c in cells) for i in range(3)]
    return Box(
        (low[0] - _MARGIN, low[1] - _RISE, low[2] - _MARGIN), (high[0] + _MARGIN, high[1] + _RISE, high[2] + _MARGIN)
    )


def _cleared(region: VoxelRegion, cells: Iterable[BlockPos], senses: Senses) -> VoxelRegion:
    inside = [c for c in cells if region.box.contains(c)]
    if not inside:
        return region
    blocks = region.blocks.copy()
    air = senses.tables.blocks["air"].default_state
    for cell in inside:
        x, y, z = (c - o for c, o in zip(cell, region.origin, strict=True))
        blocks[x, y, z] = air
    return VoxelRegion(region.origin, blocks)


def _footing(sight: Sight, cell: BlockPos) -> BlockPos | None:
    """Where a body in this cell stands: there, on a low block, or where it lands."""
    x, y, z = cell
    return next((c for dy in (0, 1, -1, -2, -3) if sight.standable(c := (x, y + dy, z))), None)


def _spread(sight: Sight, seeds: Iterable[BlockPos], limit: int, *, climbs: int, drops: int) -> npt.NDArray[np.int16]:
    """Steps from the nearest seed to each cell of rest of the region, -1 where more than `limit` or no way."""
    stands = sight.stands
    steps = np.full(stands.shape, -1, np.int16)
    edge = np.zeros_like(stands)
    for seed in seeds:
        x, y, z = (c - o for c, o in zip(seed, sight.region.origin, strict=True))
        edge[x, y, z] = True
        steps[x, y, z] = 0
    for step in range(1, limit + 1):
        # To the sides first, then up and down: a step is one cell across and some up or down.
        across = np.zeros_like(edge)
        across[1:] |= edge[:-1]
        across[:-1] |= edge[1:]
        across[:, :, 1:] |= edge[:, :, :-1]
        across[:, :, :-1] |= edge[:, :, 1:]
        grown = across.copy()
        for rise in range(1, climbs + 1):
            grown[:, rise:] |= across[:, :-rise]
        for fall in range(1, drops + 1):
            grown[:, :-fall] |= across[:, fall:]
        edge = grown & stands & (steps < 0)
        if not edge.any():
            break
        steps[edge] = step
    return steps


def _at(steps: npt.NDArray[np.int16], sight: Sight, cell: BlockPos) -> int | None:
    if not sight.region.box.contains(cell):
        return None
    x, y, z = (c - o for c, o in zip(cell, sight.region.origin, strict=True))
    found = int(steps[x, y, z])
    return found if found >= 0 else None
