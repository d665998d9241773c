"""What each hazard of the policy means: the one table, and how nodes get their penalties from it.

A hazard counts for the cell that is entered (the cell of the feet), once, however many neighbours have it;
different hazards add up. The cell one starts from costs nothing.

| hazard        | counts where                                                                              |
| ------------- | ----------------------------------------------------------------------------------------- |
| lava_adjacent | lava in any cell touching the body or the block under it: dx, dz in -1..1, dy in -1..2     |
| cliff_lethal  | one of the 4 cells beside the feet is open (feet and head) and a fall from there is lethal |
| cactus        | a cell of class hazard in one of the 4 cells beside feet or head, or above the head        |
| deep_water    | water with water under it in the cell itself or one of its 4 neighbours, at feet or floor  |
| hostile_zone  | the cell is set in the layer of that name (the caller knows the creatures)                 |
| dark_area     | the cell is set in the layer of that name (the caller knows the light)                     |
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from conscious_bot.sterling import kernels_graph
from conscious_bot.sterling.errors import GridError, PolicyError
from conscious_bot.sterling.flags import HARM, LAVAS, SWIM
from conscious_bot.sterling.policy import HazardPolicy
from conscious_bot.world.grid import OccupancyGrid

__all__ = ["AROUND", "DEEP_AROUND", "LAYERS", "LETHAL_FALL", "UNSEEN_FALL", "Layers", "check_layers", "penalties"]

Offset = tuple[int, int, int]
Layers = Mapping[str, npt.NDArray[np.bool_]]
"""Cells with hostile_zone or dark_area, by name; the grid's shape."""

_SIDES: tuple[tuple[int, int], ...] = ((1, 0), (-1, 0), (0, 1), (0, -1))

AROUND: Mapping[str, tuple[tuple[Offset, ...], int]] = {
    "lava_adjacent": (
        tuple((x, y, z) for y in (-1, 0, 1, 2) for x in (-1, 0, 1) for z in (-1, 0, 1)),
        LAVAS,
    ),
    "cactus": (
        (*((x, y, z) for y in (0, 1) for x, z in _SIDES), (0, 2, 0)),
        HARM,
    ),
}
"""Offsets (x, y, z) from the feet that are looked at, and the bits of which one is enough."""

DEEP_AROUND: tuple[Offset, ...] = ((0, 0, 0), *((x, y, z) for y in (0, -1) for x, z in _SIDES))
"""Offsets at which water with water under it makes deep_water."""

LAYERS: tuple[str, ...] = ("hostile_zone", "dark_area")
"""Hazards that come as layers, because they change while the bot walks."""

LETHAL_FALL = 23
"""Blocks of fall that kill a player of full health, unless into water (Minecraft Wiki, "Damage", "Fall damage")."""
UNSEEN_FALL = 4
"""Blocks of fall seen before the grid ends, from which on what cannot be seen counts as lethal."""


def check_layers(grid: OccupancyGrid, layers: Layers) -> None:
    """Raises `PolicyError` for a layer without a meaning and `GridError` for one that does not fit the grid."""
    for name in sorted(layers):
        if name not in LAYERS:
            raise PolicyError(f"layer {name!r}: no hazard of that name is a layer; known: {', '.join(LAYERS)}")
        if layers[name].shape != grid.blocks.shape or layers[name].dtype != np.bool_:
            raise GridError(f"layer {name!r}: expected a bool array of shape {grid.blocks.shape}")


def penalties(
    grid: OccupancyGrid,
    flags: npt.NDArray[np.uint8],
    place: npt.NDArray[np.int16],
    policy: HazardPolicy,
    layers: Layers,
    *,
    everywhere: bool = True,
) -> npt.NDArray[np.int32]:
    """What entering each node costs on top of the move, in units.

    `everywhere` says that the places are most of the grid's: then it pays to look first what occurs at all.
    """
    enter = np.zeros(len(place), np.int32)
    present = int(np.bitwise_or.reduce(flags, axis=None)) if everywhere else 255
    for hazard, (around, bits) in AROUND.items():
        amount = policy.units(hazard)
        if amount and present & bits:
            kernels_graph.mark_touching(flags, place, np.array(around, np.int32), np.uint8(bits), amount, enter)
    amount = policy.units("deep_water")
    if amount and present & SWIM:
        kernels_graph.mark_deep(flags, place, np.array(DEEP_AROUND, np.int32), np.uint8(SWIM), amount, enter)
    amount = policy.units("cliff_lethal")
    if amount:
        kernels_graph.mark_cliffs(flags, place, LETHAL_FALL, UNSEEN_FALL, amount, enter)
    for name in LAYERS:
        amount = policy.units(name)
        if amount and name in layers:
            kernels_graph.mark_layer(np.ascontiguousarray(layers[name]), place, amount, enter)
    return enter
