"""The vocabulary between the tick machine and its driver: what goes in, what comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from conscious_bot.contracts import BlockPos, ExecError

__all__ = ["Completion", "HaltLeaf", "Inputs", "Reading", "StartLeaf", "Status", "Tick", "Transition"]

Reading = float | bool | None
"""What a sensor reads; None if it could not be read."""


class _Unread(dict[int, Reading]):
    """No readings. Nothing is ever put into it, so it may be hashed, and so be a field's default as it stands."""

    __hash__ = object.__hash__  # pyright: ignore[reportAssignmentType] - a dict has none


_UNREAD: Mapping[int, Reading] = _Unread()


class Status(StrEnum):
    """What a node is doing. HALTING ends only when the body stands still."""

    RUNNING = "running"
    HALTING = "halting"
    SUSPENDED = "suspended"
    SUCCESS = "success"
    FAILURE = "failure"


class StartLeaf(NamedTuple):
    """Start this leaf. `serial` numbers the starts of the run and comes back with the leaf's end."""

    node: int
    serial: int
    name: str
    args: dict[str, Any]


class HaltLeaf(NamedTuple):
    """Stop this leaf and report when the body stands still."""

    node: int
    serial: int


# Completion and Inputs are made anew for every tick; frozen they would take four times as long to make.
@dataclass(slots=True)
class Completion:
    """The end of a started leaf: success if `error` is None."""

    serial: int
    error: ExecError | None = None
    changed: bool = False


@dataclass(slots=True)
class Inputs:
    """What happened since the last tick.

    `readings` maps the number of a predicate to what its left side reads; it may be lazy, but must
    answer alike within one tick. `cell` is where the body stands. `halt` ends the tree, `suspend`
    stops the leaf and keeps the place until a tick without it.
    """

    completion: Completion | None = None
    halted: int | None = None  # the serial of the leaf that has been stopped
    readings: Mapping[int, Reading] = _UNREAD
    cell: BlockPos | None = None
    halt: ExecError | None = None
    suspend: bool = False


class Transition(NamedTuple):
    """One node changed its status in this tick."""

    node: int
    status: Status
    error: ExecError | None = None
    guard: bool = False


class Tick(NamedTuple):
    """What a tick brought. `again` asks for another tick at once, `wake` for one at that time."""

    status: Status
    commands: tuple[StartLeaf | HaltLeaf, ...]
    transitions: tuple[Transition, ...]
    again: bool
    wake: float | None
    error: ExecError | None = None
