"""Run all benchmarks and print their figures as tables: `python -m benchmarks [NAME ...]`."""

from __future__ import annotations

import json
import pkgutil
import subprocess
import sys
from typing import Any

from rich.console import Console
from rich.table import Table

import benchmarks


def main() -> int:
    """Each benchmark runs in a process of its own, so that none warms another's caches."""
    known = sorted(m.name for m in pkgutil.iter_modules(benchmarks.__path__) if not m.name.startswith("_"))
    console = Console()
    status = 0
    for name in sys.argv[1:] or known:
        console.rule(name)
        done = subprocess.run(
            [sys.executable, "-m", f"benchmarks.{name}", "--json"], stdout=subprocess.PIPE, text=True, check=False
        )
        if done.returncode != 0:
            console.print(f"[red]{name} ended with status {done.returncode}[/]")
            status = 1
            continue
        table = Table("figure", "value", box=None)
        for path, value in _flat(json.loads(done.stdout)):
            table.add_row(path, f"{value:,.4g}" if isinstance(value, float) else str(value))
        console.print(table)
    return status


def _flat(value: Any, path: str = "") -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [row for key, inner in value.items() for row in _flat(inner, f"{path}.{key}" if path else str(key))]
    if isinstance(value, list):
        return [row for i, inner in enumerate(value) for row in _flat(inner, f"{path}[{i}]")]
    return [(path, value)]


if __name__ == "__main__":
    sys.exit(main())
