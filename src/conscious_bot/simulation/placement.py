"""Which block state comes of placing an item against a face. Pure."""

from __future__ import annotations

import math

from conscious_bot.body.port import Face
from conscious_bot.contracts import BlockPos
from conscious_bot.game.tables import Block, Tables

__all__ = ["OFFSETS", "answers_clicks", "horizontal", "needs_floor", "placed_state"]

OFFSETS: dict[Face, BlockPos] = {
    "up": (0, 1, 0),
    "down": (0, -1, 0),
    "north": (0, 0, -1),
    "south": (0, 0, 1),
    "east": (1, 0, 0),
    "west": (-1, 0, 0),
}
"""The neighbour on each side."""

_OPPOSITE: dict[str, str] = {
    "north": "south",
    "south": "north",
    "east": "west",
    "west": "east",
    "up": "down",
    "down": "up",
}
_AXIS: dict[str, str] = {"up": "y", "down": "y", "north": "z", "south": "z", "east": "x", "west": "x"}
_COMPASS = ("south", "west", "north", "east")  # by quarter turns of yaw
# Minecraft Wiki, "Block states": these look where the placer looks; other facings look back at the placer.
_LOOKS_AWAY = ("_stairs", "_fence_gate", "_door", "_bed")
_WALL = {"torch": "wall_torch", "soul_torch": "soul_wall_torch", "redstone_torch": "redstone_wall_torch"}
# Minecraft Wiki, "Planting" and the blocks' own pages: what falls off without a floor of these.
_SOIL = frozenset({"grass_block", "dirt", "coarse_dirt", "podzol", "farmland", "rooted_dirt", "moss_block", "mud"})
_CROPS = frozenset({"wheat", "carrots", "potatoes", "beetroots", "melon_stem", "pumpkin_stem"})


_TALL_PLANTS = frozenset({"sunflower", "lilac", "rose_bush", "peony", "tall_grass", "large_fern", "pitcher_plant"})


# Minecraft Wiki, "Controls" (use item, sneak) and the blocks' own pages: what opens, turns, switches or lets one lie
# down when it is clicked, whatever the hand holds.
_ANSWER = frozenset(
    {
        "chest", "trapped_chest", "ender_chest", "barrel", "furnace", "smoker", "blast_furnace", "crafting_table",
        "anvil", "chipped_anvil", "damaged_anvil", "hopper", "dropper", "dispenser", "lever", "brewing_stand",
        "enchanting_table", "beacon", "loom", "grindstone", "stonecutter", "cartography_table", "smithing_table",
        "note_block", "repeater", "comparator", "daylight_detector", "cake", "bell",
    }
)  # fmt: skip
_ANSWERING = ("_door", "_trapdoor", "_fence_gate", "_button", "_bed", "shulker_box")


def answers_clicks(name: str) -> bool:
    """Whether a click on this block is the block's, so that whoever puts something against it has to sneak."""
    return name in _ANSWER or (name.endswith(_ANSWERING) and name not in ("iron_door", "iron_trapdoor"))


def needs_floor(name: str) -> frozenset[str] | None:
    """The blocks on which this one must stand; empty for any full top, None if it needs none."""
    if name in _CROPS:
        return frozenset({"farmland"})
    if name.endswith("_sapling"):
        return _SOIL
    if name in _WALL or name.endswith(("_pressure_plate", "rail")):
        return frozenset()
    return None


def horizontal(yaw: float) -> str:
    """The compass direction a player looks to."""
    return _COMPASS[math.floor(yaw / (math.pi / 2) + 0.5) % 4]


def placed_state(
    tables: Tables, block: Block, face: Face, yaw: float, pitch: float, *, floor: str, full_floor: bool, full_wall: bool
) -> int | None:
    """The state to put down, None if it cannot be placed so.

    `face` is the side of the block that was clicked, `floor` the name of the block under the new one,
    `full_floor` and `full_wall` whether that and the clicked block give full support. Of what consists of two
    blocks it is the lower half or the foot; `pairs.partner` tells the other.
    """
    keys = dict(block.properties)
    name = block.name
    tall = "half" in keys and set(keys["half"]) == {"upper", "lower"}
    if tall and name not in _TALL_PLANTS and not name.endswith("_door"):
        return None
    if tall and not (floor in _SOIL if name in _TALL_PLANTS else full_floor):
        return None
    if name in _WALL:
        if face == "down":
            return None
        if face != "up":
            return tables.state_of(_WALL[name], facing=face) if full_wall else None
    if name == "ladder":
        return tables.state_of(name, facing=face) if full_wall and face not in ("up", "down") else None
    wanted = needs_floor(name)
    if wanted is not None and not (floor in wanted if wanted else full_floor):
        return None
    chosen: dict[str, str] = {}
    if "axis" in keys:
        chosen["axis"] = _AXIS[face]
    if "facing" in keys:
        looks = horizontal(yaw)
        steep = "up" if pitch > math.pi / 4 else "down" if pitch < -math.pi / 4 else None
        if name.endswith(_LOOKS_AWAY):
            chosen["facing"] = looks
        elif steep is not None and "up" in keys["facing"]:
            chosen["facing"] = _OPPOSITE[steep]
        else:
            chosen["facing"] = _OPPOSITE[looks]
        if chosen["facing"] not in keys["facing"]:
            del chosen["facing"]
    if tall:
        chosen["half"] = "lower"
    if "part" in keys:
        chosen["part"] = "foot"
    if name.endswith("_slab"):
        chosen["type"] = "top" if face == "down" else "bottom"
    if name.endswith(("_stairs", "_trapdoor")):
        chosen["half"] = "top" if face == "down" else "bottom"
    return tables.state_of(name, **chosen)
