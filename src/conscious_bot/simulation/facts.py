"""What the kernels know of block states, as flat arrays built once from the version's tables.

The flags' constants are compiled into the njit kernels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
import numpy.typing as npt

from conscious_bot.game.tables import Tables
from conscious_bot.simulation.bundles import Bundle
from conscious_bot.simulation.harm import make_cushions, make_harm

__all__ = ["ASIDE", "CLIMBABLE", "FALLING", "LAVA", "LEVEL", "REPLACEABLE", "SOLID", "WATER", "Shapes", "make_shapes"]

SOLID = 1
"""The state has a collision box."""
WATER = 2
"""Water fills the cell, alone or around a block (kelp, waterlogged stairs)."""
LAVA = 4
"""Lava fills the cell."""
CLIMBABLE = 8
"""Ladders, vines and the like."""
REPLACEABLE = 16
"""A block may be placed in its stead without digging."""
ASIDE = 32
"""Its boxes leave the middle of the cell free, where a body passes: an open door."""

LEVEL, FALLING = 15, 16
"""Bits of `Shapes.fluid`."""

# Minecraft Wiki, "Replaceable blocks" (Java Edition 1.20).
_REPLACEABLE = frozenset(
    {
        "air", "cave_air", "void_air", "water", "lava", "bubble_column", "grass", "short_grass", "fern", "dead_bush",
        "seagrass", "tall_seagrass", "tall_grass", "large_fern", "vine", "glow_lichen", "fire", "soul_fire", "light",
        "structure_void", "nether_sprouts", "crimson_roots", "warped_roots", "hanging_roots",
    }
)  # fmt: skip
# Minecraft Wiki, "Climbing".
_CLIMBABLE = frozenset(
    {
        "ladder", "vine", "scaffolding", "weeping_vines", "weeping_vines_plant", "twisting_vines",
        "twisting_vines_plant", "cave_vines", "cave_vines_plant",
    }
)  # fmt: skip
# Minecraft Wiki, "Waterlogging": these hold water always.
_ALWAYS_WET = frozenset({"water", "bubble_column", "kelp", "kelp_plant", "seagrass", "tall_seagrass"})
# Minecraft Wiki, "Slipperiness".
_SLIPPERINESS = {"ice": 0.98, "packed_ice": 0.98, "frosted_ice": 0.98, "blue_ice": 0.989, "slime_block": 0.8}
_USUAL_SLIPPERINESS = 0.6
_LANE = (0.2, 0.8)  # where a body in the middle of its cell is


_STATES = 1 << 16
_SOURCE = 8  # ninths (Minecraft Wiki, "Fluid")


@dataclass(frozen=True, eq=False)
class Shapes(Bundle):
    """For every 16-bit state id; ids the version lacks (unloaded cells among them) are full, solid cubes."""

    first: Annotated[npt.NDArray[np.int32], (_STATES,)]
    """`first[state] .. first[state] + boxed[state]` index `boxes`."""
    boxed: Annotated[npt.NDArray[np.int32], (_STATES,)]
    boxes: Annotated[npt.NDArray[np.float64], (-1, 6)]
    """Rows (x0, y0, z0, x1, y1, z1) in the block's own coordinates."""
    flags: Annotated[npt.NDArray[np.uint8], (_STATES,)]
    top: Annotated[npt.NDArray[np.float64], (_STATES,)]
    """How high the state's boxes reach; 0 where there are none."""
    bottom: Annotated[npt.NDArray[np.float64], (_STATES,)]
    """How low they reach; 2 where there are none."""
    slip: Annotated[npt.NDArray[np.float64], (_STATES,)]
    """Slipperiness of the block one walks on."""
    harm: Annotated[npt.NDArray[np.uint8], (_STATES,)]
    """What touching it does: flags of harm.py."""
    cushion: Annotated[npt.NDArray[np.float64], (_STATES,)]
    """How a fall onto it is softened, as in harm.py."""
    fluid: Annotated[npt.NDArray[np.uint8], (_STATES,)]
    """How many ninths of the cell its water or lava fills by itself (`LEVEL`), and whether it falls (`FALLING`)."""


def make_shapes(tables: Tables) -> Shapes:
    """Lay the tables out for the kernels."""
    size = _STATES
    offsets, rows = tables.collision_boxes
    known = min(tables.state_count, size - 1)
    first = np.zeros(size, np.int32)
    count = np.ones(size, np.int32)
    boxes = np.concatenate([rows.astype(np.float64).reshape(-1, 6), np.array([[0.0, 0, 0, 1, 1, 1]])])
    first[:] = len(boxes) - 1
    first[:known] = offsets[:known]
    count[:known] = offsets[1 : known + 1] - offsets[:known]
    flags = np.full(size, SOLID, np.uint8)
    flags[:known] = np.where(count[:known] > 0, SOLID, 0).astype(np.uint8)
    top = np.ones(size)
    bottom = np.zeros(size)
    for state in range(known):
        own = boxes[first[state] : first[state] + count[state]]
        top[state] = own[:, 4].max() if len(own) else 0.0
        bottom[state] = own[:, 1].min() if len(own) else 2.0
        middle = (own[:, 0] < _LANE[1]) & (own[:, 3] > _LANE[0]) & (own[:, 2] < _LANE[1]) & (own[:, 5] > _LANE[0])
        if len(own) and not middle.any():
            flags[state] |= ASIDE
    slip = np.full(size, _USUAL_SLIPPERINESS)
    fluid = np.zeros(size, np.uint8)
    for name, block in tables.blocks.items():
        states = slice(block.min_state, block.max_state + 1)
        if name in _REPLACEABLE:
            flags[states] |= REPLACEABLE
        if name in _CLIMBABLE:
            flags[states] |= CLIMBABLE
        if name == "lava":
            flags[states] |= LAVA
        if name in _ALWAYS_WET:
            flags[states] |= WATER
        if name in _SLIPPERINESS:
            slip[states] = _SLIPPERINESS[name]
        wettable = any(key == "waterlogged" for key, _ in block.properties)
        layered = name == "snow"
        if wettable or layered:
            for state in range(block.min_state, block.max_state + 1):
                properties = tables.properties_of(state)
                if properties.get("waterlogged") == "true":
                    flags[state] |= WATER
                if layered and properties.get("layers") == "1":
                    flags[state] |= REPLACEABLE
    fluid[flags & (WATER | LAVA) > 0] = _SOURCE
    for name in ("water", "lava"):
        if name in tables.blocks:
            for state in range(tables.blocks[name].min_state, tables.blocks[name].max_state + 1):
                level = int(tables.properties_of(state)["level"])  # 0 a source, 1 to 7 thinner and thinner, 8 falling
                fluid[state] = _SOURCE | FALLING if level >= _SOURCE else _SOURCE - level
    return Shapes(first, count, boxes, flags, top, bottom, slip, make_harm(tables), make_cushions(tables), fluid)
