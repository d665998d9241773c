from __future__ import annotations

import json

from conscious_bot.planning.exploration import MEMORY, Explored, choose_outlook


def test_what_was_explored_survives_a_restart():
    explored = Explored(heading=(1.0, 0.0))
    for x in range(0, 100, 20):
        explored.visit((x, 64, -x))
    again = Explored.from_json(json.loads(json.dumps(explored.to_json())))
    assert again == explored
    again.visit((0, 64, 0))
    assert again.novelty((400, 64, 0)) == explored.novelty((400, 64, 0))


def test_the_oldest_squares_are_forgotten_first():
    explored = Explored()
    for x in range(MEMORY + 10):
        explored.visit((x * 16, 64, 0))
    assert len(explored.cells) == MEMORY
    assert (0, 0) not in explored.cells
    assert (MEMORY + 9, 0) in explored.cells


def test_new_country_beats_country_seen_and_going_on_beats_turning_back():
    explored = Explored()
    explored.visit((0, 64, 0))
    for x in range(-64, 0, 16):
        explored.visit((x, 64, 0))
    east, west = (20, 64, 0), (-20, 64, 0)
    assert choose_outlook((0, 64, 0), [(west, 20.0), (east, 20.0)], explored) == east
    fresh = Explored(heading=(-1.0, 0.0))
    assert choose_outlook((0, 64, 0), [(west, 20.0), (east, 20.0)], fresh) == west


def test_there_is_no_outlook_where_nothing_is_far_enough():
    assert choose_outlook((0, 64, 0), [((1, 64, 0), 1.0), ((3, 64, 3), 6.0)], Explored()) is None
