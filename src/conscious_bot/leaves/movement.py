"""Leaves that walk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from conscious_bot.contracts import LeafSpec, Permission
from conscious_bot.leaves.context import LeafContext
from conscious_bot.leaves.contract import Outcome
from conscious_bot.leaves.expectations import Alive, PositionWithin
from conscious_bot.leaves.failures import WALKING
from conscious_bot.leaves.navigation import WalkOptions, walk_to
from conscious_bot.leaves.run_state import MovementGoal
from conscious_bot.leaves.safe_steps import walk_safely
from conscious_bot.leaves.schemas import POS, object_schema, to_pos

__all__ = ["MoveTo", "Respawn", "SterlingNavigate"]

_WALKED = object_schema(
    {
        "replanCount": {"type": "integer"},
        "stages": {"type": "integer"},
        "cells": {"type": "integer"},
        "cost": {"type": "number"},
        "learnedCost": {"type": "number"},
        "made": {"type": "integer"},
        "diversions": {"type": "integer"},
        "why": {"type": "array", "items": {"type": "string"}},
        "position": POS,
        "reached": {"type": "boolean"},
        "unsafe": {"type": "string"},
    },
    ("replanCount", "position", "reached"),
)


class MoveTo:
    """Goes to a cell."""

    spec: ClassVar = LeafSpec(
        name="move_to",
        version="1.0.0",
        description=(
            "Walks to a cell, or to within `tolerance` cells of it in each direction. With `safe` it enters no cell "
            "that is too dark or within reach of a hostile, and stops before the first (`reached` tells)."
        ),
        input_schema=object_schema(
            {
                "pos": POS,
                "tolerance": {"type": "integer", "minimum": 0, "maximum": 64, "default": 0},
                "safe": {"type": "boolean", "default": False},
            },
            ("pos",),
        ),
        output_schema=_WALKED,
        failures=WALKING,
        timeout_ms=120_000,
        retries=1,
        permissions=frozenset({Permission.MOVEMENT}),
        rate_limit_per_min=240,
    )

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        """Fails with path.unreachable, path.unloaded or path.stuck."""
        goal, tolerance = to_pos(args["pos"]), int(args["tolerance"])
        ctx.run.goal = MovementGoal(pos=goal, tolerance_xz=tolerance, tolerance_y=tolerance)
        if args["safe"]:
            walk = await walk_safely(ctx, ctx.run.goal)
            output: dict[str, Any] = {"replanCount": 0, "cells": walk.cells, "position": list(walk.here)}
            output["reached"] = walk.edge is None
            if walk.edge is not None:
                output["unsafe"] = f"{walk.edge} is {walk.why}"
            return Outcome(walk.expect, output)
        report = await walk_to(ctx, goal, tolerance, tolerance)
        return Outcome((PositionWithin(goal, tolerance, tolerance),), {**report.wire(), "reached": True})


class SterlingNavigate:
    """Goes to a cell by Sterling's plan: scan, solve, execute, verify, replan."""

    spec: ClassVar = LeafSpec(
        name="sterling_navigate",
        version="1.1.0",
        description=(
            "Walks by the solver's cheapest way until max(|dx|, |dz|) <= toleranceXZ and |dy| <= toleranceY; plans "
            "again at most maxReplans times, scanning scanMargin cells beyond the straight line, wider each time. "
            "Where no way leads it digs, builds and opens one, never through what is protected or was built."
        ),
        input_schema=object_schema(
            {
                "goal": POS,
                "toleranceXZ": {"type": "integer", "minimum": 0, "maximum": 256, "default": 1},
                "toleranceY": {"type": "integer", "minimum": 0, "maximum": 384, "default": 0},
                "maxReplans": {"type": "integer", "minimum": 0, "maximum": 10, "default": 3},
                "scanMargin": {"type": "integer", "minimum": 1, "maximum": 32, "default": 5},
            },
            ("goal",),
        ),
        output_schema=_WALKED,
        failures=WALKING,
        timeout_ms=300_000,
        retries=0,  # it plans again by itself
        permissions=frozenset(
            {
                Permission.MOVEMENT,
                Permission.DIG,
                Permission.PLACE,
                Permission.NAVIGATE_STERLING,
                Permission.NAVIGATE_HAZARD_AWARE,
                Permission.NAVIGATE_VERTICAL,
            }
        ),
        rate_limit_per_min=240,
    )

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        """Fails with path.unreachable, path.unloaded or path.stuck."""
        goal = to_pos(args["goal"])
        xz, y = int(args["toleranceXZ"]), int(args["toleranceY"])
        ctx.run.goal = MovementGoal(pos=goal, tolerance_xz=xz, tolerance_y=y)
        options = WalkOptions(max_replans=int(args["maxReplans"]), scan_margin=int(args["scanMargin"]))
        report = await walk_to(ctx, goal, xz, y, options)
        return Outcome((PositionWithin(goal, xz, y),), {**report.wire(), "reached": True})


class Respawn:
    """Comes back after death."""

    spec: ClassVar = LeafSpec(
        name="respawn",
        version="1.0.0",
        description="Respawns after death. Alive already: success without change.",
        input_schema=object_schema({}),
        timeout_ms=30_000,
        retries=1,
        permissions=frozenset({Permission.MOVEMENT}),
    )

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        """Ask for it if the bot is dead."""
        if not (await ctx.senses.observe()).alive:
            await ctx.hands.respawn()
        return Outcome((Alive(),))
