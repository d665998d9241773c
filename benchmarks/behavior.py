"""The tick machine beside py_trees, and the compiler: `python -m benchmarks.behavior`.

Both run the same trees in the same process, in turns. `nested` has Sequences of ten children on several
levels, `flat` one Sequence with all the leaves. All trees are built before the clock starts; py_trees is
ticked as its users do, without visitors. What is measured is the thread's own processor time, in stretches of
like length for both: on a busy machine a long stretch is interrupted and a short one is not, which would
flatter the faster side.

`idleTick`: every leaf but the last is done, the last one runs and has nothing to tell. The peer's
Sequences have memory, which is what this language's Sequences mean: it walks from the root to the running
leaf, the machine has kept the path. The machine is told the time alone; in `withInputs` it is told all that its
driver tells it: the time, that no leaf ended, readings (there are none to be had), that nobody wants a halt or a
suspension, and no place, as the driver asks where the body is for a Repeat.Until only. (The driver makes neither
tick: it ticks when a leaf ends, when time runs out, and, while guards are armed, when it has looked at the world.)

`guardedTick`: the same as `withInputs`, with guards armed that are all false; each has a condition of its own, and
the readings stand ready for both. In `nested` every Sequence begins with one. The peer's reactive idiom for it is a
Sequence without memory of the condition and a Sequence with memory of the rest. In `flat` every leaf has
a guard before it. The peer has one Sequence without memory of conditions and leaves, each leaf under a OneShot,
so that a finished leaf is not run again. `hoisted` is the cheapest the peer has for that moment: all the
conditions before all the leaves. It means something else before the last leaf runs, as guards are then armed too early.

`runAtOnce`: the tree from its beginning to its end, every leaf done when it is first looked at. The peer
does it within one tick. The machine hands each leaf out, as a command to a body that takes its time, and is
told of its end in a tick of its own: it does more here, and says more.

`runInTicks`: the same with leaves that run over one more tick, without inputs, before they end; the peer walks
from the root for each.
"""

from __future__ import annotations

import argparse
import gc
import json
from collections.abc import Callable
from functools import partial
from statistics import median
from time import thread_time
from typing import Any

import py_trees
from py_trees.common import OneShotPolicy
from py_trees.common import Status as PeerStatus

from conscious_bot.behavior import Completion, Machine, Program, Reading, StartLeaf, Status, compile_tree

_WIDTH = 10
_REPEATS = 9
_STRETCH_S = 0.01  # at least so long is one measurement


def _leaf(name: str) -> dict[str, Any]:
    return {"type": "Leaf", "name": name, "args": {}}


def _sequence(children: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "Sequence", "children": children}


def _guard(number: int) -> dict[str, Any]:
    return {"type": "Decorator.FailOnTrue", "cond": f"has(item:thing_{number})>=1", "child": _leaf("react")}


def _nested(nodes: int) -> dict[str, Any]:
    """A tree of about so many nodes; the last of its leaves is reached through every level."""
    branches = max(1, nodes // (_WIDTH + 1))
    level = [_sequence([_leaf("go")] * _WIDTH) for _ in range(branches)]
    while len(level) > 1:
        level = [_sequence(level[start : start + _WIDTH]) for start in range(0, len(level), _WIDTH)]
    return level[0]


def _flat(nodes: int) -> dict[str, Any]:
    return _sequence([_leaf("go")] * (nodes - 1))


def _with_last(document: dict[str, Any], name: str) -> dict[str, Any]:
    """The tree with another last leaf."""
    if document["type"] == "Leaf":
        return _leaf(name)
    *first, last = document["children"]
    return _sequence([*first, _with_last(last, name)])


def _guarded_nested(document: dict[str, Any], numbers: list[int]) -> dict[str, Any]:
    """The tree with a guard at the head of every Sequence."""
    if document["type"] == "Leaf":
        return document
    numbers.append(len(numbers))
    guard = _guard(numbers[-1])
    return _sequence([guard, *(_guarded_nested(child, numbers) for child in document["children"])])


def _guarded_flat(nodes: int) -> dict[str, Any]:
    pairs = [[_guard(number), _leaf("go")] for number in range(nodes // 3)]
    return _sequence([one for pair in pairs for one in pair])


class _Go(py_trees.behaviour.Behaviour):
    """Done when it is first looked at."""

    def update(self) -> PeerStatus:
        return PeerStatus.SUCCESS


class _Once(py_trees.behaviour.Behaviour):
    """RUNNING once, then done."""

    def initialise(self) -> None:
        self.fresh = True

    def update(self) -> PeerStatus:
        if self.fresh:
            self.fresh = False
            return PeerStatus.RUNNING
        return PeerStatus.SUCCESS


class _Stay(py_trees.behaviour.Behaviour):
    """RUNNING for ever."""

    def update(self) -> PeerStatus:
        return PeerStatus.RUNNING


class _Holds(py_trees.behaviour.Behaviour):
    """A guard's condition, read from what stands ready."""

    def __init__(self, predicate: int, readings: dict[int, Reading]) -> None:
        super().__init__("condition")
        self._predicate = predicate
        self._readings = readings

    def update(self) -> PeerStatus:
        reading = self._readings[self._predicate]
        return PeerStatus.FAILURE if reading is None or reading >= 1 else PeerStatus.SUCCESS


_LEAVES: dict[str, type[py_trees.behaviour.Behaviour]] = {"go": _Go, "once": _Once, "stay": _Stay}


def _is_guard(document: dict[str, Any]) -> bool:
    return document["type"] == "Decorator.FailOnTrue"


class _Peer:
    """Builds the peer's tree; conditions are numbered in document order, as in the program."""

    def __init__(self, readings: dict[int, Reading], *, hoist: bool = False) -> None:
        self._readings = readings
        self._hoist = hoist
        self._conditions = 0

    def build(self, document: dict[str, Any]) -> py_trees.behaviour.Behaviour:
        if document["type"] == "Leaf":
            return _LEAVES[document["name"]](document["name"])
        children = document["children"]
        guards = sum(_is_guard(child) for child in children)
        if guards > 1 and not self._hoist:
            reactive = py_trees.composites.Sequence("Sequence", memory=False)
            reactive.add_children([self._kept(child) for child in children])
            return reactive
        conditions = [self._condition() for _ in range(guards)]
        rest = py_trees.composites.Sequence("Sequence", memory=True)
        rest.add_children([self.build(child) for child in children if not _is_guard(child)])
        if not conditions:
            return rest
        around = py_trees.composites.Sequence("guarded", memory=False)
        around.add_children([*conditions, rest])
        return around

    def _condition(self) -> py_trees.behaviour.Behaviour:
        self._conditions += 1
        return _Holds(self._conditions - 1, self._readings)

    def _kept(self, child: dict[str, Any]) -> py_trees.behaviour.Behaviour:
        if _is_guard(child):
            return self._condition()
        return py_trees.decorators.OneShot("once", self.build(child), OneShotPolicy.ON_SUCCESSFUL_COMPLETION)


def _seconds(work: Callable[[int], object], times: int) -> float:
    gc.disable()
    began = thread_time()
    work(times)
    took = thread_time() - began
    gc.enable()
    return took


def _enough(work: Callable[[int], object]) -> int:
    """So many times the work has to be done to be measured."""
    gc.collect()
    times = 1
    while _seconds(work, times) < _STRETCH_S:
        times *= 2
    return times


def _compare(mine: Callable[[int], object], theirs: Callable[[int], object]) -> dict[str, float]:
    """Medians over several turns, in microseconds for once."""
    ours, peers = _enough(mine), _enough(theirs)
    turns = [(_seconds(mine, ours) / ours, _seconds(theirs, peers) / peers) for _ in range(_REPEATS)]
    return {
        "us": round(1e6 * median(a for a, _ in turns), 4),
        "pyTreesUs": round(1e6 * median(b for _, b in turns), 4),
        "ratio": round(median(b / a for a, b in turns), 2),
    }


def _arrive(machine: Machine, readings: dict[int, Reading]) -> None:
    """Run until the leaf that stays runs."""
    tick = machine.tick(0.0, None, readings)
    while True:
        (start,) = tick.commands
        if not isinstance(start, StartLeaf):
            raise TypeError("nothing halts here")
        if start.name == "stay":
            return
        tick = machine.tick(0.0, Completion(start.serial), readings)


def _tick_idle(machine: Machine, ticks: int) -> None:
    for _ in range(ticks):
        machine.tick(1.0)


def _tick_told(machine: Machine, readings: dict[int, Reading], ticks: int) -> None:
    ended, cell, halt, suspend = None, None, None, False
    for _ in range(ticks):
        machine.tick(1.0, ended, readings, cell, halt, suspend)


def _tick_peer(root: py_trees.behaviour.Behaviour, ticks: int) -> None:
    for _ in range(ticks):
        root.tick_once()


def _run(program: Program, again: int, runs: int) -> None:
    """Whole runs, in which every leaf runs over `again` ticks before the one in which it ends."""
    for _ in range(runs):
        machine = Machine(program, {})
        tick = machine.tick(0.0)
        while tick.status is not Status.SUCCESS:
            serial = tick.commands[0].serial
            for _ in range(again):
                machine.tick(0.0)
            tick = machine.tick(0.0, Completion(serial))


def _run_peer(root: py_trees.behaviour.Behaviour, runs: int) -> None:
    for _ in range(runs):
        root.tick_once()
        while root.status is not PeerStatus.SUCCESS:
            root.tick_once()


def _checked(root: py_trees.behaviour.Behaviour) -> py_trees.behaviour.Behaviour:
    """The peer's tree, with every leaf done but the last."""
    root.tick_once()
    running = [one for one in root.iterate() if isinstance(one, _Stay) and one.status is PeerStatus.RUNNING]
    if len(running) != 1 or root.status is not PeerStatus.RUNNING:
        raise RuntimeError("the peer does not stand at its last leaf")
    return root


def _figures(document: dict[str, Any], guarded: dict[str, Any]) -> dict[str, Any]:
    program = compile_tree(document)
    idle = Machine(compile_tree(_with_last(document, "stay")), {})
    _arrive(idle, {})
    idle_peer = _checked(_Peer({}).build(_with_last(document, "stay")))
    at_once = _Peer({}).build(document)
    in_ticks = _Peer({}).build(json.loads(json.dumps(document).replace('"go"', '"once"')))
    return {
        "nodes": len(program),
        "idleTick": _compare(partial(_tick_idle, idle), partial(_tick_peer, idle_peer)),
        "withInputs": _compare(partial(_tick_told, idle, {}), partial(_tick_peer, idle_peer)),
        "guardedTick": _guarded(_with_last(guarded, "stay")),
        "runAtOnce": _compare(partial(_run, program, 0), partial(_run_peer, at_once)),
        "runInTicks": _compare(partial(_run, program, 1), partial(_run_peer, in_ticks)),
        "compileMs": _compile_ms(document),
    }


def _guarded(document: dict[str, Any]) -> dict[str, Any]:
    machine = Machine(compile_tree(document), {})
    readings: dict[int, Reading] = dict.fromkeys(range(len(machine.program.predicates)), 0)
    _arrive(machine, readings)
    found: dict[str, Any] = {"armed": len(machine.watching)}
    for name, hoist in (("asMeant", False), ("hoisted", True)):
        peer = _checked(_Peer(readings, hoist=hoist).build(document))
        found[name] = _compare(partial(_tick_told, machine, readings), partial(_tick_peer, peer))
    return found


def _compile(document: dict[str, Any], times: int) -> None:
    for _ in range(times):
        compile_tree(document)


def _compile_ms(document: dict[str, Any]) -> float:
    work = partial(_compile, document)
    times = _enough(work)
    return round(1e3 * median(_seconds(work, times) / times for _ in range(_REPEATS)), 3)


def measure() -> dict[str, Any]:
    """All figures."""
    return {
        str(nodes): {
            "nested": _figures(_nested(nodes), _guarded_nested(_nested(nodes), [])),
            "flat": _figures(_flat(nodes), _guarded_flat(nodes)),
        }
        for nodes in (100, 1000)
    }


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.parse_args()
    print(json.dumps(measure(), indent=2))


if __name__ == "__main__":
    main()
