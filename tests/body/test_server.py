"""The body on a real protocol server: flying-squid with mineflayer, nothing in between replaced."""

from __future__ import annotations

import asyncio
import math
import os
import time
from collections.abc import Callable

import pytest

from conscious_bot.body.mineflayer import Address, MineflayerBody, MineflayerOperator, ServerOptions
from conscious_bot.body.port import BodyEvent, BodyEventKind
from conscious_bot.contracts import ActionFailed, BlockPos, ExecErrorCode, Primitive, UserError
from conscious_bot.game.tables import Recipe
from conscious_bot.sterling.navigation import Navigator
from conscious_bot.world.occupancy import classify
from conscious_bot.world.region import UNKNOWN, Box
from conscious_bot.world.state import BodyState

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="session")]

NAME = "Walker"


async def until(body: MineflayerBody, holds: Callable[[BodyState], bool], seconds: float = 5.0) -> BodyState:
    """Observe until a condition holds; fails the test with the last state if it never does."""
    deadline = time.monotonic() + seconds
    while not holds(state := await body.observe()):
        assert time.monotonic() < deadline, state
        await asyncio.sleep(0.05)
    return state


async def way(body: MineflayerBody, east: int, south: int = 0) -> list[Primitive]:
    """Sterling's way over the ground that a scan shows."""
    x, y, z = (await body.observe()).block
    low = (min(x, x + east) - 2, y - 8, min(z, z + south) - 2)
    high = (max(x, x + east) + 2, y + 8, max(z, z + south) + 2)
    found = Navigator(classify(await body.scan(Box(low, high)), body.tables)).solve(
        (x, y, z), (x + east, y, z + south), tolerance_xz=0, tolerance_y=5
    )
    assert found.found
    return list(found.primitives)


async def drops(body: MineflayerBody) -> list[str]:
    """What lies near, once the server has said what it is; empty if it was picked up before that."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        if lying := [e.stack.item for e in await body.entities(8) if e.stack is not None]:
            return lying
        if (await body.observe()).inventory.counts():
            return []
        await asyncio.sleep(0.02)
    raise AssertionError("nothing lies there and nothing was picked up")


async def ground(body: MineflayerBody, x: int, y: int, z: int) -> int:
    """The height of a column's highest block near `y`."""
    region = await body.scan(Box((x, y - 5, z), (x, y + 5, z)))
    air = body.tables.blocks["air"].default_state
    return max(level for level in range(y - 5, y + 6) if region.state((x, level, z)) != air)


async def still(body: MineflayerBody, seconds: float = 0.5) -> bool:
    """Whether the body does not move at all for a while."""
    first = (await body.observe()).position
    await asyncio.sleep(seconds)
    return (await body.observe()).position == first


async def test_the_body_walks_digs_picks_up_places_and_chats(server, body, hands) -> None:
    events: list[BodyEvent] = []
    body.subscribe(events.append)
    start = await body.observe()
    assert start.alive
    assert start.game_mode == "survival"
    assert body.tables.version == "1.20.4"
    assert body.name == NAME

    # It walks 30 blocks over uneven ground.
    path = await way(body, 18, 12)
    assert {p.move for p in path} == {"walk", "jump_up", "descend"}
    assert {p.op[-1] for p in path} == {"E", "S"}
    result = await hands.follow(path)
    assert (result.ended, result.done) == ("arrived", 30)
    arrived = await until(body, lambda s: s.on_ground)
    assert arrived.block == path[-1].to
    assert [e.data["done"] for e in events if e.kind is BodyEventKind.PROGRESS][-1] == 30
    where = (await server.do("where", name=NAME))["position"]
    assert math.dist(where, arrived.position) < 0.5

    # It digs in the game's own time, and only what it can reach.
    x, y, z = arrived.block
    target = (x + 1, await ground(body, x + 1, y, z), z)
    state = (await body.scan(Box(target, target))).state(target)
    ticks = body.tables.dig_ticks(state, None)
    assert ticks is not None
    began = time.monotonic()
    await hands.dig(target)
    took = time.monotonic() - began
    dug = next(e for e in server.told if e["event"] == "dug")
    assert dug["pos"] == list(target)
    assert ticks / 20 - 0.02 <= dug["passed"] / 1000 <= ticks / 20 + 0.25
    assert ticks / 20 - 0.02 <= took < ticks / 20 + 0.5
    assert body.tables.name_of((await body.scan(Box(target, target))).state(target)) == "air"
    assert any(e.kind is BodyEventKind.BLOCK and e.data["pos"] == target for e in events)

    # The drop lies there, is seen, and is picked up by walking onto it.
    lying = await drops(body)
    assert lying == ["dirt"] or (await body.observe()).inventory.count("dirt") == 1  # it came to the feet by itself
    result = await hands.follow([Primitive(op="descend_E", to=target)])
    assert result.ended == "arrived"
    carrying = await until(body, lambda s: s.inventory.count("dirt") == 1)
    assert carrying.block == target

    # It places what it holds, and the server takes it from the hand.
    await hands.equip("dirt", "hand")
    assert (held := (await body.observe()).held) is not None
    assert held.item == "dirt"
    spot = (x + 2, await ground(body, x + 2, y, z), z)
    await hands.dig(spot)
    await hands.place((spot[0], spot[1] - 1, spot[2]), "up")
    assert body.tables.name_of((await body.scan(Box(spot, spot))).state(spot)) == "dirt"

    # It chats, and hears itself as others do.
    await hands.chat("hello there")
    assert any(e.kind is BodyEventKind.CHAT and e.data == {"sender": NAME, "text": "hello there"} for e in events)


async def test_a_walk_cancelled_in_the_middle_ends_with_a_body_that_stands_still(server, body, hands) -> None:
    path = await way(body, 20)
    walk = asyncio.create_task(hands.follow(path))
    await until(body, lambda s: s.position[0] > 3)
    assert (await body.observe()).moving
    walk.cancel()
    with pytest.raises(asyncio.CancelledError):
        await walk
    await body.stop()
    stopped = await body.observe()
    assert not stopped.moving
    assert 3 < stopped.position[0] < 15
    assert await still(body)

    # The next walk begins where this one ended.
    x, *_ = stopped.block
    rest = [p for p in path if p.to[0] > x][:3]
    assert (await hands.follow(rest)).ended == "arrived"


async def test_a_stop_ends_an_action_of_another_task(server, body, hands) -> None:
    walk = asyncio.create_task(hands.follow(await way(body, 20)))
    await until(body, lambda s: s.position[0] > 2)
    await body.stop()
    with pytest.raises(ActionFailed) as caught:
        await walk
    assert caught.value.code is ExecErrorCode.STEP_CANCELLED
    assert await still(body)


async def test_a_kicked_body_comes_back_by_itself(server, body, hands) -> None:
    events: list[BodyEvent] = []
    body.subscribe(events.append)
    walk = asyncio.create_task(hands.follow(await way(body, 20)))
    await until(body, lambda s: s.position[0] > 2)
    await server.do("kick", name=NAME, reason="go and rest")
    with pytest.raises(ActionFailed) as caught:
        await walk
    assert caught.value.code is ExecErrorCode.BODY_DISCONNECTED
    with pytest.raises(ActionFailed):
        await body.observe()
    deadline = time.monotonic() + 10
    while not any(e.kind is BodyEventKind.RECONNECTED for e in events):
        assert time.monotonic() < deadline, events
        await asyncio.sleep(0.05)
    kinds = [e.kind for e in events if e.kind in {BodyEventKind.KICKED, BodyEventKind.DISCONNECTED}]
    assert kinds == [BodyEventKind.KICKED, BodyEventKind.DISCONNECTED]
    assert next(e for e in events if e.kind is BodyEventKind.KICKED).data["reason"] == "go and rest"
    assert (await hands.follow(await way(body, 2))).ended == "arrived"


async def test_a_lost_connection_fails_what_is_under_way_and_is_taken_up_again(server, body, hands) -> None:
    digging = asyncio.create_task(hands.dig((0, 62, 0)))
    await asyncio.sleep(0.2)
    await server.do("cut", name=NAME)
    with pytest.raises(ActionFailed) as caught:
        await digging
    assert caught.value.code is ExecErrorCode.BODY_DISCONNECTED
    deadline = time.monotonic() + 10
    while True:
        try:
            await body.observe()
            break
        except ActionFailed:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.1)


async def test_a_walk_tells_that_its_way_is_blocked_and_that_it_was_pushed_off_it(server, body, hands) -> None:
    path = await way(body, 6)
    wall = path[4].to
    await server.do("setblock", pos=list(wall), block="stone")
    await server.do("setblock", pos=[wall[0], wall[1] + 1, wall[2]], block="stone")
    result = await hands.follow(path)
    assert result.ended == "blocked"
    assert result.done < 5

    here = await until(body, lambda s: s.on_ground)
    x, y, z = here.block
    back = [Primitive(op="walk_W", to=(x - 1, y, z))]
    walk = asyncio.create_task(hands.follow([*back, Primitive(op="walk_E", to=(x, y, z))] * 10))
    await asyncio.sleep(0.3)
    await server.do("teleport", name=NAME, position=[x + 0.5, y + 6.0, z + 5.5])
    assert (await walk).ended == "deviated"


async def test_what_cannot_be_done_fails_with_its_code(server, body, hands) -> None:
    x, y, z = (await body.observe()).block

    async def code(action) -> ExecErrorCode:
        with pytest.raises(ActionFailed) as caught:
            await action
        return caught.value.code

    assert await code(hands.dig((x + 9, y - 1, z))) is ExecErrorCode.DIG_OUT_OF_REACH
    assert await code(hands.dig((x + 500, y - 1, z))) is ExecErrorCode.DIG_OUT_OF_REACH
    assert await code(hands.dig((x, y + 3, z))) is ExecErrorCode.DIG_BLOCK_CHANGED
    assert await code(hands.place((x + 2, y - 1, z), "up")) is ExecErrorCode.INVENTORY_MISSING
    assert await code(hands.equip("diamond", "hand")) is ExecErrorCode.INVENTORY_MISSING
    assert await code(hands.toss("diamond", 1)) is ExecErrorCode.INVENTORY_MISSING

    await server.do("give", name=NAME, item="cobblestone", count=8, slot=36)
    await until(body, lambda s: s.inventory.count("cobblestone") == 8)
    assert await code(hands.place((x + 9, y - 1, z), "up")) is ExecErrorCode.PLACE_OUT_OF_REACH
    assert await code(hands.place((x, y + 2, z), "up")) is ExecErrorCode.PLACE_INVALID_FACE
    assert await code(hands.place((x, y - 1, z), "down")) is ExecErrorCode.PLACE_OCCUPIED
    await server.do("setblock", pos=[x, y + 2, z], block="stone")
    for _ in range(100):
        if (x, y + 2, z) in await body.find_blocks(["stone"], 4, 64):
            break
        await asyncio.sleep(0.05)
    assert await code(hands.place((x, y + 2, z), "down")) is ExecErrorCode.PLACE_OCCUPIED  # the bot's own head
    assert await code(hands.place((x, y - 1, z), "up")) is ExecErrorCode.PLACE_OCCUPIED  # no room to jump
    await server.do("setblock", pos=[x, y + 2, z], block="air")

    # The server refuses to let the block go: the body does not believe its own prediction.
    await server.do("refuse", on=True)
    assert await code(hands.dig((x, y - 1, z))) is ExecErrorCode.DIG_TIMEOUT
    below = (await body.scan(Box((x, y - 1, z), (x, y - 1, z)))).state((x, y - 1, z))
    assert body.tables.name_of(below) == "grass_block"


async def test_items_are_taken_in_hand_put_away_and_thrown(server, body, hands) -> None:
    await server.do("give", name=NAME, item="cobblestone", count=5, slot=20)
    await server.do("give", name=NAME, item="iron_helmet", count=1, slot=21)
    state = await until(body, lambda s: s.inventory.count("iron_helmet") == 1)
    assert state.inventory.slots[20] is not None
    assert state.inventory.slots[20].item == "cobblestone"

    await hands.equip("cobblestone", "hand")
    state = await body.observe()
    assert state.held is not None
    assert state.held.item == "cobblestone"
    assert state.inventory.slots[20] is None

    await hands.equip("iron_helmet", "head")
    assert (await body.observe()).inventory.worn["head"].item == "iron_helmet"

    await hands.toss("cobblestone", 2)
    assert (await body.observe()).inventory.count("cobblestone") == 3
    await hands.unequip()
    assert (await body.observe()).held is None


async def test_angles_are_the_brains_in_every_direction(server, body, hands) -> None:
    x, y, z = (await body.observe()).position
    for (dx, dy, dz), yaw, pitch in [
        ((0, 0, 5), 0.0, 0.0),  # south
        ((-5, 0, 0), math.pi / 2, 0.0),  # west
        ((0, 0, -5), math.pi, 0.0),  # north
        ((5, 0, 0), -math.pi / 2, 0.0),  # east
        ((0, 5, 5), 0.0, math.pi / 4),  # up
        ((0, -5, 5), 0.0, -math.pi / 4),  # down
    ]:
        await hands.look_at((x + dx, y + 1.62 + dy, z + dz))
        state = await body.observe()
        assert math.isclose(math.cos(state.yaw), math.cos(yaw), abs_tol=0.01)
        assert math.isclose(math.sin(state.yaw), math.sin(yaw), abs_tol=0.01)
        assert math.isclose(state.pitch, pitch, abs_tol=0.01)


async def test_a_scan_is_the_servers_world_and_unloaded_cells_are_unknown(server, body) -> None:
    x, y, z = (await body.observe()).block
    await server.do("setblock", pos=[x + 3, y + 2, z - 1], block="diamond_block")
    deadline = time.monotonic() + 5
    while await body.find_blocks(["diamond_block"], 8, 1) != [(x + 3, y + 2, z - 1)]:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    region = await body.scan(Box((x - 2, y - 3, z - 4), (x + 4, y + 3, z + 5)), light=True)
    assert region.blocks.shape == (7, 7, 10)
    assert body.tables.name_of(region.state((x + 3, y + 2, z - 1))) == "diamond_block"
    assert body.tables.name_of(region.state((x, y - 1, z))) == "grass_block"
    assert region.sky_light is not None
    assert region.sky_light[2, 4, 4] == 15
    far = await body.scan(Box((x + 4000, y, z), (x + 4001, y, z)))
    assert far.blocks.tolist() == [[[UNKNOWN]], [[UNKNOWN]]]


async def test_blocks_are_found_nearest_first_with_ties_by_height_and_cell(server, body) -> None:
    x, y, z = (await body.observe()).block
    near: list[BlockPos] = [(x + 2, y + 1, z), (x - 2, y + 1, z), (x, y + 1, z + 2), (x, y + 4, z)]
    for pos in near:
        await server.do("setblock", pos=list(pos), block="gold_block")
    await until_found(body, "gold_block", 4)
    found = await body.find_blocks(["gold_block"], 16, 4)
    assert found == [(x - 2, y + 1, z), (x, y + 1, z + 2), (x + 2, y + 1, z), (x, y + 4, z)]
    assert await body.find_blocks(["gold_block"], 16, 2) == found[:2]


async def until_found(body: MineflayerBody, block: str, count: int) -> None:
    deadline = time.monotonic() + 5
    while len(await body.find_blocks([block], 16, 64)) < count:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


async def test_recipes_are_crafted_in_the_hand_and_at_a_table(server, body, hands) -> None:
    def recipe(item: str, first: str) -> Recipe:
        return next(r for r in body.tables.recipes[item] if r.ingredients[0][0] == first)

    await server.do("give", name=NAME, item="oak_log", count=3, slot=20)
    await until(body, lambda s: s.inventory.count("oak_log") == 3)
    planks = recipe("oak_planks", "oak_log")
    await hands.craft(planks, 3, None)
    assert (await body.observe()).inventory.counts() == {"oak_planks": 12}
    await hands.craft(recipe("stick", "oak_planks"), 1, None)
    await hands.craft(recipe("crafting_table", "oak_planks"), 1, None)
    counts = (await body.observe()).inventory.counts()
    assert counts == {"oak_planks": 6, "stick": 4, "crafting_table": 1}

    # Three wide does not fit the hand; the table does it and is closed again.
    pickaxe = recipe("wooden_pickaxe", "oak_planks")
    with pytest.raises(ActionFailed) as caught:
        await hands.craft(pickaxe, 1, None)
    assert caught.value.code is ExecErrorCode.CRAFT_NO_WORKSTATION
    await hands.equip("crafting_table", "hand")
    x, y, z = (await body.observe()).block
    table = (x + 1, await ground(body, x + 1, y, z) + 1, z)
    await hands.place((table[0], table[1] - 1, table[2]), "up")
    await hands.craft(pickaxe, 1, table)
    assert (await body.observe()).inventory.counts() == {"oak_planks": 3, "stick": 2, "wooden_pickaxe": 1}

    # What is missing, or not there, is named, and nothing is lost by trying.
    for again, where, code in [
        (pickaxe, (x, y - 1, z), ExecErrorCode.CRAFT_NO_WORKSTATION),
        (planks, None, ExecErrorCode.CRAFT_MISSING_INPUT),
    ]:
        with pytest.raises(ActionFailed) as caught:
            await hands.craft(again, 1, where)
        assert caught.value.code is code
    assert (await body.observe()).inventory.counts() == {"oak_planks": 3, "stick": 2, "wooden_pickaxe": 1}


async def test_a_dead_body_says_so_and_comes_back(server, body, hands) -> None:
    events: list[BodyEvent] = []
    unsubscribe = body.subscribe(events.append)
    walk = asyncio.create_task(hands.follow(await way(body, 12)))
    await until(body, lambda s: s.position[0] > 2)
    await server.do("health", name=NAME, health=0)
    with pytest.raises(ActionFailed) as caught:
        await walk
    assert caught.value.code is ExecErrorCode.BODY_DEAD
    assert not (await body.observe()).alive
    with pytest.raises(ActionFailed) as caught:
        await hands.look_at((0, 70, 0))
    assert caught.value.code is ExecErrorCode.BODY_DEAD
    await body.stop()
    await hands.respawn()
    assert (await body.observe()).alive
    kinds = [e.kind for e in events]
    assert kinds.index(BodyEventKind.DIED) < kinds.index(BodyEventKind.RESPAWNED)
    unsubscribe()
    assert (await hands.follow(await way(body, 2))).ended == "arrived"


async def test_an_operator_gives_commands_and_hears_refusals(server, body) -> None:
    operator = MineflayerOperator(body)
    await operator.command(f"give {NAME} coal 3")
    await until(body, lambda s: s.inventory.count("coal") == 3)
    with pytest.raises(UserError) as caught:
        await operator.command("no_such_command at all")
    assert "no_such_command" in caught.value.problem


async def test_closing_leaves_no_process_behind(server) -> None:
    body = MineflayerBody(ServerOptions(Address("127.0.0.1", server.port), username="Leaver", version="1.20.4"))
    await body.open()
    pid = body.driver_pid
    assert pid is not None
    await body.close()
    await body.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert "Leaver" not in (await server.do("players"))["names"]
