"""When is a skill good enough, when not, and when is it too early to say. Pure functions over runs.

Without an incumbent: Wald's sequential probability ratio test (1945) of the win-rate, p0 against p1, beside
the documents' floors. Against an incumbent, on pairs that began alike: the candidate's success has to be
shown not inferior (gain above minus the margin) and its declared metric better; it is retired when it is
shown worse (gain below zero). These are tests by betting
(Waudby-Smith and Ramdas, 2024): a fortune that grows only if the null is false; it exceeds 1/alpha with
probability at most alpha, however often one looks. The run cap was chosen with `make prove ARGS=promotion`.

What was promoted is watched by the ratio test the other way round, from zero on.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from conscious_bot.registry.statistics import percentile

__all__ = ["Bet", "Decision", "Outcome", "PromotionRule", "RatioTest", "Verdict", "decide", "watch"]


@dataclass(frozen=True, slots=True)
class PromotionRule:
    """Every threshold. Rates and margins are shares of one; `watch_ceiling` bounds what good runs are saved up for."""

    min_successes: int = 3
    min_distinct_starts: int = 3
    min_win_rate: float = 0.70
    p0: float = 0.60
    p1: float = 0.85
    alpha: float = 0.05
    beta: float = 0.05
    margin: float = 0.05
    max_runs: int = 400
    watch_not_before: int = 5
    watch_alpha: float = 0.02
    watch_ceiling: float = 3.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """One run, or one pair of runs that began alike. `better` compares the declared metric: 1, 0 or -1."""

    ok: bool
    start: str
    seconds: float = 0.0
    violation: str | None = None
    died: bool = False
    incumbent_ok: bool | None = None
    incumbent_died: bool = False
    better: int = 0


class Verdict(StrEnum):
    """What the evidence says."""

    PROMOTE = "promote"
    RETIRE = "retire"
    WATCH = "keep watching"


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict, the gate that gave it, and the figure it gave."""

    verdict: Verdict
    gate: str
    detail: str
    runs: int


class RatioTest:
    """Wald's test of a win-rate: `ratio` is the log-likelihood ratio of p1 over p0."""

    __slots__ = ("ceiling", "high", "loss", "low", "ratio", "win")

    def __init__(self, p0: float, p1: float, alpha: float, beta: float, ceiling: float = math.inf) -> None:
        self.win, self.loss = math.log(p1 / p0), math.log((1 - p1) / (1 - p0))
        self.high, self.low = math.log((1 - beta) / alpha), math.log(beta / (1 - alpha))
        self.ceiling = ceiling
        self.ratio = 0.0

    def add(self, *, ok: bool) -> None:
        """One more run."""
        self.ratio = min(self.ratio + (self.win if ok else self.loss), self.ceiling)


_STAKES = tuple(step / 10 for step in range(1, 10))


class Bet:
    """Bets against "the mean of these values in [-1, 1] is at most `null`". `fortune` starts at one.

    The fortune is the mean over several stakes: none of them has to be the right one.
    """

    __slots__ = ("_fortunes", "_null", "scale")
    stakes = _STAKES

    def __init__(self, null: float) -> None:
        self._null = null
        self.scale = 1 / (1 + null)  # the stake at which the worst value loses everything
        self._fortunes = [1.0] * len(self.stakes)

    def add(self, value: float) -> None:
        """One more value."""
        excess = (value - self._null) * self.scale
        self._fortunes = [
            fortune * (1 + stake * excess) for fortune, stake in zip(self._fortunes, self.stakes, strict=True)
        ]

    @property
    def fortune(self) -> float:
        """How much is left of, or has become of, one."""
        return sum(self._fortunes) / len(self._fortunes)


@dataclass
class _Trial:
    """Evidence as it comes in."""

    rule: PromotionRule
    runs: int = 0
    wins: int = 0
    paired: int = 0
    deaths: int = 0  # more than the incumbent's
    starts: set[str] = field(default_factory=set[str])
    seconds: list[float] = field(default_factory=list[float])

    def __post_init__(self) -> None:
        rule = self.rule
        self.absolute = RatioTest(rule.p0, rule.p1, rule.alpha, rule.beta)
        self.not_inferior = Bet(-rule.margin)
        self.inferior = Bet(0.0)  # of the gain turned round
        self.metric = Bet(0.0)

    def add(self, one: Outcome) -> None:
        self.runs += 1
        self.wins += one.ok
        self.seconds.append(one.seconds)
        if one.ok:
            self.starts.add(one.start)
        self.absolute.add(ok=one.ok)
        if one.incumbent_ok is None:
            return
        self.paired += 1
        gain = int(one.ok) - int(one.incumbent_ok)
        self.deaths += int(one.died) - int(one.incumbent_died)
        self.not_inferior.add(gain)
        self.inferior.add(-gain)
        self.metric.add(one.better)

    def shown(self) -> tuple[Verdict, str, str]:
        """What the sequential test says of what is there."""
        rule = self.rule
        if not self.paired:
            ratio = self.absolute.ratio
            detail = f"log-likelihood ratio {ratio:.2f} within {self.absolute.low:.2f} and {self.absolute.high:.2f}"
            if ratio <= self.absolute.low:
                return Verdict.RETIRE, "win-rate", f"log-likelihood ratio {ratio:.2f} <= {self.absolute.low:.2f}"
            return (Verdict.PROMOTE if ratio >= self.absolute.high else Verdict.WATCH), "win-rate", detail
        needed = 1 / rule.alpha
        inferior = self.inferior.fortune
        if inferior >= 1 / rule.beta:
            return Verdict.RETIRE, "success against the incumbent", f"evidence that it is worse {inferior:.1f}"
        for gate, fortune in (
            ("success against the incumbent", self.not_inferior.fortune),
            ("declared metric", self.metric.fortune),
        ):
            if fortune < needed:
                return Verdict.WATCH, gate, f"evidence {fortune:.1f} of {needed:.0f}"
        return Verdict.PROMOTE, "success against the incumbent", f"evidence {self.not_inferior.fortune:.1f}"


def decide(rule: PromotionRule, outcomes: Iterable[Outcome], budget_s: float) -> Decision:
    """What the runs of an option in shadow say, in order, looked at after each; the first answer stands.

    `budget_s` is the limit on its p95 duration. No data is inconclusive, never a pass.
    """
    trial = _Trial(rule)
    decision = Decision(Verdict.WATCH, "runs", "there are none yet", 0)
    for one in outcomes:
        trial.add(one)
        if one.violation is not None:
            return Decision(Verdict.RETIRE, "safety", one.violation, trial.runs)
        decision = _after_run(trial, budget_s)
        if decision.verdict is not Verdict.WATCH:
            return decision
    return decision


def _after_run(trial: _Trial, budget_s: float) -> Decision:
    rule, runs = trial.rule, trial.runs
    verdict, gate, detail = trial.shown()
    if verdict is Verdict.PROMOTE:
        closed = _closed_gate(trial, budget_s)
        if closed is None and trial.deaths > 0:
            return Decision(Verdict.RETIRE, "safety", f"{trial.deaths} deaths more than the incumbent's", runs)
        if closed is None:
            return Decision(verdict, gate, detail, runs)
        verdict, (gate, detail) = Verdict.WATCH, closed
    if verdict is Verdict.WATCH and runs >= rule.max_runs:
        return Decision(Verdict.RETIRE, "run cap", f"undecided after {runs} runs: {gate}, {detail}", runs)
    return Decision(verdict, gate, detail, runs)


def _closed_gate(trial: _Trial, budget_s: float) -> tuple[str, str] | None:
    """The first of the documents' floors that is not reached, with its figure."""
    rule = trial.rule
    rate = trial.wins / trial.runs
    p95 = percentile(sorted(trial.seconds), 0.95)
    for closed, gate, detail in (
        (trial.wins < rule.min_successes, "successes", f"{trial.wins} of {rule.min_successes}"),
        (len(trial.starts) < rule.min_distinct_starts, "distinct starts", f"{len(trial.starts)} won"),
        (rate < rule.min_win_rate, "win-rate floor", f"{rate:.0%} of {rule.min_win_rate:.0%}"),
        (p95 > budget_s, "p95 duration", f"{p95:.1f} s of {budget_s:.1f} s"),
    ):
        if closed:
            return gate, detail
    return None


def watch(rule: PromotionRule, outcomes: Iterable[Outcome]) -> Decision:
    """What the runs since its promotion say of an active option: keep it (`WATCH`), or take it back (`RETIRE`)."""
    test = RatioTest(rule.p0, rule.p1, rule.alpha, rule.watch_alpha, ceiling=rule.watch_ceiling)
    runs = 0
    for one in outcomes:
        runs += 1
        test.add(ok=one.ok)
        if one.violation is not None:
            return Decision(Verdict.RETIRE, "safety", one.violation, runs)
        if runs >= rule.watch_not_before and test.ratio <= test.low:
            detail = f"log-likelihood ratio {test.ratio:.2f} <= {test.low:.2f}"
            return Decision(Verdict.RETIRE, "win-rate", detail, runs)
    return Decision(Verdict.WATCH, "win-rate", f"log-likelihood ratio {test.ratio:.2f}", runs)
