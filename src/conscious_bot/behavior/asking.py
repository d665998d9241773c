"""Which predicates a tick may look at, so that only those sensors are read."""

from __future__ import annotations

from collections.abc import Iterable

from conscious_bot.behavior.frames import Frame
from conscious_bot.behavior.program import Kind, Program

__all__ = ["asked"]


def asked(program: Program, path: Iterable[Frame] | None) -> tuple[int, ...]:
    """The predicates that a tick may look at in which the leaf at the end of the path ends; None before the first."""
    found: dict[int, None] = {}
    if path is None:
        _opening(program, 0, found)
        return tuple(found)
    for frame in path:
        kind = program.kind[frame.node]
        for guard in program.guards[frame.node]:
            if guard.place < frame.cursor:
                _opening(program, guard.node, found)
        if kind is Kind.REPEAT_UNTIL:
            _opening(program, frame.node, found)
        elif kind in (Kind.SEQUENCE, Kind.SELECTOR):
            for child in program.children[frame.node][frame.cursor + 1 :]:
                if not _opening(program, child, found):
                    break
    return tuple(found)


def _opening(program: Program, node: int, found: dict[int, None]) -> bool:
    """Add the predicates that may be read from entering a node until a leaf starts.

    Returns whether the node may end without starting one.
    """
    kind = program.kind[node]
    if kind is Kind.LEAF:
        return False
    if kind in (Kind.REPEAT_UNTIL, Kind.FAIL_ON_TRUE):
        found[program.predicate[node]] = None
        _opening(program, program.children[node][0], found)
        return True
    # A branch whose first child may end without a leaf may end with it.
    children = program.children[node]
    for place, child in enumerate(children):
        if not _opening(program, child, found):
            return place > 0
    return True
