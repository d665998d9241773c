"""The contract of a verified primitive."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from pydantic import Field

from conscious_bot.contracts.base import Wire
from conscious_bot.contracts.errors import ExecErrorCode

__all__ = ["MUTATING", "LeafRunOptions", "LeafSpec", "Permission"]


class Permission(StrEnum):
    """What a leaf may do. The spelling is the wire format."""

    MOVEMENT = "movement"
    DIG = "dig"
    PLACE = "place"
    CRAFT = "craft"
    SENSE = "sense"
    CONTAINER_READ = "container.read"
    CONTAINER_WRITE = "container.write"
    CHAT = "chat"
    TARGET_PASSIVE = "target.passive"
    INTERRUPT = "interrupt"
    TIME_AWARENESS = "time.awareness"
    SPATIAL_HOME = "spatial.home"
    NAVIGATE_STERLING = "navigate.sterling"
    NAVIGATE_HAZARD_AWARE = "navigate.hazard_aware"
    NAVIGATE_VERTICAL = "navigate.vertical"


MUTATING = frozenset(
    {
        Permission.MOVEMENT,
        Permission.DIG,
        Permission.PLACE,
        Permission.CRAFT,
        Permission.CONTAINER_WRITE,
        Permission.CHAT,
    }
)
"""The permissions that change the world; a leaf without any of them only senses."""


class LeafSpec(Wire):
    """What a leaf promises. Schemas are JSON Schema and are compiled once, at registration.

    `postconditions` is a JSON Schema over the observed difference (inventory, blocks, position) that
    must hold before the leaf may succeed; the runner checks it, not the leaf. `failures` are the codes that the
    leaf may fail with of its own, beside those that may befall any leaf. `argument_permissions` are
    needed besides for certain values of an argument: `{"targetFilter": {"any": {"target.passive"}}}`.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    version: str = Field(pattern=r"^\d+\.\d+\.\d+$")
    description: str
    input_schema: dict[str, Any]
    output_schema: dict[str, Any] | None = None
    postconditions: dict[str, Any] | None = None
    failures: frozenset[ExecErrorCode] = frozenset()
    timeout_ms: int = Field(gt=0)
    retries: int = Field(ge=0, le=5)
    permissions: frozenset[Permission]
    argument_permissions: dict[str, dict[str, frozenset[Permission]]] = Field(default_factory=dict)
    rate_limit_per_min: int = Field(default=60, gt=0)
    max_concurrent: int = Field(default=1, gt=0)

    @property
    def id(self) -> str:
        """name@version."""
        return f"{self.name}@{self.version}"

    def permissions_for(self, args: Mapping[str, Any]) -> frozenset[Permission]:
        """What a run with these arguments needs."""
        more = (by_value.get(str(args.get(name)), frozenset()) for name, by_value in self.argument_permissions.items())
        return self.permissions.union(*more)

    @property
    def mutating(self) -> bool:
        """Whether the leaf may change the world."""
        return bool(self.permissions & MUTATING)


class LeafRunOptions(Wire):
    """How one run is to be treated. A repeated key within the window returns the first result."""

    idempotency_key: str | None = None
    timeout_ms: int | None = Field(default=None, gt=0)
