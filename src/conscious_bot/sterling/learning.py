"""Path algebra: what walking teaches about ways, as multipliers of at least 1 on declared costs.

Of every edge (a step from one cell into another) is remembered how often it was walked and when last; of
every cell, how often the body got into it and how often it failed to although the scan said it could. From
that come, at a moment:

| part      | what it says                                                            | largest share |
| --------- | ----------------------------------------------------------------------- | ------------- |
| usage     | uses of the edge, halved with every `HALF_LIFE_S`        |               |
| novelty   | exp(-usage): 1 for an edge that was never walked                        | `NOVELTY`     |
| recency   | failures and successes of a cell fade with the same half-life           |               |
| failure   | failures / (successes + 1/2) of the cell that is entered                | `MAX_...`     |

multiplier = (1 + NOVELTY * novelty) * min(1 + FAILURE * failure, MAX_MULTIPLIER). None is below 1, so the
estimate of the search stays admissible and what is found is optimal in learned costs. A trap is avoided from
its first failure on, tried again when that has faded, and forgiven when it was only bad luck.

Pure: the time is handed in; storing is `memory.ways`' business.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from conscious_bot.contracts import BlockPos
from conscious_bot.sterling.errors import SolverInputError
from conscious_bot.world.grid import OccupancyGrid, as_cell

__all__ = ["CHUNKS", "FAILURE", "HALF_LIFE_S", "MAX_MULTIPLIER", "NOVELTY", "Chunk", "PathMemory", "Weights"]

NOVELTY = 0.05
"""By how much an edge that was never walked is dearer."""
FAILURE = 32.0
"""By how much failing makes a cell dearer: one failure, never a success, is worth a detour of 64 steps (15 s)."""
HALF_LIFE_S = 3600.0
"""Seconds after which what was learned counts half."""

MAX_MULTIPLIER = 256.0
PER_CHUNK = 2048
"""So many edges, and so many cells, are remembered of a chunk; those walked longest ago are forgotten."""
CHUNKS = 1024
"""So many chunks are remembered; those that nobody walked in for longest are forgotten."""

_CHUNK = 16

Edge = tuple[BlockPos, BlockPos]
Chunk = tuple[int, int]
"""Chunk coordinates (x, z) of the cell an edge leads to."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Multipliers at one moment: `default` for every edge, unless it stands in `edges`; times that of `spots`.

    `edges` are ((from, to), multiplier), `spots` (cell entered, multiplier), each in order. None is below 1.
    """

    default: float
    edges: tuple[tuple[Edge, float], ...]
    spots: tuple[tuple[BlockPos, float], ...]

    def wire(self) -> dict[str, Any]:
        """The JSON form, rows of coordinates and multiplier."""
        return {
            "default": self.default,
            "edges": [[*a, *b, m] for (a, b), m in self.edges],
            "spots": [[*cell, m] for cell, m in self.spots],
        }

    @classmethod
    def from_wire(cls, raw: Any) -> Weights:
        """Read the JSON form. Raises `SolverInputError` naming what is wrong."""
        if not isinstance(raw, Mapping) or set(raw) != {"default", "edges", "spots"}:
            raise SolverInputError("learned: expected an object with default, edges and spots")
        for name, length in (("edges", 7), ("spots", 4)):
            rows = raw[name]
            if not isinstance(rows, list) or not all(isinstance(row, list) and len(row) == length for row in rows):
                raise SolverInputError(f"learned.{name}: expected rows of {length} numbers")
        return cls(
            _multiplier(raw["default"], "default"),
            tuple(
                ((as_cell(row[:3], "learned.edges"), as_cell(row[3:6], "learned.edges")), _multiplier(row[6], "edges"))
                for row in raw["edges"]
            ),
            tuple((as_cell(row[:3], "learned.spots"), _multiplier(row[3], "spots")) for row in raw["spots"]),
        )


def _multiplier(value: Any, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 1.0 <= value <= MAX_MULTIPLIER:
        raise SolverInputError(f"learned.{what}: {value!r} is no multiplier from 1 to {MAX_MULTIPLIER:g}")
    return float(value)


_Trace = tuple[float, float, float]
"""Uses (of an edge) or successes and failures (of a cell), as they counted at the time that comes third.

Plain tuples: there are tens of thousands, and the garbage collector does not look at tuples of numbers.
"""


def _at(trace: _Trace, now: float) -> tuple[float, float]:
    good, bad, last = trace
    faded = 0.5 ** (max(0.0, now - last) / HALF_LIFE_S)
    return good * faded, bad * faded


def _noted(trace: _Trace | None, now: float, good: float, bad: float) -> _Trace:
    if trace is None:
        return good, bad, now
    before = _at(trace, now)
    return before[0] + good, before[1] + bad, max(now, trace[2])


@dataclass(slots=True)
class _Page:
    """What is known of a chunk."""

    edges: dict[Edge, _Trace] = field(default_factory=dict[Edge, _Trace])
    spots: dict[BlockPos, _Trace] = field(default_factory=dict[BlockPos, _Trace])


@dataclass(slots=True)
class PathMemory:
    """What walking has taught, by chunk. `changed` names the chunks to store; who stores them clears it.

    Times are seconds of the run's clock, never the wall's, and do not go back.
    """

    _pages: dict[Chunk, _Page] = field(default_factory=dict[Chunk, _Page])
    changed: dict[Chunk, None] = field(default_factory=dict[Chunk, None])

    def walked(self, cells: Sequence[BlockPos], now: float) -> None:
        """The body passed these cells one after the other, the first being where it began."""
        for a, b in pairwise(cells):
            page = self._page(b)
            page.edges[a, b] = _noted(page.edges.get((a, b)), now, 1.0, 0.0)
            page.spots[b] = _noted(page.spots.get(b), now, 1.0, 0.0)
            _forget(page)

    def failed(self, to: BlockPos, now: float) -> None:
        """The body did not get into this cell, though the plan led there."""
        page = self._page(to)
        page.spots[to] = _noted(page.spots.get(to), now, 0.0, 1.0)
        _forget(page)

    def weights(self, grid: OccupancyGrid, now: float) -> Weights:
        """The multipliers for the cells of a grid."""
        (ox, _, oz), (dx, _, dz) = grid.origin, grid.size
        edges: list[tuple[Edge, float]] = []
        spots: list[tuple[BlockPos, float]] = []
        for cx in range(ox // _CHUNK, (ox + dx - 1) // _CHUNK + 1):
            for cz in range(oz // _CHUNK, (oz + dz - 1) // _CHUNK + 1):
                page = self._pages.get((cx, cz))
                if page is None:
                    continue
                for edge, trace in page.edges.items():
                    if grid.contains(edge[0]) and grid.contains(edge[1]):
                        edges.append((edge, 1.0 + NOVELTY * math.exp(-_at(trace, now)[0])))
                for cell, trace in page.spots.items():
                    good, bad = _at(trace, now)
                    if bad > 0.0 and grid.contains(cell):
                        spots.append((cell, min(1.0 + FAILURE * bad / (good + 0.5), MAX_MULTIPLIER)))
        return Weights(1.0 + NOVELTY, tuple(sorted(edges)), tuple(sorted(spots)))

    @property
    def chunks(self) -> list[Chunk]:
        """The chunks of which something is known."""
        return sorted(self._pages)

    def to_json(self, chunk: Chunk) -> dict[str, Any]:
        """What is known of one chunk; `read` takes it back."""
        page = self._pages.get(chunk, _Page())
        return {
            "edges": [[*a, *b, good, last] for (a, b), (good, _, last) in sorted(page.edges.items())],
            "spots": [[*cell, *trace] for cell, trace in sorted(page.spots.items())],
        }

    def read(self, pages: Iterable[tuple[Chunk, Mapping[str, Any]]]) -> None:
        """Take back what was stored."""
        for chunk, kept in pages:
            if not kept["edges"] and not kept["spots"]:
                continue
            page = self._pages.setdefault(chunk, _Page())
            for ax, ay, az, bx, by, bz, good, last in kept["edges"]:
                page.edges[(ax, ay, az), (bx, by, bz)] = (good, 0.0, last)
            for x, y, z, good, bad, last in kept["spots"]:
                page.spots[x, y, z] = (good, bad, last)

    def _page(self, cell: BlockPos) -> _Page:
        chunk = (cell[0] // _CHUNK, cell[2] // _CHUNK)
        self.changed[chunk] = None
        page = self._pages.pop(chunk, None) or _Page()
        self._pages[chunk] = page  # the chunk that was touched last stands last
        if len(self._pages) > CHUNKS:
            oldest = next(iter(self._pages))
            del self._pages[oldest]
            self.changed[oldest] = None
        return page


def _forget(page: _Page) -> None:
    """Keep a page within bounds."""
    if len(page.edges) > PER_CHUNK:
        del page.edges[min(page.edges, key=lambda edge: (page.edges[edge][2], edge))]
    if len(page.spots) > PER_CHUNK:
        del page.spots[min(page.spots, key=lambda cell: (page.spots[cell][2], cell))]
