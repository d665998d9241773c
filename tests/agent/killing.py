"""Start the bot, kill it with SIGKILL at a random moment, look at what is left, start it again."""

from __future__ import annotations

import os
import random
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.agent.audit import audit

__all__ = ["kill_until_done"]

GOAL = "get 1 stone_pickaxe"
REACHED = f"reached: {GOAL}"


def kill_until_done(data: Path, seed: int, chance: random.Random, most: int) -> tuple[int, list[str]]:
    """Kill one run again and again, at most `most` times, then let it reach its goal.

    Returns how often it was killed, and all that did not add up.
    """
    home = data / f"sim-{seed}"
    problems: list[str] = []
    kills = starts = 0
    while True:
        allowed = None if kills >= most else chance.uniform(0.0, 2.0)
        status, said = _run(data, seed, allowed, first=starts == 0)
        starts += 1
        problems += [f"seed {seed}, after {kills} kills: {p}" for p in audit(home, seed)]
        if status == -signal.SIGKILL:
            kills += 1
            continue
        if status != 0 or REACHED not in said:
            problems.append(f"seed {seed}, after {kills} kills: it ended with status {status}: {said[-600:]}")
        return kills, problems


def _run(data: Path, seed: int, seconds: float | None, *, first: bool) -> tuple[int, str]:
    """One process, killed so long after it came alive (None: never), stopped once the goal is reached.

    Only the first start is told the goal; later ones have to take it up from the journal.
    """
    command = [sys.executable, "-u", "-m", "conscious_bot.cli", "run", "--no-dashboard", "--speed", "10"]
    command += ["--seed", str(seed), "--data", str(data), *(["--goal", GOAL] if first else [])]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert process.stdout is not None
    said = ""
    deadline: float | None = None
    give_up = time.monotonic() + 300
    try:
        while time.monotonic() < give_up:
            wait = 0.5 if deadline is None else max(0.0, deadline - time.monotonic())
            if select.select([process.stdout], [], [], wait)[0]:
                chunk = os.read(process.stdout.fileno(), 65536)
                if not chunk:
                    break
                said += chunk.decode(errors="replace")
            if REACHED in said:
                process.terminate()
                return process.wait(timeout=60), said
            if deadline is None and seconds is not None and "alive after" in said:
                deadline = time.monotonic() + seconds
            if deadline is not None and time.monotonic() >= deadline:
                process.kill()
                break
        return process.wait(timeout=60), said
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
