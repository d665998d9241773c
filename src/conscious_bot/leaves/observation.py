"""What the runner saw of body and blocks at one moment, and the difference between two such moments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from conscious_bot.contracts import BlockPos, Position
from conscious_bot.game.tables import Tables
from conscious_bot.world.region import UNKNOWN
from conscious_bot.world.state import BodyState, distance

__all__ = ["Difference", "Observation"]

_MOVED = 0.3
"""A body that stands less than this many blocks from where it stood has not moved."""


@dataclass(frozen=True, slots=True)
class Observation:
    """The body's state (None if it could not be asked) and the states of the blocks that matter."""

    state: BodyState | None
    blocks: Mapping[BlockPos, int] = field(default_factory=dict[BlockPos, int])

    def block(self, pos: BlockPos, tables: Tables) -> str | None:
        """The name of the block there; None if it was not looked at or is not loaded."""
        state = self.blocks.get(pos, UNKNOWN)
        return None if state == UNKNOWN else tables.name_of(state)


@dataclass(frozen=True, slots=True)
class Difference:
    """What was different afterwards: items gained or lost, blocks, place, the thing in the hand.

    `position` is set only if the body stands elsewhere, `held` only if the hand holds something else,
    `revived` if the bot was dead and lives.
    """

    inventory: Mapping[str, int] = field(default_factory=dict[str, int])
    blocks: tuple[tuple[BlockPos, str, str], ...] = ()
    position: tuple[Position, Position] | None = None
    held: tuple[str | None, str | None] | None = None
    revived: bool = False

    @property
    def any(self) -> bool:
        """Whether anything was different."""
        return bool(self.inventory or self.blocks or self.position or self.held or self.revived)

    @classmethod
    def between(cls, before: Observation, after: Observation, tables: Tables, *, walked: bool) -> Difference:
        """Compare two moments. A body that was not told to walk counts as unmoved: a push is not its doing."""
        inventory: dict[str, int] = {}
        position: tuple[Position, Position] | None = None
        held: tuple[str | None, str | None] | None = None
        if before.state is not None and after.state is not None:
            was, now = before.state.inventory.counts(), after.state.inventory.counts()
            inventory = {item: now[item] - was[item] for item in sorted({*was, *now}) if now[item] != was[item]}
            if walked and distance(before.state.position, after.state.position) >= _MOVED:
                position = (before.state.position, after.state.position)
            in_hand = tuple(None if s is None else s.item for s in (before.state.held, after.state.held))
            if in_hand[0] != in_hand[1]:
                held = (in_hand[0], in_hand[1])
        blocks = tuple(
            (pos, tables.name_of(before.blocks[pos]), tables.name_of(state))
            for pos, state in sorted(after.blocks.items())
            if state != UNKNOWN and before.blocks.get(pos, UNKNOWN) not in (UNKNOWN, state)
        )
        revived = before.state is not None and after.state is not None and after.state.alive > before.state.alive
        return cls(inventory, blocks, position, held, revived)

    def wire(self) -> dict[str, Any]:
        """The JSON form, with what is the same left out. A leaf's `postconditions` schema applies to it."""
        document: dict[str, Any] = {}
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
