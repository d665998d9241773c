"""Hashes of code on disk: of one leaf's module tree, and of the shipped leaves against the package's own list.

Nothing here imports what it hashes.
"""

from __future__ import annotations

import base64
import csv
import hashlib
from importlib.metadata import Distribution
from pathlib import Path

from conscious_bot.contracts import ConsciousBotError

__all__ = ["CodeError", "ShippedCode", "check_shipped", "hash_tree", "read_tree"]

_MOST_FILES = 200
_MOST_BYTES = 4 << 20


class CodeError(ConsciousBotError):
    """Code that is not what it should be, or that cannot be hashed. For whoever installs or signs it."""


def read_tree(root: Path) -> dict[str, bytes]:
    """Every file of a module tree by its relative path. Links, and trees too large to review, are refused."""
    if not root.is_dir():
        raise CodeError(f"{root.name} is no directory with a leaf's module tree")
    found: dict[str, bytes] = {}
    size = 0
    for path in sorted(root.rglob("*")):
        if path.is_symlink():
            raise CodeError(f"{path.relative_to(root)} is a link; a module tree holds plain files only")
        if path.is_dir() or "__pycache__" in path.parts:
            continue
        content = path.read_bytes()
        size += len(content)
        if len(found) >= _MOST_FILES or size > _MOST_BYTES:
            raise CodeError(f"{root.name} has more than {_MOST_FILES} files or {_MOST_BYTES >> 20} MiB")
        found[path.relative_to(root).as_posix()] = content
    if not found:
        raise CodeError(f"{root.name} holds no file")
    return found


def hash_tree(files: dict[str, bytes]) -> str:
    """sha256 over every file's path and content, in the order of paths."""
    digest = hashlib.sha256()
    for path, content in sorted(files.items()):
        digest.update(f"{path}\0{hashlib.sha256(content).hexdigest()}\n".encode())
    return digest.hexdigest()


class ShippedCode(tuple[int, bool]):
    """How many files were checked, and whether there was a list: a checkout has none but its version control."""

    __slots__ = ()

    @property
    def files(self) -> int:
        """How many files were compared."""
        return self[0]

    @property
    def listed(self) -> bool:
        """Whether the installed package brings a list of hashes."""
        return self[1]


def check_shipped(distribution: Distribution, prefix: str = "conscious_bot/leaves/") -> ShippedCode:
    """Compare the shipped leaves with the hashes in the package's RECORD, the list that every wheel brings.

    Raises `CodeError` naming each file that was altered, is missing, or stands there without being listed.
    """
    record = distribution.read_text("RECORD") or ""
    listed = {row[0]: row[1] for row in csv.reader(record.splitlines()) if len(row) > 1 and row[0].startswith(prefix)}
    listed = {path: digest for path, digest in listed.items() if "__pycache__" not in path}
    if not listed:
        return ShippedCode((0, False))
    root = Path(str(distribution.locate_file("")))
    present = {
        path.relative_to(root).as_posix()
        for path in (root / prefix).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    problems = [f"{path} is missing" for path in sorted(set(listed) - present)]
    problems += [f"{path} is not part of the package" for path in sorted(present - set(listed))]
    for path in sorted(present & set(listed)):
        digest = base64.urlsafe_b64encode(hashlib.sha256((root / path).read_bytes()).digest()).rstrip(b"=").decode()
        if listed[path] != f"sha256={digest}":
            problems.append(f"{path} was altered")
    if problems:
        raise CodeError("the shipped leaves are not those of the package: " + "; ".join(problems))
    return ShippedCode((len(listed), True))
