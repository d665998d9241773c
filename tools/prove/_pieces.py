"""A proof in pieces: spread over the processors, and kept where asked, so that it can be ended and taken up again.

What is kept belongs to the code that found it: with another source nothing of it is used.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import pickle
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

__all__ = ["Pace", "Unfinished", "add_pace", "pace_of", "pieces"]

_T = TypeVar("_T")
_ROOT = Path(__file__).parents[2]
_SOURCES = ("src", "tools", "options", "tests/registry")


class Unfinished(Exception):
    """Its time was over before all pieces were done; so many are left."""

    def __init__(self, left: int, pieces: int) -> None:
        super().__init__(f"{left} of {pieces} pieces are left; the same command with the same --keep goes on")


@dataclass(frozen=True, slots=True)
class Pace:
    """How a proof is worked through. After `seconds` no other piece is begun; None is no limit."""

    keep: Path | None = None
    seconds: float | None = None
    workers: int = os.cpu_count() or 1


def add_pace(parser: argparse.ArgumentParser) -> None:
    """The options that every proof in pieces takes."""
    parser.add_argument("--keep", type=Path, help="a folder where finished pieces are kept and found again")
    parser.add_argument("--seconds", type=float, help="begin no other piece after this time")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes")


def pace_of(found: argparse.Namespace) -> Pace:
    """What the options of `add_pace` say."""
    return Pace(found.keep, found.seconds, found.workers)


@dataclass(frozen=True, slots=True)
class _Kept(Generic[_T]):
    """A file for each finished piece, in a folder named after proof and source."""

    folder: Path | None

    @classmethod
    def of(cls, keep: Path | None, proof: str) -> _Kept[_T]:
        if keep is None:
            return cls(None)
        folder = keep / f"{proof}-{_source_hash()[:16]}"
        folder.mkdir(parents=True, exist_ok=True)
        return cls(folder)

    def names(self) -> set[str]:
        return set() if self.folder is None else {path.stem for path in self.folder.glob("*.piece")}

    def read(self, name: str) -> _T:
        if self.folder is None:
            raise LookupError(name)
        return pickle.loads((self.folder / f"{name}.piece").read_bytes())  # noqa: S301 - written by `write`

    def write(self, name: str, result: _T) -> None:
        if self.folder is None:
            return
        part = self.folder / f"{name}.part"  # whoever ends the proof may end it here
        part.write_bytes(pickle.dumps(result))
        part.replace(self.folder / f"{name}.piece")


def pieces(
    proof: str, keys: Sequence[int], work: Callable[[int], _T], pace: Pace, warm: Callable[[], None] | None = None
) -> Iterator[tuple[int, _T]]:
    """The result of `work` for every key, those that were kept first, with a line for each that is done.

    `work` and `warm`, which each process does once, are functions of a module, and what `work` gives can be pickled.
    Raises `Unfinished` if the time is over; what was found until then is kept.
    """
    began = time.monotonic()
    kept = _Kept[_T].of(pace.keep, proof)
    there = kept.names()
    done = 0
    for key in keys:
        if str(key) in there:
            done += 1
            yield key, kept.read(str(key))
    todo = [key for key in keys if str(key) not in there]
    for key, result in _worked(todo, work, pace, warm, began):
        kept.write(str(key), result)
        done += 1
        yield key, result
        print(f"  {done} of {len(keys)} after {time.monotonic() - began:.0f} s", flush=True)
    if done < len(keys):
        raise Unfinished(len(keys) - done, len(keys))


def _worked(
    todo: list[int], work: Callable[[int], _T], pace: Pace, warm: Callable[[], None] | None, began: float
) -> Iterator[tuple[int, _T]]:
    def late() -> bool:
        return pace.seconds is not None and time.monotonic() - began > pace.seconds

    if pace.workers == 1 or len(todo) <= 1:
        if warm is not None and todo:
            warm()
        for key in todo:
            if late():
                return
            yield key, work(key)
        return
    waiting: dict[Future[_T], int] = {}
    rest = iter(todo)
    with ProcessPoolExecutor(pace.workers, initializer=warm) as pool:
        while True:
            while len(waiting) < pace.workers and not late():
                key = next(rest, None)
                if key is None:
                    break
                waiting[pool.submit(work, key)] = key
            if not waiting:
                return
            for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                yield waiting.pop(future), future.result()


def _source_hash() -> str:
    digest = hashlib.sha256()
    for place in _SOURCES:
        for path in sorted((_ROOT / place).rglob("*")):
            if path.suffix in {".py", ".json", ".toml"} and path.is_file():
                digest.update(f"{path.relative_to(_ROOT)}\0".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()
