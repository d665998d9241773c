"""A move as data: where it leads, what it costs, which cells must be what.

The kernels and the plain Python twin both read this one description, so a move is one file with one
table. Offsets are (ahead, up, right) from the cell of the feet before the move; each move is turned
into all four directions, so a diagonal one (ahead 1, right 1) gives all four diagonals.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["DIRECTIONS", "CellNeed", "Direction", "Move", "Need", "Step"]


@dataclass(frozen=True, slots=True)
class Direction:
    """A heading: suffix of the op, and what one cell ahead and one to the right mean in (x, z)."""

    suffix: str
    ahead: tuple[int, int]
    right: tuple[int, int]


DIRECTIONS: tuple[Direction, ...] = (
    Direction("N", (0, -1), (1, 0)),
    Direction("S", (0, 1), (-1, 0)),
    Direction("E", (1, 0), (0, 1)),
    Direction("W", (-1, 0), (0, -1)),
)
"""North is -z, south +z, east +x, west -x."""

CellNeed = tuple[tuple[int, int, int], int, int, int]
"""(offset, all_of, any_of, none_of) of one cell of a step's clearance."""

_DIAGONAL_SUFFIX = {"N": "NE", "S": "SW", "E": "SE", "W": "NW"}


@dataclass(frozen=True, slots=True)
class Need:
    """One cell of a move's clearance: it must have all bits of `all_of`, one of `any_of`, none of `none_of`."""

    ahead: int
    up: int
    right: int = 0
    all_of: int = 0
    any_of: int = 0
    none_of: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """A move turned into one direction, offsets in (x, y, z)."""

    op: str
    offset: tuple[int, int, int]
    cost: int
    needs: tuple[CellNeed, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """One kind of movement. `cost` is in units (see `units.py`); both its ends must be cells of rest.

    What the cell of arrival needs to be a place of rest is the move set's business, so `needs` lists only
    what comes on top: the cells passed through, and what the take-off requires.
    """

    name: str
    cost: int
    to: tuple[int, int, int]
    """(ahead, up, right) of the feet afterwards."""
    needs: tuple[Need, ...]

    def steps(self) -> Iterable[Step]:
        """The move in each direction; one straight up or down has the suffix U or D instead."""
        ahead, up, right = self.to
        if ahead == right == 0:
            needs = tuple(((0, n.up, 0), n.all_of, n.any_of, n.none_of) for n in self.needs)
            yield Step(f"{self.name}_{'U' if up > 0 else 'D'}", (0, up, 0), self.cost, needs)
            return
        for direction in DIRECTIONS:
            suffix = _DIAGONAL_SUFFIX[direction.suffix] if right else direction.suffix
            yield Step(
                op=f"{self.name}_{suffix}",
                offset=_turn(direction, *self.to),
                cost=self.cost,
                needs=tuple(
                    (_turn(direction, n.ahead, n.up, n.right), n.all_of, n.any_of, n.none_of) for n in self.needs
                ),
            )


def _turn(direction: Direction, ahead: int, up: int, right: int) -> tuple[int, int, int]:
    """An offset in (x, y, z)."""
    (ax, az), (rx, rz) = direction.ahead, direction.right
    return ax * ahead + rx * right, up, az * ahead + rz * right
