"""One moment of the bot and its surroundings, taken together: what planning and cognition reason about."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from conscious_bot.game.tables import Tables
from conscious_bot.world.region import UNKNOWN, VoxelRegion
from conscious_bot.world.state import BodyState, EntityView

__all__ = ["Snapshot"]


@dataclass(frozen=True)
class Snapshot:
    """The body, the blocks around it and what moves there, at one time of the run's clock."""

    at: float
    state: BodyState
    region: VoxelRegion
    entities: tuple[EntityView, ...]
    tables: Tables

    @cached_property
    def blocks_in_sight(self) -> Counter[str]:
        """How many blocks of each kind the scanned box holds, air and unknown cells left out.

        Scanned, not looked at: blocks behind others count. Whether one can be reached is for the leaf
        that wants it to find out.
        """
        counts = np.bincount(self.region.blocks.ravel(), minlength=UNKNOWN + 1)
        counts[UNKNOWN] = 0
        found: Counter[str] = Counter()
        for state in np.flatnonzero(counts).tolist():
            found[self.tables.name_of(state)] += int(counts[state])
        for air in ("air", "cave_air", "void_air"):
            found.pop(air, None)
        return found
