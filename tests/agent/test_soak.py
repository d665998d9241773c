"""A sample of `make prove ARGS=soak`: two minutes of virtual time in which every kind of fault befalls the bot."""

from __future__ import annotations

from pathlib import Path

import pytest
from tools.prove.soak import SAMPLE, soak_virtual


@pytest.mark.requirement("LEAF-05", "PBI-04", "MIND-05")
def test_two_minutes_of_faults_are_borne_alike_each_time(tmp_path: Path):
    one = soak_virtual(2, 120, tmp_path / "a", SAMPLE)
    assert {fault.kind for fault in one.ledger.faults} == {
        "death", "kick", "lag", "full inventory", "broken tool", "night", "creature", "hunger",
    }  # fmt: skip
    assert [verdict for verdict in one.held if not verdict.ok] == []
    assert sum(one.ledger.actions.values()) >= 20
    assert any(outcome == "reached" for _, outcome, _ in one.ledger.goals)
    again = soak_virtual(2, 120, tmp_path / "b", SAMPLE)
    assert one.journal_hash == again.journal_hash
