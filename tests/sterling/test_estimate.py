"""The heuristic: the documents' formula, admissible at every tolerance, the same in kernel and twin."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

from conscious_bot.sterling import kernels
from conscious_bot.sterling.moves import MOVE_SETS, PHASE1, MoveSet
from conscious_bot.sterling.reference import estimate

pytestmark = pytest.mark.requirement("STER-02", "STER-06")
_SETS = [MOVE_SETS[name] for name in sorted(MOVE_SETS)]

_BOXES = [((-xz, -y, -xz), (xz, y, xz)) for xz, y in product((0, 1, 2), (0, 1, 2))] + [((-2, -3, 0), (1, 0, 4))]


@pytest.mark.parametrize("moves", _SETS, ids=lambda s: s.name)
@pytest.mark.parametrize(("low", "high"), _BOXES)
def test_the_estimate_never_falls_by_more_than_a_step_costs(low: Any, high: Any, moves: MoveSet) -> None:
    """h(n) <= c + h(n') for every step from every cell around the goal, farther than any step reaches."""
    near, far = 8, 17
    span = range(-far, far + 1)
    table = np.array([estimate(moves, cell, low, high) for cell in product(span, span, span)]).reshape((len(span),) * 3)
    inner = slice(far - near, far + near + 1)
    for (x, y, z), cost in sorted({(step.offset, step.cost) for step in moves.steps}):
        after = np.roll(table, (-x, -y, -z), (0, 1, 2))[inner, inner, inner]  # no step reaches the rim
        assert (table[inner, inner, inner] <= cost + after).all(), (x, y, z)


@pytest.mark.parametrize(("low", "high"), _BOXES)
def test_the_estimate_is_zero_exactly_inside_the_goal(low: Any, high: Any) -> None:
    for cell in product(range(-5, 6), range(-5, 6), range(-5, 6)):
        inside = all(a <= c <= b for a, c, b in zip(low, cell, high, strict=True))
        assert (estimate(PHASE1, cell, low, high) == 0) == inside


def test_without_tolerance_the_estimate_is_the_documented_formula() -> None:
    for dx, dy, dz in product(range(-9, 10), range(-9, 10), range(-9, 10)):
        d, up, down = abs(dx) + abs(dz), max(dy, 0), max(-dy, 0)
        documented = 2.0 * up + 1.0 * max(0, d - up) if dy >= 0 else 0.8 * down + 1.0 * max(0, d - down)
        assert estimate(PHASE1, (0, 0, 0), (dx, dy, dz), (dx, dy, dz)) == round(documented * 5)


@pytest.mark.parametrize("moves", _SETS, ids=lambda s: s.name)
def test_kernel_and_twin_estimate_alike(moves: MoveSet) -> None:
    rates = np.array([moves.level, moves.up, moves.down, moves.diagonal], np.int32)
    for low, high in _BOXES:
        box = np.array([low[0], high[0], low[1], high[1], low[2], high[2]], np.int32)
        for cell in product(range(-6, 7, 2), range(-6, 7), range(-6, 7, 3)):
            assert kernels.estimate(*cell, *box, *rates) == estimate(moves, cell, low, high)
