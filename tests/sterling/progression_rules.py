"""The rules of obtaining things: recipes, drops, tool tiers, fuel. It knows the tables and nothing of the planner."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping

from conscious_bot.game.tables import Tables
from conscious_bot.sterling.progression import ProgressionAnswer, ProgressionStep


def replay(
    answer: ProgressionAnswer, inventory: Mapping[str, int], stations: Collection[str], tables: Tables
) -> Counter[str]:
    """Do the steps one after the other by the tables alone; AssertionError where one cannot be done."""
    have: Counter[str] = Counter(inventory)
    placed = set(stations)

    def use_up(items: Mapping[str, int], step: ProgressionStep) -> None:
        for item, n in items.items():
            assert have[item] >= n, f"{step}: has {have[item]} of {item}"
            have[item] -= n

    for step in answer.steps:
        assert step.uses >= 1
        inputs = dict(step.inputs)
        if step.action == "craft":
            assert step.recipe is not None
            assert step.station == "crafting_table" or not step.recipe.needs_table
            assert step.station is None or step.station in placed, step
            each = {item: n / step.uses for item, n in inputs.items()}
            recipe = next(r for r in tables.recipes[step.item] if dict(r.ingredients) == each)
            use_up(inputs, step)
            have[step.item] += recipe.count * step.uses
            assert step.count == recipe.count * step.uses
            for item, n in recipe.remains:
                have[item] += n * step.uses
        elif step.action == "smelt":
            assert step.station == "furnace" in placed, step
            smelting = tables.smelting
            raw = next(i for i in inputs if i in smelting and smelting[i].result == step.item)
            fuel = {i: n - (step.uses if i == raw else 0) for i, n in inputs.items()}
            assert inputs[raw] >= step.uses
            assert sum(tables.fuel[i] * n for i, n in fuel.items() if n) >= smelting[raw].ticks * step.uses, step
            use_up(inputs, step)
            have[step.item] += step.uses
        elif step.action == "place":
            use_up({step.item: 1}, step)
            placed.add(step.item)
        elif step.action == "mine":
            assert step.source is not None
            assert step.tool is None or have[step.tool] >= 1, step
            block = tables.blocks[step.source]
            best = max(
                sum(d.chance * (d.low + d.high) / 2 for d in tables.drops_of(s, step.tool) if d.item == step.item)
                for s in range(block.min_state, block.max_state + 1)
            )
            assert best > 0, f"{step} gives nothing"
            assert step.count <= math.floor(best * step.uses + 1e-6)
            have[step.item] += step.count
        elif step.action == "hunt":
            assert any(d.item == step.item for d in tables.creature_drops[step.source or ""])
            have[step.item] += step.count
        else:
            assert step.action == "fill"
            use_up(inputs, step)
            have[step.item] += step.count
    return have
