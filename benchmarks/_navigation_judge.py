"""The judge: phase 1 and the hazards written a second time, as whole-array shifts, solved by scipy's Dijkstra.

It shares no rule and no code with the solver; only the numbers of the policy come from it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from conscious_bot.contracts import BlockPos
from conscious_bot.sterling.policy import HazardPolicy
from conscious_bot.world.grid import OccupancyGrid

__all__ = ["Judge"]

_SIDES = ((1, 0), (-1, 0), (0, 1), (0, -1))


def _at(layer: npt.NDArray[Any], dx: int, dy: int, dz: int) -> npt.NDArray[Any]:
    """The layer as seen from each cell at an offset: result[c] = layer[c + offset], zero outside."""
    result = np.zeros_like(layer)
    own, other = [], []
    for n, d in zip(layer.shape, (dx, dy, dz), strict=True):
        own.append(slice(max(0, -d), n - max(0, d)))
        other.append(slice(max(0, d), n - max(0, -d)))
    if all(s.start < s.stop for s in own):
        result[tuple(own)] = layer[tuple(other)]
    return result


class Judge:
    """Costs of the cheapest ways in a grid, in units of 0.2."""

    def __init__(
        self, grid: OccupancyGrid, policy: HazardPolicy, layers: dict[str, npt.NDArray[np.bool_]] | None = None
    ) -> None:
        self.grid = grid
        blocks = grid.blocks
        air = blocks == 0
        floor = (blocks == 1) & (True if grid.standable is None else grid.standable)
        stand = air & _at(air, 0, 1, 0) & _at(floor, 0, -1, 0)
        tall = stand & _at(air, 0, 2, 0)
        self.stand = stand
        enter = None
        if layers or any(policy.penalties.values()):
            enter = self._penalties(policy, layers or {})
        ids = np.full(blocks.shape, -1, np.int32)
        ids[stand] = np.arange(int(stand.sum()), dtype=np.int32)
        self.ids = ids
        rows, columns, costs = [], [], []
        for dx, dz in _SIDES:
            for dy, cost, legal in (
                (0, 5, stand & _at(stand, dx, 0, dz)),
                (1, 10, tall & _at(stand, dx, 1, dz)),  # room to jump where one stands
                (-1, 4, stand & _at(tall, dx, -1, dz)),  # room above the head where one lands
            ):
                rows.append(ids[legal])
                columns.append(_at(ids, dx, dy, dz)[legal])
                costs.append(cost + (np.zeros(len(rows[-1])) if enter is None else _at(enter, dx, dy, dz)[legal]))
        count = int(stand.sum())
        self.graph = csr_array(
            (np.concatenate(costs).astype(np.float64), (np.concatenate(rows), np.concatenate(columns))),
            shape=(count, count),
        )

    def _penalties(self, policy: HazardPolicy, layers: dict[str, npt.NDArray[np.bool_]]) -> npt.NDArray[np.int64]:
        blocks = self.grid.blocks
        air, lava, water, harm = blocks == 0, blocks == 3, blocks == 2, blocks == 5
        total = np.zeros(blocks.shape, np.int64)
        near = np.zeros(blocks.shape, np.bool_)
        for dy in (-1, 0, 1, 2):
            for dx in (-1, 0, 1):
                for dz in (-1, 0, 1):
                    near |= _at(lava, dx, dy, dz)
        total += near * policy.units("lava_adjacent")
        near = _at(harm, 0, 2, 0)
        deep = water & _at(water, 0, -1, 0)
        wet = deep.copy()
        cliff = np.zeros(blocks.shape, np.bool_)
        lethal = np.zeros(blocks.shape, np.bool_)
        fall = np.zeros(blocks[:, 0, :].shape, np.int64)  # how far one falls from each cell of a level
        end = np.full(fall.shape, -1)  # and what of: -1 below the grid
        for y in range(blocks.shape[1]):
            deadly = (fall >= 1) & (end == 3) | (fall >= 4) & (end == -1) | (fall >= 23) & (end != 2)
            free = air[:, y, :]
            lethal[:, y, :] = deadly & free & _at(air, 0, 1, 0)[:, y, :]
            fall, end = np.where(free, fall + 1, 0), np.where(free, end, blocks[:, y, :])
        for dx, dz in _SIDES:
            near |= _at(harm, dx, 0, dz) | _at(harm, dx, 1, dz)
            wet |= _at(deep, dx, 0, dz) | _at(deep, dx, -1, dz)
            cliff |= _at(lethal, dx, 0, dz)
        total += near * policy.units("cactus") + wet * policy.units("deep_water") + cliff * policy.units("cliff_lethal")
        for name, layer in layers.items():
            total += layer * policy.units(name)
        return total

    def costs_from(self, start: BlockPos) -> npt.NDArray[np.float64]:
        """Units to every cell of rest (by its number in `ids`) from one; infinite where no way leads."""
        x, y, z = (c - o for c, o in zip(start, self.grid.origin, strict=True))
        return dijkstra(self.graph, indices=int(self.ids[x, y, z]))

    def cost(self, costs: npt.NDArray[np.float64], goal: BlockPos, tolerance_xz: int, tolerance_y: int) -> float:
        """The least of them within the tolerance of a goal; infinite if nobody can rest there."""
        spans = []
        for g, o, t, n in zip(
            goal, self.grid.origin, (tolerance_xz, tolerance_y, tolerance_xz), self.grid.size, strict=True
        ):
            spans.append(slice(max(0, g - o - t), min(n, g - o + t + 1)))
        near = self.ids[tuple(spans)]
        return float(costs[near[near >= 0]].min(initial=np.inf))
