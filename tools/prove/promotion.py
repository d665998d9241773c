"""The promotion rule on simulated options whose true worth is known, looked at after every run."""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator

from conscious_bot.registry.promotion import Decision, Outcome, PromotionRule, Verdict, decide, watch

OPTIONS = 10_000
RATES = (0.40, 0.50, 0.55, 0.60, 0.65, 0.70, 0.75, 0.80, 0.85, 0.90, 0.95)
GAINS = (-0.30, -0.20, -0.15, -0.10, -0.05, 0.0, 0.05, 0.10, 0.15, 0.20, 0.30)
INCUMBENT = 0.65
HORIZON = 200
BUDGET_S = 60.0


def main(options: int = OPTIONS, bound: float = 0.05) -> bool:
    """Print the curves; True if every promised error rate is under the bound (wider for small samples)."""
    rule = PromotionRule()
    held = True
    print(f"absolute, {options} options each (win-rate: promoted, retired, undecided at the cap, mean runs)")
    for rate in RATES:
        counts, mean, capped = _simulate(options, lambda chance, rate=rate: _alone(chance, rate), rule)
        held &= _line(f"{rate:.2f}", counts, mean, capped, options, bound, bad=rate <= rule.p0, good=rate >= rule.p1)
    print(f"paired against an incumbent of {INCUMBENT:.2f}, metric better in 80 % of pairs")
    for gain in GAINS:
        counts, mean, capped = _simulate(options, lambda chance, gain=gain: _pairs(chance, gain), rule)
        held &= _line(f"{gain:+.2f}", counts, mean, capped, options, bound, bad=gain <= -0.15, good=gain >= 0.20)
    print(f"watched after promotion over {HORIZON} runs (win-rate: taken back, mean runs until then)")
    for rate in RATES:
        chance = random.Random(f"watch {rate}")
        found = [watch(rule, _alone(chance, rate, HORIZON)) for _ in range(options)]
        back = [one.runs for one in found if one.verdict is Verdict.RETIRE]
        fine = rate < rule.p1 or len(back) < bound * options
        held &= fine
        after = f"{sum(back) / len(back):6.1f}" if back else "     -"
        print(f"  {rate:.2f}: {len(back) / options:7.2%} {after}{'' if fine else '  TOO MANY'}")
    return held


def _alone(chance: random.Random, rate: float, runs: int = 100_000) -> Iterator[Outcome]:
    for _ in range(runs):
        yield Outcome(ok=chance.random() < rate, start=str(chance.randrange(6)), seconds=30)


def _pairs(chance: random.Random, gain: float) -> Iterator[Outcome]:
    while True:
        # Independent, which is the hardest case: pairing that correlates makes the test quicker.
        yield Outcome(
            ok=chance.random() < INCUMBENT + gain,
            start=str(chance.randrange(6)),
            seconds=30,
            incumbent_ok=chance.random() < INCUMBENT,
            better=1 if chance.random() < 0.8 else -1,
        )


def _simulate(
    options: int, runs_of: Callable[[random.Random], Iterator[Outcome]], rule: PromotionRule
) -> tuple[Counter[Verdict], float, int]:
    chance = random.Random("promotion")
    found: list[Decision] = [decide(rule, runs_of(chance), BUDGET_S) for _ in range(options)]
    capped = sum(one.gate == "run cap" for one in found)
    return Counter(one.verdict for one in found), sum(one.runs for one in found) / options, capped


def _line(
    name: str, counts: Counter[Verdict], mean: float, capped: int, options: int, bound: float, *, bad: bool, good: bool
) -> bool:
    promoted, retired = counts[Verdict.PROMOTE] / options, counts[Verdict.RETIRE] / options
    fine = not (bad and promoted >= bound) and not (good and retired >= bound)
    note = "" if fine else "  TOO MANY"
    print(f"  {name}: {promoted:7.2%} {retired:7.2%} {capped / options:7.2%} {mean:7.1f}{note}", flush=True)
    return fine


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
