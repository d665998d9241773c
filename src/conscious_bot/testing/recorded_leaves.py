"""Leaves on a real body, recorded; the same leaves on the recording, compared.

`RecordedRunner` notes each leaf with what it started from (arguments, options, the state of its run) and what came of
it. Of the runner itself it notes what its leaves start from as well: the time, what walking has taught, own blocks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from conscious_bot.body.port import Body
from conscious_bot.contracts import (
    ActionResult,
    BlockPos,
    Clock,
    Event,
    ExecErrorCode,
    IdSource,
    LeafRunOptions,
    Permission,
    Provenance,
    UserError,
)
from conscious_bot.leaves.catalogue import LeafCatalogue, default_catalogue
from conscious_bot.leaves.run_state import RunState
from conscious_bot.leaves.runner import LeafRunner
from conscious_bot.simulation.loop import run_virtual
from conscious_bot.simulation.recording import Recorder, Recording, read_recording
from conscious_bot.simulation.recording_codec import encode
from conscious_bot.simulation.recording_replay import Departure, Idle, Replay
from conscious_bot.sterling.learning import PathMemory

__all__ = ["LeafRun", "RecordedRunner", "claim_file", "record_leaves", "replay", "replay_leaves"]


class LeafRun(NamedTuple):
    """A leaf and its arguments."""

    leaf: str
    args: Mapping[str, Any]


class _LoopClock:
    """The loop's time, from `start` on."""

    def __init__(self, start: float = 0.0) -> None:
        self._zero = asyncio.get_running_loop().time() - start

    def now(self) -> float:
        return asyncio.get_running_loop().time() - self._zero


def _ignore(_event: Event) -> None:
    """The results tell what is asked here."""


def _summary(result: ActionResult) -> dict[str, Any]:
    """What of a result does not hang on the clock: how it ended, and the leaf's own facts but for times."""
    error = None if result.error is None else str(result.error.code)
    output = {key: value for key, value in result.observables.get("output", {}).items() if key not in _TIMES}
    return {"ok": result.ok, "changed": result.changed, "error": error, "output": encode(output)}


_TIMES = frozenset({"waitedMs"})
_CANCELLED = {"ok": False, "changed": False, "error": str(ExecErrorCode.STEP_CANCELLED), "output": {}}


class RecordedRunner(LeafRunner):
    """A runner whose leaves can be played again on what the recorder writes."""

    def __init__(
        self,
        recorder: Recorder,
        catalogue: LeafCatalogue,
        clock: Clock,
        ids: IdSource,
        *,
        granted: frozenset[Permission],
        record: Callable[[Event], None],
        seed: int | str = 0,
        ways: PathMemory | None = None,
        own: set[BlockPos] | None = None,
    ) -> None:
        ways, own = PathMemory() if ways is None else ways, set[BlockPos]() if own is None else own
        super().__init__(
            recorder.body, catalogue, clock, ids, granted=granted, record=record, seed=seed, ways=ways, own=own
        )
        self._recorder = recorder
        self._number = 0
        pages = [[list(chunk), ways.to_json(chunk)] for chunk in ways.chunks]
        recorder.note("runner", {"clock": clock.now(), "granted": granted, "ways": pages, "own": sorted(own)})

    async def run(
        self,
        name: str,
        args: Mapping[str, Any],
        *,
        options: LeafRunOptions | None = None,
        provenance: Provenance | None = None,
        state: RunState | None = None,
    ) -> ActionResult:
        """As `LeafRunner.run`, noted."""
        state = RunState() if state is None else state
        self._number += 1
        told = {"id": self._number, "leaf": name, "args": args, "state": state.to_json()}
        self._recorder.note("leaf", told if options is None else {**told, "options": options.wire()})
        number = self._number
        try:
            result = await super().run(name, args, options=options, provenance=provenance, state=state)
        except asyncio.CancelledError:
            self._recorder.note("result", {"id": number, **_CANCELLED})
            raise
        self._recorder.note("result", {"id": number, **_summary(result)})
        return result


async def record_leaves(
    body: Body, catalogue: LeafCatalogue, runs: Sequence[LeafRun], path: Path
) -> list[ActionResult]:
    """Run leaves one after the other, as those of one tree, on an open body; write the session to `path`."""
    recorder = Recorder(body, path)
    ids, granted = IdSource("recorded"), frozenset(Permission)
    runner = RecordedRunner(recorder, catalogue, _LoopClock(), ids, granted=granted, record=_ignore)
    state = RunState()
    try:
        return [await runner.run(run.leaf, run.args, state=state) for run in runs]
    finally:
        runner.close()
        recorder.close()


def claim_file(path: Path) -> None:
    """Make the file of a recording that is to be. UserError if it exists or cannot be written."""
    try:
        path.open("xb").close()
    except FileExistsError as error:
        raise UserError(f"{path} exists already", "name a new file; a recording is never written over") from error
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}", "name a file in a folder of yours") from error


def replay_leaves(path: Path, catalogue: LeafCatalogue) -> int:
    """Run the recorded leaves again on the recording, on virtual time; returns how many there were.

    Raises Departure where something else is done or comes of it, UserError for an unreadable file. Of a file that was
    cut off the leaves are played that had ended by then.
    """
    return run_virtual(_play(read_recording(path), catalogue), Idle())


async def _play(recording: Recording, catalogue: LeafCatalogue) -> int:
    began = next((data for _, kind, data in recording.notes if kind == "runner"), {})
    ended = {data.get("id") for _, kind, data in recording.notes if kind == "result"}
    replay = Replay(recording)
    body = replay.body
    await body.open()
    ways = PathMemory()
    ways.read([((int(cx), int(cz)), page) for (cx, cz), page in began.get("ways", [])])
    runner = LeafRunner(
        body,
        catalogue,
        _LoopClock(float(began.get("clock", 0.0))),
        IdSource("recorded"),
        granted=frozenset(Permission(name) for name in began.get("granted", Permission)),
        record=_ignore,
        ways=ways,
        own={(x, y, z) for x, y, z in began.get("own", ())},
    )
    running: dict[Any, tuple[str, asyncio.Task[ActionResult]]] = {}
    played = 0
    for at, kind, data in recording.notes:
        number = data.get("id")  # recordings of version 1 have none: their leaves run one after the other
        if kind == "leaf" and number in ended:
            await replay.until(at)
            state = RunState.from_json(data["state"]) if "state" in data else None
            options = LeafRunOptions.model_validate(data["options"]) if "options" in data else None
            job = asyncio.ensure_future(runner.run(data["leaf"], data["args"], options=options, state=state))
            running[number] = (f"{data['leaf']} {data['args']}", job)
            await asyncio.sleep(0)  # it begins before anything else does
        elif kind == "result":
            told, job = running.pop(number)
            wanted = {key: data[key] for key in _CANCELLED if key in data}  # version 1 has no output
            if wanted["error"] == _CANCELLED["error"]:
                await replay.until(at)
                job.cancel()
            await asyncio.wait({job})
            came = _CANCELLED if job.cancelled() else _summary(job.result())
            if replay.departure is not None:
                raise replay.departure
            if {key: came[key] for key in wanted} != wanted:
                raise Departure(f"{told} came to {came}, it was {wanted}: {'' if job.cancelled() else job.result()}")
            played += 1
    if recording.complete:
        replay.finish()
    runner.close()
    return played


def replay(path: Path) -> dict[str, Any]:
    """What `conscious-bot replay FILE` says of a recorded session: `same`, `leaves`, `complete`, `differences`."""
    complete = read_recording(path).complete
    try:
        played = replay_leaves(path, default_catalogue())
    except Departure as departure:
        return {"same": False, "leaves": 0, "complete": complete, "differences": [str(departure)]}
    return {"same": True, "leaves": played, "complete": complete, "differences": []}
