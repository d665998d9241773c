"""The documents' proposal is accepted as it stands, lights its corridor, and its careless twin is refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conscious_bot.behavior import CompiledOption, LeafIndex, compile_option
from conscious_bot.contracts import OptionDocument
from conscious_bot.game.tables import Tables
from conscious_bot.leaves.catalogue import default_catalogue
from conscious_bot.memory.journal import Journal
from conscious_bot.registry.capabilities import CapabilityRegistry
from conscious_bot.registry.pipeline import Pipeline
from conscious_bot.registry.principals import Policy
from conscious_bot.registry.refusal import RegistryRefusal
from conscious_bot.registry.sandbox import Sandbox, SandboxLimits
from conscious_bot.registry.store import RegistryStore
from conscious_bot.registry.trial import TestReport, try_option
from conscious_bot.simulation.terrain.fixture import shipped_fixtures

from .conftest import PROPOSER
from .corridors import PROPOSAL, corridor, in_family, proposal, twin, with_test, zombie

TABLES, CATALOGUE = Tables.builtin(), default_catalogue()
LEAVES = LeafIndex(CATALOGUE.specs())


def compiled(raw: dict[str, Any]) -> CompiledOption:
    return compile_option(OptionDocument.model_validate(raw), LEAVES, cap_s=600)


def tried(raw: dict[str, Any]) -> TestReport:
    return try_option(compiled(raw), CATALOGUE, TABLES).tests[0]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    box = Sandbox()
    yield box
    box.close()


@pytest.mark.requirement("GOV-12", "GOV-14", "SCN-11")
def test_the_documents_proposal_as_it_stands_is_registered_once_and_its_careless_twin_is_not(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    with Journal.open(tmp_path / "journal.sqlite") as journal:
        registry = CapabilityRegistry(RegistryStore(journal), clock=lambda: 0.0, wall=lambda: 1.7e9)
        fixtures = [f"fixtures/{name}.json" for name in shipped_fixtures()]
        pipeline = Pipeline(registry, lambda: LEAVES, Policy(), sandbox.try_out, fixtures, 600.0)
        raw = json.loads(PROPOSAL.read_bytes())
        answer = pipeline.register(raw, PROPOSER)
        assert (answer.ok, answer.id) == (True, "opt.torch_corridor@1.0.0")
        report = registry.history(answer.id)[0].evidence["sandbox"]
        assert report["tests"][0]["leaves"]["place_torch_if_needed"] == 11
        codes: list[str] = []
        for other in (
            raw,
            twin(raw, safe=False, version="1.0.1"),
            {**raw, "version": "1.0.2", "permissions": ["movement", "sense", "place"]},
        ):
            with pytest.raises(RegistryRefusal) as caught:
                pipeline.register(other, PROPOSER)
            codes.append(caught.value.error.code)
            if caught.value.error.code == "tests_failed":
                post = caught.value.evidence["report"]["tests"][0]["post"]
                assert [(one["name"], one["ok"]) for one in post] == [
                    ("corridor.light>=8", False),
                    ("reached(end)==true", True),
                ]
        assert codes == ["version_exists", "tests_failed", "option-permission-escalation"]
        assert len(registry) == 1


@pytest.mark.requirement("GOV-13")
@pytest.mark.parametrize(("length", "interval"), [(5, 10), (17, 6), (40, 2)])
def test_corridors_are_lit_to_their_end(length: int, interval: int) -> None:
    report = tried(with_test(proposal(), corridor(length), length, interval))
    assert report.complaint() is None
    assert report.leaves["step_forward_safely"] == length - 1


@pytest.mark.requirement("GOV-13")
@pytest.mark.parametrize(
    ("world", "code"),
    [
        (corridor(30, torches=2), "inventory.missing"),
        (corridor(12, dirt=0, entities=(zombie(9, noAI=True),)), "inventory.missing"),
        (corridor(12, entities=(zombie(9, noAI=True),)), "combat.threatPersists"),
    ],
)
def test_too_little_and_a_hostile_that_stays_fail_with_their_reason_and_every_postcondition(
    world: dict[str, Any], code: str
) -> None:
    report = tried(with_test(proposal(), world, int(world["name"].split("_")[1]), 6))
    assert not report.passed
    assert report.error is not None
    assert report.error.code == code
    assert [one.name for one in report.post] == ["corridor.light>=8", "reached(end)==true"]


@pytest.mark.requirement("GOV-13")
@pytest.mark.parametrize(("length", "interval", "hostile"), [(5, 2, "leaves"), (9, 10, "dies"), (31, 6, "leaves")])
def test_a_hostile_that_goes_within_the_wait_delays_the_corridor_and_no_more(
    length: int, interval: int, hostile: str
) -> None:
    report = tried(in_family(proposal(), length, interval, hostile))
    assert report.complaint() is None
    assert report.leaves["retreat_and_block"] == 1


@pytest.mark.requirement("GOV-13", "LEAF-09")
@pytest.mark.parametrize("prowls", [False, True])
@pytest.mark.parametrize("length", [5, 12, 40])
def test_a_hostile_that_stays_is_the_reason_and_nobody_begins_anew_inside_the_wall(length: int, prowls: bool) -> None:
    report = tried(in_family(proposal(), length, 6, "stays", prowls=prowls))
    assert report.error is not None
    assert (report.error.code, report.error.retryable) == ("combat.threatPersists", False)
    assert report.attempts == 1


@pytest.mark.requirement("GOV-13", "BT-05")
def test_a_cancelled_run_leaves_a_still_body_and_two_runs_are_one_and_the_same() -> None:
    raw = with_test(proposal(), corridor(12), 12, 6)
    first, second = tried(raw), tried(raw)
    assert first == second
    assert first.cancellation is not None
    assert first.cancellation.still
    assert first.cancellation.deterministic
    assert 0 < first.cancellation.at - 1 < first.seconds


@pytest.mark.requirement("GOV-13")
def test_a_test_that_runs_out_of_its_virtual_time_fails_for_it() -> None:
    raw = with_test(proposal(), corridor(40), 40, 2, seconds=5)
    report = tried(raw)
    assert (report.passed, report.within_timeout) == (False, False)
    assert report.error is not None
    assert report.error.code == "step.timeout"


@pytest.mark.requirement("GOV-13", "BT-06")
def test_the_report_carries_the_tick_trace_with_the_node_that_failed() -> None:
    report = tried(with_test(proposal(), corridor(30, torches=2), 30, 6))
    failed = [tick for tick in report.ticks if tick.error is not None]
    assert failed[0].path == "/children/1/child/children/2"
    assert failed[0].label == "place_torch_if_needed"


def test_a_world_that_is_none_is_told_not_raised() -> None:
    report = try_option(compiled(with_test(proposal(), {"format": 2}, 5, 5)), CATALOGUE, TABLES)
    assert not report.passed
    assert "fixture" in report.summary()


@pytest.mark.requirement("GOV-11")
def test_what_takes_too_long_is_stopped_and_the_next_option_is_tried_all_the_same() -> None:
    box = Sandbox(SandboxLimits(wall_s=0.001))
    try:
        slow = box.try_out(compiled(proposal()))
        assert (slow.passed, slow.problem) == (False, "the sandbox took more than 0.001 s and was stopped")
    finally:
        box.close()


@pytest.mark.requirement("GOV-11")
def test_a_world_that_wants_too_much_memory_is_refused_not_the_end(sandbox: Sandbox) -> None:
    hungry = Sandbox(SandboxLimits(memory_mib=1))
    try:
        report = hungry.try_out(compiled(proposal()))
        assert not report.passed
        assert "memory" in report.summary() or "ended with status" in report.summary()
    finally:
        hungry.close()
    assert sandbox.try_out(compiled(proposal())).passed


@pytest.mark.requirement("GOV-13")
def test_a_worker_gets_warm_while_its_owner_goes_on_and_tries_the_first_option_that_comes() -> None:
    with Sandbox() as box:
        began = time.monotonic()
        box.start()
        assert time.monotonic() - began < 5.0, "the start of a process is not waited for"
        document = with_test(proposal(), corridor(6), 6, 6)
        assert box.try_out(compiled(document)).passed


_OWNER = """
import time
from conscious_bot.registry.sandbox import Sandbox
box = Sandbox()
box.start()
print(box._worker.pid, flush=True)
time.sleep(600)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
def test_a_worker_ends_when_the_process_that_started_it_was_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", _OWNER], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        worker = int(owner.stdout.readline())
        owner.kill()
    end = time.monotonic() + 120
    while _alive(worker):
        assert time.monotonic() < end, "the worker lives on"
        time.sleep(0.1)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    # An ended process that nobody has waited for yet is as good as gone.
    return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text("ascii")
