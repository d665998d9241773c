"""Rain and thunder come and go. Durations: Minecraft Wiki, "Weather" and "Commands/weather"."""

from __future__ import annotations

from conscious_bot.simulation.bundles import kernel_njit
from conscious_bot.simulation.dice import between
from conscious_bot.simulation.gamerules import GR_WEATHER_CYCLE
from conscious_bot.simulation.rng import Rng
from conscious_bot.simulation.state import (
    WE_CLEAR_TICKS,
    WE_RAIN,
    WE_RAIN_TICKS,
    WE_RAINING,
    WE_THUNDER,
    WE_THUNDER_TICKS,
    WE_THUNDERING,
    Arrays,
    Ints,
)

__all__ = ["set_weather", "tick_weather"]

CLEAR_RAIN = (12000, 180000)
"""Ticks until the next rain, least and most."""
RAIN = (12000, 24000)
CLEAR_THUNDER = (12000, 180000)
THUNDER = (3600, 15600)
_BY_COMMAND = {"clear": CLEAR_RAIN, "rain": RAIN, "thunder": THUNDER}


def set_weather(weather: Ints, kind: str, ticks: int | None, rng: Rng) -> None:
    """Begin a weather; the levels follow over the next 100 ticks."""
    if ticks is None:
        ticks = rng.integer(*_BY_COMMAND[kind])
    weather[WE_CLEAR_TICKS] = ticks if kind == "clear" else 0
    weather[WE_RAINING] = kind != "clear"
    weather[WE_THUNDERING] = kind == "thunder"
    weather[WE_RAIN_TICKS] = weather[WE_THUNDER_TICKS] = 0 if kind == "clear" else ticks


@kernel_njit
def tick_weather(arrays: Arrays) -> None:
    """One tick of the weather: rain and thunder have clocks of their own, and it thunders only while it rains."""
    weather, rules = arrays.weather, arrays.rules
    if rules[GR_WEATHER_CYCLE]:
        if weather[WE_CLEAR_TICKS] > 0:
            weather[WE_CLEAR_TICKS] -= 1
            weather[WE_RAINING] = 0
            weather[WE_THUNDERING] = 0
            weather[WE_RAIN_TICKS] = 0
            weather[WE_THUNDER_TICKS] = 0
        else:
            if weather[WE_THUNDER_TICKS] > 0:
                weather[WE_THUNDER_TICKS] -= 1
                if weather[WE_THUNDER_TICKS] == 0:
                    weather[WE_THUNDERING] = 1 - weather[WE_THUNDERING]
            elif weather[WE_THUNDERING]:
                weather[WE_THUNDER_TICKS] = between(arrays.dice, THUNDER[0], THUNDER[1])
            else:
                weather[WE_THUNDER_TICKS] = between(arrays.dice, CLEAR_THUNDER[0], CLEAR_THUNDER[1])
            if weather[WE_RAIN_TICKS] > 0:
                weather[WE_RAIN_TICKS] -= 1
                if weather[WE_RAIN_TICKS] == 0:
                    weather[WE_RAINING] = 1 - weather[WE_RAINING]
            elif weather[WE_RAINING]:
                weather[WE_RAIN_TICKS] = between(arrays.dice, RAIN[0], RAIN[1])
            else:
                weather[WE_RAIN_TICKS] = between(arrays.dice, CLEAR_RAIN[0], CLEAR_RAIN[1])
    rain, thunder = weather[WE_RAIN], weather[WE_THUNDER]
    if weather[WE_RAINING] and rain < 100:
        weather[WE_RAIN] = rain + 1
    elif not weather[WE_RAINING] and rain > 0:
        weather[WE_RAIN] = rain - 1
    storm = weather[WE_RAINING] and weather[WE_THUNDERING]
    if storm and thunder < 100:
        weather[WE_THUNDER] = thunder + 1
    elif not storm and thunder > 0:
        weather[WE_THUNDER] = thunder - 1
