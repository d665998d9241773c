"""Postconditions as data: what a leaf says holds afterwards, and how the runner judges it.

A leaf only names its expectations. The runner looks at the world before and after by itself and asks
each for its verdict: verified, contradicted, or inconclusive where it could not see (decision 5).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from conscious_bot.contracts import BlockPos, ExecErrorCode, Position
from conscious_bot.game.tables import Tables
from conscious_bot.leaves.observation import Observation, is_night
from conscious_bot.world.state import distance

__all__ = [
    "Alive",
    "AtOrAbove",
    "Awake",
    "BlockChanged",
    "BlockIs",
    "BlockIsNot",
    "Condition",
    "EntityBeyond",
    "EntityGone",
    "EntityWithin",
    "Environment",
    "Expectation",
    "FoodAtLeast",
    "HeldItem",
    "InventoryAtLeast",
    "InventoryDelta",
    "LightAtLeast",
    "Near",
    "NoThreat",
    "PositionWithin",
    "StateIs",
    "Unsafe",
    "Verdict",
    "Wears",
    "WindowClosed",
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

    @property
    def lit(self) -> tuple[BlockPos, ...]:
        """The cells whose light one has to see."""
        ...

    @property
    def creatures(self) -> bool:
        """Whether one has to look at the creatures and things around."""
        ...

    @property
    def threats(self) -> bool:
        """Whether one has to find out which hostiles are present."""
        ...

    @property
    def failure(self) -> ExecErrorCode:
        """What it means for the action if it is seen not to hold."""
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


class _Looks:
    """What has to be looked at: nothing but the body, unless said otherwise."""

    __slots__ = ()

    @property
    def cells(self) -> tuple[BlockPos, ...]:
        return ()

    @property
    def lit(self) -> tuple[BlockPos, ...]:
        return ()

    @property
    def creatures(self) -> bool:
        return False

    @property
    def threats(self) -> bool:
        return False

    @property
    def failure(self) -> ExecErrorCode:
        return ExecErrorCode.EFFECTS_UNMET


class Condition(_Looks):
    """The base of expectations about one moment only: they say `holds`, and may say what is to be looked at."""

    __slots__ = ()

    def holds(self, seen: Observation, tables: Tables) -> bool | None:
        """Whether it holds at that moment; None if that was not seen."""
        raise NotImplementedError

    def judge(self, before: Observation, after: Observation, tables: Tables) -> Verdict:
        return _verdict(self.holds(after, tables))

    def held_before(self, before: Observation, tables: Tables) -> bool | None:
        return self.holds(before, tables)


@dataclass(frozen=True, slots=True)
class InventoryAtLeast(Condition):
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
class InventoryDelta(_Looks):
    """These items together became more by at least `delta`, or fewer by at least that if it is negative."""

    items: tuple[str, ...]
    delta: int

    def __post_init__(self) -> None:
        if self.delta == 0:
            raise ValueError("a difference of nothing says nothing")

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
class BlockIs(Condition):
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
class BlockIsNot(Condition):
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
class PositionWithin(Condition):
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
class Near(Condition):
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
class HeldItem(Condition):
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
class FoodAtLeast(Condition):
    """The food level is at least this (0 to 20)."""

    level: int

    def holds(self, seen: Observation, tables: Tables) -> bool | None:
        """See the base."""
        return None if seen.state is None else seen.state.food >= self.level

    def wire(self) -> dict[str, Any]:
        """The JSON form."""
        return {"kind": "foodAtLeast", "level": self.level}


@dataclass(frozen=True, slots=True)
class Alive(Condition):
    """The bot lives."""

    def holds(self, seen: Observation, tables: Tables) -> bool | None:
        """See the base."""
        return None if seen.state is None else seen.state.alive

    def wire(self) -> dict[str, Any]:
        """The JSON form."""
        return {"kind": "alive"}


@dataclass(frozen=True, slots=True)
class StateIs(Condition):
    """The block there has this value of a property (a door that is open, a lever that is on)."""

    pos: BlockPos
    key: str
    value: str

    @property
    def cells(self) -> tuple[BlockPos, ...]:
        """The cell itself."""
        return (self.pos,)

    def holds(self, seen: Observation, tables: Tables) -> bool | None:
        """See the base."""
        if seen.block(self.pos, tables) is None:
            return None
        return tables.properties_of(seen.blocks[self.pos]).get(self.key) == self.value

    def wire(self) -> dict[str, Any]:
        """The JSON form."""
        return {"kind": "stateIs", "pos": list(self.pos), "key": self.key, "value": self.value}


@dataclass(frozen=True, slots=True)
class BlockChanged(_Looks):
    """The block there is in another state than before."""

    pos: BlockPos

    @property
    def cells(self) -> tuple[BlockPos, ...]:
        """The cell itself."""
        return (self.pos,)

    def judge(self, before: Observation, after: Observation, tables: Tables) -> Verdict:
        """Verified if both states were seen and differ."""
        was, now = (None if o.block(self.pos, tables) is None else o.blocks[self.pos] for o in (before, after))
        return Verdict.INCONCLUSIVE if was is None or now is None else _verdict(was != now)

    def held_before(self, before: Observation, tables: Tables) -> bool | None:
        """Never: it asks for a change."""
        return False

    def wire(self) -> dict[str, Any]:
        """The JSON form."""
        return {"kind": "blockChanged", "pos": list(self.pos)}


@dataclass(frozen=True, slots=True)
class LightAtLeast(Condition):
    """The cell is at least so light now (0 to 15)."""

    pos: BlockPos
    level: int

    @property
    def lit(self) -> tuple[BlockPos, ...]:
        """The cell itself."""
        return (self.pos,)

    def holds(self, seen: Observation, tables: Tables) -> bool | None:
        """See the base."""
        light = seen.light.get(self.pos)
        return None if light is None else light >= self.level

    def wire(self) -> dict[str, Any]:
        """The JSON form."""
        return {"kind": "lightAtLeast", "pos": list(self.pos), "level": self.level}


@dataclass(frozen=True, slots=True)
class Unsafe(Condition):
    """The cell is darker than `below`, or one of these hostiles is within so many cells of it."""

    pos: BlockPos
    below: int
    hostiles: frozenset[int]
    reach: int

    @property
    def lit(self) -> tuple[BlockPos, ...]:
        """The cell itself."""
        return (self.pos,)

    @property
    def creatures(self) -> bool:
        """The hostiles, if they are the reason."""
        return bool(self.hostiles)

    def holds(self, seen: Observation, tables: Tables) -> bool | None:
        """See the base."""
        light = seen.light.get(self.pos)
        if light is not None and light < self.below:
            return True
        if self.hostiles and seen.entities is None:
            return None
        near = (seen.entities[n] for n in self.hostiles if seen.entities is not None and n in seen.entities)
        if any(max(abs(a - b) for a, b in zip(e.position, self.pos, strict=True)) <= self.reach + 1 for e in near):
            return True
        return None if light is None else False

    def wire(self) -> dict[str, Any]:
        """The JSON form."""
        hostiles = sorted(self.hostiles)
        return {"kind": "unsafe", "pos": list(self.pos), "below": self.below, "hostiles": hostiles, "reach": self.reach}


@dataclass(frozen=True, slots=True)
class NoThreat(Condition):
    """No hostile is present: none sees the body and none has a way to it, within the run's radius."""

    @property
    def threats(self) -> bool:
        """Yes."""
        return True

    @property
    def failure(self) -> ExecErrorCode:
        """A hostile that is there after all is the threat itself."""
        return ExecErrorCode.COMBAT_THREAT_PERSISTS

    def holds(self, seen: Observation, tables: Tables) -> bool | None:
        """See the base."""
        return None if seen.threats is None else not seen.threats

    def wire(self) -> dict[str, Any]:
        """The JSON form."""
        return {"kind": "noThreat"}


@dataclass(frozen=True, slots=True)
class EntityGone(Condition):
    """The creature or thing is no longer near (dead, picked up or away)."""

    entity: int

    @property
    def creatures(self) -> bool:
        """Yes."""
        return True

    def holds(self, seen: Observation, tables: Tables) -> bool | None:
        """See the base."""
        return None if seen.entities is None else self.entity not in seen.entities

    def wire(self) -> dict[str, Any]:
        """The JSON form."""
        return {"kind": "entityGone", "entity": self.entity}


@dataclass(frozen=True, slots=True)
class EntityBeyond(Condition):
    """The creature is gone, or at least so many blocks away."""

    entity: int
    blocks: float

    @property
    def creatures(self) -> bool:
        """Yes."""
        return True

    def holds(self, seen: Observation, tables: Tables) -> bool | None:
        """See the base."""
        if seen.entities is None or seen.state is None:
            return None
        there = seen.entities.get(self.entity)
        return there is None or distance(there.position, seen.state.position) >= self.blocks

    def wire(self) -> dict[str, Any]:
        """The JSON form."""
        return {"kind": "entityBeyond", "entity": self.entity, "blocks": self.blocks}


@dataclass(frozen=True, slots=True)
class EntityWithin(Condition):
    """The creature is at most so many blocks away."""

    entity: int
    blocks: float

    @property
    def creatures(self) -> bool:
        """Yes."""
        return True

    def holds(self, seen: Observation, tables: Tables) -> bool | None:
        """See the base."""
        if seen.entities is None or seen.state is None:
            return None
        there = seen.entities.get(self.entity)
        return there is not None and distance(there.position, seen.state.position) <= self.blocks

    def wire(self) -> dict[str, Any]:
        """The JSON form."""
        return {"kind": "entityWithin", "entity": self.entity, "blocks": self.blocks}


@dataclass(frozen=True, slots=True)
class WindowClosed(Condition):
    """No window is open."""

    def holds(self, seen: Observation, tables: Tables) -> bool | None:
        """See the base."""
        return None if seen.state is None else seen.state.window is None

    def wire(self) -> dict[str, Any]:
        """The JSON form."""
        return {"kind": "windowClosed"}


@dataclass(frozen=True, slots=True)
class Wears(Condition):
    """This item is worn on that part of the body, or held in the off hand."""

    item: str
    where: str

    def holds(self, seen: Observation, tables: Tables) -> bool | None:
        """See the base."""
        if seen.state is None:
            return None
        worn = seen.state.inventory.worn.get(self.where)
        return worn is not None and worn.item == self.item

    def wire(self) -> dict[str, Any]:
        """The JSON form."""
        return {"kind": "wears", "item": self.item, "where": self.where}


@dataclass(frozen=True, slots=True)
class Awake(Condition):
    """The body does not lie in a bed."""

    def holds(self, seen: Observation, tables: Tables) -> bool | None:
        """See the base."""
        return None if seen.state is None else not seen.state.sleeping

    def wire(self) -> dict[str, Any]:
        """The JSON form."""
        return {"kind": "awake"}


@dataclass(frozen=True, slots=True)
class Environment(Condition):
    """It is night, or not; it rains, or not. None: whichever."""

    night: bool | None = None
    raining: bool | None = None

    def holds(self, seen: Observation, tables: Tables) -> bool | None:
        """See the base."""
        if seen.state is None:
            return None
        pairs = ((self.night, is_night(seen.state)), (self.raining, seen.state.raining))
        return all(wanted is None or wanted == found for wanted, found in pairs)

    def wire(self) -> dict[str, Any]:
        """The JSON form."""
        wanted = {"night": self.night, "raining": self.raining}
        return {"kind": "environment", **{key: value for key, value in wanted.items() if value is not None}}


@dataclass(frozen=True, slots=True)
class AtOrAbove(Condition):
    """The body's feet are at this height or higher."""

    y: int

    def holds(self, seen: Observation, tables: Tables) -> bool | None:
        """See the base."""
        return None if seen.state is None else seen.state.block[1] >= self.y

    def wire(self) -> dict[str, Any]:
        """The JSON form."""
        return {"kind": "atOrAbove", "y": self.y}
