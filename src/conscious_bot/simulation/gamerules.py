"""The game rules this world knows, in one table: kernels read them as numbers, commands by name.

Source of names and defaults: Minecraft Wiki, "Game rule" (Java Edition 1.20). The constants are compiled
into the njit kernels.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from conscious_bot.contracts import UserError

__all__ = ["GAME_RULES", "GameRules"]

(
    GR_DAYLIGHT_CYCLE,
    GR_WEATHER_CYCLE,
    GR_RANDOM_TICK_SPEED,
    GR_MOB_SPAWNING,
    GR_MOB_LOOT,
    GR_MOB_GRIEFING,
    GR_TILE_DROPS,
    GR_KEEP_INVENTORY,
    GR_NATURAL_REGENERATION,
    GR_FALL_DAMAGE,
    GR_FIRE_DAMAGE,
    GR_DROWNING_DAMAGE,
    GR_IMMEDIATE_RESPAWN,
    GR_PLAYERS_SLEEPING_PERCENTAGE,
    GR_WATER_SOURCE_CONVERSION,
    GR_LAVA_SOURCE_CONVERSION,
    GR_FIRE_TICK,
    GR_SNOW_ACCUMULATION_HEIGHT,
) = range(18)

GAME_RULES: dict[str, tuple[int, bool | int]] = {
    "doDaylightCycle": (GR_DAYLIGHT_CYCLE, True),
    "doWeatherCycle": (GR_WEATHER_CYCLE, True),
    "randomTickSpeed": (GR_RANDOM_TICK_SPEED, 3),
    "doMobSpawning": (GR_MOB_SPAWNING, True),
    "doMobLoot": (GR_MOB_LOOT, True),
    "mobGriefing": (GR_MOB_GRIEFING, True),
    "doTileDrops": (GR_TILE_DROPS, True),
    "keepInventory": (GR_KEEP_INVENTORY, False),
    "naturalRegeneration": (GR_NATURAL_REGENERATION, True),
    "fallDamage": (GR_FALL_DAMAGE, True),
    "fireDamage": (GR_FIRE_DAMAGE, True),
    "drowningDamage": (GR_DROWNING_DAMAGE, True),
    "doImmediateRespawn": (GR_IMMEDIATE_RESPAWN, False),
    "playersSleepingPercentage": (GR_PLAYERS_SLEEPING_PERCENTAGE, 100),
    "waterSourceConversion": (GR_WATER_SOURCE_CONVERSION, True),
    "lavaSourceConversion": (GR_LAVA_SOURCE_CONVERSION, False),
    "doFireTick": (GR_FIRE_TICK, True),
    "snowAccumulationHeight": (GR_SNOW_ACCUMULATION_HEIGHT, 1),
}
"""Name: (place in the array, default). Rules that this world's rules read."""

_MOST = {"randomTickSpeed": 4096, "playersSleepingPercentage": 100, "snowAccumulationHeight": 8}


class GameRules:
    """The rules of one world."""

    def __init__(self) -> None:
        self.values = np.array([int(default) for _, default in GAME_RULES.values()], np.int64)
        """By `GR_*`; kernels share this array."""

    def __getitem__(self, name: str) -> bool | int:
        """What holds. KeyError for a rule this world does not know."""
        place, default = GAME_RULES[name]
        value = int(self.values[place])
        return bool(value) if isinstance(default, bool) else value

    def __setitem__(self, name: str, value: bool | int) -> None:
        """Set a rule. UserError if there is no such rule, or it cannot be that."""
        if name not in GAME_RULES:
            raise UserError(
                f"this world has no game rule {name!r}", f"known game rules: {', '.join(sorted(GAME_RULES))}"
            )
        place, default = GAME_RULES[name]
        if isinstance(default, bool) != isinstance(value, bool):
            kind = "true or false" if isinstance(default, bool) else "a whole number"
            raise UserError(f"the game rule {name} is {kind}, not {value!r}", f"its default is {default!r}")
        most = 1 if isinstance(default, bool) else _MOST[name]
        if not 0 <= value <= most:
            raise UserError(
                f"the game rule {name} lies between 0 and {most}, not {value}", f"its default is {default!r}"
            )
        self.values[place] = int(value)

    def set(self, rules: Mapping[str, bool | int]) -> None:
        """Set several, all or none."""
        trial = GameRules()
        for name, value in rules.items():
            trial[name] = value
        for name, value in rules.items():
            self[name] = value

    def view(self) -> dict[str, bool | int]:
        """All rules by name."""
        return {name: self[name] for name in GAME_RULES}
