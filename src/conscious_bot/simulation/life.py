"""A player's life as Python sees it: damage from outside the kernel, effects, meals, wear of what is worn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conscious_bot.simulation import state as s
from conscious_bot.simulation.damage import hurt_player, strike_player
from conscious_bot.simulation.eating import Meal
from conscious_bot.simulation.outfit import armour_of
from conscious_bot.simulation.players import Player

if TYPE_CHECKING:
    from conscious_bot.simulation.world import SimulatedWorld

__all__ = [
    "add_effect",
    "apply_meal",
    "clear_effects",
    "dress",
    "effects_of",
    "feed",
    "happened",
    "heal",
    "hurt",
    "shield_place",
    "struck",
]

_FULL = 20
_MAX_HEALTH = 20.0
_ARMOUR_PLACES = ("feet", "legs", "torso", "head")


def hurt(world: SimulatedWorld, player: Player, amount: float, cause: int) -> bool:
    """Deal damage to a player between two ticks; whether any came through. Listeners hear of it."""
    events = np.zeros((8, 3), np.int64)
    told = np.zeros(1, np.int64)
    done = hurt_player(world.arrays.pf, world.arrays.pi, events, told, player.index, float(amount), cause)
    for code, who, what in events[: told[0]].tolist():
        world.happened(code, world.players[who], what)
    return bool(done)


def struck(world: SimulatedWorld, player: Player, amount: float, cause: int, from_x: float, from_z: float) -> int:
    """A blow from a place between two ticks, scaled by difficulty: 1 if it hurt, 2 if a shield took it, else 0."""
    events = np.zeros((8, 3), np.int64)
    told = np.zeros(1, np.int64)
    arrays = world.arrays
    difficulty = int(arrays.clock[s.CK_DIFFICULTY])
    done = strike_player(
        arrays.pf, arrays.pi, events, told, player.index, float(amount), cause, float(from_x), float(from_z), difficulty
    )
    for code, who, what in events[: told[0]].tolist():
        world.happened(code, world.players[who], what)
    return int(done)


def heal(world: SimulatedWorld, player: Player, amount: float) -> None:
    """Give a living player health back."""
    pf = world.arrays.pf[player.index]
    if world.is_alive(player):
        pf[s.PF_HEALTH] = min(_MAX_HEALTH, pf[s.PF_HEALTH] + amount)


def add_effect(world: SimulatedWorld, player: Player, kind: int, level: int, ticks: int) -> None:
    """An effect begins, unless a stronger one, or an equal one that lasts longer, is there."""
    pf, pi = world.arrays.pf[player.index], world.arrays.pi[player.index]
    at = s.PI_EFFECTS + 2 * kind
    if pi[at] > 0 and (pi[at + 1], pi[at]) >= (level, ticks):
        return
    pi[at], pi[at + 1] = ticks, level
    if kind == s.EFFECT_ABSORPTION:
        pf[s.PF_ABSORPTION] = max(pf[s.PF_ABSORPTION], 4.0 * (level + 1))


def clear_effects(world: SimulatedWorld, player: Player, kinds: tuple[int, ...] | None = None) -> int:
    """End these effects (None: all); how many there were."""
    pf, pi = world.arrays.pf[player.index], world.arrays.pi[player.index]
    ended = 0
    for kind in range(s.EFFECTS) if kinds is None else kinds:
        at = s.PI_EFFECTS + 2 * kind
        ended += bool(pi[at] > 0)
        pi[at] = pi[at + 1] = 0
        if kind == s.EFFECT_ABSORPTION:
            pf[s.PF_ABSORPTION] = 0.0
    return ended


def effects_of(world: SimulatedWorld, player: Player) -> dict[int, tuple[int, int]]:
    """The effects at work: kind to level and ticks left."""
    pi = world.arrays.pi[player.index]
    found: dict[int, tuple[int, int]] = {}
    for kind in range(s.EFFECTS):
        at = s.PI_EFFECTS + 2 * kind
        if pi[at] > 0:
            found[kind] = (int(pi[at + 1]), int(pi[at]))
    return found


def feed(world: SimulatedWorld, player: Player, food: int, saturation: float) -> None:
    """Fill the food bar; saturation never exceeds food."""
    pf, pi = world.arrays.pf[player.index], world.arrays.pi[player.index]
    pi[s.PI_FOOD] = min(_FULL, pi[s.PI_FOOD] + food)
    pf[s.PF_SATURATION] = min(float(pi[s.PI_FOOD]), pf[s.PF_SATURATION] + saturation)


def apply_meal(world: SimulatedWorld, player: Player, meal: Meal) -> None:
    """What a meal does to who ate it; the dice decide on effects with a chance."""
    feed(world, player, meal.food, meal.saturation)
    if meal.cures is None or meal.cures:
        clear_effects(world, player, meal.cures)
    for effect in meal.effects:
        if effect.chance >= 1.0 or world.rng.random() < effect.chance:
            add_effect(world, player, effect.kind, effect.level, effect.ticks)


def dress(world: SimulatedWorld, player: Player) -> None:
    """Tell the kernel what the worn armour is worth. Called when an inventory has changed."""
    pi = world.arrays.pi[player.index]
    pi[s.PI_ARMOUR], pi[s.PI_TOUGHNESS] = armour_of(player.inventory.worn)
    if pi[s.PI_SHIELD] and shield_place(player) is None:
        pi[s.PI_SHIELD] = 0


def shield_place(player: Player) -> str | None:
    """Which hand holds a shield: `hand`, `off-hand` or None."""
    held = player.inventory.held
    if held is not None and held.item == "shield":
        return "hand"
    other = player.inventory.worn.get("off-hand")
    return "off-hand" if other is not None and other.item == "shield" else None


def happened(player: Player, code: int, what: int) -> None:
    """What the kernel reports of a player's outfit: armour or shield took something."""
    inventory = player.inventory
    if code == s.EV_ARMOUR:
        for place in _ARMOUR_PLACES:
            inventory.wear_out(place, what)
    elif code == s.EV_SHIELD:
        place = shield_place(player)
        if place == "hand":
            inventory.use_up(what)
        elif place is not None:
            inventory.wear_out(place, what)
