"""What the registry keeps of a capability: its record, its way through life, its runs."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import Field

from conscious_bot.contracts.base import Wire
from conscious_bot.contracts.errors import ExecError
from conscious_bot.contracts.option import Author

__all__ = [
    "AuditEntry",
    "CapabilityAct",
    "CapabilityKind",
    "CapabilityProvenance",
    "CapabilityRun",
    "CapabilityStatus",
    "RegistryRecord",
    "RunMode",
    "StatusChange",
    "TrustTier",
]


class CapabilityKind(StrEnum):
    """A primitive in code, or a composition of primitives."""

    LEAF = "leaf"
    OPTION = "option"


class CapabilityStatus(StrEnum):
    """Where a capability stands. Only an active one is chosen by planners."""

    SHADOW = "shadow"
    ACTIVE = "active"
    RETIRED = "retired"
    REVOKED = "revoked"


class CapabilityAct(StrEnum):
    """What moves a capability from one status to another."""

    REGISTER = "register"
    PROMOTE = "promote"
    REVERT = "revert"
    RETIRE = "retire"
    REVOKE = "revoke"


class TrustTier(StrEnum):
    """Whose work it is, and so how far it is believed."""

    HUMAN_LEAF = "0"
    COMPOSED_OPTION = "1"
    PROPOSED_LEAF = "2"


class CapabilityProvenance(Wire):
    """Where it comes from. `code_hash` is a leaf's module tree, `signed_by` the id of the key that vouches for it."""

    authored_by: Author
    parent: str | None = None
    code_hash: str | None = None
    tests_hash: str | None = None
    signed_by: str | None = None
    created_at: str
    registered_by: str


class RegistryRecord(Wire):
    """One immutable capability. Only `status` ever changes; `spec` is None once it was garbage-collected.

    `spec` is the document as it was registered; `document_hash` covers all of it, `tree_hash` its tree.
    `uses` are the exact leaf versions it was compiled against, `bounds` what policy added.
    """

    id: str
    kind: CapabilityKind
    status: CapabilityStatus
    tier: TrustTier
    provenance: CapabilityProvenance
    document_hash: str
    tree_hash: str | None = None
    uses: tuple[str, ...] = ()
    bounds: dict[str, Any] = Field(default_factory=dict)
    spec: dict[str, Any] | None = None

    @property
    def name(self) -> str:
        """The id without its version."""
        return self.id.partition("@")[0]

    @property
    def version(self) -> str:
        """The id's version."""
        return self.id.partition("@")[2]


class StatusChange(Wire):
    """One step in a capability's life: append-only, with who did it, why, and on what evidence."""

    id: str
    act: CapabilityAct
    before: CapabilityStatus | None = None
    after: CapabilityStatus
    by: str
    reason: str
    evidence: dict[str, Any] = Field(default_factory=dict)
    at: str


class AuditEntry(Wire):
    """Something that was asked of the registry and refused."""

    subject: str
    act: str
    by: str
    error: ExecError
    at: str


class RunMode(StrEnum):
    """In which world a capability ran, and whether anything hung on it."""

    SANDBOX = "sandbox"
    SHADOW = "shadow"
    LIVE = "live"


class CapabilityRun(Wire):
    """One run of a capability and what came of it. `start` names the situation it began in.

    A paired run also says what the incumbent did from the same start, and which of the two had the better
    metric: 1 the capability, -1 the incumbent, 0 neither.
    """

    id: str
    mode: RunMode
    ok: bool
    start: str
    seconds: float = Field(ge=0)
    error: ExecError | None = None
    violation: str | None = None
    died: bool = False
    incumbent: str | None = None
    incumbent_ok: bool | None = None
    incumbent_died: bool = False
    better: int = Field(default=0, ge=-1, le=1)
    metrics: dict[str, float] = Field(default_factory=dict)
    at: float  # seconds since 1970 UTC
