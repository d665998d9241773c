"""One progression question, cut down and measured before the search: which acts matter, in which order goods
are resolved, what one more of a good costs at least, and how many there can be at most."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise

from conscious_bot.sterling.progression_book import TOOLS, Act, RecipeBook

__all__ = ["EPSILON", "Problem", "times_of"]

EPSILON = 1e-9
"""Amounts may be fractions (expected drops); below this they are nothing."""

_DEEPEST = 4  # recipes one after the other from materials to a tool: planks, sticks, the tool


@dataclass(slots=True)
class Problem:
    """One question, with everything about it that does not change during the search."""

    target: str
    count: int
    stock: dict[str, float]
    producers: dict[str, tuple[Act, ...]]
    """Cheapest first. Only acts that lead to the target and can be reached from the stock and the sources."""
    rank: dict[str, int]
    """Topological position: consumers before producers; equal for goods that make each other."""
    unit: dict[str, float]
    """A lower bound of the cost of one more of a good once the stock of it is used up."""
    least: dict[str, tuple[float, ...]]
    """For each act of `producers`: what one use costs at least, inputs and all."""
    cap: dict[str, float]
    """An upper bound of how many of a good there can ever be."""
    cyclic: frozenset[int]
    """The ranks that several goods share: they make each other."""
    spare: frozenset[str]
    """Goods of which a surplus was paid for: used up by some act, and not held at the start (that is free)."""
    worths: tuple[dict[str, float], ...] = ()
    """Conserved quantities: no act gives more worth than it takes, so a demand never exceeds what is left."""
    bit: dict[str, int] = field(default_factory=dict[str, int])
    """A bit for each good that some act needs and none uses up: tools, workstations."""
    calls_for: dict[str, int] = field(default_factory=dict[str, int])
    """For each good, as bits, which of those there is no way to it without."""
    missing: tuple[str, ...] = ()
    """Goods without which nothing helps; empty if the target can be reached at all."""

    @classmethod
    def of(
        cls,
        book: RecipeBook,
        target: str,
        count: int,
        stock: Mapping[str, int],
        unwanted: tuple[str, ...] = (),
    ) -> Problem:
        """Cut the book down to what matters for this question.

        Goods that begin with one of `unwanted` are not looked at, because others do the same (kinds of wood).
        """
        held = {good: float(n) for good, n in stock.items() if n > 0}
        relevant = _relevant(book, target, unwanted)
        tools = _tools(book, target, unwanted) if held else ()
        ready = frozenset(tool for tool in tools if _in_hand(book, tool, held))
        shape = _shape(book, target, unwanted, frozenset(held.keys() & relevant.keys()), ready)
        if shape.missing:
            return cls(target, count, held, {}, {}, {}, {}, {}, frozenset(), frozenset(), missing=shape.missing)
        known = tuple(sorted((good, n) for good, n in held.items() if good in shape.producers))
        cap, worths = _measures(shape, target, known)
        return cls(
            target,
            count,
            held,
            shape.producers,
            shape.rank,
            shape.unit,
            shape.least,
            cap,
            shape.cyclic,
            shape.spare,
            worths,
            shape.bit,
            shape.calls_for,
        )

    def sober(self) -> Problem:
        """The same as if nothing were held: without acts that only what is held makes possible, where there are others.

        Its prices are no bounds any more, but a plan is found also where what is held is too little.
        """
        nothing = frozenset[str]()
        unit = _unit_costs(self.producers, nothing)
        given = frozenset(good for good, cost in unit.items() if cost == math.inf)
        producers = {
            good: tuple(a for a in acts if good in given or _act_cost(a, unit, nothing) < math.inf)
            for good, acts in self.producers.items()
        }
        unit |= {good: self.unit[good] for good in given}
        for good, acts in producers.items():
            producers[good] = tuple(sorted(acts, key=lambda a: _act_cost(a, unit, given) / a.yields))
        least = {good: tuple(_act_cost(a, unit, given) for a in acts) for good, acts in producers.items()}
        return replace(self, producers=producers, least=least, unit=unit)


@dataclass(frozen=True, eq=False)
class _Shape:
    """The part of a problem that depends on which goods are held, not on how many."""

    producers: dict[str, tuple[Act, ...]]
    rank: dict[str, int]
    unit: dict[str, float]
    least: dict[str, tuple[float, ...]]
    cyclic: frozenset[int]
    spare: frozenset[str]
    bit: dict[str, int]
    calls_for: dict[str, int]
    missing: tuple[str, ...] = ()


@lru_cache(maxsize=64)
def _shape(
    book: RecipeBook, target: str, unwanted: tuple[str, ...], held: frozenset[str], ready: frozenset[str]
) -> _Shape:
    relevant = _relevant(book, target, unwanted)
    reachable = _reachable(book, relevant, held)
    if target not in reachable:
        return _Shape({}, {}, {}, {}, frozenset(), frozenset(), {}, {}, _missing(book, target, relevant, reachable))
    producers = _cut(book.producers, target, reachable)
    producers = _cut(_with_simplest_tools(producers, held, ready), target, reachable)
    producers = _cut(_without_circles(producers, held), target, reachable)
    unit = _unit_costs(producers, held)
    for good, acts in producers.items():
        producers[good] = tuple(sorted(acts, key=lambda a: _act_cost(a, unit, held) / a.yields))
    least = {good: tuple(_act_cost(a, unit, held) for a in acts) for good, acts in producers.items()}
    rank = _ranks(producers, target)
    cyclic = frozenset(a for a, b in pairwise(sorted(rank.values())) if a == b)
    used_up = {g for acts in producers.values() for act in acts for g, _ in act.inputs}
    kept = sorted({g for acts in producers.values() for act in acts for g in act.needs} - used_up - held)
    bit = {good: 1 << number for number, good in enumerate(kept)}
    calls_for = _calls_for(producers, held, bit)
    return _Shape(producers, rank, unit, least, cyclic, frozenset(used_up - held), bit, calls_for)


@lru_cache(maxsize=64)
def _measures(
    shape: _Shape, target: str, held: tuple[tuple[str, float], ...]
) -> tuple[dict[str, float], tuple[dict[str, float], ...]]:
    cap = _caps(shape.producers, dict(held))
    return cap, _worths(shape.producers, target, shape.rank, cap)


@lru_cache(maxsize=64)
def _relevant(book: RecipeBook, target: str, unwanted: tuple[str, ...]) -> dict[str, None]:
    """Every good from which the target could be made, in the order of discovery."""
    found, seen = [target], {target}
    for good in found:
        for act in book.producers.get(good, ()):
            for other in (*(g for g, _ in act.inputs), *act.needs):
                if other not in seen:
                    seen.add(other)
                    if not other.startswith(unwanted):
                        found.append(other)
    return dict.fromkeys(found)


def _reachable(book: RecipeBook, relevant: Mapping[str, None], held: frozenset[str]) -> set[str]:
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


def _missing(book: RecipeBook, target: str, relevant: Mapping[str, None], reached: set[str]) -> tuple[str, ...]:
    """What to name when the target cannot be reached: the dead ends nearest to it."""
    ends = [g for g in relevant if g not in reached and not book.producers.get(g) and not g.startswith("@")]
    direct: list[str] = []
    for act in book.producers.get(target, ()):
        direct += [g for g in (*(g for g, _ in act.inputs), *act.needs) if g not in reached and g not in direct]
    near = [g for g in ends if g in direct]
    return tuple(near or direct[:3] or ends[:3] or [target])


@lru_cache(maxsize=64)
def _tools(book: RecipeBook, target: str, unwanted: tuple[str, ...]) -> tuple[str, ...]:
    """Every member of a group of tools that matters."""
    groups = (good for good in _relevant(book, target, unwanted) if good.startswith(TOOLS))
    return tuple(sorted({act.inputs[0][0] for group in groups for act in book.producers.get(group, ())}))


def _in_hand(book: RecipeBook, good: str, held: Mapping[str, float]) -> bool:
    """Whether what is held suffices to make one of a good, each thing of its first recipe that does."""

    def take(good: str, wanted: float, left: dict[str, float], above: tuple[str, ...]) -> dict[str, float] | None:
        there = left.get(good, 0.0)
        if there >= wanted:
            return {**left, good: there - wanted}
        if len(above) > _DEEPEST or good in above:
            return None
        for act in book.producers.get(good, ()):
            if not act.inputs or (act.needs and not all(n in held or n.startswith("@") for n in act.needs)):
                continue
            times = act.uses_for(wanted - there)
            now: dict[str, float] | None = {**left, good: 0.0}
            for other, n in act.inputs:
                now = take(other, n * times, now, (*above, good))
                if now is None:
                    break
            if now is not None:
                now[good] = now.get(good, 0.0) + times * act.yields - (wanted - there)
                return now
        return None

    return take(good, 1.0, dict(held), ()) is not None


def _with_simplest_tools(
    producers: dict[str, tuple[Act, ...]], held: frozenset[str], ready: frozenset[str]
) -> dict[str, tuple[Act, ...]]:
    """Put in place of each group of tools the one that is had soonest.

    The others do the same work, and a tool that is itself made with the work's result (a stone pickaxe, for
    cobblestone) cannot be the first. What is held costs nothing, so it is taken before anything is made, and then
    what can be made of what is held alone (`ready`). Of the rest, what is held of the materials does not count: two
    nuggets make no pickaxe.
    """
    bare = _soonest(producers, frozenset())
    free = _soonest(producers, held)

    def rank(tool: str) -> tuple[float, float, float, str]:
        return (0.0 if tool in held else 1.0 if tool in ready else 2.0, bare[tool], free[tool], tool)

    simplest = {
        good: min((a.inputs[0][0] for a in acts), key=rank)
        for good, acts in producers.items()
        if good.startswith(TOOLS) and acts
    }
    return {
        good: tuple(replace(a, needs=tuple(simplest.get(g, g) for g in a.needs)) if a.needs else a for a in acts)
        for good, acts in producers.items()
    }


def _soonest(producers: Mapping[str, tuple[Act, ...]], free: frozenset[str]) -> dict[str, float]:
    """What one of each good costs, its tools and workstations made for it alone."""

    def cost(act: Act, soonest: Mapping[str, float]) -> float:
        return _act_cost(act, soonest, free) + sum(soonest[g] for g in act.needs if g not in free)

    return _least(producers, cost)


def _without_circles(producers: dict[str, tuple[Act, ...]], held: frozenset[str]) -> dict[str, tuple[Act, ...]]:
    """Leave out acts that could only ever undo another: iron from blocks that are made of nothing but iron, and
    nuggets from tools that are made of ingots, where ingots give nuggets sooner."""

    def futile(act: Act) -> bool:
        return any(
            good not in held and all(_undone(act, n, maker, producers[act.output]) for maker in producers[good])
            for good, n in act.inputs
        )

    return {good: tuple(a for a in acts if not futile(a)) for good, acts in producers.items()}


def _undone(act: Act, count: int, maker: Act, instead: tuple[Act, ...]) -> bool:
    """Whether an act that takes so many of the maker's output wins nothing over what went into that: its own
    output, or something that one of the acts `instead` turns into as much of it, at no more cost."""
    for good, n in maker.inputs:
        if good == act.output:
            return True
        taken = count * n / maker.yields
        for other in instead:
            if (
                len(other.inputs) == 1
                and other.inputs[0][0] == good
                and other.inputs[0][1] <= taken
                and other.yields >= act.yields
                and other.cost <= act.cost
                and set(other.needs) <= {*act.needs, *maker.needs}
                and not act.extras
            ):
                return True
    return False


def _cut(book: Mapping[str, tuple[Act, ...]], target: str, reached: set[str]) -> dict[str, tuple[Act, ...]]:
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


def _act_cost(act: Act, unit: Mapping[str, float], held: frozenset[str]) -> float:
    return act.cost + sum(n * unit[g] for g, n in act.inputs if g not in held)


def _unit_costs(producers: Mapping[str, tuple[Act, ...]], held: frozenset[str]) -> dict[str, float]:
    """The least cost of one more of each good when fractions are allowed and what is held is free."""
    return _least(producers, lambda act, unit: _act_cost(act, unit, held))


def _least(
    producers: Mapping[str, tuple[Act, ...]], cost: Callable[[Act, Mapping[str, float]], float]
) -> dict[str, float]:
    """The least that one of each good costs, where `cost` says what an act does at given prices of all goods."""
    least = dict.fromkeys(producers, math.inf)
    changed = True
    while changed:
        changed = False
        for good, acts in producers.items():
            for act in acts:
                price = cost(act, least) / act.yields
                if price < least[good] - EPSILON:
                    least[good], changed = price, True
    return least


def _calls_for(
    producers: Mapping[str, tuple[Act, ...]], held: frozenset[str], bit: Mapping[str, int]
) -> dict[str, int]:
    """Which of the tools and workstations every way to a good needs; the largest sets that fit together."""
    every = (1 << len(bit)) - 1
    found = {good: 0 if good in held else every for good in producers}
    changed = True
    while changed:
        changed = False
        for good, acts in producers.items():
            common = found[good]
            for act in acts:
                needed = 0
                for other, _ in act.inputs:
                    needed |= found[other]
                for other in act.needs:
                    needed |= found[other] | bit.get(other, 0)
                common &= needed
            if common != found[good]:
                found[good], changed = common, True
    return found


def _caps(producers: Mapping[str, tuple[Act, ...]], held: Mapping[str, float]) -> dict[str, float]:
    """How many of each good there can be at most, sharing and order apart; infinite where a cycle feeds itself."""
    cap = {good: held.get(good, 0.0) for good in producers}

    def pass_once() -> list[str]:
        changed: list[str] = []
        for good, acts in producers.items():
            total = held.get(good, 0.0)
            for act in acts:
                times = min((times_of(cap[g], n) for g, n in act.inputs), default=math.inf)
                if times > 0:
                    total += times * act.yields
            if total > cap[good] + EPSILON:
                cap[good] = total
                changed.append(good)
        return changed

    for _ in range(6):
        growing: list[str] = []
        for _ in range(40):
            growing = pass_once()
            if not growing:
                return cap
        for good in growing:
            cap[good] = math.inf
    return dict.fromkeys(cap, math.inf)


def times_of(supply: float, each: int) -> float:
    """How often so much can be taken; infinity // 1 is not a number."""
    return supply if supply == math.inf else supply // each


def _worths(
    producers: Mapping[str, tuple[Act, ...]], target: str, rank: Mapping[str, int], cap: Mapping[str, float]
) -> tuple[dict[str, float], ...]:
    """One measure for each material of the target's own recipes: how much of the target a good can become.

    Each act charges its worth to one of its inputs: the chosen material in the target's acts, else the one
    from the same circle, else the scarcest. A measure that grows without end, or that something of which there is
    no end is worth anything by, says nothing and is left out.
    """

    def charged(act: Act, material: str) -> tuple[str, int]:
        for good, n in act.inputs:
            if good == material and act.output == target:
                return good, n
        return min(act.inputs, key=lambda p: (rank[p[0]] != rank[act.output], cap[p[0]] / p[1], p[0]))

    found: list[dict[str, float]] = []
    acts = [act for made in producers.values() for act in made if act.inputs]
    endless = [good for good, made in producers.items() if any(not act.inputs for act in made)]
    for material in sorted({g for act in producers[target] for g, _ in act.inputs}):
        charges = [(act, *charged(act, material)) for act in acts]
        worth = {target: 1.0}
        for _ in range(30):
            changed = False
            for act, good, n in charges:
                value = act.yields * worth.get(act.output, 0.0) / n
                if value > worth.get(good, 0.0) + EPSILON:
                    worth[good], changed = value, True
            if not changed:
                extras = (g for made in producers.values() for act in made for g, _ in act.extras)
                if not any(g in worth for g in (*endless, *extras)):
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
