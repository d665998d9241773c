"""The moves, one file each, and the sets they form."""

from __future__ import annotations

from conscious_bot.sterling.moves.base import DIRECTIONS, Move, Need, Step
from conscious_bot.sterling.moves.descend import DESCEND
from conscious_bot.sterling.moves.jump_up import JUMP_UP
from conscious_bot.sterling.moves.moveset import EXTENDED, MOVE_SETS, PHASE1, MoveSet
from conscious_bot.sterling.moves.walk import WALK

__all__ = [
    "DESCEND",
    "DIRECTIONS",
    "EXTENDED",
    "JUMP_UP",
    "MOVE_SETS",
    "PHASE1",
    "WALK",
    "Move",
    "MoveSet",
    "Need",
    "Step",
]
