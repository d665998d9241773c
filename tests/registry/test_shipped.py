"""Every shipped option passes what any other has to pass, and holds beyond the worlds its author chose."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conscious_bot.behavior import CompiledOption, LeafIndex, compile_option, lint_option
from conscious_bot.contracts import CapabilityStatus, OptionDocument, Permission
from conscious_bot.game.tables import Tables
from conscious_bot.leaves.catalogue import default_catalogue
from conscious_bot.registry.desk import CapabilityDesk, open_desk
from conscious_bot.registry.principals import Principal, Role
from conscious_bot.registry.refusal import RegistryRefusal
from conscious_bot.registry.shipped import shipped_options
from conscious_bot.registry.trial import TestReport, try_option
from conscious_bot.simulation.terrain.fixture import shipped_fixtures

from .conftest import Verdict, option

TABLES, CATALOGUE = Tables.builtin(), default_catalogue()
LEAVES = LeafIndex(CATALOGUE.specs())
DOCUMENTS: dict[str, dict[str, Any]] = {name: json.loads(text) for name, text in shipped_options().items()}
OPERATOR = Principal("olga", Role.OPERATOR)


def test_the_definitions_of_the_documents_are_all_there() -> None:
    assert sorted(DOCUMENTS) == [
        "camp_and_cache",
        "chop_tree_safe",
        "craft_tool_tiered",
        "emergency_retreat_and_block",
        "food_pipeline_starter",
        "ore_ladder_iron",
        "retreat_and_block",
        "shelter_basic",
        "smelt_iron_basic",
        "torch_corridor",
    ]


@pytest.mark.requirement("BT-07")
@pytest.mark.parametrize("name", DOCUMENTS)
def test_it_is_sound_bounded_and_declares_exactly_what_its_leaves_need(name: str) -> None:
    raw = DOCUMENTS[name]
    fixtures = [f"fixtures/{one}.json" for one in shipped_fixtures()]
    report = lint_option(raw, LEAVES, frozenset(Permission), fixtures)
    assert report.errors == ()
    assert report.document is not None
    assert report.document.id == f"opt.{name}"
    option = compile_option(report.document, LEAVES, cap_s=600)
    assert option.permissions == report.permissions
    assert len(raw["tests"]) >= (1 if name == "torch_corridor" else 3)


def capabilities(*args: str | Path) -> str:
    command = [sys.executable, "-m", "conscious_bot.cli", "capabilities", *map(str, args)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory in which the command has registered them all."""
    made = tmp_path_factory.mktemp("registry")
    ids = [f"opt.{name}@1.0.0" for name in DOCUMENTS]
    assert json.loads(capabilities("register-shipped", "--data", made)) == {"ok": True, "registered": ids, "kept": []}
    return made


@pytest.fixture
def desk(folder: Path) -> Iterator[CapabilityDesk]:
    with open_desk(folder) as opened:
        yield opened


@pytest.mark.requirement("BT-07")
@pytest.mark.slow
def test_each_is_registered_through_the_sandbox_of_a_worker_process(desk: CapabilityDesk) -> None:
    for name, raw in DOCUMENTS.items():
        capability = f"opt.{name}@1.0.0"
        report = desk.registry.history(capability)[0].evidence["sandbox"]
        assert [one["passed"] for one in report["tests"]] == [True] * len(raw["tests"])
        assert desk.registry.require(capability).status is CapabilityStatus.SHADOW


@pytest.mark.requirement("BT-08")
def test_a_registered_option_is_exported_as_xml_which_is_the_same_option_read_back(
    folder: Path, tmp_path: Path
) -> None:
    file = tmp_path / "ladder.xml"
    file.write_text(capabilities("export", "opt.ore_ladder_iron@1.0.0", "--xml", "--data", folder), "utf-8")
    assert json.loads(capabilities("export", file)) == DOCUMENTS["ore_ladder_iron"]
    assert capabilities("draw", file).startswith("→ Sequence\n├─ equip_tool kind=pickaxe minTier=stone\n")


def _passes(_option: CompiledOption) -> Verdict:
    return Verdict()


@pytest.mark.requirement("GOV-06")
def test_the_command_runs_an_option_in_shadow_until_the_evidence_has_decided(tmp_path: Path) -> None:
    test = {"name": "waits", "world": "fixtures/corridor_12_blocks.json"}
    good = {**option("opt.rest", tests=[test]), "tree": {"type": "Leaf", "name": "wait", "args": {"ms": 100}}}
    bad = {**good, "version": "1.0.1", "post": ["has(item:diamond)>=1"]}
    with open_desk(tmp_path) as desk:
        pipeline = replace(desk.pipeline, try_out=_passes)  # the sandbox has tests of its own
        for document in (good, bad):
            pipeline.register(document, OPERATOR)
    told = json.loads(capabilities("shadow", "opt.rest@1.0.0", "--data", tmp_path))
    assert (told["change"]["act"], told["change"]["after"]) == ("promote", "active")
    assert told["health"]["wins"] == told["health"]["runs"] >= 3
    told = json.loads(capabilities("shadow", "opt.rest@1.0.1", "--data", tmp_path))
    assert (told["change"]["act"], told["change"]["after"]) == ("retire", "retired")
    with open_desk(tmp_path) as desk:
        assert {run.incumbent for run in desk.registry.store.runs("opt.rest@1.0.1")} == {"opt.rest@1.0.0"}


@pytest.mark.requirement("BT-07", "GOV-08")
def test_hunting_is_not_for_whom_the_policy_does_not_grant_it(desk: CapabilityDesk) -> None:
    raw = {**DOCUMENTS["food_pipeline_starter"], "version": "1.0.1"}
    with pytest.raises(RegistryRefusal, match=r"target\.passive"):
        desk.pipeline.register(raw, Principal("model", Role.PROPOSER))


def changed(name: str, number: int, **bot: Any) -> TestReport:
    """That test of the option, with another inventory, more creatures, or other arguments."""
    raw = json.loads(json.dumps(DOCUMENTS[name]))
    test = raw["tests"][number]
    if "inventory" in bot:
        test["world"]["bot"]["inventory"] = [{"item": item, "count": count} for item, count in bot["inventory"].items()]
    test["world"]["entities"] += bot.get("entities", [])
    test["args"].update(bot.get("args", {}))
    option = compile_option(OptionDocument.model_validate({**raw, "tests": [test]}), LEAVES, cap_s=600)
    return try_option(option, CATALOGUE, TABLES).tests[0]


STAYS = {"kind": "zombie", "position": [8.5, 64, 0.5], "noAI": True, "health": 20.0}


@pytest.mark.requirement("BT-07")
@pytest.mark.parametrize(
    ("name", "number", "more", "code"),
    [
        ("ore_ladder_iron", 0, {"inventory": {"wooden_pickaxe": 1}}, "inventory.missing"),
        ("smelt_iron_basic", 0, {"inventory": {"furnace": 1, "raw_iron": 3}}, "craft.missingInput"),
        ("craft_tool_tiered", 1, {"args": {"tool": "diamond_pickaxe"}}, "craft.missingInput"),
        ("shelter_basic", 0, {"inventory": {"cobblestone": 41, "oak_door": 1}}, "inventory.missing"),
        ("camp_and_cache", 0, {"inventory": {"raw_iron": 20}}, "inventory.missing"),
        ("retreat_and_block", 0, {"inventory": {}, "entities": [STAYS]}, "inventory.missing"),
    ],
)
def test_what_it_cannot_do_it_does_not_claim(name: str, number: int, more: dict[str, Any], code: str) -> None:
    report = changed(name, number, **more)
    assert not report.passed
    assert report.error is not None
    assert report.error.code == code
