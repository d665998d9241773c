"""A body on a Minecraft server, moved by mineflayer in a Node process of its own."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np
import structlog

from conscious_bot.body.driver_process import Answer, DriverFailed, DriverProcess, action_failed
from conscious_bot.body.install import ensure_installed, node_binary
from conscious_bot.body.port import BodyEvent, BodyEventKind, Face, FollowResult, FurnacePart
from conscious_bot.body.refusals import refused
from conscious_bot.contracts import ActionFailed, BlockPos, ExecErrorCode, Position, Primitive, UserError
from conscious_bot.game.supplements import creature_name
from conscious_bot.game.tables import Recipe, Tables
from conscious_bot.world.region import Box, VoxelRegion
from conscious_bot.world.state import (
    BodyState,
    ContainerView,
    EntityView,
    FurnaceView,
    Inventory,
    ItemStack,
    WindowView,
)

__all__ = ["Address", "MineflayerBody", "MineflayerHands", "MineflayerOperator", "ServerOptions"]

_log = structlog.get_logger("conscious_bot.body")

_MARGIN_SECONDS = 20.0
_SIGN_IN_SECONDS = 600.0  # a person opens a page and types a code
_STOP_SECONDS = 20.0
_SENSE_SECONDS = 20.0
_FOLLOWS = frozenset(
    {"walk", "sneak", "jump_up", "descend", "diagonal", "fall", "dive", "swim", "climb", "mount", "gap"}
)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens."""

    host: str
    port: int = 25565

    @classmethod
    def parse(cls, text: str) -> Address:
        """`HOST`, `HOST:PORT` or `[IPV6]:PORT`. Raises UserError."""
        host, colon, port = text.rpartition(":") if not text.endswith("]") else (text, "", "")
        if not colon or (":" in host and not host.startswith("[")):
            host, port = text, "25565"
        host = host.removeprefix("[").removesuffix("]")
        if not host or not port.isdecimal() or not 1 <= int(port) <= 65535:
            raise UserError(f"{text!r} is not a server address", "give it as HOST:PORT, as in localhost:25565")
        return cls(host, int(port))

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """How to enter a server.

    `version` None asks the server. `password` is given to servers whose own login plugin asks for it in
    chat (`/login`, `/register`). `profiles` is where Microsoft sign-ins are kept. Entering may take
    `enter_seconds`; reconnecting waits `reconnect_first` seconds, then twice as long each time, at most
    `reconnect_most`.
    """

    address: Address
    username: str = "ConsciousBot"
    auth: Literal["offline", "microsoft"] = "offline"
    version: str | None = None
    password: str | None = field(default=None, repr=False)
    profiles: Path | None = None
    enter_seconds: float = 30.0
    reconnect_first: float = 1.0
    reconnect_most: float = 30.0

    def wire(self) -> dict[str, Any]:
        """The arguments of the driver's `connect`."""
        wire: dict[str, Any] = {
            "host": self.address.host,
            "port": self.address.port,
            "username": self.username,
            "auth": self.auth,
            "timeoutMs": (_SIGN_IN_SECONDS if self.auth == "microsoft" else self.enter_seconds) * 1000,
            "reconnect": {"firstMs": self.reconnect_first * 1000, "maxMs": self.reconnect_most * 1000},
        }
        if self.version is not None:
            wire["version"] = self.version
        if self.profiles is not None:
            wire["profiles"] = str(self.profiles)
        if self.password is not None:
            wire["passwords"] = [
                {"asks": r"/reg(ister)?\b", "answer": f"/register {self.password} {self.password}"},
                {"asks": r"/l(ogin)?\b", "answer": f"/login {self.password}"},
            ]
        return wire


class MineflayerBody:
    """The Body port on a server. All of it belongs to the event loop that opened it."""

    def __init__(self, options: ServerOptions, *, say: Callable[[str], None] | None = None) -> None:
        self._options = options
        self._say = say or _log_line
        self._driver: DriverProcess | None = None
        self._listeners: list[Callable[[BodyEvent], None]] = []
        self._tables: Tables | None = None
        self._name = options.username
        self._claimed = False

    @property
    def tables(self) -> Tables:
        """The facts of the server's version; known once the body is open."""
        if self._tables is None:
            raise RuntimeError("the body is not open")
        return self._tables

    @property
    def name(self) -> str:
        """The bot's player name, as the server knows it once the body is open."""
        return self._name

    @property
    def driver_pid(self) -> int | None:
        """The id of the driver's process while it runs."""
        return self._driver.pid if self._driver is not None else None

    async def open(self) -> None:
        """Start the driver, enter the server, load its tables. Raises UserError."""
        if self._driver is not None:
            raise RuntimeError("the body is open already")
        directory = await ensure_installed(self._say)
        self._driver = DriverProcess(self._heard, self._driver_ended)
        try:
            await self._driver.start(node_binary(), directory / "src" / "main.js")
            try:
                entered = await self._enter()
                raw = await self._driver.request("tables")
            except DriverFailed as failure:
                raise self._refused(failure.code, failure.detail) from failure
            except TimeoutError as error:
                raise self._refused("connect.timeout", None) from error
            self._name = str(entered.result["username"])
            self._tables = Tables.from_minecraft_data(json.loads(raw.payload))
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Leave the server and end the driver. Safe to call twice."""
        driver, self._driver = self._driver, None
        if driver is not None:
            await driver.close()

    def claim_hands(self) -> MineflayerHands:
        """The hands, once; a second claim raises RuntimeError."""
        if self._claimed:
            raise RuntimeError("the hands are taken")
        self._claimed = True
        return MineflayerHands(self)

    async def stop(self) -> None:
        """End whatever is under way; returns when the server's world shows a body at rest.

        Fails with sense.apiError if something (water, a piston) keeps moving it.
        """
        await self.ask("stop", seconds=_STOP_SECONDS)

    @property
    def follows(self) -> frozenset[str]:
        """The moves that the driver's steering knows."""
        return _FOLLOWS

    async def observe(self) -> BodyState:
        """The body's state now."""
        return _state((await self.ask("observe", seconds=_SENSE_SECONDS)).result)

    async def scan(self, box: Box, *, light: bool = False) -> VoxelRegion:
        """The blocks of a box; its light too, if asked for and the server sends it."""
        answer = await self.ask("scan", {"low": box.low, "high": box.high, "light": light}, seconds=_SENSE_SECONDS)
        cells = box.volume
        blocks = np.frombuffer(answer.payload, dtype="<u2", count=cells).astype(np.uint16).reshape(box.size)
        if not answer.result["light"]:
            return VoxelRegion(box.low, blocks)
        layers = np.frombuffer(answer.payload, dtype=np.uint8, offset=cells * 2, count=cells * 2)
        block_light, sky_light = layers.reshape(2, *box.size).copy()
        return VoxelRegion(box.low, blocks, block_light, sky_light)

    async def find_blocks(self, names: Sequence[str], radius: int, limit: int) -> list[BlockPos]:
        """Loaded blocks of these names within `radius`, nearest first."""
        arguments = {"names": list(names), "radius": radius, "limit": limit}
        found = (await self.ask("findBlocks", arguments, seconds=_SENSE_SECONDS)).result
        return [_cell(pos) for pos in found]

    async def entities(self, radius: float) -> list[EntityView]:
        """Creatures, players and dropped items within `radius`, nearest first."""
        found = (await self.ask("entities", {"radius": radius}, seconds=_SENSE_SECONDS)).result
        return [_entity(view) for view in found]

    def subscribe(self, listener: Callable[[BodyEvent], None]) -> Callable[[], None]:
        """Hear every event from now on."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    async def ask(
        self, operation: str, arguments: Mapping[str, Any] | None = None, *, seconds: float | None = None
    ) -> Answer:
        """One request to the driver, its failures as ActionFailed. For this module's classes."""
        if self._driver is None:
            raise ActionFailed(ExecErrorCode.BODY_DISCONNECTED, "the body is not open")
        try:
            async with asyncio.timeout(seconds):
                return await self._driver.request(operation, arguments)
        except DriverFailed as failure:
            raise action_failed(failure) from failure
        except TimeoutError as error:
            raise ActionFailed(ExecErrorCode.SENSE_API_ERROR, f"{operation}: no answer within {seconds} s") from error

    async def _enter(self) -> Answer:
        if self._driver is None:
            raise RuntimeError("enter before start")
        wire = self._options.wire()
        async with asyncio.timeout(wire["timeoutMs"] / 1000 + _MARGIN_SECONDS):
            return await self._driver.request("connect", wire)

    def _refused(self, code: str, detail: str | None) -> UserError:
        return refused(code, detail, str(self._options.address), self._options.username)

    def _heard(self, kind: str, data: Mapping[str, Any]) -> None:
        if kind == "auth":
            self._say(f"Sign in to Microsoft: open {data.get('url')} and enter the code {data.get('code')}")
            return
        if kind == "lost":
            _log.warning("events dropped: this side read too slowly", count=data.get("count"))
            return
        try:
            event = BodyEvent(BodyEventKind(kind), _event_data(data))
        except ValueError:
            _log.warning("event ignored", kind=kind)
            return
        for listener in tuple(self._listeners):
            listener(event)

    def _driver_ended(self, reason: str) -> None:
        _log.error("the driver ended", reason=reason)
        self._heard("disconnected", {"reason": reason, "final": True})


class MineflayerHands:
    """The Hands port on a server; made by `MineflayerBody.claim_hands` alone."""

    def __init__(self, body: MineflayerBody) -> None:
        self._body = body

    async def follow(self, path: Sequence[Primitive]) -> FollowResult:
        """Walk the way cell by cell."""
        result = (
            await self._body.ask("follow", {"cells": [p.to for p in path], "moves": [p.kind for p in path]})
        ).result
        return FollowResult(result["ended"], int(result["done"]), _point(result["position"]))

    async def look_at(self, point: Position) -> None:
        """Turn the head towards a point."""
        await self._body.ask("lookAt", {"point": point})

    async def dig(self, pos: BlockPos) -> None:
        """Break a block; returns when the server has shown it gone."""
        await self._body.ask("dig", {"pos": pos})

    async def place(self, against: BlockPos, face: Face) -> None:
        """Put the held block against a side of a block; returns when the server has shown it."""
        await self._body.ask("place", {"against": against, "face": face})

    async def equip(self, item: str, where: Literal["hand", "off-hand", "head", "torso", "legs", "feet"]) -> None:
        """Take the item, least worn first, into the hand or put it on."""
        await self._body.ask("equip", {"item": item, "where": where})

    async def unequip(self) -> None:
        """Empty the main hand."""
        await self._body.ask("unequip")

    async def craft(self, recipe: Recipe, times: int, table: BlockPos | None) -> None:
        """Apply a recipe; the result is counted as the server shows it."""
        await self._body.ask(
            "craft",
            {
                "result": recipe.result,
                "count": recipe.count,
                "shape": recipe.shape,
                "shapeless": recipe.shapeless,
                "times": times,
                "table": table,
            },
        )

    async def toss(self, item: str, count: int) -> None:
        """Throw items away in the direction of sight."""
        await self._body.ask("toss", {"item": item, "count": count})

    async def consume(self) -> None:
        """Eat or drink what the main hand holds."""
        await self._body.ask("consume")

    async def use_block(self, pos: BlockPos, face: Face = "up") -> None:
        """Right-click a side of a block; returns when the server has shown a change."""
        await self._body.ask("useBlock", {"pos": pos, "face": face})

    async def use_item(self, *, ticks: int = 0) -> None:
        """Right-click into the air; returns when the server has shown an effect."""
        await self._body.ask("useItem", {"ticks": ticks})

    async def raise_shield(self, up: bool) -> None:
        """Raise or lower the shield; returns when the server has shown it."""
        await self._body.ask("raiseShield", {"up": up})

    async def attack(self, entity: int) -> None:
        """Strike an entity once; returns when the server has shown it hurt, dead or gone."""
        await self._body.ask("attack", {"entity": entity})

    async def open_container(self, pos: BlockPos) -> WindowView:
        """Open a container and look inside."""
        return _window((await self._body.ask("openContainer", {"pos": pos})).result)

    async def window(self) -> WindowView:
        """What the open window shows."""
        return _window((await self._body.ask("window", seconds=_SENSE_SECONDS)).result)

    async def put(self, item: str, count: int, part: FurnacePart | None = None) -> WindowView:
        """Put items into the open window."""
        return _window((await self._body.ask("put", {"item": item, "count": count, "part": part})).result)

    async def take(self, item: str, count: int, part: FurnacePart | None = None) -> WindowView:
        """Take items out of the open window."""
        return _window((await self._body.ask("take", {"item": item, "count": count, "part": part})).result)

    async def close_window(self) -> None:
        """Close whatever window is open."""
        await self._body.ask("closeWindow")

    async def sleep(self, pos: BlockPos) -> None:
        """Lie down in a bed; returns when the server has laid the body down."""
        await self._body.ask("sleep", {"pos": pos})

    async def wake(self) -> None:
        """Get up; returns when the server has let the body up."""
        await self._body.ask("wake")

    async def chat(self, text: str) -> None:
        """Say something; returns when the server has shown it. A command returns when it is sent."""
        await self._body.ask("chat", {"text": text})

    async def respawn(self) -> None:
        """Come back after death."""
        await self._body.ask("respawn")


class MineflayerOperator:
    """Set-up commands given by chat, from a player the server made an operator.

    The server does not say whether a command worked in a way that all servers share; what it answers is
    logged, and a refusal that is known by its words raises UserError. An answer may take `answer_seconds`; with
    `echo` the bot says a line after each command and waits until that is shown too, so that a slow server's
    answer is neither missed nor taken for the next command's.
    """

    def __init__(self, body: MineflayerBody, *, answer_seconds: float = 0.5, echo: bool = False) -> None:
        self._body = body
        self._wait = answer_seconds
        self._echo = echo
        self._lines = itertools.count(1)

    async def command(self, text: str) -> None:
        """Send one command and hear what the server answers."""
        said: list[str] = []

        def listen(event: BodyEvent) -> None:
            if event.kind is BodyEventKind.CHAT and event.data.get("sender") is None:
                said.append(str(event.data["text"]))

        unsubscribe = self._body.subscribe(listen)
        try:
            await self._body.ask("command", {"text": "/" + text.removeprefix("/")})
            await asyncio.sleep(self._wait if await self._echoed() else _UNHEARD_SECONDS)
        finally:
            unsubscribe()
        for line in said:
            if any(words in line.lower() for words in _REFUSALS):
                raise UserError(
                    f"the server refused `{text}`: {line}",
                    f"run `op {self._body.name}` on the server's console, or mend the command",
                )

    async def _echoed(self) -> bool:
        """Whether the server has come past the command; False where a line of the bot's own cannot show it."""
        if not self._echo:
            return True
        try:
            await self._body.ask("chat", {"text": f"command {next(self._lines)} done"})
        except ActionFailed:  # the command killed the bot, or nobody may talk there
            return False
        return True


_UNHEARD_SECONDS = 0.5
_REFUSALS = (
    "unknown command", "unknown or incomplete command", "incorrect argument", "do not have permission",
    "don't have permission", "permission to use this command", "command not found", "unknown item", "unknown block",
    "player not found", "no player was found", "no entity was found", "forbidden command",
)  # fmt: skip


def _log_line(line: str) -> None:
    _log.info(line)


def _cell(pos: Sequence[float]) -> BlockPos:
    x, y, z = pos
    return int(x), int(y), int(z)


def _point(pos: Sequence[float]) -> Position:
    x, y, z = pos
    return float(x), float(y), float(z)


def _stack(raw: Sequence[Any] | None) -> ItemStack | None:
    return None if raw is None else ItemStack(str(raw[0]), int(raw[1]), int(raw[2]))


def _state(raw: Mapping[str, Any]) -> BodyState:
    worn = {place: stack for place, value in raw["inventory"]["worn"].items() if (stack := _stack(value)) is not None}
    return BodyState(
        position=_point(raw["position"]),
        yaw=raw["yaw"],
        pitch=raw["pitch"],
        velocity=_point(raw["velocity"]),
        on_ground=raw["onGround"],
        in_water=raw["inWater"],
        in_lava=raw["inLava"],
        health=raw["health"],
        food=raw["food"],
        saturation=raw["saturation"],
        air=raw["air"],
        alive=raw["alive"],
        game_mode=raw["gameMode"],
        dimension=raw["dimension"],
        selected=raw["selected"],
        inventory=Inventory(tuple(_stack(value) for value in raw["inventory"]["slots"]), worn),
        time_of_day=raw["timeOfDay"],
        age=raw["age"],
        raining=raw["raining"],
        moving=raw["moving"],
        sleeping=raw["sleeping"],
        window=raw["window"],
    )


def _window(raw: Mapping[str, Any]) -> WindowView:
    kind, pos = str(raw["kind"]), _cell(raw["pos"])
    if "slots" in raw:
        return ContainerView(kind, pos, tuple(_stack(value) for value in raw["slots"]))
    return FurnaceView(
        kind=kind,
        pos=pos,
        input=_stack(raw["input"]),
        fuel=_stack(raw["fuel"]),
        output=_stack(raw["output"]),
        burning=raw["burning"],
        burn_total=raw["burnTotal"],
        progress=raw["progress"],
        progress_total=raw["progressTotal"],
    )


def _entity(raw: Mapping[str, Any]) -> EntityView:
    return EntityView(
        id=raw["id"],
        kind=creature_name(raw["kind"]),
        position=_point(raw["position"]),
        velocity=_point(raw["velocity"]),
        health=raw["health"],
        stack=_stack(raw["stack"]),
        name=raw["name"],
        width=raw["width"],
        height=raw["height"],
    )


def _event_data(data: Mapping[str, Any]) -> dict[str, Any]:
    made = dict(data)
    if "pos" in made:
        made["pos"] = _cell(cast("Sequence[float]", made["pos"]))
    if "position" in made:
        made["position"] = _point(cast("Sequence[float]", made["position"]))
    return made
