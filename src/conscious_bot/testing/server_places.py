"""Benches of the leaf kit on any server where the bot is an operator, on flat ground at its spawn.

What a server's operator may not do raises UserError and is told as not offered. Between the body and the server
stands a relay, so that a connection can be lost as a network loses it. Whoever runs the server too may give its
`Console`: what no operator's command can do.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace
from functools import partial
from typing import Protocol

from conscious_bot.body.mineflayer import Address, MineflayerBody, MineflayerOperator, ServerOptions
from conscious_bot.contracts import ActionFailed, BlockPos, ExecErrorCode, IdSource, Permission, UserError
from conscious_bot.leaves.catalogue import default_catalogue
from conscious_bot.leaves.run_state import RunState
from conscious_bot.leaves.runner import LeafRunner
from conscious_bot.leaves.sight import EYE, reach_distance
from conscious_bot.testing.leaf_kit import Bench
from conscious_bot.testing.older_names import named
from conscious_bot.world.region import Box

__all__ = ["Console", "Relay", "ServerPlaces"]

_HALF = 12
_DEPTH = 4
_ROOM = 9
_SEEN_SECONDS = 10.0
_ANSWER_SECONDS = 0.05
_HOUR = 3600.0
_NOON = 6000
_CONTAINERS = ("chest", "furnace", "lit_furnace")
_AROUND = 4  # blocks within which a body opens things without a step
_CREATURES = ("creeper", "pig", "zombie", "item")


class _Clock:
    """The loop's time; each bench begins an hour after the last, so that no run counts against another's limits."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def now(self) -> float:
        return asyncio.get_running_loop().time() + self.ahead


class Console(Protocol):
    """What a server does for whoever runs it."""

    async def renew(self, name: str) -> None:
        """The world as it was made, and the player of this name alive at the spawn with empty pockets."""
        ...

    async def inside(self) -> Mapping[str, int]:
        """What lies in containers, by item."""
        ...

    async def refuse(self) -> None:
        """Answer no deed of the hands any more until the world is renewed."""
        ...


class Relay:
    """Carries bytes both ways between one client and a server until it is cut."""

    def __init__(self, server: Address) -> None:
        self._server = server
        self._listener: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []

    async def open(self) -> Address:
        """Where the client has to go."""
        self._listener = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        return Address("127.0.0.1", self._listener.sockets[0].getsockname()[1])

    async def cut(self) -> None:
        """End all connections without a farewell, and take no more."""
        if self._listener is not None:
            self._listener.close()
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection(self._server.host, self._server.port)
        except OSError:
            writer.transport.abort()  # to the client the server is as unreachable as it is
            return
        self._writers += [writer, back]
        await asyncio.gather(self._pour(reader, back), self._pour(there, writer))

    async def _pour(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):  # one side ended the connection; so does the other
            while data := await source.read(65536):
                sink.write(data)
                await sink.drain()
        sink.close()


async def _opened(bench: Bench) -> Counter[str]:
    """What lies in the containers within the body's reach, looked up by opening them."""
    names = [name for name in _CONTAINERS if name in bench.body.tables.blocks]
    counts: Counter[str] = Counter()
    x, y, z = (await bench.body.observe()).position
    for pos in await bench.body.find_blocks(names, _AROUND, _AROUND):
        if reach_distance((x, y + EYE, z), pos) < _AROUND:
            # A run of its own: the one that is examined has opened nothing. What does not open keeps what it has.
            seen = await bench.runner.run("open_container", {"pos": list(pos)}, state=RunState())
            counts.update(seen.observables["output"]["contents"] if seen.ok else {})
    return counts


class ServerPlaces:
    """One body on the server for one bench after another; a new one after a connection was lost."""

    def __init__(self, options: ServerOptions, *, console: Console | None = None, seed: int = 1) -> None:
        self._options = options
        self._console = console
        self._seed = seed
        self._clock = _Clock()
        self._body: MineflayerBody | None = None
        self._runner: LeafRunner | None = None
        self._relay: Relay | None = None
        self._origin: BlockPos | None = None
        self._lost = False
        self.version = ""

    @contextlib.asynccontextmanager
    async def place(self) -> AsyncGenerator[Bench]:
        """A bench: level grass under the sky, a body with all its health and nothing in its pockets."""
        try:
            bench = await self._fresh()
        except ActionFailed:  # the connection went between two benches, or the server did not answer in time
            await self.close()
            bench = await self._fresh()
        try:
            yield bench
        finally:
            await bench.close()
            if self._lost:
                await self.close()
                self._lost = False

    async def close(self) -> None:
        """Leave the server."""
        body, runner, relay = self._body, self._runner, self._relay
        self._body = self._runner = self._relay = None
        if runner is not None:
            runner.close()
        if body is not None:
            await body.close()
        if relay is not None:
            await relay.cut()

    async def _fresh(self) -> Bench:
        body, runner = await self._entered()
        self._clock.ahead += _HOUR
        operator = MineflayerOperator(body, answer_seconds=_ANSWER_SECONDS, echo=True)
        console = self._console
        if console is not None:
            await console.renew(body.name)
        origin = self._origin = self._origin or (await body.observe()).block
        bench = Bench(body, operator, runner, self._cut, origin=origin)
        if console is None:
            bench.inside = partial(_opened, bench)
            await self._as_new(bench)
        else:
            bench.inside, bench.refuse = console.inside, console.refuse
            await body.stop()
        await self._seen(bench)
        return bench

    async def _entered(self) -> tuple[MineflayerBody, LeafRunner]:
        if self._body is not None and self._runner is not None:
            return self._body, self._runner
        relay = self._relay = Relay(self._options.address)
        # Who was cut off stays out: it would be in the next one's way.
        options = replace(self._options, address=await relay.open(), reconnect_first=_HOUR, reconnect_most=_HOUR)
        body = self._body = MineflayerBody(options)
        await body.open()
        self.version = body.tables.version
        self._runner = LeafRunner(
            body,
            default_catalogue(),
            self._clock,
            IdSource("kit"),
            granted=frozenset(Permission),
            record=lambda _event: None,
            seed=self._seed,
        )
        return body, self._runner

    async def _cut(self) -> None:
        self._lost = True
        if self._relay is not None:
            await self._relay.cut()
        while self._body is not None:
            try:
                await self._body.observe()
            except ActionFailed as failure:
                if failure.code is ExecErrorCode.BODY_DISCONNECTED:  # the body has noticed
                    return
            await asyncio.sleep(0.02)

    async def _as_new(self, bench: Bench) -> None:
        body, name = bench.body, bench.body.name
        if not (await body.observe()).alive:
            await bench.run("respawn", {})
        await body.stop()
        for text in ("gamemode survival " + name, "time set 1000"):
            await bench.command(text)
        for text in ("weather clear", "gamerule doMobSpawning false", *(f"kill @e[type={k}]" for k in _CREATURES)):
            with contextlib.suppress(UserError):  # no such rule, or nobody there
                await bench.command(text)
        await bench.fill(bench.at(-_HALF, 0, -_HALF), bench.at(_HALF, _ROOM, _HALF), "air")
        await bench.fill(bench.at(-_HALF, -_DEPTH, -_HALF), bench.at(_HALF, -2, _HALF), "dirt")
        await bench.fill(bench.at(-_HALF, -1, -_HALF), bench.at(_HALF, -1, _HALF), "grass_block")
        with contextlib.suppress(UserError):
            await bench.command(f"kill @e[type={_CREATURES[-1]}]")  # what fell off while the ground was levelled
        await bench.command(f"clear {name}")
        x, y, z = bench.origin
        await bench.command(f"tp {name} {x + 0.5} {y} {z + 0.5}")
        for effect in ("instant_health 1 4", "saturation 1 20"):
            with contextlib.suppress(UserError):  # then what was lost is missed below
                await bench.command(f"effect give {name} {effect}")

    async def _seen(self, bench: Bench) -> None:
        tables = bench.body.tables
        grass = named(tables, "grass_block")
        deadline = asyncio.get_running_loop().time() + _SEEN_SECONDS
        while True:
            state = await bench.body.observe()
            ground = bench.at(2, -1, 0)
            under = tables.name_of((await bench.body.scan(Box(ground, ground))).state(ground))
            day = state.time_of_day < _NOON  # which a server tells once a second
            rested = day and state.block == bench.origin and state.on_ground and state.health >= 20 and state.food >= 20
            if rested and not state.inventory.counts() and under == grass:
                return
            if asyncio.get_running_loop().time() > deadline:
                raise UserError(
                    f"the bench was not made as new: {state}, {under} for ground", "look what the server refuses"
                )
            await asyncio.sleep(0.1)
