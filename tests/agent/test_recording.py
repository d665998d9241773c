"""A live session that is recorded replays, to the last line that was written before a kill."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from conscious_bot.simulation.recording import read_recording
from tests.agent.test_command_line import assert_one_line, conscious_bot

_GOAL = ("--goal", "get 2 oak_log", "--no-dashboard")


@pytest.mark.requirement("WORLD-03")
@pytest.mark.slow
def test_a_live_session_is_recorded_and_replays_and_is_never_written_over(tmp_path: Path) -> None:
    file = tmp_path / "session.gz"
    done = conscious_bot("run", *_GOAL, "--speed", "max", "--data", str(tmp_path), "--record", str(file))
    assert done.returncode == 0, done.stderr
    recording = read_recording(file)
    assert recording.complete
    assert any(kind == "leaf" and data["leaf"] == "acquire_material" for _, kind, data in recording.notes)
    played = conscious_bot("replay", str(file), "--json")
    assert json.loads(played.stdout) == {"same": True, "leaves": 1, "complete": True, "differences": []}
    assert played.returncode == 0

    before = file.read_bytes()
    again = conscious_bot("run", *_GOAL, "--data", str(tmp_path), "--record", str(file))
    assert_one_line(again, str(file), "exists already")
    assert file.read_bytes() == before


@pytest.mark.requirement("WORLD-03")
def test_a_file_that_cannot_be_written_is_named_before_anything_starts(tmp_path: Path) -> None:
    file = tmp_path / "no folder" / "session.gz"
    done = conscious_bot("run", *_GOAL, "--data", str(tmp_path / "data"), "--record", str(file))
    assert_one_line(done, str(file), "cannot be written")
    assert not (tmp_path / "data").exists()


@pytest.mark.requirement("WORLD-03")
@pytest.mark.slow
def test_what_was_recorded_before_a_kill_is_replayed_and_the_cut_is_said(tmp_path: Path) -> None:
    file = tmp_path / "session.gz"
    command = [sys.executable, "-u", "-m", "conscious_bot.cli", "run", "--goal", "get 1 wooden_pickaxe"]
    command += ["--no-dashboard", "--speed", "10", "--data", str(tmp_path), "--record", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                if "acquire_material: +" in line:
                    break
        finally:
            process.send_signal(signal.SIGKILL)
    recording = read_recording(file)
    assert not recording.complete
    assert sum(kind == "result" for _, kind, _ in recording.notes) >= 1
    played = conscious_bot("replay", str(file))
    assert played.returncode == 0, played.stdout + played.stderr
    assert "the same again" in played.stdout
    assert "cut off" in played.stdout
