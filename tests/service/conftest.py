"""An agent's loop in a thread of its own, and the real service in front of it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TypeVar

import httpx
import numpy as np
import pytest

from conscious_bot.contracts import UserError
from conscious_bot.game.tables import Tables
from conscious_bot.service import (
    Command,
    CommandReply,
    ExecuteGoal,
    ExecuteSteps,
    Hub,
    ScannedWorld,
    ScanWorld,
    Server,
    ServiceSettings,
    Suggestion,
)
from conscious_bot.world.region import VoxelRegion

T = TypeVar("T")


class Agent:
    """What stands behind the hub in these tests: a loop, and answers one can tell apart."""

    def __init__(self, hub: Hub) -> None:
        self.loop = asyncio.new_event_loop()
        self.heard: list[tuple[Command, threading.Thread]] = []
        self.withdrawn = threading.Event()
        self._thread = threading.Thread(target=self._run, name="agent")
        self._thread.start()
        hub.bind(self.loop, self.answer)

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    async def answer(self, command: Command) -> CommandReply | ScannedWorld:
        self.heard.append((command, threading.current_thread()))
        match command:
            case Suggestion(text="wait for ever"):
                try:
                    await asyncio.sleep(3600)
                except asyncio.CancelledError:
                    self.withdrawn.set()
                    raise
                raise AssertionError
            case Suggestion(text="break"):
                raise UserError("that cannot be read", "say it otherwise")
            case Suggestion(text="bug"):
                raise ValueError("a secret of the house")
            case Suggestion(text=text):
                return CommandReply(accepted=text.startswith("get"), reason=f"heard {text!r}", id="int_1")
            case ExecuteGoal(goal=goal):
                return CommandReply(accepted=True, reason=f"pursuing {goal}")
            case ExecuteSteps(steps=steps):
                return CommandReply(accepted=True, reason=f"{len(steps)} steps, first {steps[0].type}")
            case ScanWorld(corner=corner, size=size):
                tables = Tables.builtin()
                blocks = np.full(size, tables.state_of("air"), np.uint16)
                blocks[:, 0, :] = tables.state_of("stone")
                return ScannedWorld(VoxelRegion(corner or (-20, 60, 270), blocks), tables)
            case _:
                return CommandReply(accepted=True, reason="shown")

    def call(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        return asyncio.run_coroutine_threadsafe(work(), self.loop).result(30)

    @property
    def thread(self) -> threading.Thread:
        return self._thread

    def stop(self) -> None:
        async def end() -> None:
            tasks = [t for t in asyncio.all_tasks() if t is not asyncio.current_task()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        self.call(end)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()


@pytest.fixture
def hub() -> Hub:
    return Hub()


@pytest.fixture
def agent(hub: Hub) -> Iterator[Agent]:
    agent = Agent(hub)
    yield agent
    hub.unbind()
    agent.stop()


@pytest.fixture
def server(hub: Hub) -> Iterator[Server]:
    server = Server(hub, ServiceSettings(port=0))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def http(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=20) as client:
        yield client
