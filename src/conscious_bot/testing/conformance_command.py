"""`conscious-bot conformance`: the probes on the built-in world or on a server, and every leaf on a server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from conscious_bot.body.mineflayer import MineflayerBody, MineflayerOperator, ServerOptions
from conscious_bot.body.port import Body, Operator
from conscious_bot.contracts import UserError
from conscious_bot.game.tables import Tables
from conscious_bot.simulation.body import SimulatedBody
from conscious_bot.simulation.commands import SimulatedOperator
from conscious_bot.simulation.loop import run_virtual
from conscious_bot.simulation.world import SimulatedWorld
from conscious_bot.testing.conformance import examine, summary
from conscious_bot.testing.conformance_probes import PROBES
from conscious_bot.testing.leaf_cases import CASES
from conscious_bot.testing.leaf_kit import Kit, Row
from conscious_bot.testing.server_places import ServerPlaces

__all__ = ["run", "run_leaves"]

_SETTLE_SECONDS = 1.0
_SEED = 1


def run(server: ServerOptions | None, probes: Sequence[str] = ()) -> dict[str, Any]:
    """Run the named probes, or all of them; None is a flat built-in world. UserError for an unknown probe."""
    unknown = sorted(set(probes) - PROBES.keys())
    if unknown:
        raise UserError(f"there is no probe {', '.join(unknown)}", f"choose from: {', '.join(PROBES)}")
    wanted = {name: probe for name, probe in PROBES.items() if not probes or name in probes}

    async def play(body: Body, operator: Operator, world: str) -> dict[str, Any]:
        await body.open()
        try:
            await asyncio.sleep(_SETTLE_SECONDS)
            return summary(world, body.tables.version, await examine(body, operator, wanted))
        finally:
            await body.close()

    if server is not None:
        on_server = MineflayerBody(server)
        return asyncio.run(play(on_server, MineflayerOperator(on_server), str(server.address)))
    world = SimulatedWorld.create(_SEED, Tables.builtin(), "flat")
    return run_virtual(play(SimulatedBody(world), SimulatedOperator(world), "sim"), world)


def run_leaves(
    server: ServerOptions, leaves: Sequence[str] = (), *, say: Callable[[Sequence[Row]], None]
) -> tuple[str, list[Row]]:
    """Have the named leaves, or all, end in every way they can on a flat server; its version and what came of each.

    `say` hears of each leaf when it is through. UserError for an unknown leaf.
    """
    known = {cases.leaf: cases for cases in CASES}
    unknown = sorted(set(leaves) - known.keys())
    if unknown:
        raise UserError(f"there is no leaf {', '.join(unknown)}", f"choose from: {', '.join(known)}")

    async def play() -> tuple[str, list[Row]]:
        places = ServerPlaces(server)
        kit = Kit(places.place, seed=_SEED)
        rows: list[Row] = []
        try:
            for cases in (known[name] for name in leaves or known):
                found = await kit.check(cases)
                say(found)
                rows += found
        finally:
            await places.close()
        return places.version, rows

    return asyncio.run(play())
