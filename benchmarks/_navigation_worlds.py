"""Worlds to find ways in: flat, hills, caves; seeded, any size. For benchmarks, proofs and tests."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from conscious_bot.world.grid import AIR, HAZARD, LADDER, LAVA, SOLID, WATER, OccupancyGrid

__all__ = ["KINDS", "make_world"]

KINDS = ("flat", "hills", "caves")


def make_world(
    kind: str, size: tuple[int, int, int], rng: np.random.Generator, *, origin: tuple[int, int, int] = (0, 0, 0)
) -> OccupancyGrid:
    """One world of the kind. Hazards (lava, cactus, water), ladders and fences are strewn into each."""
    blocks = {"flat": _flat, "hills": _hills, "caves": _caves}[kind](size, rng)
    standable = rng.random(size) > 0.01  # one solid cell in a hundred is a fence
    return OccupancyGrid(origin, blocks, standable)


def _noise(shape: tuple[int, ...], cell: int, rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """Smooth noise from -1 to 1: random values on a coarse lattice, interpolated along each axis."""
    coarse = tuple(n // cell + 3 for n in shape)
    values = rng.random(coarse, dtype=np.float32) * 2 - 1
    for axis, n in enumerate(shape):
        at = np.arange(n) / cell
        low = at.astype(np.int64)
        part = (at - low).astype(np.float32)
        part = part * part * (3 - 2 * part)
        form = [1] * len(shape)
        form[axis] = n
        part = part.reshape(form)
        values = (np.take(values, low, axis) * (1 - part) + np.take(values, low + 1, axis) * part).astype(np.float32)
    return values


def _ground(heights: npt.NDArray[np.int64], size: tuple[int, int, int]) -> npt.NDArray[np.uint8]:
    levels = np.arange(size[1])[None, :, None]
    return np.where(levels < heights[:, None, :], np.uint8(SOLID), np.uint8(AIR))


def _strew(blocks: npt.NDArray[np.uint8], heights: npt.NDArray[np.int64], rng: np.random.Generator) -> None:
    """Things on the ground: cactus, fire, lava, pillars, ladders."""
    dx, dy, dz = blocks.shape
    for kind, share in ((HAZARD, 0.01), (LAVA, 0.005), (SOLID, 0.06), (LADDER, 0.005)):
        for x, z in np.argwhere(rng.random((dx, dz)) < share).tolist():
            y = int(heights[x, z])
            if y < dy:
                blocks[x, y, z] = kind
            if kind == SOLID and y + 1 < dy and rng.random() < 0.7:
                blocks[x, y + 1, z] = kind


def _flat(size: tuple[int, int, int], rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    heights = np.full((size[0], size[2]), max(2, size[1] // 3))
    blocks = _ground(heights, size)
    _strew(blocks, heights, rng)
    for x, z in np.argwhere(rng.random((size[0], size[2])) < 0.01).tolist():  # holes, some through the bottom
        blocks[x, int(rng.integers(0, 2)) : int(heights[x, z]), z] = AIR
    return blocks


def _hills(size: tuple[int, int, int], rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    dx, dy, dz = size
    shape = 0.8 * _noise((dx, dz), 24, rng) + 0.25 * _noise((dx, dz), 7, rng)
    heights = np.clip((dy * (0.45 + 0.35 * shape)).astype(np.int64), 1, dy - 3)
    blocks = _ground(heights, size)
    _strew(blocks, heights, rng)
    sea = int(dy * 0.35)
    blocks[:, :sea, :][blocks[:, :sea, :] == AIR] = WATER
    return blocks


def _caves(size: tuple[int, int, int], rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    density = 0.7 * _noise(size, 9, rng) + 0.4 * _noise(size, 4, rng)
    blocks = np.where(density > -0.02, SOLID, AIR).astype(np.uint8)
    low = max(1, size[1] // 8)
    blocks[:, :low, :][blocks[:, :low, :] == AIR] = LAVA
    damp = (rng.random(size, dtype=np.float32) < 0.004) & (blocks == AIR)
    blocks[damp] = WATER
    blocks[:, 0, :] = SOLID
    return blocks
