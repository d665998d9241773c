"""A protocol server for the tests, one for the whole run, and bodies on it."""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from conscious_bot.body.install import driver_directory, node_binary
from conscious_bot.body.mineflayer import Address, MineflayerBody, MineflayerHands, ServerOptions

_SERVER = Path(__file__).parent / "server.mjs"
_KEPT_LINES = 30


class ProtocolServer:
    """flying-squid with the survival plugin, in a process of its own; it ends with its stdin."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._next = 0
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._complaints: deque[str] = deque(maxlen=_KEPT_LINES)
        self.told: list[dict[str, Any]] = []
        self.port = 0
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._readers = [asyncio.create_task(self._read()), asyncio.create_task(self._read_complaints())]

    @classmethod
    async def start(cls, *, port: int = 0, version: str = "1.20.4", flat: bool = False) -> ProtocolServer:
        options = {"modules": str(driver_directory()), "version": version, "port": port, "flat": flat}
        process = await asyncio.create_subprocess_exec(
            str(node_binary()),
            str(_SERVER),
            json.dumps(options),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        server = cls(process)
        try:
            await asyncio.wait_for(asyncio.shield(server._ready), 30)
        except BaseException:
            await server.stop()
            raise
        return server

    @property
    def pid(self) -> int:
        return self._process.pid

    async def do(self, what: str, **args: Any) -> dict[str, Any]:
        """Have the server do something; fails the test if it cannot."""
        answer = await self.ask(what, **args)
        assert answer["ok"], answer
        return answer

    async def ask(self, what: str, **args: Any) -> dict[str, Any]:
        """Have the server do something; `ok` says whether it could, `error` why not."""
        assert self._process.returncode is None, self._last_words()
        self._next += 1
        number = self._next
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._answers[number] = future
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"id": number, "do": what, **args}).encode() + b"\n")
        async with asyncio.timeout(10):
            return await future

    async def stop(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), 5)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        for reader in self._readers:
            reader.cancel()
        await asyncio.gather(*self._readers, return_exceptions=True)

    async def _read(self) -> None:
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            message = json.loads(line)
            if "listening" in message:
                self.port = message["listening"]
                self._ready.set_result(None)
            elif "id" in message:
                asked = self._answers.pop(message["id"])
                if not asked.done():  # who asked may have given up
                    asked.set_result(message)
            else:
                self.told.append(message)
        ended = RuntimeError(self._last_words())
        for waiting in (self._ready, *self._answers.values()):
            if not waiting.done():
                waiting.set_exception(ended)

    async def _read_complaints(self) -> None:
        assert self._process.stderr is not None
        while line := await self._process.stderr.readline():
            self._complaints.append(line.decode(errors="replace").rstrip())

    def _last_words(self) -> str:
        return "the test server ended:\n" + "\n".join(self._complaints)


class ServerConsole:
    """What the leaf kit asks of the server beside an operator's commands."""

    def __init__(self, server: ProtocolServer) -> None:
        self._server = server

    async def renew(self, name: str) -> None:
        """The world as it was made, and the player back at its spawn, alive, with empty pockets."""
        await self._server.do("reset")
        await self._server.do("revive", name=name)
        await self._server.do("home", name=name)

    async def inside(self) -> Counter[str]:
        """What lies in chests and furnaces."""
        counts: Counter[str] = Counter()
        for item, count in (await self._server.do("insides"))["items"]:
            counts[item] += count
        return counts

    async def refuse(self) -> None:
        """No answer to any deed of the hands until the world is renewed."""
        await self._server.do("refuse", on=True)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def running_server() -> AsyncIterator[ProtocolServer]:
    running = await ProtocolServer.start()
    try:
        yield running
    finally:
        await running.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def server(running_server: ProtocolServer) -> ProtocolServer:
    """The one server of the run, its world as it was made."""
    await running_server.do("reset")
    running_server.told.clear()
    return running_server


def options(server: ProtocolServer, name: str = "Walker", version: str | None = "1.20.4") -> ServerOptions:
    return ServerOptions(Address("127.0.0.1", server.port), username=name, version=version, reconnect_first=0.2)


async def brought_home(server: ProtocolServer, body: MineflayerBody) -> None:
    """Back to the spawn, in full health, with empty pockets, as if newly come; returns when the body sees it."""
    home = (await server.do("home", name=body.name))["position"]
    deadline = time.monotonic() + 10
    while True:
        state = await body.observe()
        near = math.dist(state.position, home) < 0.2 and state.on_ground
        if near and state.health == 20 and not state.inventory.counts():
            return
        assert time.monotonic() < deadline, state
        await asyncio.sleep(0.05)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def walker(running_server: ProtocolServer) -> AsyncIterator[tuple[MineflayerBody, MineflayerHands]]:
    """One body for the whole run, with its hands; `body` and `hands` bring it home for each test."""
    opened = MineflayerBody(options(running_server))
    await opened.open()
    try:
        yield opened, opened.claim_hands()
    finally:
        await opened.close()


@pytest_asyncio.fixture(loop_scope="session")
async def body(server: ProtocolServer, walker: tuple[MineflayerBody, MineflayerHands]) -> MineflayerBody:
    """The walker at its spawn with empty pockets, also if the test before it died there."""
    if not (await walker[0].observe()).alive:
        await walker[1].respawn()
    await brought_home(server, walker[0])
    return walker[0]


@pytest.fixture
def start_server() -> Callable[..., Awaitable[ProtocolServer]]:
    """How to start another server, of another version; whoever does so stops it."""
    return ProtocolServer.start


@pytest.fixture
def hands(walker: tuple[MineflayerBody, MineflayerHands]) -> MineflayerHands:
    return walker[1]


@pytest_asyncio.fixture(loop_scope="session")
async def doomed(server: ProtocolServer) -> AsyncIterator[MineflayerBody]:
    """A body of the test's own, for what it does not survive."""
    opened = MineflayerBody(options(server, "Doomed"))
    await opened.open()
    try:
        yield opened
    finally:
        await opened.close()
