"""The tick machine: a running tree as a pure state machine.

How it works. A tree of this language never runs two leaves at once, so its whole state is one path
from the root to a leaf: a stack of frames, plus at most one interrupt that waits for the body to stand
still. `tick` takes what happened since the last tick (the running leaf ended, the halted leaf stopped,
what the sensors read) and gives back what to do (start this leaf, halt that one). It never waits, never
reads a clock, and can be written to JSON between any two ticks.

In every tick, in this order:
1. The inputs are checked; a tick with an input that cannot be is refused and changes nothing.
2. Interrupts are looked for from the root downwards; the outermost wins and stays latched: a request
   from outside, a Timeout that has run out, an armed guard whose condition is true. An armed guard
   also wins over the end of its sibling in the same tick; a Timeout does not.
3. If there is one and the leaf still runs, the leaf is halted, the machine is HALTING, and nothing
   else happens until the body stands still. Then the interrupt takes effect.
4. Else the end of the leaf goes up the path, and the next leaf is looked for, until one has to be
   started or the tree has ended. A Repeat.Until begins at most one pass a tick.

A leaf runs over many ticks that bring nothing. What such a tick has to look at (the earliest deadline and
the armed guards of the path) does not change until the path does; it is found once and kept, and so is the
answer. So a tick without news costs the same in a tree of any size.

The truth table is in docs/behavior-trees.md; each row names its test.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any

from conscious_bot.behavior.asking import asked
from conscious_bot.behavior.frames import (
    Cause,
    End,
    Frame,
    Interrupt,
    Loop,
    error_json,
    frame_json,
    interrupt_json,
    read_cell,
    read_error,
    read_frame,
    read_interrupt,
)
from conscious_bot.behavior.predicates import SensorCall
from conscious_bot.behavior.program import Kind, Program
from conscious_bot.behavior.ticks import (
    UNREAD,
    Completion,
    Halted,
    HaltLeaf,
    Reading,
    StartLeaf,
    Status,
    Tick,
    Transition,
)
from conscious_bot.contracts import BlockPos, ConsciousBotError, ExecError, ExecErrorCode

__all__ = ["GUARD_PASSES", "IDLE_PASSES", "ArgumentsError", "Machine", "MachineError"]

GUARD_PASSES = 3
"""So many passes of a Repeat.Until may be ended by a guard without its left side improving."""
IDLE_PASSES = 10
"""So many passes of a Repeat.Until may go by without any change."""

_SUCCESS = End(None)
_CANCELLED = End(ExecError.of(ExecErrorCode.STEP_CANCELLED))
_UNSEEN = object()  # equal to no reading
_NO_NEWS = Tick(Status.RUNNING, (), (), again=False, wake=None)
# Looked up once: an enumeration's member costs several times a global.
_SEQUENCE, _SELECTOR, _REPEAT, _TIMEOUT, _GUARD, _LEAF = (
    Kind.SEQUENCE,
    Kind.SELECTOR,
    Kind.REPEAT_UNTIL,
    Kind.TIMEOUT,
    Kind.FAIL_ON_TRUE,
    Kind.LEAF,
)
_RUNNING = Status.RUNNING


class MachineError(ConsciousBotError):
    """An input that cannot be (a leaf ended that does not run) or a state of another tree. A bug of the driver."""


class ArgumentsError(ConsciousBotError):
    """The tree cannot run with these arguments. For whoever planned the step; `error` is its `step.badArgs`."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.error = ExecError.of(ExecErrorCode.STEP_BAD_ARGS, detail)


class Machine:
    """One run of a program with its arguments."""

    def __init__(self, program: Program, args: Mapping[str, Any]) -> None:
        """Raises `ArgumentsError` for an argument that is missing or that a predicate cannot use."""
        missing = sorted(program.references - set(args))
        if missing:
            raise ArgumentsError(f"the tree needs arguments that were not given: {', '.join(missing)}")
        for predicate in program.predicates:
            misfit = predicate.misfit(args)
            if misfit is not None:
                raise ArgumentsError(misfit)
        self._program = program
        self._args = dict(args)
        self._tests = tuple(predicate.test(args) for predicate in program.predicates)
        self._stack: list[Frame] = []
        self._serial = 0
        self._leaf: int | None = None  # the serial of the leaf that runs
        self._halted = 0  # the serial of the last leaf that was told to stop
        self._interrupt: Interrupt | None = None
        self._suspended: float | None = None
        self._between = False  # a Repeat.Until waits for the next tick to begin its pass
        self._begun = False
        self._end: End | None = None
        self._cell: BlockPos | None = None
        self._transitions: list[Transition] = []
        self._commands: list[StartLeaf | HaltLeaf] = []
        # What a tick without news comes to while a leaf runs, until `_due` or until one of `_armed` is true.
        # `_due` is in the past where there is no such answer.
        self._quiet = _NO_NEWS
        self._due = -math.inf
        self._armed: tuple[tuple[int, Callable[[float | bool], bool]], ...] = ()
        # What the tick under way was told.
        self._now = 0.0
        self._readings: Mapping[int, Reading] = UNREAD
        self._to_halt: ExecError | None = None
        self._to_suspend = False
        # The armed guards' readings in one call, and what they were when all were last seen to be false.
        self._armed_of: Callable[[Mapping[int, Reading]], Any] | None = None
        self._found: Any = _UNSEEN

    # ------------------------------------------------------------------ looking

    @property
    def program(self) -> Program:
        """The tree it runs."""
        return self._program

    @property
    def status(self) -> Status:
        """Of the tree as a whole."""
        if self._end is not None:
            return Status.SUCCESS if self._end.error is None else Status.FAILURE
        if self._suspended is not None:
            return Status.SUSPENDED
        if self._interrupt is not None:
            return Status.HALTING
        return _RUNNING

    @property
    def error(self) -> ExecError | None:
        """Why the tree failed; None unless it did."""
        return None if self._end is None else self._end.error

    @property
    def by_guard(self) -> bool:
        """Whether it was a guard that failed the tree."""
        return self._end is not None and self._end.guard

    @property
    def position(self) -> tuple[int, ...]:
        """The node numbers from the root to the node that runs."""
        return tuple(frame.node for frame in self._stack)

    @property
    def in_flight(self) -> int | None:
        """The serial of the leaf that runs or is being halted. In a restored machine: one whose fate is unknown."""
        return self._leaf

    @property
    def watching(self) -> tuple[int, ...]:
        """The predicates of the armed guards: while it is not empty, tick also when the world changes."""
        guards = self._program.guards
        armed = (one.predicate for frame in self._stack for one in guards[frame.node] if one.place < frame.cursor)
        return tuple(dict.fromkeys(armed))

    def asks(self, *, ended: bool) -> tuple[int, ...]:
        """The predicates that the next tick may look at; `ended`: it will be told that the leaf ended or was halted.

        While a leaf goes on these are the armed guards; a reading of any other predicate would not be used.
        """
        if self._leaf is not None and not ended:
            return self.watching
        return asked(self._program, self._stack if self._begun else None)

    def call(self, predicate: int) -> SensorCall:
        """What has to be read for a predicate, with the run's arguments filled in."""
        return self._program.predicates[predicate].call(self._args)

    # ------------------------------------------------------------------ ticking

    def tick(
        self,
        now: float,
        ended: Completion | Halted | None = None,
        readings: Mapping[int, Reading] = UNREAD,
        cell: BlockPos | None = None,
        halt: ExecError | None = None,
        suspend: bool = False,
    ) -> Tick:
        """One step: what happened since the last one, and what comes of it.

        `ended` is the end of the leaf that ran. `readings` maps the number of a predicate to what its left side
        reads; it may be lazy, but must answer alike within one tick. `cell` is where the body stands. `halt` ends
        the tree; `suspend` stops the leaf and keeps the place until a tick without it.
        Raises `MachineError`, changing nothing, for an input that cannot be.
        """
        if now < self._due and ended is None and halt is None and not suspend and (cell is None or cell == self._cell):
            armed_of = self._armed_of
            if armed_of is None:
                return self._quiet
            try:
                if armed_of(readings) == self._found or self._still_false(readings):
                    return self._quiet
            except KeyError:
                pass  # one was not read, which is news
        self._now, self._readings, self._to_halt, self._to_suspend = now, readings, halt, suspend
        return self._step(ended, cell)

    def _still_false(self, readings: Mapping[int, Reading]) -> bool:
        """Whether every armed guard was read and is false. What reads as it did the last time is false as it was."""
        for predicate, test in self._armed:
            reading = readings[predicate]
            if reading is None or test(reading):
                return False
        if self._armed_of is not None:
            self._found = self._armed_of(readings)
        return True

    def _step(self, ended: Completion | Halted | None, cell: BlockPos | None) -> Tick:
        end = None if ended is None else self._check(ended)
        self._transitions = []
        self._commands = []
        self._due = -math.inf
        again = False
        if self._end is None:
            if cell is not None and cell != self._cell:
                self._cell = cell
                self._enter_cell(cell)
            again = self._advance(ended, end)
        running = self._leaf is not None and self._interrupt is None
        wake = self._wake()
        tick = Tick(
            _RUNNING if running else self.status,
            tuple(self._commands),
            tuple(self._transitions),
            again,
            wake,
            None if self._end is None else self._end.error,
        )
        if running and wake is None and not self._tests:
            self._quiet = _NO_NEWS
            self._due = math.inf
        elif running and not self._transitions:  # else the path may be gone before it pays
            self._quiet = tick
            self._due = self._stack[-1].deadline
            watching = self.watching
            self._armed = tuple([(one, self._tests[one]) for one in watching])
            self._armed_of, self._found = itemgetter(*watching) if watching else None, _UNSEEN
        return tick

    def _wake(self) -> float | None:
        if self._suspended is not None or self._interrupt is not None or not self._stack:
            return None
        deadline = self._stack[-1].deadline
        return None if deadline == math.inf else deadline

    def _check(self, ended: Completion | Halted) -> End:
        """What the leaf that ran came to."""
        serial = ended.serial
        if serial != self._leaf:
            runs = "none runs" if self._leaf is None else f"{self._leaf} runs"
            raise MachineError(f"leaf start {serial} is said to have ended, but {runs}")
        if isinstance(ended, Completion):
            return _SUCCESS if ended.error is None else End(ended.error)
        if self._interrupt is None:
            raise MachineError(f"leaf start {serial} is said to stand still, but nobody halted it")
        return _CANCELLED

    def _advance(self, ended: Completion | Halted | None, end: End | None) -> bool:
        if self._suspended is not None:
            return self._resume()
        if end is not None:
            self._leaf = None
            if isinstance(ended, Completion):
                if ended.changed:
                    self._note_change()
                if self._interrupt is not None and self._interrupt.cause is Cause.SUSPEND:
                    self._interrupt = None  # it came to its end before it was halted
        self._look_for_interrupt(end)
        if self._interrupt is not None:
            if self._leaf is not None:
                self._halt_leaf(self._leaf)
                return False
            if end is not None:
                self._record(self._stack[-1].node, end)  # what it came to no longer matters to the tree
            return self._take_effect()
        if end is not None:
            self._record(self._stack.pop().node, end)
            return self._walk(end)
        if not self._begun:
            self._begun = True
            return self._walk(0)
        if self._between:
            return self._walk(self._begin_pass())
        return False

    # ------------------------------------------------------------------ interrupts

    def _look_for_interrupt(self, ended: End | None) -> None:
        found = self._outermost(ended)
        current = self._interrupt
        if found is not None and (current is None or (found.depth, found.place) < (current.depth, current.place)):
            self._interrupt = found

    def _outermost(self, ended: End | None) -> Interrupt | None:
        if self._to_halt is not None:
            return Interrupt(-1, 0, Cause.HALT, self._to_halt)
        program = self._program
        # A leaf that ended in this tick may have ended the Timeout's child; the walk looks again if not.
        now = self._now
        late = ended is None and bool(self._stack) and now >= self._stack[-1].deadline
        for depth, frame in enumerate(self._stack) if late or program.predicates else ():
            for guard in program.guards[frame.node]:
                if guard.place >= frame.cursor:
                    break
                reading = self._readings.get(guard.predicate)
                if reading is None:
                    text = program.predicates[guard.predicate].text
                    error = ExecError.of(ExecErrorCode.SENSE_API_ERROR, f"{text} could not be read")
                    return Interrupt(depth, guard.place, Cause.BLIND, error)
                if self._tests[guard.predicate](reading):
                    return Interrupt(depth, guard.place, Cause.GUARD)
            if late and now >= frame.deadline:
                return Interrupt(depth, 0, Cause.TIMEOUT)
        if self._to_suspend and ended is None and self._begun:
            return Interrupt(len(self._stack), 0, Cause.SUSPEND)
        return None

    def _halt_leaf(self, serial: int) -> None:
        if self._halted == serial:
            return
        self._halted = serial
        node = self._stack[-1].node
        self._commands.append(HaltLeaf(node, serial))
        self._transitions.append(Transition(node, Status.HALTING))

    def _take_effect(self) -> bool:
        """The body stands still: do what the interrupt was for."""
        interrupt = self._interrupt
        if interrupt is None:
            raise MachineError("no interrupt is pending")
        self._interrupt = None
        stack = self._stack
        if interrupt.cause is Cause.SUSPEND:
            self._suspend()
            return False
        self._between = False
        if interrupt.cause is Cause.HALT:
            self._begun = True
            self._unwind(0, End(interrupt.error))
            self._end = End(interrupt.error)
            return False
        frame = stack[interrupt.depth]
        if interrupt.cause is Cause.GUARD:
            self._unwind(interrupt.depth + 1, _CANCELLED)
            frame.cursor = interrupt.place
            return self._walk(self._program.children[frame.node][interrupt.place], triggered=True)
        return self._walk(self._cut_off(interrupt))

    def _cut_off(self, interrupt: Interrupt) -> End:
        """A Timeout that has run out, or a Sequence whose guard cannot be read, ends as a failure."""
        node = self._stack[interrupt.depth].node
        self._unwind(interrupt.depth + 1, _CANCELLED)
        self._stack.pop()
        end = End(interrupt.error)
        if interrupt.cause is Cause.TIMEOUT:
            seconds = self._program.timeout[node]
            end = End(ExecError.of(ExecErrorCode.STEP_TIMEOUT, f"not done within {seconds:g} s"))
        self._record(node, end)
        return end

    def _unwind(self, depth: int, end: End) -> None:
        """Drop the frames from `depth` on. A leaf that ran has reported already."""
        while len(self._stack) > depth:
            node = self._stack.pop().node
            if self._program.kind[node] is not _LEAF:
                self._record(node, end)

    def _suspend(self) -> None:
        self._suspended = self._now
        self._transitions.append(Transition(self._stack[-1].node, Status.SUSPENDED))

    def _resume(self) -> bool:
        """Go on after a suspension; the time that passed does not count for Timeouts."""
        if self._to_halt is not None:
            self._suspended = None
            self._interrupt = Interrupt(-1, 0, Cause.HALT, self._to_halt)
            return self._take_effect()
        if self._to_suspend or self._suspended is None:
            return False
        waited = self._now - self._suspended
        self._suspended = None
        for frame in self._stack:
            frame.deadline += waited
        self._look_for_interrupt(None)
        if self._interrupt is not None:
            return self._take_effect()
        if self._between:
            return self._walk(self._begin_pass())
        self._start(self._stack[-1].node)
        return False

    # ------------------------------------------------------------------ walking the tree

    def _walk(self, goal: int | End, *, triggered: bool = False) -> bool:
        """Go down to a node, or up with an end, until a leaf has to run or the tree has ended.

        Returns whether another tick is wanted at once. `triggered`: the node is a guard whose condition is true.
        """
        program = self._program
        kinds, children, begins = program.kind, program.children, program.begins
        stack, transitions, now = self._stack, self._transitions, self._now
        while True:
            if isinstance(goal, End):
                if not stack:
                    self._end = goal
                    return False
                frame = stack[-1]
                above = self._child_ended(frame, goal)
                if above is None:
                    self._between = True
                    return True
                goal = above
                if isinstance(goal, End):
                    stack.pop()
                    self._record(frame.node, goal)
                    continue
            node = goal
            deadline = stack[-1].deadline if stack else math.inf
            if now >= deadline:
                goal = self._cut_off(self._run_out())
                continue
            frame = Frame(node, deadline)
            stack.append(frame)
            kind = kinds[node]
            if kind is _LEAF:
                self._start(node)
                return False
            transitions.append(begins[node])
            goal = children[node][0]
            if kind is _REPEAT:
                loop = frame.loop = Loop()
                if self._cell is not None and not program.predicates[program.predicate[node]].direction:
                    loop.cells[self._cell] = None
                goal = self._next_pass(node, loop)
            elif kind is _TIMEOUT:
                frame.deadline = min(deadline, now + program.timeout[node])
            elif kind is _GUARD and not triggered:
                verdict = self._verdict(node)
                if verdict is None:
                    goal = _SUCCESS
                elif verdict.error is not None:
                    goal = verdict
            triggered = False
            if isinstance(goal, End):
                stack.pop()
                self._record(node, goal)

    def _run_out(self) -> Interrupt:
        """The outermost Timeout on the path that has run out; there is one."""
        depth = next(depth for depth, frame in enumerate(self._stack) if self._now >= frame.deadline)
        return Interrupt(depth, 0, Cause.TIMEOUT)

    def _child_ended(self, frame: Frame, end: End) -> int | End | None:
        """What the end of its child means to a node: the next child, its own end, or (None) another pass later."""
        program = self._program
        node = frame.node
        kind = program.kind[node]
        if kind is _SEQUENCE or kind is _SELECTOR:
            if (end.error is None) is (kind is _SELECTOR):
                return end
            cursor = frame.cursor = frame.cursor + 1
            siblings = program.children[node]
            if cursor < len(siblings):
                return siblings[cursor]
            # That a guard failed its last child is no guard's failure of the Selector.
            return end if kind is _SEQUENCE else End(end.error)
        if frame.loop is not None:
            if end.error is None or end.guard:
                return self._count_pass(node, frame.loop, end)
        elif kind is _GUARD and end.error is None:
            text = program.predicates[program.predicate[node]].text
            return End(ExecError.of(ExecErrorCode.GUARD_FAILED, f"{text} was true"), guard=True)
        return end

    def _start(self, node: int) -> None:
        if self._to_suspend:
            self._suspend()
            return
        self._serial += 1
        self._leaf = self._serial
        program = self._program
        template = program.args[node]
        args = _bind(template, self._args) if template else {}
        self._commands.append(StartLeaf(node, self._serial, program.leaf[node], args))
        self._transitions.append(program.begins[node])

    def _record(self, node: int, end: End) -> None:
        if end is _SUCCESS:
            self._transitions.append(self._program.succeeds[node])
        else:
            status = Status.SUCCESS if end.error is None else Status.FAILURE
            self._transitions.append(Transition(node, status, end.error, end.guard))

    def _verdict(self, node: int) -> End | None:
        """None if the node's predicate is false, success if it is true, a failure if it could not be read."""
        index = self._program.predicate[node]
        reading = self._readings.get(index)
        if reading is None:
            text = self._program.predicates[index].text
            return End(ExecError.of(ExecErrorCode.SENSE_API_ERROR, f"{text} could not be read"))
        return _SUCCESS if self._tests[index](reading) else None

    # ------------------------------------------------------------------ Repeat.Until

    def _begin_pass(self) -> int | End:
        """In the tick after a pass: what comes next."""
        self._between = False
        frame = self._stack[-1]
        if frame.loop is None:
            raise MachineError("only a Repeat.Until waits between two passes")
        goal = self._next_pass(frame.node, frame.loop)
        if isinstance(goal, End):
            self._stack.pop()
            self._record(frame.node, goal)
        return goal

    def _next_pass(self, node: int, loop: Loop) -> int | End:
        """The child to run if the predicate is not true yet, else the end. The frame stays for the caller."""
        verdict = self._verdict(node)
        if verdict is not None:
            return verdict
        loop.before = self._readings.get(self._program.predicate[node])
        self._improve(node, loop, loop.before)
        loop.moved = False
        loop.passes += 1
        return self._program.children[node][0]

    def _count_pass(self, node: int, loop: Loop, end: End) -> End | None:
        """Count a pass that is over; the failure if the loop is stuck."""
        reading = self._readings.get(self._program.predicate[node])
        self._improve(node, loop, reading)
        changed = loop.moved or (reading is not None and reading != loop.before)
        loop.idle = 0 if changed else loop.idle + 1
        if end.guard:
            loop.guarded += 1
            if loop.guarded > GUARD_PASSES:
                detail = f"{loop.guarded} passes were ended by a guard without getting further"
                return End(ExecError.of(ExecErrorCode.STUCK_LOOP, detail))
        if loop.idle >= IDLE_PASSES:
            return End(ExecError.of(ExecErrorCode.STUCK_LOOP, f"{loop.idle} passes changed nothing"))
        return None

    def _improve(self, node: int, loop: Loop, reading: Reading) -> None:
        direction = self._program.predicates[self._program.predicate[node]].direction
        if reading is None or not direction:
            return
        if loop.best is None or direction * reading > direction * loop.best:
            loop.best = float(reading)
            loop.guarded = 0

    def _enter_cell(self, cell: BlockPos) -> None:
        program = self._program
        for frame in self._stack:
            loop = frame.loop
            if loop is None:
                continue
            loop.moved = True
            if not program.predicates[program.predicate[frame.node]].direction and cell not in loop.cells:
                loop.cells[cell] = None
                loop.guarded = 0

    def _note_change(self) -> None:
        for frame in self._stack:
            if frame.loop is not None:
                frame.loop.moved = True

    # ------------------------------------------------------------------ saving

    def to_json(self) -> dict[str, Any]:
        """The whole state between two ticks, as JSON values."""
        return {
            "treeHash": self._program.tree_hash,
            "args": self._args,
            "serial": self._serial,
            "leaf": self._leaf,
            "halted": self._halted,
            "suspended": self._suspended,
            "between": self._between,
            "begun": self._begun,
            "cell": None if self._cell is None else list(self._cell),
            "interrupt": None if self._interrupt is None else interrupt_json(self._interrupt),
            "end": None if self._end is None else {"error": error_json(self._end.error), "guard": self._end.guard},
            "stack": [frame_json(frame) for frame in self._stack],
        }

    @classmethod
    def from_json(cls, program: Program, state: Mapping[str, Any]) -> Machine:
        """A machine that goes on exactly where the saved one stood. `MachineError` for a state of another tree."""
        if state.get("treeHash") != program.tree_hash:
            raise MachineError("the saved state belongs to another tree")
        try:
            machine = cls(program, state["args"])
            machine._serial = state["serial"]
            machine._leaf = state["leaf"]
            machine._halted = state["halted"]
            machine._suspended = state["suspended"]
            machine._between = state["between"]
            machine._begun = state["begun"]
            machine._cell = read_cell(state["cell"])
            interrupt, end = state["interrupt"], state["end"]
            machine._interrupt = None if interrupt is None else read_interrupt(interrupt)
            machine._end = None if end is None else End(read_error(end["error"]), end["guard"])
            machine._stack = [read_frame(frame) for frame in state["stack"]]
        except (KeyError, TypeError, ValueError, AttributeError, ArgumentsError) as error:
            raise MachineError(f"the saved state of a tree cannot be read: {error!r}") from error
        return machine


def _bind(template: Any, args: Mapping[str, Any]) -> Any:
    """The template with every `$name` replaced by the argument's value."""
    if isinstance(template, str):
        return args[template[1:]] if template.startswith("$") else template
    if isinstance(template, Mapping):
        return {key: _bind(value, args) for key, value in template.items()}
    if isinstance(template, (list, tuple)):
        return [_bind(value, args) for value in template]
    return template
