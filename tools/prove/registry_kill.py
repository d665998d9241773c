"""kill -9 at 200 random moments of the registry's work: it is whole each time, and ends as if nothing had happened."""

from __future__ import annotations

import gc
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.registry.killing import SharedSandbox, fingerprint, kill_until_done, work

KILLS = 200
A_LIFE = 12
"""So often, at the most, is one registry killed before it may come to the end of its work."""


def main(kills: int = KILLS) -> bool:
    """Kill registries until so many kills are counted; True if everything added up."""
    chance = random.Random("registry")
    sandbox = SharedSandbox()
    stages: Counter[str] = Counter()
    problems: list[str] = []
    lives = 0
    try:
        sandbox.warm()
        with tempfile.TemporaryDirectory() as home:
            undisturbed = Path(home) / "undisturbed"
            undisturbed.mkdir()
            work(undisturbed, sandbox, lambda _stage: None)  # what is loaded now, no child has to load
            expected = fingerprint(undisturbed)
            gc.collect()
            gc.freeze()  # neither the next life nor any child has to look at what is here already
            again = Path(home) / "again"
            again.mkdir()
            began = time.monotonic()
            work(again, sandbox, lambda _stage: None)
            took = time.monotonic() - began
            if fingerprint(again) != expected:
                problems.append("two undisturbed registries do not end alike")
            print(f"undisturbed: {len(expected['capabilities'])} capabilities in {took:.1f} s", flush=True)
            while sum(stages.values()) < kills:
                lives += 1
                folder = Path(home) / str(lives)
                folder.mkdir()
                most = min(A_LIFE, kills - sum(stages.values()))
                done = kill_until_done(folder, sandbox, chance, took / 3, most)
                stages += done.stages
                problems += [f"registry {lives}, {one}" for one in done.problems]
                if fingerprint(folder) != expected:
                    problems.append(f"registry {lives} did not end as the undisturbed one")
                print(f"registry {lives}: {sum(stages.values())} kills so far, {len(problems)} problems", flush=True)
    finally:
        gc.unfreeze()
        sandbox.close()
    for problem in problems[:30]:
        print(problem)
    where = ", ".join(f"{count} in {stage}" for stage, count in stages.most_common())
    print(f"{sum(stages.values())} kills ({where}) over {lives} registries, {len(problems)} problems")
    return not problems


if __name__ == "__main__":
    sys.exit(0 if main(*map(int, sys.argv[1:])) else 1)
