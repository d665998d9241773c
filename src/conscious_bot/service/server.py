"""The service's own thread: an event loop of its own, so that a slow page never holds up the bot."""

from __future__ import annotations

import asyncio
import errno
import socket
import sys
import threading
from collections.abc import Callable

import uvicorn

from conscious_bot.contracts import UserError
from conscious_bot.registry.desk import CapabilityDesk
from conscious_bot.service.app import ServiceSettings, create_app
from conscious_bot.service.hub import Hub

__all__ = ["Server"]

_START_TIMEOUT_S = 15.0
_STOP_TIMEOUT_S = 5.0


class Server:
    """HTTP, WebSocket and dashboard over a hub and a registry."""

    def __init__(self, hub: Hub, settings: ServiceSettings, desk: CapabilityDesk | None = None) -> None:
        self._hub = hub
        self._desk = desk
        self._settings = settings
        self._uvicorn: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self._failure: BaseException | None = None
        self._port = 0
        self._listening: list[Callable[[], None]] = []

    @property
    def port(self) -> int:
        """The port that was bound; differs from the setting if that was 0."""
        return self._port

    @property
    def url(self) -> str:
        """Where the page is."""
        host = self._settings.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self._port}"

    def start(self) -> None:
        """Bind the port and serve; returns when requests are answered.

        Raises UserError if the port is in use or may not be bound, before anything was started.
        """
        if self._thread is not None:
            raise RuntimeError("the service is running already")
        listener = _bind(self._settings.host, self._settings.port)
        try:
            self._port = int(listener.getsockname()[1])
            config = uvicorn.Config(
                create_app(self._hub, self._settings, desk=self._desk),
                log_config=None,
                access_log=False,
                lifespan="off",
                server_header=False,
                ws_ping_interval=20.0,
                ws_ping_timeout=20.0,
                ws_max_size=1 << 16,
                timeout_graceful_shutdown=2,
            )
            server = uvicorn.Server(config)
        except BaseException:
            listener.close()
            raise
        if self._desk is not None:
            registry, tell = self._desk.registry, self._hub.publish_registry
            # A write is told of, and a change of status once more when the registry itself knows it.
            self._listening = [registry.store.watch(tell), registry.subscribe(lambda _record, _change: tell())]
        up = threading.Event()
        self._uvicorn = server
        self._failure = None
        self._thread = threading.Thread(
            target=self._run, args=(server, listener, up), name="conscious-bot-service", daemon=True
        )
        self._thread.start()
        if not up.wait(_START_TIMEOUT_S) or self._failure is not None:
            failure = self._failure
            self.stop()
            raise RuntimeError("the service did not come up") from failure

    def stop(self) -> None:
        """Close every connection and end the thread; safe to call twice."""
        thread, self._thread = self._thread, None
        for forget in self._listening:
            forget()
        self._listening = []
        if self._uvicorn is not None:
            self._uvicorn.should_exit = True
        if thread is not None:
            thread.join(_STOP_TIMEOUT_S)
            if thread.is_alive():
                raise RuntimeError(f"the service did not end within {_STOP_TIMEOUT_S:g} s")
        self._uvicorn = None

    def _run(self, server: uvicorn.Server, listener: socket.socket, up: threading.Event) -> None:
        async def serve() -> None:
            serving = asyncio.create_task(server.serve(sockets=[listener]))
            while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn sets a flag
                await asyncio.sleep(0.005)
            up.set()
            await serving

        try:
            asyncio.run(serve())
        except BaseException as failure:  # noqa: BLE001 - handed to the thread that waits in start()
            self._failure = failure
        finally:
            up.set()
            listener.close()


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    if sys.platform != "win32":  # there it would let two services share one port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except (OSError, OverflowError) as failure:
        listener.close()
        raise _bind_error(host, port, failure) from failure
    listener.setblocking(False)  # noqa: FBT003 - that is its signature
    return listener


def _bind_error(host: str, port: int, failure: OSError | OverflowError) -> UserError:
    number = failure.errno if isinstance(failure, OSError) else None
    if number == errno.EADDRINUSE:
        return UserError(
            f"port {port} is in use on {host}",
            "choose another with --port, or end the program that uses it (often another bot that still runs)",
        )
    if number in (errno.EACCES, errno.EPERM):
        return UserError(f"port {port} may not be used by this account", "choose one above 1023 with --port")
    return UserError(f"the page cannot be served at {host}:{port} ({failure})", "choose another address or --port")
