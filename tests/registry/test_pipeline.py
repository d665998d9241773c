"""Every stage refuses with its own code, in order, and leaves nothing behind but an audit entry."""

from __future__ import annotations

from typing import Any

import pytest

from conscious_bot.contracts import EventType
from conscious_bot.registry.pipeline import STAGES
from conscious_bot.registry.refusal import RegistryRefusal

from .conftest import OPERATOR, PROPOSER, House, option

TESTS = [{"name": "t", "world": "fixtures/a.json"}]
LOOP = {
    "type": "Repeat.Until",
    "predicate": "health>=20",
    "child": {"type": "Leaf", "name": "wait"},
}


def refusal(house: House, document: Any, by: Any = OPERATOR) -> RegistryRefusal:
    with pytest.raises(RegistryRefusal) as caught:
        house.pipeline.register(document, by)
    return caught.value


@pytest.mark.requirement("GOV-12")
def test_the_stages_stand_in_the_required_order() -> None:
    assert [name for name, _ in STAGES] == ["schema", "lint", "permission", "compile", "sandbox", "quota", "persist"]
    assert len({code for _, code in STAGES}) == len(STAGES)


@pytest.mark.requirement("GOV-12", "GOV-08")
@pytest.mark.parametrize(
    ("document", "code"),
    [
        (option(version="one"), "registry.schema"),
        ("opt.thing", "registry.schema"),
        (None, "registry.schema"),
        (option(leaf="fly", version="1", permissions=[]), "registry.schema"),
        (option(leaf="fly", permissions=[]), "registry.lint"),
        (option(leaf="walk", permissions=[], tests=TESTS), "option-permission-escalation"),
        (option(leaf="shout", tests=TESTS), "option-permission-escalation"),
        (option(tests=TESTS), "tests_failed"),
    ],
)
def test_the_first_stage_that_refuses_gives_the_code_and_only_an_audit_entry_is_left(
    house: House, document: Any, code: str
) -> None:
    house.verdict.passed = False
    assert refusal(house, document, PROPOSER).error.code == code
    counts = house.registry.store.counts()
    assert counts == {"capability": 0, "capability_change": 0, "capability_audit": 1, "capability_run": 0}
    assert [e.data["error"]["code"] for _, e in house.journal.events(types=(EventType.CAPABILITY_REFUSED,))] == [code]
    assert house.tried == (["opt.thing@1.0.0"] if code == "tests_failed" else [])
    assert house.heard == []


@pytest.mark.requirement("GOV-12")
def test_what_nothing_bounds_does_not_compile(house: House) -> None:
    unbounded = option(tree=LOOP)
    assert house.pipeline.register(unbounded, OPERATOR).ok, "the policy's cap bounds it"
    house.pipeline = type(house.pipeline)(
        house.registry, house.pipeline.leaves, house.pipeline.policy, house.pipeline.try_out, (), None
    )
    assert refusal(house, {**unbounded, "version": "1.0.1"}).error.code == "registry.compile"


@pytest.mark.requirement("GOV-12")
def test_a_refusal_shows_all_findings_and_the_sandboxs_report(house: House) -> None:
    found = refusal(house, option(leaf="fly", pre=["x=="], tests=TESTS)).findings
    assert [one.pointer for one in found] == ["/pre/0", "/tree/name"]
    house.verdict.passed = False
    assert refusal(house, option(tests=TESTS)).evidence == {"report": {"passed": False}}


@pytest.mark.requirement("GOV-12", "GOV-03")
def test_what_passes_stands_in_shadow_with_notes_and_the_report_in_its_history(house: House) -> None:
    answer = house.pipeline.register(option(tests=TESTS), OPERATOR)
    assert (answer.ok, answer.id) == (True, "opt.thing@1.0.0")
    assert [note.code for note in answer.notes] == ["missing-timeout"]
    record = house.registry.require(answer.id)
    assert record.status == "shadow"
    assert record.bounds == {"wholeS": 10.0, "leavesS": {"": 10.0}, "permissions": []}
    assert house.registry.history(answer.id)[0].evidence == {"sandbox": {"passed": True}}


@pytest.mark.requirement("GOV-08")
def test_the_policy_grants_less_to_a_proposer_than_to_an_operator(house: House) -> None:
    found = refusal(house, option(leaf="shout"), PROPOSER)
    assert found.error.code == "option-permission-escalation"
    assert [(one.pointer, "chat" in one.reason) for one in found.findings[-1:]] == [("/tree", True)]
    assert house.pipeline.register(option(leaf="shout"), OPERATOR).ok
