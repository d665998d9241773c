"""The driver when things go wrong: senseless requests, a server that stalls, restarts or talks noise, death."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from tests.protocol_server.harness import ProtocolServer, brought_home, options

from conscious_bot.body.driver_process import DriverFailed, DriverProcess
from conscious_bot.body.install import driver_directory, node_binary
from conscious_bot.body.mineflayer import MineflayerBody, MineflayerHands, MineflayerOperator
from conscious_bot.body.port import BodyEvent, BodyEventKind
from conscious_bot.contracts import ActionFailed, ExecErrorCode
from conscious_bot.world.state import BodyState

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="session")]

NAME = "Walker"


async def until(body: MineflayerBody, holds: Callable[[BodyState], bool], seconds: float = 5.0) -> BodyState:
    deadline = time.monotonic() + seconds
    while not holds(state := await body.observe()):
        assert time.monotonic() < deadline, state
        await asyncio.sleep(0.05)
    return state


def operations() -> list[str]:
    """The operations that the protocol's table names."""
    text = (Path(driver_directory()) / "PROTOCOL.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    return sorted({name.strip(" `*") for row in rows for name in row.split(",")})


JUNK: list[Any] = [
    None, 1, -1, 2.5, 10**15, True, "", "x", "air", "\u0000", {}, {"a": 1},
    [], [[]], [1, 2], [1, 2, "3"], [0.5, 1, 2], [1e9, 0, 0], [None, None, None], [0, 64, 0],
]  # fmt: skip
KEYS = (
    "pos", "low", "high", "names", "radius", "limit", "cells", "moves", "point", "against", "face", "item", "where",
    "count", "result", "shape", "shapeless", "times", "table", "ticks", "up", "entity", "part", "light",
)  # fmt: skip


@pytest.mark.requirement("LEAF-05")
async def test_senseless_requests_have_a_known_code_and_leave_the_driver_well(server) -> None:
    """Whatever the arguments, the answer is a result or a code that the brain knows, never `unknown`."""
    rng = random.Random(5)
    names = [op for op in operations() if op not in {"connect", "respawn", "tables"}]
    assert {"dig", "craft", "put", "useBlock"} <= set(names)
    known = set(ExecErrorCode) - {ExecErrorCode.UNKNOWN}
    driver = DriverProcess(lambda kind, data: None, lambda reason: None)
    await driver.start(node_binary(), driver_directory() / "src" / "main.js")
    try:
        await driver.request("connect", options(server, "Fuzzer").wire())
        answered = 0
        for _ in range(400):
            op = rng.choice(names)
            args = {key: rng.choice(JUNK) for key in KEYS if rng.random() < 0.7}
            if op in {"chat", "command"}:
                args["text"] = rng.choice([None, 1, [], {}])
            code = None
            try:
                async with asyncio.timeout(20):
                    await driver.request(op, args)
            except DriverFailed as failure:
                code = failure.code
            assert code is None or code in known, (op, args, code)
            answered += 1
        assert answered == 400
        assert (await driver.request("ping", {"still": "here"})).result == {"still": "here"}
    finally:
        await driver.close()


async def test_a_server_that_stalls_makes_nothing_fail_that_it_answers_in_the_end(server, body, hands) -> None:
    await server.do("give", name=NAME, item="oak_log", count=2, slot=36)
    await until(body, lambda s: s.inventory.count("oak_log") == 2)
    x, y, z = (await body.observe()).block
    dig = asyncio.ensure_future(hands.dig((x, y - 1, z + 1)))
    await asyncio.sleep(0.3)
    await server.do("stall", ms=1500)
    await dig
    recipe = next(r for r in body.tables.recipes["oak_planks"] if r.ingredients[0][0] == "oak_log")
    craft = asyncio.ensure_future(hands.craft(recipe, 2, None))
    await asyncio.sleep(0.02)
    await server.do("stall", ms=1500)
    await craft
    assert (await body.observe()).inventory.counts()["oak_planks"] == 8
    await hands.equip("oak_planks", "hand")
    place = asyncio.ensure_future(hands.place((x, y - 2, z + 1), "up"))
    await asyncio.sleep(0.02)
    await server.do("stall", ms=1500)
    await place


async def test_packets_that_nobody_knows_are_passed_over(server, body, hands) -> None:
    for noise in ("7f010203", "fe01", "24ffffff", "05"):
        await server.do("noise", name=NAME, bytes=noise)
    await asyncio.sleep(0.3)
    await hands.look_at((0.5, 70.0, 9.5))
    assert (await body.observe()).alive


async def _busy(server: ProtocolServer, body: MineflayerBody, hands: MineflayerHands, what: str) -> Awaitable[Any]:
    """Something long, under way."""
    x, y, z = (await body.observe()).block
    operator = MineflayerOperator(body, answer_seconds=0.05, echo=True)
    if what == "dig":
        await server.do("setblock", pos=[x + 1, y + 1, z], block="obsidian")
        await asyncio.sleep(0.3)
        return asyncio.ensure_future(hands.dig((x + 1, y + 1, z)))
    if what == "put":
        await server.do("setblock", pos=[x + 1, y + 1, z], block="chest")
        for slot in range(9, 45):
            await server.do("give", name=NAME, item="cobblestone", count=63, slot=slot)
        await until(body, lambda s: s.inventory.count("cobblestone") == 36 * 63)
        await hands.open_container((x + 1, y + 1, z))
        return asyncio.ensure_future(hands.put("cobblestone", 26 * 63 + 31))
    await operator.command(f"give {NAME} bread 2")
    await server.do("food", name=NAME, food=10)
    await until(body, lambda s: s.food == 10 and s.inventory.count("bread") == 2)
    await hands.equip("bread", "hand")
    return asyncio.ensure_future(hands.consume())


@pytest.mark.parametrize("what", ["dig", "put", "consume"])
async def test_death_in_the_middle_of_anything_is_told_and_leaves_nothing_open(server, body, hands, what) -> None:
    action = await _busy(server, body, hands, what)
    await asyncio.sleep(0 if what == "put" else 0.25)  # it is under way, and not through
    await server.do("health", name=NAME, health=0)
    with pytest.raises(ActionFailed) as caught:
        await action
    assert caught.value.code is ExecErrorCode.BODY_DEAD
    await body.stop()
    state = await body.observe()
    assert not state.alive
    assert state.window is None
    await hands.respawn()
    assert (await body.observe()).alive
    await hands.look_at((0.5, 70.0, 9.5))


async def test_many_actions_failures_and_cancels_leave_no_listener_behind(server, body, hands) -> None:
    chest = (1, 65, 1)
    await server.do("setblock", pos=list(chest), block="chest")
    await server.do("give", name=NAME, item="cobblestone", count=8, slot=36)
    await until(body, lambda s: s.inventory.count("cobblestone") == 8)

    async def load() -> dict[str, Any]:
        return (await body.ask("load")).result

    async def round_of_everything(number: int) -> None:
        await hands.look_at((0.5 + number % 3, 70.0, 9.5))
        await hands.open_container(chest)
        await hands.put("cobblestone", 1)
        await hands.take("cobblestone", 1)
        await hands.close_window()
        for failing in (
            hands.dig((900, 60, 900)),
            hands.attack(99_999),
            hands.equip("diamond", "hand"),
            hands.consume(),
        ):
            with pytest.raises(ActionFailed):
                await failing
        digging = asyncio.ensure_future(hands.dig((0, 63, 1)))
        await asyncio.sleep(0.05)
        digging.cancel()
        await asyncio.wait({digging})
        await body.stop()

    await round_of_everything(0)
    before = await load()
    for number in range(8):
        await round_of_everything(number)
    after = await load()
    assert after["listeners"] <= before["listeners"] + 2, (before, after)
    assert after["watchers"] == before["watchers"] == 0


async def test_a_server_that_restarts_finds_the_body_back_and_the_action_failed(start_server) -> None:
    first = await start_server()
    port = first.port
    body = MineflayerBody(options(first, "Returner"))
    events: list[BodyEvent] = []
    second = None
    try:
        await body.open()
        body.subscribe(events.append)
        hands = body.claim_hands()
        digging = asyncio.ensure_future(hands.dig((0, 62, 0)))
        await asyncio.sleep(0.3)
        await first.stop()
        with pytest.raises(ActionFailed) as caught:
            await digging
        assert caught.value.code is ExecErrorCode.BODY_DISCONNECTED
        second = await start_server(port=port)
        deadline = time.monotonic() + 20
        while not any(e.kind is BodyEventKind.RECONNECTED for e in events):
            assert time.monotonic() < deadline, json.dumps([e.kind for e in events])
            await asyncio.sleep(0.1)
        await brought_home(second, body)
        await hands.look_at((0.5, 70.0, 9.5))
    finally:
        await body.close()
        if second is not None:
            await second.stop()
