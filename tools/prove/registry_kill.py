"""kill -9 at 200 random moments of the registry's work: it is whole each time, and ends as if nothing had happened."""

from __future__ import annotations

import argparse
import gc
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from tests.registry.killing import Kills, SharedSandbox, fingerprint, kill_until_done, work

from tools.prove._pieces import add_pace, pace_of, pieces

KILLS = 200
A_LIFE = 10
"""So often is one registry killed before it may come to the end of its work."""


def main(words: Sequence[str] = ()) -> bool:
    """Kill registries until so many kills are counted; True if everything added up."""
    parser = argparse.ArgumentParser(prog="registry_kill", description=__doc__)
    parser.add_argument("--kills", type=int, default=KILLS)
    add_pace(parser)
    found = parser.parse_args(list(words))
    stages: Counter[str] = Counter()
    problems: list[str] = []
    lives = 0
    a_life = partial(_life, most=min(A_LIFE, found.kills))
    for number, kills in pieces("registry_kill", range(1, found.kills + 1), a_life, pace_of(found), _warm):
        lives += 1
        stages += kills.stages
        problems += [f"registry {number}, {one}" for one in kills.problems]
        print(f"registry {number}: {sum(stages.values())} kills so far, {len(problems)} problems", flush=True)
        if sum(stages.values()) >= found.kills:
            break
    for problem in problems[:30]:
        print(problem)
    where = ", ".join(f"{count} in {stage}" for stage, count in stages.most_common())
    print(f"{sum(stages.values())} kills ({where}) over {lives} registries, {len(problems)} problems")
    return not problems


@dataclass(frozen=True, slots=True)
class _Undisturbed:
    """What a registry comes to if nobody kills it, and how long that takes."""

    sandbox: SharedSandbox
    expected: dict[str, Any]
    took: float
    problems: list[str]


@cache
def _undisturbed() -> _Undisturbed:
    """Once for each process."""
    sandbox = SharedSandbox()
    sandbox.warm()
    with tempfile.TemporaryDirectory() as home:
        first, again = Path(home) / "first", Path(home) / "again"
        first.mkdir()
        work(first, sandbox, lambda _stage: None)  # what is loaded now, no child has to load
        expected = fingerprint(first)
        gc.collect()
        gc.freeze()  # neither the next life nor any child has to look at what is here already
        again.mkdir()
        began = time.monotonic()
        work(again, sandbox, lambda _stage: None)
        took = time.monotonic() - began
        alike = fingerprint(again) == expected
    print(f"undisturbed: {len(expected['capabilities'])} capabilities in {took:.1f} s", flush=True)
    return _Undisturbed(sandbox, expected, took, [] if alike else ["two undisturbed registries do not end alike"])


def _warm() -> None:
    _undisturbed()


def _life(number: int, most: int) -> Kills:
    """One registry, killed so often at the most, and what did not add up."""
    undisturbed = _undisturbed()
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home)
        chance = random.Random(f"registry {number}")
        kills = kill_until_done(folder, undisturbed.sandbox, chance, undisturbed.took / 3, most)
        if fingerprint(folder) != undisturbed.expected:
            kills.problems.append("it did not end as the undisturbed one")
    kills.problems += undisturbed.problems
    return kills


if __name__ == "__main__":
    sys.exit(0 if main(sys.argv[1:]) else 1)
