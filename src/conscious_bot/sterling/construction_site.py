"""Where to build: ground that is level enough, dry, untouched and near."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from conscious_bot.contracts import BlockPos
from conscious_bot.game.supplements import natural_blocks
from conscious_bot.game.tables import Tables
from conscious_bot.sterling.construction_blocks import replaceable
from conscious_bot.world.occupancy import Occupancy, classes_of
from conscious_bot.world.region import UNKNOWN, VoxelRegion

__all__ = ["Site", "choose_site", "site_at"]

DEEPEST_FILL, HIGHEST_CUT = 2, 2
"""Columns this much lower or higher than the rest are evened out; ground that is rougher is no site."""
_FILL, _CUT, _CLEAR = 4.0, 3.0, 0.5
"""What a block to fill, to dig and a plant to clear count for, in blocks of way."""
_TRIED = 256
"""How many of the best sites are looked at closely."""
_NO_GROUND = ("_log", "_leaves", "_wood", "_stem", "cactus", "bamboo", "_mushroom_block", "ice")


@dataclass(frozen=True)
class Site:
    """A place to build: its lowest corner, what to dig away there (from above), and holes to fill under it."""

    corner: BlockPos
    clear: tuple[BlockPos, ...]
    fill: tuple[BlockPos, ...]


@dataclass(frozen=True)
class _Kinds:
    """What each state is to a builder."""

    free: npt.NDArray[np.bool_]
    plant: npt.NDArray[np.bool_]
    ground: npt.NDArray[np.bool_]
    natural: npt.NDArray[np.bool_]


def _kinds(tables: Tables) -> _Kinds:
    known = classes_of(tables)
    natural_names = natural_blocks()
    free, natural, ground, air = (np.zeros(UNKNOWN + 1, np.bool_) for _ in range(4))
    for name, block in tables.blocks.items():
        span = slice(block.min_state, block.max_state + 1)
        free[span] = replaceable(tables, name)
        air[span] = name in ("air", "cave_air", "void_air")
        natural[span] = name in natural_names and block.diggable
        ground[span] = name in natural_names and block.diggable and not name.endswith(_NO_GROUND)
    solid = known.classes == Occupancy.SOLID
    return _Kinds(free, free & ~air, ground & solid & known.floors, natural & (solid | (known.classes == 0)))


def choose_site(
    region: VoxelRegion,
    tables: Tables,
    size: BlockPos,
    near: BlockPos,
    may_edit: Callable[[BlockPos], bool] | None = None,
) -> Site | None:
    """The best place for a building of this size (cells along x, y, z) in a scanned region; None if there is none.

    Its ground is natural, dry and firm, at most two blocks uneven; nothing that somebody built stands in it, and
    `may_edit` agrees to every cell. Among such places the one with the least to do and to walk.
    """
    kinds = _kinds(tables)
    width, _, depth = size
    tops = _tops(region, kinds)
    if tops.shape[0] < width or tops.shape[1] < depth:
        return None
    windows = np.lib.stride_tricks.sliding_window_view(tops, (width, depth))
    flat = windows.reshape(*windows.shape[:2], -1)
    level = np.sort(flat, axis=2)[:, :, flat.shape[2] // 2]
    off = flat - level[:, :, None]
    good = (flat > 0).all(axis=2) & (off.max(axis=2) <= HIGHEST_CUT) & (off.min(axis=2) >= -DEEPEST_FILL)
    x, z = np.nonzero(good)
    if not len(x):
        return None
    work = np.where(off > 0, off * _CUT, -off * _FILL).sum(axis=2)[x, z]
    way = np.hypot(x + region.origin[0] + width / 2 - near[0], z + region.origin[2] + depth / 2 - near[2])
    way = way + np.abs(level[x, z] + region.origin[1] - near[1])
    order = np.argsort(work + way, kind="stable")[:_TRIED]
    best: tuple[float, Site] | None = None
    for i in order.tolist():
        rough = float(work[i] + way[i])
        if best is not None and rough >= best[0]:
            break
        corner = (
            int(x[i]) + region.origin[0],
            int(level[x[i], z[i]]) + region.origin[1],
            int(z[i]) + region.origin[2],
        )
        site = site_at(region, tables, corner, size, may_edit)
        if site is None:
            continue
        price = float(way[i]) + _FILL * len(site.fill) + _CLEAR * len(site.clear)
        if best is None or price < best[0]:
            best = price, site
    return None if best is None else best[1]


def _tops(region: VoxelRegion, kinds: _Kinds) -> npt.NDArray[np.int64]:
    """For each column the lowest free cell on firm natural ground (index along y), 0 where there is none."""
    taken = ~kinds.free[region.blocks]
    height = taken.shape[1]
    top = height - np.argmax(taken[:, ::-1, :], axis=1)
    top[~taken.any(axis=1)] = 0
    under = np.take_along_axis(region.blocks, np.maximum(top - 1, 0)[:, None, :], axis=1)[:, 0, :]
    return np.where(kinds.ground[under] & (top < height), top, 0)


def site_at(
    region: VoxelRegion,
    tables: Tables,
    corner: BlockPos,
    size: BlockPos,
    may_edit: Callable[[BlockPos], bool] | None = None,
) -> Site | None:
    """What there is to do at a place before a building of this size can stand there; None if it will not do."""
    kinds = _kinds(tables)
    (x0, y0, z0), (dx, dy, dz) = corner, size
    clear: list[BlockPos] = []
    fill: list[BlockPos] = []
    for x in range(x0, x0 + dx):
        for z in range(z0, z0 + dz):
            for y in range(y0 + dy - 1, y0 - 1, -1):
                state = region.state((x, y, z))
                if kinds.free[state] and not kinds.plant[state]:
                    continue
                if not kinds.free[state] and not kinds.natural[state]:
                    return None  # built by somebody, liquid, or not loaded
                clear.append((x, y, z))
            for deep in range(1, DEEPEST_FILL + 2):
                state = region.state((x, y0 - deep, z))
                if kinds.ground[state]:
                    break
                if not kinds.free[state] or deep > DEEPEST_FILL:
                    return None
                fill.append((x, y0 - deep, z))
    if may_edit is not None and not all(
        may_edit((x, y, z)) for x in range(x0, x0 + dx) for y in range(y0, y0 + dy) for z in range(z0, z0 + dz)
    ):
        return None
    if may_edit is not None and not all(may_edit(cell) for cell in fill):
        return None
    return Site(corner, tuple(sorted(clear, key=lambda c: (-c[1], c))), tuple(sorted(fill, key=lambda c: (c[1], c))))
