"""The tick machine beside py_trees, and the compiler: `python -m benchmarks.behavior`.

Both run the same trees in the same process: Sequences with memory, ten children each, down to leaves that
are RUNNING once and then succeed. `idleTick` is a tick in which the running leaf has nothing to tell,
`wholeRun` the tree from its beginning to its end. py_trees is ticked as its users do, without visitors.
"""

from __future__ import annotations

import argparse
import gc
import json
from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any

import py_trees

from conscious_bot.behavior import Completion, Inputs, Machine, StartLeaf, Status, compile_tree

_WIDTH = 10
_REPEATS = 7
_IDLE_TICKS = 2000


def _document(nodes: int) -> dict[str, Any]:
    """A tree of about so many nodes; the last of its leaves is reached through every level."""
    leaf: dict[str, Any] = {"type": "Leaf", "name": "wait", "args": {}}
    branches = max(1, nodes // (_WIDTH + 1))
    level: list[dict[str, Any]] = [{"type": "Sequence", "children": [leaf] * _WIDTH} for _ in range(branches)]
    while len(level) > 1:
        level = [
            {"type": "Sequence", "children": level[start : start + _WIDTH]} for start in range(0, len(level), _WIDTH)
        ]
    return level[0]


class _Once(py_trees.behaviour.Behaviour):
    """RUNNING once, then done."""

    def initialise(self) -> None:
        self.fresh = True

    def update(self) -> py_trees.common.Status:
        if self.fresh:
            self.fresh = False
            return py_trees.common.Status.RUNNING
        return py_trees.common.Status.SUCCESS


class _Never(py_trees.behaviour.Behaviour):
    """RUNNING for ever."""

    def update(self) -> py_trees.common.Status:
        return py_trees.common.Status.RUNNING


def _peer(document: dict[str, Any], leaf: type[py_trees.behaviour.Behaviour]) -> py_trees.behaviour.Behaviour:
    if document["type"] == "Leaf":
        return leaf(document["name"])
    sequence = py_trees.composites.Sequence("Sequence", memory=True)
    sequence.add_children([_peer(child, leaf) for child in document["children"]])
    return sequence


def _seconds(work: Callable[[], object]) -> float:
    """The median of several runs, without the garbage collector."""
    found: list[float] = []
    for _ in range(_REPEATS):
        gc.collect()
        gc.disable()
        began = perf_counter()
        work()
        found.append(perf_counter() - began)
        gc.enable()
    return median(found)


def _whole(machine: Machine) -> None:
    inputs, now = Inputs(), 0.0
    while True:
        tick = machine.tick(now, inputs)
        if tick.status is Status.SUCCESS:
            return
        starts = [command for command in tick.commands if isinstance(command, StartLeaf)]
        # As in the peer, a leaf is seen RUNNING once before it ends.
        machine.tick(now, Inputs())
        inputs = Inputs(completion=Completion(starts[0].serial, None)) if starts else Inputs()
        now += 0.05


def _idle(machine: Machine) -> None:
    inputs = Inputs()
    for _ in range(_IDLE_TICKS):
        machine.tick(1.0, inputs)


def _whole_peer(root: py_trees.behaviour.Behaviour) -> None:
    while True:
        root.tick_once()
        if root.status is py_trees.common.Status.SUCCESS:
            return


def _idle_peer(root: py_trees.behaviour.Behaviour) -> None:
    for _ in range(_IDLE_TICKS):
        root.tick_once()


def measure() -> dict[str, Any]:
    """All figures."""
    figures: dict[str, Any] = {}
    for nodes in (100, 1000):
        document = _document(nodes)
        program = compile_tree(document)
        idle, idle_peer = Machine(program, {}), _peer(document, _Never)
        idle.tick(0.0, Inputs())
        mine = _seconds(lambda machine=idle: _idle(machine)) / _IDLE_TICKS
        theirs = _seconds(lambda root=idle_peer: _idle_peer(root)) / _IDLE_TICKS
        whole = _seconds(lambda program=program: _whole(Machine(program, {})))
        whole_peer = _seconds(lambda document=document: _whole_peer(_peer(document, _Once)))
        figures[str(nodes)] = {
            "nodes": len(program),
            "idleTick": {"us": 1e6 * mine, "pyTreesUs": 1e6 * theirs, "ratio": theirs / mine},
            "wholeRun": {"ms": 1e3 * whole, "pyTreesMs": 1e3 * whole_peer, "ratio": whole_peer / whole},
            "compileMs": 1e3 * _seconds(lambda document=document: compile_tree(document)),
        }
    return figures


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.parse_args()
    print(json.dumps(measure(), indent=2))


if __name__ == "__main__":
    main()
