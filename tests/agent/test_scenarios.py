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
from conscious_bot.scenarios import find, run

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
