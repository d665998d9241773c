"""From a set of acts to an order in which they can be done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conscious_bot.sterling.progression_book import TOOLS, Act

__all__ = ["Run", "in_order"]

_EPS = 1e-9


@dataclass(frozen=True, slots=True)
class Run:
    """One act done some times in a row, with the items that it uses up in all."""

    act: Act
    times: int
    taken: tuple[tuple[str, float], ...]
    held: frozenset[str]
    """The items at hand when it begins."""


def in_order(uses: Sequence[tuple[Act, int]], stock: Mapping[str, float]) -> list[Run] | None:
    """The acts as runs, each with its inputs and needs there when it begins; None if no order was found.

    Acts that were decided last (deepest in the plan) come first, each in one go if that is possible. The
    supply covers the demand in all, so doing one act early does not starve another, except around a circle.
    """
    have: Counter[str] = Counter()
    for good, n in stock.items():
        have[good] += n  # type: ignore[assignment] # counts may be fractions (expected drops)
    chosen: dict[str, Counter[str]] = {}
    tools = {act.output: act.inputs[0][0] for act, _ in uses if act.output.startswith(TOOLS)}
    uses = _merged(uses)
    left = [times for _, times in uses]
    runs: list[Run] = []
    open_acts = [i for i in reversed(range(len(uses))) if left[i]]
    whole = True
    while open_acts:
        progress = False
        for i in open_acts:
            act = uses[i][0]
            if not all(have[tools.get(g, g)] >= 1 - _EPS or _any_held(g, have) for g in act.needs):
                continue
            times = min([left[i], *(int((have[g] + _EPS) // n) for g, n in act.inputs)])
            if times == left[i] or (times > 0 and not whole):
                left[i] -= times
                runs += _do(act, times, have, chosen)
                progress = True
                if not whole:
                    break
        if not progress and not whole:
            return None
        whole = progress
        open_acts = [i for i in open_acts if left[i]]
    return runs


def _merged(uses: Sequence[tuple[Act, int]]) -> list[tuple[Act, int]]:
    """Each act once, where it was decided last."""
    total: dict[Act, int] = {}
    for act, times in uses:
        total[act] = total.pop(act, 0) + times
    return list(total.items())


def _any_held(good: str, have: Mapping[str, float]) -> bool:
    """Whether a tool of the group is held; the group's name lists them."""
    return good.startswith(TOOLS) and any(have.get(m, 0) >= 1 for m in good.removeprefix(TOOLS).split("|"))


def _do(act: Act, times: int, have: Counter[str], chosen: dict[str, Counter[str]]) -> list[Run]:
    if act.kind == "choose":
        member = act.inputs[0][0]
        have[member] -= times
        have[act.output] += times
        chosen.setdefault(act.output, Counter())[member] += times
        return []
    runs: list[Run] = []
    for _ in range(times):
        held = frozenset(g for g, n in have.items() if n >= 1 - _EPS)
        taken: Counter[str] = Counter()
        for good, n in act.inputs:
            have[good] -= n
            if good in chosen:
                for item, count in _first(chosen[good], n).items():
                    taken[item] += count
            else:
                taken[good] += n
        have[act.output] += act.yields  # type: ignore[assignment]
        for good, n in act.extras:
            have[good] += n
        now = Run(act, 1, tuple(sorted(taken.items())), held)
        if runs and _each(runs[-1]) == _each(now):
            runs[-1] = Run(
                act,
                runs[-1].times + 1,
                tuple((g, n + m) for (g, n), (_, m) in zip(runs[-1].taken, now.taken, strict=True)),
                runs[-1].held,
            )
        else:
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
