"""What hands do besides digging and placing, on a protocol server: chests, furnaces, food, levers, blows, beds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from conscious_bot.body.mineflayer import Address, MineflayerBody, ServerOptions
from conscious_bot.body.port import BodyEvent, BodyEventKind
from conscious_bot.contracts import ActionFailed, BlockPos, ExecErrorCode
from conscious_bot.world.region import Box
from conscious_bot.world.state import BodyState, ContainerView, FurnaceView, ItemStack

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="session")]

NAME = "Walker"
CHEST: BlockPos = (1, 65, 1)


async def until(body: MineflayerBody, holds: Callable[[BodyState], bool], seconds: float = 5.0) -> BodyState:
    deadline = time.monotonic() + seconds
    while not holds(state := await body.observe()):
        assert time.monotonic() < deadline, state
        await asyncio.sleep(0.05)
    return state


async def code(action: Awaitable[object]) -> ExecErrorCode:
    with pytest.raises(ActionFailed) as caught:
        await action
    return caught.value.code


async def built(server, body: MineflayerBody, block: str, pos: BlockPos = CHEST) -> BlockPos:
    """A block put up by the server, seen by the body."""
    await server.do("setblock", pos=list(pos), block=block)
    deadline = time.monotonic() + 5
    while pos not in await body.find_blocks([block], 8, 8):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    return pos


async def given(server, body: MineflayerBody, item: str, count: int, slot: int) -> None:
    await server.do("give", name=NAME, item=item, count=count, slot=slot)
    await until(body, lambda s: s.inventory.count(item) >= count)


async def test_a_chest_is_opened_filled_and_emptied_all_or_nothing(server, body, hands) -> None:
    chest = await built(server, body, "chest")
    await given(server, body, "cobblestone", 40, 20)
    await given(server, body, "cobblestone", 50, 21)
    view = await hands.open_container(chest)
    assert view == ContainerView("chest", chest, (None,) * 27)
    assert (await body.observe()).window == "chest"

    view = await hands.put("cobblestone", 70)
    assert view.count("cobblestone") == 70
    assert (await body.observe()).inventory.count("cobblestone") == 20
    assert await code(hands.put("cobblestone", 21)) is ExecErrorCode.INVENTORY_MISSING
    assert await code(hands.take("cobblestone", 71)) is ExecErrorCode.CONTAINER_MISSING
    assert await code(hands.put("cobblestone", 1, "fuel")) is ExecErrorCode.STEP_BAD_ARGS
    for amount in (1, 31, 7):
        await hands.take("cobblestone", amount)
    assert (await hands.window()).count("cobblestone") == 31
    await hands.close_window()
    state = await body.observe()
    assert state.window is None
    assert state.inventory.count("cobblestone") == 59

    # It is still there when it is opened again, and nothing is done without an open window.
    for action in (hands.window(), hands.put("cobblestone", 1), hands.take("cobblestone", 1)):
        assert await code(action) is ExecErrorCode.CONTAINER_NOT_OPEN
    await hands.close_window()
    assert (await hands.open_container(chest)).count("cobblestone") == 31
    await body.stop()
    assert (await body.observe()).window is None


async def test_a_full_chest_or_full_pockets_take_nothing(server, body, hands) -> None:
    chest = await built(server, body, "chest")
    for slot in range(9, 45):
        await server.do("give", name=NAME, item="cobblestone", count=64, slot=slot)
    await until(body, lambda s: s.inventory.count("cobblestone") == 36 * 64)
    await hands.open_container(chest)
    await hands.put("cobblestone", 27 * 64)
    assert await code(hands.put("cobblestone", 1)) is ExecErrorCode.CONTAINER_FULL
    await hands.take("cobblestone", 27 * 64)
    assert await code(hands.take("cobblestone", 1)) is ExecErrorCode.CONTAINER_MISSING
    await hands.put("cobblestone", 64)
    await hands.close_window()
    await server.do("give", name=NAME, item="dirt", count=1, slot=9)
    await until(body, lambda s: s.inventory.count("dirt") == 1)
    for slot in range(9, 45):
        await server.do("give", name=NAME, item="dirt", count=1, slot=slot)
    await until(body, lambda s: s.inventory.count("dirt") == 36)
    await hands.open_container(chest)
    assert await code(hands.take("cobblestone", 1)) is ExecErrorCode.INVENTORY_FULL
    assert (await hands.window()).count("cobblestone") == 64
    await hands.close_window()


async def test_a_put_cancelled_in_the_middle_loses_nothing_and_leaves_no_window(server, body, hands) -> None:
    chest = await built(server, body, "chest")
    for slot in range(9, 45):
        await server.do("give", name=NAME, item="cobblestone", count=63, slot=slot)
    await until(body, lambda s: s.inventory.count("cobblestone") == 36 * 63)
    await hands.open_container(chest)
    moves = asyncio.Event()
    unsubscribe = body.subscribe(lambda event: moves.set() if event.kind is BodyEventKind.PROGRESS else None)
    putting = asyncio.create_task(hands.put("cobblestone", 26 * 63 + 31))
    await moves.wait()
    unsubscribe()
    putting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await putting
    await body.stop()
    assert (await body.observe()).window is None
    kept = (await body.observe()).inventory.count("cobblestone")
    inside = (await hands.open_container(chest)).count("cobblestone")
    assert kept + inside == 36 * 63
    await hands.close_window()


async def test_a_furnace_has_parts_and_tells_of_its_fire(server, body, hands) -> None:
    furnace = await built(server, body, "furnace")
    await given(server, body, "raw_iron", 5, 20)
    await given(server, body, "coal", 5, 21)
    view = await hands.open_container(furnace)
    assert isinstance(view, FurnaceView)
    await hands.put("raw_iron", 3, "input")
    assert await code(hands.put("coal", 1)) is ExecErrorCode.STEP_BAD_ARGS
    assert await code(hands.put("coal", 1, "output")) is ExecErrorCode.STEP_BAD_ARGS
    assert await code(hands.put("coal", 1, "input")) is ExecErrorCode.CONTAINER_FULL
    assert await code(hands.take("iron_ingot", 1)) is ExecErrorCode.CONTAINER_MISSING
    await hands.put("coal", 2, "fuel")

    async def shown(holds: Callable[[FurnaceView], bool]) -> FurnaceView:
        deadline = time.monotonic() + 5
        while True:
            view = await hands.window()
            assert isinstance(view, FurnaceView)
            if holds(view):
                return view
            assert time.monotonic() < deadline, view
            await asyncio.sleep(0.05)

    view = await shown(lambda v: v.progress > 5)
    assert (view.input, view.fuel, view.output) == (ItemStack("raw_iron", 3), ItemStack("coal", 1), None)
    assert (view.burn_total, view.progress_total) == (1600, 200)
    assert 1580 < view.burning < 1600
    await server.do("pass", ticks=200)
    view = await shown(lambda v: v.output is not None)
    assert (view.input, view.output) == (ItemStack("raw_iron", 2), ItemStack("iron_ingot", 1))
    await hands.take("iron_ingot", 1)
    await hands.take("raw_iron", 2, "input")
    assert (await body.observe()).inventory.counts() == {"raw_iron": 4, "iron_ingot": 1, "coal": 3}
    await hands.close_window()


async def test_what_is_no_container_does_not_open(server, body, hands) -> None:
    x, y, z = (await body.observe()).block
    assert await code(hands.open_container((x, y - 1, z))) is ExecErrorCode.CONTAINER_NONE
    far = await built(server, body, "chest", (x + 6, y + 1, z))
    assert await code(hands.open_container(far)) is ExecErrorCode.CONTAINER_OUT_OF_REACH


async def test_bread_is_eaten_when_hungry_and_stays_whole_when_interrupted(server, body, hands) -> None:
    assert await code(hands.consume()) is ExecErrorCode.INVENTORY_MISSING
    await given(server, body, "bread", 2, 36)
    await given(server, body, "coal", 1, 37)
    await hands.equip("bread", "hand")
    assert await code(hands.consume()) is ExecErrorCode.USE_NOT_HUNGRY
    await server.do("food", name=NAME, food=10)
    await until(body, lambda s: s.food == 10)
    began = time.monotonic()
    await hands.consume()
    assert 1.5 < time.monotonic() - began < 3
    assert (await body.observe()).inventory.count("bread") == 1
    await until(body, lambda s: s.food == 15)

    eating = asyncio.create_task(hands.consume())
    await asyncio.sleep(0.5)
    eating.cancel()
    with pytest.raises(asyncio.CancelledError):
        await eating
    await body.stop()
    await asyncio.sleep(1.5)
    assert (await body.observe()).inventory.count("bread") == 1
    await hands.equip("coal", "hand")
    assert await code(hands.consume()) is ExecErrorCode.USE_NOT_FOOD
    await server.do("food", name=NAME, food=20)


async def test_a_lever_switches_and_the_ground_does_not_answer(server, body, hands) -> None:
    lever = await built(server, body, "lever")
    x, y, z = (await body.observe()).block
    region = Box(lever, lever)
    before = (await body.scan(region)).state(lever)
    await hands.use_block(lever)
    switched = (await body.scan(region)).state(lever)
    assert switched != before
    assert body.tables.name_of(switched) == "lever"
    await hands.use_block(lever)
    assert (await body.scan(region)).state(lever) == before
    assert await code(hands.use_block((x, y - 1, z))) is ExecErrorCode.USE_NO_EFFECT
    assert await code(hands.use_block((x + 9, y, z))) is ExecErrorCode.USE_OUT_OF_REACH
    chest = await built(server, body, "chest", (lever[0], lever[1], lever[2] - 2))
    assert await code(hands.use_block(chest)) is ExecErrorCode.USE_NO_EFFECT
    await given(server, body, "cobblestone", 1, 36)
    await hands.equip("cobblestone", "hand")
    assert await code(hands.use_block((x, y - 1, z))) is ExecErrorCode.USE_NO_EFFECT


async def test_a_shield_is_up_until_it_is_lowered(server, body, hands) -> None:
    assert await code(hands.raise_shield(up=True)) is ExecErrorCode.INVENTORY_MISSING
    await given(server, body, "shield", 1, 36)
    await hands.raise_shield(up=False)
    await hands.equip("shield", "hand")
    await hands.raise_shield(up=True)
    await hands.raise_shield(up=False)
    await hands.raise_shield(up=True)
    await body.stop()


async def test_a_blow_counts_when_it_is_seen_to_hurt(server, body, hands) -> None:
    x, y, z = (await body.observe()).position
    near = (await server.do("creature", kind="snow_golem", position=[x + 1.5, y, z], still=True))["entity"]
    far = (await server.do("creature", kind="snow_golem", position=[x + 6, y + 1, z], still=True))["entity"]
    deadline = time.monotonic() + 5
    while not {near, far} <= {e.id for e in await body.entities(16)}:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    assert await code(hands.attack(far)) is ExecErrorCode.COMBAT_OUT_OF_REACH
    assert await code(hands.attack(987654)) is ExecErrorCode.COMBAT_TARGET_GONE
    await hands.attack(near)
    began = time.monotonic()
    assert await code(hands.attack(near)) is ExecErrorCode.COMBAT_NO_EFFECT  # for half a second nothing hurts it again
    assert time.monotonic() - began > 0.2  # the hand's strength takes a quarter of a second
    await hands.attack(near)


async def test_a_bed_is_lain_in_and_nothing_but_waking_is_done_there(server, body, hands) -> None:
    events: list[BodyEvent] = []
    unsubscribe = body.subscribe(events.append)
    bed = await built(server, body, "red_bed")
    x, y, z = (await body.observe()).block
    assert await code(hands.sleep(bed)) is ExecErrorCode.SLEEP_NOT_NIGHT
    await server.do("time", ticks=14_000)
    await server.do("setblock", pos=list(bed), block="red_bed", properties={"occupied": True})
    assert await code(hands.sleep(bed)) is ExecErrorCode.SLEEP_OCCUPIED
    await server.do("setblock", pos=list(bed), block="red_bed")
    zombie = await server.do("creature", kind="zombie", position=[x + 6.5, y + 1, z + 0.5], still=True)
    assert await code(hands.sleep(bed)) is ExecErrorCode.SLEEP_HOSTILES_NEAR
    await server.do("strike", entity=zombie["entity"], damage=100)
    assert await code(hands.sleep((x, y - 1, z))) is ExecErrorCode.SLEEP_NO_BED
    await hands.wake()
    await hands.sleep(bed)
    assert (await body.observe()).sleeping
    assert await code(hands.look_at((0, 70, 0))) is ExecErrorCode.BODY_ASLEEP
    await hands.chat("good night")
    await body.stop()  # gets it out of bed
    assert not (await body.observe()).sleeping
    await hands.wake()
    await hands.sleep(bed)
    await server.do("wake", name=NAME)
    await until(body, lambda s: not s.sleeping)
    await asyncio.sleep(0.1)
    kinds = [e.kind for e in events if e.kind in {BodyEventKind.SLEPT, BodyEventKind.WOKE}]
    assert kinds == [BodyEventKind.SLEPT, BodyEventKind.WOKE] * 2
    assert next(e for e in events if e.kind is BodyEventKind.SLEPT).data["pos"] == bed
    unsubscribe()


async def test_what_is_thrown_away_flies_where_there_is_room(server, body, hands) -> None:
    x, y, z = (await body.observe()).block
    await given(server, body, "cobblestone", 40, 20)
    for dx in range(-4, 0):
        for dz in range(-2, 5):
            await server.do("setblock", pos=[x + dx, y, z + dz], block="air")
    await built(server, body, "stone", (x, y + 1, z + 1))
    await hands.look_at((x, y, z + 1))  # at the foot of a wall
    await hands.toss("cobblestone", 30)
    await asyncio.sleep(1.5)  # by then what lies at its feet would have been picked up again
    assert (await body.observe()).inventory.counts() == {"cobblestone": 10}


async def test_a_bucket_scoops_water_of_which_an_edge_hides_the_middle(server, body, hands) -> None:
    x, y, z = (await body.observe()).block
    spring = await built(server, body, "water", (x, y - 1, z + 3))
    await given(server, body, "bucket", 1, 20)
    await hands.equip("bucket", "hand")
    await hands.use_block(spring, "up")
    await until(body, lambda s: s.inventory.count("water_bucket") == 1)


async def test_who_left_the_world_dead_is_brought_back_when_he_enters(server) -> None:
    await server.do("dying", name="Lazarus")
    body = MineflayerBody(ServerOptions(Address("127.0.0.1", server.port), username="Lazarus", version="1.20.4"))
    try:
        await body.open()
        assert (await body.observe()).alive
    finally:
        await body.close()


async def test_a_server_that_confirms_no_clicks_is_understood(start_server) -> None:
    server = await start_server(version="1.13.2")
    body = MineflayerBody(ServerOptions(Address("127.0.0.1", server.port), username=NAME, version="1.13.2"))
    try:
        await server.do("silent", on=True)
        await body.open()
        hands = body.claim_hands()
        await server.do("give", name=NAME, item="cobblestone", count=5, slot=20)
        await server.do("give", name=NAME, item="dirt", count=9, slot=21)
        await until(body, lambda s: s.inventory.count("dirt") == 9)
        began = time.monotonic()
        for _ in range(3):
            await hands.equip("cobblestone", "hand")
            await hands.unequip()
            await hands.equip("dirt", "hand")
        await hands.toss("cobblestone", 2)
        assert time.monotonic() - began < 8
        assert (await body.observe()).inventory.counts() == {"cobblestone": 3, "dirt": 9}
        await server.do("silent", on=False)
        await hands.toss("dirt", 4)
        assert (await body.observe()).inventory.counts() == {"cobblestone": 3, "dirt": 5}
    finally:
        await body.close()
        await server.stop()
