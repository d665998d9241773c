"""The leaf conformance kit on the simulated world."""

from __future__ import annotations

import pytest

from conscious_bot.leaves.catalogue import default_catalogue
from conscious_bot.testing import CASES, SimulatedPlaces, table
from conscious_bot.testing.leaf_kit import ANSWERS

_LEFT_OUT = {("not offered", why) for why in (ANSWERS, "the built-in world has no command 'data'")}
"""What the simulated world does not offer; a server does."""


@pytest.mark.requirement("LEAF-05", "LEAF-06", "LEAF-02")
@pytest.mark.parametrize("cases", CASES, ids=lambda cases: cases.leaf)
def test_a_leaf_goes_through_every_way_it_can_end(cases) -> None:
    rows = SimulatedPlaces(seed=3).check(cases, cancels=1)
    assert all(row.status == "ok" or (row.status, row.detail) in _LEFT_OUT for row in rows), table(rows, "a world")
    assert rows[0].status == "ok"


@pytest.mark.requirement("LEAF-01")
def test_every_shipped_leaf_has_its_cases() -> None:
    assert [cases.leaf for cases in CASES] == [spec.name for spec in default_catalogue().specs()]
