"""Whether a world keeps the rules the bot counts on: the same probes on any body with an operator.

Each probe sets up a small stage by commands, does something with the body, and compares what is observed with what
the connected version's tables say. A probe whose stage the world does not offer (no operator's rights, no such
command, no such creature, no light) is skipped with the reason and never counts as passed.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from conscious_bot.body.port import Body, BodyEvent, BodyEventKind, Hands, Operator
from conscious_bot.contracts import ActionFailed, BlockPos, ConsciousBotError, ExecErrorCode, UserError
from conscious_bot.game.tables import Tables
from conscious_bot.testing.older_names import named
from conscious_bot.world.region import Box
from conscious_bot.world.state import BodyState

__all__ = ["Finding", "NotOffered", "Probe", "Stage", "examine", "summary"]

Verdict = Literal["agrees", "differs", "skipped"]

_SEEN_SECONDS = 4.0
"""What a command did is seen by then, or the command is not offered."""
_HALF = 4
_RISE = 12
_ROOM = 9
_GOOD_TO_HAVE = (
    "gamemode survival {name}",
    "difficulty easy",
    "gamerule doMobSpawning false",
    "gamerule doDaylightCycle true",
    "gamerule sendCommandFeedback true",
    "weather clear",
)


class NotOffered(ConsciousBotError):
    """The world does not offer what a probe needs; the message says what."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one case of a probe gave."""

    probe: str
    case: str
    expected: str
    observed: str
    verdict: Verdict

    def wire(self) -> dict[str, str]:
        """As JSON."""
        return asdict(self)


class Stage:
    """A floor of 9 by 9 stones in the air with room above it, the body in its middle, and what probes do there."""

    def __init__(self, body: Body, hands: Hands, operator: Operator, feet: BlockPos) -> None:
        self.body = body
        self.hands = hands
        self.operator = operator
        self.feet = feet
        self.found: list[Finding] = []
        self.probe = ""

    @property
    def tables(self) -> Tables:
        """The facts of the connected version."""
        return self.body.tables

    def named(self, name: str) -> str:
        """What the version calls a thing."""
        return named(self.tables, name)

    def at(self, dx: int, dy: int, dz: int) -> BlockPos:
        """A cell, counted from the one the body stands in at first."""
        x, y, z = self.feet
        return x + dx, y + dy, z + dz

    def report(self, case: str, expected: object, observed: object, *, agrees: bool | None = None) -> None:
        """Add a finding; without `agrees` it agrees if both are equal."""
        same = expected == observed if agrees is None else agrees
        self.found.append(Finding(self.probe, case, str(expected), str(observed), "agrees" if same else "differs"))

    def skip(self, case: str, reason: str) -> None:
        """Add that a case could not be tried."""
        self.found.append(Finding(self.probe, case, "", reason, "skipped"))

    async def command(self, text: str) -> None:
        """A set-up command. NotOffered if the world refuses it."""
        try:
            await self.operator.command(text)
        except UserError as error:
            raise NotOffered(error.problem) from error

    async def until(
        self, holds: Callable[[BodyState], bool], seconds: float = _SEEN_SECONDS, what: str = ""
    ) -> BodyState:
        """Look until a condition holds; NotOffered naming `what` if it never does."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while not holds(state := await self.body.observe()):
            if loop.time() > deadline:
                raise NotOffered(what or "the set-up was not seen")
            await asyncio.sleep(0.05)
        return state

    async def holds(self, check: Callable[[], Awaitable[bool]], seconds: float) -> bool:
        """Whether something becomes so within a time."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while not await check():
            if loop.time() > deadline:
                return False
            await asyncio.sleep(0.05)
        return True

    async def name_at(self, pos: BlockPos) -> str:
        """The block at a cell."""
        return self.tables.name_of((await self.body.scan(Box(pos, pos))).state(pos))

    async def set(self, pos: BlockPos, block: str) -> None:
        """Put a block; NotOffered if it does not appear."""
        plain, bracket, properties = block.partition("[")
        name = self.named(plain)
        if name not in self.tables.blocks:
            raise NotOffered(f"version {self.tables.version} has no block {name}")
        await self.command(f"setblock {pos[0]} {pos[1]} {pos[2]} {name}{bracket}{properties}")

        async def there() -> bool:
            return await self.name_at(pos) == name

        if not await self.holds(there, _SEEN_SECONDS):
            raise NotOffered(f"`setblock` of {name} was not seen")

    async def give(self, item: str, count: int = 1) -> None:
        """Put items into the slots; NotOffered if they do not come."""
        item = self.named(item)
        if item not in self.tables.items:
            raise NotOffered(f"version {self.tables.version} has no item {item}")
        had = (await self.body.observe()).inventory.count(item)
        await self.command(f"give {self.body.name} {item} {count}")
        await self.until(lambda s: s.inventory.count(item) >= had + count, what=f"`give` of {item} was not seen")

    async def hold(self, item: str | None) -> None:
        """Take an item in hand, given first; None is the bare hand."""
        if item is None:
            await self.hands.unequip()
            return
        await self.give(item)
        await self.hands.equip(self.named(item), "hand")

    async def summon(self, kind: str, pos: BlockPos, tags: str = "") -> int:
        """Bring a creature; its id. NotOffered if it does not come."""
        before = {e.id for e in await self.body.entities(16)}
        await self.command(f"summon {kind} {pos[0]} {pos[1]} {pos[2]} {tags}".strip())
        came: list[int] = []

        async def there() -> bool:
            came[:] = [e.id for e in await self.body.entities(16) if e.kind == kind and e.id not in before]
            return bool(came)

        if not await self.holds(there, _SEEN_SECONDS):
            raise NotOffered(f"`summon` of a {kind} was not seen")
        return came[0]

    async def near(self) -> Counter[str]:
        """What lies about and what is carried."""
        counts = Counter((await self.body.observe()).inventory.counts())
        for view in await self.body.entities(8):
            if view.stack is not None:
                counts[view.stack.item] += view.stack.count
        return counts

    async def go(self, pos: BlockPos) -> None:
        """Put the body somewhere; NotOffered if it does not come there."""
        x, y, z = pos
        await self.command(f"tp {self.body.name} {x + 0.5} {y} {z + 0.5}")
        await self.until(lambda s: s.block[0] == x and s.block[2] == z, what="`tp` was not seen")

    @contextlib.asynccontextmanager
    async def health_lost(self) -> AsyncGenerator[list[float]]:
        """Collects how much health goes, blow by blow, while the block runs."""
        lost: list[float] = []
        last = (await self.body.observe()).health

        def hear(event: BodyEvent) -> None:
            nonlocal last
            if event.kind is BodyEventKind.HEALTH:
                now = float(event.data["health"])
                if now < last - 1e-6:
                    lost.append(round(last - now, 3))
                last = now

        unsubscribe = self.body.subscribe(hear)
        try:
            yield lost
        finally:
            unsubscribe()

    async def clear(self) -> None:
        """The stage as new: floor, air, nothing lying about, empty slots, a rested body in the middle by day."""
        name = self.body.name
        (x0, y0, z0), (x1, y1, z1) = self.at(-_HALF, 0, -_HALF), self.at(_HALF, _ROOM, _HALF)
        await self.body.stop()
        await self.command("time set 1000")
        await self.command(f"clear {name}")
        await self.command(f"fill {x0} {y0} {z0} {x1} {y1} {z1} air")
        await self.command(f"fill {x0} {y0 - 1} {z0} {x1} {y0 - 1} {z1} stone")
        for kind in ("cow", "zombie", "item"):
            with contextlib.suppress(NotOffered):  # none there, or the world says that nobody was found
                await self.command(f"kill @e[type={self.named(kind)}]")
        await self.go(self.feet)
        for effect in ("instant_health 1 4", "saturation 1 20"):
            with contextlib.suppress(NotOffered):
                await self.command(f"effect give {name} {effect}")
        await self.until(
            lambda s: s.block == self.feet and s.on_ground and not s.inventory.counts() and s.health >= 20,
            what="the body was not brought to the stage, healed and emptied",
        )


Probe = Callable[[Stage], Awaitable[None]]


async def examine(body: Body, operator: Operator, probes: Mapping[str, Probe]) -> list[Finding]:
    """Run the probes on an open body whose hands are free, one after the other."""
    x, y, z = (await body.observe()).block
    stage = Stage(body, body.claim_hands(), operator, (x, y + _RISE, z))
    for text in _GOOD_TO_HAVE:
        with contextlib.suppress(NotOffered):
            await stage.command(text.format(name=body.name))
    for name, probe in probes.items():
        stage.probe = name
        try:
            await stage.clear()
            await probe(stage)
        except NotOffered as reason:
            stage.skip("", str(reason))
        except ActionFailed as failure:
            if failure.code is ExecErrorCode.BODY_NOT_OFFERED:
                stage.skip("", str(failure))
            else:
                stage.report("", "the probe runs to its end", f"{failure.code}: {failure.error.detail}")
                if failure.code is ExecErrorCode.BODY_DEAD:
                    await stage.hands.respawn()
    return stage.found


def summary(world: str, version: str, found: list[Finding]) -> dict[str, Any]:
    """What `conscious-bot conformance --json` prints."""
    counts = {verdict: sum(f.verdict == verdict for f in found) for verdict in ("agrees", "differs", "skipped")}
    return {"world": world, "version": version, **counts, "findings": [f.wire() for f in found]}
