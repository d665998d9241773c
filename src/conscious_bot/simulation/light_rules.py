"""What each block state does to light, packed for kernels.

minecraft-data gives one emission and one opacity per kind of block, that of its usual state. What depends
on the state stands here, from the Minecraft Wiki, "Light" (levels of lit furnaces, candles and others) and
"Opacity". Blocks that fill whole sides of their cell without being opaque (slabs, stairs, farmland) stop
light at those sides.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from conscious_bot.game.tables import Block, Tables

__all__ = ["EMIT_SHIFT", "FACE_SHIFT", "light_rules", "sides_of"]

EMIT_SHIFT = 4
"""Bits 0 to 3 of a rule: what the cell takes away; bits 4 to 7: what it gives."""
FACE_SHIFT = 8
"""Bits 8 to 13: sides that stop light, in the order -x, +x, -y, +y, -z, +z."""

_OPAQUE = 15
_LIT = {
    "furnace": 13,
    "blast_furnace": 13,
    "smoker": 13,
    "redstone_lamp": 15,
    "redstone_ore": 9,
    "deepslate_redstone_ore": 9,
    "redstone_torch": 7,
    "redstone_wall_torch": 7,
    "campfire": 15,
    "soul_campfire": 10,
    "copper_bulb": 15,
    "exposed_copper_bulb": 12,
    "weathered_copper_bulb": 8,
    "oxidized_copper_bulb": 4,
}
"""Emission of what can be lit, when it is."""
_SHAPED = frozenset(
    {"farmland", "dirt_path", "snow", "enchanting_table", "end_portal_frame", "lectern", "stonecutter", "piston_head"}
)
"""Besides slabs and stairs: what stops light at the sides it fills."""


def light_rules(tables: Tables) -> npt.NDArray[np.uint16]:
    """The rule of every state; what is unknown is opaque and dark. 65,536 entries."""
    rules = np.full(1 << 16, _OPAQUE, np.uint16)
    shapes: dict[bytes, int] = {}
    for block in tables.blocks.values():
        shaped = block.name in _SHAPED or block.name.endswith(("_slab", "_stairs"))
        names = {name for name, _ in block.properties}
        varies = shaped or bool(names & {"lit", "waterlogged", "level", "berries", "charges"})
        rules[block.min_state : block.max_state + 1] = block.filter_light | block.emit_light << EMIT_SHIFT
        if not varies:
            continue
        for state in range(block.min_state, block.max_state + 1):
            properties = tables.properties_of(state)
            taken = _taken(block, properties)
            rule = taken | _given(block, properties) << EMIT_SHIFT
            if shaped and taken < _OPAQUE:
                rule |= sides_of(tables, state, shapes) << FACE_SHIFT
            rules[state] = rule
    return rules


def _given(block: Block, properties: Mapping[str, str]) -> int:
    """Emission of one state."""
    lit = properties.get("lit") == "true"
    if block.name in _LIT:
        return _LIT[block.name] if lit else 0
    if block.name == "candle_cake" or block.name.endswith("_candle_cake"):
        return 3 if lit else 0
    if block.name == "candle" or block.name.endswith("_candle"):
        return 3 * int(properties["candles"]) if lit else 0
    if block.name in {"cave_vines", "cave_vines_plant"}:
        return 14 if properties["berries"] == "true" else 0
    if block.name == "sea_pickle":
        return 3 + 3 * int(properties["pickles"]) if properties["waterlogged"] == "true" else 0
    if block.name == "respawn_anchor":
        return (0, 3, 7, 11, 15)[int(properties["charges"])]
    if block.name == "light":
        return int(properties["level"])
    if block.name == "glow_lichen":
        return 7
    return block.emit_light


def _taken(block: Block, properties: Mapping[str, str]) -> int:
    """What one state takes away from light that enters; at least 1 is lost on every step in any case."""
    if properties.get("type") == "double" or (block.name == "snow" and properties["layers"] == "8"):
        return _OPAQUE
    if properties.get("waterlogged") == "true":
        return max(block.filter_light, 1)
    return block.filter_light


def sides_of(tables: Tables, state: int, known: dict[bytes, int]) -> int:
    """The sides that the state's collision shape fills, one bit each; `known` remembers shapes."""
    offsets, boxes = tables.collision_boxes
    shape = boxes[offsets[state] : offsets[state + 1]]
    key = shape.tobytes()
    if key not in known:
        known[key] = sum(_fills(shape, side) << side for side in range(6))
    return known[key]


def _fills(shape: npt.NDArray[np.float32], side: int) -> bool:
    """Whether boxes cover a side of the cell, checked on a grid of a sixteenth of a block."""
    axis, far = divmod(side, 2)
    first, second = (a for a in range(3) if a != axis)
    covered = np.zeros((16, 16), np.bool_)
    for box in shape.tolist():
        if (box[axis + 3] >= 1.0) if far else (box[axis] <= 0.0):
            a0, a1, b0, b1 = (round(16 * box[k]) for k in (first, first + 3, second, second + 3))
            covered[max(a0, 0) : a1, max(b0, 0) : b1] = True
    return bool(covered.all())
