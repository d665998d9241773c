"""Every shipped option through the whole pipeline, sandbox in a process of its own, with what each test took."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from conscious_bot.registry.desk import open_desk
from conscious_bot.registry.principals import Principal, Role
from conscious_bot.registry.refusal import RegistryRefusal
from conscious_bot.registry.shipped import shipped_options


def main() -> bool:
    """Each is registered; the times are printed, not judged."""
    refused = 0
    slow = 0
    with tempfile.TemporaryDirectory() as folder, open_desk(Path(folder)) as desk:
        for name, text in shipped_options().items():
            try:
                answer = desk.pipeline.register(json.loads(text), Principal("prover", Role.OPERATOR))
            except RegistryRefusal as refusal:
                refused += 1
                print(f"{name}: REFUSED {refusal.error.code} {refusal.error.detail}", flush=True)
                continue
            slow += answer.seconds >= 2.0
            tests = [] if answer.report is None else answer.report["tests"]
            print(f"{answer.id}: {len(tests)} tests passed, registered in {answer.seconds:.2f} s", flush=True)
            for test in tests:
                leaves = sum(test["leaves"].values())
                print(f"    {test['name']}: {test['seconds']:.1f} s of the world's time, {leaves} leaves", flush=True)
    print(f"{refused} refused, {slow} took 2 s or more (the first starts the sandbox's process)")
    return refused == 0


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
