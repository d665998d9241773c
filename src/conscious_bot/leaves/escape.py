"""Leaves that get the body out of danger, and one that stays with somebody. None changes the run's goal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from conscious_bot.contracts import ActionFailed, ExecErrorCode, LeafSpec, Permission
from conscious_bot.leaves.chasing import SEES, approach, get_away, seen_entity
from conscious_bot.leaves.context import LeafContext
from conscious_bot.leaves.contract import Outcome
from conscious_bot.leaves.expectations import BlockIsNot, EntityBeyond, EntityWithin, NoThreat, PositionWithin
from conscious_bot.leaves.navigation import WalkOptions, box_of, survey
from conscious_bot.leaves.schemas import POS, object_schema
from conscious_bot.leaves.sight import EYE
from conscious_bot.leaves.threats import guard_radius, hostiles_present, threats_around
from conscious_bot.leaves.watching import HOSTILE_REACH
from conscious_bot.world.occupancy import Occupancy
from conscious_bot.world.region import Box
from conscious_bot.world.state import EntityView, block_of, distance

__all__ = ["EmergencyRetreat", "EmergencySurface", "Flee", "FollowEntity", "RetreatFromThreat"]

_WATER = ("water", "bubble_column", "kelp", "kelp_plant", "seagrass", "tall_seagrass")
_AWAY = object_schema(
    {"position": POS, "from": {"type": "array", "items": {"type": "string"}}, "nearest": {"type": "number"}},
    ("position", "from"),
)


async def _told(ctx: LeafContext, hostiles: list[EntityView]) -> dict[str, Any]:
    state = await ctx.senses.observe()
    left = [e for e in await ctx.senses.entities(SEES) if e.id in {h.id for h in hostiles}]
    output: dict[str, Any] = {"position": list(state.block), "from": sorted({h.kind for h in hostiles})}
    if left:
        output["nearest"] = round(distance(state.position, left[0].position), 2)
    return output


class Flee:
    """Runs until it is far from what hunts it."""

    spec: ClassVar = LeafSpec(
        name="flee",
        version="1.0.0",
        description=(
            "Runs from one creature (`entityId`), or from all hostiles present, until each is `distance` blocks away. "
            "Nobody to flee from: success without change."
        ),
        input_schema=object_schema(
            {
                "entityId": {"type": "integer"},
                "distance": {"type": "number", "minimum": 4, "maximum": 24, "default": 16},
            }
        ),
        output_schema=_AWAY,
        failures=frozenset(
            {ExecErrorCode.PATH_UNREACHABLE, ExecErrorCode.PATH_STUCK, ExecErrorCode.COMBAT_THREAT_PERSISTS}
        ),
        timeout_ms=60_000,  # eight stretches, and three seconds for each to see that it leads nowhere
        retries=0,
        permissions=frozenset({Permission.MOVEMENT}),
        rate_limit_per_min=120,
    )

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        """Fails with path.unreachable if there is nowhere to run, path.stuck if it cannot get rid of them."""
        far = float(args["distance"])
        number: int | None = args.get("entityId")
        if number is None:
            hostiles = [t.view for t in await threats_around(ctx.senses, far) if t.present]
        else:
            hostiles = [e for e in [await seen_entity(ctx, number)] if e is not None]
        await ctx.watch_for(NoThreat(), *(EntityBeyond(h.id, far) for h in hostiles))
        met = list(hostiles)
        for _ in range(8):
            if not hostiles:
                break
            done = await get_away(ctx, hostiles, far)
            now = [e for e in await ctx.senses.entities(SEES) if e.id in {h.id for h in met}]
            here = (await ctx.senses.observe()).position
            hostiles = [] if done else [e for e in now if distance(e.position, here) < far]
        else:
            kinds = ", ".join(sorted({h.kind for h in hostiles}))
            raise ActionFailed(ExecErrorCode.PATH_STUCK, f"cannot get {far:g} blocks away from {kinds}")
        # They go on walking while the body comes to rest: two blocks less still count.
        expect = tuple(EntityBeyond(h.id, far - 2.0) for h in met) or (NoThreat(),)
        return Outcome(expect, await _told(ctx, met))


class RetreatFromThreat:
    """Steps back out of reach."""

    spec: ClassVar = LeafSpec(
        name="retreat_from_threat",
        version="1.0.0",
        description=(
            "Goes back from the hostiles present within `radius` blocks, out of their reach, in one stretch. None "
            "present: success without change."
        ),
        input_schema=object_schema({"radius": {"type": "number", "minimum": 1, "maximum": 32, "default": 10}}),
        output_schema=_AWAY,
        failures=frozenset({ExecErrorCode.PATH_UNREACHABLE, ExecErrorCode.COMBAT_THREAT_PERSISTS}),
        timeout_ms=20_000,
        retries=1,
        permissions=frozenset({Permission.MOVEMENT}),
        rate_limit_per_min=120,
    )

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        """Fails with path.unreachable if there is nowhere to go back to."""
        found = await threats_around(ctx.senses, float(args["radius"]))
        hostiles = [t.view for t in found if t.present]
        far = HOSTILE_REACH + 1.0
        if not any(t.present and t.distance < far for t in found):
            expect = tuple(EntityBeyond(h.id, far - 1.0) for h in hostiles) or (NoThreat(),)
            await ctx.watch_for(*expect)
            return Outcome(expect, await _told(ctx, hostiles))
        await ctx.watch_for(*(EntityBeyond(h.id, far) for h in hostiles))
        await get_away(ctx, hostiles, far + 2.0)
        nearest = min(found, key=lambda t: t.distance).view
        return Outcome((EntityBeyond(nearest.id, min(far - 1.0, 4.0)),), await _told(ctx, hostiles))


class EmergencyRetreat:
    """Out of danger at once, whatever it is."""

    spec: ClassVar = LeafSpec(
        name="emergency_retreat",
        version="1.0.0",
        description=(
            "Leaves danger by the quickest way: out of fire, lava or what else hurts in the body's own cell, else away "
            "from the hostiles present. In no danger: success without change."
        ),
        input_schema=object_schema({}),
        output_schema=_AWAY,
        failures=frozenset({ExecErrorCode.PATH_UNREACHABLE}),
        timeout_ms=15_000,
        retries=0,
        permissions=frozenset({Permission.MOVEMENT}),
        rate_limit_per_min=120,
    )

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        """Fails with path.unreachable if no safe cell can be reached."""
        state = await ctx.senses.observe()
        seen = await survey(ctx, lambda here: box_of([here], 8, 6), WalkOptions())
        hurts = (Occupancy.LAVA, Occupancy.HAZARD)
        x, y, z = state.block
        if any(seen.sight.occupancy(cell) in hurts for cell in ((x, y, z), (x, y + 1, z))):
            for cell, _ in seen.navigator.field(seen.start):
                if seen.sight.standable(cell) and cell != state.block:
                    way = seen.navigator.solve(seen.start, cell, tolerance_xz=0)
                    await ctx.hands.follow(way.primitives)
                    return Outcome((PositionWithin(cell, 1, 1),), await _told(ctx, []))
            raise ActionFailed(ExecErrorCode.PATH_UNREACHABLE, f"no safe cell can be reached from {state.block}")
        threats = await hostiles_present(ctx.senses, ctx.run)
        hostiles = [t.view for t in threats]
        await ctx.watch_for(NoThreat())
        if not hostiles:
            return Outcome((NoThreat(),), await _told(ctx, []))
        far = guard_radius(ctx.run) + 2.0
        await get_away(ctx, hostiles, far)
        return Outcome((EntityBeyond(hostiles[0].id, threats[0].distance),), await _told(ctx, hostiles))


class FollowEntity:
    """Stays near somebody."""

    spec: ClassVar = LeafSpec(
        name="follow_entity",
        version="1.0.0",
        description="Follows a creature or player (`id`, or a player's `name`) for `ms` milliseconds, within `range`.",
        input_schema={
            **object_schema(
                {
                    "id": {"type": "integer"},
                    "name": {"type": "string", "minLength": 1, "maxLength": 64},
                    "range": {"type": "number", "minimum": 1, "maximum": 16, "default": 3},
                    "ms": {"type": "integer", "minimum": 0, "maximum": 600_000, "default": 10_000},
                }
            ),
            "oneOf": [{"required": ["id"]}, {"required": ["name"]}],
        },
        output_schema=object_schema(
            {"entityId": {"type": "integer"}, "distance": {"type": "number"}, "position": POS},
            ("entityId", "distance", "position"),
        ),
        failures=frozenset(
            {ExecErrorCode.SENSE_NOT_FOUND, ExecErrorCode.COMBAT_TARGET_GONE, ExecErrorCode.PATH_UNREACHABLE}
        ),
        timeout_ms=660_000,
        retries=0,
        permissions=frozenset({Permission.MOVEMENT}),
        rate_limit_per_min=120,
    )

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        """Fails with sense.notFound if it is not there, combat.targetGone if it is lost, path.unreachable."""
        name: str | None = args.get("name")
        number: int | None = args.get("id")
        near = float(args["range"])
        entities = await ctx.senses.entities(SEES)
        target = next((e for e in entities if e.id == number or (name is not None and e.name == name)), None)
        if target is None:
            who = name if number is None else f"entity {number}"
            raise ActionFailed(ExecErrorCode.SENSE_NOT_FOUND, f"{who} is not within {SEES:g} blocks")
        # It may take a step while the body comes to rest.
        expect = EntityWithin(target.id, near + 1.5)
        await ctx.watch_for(expect)
        until = ctx.clock.now() + args["ms"] / 1000
        while True:
            now = await seen_entity(ctx, target.id)
            if now is None:
                raise ActionFailed(ExecErrorCode.COMBAT_TARGET_GONE, f"{target.name or target.kind} is lost")
            state = await ctx.senses.observe()
            if distance(state.position, now.position) > near:
                await approach(ctx, now, near)
                continue
            left = until - ctx.clock.now()
            if left <= 0:
                away = round(distance(state.position, now.position), 2)
                output = {"entityId": now.id, "distance": away, "position": list(state.block)}
                return Outcome((expect,), output)
            await ctx.sleep(min(0.25, left), "near whom it follows")


class EmergencySurface:
    """Comes up for air."""

    spec: ClassVar = LeafSpec(
        name="emergency_surface",
        version="1.0.0",
        description="Gets the head out of the water: to the nearest shore or shallow. In air: success without change.",
        input_schema=object_schema({}),
        output_schema=object_schema({"position": POS, "air": {"type": "integer"}}, ("position", "air")),
        failures=frozenset({ExecErrorCode.PATH_UNREACHABLE}),
        timeout_ms=30_000,
        retries=1,
        permissions=frozenset({Permission.MOVEMENT, Permission.NAVIGATE_VERTICAL}),
        rate_limit_per_min=120,
    )

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        """Fails with path.unreachable if no place with air can be reached."""
        state = await ctx.senses.observe()
        head = _head(state.position)
        if (await self._name(ctx, head)) in _WATER:
            seen = await survey(ctx, lambda here: box_of([here], 24, 24), WalkOptions())
            box = seen.sight.region.box
            shores = seen.sight.stands_in(box.low, box.high)
            way = seen.navigator.solve_any(seen.start, shores, max_nodes=200_000)
            if not way.found:
                raise ActionFailed(ExecErrorCode.PATH_UNREACHABLE, f"no shore can be reached from {state.block}")
            await ctx.hands.follow(way.primitives)
            state = await ctx.senses.observe()
            head = _head(state.position)
        expect = (BlockIsNot(head, _WATER), PositionWithin(state.block, 1, 1))
        await ctx.watch_for(*expect)
        return Outcome(expect, {"position": list(state.block), "air": state.air})

    async def _name(self, ctx: LeafContext, cell: tuple[int, int, int]) -> str:
        return ctx.tables.name_of((await ctx.senses.scan(Box(cell, cell))).state(cell))


def _head(position: tuple[float, float, float]) -> tuple[int, int, int]:
    return block_of((position[0], position[1] + EYE, position[2]))
