"""The search for the cheapest set of acts that supplies a demand: backward, exact, branch and bound.

State: what is still demanded, what is left over (inventory and surplus), what was decided. The demand that
no other open demand can add to (highest in the topological order of the goods) is resolved first, so that
everything asked of a good is known when its acts are counted: 9 planks for three things are 3 logs, not 4.

Within one plan no good is made, however indirectly, of itself (no blocks from ingots from blocks); with
positive costs no cheapest plan does. That bounds the search also where nothing can be found.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from conscious_bot.sterling.progression_book import TOOLS, Act, RecipeBook
from conscious_bot.sterling.progression_order import in_order

__all__ = ["Problem", "Solution", "search"]

_EPS = 1e-9


@dataclass(frozen=True, slots=True)
class Solution:
    """How often each act is done, in the order in which they were decided (consumers first)."""

    uses: tuple[tuple[Act, int], ...]
    cost: float
    nodes: int
    optimal: bool
    """False if the node limit ended the search before the plan was proven cheapest."""


@dataclass(slots=True)
class Problem:
    """One question, with everything about it that does not change during the search."""

    target: str
    count: int
    stock: dict[str, float]
    producers: dict[str, tuple[Act, ...]]
    """Only acts that lead to the target and can be reached from the stock and the sources."""
    rank: dict[str, int]
    """Topological position: consumers before producers; equal for goods that make each other."""
    unit: dict[str, float]
    """A lower bound of the cost of one more of a good once the stock of it is used up."""
    cap: dict[str, float]
    """An upper bound of how many of a good there can ever be."""
    worths: tuple[dict[str, float], ...] = ()
    """Conserved quantities: no act gives more worth than it takes, so a demand never exceeds what is left."""
    missing: tuple[str, ...] = ()
    """Goods without which nothing helps; empty if the target can be reached at all."""

    @classmethod
    def of(
        cls,
        book: RecipeBook,
        target: str,
        count: int,
        stock: Mapping[str, int],
        unwanted: Callable[[str], bool] | None = None,
    ) -> Problem:
        """Cut the book down to what matters for this question.

        `unwanted` names goods that need not be looked at, because others do the same (other kinds of wood).
        """
        held = {good: float(n) for good, n in stock.items() if n > 0}
        relevant = [g for g in _relevant(book, target, unwanted) if g]
        reachable = _reachable(book, relevant, held)
        if target not in reachable:
            return cls(target, count, held, {}, {}, {}, {}, (), _missing(book, target, relevant, reachable))
        producers = _cut(book.producers, target, reachable)
        producers = _cut(_with_simplest_tools(producers, held), target, reachable)
        unit = _unit_costs(producers, held)
        for good, acts in producers.items():
            producers[good] = tuple(sorted(acts, key=lambda a: _act_cost(a, unit, held) / a.yields))
        rank, cap = _ranks(producers, target), _caps(producers, held)
        return cls(target, count, held, producers, rank, unit, cap, _worths(producers, target, rank, cap))


def _relevant(book: RecipeBook, target: str, unwanted: Callable[[str], bool] | None) -> list[str]:
    """Every good from which the target could be made, in the order of discovery."""
    found, seen = [target], {target}
    for good in found:
        for act in book.producers.get(good, ()):
            for other in (*(g for g, _ in act.inputs), *act.needs):
                if other not in seen:
                    seen.add(other)
                    if unwanted is None or not unwanted(other):
                        found.append(other)
    return found


def _reachable(book: RecipeBook, relevant: list[str], held: Mapping[str, float]) -> set[str]:
    """Goods that can be had at all, amounts apart."""
    waiting: dict[str, list[Act]] = {}
    reached = {good for good in relevant if good in held}
    queue = sorted(reached)
    left: dict[int, int] = {}
    for good in relevant:
        for act in book.producers.get(good, ()):
            parts = {*(g for g, _ in act.inputs), *act.needs}
            left[id(act)] = len(parts)
            for part in parts:
                waiting.setdefault(part, []).append(act)
            if not parts and good not in reached:
                reached.add(good)
                queue.append(good)
    for good in queue:
        for act in waiting.get(good, ()):
            left[id(act)] -= 1
            if left[id(act)] == 0 and act.output not in reached:
                reached.add(act.output)
                queue.append(act.output)
    return reached


def _missing(book: RecipeBook, target: str, relevant: list[str], reached: set[str]) -> tuple[str, ...]:
    """What to name when the target cannot be reached: the dead ends nearest to it."""
    ends = [g for g in relevant if g not in reached and not book.producers.get(g) and not g.startswith("@")]
    direct: list[str] = []
    for act in book.producers.get(target, ()):
        direct += [g for g in (*(g for g, _ in act.inputs), *act.needs) if g not in reached and g not in direct]
    near = [g for g in ends if g in direct]
    return tuple(near or direct[:3] or ends[:3] or [target])


def _with_simplest_tools(
    producers: dict[str, tuple[Act, ...]], held: Mapping[str, float]
) -> dict[str, tuple[Act, ...]]:
    """Leave of each group of tools the one that is had soonest.

    The others do the same work, and a tool that is itself made with the work's result (a stone pickaxe, for
    cobblestone) cannot be the first. What is held costs nothing, so it is taken before anything is made.
    """
    soonest = dict.fromkeys(producers, math.inf)
    changed = True
    while changed:
        changed = False
        for good, acts in producers.items():
            for act in acts:
                cost = act.cost + sum(n * soonest[g] for g, n in act.inputs if g not in held)
                cost += sum(soonest[g] for g in act.needs if g not in held)
                if cost / act.yields < soonest[good] - _EPS:
                    soonest[good], changed = cost / act.yields, True
    cut = dict(producers)
    for good, acts in producers.items():
        if good.startswith(TOOLS) and acts:
            cut[good] = (min(acts, key=lambda a: (0.0 if a.inputs[0][0] in held else soonest[a.inputs[0][0]], a.inputs)),)
    return cut


def _cut(
    book: Mapping[str, tuple[Act, ...]], target: str, reached: set[str]
) -> dict[str, tuple[Act, ...]]:
    """Acts all of whose goods can be had, from the target down."""
    producers: dict[str, tuple[Act, ...]] = {}
    queue = [target]
    seen = {target}
    for good in queue:
        usable = tuple(
            a
            for a in book.get(good, ())
            if all(g in reached for g, _ in a.inputs) and all(g in reached for g in a.needs)
        )
        producers[good] = usable
        for act in usable:
            for other in (*(g for g, _ in act.inputs), *act.needs):
                if other not in seen:
                    seen.add(other)
                    queue.append(other)
    return producers


def _act_cost(act: Act, unit: Mapping[str, float], held: Mapping[str, float]) -> float:
    return act.cost + sum(n * unit[g] for g, n in act.inputs if g not in held)


def _unit_costs(producers: Mapping[str, tuple[Act, ...]], held: Mapping[str, float]) -> dict[str, float]:
    """The least cost of one more of each good when fractions are allowed and what is held is free."""
    unit = dict.fromkeys(producers, math.inf)
    changed = True
    while changed:
        changed = False
        for good, acts in producers.items():
            for act in acts:
                cost = _act_cost(act, unit, held) / act.yields
                if cost < unit[good] - _EPS:
                    unit[good], changed = cost, True
    return unit


def _caps(producers: Mapping[str, tuple[Act, ...]], held: Mapping[str, float]) -> dict[str, float]:
    """How many of each good there can be at most, sharing and order apart; infinite where a cycle feeds itself."""
    cap = {good: held.get(good, 0.0) for good in producers}

    def pass_once() -> list[str]:
        changed: list[str] = []
        for good, acts in producers.items():
            total = held.get(good, 0.0)
            for act in acts:
                times = min((cap[g] // n for g, n in act.inputs), default=math.inf)
                if times > 0:
                    total += times * act.yields
            if total > cap[good] + _EPS:
                cap[good] = total
                changed.append(good)
        return changed

    for _ in range(6):
        for _ in range(40):
            growing = pass_once()
            if not growing:
                return cap
        for good in growing:
            cap[good] = math.inf
    return dict.fromkeys(cap, math.inf)


def _worths(
    producers: Mapping[str, tuple[Act, ...]], target: str, rank: Mapping[str, int], cap: Mapping[str, float]
) -> tuple[dict[str, float], ...]:
    """One measure for each material of the target's own recipes: how much of the target a good can become.

    Each act charges its worth to one of its inputs: the chosen material in the target's acts, else the one
    from the same circle, else the scarcest. A measure that grows without end says nothing and is left out.
    """

    def charged(act: Act, material: str) -> tuple[str, int]:
        for good, n in act.inputs:
            if good == material and act.output == target:
                return good, n
        return min(act.inputs, key=lambda p: (rank[p[0]] != rank[act.output], cap[p[0]] / p[1], p[0]))

    found: list[dict[str, float]] = []
    acts = [act for made in producers.values() for act in made]
    for material in sorted({g for act in producers[target] for g, _ in act.inputs}):
        if any(not act.inputs for act in acts):
            break  # a source is endless
        charges = [(act, *charged(act, material)) for act in acts]
        worth = {target: 1.0}
        for _ in range(30):
            changed = False
            for act, good, n in charges:
                value = act.yields * worth.get(act.output, 0.0) / n
                if value > worth.get(good, 0.0) + _EPS:
                    worth[good], changed = value, True
            if not changed:
                if not any(g in worth for act in acts for g, _ in act.extras):
                    found.append(worth)
                break
    return tuple(found)


def _ranks(producers: Mapping[str, tuple[Act, ...]], target: str) -> dict[str, int]:
    """Tarjan's components over good -> inputs and needs; a component's number is lower the nearer to the target."""
    edges = {
        good: list(dict.fromkeys(g for act in acts for g in (*(g for g, _ in act.inputs), *act.needs)))
        for good, acts in producers.items()
    }
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    component: dict[str, int] = {}
    done = 0
    work: list[tuple[str, int]] = [(target, 0)]
    while work:
        good, at = work.pop()
        if good not in index:
            index[good] = low[good] = len(index)
            stack.append(good)
            on_stack.add(good)
        for i in range(at, len(edges[good])):
            other = edges[good][i]
            if other not in index:
                work += [(good, i), (other, 0)]
                break
            if other in on_stack:
                low[good] = min(low[good], low[other])
        else:
            if low[good] == index[good]:
                while True:
                    member = stack.pop()
                    on_stack.discard(member)
                    component[member] = done
                    if member == good:
                        break
                done += 1
    return {good: done - 1 - number for good, number in component.items()}


@dataclass(slots=True)
class _Search:
    problem: Problem
    limit: int
    cyclic: frozenset[int]
    """The ranks that several goods share: they make each other."""
    best: float = math.inf
    found: tuple[tuple[Act, int], ...] | None = None
    nodes: int = 0
    seen: dict[tuple[object, ...], float] = field(default_factory=dict[tuple[object, ...], float])

    def run(self, demand: dict[str, float], stock: dict[str, float], uses: list[tuple[Act, int]], cost: float) -> None:
        """Resolve the first demand in every sensible way.

        A demand of 0 is for something to have (a tool, a workstation) that is not used up.
        """
        problem = self.problem
        if not demand:
            if cost < self.best - _EPS and in_order(uses, problem.stock) is not None:
                self.best, self.found = cost, tuple(uses)
            return
        bound = cost + sum(n * problem.unit[g] for g, n in demand.items())
        if bound >= self.best - _EPS or self.nodes >= self.limit:
            return
        for worth in problem.worths:
            asked = sum(n * worth.get(g, 0.0) for g, n in demand.items())
            if asked > sum(n * worth.get(g, 0.0) for g, n in stock.items()) + 1e-6:
                return
        self.nodes += 1
        key = (tuple(sorted(demand.items())), tuple(sorted(stock.items())), self._edges(uses))
        if self.seen.get(key, math.inf) <= cost + _EPS:
            return
        self.seen[key] = cost
        good = min(demand, key=lambda g: (problem.rank[g], g))
        self._resolve(good, demand, stock, uses, cost, 0)

    def _resolve(
        self,
        good: str,
        demand: dict[str, float],
        stock: dict[str, float],
        uses: list[tuple[Act, int]],
        cost: float,
        first: int,
    ) -> None:
        acts = self.problem.producers[good]
        unit, cap = self.problem.unit, self.problem.cap
        for position in range(first, len(acts)):
            act = acts[position]
            if self._circular(act, uses):
                continue
            full = act.uses_for(demand[good])
            most = min((cap[g] // n for g, n in act.inputs), default=math.inf)
            # The last act has to give all that is left; for a thing to have, once is enough.
            least = full if position == len(acts) - 1 else 1
            others = sum(n * unit[g] for g, n in demand.items() if g != good)
            for times in range(int(min(full, most)), least - 1, -1):
                if cost + times * act.cost + others < self.best - _EPS:
                    self._apply(act, times, good, demand, stock, uses, cost, position)
                if self.nodes >= self.limit:
                    return

    def _apply(
        self,
        act: Act,
        times: int,
        good: str,
        demand: dict[str, float],
        stock: dict[str, float],
        uses: list[tuple[Act, int]],
        cost: float,
        position: int,
    ) -> None:
        demand, stock = dict(demand), dict(stock)
        wanted = demand.pop(good)
        if good.startswith(TOOLS):
            stock[good] = 1.0
            _have(act.inputs[0][0], demand, stock)
            self.run(demand, stock, [*uses, (act, 0)], cost)
            return
        rest = wanted - times * act.yields
        if rest < -_EPS:
            stock[good] = stock.get(good, 0.0) - rest
        for item, n in act.extras:
            if item in self.problem.producers:
                _supply(item, n * times, demand, stock)
        for item, n in act.inputs:
            _take(item, n * times, demand, stock)
            if demand.get(item, 0.0) > self.problem.cap[item] + _EPS:
                return
        for item in act.needs:
            _have(item, demand, stock)
        now = [*uses, (act, times)]
        cost += times * act.cost
        if rest > _EPS:
            demand[good] = rest
            self._resolve(good, demand, stock, now, cost, position + 1)
        else:
            self.run(demand, stock, now, cost)

    def _circular(self, act: Act, uses: list[tuple[Act, int]]) -> bool:
        """Whether the act would make something, however indirectly, of itself."""
        rank = self.problem.rank
        level = rank[act.output]
        if level not in self.cyclic:
            return False
        inner = [g for g, _ in act.inputs if rank[g] == level]
        made_of: dict[str, list[str]] = {}
        for used, _ in uses:
            if rank[used.output] == level:
                made_of.setdefault(used.output, []).extend(g for g, _ in used.inputs)
        seen: set[str] = set()
        while inner:
            good = inner.pop()
            if good == act.output:
                return True
            if good not in seen:
                seen.add(good)
                inner += made_of.get(good, ())
        return False

    def _edges(self, uses: list[tuple[Act, int]]) -> object:
        """The part of the past that decides what is circular."""
        rank, cyclic = self.problem.rank, self.cyclic
        return frozenset((a.output, a.inputs) for a, _ in uses if rank[a.output] in cyclic)


def _take(good: str, count: float, demand: dict[str, float], stock: dict[str, float]) -> None:
    """Use up so many: from what is left over first, the rest is demanded."""
    taken = min(stock.get(good, 0.0), count)
    if taken:
        stock[good] -= taken
        if stock[good] <= _EPS:
            del stock[good]
    if count - taken > _EPS:
        demand[good] = demand.get(good, 0.0) + count - taken


def _have(good: str, demand: dict[str, float], stock: dict[str, float]) -> None:
    """One must be there; it is not used up."""
    if stock.get(good, 0.0) < 1 - _EPS:
        demand.setdefault(good, 0.0)


def _supply(good: str, count: float, demand: dict[str, float], stock: dict[str, float]) -> None:
    """A by-product serves open demands, and what is over is left over."""
    given = min(demand.get(good, 0.0), count)
    if given:
        demand[good] -= given
        if demand[good] <= _EPS:
            del demand[good]
    if count > given:
        stock[good] = stock.get(good, 0.0) + count - given


def search(problem: Problem, *, limit: int = 200_000) -> Solution | None:
    """The cheapest solution, or None if there is none (or the limit ended the search without one)."""
    if problem.missing:
        return None
    stock = dict(problem.stock)
    held = stock.pop(problem.target, 0.0)
    if held >= problem.count:
        return Solution((), 0.0, 0, True)
    ranks = sorted(problem.rank.values())
    cyclic = frozenset(a for a, b in zip(ranks, ranks[1:], strict=False) if a == b)
    state = _Search(problem, limit, cyclic)
    relevant = {good: n for good, n in stock.items() if good in problem.producers}
    state.run({problem.target: problem.count - held}, relevant, [], 0.0)
    if state.found is None:
        return None
    return Solution(state.found, state.best, state.nodes, state.nodes < limit)
