"""The kernels' dice: SplitMix64 like `rng.Rng`, on a word of an array, so that it is saved and forked with it.

`dice` is an array of one uint64 throughout.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from conscious_bot.simulation.bundles import kernel_njit

__all__ = ["between", "bits", "chance", "fraction", "skip"]

Dice = npt.NDArray[np.uint64]


_STEP = np.uint64(0x9E3779B97F4A7C15)


@kernel_njit("uint64(uint64[::1])")
def bits(dice: Dice) -> np.uint64:
    """64 random bits."""
    dice[0] += _STEP
    z = dice[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@kernel_njit("void(uint64[::1], int64)")
def skip(dice: Dice, throws: int) -> None:
    """Let so many throws pass unlooked at."""
    dice[0] += _STEP * np.uint64(throws)


@kernel_njit("float64(uint64[::1])")
def fraction(dice: Dice) -> float:
    """A number from 0 up to, not including, 1."""
    return (bits(dice) >> np.uint64(11)) * 2.0**-53


@kernel_njit("int64(uint64[::1], int64, int64)")
def between(dice: Dice, low: int, high: int) -> int:
    """An integer from `low` to `high`, both included."""
    return low + int(fraction(dice) * (high - low + 1))


@kernel_njit("boolean(uint64[::1], int64)")
def chance(dice: Dice, one_in: int) -> bool:
    """True once in so many times."""
    return int(fraction(dice) * one_in) == 0
