"""A protocol server for the tests of this directory, and bodies on it."""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from conscious_bot.body.install import driver_directory, node_binary
from conscious_bot.body.mineflayer import Address, MineflayerBody, MineflayerHands, ServerOptions

_SERVER = Path(__file__).parent.parent / "protocol_server" / "server.mjs"


class ProtocolServer:
    """flying-squid in a process of its own; it ends with its stdin."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._next = 0
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.told: list[dict[str, Any]] = []
        self.port = 0
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, *, port: int = 0, version: str = "1.20.4") -> ProtocolServer:
        options = {"modules": str(driver_directory()), "version": version, "port": port}
        process = await asyncio.create_subprocess_exec(
            str(node_binary()),
            str(_SERVER),
            json.dumps(options),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        server = cls(process)
        try:
            await asyncio.wait_for(asyncio.shield(server._ready), 30)
        except BaseException:
            await server.stop()
            raise
        return server

    async def do(self, what: str, **args: Any) -> dict[str, Any]:
        """Have the server do something; fails the test if it cannot."""
        self._next += 1
        number = self._next
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._answers[number] = future
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"id": number, "do": what, **args}).encode() + b"\n")
        answer = await asyncio.wait_for(future, 10)
        assert answer["ok"], answer
        return answer

    async def stop(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), 5)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)

    async def _read(self) -> None:
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            message = json.loads(line)
            if "listening" in message:
                self.port = message["listening"]
                self._ready.set_result(None)
            elif "id" in message:
                self._answers.pop(message["id"]).set_result(message)
            else:
                self.told.append(message)
        if not self._ready.done():
            self._ready.set_exception(RuntimeError("the test server did not start"))


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


def options(server: ProtocolServer, name: str = "Walker") -> ServerOptions:
    return ServerOptions(Address("127.0.0.1", server.port), username=name, version="1.20.4", reconnect_first=0.2)


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
    """The walker at its spawn with empty pockets."""
    body, _ = walker
    home = (await server.do("home", name="Walker"))["position"]
    deadline = time.monotonic() + 10
    while True:
        state = await body.observe()
        if math.dist(state.position, home) < 0.2 and state.on_ground and not state.inventory.counts():
            return body
        assert time.monotonic() < deadline, state
        await asyncio.sleep(0.05)


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
