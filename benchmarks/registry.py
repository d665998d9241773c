"""Registration and look-up as the registry grows, and the documents' proposal: `python -m benchmarks.registry`.

`curve` has a row for each size: the median time of a registration without tests (lint, compile, a synced
transaction), and the thread's own time of look-ups by exact id, by caret and of the latest, the median of several
stretches, among that many options. `torchCorridor` is the whole pipeline with the sandbox, which is warm.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from conscious_bot.contracts import CapabilityAct
from conscious_bot.registry.capabilities import CapabilityRegistry
from conscious_bot.registry.desk import open_desk
from conscious_bot.registry.pipeline import Pipeline
from conscious_bot.registry.principals import Principal, Role
from conscious_bot.registry.quotas import Quotas

_SIZES = (100, 1_000, 3_000, 10_000)
_SAMPLE = 50
_LOOKUPS, _STRETCHES = 500, 9
_PROPOSAL = Path(__file__).parents[1] / "options" / "torch_corridor.json"
_ENOUGH = 10**9


def _option(number: int) -> dict[str, Any]:
    return {
        "id": f"opt.skill_{number // 10}",
        "version": f"1.{number % 10}.0",
        "tree": {"type": "Sequence", "children": [{"type": "Leaf", "name": "wait", "args": {"ms": 100}}] * 5},
        "provenance": {"authoredBy": "human"},
    }


def _resolve(registry: CapabilityRegistry, selector: str, _turn: int) -> object:
    return registry.resolve(selector)


def _register(pipeline: Pipeline, me: Principal, start: int, turn: int) -> object:
    return pipeline.register(_option(start + turn), me)


def _registered_ms(work: Callable[[int], object]) -> float:
    """The wall's time, as it waits for the disk."""
    times: list[float] = []
    for turn in range(_SAMPLE):
        began = time.perf_counter()
        work(turn)
        times.append(time.perf_counter() - began)
    return 1e3 * median(times)


def _looked_up_us(work: Callable[[int], object]) -> float:
    times: list[float] = []
    for _ in range(_STRETCHES):
        began = time.thread_time()
        for turn in range(_LOOKUPS):
            work(turn)
        times.append((time.thread_time() - began) / _LOOKUPS)
    return 1e6 * median(times)


def measure(sizes: tuple[int, ...] = _SIZES) -> dict[str, Any]:
    """All figures."""
    me = Principal("bench", Role.OPERATOR)
    quotas = Quotas(registrations_per_min=_ENOUGH, shadow_options=_ENOUGH, active_versions=_ENOUGH)
    curve: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as folder, open_desk(Path(folder), quotas) as desk:
        registry, number = desk.registry, 0
        for size in sizes:
            while number < size - _SAMPLE:
                desk.pipeline.register(_option(number), me)
                number += 1
            registered = _registered_ms(partial(_register, desk.pipeline, me, number))
            number += _SAMPLE
            for record in registry.versions("opt.skill_0"):
                if record.status == "shadow":
                    registry.move(record.id, CapabilityAct.PROMOTE, "bench", "bench")
            curve.append(
                {
                    "options": number,
                    "registerMs": registered,
                    "exactUs": _looked_up_us(partial(_resolve, registry, "opt.skill_0@1.3.0")),
                    "caretUs": _looked_up_us(partial(_resolve, registry, "opt.skill_0@^1.2")),
                    "latestUs": _looked_up_us(partial(_resolve, registry, "opt.skill_0")),
                }
            )
        desk.sandbox.warm()
        proposal = json.loads(_PROPOSAL.read_bytes())
        seconds = [desk.pipeline.register({**proposal, "version": f"1.0.{patch}"}, me).seconds for patch in range(5)]
    return {
        "curve": curve,
        "slowdown": {
            name: curve[-1][name] / curve[0][name] for name in ("registerMs", "exactUs", "caretUs", "latestUs")
        },
        "torchCorridor": {"firstS": seconds[0], "bestS": min(seconds), "worstS": max(seconds)},
    }


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.parse_args()
    print(json.dumps(measure(), indent=2))


if __name__ == "__main__":
    main()
