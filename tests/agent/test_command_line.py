"""What a user can get wrong is answered by one clear line with its remedy, and a non-zero status."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from conscious_bot.contracts import EventType
from conscious_bot.memory.journal import Journal


def conscious_bot(*args: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "conscious_bot.cli", *args], capture_output=True, text=True, timeout=timeout, check=False
    )


def assert_one_line(done: subprocess.CompletedProcess[str], *words: str) -> None:
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("error:")]
    assert len(lines) == 1, done.stderr
    for word in words:
        assert word in lines[0], done.stderr
    problem, dash, remedy = lines[0].partition("; ")
    assert dash
    assert len(remedy) > 8
    assert problem


@pytest.mark.requirement("SRV-07", "PLAN-10")
def test_an_unknown_goal_is_refused_before_anything_starts(tmp_path: Path):
    done = conscious_bot("run", "--goal", "fetch me a beer", "--no-dashboard", "--data", str(tmp_path))
    assert_one_line(done, "fetch", "get N ITEM")


@pytest.mark.requirement("SRV-07")
def test_an_item_that_does_not_exist_is_named_with_what_was_meant(tmp_path: Path):
    done = conscious_bot("run", "--goal", "get 1 stone_pikaxe", "--no-dashboard", "--data", str(tmp_path))
    assert_one_line(done, "stone_pikaxe", "stone_pickaxe")


@pytest.mark.requirement("SRV-07")
def test_a_port_in_use_is_named(tmp_path: Path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = conscious_bot("run", "--port", str(port), "--data", str(tmp_path))
    assert_one_line(done, str(port), "in use", "--port")


@pytest.mark.requirement("SRV-07")
def test_a_data_directory_that_cannot_be_written_is_named(tmp_path: Path):
    blocked = tmp_path / "file"
    blocked.write_text("not a directory")
    done = conscious_bot("run", "--no-dashboard", "--data", str(blocked))
    assert_one_line(done, str(blocked), "--data")


@pytest.mark.requirement("SRV-07")
@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--world", "not a host"), ("not a host", "HOST:PORT")),
        (("--world", "localhost:99999"), ("localhost:99999", "HOST:PORT")),
        (("--speed", "fast"), ("fast", "max")),
        (("--for", "a while"), ("a while", "10m")),
        (("--auth", "magic"), ("magic", "offline")),
        (("--difficulty", "cosy"), ("cosy", "peaceful")),
    ],
)
def test_values_that_cannot_be_read_are_named_with_an_example(
    args: tuple[str, ...], words: tuple[str, ...], tmp_path: Path
):
    assert_one_line(conscious_bot("run", "--no-dashboard", "--data", str(tmp_path), *args), *words)


@pytest.mark.server
@pytest.mark.requirement("SRV-07", "SRV-09")
def test_a_refused_connection_is_named(tmp_path: Path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    done = conscious_bot("run", "--no-dashboard", "--data", str(tmp_path), "--world", f"127.0.0.1:{port}")
    assert_one_line(done, f"127.0.0.1:{port}", "nothing listens")


@pytest.mark.server
@pytest.mark.requirement("SRV-07", "SRV-09")
def test_a_server_address_that_does_not_exist_is_named(tmp_path: Path):
    done = conscious_bot("run", "--no-dashboard", "--data", str(tmp_path), "--world", "no-such-host.invalid:25565")
    assert_one_line(done, "no-such-host.invalid")


@pytest.mark.requirement("SRV-07")
def test_an_unknown_scenario_is_answered_with_the_known_ones():
    assert_one_line(conscious_bot("scenario", "run", "S99"), "S99", "S4")


@pytest.mark.requirement("SRV-07")
def test_json_output_is_one_document_and_nothing_else():
    done = conscious_bot("scenario", "list", "--json")
    assert done.returncode == 0, done.stderr
    assert "S4" in [scenario["id"] for scenario in json.loads(done.stdout)]


@pytest.mark.requirement("SRV-07")
@pytest.mark.parametrize("args", [(), ("run",), ("scenario",), ("scenario", "run"), ("doctor",)])
def test_every_command_explains_itself(args: tuple[str, ...]):
    done = conscious_bot(*args, "--help")
    assert done.returncode == 0, done.stderr
    assert "Usage" in done.stdout


@pytest.mark.requirement("SRV-07")
def test_doctor_looks_at_everything_and_says_how_to_mend_it():
    done = subprocess.run(
        [sys.executable, "-m", "conscious_bot.cli", "doctor"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "COLUMNS": "200"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for thing in ("Python", "dashboard", "Node.js", "Minecraft driver", "port 8080"):
        assert thing in done.stdout


@pytest.mark.requirement("MEM-04")
def test_a_service_manager_that_stops_the_bot_gets_an_orderly_end(tmp_path: Path):
    """SIGTERM, as systemd and containers send it: the run is recorded as ended, not cut off."""
    command = [sys.executable, "-u", "-m", "conscious_bot.cli", "run", "--no-dashboard", "--seed", "5"]
    command += ["--data", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as bot:
        assert bot.stdout is not None
        said = ""
        for line in bot.stdout:
            said += line
            if "alive after" in line:
                bot.terminate()
        assert bot.wait(60) == 0, said
    assert "stopped; start again" in said
    with closing(Journal.open(tmp_path / "sim-5" / "journal.sqlite")) as journal:
        assert [event.type for _, event in journal.events()][-1] is EventType.RUN_ENDED
