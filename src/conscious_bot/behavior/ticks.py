"""The vocabulary between the tick machine and its driver: what goes in, what comes out."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from conscious_bot.contracts import ExecError

__all__ = ["UNREAD", "Completion", "HaltLeaf", "Halted", "Reading", "StartLeaf", "Status", "Tick", "Transition"]

Reading = float | bool | None
"""What a sensor reads; None if it could not be read."""


UNREAD: Mapping[int, Reading] = MappingProxyType({})
"""No readings."""


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


class Completion(NamedTuple):
    """The end of a started leaf: success if `error` is None."""

    serial: int
    error: ExecError | None = None
    changed: bool = False


class Halted(NamedTuple):
    """A leaf that was told to stop has stopped: the body stands still."""

    serial: int


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
