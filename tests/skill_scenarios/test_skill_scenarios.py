"""A proposal becomes a skill by evidence and the nights get better; leaves wait for a human; what fails goes back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tools.prove import scenarios as prove

from conscious_bot.contracts import UserError
from conscious_bot.game.tables import Tables
from conscious_bot.leaves.catalogue import default_catalogue
from conscious_bot.registry.desk import open_desk
from conscious_bot.registry.sandbox import Sandbox
from conscious_bot.scenarios import named, run, shipped
from conscious_bot.settings import parse_world
from conscious_bot.skill_scenarios import degrading, lit_mine, new_leaf
from conscious_bot.skill_scenarios.crews import crew_with, walking
from conscious_bot.skill_scenarios.governed import PATIENT
from conscious_bot.skill_scenarios.mine import Mine
from conscious_bot.skill_scenarios.outcome import Outcome
from conscious_bot.skill_scenarios.shift import work_shift

TABLES = Tables.builtin()


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    made = Sandbox(PATIENT)
    yield made
    made.close()


def unmet(outcome: Outcome) -> list[Any]:
    return [check.wire() for check in outcome.checks if not check.ok]


@pytest.mark.requirement("SCN-11", "GOV-03", "GOV-06")
@pytest.mark.slow
def test_the_documents_proposal_is_promoted_by_evidence_and_the_nights_with_it_are_lit(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    outcome = lit_mine.play(3, tmp_path, sandbox)
    assert unmet(outcome) == []
    before, after = outcome.report["before"], outcome.report["after"]
    assert before["light"] < 1
    assert after["light"] > 8
    assert before["deaths"] >= after["deaths"]
    assert before["encounters"] >= after["encounters"]
    assert len(before["nights"]) == len(after["nights"]) == 5
    assert outcome.report["promotion"]["by"] == "gate"
    # Two loads a night at least were carried out: live runs, which the registry has kept.
    assert outcome.report["health"]["runs"] >= outcome.report["promotion"]["evidence"]["runs"] + 10


@pytest.mark.requirement("SCN-11")
def test_a_night_is_a_function_of_its_seeds_and_another_night_is_another() -> None:
    catalogue, mine = default_catalogue(), Mine.of(1, lit_mine.LENGTHS)
    crew = crew_with(walking(catalogue), catalogue)
    first, again, other = (work_shift(mine.night(n, TABLES), mine, crew, catalogue) for n in (0, 0, 2))
    assert first == again
    assert first.seconds != other.seconds


@pytest.mark.requirement("SCN-12", "GOV-09", "GOV-10")
def test_a_proposed_leaf_waits_is_signed_and_then_options_are_made_of_it(tmp_path: Path, sandbox: Sandbox) -> None:
    outcome = new_leaf.play(1, tmp_path, sandbox)
    assert unmet(outcome) == []
    assert outcome.report["shown"]["checks"] == [
        {"file": "__init__.py", "line": 6, "what": "imports from pathlib"},
    ]
    assert outcome.report["promotion"]["act"] == "promote"
    assert outcome.report["post"] == [{"name": "hostiles_present==false", "ok": True, "observed": False}]


@pytest.mark.requirement("SCN-13", "GOV-05", "GOV-07")
@pytest.mark.parametrize("seed", [1, 3])
@pytest.mark.slow
def test_an_option_whose_world_changes_goes_back_to_shadow_and_is_retired(
    seed: int, tmp_path: Path, sandbox: Sandbox
) -> None:
    outcome = degrading.play(seed, tmp_path, sandbox)
    assert unmet(outcome) == []
    assert outcome.report["planted"] == list(degrading.PLANTS)[seed % 3]
    delay = outcome.report["fromFirstFailureToShadow"]
    assert 2 <= delay["failures"] <= 8
    assert 0 < delay["lastRunToShadowMs"] <= 1000 * delay["wallSeconds"]
    with open_desk(tmp_path, sandbox=sandbox) as desk:
        acts = [change.act for change in desk.registry.history("opt.torch_corridor@1.0.0")]
        assert acts == ["register", "promote", "revert", "retire"]


@pytest.mark.slow
def test_they_are_listed_and_run_like_the_others_and_only_in_the_built_in_world(tmp_path: Path) -> None:
    assert {"S4", "S9", "S11", "S12", "S13"} <= {one.id for one in shipped()}
    report = run(named("scn-12"), server=None, seed=2, data=tmp_path)
    assert (report["passed"], report["scenario"], report["seed"]) == (True, "S12", 2)
    assert all(one["ok"] for one in report["predicates"])
    assert Path(report["journal"]).is_file()
    assert json.loads(json.dumps(report)) == report
    again = run(named("S12"), server=None, seed=2, data=tmp_path / "again")
    assert (again["journalHash"], again["virtualSeconds"]) == (report["journalHash"], report["virtualSeconds"])
    with pytest.raises(UserError, match="makes worlds of its own"):
        run(named("S12"), server=parse_world("127.0.0.1:1"), seed=2, data=tmp_path)
    with pytest.raises(UserError, match="no variants"):
        named("S13", tmp_path / "any.toml")


def outcome_of(before: dict[str, float], after: dict[str, float]) -> Outcome:
    promotion = {"act": "promote", "evidence": {"runs": 9}}
    sides = [{**side, "met": {}, "failures": {}} for side in (before, after)]
    return Outcome((), {"before": sides[0], "after": sides[1], "promotion": promotion}, Path())


@pytest.mark.parametrize(
    ("change", "holds"),
    [
        ({}, True),
        ({"encounters": 2.0}, False),
        ({"light": 0.1}, False),
        ({"deaths": 0.6}, False),
        ({"failureRate": 0.2}, False),
    ],
)
def test_the_proof_holds_only_if_the_paired_intervals_say_so(change: dict[str, float], holds: bool) -> None:
    before = {"deaths": 0.4, "encounters": 2.0, "light": 0.1, "failureRate": 0.02}
    after = {"deaths": 0.0, "encounters": 0.2, "light": 10.0, "failureRate": 0.0, **change}
    # No two seeds alike, or there would be no interval.
    spread = [{**after, "encounters": after["encounters"] + n / 10, "light": after["light"] - n / 10} for n in range(5)]
    assert prove.lit_mine((n, outcome_of(before, one)) for n, one in enumerate(spread)) is holds
