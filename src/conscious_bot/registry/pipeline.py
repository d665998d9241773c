"""The way of an option into the registry: stage by stage, each with its own code, all of it or nothing.

schema -> lint -> permission -> compile -> sandbox -> quota -> persist. The linter's one pass serves the
first three stages, so an author sees all findings whichever stage it was that refused.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Protocol

from conscious_bot.behavior import CompiledOption, CompileError, LeafIndex, LintReport, compile_option, lint_option
from conscious_bot.contracts import (
    CapabilityKind,
    CapabilityProvenance,
    CapabilityStatus,
    ExecErrorCode,
    Finding,
    FindingCode,
    OptionDocument,
    RegistryRecord,
    TrustTier,
    Wire,
)
from conscious_bot.contracts.canonical import canonical_json
from conscious_bot.registry.capabilities import CapabilityRegistry
from conscious_bot.registry.principals import Policy, Principal, Right
from conscious_bot.registry.refusal import RegistryRefusal

__all__ = ["STAGES", "Pipeline", "Registration", "Trial"]

STAGES: tuple[tuple[str, ExecErrorCode], ...] = (
    ("schema", ExecErrorCode.REGISTRY_SCHEMA),
    ("lint", ExecErrorCode.REGISTRY_LINT),
    ("permission", ExecErrorCode.PERMISSION_ESCALATION),
    ("compile", ExecErrorCode.REGISTRY_COMPILE),
    ("sandbox", ExecErrorCode.TESTS_FAILED),
    ("quota", ExecErrorCode.QUOTA_EXCEEDED),
    ("persist", ExecErrorCode.VERSION_EXISTS),
)
"""The stages in order, each with the code of its refusal."""


class Trial(Protocol):
    """What the sandbox says of an option."""

    @property
    def passed(self) -> bool:
        """Whether every test held."""
        ...

    def summary(self) -> str:
        """What failed, in a sentence."""
        ...

    def wire(self) -> dict[str, object]:
        """The report as JSON values."""
        ...


class Registration(Wire):
    """An option that was taken up. `notes` are the findings that refuse nothing."""

    ok: bool = True
    id: str
    notes: tuple[Finding, ...] = ()
    report: dict[str, Any] | None = None
    seconds: float


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Registers options. `try_out` runs an option's tests and answers when all are done.

    `leaves` gives the leaves that there are now.
    `cap_s` is the policy's limit on the whole of an option that sets none, in seconds.
    """

    registry: CapabilityRegistry
    leaves: Callable[[], LeafIndex]
    policy: Policy
    try_out: Callable[[CompiledOption], Trial]
    fixtures: Collection[str]
    cap_s: float | None

    def lint(self, raw: Any, by: Principal) -> LintReport:
        """What the linter says of a document if this principal registers it."""
        return lint_option(raw, self.leaves(), self.policy.granted(by), self.fixtures)

    def register(self, raw: Any, by: Principal) -> Registration:
        """Take an option up in shadow. Raises `RegistryRefusal`; then an audit entry is all that is left."""
        began = time.perf_counter()
        subject = _subject(raw)
        self.registry.demand(by, Right.REGISTER_OPTION, subject)
        try:
            report = self.lint(raw, by)
            document = self._judged(report)
            compiled = self._compiled(document, self.leaves())
            trial = self._tried(compiled)
            self.registry.check_registration(by)
            self.registry.register(self._record(compiled, by), by, {} if trial is None else {"sandbox": trial})
        except RegistryRefusal as refusal:
            if refusal.error.code is ExecErrorCode.QUOTA_EXCEEDED:
                raise  # it has its own event and entry
            raise self.registry.refuse(subject, Right.REGISTER_OPTION, str(by), refusal) from None
        notes = tuple(one for one in report.findings if one not in report.errors)
        return Registration(id=document.capability, notes=notes, report=trial, seconds=time.perf_counter() - began)

    def again(self, capability: str, by: Principal) -> Trial:
        """Run the sandbox's tests of a registered option once more, as it stands. Nothing is kept or changed.

        Raises `RegistryRefusal` for what has no tests, or no document any more.
        """
        self.registry.demand(by, Right.REGISTER_OPTION, capability)
        compiled = self.compiled(capability)
        if not compiled.document.tests:
            raise RegistryRefusal(ExecErrorCode.REGISTRY_NOT_FOUND, f"{capability} has no tests")
        return self.try_out(compiled)

    def compiled(self, capability: str) -> CompiledOption:
        """A registered option with the leaves that it was registered with, ready to run.

        Raises `RegistryRefusal` for a leaf, or where the document is gone."""
        record = self.registry.require(capability)
        if record.kind is not CapabilityKind.OPTION or record.spec is None:
            raise RegistryRefusal(ExecErrorCode.REGISTRY_NOT_FOUND, f"{capability} has no document that could run")
        document = OptionDocument.model_validate_json(canonical_json(record.spec))
        return self._compiled(document, self.leaves().exactly(record.uses))

    def _judged(self, report: LintReport) -> OptionDocument:
        errors = report.errors
        escalated = [one for one in errors if one.code is FindingCode.PERMISSION_ESCALATION]
        for code, found in (
            (ExecErrorCode.REGISTRY_SCHEMA, [one for one in errors if one.code is FindingCode.SCHEMA]),
            (ExecErrorCode.REGISTRY_LINT, [one for one in errors if one.code is not FindingCode.PERMISSION_ESCALATION]),
            (ExecErrorCode.PERMISSION_ESCALATION, escalated),
        ):
            if found:
                more = f" and {len(errors) - 1} more" if len(errors) > 1 else ""
                detail = f"{found[0].pointer or '/'}: {found[0].reason}{more}"
                raise RegistryRefusal(code, detail, findings=report.findings)
        document = report.document
        if document is None:
            raise RegistryRefusal(ExecErrorCode.REGISTRY_SCHEMA, "the document is no option", report.findings)
        if self.registry.get(document.capability) is not None:
            # Said again when it is stored; said here, nobody waits for a sandbox in vain.
            detail = f"{document.capability} is registered; a version never changes"
            raise RegistryRefusal(ExecErrorCode.VERSION_EXISTS, detail)
        return document

    def _compiled(self, document: OptionDocument, leaves: LeafIndex) -> CompiledOption:
        try:
            return compile_option(document, leaves, cap_s=self.cap_s)
        except CompileError as error:
            raise RegistryRefusal(ExecErrorCode.REGISTRY_COMPILE, str(error), error.findings) from error

    def _tried(self, compiled: CompiledOption) -> dict[str, Any] | None:
        if not compiled.document.tests:
            return None
        trial = self.try_out(compiled)
        if not trial.passed:
            raise RegistryRefusal(ExecErrorCode.TESTS_FAILED, trial.summary(), evidence={"report": trial.wire()})
        return trial.wire()

    def _record(self, compiled: CompiledOption, by: Principal) -> RegistryRecord:
        document = compiled.document
        tests = canonical_json([test.model_dump(mode="json", by_alias=True) for test in document.tests])
        return RegistryRecord(
            id=document.capability,
            kind=CapabilityKind.OPTION,
            status=CapabilityStatus.SHADOW,
            tier=TrustTier.COMPOSED_OPTION,
            provenance=CapabilityProvenance(
                authored_by=document.provenance.authored_by,
                parent=document.provenance.parent,
                tests_hash=hashlib.sha256(tests.encode()).hexdigest(),
                created_at=self.registry.now(),
                registered_by=str(by),
            ),
            document_hash=compiled.document_hash,
            tree_hash=compiled.program.tree_hash,
            uses=compiled.leaves,
            bounds={
                "wholeS": compiled.bound_s,
                "leavesS": dict(compiled.leaf_bounds),
                "permissions": sorted(compiled.permissions),
            },
            spec=_as_written(document),
        )


def _as_written(document: OptionDocument) -> dict[str, Any]:
    spec = document.model_dump(mode="json", by_alias=True, exclude_unset=True)
    if "permissions" in spec:
        spec["permissions"] = None if document.permissions is None else sorted(document.permissions)
    return spec


def _subject(raw: Any) -> str:
    if not isinstance(raw, dict):
        return "?"
    name, version = raw.get("id"), raw.get("version")
    return f"{name}@{version}"[:200] if isinstance(name, str) and isinstance(version, str) else "?"
