"""What a leaf is: a spec and a coroutine that says what is to hold when it returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from conscious_bot.contracts import LeafSpec, Permission
from conscious_bot.contracts.leaf import MUTATING
from conscious_bot.leaves.context import LeafContext
from conscious_bot.leaves.expectations import Expectation

__all__ = ["COMMANDS_BODY", "Leaf", "Outcome", "commands_body"]

COMMANDS_BODY = (MUTATING - {Permission.CHAT}) | {Permission.CONTAINER_READ}
"""Permissions that take the body for themselves: one leaf at a time may hold any of them.

Reading a container opens a window and equipping (container.read in the documents) moves items between
slots, so both count. Chat does not: one may speak while walking.
"""


def commands_body(spec: LeafSpec) -> bool:
    """Whether a run of this leaf needs the execution lock."""
    return bool(spec.permissions & COMMANDS_BODY)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a leaf says when it is done: what is to hold now (checked by the runner), and its own facts.

    `output` follows the spec's output schema. A leaf that commands the body names at least one
    expectation; a leaf that only senses names none.
    """

    expect: tuple[Expectation, ...] = ()
    output: dict[str, Any] = field(default_factory=dict[str, Any])


class Leaf(Protocol):
    """A verified primitive. It keeps nothing between runs: one object serves them all.

    A leaf fails by raising `ActionFailed`. It never catches `CancelledError` and need not stop the
    body: the runner does, on every way out.
    """

    spec: ClassVar[LeafSpec]

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        """Act. `args` fit the input schema, with its defaults filled in."""
        ...
