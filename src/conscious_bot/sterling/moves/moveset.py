"""Move sets: which moves count together, where a body may rest, and what the heuristic may assume."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from conscious_bot.sterling.flags import FLOOR, FREE
from conscious_bot.sterling.moves.base import Move, Step
from conscious_bot.sterling.moves.descend import DESCEND
from conscious_bot.sterling.moves.jump_up import JUMP_UP
from conscious_bot.sterling.moves.walk import WALK

__all__ = ["MOVE_SETS", "PHASE1", "MoveSet"]


@dataclass(frozen=True)
class MoveSet:
    """A closed set of moves.

    `level`, `up` and `down` are what one cell to the side costs at least on the level, going up one, going
    down one, in units; the heuristic is built from them. `swims` and `climbs` say whether cells of water
    and ladders are places of rest too.
    """

    name: str
    moves: tuple[Move, ...]
    level: int
    up: int
    down: int
    swims: bool = False
    climbs: bool = False

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Every move in every direction; a step's place in here is its number in the kernels."""
        return tuple(step for move in self.moves for step in move.steps())

    def rest(self, flags: Callable[[int], int]) -> bool:
        """Whether a body can rest in a cell, from the bits of the cells at heights relative to it.

        Standing: feet and head free, the cell under them a floor. The kernels' `mark_nodes` says the same.
        """
        return bool(flags(0) & flags(1) & FREE and flags(-1) & FLOOR)


PHASE1 = MoveSet("phase1", (WALK, JUMP_UP, DESCEND), level=WALK.cost, up=JUMP_UP.cost, down=DESCEND.cost)
"""The documents' move set, exactly: four directions, walk 1.0, jump_up 2.0, descend 0.8."""

MOVE_SETS: Mapping[str, MoveSet] = {PHASE1.name: PHASE1}
