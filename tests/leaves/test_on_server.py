"""The shipped leaves on a real protocol: mineflayer on the test server with its survival rules."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from tests.protocol_server.harness import ProtocolServer, ServerConsole, brought_home, options
from tests.recordings.sessions import SESSIONS

from conscious_bot.body.mineflayer import MineflayerBody, MineflayerOperator
from conscious_bot.contracts import Event, IdSource, Permission
from conscious_bot.leaves.catalogue import default_catalogue
from conscious_bot.leaves.runner import LeafRunner
from conscious_bot.testing import CASES, Kit, table
from conscious_bot.testing.server_places import ServerPlaces

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="session"), pytest.mark.requirement("WORLD-01")]


class _LoopClock:
    def now(self) -> float:
        return asyncio.get_running_loop().time()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def leafy(running_server: ProtocolServer) -> AsyncIterator[tuple[MineflayerBody, LeafRunner]]:
    """A body with a leaf runner on it; it has the name that the sessions' commands give."""
    body = MineflayerBody(options(running_server, "Leafy"))
    await body.open()
    ignored: list[Event] = []
    granted = frozenset(Permission)
    runner = LeafRunner(
        body, default_catalogue(), _LoopClock(), IdSource("server"), granted=granted, record=ignored.append, seed=1
    )
    try:
        yield body, runner
    finally:
        runner.close()
        await body.close()


@pytest.mark.parametrize("family", ["interaction", "acquiring", "crafting", "eating"])
async def test_a_familys_leaves_come_to_what_they_promise_on_a_server(server, leafy, family: str) -> None:
    body, runner = leafy
    await brought_home(server, body)
    operator = MineflayerOperator(body, answer_seconds=0.05, echo=True)
    for command in SESSIONS[family].commands:
        await operator.command(command.replace("Walker", "Leafy"))
    await asyncio.sleep(SESSIONS[family].wait)
    results = {}
    for run in SESSIONS[family].runs:
        result = await runner.run(run.leaf, run.args)
        results[run.leaf, str(run.args)] = "ok" if result.ok else str(result.error.code)  # type: ignore[union-attr]
        if result.ok:
            assert result.changed
    failed = {key: code for key, code in results.items() if code != "ok"}
    # Without cobblestone there is no furnace, and it is said before anything is touched.
    assert set(failed.values()) <= {"craft.missingInput"}
    assert runner.unknown_errors == 0


async def test_a_long_smelt_takes_its_time_and_its_fuel_on_a_server(server, leafy) -> None:
    body, runner = leafy
    await brought_home(server, body)
    operator = MineflayerOperator(body, answer_seconds=0.05, echo=True)
    for command in SESSIONS["smelting"].commands:
        await operator.command(command.replace("Walker", "Leafy"))
    smelting = asyncio.ensure_future(runner.run("smelt", {"input": "raw_iron", "qty": 2}))
    while not smelting.done():
        await asyncio.sleep(0.5)
        await server.do("pass", ticks=60)  # the server's fires burn faster than its clock
    result = smelting.result()
    assert result.ok, result
    assert (await body.observe()).inventory.counts() == {"iron_ingot": 2}


@pytest.mark.requirement("LEAF-05", "LEAF-06")
async def test_a_leaf_goes_through_every_way_it_can_end_on_a_server(start_server) -> None:
    """A sample; `make prove ARGS=leaves` takes them all there."""
    (cases,) = [cases for cases in CASES if cases.leaf == "toss"]
    level = await start_server(flat=True)
    places = ServerPlaces(options(level, "Kit"), console=ServerConsole(level))
    try:
        rows = await Kit(places.place, seed=5).check(cases, cancels=1)
    finally:
        await places.close()
        await level.stop()
    assert {row.status for row in rows} == {"ok"}, table(rows, "the protocol server")
