"""What each block state does by itself, from the version's tables.

Sources: Minecraft Wiki, "Falling Block", "Fluid", "Crops", "Farmland", "Leaves", "Sapling", "Sugar Cane", "Cactus"
and the blocks' own pages.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from conscious_bot.game.tables import Block, Tables
from conscious_bot.simulation.facts import REPLACEABLE, SOLID, Shapes
from conscious_bot.simulation.light_rules import sides_of
from conscious_bot.simulation.nature import layout as n

__all__ = ["nature_rules"]

_FALLS = frozenset({"sand", "red_sand", "gravel", "anvil", "chipped_anvil", "damaged_anvil", "dragon_egg"})
_CROPS = {"wheat": n.K_CROP, "carrots": n.K_CROP, "potatoes": n.K_CROP, "beetroots": n.K_BEETROOT}
_SOIL = frozenset(
    {"grass_block", "dirt", "coarse_dirt", "podzol", "farmland", "rooted_dirt", "moss_block", "mud", "mycelium"}
)
_SAND = frozenset({"sand", "red_sand", "suspicious_sand"})
_TREES = ("oak", "birch", "spruce", "jungle", "acacia", "cherry")
_FLOOR = frozenset(
    {"torch", "soul_torch", "redstone_torch", "redstone_wire", "repeater", "comparator", "rail", "powered_rail",
     "detector_rail", "activator_rail", "brown_mushroom", "red_mushroom"}
)  # fmt: skip
_FLOWERS = frozenset(
    {"dandelion", "poppy", "blue_orchid", "allium", "azure_bluet", "red_tulip", "orange_tulip", "white_tulip",
     "pink_tulip", "oxeye_daisy", "cornflower", "lily_of_the_valley", "torchflower", "short_grass", "grass", "fern",
     "sweet_berry_bush", "pink_petals"}
)  # fmt: skip
_WALL = ("wall_torch", "soul_wall_torch", "redstone_wall_torch", "ladder")
_FACING = {"east": n.N_WEST, "west": n.N_EAST, "south": n.N_NORTH, "north": n.N_SOUTH}
"""What is fixed to a wall looks away from it."""
_CLOSED = frozenset(
    {"ladder", "sugar_cane", "nether_portal", "end_portal", "end_gateway", "structure_void", "bubble_column", "light"}
)
"""Without a shape, and yet no fluid enters."""
_ALWAYS_WET = frozenset({"water", "bubble_column", "kelp", "kelp_plant", "seagrass", "tall_seagrass"})


def nature_rules(tables: Tables, shapes: Shapes, light: npt.NDArray[np.uint16]) -> n.Rules:
    """The rules of every state. KeyError names a block that the version lacks and this world cannot do without."""
    size = 1 << 16

    rules = n.Rules(
        table=np.zeros((size, 16), np.uint8),
        base=np.zeros(size, np.uint16),
        named=np.array([_named(tables, name) for name in n.NAMED] + [0] * (2 * len(_TREES)), np.int64),
    )
    for i, tree in enumerate(_TREES):
        if f"{tree}_log" in tables.blocks:
            rules.named[n.FIRST_TREE + 2 * i] = tables.state_of(f"{tree}_log")
            rules.named[n.FIRST_TREE + 2 * i + 1] = tables.state_of(f"{tree}_leaves", distance="1", persistent="false")
    rules.table[:, n.R_SOLID] = shapes.flags & SOLID != 0
    rules.table[:, n.R_YIELDS] = shapes.flags & REPLACEABLE != 0
    rules.table[:, n.R_OPAQUE] = light & 15
    known: dict[bytes, int] = {}
    for block in tables.blocks.values():
        rules.base[block.min_state : block.max_state + 1] = block.min_state
        for state in range(block.min_state, block.max_state + 1):
            _fill(rules, tables, block, state, known)
    return rules


def _named(tables: Tables, name: str) -> int:
    if name == "grass_block":
        return tables.state_of(name, snowy="false")
    return tables.blocks[name].min_state


def _fill(rules: n.Rules, tables: Tables, block: Block, state: int, shapes: dict[bytes, int]) -> None:
    """The rules of one state."""
    name = block.name
    properties = tables.properties_of(state) if block.max_state > block.min_state else {}
    offsets, _ = tables.collision_boxes
    solid = offsets[state + 1] > offsets[state]
    if solid and not name.endswith("_leaves"):
        rules.table[state, n.R_FACES] = sides_of(tables, state, shapes)
    wet = name in _ALWAYS_WET or properties.get("waterlogged") == "true"
    if name in ("water", "lava"):
        level = int(properties["level"])
        rules.table[state, n.R_FLUID] = n.F_WATER if name == "water" else n.F_LAVA
        rules.table[state, n.R_AMOUNT] = 8 if level == 0 or level >= 8 else 8 - level
        rules.table[state, n.R_SOURCE] = level == 0
        rules.table[state, n.R_FALLING] = level >= 8
    elif wet:
        rules.table[state, n.R_FLUID], rules.table[state, n.R_AMOUNT], rules.table[state, n.R_SOURCE] = n.F_WATER, 8, 1
    elif name in ("air", "cave_air", "void_air", "fire", "soul_fire"):
        rules.table[state, n.R_OPEN] = 1
    elif name.endswith("_carpet") or name == "snow" or (not solid and name not in _CLOSED and _washes(name)):
        rules.table[state, n.R_OPEN] = 2
    _set_kind(rules, tables, block, state, properties)
    rules.table[state, n.R_NEED] = _need(name, properties)
    if name in _SOIL:
        rules.table[state, n.R_GROUND] |= n.G_SOIL
    if name in _SAND or "terracotta" in name:
        rules.table[state, n.R_GROUND] |= n.G_SAND
    if name in _SAND or (name in _SOIL and name != "farmland") or name == "sugar_cane":
        rules.table[state, n.R_GROUND] |= n.G_CANE
    if name in _SAND or name == "cactus":
        rules.table[state, n.R_GROUND] |= n.G_CACTUS
    if name == "farmland":
        rules.table[state, n.R_GROUND] |= n.G_FARM


def _washes(name: str) -> bool:
    return not name.endswith(("_sign", "_door", "_banner", "_pressure_plate"))


def _set_kind(rules: n.Rules, tables: Tables, block: Block, state: int, properties: dict[str, str]) -> None:
    name = block.name
    kind, ticks = n.K_NONE, False
    if name in _FALLS:
        kind = n.K_FALLS
    elif name.endswith("_concrete_powder"):
        kind = n.K_POWDER
        rules.base[state] = tables.blocks[name.removesuffix("_powder")].default_state
    elif name in _CROPS:
        kind = _CROPS[name]
        rules.table[state, n.R_AGE] = int(properties["age"])
        rules.table[state, n.R_LAST] = block.max_state - block.min_state
        ticks = rules.table[state, n.R_AGE] < rules.table[state, n.R_LAST]
    elif name == "farmland":
        kind, ticks = n.K_FARMLAND, True
        rules.table[state, n.R_AGE] = int(properties["moisture"])
    elif name == "grass_block":
        kind, ticks = n.K_GRASS, True
    elif name == "dirt":
        kind = n.K_DIRT
    elif name.endswith("_leaves"):
        kind = n.K_LEAVES
        rules.table[state, n.R_AGE] = int(properties.get("distance", "1"))
        rules.table[state, n.R_KEEPS] = properties.get("persistent") == "true"
        ticks = rules.table[state, n.R_AGE] == n.NO_DISTANCE and not rules.table[state, n.R_KEEPS]
    elif name.endswith(("_log", "_wood", "_stem", "_hyphae")) and "axis" in properties:
        kind = n.K_LOG
    elif name.removesuffix("_sapling") in _TREES and name.endswith("_sapling"):
        kind, ticks = n.K_SAPLING, True
        rules.table[state, n.R_AGE] = int(properties["stage"])
        rules.table[state, n.R_LAST] = _TREES.index(name.removesuffix("_sapling"))
    elif name in ("sugar_cane", "cactus"):
        kind, ticks = n.K_CANE if name == "sugar_cane" else n.K_CACTUS, True
        rules.table[state, n.R_AGE] = int(properties["age"])
        rules.table[state, n.R_LAST] = 15
    elif name == "snow":
        kind, ticks = n.K_SNOW, True
    elif name == "ice":
        kind, ticks = n.K_ICE, True
    rules.table[state, n.R_KIND] = kind
    rules.table[state, n.R_TICKS] = ticks


def _need(name: str, properties: dict[str, str]) -> int:
    """What the state needs to stay."""
    half = properties.get("half")
    if half == "upper":
        return n.N_UPPER
    if half == "lower":
        return n.N_DOOR if name.endswith("_door") else n.N_DOUBLE if name not in ("tall_seagrass",) else n.N_NONE
    if name in _FLOOR or name.endswith(("_pressure_plate", "_sapling_pot")):
        return n.N_FLOOR
    if name in _WALL:
        return _FACING[properties["facing"]]
    if name.endswith("_sapling") or name in _FLOWERS:
        return n.N_SOIL
    if name in _CROPS or name in ("melon_stem", "pumpkin_stem"):
        return n.N_FARM
    fixed = {"sugar_cane": n.N_CANE, "cactus": n.N_CACTUS, "dead_bush": n.N_SAND, "snow": n.N_SNOW}
    if name in fixed:
        return fixed[name]
    if name.endswith("_carpet"):
        return n.N_ANY
    return n.N_NONE
