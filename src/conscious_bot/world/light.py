"""How light it is now: the brighter of the light of blocks and of what night and weather leave of the sky's."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from conscious_bot.world.region import VoxelRegion
from conscious_bot.world.state import BodyState

__all__ = ["DAY_TICKS", "darkening", "present_light"]

DAY_TICKS = 24_000


def darkening(time_of_day: int, *, raining: bool) -> int:
    """What night and rain take from the sky's light: 0 by day to 11 by night.

    Minecraft Wiki, "Light" (internal sky light) and "Daylight cycle" (the sun's angle moves a little faster
    at noon and midnight).
    """
    turn = (time_of_day / DAY_TICKS - 0.25) % 1.0
    angle = (2.0 * turn + 0.5 - math.cos(turn * math.pi) / 2.0) / 3.0
    sun = 0.5 + 2.0 * min(max(math.cos(angle * 2.0 * math.pi), -0.25), 0.25)
    clear = 1.0 - 5.0 / 16.0 if raining else 1.0
    return int((1.0 - sun * clear) * 11.0)


def present_light(region: VoxelRegion, state: BodyState) -> npt.NDArray[np.int16] | None:
    """The light of each cell of a region at the body's time, 0 to 15; None if the region came without light."""
    if region.block_light is None or region.sky_light is None:
        return None
    sky = region.sky_light.astype(np.int16) - darkening(state.time_of_day, raining=state.raining)
    return np.maximum(region.block_light.astype(np.int16), sky)
