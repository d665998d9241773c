"""The creatures' throws of the kernels' dice."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from conscious_bot.simulation.bundles import kernel_njit
from conscious_bot.simulation.dice import fraction

__all__ = ["roll", "unit"]

unit = fraction
"""A number from 0 up to, not including, 1."""


@kernel_njit("int64(uint64[::1], int64)")
def roll(dice: npt.NDArray[np.uint64], sides: int) -> int:
    """A whole number from 0 to `sides` - 1."""
    return int(fraction(dice) * sides)
