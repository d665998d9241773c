"""Who moves capabilities through their lives: the rule on its own after each run, people through its gate."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

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

__all__ = ["GATE", "Governor"]

GATE = "gate"
"""Who does what the evidence alone decides."""


@dataclass(slots=True)
class Governor:
    """Applies the promotion rule. `budget_s` is the limit on an option's p95 duration where it sets none itself."""

    registry: CapabilityRegistry
    rule: PromotionRule = field(default_factory=PromotionRule)
    budget_s: float = 600.0

    def judge(self, capability: str) -> Decision:
        """What the evidence since the last change of status says of a capability."""
        return self._judge(self.registry.require(capability), self._evidence(capability))

    def note(self, run: CapabilityRun, report: RunReport | None = None) -> StatusChange | None:
        """Keep a run, and do at once what the evidence now decides: promote, retire, or take back to shadow.

        The change's evidence says how many milliseconds lie between the run and the reverted state.
        """
        began = time.perf_counter()
        self.registry.note_run(run, report)
        record = self.registry.require(run.id)
        if record.kind is not CapabilityKind.OPTION or run.mode is RunMode.SANDBOX:
            return None
        decision = self._judge(record, self._evidence(run.id))
        if record.status is CapabilityStatus.ACTIVE and decision.verdict is Verdict.RETIRE:
            act = CapabilityAct.RETIRE if decision.gate == "safety" else CapabilityAct.REVERT
        elif record.status is CapabilityStatus.SHADOW and decision.verdict is Verdict.RETIRE:
            act = CapabilityAct.RETIRE
        elif record.status is CapabilityStatus.SHADOW and decision.verdict is Verdict.PROMOTE:
            if self._untried(run.id):
                return None
            act = CapabilityAct.PROMOTE
        else:
            return None
        return self._move(run.id, act, GATE, decision, began)

    def promote(self, capability: str, by: Principal) -> StatusChange:
        """Make an option active if every gate is open; else refuse, naming the gate and its figure."""
        self.registry.demand(by, Right.CHANGE_STATUS, capability)
        decision = self.judge(capability)
        if self._untried(capability):
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
        return self._move(capability, CapabilityAct.PROMOTE, str(by), decision, None)

    def end(self, capability: str, act: CapabilityAct, by: Principal, reason: str) -> StatusChange:
        """Retire or revoke, because somebody decided so."""
        self.registry.demand(by, Right.CHANGE_STATUS, capability)
        return self.registry.move(capability, act, str(by), reason, self._mark(capability))

    def _move(
        self, capability: str, act: CapabilityAct, by: str, decision: Decision, began: float | None
    ) -> StatusChange:
        evidence = {
            **self._mark(capability),
            "gate": decision.gate,
            "figure": decision.detail,
            "runs": decision.runs,
            **({} if began is None else {"afterMs": round(1000 * (time.perf_counter() - began), 3)}),
        }
        return self.registry.move(capability, act, by, f"{decision.gate}: {decision.detail}", evidence)

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

    def _untried(self, capability: str) -> bool:
        first = self.registry.history(capability)[0].evidence.get("sandbox")
        return not (isinstance(first, dict) and first.get("passed") is True)


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
