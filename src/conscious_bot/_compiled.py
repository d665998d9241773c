"""Keeping compiled kernels true to their sources, and compiling them all ahead of time.

Numba keeps compiled kernels on disk and compiles one anew when its own file changes, but not when a kernel
that it calls in another file changes, or a constant it was compiled with (numba documentation, "Notes on
Caching", limitations). After an update the program would silently be the old one. So, before the first
kernel of a package is imported, whatever was compiled before a source it depends on was written is thrown
away. Sources that matter say "numba" or "njit" somewhere; dependence follows their imports.

`python -m conscious_bot._compiled` compiles the kernels of all rooms, side by side on the cores there are, and
says how long each part took.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

__all__ = ["discard_stale", "warm"]

_ROOT = Path(__file__).parent
_IMPORT = re.compile(r"^\s*(?:from\s+([\w.]+)\s+import\s+(\([^)]*\)|[^\n]*)|import\s+([\w., ]+))", re.MULTILINE)
_PARTS = {
    "the simulated world": ("conscious_bot.simulation.warm", "warm_world"),
    "the solver of ways": ("conscious_bot.sterling.navigation", "warm_up"),
    "the solver of buildings": ("conscious_bot.sterling.construction", "warm_up"),
    "the simulated ground": ("conscious_bot.simulation.warm", "warm_ground"),
}
"""What has kernels: the module and the function that has them compiled; what takes longest comes first."""


def discard_stale(package: Path, root: Path | None = None) -> int:
    """Delete compiled kernels of a package older than a source they depend on; how many were deleted.

    `root` is the top package its imports are followed through; by default that of this program, or the
    package itself if it lies elsewhere. A file that cannot be deleted (a read-only installation, another
    process was faster) stays: numba cannot have written it there either.
    """
    if root is None:
        root = _ROOT if package.is_relative_to(_ROOT) else package
    compiled = sorted(package.rglob("*.nb[ic]"))
    if not compiled:
        return 0
    ages = {path: path.stat().st_mtime_ns for path in root.rglob("*.py") if _matters(path)}
    oldest = min(_age(path) for path in compiled)
    if all(age <= oldest for age in ages.values()):
        return 0
    graph = _Imports(root)
    deleted = 0
    for path in compiled:
        source = path.parent.parent / f"{path.name.split('.')[0]}.py"
        needed = max((ages.get(other, 0) for other in graph.needed_by(source)), default=0)
        try:
            if path.stat().st_mtime_ns < needed or not source.exists():
                path.unlink()
                deleted += 1
        except (FileNotFoundError, PermissionError):
            continue
    return deleted


def _age(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:  # another process was faster
        return time.time_ns()


def _matters(path: Path) -> bool:
    text = path.read_bytes()
    return b"numba" in text or b"njit" in text


class _Imports:
    """Which sources of a package a source imports, directly or not."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._direct: dict[Path, frozenset[Path]] = {}
        self._all: dict[Path, frozenset[Path]] = {}

    def needed_by(self, source: Path) -> frozenset[Path]:
        """A source and all it imports."""
        if source not in self._all:
            found: set[Path] = set()
            waiting = [source]
            while waiting:
                path = waiting.pop()
                if path not in found:
                    found.add(path)
                    waiting += self._imports(path)
            self._all[source] = frozenset(found)
        return self._all[source]

    def _imports(self, source: Path) -> frozenset[Path]:
        if source not in self._direct:
            try:
                text = source.read_text()
            except FileNotFoundError:
                text = ""
            names: set[str] = set()
            for match in _IMPORT.finditer(text):
                if match[1]:
                    names.add(match[1])
                    names |= {f"{match[1]}.{part}" for part in re.findall(r"\w+", match[2])}
                else:
                    names |= {part.split()[0] for part in match[3].split(",") if part.strip()}
            self._direct[source] = frozenset(path for name in names for path in self._files(name))
        return self._direct[source]

    def _files(self, name: str) -> list[Path]:
        """The source of a module of the package."""
        first, *rest = name.split(".")
        if first != self._root.name:
            return []
        path = self._root.joinpath(*rest)
        return [p for p in (path.with_suffix(".py"), path / "__init__.py") if p.is_file()]


def warm(say: Callable[[str], None] = print) -> dict[str, float]:
    """Have all kernels compiled; seconds by part. One line of progress per part."""
    seconds: dict[str, float] = {}
    # Processes, as numba compiles under a lock; new ones, so that each is as a first start would be.
    with ProcessPoolExecutor(min(os.cpu_count() or 1, len(_PARTS)), get_context("spawn")) as pool:
        running = {pool.submit(_warm, *place): part for part, place in _PARTS.items()}
        for done in as_completed(running):
            part = running[done]
            seconds[part] = done.result()
            say(f"Compiled the kernels of {part} in {seconds[part]:.1f} s")
    return seconds


def _warm(module: str, function: str) -> float:
    """Have the kernels of one part compiled in this process; how long it took."""
    start = time.perf_counter()
    # By name: this module lies below all rooms and must not import them otherwise.
    getattr(importlib.import_module(module), function)()
    return time.perf_counter() - start


if __name__ == "__main__":
    warm(lambda line: print(line, file=sys.stderr, flush=True))
