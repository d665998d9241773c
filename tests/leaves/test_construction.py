"""Sites, modules, features: every block is seen, rooms are closed, and what was cut short is taken up again."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from conscious_bot.contracts import BlockPos

from .conftest import code, shown

pytestmark = pytest.mark.requirement("LEAF-14")


class Guarded:
    """A policy with protected cells."""

    def __init__(self, cells: set[BlockPos]) -> None:
        self.cells = cells

    def may_edit(self, pos: BlockPos) -> bool:
        return pos not in self.cells


def blueprint(*levels: list[list[str]]) -> dict[str, Any]:
    return {"levels": [{"level": y, "coordinates": [0, y, 0], "placement": rows} for y, rows in enumerate(levels)]}


def flood(stage, start: BlockPos) -> int:
    """How many cells of air are joined to one, counted here from the world itself; 1,000 is the outside."""
    found, waiting = {start}, [start]
    while waiting and len(found) < 1000:
        x, y, z = waiting.pop()
        for to in ((x + 1, y, z), (x - 1, y, z), (x, y + 1, z), (x, y - 1, z), (x, y, z + 1), (x, y, z - 1)):
            if to not in found and stage.block(to) in ("air", "torch", "wall_torch", "white_bed"):
                found.add(to)
                waiting.append(to)
    return len(found)


@pytest.mark.parametrize("material", ["cobblestone", "oak_planks", "dirt"])
@pytest.mark.parametrize("door", [None, "oak_door"])
def test_a_shelter_is_closed_lit_and_the_bot_stands_inside(stage, material, door) -> None:
    async def script(s):
        await s.give(material, 64)
        await s.give("torch")
        if door:
            await s.give(door)
        named = {"door": door} if door else {}
        return await s.run("build_module", module="shelter", pos=list(s.at(4, 0, 3)), **named)

    result = shown(stage.play(script))
    output = result.observables["output"]
    assert output["enclosed"] is True
    assert stage.feet == tuple(output["stand"])
    assert flood(stage, stage.feet) == 12
    assert stage.carried("torch") == 0
    assert output["placed"] == (48 if door else 49)
    assert stage.carried(material) == 64 - (46 if door else 48)


def test_a_blueprint_is_built_block_by_block_and_nothing_is_left_over(stage) -> None:
    rows = [["stone", "stone", "stone"], ["stone", "air", "stone"], ["stone", "stone", "stone"]]
    plan = blueprint(rows, rows, rows, [["bricks"] * 3] * 3)

    async def script(s):
        await s.give("stone", 24)
        await s.give("bricks", 9)
        corner = s.at(3, 0, 3)
        return corner, await s.run("build_module", blueprint=plan, pos=list(corner))

    (x, y, z), result = stage.play(script)
    assert shown(result).observables["output"]["placed"] == 33
    assert stage.carried("stone") == stage.carried("bricks") == 0
    assert stage.block((x + 1, y + 3, z + 1)) == "bricks"
    assert stage.block((x + 1, y, z + 1)) == "air"


def test_what_stands_too_high_is_built_with_scaffold_that_is_dug_away_again(stage) -> None:
    plan = blueprint(*[[["stone"]]] * 8)

    async def script(s):
        await s.give("stone", 8)
        await s.give("dirt", 40)
        corner = s.at(4, 0, 4)
        return corner, await s.run("build_module", blueprint=plan, pos=list(corner))

    (x, y, z), result = stage.play(script)
    output = shown(result).observables["output"]
    assert output["scaffoldPlaced"] == output["scaffoldRemoved"] > 0
    around = {
        stage.block((x + dx, y + dy, z + dz))
        for dx in range(-6, 7)
        for dy in range(10)
        for dz in range(-6, 7)
        if (dx, dz) != (0, 0)
    }
    assert around == {"air"}
    assert [stage.block((x, y + dy, z)) for dy in range(9)] == ["stone"] * 8 + ["air"]


def test_building_that_was_cut_short_is_taken_up_where_it_stopped(stage) -> None:
    async def script(s):
        await s.give("cobblestone", 64)
        await s.give("torch")
        corner = list(s.at(4, 0, 3))
        first = asyncio.ensure_future(s.run("build_module", module="shelter", pos=corner))
        await asyncio.sleep(8)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        still = s.still()
        stood = 64 - s.carried("cobblestone")
        again = await s.run("build_module", module="shelter", pos=corner)
        third = await s.run("build_module", module="shelter", pos=corner)
        return still, stood, again, third

    still, stood, again, third = stage.play(script)
    assert still
    assert 0 < stood < 48
    output = shown(again).observables["output"]
    assert output["stood"] >= stood
    assert output["placed"] == 49 - output["stood"]
    assert flood(stage, stage.feet) == 12
    assert shown(third).changed is False


def test_a_block_that_somebody_takes_away_meanwhile_is_put_back(stage) -> None:
    async def script(s):
        await s.give("cobblestone", 64)
        await s.give("torch")
        x, y, z = s.at(4, 0, 3)
        building = asyncio.ensure_future(s.run("build_module", module="shelter", pos=[x, y, z]))
        await asyncio.sleep(9)
        for dx in range(4):
            await s.set((x + dx, y, z), "air")
        return await building

    result = shown(stage.play(script))
    assert flood(stage, tuple(result.observables["output"]["stand"])) == 12


def test_too_few_materials_are_named_before_a_block_is_placed(stage) -> None:
    async def script(s):
        await s.give("cobblestone", 20)
        return await s.run("build_module", module="shelter", pos=list(s.at(4, 0, 3)))

    result = stage.play(script)
    assert code(result) == "inventory.missing"
    assert "28 cobblestone" in result.error.detail
    assert "1 torch" in result.error.detail
    assert stage.carried("cobblestone") == 20


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ({"module": "shelter"}, "step.badArgs"),
        ({"module": "castle", "pos": [0, 0, 0]}, "step.badArgs"),
        ({"blueprint": {"levels": [{"coordinates": [0, 0], "placement": []}]}}, "step.badArgs"),
        ({"module": "shelter", "material": "torch"}, "step.badArgs"),
        ({"module": "shelter", "material": "sand"}, "step.badArgs"),
        ({"module": "shelter", "material": "dirt", "door": "iron_door"}, "step.badArgs"),
        ({"module": "shelter"}, "inventory.missing"),
    ],
)
def test_build_module_refuses_what_cannot_be_meant(stage, args, expected) -> None:
    async def script(s):
        there = {"pos": list(s.at(4, 0, 3))} if args.get("module") == "shelter" and len(args) > 1 else {}
        if expected == "inventory.missing":
            there = {"pos": list(s.at(4, 0, 3))}
        return await s.run("build_module", **{**args, **there})

    assert code(stage.play(script)) == expected


def test_something_in_the_way_is_left_alone_and_named(stage) -> None:
    async def script(s):
        await s.give("cobblestone", 64)
        await s.give("torch")
        x, y, z = s.at(4, 0, 3)
        await s.set((x, y, z), "gold_block")
        return (x, y, z), await s.run("build_module", module="shelter", pos=[x, y, z])

    corner, result = stage.play(script)
    assert code(result) == "place.occupied"
    assert "gold_block" in result.error.detail
    assert stage.block(corner) == "gold_block"


def test_protected_ground_is_not_built_on(stage) -> None:
    cells: set[BlockPos] = set()
    stage.policy = Guarded(cells)

    async def script(s):
        await s.give("cobblestone", 64)
        await s.give("torch")
        x, y, z = s.at(4, 0, 3)
        cells.update((x + dx, y + dy, z + dz) for dx in range(4) for dy in range(3) for dz in range(5))
        return await s.run("build_module", module="shelter", pos=[x, y, z])

    result = stage.play(script)
    assert code(result) == "permission.denied"
    assert stage.carried("cobblestone") == 64


def test_a_site_is_cleared_of_plants_and_bumps_and_its_holes_are_filled(stage) -> None:
    async def script(s):
        await s.give("dirt", 8)
        await s.give("stone_shovel")
        x, y, z = s.at(4, 0, 3)
        await s.set((x, y, z), "dirt")
        await s.set((x + 1, y, z + 1), "short_grass")
        await s.set((x + 2, y - 1, z + 2), "air")
        return (x, y, z), await s.run("prepare_site", pos=[x, y, z])

    (x, y, z), result = stage.play(script)
    output = shown(result).observables["output"]
    assert (output["cleared"], output["filled"]) == (2, 1)
    assert stage.block((x + 2, y - 1, z + 2)) == "dirt"
    assert {stage.block((x + i, y + j, z + k)) for i in range(4) for j in range(3) for k in range(5)} == {"air"}


def test_the_best_site_is_level_dry_untouched_and_near(stage) -> None:
    async def script(s):
        x, y, z = s.feet
        await s.fill((x - 12, y - 1, z - 12), (x + 12, y - 1, z - 4), "water")
        await s.fill((x - 12, y, z - 3), (x + 12, y, z + 3), "oak_planks")
        await s.set((x, y, z), "air")
        await s.fill((x - 12, y, z + 4), (x - 1, y + 4, z + 12), "stone")
        return y, z, await s.run("prepare_site", radius=12)

    y, z, result = stage.play(script)
    corner = shown(result).observables["output"]["pos"]
    assert corner[1] == y
    assert corner[2] >= z + 4
    assert result.observables["output"]["filled"] == 0


def test_where_there_is_no_ground_no_site_is_found(stage) -> None:
    async def script(s):
        x, y, z = s.feet
        await s.fill((x - 8, y - 1, z - 8), (x + 8, y - 1, z + 8), "oak_planks")
        there = await s.run("prepare_site", pos=list(s.at(2, 0, 2)))
        return await s.run("prepare_site", radius=8), there

    anywhere, there = stage.play(script)
    assert code(anywhere) == "sense.notFound"
    assert code(there) == "place.occupied"


def test_a_feature_closes_a_room_or_says_that_it_is_open(stage) -> None:
    async def script(s):
        await s.give("cobblestone", 64)
        await s.give("torch", 2)
        await s.give("oak_door", 1)
        await s.give("white_bed", 1)
        x, y, z = s.at(4, 0, 3)
        module = shown(await s.run("build_module", module="shelter", pos=[x, y, z], door="oak_door"))
        inside = module.observables["output"]["stand"]
        bed = await s.run("place_feature", feature="white_bed", pos=[x + 1, y, z + 2], facing="south", inside=inside)
        await s.set((x + 2, y + 2, z + 2), "air")
        torch = await s.run("place_feature", feature="torch", pos=[x + 2, y, z + 3], inside=inside)
        return (x, y, z), bed, torch

    (x, y, z), bed, torch = stage.play(script)
    assert shown(bed).observables["output"]["enclosed"] is True
    assert stage.block((x + 1, y, z + 2)) == stage.block((x + 1, y, z + 3)) == "white_bed"
    assert code(torch) == "effects_unmet"


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ({"feature": "stick"}, "step.badArgs"),
        ({"feature": "torch"}, "inventory.missing"),
    ],
)
def test_place_feature_fails_with_the_right_code(stage, args, expected) -> None:
    assert code(stage.play(lambda s: s.run("place_feature", pos=list(s.at(2, 0, 2)), **args))) == expected


def test_a_feature_is_placed_from_a_place_that_reaches_it(stage) -> None:
    async def script(s):
        await s.give("chest")
        pos = s.at(12, 0, 3)
        return pos, await s.run("place_feature", feature="chest", pos=list(pos))

    pos, result = stage.play(script)
    assert shown(result).changed
    assert stage.block(pos) == "chest"
