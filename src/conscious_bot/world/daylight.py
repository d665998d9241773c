"""What night and weather take from the light of the sky, for worlds that tell sky light as by day."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from conscious_bot.world.region import VoxelRegion
from conscious_bot.world.state import BodyState

__all__ = ["SAFE_LIGHT", "sky_darkening", "too_dark"]

SAFE_LIGHT = 8
"""Below this level of light a cell counts as dark (the documents' safe level)."""


def sky_darkening(time_of_day: int, *, raining: bool = False) -> int:
    """0 by day to 11 by night (Minecraft Wiki, "Light", internal sky light; "Daylight cycle", the sun's angle)."""
    turn = (time_of_day / 24000 - 0.25) % 1.0
    angle = (2 * turn + 0.5 - math.cos(turn * math.pi) / 2) / 3
    sun = 0.5 + 2 * min(max(math.cos(angle * 2 * math.pi), -0.25), 0.25)
    return int((1 - sun * (1 - 5 / 16 * raining)) * 11)


def too_dark(region: VoxelRegion, state: BodyState) -> npt.NDArray[np.bool_] | None:
    """The cells of a scanned region that are darker than the safe level now; None if their light is not known."""
    if region.block_light is None or region.sky_light is None:
        return None
    dark = sky_darkening(state.time_of_day, raining=state.raining)
    return (region.block_light < SAFE_LIGHT) & (region.sky_light < SAFE_LIGHT + dark)
