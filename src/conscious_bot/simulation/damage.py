"""How a player is hurt: immunity, shield, armour, effects, death. Kernels, and the causes of damage.

Sources, Minecraft Wiki: "Damage" (immunity: half a second in which only what exceeds the last blow counts),
"Armor" (defense points and toughness; durability), "Shield", "Effect" (Resistance, Absorption, Fire
Resistance), "Hunger" (exhaustion when damage is taken), "Difficulty" (damage by creatures).
"""

from __future__ import annotations

import math

from conscious_bot.simulation.bundles import kernel_njit
from conscious_bot.simulation.state import (
    EFFECT_ABSORPTION,
    EFFECT_FIRE_RESISTANCE,
    EFFECT_RESISTANCE,
    EV_ARMOUR,
    EV_DIED,
    EV_HURT,
    EV_SHIELD,
    MAX_EVENTS,
    PF_ABSORPTION,
    PF_EXHAUSTION,
    PF_HEALTH,
    PF_LAST_HURT,
    PF_X,
    PF_YAW,
    PF_Z,
    PI_ALIVE,
    PI_ARMOUR,
    PI_EFFECTS,
    PI_HURT_DELAY,
    PI_SHIELD,
    PI_TOUGHNESS,
    Floats,
    Ints,
)

__all__ = [
    "BERRY_BUSH",
    "BURNING",
    "CACTUS_SPIKES",
    "CAMP_FIRE",
    "CAUSES",
    "DROWNING",
    "EXPLOSION",
    "FALL",
    "FIRE",
    "LAVA_BURN",
    "MAGIC",
    "MAGMA",
    "MOB",
    "PROJECTILE",
    "STARVATION",
    "SUFFOCATION",
    "VOID",
    "exhaust",
    "hurt_player",
    "strike_player",
    "tell",
]

FALL, VOID, LAVA_BURN, DROWNING, FIRE, BURNING, SUFFOCATION, STARVATION, MAGIC = range(9)
CACTUS_SPIKES, MAGMA, CAMP_FIRE, BERRY_BUSH, MOB, PROJECTILE, EXPLOSION = range(9, 16)

CAUSES = (
    "fall", "void", "lava", "drowning", "fire", "burning", "suffocation", "starvation", "magic",
    "cactus", "magma", "campfire", "berry bush", "creature", "projectile", "explosion",
)  # fmt: skip
"""The word for each cause, by its number."""

_IMMUNE = 20  # ticks after a blow; in the first ten only a harder one counts
_MAX_EXHAUSTION = 40.0
_SHIELD_DELAY = 5  # ticks until a raised shield holds
# Bits by cause. What armour does not help against (the tag bypasses_armor), what is fire, what tires.
_PAST_ARMOUR = (
    1 << FALL | 1 << VOID | 1 << DROWNING | 1 << BURNING | 1 << SUFFOCATION | 1 << STARVATION | 1 << MAGIC
)  # fmt: skip
_PAST_RESISTANCE = 1 << VOID | 1 << STARVATION
_FIERY = 1 << LAVA_BURN | 1 << FIRE | 1 << BURNING | 1 << MAGMA | 1 << CAMP_FIRE
_TIRING = (
    1 << LAVA_BURN | 1 << FIRE | 1 << CACTUS_SPIKES | 1 << MAGMA | 1 << CAMP_FIRE | 1 << BERRY_BUSH
    | 1 << MOB | 1 << PROJECTILE | 1 << EXPLOSION
)  # fmt: skip


@kernel_njit("void(int64[:,::1], int64[::1], int64, int64, int64)")
def tell(events: Ints, told: Ints, code: int, who: int, what: int) -> None:
    """Note an event; what finds no room is lost, and comes again if it still holds."""
    n = told[0]
    if n < MAX_EVENTS:
        events[n, 0], events[n, 1], events[n, 2] = code, who, what
        told[0] = n + 1


@kernel_njit("void(float64[:,::1], int64, float64)")
def exhaust(pf: Floats, p: int, amount: float) -> None:
    """Tire a player; four of these points cost one of saturation or food."""
    pf[p, PF_EXHAUSTION] = min(_MAX_EXHAUSTION, pf[p, PF_EXHAUSTION] + amount)


@kernel_njit("boolean(float64[:,::1], int64[:,::1], int64[:,::1], int64[::1], int64, float64, int64)")
def hurt_player(pf: Floats, pi: Ints, events: Ints, told: Ints, p: int, amount: float, cause: int) -> bool:
    """Deal damage (in half hearts) of a cause to a player; whether any came through. At 0 it dies."""
    if not pi[p, PI_ALIVE] or amount <= 0.0:
        return False
    bit = 1 << cause
    if bit & _FIERY and pi[p, PI_EFFECTS + 2 * EFFECT_FIRE_RESISTANCE] > 0:
        return False
    dealt = amount
    if pi[p, PI_HURT_DELAY] > _IMMUNE // 2:
        if amount <= pf[p, PF_LAST_HURT]:
            return False
        dealt = amount - pf[p, PF_LAST_HURT]
    else:
        pi[p, PI_HURT_DELAY] = _IMMUNE
    pf[p, PF_LAST_HURT] = amount
    if not bit & _PAST_ARMOUR and pi[p, PI_ARMOUR] > 0:
        tell(events, told, EV_ARMOUR, p, max(1, math.floor(dealt / 4.0)))
        points = float(pi[p, PI_ARMOUR])
        worth = max(points / 5.0, points - 4.0 * dealt / (pi[p, PI_TOUGHNESS] + 8.0))
        dealt *= 1.0 - min(20.0, worth) / 25.0
    if not bit & _PAST_RESISTANCE and pi[p, PI_EFFECTS + 2 * EFFECT_RESISTANCE] > 0:
        dealt *= max(0.0, 1.0 - 0.2 * (pi[p, PI_EFFECTS + 2 * EFFECT_RESISTANCE + 1] + 1))
    if bit & _TIRING:
        exhaust(pf, p, 0.1)
    soaked = min(dealt, pf[p, PF_ABSORPTION])
    if soaked > 0.0:
        pf[p, PF_ABSORPTION] -= soaked
        if pf[p, PF_ABSORPTION] <= 0.0:
            pi[p, PI_EFFECTS + 2 * EFFECT_ABSORPTION] = 0
    pf[p, PF_HEALTH] = max(0.0, pf[p, PF_HEALTH] - (dealt - soaked))
    tell(events, told, EV_HURT, p, cause)
    if pf[p, PF_HEALTH] <= 0.0:
        pi[p, PI_ALIVE] = 0
        tell(events, told, EV_DIED, p, cause)
    return True


@kernel_njit(
    "int64(float64[:,::1], int64[:,::1], int64[:,::1], int64[::1], int64, float64, int64, float64, float64, int64)"
)
def strike_player(
    pf: Floats,
    pi: Ints,
    events: Ints,
    told: Ints,
    p: int,
    amount: float,
    cause: int,
    from_x: float,
    from_z: float,
    difficulty: int,
) -> int:
    """A creature's blow, arrow or explosion from a place: 1 if it hurt, 2 if a shield took it, else 0.

    `amount` is the damage on normal difficulty. Knockback is the caller's, and only after a 1.
    """
    if difficulty == 0:
        return 0
    if difficulty == 1:
        amount = min(amount, amount / 2.0 + 1.0)
    elif difficulty == 3:
        amount *= 1.5
    if pi[p, PI_SHIELD] > _SHIELD_DELAY:
        ahead = (from_x - pf[p, PF_X]) * -math.sin(pf[p, PF_YAW]) + (from_z - pf[p, PF_Z]) * math.cos(pf[p, PF_YAW])
        if ahead > 0.0:
            if amount >= 3.0:
                tell(events, told, EV_SHIELD, p, 1 + math.floor(amount))
            return 2
    return 1 if hurt_player(pf, pi, events, told, p, amount, cause) else 0
