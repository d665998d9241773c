from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conscious_bot.contracts import UserError
from conscious_bot.game.tables import Tables
from conscious_bot.planning.goals import Collect, Eat, Explore, Navigate, Stop, parse_goal

TABLES = Tables.builtin()


@pytest.mark.requirement("PLAN-10")
@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("get 3 iron_ingot", Collect("iron_ingot", 3)),
        ("  GET  1   minecraft:stick ", Collect("stick", 1)),
        ("get oak_log", Collect("oak_log", 1)),
        ("go 10 64 -20", Navigate((10, 64, -20))),
        ("eat", Eat()),
        ("explore", Explore()),
        ("stop", Stop()),
    ],
)
def test_every_documented_form_is_read(text: str, wanted: object):
    assert parse_goal(text, TABLES) == wanted


@pytest.mark.requirement("PLAN-10")
@pytest.mark.parametrize(
    ("text", "problem", "remedy"),
    [
        ("", "empty", "get N ITEM"),
        ("fetch 3 sticks", "no 'fetch'", "get N ITEM"),
        ("gett 3 stick", "no 'gett'", "get N ITEM"),
        ("get 3 iron_ingto", "no item 'iron_ingto'", "iron_ingot"),
        ("get 0 stick", "0 stick", "from 1"),
        ("get 99999 stick", "99999", "fits an inventory"),
        ("get 3", "no item '3'", "item name"),
        ("get some stick", "a count and an item", "get 3 oak_log"),
        ("go 1 2", "three whole coordinates", "go 10 64"),
        ("go 1 2 x", "three whole coordinates", "go 10 64"),
        ("go 99999999 64 0", "outside the world", "29999984"),
        ("eat apple", "nothing follows", "just: eat"),
        ("stop now", "nothing follows", "just: stop"),
    ],
)
def test_what_cannot_be_read_is_answered_with_the_nearest_form(text: str, problem: str, remedy: str):
    with pytest.raises(UserError) as caught:
        parse_goal(text, TABLES)
    assert problem in caught.value.problem
    assert remedy in caught.value.remedy


@given(st.text(max_size=80))
def test_any_text_is_either_a_goal_that_reads_back_the_same_or_a_user_error(text: str):
    try:
        goal = parse_goal(text, TABLES)
    except UserError:
        return
    assert parse_goal(str(goal), TABLES) == goal
