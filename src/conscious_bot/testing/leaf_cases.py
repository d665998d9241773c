"""The cases of the shipped leaves for the conformance kit, one for each code that a leaf declares."""

from __future__ import annotations

from conscious_bot.contracts import ExecErrorCode as Code
from conscious_bot.testing import leaf_scenes as s
from conscious_bot.testing.leaf_kit import Case, LeafCases, Prepare
from conscious_bot.testing.leaf_scenes import (
    after,
    args,
    caged,
    carried_back,
    fenced,
    given,
    laden,
    placed,
    refused,
    to,
    walled,
)

__all__ = ["CASES"]

_DIRT = {"dirt": 1.0, "grass_block": 1.0, "farmland": 1.0, "dirt_path": 1.0}
_STONE = {"stone": 1.0, "cobblestone": 1.0}
_WOOD = {"oak_log": 4.0, "oak_planks": 1.0, "stick": 0.5, "crafting_table": 4.0}
_IRON = {"raw_iron": 1.0, "iron_ingot": 1.0}
_TORCHES = {"torch": 1.0, "wall_torch": 1.0}
_BUCKETS = {"bucket": 1.0, "water_bucket": 1.0}


def _on(item: str, prepare: Prepare) -> Prepare:
    """With the item in the pockets besides."""
    return after(prepare, lambda bench: bench.give(item))


CASES: tuple[LeafCases, ...] = (
    LeafCases(
        "acquire_material",
        Case(placed("oak_log", key="", item="oak_log"), weights=_WOOD),
        (
            Case(args(item="oak_log"), Code.SENSE_NOT_FOUND),
            Case(placed("iron_ore", key="", item="raw_iron"), Code.DIG_TOOL_INVALID),
            Case(args(item="no_such_thing"), Code.STEP_BAD_ARGS),
            Case(refused(placed("oak_log", key="", item="oak_log")), Code.DIG_TIMEOUT, _WOOD),
            Case(laden(placed("oak_log", key="", item="oak_log")), Code.INVENTORY_FULL, _WOOD),
            Case(after(args(item="oak_log"), s.buried), Code.PATH_UNREACHABLE, _WOOD),
            Case(carried_back(after(args(item="oak_log"), lambda b: b.set(b.at(9, 0, 0), "oak_log"))), Code.PATH_STUCK),
        ),
    ),
    LeafCases(
        "attack_entity",
        Case(s.prey(), weights={"iron_sword": 1.0}),
        (
            Case(s.nothing, Code.SENSE_NOT_FOUND),
            Case(args(kind="stone"), Code.STEP_BAD_ARGS),
            Case(s.prey(retreatHealth=20), Code.COMBAT_LOW_HEALTH),
            Case(after(s.prey(12, tags="{NoAI:1b}"), s.killed("pig", 0.5)), Code.COMBAT_TARGET_GONE),
            Case(refused(s.prey(tags="{NoAI:1b}")), Code.COMBAT_NO_EFFECT),
            Case(after(s.prey(6, 6, "{NoAI:1b}"), s.cage), Code.PATH_UNREACHABLE),
        ),
    ),
    LeafCases(
        "build_module",
        Case(s.column(), weights=_DIRT),
        (
            Case(to("pos", 4, 3, blueprint=s.COLUMN), Code.INVENTORY_MISSING),
            Case(after(s.column(), lambda b: b.set(b.at(4, 0, 3), "bricks")), Code.PLACE_OCCUPIED, _DIRT),
            Case(after(s.column(6, 6), s.cage), Code.PLACE_INVALID_FACE),
            Case(refused(s.column()), Code.PLACE_TIMEOUT, _DIRT),
            Case(walled(s.column(14)), Code.PATH_UNREACHABLE, _DIRT),
            Case(carried_back(s.column(10)), Code.PATH_STUCK, _DIRT),
        ),
    ),
    LeafCases("chat", Case(args(message="hello"))),
    LeafCases("close_container", Case(s.opened)),
    LeafCases(
        "collect_items",
        Case(s.lying, weights=_DIRT),
        (
            Case(s.nothing, Code.SENSE_NOT_FOUND),
            Case(laden(s.lying), Code.INVENTORY_FULL, _DIRT),
            Case(after(s.lying, s.shut_off), Code.PATH_UNREACHABLE),
            Case(carried_back(s.lying), Code.PATH_STUCK, _DIRT),
        ),
    ),
    LeafCases(
        "consume_food",
        Case(given("golden_apple"), weights={"golden_apple": 1.0}, spends=True),
        (
            Case(s.nothing, Code.INVENTORY_MISSING),
            Case(given("stick", item="stick"), Code.USE_NOT_FOOD),
            Case(given("bread", item="bread"), Code.USE_NOT_HUNGRY, {"bread": 1.0}),
            Case(refused(given("golden_apple")), Code.USE_TIMEOUT, {"golden_apple": 1.0}),
        ),
    ),
    LeafCases(
        "craft_recipe",
        Case(given("oak_planks", count=4, recipe="stick", qty=4), weights=_WOOD),
        (
            Case(args(recipe="stick"), Code.CRAFT_MISSING_INPUT),
            Case(args(recipe="bedrock"), Code.CRAFT_NO_RECIPE),
            Case(given("oak_planks", count=8, recipe="chest"), Code.CRAFT_NO_WORKSTATION, _WOOD),
            Case(laden(given("oak_planks", count=64, recipe="stick"), 35), Code.INVENTORY_FULL, _WOOD),
            Case(
                refused(placed("crafting_table", "oak_planks", count=8, key="", recipe="chest")),
                Code.CRAFT_UI_TIMEOUT,
                {"oak_planks": 1.0},
            ),
        ),
    ),
    LeafCases(
        "dig_block",
        Case(placed("stone", "stone_pickaxe"), weights=_STONE),
        (
            Case(placed("air"), Code.DIG_BLOCK_CHANGED),
            Case(placed("stone", harvest=True), Code.DIG_TOOL_INVALID, _STONE),
            Case(to("pos", 12, 0), Code.DIG_OUT_OF_REACH),
            Case(to("pos", 5000, 0), Code.PATH_UNLOADED),
            Case(refused(placed("dirt")), Code.DIG_TIMEOUT, _DIRT),
        ),
    ),
    LeafCases("emergency_retreat", Case(s.hunted), (Case(fenced(s.hunted), Code.PATH_UNREACHABLE),)),
    LeafCases("emergency_surface", Case(s.drowning), (Case(s.tank, Code.PATH_UNREACHABLE),)),
    LeafCases(
        "equip_tool",
        Case(given("dirt", "stone_pickaxe", kind="pickaxe"), weights={"stone_pickaxe": 1.0}),
        (Case(args(kind="axe"), Code.INVENTORY_MISSING), Case(args(item="no_such_thing"), Code.STEP_BAD_ARGS)),
    ),
    LeafCases(
        "equip_weapon",
        Case(given("dirt", "stone_sword"), weights={"stone_sword": 1.0}),
        (Case(s.nothing, Code.INVENTORY_MISSING), Case(args(item="no_such_thing"), Code.STEP_BAD_ARGS)),
    ),
    LeafCases(
        "find_resource",
        Case(args(names=["grass_block"])),
        (
            Case(args(names=["diamond_ore"], radius=8), Code.SENSE_NOT_FOUND),
            Case(args(resource="no_such_thing"), Code.STEP_BAD_ARGS),
        ),
    ),
    LeafCases(
        "flee",
        Case(s.hunted),
        (
            Case(fenced(s.hunted), Code.PATH_UNREACHABLE),
            Case(carried_back(s.hunted), Code.PATH_STUCK),
            Case(after(args(distance=4), s.creeper), Code.COMBAT_THREAT_PERSISTS),
        ),
    ),
    LeafCases(
        "follow_entity",
        Case(s.friend()),
        (
            Case(args(name="Nobody"), Code.SENSE_NOT_FOUND),
            Case(after(s.friend(ms=5000), s.killed("pig", 0.5)), Code.COMBAT_TARGET_GONE),
            Case(after(s.friend(6, 6), s.cage), Code.PATH_UNREACHABLE),
        ),
    ),
    LeafCases("get_block_at", Case(to("pos", 1, 0)), (Case(to("pos", 5000, 0), Code.PATH_UNLOADED),)),
    LeafCases("get_light_level", Case(s.nothing), (Case(to("pos", 5000, 0), Code.PATH_UNLOADED),)),
    LeafCases(
        "harvest_crop",
        Case(s.ripe()),
        (
            Case(s.nothing, Code.SENSE_NOT_FOUND),
            Case(s.ripe_in_the_cage, Code.DIG_OUT_OF_REACH),
            Case(refused(s.ripe()), Code.DIG_TIMEOUT),
            Case(s.ripe_and_laden, Code.INVENTORY_FULL),
            Case(carried_back(s.ripe(6, 1)), Code.PATH_STUCK),
        ),
    ),
    LeafCases(
        "interact_with_block",
        Case(s.door),
        (
            Case(placed("stone"), Code.USE_NO_EFFECT),
            Case(to("pos", 12, 0), Code.USE_OUT_OF_REACH),
            Case(placed("stone", open=True), Code.STEP_BAD_ARGS),
            Case(refused(s.door), Code.USE_TIMEOUT),
        ),
    ),
    LeafCases(
        "introspect_recipe",
        Case(args(item="torch")),
        (Case(args(item="bedrock"), Code.CRAFT_NO_RECIPE), Case(args(item="nonsense"), Code.STEP_BAD_ARGS)),
    ),
    LeafCases(
        "manage_farm",
        Case(s.ripe()),
        (
            Case(s.nothing, Code.SENSE_NOT_FOUND),
            Case(s.ripe_in_the_cage, Code.DIG_OUT_OF_REACH),
            Case(refused(s.ripe()), Code.DIG_TIMEOUT),
            Case(s.ripe_and_laden, Code.INVENTORY_FULL),
            Case(carried_back(s.ripe(6, 1)), Code.PATH_STUCK),
        ),
    ),
    LeafCases(
        "manage_inventory",
        Case(s.cluttered(), weights={"cobblestone": 1.0}),
        (
            Case(given("oak_log", count=64 * 36, freeSlots=2), Code.INVENTORY_FULL, {"oak_log": 1.0}),
            Case(s.cluttered("stone"), Code.CONTAINER_NONE, {"cobblestone": 1.0}),
            Case(
                after(caged("pos", block="chest", freeSlots=8), lambda b: b.give("cobblestone", 64 * 34)),
                Code.CONTAINER_OUT_OF_REACH,
            ),
            Case(after(s.cluttered("chest"), s.lid), Code.CONTAINER_BLOCKED, {"cobblestone": 1.0}),
            Case(refused(s.cluttered("chest")), Code.CONTAINER_TIMEOUT, {"cobblestone": 1.0}),
            Case(
                carried_back(
                    after(to("pos", 9, 0, freeSlots=8), s.far_chest, lambda b: b.give("cobblestone", 64 * 34))
                ),
                Code.PATH_STUCK,
                {"cobblestone": 1.0},
            ),
            Case(after(s.cluttered("chest"), s.lock), Code.CRAFT_CONTAINER_BUSY, {"cobblestone": 1.0}),
        ),
    ),
    LeafCases(
        "move_to",
        Case(to("pos", 7, 3)),
        (
            Case(caged("pos"), Code.PATH_UNREACHABLE),
            Case(carried_back(to("pos", 9, 3)), Code.PATH_STUCK),
        ),
    ),
    LeafCases(
        "open_container",
        Case(placed("chest")),
        (
            Case(placed("stone"), Code.CONTAINER_NONE),
            Case(caged("pos", block="chest"), Code.CONTAINER_OUT_OF_REACH),
            Case(after(placed("chest"), s.lid), Code.CONTAINER_BLOCKED),
            Case(refused(placed("chest")), Code.CONTAINER_TIMEOUT),
            Case(carried_back(after(to("pos", 9, 0), s.far_chest)), Code.PATH_STUCK),
            Case(after(placed("chest"), s.lock), Code.CRAFT_CONTAINER_BUSY),
        ),
    ),
    LeafCases(
        "pillar_up",
        Case(given("dirt", count=3, height=2), weights=_DIRT),
        (
            Case(s.nothing, Code.INVENTORY_MISSING),
            Case(after(given("dirt", count=3), lambda b: b.set(b.at(0, 2, 0), "stone")), Code.PLACE_OCCUPIED, _DIRT),
            Case(refused(given("dirt", count=3)), Code.PLACE_TIMEOUT, _DIRT),
            Case(after(given("dirt", count=3), s.on_the_edge), Code.PLACE_INVALID_FACE, {"dirt": 1.0}),
        ),
    ),
    LeafCases(
        "place_block",
        Case(placed("air", "dirt", item="dirt"), weights=_DIRT),
        (
            Case(placed("air", item="dirt"), Code.INVENTORY_MISSING),
            Case(placed("stone", "dirt", item="dirt"), Code.PLACE_OCCUPIED, _DIRT),
            Case(given("stick", item="stick", pos=[0, 0, 0]), Code.STEP_BAD_ARGS),
            Case(_on("dirt", to("pos", 2, 0, 2, item="dirt")), Code.PLACE_INVALID_FACE, _DIRT),
            Case(_on("dirt", to("pos", 12, 0, item="dirt")), Code.PLACE_OUT_OF_REACH),
            Case(refused(placed("air", "dirt", item="dirt")), Code.PLACE_TIMEOUT, _DIRT),
        ),
    ),
    LeafCases(
        "place_feature",
        Case(placed("air", "chest", feature="chest"), weights={"chest": 1.0}),
        (
            Case(placed("air", feature="chest"), Code.INVENTORY_MISSING),
            Case(placed("air", feature="stick"), Code.STEP_BAD_ARGS),
            Case(placed("bricks", "chest", feature="chest"), Code.PLACE_OCCUPIED, {"chest": 1.0}),
            Case(caged("pos", "chest", feature="chest"), Code.PLACE_INVALID_FACE),
            Case(refused(placed("air", "chest", feature="chest")), Code.PLACE_TIMEOUT, {"chest": 1.0}),
            Case(walled(_on("chest", to("pos", 14, 3, feature="chest"))), Code.PATH_UNREACHABLE, {"chest": 1.0}),
            Case(carried_back(_on("chest", to("pos", 10, 0, feature="chest"))), Code.PATH_STUCK, {"chest": 1.0}),
        ),
    ),
    LeafCases(
        "place_torch",
        Case(given("torch"), weights=_TORCHES),
        (
            Case(s.nothing, Code.INVENTORY_MISSING),
            Case(placed("stone", "torch"), Code.PLACE_OCCUPIED, _TORCHES),
            Case(_on("torch", to("pos", 2, 0, 2)), Code.PLACE_INVALID_FACE, _TORCHES),
            Case(_on("torch", to("pos", 12, 0)), Code.PLACE_OUT_OF_REACH),
            Case(refused(given("torch")), Code.PLACE_TIMEOUT, _TORCHES),
        ),
    ),
    LeafCases(
        "place_torch_if_needed",
        Case(s.dark, weights=_TORCHES),
        (
            Case(s.unsafe, Code.INVENTORY_MISSING),
            Case(refused(s.dark), Code.PLACE_TIMEOUT, _TORCHES),
            Case(after(s.dark, lambda b: b.set(b.at(0, -1, 0), "chest")), Code.PLACE_INVALID_FACE, _TORCHES),
            Case(after(caged(""), s.goal(6, 6)), Code.PATH_UNREACHABLE),
        ),
    ),
    LeafCases(
        "place_workstation",
        Case(given("crafting_table", kind="crafting_table"), weights=_WOOD),
        (
            Case(args(kind="furnace"), Code.INVENTORY_MISSING),
            Case(walled(given("crafting_table", kind="crafting_table")), Code.PLACE_OCCUPIED, _WOOD),
            Case(refused(given("crafting_table", kind="crafting_table")), Code.PLACE_TIMEOUT, _WOOD),
            Case(
                carried_back(after(args(kind="furnace"), lambda b: b.set(b.at(9, 0, 0), "furnace"))),
                Code.PATH_STUCK,
            ),
        ),
    ),
    LeafCases(
        "plant_crop",
        Case(s.field()),
        (
            Case(args(crop="carrot"), Code.INVENTORY_MISSING),
            Case(given("carrot", crop="carrot"), Code.SENSE_NOT_FOUND, {"carrot": 1.0}),
            Case(s.field(wet=False, named=True), Code.PRECOND_MISSING, {"carrot": 1.0}),
            Case(s.field(crop="carrots[age=0]", named=True), Code.PLACE_OCCUPIED, {"carrot": 1.0}),
            Case(s.field_in_the_cage, Code.PLACE_OUT_OF_REACH, {"carrot": 1.0}),
            Case(refused(s.field()), Code.PLACE_TIMEOUT, {"carrot": 1.0}),
            Case(carried_back(s.field(6, 1)), Code.PATH_STUCK, {"carrot": 1.0}),
        ),
    ),
    LeafCases(
        "prepare_site",
        Case(s.site(), weights=_DIRT),
        (
            Case(s.site(block="bricks"), Code.PLACE_OCCUPIED),
            Case(after(args(radius=6), s.lake), Code.SENSE_NOT_FOUND),
            Case(s.hole, Code.INVENTORY_MISSING, _DIRT),
            Case(after(s.site(5, 5), s.cage), Code.PATH_UNREACHABLE),
            Case(refused(s.site()), Code.DIG_TIMEOUT, _DIRT),
            Case(carried_back(s.site(9)), Code.PATH_STUCK, _DIRT),
        ),
    ),
    LeafCases("respawn", Case(s.dead)),
    LeafCases(
        "retreat_and_block",
        Case(s.hunted_for_a_while, weights=_DIRT),
        (
            Case(s.hunted, Code.INVENTORY_MISSING),
            Case(after(s.hunted_with_blocks, s.lake), Code.PATH_UNSAFE, {"dirt": 1.0}),
            Case(s.hunted_with_blocks, Code.COMBAT_THREAT_PERSISTS, _DIRT),
            Case(refused(s.hunted_with_blocks), Code.PLACE_TIMEOUT, _DIRT),
            Case(carried_back(after(given("dirt", count=16), s.close_creeper)), Code.PATH_STUCK, _DIRT),
        ),
    ),
    LeafCases(
        "retreat_from_threat",
        Case(s.hunted),
        (
            Case(fenced(s.hunted), Code.PATH_UNREACHABLE),
            Case(after(args(radius=1), s.creeper), Code.COMBAT_THREAT_PERSISTS),
        ),
    ),
    LeafCases("sense_hostiles", Case(args(radius=10))),
    LeafCases(
        "sleep",
        Case(s.night),
        (
            Case(s.bed(time="noon"), Code.SLEEP_NOT_NIGHT),
            Case(after(s.nothing, s.midnight), Code.SLEEP_NO_BED),
            Case(after(s.bed(6, 6), s.cage), Code.SLEEP_OUT_OF_REACH),
            Case(s.bed(occupied=True), Code.SLEEP_OCCUPIED),
            Case(after(s.bed(), s.creeper), Code.SLEEP_HOSTILES_NEAR),
            Case(after(s.bed(), s.woken), Code.SLEEP_TIMEOUT),
            Case(carried_back(s.bed(9)), Code.PATH_STUCK),
            Case(walled(s.night), Code.PLACE_OCCUPIED, {"red_bed": 1.0}),
        ),
    ),
    LeafCases(
        "smelt",
        Case(placed("furnace", "raw_iron", "coal", key="", input="raw_iron"), weights=_IRON),
        (
            Case(args(input="stick"), Code.CRAFT_NO_RECIPE),
            Case(given("coal", input="raw_iron"), Code.CRAFT_MISSING_INPUT),
            Case(given("raw_iron", "coal", input="raw_iron"), Code.CRAFT_NO_WORKSTATION, {"raw_iron": 1.0}),
            Case(s.crowded_smelt, Code.INVENTORY_FULL, _IRON),
            Case(
                refused(placed("furnace", "raw_iron", "coal", key="", input="raw_iron")), Code.CONTAINER_TIMEOUT, _IRON
            ),
            Case(
                after(placed("furnace", "raw_iron", "coal", key="", input="raw_iron"), s.lock),
                Code.CRAFT_CONTAINER_BUSY,
                _IRON,
            ),
        ),
    ),
    LeafCases(
        "step_forward_safely",
        Case(after(s.nothing, s.goal(6, 0))),
        (
            Case(s.nothing, Code.PRECOND_MISSING),
            Case(s.unsafe, Code.PATH_UNSAFE),
            Case(after(caged(""), s.goal(6, 6)), Code.PATH_UNREACHABLE),
            Case(carried_back(after(s.nothing, s.goal(6, 0))), Code.PATH_STUCK),
        ),
    ),
    LeafCases(
        "sterling_navigate",
        Case(to("goal", 7, 3)),
        (
            Case(caged("goal"), Code.PATH_UNREACHABLE),
            Case(carried_back(to("goal", 9, 3)), Code.PATH_STUCK),
        ),
    ),
    LeafCases(
        "till_soil",
        Case(s.tillable, weights=_DIRT),
        (
            Case(given("wooden_hoe"), Code.SENSE_NOT_FOUND, _DIRT),
            Case(after(args(radius=2), s.pool), Code.INVENTORY_MISSING, _DIRT),
            Case(caged("pos", "wooden_hoe", dy=-1), Code.USE_OUT_OF_REACH),
            Case(
                after(to("pos", 2, 0, -1), lambda b: b.set(b.at(2, -1, 0), "stone"), lambda b: b.give("wooden_hoe")),
                Code.USE_NO_EFFECT,
            ),
            Case(refused(s.tillable), Code.USE_TIMEOUT, _DIRT),
            Case(carried_back(_on("wooden_hoe", to("pos", 9, 0, -1))), Code.PATH_STUCK, _DIRT),
        ),
    ),
    LeafCases(
        "toss",
        Case(given("stick", count=5, item="stick"), weights=_WOOD),
        (Case(args(item="stick"), Code.INVENTORY_MISSING), Case(args(item="no_such_thing"), Code.STEP_BAD_ARGS)),
    ),
    LeafCases(
        "transfer_items",
        Case(s.deposit, weights=_DIRT),
        (
            Case(placed("chest", item="dirt", direction="deposit"), Code.INVENTORY_MISSING),
            Case(placed("chest", item="dirt", direction="withdraw"), Code.CONTAINER_MISSING),
            Case(args(item="dirt", direction="withdraw"), Code.PRECOND_MISSING),
            Case(placed("stone", "dirt", item="dirt", direction="deposit"), Code.CONTAINER_NONE, _DIRT),
            Case(caged("pos", "dirt", block="chest", item="dirt", direction="deposit"), Code.CONTAINER_OUT_OF_REACH),
            Case(after(s.deposit, s.lid), Code.CONTAINER_BLOCKED, _DIRT),
            Case(s.filled_chest, Code.CONTAINER_FULL, _DIRT),
            Case(laden(s.withdraw), Code.INVENTORY_FULL, _DIRT),
            Case(refused(s.deposit), Code.CONTAINER_TIMEOUT, _DIRT),
            Case(
                carried_back(_on("dirt", after(to("pos", 9, 0, item="dirt", direction="deposit"), s.far_chest))),
                Code.PATH_STUCK,
                _DIRT,
            ),
            Case(after(s.deposit, s.lock), Code.CRAFT_CONTAINER_BUSY, _DIRT),
        ),
    ),
    LeafCases(
        "use_item",
        Case(s.bucket, weights=_BUCKETS),
        (
            Case(s.nothing, Code.INVENTORY_MISSING),
            Case(given("stick", item="stick"), Code.USE_NO_EFFECT),
            Case(_on("bucket", to("on", 12, 0, -1, item="bucket")), Code.USE_OUT_OF_REACH),
            Case(refused(s.bucket), Code.USE_TIMEOUT, _BUCKETS),
        ),
    ),
    LeafCases("wait", Case(args(ms=200))),
    LeafCases("wake", Case(s.nothing)),
)
"""One entry for each shipped leaf."""
