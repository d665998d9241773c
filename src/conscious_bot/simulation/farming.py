"""Bone meal (Minecraft Wiki, "Bone Meal"): crops grow 2 to 5 stages, beetroot one in 3 of 4 uses, saplings one in
45 of 100. What it does to grass, flowers, mushrooms and the sea is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conscious_bot.contracts import BlockPos
from conscious_bot.simulation.nature import layout as n
from conscious_bot.simulation.nature.trees import grow_tree
from conscious_bot.simulation.players import Player

if TYPE_CHECKING:
    from conscious_bot.simulation.world import SimulatedWorld

__all__ = ["bone_meal"]


def bone_meal(world: SimulatedWorld, player: Player, pos: BlockPos, state: int) -> bool:
    """Use the held bone meal on a block; whether it was used up. It is, too, where the dice let nothing grow."""
    table = world.arrays.nature.table[state].tolist()
    kind, age, last = table[n.R_KIND], table[n.R_AGE], table[n.R_LAST]
    if kind == n.K_CROP and age < last:
        world.set_block(pos, state + min(world.rng.integer(2, 5), last - age))
    elif kind == n.K_BEETROOT and age < last:
        if world.rng.random() < 0.75:
            world.set_block(pos, state + 1)
    elif kind == n.K_SAPLING:
        if world.rng.random() < 0.45:
            _advance(world, pos, state, age, last)
    else:
        return False
    player.inventory.take(player.inventory.selected, 1)
    return True


def _advance(world: SimulatedWorld, pos: BlockPos, state: int, stage: int, tree: int) -> None:
    if stage == 0:
        world.set_block(pos, state + 1)
        return
    world.voxels.reserve(512)
    world.renew_cells()
    arrays = world.arrays
    grow_tree(arrays.cells, arrays.nature, arrays.dice, *pos, tree)
