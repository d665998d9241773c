"""Evidence moves capabilities by itself, people only through the gate, and the way back is taken at once."""

from __future__ import annotations

import pytest

from conscious_bot.contracts import CapabilityAct, CapabilityRun, CapabilityStatus, ExecErrorCode, RunMode
from conscious_bot.registry.governor import Governor
from conscious_bot.registry.refusal import RegistryRefusal

from .conftest import OPERATOR, PROPOSER, House

ID = "opt.thing@1.0.0"
TESTS = [{"name": "t", "world": "fixtures/a.json"}]


def run(house: House, number: int, *, ok: bool = True, mode: RunMode = RunMode.SHADOW, **more: object) -> CapabilityRun:
    return CapabilityRun.model_validate(
        {"id": ID, "mode": mode, "ok": ok, "start": str(number % 5), "seconds": 9, "at": house.time, **more}
    )


@pytest.fixture
def governor(house: House) -> Governor:
    house.register(tests=TESTS)
    return Governor(house.registry)


@pytest.mark.requirement("GOV-03", "GOV-04")
def test_a_closed_gate_is_named_with_its_figure_and_nothing_moves(house: House, governor: Governor) -> None:
    for number in range(3):
        assert governor.note(run(house, number)) is None
    with pytest.raises(RegistryRefusal) as caught:
        governor.promote(ID, OPERATOR)
    assert caught.value.error.code is ExecErrorCode.REGISTRY_GATE
    assert caught.value.evidence["gate"] == "win-rate"
    assert "1.04" in caught.value.evidence["figure"]
    assert house.registry.require(ID).status is CapabilityStatus.SHADOW
    with pytest.raises(RegistryRefusal, match="may not"):
        governor.promote(ID, PROPOSER)


@pytest.mark.requirement("GOV-03", "GOV-04")
def test_enough_evidence_promotes_by_itself_but_never_what_no_sandbox_has_passed(
    house: House, governor: Governor
) -> None:
    changes = [governor.note(run(house, number)) for number in range(9)]
    assert changes[:8] == [None] * 8
    assert changes[8] is not None
    assert (changes[8].act, changes[8].by) == (CapabilityAct.PROMOTE, "gate")
    house.register(version="2.0.0")
    for number in range(12):
        assert governor.note(run(house, number, id="opt.thing@2.0.0")) is None
    with pytest.raises(RegistryRefusal, match="sandbox"):
        governor.promote("opt.thing@2.0.0", OPERATOR)


@pytest.mark.requirement("GOV-04", "GOV-11")
def test_a_run_and_the_change_that_follows_from_it_are_kept_together_or_not_at_all(
    house: House, governor: Governor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(8):
        governor.note(run(house, number))
    events = house.journal.last

    def no_room(*_args: object) -> None:
        raise OSError("no space left on the disk")

    monkeypatch.setattr(house.journal, "_write_state", no_room)
    with pytest.raises(OSError, match="no space"):
        governor.note(run(house, 8))
    monkeypatch.undo()
    house.reopen()
    assert house.registry.require(ID).status is CapabilityStatus.SHADOW
    assert (len(house.registry.store.runs(ID)), house.journal.last) == (8, events)
    change = Governor(house.registry).note(run(house, 8))
    assert change is not None
    assert (change.act, change.evidence["runs"], change.evidence["runsBefore"]) == ("promote", 9, 9)


@pytest.mark.requirement("GOV-05", "SCN-13")
def test_an_active_option_whose_world_changes_goes_back_to_shadow_and_selectors_hear_at_once(
    house: House, governor: Governor
) -> None:
    for number in range(9):
        governor.note(run(house, number))
    assert house.registry.resolve("opt.thing") is not None
    for number in range(30):
        governor.note(run(house, number, mode=RunMode.LIVE))
    change = None
    lost = 0
    while change is None:
        lost += 1
        change = governor.note(run(house, lost, ok=False, mode=RunMode.LIVE))
    assert (change.act, change.before, change.after) == (CapabilityAct.REVERT, "active", "shadow")
    assert lost <= 8
    assert house.registry.resolve("opt.thing") is None
    assert house.heard[-1] == (ID, CapabilityStatus.SHADOW)
    assert 0 < change.evidence["afterMs"] < 60_000
    assert governor.judge(ID).runs == 0, "its evidence begins anew"


@pytest.mark.requirement("GOV-07", "SCN-13")
def test_losing_in_shadow_retires_and_a_violation_retires_an_active_one(house: House, governor: Governor) -> None:
    house.register(version="1.1.0", tests=TESTS)
    change = None
    for number in range(9):
        change = governor.note(run(house, number, ok=False)) or change
    assert change is not None
    assert (change.after, change.evidence["gate"]) == ("retired", "win-rate")
    for number in range(9):
        governor.note(run(house, number, id="opt.thing@1.1.0"))
    assert house.registry.resolve("opt.thing") is not None
    done = governor.note(run(house, 1, id="opt.thing@1.1.0", mode=RunMode.LIVE, violation="protected block touched"))
    assert done is not None
    assert (done.after, done.evidence["figure"]) == ("retired", "protected block touched")
    assert house.registry.resolve("opt.thing") is None


@pytest.mark.requirement("GOV-14")
def test_an_operator_ends_a_life_and_a_proposer_does_not(house: House, governor: Governor) -> None:
    with pytest.raises(RegistryRefusal, match="may not change status"):
        governor.end(ID, CapabilityAct.RETIRE, PROPOSER, "t")
    assert governor.end(ID, CapabilityAct.REVOKE, OPERATOR, "dangerous").after == "revoked"
