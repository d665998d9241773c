"""Who moves capabilities through their lives: the rule on its own after each run, people through its gate."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Executable

from conscious_bot.contracts import (
    CapabilityAct,
    CapabilityKind,
    CapabilityRun,
    CapabilityStatus,
    ExecErrorCode,
    RegistryRecord,
    RunMode,
    StatusChange,
)
from conscious_bot.registry.capabilities import CapabilityRegistry
from conscious_bot.registry.principals import Principal, Right
from conscious_bot.registry.promotion import Decision, Outcome, PromotionRule, Verdict, decide, watch
from conscious_bot.registry.refusal import RegistryRefusal
from conscious_bot.registry.reports import RunReport
from conscious_bot.registry.store import run_row

__all__ = ["GATE", "Governor"]

GATE = "gate"
"""Who does what the evidence alone decides."""


@dataclass(slots=True)
class Governor:
    """Applies the promotion rule. `budget_s` is the limit on an option's p95 duration where it sets none itself."""

    registry: CapabilityRegistry
    rule: PromotionRule = field(default_factory=PromotionRule)
    budget_s: float = 600.0
    _turn: threading.RLock = field(default_factory=threading.RLock, repr=False, compare=False)

    def judge(self, capability: str) -> Decision:
        """What the evidence since the last change of status says of a capability."""
        return self._judge(self.registry.require(capability), self._evidence(capability))

    def note(self, run: CapabilityRun, report: RunReport | None = None) -> StatusChange | None:
        """Keep a run, and do at once what the evidence now decides: promote, retire, or take back to shadow.

        Run and change are one transaction: no crash leaves evidence behind that nobody has drawn the consequence of.
        The change's evidence says how many milliseconds lie between the run and the changed state.
        """
        began = time.perf_counter()
        if report is not None:
            self.registry.store.keep(report)
        with self._turn:
            record = self.registry.require(run.id)
            decision = None
            if record.kind is CapabilityKind.OPTION and run.mode is not RunMode.SANDBOX:
                decision = self._judge(record, [*self._evidence(run.id), run])
            act = None if decision is None else self._act(record, decision)
            if act is None or decision is None:
                self.registry.note_run(run)
                return None
            try:
                return self._move(run.id, act, GATE, decision, run=run, began=began)
            except RegistryRefusal:
                self.registry.note_run(run)  # the change had no room; what was seen stays
                raise

    def _act(self, record: RegistryRecord, decision: Decision) -> CapabilityAct | None:
        """What a decision does to a capability by itself."""
        if record.status is CapabilityStatus.ACTIVE and decision.verdict is Verdict.RETIRE:
            return CapabilityAct.RETIRE if decision.gate == "safety" else CapabilityAct.REVERT
        if record.status is CapabilityStatus.SHADOW and decision.verdict is Verdict.RETIRE:
            return CapabilityAct.RETIRE
        if record.status is CapabilityStatus.SHADOW and decision.verdict is Verdict.PROMOTE:
            return CapabilityAct.PROMOTE if self.tried(record.id) else None
        return None

    def tried(self, capability: str) -> bool:
        """Whether it has tests and passed them in the sandbox when it was registered."""
        first = self.registry.history(capability)[0].evidence.get("sandbox")
        return isinstance(first, dict) and first.get("passed") is True

    def started(self, capability: str) -> frozenset[str]:
        """The names of the starts that its present evidence comes from."""
        return frozenset(run.start for run in self._evidence(capability))

    def promote(self, capability: str, by: Principal) -> StatusChange:
        """Make an option active if every gate is open; else refuse, naming the gate and its figure."""
        self.registry.demand(by, Right.CHANGE_STATUS, capability)
        decision = self.judge(capability)
        if not self.tried(capability):
            decision = Decision(Verdict.WATCH, "sandbox", "no test of it has passed there", decision.runs)
        if (
            self.registry.require(capability).status is CapabilityStatus.SHADOW
            and decision.verdict is not Verdict.PROMOTE
        ):
            detail = f"{decision.gate}: {decision.detail} ({decision.runs} runs)"
            refusal = RegistryRefusal(
                ExecErrorCode.REGISTRY_GATE,
                detail,
                evidence={"gate": decision.gate, "figure": decision.detail, "runs": decision.runs},
            )
            raise self.registry.refuse(capability, CapabilityAct.PROMOTE, str(by), refusal)
        return self._move(capability, CapabilityAct.PROMOTE, str(by), decision)

    def end(self, capability: str, act: CapabilityAct, by: Principal, reason: str) -> StatusChange:
        """Retire or revoke, because somebody decided so."""
        self.registry.demand(by, Right.CHANGE_STATUS, capability)
        return self.registry.move(capability, act, str(by), reason, self._mark(capability))

    def _move(
        self,
        capability: str,
        act: CapabilityAct,
        by: str,
        decision: Decision,
        *,
        run: CapabilityRun | None = None,
        began: float = 0.0,
    ) -> StatusChange:
        evidence: dict[str, Any] = {
            **self._mark(capability),
            "gate": decision.gate,
            "figure": decision.detail,
            "runs": decision.runs,
        }
        also: tuple[Executable, ...] = ()
        if run is not None:
            evidence["runsBefore"] += 1
            evidence["afterMs"] = round(1000 * (time.perf_counter() - began), 3)
            also = (run_row(run),)
        return self.registry.move(capability, act, by, f"{decision.gate}: {decision.detail}", evidence, also)

    def _mark(self, capability: str) -> dict[str, int]:
        """From which run on the evidence counts anew."""
        return {"runsBefore": len(self.registry.store.runs(capability))}

    def _evidence(self, capability: str) -> list[CapabilityRun]:
        runs = self.registry.store.runs(capability)
        start = self.registry.history(capability)[-1].evidence.get("runsBefore", 0)
        return [run for run in runs[start:] if run.mode is not RunMode.SANDBOX]

    def _judge(self, record: RegistryRecord, runs: Sequence[CapabilityRun]) -> Decision:
        outcomes = [_outcome(run) for run in runs]
        if record.status is CapabilityStatus.ACTIVE:
            return watch(self.rule, outcomes)
        return decide(self.rule, outcomes, float(record.bounds.get("budgetS", self.budget_s)))


def _outcome(run: CapabilityRun) -> Outcome:
    return Outcome(
        ok=run.ok,
        start=run.start,
        seconds=run.seconds,
        violation=run.violation,
        died=run.died,
        incumbent_ok=run.incumbent_ok,
        incumbent_died=run.incumbent_died,
        better=run.better,
    )
