"""What the runner saw of body and blocks at one moment, and the difference between two such moments."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from conscious_bot.contracts import BlockPos, Position
from conscious_bot.game.tables import Tables
from conscious_bot.world.region import UNKNOWN
from conscious_bot.world.state import BodyState, EntityView, distance

__all__ = ["Difference", "Observation", "counts_between", "is_night"]

_MOVED = 0.3
"""A body that stands less than this many blocks from where it stood has not moved."""


_NIGHT = (12_542, 23_459)
"""The time of day in which one can sleep in clear weather (Minecraft Wiki, "Bed")."""


def is_night(state: BodyState) -> bool:
    """Whether it is late enough to sleep."""
    return _NIGHT[0] <= state.time_of_day <= _NIGHT[1]


@dataclass(frozen=True, slots=True)
class Observation:
    """The body's state (None if it could not be asked) and what else matters to a run, as far as it was looked at.

    `blocks` are states and `light` present light by cell, `entities` everything near by its id,
    `threats` the ids of the hostiles present (see `threats.hostiles_present`).
    """

    state: BodyState | None
    blocks: Mapping[BlockPos, int] = field(default_factory=dict[BlockPos, int])
    light: Mapping[BlockPos, int] = field(default_factory=dict[BlockPos, int])
    entities: Mapping[int, EntityView] | None = None
    threats: frozenset[int] | None = None

    def block(self, pos: BlockPos, tables: Tables) -> str | None:
        """The name of the block there; None if it was not looked at or is not loaded."""
        state = self.blocks.get(pos, UNKNOWN)
        return None if state == UNKNOWN else tables.name_of(state)


@dataclass(frozen=True, slots=True)
class Difference:
    """What was different afterwards: items gained or lost, blocks, place, the thing in the hand.

    `position` is set only if the body stands elsewhere, `held` only if the hand holds something else,
    `revived` if the bot was dead and lives. `other` holds, where they are no longer what they were: `worn`,
    `sleeping`, `window`, `night` and `raining` (for those who asked), `threats` (hostiles present), `creatures` (the
    watched ones that were hurt, with their health before and after; None: gone).
    """

    inventory: Mapping[str, int] = field(default_factory=dict[str, int])
    blocks: tuple[tuple[BlockPos, str, str], ...] = ()
    position: tuple[Position, Position] | None = None
    held: tuple[str | None, str | None] | None = None
    revived: bool = False
    other: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def any(self) -> bool:
        """Whether anything was different."""
        return bool(self.inventory or self.blocks or self.position or self.held or self.revived or self.other)

    @classmethod
    def between(
        cls,
        before: Observation,
        after: Observation,
        tables: Tables,
        *,
        walked: bool,
        sky: bool = False,
        targets: Collection[int] = (),
    ) -> Difference:
        """Compare two moments. A body that was not told to walk counts as unmoved: a push is not its doing.

        `sky`: whether night and rain are its doing; they come and go by themselves. `targets`: the creatures
        whose end is.
        """
        inventory: dict[str, int] = {}
        position: tuple[Position, Position] | None = None
        held: tuple[str | None, str | None] | None = None
        other: dict[str, Any] = {}
        revived = False
        if before.state is not None and after.state is not None:
            if before.state.inventory != after.state.inventory:
                inventory = counts_between(before.state.inventory.counts(), after.state.inventory.counts())
            if walked and distance(before.state.position, after.state.position) >= _MOVED:
                position = (before.state.position, after.state.position)
            in_hand = tuple(None if s is None else s.item for s in (before.state.held, after.state.held))
            if in_hand[0] != in_hand[1]:
                held = (in_hand[0], in_hand[1])
            revived = after.state.alive > before.state.alive
            other.update(_of_the_body(before.state, after.state))
            if sky:
                other.update(_of_the_sky(before.state, after.state))
        blocks = tuple(
            (pos, _named(before.blocks[pos], state, tables), _named(state, before.blocks[pos], tables))
            for pos, state in sorted(after.blocks.items())
            if state != UNKNOWN and before.blocks.get(pos, UNKNOWN) not in (UNKNOWN, state)
        )
        if before.threats is not None and after.threats is not None and before.threats != after.threats:
            other["threats"] = {"before": len(before.threats), "after": len(after.threats)}
        creatures = _harmed(before, after, targets)
        if creatures:
            other["creatures"] = creatures
        return cls(inventory, blocks, position, held, revived, other)

    def wire(self) -> dict[str, Any]:
        """The JSON form, with what is the same left out. A leaf's `postconditions` schema applies to it."""
        document: dict[str, Any] = dict(self.other)
        if self.inventory:
            document["inventory"] = dict(self.inventory)
        if self.blocks:
            document["blocks"] = [{"pos": list(p), "before": a, "after": b} for p, a, b in self.blocks]
        if self.position is not None:
            before, after = ([round(c, 3) for c in p] for p in self.position)
            document["position"] = {"before": before, "after": after}
        if self.held is not None:
            document["held"] = {"before": self.held[0], "after": self.held[1]}
        if self.revived:
            document["revived"] = True
        return document


def counts_between(was: Mapping[str, int], now: Mapping[str, int]) -> dict[str, int]:
    """Items gained (or lost, below zero), those that are as many as before left out."""
    gained = {item: now.get(item, 0) - was.get(item, 0) for item in sorted({*was, *now})}
    return {item: count for item, count in gained.items() if count}


def _named(state: int, other: int, tables: Tables) -> str:
    """The block's name; with its properties where only those differ."""
    name = tables.name_of(state)
    if tables.name_of(other) != name:
        return name
    theirs = tables.properties_of(other)
    differ = {key: value for key, value in tables.properties_of(state).items() if theirs[key] != value}
    return f"{name}[{','.join(f'{key}={value}' for key, value in differ.items())}]"


def _of_the_body(was: BodyState, now: BodyState) -> dict[str, Any]:
    """What is worn, whether it sleeps, and which window is open."""
    found: dict[str, Any] = {}
    worn = [{place: stack.item for place, stack in state.inventory.worn.items()} for state in (was, now)]
    if worn[0] != worn[1]:
        found["worn"] = {"before": worn[0], "after": worn[1]}
    if was.sleeping != now.sleeping:
        found["sleeping"] = {"before": was.sleeping, "after": now.sleeping}
    if was.window != now.window:
        found["window"] = {"before": was.window, "after": now.window}
    return found


def _of_the_sky(was: BodyState, now: BodyState) -> dict[str, Any]:
    pairs = {"night": (is_night(was), is_night(now)), "raining": (was.raining, now.raining)}
    return {key: {"before": a, "after": b} for key, (a, b) in pairs.items() if a != b}


def _harmed(before: Observation, after: Observation, targets: Collection[int]) -> list[dict[str, Any]]:
    """Those of the targets that were there before and are hurt or gone now."""
    if before.entities is None or after.entities is None:
        return []
    found: list[dict[str, Any]] = []
    for number, was in sorted(before.entities.items()):
        now = after.entities.get(number)
        hurt = now is not None and was.health is not None and now.health is not None and now.health < was.health
        if number in targets and (now is None or hurt):
            health = None if now is None else now.health
            found.append({"id": number, "kind": was.kind, "before": was.health, "after": health})
    return found
