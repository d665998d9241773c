"""The walking leaves on the protocol server: ways made with blocks, troubles on the way, and a body that stands still.

Courses hang in the air above the test world, so that a missed step is a fall.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from tests.protocol_server.harness import ProtocolServer, options

from conscious_bot.body.mineflayer import MineflayerBody
from conscious_bot.contracts import ActionResult, BlockPos, IdSource, Permission
from conscious_bot.leaves.catalogue import default_catalogue
from conscious_bot.leaves.runner import LeafRunner

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="session")]

NAME = "Pilgrim"


@dataclass
class Pilgrim:
    """A body of these tests' own, with its runner, and the corner of the course it stands on."""

    server: ProtocolServer
    body: MineflayerBody
    runner: LeafRunner
    at: BlockPos

    async def floor(self, xs: range, zs: range, y: int = -1) -> None:
        for x in xs:
            for z in zs:
                pos = [self.at[0] + x, self.at[1] + y, self.at[2] + z]
                await self.server.do("setblock", pos=pos, block="stone")

    async def put(self, dx: float, dy: float, dz: float) -> None:
        x, y, z = self.at[0] + dx + 0.5, self.at[1] + dy, self.at[2] + dz + 0.5
        deadline = time.monotonic() + 10
        while math.dist((state := await self.body.observe()).position, (x, y, z)) > 0.3 or not state.on_ground:
            assert time.monotonic() < deadline, state
            if state.on_ground:  # not there yet, or there before the floor was, and fell
                await self.server.do("teleport", name=NAME, position=[x, y, z])
            await asyncio.sleep(0.25)

    async def go(self, dx: int, dy: int, dz: int) -> ActionResult:
        goal = [self.at[0] + dx, self.at[1] + dy, self.at[2] + dz]
        return await self.runner.run("sterling_navigate", {"goal": goal, "toleranceXZ": 0})


class _Clock:
    def now(self) -> float:
        return asyncio.get_running_loop().time()


@pytest_asyncio.fixture(loop_scope="session")
async def pilgrim(server: ProtocolServer) -> AsyncIterator[Pilgrim]:
    body = MineflayerBody(options(server, NAME))
    await body.open()
    runner = LeafRunner(
        body, default_catalogue(), _Clock(), IdSource("walk"), granted=frozenset(Permission), record=lambda _: None
    )
    x, y, z = (await body.observe()).block
    try:
        yield Pilgrim(server, body, runner, (x, y + 25, z))
    finally:
        runner.close()
        await body.close()


@pytest.mark.requirement("STER-06")
async def test_a_gap_too_wide_to_jump_is_bridged_and_a_wall_pillared_up(pilgrim: Pilgrim) -> None:
    await pilgrim.floor(range(-1, 2), range(-1, 2))
    await pilgrim.floor(range(7, 10), range(-1, 2))
    await pilgrim.floor(range(9, 12), range(-1, 2), 2)
    await pilgrim.put(0, 0, 0)
    await pilgrim.server.do("give", name=NAME, item="cobblestone", count=16, slot=36)
    deadline = time.monotonic() + 5
    while not (await pilgrim.body.observe()).inventory.count("cobblestone"):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    result = await pilgrim.go(11, 3, 0)
    assert result.ok, result
    state = await pilgrim.body.observe()
    assert state.block == (pilgrim.at[0] + 11, pilgrim.at[1] + 3, pilgrim.at[2])
    assert state.health == 20
    assert result.observables["output"]["made"] >= 10
    assert state.inventory.count("cobblestone") < 12


@pytest.mark.requirement("STER-04")
async def test_a_wall_on_the_way_and_a_push_off_it_are_answered_by_new_plans(pilgrim: Pilgrim) -> None:
    await pilgrim.floor(range(-1, 18), range(-3, 4))
    await pilgrim.put(0, 0, 0)
    walk = asyncio.ensure_future(pilgrim.go(16, 0, 0))
    await asyncio.sleep(1.0)
    x, y, z = pilgrim.at
    for dz in range(-3, 3):
        for dy in (0, 1, 2):
            await pilgrim.server.do("setblock", pos=[x + 10, y + dy, z + dz], block="bedrock")
    await asyncio.sleep(0.8)
    await pilgrim.server.do("teleport", name=NAME, position=[x + 2.5, y, z - 1.5])
    result = await walk
    assert result.ok, result
    assert (await pilgrim.body.observe()).block == (x + 16, y, z)
    output = result.observables["output"]
    # The wall comes block by block: who replans before it is whole replans again.
    assert output["replanCount"] in (2, 3), output
    assert "changed" in output["why"][0]
    assert any("deviated" in why for why in output["why"][1:])


@pytest.mark.requirement("LEAF-06")
async def test_a_walk_that_is_cancelled_leaves_the_body_still(pilgrim: Pilgrim) -> None:
    await pilgrim.floor(range(-1, 18), range(1))
    for seconds in (0.3, 0.9, 1.4):
        await pilgrim.put(0, 0, 0)
        walk = asyncio.ensure_future(pilgrim.go(16, 0, 0))
        await asyncio.sleep(seconds)
        walk.cancel()
        with pytest.raises(asyncio.CancelledError):
            await walk
        here = (await pilgrim.body.observe()).position
        await asyncio.sleep(0.3)
        state = await pilgrim.body.observe()
        assert math.dist(state.position, here) < 0.01
        assert state.block[1] == pilgrim.at[1]
