"""The cases of the shipped leaves for the conformance kit: on flat ground, by day, with empty pockets."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from conscious_bot.contracts import ExecErrorCode as Code
from conscious_bot.contracts import UserError
from conscious_bot.leaves.run_state import MovementGoal
from conscious_bot.testing.leaf_kit import Bench, Case, LeafCases

__all__ = ["CASES"]

Args = dict[str, Any]


async def _nothing(_bench: Bench) -> Args:
    return {}


def _args(**args: Any) -> Any:
    async def prepare(_bench: Bench) -> Args:
        return args

    return prepare


def _given(*items: str, count: int = 1, **args: Any) -> Any:
    """With these items in the pockets."""

    async def prepare(bench: Bench) -> Args:
        for item in items:
            await bench.give(item, count)
        return args

    return prepare


def _placed(block: str, *items: str, count: int = 1, key: str = "pos", **args: Any) -> Any:
    """With a block two cells to the east, which the argument `key` names, and these items."""

    async def prepare(bench: Bench) -> Args:
        await bench.set(bench.at(2, 0, 0), block)
        for item in items:
            await bench.give(item, count)
        return {key: list(bench.at(2, 0, 0)), **args} if key else args

    return prepare


def _to(key: str, dx: int, dz: int, **args: Any) -> Any:
    """With a cell of the ground as the goal."""

    async def prepare(bench: Bench) -> Args:
        return {key: list(bench.at(dx, 0, dz)), **args}

    return prepare


def _caged(key: str) -> Any:
    """With a goal in a cage that nobody digs into, from below neither."""

    async def prepare(bench: Bench) -> Args:
        await bench.fill(bench.at(4, -3, 4), bench.at(8, 3, 8), "bedrock")
        await bench.fill(bench.at(5, 0, 5), bench.at(7, 2, 7), "air")
        return {key: list(bench.at(6, 0, 6))}

    return prepare


_COLUMN = {"levels": [{"coordinates": [0, y, 0], "placement": [["dirt"]]} for y in range(2)]}


async def _column(bench: Bench) -> Args:
    await bench.give("dirt", 2)
    return {"pos": list(bench.at(4, 0, 3)), "blueprint": _COLUMN}


async def _site(bench: Bench) -> Args:
    """With a bump on the ground."""
    await bench.set(bench.at(4, 0, 4), "dirt")
    return {"pos": list(bench.at(3, 0, 3)), "size": [3, 3, 3]}


async def _taken_site(bench: Bench) -> Args:
    """With somebody's work on the ground."""
    await bench.set(bench.at(4, 0, 4), "bricks")
    return {"pos": list(bench.at(3, 0, 3)), "size": [3, 3, 3]}


async def _hostile(bench: Bench, dx: float) -> int:
    with contextlib.suppress(UserError):  # some servers have no difficulties; then a creeper comes or does not
        await bench.command("difficulty easy")
    return (await bench.summon("creeper", dx, 1, "{NoAI:1b}")).id


async def _hunted(bench: Bench) -> Args:
    await _hostile(bench, 5)
    return {}


async def _hunted_with_blocks(bench: Bench) -> Args:
    await bench.give("dirt", 16)
    await _hostile(bench, 5)

    async def leave() -> None:
        await asyncio.sleep(6)
        await bench.command("kill @e[type=creeper]")

    bench.state.sensed_radius = 8.0
    bench.keep(asyncio.ensure_future(leave()))
    return {}


async def _prey(bench: Bench) -> Args:
    await bench.give("iron_sword")
    await bench.summon("pig", 3, 0)
    return {"kind": "pig", "targetFilter": "passive"}


async def _friend(bench: Bench) -> Args:
    return {"id": (await bench.summon("pig", 5, 2, "{NoAI:1b}")).id, "ms": 500}


async def _lying(bench: Bench) -> Args:
    await bench.set(bench.at(3, 0, 0), "dirt")
    await bench.run("dig_block", {"pos": list(bench.at(3, 0, 0))})
    return {"radius": 8}


async def _dead(bench: Bench) -> Args:
    await bench.command(f"kill {bench.body.name}")
    await asyncio.sleep(0.5)
    return {}


async def _drowning(bench: Bench) -> Args:
    await bench.fill(bench.at(-2, -3, -2), bench.at(2, -1, 2), "water")
    await asyncio.sleep(2.5)
    return {}


async def _full_chest(bench: Bench) -> Args:
    await bench.set(bench.at(2, 0, 0), "chest")
    await bench.give("dirt", 8)
    return {"pos": list(bench.at(2, 0, 0)), "item": "dirt", "count": 5, "direction": "deposit"}


async def _cluttered(bench: Bench) -> Args:
    await bench.give("cobblestone", 64 * 34)
    return {"freeSlots": 8}


async def _hoarding(bench: Bench) -> Args:
    await bench.give("oak_log", 64 * 36)
    return {"freeSlots": 2}


async def _door(bench: Bench) -> Args:
    x, y, z = bench.at(2, 0, 0)
    await bench.set((x, y, z), "oak_door[half=lower]")
    await bench.set((x, y + 1, z), "oak_door[half=upper]")
    return {"pos": [x, y, z], "open": True}


async def _night(bench: Bench) -> Args:
    await bench.give("red_bed")
    await bench.command("time set night")
    return {"placeBed": True}


async def _pool(bench: Bench) -> None:
    await bench.set(bench.at(3, -1, 0), "water")


async def _tillable(bench: Bench) -> Args:
    await _pool(bench)
    await bench.give("wooden_hoe")
    return {"radius": 2, "count": 2}


async def _plantable(bench: Bench) -> Args:
    await _pool(bench)
    await bench.set(bench.at(2, -1, 1), "farmland[moisture=7]")
    await bench.give("carrot", 2)
    return {"crop": "carrot", "radius": 3}


async def _ripe(bench: Bench) -> Args:
    await _plantable(bench)
    await bench.set(bench.at(2, 0, 1), "carrots[age=7]")
    return {"radius": 3}


async def _goal(bench: Bench) -> Args:
    bench.state.goal = MovementGoal(pos=bench.at(6, 0, 0))
    return {}


async def _dark(bench: Bench) -> Args:
    await bench.command("time set midnight")
    bench.state.goal = MovementGoal(pos=bench.at(6, 0, 0))
    await bench.give("torch", 2)
    return {}


async def _unsafe(bench: Bench) -> Args:
    await bench.command("time set midnight")
    return await _goal(bench)


async def _bucket(bench: Bench) -> Args:
    await _pool(bench)
    await bench.give("bucket")
    return {"item": "bucket", "on": list(bench.at(3, -1, 0))}


async def _opened(bench: Bench) -> Args:
    await bench.set(bench.at(2, 0, 0), "chest")
    await bench.run("open_container", {"pos": list(bench.at(2, 0, 0))})
    return {}


_DIRT = {"dirt": 1.0, "grass_block": 1.0, "farmland": 1.0, "dirt_path": 1.0}
_STONE = {"stone": 1.0, "cobblestone": 1.0}
_WOOD = {"oak_log": 4.0, "oak_planks": 1.0, "stick": 0.5, "crafting_table": 4.0}

CASES: tuple[LeafCases, ...] = (
    LeafCases(
        "acquire_material",
        Case(_placed("oak_log", key="", item="oak_log"), weights=_WOOD),
        (
            Case(_args(item="oak_log"), Code.SENSE_NOT_FOUND),
            Case(_placed("iron_ore", key="", item="raw_iron"), Code.DIG_TOOL_INVALID),
            Case(_args(item="no_such_thing"), Code.STEP_BAD_ARGS),
        ),
    ),
    LeafCases(
        "attack_entity",
        Case(_prey, weights={"iron_sword": 1.0}),
        (Case(_nothing, Code.SENSE_NOT_FOUND), Case(_args(kind="stone"), Code.STEP_BAD_ARGS)),
    ),
    LeafCases(
        "build_module",
        Case(_column, weights=_DIRT),
        (Case(_to("pos", 4, 3, blueprint=_COLUMN), Code.INVENTORY_MISSING),),
    ),
    LeafCases("chat", Case(_args(message="hello"))),
    LeafCases("close_container", Case(_opened)),
    LeafCases("collect_items", Case(_lying, weights=_DIRT), (Case(_nothing, Code.SENSE_NOT_FOUND),)),
    LeafCases(
        "consume_food",
        Case(_given("golden_apple"), weights={"golden_apple": 1.0}, spends=True),
        (
            Case(_nothing, Code.INVENTORY_MISSING),
            Case(_given("stick", item="stick"), Code.USE_NOT_FOOD),
            Case(_given("bread", item="bread"), Code.USE_NOT_HUNGRY, {"bread": 1.0}),
        ),
    ),
    LeafCases(
        "craft_recipe",
        Case(_given("oak_planks", count=4, recipe="stick", qty=4), weights=_WOOD),
        (
            Case(_args(recipe="stick"), Code.CRAFT_MISSING_INPUT),
            Case(_args(recipe="dirt"), Code.CRAFT_NO_RECIPE),
            Case(_given("oak_planks", count=8, recipe="chest"), Code.CRAFT_NO_WORKSTATION, _WOOD),
        ),
    ),
    LeafCases(
        "dig_block",
        Case(_placed("stone", "stone_pickaxe"), weights=_STONE),
        (
            Case(_placed("air"), Code.DIG_BLOCK_CHANGED),
            Case(_placed("stone", harvest=True), Code.DIG_TOOL_INVALID, _STONE),
            Case(_to("pos", 12, 0), Code.DIG_OUT_OF_REACH),
        ),
    ),
    LeafCases("emergency_retreat", Case(_hunted)),
    LeafCases("emergency_surface", Case(_drowning)),
    LeafCases(
        "equip_tool",
        Case(_given("dirt", "stone_pickaxe", kind="pickaxe"), weights={"stone_pickaxe": 1.0}),
        (Case(_args(kind="axe"), Code.INVENTORY_MISSING),),
    ),
    LeafCases(
        "equip_weapon",
        Case(_given("dirt", "stone_sword"), weights={"stone_sword": 1.0}),
        (Case(_nothing, Code.INVENTORY_MISSING),),
    ),
    LeafCases(
        "find_resource",
        Case(_args(names=["grass_block"])),
        (Case(_args(names=["diamond_ore"], radius=8), Code.SENSE_NOT_FOUND),),
    ),
    LeafCases("flee", Case(_hunted)),
    LeafCases("follow_entity", Case(_friend), (Case(_args(name="Nobody"), Code.SENSE_NOT_FOUND),)),
    LeafCases("get_block_at", Case(_to("pos", 1, 0)), (Case(_to("pos", 5000, 0), Code.PATH_UNLOADED),)),
    LeafCases("get_light_level", Case(_nothing), (Case(_to("pos", 5000, 0), Code.PATH_UNLOADED),)),
    LeafCases("harvest_crop", Case(_ripe), (Case(_nothing, Code.SENSE_NOT_FOUND),)),
    LeafCases(
        "interact_with_block",
        Case(_door),
        (Case(_placed("stone"), Code.USE_NO_EFFECT), Case(_to("pos", 12, 0), Code.USE_OUT_OF_REACH)),
    ),
    LeafCases(
        "introspect_recipe",
        Case(_args(item="torch")),
        (Case(_args(item="dirt"), Code.CRAFT_NO_RECIPE), Case(_args(item="nonsense"), Code.STEP_BAD_ARGS)),
    ),
    LeafCases("manage_farm", Case(_ripe), (Case(_nothing, Code.SENSE_NOT_FOUND),)),
    LeafCases(
        "manage_inventory",
        Case(_cluttered, weights={"cobblestone": 1.0}),
        (Case(_hoarding, Code.INVENTORY_FULL, {"oak_log": 1.0}),),
    ),
    LeafCases("move_to", Case(_to("pos", 7, 3)), (Case(_caged("pos"), Code.PATH_UNREACHABLE),)),
    LeafCases(
        "open_container",
        Case(_placed("chest")),
        (Case(_placed("stone"), Code.CONTAINER_NONE),),
    ),
    LeafCases(
        "pillar_up",
        Case(_given("dirt", count=3, height=2), weights=_DIRT),
        (Case(_nothing, Code.INVENTORY_MISSING),),
    ),
    LeafCases(
        "place_block",
        Case(_placed("air", "dirt", item="dirt"), weights=_DIRT),
        (
            Case(_placed("air", item="dirt"), Code.INVENTORY_MISSING),
            Case(_placed("stone", "dirt", item="dirt"), Code.PLACE_OCCUPIED, _DIRT),
            Case(_given("stick", item="stick", pos=[0, 0, 0]), Code.STEP_BAD_ARGS),
        ),
    ),
    LeafCases(
        "place_feature",
        Case(_placed("air", "chest", feature="chest"), weights={"chest": 1.0}),
        (
            Case(_placed("air", feature="chest"), Code.INVENTORY_MISSING),
            Case(_placed("air", feature="stick"), Code.STEP_BAD_ARGS),
        ),
    ),
    LeafCases(
        "place_torch",
        Case(_given("torch"), weights={"torch": 1.0, "wall_torch": 1.0}),
        (Case(_nothing, Code.INVENTORY_MISSING),),
    ),
    LeafCases(
        "place_torch_if_needed",
        Case(_dark, weights={"torch": 1.0, "wall_torch": 1.0}),
        (Case(_unsafe, Code.INVENTORY_MISSING),),
    ),
    LeafCases(
        "place_workstation",
        Case(_given("crafting_table", kind="crafting_table"), weights=_WOOD),
        (Case(_args(kind="furnace"), Code.INVENTORY_MISSING),),
    ),
    LeafCases(
        "plant_crop",
        Case(_plantable),
        (
            Case(_args(crop="carrot"), Code.INVENTORY_MISSING),
            Case(_given("carrot", crop="carrot"), Code.SENSE_NOT_FOUND, {"carrot": 1.0}),
        ),
    ),
    LeafCases("prepare_site", Case(_site, weights=_DIRT), (Case(_taken_site, Code.PLACE_OCCUPIED),)),
    LeafCases("respawn", Case(_dead)),
    LeafCases(
        "retreat_and_block",
        Case(_hunted_with_blocks, weights=_DIRT),
        (Case(_hunted, Code.INVENTORY_MISSING),),
    ),
    LeafCases("retreat_from_threat", Case(_hunted)),
    LeafCases("sense_hostiles", Case(_args(radius=10))),
    LeafCases("sleep", Case(_night), (Case(_nothing, Code.SLEEP_NOT_NIGHT),)),
    LeafCases(
        "smelt",
        Case(
            _placed("furnace", "raw_iron", "coal", key="", input="raw_iron"),
            weights={"raw_iron": 1.0, "iron_ingot": 1.0},
        ),
        (Case(_given("raw_iron", "coal", input="raw_iron"), Code.CRAFT_NO_WORKSTATION, {"raw_iron": 1.0}),),
    ),
    LeafCases(
        "step_forward_safely",
        Case(_goal),
        (Case(_nothing, Code.PRECOND_MISSING), Case(_unsafe, Code.PATH_UNSAFE)),
    ),
    LeafCases("sterling_navigate", Case(_to("goal", 7, 3)), (Case(_caged("goal"), Code.PATH_UNREACHABLE),)),
    LeafCases("till_soil", Case(_tillable, weights=_DIRT), (Case(_given("wooden_hoe"), Code.SENSE_NOT_FOUND, _DIRT),)),
    LeafCases(
        "toss",
        Case(_given("stick", count=5, item="stick"), weights=_WOOD),
        (Case(_args(item="stick"), Code.INVENTORY_MISSING),),
    ),
    LeafCases(
        "transfer_items",
        Case(_full_chest, weights=_DIRT),
        (
            Case(_placed("chest", item="dirt", direction="deposit"), Code.INVENTORY_MISSING),
            Case(_placed("chest", item="dirt", direction="withdraw"), Code.CONTAINER_MISSING),
            Case(_args(item="dirt", direction="withdraw"), Code.PRECOND_MISSING),
        ),
    ),
    LeafCases(
        "use_item",
        Case(_bucket, weights={"bucket": 1.0, "water_bucket": 1.0}),
        (Case(_nothing, Code.INVENTORY_MISSING), Case(_given("stick", item="stick"), Code.USE_NO_EFFECT)),
    ),
    LeafCases("wait", Case(_args(ms=200))),
    LeafCases("wake", Case(_nothing)),
)
"""One entry for each shipped leaf."""
