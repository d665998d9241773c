"""Keeping compiled kernels true to their sources.

Numba keeps compiled kernels on disk and compiles one anew when its own file changes, but not when a kernel
that it calls in another file changes (numba documentation, "Notes on Caching", limitations). After an
update the world would silently be the old one. So, before the first kernel of a package is imported,
whatever was compiled before the newest of the package's kernel sources is thrown away.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["discard_stale"]


def discard_stale(package: Path) -> int:
    """Delete compiled kernels older than the newest kernel source under a package; how many were deleted.

    A file that cannot be deleted (a read-only installation, another process was faster) stays: numba cannot
    have written it there either.
    """
    sources = [path for path in package.rglob("*.py") if b"njit" in path.read_bytes()]
    newest = max((path.stat().st_mtime_ns for path in sources), default=0)
    deleted = 0
    for compiled in sorted(package.rglob("*.nb[ic]")):
        try:
            if compiled.stat().st_mtime_ns < newest:
                compiled.unlink()
                deleted += 1
        except (FileNotFoundError, PermissionError):
            continue
    return deleted
