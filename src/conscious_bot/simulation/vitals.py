"""What a player's body does in a tick besides moving: breath, fire, hunger, healing, effects. A kernel.

Sources, Minecraft Wiki: "Hunger" (exhaustion by action, when food and saturation sink), "Healing" (natural
regeneration), "Damage" (drowning, fire, lava, suffocation, starvation, void, fall), "Fire", "Effect",
"Difficulty", "Sprinting" (needs more than 6 food).
"""

from __future__ import annotations

import math

from conscious_bot.simulation.bundles import kernel_njit
from conscious_bot.simulation.damage import (
    BERRY_BUSH,
    BURNING,
    CACTUS_SPIKES,
    CAMP_FIRE,
    DROWNING,
    FALL,
    FIRE,
    LAVA_BURN,
    MAGIC,
    MAGMA,
    STARVATION,
    SUFFOCATION,
    VOID,
    exhaust,
    hurt_player,
)
from conscious_bot.simulation.facts import LEVEL, WATER, Shapes
from conscious_bot.simulation.gamerules import (
    GR_DROWNING_DAMAGE,
    GR_FALL_DAMAGE,
    GR_FIRE_DAMAGE,
    GR_NATURAL_REGENERATION,
)
from conscious_bot.simulation.harm import BERRIES, BURNS, CACTUS, CAMPFIRE, HOT_FLOOR, SOUL, SUFFOCATES
from conscious_bot.simulation.physics import eye_of, height_of
from conscious_bot.simulation.state import (
    EFFECT_ABSORPTION,
    EFFECT_FIRE_RESISTANCE,
    EFFECT_HUNGER,
    EFFECT_POISON,
    EFFECT_REGENERATION,
    EFFECT_SATURATION,
    EFFECT_WATER_BREATHING,
    EFFECTS,
    PF_ABSORPTION,
    PF_EXHAUSTION,
    PF_HEALTH,
    PF_SATURATION,
    PF_X,
    PF_Y,
    PF_Z,
    PI_AIR,
    PI_ALIVE,
    PI_EFFECTS,
    PI_FIRE,
    PI_FOOD,
    PI_FOOD_TIMER,
    PI_HURT_DELAY,
    PI_IN_LAVA,
    PI_IN_WATER,
    PI_JUMP_DELAY,
    PI_ON_GROUND,
    PI_SHIELD,
    PI_SNEAK,
    PI_SPRINT,
    Floats,
    Ints,
)
from conscious_bot.simulation.voxels import Cells, get_state

__all__ = ["tick_vitals"]

_HALF = 0.3
_MAX_HEALTH = 20.0
_FULL = 20
_AIR = 300
_GASP = -20  # of air: the lungs hurt, and count on from 0
_VOID = -128.0
_SAFE_FALL = 3.0
_SET_ALIGHT = 160  # ticks that fire burns on, for who leaves it
_LAVA_ALIGHT = 300
_JUST_JUMPED = 9  # what the pause between jumps stands at when a jump's tick is over


@kernel_njit("void(float64[:,::1], int64, float64)")
def _heal(pf: Floats, p: int, amount: float) -> None:
    pf[p, PF_HEALTH] = min(_MAX_HEALTH, pf[p, PF_HEALTH] + amount)


@kernel_njit
def _touch(cells: Cells, shapes: Shapes, pf: Floats, pi: Ints, p: int) -> int:
    """The harm of all blocks that the body is in or stands on."""
    x, y, z = pf[p, PF_X], pf[p, PF_Y], pf[p, PF_Z]
    found = 0
    for by in range(math.floor(y + 0.001), math.floor(y + height_of(pi, p) - 0.001) + 1):
        for bx in range(math.floor(x - _HALF - 0.001), math.floor(x + _HALF + 0.001) + 1):
            for bz in range(math.floor(z - _HALF - 0.001), math.floor(z + _HALF + 0.001) + 1):
                harm = int(shapes.harm[get_state(cells, bx, by, bz)])
                if harm & (BURNS | CAMPFIRE | BERRIES):
                    inside = (
                        bx < x + _HALF - 0.001 and bx + 1 > x - _HALF + 0.001
                        and bz < z + _HALF - 0.001 and bz + 1 > z - _HALF + 0.001
                    )  # fmt: skip
                    if inside:
                        found |= harm
                elif harm & CACTUS:
                    found |= CACTUS
    below = shapes.harm[get_state(cells, math.floor(x), math.floor(y - 0.2), math.floor(z))]
    if below & CACTUS:
        found |= CACTUS
    return found


@kernel_njit
def _smothered(cells: Cells, shapes: Shapes, pf: Floats, pi: Ints, p: int) -> bool:
    """Whether the head is inside a full block: a flat box eight tenths as wide as the body, at its eyes."""
    half = _HALF * 0.8
    y = math.floor(pf[p, PF_Y] + eye_of(pi, p))
    for bx in range(math.floor(pf[p, PF_X] - half), math.floor(pf[p, PF_X] + half) + 1):
        for bz in range(math.floor(pf[p, PF_Z] - half), math.floor(pf[p, PF_Z] + half) + 1):
            if shapes.harm[get_state(cells, bx, y, bz)] & SUFFOCATES:
                return True
    return False


@kernel_njit
def _eyes_in_water(cells: Cells, shapes: Shapes, pf: Floats, pi: Ints, p: int) -> bool:
    y = pf[p, PF_Y] + eye_of(pi, p)
    x, by, z = math.floor(pf[p, PF_X]), math.floor(y), math.floor(pf[p, PF_Z])
    state = get_state(cells, x, by, z)
    if not shapes.flags[state] & WATER:
        return False
    if shapes.flags[get_state(cells, x, by + 1, z)] & WATER:
        return True
    return y - by < (shapes.fluid[state] & LEVEL) / 9.0


@kernel_njit
def _breathe(wet_eyes: bool, pf: Floats, pi: Ints, rules: Ints, events: Ints, told: Ints, p: int) -> None:
    if wet_eyes and pi[p, PI_EFFECTS + 2 * EFFECT_WATER_BREATHING] == 0:
        pi[p, PI_AIR] -= 1
        if pi[p, PI_AIR] <= _GASP:
            pi[p, PI_AIR] = 0
            if rules[GR_DROWNING_DAMAGE]:
                hurt_player(pf, pi, events, told, p, 2.0, DROWNING)
    elif not wet_eyes and pi[p, PI_AIR] < _AIR:
        pi[p, PI_AIR] = min(_AIR, pi[p, PI_AIR] + 4)


@kernel_njit
def _burn(touched: int, pf: Floats, pi: Ints, rules: Ints, events: Ints, told: Ints, p: int) -> None:
    if not rules[GR_FIRE_DAMAGE]:
        return
    if pi[p, PI_IN_LAVA]:
        pi[p, PI_FIRE] = max(pi[p, PI_FIRE], _LAVA_ALIGHT)
        hurt_player(pf, pi, events, told, p, 4.0, LAVA_BURN)
    elif touched & BURNS:
        pi[p, PI_FIRE] = max(pi[p, PI_FIRE], _SET_ALIGHT)
        hurt_player(pf, pi, events, told, p, 2.0 if touched & SOUL else 1.0, FIRE)
    elif pi[p, PI_FIRE] > 0 and pi[p, PI_FIRE] % 20 == 0:
        hurt_player(pf, pi, events, told, p, 1.0, BURNING)
    if pi[p, PI_IN_WATER] or pi[p, PI_EFFECTS + 2 * EFFECT_FIRE_RESISTANCE] > 0:
        pi[p, PI_FIRE] = 0
    elif pi[p, PI_FIRE] > 0:
        pi[p, PI_FIRE] -= 1


@kernel_njit
def _effects(pf: Floats, pi: Ints, events: Ints, told: Ints, p: int) -> None:
    for effect in range(EFFECTS):
        at = PI_EFFECTS + 2 * effect
        left = pi[p, at]
        if left <= 0:
            continue
        level = pi[p, at + 1]
        if effect == EFFECT_REGENERATION:
            if left % max(1, 50 >> level) == 0:
                _heal(pf, p, 1.0)
        elif effect == EFFECT_POISON:
            if left % max(1, 25 >> level) == 0 and pf[p, PF_HEALTH] > 1.0:
                hurt_player(pf, pi, events, told, p, 1.0, MAGIC)
        elif effect == EFFECT_HUNGER:
            exhaust(pf, p, 0.005 * (level + 1))
        elif effect == EFFECT_SATURATION:
            pi[p, PI_FOOD] = min(_FULL, pi[p, PI_FOOD] + level + 1)
            pf[p, PF_SATURATION] = min(float(pi[p, PI_FOOD]), pf[p, PF_SATURATION] + 2.0 * (level + 1))
        pi[p, at] = left - 1
        if left == 1 and effect == EFFECT_ABSORPTION:
            pf[p, PF_ABSORPTION] = 0.0


@kernel_njit
def _digest(
    pf: Floats, pi: Ints, rules: Ints, events: Ints, told: Ints, p: int, age: int, difficulty: int
) -> None:  # fmt: skip
    """Hunger, natural regeneration and starvation."""
    heals = rules[GR_NATURAL_REGENERATION] != 0
    if difficulty == 0:
        if heals and age % 20 == 0:
            _heal(pf, p, 1.0)
        if age % 10 == 0:
            pi[p, PI_FOOD] = min(_FULL, pi[p, PI_FOOD] + 1)
    if pf[p, PF_EXHAUSTION] > 4.0:
        pf[p, PF_EXHAUSTION] -= 4.0
        if pf[p, PF_SATURATION] > 0.0:
            pf[p, PF_SATURATION] = max(0.0, pf[p, PF_SATURATION] - 1.0)
        elif difficulty > 0:
            pi[p, PI_FOOD] = max(0, pi[p, PI_FOOD] - 1)
    hurt = heals and 0.0 < pf[p, PF_HEALTH] < _MAX_HEALTH
    timer = pi[p, PI_FOOD_TIMER] + 1
    if hurt and pf[p, PF_SATURATION] > 0.0 and pi[p, PI_FOOD] >= _FULL:
        if timer >= 10:
            spent = min(pf[p, PF_SATURATION], 6.0)
            _heal(pf, p, spent / 6.0)
            exhaust(pf, p, spent)
            timer = 0
    elif hurt and pi[p, PI_FOOD] >= 18:
        if timer >= 80:
            _heal(pf, p, 1.0)
            exhaust(pf, p, 6.0)
            timer = 0
    elif pi[p, PI_FOOD] <= 0:
        if timer >= 80:
            least = 10.0 if difficulty <= 1 else 1.0 if difficulty == 2 else -1.0
            if pf[p, PF_HEALTH] > least:
                hurt_player(pf, pi, events, told, p, 1.0, STARVATION)
            timer = 0
    else:
        timer = 0
    pi[p, PI_FOOD_TIMER] = timer


@kernel_njit
def _tire(pf: Floats, pi: Ints, p: int, dx: float, dy: float, dz: float, wet_eyes: bool) -> None:
    """What this tick's movement costs. Walking is free."""
    if wet_eyes:
        exhaust(pf, p, 0.01 * round(math.sqrt(dx * dx + dy * dy + dz * dz) * 100.0) / 100.0)
    elif pi[p, PI_IN_WATER]:
        exhaust(pf, p, 0.01 * round(math.sqrt(dx * dx + dz * dz) * 100.0) / 100.0)
    elif pi[p, PI_ON_GROUND] and pi[p, PI_SPRINT]:
        exhaust(pf, p, 0.1 * round(math.sqrt(dx * dx + dz * dz) * 100.0) / 100.0)
    if pi[p, PI_JUMP_DELAY] == _JUST_JUMPED:
        exhaust(pf, p, 0.2 if pi[p, PI_SPRINT] else 0.05)


@kernel_njit
def _land(cells: Cells, shapes: Shapes, pf: Floats, pi: Ints, events: Ints, told: Ints, p: int, fallen: float) -> None:
    below = get_state(cells, math.floor(pf[p, PF_X]), math.floor(pf[p, PF_Y] - 0.2), math.floor(pf[p, PF_Z]))
    cushion = shapes.cushion[below]
    damage = math.ceil(fallen * 0.5 - _SAFE_FALL) if cushion < 0.0 else math.ceil((fallen - _SAFE_FALL) * cushion)
    if damage > 0:
        hurt_player(pf, pi, events, told, p, float(damage), FALL)


@kernel_njit
def tick_vitals(
    cells: Cells,
    shapes: Shapes,
    pf: Floats,
    pi: Ints,
    rules: Ints,
    events: Ints,
    told: Ints,
    p: int,
    age: int,
    difficulty: int,
    fallen: float,
    dx: float,
    dy: float,
    dz: float,
) -> None:
    """One tick of a living player's body after it moved by (dx, dy, dz), having landed from `fallen` blocks."""
    if pi[p, PI_HURT_DELAY] > 0:
        pi[p, PI_HURT_DELAY] -= 1
    if pi[p, PI_SHIELD] > 0:
        pi[p, PI_SHIELD] += 1
    wet_eyes = pi[p, PI_IN_WATER] and _eyes_in_water(cells, shapes, pf, pi, p)
    _tire(pf, pi, p, dx, dy, dz, wet_eyes)
    if fallen > _SAFE_FALL and rules[GR_FALL_DAMAGE]:
        _land(cells, shapes, pf, pi, events, told, p, fallen)
    touched = _touch(cells, shapes, pf, pi, p)
    _burn(touched, pf, pi, rules, events, told, p)
    if pf[p, PF_Y] < _VOID:
        hurt_player(pf, pi, events, told, p, 4.0, VOID)
    if touched & CACTUS:
        hurt_player(pf, pi, events, told, p, 1.0, CACTUS_SPIKES)
    if touched & CAMPFIRE and rules[GR_FIRE_DAMAGE]:
        hurt_player(pf, pi, events, told, p, 2.0 if touched & SOUL else 1.0, CAMP_FIRE)
    if touched & BERRIES and (abs(dx) >= 0.003 or abs(dz) >= 0.003):
        hurt_player(pf, pi, events, told, p, 1.0, BERRY_BUSH)
    if pi[p, PI_ON_GROUND]:
        floor = get_state(cells, math.floor(pf[p, PF_X]), math.floor(pf[p, PF_Y] - 0.2), math.floor(pf[p, PF_Z]))
        if shapes.harm[floor] & HOT_FLOOR and rules[GR_FIRE_DAMAGE] and not pi[p, PI_SNEAK]:
            hurt_player(pf, pi, events, told, p, 1.0, MAGMA)
    if _smothered(cells, shapes, pf, pi, p):
        hurt_player(pf, pi, events, told, p, 1.0, SUFFOCATION)
    _breathe(wet_eyes, pf, pi, rules, events, told, p)
    _effects(pf, pi, events, told, p)
    if pi[p, PI_ALIVE]:
        _digest(pf, pi, rules, events, told, p, age, difficulty)
    if pi[p, PI_FOOD] <= 6:
        pi[p, PI_SPRINT] = 0
