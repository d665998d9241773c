"""The life cycle is its table: illegal transitions raise an error and nothing happens."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from tools.draw_lifecycle import drawing

from conscious_bot.contracts import CapabilityAct, CapabilityKind, CapabilityStatus
from conscious_bot.registry.lifecycle import BIRTH, LIFECYCLE, IllegalTransitionError, after

EVERY = list(itertools.product(CapabilityStatus, CapabilityAct))


@pytest.mark.requirement("GOV-03")
@pytest.mark.parametrize(("status", "act"), EVERY)
def test_every_act_does_what_the_table_says_or_is_refused_with_the_ways_there_are(
    status: CapabilityStatus, act: CapabilityAct
) -> None:
    if (status, act) in LIFECYCLE:
        assert after(status, act) is LIFECYCLE[status, act]
    else:
        with pytest.raises(IllegalTransitionError, match=f"no {act} from {status}; from there lead"):
            after(status, act)


@pytest.mark.requirement("GOV-03")
def test_only_promotion_makes_an_option_active_and_it_begins_in_shadow() -> None:
    assert BIRTH[CapabilityKind.OPTION] is CapabilityStatus.SHADOW
    to_active = {act for (_, act), target in LIFECYCLE.items() if target is CapabilityStatus.ACTIVE}
    assert to_active == {CapabilityAct.PROMOTE}


def test_nothing_leads_out_of_revoked_and_it_can_be_reached_from_everywhere() -> None:
    assert not [1 for status, _ in LIFECYCLE if status is CapabilityStatus.REVOKED]
    assert {s for s, act in LIFECYCLE if act is CapabilityAct.REVOKE} == set(CapabilityStatus) - {
        CapabilityStatus.REVOKED
    }


def test_the_drawing_in_the_documentation_is_drawn_from_the_table() -> None:
    page = Path(__file__).parents[2] / "docs" / "skills.md"
    assert drawing() in page.read_text("utf-8"), "run python -m tools.draw_lifecycle"
