"""SCN-13: an active option whose world changes under it goes back to shadow, and is retired if it stays so."""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import Any

from conscious_bot.contracts import CapabilityAct, CapabilityStatus, RegistryRecord, StatusChange
from conscious_bot.registry.refusal import RegistryRefusal
from conscious_bot.registry.sandbox import Sandbox
from conscious_bot.registry.shadow import Start, run_shadow
from conscious_bot.skill_scenarios.crews import compiled
from conscious_bot.skill_scenarios.governed import NAME, House, Plant, change_wire, open_house
from conscious_bot.skill_scenarios.mine import Mine
from conscious_bot.skill_scenarios.outcome import Check, Outcome

__all__ = ["PLANTS", "play"]

_LENGTHS = (14, 20)  # nothing has to appear here: what is planted is enough
_GOOD_NIGHTS = 5
_MOST_BAD_NIGHTS = 50


def _cave_in(mine: Mine, document: dict[str, Any]) -> None:
    """Rock has come down over three cells of the corridor."""
    x, y, z = mine.corridor[random.Random(f"cave-in {mine.seed}").randint(4, mine.length - 6)]
    document["blocks"].append({"box": [[x, y, z], [x + 2, y + 1, z]], "block": "stone"})


def _camped(mine: Mine, document: dict[str, Any]) -> None:
    """A zombie stands in the corridor and does not leave."""
    x, y, z = mine.corridor[random.Random(f"camped {mine.seed}").randint(mine.length - 4, mine.length)]
    document["entities"].append({"kind": "zombie", "position": [x + 0.5, y, z + 0.5], "noAI": True})


def _no_torches(_mine: Mine, document: dict[str, Any]) -> None:
    """What it needs is no longer to be had."""
    document["bot"]["inventory"] = [one for one in document["bot"]["inventory"] if one["item"] != "torch"]


PLANTS: dict[str, tuple[Plant, frozenset[str]]] = {
    "the corridor has caved in": (_cave_in, frozenset({"path.unreachable"})),
    "a zombie stays in the corridor": (_camped, frozenset({"combat.threatPersists", "stuck.loop"})),
    "there are no torches any more": (_no_torches, frozenset({"effects_unmet.precond_missing"})),
}
"""What happens to the world, each with the causes of the failures that it leads to. A seed's remainder chooses."""


def play(seed: int, folder: Path, sandbox: Sandbox | None = None) -> Outcome:
    """Promotion by evidence, good nights, the change, and what becomes of the option by itself."""
    plant_name = list(PLANTS)[seed % len(PLANTS)]
    plant, expected = PLANTS[plant_name]
    with open_house(Mine.of(seed, _LENGTHS), folder, sandbox) as house:
        heard: list[tuple[str, CapabilityStatus]] = []

        def hear(_record: RegistryRecord, change: StatusChange) -> None:
            heard.append((change.id, change.after))

        house.desk.registry.subscribe(hear)
        capability = house.register().id
        promotion = house.shadow(capability)
        runs = _Nights(house, capability)
        for _ in range(_GOOD_NIGHTS):
            runs.live(None)
        active_until_then = house.desk.registry.require(capability).status is CapabilityStatus.ACTIVE
        reverted = runs.until_moved(plant)
        told_at_once = bool(heard) and heard[-1] == (capability, CapabilityStatus.SHADOW)
        selectable = house.desk.registry.resolve(NAME) is not None
        ended = house.shadow(capability, plant) if reverted is not None else None
        checks = (
            Check("promoted by its shadow runs", _is(promotion, CapabilityAct.PROMOTE), _reason(promotion)),
            Check("active while the world was as before", active_until_then, _GOOD_NIGHTS),
            Check("back in shadow by itself", _is(reverted, CapabilityAct.REVERT), _reason(reverted)),
            Check("failed for the planted cause", bool(runs.causes) and runs.causes <= expected, sorted(runs.causes)),
            Check("whoever selects was told at once", told_at_once and not selectable, selectable),
            Check("retired by its shadow runs in the changed world", _is(ended, CapabilityAct.RETIRE), _reason(ended)),
            Check("refused from then on", _refused(house, capability), capability),
        )
        report = {
            "planted": plant_name,
            "fromFirstFailureToShadow": runs.delay,
            "promotion": change_wire(promotion),
            "reverted": change_wire(reverted),
            "ended": change_wire(ended),
            "health": house.desk.registry.health(capability).wire(),
        }
        return Outcome(
            checks,
            report,
            folder / "registry.sqlite",
            virtual_seconds=house.lived.seconds,
            leaves=runs.leaves,
            failed=runs.failed,
            deaths=runs.deaths,
        )


class _Nights:
    """Live runs, night after night, and how long it took from the first failure to the change of status."""

    def __init__(self, house: House, capability: str) -> None:
        self._house = house
        self._capability = capability
        self._option = compiled(house.desk.registry.require(capability).spec, house.catalogue)
        self._night = 0
        self.leaves = self.failed = self.deaths = 0
        self.causes: set[str] = set()
        self.delay: dict[str, Any] | None = None

    def live(self, plant: Plant | None) -> tuple[bool, StatusChange | None]:
        """One night: whether the way in succeeded, and what the registry made of it."""
        house, night = self._house, self._night
        self._night += 1
        start = Start(f"night {night}", house.mine.night(night, house.tables, plant), house.args())
        run = run_shadow(self._option, start, house.catalogue)
        house.lived.seconds += run.seconds
        self.leaves += len(run.result.leaves)
        self.failed += sum(leaf.result is not None and not leaf.result.ok for leaf in run.result.leaves)
        self.deaths += run.died
        if plant is not None and run.result.error is not None:
            self.causes.add(str(run.result.error.code))
        return run.result.ok, house.note_live(self._capability, night, run.result, died=run.died)

    def until_moved(self, plant: Plant) -> StatusChange | None:
        """Night after night in the changed world, until the registry has moved the option."""
        first: tuple[float, float] | None = None
        failures = 0
        for _ in range(_MOST_BAD_NIGHTS):
            ok, change = self.live(plant)
            failures += not ok
            if not ok and first is None:
                first = (self._house.lived.seconds, time.perf_counter())
            if change is not None and first is not None:
                self.delay = {
                    "failures": failures,
                    "virtualSeconds": round(self._house.lived.seconds - first[0], 3),
                    "wallSeconds": round(time.perf_counter() - first[1], 3),
                    "lastRunToShadowMs": change.evidence["afterMs"],
                }
                return change
        return None


def _is(change: StatusChange | None, act: CapabilityAct) -> bool:
    return change is not None and change.act is act


def _reason(change: StatusChange | None) -> str | None:
    return None if change is None else change.reason


def _refused(house: House, capability: str) -> bool:
    try:
        house.desk.registry.admit_run(capability)
    except RegistryRefusal:
        return True
    return False
