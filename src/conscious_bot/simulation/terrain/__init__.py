"""World generation: presets, their shape, and where to begin. Every column is a function of seed and place."""

from conscious_bot.simulation.terrain.presets import (
    PRESETS,
    DefaultTerrain,
    FlatTerrain,
    Terrain,
    VoidTerrain,
    make_terrain,
)
from conscious_bot.simulation.terrain.spawn import spawn_point

__all__ = ["PRESETS", "DefaultTerrain", "FlatTerrain", "Terrain", "VoidTerrain", "make_terrain", "spawn_point"]
