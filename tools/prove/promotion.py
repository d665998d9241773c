"""The promotion rule on simulated options whose true worth is known, looked at after every run.

All options of a point are taken forward together, run by run, by array arithmetic over the rule's own figures;
of each point some are decided by the rule itself on the very same runs, and have to come out alike. One pass
to the largest cap answers for every smaller one: what was not decided by then is retired there.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from conscious_bot.registry.promotion import (
    Bet,
    Decision,
    Outcome,
    PromotionRule,
    RatioTest,
    Verdict,
    decide,
    watch,
)

OPTIONS = 10_000
CAPS = (50, 100, 200, 400, 800)
RATES = (0.40, 0.50, 0.55, 0.60, 0.65, 0.70, 0.75, 0.80, 0.85, 0.90, 0.95)
GAINS = (-0.30, -0.20, -0.15, -0.10, -0.05, 0.0, 0.05, 0.10, 0.15, 0.20, 0.30)
ALIKE = (0.0, 0.8)
"""How often both sides of a pair share their luck. Never is the hardest for the rule, and no fork is like that."""
INCUMBENTS = (0.65, 0.80)
"""The first lies below the documents' floor of 70 %: who is only its equal cannot be promoted."""
BETTER = 0.8
STARTS = 6
HORIZON = 200
BUDGET_S = 60.0
JUDGED_AGAIN = 20

Array = np.ndarray[Any, Any]


@dataclass
class _Runs:
    """One run of every option. `starts` are numbers; without an incumbent the last two are None."""

    ok: Array
    starts: Array
    incumbent: Array | None = None
    better: Array | None = None

    def outcome(self, option: int) -> Outcome:
        """The same run as the rule sees it."""
        return Outcome(
            ok=bool(self.ok[option]),
            start=str(self.starts[option]),
            seconds=30,
            incumbent_ok=None if self.incumbent is None else bool(self.incumbent[option]),
            better=0 if self.better is None else int(self.better[option]),
        )


Draw = Callable[[np.random.Generator, int], _Runs]


def _alone(rate: float) -> Draw:
    return lambda chance, count: _Runs(chance.random(count) < rate, chance.integers(STARTS, size=count))


def _pairs(incumbent: float, gain: float, alike: float) -> Draw:
    def draw(chance: np.random.Generator, count: int) -> _Runs:
        luck, own = chance.random(count), chance.random(count)
        shared = chance.random(count) < alike
        better = np.where(chance.random(count) < BETTER, 1, -1)
        ok = np.where(shared, luck, own) < incumbent + gain
        return _Runs(ok, chance.integers(STARTS, size=count), luck < incumbent, better)

    return draw


class _Bets:
    """`Bet` for many options at once."""

    def __init__(self, null: float, options: int) -> None:
        one = Bet(null)
        self._null, self._scale, self._stakes = null, one.scale, np.array(one.stakes)
        self._fortunes = np.ones((options, len(one.stakes)))

    def add(self, values: Array) -> Array:
        """One more value each; the fortunes."""
        excess = (values - self._null) * self._scale
        self._fortunes *= 1 + excess[:, None] * self._stakes
        return self._fortunes.mean(axis=1)


@dataclass
class _Found:
    """When each option was decided (0: not within the largest cap), and whether it was promoted then."""

    runs: Array
    promoted: Array
    seen: list[list[Outcome]] = field(default_factory=list[list[Outcome]])

    def at(self, cap: int) -> tuple[float, float, float, float]:
        """Shares promoted, retired by evidence and undecided at a cap, and the mean runs until the answer."""
        decided = (self.runs > 0) & (self.runs <= cap)
        promoted, retired = (decided & self.promoted).mean(), (decided & ~self.promoted).mean()
        return (
            float(promoted),
            float(retired),
            float(1 - decided.mean()),
            float(np.where(decided, self.runs, cap).mean()),
        )


def _taken_forward(rule: PromotionRule, draw: Draw, options: int, most: int, seed: int) -> _Found:
    chance = np.random.default_rng(seed)
    test = RatioTest(rule.p0, rule.p1, rule.alpha, rule.beta)
    ratio, wins, starts = np.zeros(options), np.zeros(options, int), np.zeros(options, int)
    not_inferior, inferior, metric = (_Bets(null, options) for null in (-rule.margin, 0.0, 0.0))
    found = _Found(np.zeros(options, int), np.zeros(options, bool), [[] for _ in range(min(JUDGED_AGAIN, options))])
    for run in range(1, most + 1):
        runs = draw(chance, options)
        for option, outcomes in enumerate(found.seen):
            outcomes.append(runs.outcome(option))
        wins += runs.ok
        starts |= np.where(runs.ok, 1 << runs.starts, 0)
        if runs.incumbent is None or runs.better is None:
            ratio += np.where(runs.ok, test.win, test.loss)
            promote, retire = ratio >= test.high, ratio <= test.low
        else:
            gain = runs.ok.astype(int) - runs.incumbent
            retire = inferior.add(-gain) >= 1 / rule.beta
            promote = (not_inferior.add(gain) >= 1 / rule.alpha) & (metric.add(runs.better) >= 1 / rule.alpha)
        promote &= ~retire & (wins >= rule.min_successes) & (wins >= rule.min_win_rate * run - 1e-9)
        promote &= np.bitwise_count(starts) >= rule.min_distinct_starts
        fresh = (found.runs == 0) & (promote | retire)
        found.runs[fresh] = run
        found.promoted[fresh] = promote[fresh]
        if (found.runs > 0).all():
            break
    return found


def _as_the_rule(found: _Found, rule: PromotionRule) -> int:
    """How many of those that were kept the rule itself decides otherwise, at its own cap."""
    differ = 0
    for option, outcomes in enumerate(found.seen):
        mine = decide(rule, outcomes, BUDGET_S)
        run = int(found.runs[option])
        if not 0 < run <= rule.max_runs:
            differ += (mine.gate, mine.runs) != ("run cap", rule.max_runs)
        else:
            verdict = Verdict.PROMOTE if found.promoted[option] else Verdict.RETIRE
            differ += (mine.verdict, mine.runs) != (verdict, run)
    return differ


def main(options: int = OPTIONS, bound: float = 0.05, caps: tuple[int, ...] = CAPS) -> bool:
    """Print the curves; True if every promised error rate is under the bound (wider for small samples)."""
    rule = PromotionRule()
    columns = sorted({*caps, rule.max_runs})
    bad: list[str] = []
    print(f"{options} options a point; promoted, retired by evidence, undecided, mean runs, at each cap")
    print("without an incumbent" + "".join(f"{f'cap {cap}':>34}" for cap in columns))
    for number, rate in enumerate(RATES):
        found = _taken_forward(rule, _alone(rate), options, columns[-1], number)
        bad += _line(f"win-rate {rate:.2f}", found, rule, columns, bound, bad=rate <= rule.p0, good=rate >= rule.p1)
    for place, (incumbent, alike) in enumerate(itertools.product(INCUMBENTS, ALIKE)):
        luck = f"the luck is shared in {alike:.0%}" if alike else "no luck is shared"
        print(f"against an incumbent of {incumbent:.2f}, the metric better in {BETTER:.0%} of pairs, {luck}")
        for number, gain in enumerate(GAINS):
            draw = _pairs(incumbent, gain, alike)
            found = _taken_forward(rule, draw, options, columns[-1], 100 * (place + 1) + number)
            bad += _line(f"gain {gain:+.2f}", found, rule, columns, bound, bad=gain <= -0.15, good=gain >= 0.20)
    bad += _watched(rule, options, bound)
    for line in bad:
        print(f"NOT AS PROMISED: {line}")
    return not bad


def _line(
    name: str, found: _Found, rule: PromotionRule, caps: list[int], bound: float, *, bad: bool, good: bool
) -> list[str]:
    figures = [found.at(cap) for cap in caps]
    columns = "".join(f"{p:9.2%}{r:8.2%}{u:8.2%}{mean:9.1f}" for p, r, u, mean in figures)
    print(f"{name:20}{columns}", flush=True)
    promoted, retired, undecided, _ = found.at(rule.max_runs)
    problems = [f"{name}: promoted {promoted:.2%}"] if bad and promoted >= bound else []
    # At the cap the answer is retire, so those that are undecided there count as retired.
    problems += [f"{name}: retired {retired + undecided:.2%}"] if good and retired + undecided >= bound else []
    differ = _as_the_rule(found, rule)
    return problems + ([f"{name}: the rule itself decides {differ} otherwise"] if differ else [])


def _watched(rule: PromotionRule, options: int, bound: float) -> list[str]:
    print(f"watched after promotion over {HORIZON} runs: taken back, mean runs until then")
    test = RatioTest(rule.p0, rule.p1, rule.alpha, rule.watch_alpha)
    problems: list[str] = []
    for number, rate in enumerate(RATES):
        ok = np.random.default_rng(1000 + number).random((options, HORIZON)) < rate
        back, ratio = np.zeros(options, int), np.zeros(options)
        for run in range(1, HORIZON + 1):
            ratio = np.minimum(ratio + np.where(ok[:, run - 1], test.win, test.loss), rule.watch_ceiling)
            if run >= rule.watch_not_before:
                back[(back == 0) & (ratio <= test.low)] = run
        share = float((back > 0).mean())
        print(
            f"win-rate {rate:.2f}      {share:8.2%}{back[back > 0].mean() if share else float('nan'):9.1f}", flush=True
        )
        if rate >= rule.p1 and share >= bound:
            problems.append(f"watched, win-rate {rate:.2f}: taken back {share:.2%}")
        for row, run in zip(ok[:JUDGED_AGAIN], back, strict=False):
            mine: Decision = watch(rule, (Outcome(ok=bool(one), start="") for one in row))
            if (mine.verdict is Verdict.RETIRE, mine.runs) != (run > 0, int(run) or HORIZON):
                problems.append(f"watched, win-rate {rate:.2f}: the rule itself decides otherwise")
    return problems


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
