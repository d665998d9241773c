"""What a run is doing, as the executor watches it: time to first action, signs of life, declared waits."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from conscious_bot.contracts import BlockPos

__all__ = ["Activity"]


@dataclass(slots=True)
class Activity:
    """The signs of life of one run, in seconds of the run's clock; None for what has not happened yet.

    `stuck.loop` is for the executor to judge: `idle_for` more than 3 s.
    """

    action_id: str
    leaf: str
    started_at: float
    first_command_at: float | None = None
    last_command_at: float | None = None
    last_progress_at: float | None = None
    declared_wait_until: float | None = None
    declared_wait_reason: str | None = None
    progress: str | None = None
    fraction: float | None = None
    commands: int = 0
    path: tuple[BlockPos, ...] = ()
    """The cells of the walk under way, from its start; empty while the body does not walk."""
    walked: int = 0
    """How many cells of `path` are behind the body."""
    target: BlockPos | None = None
    """The block that is being dug or placed right now."""

    @property
    def ahead(self) -> tuple[BlockPos, ...]:
        """The cells of the walk that are still to come."""
        return self.path[self.walked :]

    @contextmanager
    def walking(self, path: tuple[BlockPos, ...]) -> Generator[None, None, None]:
        """While inside, the body follows these cells."""
        self.path, self.walked = path, 0
        try:
            yield
        finally:
            self.path, self.walked = (), 0

    @contextmanager
    def working_on(self, block: BlockPos) -> Generator[None, None, None]:
        """While inside, this block is being dug or placed."""
        self.target = block
        try:
            yield
        finally:
            self.target = None

    def command(self, now: float) -> None:
        """A command goes to the body."""
        if self.first_command_at is None:
            self.first_command_at = now
        self.last_command_at = now
        self.commands += 1

    def touch(self, now: float) -> None:
        """A command came back."""
        self.last_command_at = now

    def report(self, now: float, text: str | None, fraction: float | None) -> None:
        """The run goes on: a leaf says so, or the body reports progress."""
        self.last_progress_at = now
        if text is not None:
            self.progress = text
        if fraction is not None:
            self.fraction = min(1.0, max(0.0, fraction))

    def declare_wait(self, now: float, seconds: float, reason: str) -> None:
        """Nothing will be heard for so long, and that is right (a dig, a furnace)."""
        until = now + max(0.0, seconds)
        if self.declared_wait_until is None or until > self.declared_wait_until:
            self.declared_wait_until = until
            self.declared_wait_reason = reason

    def end_wait(self, now: float) -> None:
        """What was waited for has happened."""
        if self.declared_wait_until is not None and self.declared_wait_until > now:
            self.declared_wait_until = now
        self.declared_wait_reason = None

    def idle_for(self, now: float) -> float:
        """Seconds since the last sign of life; 0 within a declared wait."""
        signs = (self.started_at, self.last_command_at, self.last_progress_at, self.declared_wait_until)
        return max(0.0, now - max(sign for sign in signs if sign is not None))
