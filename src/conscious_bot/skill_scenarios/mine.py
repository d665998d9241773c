"""The mine in which skills are tried: one long dark corridor to the ore, by night, with what appears in the dark.

A mine is a document like every other fixture. Its seed gives the length of the corridor; the seed of a night
gives everything that chance decides in it. The hill above is paved with slabs, on which nothing appears: what
comes out of the dark comes out of the corridor.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from conscious_bot.contracts import BlockPos
from conscious_bot.game.tables import Tables
from conscious_bot.simulation.terrain import Fixture
from conscious_bot.simulation.world import SimulatedWorld

__all__ = ["Mine"]

_Y = 12
_BEHIND = 6  # cells behind the entrance
_AROUND = 16  # blocks of rock around everything
_LODE = 8  # the last cells of the corridor run along the ore
_KIT = (
    ("torch", 24),
    ("dirt", 32),
    ("stone_pickaxe", 1),
    ("stone_shovel", 1),
)
_WORLD_SPAWN = (0, 100, 400)
"""Far away: nothing appears near the world's spawn point either."""


@dataclass(frozen=True, slots=True)
class Mine:
    """A corridor of `length` cells along x, from the entrance at 0 to the face, with ore in the walls at its end."""

    seed: int
    length: int

    @classmethod
    def of(cls, seed: int, lengths: tuple[int, int]) -> Mine:
        """The mine of a seed, its corridor within these lengths."""
        return cls(seed, random.Random(f"mine {seed}").randint(*lengths))

    @property
    def entrance(self) -> BlockPos:
        """Where the bot begins and brings its ore."""
        return (0, _Y, 0)

    @property
    def face(self) -> BlockPos:
        """The end of the corridor."""
        return (self.length, _Y, 0)

    @property
    def corridor(self) -> tuple[BlockPos, ...]:
        """Every cell from the entrance to the face."""
        return tuple((x, _Y, 0) for x in range(self.length + 1))

    def document(self) -> dict[str, Any]:
        """The fixture, for whoever wants to change it: nothing in it is shared."""
        low, high = -_BEHIND - _AROUND, self.length + _AROUND
        lode = [
            {"box": [[self.length - _LODE + 1, _Y, z], [self.length, _Y + 1, z]], "block": "deepslate_iron_ore"}
            for z in (-1, 1)
        ]
        return {
            "format": 1,
            "name": f"mine_{self.seed}",
            "terrain": {"preset": "empty", "seed": self.seed},
            "blocks": [
                {"box": [[low, _Y - 8, -_AROUND], [high, _Y + 10, _AROUND]], "block": "stone"},
                {"box": [[low, _Y - 9, -_AROUND], [high, _Y - 9, _AROUND]], "block": "bedrock"},
                {"box": [[low, _Y + 11, -_AROUND], [high, _Y + 11, _AROUND]], "block": "stone_slab"},
                {"box": [[-_BEHIND, _Y, 0], [self.length, _Y + 1, 0]], "block": "air"},
                *lode,
            ],
            "bot": {
                "position": [0.5, _Y, 0.5],
                "yaw": -90,
                "inventory": [{"item": item, "count": count} for item, count in _KIT],
            },
            "entities": [],
            "time": 18000,
            "difficulty": "normal",
            "gamerules": {"doDaylightCycle": False, "doMobSpawning": True, "doWeatherCycle": False},
        }

    def night(
        self, number: int, tables: Tables, plant: Callable[[Mine, dict[str, Any]], None] | None = None
    ) -> SimulatedWorld:
        """The world of one night: the ground of the mine, chance of its own, and what somebody changed in it."""
        document = self.document()
        if plant is not None:
            plant(self, document)
        world = SimulatedWorld.from_fixture(Fixture.of(document, tables), tables)
        world.spawn = _WORLD_SPAWN
        world.reseed(self.seed, f"night {number}")
        return world
