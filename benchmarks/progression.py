"""Figures of the progression planner: `python -m benchmarks.progression --json`.

Plancraft's problems (from ../shared/data/plancraft or $PLANCRAFT_DATA): how many are solved at the optimal
length and refused if impossible, and how long one takes. Then plans from nothing over the built-in version's
tables: time of the first and of a later one, cost in expected seconds of play.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from conscious_bot.game.tables import Tables
from conscious_bot.sterling.progression import plan, plan_over
from conscious_bot.sterling.progression_book import RecipeBook

__all__ = ["from_nothing", "main", "plancraft"]

GOALS = (
    "wooden_pickaxe", "stone_pickaxe", "iron_pickaxe", "diamond_pickaxe", "golden_pickaxe", "diamond_sword",
    "bucket", "shield", "bow", "white_bed", "iron_chestplate", "anvil", "enchanting_table", "torch", "bread",
)  # fmt: skip
REPEATS = 5


def plancraft(folder: Path) -> dict[str, Any]:
    """Every problem of the train and val splits, once each, with a warm book."""
    book = RecipeBook.from_recipe_file(json.loads((folder / "recipes.json").read_text(encoding="utf-8")))
    solvable = optimal = impossible = refused = 0
    times: list[tuple[float, str]] = []
    wrong: list[str] = []
    for split in ("train", "val"):
        for problem in json.loads((folder / f"{split}.json").read_text(encoding="utf-8")):
            start = time.perf_counter()
            answer = plan_over(book, problem["target"], 1, problem["inventory"])
            times.append(((time.perf_counter() - start) * 1000, problem["id"]))
            if problem["impossible"]:
                impossible += 1
                right = answer.status == "impossible"
                refused += right
            else:
                solvable += 1
                right = answer.status == "solved" and answer.length == problem["optimal_path_length"]
                optimal += right
            if not right:
                wrong.append(problem["id"])
    return {
        "problems": len(times),
        "solvable": solvable,
        "solvedAtOptimalLength": optimal,
        "impossible": impossible,
        "impossibleRefused": refused,
        "wrong": wrong,
        "medianMs": round(statistics.median(ms for ms, _ in times), 3),
        "worstMs": round(max(times)[0], 3),
        "worst": max(times)[1],
    }


def from_nothing() -> list[dict[str, Any]]:
    """Each goal from an empty inventory with whatever the world has."""
    tables = Tables.builtin()
    found: list[dict[str, Any]] = []
    for goal in GOALS:
        start = time.perf_counter()
        answer = plan(goal, 1, {}, "any", tables)
        first = time.perf_counter() - start
        later: list[float] = []
        for _ in range(REPEATS):
            start = time.perf_counter()
            plan(goal, 1, {}, "any", tables)
            later.append(time.perf_counter() - start)
        found.append(
            {
                "goal": goal,
                "status": answer.status,
                "steps": len(answer.steps),
                "uses": answer.length,
                "expectedSeconds": round(answer.cost, 1),
                "nodes": answer.nodes,
                "firstMs": round(first * 1000, 3),
                "warmMs": round(min(later) * 1000, 3),
            }
        )
    return found


def main() -> None:
    """Print the figures as one JSON object, or as lines to read."""
    parser = argparse.ArgumentParser(description="Figures of the progression planner.")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    args = parser.parse_args()
    beside = Path(__file__).resolve().parents[2] / "shared/data/plancraft"
    folder = Path(os.environ.get("PLANCRAFT_DATA", str(beside)))
    figures: dict[str, Any] = {"benchmark": "progression", "python": sys.version.split()[0]}
    figures["fromNothing"] = from_nothing()
    figures["plancraft"] = plancraft(folder) if folder.exists() else f"not run: no data in {folder}"
    if args.json:
        print(json.dumps(figures))
        return
    for row in figures["fromNothing"]:
        print(
            "{goal:18} {status:10} {steps:3} steps {expectedSeconds:8} s  first {firstMs} ms, warm {warmMs} ms".format(
                **row
            )
        )
    print(figures["plancraft"])


if __name__ == "__main__":
    main()
