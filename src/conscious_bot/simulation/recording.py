"""Recording a session: every call of the Body port, every answer and every event, with times.

The file is gzip-compressed text, one JSON value a line. The first is the header:
`{"format": "conscious-bot recording", "version": 2, "game": "1.20.4", "name": ..., "follows": [...]}`.
Every other line is a list whose second element is the time in seconds since the recording began:

| line | meaning |
| --- | --- |
| `["call", t, n, name, arguments]` | call number n of the port began; arguments are `[positional, named]` |
| `["aside", t, n, name, arguments]` | the same, made by who is not replayed: whoever watches the leaves (since 2) |
| `["answer", t, n, value]` | it returned |
| `["failure", t, n, code, detail]` | it failed as the port says |
| `["cancelled", t, n]` | its caller no longer wanted it |
| `["event", t, kind, data]` | the body told something |
| `["note", t, kind, data]` | said by whoever recorded (which leaf was run, what came of it) |
| `["end", t]` | the recording was closed in good order |

What was written up to the last note, and at the latest 200 lines ago, is on its way to the disk whatever becomes of
the process; a file that was cut off is read as far as it goes.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, cast

from conscious_bot.body.port import Body, BodyEvent, Hands
from conscious_bot.contracts import ActionFailed, UserError
from conscious_bot.simulation.recording_codec import CALLS, encode

__all__ = ["FORMAT", "VERSION", "RecordedCall", "Recorder", "Recording", "read_recording"]

FORMAT = "conscious-bot recording"
VERSION = 2
_READ = (1, 2)
_FLUSH_EVERY = 200  # lines


class Recorder:
    """Writes what passes between an open body and whoever uses `Recorder.body` or `.aside` in its place."""

    def __init__(self, body: Body, path: Path) -> None:
        """Begin the recording; the body must be open. OSError if the file cannot be written."""
        self._body = body
        self._zero = asyncio.get_running_loop().time()
        self._file = gzip.open(path, "wt", encoding="utf-8", compresslevel=9)  # noqa: SIM115 - closed by `close`
        self._lines = 0
        self._calls = 0
        header = {"format": FORMAT, "version": VERSION, "game": body.tables.version, "name": body.name}
        self._put({**header, "follows": sorted(body.follows)})
        self._unsubscribe = body.subscribe(self._hear)

    @property
    def body(self) -> Body:
        """The body, recorded."""
        return cast("Body", _RecordedBody(self._body, partial(self._call, "call")))

    @property
    def aside(self) -> Body:
        """The body for whoever uses it beside the leaves, and is not asked again in a replay."""
        return cast("Body", _RecordedBody(self._body, partial(self._call, "aside")))

    def note(self, kind: str, data: Any) -> None:
        """Add a line of one's own, and let go of what was written so far."""
        self._line("note", kind, encode(data))
        if not self._file.closed:
            self._file.flush()

    def close(self) -> None:
        """End the recording. The body stays as it is."""
        if self._file.closed:
            return
        self._unsubscribe()
        self._line("end")
        self._file.close()

    async def _call(self, how: str, name: str, target: Callable[..., Awaitable[Any]], *args: Any, **named: Any) -> Any:
        self._calls += 1
        number = self._calls
        self._line(how, number, name, [encode(args), encode(named)])
        try:
            answer = await target(*args, **named)
        except ActionFailed as failure:
            self._line("failure", number, failure.code.value, failure.error.detail)
            raise
        except asyncio.CancelledError:
            self._line("cancelled", number)
            raise
        self._line("answer", number, encode(answer))
        return answer

    def _hear(self, event: BodyEvent) -> None:
        self._line("event", event.kind.value, encode(event.data))

    def _line(self, kind: str, *rest: Any) -> None:
        if self._file.closed:
            return  # an answer that comes after the end
        self._put([kind, round(asyncio.get_running_loop().time() - self._zero, 5), *rest])

    def _put(self, value: Any) -> None:
        self._file.write(json.dumps(value, separators=(",", ":"), ensure_ascii=False) + "\n")
        self._lines += 1
        if self._lines % _FLUSH_EVERY == 0:
            self._file.flush()


class _Recorded:
    """Passes every call on to a target, by way of the recorder."""

    def __init__(self, target: Any, call: Callable[..., Awaitable[Any]]) -> None:
        self._target = target
        self._call = call

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._target, name)
        return partial(self._call, name, found) if name in CALLS else found


class _RecordedBody(_Recorded):
    def claim_hands(self) -> Hands:
        """The hands of the body, recorded."""
        return cast("Hands", _Recorded(self._target.claim_hands(), self._call))


@dataclass(slots=True)
class RecordedCall:
    """A call as it was made, and what came of it: answer, failure, cancelled, or None where the file ends before."""

    number: int
    name: str
    arguments: Any
    began: float
    outcome: str | None = None
    ended: float = 0.0
    value: Any = None
    """The answer as JSON; of a failure, code and detail."""


@dataclass(slots=True)
class Recording:
    """A recording as read."""

    game: str
    name: str
    follows: frozenset[str]
    calls: list[RecordedCall] = field(default_factory=list[RecordedCall])
    events: list[tuple[float, str, dict[str, Any]]] = field(default_factory=list[tuple[float, str, dict[str, Any]]])
    notes: list[tuple[float, str, Any]] = field(default_factory=list[tuple[float, str, Any]])
    complete: bool = False


def read_recording(path: Path) -> Recording:
    """Read a recording. UserError names what is wrong with the file, and where."""
    lines = _lines(path)
    try:
        header = json.loads(lines[0]) if lines else None
    except ValueError:
        header = None
    if not isinstance(header, dict) or cast("dict[str, Any]", header).get("format") != FORMAT:
        raise UserError(f"{path} is no recording", "record one with Recorder, or check the path")
    known = cast("dict[str, Any]", header)
    if known.get("version") not in _READ:
        raise UserError(
            f"{path} has version {known.get('version')} of the format, this program reads up to {VERSION}",
            "record it again, or use the program that wrote it",
        )
    recording = Recording(known["game"], known["name"], frozenset(known["follows"]))
    calls: dict[int, RecordedCall] = {}
    for number, line in enumerate(lines[1:], 2):
        try:
            _take(recording, calls, json.loads(line))
        except (ValueError, TypeError, KeyError, IndexError) as error:
            if number == len(lines) and not recording.complete:
                break  # the line during which the process was killed
            raise UserError(f"{path}, line {number}: {error!r}", "record it again; the file is damaged") from error
    return recording


def _take(recording: Recording, calls: dict[int, RecordedCall], line: Any) -> None:
    kind, at, *rest = line
    match kind:
        case "call" | "aside":
            number, name, arguments = rest
            if name not in CALLS:
                raise ValueError(f"the port has no call {name}")
            calls[number] = RecordedCall(number, name, arguments, at)
            if kind == "call":
                recording.calls.append(calls[number])
        case "answer" | "failure" | "cancelled":
            call = calls[rest[0]]
            call.outcome, call.ended = kind, at
            call.value = rest[1] if kind == "answer" else rest[1:]
        case "event":
            recording.events.append((at, rest[0], rest[1]))
        case "note":
            recording.notes.append((at, rest[0], rest[1]))
        case "end":
            recording.complete = True
        case other:
            raise ValueError(f"no line is called {other}")


def _lines(path: Path) -> list[str]:
    lines: list[str] = []
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            lines.extend(file)
    except FileNotFoundError as error:
        raise UserError(f"{path} does not exist", "check the path") from error
    except (EOFError, zlib.error):
        pass  # cut off: what was read before counts
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path} cannot be read: {error}", "check that it is a recording") from error
    return lines
