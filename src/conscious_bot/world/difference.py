"""What changed between two looks at the world."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from conscious_bot.contracts import BlockPos
from conscious_bot.world.region import UNKNOWN, VoxelRegion
from conscious_bot.world.state import Inventory

__all__ = ["BlockChange", "InventoryDifference", "block_difference", "inventory_difference"]


@dataclass(frozen=True, slots=True)
class InventoryDifference:
    """Items gained and lost, by name; worn things count as carried, where things lie does not matter."""

    gained: dict[str, int] = field(default_factory=dict)
    lost: dict[str, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.gained or self.lost)

    def of(self, item: str) -> int:
        """The change of one item: positive if gained."""
        return self.gained.get(item, 0) - self.lost.get(item, 0)


@dataclass(frozen=True, slots=True)
class BlockChange:
    """One cell whose state changed."""

    pos: BlockPos
    before: int
    after: int


def inventory_difference(before: Inventory, after: Inventory) -> InventoryDifference:
    """What the player gained and lost, sorted by item."""
    had, has = before.counts(), after.counts()
    change = {item: has[item] - had[item] for item in sorted(had.keys() | has.keys())}
    return InventoryDifference(
        gained={item: n for item, n in change.items() if n > 0},
        lost={item: -n for item, n in change.items() if n < 0},
    )


def block_difference(before: VoxelRegion, after: VoxelRegion) -> tuple[BlockChange, ...]:
    """The cells that both regions cover and know and whose state differs, ordered by x, y, z.

    A cell that is UNKNOWN in either has not been seen to change.
    """
    low = tuple(max(a, b) for a, b in zip(before.origin, after.origin, strict=True))
    high = tuple(min(a, b) for a, b in zip(before.box.high, after.box.high, strict=True))
    if any(a > b for a, b in zip(low, high, strict=True)):
        return ()
    old, new = (
        region.blocks[tuple(slice(a - o, b - o + 1) for a, b, o in zip(low, high, region.origin, strict=True))]
        for region in (before, after)
    )
    cells = np.argwhere((old != new) & (old != UNKNOWN) & (new != UNKNOWN))
    return tuple(
        BlockChange((low[0] + x, low[1] + y, low[2] + z), int(old[x, y, z]), int(new[x, y, z]))
        for x, y, z in cells.tolist()
    )
