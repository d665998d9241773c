"""The run in sentences, for the terminal."""

from __future__ import annotations

from collections.abc import Callable

from conscious_bot.contracts import Event, EventType, ExecErrorCode

__all__ = ["sentence"]


def sentence(event: Event) -> str | None:
    """What a person would want to hear of an event; None for what only the journal needs."""
    tell = _TELL.get(event.type)
    text = tell(event) if tell is not None else None
    return None if text is None else f"{_clock(event.at)}  {text}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"


def _goal(event: Event) -> str:
    return f"goal: {event.data['goal']} ({event.data['reason']})"


def _goal_ended(event: Event) -> str:
    outcome = {"reached": "reached", "preempted": "set aside", "failed": "given up"}[event.data["outcome"]]
    error = event.data.get("error")
    return f"{outcome}: {event.data['goal']}{f' ({_failure(error)})' if error else ''}"


def _plan(event: Event) -> str:
    return f"  plan: {' > '.join(_call(step['type'], step['args']) for step in event.data['steps'])}"


def _plan_failed(event: Event) -> str:
    return f"  no plan: {_failure(event.data['error'])}"


def _step_ended(event: Event) -> str:
    if event.data.get("interrupted"):
        return "    a step was cut off by the last stop; what came of it is looked at anew"
    verb, result = event.data["type"], event.data["result"]
    tries = f" after {event.data['attempts']} tries" if event.data["attempts"] > 1 else ""
    if result["ok"]:
        return f"    {verb}{tries}: {_difference(result)}"
    what = "broken off" if result["error"]["code"] == ExecErrorCode.STEP_CANCELLED else "failed"
    return f"    {verb} {what}{tries}: {_failure(result['error'])}"


def _failure(error: dict[str, str]) -> str:
    return f"{error['code']}, {error['detail']}" if error.get("detail") else error["code"]


def _difference(result: dict[str, object]) -> str:
    observed: dict[str, dict[str, object]] = result["observables"].get("difference", {})  # type: ignore[attr-defined]
    found = [f"{count:+} {item}" for item, count in observed.get("inventory", {}).items()]
    if "position" in observed:
        found.append(f"now at {' '.join(str(int(c // 1)) for c in observed['position']['after'])}")  # type: ignore[attr-defined]
    return ", ".join(found) or ("done" if result["changed"] else "nothing had to be done")


def _skill(event: Event) -> str:
    change = event.data
    return f"skill {change['id']}: {change['act']}, now {change['after']} ({change['reason']})"


def _body(event: Event) -> str:
    rest = ", ".join(f"{key} {value}" for key, value in event.data.items() if key != "kind")
    return f"{event.data['kind']}{f': {rest}' if rest else ''}"


def _call(verb: str, args: dict[str, object]) -> str:
    place = next((place for key in ("goal", "pos") if (place := _place(args.get(key)))), None)
    rest = [str(value) for value in args.values() if isinstance(value, (str, int))] if place is None else [place]
    return " ".join([verb, *rest])


def _place(value: object) -> str | None:
    """A cell, however it is written, as "12 64 9"."""
    match value:
        case {"x": x, "y": y, "z": z}:
            return f"{x} {y} {z}"
        case [x, y, z]:
            return f"{x} {y} {z}"
        case _:
            return None


_TELL: dict[EventType, Callable[[Event], str]] = {
    EventType.GOAL_SELECTED: _goal,
    EventType.GOAL_ENDED: _goal_ended,
    EventType.PLAN_GENERATED: _plan,
    EventType.PLAN_FAILED: _plan_failed,
    EventType.STEP_ENDED: _step_ended,
    EventType.CAPABILITY_CHANGED: _skill,
    EventType.BODY: _body,
}
