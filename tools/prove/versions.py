"""One body, every protocol the test server speaks: entering, walking, digging, placing, crafting, a chest, a meal.

mineflayer speaks newer versions than the test server does; those cannot be shown here.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable

from tests.protocol_server.harness import ProtocolServer, options

from conscious_bot.body.mineflayer import MineflayerBody, MineflayerHands
from conscious_bot.contracts import ActionFailed, ConsciousBotError, Primitive, UserError
from conscious_bot.world.state import BodyState

__all__ = ["VERSIONS", "main"]

VERSIONS = (
    "1.8.8", "1.9.4", "1.10.2", "1.11.2", "1.12.2", "1.13.2", "1.14.4", "1.15.2", "1.16.5", "1.17.1", "1.18.2",
    "1.19.4", "1.20.4", "1.20.6", "1.21.1", "1.21.4",
)  # fmt: skip
_SEEN_SECONDS = 8.0
_TRIAL_SECONDS = 90.0


class _NotSeenError(ConsciousBotError):
    """What a step promised was not seen."""


class _Trial:
    """One version's steps; `step` is the one under way."""

    def __init__(self, server: ProtocolServer, body: MineflayerBody) -> None:
        self.step = "enter"
        self._server = server
        self._body = body

    async def run(self) -> None:
        body, server = self._body, self._server
        await body.open()
        hands = body.claim_hands()
        x, y, z = (await body.observe()).block
        self.step = "walk"
        ridge = (y, y + 1, y + 1)
        walked = await hands.follow(
            [Primitive(op="walk_E", to=(x + i, height, z)) for i, height in enumerate(ridge, 1)]
        )
        if walked.ended != "arrived":
            raise _NotSeenError(walked.ended)
        self.step = "dig"
        await hands.dig((x + 4, y + 1, z))
        self.step = "hold"
        log = "oak_log" if "oak_log" in body.tables.items else "log"
        await server.do("give", name=body.name, item=log, count=3, slot=20)
        await self._until(lambda s: s.inventory.count(log) == 3)
        await hands.equip(log, "hand")
        self.step = "place"
        await hands.place((x + 4, y, z), "up")
        await self._until(lambda s: s.inventory.count(log) == 2)
        await self._work(hands, log, (x + 3, y + 2, z + 1))

    async def _work(self, hands: MineflayerHands, log: str, chest: tuple[int, int, int]) -> None:
        body, server = self._body, self._server
        self.step = "craft"
        planks = "oak_planks" if "oak_planks" in body.tables.recipes else "planks"
        recipe = next(r for r in body.tables.recipes[planks] if r.ingredients[0][0] == log)
        await hands.craft(recipe, 1, None)
        await self._until(lambda s: s.inventory.count(planks) == 4)
        self.step = "chest"
        await server.do("setblock", pos=list(chest), block="chest")
        await asyncio.sleep(1)
        await hands.open_container(chest)
        await hands.put(planks, 3)
        inside = (await hands.take(planks, 1)).count(planks)
        await hands.close_window()
        if inside != 2:
            raise _NotSeenError(f"{inside} planks in the chest, not 2")
        self.step = "eat"
        await server.do("give", name=body.name, item="bread", count=2, slot=21)
        await server.do("food", name=body.name, food=10)
        await self._until(lambda s: s.food == 10 and s.inventory.count("bread") == 2)
        await hands.equip("bread", "hand")
        await hands.consume()
        await self._until(lambda s: s.food > 10)
        self.step = "stop"
        await body.stop()

    async def _until(self, holds: Callable[[BodyState], bool]) -> None:
        deadline = time.monotonic() + _SEEN_SECONDS
        while not holds(state := await self._body.observe()):
            if time.monotonic() > deadline:
                raise _NotSeenError(str(state))
            await asyncio.sleep(0.05)


async def _try(version: str) -> str | None:
    """What failed, or None."""
    server = await ProtocolServer.start(version=version)
    body = MineflayerBody(options(server, version=None))
    trial = _Trial(server, body)
    try:
        async with asyncio.timeout(_TRIAL_SECONDS):
            await trial.run()
    except (ActionFailed, UserError, _NotSeenError, TimeoutError) as error:
        return f"{trial.step}: {type(error).__name__} {error}"
    finally:
        await body.close()
        await server.stop()
    return None


def main() -> bool:
    """Print how each version fared; True if all did."""
    failed = 0
    for version in VERSIONS:
        problem = asyncio.run(_try(version))
        failed += problem is not None
        print(f"{version}: {problem or 'entered, walked, dug, placed, crafted, used a chest, ate'}", flush=True)
    print(f"{len(VERSIONS) - failed} of {len(VERSIONS)} versions")
    return failed == 0


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
