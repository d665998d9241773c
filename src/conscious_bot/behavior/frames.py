"""What the tick machine remembers between two ticks, and its JSON form."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, NamedTuple

from conscious_bot.behavior.ticks import Reading
from conscious_bot.contracts import BlockPos, ExecError

__all__ = [
    "Cause",
    "End",
    "Frame",
    "Interrupt",
    "Loop",
    "error_json",
    "frame_json",
    "interrupt_json",
    "read_cell",
    "read_error",
    "read_frame",
    "read_interrupt",
]


class Cause(IntEnum):
    """Why a leaf has to stop before its end."""

    HALT = 0
    TIMEOUT = 1
    GUARD = 2
    BLIND = 3
    SUSPEND = 4


class Interrupt(NamedTuple):
    """`depth` is the stack position it takes effect at: smaller is outer. `place` orders guards of one Sequence."""

    depth: int
    place: int
    cause: Cause
    error: ExecError | None = None


@dataclass(slots=True)
class Loop:
    """What a Repeat.Until remembers."""

    passes: int = 0  # begun
    best: float | None = None  # its left side's best value so far
    guarded: int = 0  # passes ended by a guard since the best value improved
    idle: int = 0  # passes without any change
    before: Reading = None  # its left side when the pass began
    moved: bool = False  # something changed in this pass
    # If its predicate has no order: the cells the body has entered, a dict for its order.
    cells: dict[BlockPos, None] = field(default_factory=dict[BlockPos, None])


@dataclass(slots=True)
class Frame:
    """One node on the path. `deadline` is the earliest of the Timeouts from the root down to this node."""

    node: int
    deadline: float = math.inf
    cursor: int = 0  # Sequence, Selector: the child that runs
    loop: Loop | None = None  # Repeat.Until


class End(NamedTuple):
    """How a node ended: success without an error; `guard` says that it was a guard that failed it."""

    error: ExecError | None
    guard: bool = False


def interrupt_json(interrupt: Interrupt) -> dict[str, Any]:
    """The pending interrupt as JSON values."""
    return {
        "depth": interrupt.depth,
        "place": interrupt.place,
        "cause": interrupt.cause.name,
        "error": error_json(interrupt.error),
    }


def read_interrupt(document: Mapping[str, Any]) -> Interrupt:
    """The inverse of `interrupt_json`."""
    return Interrupt(document["depth"], document["place"], Cause[document["cause"]], read_error(document["error"]))


def error_json(error: ExecError | None) -> dict[str, Any] | None:
    """The error as JSON values."""
    return None if error is None else error.wire()


def read_error(document: Mapping[str, Any] | None) -> ExecError | None:
    """The inverse of `error_json`."""
    return None if document is None else ExecError.model_validate(document)


def frame_json(frame: Frame) -> dict[str, Any]:
    """The frame as JSON values."""
    loop = frame.loop
    document: dict[str, Any] = {
        "node": frame.node,
        "cursor": frame.cursor,
        "deadline": None if frame.deadline == math.inf else frame.deadline,
    }
    if loop is not None:
        document["loop"] = {
            "passes": loop.passes,
            "best": loop.best,
            "guarded": loop.guarded,
            "idle": loop.idle,
            "before": loop.before,
            "moved": loop.moved,
            "cells": [list(cell) for cell in loop.cells],
        }
    return document


def read_frame(document: Mapping[str, Any]) -> Frame:
    """The inverse of `frame_json`."""
    deadline, loop = document["deadline"], None
    if "loop" in document:
        values = dict(document["loop"])
        values["cells"] = dict.fromkeys((x, y, z) for x, y, z in values["cells"])
        loop = Loop(**values)
    return Frame(document["node"], math.inf if deadline is None else deadline, document["cursor"], loop)


def read_cell(value: Any) -> BlockPos | None:
    """A cell from its list of three numbers."""
    return None if value is None else (value[0], value[1], value[2])
