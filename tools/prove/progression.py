"""Plans for things: every craft problem at its optimal length, every tool and furnace product from nothing.

Each plan is replayed by rules that know only recipes, drops, tool tiers and fuel. Craft problems and technology
tasks are read from tests/data, or whole from the folder that $PLANCRAFT_DATA names. Versions other than the
built-in one are planned over where the driver's packages are installed.
"""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.progression import plancraft

from conscious_bot.game.tables import Tables
from conscious_bot.sterling.progression import plan

__all__ = ["main"]

_ROOT = Path(__file__).resolve().parents[2]
_VERSIONS = ("1.8.8", "1.13.2", "1.16.5", "1.21.4")
_OTHERS = (
    "bucket",
    "shield",
    "bow",
    "bed",
    "white_bed",
    "furnace",
    "chest",
    "torch",
    "bread",
    "water_bucket",
    "shears",
)


def _goals(tables: Tables) -> list[str]:
    """Every tool of every tier, every furnace product, and what else one starts with."""
    tiers = [f"{t}_{k}" for t in ("wooden", "stone", "iron", "golden", "diamond") for k in _KINDS]
    products = sorted({smelting.result for smelting in tables.smelting.values()})
    return [item for item in dict.fromkeys([*tiers, *_OTHERS, *products]) if item in tables.items]


_KINDS = ("pickaxe", "axe", "shovel", "hoe", "sword")


def _replayed(tables: Tables, problems: Iterable[tuple[str, int, Mapping[str, int]]], what: str) -> bool:
    """Plan each, replay what was planned, and say how it went."""
    # The tests' own rules: they know nothing of the planner.
    from tests.sterling.progression_rules import replay  # noqa: PLC0415

    count: Counter[str] = Counter()
    missing: Counter[str] = Counter()
    worst = (0.0, "")
    for item, quantity, inventory in problems:
        if item not in tables.items:
            count["no such item"] += 1
            missing[item] += 1
            continue
        plan(item, quantity, inventory, "any", tables)  # what is kept between questions is made
        begin = time.perf_counter()
        answer = plan(item, quantity, inventory, "any", tables)
        worst = max(worst, ((time.perf_counter() - begin) * 1e3, f"{quantity} {item}"))
        count[answer.status] += 1
        if answer.status == "impossible":
            missing[", ".join(answer.missing)] += 1
            count["unexplained"] += not answer.missing
            continue
        try:
            enough = replay(answer, inventory, (), tables)[item] >= quantity
        except AssertionError as error:
            print(f"  {quantity} {item}: {error}")
            enough = False
        count["broken"] += not enough
    print(f"{what}: {dict(count)}; slowest warm {worst[0]:.1f} ms ({worst[1]})")
    if missing:
        print(f"  missing: {dict(missing)}")
    return not (count["broken"] or count["budget"] or count["unexplained"])


def _documents(version: str) -> dict[str, Any]:
    """minecraft-data's own documents of a version, from the driver's packages."""
    from tools.make_tables import documents  # noqa: PLC0415

    return documents(version)


def main() -> bool:
    """All of it; True if every plan keeps the rules and every refusal names what is missing."""
    held: list[bool] = []
    folder = Path(os.environ.get("PLANCRAFT_DATA", str(_ROOT / "../shared/data/plancraft")))
    if folder.exists():
        found = plancraft(folder)
        told = (
            "Plancraft: {solvedAtOptimalLength} of {solvable} at optimal length, {impossibleRefused} of {impossible} "
        )
        print((told + "impossible ones refused; median {medianMs} ms, worst {worstMs} ms").format(**found))
        held.append(not found["wrong"] and found["medianMs"] < 5 and found["worstMs"] < 1000)
    else:
        print(f"Plancraft: not run, there is no {folder}; set PLANCRAFT_DATA")
    tables = Tables.builtin()
    tasks = json.loads((_ROOT / "tests/data/techtree/tasks.json").read_text(encoding="utf-8"))
    problems = [(task["target"], task["quantity"], task["inventory"]) for task in tasks]
    held.append(_replayed(tables, problems, f"{len(tasks)} technology tasks"))
    held.append(_replayed(tables, [(item, 1, {}) for item in _goals(tables)], f"from nothing, {tables.version}"))
    for version in _VERSIONS:
        try:
            other = Tables.from_minecraft_data(_documents(version))
        except FileNotFoundError:
            print(f"{version}: not run, the driver's packages are not installed (make server-setup)")
            continue
        held.append(_replayed(other, [(item, 1, {}) for item in _goals(other)], f"from nothing, {version}"))
    return all(held)
