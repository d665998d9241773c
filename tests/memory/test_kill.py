"""A bot killed with signal 9 at any moment finds everything acknowledged, and its parts agreeing."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from conscious_bot.memory import Journal

WRITER = Path(__file__).with_name("writer.py")


@pytest.mark.requirement("MEM-04")
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signal 9")
def test_after_kill_9_all_acknowledged_events_are_there_and_the_participants_agree(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    moments = random.Random(9)
    acknowledged = 0
    for _ in range(8):
        acknowledged = max(acknowledged, _write_and_kill(path, moments.uniform(0.005, 0.25)))
        with Journal.open(path) as journal:
            numbers = [(number, event.data["n"]) for number, event in journal.events()]
            saved = journal.read(lambda c: c.execute(text("SELECT data FROM world_state")).scalar())
            projected = journal.get("n")
        assert len(numbers) >= acknowledged
        assert numbers == [(n, n) for n in range(1, len(numbers) + 1)]
        assert int(saved or b"0") == len(numbers)
        assert (projected or 0) == len(numbers)
    assert acknowledged > 0


def _write_and_kill(path: Path, after: float) -> int:
    """Let the writer work for some time and kill it; the last number that it was told is safe."""
    with subprocess.Popen(
        [sys.executable, str(WRITER), str(path)],
        env={"PYTHONPATH": ":".join(sys.path)},
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline().startswith("open")
        time.sleep(after)
        child.send_signal(signal.SIGKILL)
        lines = [line for line in child.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
    return int(lines[-1].split()[1]) if lines else 0
