"""What the numbers of a saved world can be: whatever kernels use as an index, a shift or a place has bounds.

A table of `Limits` for each of the arrays; what is not in it may be anything up to `_MOST`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from conscious_bot.simulation import state as s
from conscious_bot.simulation.creatures import layout as y
from conscious_bot.simulation.voxels import HALF, MAX_Y, MIN_Y

__all__ = [
    "CLOCK",
    "CREATURE",
    "CREATURE_F",
    "ITEM",
    "ITEM_F",
    "PLACE",
    "PLAYER",
    "PLAYER_F",
    "SHOT_F",
    "WEATHER",
    "numbers",
    "whole",
]

Limits = Mapping[int, tuple[float, float]]
"""By column: least and most."""

_MOST = 2.0**53
_FLAG = (0, 1)
_EDGE = HALF * 16
_SIDE, _HEIGHT = (-_EDGE - 64, _EDGE + 64), (MIN_Y - 1_000, MAX_Y + 1_000)
_SPEED = (-100, 100)
_TICKS = (-(2**31), 2**31)


def _at(first: int) -> dict[int, tuple[float, float]]:
    """Limits of a place and a velocity in six columns."""
    return {
        first: _SIDE, first + 1: _HEIGHT, first + 2: _SIDE, first + 3: _SPEED, first + 4: _SPEED, first + 5: _SPEED,
    }  # fmt: skip


PLAYER_F: Limits = {
    **_at(s.PF_X), s.PF_YAW: (-1e4, 1e4), s.PF_PITCH: (-2, 2), s.PF_HEALTH: (0, 20), s.PF_FALL: (0, 1e4),
    s.PF_SATURATION: (0, 20), s.PF_FORWARD: (-1, 1), s.PF_STRAFE: (-1, 1), s.PF_DIG: (0, 1), s.PF_BEST: (0, 1e9),
    s.PF_EXHAUSTION: (0, 1e6), s.PF_ABSORPTION: (0, 1e4), s.PF_LAST_HURT: (0, 1e10),
}  # fmt: skip
PLAYER: Limits = {
    s.PI_ONLINE: _FLAG, s.PI_ALIVE: _FLAG, s.PI_ON_GROUND: _FLAG, s.PI_IN_WATER: _FLAG, s.PI_IN_LAVA: _FLAG,
    s.PI_COLLIDED: _FLAG, s.PI_JUMP: _FLAG, s.PI_SPRINT: _FLAG, s.PI_JUMP_DELAY: (0, 10), s.PI_AIR: (-20, 300),
    s.PI_FOOD: (0, 20), s.PI_HURT_DELAY: (0, 100), s.PI_ACTION: (s.ACT_NONE, s.ACT_LAND), s.PI_STEP: (0, 10**6),
    s.PI_STEPS: (0, 10**6), s.PI_STUCK: (0, 10**6), s.PI_DIG_X: _SIDE, s.PI_DIG_Y: _HEIGHT, s.PI_DIG_Z: _SIDE,
    s.PI_DIG_STATE: (0, 65_535), **{s.PI_DIG_TICKS + k: (0, 10**6) for k in range(4)}, s.PI_CX: (-HALF, HALF - 1),
    s.PI_CZ: (-HALF, HALF - 1), s.PI_FIRE: _TICKS, s.PI_FOOD_TIMER: (0, 1_000), s.PI_ARMOUR: (0, 100),
    s.PI_TOUGHNESS: (0, 100), s.PI_SNEAK: _FLAG, s.PI_CROUCHED: _FLAG,
    **{s.PI_EFFECTS + 2 * k: (0, 2**32) for k in range(s.EFFECTS)},
    **{s.PI_EFFECTS + 2 * k + 1: (0, 255) for k in range(s.EFFECTS)},
}  # fmt: skip
PLACE: Limits = {0: _SIDE, 1: _HEIGHT, 2: _SIDE}
ITEM_F: Limits = _at(s.IF_X)
ITEM: Limits = {
    s.II_ID: (1, _MOST), s.II_COUNT: (1, 64), s.II_WEAR: (0, 10**5), s.II_AGE: _TICKS, s.II_DELAY: _TICKS,
    s.II_ON_GROUND: _FLAG, s.II_REFUSED: _FLAG, s.II_LIMIT: (1, 64),
}  # fmt: skip
CLOCK: Limits = {
    s.CK_AGE: (0, 2**40), s.CK_TIME: (0, 23_999), s.CK_NEXT_ID: (1, _MOST), s.CK_ITEMS: (0, 10**6),
    s.CK_DIFFICULTY: (0, 3),
}  # fmt: skip
WEATHER: Limits = {
    s.WE_RAINING: _FLAG, s.WE_THUNDERING: _FLAG, s.WE_RAIN: (0, 100), s.WE_THUNDER: (0, 100),
    s.WE_RAIN_TICKS: (0, 2**47), s.WE_THUNDER_TICKS: (0, 2**47), s.WE_CLEAR_TICKS: (0, 2**47),
}  # fmt: skip
CREATURE_F: Limits = {
    **_at(y.CF_X), y.CF_HEALTH: (-1e4, 100), y.CF_FALL: (0, 1e4), y.CF_GOAL_X: _SIDE, y.CF_GOAL_Y: _HEIGHT,
    y.CF_GOAL_Z: _SIDE, y.CF_PACE: (0, 100),
}  # fmt: skip
CREATURE: Limits = {
    y.CI_ID: (1, _MOST), y.CI_KIND: (0, len(y.KINDS) - 1), y.CI_NO_AI: _FLAG, y.CI_KEPT: _FLAG, y.CI_ON_GROUND: _FLAG,
    y.CI_TARGET: (0, 10**6), y.CI_STEP: (0, y.PATH), y.CI_STEPS: (0, y.PATH),
}  # fmt: skip
SHOT_F: Limits = _at(0)


def numbers(
    rows: Any, shape: tuple[int | None, ...], kind: type[np.generic], limits: Limits, what: str
) -> npt.NDArray[Any]:
    """An array of the shape wanted (None: any). ValueError names what in it cannot be, and why."""
    raw = np.array(rows)
    if not raw.size:
        raw = np.zeros([n or 0 for n in shape], kind) if len(shape) > 1 else np.zeros(0, kind)
    fits = raw.ndim == len(shape) and all(n is None or n == m for n, m in zip(shape, raw.shape, strict=True))
    if not fits or raw.dtype.kind not in ("i" if kind is np.int64 else "if"):
        raise ValueError(f"{what}: {raw.dtype} of shape {raw.shape} where {kind.__name__} of shape {shape} are needed")
    found = raw.astype(kind)
    least, most = np.full(raw.shape[-1], -_MOST), np.full(raw.shape[-1], _MOST)
    for column, (low, high) in limits.items():
        least[column], most[column] = low, high
    wrong = np.argwhere(~((found >= least) & (found <= most)))  # NaN is nowhere
    if wrong.size:
        at = tuple(wrong[0].tolist())
        place = "".join(f"[{k}]" for k in at)
        raise ValueError(f"{what}{place} is {found[at]}, not between {least[at[-1]]:g} and {most[at[-1]]:g}")
    return found


def whole(value: Any, least: int, most: int, what: str) -> int:
    """A whole number within bounds. ValueError says which is none."""
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ValueError(f"{what} is {value!r}, not a whole number between {least} and {most}")
    return value
