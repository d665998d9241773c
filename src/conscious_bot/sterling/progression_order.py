"""From a set of acts to an order in which they can be done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conscious_bot.sterling.progression_book import Act

__all__ = ["Run", "can_be_ordered", "in_order"]

_EPS = 1e-9


@dataclass(frozen=True, slots=True)
class Run:
    """One act done some times in a row, with the items that it uses up in all."""

    act: Act
    times: int
    taken: tuple[tuple[str, float], ...]
    held: frozenset[str]
    """The items at hand when it begins."""


def can_be_ordered(uses: Sequence[tuple[Act, int]], stock: Mapping[str, float]) -> bool:
    """Whether there is an order in which everything is there when it is needed."""
    return _ordered(uses, stock, None)


def in_order(uses: Sequence[tuple[Act, int]], stock: Mapping[str, float]) -> list[Run] | None:
    """The acts as runs, each with its inputs and needs there when it begins; None if no order was found.

    Acts that were decided last (deepest in the plan) come first, each in one go if that is possible. The
    supply covers the demand in all, so doing one act early does not starve another, except around a circle.
    """
    runs: list[Run] = []
    return runs if _ordered(uses, stock, runs) else None


def _ordered(uses: Sequence[tuple[Act, int]], stock: Mapping[str, float], runs: list[Run] | None) -> bool:
    have: dict[str, float] = dict(stock)
    chosen: dict[str, Counter[str]] = {}
    uses = _merged(uses)
    left = [times for _, times in uses]
    open_acts = [i for i in reversed(range(len(uses))) if left[i]]
    whole = True
    while open_acts:
        progress = False
        for i in open_acts:
            act = uses[i][0]
            if not all(have.get(g, 0) >= 1 - _EPS for g in act.needs):
                continue
            times = left[i]
            for good, n in act.inputs:
                times = min(times, int((have.get(good, 0) + _EPS) // n))
            if times == left[i] or (times > 0 and not whole):
                left[i] -= times
                if runs is not None:
                    runs += _runs(act, times, have, chosen)
                _do(act, times, have)
                progress = True
                if not whole:
                    break
        if not progress and not whole:
            return False
        whole = progress
        open_acts = [i for i in open_acts if left[i]]
    return True


def _do(act: Act, times: int, have: dict[str, float]) -> None:
    for good, n in act.inputs:
        have[good] -= n * times
    have[act.output] = have.get(act.output, 0) + act.yields * times
    for good, n in act.extras:
        have[good] = have.get(good, 0) + n * times


def _merged(uses: Sequence[tuple[Act, int]]) -> list[tuple[Act, int]]:
    """Each act once, where it was decided last."""
    total: dict[Act, int] = {}
    for act, times in uses:
        total[act] = total.pop(act, 0) + times
    return list(total.items())


def _runs(act: Act, times: int, have: Mapping[str, float], chosen: dict[str, Counter[str]]) -> list[Run]:
    """What the act takes, use by use where it takes from a group, since each use may take other members."""
    if act.kind == "choose":
        chosen.setdefault(act.output, Counter())[act.inputs[0][0]] += times
        return []
    held = frozenset(g for g, n in have.items() if n >= 1 - _EPS)
    if not any(good in chosen for good, _ in act.inputs):
        return [Run(act, times, tuple((g, n * times) for g, n in act.inputs), held)]
    runs: list[Run] = []
    for _ in range(times):
        taken: Counter[str] = Counter()
        for good, n in act.inputs:
            taken.update(_first(chosen[good], n) if good in chosen else {good: n})
        now = Run(act, 1, tuple(sorted(taken.items())), held)
        if runs and _each(runs[-1]) == _each(now):
            last = runs.pop()
            both = tuple((g, n + m) for (g, n), (_, m) in zip(last.taken, now.taken, strict=True))
            now = Run(act, last.times + 1, both, held)
        runs.append(now)
    return runs


def _each(run: Run) -> list[tuple[str, float]]:
    return [(g, n / run.times) for g, n in run.taken]


def _first(pool: Counter[str], count: int) -> Counter[str]:
    """Take so many from what was chosen, in the order of choosing."""
    taken: Counter[str] = Counter()
    for item in list(pool):
        n = min(pool[item], count)
        if n > 0:
            pool[item] -= n
            taken[item] += n
            count -= n
    return taken
