"""How soon leaves answer, and how soon a server hears of what they do, on the tests' protocol server."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any

import structlog
from tests.protocol_server.harness import ProtocolServer, brought_home, options

from conscious_bot.body.mineflayer import MineflayerBody
from conscious_bot.contracts import ActionResult, IdSource, Permission
from conscious_bot.leaves.catalogue import LeafCatalogue
from conscious_bot.leaves.contract import Leaf
from conscious_bot.leaves.interaction import DigBlock, PlaceBlock
from conscious_bot.leaves.runner import LeafRunner
from conscious_bot.leaves.sensing import FindResource, GetBlockAt, GetLightLevel, SenseHostiles

__all__ = ["measure_on_server"]

_Args = dict[str, Any]


class _MonotonicClock:
    """The clock by which the server dates what it hears: both processes have it from the kernel."""

    def now(self) -> float:
        return monotonic()


async def measure_on_server(calls: int, unlimited: Callable[[Leaf], Leaf]) -> dict[str, list[float]]:
    """Seconds by leaf: sensing leaves from the call to the answer, the others until the server hears the first of it.

    The server runs on this machine, in a process of its own, version 1.20.4, with two zombies that stand still;
    each leaf is called `calls` times. RuntimeError where a leaf fails.
    """
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(file=sys.stderr))  # stdout is for the figures
    server = await ProtocolServer.start(flat=True)
    try:
        body = MineflayerBody(options(server))
        await body.open()
        try:
            return await _measure(server, body, calls, unlimited)
        finally:
            await body.close()
    finally:
        await server.stop()


async def _measure(
    server: ProtocolServer, body: MineflayerBody, calls: int, unlimited: Callable[[Leaf], Leaf]
) -> dict[str, list[float]]:
    catalogue = LeafCatalogue()
    for leaf in (GetBlockAt(), GetLightLevel(), SenseHostiles(), FindResource(), DigBlock(), PlaceBlock()):
        catalogue.register(unlimited(leaf))
    granted = frozenset(Permission)
    runner = LeafRunner(body, catalogue, _MonotonicClock(), IdSource("bench"), granted=granted, record=lambda _: None)
    await brought_home(server, body)
    x, y, z = (await body.observe()).block
    for dx in (6, -6):
        await server.do("creature", kind="zombie", position=[x + dx, y, z + 6], still=True)
    await server.do("setblock", pos=[x + 9, y, z], block="oak_log")

    async def run(name: str, args: _Args) -> ActionResult:
        result = await runner.run(name, args)
        if not result.ok:
            raise RuntimeError(f"{name} failed in the benchmark: {result}")
        return result

    async def answered(name: str, args: _Args) -> list[float]:
        waits: list[float] = []
        for _ in range(calls):
            began = monotonic()
            await run(name, args)
            waits.append(monotonic() - began)
            await asyncio.sleep(0.02)
        return waits

    async def heard(name: str, event: str, args: _Args, prepare: Callable[[], Awaitable[None]]) -> list[float]:
        waits: list[float] = []
        for _ in range(calls):
            await prepare()
            await asyncio.sleep(0.1)  # the client has seen what was prepared
            server.told.clear()
            began = monotonic()
            await run(name, args)
            waits.append(next(told["at"] for told in server.told if told["event"] == event) - began)
        return waits

    dug, placed = [x + 2, y, z], [x, y, z + 2]

    async def earth() -> None:
        await server.do("setblock", pos=dug, block="dirt")

    async def room() -> None:
        await server.do("setblock", pos=placed, block="air")
        await server.do("give", name=body.name, item="dirt", count=8, slot=36)

    return {
        "get_block_at": await answered("get_block_at", {"pos": [x, y - 1, z]}),
        "get_light_level": await answered("get_light_level", {"pos": [x, y, z]}),
        "sense_hostiles": await answered("sense_hostiles", {"radius": 16}),
        "find_resource": await answered("find_resource", {"names": ["oak_log"], "radius": 16, "limit": 1}),
        "dig_block": await heard("dig_block", "digging", {"pos": dug}, earth),
        "place_block": await heard("place_block", "clicked", {"item": "dirt", "pos": placed}, room),
    }
