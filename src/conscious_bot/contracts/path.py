"""The steps of a planned way, as planner and body both understand them."""

from __future__ import annotations

from conscious_bot.contracts.base import BlockPos, Wire

__all__ = ["Primitive"]


class Primitive(Wire):
    """One movement into a neighbouring cell.

    `op` is the move with its direction (`walk_N`, `jump_up_E`, `descend_S`; N is -z, S +z, E +x, W -x),
    `to` the cell in which the feet stand afterwards.
    """

    op: str
    to: BlockPos

    @property
    def move(self) -> str:
        """The move without its direction."""
        return self.op.rpartition("_")[0]
