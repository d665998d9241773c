"""The search against a plain forward search over all inventories, on small random books."""

from __future__ import annotations

import heapq

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from conscious_bot.sterling.progression_book import Act, RecipeBook
from conscious_bot.sterling.progression_order import in_order
from conscious_bot.sterling.progression_problem import Problem
from conscious_bot.sterling.progression_search import search

NAMES = "abcdef"
WEIGHT = {"a": 4, "b": 3, "c": 2, "d": 2, "e": 1, "f": 1}
"""No recipe gives more weight than it takes: as in the game, circles (ingots, blocks) multiply nothing."""


@st.composite
def acts(draw: st.DrawFn) -> Act:
    output = draw(st.sampled_from(NAMES))
    inputs = draw(
        st.dictionaries(st.sampled_from([n for n in NAMES if n != output]), st.integers(1, 3), min_size=1, max_size=2)
    )
    most = sum(WEIGHT[good] * n for good, n in inputs.items()) // WEIGHT[output]
    assume(most >= 1)
    yields = draw(st.integers(1, min(most, 4)))
    return Act("craft", output, yields, tuple(sorted(inputs.items())), cost=float(draw(st.integers(1, 5))))


def forward(book: list[Act], target: str, count: int, stock: dict[str, int], most: float) -> float | None:
    """The least cost by Dijkstra over inventories, up to a cost."""
    start = tuple(stock.get(n, 0) for n in NAMES)
    queue: list[tuple[float, tuple[int, ...]]] = [(0.0, start)]
    seen: dict[tuple[int, ...], float] = {start: 0.0}
    while queue:
        cost, have = heapq.heappop(queue)
        if have[NAMES.index(target)] >= count:
            return cost
        if cost > seen[have] or len(seen) > 20_000:
            continue
        for act in book:
            if cost + act.cost > most or any(have[NAMES.index(g)] < n for g, n in act.inputs):
                continue
            after = list(have)
            for good, n in act.inputs:
                after[NAMES.index(good)] -= n
            after[NAMES.index(act.output)] += int(act.yields)
            key = tuple(min(n, 12) for n in after)
            if cost + act.cost < seen.get(key, float("inf")):
                seen[key] = cost + act.cost
                heapq.heappush(queue, (cost + act.cost, key))
    return None


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    book=st.lists(acts(), min_size=1, max_size=6),
    stock=st.dictionaries(st.sampled_from("bcdef"), st.integers(1, 5)),
    count=st.integers(1, 3),
)
def test_a_plan_costs_what_the_best_way_costs_and_can_be_done(
    book: list[Act], stock: dict[str, int], count: int
) -> None:
    problem = Problem.of(RecipeBook.of(book, {}), "a", count, stock)
    found = search(problem)
    best = forward(book, "a", count, stock, 25.0)
    if found is None:
        assert best is None
        return
    assert found.optimal
    assert in_order(found.uses, problem.stock) is not None
    if best is not None:
        assert found.cost == best
    else:
        assert found.cost > 25.0
