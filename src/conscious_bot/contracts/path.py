"""The steps of a planned way, as planner and body both understand them."""

from __future__ import annotations

from conscious_bot.contracts.base import BlockPos, Wire

__all__ = ["Primitive"]


class Primitive(Wire):
    """One movement into another cell.

    `op` is the move with its size, if it has one, and its direction (`walk_N`, `jump_up_E`, `diagonal_SW`,
    `gap_2_E`, `climb_U`; N is -z, S +z, E +x, W -x, U and D up and down), `to` the cell in which the feet
    are afterwards. `sneak_N` is a walk with the sneak key held: three tenths as fast, and never over an edge.
    """

    op: str
    to: BlockPos

    @property
    def move(self) -> str:
        """The move without its direction."""
        return self.op.rpartition("_")[0]

    @property
    def kind(self) -> str:
        """The move without its direction and size: `gap` for `gap_2_E`, `jump_up` for `jump_up_N`."""
        return self.move.rstrip("0123456789").rstrip("_")

    def sneaked(self) -> Primitive:
        """The same step with the sneak key held, if it is a level walk; any other as it is."""
        if self.kind not in ("walk", "diagonal"):
            return self
        return Primitive(op="sneak" + self.op.removeprefix(self.move), to=self.to)
