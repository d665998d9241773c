"""Fighting, getting away, staying near: with creatures of the simulated world."""

from __future__ import annotations

import asyncio

import pytest
from tests.leaves.conftest import Stage, code, make_stage, shown

from conscious_bot.contracts import Permission
from conscious_bot.world.state import distance


@pytest.fixture
def arena(tables) -> Stage:
    """Flat land by night, with no creatures but those that a test summons."""
    stage = make_stage(tables)
    stage.world.difficulty = "easy"
    stage.world.rules["doMobSpawning"] = False
    stage.world.time_of_day = 18_000
    return stage


async def summon(s, kind: str, dx: float, dz: float, tags: str = "") -> int:
    x, y, z = s.feet
    await s.operator.command(f"summon {kind} {x + dx + 0.5} {y} {z + dz + 0.5} {tags}")
    return max(e.id for e in await s.body.entities(40) if e.kind == kind)


@pytest.mark.requirement("LEAF-12")
def test_a_hostile_is_fought_to_its_end_with_the_best_weapon(arena) -> None:
    async def script(s):
        await s.give("wooden_axe")
        await s.give("iron_sword")
        await s.give("shield")
        number = await summon(s, "zombie", 5, 0)
        result = await s.run("attack_entity")
        return number, result, [e.id for e in await s.body.entities(40)]

    number, result, left = arena.play(script)
    assert shown(result).changed
    assert result.observables["output"]["entityId"] == number
    assert result.observables["output"]["blows"] >= 3  # 20 health, by 6, or 9 while falling
    assert result.observables["difference"]["creatures"][0]["after"] is None
    assert result.observables["difference"]["held"]["after"] == "iron_sword"
    assert number not in left


@pytest.mark.requirement("LEAF-12")
def test_an_animal_is_a_target_only_with_the_filter_and_the_permission(arena) -> None:
    async def script(s):
        await s.give("iron_sword")
        number = await summon(s, "cow", 4, 1)
        default = await s.run("attack_entity", entityId=number)
        nothing = await s.run("attack_entity")
        killed = await s.run("attack_entity", kind="cow", targetFilter="passive")
        drops = sorted({e.stack.item for e in await s.body.entities(20) if e.stack})
        return default, nothing, killed, drops

    default, nothing, killed, drops = arena.play(script)
    assert code(default) == "permission.denied"
    assert code(nothing) == "sense.notFound"
    assert shown(killed).observables["output"]["kind"] == "cow"
    assert "beef" in drops


@pytest.mark.requirement("LEAF-12")
def test_without_the_grant_the_passive_filter_is_refused(arena) -> None:
    arena.granted = frozenset(Permission) - {Permission.TARGET_PASSIVE}

    async def script(s):
        await summon(s, "cow", 3, 0)
        return (
            await s.run("attack_entity", targetFilter="passive"),
            await s.run("attack_entity", targetFilter="any"),
            await s.run("attack_entity"),
        )

    passive, anything, hostile = arena.play(script)
    assert code(passive) == code(anything) == "permission.denied"
    assert code(hostile) == "sense.notFound"


@pytest.mark.requirement("LEAF-12", "LEAF-05")
def test_it_gives_up_at_the_retreat_health_and_when_the_target_is_gone(arena) -> None:
    async def script(s):
        number = await summon(s, "creeper", 6, 0, "{NoAI:1b}")
        low = await s.run("attack_entity", entityId=number, retreatHealth=20)
        fight = asyncio.ensure_future(s.run("attack_entity", entityId=number))
        await asyncio.sleep(0.3)
        await s.operator.command("kill @e[type=creeper]")
        return low, await fight

    low, gone = arena.play(script)
    assert code(low) == "combat.lowHealth"
    assert code(gone) == "combat.targetGone"


@pytest.mark.requirement("LEAF-11")
def test_equip_weapon_takes_the_strongest_and_the_shield(arena) -> None:
    async def script(s):
        none = await s.run("equip_weapon")
        for item in ("stone_sword", "iron_axe", "shield", "wooden_sword"):
            await s.give(item)
        return none, await s.run("equip_weapon"), await s.run("equip_weapon")

    none, first, second = arena.play(script)
    assert code(none) == "inventory.missing"
    assert shown(first).observables["output"] == {"equipped": "iron_axe", "shield": True}
    assert first.observables["difference"]["worn"]["after"] == {"off-hand": "shield"}
    assert shown(second).changed is False


@pytest.mark.requirement("LEAF-08")
@pytest.mark.parametrize(("leaf", "least"), [("flee", 14.0), ("retreat_from_threat", 6.0), ("emergency_retreat", 7.0)])
def test_getting_away_puts_blocks_between_the_body_and_the_hostile(arena, leaf, least) -> None:
    async def script(s):
        number = await summon(s, "creeper", 4, 1, "{NoAI:1b}")
        result = await s.run(leaf)
        there = next(e for e in await s.body.entities(60) if e.id == number)
        return result, distance(there.position, s.body.state().position), await s.run("sense_hostiles", radius=4)

    result, away, sensed = arena.play(script)
    assert shown(result).changed
    assert away >= least
    assert sensed.observables["output"]["count"] == 0


@pytest.mark.requirement("LEAF-08", "LEAF-05")
@pytest.mark.parametrize("leaf", ["flee", "retreat_from_threat", "emergency_retreat"])
def test_with_nobody_there_nothing_is_done_and_in_a_cell_nowhere_is_said(new_stage, leaf) -> None:
    async def nobody(s):
        return await s.run(leaf)

    result = new_stage().play(nobody)
    assert shown(result).changed is False

    async def shut_in(s):
        await s.operator.command("difficulty easy")
        x, y, z = s.feet
        await s.fill((x - 1, y, z - 1), (x + 3, y + 2, z + 1), "glass")
        await s.fill((x, y, z), (x + 2, y + 1, z), "air")
        await summon(s, "creeper", 2, 0, "{NoAI:1b}")
        return await s.run(leaf)

    assert code(new_stage().play(shut_in)) == "path.unreachable"


@pytest.mark.requirement("LEAF-08")
def test_it_stays_near_whom_it_follows(arena) -> None:
    async def script(s):
        number = await summon(s, "pig", 12, 3)
        result = await s.run("follow_entity", id=number, range=3, ms=6000)
        return number, result, await s.runner.run("follow_entity", {"name": "Nobody"})

    number, result, nobody = arena.play(script)
    assert shown(result).observables["output"]["entityId"] == number
    assert result.observables["output"]["distance"] <= 3
    assert result.ended_at - result.started_at >= 6
    assert code(nobody) == "sense.notFound"


@pytest.mark.requirement("LEAF-08", "LEAF-05")
def test_a_pillar_lifts_the_body_out_of_reach(arena) -> None:
    async def script(s):
        none = await s.run("pillar_up")
        await s.give("dirt", 5)
        y = s.feet[1]
        up = await s.run("pillar_up", height=3)
        risen = s.feet[1] - y
        x, y, z = s.feet
        await s.set((x, y + 2, z), "stone")
        return none, up, risen, await s.run("pillar_up", height=1)

    none, up, risen, low = arena.play(script)
    assert code(none) == "inventory.missing"
    assert shown(up).observables["difference"]["inventory"] == {"dirt": -3}
    assert risen == 3
    assert code(low) == "place.occupied"


@pytest.mark.requirement("LEAF-09")
def test_who_is_under_water_comes_up_at_the_shore(new_stage) -> None:
    stage = new_stage()

    async def script(s):
        x, y, z = s.feet
        await s.fill((x - 3, y - 3, z - 3), (x + 3, y - 1, z + 3), "water")
        await asyncio.sleep(3)
        before = s.feet
        result = await s.run("emergency_surface")
        return before, result, s.feet, y, await s.run("emergency_surface")

    before, result, feet, y, again = stage.play(script)
    assert before[1] < y
    assert shown(result).changed
    assert feet[1] >= y - 1
    assert not stage.body.state().in_water
    assert shown(again).changed is False
