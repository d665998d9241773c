"""Leaves that fight."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from conscious_bot.contracts import ActionFailed, ExecErrorCode, LeafSpec, Permission
from conscious_bot.leaves.chasing import SEES, approach, seen_entity
from conscious_bot.leaves.context import LeafContext
from conscious_bot.leaves.contract import Outcome
from conscious_bot.leaves.expectations import EntityGone, Expectation, HeldItem, Wears
from conscious_bot.leaves.schemas import ITEM, POS, object_schema
from conscious_bot.world.creatures import is_creature, is_hostile
from conscious_bot.world.state import EntityView, Inventory, block_of, distance

__all__ = ["AttackEntity", "EquipWeapon", "best_weapon"]

_DAMAGE_PER_SECOND = {
    "netherite_sword": 12.8, "diamond_sword": 11.2, "netherite_axe": 10.0, "trident": 9.9, "iron_sword": 9.6,
    "diamond_axe": 9.0, "golden_axe": 7.0, "iron_axe": 8.1, "stone_sword": 8.0, "stone_axe": 7.2,
    "golden_sword": 6.4, "wooden_sword": 6.4, "wooden_axe": 5.6,
}  # fmt: skip
"""Damage times attack speed (Minecraft Wiki, "Damage": melee weapons)."""

_ATTACKS_PER_SECOND = {
    "netherite_axe": 1.0, "diamond_axe": 1.0, "golden_axe": 1.0, "iron_axe": 0.9, "stone_axe": 0.8, "wooden_axe": 0.8,
    "trident": 1.1,
}  # fmt: skip
_SWORD = 1.6
_ARM = 2.6
"""From the feet, so that the box is within the 3 blocks from the eyes that a blow reaches."""

_USELESS = 6
"""So many blows in a row without harm are enough to give up."""

_COMES, _STEP, _GLANCE = 6.0, 0.02, 0.1
"""A hostile this near that came so many blocks nearer is waited for, looking again after so many seconds."""

_LOST = 10.0
"""A creature that vanishes farther away than this has not been killed."""


def best_weapon(inventory: Inventory) -> str | None:
    """The carried weapon that does most damage in a second; None if none is carried."""
    carried = {stack.item for stack in inventory.slots if stack is not None}
    return max(sorted(carried & set(_DAMAGE_PER_SECOND)), key=_DAMAGE_PER_SECOND.__getitem__, default=None)


class EquipWeapon:
    """Takes up arms."""

    spec: ClassVar = LeafSpec(
        name="equip_weapon",
        version="1.0.0",
        description="Takes the best carried weapon, or `item`, into the hand, and a carried shield into the off hand.",
        input_schema=object_schema({"item": ITEM, "shield": {"type": "boolean", "default": True}}),
        output_schema=object_schema({"equipped": {"type": "string"}, "shield": {"type": "boolean"}}, ("equipped",)),
        failures=frozenset({ExecErrorCode.INVENTORY_MISSING}),
        timeout_ms=5_000,
        retries=1,
        permissions=frozenset({Permission.CONTAINER_READ}),
        rate_limit_per_min=240,
    )

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        """Fails with inventory.missing, and step.badArgs for an item the version does not know."""
        state = await ctx.senses.observe()
        item: str | None = args.get("item") or best_weapon(state.inventory)
        if item is None:
            raise ActionFailed(ExecErrorCode.INVENTORY_MISSING, "no sword, axe or trident is carried")
        if item not in ctx.tables.items:
            raise ActionFailed(ExecErrorCode.STEP_BAD_ARGS, f"/item: this version has no item {item!r}")
        if state.inventory.slot_of(item) is None:
            raise ActionFailed(ExecErrorCode.INVENTORY_MISSING, f"no {item} is carried")
        expect: list[Expectation] = [HeldItem(item)]
        if state.held is None or state.held.item != item:
            await ctx.hands.equip(item, "hand")
        shield = args["shield"] and state.inventory.count("shield") > 0
        if shield:
            expect.append(Wears("shield", "off-hand"))
            if "off-hand" not in state.inventory.worn or state.inventory.worn["off-hand"].item != "shield":
                await ctx.hands.equip("shield", "off-hand")
        return Outcome(tuple(expect), {"equipped": item, "shield": bool(shield)})


Filter = Literal["hostile", "passive", "any"]


class AttackEntity:
    """Fights a creature until it is dead."""

    spec: ClassVar = LeafSpec(
        name="attack_entity",
        version="1.0.0",
        description=(
            "Goes after a creature (`entityId`, or the nearest of a `kind`, or the nearest that `targetFilter` allows) "
            "and strikes it with the best weapon at full strength until it is dead, a shield raised between the blows. "
            "Players are never a target. Gives up at `retreatHealth`."
        ),
        input_schema=object_schema(
            {
                "entityId": {"type": "integer"},
                "kind": ITEM,
                "targetFilter": {"enum": ["hostile", "passive", "any"], "default": "hostile"},
                "radius": {"type": "number", "minimum": 1, "maximum": 32, "default": 16},
                "retreatHealth": {"type": "number", "minimum": 0, "maximum": 20, "default": 6},
            }
        ),
        output_schema=object_schema(
            {"entityId": {"type": "integer"}, "kind": {"type": "string"}, "blows": {"type": "integer"}, "pos": POS},
            ("entityId", "kind", "blows", "pos"),
        ),
        failures=frozenset(
            {
                ExecErrorCode.SENSE_NOT_FOUND,
                ExecErrorCode.COMBAT_TARGET_GONE,
                ExecErrorCode.COMBAT_LOW_HEALTH,
                ExecErrorCode.COMBAT_NO_EFFECT,
                ExecErrorCode.PATH_UNREACHABLE,
            }
        ),
        timeout_ms=60_000,
        retries=0,
        permissions=frozenset({Permission.MOVEMENT, Permission.CONTAINER_READ}),
        argument_permissions={
            "targetFilter": {
                "passive": frozenset({Permission.TARGET_PASSIVE}),
                "any": frozenset({Permission.TARGET_PASSIVE}),
            }
        },
        rate_limit_per_min=120,
    )

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        """Fails with sense.notFound, combat.targetGone, combat.lowHealth, combat.noEffect, path.unreachable."""
        target = await self._choose(ctx, args)
        await ctx.watch_for(EntityGone(target.id))
        await _arm(ctx)
        blows, useless = 0, 0
        pos = block_of(target.position)
        while True:
            state = await ctx.senses.observe()
            if state.health <= float(args["retreatHealth"]):
                detail = f"{state.health:g} health left, {blows} blows dealt to the {target.kind}"
                raise ActionFailed(ExecErrorCode.COMBAT_LOW_HEALTH, detail)
            now = await seen_entity(ctx, target.id)
            if now is None:
                if blows and distance(state.position, target.position) <= _LOST:
                    break
                raise ActionFailed(ExecErrorCode.COMBAT_TARGET_GONE, f"the {target.kind} is gone after {blows} blows")
            away, before = distance(state.position, now.position), distance(state.position, target.position)
            target, pos = now, block_of(now.position)
            if away > _ARM:
                if is_hostile(ctx.tables, now.kind) and away < _COMES and away < before - _STEP:
                    await ctx.sleep(_GLANCE, "for a hostile that comes by itself")
                elif not await approach(ctx, now, _ARM):
                    await ctx.sleep(_GLANCE, "to see where it goes")
                continue
            try:
                await ctx.hands.attack(target.id)
                blows, useless = blows + 1, 0
            except ActionFailed as failure:
                if failure.code is ExecErrorCode.COMBAT_TARGET_GONE:
                    continue  # it died meanwhile, or went: the look above tells
                if failure.code not in (ExecErrorCode.COMBAT_NO_EFFECT, ExecErrorCode.COMBAT_OUT_OF_REACH):
                    raise
                useless += 1
                if useless >= _USELESS:
                    raise
                if failure.code is ExecErrorCode.COMBAT_OUT_OF_REACH:
                    await approach(ctx, target, _ARM - 1.0)
            ctx.progress(f"fighting a {target.kind}, {blows} blows")
            await self._guard(ctx, target)
        output = {"entityId": target.id, "kind": target.kind, "blows": blows, "pos": list(pos)}
        return Outcome((EntityGone(target.id),), output)

    async def _choose(self, ctx: LeafContext, args: Mapping[str, Any]) -> EntityView:
        """The creature that is meant."""
        filter_: Filter = args["targetFilter"]
        kind: str | None = args.get("kind")
        if kind is not None and not is_creature(ctx.tables, kind):
            raise ActionFailed(ExecErrorCode.STEP_BAD_ARGS, f"/kind: this version has no creature {kind!r}")
        number: int | None = args.get("entityId")
        radius = SEES if number is not None else float(args["radius"])
        for entity in await ctx.senses.entities(radius):
            if number is not None and entity.id != number:
                continue
            if not is_creature(ctx.tables, entity.kind) or (kind is not None and entity.kind != kind):
                continue
            hostile = is_hostile(ctx.tables, entity.kind)
            if filter_ == "any" or hostile == (filter_ == "hostile"):
                return entity
            if number is not None or kind is not None:
                detail = f"a {entity.kind} is not what the targetFilter {filter_!r} allows"
                raise ActionFailed(ExecErrorCode.PERMISSION_DENIED, detail)
        wanted = f"creature {number}" if number is not None else kind or f"{filter_} creature"
        raise ActionFailed(ExecErrorCode.SENSE_NOT_FOUND, f"no {wanted} within {radius:g} blocks")

    async def _guard(self, ctx: LeafContext, target: EntityView) -> None:
        """Hold the shield up while the weapon is not ready."""
        state = await ctx.senses.observe()
        worn = state.inventory.worn.get("off-hand")
        if worn is None or worn.item != "shield" or not is_hostile(ctx.tables, target.kind):
            return
        held = None if state.held is None else state.held.item
        pause = 1 / _ATTACKS_PER_SECOND.get(held or "", _SWORD) - 0.15
        await ctx.hands.raise_shield(up=True)
        await ctx.sleep(pause, "behind the shield, until the weapon is ready")
        await ctx.hands.raise_shield(up=False)


async def _arm(ctx: LeafContext) -> None:
    """The best weapon into the hand and a shield beside it, where they are carried."""
    state = await ctx.senses.observe()
    item = best_weapon(state.inventory)
    if item is not None and (state.held is None or state.held.item != item):
        await ctx.hands.equip(item, "hand")
    worn = state.inventory.worn.get("off-hand")
    if state.inventory.slot_of("shield") is not None and (worn is None or worn.item != "shield"):
        await ctx.hands.equip("shield", "off-hand")
