"""What building has to know of blocks: what they hold on to, what gives way to them, what one can build against."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from conscious_bot.game.facts import OVERGROWN, WHOLE_ONCE
from conscious_bot.game.tables import Tables
from conscious_bot.sterling import kernels_construction as k
from conscious_bot.world.occupancy import Occupancy, classes_of
from conscious_bot.world.region import UNKNOWN

__all__ = ["counts_as", "flags_of", "holding", "holds_only_below", "replaceable"]

_BELOW, _ABOVE, _WEST, _EAST, _NORTH, _SOUTH = 1, 2, 4, 8, 16, 32
_ASIDE = _WEST | _EAST | _NORTH | _SOUTH
_ANY = _BELOW | _ABOVE | _ASIDE

_REPLACED = frozenset(
    {
        "air", "cave_air", "void_air", "short_grass", "grass", "tall_grass", "fern", "large_fern", "dead_bush", "snow",
        "fire", "soul_fire", "vine", "glow_lichen", "hanging_roots", "crimson_roots", "warped_roots",
        "nether_sprouts", "light", "tallgrass", "deadbush", "double_plant", "snow_layer",
    }
)  # fmt: skip
"""What a placed block takes the place of (Minecraft Wiki, "Placing"); liquids are not built into."""

# Minecraft Wiki, on the blocks' own pages: what they have to be put on or hung from, and fall off without.
_FLOOR_ONLY = (
    "_door", "_bed", "bed", "_carpet", "carpet", "_pressure_plate", "rail", "_sapling", "sapling", "redstone_wire",
    "repeater", "comparator", "cake", "_candle", "candle", "_sign", "_banner", "flower_pot", "snow", "moss_carpet",
)  # fmt: skip
_PLANTS = frozenset(
    {
        "dandelion", "poppy", "blue_orchid", "allium", "azure_bluet", "red_tulip", "orange_tulip", "white_tulip",
        "pink_tulip", "oxeye_daisy", "cornflower", "lily_of_the_valley", "wither_rose", "brown_mushroom",
        "red_mushroom", "wheat", "carrots", "potatoes", "beetroots", "sugar_cane", "cactus", "bamboo", "sunflower",
        "lilac", "rose_bush", "peony", "sweet_berry_bush", "nether_wart", "azalea", "flowering_azalea",
    }
)  # fmt: skip
_FALLING = ("sand", "gravel", "_concrete_powder", "anvil", "dragon_egg")
_TORCHES = frozenset({"torch", "soul_torch", "redstone_torch"})
# Minecraft Wiki, "Controls": using a block answers before the item in hand, so one does not build against these.
_ANSWERING = (
    "chest", "barrel", "crafting_table", "furnace", "smoker", "_door", "_trapdoor", "_fence_gate", "_bed", "_button",
    "lever", "anvil", "enchanting_table", "brewing_stand", "beacon", "hopper", "dispenser", "dropper", "loom",
    "cartography_table", "grindstone", "stonecutter", "smithing_table", "note_block", "jukebox", "shulker_box",
    "lectern", "repeater", "comparator", "cake", "_sign", "bell", "composter", "respawn_anchor", "daylight_detector",
    "flower_pot", "campfire", "cauldron", "_candle", "crafter", "command_block",
)  # fmt: skip


def replaceable(tables: Tables, block: str) -> bool:
    """Whether one builds where this block stands, without digging it first."""
    return block in _REPLACED and WHOLE_ONCE.get(block) not in tables.blocks


@lru_cache(maxsize=8)
def flags_of(tables: Tables) -> npt.NDArray[np.uint8]:
    """The kernels' flags for every state."""
    known = classes_of(tables)
    offsets, boxes = tables.collision_boxes
    count = tables.state_count
    flags = np.full(UNKNOWN + 1, k.SOLID | k.OPAQUE | k.BAR | k.TAKEN, dtype=np.uint8)
    has_box = offsets[1:] > offsets[:-1]
    single = np.flatnonzero(offsets[1:] - offsets[:-1] == 1)
    whole = np.zeros(count, dtype=np.bool_)
    whole[single] = np.all(boxes[offsets[:-1][single]] == np.array((0, 0, 0, 1, 1, 1), np.float32), axis=1)
    classes, floors = known.classes[:count], known.floors[:count]
    here = np.full(count, k.TAKEN, dtype=np.uint8)
    here[classes == Occupancy.SOLID] |= k.SOLID
    here[np.isin(classes, (Occupancy.WATER, Occupancy.LAVA, Occupancy.HAZARD))] |= k.BAR
    here[has_box] |= k.OPAQUE | k.SUPPORT
    here[floors] |= k.FLOOR
    here[whole] |= k.FULL
    for name, block in tables.blocks.items():
        span = slice(block.min_state, block.max_state + 1)
        if name.endswith(_ANSWERING):
            here[span] &= ~np.uint8(k.SUPPORT)
        if replaceable(tables, name):
            here[span] = 0
    flags[:count] = here
    flags.flags.writeable = False
    return flags


def holding(block: str) -> tuple[int, bool]:
    """From which sides a block may be held, and whether a whole cube has to hold it for good."""
    if block in _TORCHES:
        return _BELOW | _ASIDE, True
    if ("wall_" in block and not block.endswith("_wall")) or block in ("ladder", "tripwire_hook", "cocoa"):
        return _ASIDE, True
    if block.endswith(_FALLING) and block not in ("sandstone", "soul_sand"):
        return _BELOW, True
    if block in _PLANTS or (block.endswith(_FLOOR_ONLY) and not block.endswith("_hanging_sign")):
        return _BELOW, True
    if block.endswith("_button") or block == "lever":
        return _ANY, True
    if block in ("lantern", "soul_lantern") or block.endswith("_hanging_sign"):
        return _BELOW | _ABOVE, True
    return _ANY, False


def holds_only_below(block: str) -> bool:
    """Whether a block falls or falls off unless something stands under it."""
    return holding(block)[0] == _BELOW


def counts_as(wanted: str, there: str) -> bool:
    """Whether a block is what a blueprint asks for: torches and signs may hang on a wall instead of standing, and
    grass spreads over dirt and dies off in the dark by itself (Minecraft Wiki, "Grass Block")."""
    return wanted in (there, there.replace("wall_", "", 1)) or {wanted, there} <= OVERGROWN
