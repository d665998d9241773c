"""Lag between brain and world: calls and events that arrive late, on the Body port or on a TCP connection."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
from collections.abc import Callable
from typing import Any, cast

from conscious_bot.body.port import Body, BodyEvent

__all__ = ["LaggyProxy", "Late", "lagging"]

_UNDELAYED = frozenset({"open", "close"})
_READ_BYTES = 1 << 16


class Late:
    """How late everything is now, in seconds each way; 0 is no lag."""

    def __init__(self) -> None:
        self.seconds = 0.0


class _Lagging:
    """A body or its hands, each of whose calls and events takes `late` longer each way; nothing overtakes."""

    def __init__(self, inner: Any, late: Late) -> None:
        self._inner = inner
        self._late = late
        self._told_at = 0.0

    def __getattr__(self, name: str) -> Any:
        inner = getattr(self._inner, name)
        if name in _UNDELAYED or not inspect.iscoroutinefunction(inner):
            return inner

        async def call(*args: Any, **kwargs: Any) -> Any:
            if self._late.seconds:
                await asyncio.sleep(self._late.seconds)
            try:
                return await inner(*args, **kwargs)
            finally:
                if self._late.seconds:
                    await asyncio.sleep(self._late.seconds)

        return call

    def claim_hands(self) -> Any:
        return _Lagging(self._inner.claim_hands(), self._late)

    def subscribe(self, listener: Callable[[BodyEvent], None]) -> Callable[[], None]:
        def hear(event: BodyEvent) -> None:
            loop = asyncio.get_running_loop()
            now = loop.time()
            at = max(self._told_at, now + self._late.seconds)
            if at <= now:
                listener(event)
                return
            self._told_at = at
            loop.call_at(at, listener, event)

        return cast("Callable[[], None]", self._inner.subscribe(hear))


def lagging(body: Body, late: Late) -> Body:
    """The body as seen over a connection that is `late`."""
    return cast("Body", _Lagging(body, late))


class LaggyProxy:
    """A TCP proxy on 127.0.0.1 that passes every byte on, in order, and `late` each way."""

    def __init__(self, late: Late) -> None:
        self.port = 0
        self.target = 0
        self._late = late
        self._server: asyncio.Server | None = None
        self._pumps: set[asyncio.Task[None]] = set()

    async def start(self, target: int) -> None:
        """Listen, and connect each client to the port `target`."""
        self.target = target
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close the door and every connection."""
        if self._server is not None:
            self._server.close()
        for pump in tuple(self._pumps):
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except ConnectionError:
            writer.close()  # nobody listens there now: the client is told so
            return
        for source, sink in ((reader, inner_writer), (inner_reader, writer)):
            pump = asyncio.create_task(self._pump(source, sink))
            self._pumps.add(pump)
            pump.add_done_callback(self._pumps.discard)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

        async def deliver() -> None:
            while True:
                at, data = await queue.get()
                await asyncio.sleep(max(0.0, at - loop.time()))
                if not data:
                    return
                sink.write(data)
                await sink.drain()

        delivery = asyncio.create_task(deliver())
        try:
            with contextlib.suppress(ConnectionError):
                while data := await source.read(_READ_BYTES):
                    queue.put_nowait((loop.time() + self._late.seconds, data))
            queue.put_nowait((loop.time() + self._late.seconds, b""))
            with contextlib.suppress(ConnectionError):
                await delivery
        finally:
            delivery.cancel()
            sink.close()
