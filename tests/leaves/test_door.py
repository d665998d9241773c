"""The world is changed through one door: read off the source of the whole package."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import conscious_bot
from conscious_bot.body.port import Hands

ROOT = Path(conscious_bot.__file__).parent
MUTATING = frozenset(name for name in vars(Hands) if not name.startswith("_"))
INSIDE = ("leaves/", "body/", "simulation/", "testing/", "skill_scenarios/seal_off/")
"""Rooms whose business hands are, and a leaf that a scenario proposes. All else only senses, and asks the runner."""


def modules(*, outside: bool) -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(ROOT.rglob("*.py")):
        relative = path.relative_to(ROOT)
        if outside and relative.as_posix().startswith(INSIDE):
            continue
        yield relative, ast.parse(path.read_text(encoding="utf-8"))


def mentions(tree: ast.Module, name: str) -> list[int]:
    return [
        node.lineno
        for node in ast.walk(tree)
        if (isinstance(node, ast.Attribute) and node.attr == name) or (isinstance(node, ast.Name) and node.id == name)
    ]


def test_the_hands_of_the_port_are_what_this_test_thinks() -> None:
    assert {"follow", "dig", "place", "equip", "craft", "toss", "chat", "look_at"} <= MUTATING


@pytest.mark.requirement("PBI-10")
def test_only_the_leaf_runner_claims_the_hands_of_a_body() -> None:
    """Conformance has no leaves and no runner; a recorder stands between the two and passes the one claim on."""
    claims = [str(path) for path, tree in modules(outside=False) if mentions(tree, "claim_hands")]
    allowed = ("leaves/runner.py", "simulation/recording.py", "testing/conformance.py")
    assert claims == [str(Path(name)) for name in allowed]


@pytest.mark.requirement("PBI-10")
def test_no_other_room_knows_hands_at_all() -> None:
    found = [
        f"{path}:{line}" for path, tree in modules(outside=True) for name in ("Hands", "LeasedHands", "hands")
        for line in mentions(tree, name)
    ]  # fmt: skip
    imported = [
        f"{path}:{node.lineno}"
        for path, tree in modules(outside=True)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and any(alias.name in ("Hands", "LeasedHands") for alias in node.names)
    ]
    assert found + imported == []


@pytest.mark.requirement("PBI-10")
def test_no_other_room_calls_a_mutating_method_of_a_body() -> None:
    """By name, on anything that is called a body: `body.dig`, `self._body.chat`, `agent.body.place` ..."""
    found: list[str] = []
    for path, tree in modules(outside=True):
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if node.func.attr in MUTATING and "body" in ast.unparse(node.func.value).lower():
                found.append(f"{path}:{node.lineno} {ast.unparse(node.func)}")
    assert found == []


def test_a_second_claim_of_the_hands_is_refused(stage) -> None:
    async def script(s) -> None:
        with pytest.raises(RuntimeError):
            s.body.claim_hands()

    stage.play(script)
