"""The hands' calls that eat, use, open and sleep, in the simulated world."""

from __future__ import annotations

from conscious_bot.body.port import Face, FurnacePart
from conscious_bot.contracts import ActionFailed, BlockPos, ExecErrorCode
from conscious_bot.world.state import WindowView

__all__ = ["LifeHands"]


class LifeHands:
    """Part of the hands of a `SimulatedBody`."""

    async def consume(self) -> None:
        """Eat or drink what the main hand holds."""
        raise _not_offered("eating")

    async def use_block(self, pos: BlockPos, face: Face = "up") -> None:
        """Right-click a side of a block."""
        raise _not_offered("using a block")

    async def use_item(self, *, ticks: int = 0) -> None:
        """Right-click into the air."""
        raise _not_offered("using an item")

    async def raise_shield(self, up: bool) -> None:
        """Raise or lower the shield."""
        raise _not_offered("raising a shield")

    async def attack(self, entity: int) -> None:
        """Strike an entity once."""
        raise _not_offered("attacking")

    async def open_container(self, pos: BlockPos) -> WindowView:
        """Open a container and look inside."""
        raise _not_offered("opening a container")

    async def window(self) -> WindowView:
        """What the open window shows."""
        raise _not_offered("looking into a window")

    async def put(self, item: str, count: int, part: FurnacePart | None = None) -> WindowView:
        """Put items into the open window."""
        raise _not_offered("putting items into a window")

    async def take(self, item: str, count: int, part: FurnacePart | None = None) -> WindowView:
        """Take items out of the open window."""
        raise _not_offered("taking items out of a window")

    async def close_window(self) -> None:
        """Close whatever window is open."""
        raise _not_offered("closing a window")

    async def sleep(self, pos: BlockPos) -> None:
        """Lie down in a bed."""
        raise _not_offered("sleeping")

    async def wake(self) -> None:
        """Get up."""
        raise _not_offered("waking")


def _not_offered(what: str) -> ActionFailed:
    return ActionFailed(ExecErrorCode.BODY_NOT_OFFERED, f"{what} in the built-in world is not offered yet")
