"""Putting a block down: both halves of what has two, the hinge of a door, chests that join, buckets that stay.

Sources, Minecraft Wiki: "Door", section "Placement"; "Chest", section "Usage"; "Bed"; "Bucket".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conscious_bot.contracts import BlockPos
from conscious_bot.simulation.harm import SUFFOCATES
from conscious_bot.simulation.pairs import STEPS, partner, turned
from conscious_bot.simulation.players import Player
from conscious_bot.world.region import UNKNOWN
from conscious_bot.world.state import ItemStack

if TYPE_CHECKING:
    from conscious_bot.simulation.world import SimulatedWorld

__all__ = ["parts_of", "put_down"]


def parts_of(world: SimulatedWorld, pos: BlockPos, state: int) -> list[tuple[BlockPos, int]]:
    """The cells a block takes and the states there: itself, and its other half if it has one."""
    found = partner(world.tables, pos, state)
    return [(pos, state)] if found is None else [(pos, state), found]


def put_down(world: SimulatedWorld, player: Player, pos: BlockPos, state: int) -> None:
    """Take one of what the player holds and put it there; the cells are known to be free."""
    name = world.tables.name_of(state)
    if name.endswith("_door"):
        state = _hinged(world, pos, state)
    elif name in ("chest", "trapped_chest"):
        state = _joined(world, pos, state)
    inventory = player.inventory
    taken = inventory.take(inventory.selected, 1)
    for cell, part in parts_of(world, pos, state):
        world.set_block(cell, part)
    if taken.item.endswith("_bucket"):
        if inventory.held is None:
            inventory.put(inventory.selected, ItemStack("bucket", 1))
        elif not inventory.add(ItemStack("bucket", 1)):
            world.drop(ItemStack("bucket", 1), world.position_of(player))


def _beside(pos: BlockPos, facing: str) -> BlockPos:
    step = STEPS[facing]
    return pos[0] + step[0], pos[1], pos[2] + step[2]


def _hinged(world: SimulatedWorld, pos: BlockPos, state: int) -> int:
    """A door's hinge is on the left, unless a wall on the right or a door on the left asks for the right."""
    tables = world.tables
    name, properties = tables.name_of(state), tables.properties_of(state)
    sides: list[tuple[int, bool]] = []
    for quarters in (-1, 1):
        near = _beside(pos, turned(properties["facing"], quarters))
        states = [world.voxels.get(near), world.voxels.get((near[0], near[1] + 1, near[2]))]
        walls = sum(there != UNKNOWN and bool(world.shapes.harm[there] & SUFFOCATES) for there in states)
        sides.append((walls, tables.name_of(states[0]).endswith("_door")))
    (left, door_left), (right, door_right) = sides
    to_right = (door_left and not door_right) or right > left
    return tables.state_of(name, **{**properties, "hinge": "right" if to_right else "left"})


def _joined(world: SimulatedWorld, pos: BlockPos, state: int) -> int:
    """A chest beside a single one that faces the same way becomes one half of a double chest, the other too."""
    tables = world.tables
    name, properties = tables.name_of(state), tables.properties_of(state)
    # The half called left has its partner clockwise of where it faces.
    for mine, theirs, quarters in (("left", "right", 1), ("right", "left", -1)):
        near = _beside(pos, turned(properties["facing"], quarters))
        there = world.voxels.get(near)
        if there == UNKNOWN or tables.name_of(there) != name:
            continue
        other = tables.properties_of(there)
        if other["type"] == "single" and other["facing"] == properties["facing"]:
            world.set_block(near, tables.state_of(name, **{**other, "type": theirs}))
            return tables.state_of(name, **{**properties, "type": mine})
    return state
