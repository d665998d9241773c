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
from conscious_bot.simulation.terrain.visits import Visit

TERRAIN_VERSION = 1
"""Grows whenever the same seed makes other columns: saved worlds keep only what differs from what is made."""

__all__ = [
    "PRESETS",
    "TERRAIN_VERSION",
    "DefaultTerrain",
    "Fixture",
    "FixtureTerrain",
    "FlatTerrain",
    "SurroundingsTerrain",
    "Terrain",
    "Visit",
    "VoidTerrain",
    "make_terrain",
    "shipped_fixtures",
    "spawn_point",
]
