"""The leaf of operators: day and night, rain and shine. An agent's own catalogue does not have it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from conscious_bot.body.port import Operator
from conscious_bot.contracts import LeafSpec, Permission
from conscious_bot.leaves.context import LeafContext
from conscious_bot.leaves.contract import Outcome
from conscious_bot.leaves.expectations import Environment, Expectation
from conscious_bot.leaves.schemas import object_schema

__all__ = ["ControlEnvironment"]

_TIMES = {"day": False, "noon": False, "night": True, "midnight": True}


class ControlEnvironment:
    """Sets time and weather through the operator port that it was made with."""

    spec: ClassVar = LeafSpec(
        name="control_environment",
        version="1.0.0",
        description="Sets the time of day and the weather. For operators only.",
        input_schema={
            **object_schema({"time": {"enum": sorted(_TIMES)}, "weather": {"enum": ["clear", "rain", "thunder"]}}),
            "minProperties": 1,
        },
        timeout_ms=15_000,
        retries=1,
        # It changes the world: while it runs, nothing else may.
        permissions=frozenset({Permission.CHAT, Permission.PLACE}),
        rate_limit_per_min=20,
    )

    def __init__(self, operator: Operator) -> None:
        self._operator = operator

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        """What the server refuses is seen as an effect that is not there."""
        time, weather = args.get("time"), args.get("weather")
        expect: Expectation = Environment(
            night=None if time is None else _TIMES[time], raining=None if weather is None else weather != "clear"
        )
        await ctx.watch_for(expect)
        if time is not None:
            await self._operator.command(f"time set {time}")
        if weather is not None:
            await self._operator.command(f"weather {weather}")
            await ctx.sleep(1.0, "for the weather to turn")
        return Outcome((expect,))
