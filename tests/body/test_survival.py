"""Survival on a protocol server with the plugin's rules: hunger, harm, creatures, fields, nights, light."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from conscious_bot.body.mineflayer import MineflayerBody, MineflayerOperator
from conscious_bot.body.port import BodyEvent, BodyEventKind
from conscious_bot.contracts import ActionFailed, BlockPos, ExecErrorCode, UserError
from conscious_bot.world.region import Box
from conscious_bot.world.state import BodyState

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="session"), pytest.mark.requirement("WORLD-01")]

NAME = "Walker"


async def until(body: MineflayerBody, holds: Callable[[BodyState], bool], seconds: float = 5.0) -> BodyState:
    deadline = time.monotonic() + seconds
    while not holds(state := await body.observe()):
        assert time.monotonic() < deadline, state
        await asyncio.sleep(0.05)
    return state


async def eventually(holds: Callable[[], Awaitable[bool]], seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not await holds():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


async def name_at(body: MineflayerBody, pos: BlockPos) -> str:
    return body.tables.name_of((await body.scan(Box(pos, pos))).state(pos))


async def stands(body: MineflayerBody, pos: BlockPos, name: str) -> None:
    async def there() -> bool:
        return await name_at(body, pos) == name

    await eventually(there)


async def platform(server, body: MineflayerBody, rise: int = 25) -> BlockPos:
    """A stone floor of 9 by 9 in the air, the body in its middle; the cell of its feet."""
    x, y, z = (await body.observe()).block
    y += rise
    operator = MineflayerOperator(body, answer_seconds=0.05)
    await operator.command(f"fill {x - 4} {y - 1} {z - 4} {x + 4} {y - 1} {z + 4} stone")
    await stands(body, (x, y - 1, z), "stone")
    await server.do("teleport", name=NAME, position=[x + 0.5, y, z + 0.5])
    await until(body, lambda s: s.block == (x, y, z) and s.on_ground)
    return x, y, z


async def test_a_long_fall_hurts_and_the_well_fed_heal(server, body, hands) -> None:
    events: list[BodyEvent] = []
    unsubscribe = body.subscribe(events.append)
    x, y, z = await platform(server, body)
    await server.do("teleport", name=NAME, position=[x + 0.5, y + 7, z + 0.5])
    hurt = await until(body, lambda s: s.health < 20)
    assert hurt.health == pytest.approx(16.0)  # seven blocks less the three that are safe
    assert any(e.kind is BodyEventKind.HURT for e in events)
    await until(body, lambda s: s.health > 16)
    unsubscribe()


async def test_lava_kills_what_was_carried_lies_there_and_life_begins_anew_at_the_spawn(server, body, hands) -> None:
    x, y, z = await platform(server, body)
    await server.do("give", name=NAME, item="diamond", count=3, slot=20)
    await until(body, lambda s: s.inventory.count("diamond") == 3)
    await server.do("setblock", pos=[x, y, z], block="lava")
    await until(body, lambda s: not s.alive, 8)
    assert (await body.observe()).inventory.count("diamond") == 0
    lying = [e.stack for e in await body.entities(8) if e.kind == "item"]
    assert [(s.item, s.count) for s in lying if s is not None] == [("diamond", 3)]
    with pytest.raises(ActionFailed) as caught:
        await hands.look_at((0, 70, 0))
    assert caught.value.code is ExecErrorCode.BODY_DEAD
    await hands.respawn()
    born = await until(body, lambda s: s.alive and s.health == 20)
    assert born.food == 20


async def test_exertion_makes_hungry_and_a_meal_feeds(server, body, hands) -> None:
    operator = MineflayerOperator(body, answer_seconds=0.05)
    await operator.command(f"effect give {NAME} hunger 60 255")
    hungry = await until(body, lambda s: s.food <= 17, 20)
    await operator.command(f"effect clear {NAME}")
    await operator.command(f"give {NAME} bread 2")
    await until(body, lambda s: s.inventory.count("bread") == 2)
    before = (await body.observe()).food
    assert before <= hungry.food
    await hands.equip("bread", "hand")
    await hands.consume()
    fed = await until(body, lambda s: s.food > before)
    assert fed.food - before <= 5
    assert fed.inventory.count("bread") == 1


async def test_a_zombie_comes_bites_and_falls_to_a_sword(server, body, hands) -> None:
    x, y, z = await platform(server, body)
    await server.do("give", name=NAME, item="diamond_sword", count=1, slot=36)
    await until(body, lambda s: s.inventory.count("diamond_sword") == 1)
    await hands.equip("diamond_sword", "hand")
    zombie = (await server.do("creature", kind="zombie", position=[x + 4.5, y, z + 0.5]))["entity"]
    bitten = await until(body, lambda s: s.health < 20, 8)
    assert bitten.health == pytest.approx(17.5)  # a zombie's blow on easy
    blows = 0
    while zombie in {e.id for e in await body.entities(16) if e.kind == "zombie"}:
        blows += 1
        assert blows < 12
        failed = None
        try:
            await hands.attack(zombie)
        except ActionFailed as failure:
            failed = failure.code
        if failed in {ExecErrorCode.COMBAT_OUT_OF_REACH, ExecErrorCode.COMBAT_NO_EFFECT}:
            await asyncio.sleep(0.3)
        elif failed is not None:
            assert failed is ExecErrorCode.COMBAT_TARGET_GONE
    worn = (await body.observe()).held
    assert worn is not None
    assert 3 <= worn.wear <= 5  # 20 health, 7 a blow


async def test_cattle_gives_meat_of_the_versions_table(server, body, hands) -> None:
    x, y, z = await platform(server, body)
    cow = (await server.do("creature", kind="cow", position=[x + 2.5, y, z + 0.5], still=True, health=1))["entity"]

    async def there() -> bool:
        return cow in {e.id for e in await body.entities(8)}

    await eventually(there)
    await hands.attack(cow)

    async def meat() -> bool:
        lying = [e.stack.item for e in await body.entities(8) if e.stack is not None]
        return "beef" in lying or (await body.observe()).inventory.count("beef") > 0

    await eventually(meat)


async def test_a_field_is_tilled_sown_watered_and_reaped(server, body, hands) -> None:
    x, y, z = await platform(server, body)
    operator = MineflayerOperator(body, answer_seconds=0.05)
    field = (x + 2, y - 1, z)
    await server.do("setblock", pos=list(field), block="dirt")
    await server.do("setblock", pos=[x + 3, y - 1, z], block="water")
    for item in ("iron_hoe 1", "wheat_seeds 4", "bone_meal 20"):
        await operator.command(f"give {NAME} {item}")
    await until(body, lambda s: s.inventory.count("bone_meal") == 20)
    await stands(body, field, "dirt")

    await hands.equip("iron_hoe", "hand")
    await hands.use_block(field, "up")
    assert await name_at(body, field) == "farmland"
    crop = (x + 2, y, z)
    await hands.equip("wheat_seeds", "hand")
    with pytest.raises(ActionFailed) as caught:
        await hands.use_block(field, "up")  # what stands there afterwards is put down by `place`
    assert caught.value.code is ExecErrorCode.USE_NO_EFFECT
    await hands.place(field, "up")
    assert await name_at(body, crop) == "wheat"
    await until(body, lambda s: s.inventory.count("wheat_seeds") == 3)

    # It grows by itself in the light, on ground that the water keeps moist.
    await operator.command("gamerule randomTickSpeed 400")

    async def grown() -> bool:
        region = await body.scan(Box(field, crop))
        moist = body.tables.properties_of(region.state(field))["moisture"]
        return moist == "7" and body.tables.properties_of(region.state(crop))["age"] != "0"

    await eventually(grown, 15)
    await operator.command("gamerule randomTickSpeed 0")
    await hands.equip("bone_meal", "hand")

    async def ripe() -> bool:
        return body.tables.properties_of((await body.scan(Box(crop, crop))).state(crop))["age"] == "7"

    while not await ripe():
        await hands.use_block(crop, "up")
    await hands.unequip()
    await hands.dig(crop)

    async def reaped() -> bool:
        lying = [e.stack.item for e in await body.entities(8) if e.stack is not None]
        return "wheat" in lying or (await body.observe()).inventory.count("wheat") == 1

    await eventually(reaped)


async def test_a_tool_that_is_too_weak_gets_nothing_and_every_block_wears_it(server, body, hands) -> None:
    x, y, z = await platform(server, body)
    ore = (x + 2, y, z)
    for tool, gets in (("wooden_pickaxe", False), ("stone_pickaxe", True)):
        await server.do("setblock", pos=list(ore), block="iron_ore")
        await server.do("give", name=NAME, item=tool, count=1, slot=20)
        await stands(body, ore, "iron_ore")
        await until(body, lambda s, tool=tool: s.inventory.count(tool) == 1)
        await hands.equip(tool, "hand")
        await hands.dig(ore)
        await until(body, lambda s: s.held is not None and s.held.wear == 1)
        await asyncio.sleep(0.3)
        lying = [e.stack.item for e in await body.entities(8) if e.stack is not None]
        carried = (await body.observe()).inventory.count("raw_iron")
        assert bool(lying or carried) is gets


async def test_a_torch_lights_and_a_roof_darkens(server, body, hands) -> None:
    x, y, z = await platform(server, body)
    operator = MineflayerOperator(body, answer_seconds=0.05)
    await operator.command(f"fill {x - 4} {y + 3} {z - 4} {x + 4} {y + 3} {z + 4} stone")
    for dx, dz in ((4, 0), (-4, 0), (0, 4), (0, -4)):
        low, high = (x + dx - abs(dz), z + dz - abs(dx)), (x + dx + abs(dz), z + dz + abs(dx))
        await operator.command(f"fill {low[0]} {y} {low[1]} {high[0]} {y + 2} {high[1]} stone")

    async def light(pos: BlockPos) -> tuple[int, int]:
        region = await body.scan(Box(pos, pos), light=True)
        assert region.block_light is not None
        assert region.sky_light is not None
        return int(region.block_light[0, 0, 0]), int(region.sky_light[0, 0, 0])

    async def dark() -> bool:
        return await light((x + 1, y, z)) == (0, 0)

    await eventually(dark)
    await operator.command(f"give {NAME} torch 1")
    await until(body, lambda s: s.inventory.count("torch") == 1)
    await hands.equip("torch", "hand")
    await hands.place((x + 2, y - 1, z), "up")

    async def lit() -> bool:
        return await light((x + 2, y, z)) == (14, 0) and await light((x, y, z)) == (12, 0)

    await eventually(lit)


async def test_a_night_is_slept_through_and_the_bed_is_where_life_goes_on(server, body, hands) -> None:
    x, y, z = await platform(server, body)
    operator = MineflayerOperator(body, answer_seconds=0.05)
    await operator.command(f"give {NAME} red_bed 1")
    await until(body, lambda s: s.inventory.count("red_bed") == 1)
    await hands.equip("red_bed", "hand")
    await hands.place((x + 1, y - 1, z), "up")
    beds = await body.find_blocks(["red_bed"], 8, 4)
    assert len(beds) == 2
    await operator.command("time set night")
    await until(body, lambda s: s.time_of_day >= 13000)
    await hands.sleep(beds[0])
    assert (await body.observe()).sleeping
    rested = await until(body, lambda s: not s.sleeping, 10)
    assert rested.time_of_day < 1000
    await until(body, lambda s: s.on_ground)

    await operator.command(f"kill {NAME}")
    await until(body, lambda s: not s.alive)
    await hands.respawn()
    back = await until(body, lambda s: s.alive and s.on_ground)
    assert max(abs(back.block[0] - beds[0][0]), abs(back.block[2] - beds[0][2])) <= 2
    assert back.block[1] == y


async def test_a_door_opens_with_both_its_halves_and_a_bucket_scoops_water(server, body, hands) -> None:
    x, y, z = await platform(server, body)
    operator = MineflayerOperator(body, answer_seconds=0.05)
    for item in ("oak_door 1", "bucket 1"):
        await operator.command(f"give {NAME} {item}")
    await until(body, lambda s: s.inventory.count("bucket") == 1)
    await hands.equip("oak_door", "hand")
    await hands.place((x + 2, y - 1, z), "up")
    for half in ((x + 2, y, z), (x + 2, y + 1, z)):
        assert await name_at(body, half) == "oak_door"
    await hands.use_block((x + 2, y + 1, z))

    async def opened() -> bool:
        region = await body.scan(Box((x + 2, y, z), (x + 2, y + 1, z)))
        halves = [region.state((x + 2, y + dy, z)) for dy in (0, 1)]
        return [body.tables.properties_of(state)["open"] for state in halves] == ["true", "true"]

    await eventually(opened)
    await server.do("setblock", pos=[x, y - 1, z + 2], block="water")
    await stands(body, (x, y - 1, z + 2), "water")
    await hands.equip("bucket", "hand")
    await hands.use_block((x, y - 1, z + 2), "up")
    await until(body, lambda s: s.inventory.count("water_bucket") == 1)
    await stands(body, (x, y - 1, z + 2), "air")


async def test_commands_that_cannot_be_carried_out_are_refused_by_name(server, body) -> None:
    operator = MineflayerOperator(body, answer_seconds=0.3)
    for command, word in [
        (f"give {NAME} no_such_item 1", "no_such_item"),
        ("give Nobody coal 1", "Nobody"),
        ("setblock 0 70 0 no_such_block", "no_such_block"),
        ("summon wither 0 70 0", "wither"),
    ]:
        with pytest.raises(UserError) as caught:
            await operator.command(command)
        assert word in caught.value.problem
