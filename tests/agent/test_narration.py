"""The sentences of the terminal are true of the events they tell."""

from __future__ import annotations

from typing import Any

import pytest

from conscious_bot.contracts import Event, EventType
from conscious_bot.narration import sentence


def told(kind: EventType, **data: Any) -> str:
    line = sentence(Event(type=kind, at=65.0, data=data))
    assert line is not None
    assert line.startswith("0:01:05  ")
    return line.removeprefix("0:01:05  ").strip()


RESULT = {"ok": True, "changed": True, "observables": {"difference": {"inventory": {"oak_log": 3}}}}


@pytest.mark.parametrize(
    ("data", "line"),
    [
        ({"result": RESULT, "attempts": 1}, "acquire_material: +3 oak_log"),
        ({"result": RESULT, "attempts": 2}, "acquire_material after 2 tries: +3 oak_log"),
        (
            {"result": {"ok": False, "error": {"code": "sense.notFound", "detail": "no log"}}, "attempts": 1},
            "acquire_material failed: sense.notFound, no log",
        ),
        (
            {"result": {"ok": False, "error": {"code": "step.cancelled"}}, "attempts": 1},
            "acquire_material broken off: step.cancelled",
        ),
    ],
)
def test_the_end_of_a_step_says_what_was_gained_or_why_not(data: dict[str, Any], line: str) -> None:
    assert told(EventType.STEP_ENDED, type="acquire_material", **data) == line


def test_a_step_that_was_cut_off_claims_nothing() -> None:
    assert "cut off" in told(EventType.STEP_ENDED, interrupted=True, verdict="inconclusive")


def test_goals_are_reached_set_aside_or_given_up() -> None:
    assert told(EventType.GOAL_ENDED, goal="explore", outcome="reached") == "reached: explore"
    assert told(EventType.GOAL_ENDED, goal="explore", outcome="preempted") == "set aside: explore"
    error = {"code": "path.unreachable", "detail": "no way"}
    assert told(EventType.GOAL_ENDED, goal="explore", outcome="failed", error=error) == (
        "given up: explore (path.unreachable, no way)"
    )


def test_a_plan_names_its_places() -> None:
    walk = {"type": "sterling_navigate", "args": {"goal": {"x": 1, "y": 64, "z": -3}, "toleranceXZ": 1}}
    assert told(EventType.PLAN_GENERATED, steps=[walk]) == "plan: sterling_navigate 1 64 -3"
