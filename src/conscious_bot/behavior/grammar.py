"""BT-DSL: the six node types a tree may be made of, as types and as JSON Schema."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

__all__ = ["TREE", "FailOnTrue", "Leaf", "Node", "RepeatUntil", "Selector", "Sequence", "Timeout", "tree_schema"]

_PREDICATE_LENGTH = 200
_DAY_MS = 86_400_000


class _Node(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Leaf(_Node):
    """One verified primitive. A string `$name` among the arguments stands for the tree's argument."""

    type: Literal["Leaf"]
    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")
    args: dict[str, Any] = Field(default_factory=dict)


class Sequence(_Node):
    """All children in order; it fails with the first that fails, and remembers where it is."""

    type: Literal["Sequence"]
    children: list[Node] = Field(min_length=1)


class Selector(_Node):
    """The first child that succeeds; it fails when all have failed, and remembers where it is."""

    type: Literal["Selector"]
    children: list[Node] = Field(min_length=1)


class RepeatUntil(_Node):
    """Passes of the child until the predicate holds."""

    type: Literal["Repeat.Until"]
    predicate: str = Field(min_length=1, max_length=_PREDICATE_LENGTH)
    child: Node


class Timeout(_Node):
    """Halts its child after so many milliseconds."""

    type: Literal["Decorator.Timeout"]
    ms: int = Field(gt=0, le=_DAY_MS)
    child: Node


class FailOnTrue(_Node):
    """A guard: while the condition is false it lets pass; when it is true the child reacts, then it fails."""

    type: Literal["Decorator.FailOnTrue"]
    cond: str = Field(min_length=1, max_length=_PREDICATE_LENGTH)
    child: Node


Node = Annotated[
    Sequence | Selector | RepeatUntil | Timeout | FailOnTrue | Leaf,
    Field(discriminator="type"),
]
"""Any node of a tree."""

for _model in (Sequence, Selector, RepeatUntil, Timeout, FailOnTrue):
    _model.model_rebuild()

TREE: TypeAdapter[Node] = TypeAdapter(Node)
"""Validates a tree and fills in the grammar's defaults."""


def tree_schema() -> dict[str, Any]:
    """The grammar as JSON Schema (2020-12)."""
    return TREE.json_schema()
