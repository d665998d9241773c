"""The course of S9 (ledges, a gap, lava, a threat on the way) and its variants, over twenty seeds each."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from conscious_bot.scenarios import find, home, run

__all__ = ["main"]

SEEDS = range(1, 21)


def main() -> bool:
    """True if every run passed without a death."""
    variants = [None, *sorted((home() / "variants").glob("S9-*.toml"))]
    good = total = 0
    with tempfile.TemporaryDirectory() as folder:
        for variant in variants:
            scenario = find("S9", variant)
            passed = unhurt = deaths = 0
            seconds: list[float] = []
            for seed in SEEDS:
                report = run(scenario, server=None, seed=seed, data=Path(folder))
                held = report["passed"] and report["deaths"] == 0
                passed += held
                deaths += report["deaths"]
                unhurt += any(p["name"].startswith("health") and p["observed"] == 20 for p in report["predicates"])
                seconds.append(report["virtualSeconds"])
                if not held:
                    print(f"  seed {seed}: {report['predicates']}, {report['deaths']} deaths")
            name = "S9" if variant is None else variant.stem
            middle = sorted(seconds)[len(seconds) // 2]
            print(f"{name}: {passed} of {len(SEEDS)} passed, {unhurt} unhurt, {deaths} deaths, median {middle:.1f} s")
            good += passed
            total += len(SEEDS)
    return good == total


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
