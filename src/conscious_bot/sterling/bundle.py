"""Solve bundles: what was asked, what was answered, and a name that is the hash of both.

A bundle is content-addressed (sha256 over RFC 8785 JSON) and holds its whole input, so it can be solved
again anywhere; `replay` says whether the answer is still the same. The time it took is no part of it: who
has a clock reports it beside the bundle.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import rfc8785

from conscious_bot.sterling.errors import SolverInputError

__all__ = ["BUNDLE_VERSION", "BundleError", "SolveBundle", "content_hash", "replay"]

BUNDLE_VERSION = 1

_KEYS = ("bundleVersion", "solverId", "solverVersion", "inputHash", "input", "policyId", "nodes", "rationale", "result")


class BundleError(SolverInputError):
    """A bundle that cannot be read, or whose hashes do not fit its content."""


def content_hash(value: Any) -> str:
    """`sha256:` and the digest of the value's RFC 8785 form. Raises `BundleError` if it has none."""
    try:
        data = rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, TypeError, RecursionError) as error:
        raise BundleError(f"not expressible as canonical JSON: {error}") from error
    return "sha256:" + hashlib.sha256(data).hexdigest()


@dataclass(frozen=True)
class SolveBundle:
    """One solved question. `input` and `result` are JSON values; `rationale` says why this is the answer."""

    solver_id: str
    solver_version: int
    input: Mapping[str, Any]
    policy_id: str
    nodes: int
    rationale: Mapping[str, Any]
    result: Mapping[str, Any]

    @property
    def input_hash(self) -> str:
        """The name of the question."""
        return content_hash(dict(self.input))

    @property
    def id(self) -> str:
        """The name of the bundle."""
        return content_hash(self._content())

    def _content(self) -> dict[str, Any]:
        return {
            "bundleVersion": BUNDLE_VERSION,
            "solverId": self.solver_id,
            "solverVersion": self.solver_version,
            "inputHash": self.input_hash,
            "input": dict(self.input),
            "policyId": self.policy_id,
            "nodes": self.nodes,
            "rationale": dict(self.rationale),
            "result": dict(self.result),
        }

    def wire(self) -> dict[str, Any]:
        """The JSON form, with its id."""
        return {"bundleId": self.id, **self._content()}

    @classmethod
    def from_wire(cls, raw: Any) -> SolveBundle:
        """Read the JSON form. Raises `BundleError` if a field is missing or a hash does not fit."""
        if not isinstance(raw, Mapping):
            raise BundleError(f"bundle: expected an object, got {type(raw).__name__}")
        missing = [key for key in ("bundleId", *_KEYS) if key not in raw]
        if missing:
            raise BundleError(f"bundle: {', '.join(missing)} missing")
        if raw["bundleVersion"] != BUNDLE_VERSION:
            raise BundleError(f"bundle: version {raw['bundleVersion']!r} is not {BUNDLE_VERSION}")
        for key in ("input", "rationale", "result"):
            if not isinstance(raw[key], Mapping):
                raise BundleError(f"bundle.{key}: expected an object")
        bundle = cls(
            solver_id=str(raw["solverId"]),
            solver_version=raw["solverVersion"],
            input=raw["input"],
            policy_id=str(raw["policyId"]),
            nodes=raw["nodes"],
            rationale=raw["rationale"],
            result=raw["result"],
        )
        if bundle.input_hash != raw["inputHash"] or bundle.id != raw["bundleId"]:
            raise BundleError(f"bundle {raw['bundleId']}: its content has another hash, {bundle.id}")
        return bundle


def replay(bundle: SolveBundle, solve: Callable[[Mapping[str, Any]], SolveBundle]) -> list[str]:
    """Solve the bundle's input again; what came out differently, empty if nothing did."""
    again = solve(bundle.input)
    different = [f"solver version: {bundle.solver_version} then, {again.solver_version} now"]
    different = different if bundle.solver_version != again.solver_version else []
    for name, then, now in (
        ("policy", bundle.policy_id, again.policy_id),
        ("nodes", bundle.nodes, again.nodes),
        ("rationale", content_hash(dict(bundle.rationale)), content_hash(dict(again.rationale))),
        ("result", content_hash(dict(bundle.result)), content_hash(dict(again.result))),
    ):
        if then != now:
            different.append(f"{name}: {then} then, {now} now")
    return different
