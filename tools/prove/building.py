"""Building: orders by the rules of the game, the pyramid block by block, shelters in wild country, cut short or not.

1. Random heaps, houses and towers: each order is replayed by rules that know nothing of how it was found.
2. The pyramid of the building tasks in the simulated world, its materials in the inventory: every block stands.
3. Shelters in generated worlds: a site is chosen and prepared, a shelter built, and closed by a flood of air that
   is counted here; in half of them building is cancelled at a random moment, twice, and taken up again.
"""

from __future__ import annotations

import asyncio
import json
import random
import statistics
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from conscious_bot.contracts import ActionResult, BlockPos, Event, IdSource, Permission
from conscious_bot.game.tables import Tables
from conscious_bot.leaves.catalogue import default_catalogue
from conscious_bot.leaves.runner import LeafRunner
from conscious_bot.simulation.body import SimulatedBody
from conscious_bot.simulation.commands import SimulatedOperator
from conscious_bot.simulation.loop import run_virtual
from conscious_bot.simulation.world import SimulatedWorld
from conscious_bot.sterling.construction import solve_bundle
from conscious_bot.sterling.construction_blueprint import read_blueprint

__all__ = ["main"]

HEAPS = 100
SHELTERS = 40
_FOLDER = Path(__file__).resolve().parents[2] / "tests/data/blueprints"
Run = Callable[..., Awaitable[ActionResult]]
Script = Callable[[SimulatedBody, Callable[[str], Awaitable[None]], Run], Awaitable[Any]]


class _LoopClock:
    def now(self) -> float:
        return asyncio.get_running_loop().time()


def _play(seed: int, preset: str, script: Script) -> tuple[SimulatedWorld, Any]:
    world = SimulatedWorld.create(seed, Tables.builtin(), preset, view=4)
    body = SimulatedBody(world)
    operator = SimulatedOperator(world)
    events: list[Event] = []

    async def main() -> Any:
        await body.open()
        await asyncio.sleep(1.0)
        runner = LeafRunner(
            body, default_catalogue(), _LoopClock(), IdSource("build"),
            granted=frozenset(Permission), record=events.append, seed=seed,
        )  # fmt: skip

        async def run(name: str, **args: Any) -> ActionResult:
            return await runner.run(name, args)

        return await script(body, operator.command, run)

    return world, run_virtual(main(), world)


def _heap(rng: random.Random) -> dict[str, Any]:
    """A random building: scattered blocks, a house, or a tower."""
    kind = rng.choice(["heap", "house", "tower"])
    width, depth = rng.randint(2, 7), rng.randint(2, 7)
    height = {"heap": rng.randint(1, 6), "house": rng.randint(3, 6), "tower": rng.randint(7, 12)}[kind]
    if kind == "tower":
        width, depth = min(width, 4), min(depth, 4)
    names = ["stone", "oak_planks", "glass", "bricks"]
    rows = [[["air"] * width for _ in range(depth)] for _ in range(height)]
    for y in range(height):
        for z in range(depth):
            for x in range(width):
                edge = x in (0, width - 1) or z in (0, depth - 1) or (kind == "house" and y == height - 1)
                if rng.random() < 0.5 if kind == "heap" else edge and rng.random() < 0.97:
                    rows[y][z][x] = rng.choice(names)
    rows[0][0][0] = "stone"
    return {"levels": [{"level": y, "coordinates": [0, y, 0], "placement": rows[y]} for y in range(height)]}


def orders(count: int) -> bool:
    """Random buildings, ordered and replayed."""
    # The tests' own rules: they know nothing of the solver.
    from tests.sterling.building_rules import RuleBrokenError, replay  # noqa: PLC0415

    rng = random.Random(1)
    tables = Tables.builtin()
    times: list[float] = []
    broken = impossible = scaffold = blocks = 0
    for number in range(count):
        raw = _heap(rng)
        begin = time.perf_counter()
        answer = dict(solve_bundle(raw, tables).result)
        times.append((time.perf_counter() - begin) * 1e3)
        blueprint = read_blueprint(raw, tables)
        if answer["status"] != "solved":
            impossible += 1
            print(f"  building {number}: no order; {answer['unplaced'][:2]}")
            continue
        blocks += len(blueprint.pieces)
        scaffold += answer["scaffold"]["count"]
        try:
            yard = replay(answer, blueprint.low[1])
        except RuleBrokenError as error:
            broken += 1
            print(f"  building {number}: {error}")
            continue
        if yard.blocks != {piece.pos: piece.block for piece in blueprint.pieces}:
            broken += 1
            print(f"  building {number}: something else stands in the end")
    print(
        f"random buildings: {count}, ordered {count - impossible}, rules broken in {broken}; {blocks} blocks with "
        f"{scaffold} of scaffold; median {statistics.median(times):.1f} ms, worst {max(times):.0f} ms"
    )
    return broken == 0 and impossible == 0


def pyramid() -> bool:
    """The whole pyramid in the simulated world."""
    raw = json.loads((_FOLDER / "pyramid.json").read_text(encoding="utf-8"))
    plan = read_blueprint(raw, Tables.builtin())

    async def script(body: SimulatedBody, command: Callable[[str], Awaitable[None]], run: Run) -> Any:
        for item, count in plan.materials.items():
            await command(f"give {body.name} {item} {count}")
        x, y, z = body.state().block
        corner = (x + 4, y, z + 4)
        return corner, await run("build_module", blueprint=raw, pos=list(corner))

    world, (corner, result) = _play(1, "flat", script)
    by = tuple(c - low for c, low in zip(corner, plan.low, strict=True))
    there = plan.moved((by[0], by[1], by[2]))
    right = sum(world.tables.name_of(world.voxels.get(piece.pos)) == piece.block for piece in there.pieces)
    seconds = result.ended_at - result.started_at
    print(f"pyramid: {right} of {len(there.pieces)} blocks stand; {seconds:.0f} s of game time; {result.error or 'ok'}")
    return result.ok and right == len(there.pieces)


def _room(world: SimulatedWorld, start: BlockPos) -> int:
    """Cells of air joined to one, up to 200."""
    found, waiting = {start}, [start]
    while waiting and len(found) < 200:
        x, y, z = waiting.pop()
        for to in ((x + 1, y, z), (x - 1, y, z), (x, y + 1, z), (x, y - 1, z), (x, y, z + 1), (x, y, z - 1)):
            name = world.tables.name_of(world.voxels.get(to))
            if to not in found and (name == "air" or name.endswith(("torch", "grass"))):
                found.add(to)
                waiting.append(to)
    return len(found)


def shelters(count: int) -> bool:
    """Shelters in generated worlds, half of them cut short twice."""
    closed = resumed = cut = no_site = 0
    seconds: list[float] = []
    for seed in range(1, count + 1):
        rng = random.Random(seed)
        door = rng.random() < 0.5
        cuts = [rng.uniform(0.5, 14.0) for _ in range(2)] if seed % 2 else []

        async def script(
            body: SimulatedBody,
            command: Callable[[str], Awaitable[None]],
            run: Run,
            door: bool = door,
            cuts: list[float] = cuts,
        ) -> Any:
            for item, number in (("cobblestone", 64), ("torch", 1), ("dirt", 32), ("oak_door", 1), ("iron_shovel", 1)):
                await command(f"give {body.name} {item} {number}")
            site = await run("prepare_site", radius=24)
            if not site.ok:
                return site, 0
            named = {"door": "oak_door"} if door else {}
            args = {"module": "shelter", "pos": site.observables["output"]["pos"], "material": "cobblestone", **named}
            stopped = 0
            for after in cuts:
                building = asyncio.ensure_future(run("build_module", **args))
                done, _ = await asyncio.wait([building], timeout=after)
                if not done:
                    stopped += 1
                    building.cancel()
                    await asyncio.wait([building])
            return await run("build_module", **args), stopped

        world, (result, stopped) = _play(seed, "default", script)
        output = result.observables.get("output", {})
        if not result.ok and "stand" not in output:
            reason = str(result.error.detail if result.error else "")
            no_site += result.observables["leaf"].startswith("prepare_site")
            print(f"  seed {seed}: {result.observables['leaf']}: {reason[:200]}")
            continue
        x, y, z = output["stand"]
        room = _room(world, (x, y, z))
        closed += room == 12
        cut += stopped
        resumed += bool(stopped) and room == 12
        seconds.append(result.ended_at - result.started_at)
    print(
        f"shelters: {closed} of {count} closed (a room of 12 cells); cut short {cut} times, {resumed} of them finished "
        f"after that; no site in {no_site}; median {statistics.median(seconds):.0f} s of game time"
    )
    return closed + no_site == count and no_site <= count // 10


def main() -> bool:
    """All three; True if nothing was broken."""
    return all([orders(HEAPS), pyramid(), shelters(SHELTERS)])
