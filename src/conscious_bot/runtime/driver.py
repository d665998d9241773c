"""Drives a tick machine: starts its leaves as tasks, halts them by cancelling, ticks when something happens.

The machine says what; this says when. It ticks when the running leaf ends, when a Timeout or the
deadline is due, and, while guards are armed, every `poll` seconds or when `nudge` is called. A leaf is
halted by cancelling its task and awaiting it: the leaf's runner answers only when the body stands
still, and until then the tree is HALTING. Not even a cancelled driver leaves a leaf behind.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from conscious_bot.behavior import (
    ArgumentsError,
    Completion,
    Halted,
    HaltLeaf,
    Kind,
    Machine,
    MachineError,
    Program,
    Reading,
    SensorCall,
    StartLeaf,
    Status,
    Tick,
)
from conscious_bot.contracts import ActionFailed, ActionResult, BlockPos, Clock, ExecError, ExecErrorCode, Wire

__all__ = ["Cell", "LeafCall", "LeafRun", "RunLeaf", "Sense", "TickRecord", "TreeResult", "TreeRun", "run_tree"]

POLL_S = 0.1
"""How often armed guards are looked at while a leaf runs, in seconds of the run's clock: every other game tick."""
_SOONEST_S = 1e-6
"""The shortest wait: a timer may come a rounding error early, and virtual time must still go on."""


@dataclass(frozen=True, slots=True)
class LeafCall:
    """Which start of which leaf of the tree this is: `path` is its JSON pointer, `serial` counts the run's starts."""

    path: str
    serial: int


RunLeaf = Callable[[str, Mapping[str, Any], LeafCall], Awaitable[ActionResult]]
"""Runs a leaf to its end. Cancelling it stops the body first, then raises CancelledError."""
Sense = Callable[[SensorCall], Awaitable[Reading]]
"""Reads a sensor now; raises `ActionFailed` if it cannot be read."""
Cell = Callable[[], Awaitable[BlockPos]]
"""Where the body stands; raises `ActionFailed` if that cannot be seen."""


class TickRecord(Wire):
    """One node of the tree changed its status. `lasted` is the time since it began, once it has ended."""

    at: float
    node: int
    path: str
    label: str
    status: Status
    error: ExecError | None = None
    guard: bool = False
    lasted: float | None = None


class LeafRun(Wire):
    """One leaf that was started, and what came of it. Without a result it was halted before its end."""

    path: str
    name: str
    args: dict[str, Any]
    serial: int
    started_at: float
    result: ActionResult | None = None


class TreeResult(Wire):
    """The end of a tree. `guard` tells that a guard failed it; `changed` that a leaf changed the world."""

    ok: bool
    error: ExecError | None = None
    guard: bool = False
    changed: bool = False
    started_at: float
    ended_at: float
    leaves: tuple[LeafRun, ...] = ()


async def run_tree(
    program: Program,
    args: Mapping[str, Any],
    run_leaf: RunLeaf,
    clock: Clock,
    on_tick: Callable[[TickRecord], None],
    *,
    deadline: float | None = None,
    sense: Sense | None = None,
    cell: Cell | None = None,
    poll: float = POLL_S,
) -> TreeResult:
    """Run a tree to its end. See `TreeRun` for a run that can be halted, suspended or saved from outside.

    Arguments that do not fit the tree fail it with step.badArgs. Raises CancelledError only, and what
    `on_tick` raises; `MachineError` if the tree asks sensors and there is no `sense`.
    """
    try:
        machine = Machine(program, args)
    except ArgumentsError as error:
        now = clock.now()
        return TreeResult(ok=False, error=error.error, started_at=now, ended_at=now)
    run = TreeRun(machine, run_leaf, clock, on_tick, sense=sense, cell=cell, poll=poll)
    return await run.run(deadline)


class TreeRun:
    """One run of a tree on one body."""

    def __init__(
        self,
        machine: Machine,
        run_leaf: RunLeaf,
        clock: Clock,
        on_tick: Callable[[TickRecord], None],
        *,
        sense: Sense | None = None,
        cell: Cell | None = None,
        poll: float = POLL_S,
    ) -> None:
        """`sense` may be left out only for a tree without predicates; `cell` is where the body stands."""
        if machine.program.predicates and sense is None:
            raise MachineError("this tree asks sensors, and none were given")
        self._machine = machine
        self._run_leaf = run_leaf
        self._clock = clock
        self._on_tick = on_tick
        self._sense = sense
        self._cell = cell
        self._loops = Kind.REPEAT_UNTIL in machine.program.kind  # nothing else asks where the body is
        self._poll = poll
        self._task: asyncio.Task[ActionResult] | None = None
        self._leaves: dict[int, LeafRun] = {}
        self._running = 0  # the serial of the leaf that has a task
        self._readings: dict[int, Reading] = {}  # of the last look, as is the next
        self._stands: BlockPos | None = None
        self._halt: ExecError | None = None
        self._suspend = False
        self._nudged: asyncio.Future[None] | None = None
        self._began: dict[int, float] = {}

    @property
    def machine(self) -> Machine:
        """The machine; its `to_json` may be called between two awaits."""
        return self._machine

    def halt(self, error: ExecError) -> None:
        """Stop the body and end the tree with this error. `run` returns when the body stands still."""
        self._halt = self._halt or error
        self.nudge()

    def suspend(self) -> None:
        """Stop the body but keep the place in the tree: `run` goes on waiting until `resume` or `halt`."""
        self._suspend = True
        self.nudge()

    def resume(self) -> None:
        """Go on where `suspend` stopped."""
        self._suspend = False
        self.nudge()

    def nudge(self) -> None:
        """Tick soon: something in the world has changed that a guard might look at."""
        if self._nudged is not None and not self._nudged.done():
            self._nudged.set_result(None)

    async def run(self, deadline: float | None = None) -> TreeResult:
        """Run to the end, from the beginning or from where a restored machine stands.

        `deadline` is a time of the run's clock; past it the tree fails with step.timeout.

        If the surrounding task is cancelled, the leaf is halted first, and CancelledError is raised
        when the body stands still.
        """
        started = self._clock.now()
        cancelled: asyncio.CancelledError | None = None
        ended = self._first_news()
        try:
            await self._look(ended=ended is not None)
            while True:
                now = self._clock.now()
                tick = self._machine.tick(now, ended, self._readings, self._stands, self._halt, self._suspend)
                self._report(now, tick)  # first: what cannot be recorded is not done
                for command in tick.commands:
                    self._obey(now, command)
                if tick.status in (Status.SUCCESS, Status.FAILURE):
                    break
                try:
                    await self._something_happens(now, tick, deadline)
                except asyncio.CancelledError as error:
                    # Remembered, not obeyed yet: the body has to stand still first.
                    cancelled = error
                    self._halt = self._halt or ExecError.of(ExecErrorCode.STEP_CANCELLED, "the tree was cancelled")
                if deadline is not None and self._halt is None and self._clock.now() >= deadline:
                    self._halt = ExecError.of(ExecErrorCode.STEP_TIMEOUT, "the step's deadline has passed")
                ended = self._leaf_news()
                try:
                    await self._look(ended=ended is not None)
                except asyncio.CancelledError as error:
                    cancelled = error
                    self._halt = self._halt or ExecError.of(ExecErrorCode.STEP_CANCELLED, "the tree was cancelled")
                    self._readings.clear()  # what halts asks no sensor
                    self._stands = None
        except BaseException:
            # A bug, or nobody could be told of the tick: that is no reason to leave the body running.
            await self._let_go()
            raise
        if cancelled is not None:
            raise cancelled
        leaves = tuple(self._leaves.values())
        return TreeResult(
            ok=tick.error is None,
            error=tick.error,
            guard=self._machine.by_guard,
            changed=any(leaf.result is not None and leaf.result.changed for leaf in leaves),
            started_at=started,
            ended_at=self._clock.now(),
            leaves=leaves,
        )

    def _first_news(self) -> Completion | Halted | None:
        """Of a machine that was restored with a leaf in flight nobody knows what that leaf has done."""
        lost = self._machine.in_flight
        if lost is None:
            return None
        if self._machine.status is Status.HALTING:
            return Halted(lost)
        unknown = ExecError.of(ExecErrorCode.STEP_INCONCLUSIVE, "it was under way when the run was interrupted")
        return Completion(lost, unknown)

    async def _let_go(self) -> None:
        task, self._task = self._task, None
        if task is None:
            return
        task.cancel()
        while not task.done():
            try:
                await asyncio.wait({task})
            except asyncio.CancelledError:
                continue  # whatever ended the run is raised when the body stands still

    async def _something_happens(self, now: float, tick: Tick, deadline: float | None) -> None:
        if tick.again:
            await asyncio.sleep(0)
            return
        due = [time for time in (tick.wake, deadline if self._halt is None else None) if time is not None]
        if self._machine.watching and tick.status is Status.RUNNING:
            due.append(now + self._poll)
        timeout = max(min(due) - now, _SOONEST_S) if due else None
        nudged = self._nudged = asyncio.get_running_loop().create_future()
        awaited: set[asyncio.Future[Any]] = {nudged}
        if self._task is not None:
            awaited.add(self._task)
        try:
            await asyncio.wait(awaited, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._nudged = None

    def _obey(self, now: float, command: StartLeaf | HaltLeaf) -> None:
        if isinstance(command, HaltLeaf):
            if self._task is not None:
                self._task.cancel()
            return
        path = self._machine.program.path[command.node]
        leaf = LeafRun(path=path, name=command.name, args=command.args, serial=command.serial, started_at=now)
        self._leaves[command.serial] = leaf
        self._running = command.serial
        self._task = asyncio.create_task(self._work(command.name, command.args, LeafCall(path, command.serial)))

    async def _work(self, name: str, args: Mapping[str, Any], call: LeafCall) -> ActionResult:
        return await self._run_leaf(name, args, call)

    def _leaf_news(self) -> Completion | Halted | None:
        """What the task of the leaf has come to."""
        task = self._task
        if task is None or not task.done():
            return None
        self._task = None
        serial = self._running
        if task.cancelled():
            if self._machine.status is Status.HALTING:
                return Halted(serial)
            stopped = ExecError.of(ExecErrorCode.STEP_CANCELLED, "the leaf was stopped by someone else")
            return Completion(serial, stopped)
        result = task.result()  # a leaf's runner raises nothing else; if it does, that is a bug and ends the run
        self._leaves[serial] = self._leaves[serial].model_copy(update={"result": result})
        return Completion(serial, result.error, result.changed)

    async def _look(self, *, ended: bool) -> None:
        """Read what the machine asks of the sensors now, and where the body is."""
        readings = self._readings
        readings.clear()
        self._stands = None
        if self._halt is not None:
            return
        if self._cell is not None and self._loops:
            try:
                self._stands = await self._cell()
            except ActionFailed:
                self._stands = None  # not seen just now; the next look may
        for index in self._machine.asks(ended=ended):
            readings[index] = await self._read(index)

    async def _read(self, predicate: int) -> Reading:
        if self._sense is None:
            return None
        try:
            return await self._sense(self._machine.call(predicate))
        except ActionFailed:
            return None  # the machine ends with sense.apiError and names the predicate, if it needs it

    def _report(self, now: float, tick: Tick) -> None:
        program = self._machine.program
        for transition in tick.transitions:
            lasted = None
            if transition.status is Status.RUNNING:
                self._began.setdefault(transition.node, now)
            elif transition.status in (Status.SUCCESS, Status.FAILURE):
                lasted = now - self._began.pop(transition.node, now)
            self._on_tick(
                TickRecord(
                    at=now,
                    node=transition.node,
                    path=program.path[transition.node],
                    label=program.label[transition.node],
                    status=transition.status,
                    error=transition.error,
                    guard=transition.guard,
                    lasted=lasted,
                )
            )
