"""What the grammar objects to, told as findings: with a place, a reason and a remedy."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError

from conscious_bot.behavior.predicates import PredicateError
from conscious_bot.contracts import Finding, FindingCode

__all__ = ["closest", "grammar_findings", "pointer", "predicate_finding"]

NODE_TYPES = ("Sequence", "Selector", "Repeat.Until", "Decorator.Timeout", "Decorator.FailOnTrue", "Leaf")
_CODES = {
    "union_tag_invalid": (FindingCode.UNKNOWN_NODE, f"use one of {', '.join(NODE_TYPES)}"),
    "union_tag_not_found": (FindingCode.MISSING_KEY, f"give the node a type: {', '.join(NODE_TYPES)}"),
    "extra_forbidden": (FindingCode.UNKNOWN_KEY, "leave it out"),
    "missing": (FindingCode.MISSING_KEY, "add it"),
}
_REMEDIES = {
    FindingCode.INLINE_CODE: "write one named sensor and one comparison; there is no other code in an option",
    FindingCode.UNKNOWN_SENSOR: "use one of the sensors named",
    FindingCode.BAD_PREDICATE: "write it as the sensor's signature asks",
}


def pointer(*parts: str | int) -> str:
    """The JSON pointer (RFC 6901) of these steps."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def grammar_findings(error: ValidationError, base: str = "", code: FindingCode | None = None) -> list[Finding]:
    """Every objection of a model. `code` replaces the grammar's own codes where the model is no tree."""
    found: list[Finding] = []
    for one in error.errors(include_url=False, include_input=False):
        kind, remedy = _CODES.get(one["type"], (FindingCode.BAD_VALUE, "give it a value that fits"))
        # pydantic puts the chosen union member into the location; a pointer into the document has no such part.
        place = base + pointer(*(part for part in one["loc"] if part not in NODE_TYPES))
        found.append(Finding(pointer=place, code=code or kind, reason=one["msg"], remedy=remedy))
    return found


def predicate_finding(error: PredicateError, place: str) -> Finding:
    """The finding about a text that is no predicate."""
    return Finding(pointer=place, code=error.code, reason=str(error), remedy=_REMEDIES[error.code])


def closest(name: Any, known: Iterable[str]) -> str:
    """A remedy that names what may have been meant."""
    names = sorted(known)
    near = difflib.get_close_matches(str(name), names, n=3)
    return f"did you mean {' or '.join(near)}?" if near else f"use one of {', '.join(names)}"
