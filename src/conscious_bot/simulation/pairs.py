"""Blocks that consist of two: doors, beds, tall plants, double chests. Pure.

Sources, Minecraft Wiki: "Door", "Bed", "Chest", section "Usage", "Flower" (tall flowers).
"""

from __future__ import annotations

from conscious_bot.contracts import BlockPos
from conscious_bot.game.tables import Tables

__all__ = ["STEPS", "chest_partner", "is_tall", "partner", "turned"]

STEPS: dict[str, BlockPos] = {"north": (0, 0, -1), "south": (0, 0, 1), "west": (-1, 0, 0), "east": (1, 0, 0)}
"""One cell in each compass direction."""

_CLOCKWISE = ("north", "east", "south", "west")
_OTHER = {"upper": "lower", "lower": "upper", "head": "foot", "foot": "head"}


def turned(facing: str, quarters: int) -> str:
    """A compass direction turned clockwise, seen from above."""
    return _CLOCKWISE[(_CLOCKWISE.index(facing) + quarters) % 4]


def is_tall(properties: dict[str, str]) -> bool:
    """Whether a state is one half of something two blocks high."""
    return properties.get("half") in ("upper", "lower")


def _beside(pos: BlockPos, step: BlockPos) -> BlockPos:
    return pos[0] + step[0], pos[1] + step[1], pos[2] + step[2]


def partner(tables: Tables, pos: BlockPos, state: int) -> tuple[BlockPos, int] | None:
    """Where the other half of a block at `pos` belongs and its state; None for what is one block."""
    name, properties = tables.name_of(state), tables.properties_of(state)
    if is_tall(properties):
        other = dict(properties, half=_OTHER[properties["half"]])
        return _beside(pos, (0, 1 if properties["half"] == "lower" else -1, 0)), tables.state_of(name, **other)
    if "part" in properties:
        step = STEPS[properties["facing"]]
        sign = 1 if properties["part"] == "foot" else -1
        other = dict(properties, part=_OTHER[properties["part"]])
        return _beside(pos, (step[0] * sign, 0, step[2] * sign)), tables.state_of(name, **other)
    return None


def chest_partner(tables: Tables, pos: BlockPos, state: int) -> BlockPos | None:
    """Where the other half of a double chest stands; None for a single one and for what is no chest."""
    if tables.name_of(state) not in ("chest", "trapped_chest"):
        return None
    properties = tables.properties_of(state)
    if properties["type"] == "single":
        return None
    return _beside(pos, STEPS[turned(properties["facing"], 1 if properties["type"] == "left" else -1)])
