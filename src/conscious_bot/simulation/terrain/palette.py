"""The states that world generation uses, by the version's own names.

Kernels address them by position; `STONE` and the others are positions in the array that `palette` makes.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from conscious_bot.game.tables import Tables

__all__ = ["palette"]

# Each entry: names to try, the first that the version has counts, with the properties that matter.
# Versions before 1.18 have no deepslate and no copper; their stone and iron stand in.
_ENTRIES: tuple[tuple[tuple[str, ...], dict[str, str]], ...] = (
    (("air",), {}),
    (("stone",), {}),
    (("deepslate", "stone"), {"axis": "y"}),
    (("bedrock",), {}),
    (("dirt",), {}),
    (("grass_block",), {"snowy": "false"}),
    (("sand",), {}),
    (("sandstone",), {}),
    (("gravel",), {}),
    (("clay",), {}),
    (("water",), {"level": "0"}),
    (("lava",), {"level": "0"}),
    (("granite",), {}),
    (("diorite",), {}),
    (("andesite",), {}),
    (("tuff", "stone"), {}),
    (("coal_ore",), {}),
    (("deepslate_coal_ore", "coal_ore"), {}),
    (("iron_ore",), {}),
    (("deepslate_iron_ore", "iron_ore"), {}),
    (("copper_ore", "iron_ore"), {}),
    (("deepslate_copper_ore", "iron_ore"), {}),
    (("gold_ore",), {}),
    (("deepslate_gold_ore", "gold_ore"), {}),
    (("redstone_ore",), {"lit": "false"}),
    (("deepslate_redstone_ore", "redstone_ore"), {"lit": "false"}),
    (("lapis_ore",), {}),
    (("deepslate_lapis_ore", "lapis_ore"), {}),
    (("diamond_ore",), {}),
    (("deepslate_diamond_ore", "diamond_ore"), {}),
    (("oak_log",), {"axis": "y"}),
    (("birch_log",), {"axis": "y"}),
    (("spruce_log",), {"axis": "y"}),
    (("short_grass", "grass"), {}),
    (("dandelion",), {}),
    (("poppy",), {}),
    (("oxeye_daisy",), {}),
    (("cornflower", "poppy"), {}),
    (("fern",), {}),
    (("dead_bush",), {}),
    (("cactus",), {"age": "0"}),
    (("sugar_cane",), {"age": "0"}),
    (("brown_mushroom",), {}),
    (("red_mushroom",), {}),
    (("podzol",), {"snowy": "false"}),
    (("obsidian",), {}),
    (("magma_block",), {}),
)
_LEAVES = ("oak_leaves", "birch_leaves", "spruce_leaves")

(
    AIR,
    STONE,
    DEEPSLATE,
    BEDROCK,
    DIRT,
    GRASS,
    SAND,
    SANDSTONE,
    GRAVEL,
    CLAY,
    WATER,
    LAVA,
    GRANITE,
    DIORITE,
    ANDESITE,
    TUFF,
    COAL,
    DEEP_COAL,
    IRON,
    DEEP_IRON,
    COPPER,
    DEEP_COPPER,
    GOLD,
    DEEP_GOLD,
    REDSTONE,
    DEEP_REDSTONE,
    LAPIS,
    DEEP_LAPIS,
    DIAMOND,
    DEEP_DIAMOND,
    OAK_LOG,
    BIRCH_LOG,
    SPRUCE_LOG,
    SHORT_GRASS,
    DANDELION,
    POPPY,
    DAISY,
    CORNFLOWER,
    FERN,
    DEAD_BUSH,
    CACTUS,
    SUGAR_CANE,
    BROWN_MUSHROOM,
    RED_MUSHROOM,
    PODZOL,
    OBSIDIAN,
    MAGMA,
) = range(len(_ENTRIES))

OAK_LEAVES = len(_ENTRIES)
"""The leaves follow, seven states each: distance 1 to 7 from the nearest log."""
BIRCH_LEAVES = OAK_LEAVES + 7
SPRUCE_LEAVES = BIRCH_LEAVES + 7


def palette(tables: Tables) -> npt.NDArray[np.uint16]:
    """The states by position. KeyError names a block that the version lacks and nothing stands in for."""
    states: list[int] = []
    for names, properties in _ENTRIES:
        known = [name for name in names if name in tables.blocks]
        if not known:
            raise KeyError(f"version {tables.version} has no block {names[0]}")
        own = {key for key, _ in tables.blocks[known[0]].properties}
        states.append(tables.state_of(known[0], **{k: v for k, v in properties.items() if k in own}))
    for name in _LEAVES:
        states += [tables.state_of(name, distance=str(distance), persistent="false") for distance in range(1, 8)]
    return np.array(states, np.uint16)
