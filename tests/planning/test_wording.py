from __future__ import annotations

import pytest

from conscious_bot.planning.goals import Collect, Explore, Navigate
from conscious_bot.planning.wording import counted, in_words, number_of


@pytest.mark.parametrize(
    ("count", "item", "words"),
    [
        (1, "oak_log", "an oak log"),
        (16, "oak_log", "16 oak logs"),
        (1, "stone_pickaxe", "a stone pickaxe"),
        (2, "torch", "2 torches"),
        (3, "cobblestone", "3 cobblestone"),
        (1, "coal", "1 coal"),
        (12, "oak_planks", "12 oak planks"),
    ],
)
def test_things_are_counted_as_people_count_them(count: int, item: str, words: str):
    assert counted(count, item) == words


def test_one_step_is_a_step_and_three_are_steps():
    assert (number_of(1, "step"), number_of(3, "step")) == ("1 step", "3 steps")


def test_requirements_read_as_phrases():
    assert in_words(Collect("oak_log", 16)) == "get 16 oak logs"
    assert in_words(Navigate((1, 2, -3))) == "go to 1 2 -3"
    assert in_words(Explore()) == "see new country"
