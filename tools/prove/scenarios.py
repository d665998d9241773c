"""The scenarios of governed skills over many seeds: before and after in pairs, and how long the way back takes.

Each seed is one mine. The intervals are of the paired differences between the seeds: Student's, and a bootstrap's.
"""

from __future__ import annotations

import argparse
import gc
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from conscious_bot.game.tables import Tables
from conscious_bot.registry.sandbox import Sandbox
from conscious_bot.skill_scenarios import SKILL_SCENARIOS
from conscious_bot.skill_scenarios.governed import PATIENT
from conscious_bot.skill_scenarios.lit_mine import FIGURES, LENGTHS
from conscious_bot.skill_scenarios.mine import Mine
from conscious_bot.skill_scenarios.outcome import Outcome
from tools.prove._pieces import add_pace, pace_of, pieces

SEEDS = 20
_RESAMPLES = 10_000
_PLAYED = {scenario.id: scenario for scenario in SKILL_SCENARIOS}


def main(words: Sequence[str] = ()) -> bool:
    """All three scenarios, or those that are named, over so many seeds."""
    parser = argparse.ArgumentParser(prog="scenarios", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=list(_SCENARIOS), default=list(_SCENARIOS))
    parser.add_argument("--seeds", type=int, default=SEEDS)
    add_pace(parser)
    found = parser.parse_args(list(words))
    held: list[bool] = []
    for name in found.only:
        print(f"{name}: {_PLAYED[name].title}, {found.seeds} seeds", flush=True)
        seeds = range(1, found.seeds + 1)
        outcomes = pieces(f"scenarios-{name}", seeds, partial(_play, name), pace_of(found), _warm)
        held.append(_SCENARIOS[name](outcomes))
        print(f"{name} {'held' if held[-1] else 'DID NOT HOLD'}", flush=True)
    return all(held)


def lit_mine(outcomes: Iterator[tuple[int, Outcome]]) -> bool:
    """SCN-11: the paired 95 % interval excludes zero for light and encounters; deaths and failures are not worse."""
    rows: dict[str, list[tuple[float, float]]] = {name: [] for name in FIGURES}
    promoted: list[int] = []
    met, failures = Counter[str](), Counter[str]()
    for seed, outcome in outcomes:
        before, after = outcome.report["before"], outcome.report["after"]
        for name in FIGURES:
            rows[name].append((before[name], after[name]))
        promotion = outcome.report["promotion"]
        runs = 0 if promotion is None else promotion["evidence"]["runs"]
        act = "undecided" if promotion is None else promotion["act"]
        promoted += [runs] if act == "promote" else []
        for side, part in (("before", before), ("after", after)):
            met.update({f"{side} {kind}": count for kind, count in part["met"].items()})
            failures.update({f"{side} {what}": count for what, count in part["failures"].items()})
        told = ", ".join(f"{name} {before[name]:g} -> {after[name]:g}" for name in FIGURES)
        print(f"  seed {seed}: {act} after {runs} shadow runs; {told}", flush=True)
    print(f"promoted in {len(promoted)} of {len(rows['light'])}, after {np.mean(promoted):.1f} shadow runs in the mean")
    print(f"met: {dict(sorted(met.items()))}")
    print(f"failed: {dict(sorted(failures.items()))}")
    print(f"{'figure':<12} {'before':>8} {'after':>8} {'change':>8}   95 % (t)              95 % (bootstrap)")
    intervals = {name: _line(name, np.array(pairs)) for name, pairs in rows.items()}
    return (
        bool(promoted)
        and intervals["light"][0] > 0
        and intervals["encounters"][1] < 0
        and all(np.mean(np.diff(rows[name], axis=1)) <= 0 for name in ("deaths", "failureRate"))
    )


def degrading(outcomes: Iterator[tuple[int, Outcome]]) -> bool:
    """SCN-13: always back in shadow by itself, and retired at last; how long it took from the first failure on."""
    delays: list[dict[str, float]] = []
    good = True
    for seed, outcome in outcomes:
        good &= _all_hold(seed, outcome)
        delay = outcome.report["fromFirstFailureToShadow"]
        if delay is not None:
            delays.append(delay)
            told = (
                f"{delay['failures']} failures, {delay['virtualSeconds']:g} s virtual, "
                f"{delay['wallSeconds']:g} s wall, "
                f"{delay['lastRunToShadowMs']:g} ms after the last report"
            )
            print(f"  seed {seed}, {outcome.report['planted']}: in shadow after {told}", flush=True)
    for name in ("failures", "virtualSeconds", "wallSeconds", "lastRunToShadowMs"):
        values = [delay[name] for delay in delays]
        print(f"from the first failure to shadow, {name}: median {np.median(values):g}, most {max(values):g}")
    return good


def new_leaf(outcomes: Iterator[tuple[int, Outcome]]) -> bool:
    """SCN-12: nothing of a proposed leaf runs before a human signed it; then options are made of it."""
    good = True
    for seed, outcome in outcomes:
        good &= _all_hold(seed, outcome)
        print(f"  seed {seed}: {outcome.report['steps']}", flush=True)
    return good


_SCENARIOS: dict[str, Callable[[Iterator[tuple[int, Outcome]]], bool]] = {
    "S11": lit_mine,
    "S12": new_leaf,
    "S13": degrading,
}


def _play(name: str, seed: int) -> Outcome:
    with tempfile.TemporaryDirectory() as folder:
        return _PLAYED[name].play(seed, Path(folder), _sandbox())


def _warm() -> None:
    """Load tables and kernels, so that collecting a night's world does not have to look at them again."""
    Mine.of(1, LENGTHS).night(0, Tables.builtin())
    gc.collect()
    gc.freeze()


@cache
def _sandbox() -> Sandbox:
    """One for all seeds of a process; it ends with its input, when the process does."""
    return Sandbox(PATIENT)


def _line(name: str, pairs: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Print a figure before, after and the difference; the wider bounds of its two intervals."""
    change = pairs[:, 1] - pairs[:, 0]
    mean, error = float(np.mean(change)), float(stats.sem(change))
    spread = error * float(stats.t.ppf(0.975, len(change) - 1))
    picks = np.random.default_rng(1).integers(0, len(change), (_RESAMPLES, len(change)))
    low, high = np.percentile(change[picks].mean(axis=1), (2.5, 97.5)).tolist()
    before, after = pairs.mean(axis=0)
    print(
        f"{name:<12} {before:>8.4g} {after:>8.4g} {mean:>+8.4g}   "
        f"[{mean - spread:+.4g}, {mean + spread:+.4g}]   [{low:+.4g}, {high:+.4g}]"
    )
    return min(low, mean - spread), max(high, mean + spread)


def _all_hold(seed: int, outcome: Outcome) -> bool:
    unmet: list[Any] = [check.wire() for check in outcome.checks if not check.ok]
    for check in unmet:
        print(f"  seed {seed}: NOT {check['name']}: {check['observed']}", flush=True)
    return not unmet


if __name__ == "__main__":
    sys.exit(0 if main(sys.argv[1:]) else 1)
