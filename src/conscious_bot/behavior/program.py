"""What a tree compiles to: flat tuples over node numbers, in document order, root first."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from conscious_bot.behavior.predicates import Predicate
from conscious_bot.behavior.ticks import Transition

__all__ = ["Guard", "Kind", "Program"]


class Kind(IntEnum):
    """The six node types."""

    SEQUENCE = 0
    SELECTOR = 1
    REPEAT_UNTIL = 2
    TIMEOUT = 3
    FAIL_ON_TRUE = 4
    LEAF = 5


@dataclass(frozen=True, slots=True)
class Guard:
    """A FailOnTrue that is a child of a Sequence: it stays armed for the siblings behind it."""

    place: int  # which child of the Sequence it is
    node: int
    predicate: int


@dataclass(frozen=True, slots=True)
class Program:
    """A compiled tree. Every tuple is indexed by node number; -1, empty or None where it does not apply.

    `path` is the JSON pointer of the node in its tree, `label` its name for people. `tree_hash` is
    sha256 over the RFC 8785 form of the tree with the grammar's defaults filled in.
    """

    tree_hash: str
    kind: tuple[Kind, ...]
    children: tuple[tuple[int, ...], ...]
    guards: tuple[tuple[Guard, ...], ...]
    predicate: tuple[int, ...]
    timeout: tuple[float, ...]  # seconds
    leaf: tuple[str, ...]
    args: tuple[dict[str, Any] | None, ...]
    path: tuple[str, ...]
    label: tuple[str, ...]
    predicates: tuple[Predicate, ...]
    references: frozenset[str]  # the names of all arguments the tree needs
    # What the machine reports of a node most often, made once.
    begins: tuple[Transition, ...]
    succeeds: tuple[Transition, ...]

    def __len__(self) -> int:
        return len(self.kind)
