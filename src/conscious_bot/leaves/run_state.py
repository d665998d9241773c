"""What a run has come to know and to want: kept from leaf to leaf, written down at every checkpoint.

A run is one execution of one tree. Its movement goal is set by the movement leaves of the tree alone;
retreats and reflexes never change it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from conscious_bot.contracts import BlockPos, Wire

__all__ = ["MovementGoal", "RunState"]


class MovementGoal(Wire):
    """Where the run goes: a cell, and the tolerance in cells to the sides and up or down."""

    pos: BlockPos
    tolerance_xz: int = 0
    tolerance_y: int = 0

    def reached(self, cell: BlockPos) -> bool:
        """Whether a body in this cell is there."""
        dx, dy, dz = (abs(a - b) for a, b in zip(cell, self.pos, strict=True))
        return max(dx, dz) <= self.tolerance_xz and dy <= self.tolerance_y


class _Kept(Wire):
    """The JSON form."""

    goal: MovementGoal | None = None
    trail: tuple[BlockPos, ...] = ()
    cells: tuple[BlockPos, ...] = ()
    torches: tuple[BlockPos, ...] = ()
    sensed_radius: float | None = None
    sensed_at: float | None = None
    container: BlockPos | None = None
    wall: tuple[BlockPos, ...] = ()


@dataclass(slots=True)
class RunState:
    """The state of one run. Leaves change it as they go; `to_json` may be called between any two awaits.

    `cells` are all cells the body stood in, in the order of the first visit; `trail` is the way it came
    without the loops; `torches` are those the run placed; `sensed_radius` and `sensed_at` are those of the
    last sense_hostiles; `container` is the one that is meant when none is named;
    `wall` are the blocks that it put around the body and means to take back.
    """

    goal: MovementGoal | None = None
    trail: list[BlockPos] = field(default_factory=list[BlockPos])
    cells: dict[BlockPos, None] = field(default_factory=dict[BlockPos, None])
    torches: list[BlockPos] = field(default_factory=list[BlockPos])
    sensed_radius: float | None = None
    sensed_at: float | None = None
    container: BlockPos | None = None
    wall: list[BlockPos] = field(default_factory=list[BlockPos])

    def stood_in(self, cells: Iterable[BlockPos]) -> None:
        """The body came through these cells, one after the other."""
        for cell in cells:
            self.cells.setdefault(cell)
            if cell in self.trail:
                del self.trail[self.trail.index(cell) + 1 :]
            else:
                self.trail.append(cell)

    def cells_since_torch(self) -> int:
        """How many cells of the way lie behind the body since its last torch, from the start if there is none."""
        placed = set(self.torches)
        for steps, cell in enumerate(reversed(self.trail)):
            if cell in placed:
                return steps
        return max(0, len(self.trail) - 1)

    def to_json(self) -> dict[str, Any]:
        """Everything, as plain values."""
        return _Kept(
            goal=self.goal,
            trail=tuple(self.trail),
            cells=tuple(self.cells),
            torches=tuple(self.torches),
            sensed_radius=self.sensed_radius,
            sensed_at=self.sensed_at,
            container=self.container,
            wall=tuple(self.wall),
        ).wire()

    @classmethod
    def from_json(cls, document: object) -> RunState:
        """Read what `to_json` wrote. ValueError for anything else."""
        try:
            kept = _Kept.model_validate(document)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            place = "/".join(str(part) for part in first["loc"])
            raise ValueError(f"no run state, at /{place}: {first['msg']}") from error
        return cls(
            goal=kept.goal,
            trail=list(kept.trail),
            cells=dict.fromkeys(kept.cells),
            torches=list(kept.torches),
            sensed_radius=kept.sensed_radius,
            sensed_at=kept.sensed_at,
            container=kept.container,
            wall=list(kept.wall),
        )
