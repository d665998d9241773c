"""The boundary between the agent's loop and the service's thread.

The agent publishes values from its own loop; nothing it calls here waits for anyone. Each WebSocket
reader has a `Subscription` of its own: events queue up to a bound, beyond it the oldest are dropped and
the reader is told how many; of status, entities and surroundings only the latest is kept. A reader that
does not read costs the bot nothing but that bound.

Commands go the other way: `Hub.command` runs the agent's handler on the agent's loop and waits for the
reply on the service's.

A lock guards the shared state. It is held for a few assignments at a time and never while encoding,
compressing or sending. Whatever is published must not be changed afterwards: it is encoded later, on
the service's thread.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from conscious_bot.contracts import BlockPos, Event
from conscious_bot.game.tables import Tables
from conscious_bot.service.commands import Command, CommandReply, ScannedWorld, ScanWorld
from conscious_bot.service.errors import ApiError
from conscious_bot.service.models import Status
from conscious_bot.world.region import VoxelRegion
from conscious_bot.world.state import EntityView

__all__ = ["Batch", "EventPage", "Handler", "Hub", "NumberedEvent", "Subscription", "Surroundings"]

Handler = Callable[[Command], Awaitable[CommandReply | ScannedWorld]]
"""The agent's answer to a command; runs on the agent's loop. May raise UserError or ActionFailed.

`ScanWorld` is answered with a `ScannedWorld`, everything else with a `CommandReply`.
"""

NumberedEvent = tuple[int, Event]

_MAX_CHANGES = 4096
"""Block changes a reader may lag behind before it is told to load the surroundings again."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """A region with the changes since it was scanned. `version` counts regions, `seq` changes."""

    region: VoxelRegion
    tables: Tables
    changes: dict[BlockPos, int]
    version: int
    seq: int


@dataclass(frozen=True, slots=True)
class EventPage:
    """Events with numbers above the one asked for, oldest first. `missed`: older ones are gone from here."""

    events: tuple[NumberedEvent, ...]
    latest: int
    missed: bool


@dataclass(slots=True)
class Batch:
    """What a reader has not seen yet. None means nothing new of that kind."""

    events: deque[NumberedEvent]
    dropped: int = 0
    status: Status | None = None
    entities: tuple[EntityView, ...] | None = None
    surroundings: int | None = None
    changes: dict[BlockPos, int] | None = None
    changes_seq: int = 0
    registry: int | None = None

    @property
    def empty(self) -> bool:
        """Whether there is nothing to tell."""
        return (
            not self.events
            and not self.dropped
            and all(
                part is None for part in (self.status, self.entities, self.surroundings, self.changes, self.registry)
            )
        )


class Subscription:
    """One reader's view of the hub. Made by `Hub.subscribe`; used on the service's loop."""

    def __init__(self, hub: Hub, loop: asyncio.AbstractEventLoop, capacity: int) -> None:
        self._hub = hub
        self._loop = loop
        self._capacity = capacity
        self._pending = Batch(deque())
        self._ready = asyncio.Event()
        self._woken = False

    async def next(self) -> Batch:
        """Everything new since the last call; waits until there is something."""
        await self._ready.wait()
        with self._hub.lock:
            batch, self._pending = self._pending, Batch(deque())
            self._woken = False
            self._ready.clear()
        return batch

    def close(self) -> None:
        """Stop listening. Has to be called before the loop is closed."""
        self._hub.unsubscribe(self)

    # What follows is called by the hub, with its lock held, on whatever thread publishes.

    def offer_event(self, event: NumberedEvent) -> None:
        """Queue an event, dropping the oldest when the queue is full."""
        if len(self._pending.events) >= self._capacity:
            self._pending.events.popleft()
            self._pending.dropped += 1
        self._pending.events.append(event)
        self._wake()

    def offer(
        self,
        *,
        status: Status | None = None,
        entities: tuple[EntityView, ...] | None = None,
        surroundings: int | None = None,
        registry: int | None = None,
    ) -> None:
        """Keep the latest of each."""
        pending = self._pending
        if registry is not None:
            pending.registry = registry
        if status is not None:
            pending.status = status
        if entities is not None:
            pending.entities = entities
        if surroundings is not None:
            pending.surroundings = surroundings
            pending.changes = None
        self._wake()

    def offer_change(self, pos: BlockPos, state: int, seq: int, version: int) -> None:
        """Keep the latest state of each changed cell; too many become one notice to load anew."""
        pending = self._pending
        if pending.surroundings is None:
            changes = pending.changes if pending.changes is not None else {}
            changes[pos] = state
            pending.changes, pending.changes_seq = changes, seq
            if len(changes) > _MAX_CHANGES:
                pending.surroundings, pending.changes = version, None
        self._wake()

    def _wake(self) -> None:
        if not self._woken:
            self._woken = True
            self._loop.call_soon_threadsafe(self._ready.set)


class Hub:
    """Where the agent and the service meet. The publishing methods may be called from any thread."""

    def __init__(self, *, history: int = 5000, capacity: int = 512) -> None:
        """Keep that many events for those who ask later, and queue at most `capacity` per reader."""
        self.lock = threading.Lock()
        self._capacity = capacity
        self._events: deque[NumberedEvent] = deque(maxlen=history)
        self._forgot = False
        self._status: Status | None = None
        self._status_at: float | None = None
        self._entities: tuple[EntityView, ...] = ()
        self._region: tuple[VoxelRegion, Tables] | None = None
        self._changes: dict[BlockPos, int] = {}
        self._version = 0
        self._change_seq = 0
        self._registry = 0
        self._subscriptions: list[Subscription] = []
        self._bound: tuple[asyncio.AbstractEventLoop, Handler] | None = None

    # The agent's side.

    def bind(self, loop: asyncio.AbstractEventLoop, handler: Handler) -> None:
        """From now on commands run `handler` on `loop`."""
        with self.lock:
            self._bound = (loop, handler)

    def unbind(self) -> None:
        """Take no more commands; the agent is going away. Commands under way end with its loop."""
        with self.lock:
            self._bound = None

    def publish_event(self, seq: int, event: Event) -> None:
        """Tell one event. `seq` is its number in the journal; numbers grow."""
        with self.lock:
            numbered = (seq, event)
            self._forgot = self._forgot or len(self._events) == self._events.maxlen
            self._events.append(numbered)
            for subscription in self._subscriptions:
                subscription.offer_event(numbered)

    def publish_status(self, status: Status) -> None:
        """Tell the state of things; a later one replaces an earlier one that was not yet sent."""
        with self.lock:
            self._status = status
            self._status_at = time.monotonic()
            for subscription in self._subscriptions:
                subscription.offer(status=status)

    def publish_entities(self, entities: Sequence[EntityView]) -> None:
        """Tell the creatures and things around the bot; replaces those told before."""
        with self.lock:
            self._entities = tuple(entities)
            for subscription in self._subscriptions:
                subscription.offer(entities=self._entities)

    def publish_surroundings(self, region: VoxelRegion, tables: Tables) -> None:
        """Tell the blocks around the bot. Its arrays are read later: hand in a region of its own."""
        with self.lock:
            self._region = (region, tables)
            self._changes = {}
            self._version += 1
            for subscription in self._subscriptions:
                subscription.offer(surroundings=self._version)

    def publish_block_change(self, pos: BlockPos, state: int) -> None:
        """Tell that a block of the surroundings changed; ignored outside of them."""
        with self.lock:
            if self._region is None or not self._region[0].box.contains(pos):
                return
            self._change_seq += 1
            self._changes[pos] = state
            for subscription in self._subscriptions:
                subscription.offer_change(pos, state, self._change_seq, self._version)

    def publish_registry(self) -> None:
        """Tell that the registry of capabilities has changed; who shows it asks anew."""
        with self.lock:
            self._registry += 1
            for subscription in self._subscriptions:
                subscription.offer(registry=self._registry)

    # The service's side.

    @property
    def bound(self) -> bool:
        """Whether an agent takes commands."""
        return self._bound is not None

    @property
    def readers(self) -> int:
        """How many subscriptions there are."""
        return len(self._subscriptions)

    def status(self) -> tuple[Status | None, float | None]:
        """The latest status and how many seconds of wall time ago it was told."""
        with self.lock:
            status, at = self._status, self._status_at
        return status, None if at is None else time.monotonic() - at

    def surroundings(self) -> Surroundings | None:
        """The latest region with its changes; None before the first."""
        with self.lock:
            if self._region is None:
                return None
            region, tables = self._region
            return Surroundings(region, tables, dict(self._changes), self._version, self._change_seq)

    def tables(self) -> Tables | None:
        """The tables of the latest surroundings."""
        with self.lock:
            return None if self._region is None else self._region[1]

    def events_after(self, after: int, limit: int) -> EventPage:
        """The first `limit` kept events with a number above `after`."""
        with self.lock:
            kept = tuple(self._events)
            forgot = self._forgot
        found = [e for e in kept if e[0] > after]
        missed = forgot and bool(kept) and after < kept[0][0] - 1
        return EventPage(tuple(found[:limit]), kept[-1][0] if kept else 0, missed)

    def subscribe(self, after: int | None = None) -> Subscription:
        """Listen from now on, beginning with what is known; `after` also replays kept events above it."""
        subscription = Subscription(self, asyncio.get_running_loop(), self._capacity)
        with self.lock:
            if after is not None:
                for event in self._events:
                    if event[0] > after:
                        subscription.offer_event(event)
            subscription.offer(
                status=self._status,
                entities=self._entities,
                surroundings=self._version if self._region is not None else None,
            )
            self._subscriptions.append(subscription)
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        """Forget a reader; safe to call twice."""
        with self.lock:
            if subscription in self._subscriptions:
                self._subscriptions.remove(subscription)

    async def command(self, command: Command, timeout_s: float) -> CommandReply:
        """Let the agent answer an order. Raises ApiError when there is no agent or it does not answer in time."""
        reply = await self._ask(command, timeout_s)
        if not isinstance(reply, CommandReply):
            raise TypeError(f"{type(command).__name__} was answered with {type(reply).__name__}")
        return reply

    async def scan(self, command: ScanWorld, timeout_s: float) -> ScannedWorld:
        """Let the agent look at a box. Raises ApiError when there is no agent or it does not answer in time."""
        reply = await self._ask(command, timeout_s)
        if not isinstance(reply, ScannedWorld):
            raise TypeError(f"{type(command).__name__} was answered with {type(reply).__name__}")
        return reply

    async def _ask(self, command: Command, timeout_s: float) -> CommandReply | ScannedWorld:
        """Let the agent answer.

        A command that is given up is cancelled on the agent's loop.
        """
        with self.lock:
            bound = self._bound
        if bound is None:
            raise _no_agent()
        loop, handler = bound

        async def answer() -> CommandReply | ScannedWorld:
            return await handler(command)

        coroutine = answer()
        try:
            future = asyncio.run_coroutine_threadsafe(coroutine, loop)
        except RuntimeError as closed:  # the loop ended between binding and now
            coroutine.close()
            raise _no_agent() from closed
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), timeout_s)
        except TimeoutError as late:
            message = f"the bot did not answer within {timeout_s:g} s; the command was withdrawn"
            raise ApiError(504, "agent.timeout", message, "try again; see /api/cognitive/health") from late
        except asyncio.CancelledError as cancelled:
            if future.cancelled() and not _cancelling():
                raise _no_agent() from cancelled
            raise


def _cancelling() -> Literal[True, False]:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _no_agent() -> ApiError:
    return ApiError(503, "agent.unavailable", "no bot is running behind this page", "wait for it to start, or start it")
