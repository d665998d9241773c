"""A player of the simulated world: a row of its arrays, an inventory, and whoever listens."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from conscious_bot.body.port import BodyEvent, BodyEventKind
from conscious_bot.contracts import BlockPos, Position
from conscious_bot.game.tables import Tables
from conscious_bot.simulation.inventory import PlayerInventory

if TYPE_CHECKING:
    from conscious_bot.simulation.storage import Window

__all__ = ["ActionEnd", "Player"]

ActionEnd = Callable[[int, int], None]
"""Called once when an action under way ends: the event's code (EV_*) and its detail."""


class Player:
    """Who a player is besides its row in the arrays (`index`)."""

    def __init__(self, name: str, index: int, tables: Tables, spawn: Position) -> None:
        self.name = name
        self.index = index
        self.inventory = PlayerInventory(tables)
        self.spawn = spawn
        self.listeners: list[Callable[[BodyEvent], None]] = []
        self.on_end: ActionEnd | None = None
        self.digging: BlockPos | None = None
        self.steps = 0
        self.bed: BlockPos | None = None
        """The head of the bed beside which it respawns."""
        self.window: Window | None = None
        """What it has open."""
        self.told_version = 0
        self.told_health: tuple[float, int, float] = (20.0, 20, 5.0)

    def emit(self, kind: BodyEventKind, **data: Any) -> bool:
        """Tell everyone who listens; whether anyone did."""
        event = BodyEvent(kind, data)
        for listener in list(self.listeners):
            listener(event)
        return bool(self.listeners)

    def finish(self, code: int, what: int) -> bool:
        """Tell whoever waits for the action that it ended; whether anyone did."""
        self.digging = None
        told, self.on_end = self.on_end, None
        if told is None:
            return False
        told(code, what)
        return True
