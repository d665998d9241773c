"""What lies about in a simulated world: dropping items, counting them, picking them up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conscious_bot.contracts import BlockPos, Position
from conscious_bot.game.tables import Tables
from conscious_bot.simulation import state as s
from conscious_bot.simulation.rng import Rng
from conscious_bot.world.state import ItemStack

if TYPE_CHECKING:
    from conscious_bot.simulation.players import Player

__all__ = ["DroppedItems", "item_names"]

_PICKUP_DELAY = 10


def item_names(tables: Tables) -> list[str]:
    """The name of every item by its number in the arrays."""
    names = [""] * (1 + max(item.id for item in tables.items.values()))
    for item in tables.items.values():
        names[item.id] = item.name
    return names


class DroppedItems:
    """Part of a `SimulatedWorld`: its dropped items, rows of its arrays, oldest first."""

    arrays: s.Arrays
    tables: Tables
    rng: Rng
    _item_names: list[str]

    def new_id(self) -> int:
        """The next entity's id."""
        found = int(self.arrays.clock[s.CK_NEXT_ID])
        self.arrays.clock[s.CK_NEXT_ID] = found + 1
        return found

    def drop_from(self, pos: BlockPos, state: int, tool: str | None) -> None:
        """Drop what a broken block gives, as the dice fall."""
        rng = self.rng
        for drop in self.tables.drops_of(state, tool):
            if drop.chance < 1.0 and rng.random() >= drop.chance:
                continue
            count = rng.integer(drop.low, drop.high)
            if count < 1:
                continue
            x, y, z = pos
            at = (
                x + 0.5 + rng.between(-0.25, 0.25),
                y + 0.5 + rng.between(-0.25, 0.25) - 0.125,
                z + 0.5 + rng.between(-0.25, 0.25),
            )
            self.drop(ItemStack(drop.item, count), at, (rng.between(-0.1, 0.1), 0.2, rng.between(-0.1, 0.1)))

    def drop(
        self, stack: ItemStack, position: Position, velocity: Position = (0.0, 0.0, 0.0), *, delay: int = _PICKUP_DELAY
    ) -> None:
        """Let items lie in the world, in stacks; they can be picked up after `delay` ticks."""
        limit = self.tables.items[stack.item].stack_size
        left = stack.count
        while left > 0:
            count = min(left, limit)
            left -= count
            row = int(self.arrays.clock[s.CK_ITEMS])
            if row == len(self.arrays.items_i):
                self._grow_items()
            arrays = self.arrays
            arrays.items_f[row] = (*position, *velocity)
            arrays.items_i[row] = (
                self.new_id(),
                self.tables.items[stack.item].id,
                count,
                stack.wear,
                0,
                delay,
                0,
                0,
                0,
                limit,
            )
            arrays.clock[s.CK_ITEMS] = row + 1

    def items(self) -> list[tuple[int, ItemStack, Position, Position]]:
        """All dropped items: id, stack, position, velocity; oldest first."""
        n = int(self.arrays.clock[s.CK_ITEMS])
        found: list[tuple[int, ItemStack, Position, Position]] = []
        for i, f in zip(self.arrays.items_i[:n].tolist(), self.arrays.items_f[:n].tolist(), strict=True):
            stack = ItemStack(self._item_names[i[s.II_KIND]], i[s.II_COUNT], i[s.II_WEAR])
            found.append((i[s.II_ID], stack, (f[0], f[1], f[2]), (f[3], f[4], f[5])))
        return found

    def _item_row(self, item_id: int) -> int | None:
        n = int(self.arrays.clock[s.CK_ITEMS])
        found = np.flatnonzero(self.arrays.items_i[:n, s.II_ID] == item_id)
        return int(found[0]) if found.size else None

    def _remove_item(self, row: int) -> None:
        arrays = self.arrays
        n = int(arrays.clock[s.CK_ITEMS])
        arrays.items_f[row : n - 1] = arrays.items_f[row + 1 : n].copy()
        arrays.items_i[row : n - 1] = arrays.items_i[row + 1 : n].copy()
        arrays.clock[s.CK_ITEMS] = n - 1

    def _grow_items(self) -> None:
        arrays = self.arrays
        self.arrays = arrays.replace(
            items_f=np.concatenate([arrays.items_f, np.zeros_like(arrays.items_f)]),
            items_i=np.concatenate([arrays.items_i, np.zeros_like(arrays.items_i)]),
        )

    def _wake_items(self) -> None:
        """An inventory changed: items that found no room before may find some now."""
        self.arrays.items_i[: int(self.arrays.clock[s.CK_ITEMS]), s.II_REFUSED] = 0

    def _pick_up(self, player: Player, item_id: int) -> None:
        """Take a dropped item up, as much of it as there is room for."""
        row = self._item_row(item_id)
        if row is None:
            return
        items = self.arrays.items_i
        stack = ItemStack(
            self._item_names[items[row, s.II_KIND]], int(items[row, s.II_COUNT]), int(items[row, s.II_WEAR])
        )
        taken = player.inventory.add(stack)
        if taken == stack.count:
            self._remove_item(row)
        else:
            items[row, s.II_COUNT] -= taken
            items[row, s.II_REFUSED] = 1
