"""First light on twenty seeds: S4 with its journal repeated, and a stone pickaxe from nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from typing import Any

SEEDS = range(1, 21)


def main() -> bool:
    """Every seed in processes of its own; True if all reached their goals and repeated their journals."""
    good = 0
    with tempfile.TemporaryDirectory() as data:
        for seed in SEEDS:
            first, wall = _scenario(seed, data, hash_seed="1")
            again, _ = _scenario(seed, data, hash_seed="2")
            same = first["journalHash"] == again["journalHash"]
            began = time.monotonic()
            command = ["run", "--no-dashboard", "--speed", "max", "--data", data]
            pickaxe = _conscious_bot(*command, "--seed", str(seed), "--goal", "get 1 stone_pickaxe")
            held = first["passed"] and again["passed"] and same and wall < 20 and pickaxe.returncode == 0
            good += held
            print(
                f"seed {seed:2}: S4 {'passed' if first['passed'] else 'FAILED'}"
                f" in {first['virtualSeconds']:6.2f} s of game, {wall:5.1f} s of wall;"
                f" journals {'equal' if same else 'DIFFER'};"
                f" stone pickaxe {'reached' if pickaxe.returncode == 0 else 'NOT reached'}"
                f" in {time.monotonic() - began:.1f} s",
                flush=True,
            )
    print(f"{good} of {len(SEEDS)} seeds held")
    return good == len(SEEDS)


def _scenario(seed: int, data: str, *, hash_seed: str) -> tuple[dict[str, Any], float]:
    began = time.monotonic()
    done = _conscious_bot("scenario", "run", "S4", "--seed", str(seed), "--data", data, "--json", hash_seed=hash_seed)
    return json.loads(done.stdout)[0], time.monotonic() - began


def _conscious_bot(*args: str, hash_seed: str = "0") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "conscious_bot.cli", *args],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
    )


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
