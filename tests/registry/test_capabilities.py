"""Records never change, histories only grow, listeners hear at once, quotas hold, restarts lose nothing."""

from __future__ import annotations

from typing import Any

import pytest

from conscious_bot.contracts import (
    CapabilityAct,
    CapabilityRun,
    CapabilityStatus,
    EventType,
    ExecError,
    ExecErrorCode,
    RunMode,
)
from conscious_bot.registry.refusal import RegistryRefusal
from conscious_bot.registry.statistics import wilson

from .conftest import OPERATOR, PROPOSER, VIEWER, House, option


def refused(call: Any, *args: Any, **more: Any) -> RegistryRefusal:
    with pytest.raises(RegistryRefusal) as caught:
        call(*args, **more)
    return caught.value


@pytest.mark.requirement("GOV-01")
def test_an_id_is_taken_once_even_by_equal_content_and_nothing_changes(house: House) -> None:
    house.register()
    before, counts = house.registry.get("opt.thing@1.0.0"), house.registry.store.counts()
    assert refused(house.register).error.code is ExecErrorCode.VERSION_EXISTS
    assert house.registry.get("opt.thing@1.0.0") == before
    after = house.registry.store.counts()
    assert after["capability"] == counts["capability"]
    assert after["capability_change"] == counts["capability_change"]
    assert after["capability_audit"] == counts["capability_audit"] + 1


@pytest.mark.requirement("GOV-02", "GOV-03")
def test_a_record_says_what_it_is_and_its_history_who_did_what_and_why(house: House) -> None:
    house.register(by=PROPOSER, tests=[{"name": "t", "world": "fixtures/a.json"}])
    house.registry.move("opt.thing@1.0.0", CapabilityAct.PROMOTE, str(OPERATOR), "it won", {"wins": 9})
    house.registry.move("opt.thing@1.0.0", CapabilityAct.REVERT, "watch", "it lost")
    record = house.registry.require("opt.thing@1.0.0")
    assert record.status is CapabilityStatus.SHADOW
    assert record.provenance.registered_by == "proposer:model"
    assert record.provenance.tests_hash is not None
    assert record.provenance.created_at.startswith("2023-11-14T22:13:20")
    assert record.uses == ("wait@1.0.0",)
    history = house.registry.history(record.id)
    assert [(one.act, one.before, one.after, one.by, one.reason) for one in history] == [
        ("register", None, "shadow", "proposer:model", "registered"),
        ("promote", "shadow", "active", "operator:olga", "it won"),
        ("revert", "active", "shadow", "watch", "it lost"),
    ]
    assert history[1].evidence == {"wins": 9}


@pytest.mark.requirement("GOV-02", "MEM-04")
def test_everything_is_there_again_after_a_restart(house: House) -> None:
    house.register()
    house.register(version="1.1.0", args_schema={"type": "object", "properties": {}, "x": None})
    house.registry.move("opt.thing@1.0.0", CapabilityAct.PROMOTE, "t", "t")
    records, history = list(house.registry), house.registry.history("opt.thing@1.0.0")
    house.reopen()
    assert list(house.registry) == records
    assert house.registry.history("opt.thing@1.0.0") == history
    assert house.registry.resolve("opt.thing") == records[0]


@pytest.mark.requirement("GOV-03")
def test_an_illegal_step_is_refused_and_nothing_happens(house: House) -> None:
    house.register()
    house.registry.move("opt.thing@1.0.0", CapabilityAct.REVOKE, "t", "t")
    heard, history = list(house.heard), house.registry.history("opt.thing@1.0.0")
    refusal = refused(house.registry.move, "opt.thing@1.0.0", CapabilityAct.PROMOTE, "t", "t")
    assert refusal.error.code is ExecErrorCode.REGISTRY_TRANSITION
    assert house.heard == heard
    assert house.registry.history("opt.thing@1.0.0") == history


@pytest.mark.requirement("GOV-05", "GOV-07")
def test_who_selects_capabilities_hears_of_a_change_before_the_call_returns(house: House) -> None:
    house.register()
    house.registry.move("opt.thing@1.0.0", CapabilityAct.PROMOTE, "t", "t")
    assert house.registry.resolve("opt.thing") is not None
    house.registry.move("opt.thing@1.0.0", CapabilityAct.RETIRE, "t", "t")
    assert house.heard == [("opt.thing@1.0.0", status) for status in ("shadow", "active", "retired")]
    assert house.registry.resolve("opt.thing") is None
    assert house.registry.resolve("opt.thing@^1") is None
    assert refused(house.registry.admit_run, "opt.thing@1.0.0").error.code is ExecErrorCode.REGISTRY_NOT_ALLOWED
    events = [e for _, e in house.journal.events(types=(EventType.CAPABILITY_CHANGED,))]
    assert [e.data["after"] for e in events] == ["shadow", "active", "retired"]
    assert {e.provenance.capability for e in events} == {"opt.thing@1.0.0"}


@pytest.mark.requirement("GOV-16")
def test_lookups_find_the_highest_active_version_and_an_exact_id_of_any_status(house: House) -> None:
    for version in ("1.2.0", "1.10.0", "2.0.0"):
        house.register(version=version)
    for version in ("1.2.0", "1.10.0"):
        house.registry.move(f"opt.thing@{version}", CapabilityAct.PROMOTE, "t", "t")

    def found(selector: str) -> str | None:
        record = house.registry.resolve(selector)
        return None if record is None else record.id

    assert found("opt.thing") == found("opt.thing@^1.2") == "opt.thing@1.10.0"
    assert found("opt.thing@~1.2.0") == "opt.thing@1.2.0"
    assert found("opt.thing@2.0.0") == "opt.thing@2.0.0"
    assert found("opt.thing@^2") is None
    assert found("opt.other") is None
    assert [one.version for one in house.registry.versions("opt.thing")] == ["2.0.0", "1.10.0", "1.2.0"]


@pytest.mark.requirement("GOV-11")
def test_excess_is_refused_and_announced(new_house: Any) -> None:
    house: House = new_house(registrations_per_min=3, executions_per_min=2, active_versions=1, shadow_options=5)
    for number in range(3):
        house.register(version=f"1.{number}.0", by=PROPOSER)
    codes = [refused(house.register, version="2.0.0", by=PROPOSER).error.code]
    house.time += 61
    for number in range(2):
        house.register(version=f"3.{number}.0")
    codes.append(refused(house.register, version="4.0.0").error.code)
    house.registry.move("opt.thing@1.0.0", CapabilityAct.PROMOTE, "t", "t")
    codes.append(refused(house.registry.move, "opt.thing@1.1.0", CapabilityAct.PROMOTE, "t", "t").error.code)
    for _ in range(2):
        house.registry.admit_run("opt.thing@1.0.0")
    codes.append(refused(house.registry.admit_run, "opt.thing@1.0.0").error.code)
    assert set(codes) == {ExecErrorCode.QUOTA_EXCEEDED}
    events = [e.data["quota"] for _, e in house.journal.events(types=(EventType.QUOTA_EXCEEDED,))]
    assert events == ["registrations", "shadow options", "active versions", "executions"]
    house.time += 61
    house.registry.admit_run("opt.thing@1.0.0")


@pytest.mark.requirement("GOV-11")
def test_old_retired_versions_lose_their_spec_and_keep_their_provenance(new_house: Any) -> None:
    house: House = new_house(retired_kept=1)
    for number in range(3):
        house.register(version=f"1.{number}.0")
        house.registry.move(f"opt.thing@1.{number}.0", CapabilityAct.RETIRE, "t", "t")
    house.reopen()
    specs = {one.version: one.spec for one in house.registry}
    assert [version for version, spec in specs.items() if spec is not None] == ["1.2.0"]
    oldest = house.registry.require("opt.thing@1.0.0")
    assert oldest.provenance.registered_by == "operator:olga"
    assert len(house.registry.history(oldest.id)) == 2
    assert refused(house.register).error.code is ExecErrorCode.VERSION_EXISTS


@pytest.mark.requirement("GOV-15")
def test_statistics_come_from_the_runs(house: House) -> None:
    house.register()
    failure = ExecError.of(ExecErrorCode.PATH_STUCK, "a wall")
    for number in range(10):
        house.registry.note_run(
            CapabilityRun(
                id="opt.thing@1.0.0",
                mode=RunMode.LIVE if number % 2 else RunMode.SHADOW,
                ok=number > 1,
                start=f"start {number % 4}",
                seconds=number + 1,
                error=None if number > 1 else failure,
                at=house.time - (90_000 if number == 3 else 60),
            )
        )
    house.registry.note_run(
        CapabilityRun(id="opt.thing@1.0.0", mode=RunMode.SANDBOX, ok=False, start="s", seconds=1, at=house.time)
    )
    for ok, used in ((True, True), (True, True), (False, False), (True, False)):
        ids = frozenset({"opt.thing@1.0.0"}) if used else frozenset[str]()
        house.registry.store.add_task("mine", ids, ok=ok)
    house.registry.store.add_task("fish", frozenset(), ok=False)
    found = house.registry.health("opt.thing@1.0.0")
    assert (found.runs, found.wins, found.win_rate) == (10, 8, 0.8)
    assert (found.win_rate_low, found.win_rate_high) == wilson(8, 10)
    assert found.reused_24h == 4
    assert found.contribution_points == 50
    assert (found.mean_s, found.p95_s, found.distinct_starts) == (5.5, 10, 4)
    assert found.last_failures == (failure, failure)


def test_wilsons_interval_is_the_published_one() -> None:
    low, high = wilson(8, 10)
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)


@pytest.mark.requirement("GOV-14")
def test_a_viewer_may_look_and_nothing_else(house: House) -> None:
    assert refused(house.register, by=VIEWER).error.code is ExecErrorCode.REGISTRY_NOT_ALLOWED
    assert len(house.registry) == 0
    assert house.registry.store.refusals()[0].by == "viewer:vera"
    assert option()["id"] == "opt.thing"
