"""The one classifier of blocks for navigation.

Each block state has one of six classes:

0 `AIR`     nothing to bump into and nothing that hurts
1 `SOLID`   has a collision box, whole or partial
2 `WATER`   water, and what is always full of it
3 `LAVA`
4 `LADDER`  what a player climbs: ladders, vines, scaffolding
5 `HAZARD`  hurts or holds whoever enters or stands on it

`UNKNOWN` cells (not loaded) are `SOLID`: nobody walks into or through what was never seen.

Six classes cannot say how high a block is, so a second array, `floors`, says which states carry a
walker's feet at the cell's upper edge: the top of the box lies between 0.875 (soul sand, 8 layers of
snow) and 1.0 and covers at least a quarter of the cell. Everything else that is solid (fences and walls,
which are 1.5 high and out of a jump's reach, lower slabs, beds, doors, unseen cells) is no floor.
A grid on the wire expresses that within the contract (`OccupancyGrid.bare`): an `AIR` cell right above a
solid cell that is no floor becomes `HAZARD`, so that its reader never stands there. (A fence does reach
into that cell; on a slab the feet would be in the slab's own cell, and half steps are not among the first
moves.)

A box from the cell's bottom up to at most 0.1875 (carpet, 2 layers of snow, lily pad, repeater, lower
closed trapdoor) counts as `AIR`: a jump of 1.25 still gets on top of one block and it, and a body of 1.8
still fits under a ceiling 2 above its floor. The cell below stays the floor.

A door, gate or trapdoor keeps a thin box when open and is `SOLID`; moves that open doors look at the
state itself. What the named kinds count as stands in the tables below, with the wiki's page for hazards.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from conscious_bot.game.tables import Tables
from conscious_bot.world.grid import OccupancyGrid
from conscious_bot.world.region import UNKNOWN, VoxelRegion

__all__ = ["Classes", "Occupancy", "classes_of", "classify"]

STEP_OVER = 0.1875
"""The highest box, in blocks, that counts as nothing in the way."""
LOWEST_FLOOR, HIGHEST_FLOOR = 0.875, 1.0
"""Between which heights a box's top carries a walker at the cell's upper edge (soul sand is 0.875)."""


class Occupancy(IntEnum):
    """The classes of the documented contract."""

    AIR = 0
    SOLID = 1
    WATER = 2
    LAVA = 3
    LADDER = 4
    HAZARD = 5


_WATER = frozenset({"water", "flowing_water", "bubble_column", "seagrass", "tall_seagrass", "kelp", "kelp_plant"})
_LAVA = frozenset({"lava", "flowing_lava"})
_LADDER = frozenset(
    {
        "ladder", "vine", "scaffolding", "weeping_vines", "weeping_vines_plant", "twisting_vines",
        "twisting_vines_plant", "cave_vines", "cave_vines_plant",
    }
)  # fmt: skip
_HAZARD = frozenset(
    {
        "cactus", "fire", "soul_fire",  # Minecraft Wiki: Damage, "Sources"
        "magma_block", "magma",  # Minecraft Wiki: Magma Block
        "campfire", "soul_campfire",  # Minecraft Wiki: Campfire (unlit too: whoever lights it is not asked)
        "sweet_berry_bush",  # Minecraft Wiki: Sweet Berry Bush
        "wither_rose",  # Minecraft Wiki: Wither Rose
        "powder_snow",  # Minecraft Wiki: Powder Snow
        "cobweb", "web",  # Minecraft Wiki: Cobweb (no damage, but it holds)
        "pointed_dripstone",  # Minecraft Wiki: Pointed Dripstone
        "nether_portal", "portal", "end_portal", "end_gateway",  # they take the body elsewhere
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Classes:
    """The classifier's answer for every state of a version; both arrays have 65,536 entries.

    `classes` holds an `Occupancy` as uint8, `floors` whether the state carries feet at the cell's top.
    """

    classes: npt.NDArray[np.uint8]
    floors: npt.NDArray[np.bool_]


@lru_cache(maxsize=8)
def classes_of(tables: Tables) -> Classes:
    """Classify every state of the version, once; the arrays are read-only and shared."""
    offsets, boxes = tables.collision_boxes
    count = tables.state_count
    starts, ends = offsets[:-1], offsets[1:]
    has_box = ends > starts
    top = np.zeros(count, dtype=np.float32)
    low = np.ones(count, dtype=np.float32)
    cover = np.zeros(count, dtype=np.float32)
    states = np.repeat(np.arange(count), ends - starts)
    np.maximum.at(top, states, boxes[:, 4])
    np.minimum.at(low, states, boxes[:, 1])
    # Only a box that reaches the top carries; how much of the cell's area lies under feet.
    reaches = boxes[:, 4] >= top[states] - 1e-6
    area = (boxes[:, 3] - boxes[:, 0]) * (boxes[:, 5] - boxes[:, 2])
    np.add.at(cover, states[reaches], area[reaches])

    classes = np.full(UNKNOWN + 1, Occupancy.SOLID, dtype=np.uint8)
    floors = np.zeros(UNKNOWN + 1, dtype=np.bool_)
    flat = (low <= 1e-6) & (top <= STEP_OVER + 1e-6)
    classes[:count] = np.where(has_box & ~flat, Occupancy.SOLID, Occupancy.AIR)
    # A corner of a brewing stand's rod carries nobody: at least a quarter of the cell.
    floors[:count] = has_box & (top >= LOWEST_FLOOR - 1e-6) & (top <= HIGHEST_FLOOR + 1e-6) & (cover >= 0.25 - 1e-6)
    for name, block in tables.blocks.items():
        kind = _by_name(name)
        span = slice(block.min_state, block.max_state + 1)
        if kind is not None:
            classes[span] = kind
            floors[span] = False
        elif any(key == "waterlogged" for key, _ in block.properties):
            _flood(tables, classes, span)
    classes.flags.writeable = floors.flags.writeable = False
    return Classes(classes, floors)


def _by_name(name: str) -> Occupancy | None:
    if name in _WATER:
        return Occupancy.WATER
    if name in _LAVA:
        return Occupancy.LAVA
    if name in _LADDER:
        return Occupancy.LADDER
    return Occupancy.HAZARD if name in _HAZARD else None


def _flood(tables: Tables, classes: npt.NDArray[np.uint8], span: slice) -> None:
    """A waterlogged block that one walks through is water."""
    for state in range(span.start, span.stop):
        if classes[state] == Occupancy.AIR and tables.properties_of(state)["waterlogged"] == "true":
            classes[state] = Occupancy.WATER


def classify(region: VoxelRegion, tables: Tables) -> OccupancyGrid:
    """The occupancy grid of a scanned region, with its layer of floors."""
    known = classes_of(tables)
    return OccupancyGrid(region.origin, known.classes[region.blocks], known.floors[region.blocks])
