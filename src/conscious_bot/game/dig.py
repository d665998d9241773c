"""How long breaking a block takes, and with what it gives its drops.

The rule is the game's own (Minecraft Wiki: Breaking, "Calculation"): damage per tick is the tool's speed
over the block's hardness, over 30 if the tool can harvest it and over 100 if not.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from conscious_bot.game.facts import Block

__all__ = ["can_harvest", "dig_ticks", "speeds_of"]


def speeds_of(material: str, speeds: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """The speed of every tool that is made for this material; a material may join several by `;`."""
    if material in speeds:
        return dict(speeds[material])
    joined: dict[str, float] = {}
    for part in material.split(";"):
        for tool, speed in speeds.get(part, {}).items():
            joined[tool] = max(speed, joined.get(tool, 1.0))
    return joined


def can_harvest(block: Block, tool: str | None) -> bool:
    """Whether breaking it with this item gives its drops."""
    return not block.harvest_tools or tool in block.harvest_tools


def dig_ticks(block: Block, tool: str | None, speed: float, *, on_ground: bool, in_water: bool) -> int | None:
    """Ticks to break it at this tool speed; 0 for what breaks at once, None for what never breaks."""
    if not block.diggable or block.hardness is None:
        return None
    slowed = speed / (1 if on_ground else 5) / (5 if in_water else 1)
    work = block.hardness * (30 if can_harvest(block, tool) else 100) / slowed
    # 1.5 * 100 must not become 151 by the last bit of a float.
    return 0 if work <= 1 + 1e-6 else math.ceil(work - 1e-6)
