"""The leaf conformance kit on the simulated world."""

from __future__ import annotations

import pytest
from tools.prove.leaves import SimulatedPlaces

from conscious_bot.leaves.catalogue import default_catalogue
from conscious_bot.testing import CASES, table


@pytest.mark.requirement("LEAF-05", "LEAF-06", "LEAF-02")
@pytest.mark.parametrize("cases", CASES, ids=lambda cases: cases.leaf)
def test_a_leaf_goes_through_every_way_it_can_end(cases) -> None:
    rows = SimulatedPlaces(seed=3).check(cases, cancels=1)
    assert {row.status for row in rows} == {"ok"}, table(rows, "the simulated world")


@pytest.mark.requirement("LEAF-01")
def test_every_shipped_leaf_has_its_cases() -> None:
    assert [cases.leaf for cases in CASES] == [spec.name for spec in default_catalogue().specs()]
