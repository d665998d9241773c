"""The worlds one can ask for by name, and how to ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from conscious_bot.contracts import UserError
from conscious_bot.game.tables import Tables
from conscious_bot.simulation.terrain import shape
from conscious_bot.simulation.terrain.column import make_column
from conscious_bot.simulation.terrain.noise import mix
from conscious_bot.simulation.terrain.palette import palette
from conscious_bot.simulation.voxels import HEIGHT, MIN_Y, ColumnGenerator

__all__ = ["PRESETS", "DefaultTerrain", "FlatTerrain", "Terrain", "VoidTerrain", "make_terrain", "seed_bits"]

PRESETS = ("default", "flat", "void")
"""The presets by name."""

CLASSIC_FLAT = (("bedrock", 1), ("dirt", 2), ("grass_block", 1))
"""The game's usual flat world from the bottom up (Minecraft Wiki, "Superflat")."""


class Terrain(ColumnGenerator, Protocol):
    """A generator that also knows its biomes."""

    @property
    def preset(self) -> str:
        """The preset's name."""
        ...

    @property
    def seed(self) -> int:
        """The seed, as it was given."""
        ...

    def biome(self, x: int, z: int) -> str:
        """The biome at a place."""
        ...


def seed_bits(seed: int) -> int:
    """Any whole number as a scrambled signed 64-bit seed for kernels, which add small numbers to it."""
    return int(mix((seed + (1 << 63)) % (1 << 64) - (1 << 63)))


class DefaultTerrain:
    """Hills, forests, deserts, seas, caves and ores. The whole world is a function of the seed."""

    preset = "default"

    def __init__(self, seed: int, tables: Tables) -> None:
        self.seed = seed
        self._bits = seed_bits(seed)
        self._palette = palette(tables)

    def fill(self, cx: int, cz: int, out: npt.NDArray[np.uint16]) -> int:
        """Make one column; see `ColumnGenerator`."""
        return make_column(self._bits, cx, cz, self._palette, out)

    def biome(self, x: int, z: int) -> str:
        """The biome at a place: one of `shape.BIOMES`."""
        return shape.BIOMES[shape.biome_at(self._bits, x, z)]

    def height(self, x: int, z: int) -> int:
        """The highest cell of ground before ponds, ravines and caves: a first guess where the surface is."""
        return shape.height_at(self._bits, x, z)


class FlatTerrain:
    """Layers of one block each, everywhere the same."""

    preset = "flat"

    def __init__(
        self, tables: Tables, seed: int = 0, layers: Sequence[tuple[str, int]] = CLASSIC_FLAT, bottom: int = MIN_Y
    ) -> None:
        """Layers are (block name, thickness) from `bottom` up. ValueError if they do not fit the world."""
        self.seed = seed
        states: list[int] = []
        for name, thickness in layers:
            if name not in tables.blocks:
                raise ValueError(f"version {tables.version} has no block {name!r}")
            if thickness < 1:
                raise ValueError(f"a layer of {name} cannot be {thickness} thick")
            states += [tables.blocks[name].default_state] * thickness
        self._low = bottom - MIN_Y
        if self._low < 0 or self._low + len(states) > HEIGHT:
            raise ValueError(f"{len(states)} layers from y {bottom} do not fit the world's height")
        self._states = np.array(states, np.uint16).reshape(-1, 1, 1)

    def fill(self, cx: int, cz: int, out: npt.NDArray[np.uint16]) -> int:
        """Make one column; see `ColumnGenerator`."""
        high = self._low + len(self._states)
        out[self._low : high] = self._states
        return high

    def biome(self, x: int, z: int) -> str:
        """Plains, as in the game."""
        return "plains"


class VoidTerrain:
    """Nothing but a platform of stone around the origin, its top at y 63, or not even that."""

    preset = "void"
    RADIUS = 16
    TOP = 63

    def __init__(self, tables: Tables, seed: int = 0, *, platform: bool = True) -> None:
        self.seed = seed
        self._platform = platform
        self._stone = tables.blocks["stone"].default_state

    def fill(self, cx: int, cz: int, out: npt.NDArray[np.uint16]) -> int:
        """Make one column; see `ColumnGenerator`."""
        low_x, high_x = (min(max(edge - 16 * cx, 0), 16) for edge in (-self.RADIUS, self.RADIUS + 1))
        low_z, high_z = (min(max(edge - 16 * cz, 0), 16) for edge in (-self.RADIUS, self.RADIUS + 1))
        if not self._platform or low_x == high_x or low_z == high_z:
            return 0
        out[self.TOP - MIN_Y, low_z:high_z, low_x:high_x] = self._stone
        return self.TOP - MIN_Y + 1

    def biome(self, x: int, z: int) -> str:
        """The void has no life of its own."""
        return "void"


def make_terrain(preset: str, seed: int, tables: Tables) -> Terrain:
    """The terrain of a preset. UserError names the presets there are."""
    if preset == "default":
        return DefaultTerrain(seed, tables)
    if preset == "flat":
        return FlatTerrain(tables, seed)
    if preset == "void":
        return VoidTerrain(tables, seed)
    raise UserError(f"there is no world preset {preset!r}", f"choose one of: {', '.join(PRESETS)}")
