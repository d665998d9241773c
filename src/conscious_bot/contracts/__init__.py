"""The vocabulary of the whole house: models, codes, ids. No behaviour, no input or output."""

from conscious_bot.contracts.base import BlockPos, Position, Wire
from conscious_bot.contracts.capability import (
    AuditEntry,
    CapabilityAct,
    CapabilityKind,
    CapabilityProvenance,
    CapabilityRun,
    CapabilityStatus,
    RegistryRecord,
    RunMode,
    StatusChange,
    TrustTier,
)
from conscious_bot.contracts.clock import TICKS_PER_SECOND, Clock
from conscious_bot.contracts.errors import ActionFailed, ConsciousBotError, ExecError, ExecErrorCode, UserError
from conscious_bot.contracts.events import Event, EventType, Provenance
from conscious_bot.contracts.finding import Finding, FindingCode, Severity
from conscious_bot.contracts.ids import IdSource
from conscious_bot.contracts.intent import Intent, Safety
from conscious_bot.contracts.leaf import MUTATING, LeafRunOptions, LeafSpec, Permission
from conscious_bot.contracts.option import Author, OptionDocument, OptionProvenance, OptionTest
from conscious_bot.contracts.path import Primitive
from conscious_bot.contracts.plan import Plan, PlanStep
from conscious_bot.contracts.result import ActionResult

__all__ = [
    "MUTATING",
    "TICKS_PER_SECOND",
    "ActionFailed",
    "ActionResult",
    "AuditEntry",
    "Author",
    "BlockPos",
    "CapabilityAct",
    "CapabilityKind",
    "CapabilityProvenance",
    "CapabilityRun",
    "CapabilityStatus",
    "Clock",
    "ConsciousBotError",
    "Event",
    "EventType",
    "ExecError",
    "ExecErrorCode",
    "Finding",
    "FindingCode",
    "IdSource",
    "Intent",
    "LeafRunOptions",
    "LeafSpec",
    "OptionDocument",
    "OptionProvenance",
    "OptionTest",
    "Permission",
    "Plan",
    "PlanStep",
    "Position",
    "Primitive",
    "Provenance",
    "RegistryRecord",
    "RunMode",
    "Safety",
    "Severity",
    "StatusChange",
    "TrustTier",
    "UserError",
    "Wire",
]
