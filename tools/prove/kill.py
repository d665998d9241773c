"""kill -9 at 20 random moments: world and journal agree, the goal is taken up, no item is lost or made."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

from tests.agent.killing import kill_until_done

KILLS = 20


def main() -> bool:
    """Kill runs of several seeds until 20 kills are counted; True if everything added up."""
    chance = random.Random(20)
    kills, seed, problems = 0, 0, list[str]()
    while kills < KILLS:
        seed += 1
        with tempfile.TemporaryDirectory() as folder:
            counted, found = kill_until_done(Path(folder), seed, chance, most=min(5, KILLS - kills))
        kills += counted
        problems += found
        print(f"seed {seed}: killed {counted} times, {len(found)} problems", flush=True)
    for problem in problems:
        print(problem)
    print(f"{kills} kills over {seed} seeds, {len(problems)} problems")
    return not problems
