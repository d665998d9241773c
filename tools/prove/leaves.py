"""Leaves keep their word: every outcome of every leaf in two worlds, and cancellation at 1,000 random moments.

The worlds are the simulated one and the protocol server of the tests with mineflayer, in real time; what came of a
run first is what counts. After a cancelled run the body stands still, no window is open, and nothing was lost or
made. `--leaf`, `--world` and `--cancels` take parts of it.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence

import structlog
from tests.protocol_server.harness import ProtocolServer, ServerConsole, options

from conscious_bot.leaves.catalogue import default_catalogue
from conscious_bot.testing import CASES, Kit, LeafCases, Row, SimulatedPlaces, table
from conscious_bot.testing.server_places import ServerPlaces

__all__ = ["main"]

CANCELS = 1_000
_SIMULATED = "the simulated world"
_SERVER = "the protocol server"


def _simulated(chosen: Sequence[LeafCases]) -> list[Row]:
    places = SimulatedPlaces()
    rows: list[Row] = []
    for cases in chosen:
        found = places.check(cases, cancels=2)
        _say(found, _SIMULATED)
        rows += found
    return rows


async def _on_server(chosen: Sequence[LeafCases], version: str) -> list[Row]:
    server = await ProtocolServer.start(version=version, flat=True)
    places = ServerPlaces(options(server, "Kit", version), console=ServerConsole(server))
    kit = Kit(places.place)
    rows: list[Row] = []
    try:
        for cases in chosen:
            found = await kit.check(cases, cancels=2)
            _say(found, _SERVER)
            rows += found
    finally:
        await places.close()
        await server.stop()
    return rows


def _say(rows: Sequence[Row], world: str) -> None:
    """What did not come out, as soon as a leaf is through."""
    failed = [f"{row.outcome} {row.detail}" for row in rows if row.status == "FAILED"]
    print(f"  {world}: {rows[0].leaf} {'; '.join(failed) or 'green'}", flush=True)


def _cancelled(chosen: Sequence[LeafCases], count: int) -> list[str]:
    """Cancel runs at random moments in the simulated world; what was wrong afterwards."""
    places = SimulatedPlaces()
    wrong: list[str] = []
    for number in range(count):
        cases = chosen[number % len(chosen)]
        problem = places.cancel(cases.leaf, cases.success)
        if problem is not None:
            wrong.append(f"{cases.leaf}: {problem}")
            print(f"  {wrong[-1]}", flush=True)
        if (number + 1) % 100 == 0:
            print(f"  {number + 1} of {count} cancelled", flush=True)
    return wrong


def main(arguments: Sequence[str] = ()) -> bool:
    """The tables of all outcomes, then the cancellations."""
    parser = argparse.ArgumentParser(prog="make prove ARGS=leaves")
    parser.add_argument("--leaf", action="append", choices=[cases.leaf for cases in CASES], metavar="NAME")
    parser.add_argument("--world", choices=["simulated", "server"], help="only there; both by default")
    parser.add_argument("--mc-version", default="1.20.4", help="what the protocol server speaks")
    parser.add_argument("--cancels", type=int, default=CANCELS)
    given = parser.parse_args(list(arguments))
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger("error"),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    chosen = [cases for cases in CASES if given.leaf is None or cases.leaf in given.leaf]
    rows: list[Row] = []
    if given.world != "server":
        rows += _simulated(chosen)
        print(table(rows, _SIMULATED), flush=True)
    if given.world != "simulated":
        served = asyncio.run(_on_server(chosen, given.mc_version))
        print(table(served, _SERVER), flush=True)
        rows += served
    seen = {(row.leaf, row.outcome) for row in rows if row.status == "ok"}
    nowhere = sorted({(row.leaf, row.outcome) for row in rows} - seen)
    print(f"  in no world: {', '.join(f'{leaf} {outcome}' for leaf, outcome in nowhere) or 'none'}", flush=True)
    mutating = {spec.name for spec in default_catalogue().specs() if spec.mutating}
    moving = [cases for cases in chosen if cases.leaf in mutating]
    wrong = _cancelled(moving, given.cancels) if moving and given.cancels else []
    print(
        f"{given.cancels} runs of {len(moving)} mutating leaves cancelled at random moments, {len(wrong)} with a "
        "trace left"
    )
    return not wrong and all(row.status != "FAILED" for row in rows)
