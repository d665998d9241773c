"""The search for the cheapest set of acts that supplies a demand: backward, exact, branch and bound.

State: what is still demanded, what is left over (inventory and surplus), what was decided. The demand that
no other open demand can add to (highest in the topological order of the goods) is resolved first, so that
everything asked of a good is known when its acts are counted: 9 planks for three things are 3 logs, not 4.

Within one plan no good is made, however indirectly, of itself (no blocks from ingots from blocks). Where
circles multiply nothing no cheapest plan does, and it bounds the search also where nothing can be found.
What it rules out is doubling a smithing template with itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from conscious_bot.sterling.progression_book import Act
from conscious_bot.sterling.progression_order import can_be_ordered
from conscious_bot.sterling.progression_problem import EPSILON, Problem, times_of

__all__ = ["Solution", "search"]


@dataclass(frozen=True, slots=True)
class Solution:
    """How often each act is done, in the order in which they were decided (consumers first)."""

    uses: tuple[tuple[Act, int], ...]
    cost: float
    nodes: int
    optimal: bool
    """False if the node limit ended the search before the plan was proven cheapest."""


@dataclass(slots=True)
class _State:
    """A point of the search. A demand of 0 is for something to have (a tool, a workstation), not to use up."""

    demand: dict[str, float]
    stock: dict[str, float]
    uses: list[tuple[Act, int]]
    cost: float


_TRIES_PER_NODE = 30
_SECOND = 200  # nodes of the second search, if the first did not end


@dataclass(slots=True)
class _Search:
    problem: Problem
    limit: int
    best: float = math.inf
    found: tuple[tuple[Act, int], ...] | None = None
    nodes: int = 0
    tries: int = 0
    """Shares of acts that were tried; of large demands there are many more than nodes."""
    prices: dict[int, float] = field(default_factory=dict[int, float])
    """What the tools and workstations of a set cost at least, each made once."""
    seen: dict[tuple[object, ...], float] = field(default_factory=dict[tuple[object, ...], float])

    def run(self, at: _State) -> None:
        """Resolve the first demand in every sensible way."""
        problem = self.problem
        if not at.demand:
            if at.cost < self.best - EPSILON and can_be_ordered(at.uses, problem.stock):
                self.best, self.found = at.cost, tuple(at.uses)
            return
        rank = problem.rank
        good = min(at.demand, key=lambda g: (rank[g], g))
        # Everything that could use goods of a lower rank is decided: what is left over of them is worth nothing.
        at.stock = {g: n for g, n in at.stock.items() if rank[g] >= rank[good]}
        bound = self._bound(at)
        if self.over or bound >= self.best - EPSILON:
            return
        for worth in problem.worths:
            asked = sum(n * worth.get(g, 0.0) for g, n in at.demand.items())
            if asked > sum(n * worth.get(g, 0.0) for g, n in at.stock.items()) + 1e-6:
                return
        self.nodes += 1
        key = (tuple(sorted(at.demand.items())), tuple(sorted(at.stock.items())), self._edges(at.uses))
        if self.seen.get(key, math.inf) <= at.cost + EPSILON:
            return
        self.seen[key] = at.cost
        self._resolve(good, at, 0, bound)

    @property
    def over(self) -> bool:
        """Whether the search has to end."""
        return self.nodes >= self.limit or self.tries >= _TRIES_PER_NODE * self.limit

    def _bound(self, at: _State) -> float:
        """What the whole plan costs at least: each demand by its unit cost, less what is paid and left over, and the
        tools and workstations that there is no way without."""
        problem = self.problem
        unit, spare, bit, calls_for = problem.unit, problem.spare, problem.bit, problem.calls_for
        bound = at.cost
        called = there = 0
        for good, n in at.demand.items():
            bound += (n or 1.0) * unit[good]
            called |= calls_for[good]
            there |= bit.get(good, 0)
        for good, n in at.stock.items():
            if good in spare:
                bound -= n * unit[good]
            there |= bit.get(good, 0)
        wanting = called & ~there
        price = self.prices.get(wanting)
        if price is None:
            price = self.prices[wanting] = sum(unit[good] for good, one in bit.items() if one & wanting)
        return bound + price

    def _resolve(self, good: str, at: _State, first: int, bound: float) -> None:
        """Give all that is demanded of a good, by each act and each share of it among the acts from `first` on.

        `bound` is the state's own lower bound.
        """
        problem = self.problem
        acts, least, unit = problem.producers[good], problem.least[good], problem.unit[good]
        wanted = at.demand[good]
        # A surplus can serve again only where goods make each other; else all that asks for it is decided.
        refund = unit if good in problem.spare and problem.rank[good] in problem.cyclic else 0.0
        others = bound - (wanted or 1.0) * unit
        for position in range(first, len(acts)):
            act, each = acts[position], least[position]
            full = act.uses_for(wanted)
            # The last act has to give all that is left, and a source that gives without end might as well.
            fewest = full if position == len(acts) - 1 or not act.inputs else 1
            if (
                others
                + fewest * each
                + (wanted - fewest * act.yields) * (unit if wanted > fewest * act.yields else refund)
                >= self.best - EPSILON
            ):
                continue
            most = min((times_of(problem.cap[g], n) for g, n in act.inputs), default=math.inf)
            if most < fewest or self._circular(act, at.uses):
                continue
            for times in range(int(min(full, most)), fewest - 1, -1):
                rest = wanted - times * act.yields
                if others + times * each + rest * (unit if rest > 0 else refund) < self.best - EPSILON:
                    self._apply(act, times, good, at, position)
                self.tries += 1
                if self.over:
                    return

    def _apply(self, act: Act, times: int, good: str, at: _State, position: int) -> None:
        demand, stock = dict(at.demand), dict(at.stock)
        wanted = demand.pop(good)
        rest = wanted - times * act.yields
        if rest < -EPSILON:
            stock[good] = stock.get(good, 0.0) - rest
        for item, n in act.extras:
            if item in self.problem.producers:
                _supply(item, n * times, demand, stock)
        for item, n in act.inputs:
            _take(item, n * times, demand, stock)
            if demand.get(item, 0.0) > self.problem.cap[item] + EPSILON:
                return
        for item in act.needs:
            _have(item, demand, stock)
        now = _State(demand, stock, [*at.uses, (act, times)], at.cost + times * act.cost)
        if rest > EPSILON:
            demand[good] = rest
            self._resolve(good, now, position + 1, self._bound(now))
        else:
            self.run(now)

    def _circular(self, act: Act, uses: list[tuple[Act, int]]) -> bool:
        """Whether the act would make something, however indirectly, of itself."""
        rank = self.problem.rank
        level = rank[act.output]
        if level not in self.problem.cyclic:
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
        rank, cyclic = self.problem.rank, self.problem.cyclic
        return frozenset((a.output, a.inputs) for a, _ in uses if rank[a.output] in cyclic)


def _take(good: str, count: float, demand: dict[str, float], stock: dict[str, float]) -> None:
    """Use up so many: from what is left over first, the rest is demanded."""
    taken = min(stock.get(good, 0.0), count)
    if taken:
        stock[good] -= taken
        if stock[good] <= EPSILON:
            del stock[good]
    if count - taken > EPSILON:
        demand[good] = demand.get(good, 0.0) + count - taken


def _have(good: str, demand: dict[str, float], stock: dict[str, float]) -> None:
    """One must be there; it is not used up."""
    if stock.get(good, 0.0) < 1 - EPSILON:
        demand.setdefault(good, 0.0)


def _supply(good: str, count: float, demand: dict[str, float], stock: dict[str, float]) -> None:
    """A by-product serves open demands, and what is over is left over."""
    given = min(demand.get(good, 0.0), count)
    if given:
        demand[good] -= given
        if demand[good] <= EPSILON:
            del demand[good]
    if count > given:
        stock[good] = stock.get(good, 0.0) + count - given


def search(problem: Problem, *, limit: int = 200_000) -> Solution | None:
    """The cheapest solution, or None if there is none.

    At the limit of nodes: the best so far, not proven; without uses if none was found.
    """
    if problem.missing:
        return None
    stock = dict(problem.stock)
    held = stock.pop(problem.target, 0.0)
    if held >= problem.count:
        return Solution((), 0.0, 0, optimal=True)
    state = _Search(problem, limit)
    relevant = {good: n for good, n in stock.items() if good in problem.producers}
    demand = {problem.target: problem.count - held}
    state.run(_State(dict(demand), dict(relevant), [], 0.0))
    over = state.over
    if over:  # prices that count with what is held can lead astray where it is too little
        second = _Search(problem.sober(), _SECOND, state.best, state.found)
        second.run(_State(demand, relevant, [], 0.0))
        state.best, state.found, state.nodes = second.best, second.found, state.nodes + second.nodes
    if state.found is None:
        return Solution((), math.inf, state.nodes, optimal=False) if over else None
    return Solution(state.found, state.best, state.nodes, optimal=not over)
