from __future__ import annotations

import numpy as np

from conscious_bot.world.difference import BlockChange, block_difference, inventory_difference
from conscious_bot.world.region import UNKNOWN, VoxelRegion
from conscious_bot.world.state import Inventory, ItemStack


def bag(*stacks: tuple[str, int]) -> Inventory:
    filled = [ItemStack(item, count) for item, count in stacks]
    return Inventory((*filled, *[None] * (36 - len(filled))))


def test_inventories_differ_by_items_not_by_slots() -> None:
    change = inventory_difference(bag(("oak_log", 3), ("stick", 2)), bag(("stick", 1), ("stick", 1), ("oak_planks", 4)))
    assert change.gained == {"oak_planks": 4}
    assert change.lost == {"oak_log": 3}
    assert [change.of(i) for i in ("oak_planks", "oak_log", "stick")] == [4, -3, 0]
    assert not inventory_difference(bag(("stick", 2)), bag(("stick", 1), ("stick", 1)))


def test_putting_armour_on_changes_nothing_carried() -> None:
    worn = Inventory((None,) * 36, {"head": ItemStack("iron_helmet", 1)})
    assert not inventory_difference(bag(("iron_helmet", 1)), worn)


def test_blocks_are_compared_where_both_regions_know_them() -> None:
    before = np.zeros((2, 2, 2), dtype=np.uint16)
    after = np.zeros((2, 2, 2), dtype=np.uint16)
    before[1, 0, 0] = 1
    after[0, 1, 1] = UNKNOWN
    after[0, 0, 1] = 9
    changes = block_difference(VoxelRegion((5, 60, 5), before), VoxelRegion((5, 60, 5), after))
    assert changes == (BlockChange((5, 60, 6), 0, 9), BlockChange((6, 60, 5), 1, 0))


def test_regions_that_only_overlap_are_compared_in_the_overlap() -> None:
    before = np.zeros((2, 1, 1), dtype=np.uint16)
    after = np.ones((2, 1, 1), dtype=np.uint16)
    assert block_difference(VoxelRegion((0, 0, 0), before), VoxelRegion((1, 0, 0), after)) == (
        BlockChange((1, 0, 0), 0, 1),
    )
    assert block_difference(VoxelRegion((0, 0, 0), before), VoxelRegion((9, 0, 0), after)) == ()
