"""Set-up commands about life: difficulty, game mode, effects, damage of given items.

Source: Minecraft Wiki, "Commands/difficulty", "Commands/gamemode", "Commands/effect", "Commands/give".
"""

from __future__ import annotations

import re

from conscious_bot.simulation import life
from conscious_bot.simulation import state as s
from conscious_bot.simulation.damage import MAGIC
from conscious_bot.simulation.players import Player
from conscious_bot.simulation.world import SimulatedWorld

__all__ = ["RefusedError", "difficulty", "effect", "gamemode", "split_damage"]

_DIFFICULTIES = ("peaceful", "easy", "normal", "hard")
_EFFECTS = {
    "regeneration": s.EFFECT_REGENERATION,
    "poison": s.EFFECT_POISON,
    "hunger": s.EFFECT_HUNGER,
    "absorption": s.EFFECT_ABSORPTION,
    "resistance": s.EFFECT_RESISTANCE,
    "fire_resistance": s.EFFECT_FIRE_RESISTANCE,
    "water_breathing": s.EFFECT_WATER_BREATHING,
    "saturation": s.EFFECT_SATURATION,
}
_AT_ONCE = ("instant_health", "instant_damage")
_USUAL_SECONDS = 30
_DAMAGED = re.compile(r"([a-z0-9_:]+)\{Damage:([0-9]{1,6})\}")


class RefusedError(Exception):
    """A command that cannot be read or done."""


def difficulty(world: SimulatedWorld, word: str) -> None:
    """`difficulty peaceful|easy|normal|hard`."""
    if word not in _DIFFICULTIES:
        raise RefusedError(f"{word!r} is none of {', '.join(_DIFFICULTIES)}")
    world.arrays.clock[s.CK_DIFFICULTY] = _DIFFICULTIES.index(word)


def gamemode(word: str) -> None:
    """`gamemode survival`; this world knows no other mode."""
    if word != "survival":
        raise RefusedError(f"this world is for survival only, not for {word!r}")


def effect(world: SimulatedWorld, players: list[Player], words: list[str]) -> None:
    """What follows `effect give PLAYER` or `effect clear PLAYER`; the first word says which of them it was."""
    if words[0] == "clear":
        kinds = None if len(words) < 2 else (_kind(words[1]),)
        for player in players:
            life.clear_effects(world, player, kinds)
        return
    if len(words) < 2:
        raise RefusedError("the effect is missing")
    name = words[1].removeprefix("minecraft:")
    seconds = _number(words[2], 1, 1_000_000) if len(words) > 2 else _USUAL_SECONDS
    level = _number(words[3], 0, 255) if len(words) > 3 else 0
    if name not in _AT_ONCE:
        _kind(name)
    for player in players:
        if name == "instant_health":
            life.heal(world, player, float(4 << min(level, 8)))
        elif name == "instant_damage":
            life.hurt(world, player, float(6 << min(level, 8)), MAGIC)
        else:
            life.add_effect(world, player, _kind(name), level, seconds * 20)


def split_damage(word: str) -> tuple[str, int]:
    """`iron_pickaxe{Damage:20}` as item and damage; other words as they are, with 0."""
    found = _DAMAGED.fullmatch(word)
    return (found[1], int(found[2])) if found else (word, 0)


def _kind(word: str) -> int:
    found = _EFFECTS.get(word.removeprefix("minecraft:"))
    if found is None:
        raise RefusedError(f"this world has no effect {word!r}; it knows {', '.join([*sorted(_EFFECTS), *_AT_ONCE])}")
    return found


def _number(word: str, low: int, high: int) -> int:
    if not re.fullmatch(r"[0-9]{1,7}", word) or not low <= int(word) <= high:
        raise RefusedError(f"{word!r} is no number between {low} and {high}")
    return int(word)
