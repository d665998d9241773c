"""Set-up commands about life: difficulty, game mode, effects, damage of given items.

Each is read first and gives back what is then to be done.

Source: Minecraft Wiki, "Commands/difficulty", "Commands/gamemode", "Commands/effect", "Commands/give".
"""

from __future__ import annotations

import re
from collections.abc import Callable

from conscious_bot.simulation import life
from conscious_bot.simulation import state as s
from conscious_bot.simulation.command_words import RefusedError, arguments, integer
from conscious_bot.simulation.damage import MAGIC
from conscious_bot.simulation.players import Player
from conscious_bot.simulation.world import DIFFICULTIES, SimulatedWorld

__all__ = ["difficulty", "effect", "gamemode", "split_damage"]

_EFFECTS = {
    "regeneration": s.EFFECT_REGENERATION,
    "poison": s.EFFECT_POISON,
    "hunger": s.EFFECT_HUNGER,
    "absorption": s.EFFECT_ABSORPTION,
    "resistance": s.EFFECT_RESISTANCE,
    "fire_resistance": s.EFFECT_FIRE_RESISTANCE,
    "water_breathing": s.EFFECT_WATER_BREATHING,
    "saturation": s.EFFECT_SATURATION,
    "speed": s.EFFECT_SPEED,
    "slowness": s.EFFECT_SLOWNESS,
}
_AT_ONCE = ("instant_health", "instant_damage")
_USUAL_SECONDS = 30
_FOREVER = 100_000_000  # seconds
_DAMAGED = re.compile(r"([a-z0-9_:]+)\{Damage:([0-9]{1,6})\}")


def difficulty(world: SimulatedWorld, word: str) -> Callable[[], None]:
    """`difficulty peaceful|easy|normal|hard`."""
    if word not in DIFFICULTIES:
        raise RefusedError(f"{word!r} is none of {', '.join(DIFFICULTIES)}")
    return lambda: setattr(world, "difficulty", word)


def gamemode(word: str) -> Callable[[], None]:
    """`gamemode survival`, which everyone is in; this world knows no other mode."""
    if word != "survival":
        raise RefusedError(f"this world is for survival only, not for {word!r}")
    return lambda: None


def effect(world: SimulatedWorld, players: list[Player], words: list[str]) -> Callable[[], None]:
    """What follows `effect give PLAYER` or `effect clear PLAYER`; the first word says which of them it was."""
    if words[0] == "clear":
        arguments(words, 1, 2)
        kinds = None if len(words) < 2 else (_kind(words[1]),)

        def clear() -> None:
            for player in players:
                life.clear_effects(world, player, kinds)

        return clear
    if len(words) < 2:
        raise RefusedError("the effect is missing")
    name = words[1].removeprefix("minecraft:")
    seconds = _seconds(words[2]) if len(words) > 2 else _USUAL_SECONDS
    level = integer(words[3], 0, 255) if len(words) > 3 else 0
    if len(words) > 4 and words[4] not in ("true", "false"):
        raise RefusedError(f"{words[4]!r} is neither true nor false")  # particles, which nobody sees
    kind = None if name in _AT_ONCE else _kind(name)

    def give() -> None:
        for player in players:
            if kind is not None:
                life.add_effect(world, player, kind, level, seconds * 20)
            elif name == "instant_health":
                life.heal(world, player, float(4 << min(level, 8)))
            else:
                life.hurt(world, player, float(6 << min(level, 8)), MAGIC)

    return give


def split_damage(word: str) -> tuple[str, int]:
    """`iron_pickaxe{Damage:20}` as item and damage; other words as they are, with 0."""
    found = _DAMAGED.fullmatch(word)
    return (found[1], int(found[2])) if found else (word, 0)


def _kind(word: str) -> int:
    found = _EFFECTS.get(word.removeprefix("minecraft:"))
    if found is None:
        raise RefusedError(f"this world has no effect {word!r}; it knows {', '.join([*sorted(_EFFECTS), *_AT_ONCE])}")
    return found


def _seconds(word: str) -> int:
    return _FOREVER if word == "infinite" else integer(word, 1, 1_000_000)
