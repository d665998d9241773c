"""Leaves on a real body, recorded; the same leaves on the recording, compared."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from conscious_bot.body.port import Body
from conscious_bot.contracts import ActionResult, Event, IdSource, Permission
from conscious_bot.leaves.catalogue import LeafCatalogue, default_catalogue
from conscious_bot.leaves.runner import LeafRunner
from conscious_bot.simulation.loop import run_virtual
from conscious_bot.simulation.recording import Recorder, read_recording
from conscious_bot.simulation.recording_replay import Departure, Idle, Replay

__all__ = ["LeafRun", "record_leaves", "replay", "replay_leaves"]


class LeafRun(NamedTuple):
    """A leaf and its arguments."""

    leaf: str
    args: Mapping[str, Any]


class _LoopClock:
    def __init__(self) -> None:
        self._zero = asyncio.get_running_loop().time()

    def now(self) -> float:
        return asyncio.get_running_loop().time() - self._zero


def _runner(body: Body, catalogue: LeafCatalogue) -> LeafRunner:
    def ignore(_event: Event) -> None:
        """The results tell what these tests ask."""

    granted = frozenset(Permission)
    return LeafRunner(body, catalogue, _LoopClock(), IdSource("recorded"), granted=granted, record=ignore, seed=1)


def _summary(result: ActionResult) -> dict[str, Any]:
    """What of a result does not hang on the clock."""
    error = None if result.error is None else str(result.error.code)
    return {"ok": result.ok, "changed": result.changed, "error": error}


async def record_leaves(
    body: Body, catalogue: LeafCatalogue, runs: Sequence[LeafRun], path: Path
) -> list[ActionResult]:
    """Run leaves one after the other on an open body whose hands are free; write the session to `path`."""
    recorder = Recorder(body, path)
    runner = _runner(recorder.body, catalogue)
    results: list[ActionResult] = []
    try:
        for run in runs:
            recorder.note("leaf", {"leaf": run.leaf, "args": run.args})
            result = await runner.run(run.leaf, run.args)
            recorder.note("result", _summary(result))
            results.append(result)
    finally:
        runner.close()
        recorder.close()
    return results


def replay_leaves(path: Path, catalogue: LeafCatalogue) -> int:
    """Run the recorded leaves again on the recording, on virtual time; returns how many there were.

    Raises Departure where something else is done or comes of it, UserError for an unreadable file.
    """
    recording = read_recording(path)
    notes = [(at, kind, data) for at, kind, data in recording.notes if kind in {"leaf", "result"}]

    async def play() -> int:
        replay = Replay(recording)
        body = replay.body
        await body.open()
        runner = _runner(body, catalogue)
        played = 0
        for (at, _, run), (_, _, wanted) in zip(notes[::2], notes[1::2], strict=True):
            await replay.until(at)
            result = await runner.run(run["leaf"], run["args"])
            if replay.departure is not None:
                raise replay.departure
            if _summary(result) != wanted:
                raise Departure(f"{run['leaf']} {run['args']} came to {_summary(result)}, it was {wanted}: {result}")
            played += 1
        replay.finish()
        runner.close()
        return played

    return run_virtual(play(), Idle())


def replay(path: Path) -> dict[str, Any]:
    """What `conscious-bot replay FILE` says of a recorded session: `same`, `leaves`, `differences`."""
    try:
        return {"same": True, "leaves": replay_leaves(path, default_catalogue()), "differences": []}
    except Departure as departure:
        return {"same": False, "leaves": 0, "differences": [str(departure)]}
