"""What a check has to say about a document: everything at once, each with its place and its remedy."""

from __future__ import annotations

from enum import StrEnum

from conscious_bot.contracts.base import Wire

__all__ = ["Finding", "FindingCode", "Severity"]


class Severity(StrEnum):
    """An error refuses the document, a note does not."""

    ERROR = "error"
    NOTE = "note"


class FindingCode(StrEnum):
    """Every kind of finding about an option. The spelling is the wire format."""

    SCHEMA = "schema"
    TOO_DEEP = "too-deep"
    TOO_WIDE = "too-wide"
    TOO_LARGE = "too-large"
    CYCLE = "cycle"
    UNKNOWN_NODE = "unknown-node"
    UNKNOWN_KEY = "unknown-key"
    MISSING_KEY = "missing-key"
    BAD_VALUE = "bad-value"
    UNKNOWN_LEAF = "unknown-leaf"
    BAD_ARGS = "bad-args"
    UNBOUND_ARG = "unbound-arg"
    UNUSED_ARG = "unused-arg"
    UNKNOWN_SENSOR = "unknown-sensor"
    BAD_PREDICATE = "bad-predicate"
    INLINE_CODE = "inline-code"
    MISSING_TIMEOUT = "missing-timeout"
    UNREACHABLE_BRANCH = "unreachable-branch"
    PERMISSION_ESCALATION = "option-permission-escalation"
    NO_TESTS = "no-tests"
    UNKNOWN_FIXTURE = "unknown-fixture"


class Finding(Wire):
    """One thing about a document. `pointer` is a JSON pointer into it, empty for the whole of it."""

    pointer: str
    code: FindingCode
    reason: str
    remedy: str
    severity: Severity = Severity.ERROR
