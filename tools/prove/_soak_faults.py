"""The faults of a soak, each through a seam that the world really has."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from tests.protocol_server.harness import ProtocolServer

from conscious_bot.body.port import Body, Operator
from conscious_bot.contracts import ActionFailed, UserError
from tools.prove._soak_lag import LaggyProxy, Late

__all__ = ["Fault", "Scene", "ServerScene", "befall", "faults_of", "furnish", "restock"]

_JUNK = ("dirt", "cobblestone", "gravel", "granite", "andesite", "diorite")
_TOOLS = {"pickaxe": 130, "axe": 130, "sword": 130, "shovel": 130}
"""Tools of stone and the wear at which one more use breaks them (Minecraft Wiki, "Durability")."""


@dataclass(slots=True)
class Scene:
    """Where a soak takes place: the body, its set-up commands, and how late everything is."""

    body: Body
    operator: Operator
    late: Late

    async def command(self, text: str) -> bool:
        """Run a set-up command; False if the world is out of reach just now."""
        try:
            await self.operator.command(text)
        except ActionFailed:
            return False
        return True

    async def near(self, dice: random.Random, least: int, most: int) -> str:
        """A place so many blocks away from the body, as commands take it."""
        x, y, z = (await self.body.observe()).block
        dx, dz = (dice.choice((-1, 1)) * dice.randint(least, most) for _ in range(2))
        return f"{x + dx} {y + 1} {z + dz}"


@dataclass(slots=True)
class ServerScene(Scene):
    """A protocol server in a process of its own, reached through a proxy."""

    server: ProtocolServer
    proxy: LaggyProxy


Fault = Callable[[Scene, random.Random], Awaitable[None]]


async def furnish(scene: Scene) -> None:
    """What a life needs where the world itself gives little: wood, food, a bed. The server's hills bear no trees."""
    for goods in ("oak_log 24", "bread 8", "white_bed", "torch 8", "dirt 32"):
        await scene.command(f"give {scene.body.name} {goods}")


async def restock(scene: Scene) -> None:
    """Wood and coal for a bot on the server that has run out of them."""
    if isinstance(scene, ServerScene):
        with contextlib.suppress(ActionFailed, UserError):  # it is not there just now
            carried = (await scene.body.observe()).inventory
            for item, count in (("oak_log", 16), ("coal", 4), ("bread", 4)):
                if not carried.count(item):
                    await scene.command(f"give {scene.body.name} {item} {count}")


async def _death(scene: Scene, _dice: random.Random) -> None:
    await scene.command(f"kill {scene.body.name}")


async def _kick(scene: Scene, dice: random.Random) -> None:
    reason = dice.choice(("flying is not enabled", "you have been idle for too long", "make room for others"))
    if isinstance(scene, ServerScene):
        await _if_there(scene.server.do("kick", name=scene.body.name, reason=reason))
    else:
        await scene.command(f"kick {scene.body.name} {reason}")


async def _lag(scene: Scene, dice: random.Random) -> None:
    scene.late.seconds = dice.choice((0.1, 0.25, 0.5, 1.0))
    try:
        await asyncio.sleep(dice.uniform(5, 20))
    finally:
        scene.late.seconds = 0.0


async def _full(scene: Scene, dice: random.Random) -> None:
    for _ in range(36):
        await scene.command(f"give {scene.body.name} {dice.choice(_JUNK)} 64")


async def _broken_tool(scene: Scene, _dice: random.Random) -> None:
    for kind, wear in _TOOLS.items():
        for tier in ("wooden", "stone", "iron"):
            await scene.command(f"clear {scene.body.name} {tier}_{kind}")
        await scene.command(f"give {scene.body.name} stone_{kind}{{Damage:{wear}}}")


async def _night(scene: Scene, _dice: random.Random) -> None:
    await scene.command("time set night")


async def _creature(scene: Scene, dice: random.Random) -> None:
    kinds = ("zombie", "spider") if isinstance(scene, ServerScene) else ("zombie", "spider", "skeleton", "creeper")
    with contextlib.suppress(ActionFailed):  # not in the world just now: none comes
        await scene.command(f"summon {dice.choice(kinds)} {await scene.near(dice, 6, 12)}")


async def _hunger(scene: Scene, _dice: random.Random) -> None:
    await scene.command(f"effect give {scene.body.name} hunger 20 20")
    await scene.command(f"give {scene.body.name} bread 2")


async def _freeze(scene: Scene, dice: random.Random) -> None:
    """The server's process stands still for some seconds."""
    if isinstance(scene, ServerScene):
        os.kill(scene.server.pid, signal.SIGSTOP)
        try:
            await asyncio.sleep(dice.uniform(2, 12))
        finally:
            os.kill(scene.server.pid, signal.SIGCONT)


async def _cut(scene: Scene, _dice: random.Random) -> None:
    if isinstance(scene, ServerScene):
        await _if_there(scene.server.do("cut", name=scene.body.name))


async def _restart(scene: Scene, dice: random.Random) -> None:
    """The server's process ends, and another one starts after a while with a world as new."""
    if isinstance(scene, ServerScene):
        await scene.server.stop()
        await asyncio.sleep(dice.uniform(0.5, 4))
        scene.server = await ProtocolServer.start()
        scene.proxy.target = scene.server.port


async def _if_there(deed: Awaitable[object]) -> None:
    """The bot may have left by itself just now: then nobody can be thrown out."""
    with contextlib.suppress(AssertionError):
        await deed


_EVERYWHERE: Mapping[str, Fault] = {
    "death": _death,
    "kick": _kick,
    "lag": _lag,
    "full inventory": _full,
    "broken tool": _broken_tool,
    "night": _night,
    "creature": _creature,
    "hunger": _hunger,
}
_ON_SERVERS: Mapping[str, Fault] = {"frozen server": _freeze, "cut connection": _cut, "server restart": _restart}


def faults_of(scene: Scene) -> Mapping[str, Fault]:
    """The faults that this scene knows, by name."""
    return {**_EVERYWHERE, **_ON_SERVERS} if isinstance(scene, ServerScene) else _EVERYWHERE


async def befall(scene: Scene, fault: Fault, dice: random.Random) -> None:
    """Let a fault happen. What a command refuses (nobody of that name is there just now) is no fault."""
    with contextlib.suppress(UserError):
        await fault(scene, dice)
