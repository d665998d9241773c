"""What light there is in a cell now: the two kept fields, and what night and weather take from the sky's. Kernels."""

from __future__ import annotations

import math
from typing import NamedTuple

from conscious_bot.simulation.bundles import kernel_njit
from conscious_bot.simulation.light import block_light, follow_changes, ready_light, sky_light
from conscious_bot.simulation.state import CK_TIME, WE_RAIN, WE_THUNDER, Arrays

__all__ = ["Light", "block_light_at", "follow_light", "light_level_at", "sky_darkening", "sky_light_at"]


class Light(NamedTuple):
    """The light of a cell."""

    block: int
    """From blocks, 0 to 15."""
    sky: int
    """From the sky as by day, 0 to 15."""
    level: int
    """The brighter of both, with what night and weather take from the sky's."""


@kernel_njit
def sky_darkening(time: int, rain: int, thunder: int) -> int:
    """What night and weather (levels 0 to 100) take from the sky's light: 0 by day to 11 by night.

    Minecraft Wiki, "Light" (internal sky light) and "Daylight cycle" (the angle of the sun, which moves
    a little faster at noon and midnight).
    """
    turn = (time / 24000.0 - 0.25) % 1.0
    angle = (2.0 * turn + 0.5 - math.cos(turn * math.pi) / 2.0) / 3.0
    sun = 0.5 + 2.0 * min(max(math.cos(angle * 2.0 * math.pi), -0.25), 0.25)
    clear = (1.0 - rain / 100.0 * 5.0 / 16.0) * (1.0 - thunder / 100.0 * 5.0 / 16.0)
    return int((1.0 - sun * clear) * 11.0)


@kernel_njit
def follow_light(arrays: Arrays) -> None:
    """Let the light follow the changes of blocks since the last time."""
    seen = arrays.light_seen[0]
    now = arrays.cells.logged[0]
    if seen < now:
        follow_changes(arrays.cells, arrays.light, arrays.cells.log, seen, now)
        arrays.light_seen[0] = now


@kernel_njit
def block_light_at(arrays: Arrays, x: int, y: int, z: int) -> int:
    """Block light at a cell as of the end of the last tick; lights the column at the first question."""
    ready_light(arrays.cells, arrays.light, x, z)
    return block_light(arrays.light, x, y, z)


@kernel_njit
def sky_light_at(arrays: Arrays, x: int, y: int, z: int) -> int:
    """Sky light as by day at a cell as of the end of the last tick."""
    ready_light(arrays.cells, arrays.light, x, z)
    return sky_light(arrays.light, x, y, z)


@kernel_njit
def light_level_at(arrays: Arrays, x: int, y: int, z: int) -> int:
    """The brighter of block light and of sky light less darkening, as of the end of the last tick."""
    ready_light(arrays.cells, arrays.light, x, z)
    block = block_light(arrays.light, x, y, z)
    sky = sky_light(arrays.light, x, y, z)
    dark = sky_darkening(arrays.clock[CK_TIME], arrays.weather[WE_RAIN], arrays.weather[WE_THUNDER])
    return max(block, sky - dark)
