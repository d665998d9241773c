"""Same seed, same script, other process, other PYTHONHASHSEED: the same state every 100 ticks."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

from conscious_bot.body.port import Hands
from conscious_bot.simulation.body import SimulatedBody
from conscious_bot.simulation.commands import SimulatedOperator
from conscious_bot.simulation.world import SimulatedWorld
from tools.prove._busy import busy, live, new_world

TICKS = 20_000
EVERY = 100
RUNS = (
    (1, "default"), (2, "default"), (3, "default"), (1, "flat"), (2, "flat"), (1, "void"), (1, "corridor_12_blocks"),
    (1, "corridor_20_blocks_hostile_leaves"),
)  # fmt: skip


def hashes(seed: int, preset: str, ticks: int, view: int = 4) -> list[str]:
    """The state's hash every 100 ticks of a busy life, and what lives there at the end."""
    world = new_world(seed, preset, view=view)
    found: list[str] = []

    def take(world: SimulatedWorld) -> None:
        found.append(world.state_hash())
        world.later(EVERY, lambda: take(world))

    world.later(EVERY, lambda: take(world))

    async def life(body: SimulatedBody, hands: Hands, operator: SimulatedOperator) -> None:
        await busy(random.Random(seed), world, body, hands, operator, ticks)

    live(world, life)
    kinds = sorted(view.kind for view in world.herd.views())
    return [*found[: ticks // EVERY], f"{len(kinds)} creatures of {len(set(kinds))} kinds, {len(world.items())} items"]


def compare(seed: int, preset: str, ticks: int, view: int = 4) -> tuple[int, int, str]:
    """How many hashes two processes gave, how many of them differ, and what lived there at the end."""
    one, two = (_elsewhere(seed, preset, ticks, view, hash_seed) for hash_seed in ("1", "31337"))
    if len(one) != ticks // EVERY + 1 or len(set(one)) < len(one) - 1:
        raise RuntimeError(f"{len(one)} hashes, {len(set(one))} of them different, of {ticks} ticks")
    return len(one), sum(a != b for a, b in zip(one, two, strict=True)), one[-1]


def _elsewhere(seed: int, preset: str, ticks: int, view: int, hash_seed: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-m", "tools.prove.determinism", str(seed), preset, str(ticks), str(view)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout)


def main() -> bool:
    """All runs, each in two processes; True if nowhere a hash differs."""
    good = 0
    for seed, preset in RUNS:
        count, different, end = compare(seed, preset, TICKS)
        good += not different
        print(f"{preset}, seed {seed}: {count} states over {TICKS} ticks, {different} differ; {end}", flush=True)
    print(f"{good} of {len(RUNS)} runs repeated themselves")
    return good == len(RUNS)


if __name__ == "__main__":
    json.dump(hashes(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])), sys.stdout)
