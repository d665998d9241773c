"""The same body on older and newer protocols: the oldest, the last of the middle ages, one of the newest."""

from __future__ import annotations

import asyncio
import time

import pytest

from conscious_bot.body.mineflayer import Address, MineflayerBody, ServerOptions
from conscious_bot.contracts import Primitive
from conscious_bot.world.region import Box

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="session")]


@pytest.mark.parametrize("version", ["1.8.8", "1.13.2", "1.21.4"])
async def test_a_body_finds_the_version_and_walks_digs_carries_and_places(start_server, version) -> None:
    server = await start_server(version=version)
    body = MineflayerBody(ServerOptions(Address("127.0.0.1", server.port), username="Walker"))
    try:
        await body.open()
        hands = body.claim_hands()
        assert body.tables.version == version
        x, y, z = (await body.observe()).block
        region = await body.scan(Box((x, y - 1, z), (x + 3, y + 3, z)), light=True)
        assert [body.tables.name_of(region.state((x, y + dy, z))).replace("_block", "") for dy in (-1, 0)] == [
            "grass",
            "air",
        ]
        assert region.sky_light is not None
        assert region.sky_light[0, 1, 0] == 15
        high = await body.scan(Box((x, y + 25, z), (x, y + 25, z)), light=True)  # not sent up to 1.13
        assert high.sky_light is not None
        assert high.sky_light.tolist() == [[[15]]]

        heights = [64, 65, 65]  # the ridge of protocol_server/world.cjs
        result = await hands.follow([Primitive(op="walk_E", to=(x + i + 1, h, z)) for i, h in enumerate(heights)])
        assert (result.ended, result.done) == ("arrived", 3)

        below = (x + 4, 65, z)
        state = (await body.scan(Box(below, below))).state(below)
        ticks = body.tables.dig_ticks(state, None)
        assert ticks is not None
        began = time.monotonic()
        await hands.dig(below)
        assert ticks / 20 - 0.02 <= time.monotonic() - began < ticks / 20 + 0.8

        await server.do("give", name="Walker", item="cobblestone", count=5, slot=20)
        deadline = time.monotonic() + 5
        while (await body.observe()).inventory.count("cobblestone") < 5:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.05)
        await hands.equip("cobblestone", "hand")
        await hands.place((below[0], below[1] - 1, below[2]), "up")
        state = (await body.scan(Box(below, below))).state(below)
        assert body.tables.name_of(state) == "cobblestone"
        await hands.toss("cobblestone", 2)
        assert (await body.observe()).inventory.count("cobblestone") == 2
        await hands.chat("hello from an other age")
        await body.stop()
    finally:
        await body.close()
        await server.stop()
