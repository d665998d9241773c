"""A body that answers from a recording, and says where what is done departs from it.

Whoever plays on it has to *do* what was done: calls that change the world come in the recorded order with the
recorded arguments, each at once compared. Senses are free: the answer is the recorded one that belongs between the
same two deeds, repeated if it is asked for again. Answers, failures and events come at their recorded times, so on a
virtual clock a session of minutes replays in a moment.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any, cast

from conscious_bot.body.port import Body, BodyEvent, BodyEventKind, Hands
from conscious_bot.contracts import ActionFailed, ConsciousBotError, ExecErrorCode, UserError
from conscious_bot.game.tables import Tables
from conscious_bot.simulation.recording import RecordedCall, Recording
from conscious_bot.simulation.recording_codec import CALLS, decode_event, encode

__all__ = ["Departure", "Idle", "Replay"]

_PATIENCE = 10.0
"""A call that was cancelled in the recording is waited for at most so many seconds longer."""


class Departure(ConsciousBotError):
    """Something else was done than in the recording. For whoever changed a leaf: mend it, or record again."""


class Idle:
    """The time source of a replay: nothing happens but what the recording holds."""

    def __init__(self) -> None:
        self._now = 0.0

    def now(self) -> float:
        """The time."""
        return self._now

    def advance(self, until: float) -> float:
        """Let time pass."""
        self._now = until
        return until

    def pending(self) -> bool:
        """Never: whatever comes has a timer."""
        return False


class Replay:
    """Plays one recording once. `body` is the Body to use; `finish` says whether all of it was done."""

    def __init__(self, recording: Recording) -> None:
        """UserError if it was recorded on a version whose tables are not built in."""
        tables = Tables.builtin()
        if recording.game != tables.version:
            raise UserError(
                f"it was recorded on {recording.game}; this program has the tables of {tables.version} at hand",
                f"record it on {tables.version}",
            )
        self.tables = tables
        self.recording = recording
        self.departure: Departure | None = None
        self._deeds = [index for index, call in enumerate(recording.calls) if CALLS[call.name].acts]
        self._done = 0
        self._used: set[int] = set()
        self._listeners: list[Callable[[BodyEvent], None]] = []
        self._zero: float | None = None
        self._claimed = False

    @property
    def body(self) -> Body:
        """The body that answers from the recording."""
        return cast("Body", _ReplayedBody(self))

    def start(self) -> None:
        """Begin: times count from now, and the recorded events will come."""
        loop = asyncio.get_running_loop()
        self._zero = loop.time()
        for at, kind, data in self.recording.events:
            loop.call_at(self._zero + at, self._tell, BodyEvent(BodyEventKind(kind), decode_event(data)))

    def finish(self) -> None:
        """Raise the departure there was, or one for what was recorded and not done."""
        if self.departure is None and self._done < len(self._deeds):
            left = self.recording.calls[self._deeds[self._done]]
            self._depart(f"ended before {_told(left.name, left.arguments)}", left)
        if self.departure is not None:
            raise self.departure

    async def until(self, at: float) -> None:
        """Wait for a time of the recording."""
        now = asyncio.get_running_loop().time()
        await asyncio.sleep(max(0.0, (self._zero or 0.0) + at - now))

    async def call(self, name: str, *args: Any, **named: Any) -> Any:
        """One call of the port, answered."""
        if self.departure is not None:
            raise self.departure
        arguments = [encode(args), encode(named)]
        call = self._deed(name, arguments) if CALLS[name].acts else self._sight(name, arguments)
        try:
            await self.until(call.ended + (_PATIENCE if call.outcome == "cancelled" else 0.0))
        except asyncio.CancelledError:
            if call.outcome != "cancelled" and CALLS[name].acts:
                self._depart(f"gave up {_told(name, arguments)}, which was seen through", call)
            raise
        if call.outcome == "answer":
            return CALLS[name].decode(call.value)
        if call.outcome == "failure":
            code, detail = call.value
            raise ActionFailed(ExecErrorCode(code), detail)
        why = "was cancelled" if call.outcome == "cancelled" else "had no answer when the recording was cut off"
        raise self._depart(f"still waits for {_told(name, arguments)}, which {why}", call)

    def subscribe(self, listener: Callable[[BodyEvent], None]) -> Callable[[], None]:
        """As `Senses.subscribe`."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def claim(self) -> None:
        """As `Body.claim_hands`: once."""
        if self._claimed:
            raise RuntimeError("the hands are taken")
        self._claimed = True

    def _tell(self, event: BodyEvent) -> None:
        for listener in tuple(self._listeners):
            listener(event)

    def _deed(self, name: str, arguments: Any) -> RecordedCall:
        if self._done == len(self._deeds):
            raise self._depart(f"{_told(name, arguments)}, after the last recorded deed", None)
        call = self.recording.calls[self._deeds[self._done]]
        if (call.name, call.arguments) != (name, arguments):
            raise self._depart(f"{_told(name, arguments)} instead of {_told(call.name, call.arguments)}", call)
        self._done += 1
        return call

    def _sight(self, name: str, arguments: Any) -> RecordedCall:
        first = self._deeds[self._done - 1] + 1 if self._done else 0
        end = self._deeds[self._done] if self._done < len(self._deeds) else len(self.recording.calls)
        calls = self.recording.calls
        fits = [i for i in range(end) if (calls[i].name, calls[i].arguments) == (name, arguments)]
        fresh = next((i for i in fits if i >= first and i not in self._used), None)
        index = fresh if fresh is not None else (fits[-1] if fits else None)
        if index is None:
            raise self._depart(f"{_told(name, arguments)} was never asked by then", None)
        self._used.add(index)
        return calls[index]

    def _depart(self, what: str, at: RecordedCall | None) -> Departure:
        where = "" if at is None else f" (call {at.number}, {at.began:.2f} s)"
        self.departure = self.departure or Departure(f"{what}{where}")
        return self.departure


def _told(name: str, arguments: Any) -> str:
    positional, named = arguments
    parts = [str(part) for part in positional] + [f"{key}={value}" for key, value in named.items()]
    text = ", ".join(parts)
    return f"{name}({text if len(text) < 120 else text[:117] + '...'})"


class _Replayed:
    """Every call of the port, answered by a replay."""

    def __init__(self, replay: Replay) -> None:
        self._replay = replay

    def __getattr__(self, name: str) -> Any:
        if name not in CALLS:
            raise AttributeError(f"the Body port has no {name}")
        return partial(self._replay.call, name)


class _ReplayedBody(_Replayed):
    @property
    def tables(self) -> Tables:
        return self._replay.tables

    @property
    def name(self) -> str:
        return self._replay.recording.name

    @property
    def follows(self) -> frozenset[str]:
        return self._replay.recording.follows

    def subscribe(self, listener: Callable[[BodyEvent], None]) -> Callable[[], None]:
        return self._replay.subscribe(listener)

    def claim_hands(self) -> Hands:
        self._replay.claim()
        return cast("Hands", _Replayed(self._replay))

    async def open(self) -> None:
        self._replay.start()

    async def close(self) -> None:
        """Nothing to leave."""
