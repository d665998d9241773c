"""Leaves that look, speak and wait. They leave the world as it is and need no execution lock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from conscious_bot.contracts import ActionFailed, ExecErrorCode, LeafSpec, Permission
from conscious_bot.leaves.context import LeafContext
from conscious_bot.leaves.contract import Outcome
from conscious_bot.leaves.lighting import SAFE_LIGHT, light_at
from conscious_bot.leaves.schemas import ITEM, POS, object_schema, to_pos
from conscious_bot.leaves.threats import Threat, threats_around
from conscious_bot.world.region import UNKNOWN, Box
from conscious_bot.world.state import block_of, distance

__all__ = ["Chat", "FindResource", "GetBlockAt", "GetLightLevel", "IntrospectRecipe", "SenseHostiles", "Wait"]

_CHAT_LIMIT = 256  # characters of one chat message; Minecraft Wiki, "Chat"


class FindResource:
    """Looks for blocks, creatures or sources of an item."""

    spec: ClassVar = LeafSpec(
        name="find_resource",
        version="1.0.0",
        description=(
            "Finds the nearest loaded blocks or creatures. `names` are exact block or creature names; `resource` "
            "is one name of a block, a creature, or an item, for which the blocks that drop it are looked for."
        ),
        input_schema={
            **object_schema(
                {
                    "names": {"type": "array", "items": ITEM, "minItems": 1, "maxItems": 64},
                    "resource": ITEM,
                    "radius": {"type": "integer", "minimum": 1, "maximum": 128, "default": 48},
                    "limit": {"type": "integer", "minimum": 1, "maximum": 256, "default": 16},
                }
            ),
            "oneOf": [{"required": ["names"]}, {"required": ["resource"]}],
        },
        output_schema=object_schema(
            {
                "found": {
                    "type": "array",
                    "minItems": 1,
                    "items": object_schema(
                        {
                            "name": {"type": "string"},
                            "pos": POS,
                            "distance": {"type": "number"},
                            "entityId": {"type": "integer"},
                        },
                        ("name", "pos", "distance"),
                    ),
                }
            },
            ("found",),
        ),
        failures=frozenset({ExecErrorCode.SENSE_NOT_FOUND}),
        timeout_ms=10_000,
        retries=1,
        permissions=frozenset({Permission.SENSE}),
        rate_limit_per_min=600,
        max_concurrent=4,
    )

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        """Fails with sense.notFound, and step.badArgs for names the version does not know."""
        tables = ctx.tables
        resource: str | None = args.get("resource")
        wanted: list[str] = [resource] if resource is not None else list(args["names"])
        blocks = sorted({name for name in wanted if name in tables.blocks})
        kinds = sorted({name for name in wanted if name in tables.entities})
        if resource is not None and not blocks and resource in tables.items:
            blocks = list(tables.sources_of(resource))
        if not blocks and not kinds:
            raise ActionFailed(ExecErrorCode.STEP_BAD_ARGS, f"no such block or creature: {', '.join(wanted)}")
        radius, limit = int(args["radius"]), int(args["limit"])
        here = (await ctx.senses.observe()).position
        found: list[tuple[float, dict[str, Any]]] = []
        if blocks:
            for pos in await ctx.senses.find_blocks(blocks, radius, limit):
                state = (await ctx.senses.scan(Box(pos, pos))).state(pos)
                away = distance(here, (pos[0] + 0.5, pos[1] + 0.5, pos[2] + 0.5))
                found.append((away, {"name": tables.name_of(state), "pos": list(pos)}))
        if kinds:
            for entity in await ctx.senses.entities(float(radius)):
                if entity.kind in kinds:
                    cell = [int(c // 1) for c in entity.position]
                    away = distance(here, entity.position)
                    found.append((away, {"name": entity.kind, "pos": cell, "entityId": entity.id}))
        if not found:
            raise ActionFailed(ExecErrorCode.SENSE_NOT_FOUND, f"no {' or '.join(wanted)} within {radius} blocks")
        found.sort(key=lambda pair: (pair[0], pair[1]["pos"][1], pair[1]["pos"][0], pair[1]["pos"][2]))
        return Outcome(output={"found": [{**facts, "distance": round(away, 2)} for away, facts in found[:limit]]})


class GetBlockAt:
    """Names the block in one cell."""

    spec: ClassVar = LeafSpec(
        name="get_block_at",
        version="1.0.0",
        description="Tells which block stands in a cell, with its properties.",
        input_schema=object_schema({"pos": POS}, ("pos",)),
        output_schema=object_schema(
            {
                "name": {"type": "string"},
                "state": {"type": "integer"},
                "properties": {"type": "object", "additionalProperties": {"type": "string"}},
            },
            ("name", "state", "properties"),
        ),
        timeout_ms=5_000,
        retries=1,
        permissions=frozenset({Permission.SENSE}),
        rate_limit_per_min=1200,
        max_concurrent=8,
    )

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        """Fails with path.unloaded where the cell is not loaded."""
        pos = to_pos(args["pos"])
        state = (await ctx.senses.scan(Box(pos, pos))).state(pos)
        if state == UNKNOWN:
            raise ActionFailed(ExecErrorCode.PATH_UNLOADED, f"the cell {pos} is not loaded")
        tables = ctx.tables
        facts = {"name": tables.name_of(state), "state": state, "properties": tables.properties_of(state)}
        return Outcome(output=facts)


class GetLightLevel:
    """Tells how light a cell is."""

    spec: ClassVar = LeafSpec(
        name="get_light_level",
        version="1.0.0",
        description="Tells the present light of a cell, or of the body's own: the brighter of blocks' and sky's light.",
        input_schema=object_schema({"pos": POS}),
        output_schema=object_schema(
            {"pos": POS, "light": {"type": "integer"}, "safe": {"type": "boolean"}}, ("pos", "light", "safe")
        ),
        timeout_ms=5_000,
        retries=1,
        permissions=frozenset({Permission.SENSE}),
        rate_limit_per_min=1200,
        max_concurrent=8,
    )

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        """Fails with path.unloaded where the cell is not loaded, sense.apiError where the world tells no light."""
        pos = to_pos(args["pos"]) if "pos" in args else (await ctx.senses.observe()).block
        light = (await light_at(ctx.senses, [pos])).get(pos)
        if light is None:
            raise ActionFailed(ExecErrorCode.PATH_UNLOADED, f"the cell {pos} is not loaded")
        return Outcome(output={"pos": list(pos), "light": light, "safe": light >= SAFE_LIGHT})


class SenseHostiles:
    """Looks for hostile creatures."""

    spec: ClassVar = LeafSpec(
        name="sense_hostiles",
        version="1.0.0",
        description=(
            "Counts the hostile creatures within `radius` blocks that see the body or have a way to it, and lists "
            "all of them. The run's guards look as far from then on."
        ),
        input_schema=object_schema({"radius": {"type": "number", "minimum": 1, "maximum": 32, "default": 10}}),
        output_schema=object_schema(
            {
                "count": {"type": "integer"},
                "nearest": {"type": "number"},
                "hostiles": {
                    "type": "array",
                    "items": object_schema(
                        {
                            "entityId": {"type": "integer"},
                            "kind": {"type": "string"},
                            "pos": POS,
                            "distance": {"type": "number"},
                            "sight": {"type": "boolean"},
                            "path": {"type": "integer"},
                        },
                        ("entityId", "kind", "pos", "distance", "sight"),
                    ),
                },
            },
            ("count", "hostiles"),
        ),
        timeout_ms=5_000,
        retries=1,
        permissions=frozenset({Permission.SENSE}),
        rate_limit_per_min=1200,
        max_concurrent=4,
    )

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        """Finding none is no failure: the count is 0."""
        radius = float(args["radius"])
        found = await threats_around(ctx.senses, radius)
        ctx.run.sensed_radius, ctx.run.sensed_at = radius, ctx.clock.now()
        present = [threat for threat in found if threat.present]
        output: dict[str, Any] = {"count": len(present), "hostiles": [_told(threat) for threat in found]}
        if present:
            output["nearest"] = round(present[0].distance, 2)
        return Outcome(output=output)


def _told(threat: Threat) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "entityId": threat.view.id,
        "kind": threat.view.kind,
        "pos": list(block_of(threat.view.position)),
        "distance": round(threat.distance, 2),
        "sight": threat.sight,
    }
    return facts if threat.path is None else {**facts, "path": threat.path}


class Chat:
    """Says something."""

    spec: ClassVar = LeafSpec(
        name="chat",
        version="1.0.0",
        description="Says a line in the game's chat. Slash commands are refused: those are for operators.",
        input_schema=object_schema(
            {"message": {"type": "string", "minLength": 1, "maxLength": _CHAT_LIMIT, "pattern": r"^[^/\r\n][^\r\n]*$"}},
            ("message",),
        ),
        output_schema=object_schema({"sent": {"type": "string"}}, ("sent",)),
        timeout_ms=5_000,
        retries=0,
        permissions=frozenset({Permission.CHAT}),
        rate_limit_per_min=20,  # servers kick who speaks more often
    )

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        """Hand the line to the world."""
        await ctx.hands.chat(args["message"])
        return Outcome(output={"sent": args["message"]})


class IntrospectRecipe:
    """Tells how something is made."""

    spec: ClassVar = LeafSpec(
        name="introspect_recipe",
        version="1.0.0",
        description="Tells the version's recipes for an item: what each takes and gives, and what is smelted into it.",
        input_schema=object_schema({"item": ITEM}, ("item",)),
        output_schema=object_schema(
            {
                "item": {"type": "string"},
                "recipes": {
                    "type": "array",
                    "items": object_schema(
                        {
                            "count": {"type": "integer"},
                            "ingredients": {"type": "object", "additionalProperties": {"type": "integer"}},
                            "needsTable": {"type": "boolean"},
                        },
                        ("count", "ingredients", "needsTable"),
                    ),
                },
                "smeltedFrom": {"type": "array", "items": {"type": "string"}},
            },
            ("item", "recipes", "smeltedFrom"),
        ),
        failures=frozenset({ExecErrorCode.CRAFT_NO_RECIPE}),
        timeout_ms=5_000,
        retries=0,
        permissions=frozenset({Permission.SENSE}),
        rate_limit_per_min=1200,
        max_concurrent=8,
    )

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        """Fails with craft.noRecipe if it cannot be made, step.badArgs for an item the version does not know."""
        item, tables = str(args["item"]), ctx.tables
        if item not in tables.items:
            raise ActionFailed(ExecErrorCode.STEP_BAD_ARGS, f"/item: this version has no item {item!r}")
        recipes = [
            {"count": r.count, "ingredients": dict(r.ingredients), "needsTable": r.needs_table}
            for r in tables.recipes.get(item, ())
        ]
        smelted = sorted(name for name, smelting in tables.smelting.items() if smelting.result == item)
        if not recipes and not smelted:
            raise ActionFailed(ExecErrorCode.CRAFT_NO_RECIPE, f"this version makes no {item}")
        return Outcome(output={"item": item, "recipes": recipes, "smeltedFrom": smelted})


class Wait:
    """Lets time pass."""

    spec: ClassVar = LeafSpec(
        name="wait",
        version="1.0.0",
        description="Waits so many milliseconds; a declared wait, so nobody takes the bot for stuck.",
        input_schema=object_schema({"ms": {"type": "integer", "minimum": 0, "maximum": 600_000}}, ("ms",)),
        output_schema=object_schema({"waitedMs": {"type": "integer"}}, ("waitedMs",)),
        timeout_ms=610_000,
        retries=0,
        permissions=frozenset({Permission.SENSE}),
        rate_limit_per_min=600,
        max_concurrent=4,
    )

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        """Sleep on the run's clock."""
        before = ctx.clock.now()
        await ctx.sleep(args["ms"] / 1000, "asked to wait")
        return Outcome(output={"waitedMs": round((ctx.clock.now() - before) * 1000)})
