"""Benches of the leaf kit on the protocol server of the tests: a plain, one body after another."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from tests.protocol_server.harness import ProtocolServer, brought_home

from conscious_bot.body.mineflayer import Address, MineflayerBody, ServerOptions
from conscious_bot.body.port import BodyEvent, BodyEventKind
from conscious_bot.contracts import ActionFailed, ExecErrorCode, IdSource, Permission, UserError
from conscious_bot.leaves.catalogue import default_catalogue
from conscious_bot.leaves.runner import LeafRunner
from conscious_bot.testing import Bench

__all__ = ["ServerPlaces"]

_HEARD_WITHIN = 20.0  # seconds
_BACK_WITHIN = 60.0
_NAME = "Kit"


class _LoopClock:
    def now(self) -> float:
        return asyncio.get_running_loop().time()


class _Operator:
    """Commands given to the server itself; each returns when the body has heard of what it did."""

    _numbers = itertools.count(1)

    def __init__(self, server: ProtocolServer, body: MineflayerBody) -> None:
        self._server = server
        self._body = body

    async def command(self, text: str) -> None:
        """Run one command. UserError with what the server says against it."""
        answer = await self._server.ask("command", name=_NAME, text=text)
        if not answer["ok"]:
            raise UserError(f"the server refused `{text}`: {answer['error']}", "look into tests/protocol_server")
        # What the server has told the body before this line has arrived when this line has.
        line, heard = f"told {next(self._numbers)}", asyncio.Event()

        def listen(event: BodyEvent) -> None:
            if event.kind is BodyEventKind.CHAT and line in str(event.data.get("text")):
                heard.set()

        unsubscribe = self._body.subscribe(listen)
        try:
            await self._server.do("tell", name=_NAME, text=line)
            async with asyncio.timeout(_HEARD_WITHIN):
                await heard.wait()
        finally:
            unsubscribe()


class ServerPlaces:
    """A server, and one body that stands in the middle of its plain, with nothing in its pockets, for each run."""

    def __init__(self, server: ProtocolServer, body: MineflayerBody) -> None:
        self._server = server
        self._body = body
        self._runner = LeafRunner(
            body,
            default_catalogue(),
            _LoopClock(),
            IdSource("kit"),
            granted=frozenset(Permission),
            record=lambda _event: None,
            seed=1,
        )

    @classmethod
    @asynccontextmanager
    async def open(cls) -> AsyncGenerator[ServerPlaces]:
        """Start a server and a body on it."""
        server = await ProtocolServer.start(flat=True)
        try:
            address = Address("127.0.0.1", server.port)
            body = MineflayerBody(
                ServerOptions(address, username=_NAME, version="1.20.4", reconnect_first=0.3, reconnect_most=1.0)
            )
            await body.open()
            try:
                yield cls(server, body)
            finally:
                await body.close()
        finally:
            await server.stop()

    @asynccontextmanager
    async def place(self) -> AsyncGenerator[Bench]:
        """A bench: the world as it was made."""
        await self._ready()
        bench = Bench(
            self._body,
            _Operator(self._server, self._body),
            self._runner,
            self._cut,
            origin=(await self._body.observe()).block,
            inside=self._inside,
            refuse=self._refuse,
        )
        try:
            yield bench
        finally:
            await bench.close()

    async def _ready(self) -> None:
        """Let the body in again, have it live, and bring it home."""
        await self._server.do("reset")
        async with asyncio.timeout(_BACK_WITHIN):
            while True:
                try:
                    if (await self._body.observe()).alive:
                        break
                    await self._server.do("revive", name=_NAME)
                except ActionFailed as failure:
                    if failure.code is not ExecErrorCode.BODY_DISCONNECTED:
                        raise
                await asyncio.sleep(0.1)
        await brought_home(self._server, self._body)

    async def _cut(self) -> None:
        # Nobody is let in again before the next run.
        await self._server.do("door", says="multiplayer.disconnect.server_shutdown")
        await self._server.do("cut", name=_NAME)
        async with asyncio.timeout(_HEARD_WITHIN):
            while _NAME in (await self._server.do("players"))["names"]:  # noqa: ASYNC110 - a server tells who asks
                await asyncio.sleep(0.02)

    async def _refuse(self) -> None:
        await self._server.do("refuse", on=True)

    async def _inside(self) -> Counter[str]:
        counts: Counter[str] = Counter()
        for item, count in (await self._server.do("insides"))["items"]:
            counts[item] += count
        return counts
