"""Modules that are built often, as blueprints from a corner: a shelter for the night.

    z 0  W W D W      level 0, the door's foot
    z 1  W t . W      W wall, D door or wall, t torch, . free
    z 2  W . . W
    z 3  W . . W      level 1 the same with the door's upper half, level 2 the roof
    z 4  W W W W

Inside there is room for a bed and for its sleeper to get up beside it. A torch on the floor gives 14 at its own
cell and at least 11 in the farthest one (Minecraft Wiki, "Light": one less each block), so nothing spawns inside.
"""

from __future__ import annotations

from dataclasses import dataclass

from conscious_bot.contracts import BlockPos
from conscious_bot.sterling.construction_blueprint import Blueprint, Piece

__all__ = ["SHELTER_SIZE", "Shelter", "shelter"]

SHELTER_SIZE: BlockPos = (4, 3, 5)
"""Cells of a shelter along x, y and z."""

_DOOR = (2, 0, 0)
_TORCH = (1, 0, 1)
_STAND = (2, 0, 2)


@dataclass(frozen=True)
class Shelter:
    """A shelter's blueprint, the cell inside where the builder stands in the end, and all cells inside."""

    blueprint: Blueprint
    stand: BlockPos
    inside: frozenset[BlockPos]


def shelter(corner: BlockPos, material: str, *, door: str | None = None, torch: str | None = "torch") -> Shelter:
    """A shelter with its lowest corner there. Without a door its wall is closed; without a torch it is dark."""

    def at(cell: BlockPos) -> BlockPos:
        return corner[0] + cell[0], corner[1] + cell[1], corner[2] + cell[2]

    width, height, depth = SHELTER_SIZE
    above_door = (_DOOR[0], _DOOR[1] + 1, _DOOR[2])
    pieces: list[Piece] = []
    inside: set[BlockPos] = set()
    for y in range(height):
        for z in range(depth):
            for x in range(width):
                cell = (x, y, z)
                wall = x in (0, width - 1) or z in (0, depth - 1)
                if y < height - 1 and not wall:
                    inside.add(at(cell))
                elif door is None or cell not in (_DOOR, above_door):
                    pieces.append(Piece(material, material, at(cell)))
    if door is not None:
        pieces.append(Piece(door, door, at(_DOOR), at(above_door)))
    if torch is not None:
        pieces.append(Piece(torch, torch, at(_TORCH)))
    lit = {at(_TORCH)} if torch is not None else set[BlockPos]()
    return Shelter(Blueprint(tuple(pieces), frozenset(inside - lit)), at(_STAND), frozenset(inside))
