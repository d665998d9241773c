from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conscious_bot.contracts import UserError
from conscious_bot.memory.journal import Journal
from conscious_bot.scenarios import find, home, run

COMMAND = (sys.executable, "-m", "conscious_bot.cli", "scenario", "run")


def run_scenario(name: str, seed: int, data: Path, hash_seed: int) -> dict[str, Any]:
    done = subprocess.run(
        [*COMMAND, name, "--seed", str(seed), "--data", str(data), "--json"],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={**os.environ, "PYTHONHASHSEED": str(hash_seed)},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (report,) = json.loads(done.stdout)
    return report


@pytest.mark.requirement("SCN-04", "PLAN-09", "PBI-04")
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.slow
def test_a_wooden_pickaxe_is_made_with_all_prerequisites_missing_alike_in_every_process(seed: int, tmp_path: Path):
    one = run_scenario("S4", seed, tmp_path / "a", hash_seed=1)
    two = run_scenario("SCN-04", seed, tmp_path / "b", hash_seed=2)
    assert one["passed"]
    assert one["predicates"] == [{"name": "has(item:wooden_pickaxe)>=1", "ok": True, "observed": 1}]
    assert one["steps"]["lost"] == 0
    assert one["deaths"] == 0
    assert one["journalHash"] == two["journalHash"]
    assert Path(one["journal"]).is_file()


def test_a_variant_overrides_parts_of_a_scenario(tmp_path: Path):
    variant = tmp_path / "easy.toml"
    variant.write_text('commands = ["give {name} oak_log 3"]\n[limits]\nseconds = 60\n')
    scenario = find("s4", variant)
    assert scenario.commands == ("give {name} oak_log 3",)
    assert scenario.limits.seconds == 60
    assert scenario.goal == find("S4").goal
    assert scenario.variant == "easy.toml"


VISIT = """
commands = []
goal = "get 1 dirt"
success = ["has(item:dirt)>=1"]

[[visitors]]
name = "Ada"
position = "~2 ~ ~"
script = [{do = "say", text = "good morning"}, {do = "walk", to = "~4 ~ ~"}]
"""


def test_a_scenario_has_visitors_whom_the_bot_hears(tmp_path: Path):
    variant = tmp_path / "visit.toml"
    variant.write_text(VISIT)
    report = run(find("S4", variant), server=None, seed=1, data=tmp_path)
    assert report["passed"], report
    with contextlib.closing(Journal.open(Path(report["journal"]))) as journal:
        heard = [event.data for _, event in journal.events() if event.data.get("kind") == "chat"]
    assert [(data["sender"], data["text"]) for data in heard] == [("Ada", "good morning")]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("goal = [", "not TOML"),
        ("goal = 3", "goal"),
        ("nonsense = 1", "nonsense"),
        ("success = []", "success"),
        ("[limits]\nseconds = -1", "limits.seconds"),
        ('[[visitors]]\nname = "x"\nposition = "~ ~ ~"', "visitors.0.name"),
    ],
)
def test_a_variant_that_makes_no_sense_is_refused_naming_place_and_reason(text: str, complaint: str, tmp_path: Path):
    variant = tmp_path / "odd.toml"
    variant.write_text(text)
    with pytest.raises(UserError) as caught:
        find("S4", variant)
    assert "odd.toml" in caught.value.problem
    assert complaint in caught.value.problem


@pytest.mark.requirement("SCN-09", "STER-04")
@pytest.mark.parametrize("variant", [None, "S9-causeway-closes", "S9-creeper-and-spider", "S9-skeleton-by-day"])
def test_ledges_a_gap_lava_and_a_threat_are_passed_alive(variant: str | None, tmp_path: Path):
    """A sample of `make prove ARGS=course`."""
    path = None if variant is None else home() / "variants" / f"{variant}.toml"
    report = run(find("SCN-09", path), server=None, seed=23, data=tmp_path)
    assert report["passed"], report
    assert report["deaths"] == 0
    assert report["steps"]["lost"] == 0


@pytest.mark.requirement("SCN-09")
def test_who_does_not_get_there_in_time_has_not_passed_and_events_wait_for_their_cause(tmp_path: Path):
    variant = tmp_path / "short.toml"
    variant.write_text(
        "[limits]\nseconds = 6\n"
        '[[events]]\nafter = 2\ncommand = "give {name} coal 2"\n'
        '[[events]]\nwhen = "distance_to($goal)<=3"\ncommand = "give {name} coal 2"\n'
    )
    scenario = find("S9", variant)
    scenario = scenario.model_copy(update={"success": (*scenario.success, "has(item:coal)==2")})
    report = run(scenario, server=None, seed=1, data=tmp_path)
    assert not report["passed"]
    assert [p["ok"] for p in report["predicates"]] == [False, True, True, True]


@pytest.mark.parametrize(
    ("event", "complaint"),
    [
        ('command = "time set day"', "after"),
        ('command = "time set day"\nafter = 1\nwhen = "health<=3"', "after"),
        ("after = 1", "command"),
    ],
)
def test_an_event_without_a_cause_or_a_command_is_refused(event: str, complaint: str, tmp_path: Path):
    variant = tmp_path / "odd.toml"
    variant.write_text(f"[[events]]\n{event}\n")
    with pytest.raises(UserError) as caught:
        find("S9", variant)
    assert complaint in caught.value.problem


def test_an_event_whose_predicate_cannot_be_read_is_refused_before_the_world_is_made(tmp_path: Path):
    variant = tmp_path / "odd.toml"
    variant.write_text('[[events]]\nwhen = "weather==5"\ncommand = "time set day"\n')
    with pytest.raises(UserError, match="weather"):
        run(find("S9", variant), server=None, seed=1, data=tmp_path)
    assert not list(tmp_path.rglob("*.sqlite"))


def test_a_predicate_about_a_place_that_the_scenario_does_not_name_is_refused(tmp_path: Path):
    variant = tmp_path / "odd.toml"
    variant.write_text('success = ["reached($nowhere)"]\n')
    with pytest.raises(UserError, match="nowhere"):
        run(find("S9", variant), server=None, seed=1, data=tmp_path)
