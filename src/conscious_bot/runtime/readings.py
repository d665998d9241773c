"""Reading the sensors that predicates name from a body, and judging predicates by them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from conscious_bot.behavior.predicates import PredicateError, SensorCall, parse_predicate
from conscious_bot.body.port import Senses
from conscious_bot.contracts import ActionFailed, ExecErrorCode, UserError
from conscious_bot.leaves.lighting import corridor_light, light_at
from conscious_bot.leaves.run_state import RunState
from conscious_bot.leaves.threats import hostiles_present
from conscious_bot.world.state import BodyState

__all__ = ["check_predicates", "judge", "read"]

_READABLE = ("has", "distance_to", "reached", "health", "food")
"""What can be read from one observation. Light and hostiles need a run's history and are read by its tree."""


async def read(call: SensorCall, senses: Senses, run: RunState | None = None) -> float | bool:
    """The sensor's value now; `run` is the state of the run that asks.

    Raises ActionFailed sense.apiError for what cannot be read: light that the world does not tell, or the
    corridor and the hostiles of a run where there is none.
    """
    if call.sensor == "light":
        here = (await senses.observe()).block
        light = (await light_at(senses, [here])).get(here)
        if light is None:
            raise ActionFailed(ExecErrorCode.SENSE_API_ERROR, f"{here} is not loaded")
        return light
    if run is not None and call.sensor == "corridor.light":
        return await corridor_light(senses, run)
    if run is not None and call.sensor == "hostiles_present":
        return bool(await hostiles_present(senses, run))
    return _value(call, await senses.observe())


def check_predicates(texts: Iterable[str]) -> None:
    """Raises UserError for a text that is no predicate, or that one observation cannot judge."""
    for text in texts:
        try:
            predicate = parse_predicate(text)
        except PredicateError as error:
            raise UserError(f"the predicate {text!r} cannot be read: {error}", "mend the predicate") from None
        if predicate.sensor.name not in _READABLE:
            known = ", ".join(_READABLE)
            raise UserError(f"{predicate.sensor.name} cannot be judged after a run", f"use one of: {known}")


async def judge(texts: Iterable[str], senses: Senses, args: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """Every predicate with whether it holds in the world now, and what was read."""
    state = await senses.observe()
    found: list[dict[str, Any]] = []
    for text in texts:
        predicate = parse_predicate(text)
        observed = _value(predicate.call(args or {}), state)
        found.append({"name": text, "ok": predicate.holds(observed, args or {}), "observed": observed})
    return found


def _value(call: SensorCall, state: BodyState) -> float | bool:
    match call.sensor, call.parameters:
        case "has", (item,):
            return state.inventory.count(item)
        case "distance_to", (target,):
            return _cells_to(state, target)
        case "reached", (target,):
            return _cells_to(state, target) <= 1
        case "health", ():
            return state.health
        case "food", ():
            return state.food
        case _:
            raise ActionFailed(ExecErrorCode.SENSE_API_ERROR, f"{call.sensor} cannot be read from one observation")


def _cells_to(state: BodyState, target: Mapping[str, float]) -> float:
    """Cells to a place: the larger of the horizontal differences; another height is always more than 1 away."""
    x, y, z = state.block
    across = max(abs(x - int(target["x"] // 1)), abs(z - int(target["z"] // 1)))
    climb = abs(y - int(target["y"] // 1))
    return across if climb == 0 else max(across, climb, 2)
