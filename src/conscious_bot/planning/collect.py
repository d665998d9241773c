"""Things to have: the progression solver's acts as steps with canonical verbs."""

from __future__ import annotations

from collections.abc import Collection

from conscious_bot.contracts import ExecErrorCode
from conscious_bot.game.tables import Tables
from conscious_bot.planning.drafts import Draft
from conscious_bot.planning.errors import NoPlan
from conscious_bot.planning.goals import Collect
from conscious_bot.planning.wording import counted, in_words, plain
from conscious_bot.sterling.progression import ProgressionAnswer, ProgressionStep, Surroundings, plan
from conscious_bot.world.snapshot import Snapshot

__all__ = ["collect_steps"]

STATIONS = ("crafting_table", "furnace")

MOST_SMELTED = 64
"""How many items one smelting step takes: what fits into a furnace's slot."""

HUNTING_GROUND = 32
"""How far from the bot prey is looked for, in blocks."""

KILLS = 4
"""How many kills one plan asks for; the next plan is made from what they yielded."""

SEARCH_NODES = 300
"""How many states a search looks at while the bot waits: a tenth of a second. What is found by then will do."""

_VERBS = {"mine": "acquire_material", "craft": "craft_recipe", "place": "place_workstation", "smelt": "smelt"}
"""Which verb does which act. Acts without a verb keep their own name, which the registry then lacks."""


def collect_steps(requirement: Collect, snapshot: Snapshot, lost_stations: Collection[str] = ()) -> list[Draft]:
    """The steps to carry so many of an item, from what is carried and what is around.

    What is in sight is preferred; only if that does not suffice the world at large is counted on, and
    then has to be explored. `lost_stations` are workstations that are in sight and cannot be reached.
    Raises NoPlan naming the missing source.
    """
    answer = _solve(requirement, snapshot, lost_stations)
    if answer.status == "impossible":
        lacking = ", ".join(answer.missing) or requirement.item
        raise NoPlan(
            ExecErrorCode.SENSE_NOT_FOUND, f"there is no way to {in_words(requirement)}: no source of {lacking}"
        )
    if not answer.steps:
        raise NoPlan(ExecErrorCode.PATH_BUDGET, f"the search for a way to {in_words(requirement)} ended without a plan")
    return _drafts(answer.steps, snapshot.tables)


def _solve(requirement: Collect, snapshot: Snapshot, lost_stations: Collection[str]) -> ProgressionAnswer:
    carried = {item: count for item, count in snapshot.state.inventory.counts().items() if count > 0}
    sight = snapshot.blocks_in_sight
    stations = [name for name in STATIONS if sight[name] and name not in lost_stations]
    creatures = {entity.kind for entity in snapshot.entities}
    around = sorted(creatures.union(name for name in sight if name not in STATIONS))

    def search(surroundings: Surroundings) -> ProgressionAnswer:
        return plan(
            requirement.item, requirement.count, carried, surroundings, snapshot.tables,
            stations=stations, limit=SEARCH_NODES,
        )  # fmt: skip

    near = search(around)
    return near if near.status == "solved" or near.steps else search("any")


def _drafts(steps: tuple[ProgressionStep, ...], tables: Tables) -> list[Draft]:
    drafts: list[Draft] = []
    at_station: str | None = None
    for number, step in enumerate(steps):
        why = _why(step, steps[number + 1 :])
        if step.station is not None and step.station != at_station:
            drafts.append(_station(step.station, f"needed to make {counted(step.count, step.item)}"))
            at_station = step.station
        match step.action:
            case "mine":
                args: dict[str, object] = {"item": step.item, "count": max(1, step.count)}
                at_station = None  # whoever gathers walks away
            case "craft":
                args = {"recipe": step.item, "qty": step.count}
            case "smelt":
                drafts += _smelting(step, why, tables)
                continue
            case "hunt":
                drafts += _hunting(step, why)
                at_station = None
                continue
            case "place":
                drafts.append(_station(step.item, why))
                at_station = step.item
                continue
            case _:
                args = {"item": step.item, "count": step.count}
        drafts.append(Draft(_VERBS.get(step.action, step.action), args, why, step.seconds))
    return drafts


def _smelting(step: ProgressionStep, why: str, tables: Tables) -> list[Draft]:
    """One step for each stack. The fuel is named where the plan burns one kind, so that it burns no other."""
    source = next(
        item for item, _ in step.inputs if item in tables.smelting and tables.smelting[item].result == step.item
    )
    fuels = [item for item, count in step.inputs if item != source or count > step.uses]
    named: dict[str, object] = {"fuel": fuels[0]} if len(fuels) == 1 and step.uses <= MOST_SMELTED else {}
    drafts: list[Draft] = []
    left = step.uses
    while left > 0:
        qty = min(left, MOST_SMELTED)
        drafts.append(Draft("smelt", {"input": source, "qty": qty, **named}, why, step.seconds * qty / step.uses))
        left -= qty
    return drafts


def _hunting(step: ProgressionStep, why: str) -> list[Draft]:
    """As many kills as are expected to be needed, up to a few: what a kill yields is chance, and known only then."""
    prey = {"kind": step.source, "targetFilter": "any", "radius": HUNTING_GROUND}
    seconds = step.seconds / step.uses
    kill = Draft("attack_entity", prey, why, seconds * 0.8)
    take = Draft("collect_items", {"item": step.item}, why, seconds * 0.2)
    return [kill, take] * min(step.uses, KILLS)


def _station(kind: str, why: str) -> Draft:
    return Draft("place_workstation", {"kind": kind}, why, 2.0)


def _why(step: ProgressionStep, later: tuple[ProgressionStep, ...]) -> str:
    """What the step's product is for: the next step that uses it, or the goal itself."""
    for other in later:
        if any(item == step.item for item, _ in other.inputs):
            return f"needed for {counted(other.count, other.item)}"
        if other.tool == step.item:
            return f"needed to {other.action} {plain(other.item)}"
        if other.station == step.item:
            return f"needed to make {counted(other.count, other.item)}"
    return "the goal itself"
