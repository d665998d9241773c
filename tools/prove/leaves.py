"""Leaves keep their word: every outcome of every leaf in two worlds, and cancellation at 1,000 random moments.

The worlds are the simulated one and the protocol server of the tests with mineflayer, in real time. After a cancelled
run the body stands still, no window is open, and nothing was lost or made. `LEAVES=dig_block,sleep` asks for some.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence

from conscious_bot.leaves.catalogue import default_catalogue
from conscious_bot.testing import CASES, Kit, LeafCases, Row, SimulatedPlaces, table
from tools.prove._server_places import ServerPlaces

__all__ = ["main"]

CANCELS = 1_000


def _simulated(chosen: Sequence[LeafCases]) -> list[Row]:
    places = SimulatedPlaces()
    return [row for cases in chosen for row in places.check(cases, cancels=2)]


async def _on_server(chosen: Sequence[LeafCases]) -> list[Row]:
    rows: list[Row] = []
    async with ServerPlaces.open() as places:
        kit = Kit(places.place)
        for number, cases in enumerate(chosen, 1):
            found = await kit.check(cases, cancels=2)
            # Real time on a busy machine: what did not come out is tried once more, and has to.
            failed = {row.outcome for row in found if row.status == "FAILED"}
            if failed:
                print(f"  again: {cases.leaf} {', '.join(sorted(failed))}", flush=True)
                again = await kit.check(cases, cancels=2)
                found = again
            rows += found
            print(f"  {number} of {len(chosen)} leaves on the server: {cases.leaf}", flush=True)
    return rows


def _cancelled(chosen: Sequence[LeafCases]) -> list[str]:
    """Cancel runs at random moments in the simulated world; what was wrong afterwards."""
    places = SimulatedPlaces()
    wrong: list[str] = []
    for number in range(CANCELS):
        cases = chosen[number % len(chosen)]
        problem = places.cancel(cases.leaf, cases.success)
        if problem is not None:
            wrong.append(f"{cases.leaf}: {problem}")
            print(f"  {wrong[-1]}", flush=True)
        if (number + 1) % 100 == 0:
            print(f"  {number + 1} of {CANCELS} cancelled", flush=True)
    return wrong


def main() -> bool:
    """The tables of all outcomes, then the cancellations."""
    names = os.environ.get("LEAVES", "")
    chosen = [cases for cases in CASES if not names or cases.leaf in names.split(",")]
    simulated = _simulated(chosen)
    print(table(simulated, "the simulated world"), flush=True)
    served = asyncio.run(_on_server(chosen))
    print(table(served, "the protocol server"), flush=True)
    shown = {(row.leaf, row.outcome) for row in (*simulated, *served) if row.status == "ok"}
    nowhere = sorted({(row.leaf, row.outcome) for row in (*simulated, *served)} - shown)
    print(f"  in no world: {', '.join(f'{leaf} {outcome}' for leaf, outcome in nowhere) or 'none'}", flush=True)
    mutating = {spec.name for spec in default_catalogue().specs() if spec.mutating}
    moving = [cases for cases in chosen if cases.leaf in mutating]
    wrong = _cancelled(moving) if moving else []
    print(
        f"{CANCELS} runs of {len(moving)} mutating leaves cancelled at random moments, {len(wrong)} with a trace left"
    )
    return not wrong and all(row.status != "FAILED" for row in (*simulated, *served))
