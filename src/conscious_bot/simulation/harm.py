"""Which block states hurt whoever touches them, and which soften a fall; flat arrays for the kernels.

Sources, Minecraft Wiki: "Damage" (fire, cactus, magma block, campfire, sweet berry bush, suffocation) and the
blocks' own pages; "Damage", section "Fall damage" (hay bale, honey block, slime block, bed, powder snow).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from conscious_bot.game.tables import Tables

__all__ = ["BERRIES", "BURNS", "CACTUS", "CAMPFIRE", "HOT_FLOOR", "SOUL", "SUFFOCATES", "make_cushions", "make_harm"]

SUFFOCATES = 1
"""A full, opaque cube: a head inside it suffocates."""
BURNS = 2
"""Fire."""
SOUL = 4
"""Soul fire or a soul campfire: twice the damage."""
CACTUS = 8
HOT_FLOOR = 16
"""Magma: hurts who stands on it."""
CAMPFIRE = 32
BERRIES = 64
"""A grown sweet berry bush: hurts who moves in it."""

_BY_NAME = {
    "fire": BURNS,
    "soul_fire": BURNS | SOUL,
    "cactus": CACTUS,
    "magma_block": HOT_FLOOR,
    "campfire": CAMPFIRE,
    "soul_campfire": CAMPFIRE | SOUL,
    "sweet_berry_bush": BERRIES,
}
# Full cubes that light passes, and these, smother nobody.
_BREATHABLE = frozenset({"barrier", "moving_piston", "soul_sand", "mud", "farmland", "dirt_path"})
_CUSHIONS = {"hay_block": 0.2, "honey_block": 0.2, "slime_block": 0.0, "powder_snow": 0.0}


def make_harm(tables: Tables) -> npt.NDArray[np.uint8]:
    """The flags above for every 16-bit state id; none for ids the version lacks."""
    harm = np.zeros(1 << 16, np.uint8)
    offsets, rows = tables.collision_boxes
    full = np.array([0.0, 0, 0, 1, 1, 1])
    for name, block in tables.blocks.items():
        states = slice(block.min_state, block.max_state + 1)
        harm[states] = _BY_NAME.get(name, 0)
        if not block.transparent and name not in _BREATHABLE:
            for state in range(block.min_state, block.max_state + 1):
                if offsets[state + 1] - offsets[state] == 1 and np.array_equal(rows[offsets[state]], full):
                    harm[state] |= SUFFOCATES
        if name in ("campfire", "soul_campfire", "sweet_berry_bush"):
            for state in range(block.min_state, block.max_state + 1):
                properties = tables.properties_of(state)
                if properties.get("lit") == "false" or properties.get("age") == "0":
                    harm[state] = 0
    return harm


def make_cushions(tables: Tables) -> npt.NDArray[np.float64]:
    """By state of the block one lands on: what part of a fall's damage is left; -1 for a bed, which halves the fall."""
    cushions = np.ones(1 << 16)
    for name, block in tables.blocks.items():
        states = slice(block.min_state, block.max_state + 1)
        if name in _CUSHIONS:
            cushions[states] = _CUSHIONS[name]
        elif name.endswith("_bed"):
            cushions[states] = -1.0
    return cushions
