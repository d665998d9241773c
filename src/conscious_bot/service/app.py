"""The HTTP and WebSocket application: what the bot shows, and what may be asked of it."""

from __future__ import annotations

import asyncio
import contextlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from fastapi import FastAPI, Query, Request, Response, WebSocket
from fastapi.staticfiles import StaticFiles
from pydantic import Field, model_validator
from starlette.websockets import WebSocketDisconnect

from conscious_bot.contracts import UserError, Wire
from conscious_bot.registry.desk import CapabilityDesk
from conscious_bot.registry.principals import Principal
from conscious_bot.service.about import VERSION
from conscious_bot.service.capabilities import add_capabilities
from conscious_bot.service.commands import (
    Act,
    Command,
    CommandReply,
    ExecuteGoal,
    ExecuteSteps,
    StepRequest,
    Suggestion,
    ViewerControl,
)
from conscious_bot.service.errors import ApiError, ErrorBody, install_error_handlers
from conscious_bot.service.guard import Guard, is_loopback
from conscious_bot.service.hub import Hub, Subscription
from conscious_bot.service.models import MetricsView, Status
from conscious_bot.service.solver import add_solver
from conscious_bot.service.stream import Writer, encode, event_record
from conscious_bot.service.surroundings import encode_surroundings

__all__ = ["EventList", "ExecuteRequest", "Health", "ServiceSettings", "create_app", "find_dashboard"]

_COMMAND_TIMEOUT_S = 10.0
_STALE_S = 10.0
"""A status older than this means that the bot's loop does not come round any more."""
_FLUSH_S = 0.05
"""The least time between two batches to one reader: 20 pictures a second are enough for eyes."""
_VENDORS = ("three", "preact", "htm")


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """Where to listen, and the token that changing calls need. Without loopback it is mandatory.

    `principals` are further tokens, each with whose it is and in which role.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    token: str | None = None
    principals: Mapping[str, Principal] = field(default_factory=dict[str, Principal])

    def __post_init__(self) -> None:
        if self.token is None and not is_loopback(self.host):
            raise UserError(
                f"the page would be open to the network at {self.host} without a token",
                "set a token for it, or bind it to 127.0.0.1",
            )


class ExecuteRequest(Wire):
    """Either a goal or steps."""

    goal: str | None = Field(default=None, min_length=1, max_length=500)
    steps: tuple[StepRequest, ...] | None = Field(default=None, min_length=1, max_length=100)

    @model_validator(mode="after")
    def _one_of_them(self) -> ExecuteRequest:
        if (self.goal is None) == (self.steps is None):
            raise ValueError("give either goal or steps")
        return self

    def command(self) -> Command:
        """The order that is meant."""
        if self.goal is not None:
            return ExecuteGoal(goal=self.goal)
        return ExecuteSteps(steps=self.steps or ())


class Health(Wire):
    """`ok`: the bot acts. `degraded`: it runs, but not as it should. `down`: there is none. Reasons say why."""

    status: str
    reasons: tuple[str, ...]
    agent_bound: bool
    connected: bool
    status_age_seconds: float | None = None
    readers: int
    metrics: MetricsView


class EventRecord(Wire):
    """An event as the WebSocket sends it."""

    type: str
    seq: int
    event: dict[str, Any]


class EventList(Wire):
    """Events, oldest first. `latest` is the newest number there is; `missed` says that older ones are gone."""

    events: tuple[EventRecord, ...]
    latest: int
    missed: bool


def find_dashboard() -> Path:
    """The dashboard's directory: of the checkout, or as shipped in the package."""
    package = Path(__file__).resolve().parents[1]
    for place in (package.parents[1] / "dashboard", package / "_shipped" / "dashboard"):
        if (place / "web" / "index.html").is_file():
            return place
    raise UserError("the dashboard's files are missing from this installation", "install conscious-bot again")


def create_app(
    hub: Hub, settings: ServiceSettings, dashboard: Path | None = None, desk: CapabilityDesk | None = None
) -> FastAPI:
    """The application over a hub and, where there is one, a registry.

    `dashboard` is given only by those who keep the page elsewhere.
    """
    refusals: dict[int | str, dict[str, Any]] = {
        code: {"model": ErrorBody} for code in (401, 403, 404, 405, 409, 413, 422, 500, 503, 504)
    }
    app = FastAPI(
        title="Conscious Bot",
        version=VERSION,
        description="What the bot does and why, and what may be asked of it. Messages of /ws: see the stream module.",
        docs_url=None,  # both pages load scripts from elsewhere
        redoc_url=None,
        responses=refusals,
    )
    install_error_handlers(app)
    _add_reading(app, hub)
    _add_commands(app, hub)
    add_solver(app, hub)
    if desk is not None:
        add_capabilities(app, desk)
    _add_stream(app, hub)
    _add_page(app, dashboard or find_dashboard())
    app.add_middleware(Guard, loopback=is_loopback(settings.host), token=settings.token, principals=settings.principals)
    return app


def _json(value: object) -> Response:
    return Response(encode(value), media_type="application/json")


def _add_reading(app: FastAPI, hub: Hub) -> None:
    @app.get("/api/bot/status", response_model=Status)
    async def bot_status() -> Response:  # pyright: ignore[reportUnusedFunction] - a route
        """The bot's state, goal, needs, plan and surroundings-independent facts at this moment."""
        status, _ = hub.status()
        if status is None:
            raise ApiError(503, "agent.unavailable", "the bot has not started yet", "ask again in a moment")
        return _json(status.wire())

    @app.get("/api/cognitive/health", response_model=Health)
    async def health() -> Response:  # pyright: ignore[reportUnusedFunction] - a route
        """Whether the bot acts, and if not, why. Answers 200 also when it does not: the body says it."""
        return _json(_health(hub).wire())

    @app.get("/api/events", response_model=EventList)
    async def events(  # pyright: ignore[reportUnusedFunction] - a route
        after: Annotated[int, Query(ge=0)] = 0, limit: Annotated[int, Query(ge=1, le=1000)] = 200
    ) -> Response:
        """Events with a number above `after`, oldest first."""
        page = hub.events_after(after, limit)
        return _json({"events": [event_record(e) for e in page.events], "latest": page.latest, "missed": page.missed})

    @app.get(
        "/api/viewer/surroundings",
        response_class=Response,
        responses={200: {"content": {"application/octet-stream": {}}, "description": "See the surroundings module."}},
    )
    async def surroundings(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction] - a route
        """The blocks around the bot: a JSON header and palette indices."""
        now = hub.surroundings()
        if now is None:
            raise ApiError(503, "agent.unavailable", "the bot has not looked around yet", "ask again in a moment")

        def pack() -> bytes:
            return encode_surroundings(now.region, now.tables, now.changes, version=now.version, seq=now.seq)

        body = await asyncio.to_thread(pack)
        headers = {"Vary": "Accept-Encoding"}
        if "deflate" in request.headers.get("accept-encoding", ""):
            body = await asyncio.to_thread(zlib.compress, body, 1)
            headers["Content-Encoding"] = "deflate"
        return Response(body, media_type="application/octet-stream", headers=headers)


def _add_commands(app: FastAPI, hub: Hub) -> None:
    async def ask(command: Command) -> Response:
        return _json((await hub.command(command, _COMMAND_TIMEOUT_S)).wire())

    @app.post("/api/cognitive/signals", response_model=CommandReply)
    async def signals(suggestion: Suggestion) -> Response:  # pyright: ignore[reportUnusedFunction] - a route
        """Suggest something to the bot. It may refuse; the reply says why."""
        return await ask(suggestion)

    @app.post("/api/cognitive/execute", response_model=CommandReply)
    async def execute(request: ExecuteRequest) -> Response:  # pyright: ignore[reportUnusedFunction] - a route
        """Order a goal, or steps to run as they stand."""
        return await ask(request.command())

    @app.post("/action", response_model=CommandReply)
    async def action(act: Act) -> Response:  # pyright: ignore[reportUnusedFunction] - a route
        """Do one action: its type and parameters are put into the leaf's words, and what is missing is refused."""
        return await ask(act)

    @app.post("/api/viewer/control", response_model=CommandReply)
    async def viewer_control(control: ViewerControl) -> Response:  # pyright: ignore[reportUnusedFunction] - a route
        """Ask for the surroundings to be published again, in another size."""
        return await ask(control)


def _health(hub: Hub) -> Health:
    status, age = hub.status()
    bound = hub.bound
    reasons: list[str] = []
    if not bound:
        reasons.append("no bot is running behind this page")
    if status is None:
        reasons.append("the bot has not reported yet")
    else:
        if not status.connected:
            reasons.append("the bot is not connected to its world")
        if status.body is not None and not status.body.alive:
            reasons.append("the bot is dead and has not come back yet")
    if age is not None and age > _STALE_S:
        reasons.append(f"the bot's last report is {age:.0f} s old")
    down = not bound or status is None
    return Health(
        status="down" if down else "degraded" if reasons else "ok",
        reasons=tuple(reasons),
        agent_bound=bound,
        connected=status is not None and status.connected,
        status_age_seconds=None if age is None else round(age, 3),
        readers=hub.readers,
        metrics=MetricsView() if status is None else status.metrics,
    )


def _add_stream(app: FastAPI, hub: Hub) -> None:
    @app.websocket("/ws")
    async def stream(  # pyright: ignore[reportUnusedFunction] - a route
        socket: WebSocket, after: Annotated[int | None, Query(ge=0)] = None
    ) -> None:
        await socket.accept()
        subscription = hub.subscribe(after)
        sending = asyncio.create_task(_send(socket, hub, subscription))
        receiving = asyncio.create_task(_until_closed(socket))
        try:
            await asyncio.wait((sending, receiving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            subscription.close()
            for task in (sending, receiving):
                task.cancel()
            for task in (sending, receiving):
                # A reader that goes away while it is sent to is how a stream ends.
                with contextlib.suppress(asyncio.CancelledError, WebSocketDisconnect):
                    await task


async def _send(socket: WebSocket, hub: Hub, subscription: Subscription) -> None:
    writer = Writer()
    await socket.send_text(writer.hello())
    while True:
        batch = await subscription.next()
        for message in writer.messages(batch, hub.tables()):
            await socket.send_text(message)
        await asyncio.sleep(_FLUSH_S)


async def _until_closed(socket: WebSocket) -> None:
    """Readers have nothing to say here; reading notices when they leave."""
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            return


def _add_page(app: FastAPI, dashboard: Path) -> None:
    for vendor in _VENDORS:
        place = dashboard / "node_modules" / vendor
        # Missing packages are answered when they are asked for: the API works without them.
        app.mount(f"/vendor/{vendor}", StaticFiles(directory=place, check_dir=False), name=f"vendor-{vendor}")
    app.mount("/", StaticFiles(directory=dashboard / "web", html=True), name="page")
