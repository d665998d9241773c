"""Move sets: which moves count together, where a body may rest, and what the estimate may assume."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from conscious_bot.sterling.flags import CLIMB, FLOOR, FREE, SWIM
from conscious_bot.sterling.moves.base import Move, Step
from conscious_bot.sterling.moves.climb import CLIMBS
from conscious_bot.sterling.moves.descend import DESCEND
from conscious_bot.sterling.moves.diagonal import DIAGONAL
from conscious_bot.sterling.moves.dive import DIVES
from conscious_bot.sterling.moves.fall import FALLS
from conscious_bot.sterling.moves.gap import GAPS
from conscious_bot.sterling.moves.jump_up import JUMP_UP
from conscious_bot.sterling.moves.swim import SWIMS
from conscious_bot.sterling.moves.walk import WALK

__all__ = ["EXTENDED", "MOVE_SETS", "PHASE1", "MoveSet", "Rest"]


@dataclass(frozen=True, slots=True)
class Rest:
    """A way of resting in a cell: bits of which one must be set below, at the feet, at the head; 0: whatever."""

    below: int
    feet: int
    head: int


STANDING = Rest(FLOOR, FREE, FREE)
SWIMMING = Rest(0, SWIM, FREE | SWIM)
CLIMBING = Rest(0, CLIMB, FREE | CLIMB)


@dataclass(frozen=True)
class MoveSet:
    """A closed set of moves, the ways of resting between them, and the estimate's rates in units.

    `level`, `up` and `down` are what a cell aside, a cell up and a cell down cost at least. Without a
    `diagonal` the estimate couples them as the documents do; with one (what a diagonal cell costs at least)
    it takes the dearest of the three bounds. A test proves for each set that it is consistent.
    """

    name: str
    moves: tuple[Move, ...]
    rests: tuple[Rest, ...]
    level: int
    up: int
    down: int
    diagonal: int = 0

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Every move in every direction; a step's place in here is its number in the kernels."""
        return tuple(step for move in self.moves for step in move.steps())

    def rest(self, flags: Callable[[int], int]) -> bool:
        """Whether a body can rest in a cell, from the bits of the cells at heights relative to it."""
        return any(
            all(not bits or flags(dy) & bits for dy, bits in ((-1, rest.below), (0, rest.feet), (1, rest.head)))
            for rest in self.rests
        )


PHASE1 = MoveSet("phase1", (WALK, JUMP_UP, DESCEND), (STANDING,), level=WALK.cost, up=JUMP_UP.cost, down=DESCEND.cost)
"""The documents' move set, exactly: four directions, walk 1.0, jump_up 2.0, descend 0.8."""

EXTENDED = MoveSet(
    "extended",
    (*PHASE1.moves, DIAGONAL, *FALLS, *DIVES, *SWIMS, *CLIMBS, *GAPS),
    (STANDING, SWIMMING, CLIMBING),
    level=4,  # descend; the longest gap comes to a little more a cell
    up=9,  # climbing
    down=2,  # the deepest dive
    diagonal=6,
)
"""Diagonals, harmless falls, water, ladders and gaps on top."""

MOVE_SETS: Mapping[str, MoveSet] = {PHASE1.name: PHASE1, EXTENDED.name: EXTENDED}
