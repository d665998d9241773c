"""SCN-11: nights in a dark mine, a proposal, its way through the registry, and the same nights with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from conscious_bot.contracts import CapabilityAct, CapabilityStatus
from conscious_bot.registry.sandbox import Sandbox
from conscious_bot.skill_scenarios.crews import crew_with, walking
from conscious_bot.skill_scenarios.governed import NAME, House, change_wire, open_house
from conscious_bot.skill_scenarios.mine import Mine
from conscious_bot.skill_scenarios.outcome import Check, Outcome
from conscious_bot.skill_scenarios.shift import ShiftReport, work_shift

__all__ = ["FIGURES", "figures", "play"]

LENGTHS = (32, 40)
"""Of the corridors: nothing appears within 24 blocks of a player (Minecraft Wiki, "Spawn"), so they are longer."""
_NIGHTS = 5

FIGURES = ("deaths", "encounters", "light", "failureRate")
"""What is compared: the first two a night, light as the mean level, failures as the share of leaves that failed."""


def play(seed: int, folder: Path, sandbox: Sandbox | None = None) -> Outcome:
    """Five nights without the option, registration, shadow, promotion by evidence, the same five with it."""
    with open_house(Mine.of(seed, LENGTHS), folder, sandbox) as house:
        before = [_night(house, number, None) for number in range(_NIGHTS)]
        registration = house.register()
        promotion = house.shadow(registration.id)
        after = [_night(house, number, registration.id) for number in range(_NIGHTS)]
        registry = house.desk.registry
        was, now = figures(before), figures(after)
        promoted = promotion is not None and promotion.act is CapabilityAct.PROMOTE
        report: dict[str, Any] = {
            "mine": {"corridor": house.mine.length, "nights": _NIGHTS},
            "before": {**was, "nights": [shift.wire() for shift in _without_ways(before)]},
            "registration": {"id": registration.id, "seconds": registration.seconds},
            "promotion": change_wire(promotion),
            "after": {**now, "nights": [shift.wire() for shift in _without_ways(after)]},
            "health": registry.health(registration.id).wire(),
            # The first step's evidence is the sandbox's report with every tick: it stays in the registry.
            "history": [change_wire(change) for change in registry.history(registration.id)[1:]],
        }
        checks = (
            Check("registered", True, registration.id),  # noqa: FBT003 - it raises otherwise
            Check("promoted by its shadow runs", promoted, None if promotion is None else promotion.reason),
            Check("active", registry.require(registration.id).status is CapabilityStatus.ACTIVE, NAME),
            Check("deaths not more", now["deaths"] <= was["deaths"], [was["deaths"], now["deaths"]]),
            Check(
                "encounters not more", now["encounters"] <= was["encounters"], [was["encounters"], now["encounters"]]
            ),
            Check("more light", now["light"] > was["light"], [was["light"], now["light"]]),
            Check(
                "failures not more",
                now["failureRate"] <= was["failureRate"],
                [was["failureRate"], now["failureRate"]],
            ),
        )
        shifts = [*before, *after]
        return Outcome(
            checks,
            report,
            folder / "registry.sqlite",
            virtual_seconds=house.lived.seconds,
            leaves=sum(shift.leaves for shift in shifts),
            failed=sum(shift.failed for shift in shifts),
            deaths=sum(shift.died for shift in shifts),
        )


def figures(shifts: Sequence[ShiftReport]) -> dict[str, Any]:
    """What the documents compare, over the shifts."""
    kinds: Counter[str] = Counter()
    failures: Counter[str] = Counter()
    for shift in shifts:
        kinds.update(shift.encounters)
        failures.update(shift.failures)
    return {
        "deaths": fmean(shift.died for shift in shifts),
        "encounters": fmean(shift.hostiles for shift in shifts),
        "light": round(fmean(shift.light for shift in shifts), 3),
        "failureRate": round(sum(shift.failed for shift in shifts) / max(1, sum(shift.leaves for shift in shifts)), 5),
        "mined": fmean(shift.mined for shift in shifts),
        "met": dict(sorted(kinds.items())),
        "failures": dict(sorted(failures.items())),
    }


def _night(house: House, number: int, capability: str | None) -> ShiftReport:
    """One shift with what may be chosen for the way in; live runs of a governed option are evidence."""
    option = None if capability is None else house.chosen()
    way = walking(house.catalogue) if option is None else option
    world = house.mine.night(number, house.tables)
    shift = work_shift(world, house.mine, crew_with(way, house.catalogue), house.catalogue)
    house.lived.seconds += shift.seconds
    if option is not None and capability is not None:
        for run in shift.ways:
            house.note_live(capability, number, run.result, died=run.died)
    return shift


def _without_ways(shifts: Sequence[ShiftReport]) -> list[ShiftReport]:
    """Shifts without the traces of their leaves."""
    return [shift.model_copy(update={"ways": ()}) for shift in shifts]
