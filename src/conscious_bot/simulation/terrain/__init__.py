"""World generation: presets, their shape, and where to begin. Every column is a function of seed and place."""

from conscious_bot.simulation.terrain.fixture import Fixture, FixtureTerrain, shipped_fixtures
from conscious_bot.simulation.terrain.presets import (
    PRESETS,
    DefaultTerrain,
    FlatTerrain,
    Terrain,
    VoidTerrain,
    make_terrain,
)
from conscious_bot.simulation.terrain.spawn import spawn_point
from conscious_bot.simulation.terrain.surroundings import SurroundingsTerrain

__all__ = [
    "PRESETS",
    "DefaultTerrain",
    "Fixture",
    "FixtureTerrain",
    "FlatTerrain",
    "SurroundingsTerrain",
    "Terrain",
    "VoidTerrain",
    "make_terrain",
    "shipped_fixtures",
    "spawn_point",
]
