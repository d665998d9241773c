"""The predicate language is closed: what it knows is read, all else is refused with a reason."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conscious_bot.behavior import SENSORS, PredicateError, SensorCall, parse_predicate

pytestmark = pytest.mark.requirement("BT-02")

END = {"x": 100, "y": 12, "z": -35}


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("distance_to($end)<=1", "distance_to($end)<=1"),
        ("has(item:torch)>=1", "has(item:torch)>=1"),
        ("has(torch) >= 1", "has(item:torch)>=1"),
        ("has($item) >= $count", "has($item)>=$count"),
        ("corridor.light>=8", "corridor.light>=8"),
        ("reached(end)==true", "reached($end)==true"),
        ("reached($end)", "reached($end)==true"),
        ("hostiles_present", "hostiles_present==true"),
        ("hostiles_present() != false", "hostiles_present!=false"),
        ("health < 6.50", "health<6.5"),
        ("health > -1.0", "health>-1"),
    ],
)
def test_the_documents_predicates_are_read_and_spelt_one_way(text: str, canonical: str) -> None:
    predicate = parse_predicate(text)
    assert predicate.text == canonical
    assert parse_predicate(canonical) == predicate


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no predicate"),
        ("light_level>=8", "unknown sensor"),
        ("__import__('os')", "unknown sensor"),
        ("has(item:torch)>=1 and health>1", "no predicate"),
        ("has(item:torch)>=1+1", "number or a"),
        ("has(item:torch)>=has(item:log)", "no predicate|number or a"),
        ("has(has(x))>=1", "no predicate"),
        ("has(item:torch)", "reads a number"),
        ("has()>=1", "takes 1 parameters, not 0"),
        ("has(a,b)>=1", "takes 1 parameters, not 2"),
        ("has(item:TORCH)>=1", "takes item"),
        ("has(item:torch)>=true", "number or a"),
        ("has(item:torch)>=1e3", "number or a"),
        ("has(item:torch)>=nan", "number or a"),
        ("reached($end)>=true", "does not order"),
        ("reached($end)==1", "true, false or a"),
        ("reached(1)", "takes position"),
        ("reached($end.x)", "takes position"),
        ("health==٣", "number or a"),
        ("health>=1;drop", "number or a"),
        ("x" * 201, "at most 200"),
    ],
)
def test_anything_else_is_refused_with_a_reason(text: str, reason: str) -> None:
    with pytest.raises(PredicateError, match=reason):
        parse_predicate(text)


@given(st.text(max_size=80))
def test_no_text_does_anything_but_parse_or_be_refused(text: str) -> None:
    try:
        predicate = parse_predicate(text)
    except PredicateError:
        return
    assert predicate.sensor.name in SENSORS
    assert parse_predicate(predicate.text) == predicate


@given(st.text(alphabet="has()$item:torch<>=!.,0189 -endlight_", max_size=40))
def test_no_text_of_the_languages_own_signs_breaks_it(text: str) -> None:
    try:
        predicate = parse_predicate(text)
    except PredicateError:
        return
    assert parse_predicate(predicate.text) == predicate


def test_arguments_are_filled_in() -> None:
    predicate = parse_predicate("distance_to($end)<=$near")
    assert predicate.references == ("end", "near")
    assert predicate.call({"end": END}) == SensorCall("distance_to", (END,))
    assert predicate.holds(2, {"near": 2})
    assert not predicate.holds(2.5, {"near": 2})


@pytest.mark.parametrize(
    ("text", "reading", "holds"),
    [
        ("health>=6", 6, True),
        ("health>6", 6, False),
        ("health<=6", 6, True),
        ("health<6", 6, False),
        ("health==6", 6.0, True),
        ("health!=6", 6, False),
        ("hostiles_present", True, True),
        ("hostiles_present", False, False),
        ("hostiles_present==false", False, True),
    ],
)
def test_comparisons_mean_what_they_say(text: str, reading: Any, holds: bool) -> None:
    assert parse_predicate(text).holds(reading, {}) is holds


@pytest.mark.parametrize(
    ("text", "direction"), [("health>=6", 1), ("health>6", 1), ("health<=6", -1), ("health<6", -1), ("health==6", 0)]
)
def test_the_order_of_a_predicate_says_which_way_is_better(text: str, direction: int) -> None:
    assert parse_predicate(text).direction == direction
