"""Postconditions as data: what a leaf says holds afterwards, and how the runner judges it.

A leaf only names its expectations. The runner looks at the world before and after by itself and asks
each for its verdict: verified, contradicted, or inconclusive where it could not see (decision 5).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from conscious_bot.contracts import BlockPos, Position
from conscious_bot.game.tables import Tables
from conscious_bot.leaves.observation import Observation
from conscious_bot.world.state import distance

__all__ = [
    "Alive",
    "BlockIs",
    "BlockIsNot",
    "Expectation",
    "FoodAtLeast",
    "HeldItem",
    "InventoryAtLeast",
    "InventoryDelta",
    "Near",
    "PositionWithin",
    "Verdict",
]


class Verdict(StrEnum):
    """What looking at the world said about an expectation."""

    VERIFIED = "verified"
    INCONCLUSIVE = "inconclusive"
    CONTRADICTED = "contradicted"


def _verdict(holds: bool | None) -> Verdict:
    if holds is None:
        return Verdict.INCONCLUSIVE
    return Verdict.VERIFIED if holds else Verdict.CONTRADICTED


class Expectation(Protocol):
    """Something that is to hold after a run."""

    @property
    def cells(self) -> tuple[BlockPos, ...]:
        """The blocks one has to look at to judge it."""
        ...

    def judge(self, before: Observation, after: Observation, tables: Tables) -> Verdict:
        """Whether it holds now."""
        ...

    def held_before(self, before: Observation, tables: Tables) -> bool | None:
        """Whether it held already; None if that was not seen. What asks for a change never did."""
        ...

    def wire(self) -> dict[str, Any]:
        """The JSON form, for records and messages."""
        ...


class _Condition:
    """An expectation about one moment only."""

    __slots__ = ()

    @property
    def cells(self) -> tuple[BlockPos, ...]:
        return ()

    def holds(self, seen: Observation, tables: Tables) -> bool | None:
        """Whether it holds at that moment; None if that was not seen."""
        raise NotImplementedError

    def judge(self, before: Observation, after: Observation, tables: Tables) -> Verdict:
        return _verdict(self.holds(after, tables))

    def held_before(self, before: Observation, tables: Tables) -> bool | None:
        return self.holds(before, tables)


@dataclass(frozen=True, slots=True)
class InventoryAtLeast(_Condition):
    """The player carries at least `count` of these items together."""

    items: tuple[str, ...]
    count: int

    def holds(self, seen: Observation, tables: Tables) -> bool | None:
        """See the base."""
        if seen.state is None:
            return None
        counts = seen.state.inventory.counts()
        return sum(counts[item] for item in self.items) >= self.count

    def wire(self) -> dict[str, Any]:
        """The JSON form."""
        return {"kind": "inventoryAtLeast", "items": list(self.items), "count": self.count}


@dataclass(frozen=True, slots=True)
class InventoryDelta:
    """These items together became more by at least `delta`, or fewer by at least that if it is negative."""

    items: tuple[str, ...]
    delta: int

    def __post_init__(self) -> None:
        if self.delta == 0:
            raise ValueError("a difference of nothing says nothing")

    @property
    def cells(self) -> tuple[BlockPos, ...]:
        """None."""
        return ()

    def judge(self, before: Observation, after: Observation, tables: Tables) -> Verdict:
        """Verified if the difference is there in full."""
        if before.state is None or after.state is None:
            return Verdict.INCONCLUSIVE
        was, now = before.state.inventory.counts(), after.state.inventory.counts()
        gained = sum(now[item] - was[item] for item in self.items)
        return _verdict(gained >= self.delta if self.delta > 0 else gained <= self.delta)

    def held_before(self, before: Observation, tables: Tables) -> bool | None:
        """Never: it asks for a change."""
        return False

    def wire(self) -> dict[str, Any]:
        """The JSON form."""
        return {"kind": "inventoryDelta", "items": list(self.items), "delta": self.delta}


@dataclass(frozen=True, slots=True)
class BlockIs(_Condition):
    """One of these blocks stands there."""

    pos: BlockPos
    names: tuple[str, ...]

    @property
    def cells(self) -> tuple[BlockPos, ...]:
        """The cell itself."""
        return (self.pos,)

    def holds(self, seen: Observation, tables: Tables) -> bool | None:
        """See the base."""
        name = seen.block(self.pos, tables)
        return None if name is None else name in self.names

    def wire(self) -> dict[str, Any]:
        """The JSON form."""
        return {"kind": "blockIs", "pos": list(self.pos), "names": list(self.names)}


@dataclass(frozen=True, slots=True)
class BlockIsNot(_Condition):
    """None of these blocks stands there (any more)."""

    pos: BlockPos
    names: tuple[str, ...]

    @property
    def cells(self) -> tuple[BlockPos, ...]:
        """The cell itself."""
        return (self.pos,)

    def holds(self, seen: Observation, tables: Tables) -> bool | None:
        """See the base."""
        name = seen.block(self.pos, tables)
        return None if name is None else name not in self.names

    def wire(self) -> dict[str, Any]:
        """The JSON form."""
        return {"kind": "blockIsNot", "pos": list(self.pos), "names": list(self.names)}


@dataclass(frozen=True, slots=True)
class PositionWithin(_Condition):
    """The body's cell is at most so many cells from `pos`: max(|dx|, |dz|) and |dy| (the goal metric)."""

    pos: BlockPos
    tolerance_xz: int
    tolerance_y: int

    def holds(self, seen: Observation, tables: Tables) -> bool | None:
        """See the base."""
        if seen.state is None:
            return None
        dx, dy, dz = (abs(a - b) for a, b in zip(seen.state.block, self.pos, strict=True))
        return max(dx, dz) <= self.tolerance_xz and dy <= self.tolerance_y

    def wire(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "kind": "positionWithin",
            "pos": list(self.pos),
            "toleranceXZ": self.tolerance_xz,
            "toleranceY": self.tolerance_y,
        }


@dataclass(frozen=True, slots=True)
class Near(_Condition):
    """The body's feet are at most `radius` blocks from a point, in a straight line."""

    point: Position
    radius: float

    def holds(self, seen: Observation, tables: Tables) -> bool | None:
        """See the base."""
        return None if seen.state is None else distance(seen.state.position, self.point) <= self.radius

    def wire(self) -> dict[str, Any]:
        """The JSON form."""
        return {"kind": "near", "point": list(self.point), "radius": self.radius}


@dataclass(frozen=True, slots=True)
class HeldItem(_Condition):
    """The main hand holds this item; None: it is empty."""

    item: str | None

    def holds(self, seen: Observation, tables: Tables) -> bool | None:
        """See the base."""
        if seen.state is None:
            return None
        held = seen.state.held
        return (None if held is None else held.item) == self.item

    def wire(self) -> dict[str, Any]:
        """The JSON form."""
        return {"kind": "heldItem", "item": self.item}


@dataclass(frozen=True, slots=True)
class FoodAtLeast(_Condition):
    """The food level is at least this (0 to 20)."""

    level: int

    def holds(self, seen: Observation, tables: Tables) -> bool | None:
        """See the base."""
        return None if seen.state is None else seen.state.food >= self.level

    def wire(self) -> dict[str, Any]:
        """The JSON form."""
        return {"kind": "foodAtLeast", "level": self.level}


@dataclass(frozen=True, slots=True)
class Alive(_Condition):
    """The bot lives."""

    def holds(self, seen: Observation, tables: Tables) -> bool | None:
        """See the base."""
        return None if seen.state is None else seen.state.alive

    def wire(self) -> dict[str, Any]:
        """The JSON form."""
        return {"kind": "alive"}
