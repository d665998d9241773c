"""A registry that is killed at random moments is whole; and the look at it sees what is not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from conscious_bot.contracts import CapabilityAct, CapabilityRun, RunMode
from conscious_bot.registry.desk import open_desk

from .conftest import OPERATOR, option
from .registry_audit import audit

ROOT = Path(__file__).parents[2]
WAIT = {**option(), "tree": {"type": "Leaf", "name": "wait", "args": {"ms": 100}}}


@pytest.mark.requirement("GOV-02", "GOV-11")
@pytest.mark.skipif(sys.platform == "win32", reason="the proof forks, and kills as POSIX does")
@pytest.mark.slow
def test_a_sample_of_kills_leaves_the_registry_whole_and_its_work_is_done_to_the_same_end() -> None:
    """`make prove ARGS=registry_kill` takes 200. In a process of its own, as it forks."""
    command = [sys.executable, "-m", "tools.prove.registry_kill", "--kills", "3", "--workers", "1"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=900, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(done.stdout.splitlines()[-1].partition(" kills (")[0]) >= 3
    assert done.stdout.rstrip().endswith("0 problems")


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        ("update capability set status = 'active'", "opt.thing@1.0.0 is active, and its history says shadow"),
        ("delete from capability_change", "0 changes and 1 events of them do not tell the same"),
        ("delete from event", "1 changes and 0 events of them do not tell the same"),
        ("delete from capability", "opt.thing@1.0.0 is gone"),
        ("update capability set record = replace(record, 'human', 'llm')", "the record of opt.thing@1.0.0 was altered"),
        ("update capability set spec = replace(spec, 'wait', 'walk')", "opt.thing@1.0.0 is not what its hash says"),
        ("update capability_run set body = replace(body, 'shadow', 'live')", "capability_run was not only added to"),
    ],
)
def test_the_look_at_a_registry_sees_what_was_damaged(tmp_path: Path, damage: str, complaint: str) -> None:
    with open_desk(tmp_path) as desk:
        desk.pipeline.register(WAIT, OPERATOR)
        desk.governor.note(_run(ok=True))
    left, problems = audit(tmp_path, None)
    assert problems == []
    _spoil(tmp_path, damage)
    assert complaint in audit(tmp_path, left)[1]


def test_the_look_at_a_registry_sees_evidence_without_its_consequence(tmp_path: Path) -> None:
    with open_desk(tmp_path) as desk:
        desk.pipeline.register(WAIT, OPERATOR)
        for _ in range(6):
            desk.registry.note_run(_run(ok=False))
    assert any("its evidence says retire" in one for one in audit(tmp_path, None)[1])


def test_the_look_at_a_registry_sees_a_promotion_that_no_run_supports(tmp_path: Path) -> None:
    with open_desk(tmp_path) as desk:
        desk.pipeline.register(WAIT, OPERATOR)
        desk.registry.move("opt.thing@1.0.0", CapabilityAct.PROMOTE, "gate", "t", {"runsBefore": 0})
    assert "opt.thing@1.0.0: promote does not follow from its 0 runs" in audit(tmp_path, None)[1]


def _run(*, ok: bool) -> CapabilityRun:
    return CapabilityRun(id="opt.thing@1.0.0", mode=RunMode.SHADOW, ok=ok, start="s", seconds=1, at=0)


def _spoil(folder: Path, damage: str) -> None:
    engine = create_engine(f"sqlite:///{folder / 'registry.sqlite'}")
    with engine.begin() as connection:
        connection.execute(text(damage))
    engine.dispose()
