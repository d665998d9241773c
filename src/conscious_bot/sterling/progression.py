"""Progression: from an inventory and surroundings to an item, by the cheapest plan.

`plan` answers with ordered steps, or with the source that is missing. It is a pure function; the same
question has the same answer. Demand is exact: what the inventory holds, what a recipe yields beyond need
and by-products are used before anything is gathered. Workstations in reach are used, else one is made and
placed. A plan's `cost` is in expected seconds of play; over a bare recipe book each use costs 1.

Its limits: durability is not counted, gathering speeds are those of the simplest tool that does it, and
among tools for the same work the one that is had soonest is made.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from conscious_bot.contracts import UserError
from conscious_bot.game.tables import Recipe, Tables
from conscious_bot.sterling.progression_book import HEAT, Act, RecipeBook, is_item
from conscious_bot.sterling.progression_game import WORKSTATIONS, game_book
from conscious_bot.sterling.progression_order import Run, in_order
from conscious_bot.sterling.progression_problem import Problem
from conscious_bot.sterling.progression_search import search

__all__ = ["ProgressionAnswer", "ProgressionStep", "Surroundings", "plan", "plan_over", "solve_craft"]

Surroundings = Literal["any", "none"] | Collection[str]
"""What can be gathered: whatever the world has, nothing, or these blocks and creatures."""

Action = Literal["mine", "craft", "smelt", "hunt", "place", "fill"]

NODE_LIMIT = 20_000
"""A second or two of search; plans of the progression need a few hundred."""

MOST = 1_000_000
"""The largest count in a problem."""

_WOODS = (
    "oak", "spruce", "birch", "jungle", "acacia", "dark_oak", "mangrove", "cherry", "pale_oak", "crimson", "warped",
)  # fmt: skip
"""Kinds of wood whose items are made alike; one of them is enough to plan with."""


@dataclass(frozen=True, slots=True)
class ProgressionStep:
    """One step: do `action` `uses` times and have `count` more of `item` (expected, where chance decides).

    `source` is the block to mine, the creature to hunt, or what to fill from; `tool` an item that has to be
    held for it to work; `station` the block that has to stand within reach. `inputs` is what it uses up in
    all, fuel included. `recipe` is set for crafting with a version's tables. `seconds` is the expected time.
    """

    action: Action
    item: str
    count: int
    uses: int
    inputs: tuple[tuple[str, int], ...] = ()
    tool: str | None = None
    source: str | None = None
    station: str | None = None
    recipe: Recipe | None = None
    seconds: float = 0.0

    def wire(self) -> dict[str, Any]:
        """The JSON form."""
        found: dict[str, Any] = {"action": self.action, "item": self.item, "count": self.count, "uses": self.uses}
        if self.inputs:
            found["inputs"] = dict(self.inputs)
        for key in ("tool", "source", "station"):
            if getattr(self, key) is not None:
                found[key] = getattr(self, key)
        return found


@dataclass(frozen=True, slots=True)
class ProgressionAnswer:
    """What came of a question.

    solved: `steps` lead to the target, at least cost. impossible: there is no way; `missing` names the
    sources without which there is none. budget: the search ended at its node limit; `steps` hold the best
    plan so far, if any. `nodes` is how many states were looked at.
    """

    status: Literal["solved", "impossible", "budget"]
    steps: tuple[ProgressionStep, ...]
    cost: float
    missing: tuple[str, ...]
    nodes: int

    @property
    def length(self) -> int:
        """The sum of uses."""
        return sum(step.uses for step in self.steps)


def plan(
    target: str,
    count: int,
    inventory: Mapping[str, int],
    surroundings: Surroundings,
    tables: Tables,
    *,
    stations: Collection[str] = (),
    limit: int = NODE_LIMIT,
) -> ProgressionAnswer:
    """How to hold at least `count` of an item. `stations` are workstations that stand within reach.

    Workstations among the surroundings count as within reach too. Raises UserError for an item that the
    version does not have, or a count below 1.
    """
    if target not in tables.items:
        raise UserError(f"{tables.version} has no item {target!r}", "use the game's own name, such as stone_pickaxe")
    around = _around(surroundings)
    stock = dict(inventory)
    for item, station in WORKSTATIONS.items():
        if item in stations or (around and item in around):
            stock[station] = 1
    book = game_book(tables, around)
    woods = _other_woods(target, inventory, around)
    return _answer(book, target, count, stock, limit=limit, tables=tables, unwanted=woods)


def plan_over(
    book: RecipeBook, target: str, count: int, inventory: Mapping[str, int], *, limit: int = NODE_LIMIT
) -> ProgressionAnswer:
    """The same over a bare recipe book: no surroundings, no workstations, the fewest uses."""
    return _answer(book, target, count, inventory, limit=limit, tables=None, unwanted=())


def solve_craft(problem: Mapping[str, Any], tables: Tables, book: RecipeBook | None = None) -> dict[str, Any]:
    """Answer one problem in its wire form (`solve craft`), all but the time it took.

    With a recipe book, the book alone counts. An item that there is not is impossible, and itself what is missing.
    Raises UserError that names a field that is wrong.
    """
    target, count = problem.get("target"), problem.get("quantity", 1)
    if not isinstance(target, str) or not target:
        raise _bad("target", "the name of an item")
    if not isinstance(count, int) or isinstance(count, bool) or not 1 <= count <= MOST:
        raise _bad("quantity", f"a whole number from 1 to {MOST}")
    inventory = problem.get("inventory", {})
    if not isinstance(inventory, Mapping) or not all(
        isinstance(n, int) and not isinstance(n, bool) and 0 <= n <= MOST for n in inventory.values()
    ):
        raise _bad("inventory", f"an object of item names and counts from 0 to {MOST}")
    around: Any = problem.get("surroundings", "none")
    if around not in ("any", "none") and not (
        isinstance(around, list) and all(isinstance(name, str) for name in around)
    ):
        raise _bad("surroundings", '"any", "none", or a list of blocks and creatures')
    if book is not None:
        answer = plan_over(book, target, count, inventory)
    elif target not in tables.items:
        # A list of problems is not lost for one item that another version has.
        answer = ProgressionAnswer("impossible", (), 0.0, (target,), 0)
    else:
        answer = plan(target, count, inventory, around, tables)
    return {
        "id": problem.get("id"),
        "status": answer.status,
        "length": answer.length if answer.status == "solved" else None,
        "steps": [step.wire() for step in answer.steps],
        "missing": list(answer.missing),
    }


def _bad(field: str, wanted: str) -> UserError:
    return UserError(
        f"craft problem: {field} must be {wanted}", "a problem is {id, inventory, target, quantity?, surroundings?}"
    )


def _around(surroundings: Surroundings) -> frozenset[str] | None:
    if isinstance(surroundings, str):
        if surroundings not in ("any", "none"):
            raise UserError(f"surroundings {surroundings!r} are unknown", 'use "any", "none", or a list of names')
        return None if surroundings == "any" else frozenset()
    return frozenset(surroundings)


def _other_woods(target: str, inventory: Mapping[str, int], around: frozenset[str] | None) -> tuple[str, ...]:
    """Prefixes of the kinds of wood that need not be looked at: they serve like the one that is.

    Looked at are the target's, those of the inventory, and of the others the first that is to be had.
    """

    def prefixes(wood: str) -> tuple[str, str]:
        return f"{wood}_", f"stripped_{wood}_"

    names = [target, *(item for item, n in inventory.items() if n > 0)]
    kept = [wood for wood in _WOODS if any(name.startswith(prefixes(wood)) for name in names)]
    near = [w for w in _WOODS if around is None or any(name.startswith(prefixes(w)) for name in around)]
    kept += near[:1]
    return tuple(p for wood in _WOODS if wood not in kept for p in prefixes(wood))


def _answer(
    book: RecipeBook,
    target: str,
    count: int,
    stock: Mapping[str, int],
    *,
    limit: int,
    tables: Tables | None,
    unwanted: tuple[str, ...],
) -> ProgressionAnswer:
    if count < 1:
        raise UserError(f"{count} of {target} cannot be a goal", "ask for at least 1")
    problem = Problem.of(book, target, count, stock, unwanted)
    if stock.get(target, 0) >= count:
        return ProgressionAnswer("solved", (), 0.0, (), 0)
    if problem.missing:
        return ProgressionAnswer("impossible", (), 0.0, problem.missing, 0)
    solution = search(problem, limit=limit)
    if solution is None:
        return ProgressionAnswer("impossible", (), 0.0, _short(problem), 0)
    if not solution.uses:
        return ProgressionAnswer("budget", (), 0.0, (), solution.nodes)
    runs = in_order(solution.uses, problem.stock)
    if runs is None:
        raise AssertionError(f"a plan for {target} lost its order")  # the search accepts only plans that have one
    steps = _steps(runs, tables)
    status = "solved" if solution.optimal else "budget"
    return ProgressionAnswer(status, steps, round(solution.cost, 6), (), solution.nodes)


def _short(problem: Problem) -> tuple[str, ...]:
    """What runs out, followed down the cheapest acts: items without any source of which there are too few."""
    left = dict(problem.stock)
    short: dict[str, None] = {}
    followed: set[str] = set()  # a circle (ingots from blocks from ingots) is walked once
    queue: list[tuple[str, float]] = [(problem.target, float(problem.count))]
    for good, wanted in queue:
        taken = min(left.get(good, 0.0), wanted)
        left[good] = left.get(good, 0.0) - taken
        acts = problem.producers.get(good, ())
        if wanted > taken and not acts:
            short[good] = None
        elif wanted > taken and good not in followed:
            followed.add(good)
            times = acts[0].uses_for(wanted - taken)
            queue += [(item, n * times) for item, n in acts[0].inputs]
    return tuple(short) or (problem.target,)


def _steps(runs: list[Run], tables: Tables | None) -> tuple[ProgressionStep, ...]:
    steps: list[ProgressionStep] = []
    fuel: dict[str, Counter[str]] = {}
    for run in runs:
        act = run.act
        if act.kind == "burn":
            burned = fuel.setdefault(act.output, Counter())
            burned.update({item: round(n) for item, n in run.taken})
            continue
        if act.kind == "choose":
            continue
        inputs = {item: round(n) for item, n in run.taken if is_item(item)}
        if act.kind == "smelt":
            for item, n in fuel.pop(HEAT + act.output, Counter()).items():
                inputs[item] = inputs.get(item, 0) + n
        station = next((s for s in act.needs if s.startswith("@")), None)
        steps.append(
            ProgressionStep(
                action=act.kind,
                item=act.output.removeprefix("@"),
                count=math.floor(run.times * act.yields + 1e-9),
                uses=run.times,
                inputs=tuple(sorted(inputs.items())),
                tool=_tool(act, run.held, tables),
                source=act.source,
                station=station.removeprefix("@") if station else None,
                recipe=act.recipe,
                seconds=run.times * act.cost,
            )
        )
    return tuple(steps)


def _tool(act: Act, held: frozenset[str], tables: Tables | None) -> str | None:
    """The tool to hold: the fastest at hand where the tables know it, else the one planned with."""
    if act.kind == "mine" and act.source is not None and tables is not None and "shears" not in act.needs:
        state = tables.blocks[act.source].default_state
        return tables.best_tool(state, dict.fromkeys(held, 1))
    return next((need for need in act.needs if is_item(need)), None)
