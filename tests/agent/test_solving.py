"""`solve` and `replay` on the command line: one document in, one document out."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conscious_bot import solving
from conscious_bot.contracts import UserError


def _payload(**changes: Any) -> dict[str, Any]:
    blocks = bytes(1 if y < 4 else 0 for _ in range(40) for y in range(12) for _ in range(40))
    raw: dict[str, Any] = {
        "occupancyGrid": {
            "origin": {"x": -20, "y": 60, "z": 270},
            "size": {"dx": 40, "dy": 12, "dz": 40},
            "blocks": base64.b64encode(blocks).decode(),
        },
        "start": {"x": -16, "y": 64, "z": 300},
        "goal": {"x": 10, "y": 64, "z": 280},
    }
    return raw | changes


def _file(folder: Path, value: Any) -> Path:
    place = folder / "file.json"
    place.write_text(json.dumps(value))
    return place


def _run(*args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "conscious_bot.cli", *args]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.requirement("STER-09")
def test_one_payload_has_one_answer_and_a_list_has_a_list(tmp_path: Path) -> None:
    one = solving.navigate(_file(tmp_path, _payload()))
    assert set(one) == {"status", "cost", "learnedCost", "primitives", "nodes", "ms", "bundleId"}
    assert (one["status"], one["cost"], len(one["primitives"])) == ("solved", 44.0, 44)
    many = solving.navigate(_file(tmp_path, [_payload(), _payload(moves="extended")]))
    assert [answer["status"] for answer in many] == ["solved", "solved"]
    assert many[1]["cost"] < many[0]["cost"]


@pytest.mark.requirement("STER-09")
def test_a_kept_bundle_is_replayed_and_a_changed_one_is_refused(tmp_path: Path) -> None:
    answer = solving.navigate(_file(tmp_path, _payload()), tmp_path / "kept")
    (kept,) = (tmp_path / "kept").iterdir()
    again = solving.replay(kept)
    assert (again["same"], again["bundleId"]) == (True, answer["bundleId"])
    forged = json.loads(kept.read_text())
    forged["result"]["cost"] = 1.0
    with pytest.raises(UserError, match="another hash"):
        solving.replay(_file(tmp_path, forged))


@pytest.mark.requirement("STER-07")
def test_craft_problems_are_answered_in_a_list(tmp_path: Path) -> None:
    problems = [
        {"id": "a", "inventory": {"oak_log": 1}, "target": "stick", "surroundings": "none"},
        {"id": "b", "inventory": {}, "target": "stick"},
    ]
    found = solving.craft(_file(tmp_path, problems))
    assert [(one["id"], one["status"], one["length"]) for one in found] == [
        ("a", "solved", 2),
        ("b", "impossible", None),
    ]
    assert found[1]["missing"]
    assert all(one["ms"] >= 0 for one in found)


@pytest.mark.requirement("STER-07")
def test_craft_takes_the_recipes_of_a_file(tmp_path: Path) -> None:
    recipes = tmp_path / "recipes.json"
    data = Path(__file__).resolve().parents[1] / "data/plancraft/recipes.json"
    recipes.write_bytes(data.read_bytes())
    (found,) = solving.craft(_file(tmp_path, {"inventory": {"oak_log": 1}, "target": "stick"}), recipes)
    assert (found["status"], found["length"]) == ("solved", 2)


@pytest.mark.parametrize(
    ("content", "says"),
    [("{", "not JSON"), ("[3]", "payload 0: solve payload: expected an object"), ('{"start": 1}', "missing")],
)
def test_a_file_that_cannot_be_meant_is_named(tmp_path: Path, content: str, says: str) -> None:
    place = tmp_path / "bad.json"
    place.write_text(content)
    with pytest.raises(UserError, match=says) as caught:
        solving.navigate(place)
    assert "bad.json" in caught.value.problem


def test_the_commands_print_one_document_and_nothing_else(tmp_path: Path) -> None:
    done = _run("solve", "navigate", str(_file(tmp_path, _payload())), "--bundles", str(tmp_path / "kept"), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["cost"] == 44.0
    (kept,) = (tmp_path / "kept").iterdir()
    again = _run("replay", str(kept), "--json")
    assert (again.returncode, json.loads(again.stdout)["same"]) == (0, True)
    refused = _run("solve", "craft", str(tmp_path / "absent.json"), "--json")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "absent.json" in refused.stderr


def _hut() -> dict[str, Any]:
    ring = (["dirt"] * 3, ["dirt", "air", "dirt"], ["dirt"] * 3)
    levels = [{"level": y, "coordinates": [5, 64 + y, 5], "placement": [list(row) for row in ring]} for y in range(2)]
    return {"levels": levels}


@pytest.mark.requirement("STER-08")
def test_a_blueprint_is_answered_with_materials_and_an_order(tmp_path: Path) -> None:
    found = _run("solve", "build", str(_file(tmp_path, _hut())), "--json")
    assert found.returncode == 0, found.stderr
    answer = json.loads(found.stdout)
    assert (answer["status"], answer["materials"]) == ("solved", {"dirt": 16})
    assert len(answer["order"]) == 16
    assert set(answer["order"][0]) == {"pos", "block"}
    assert answer["scaffold"]["count"] == 0
    assert answer["ms"] >= 0


@pytest.mark.requirement("STER-08")
def test_a_blueprint_that_cannot_be_read_is_one_line_with_the_place(tmp_path: Path) -> None:
    broken = _hut()
    broken["levels"][1]["placement"][2][0] = "drit"
    found = _run("solve", "build", str(_file(tmp_path, broken)), "--json")
    assert (found.returncode, found.stdout) == (2, "")
    assert "/levels/1/placement/2/0: Minecraft 1.20.4 has no block 'drit'" in found.stderr
    assert len(found.stderr.strip().splitlines()) == 1


@pytest.mark.requirement("STER-09")
def test_bundles_of_building_and_crafting_are_kept_and_replayed(tmp_path: Path) -> None:
    recipes = {
        "recipes": {
            "stick": {
                "type": "minecraft:crafting_shaped",
                "pattern": ["#", "#"],
                "key": {"#": {"item": "minecraft:oak_planks"}},
                "result": {"item": "minecraft:stick", "count": 4},
            }
        },
        "tags": {},
    }
    (tmp_path / "recipes.json").write_text(json.dumps(recipes))
    problems = [{"id": 1, "inventory": {"oak_planks": 2}, "target": "stick"}, {"id": 2, "target": "stick"}]
    solving.craft(_file(tmp_path, problems), keep=tmp_path / "game")
    solving.craft(_file(tmp_path, problems), tmp_path / "recipes.json", tmp_path / "own")
    solving.build(_file(tmp_path, _hut()), tmp_path / "build")
    kept = [file for folder in ("game", "own", "build") for file in sorted((tmp_path / folder).iterdir())]
    assert len(kept) == 5
    assert all(solving.replay(file)["same"] for file in kept)
    forged = json.loads(kept[-1].read_text())
    forged["result"]["materials"]["dirt"] = 1
    with pytest.raises(UserError, match="another hash"):
        solving.replay(_file(tmp_path, forged))


@pytest.mark.requirement("STER-07")
def test_one_item_that_does_not_exist_does_not_end_a_list_of_problems(tmp_path: Path) -> None:
    problems = [{"id": "a", "target": "milk"}, {"id": "b", "target": "stick", "inventory": {"oak_planks": 2}}]
    found = solving.craft(_file(tmp_path, problems))
    assert [(one["id"], one["status"], one["missing"]) for one in found] == [
        ("a", "impossible", ["milk"]),
        ("b", "solved", []),
    ]


@pytest.mark.parametrize(
    ("around", "status"),
    [("any", "solved"), ("none", "impossible"), ([], "impossible"), (["oak_log"], "solved"), (["cow"], "impossible")],
)
@pytest.mark.requirement("STER-07")
def test_surroundings_say_what_can_be_gathered(tmp_path: Path, around: object, status: str) -> None:
    problem = {"id": "p", "target": "stick", "quantity": 3, "surroundings": around}
    (answer,) = solving.craft(_file(tmp_path, problem))
    assert answer["status"] == status
    assert bool(answer["steps"]) == (status == "solved")
    assert bool(answer["missing"]) == (status == "impossible")
    if status == "solved":
        assert answer["length"] == sum(step["uses"] for step in answer["steps"])
