"""Success is never claimed for nothing: 10,000 runs of random leaves with random arguments in random worlds.

The judge reads the simulated world's own arrays (voxels, the player's row and slots, creatures, the clock),
not the senses that leaves and runner use. What a successful run declares as the difference has to be there, and
what an unsuccessful one ends with has to be a code that its leaf declares, or one that may befall any.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from conscious_bot.contracts import ActionResult, BlockPos, IdSource, LeafSpec, Permission
from conscious_bot.game.tables import Tables
from conscious_bot.leaves.catalogue import default_catalogue
from conscious_bot.leaves.failures import COMMON
from conscious_bot.leaves.run_state import RunState
from conscious_bot.leaves.runner import LeafRunner
from conscious_bot.simulation import state as s
from conscious_bot.simulation.body import SimulatedBody
from conscious_bot.simulation.commands import SimulatedOperator
from conscious_bot.simulation.creatures.layout import KINDS
from conscious_bot.simulation.loop import run_virtual
from conscious_bot.simulation.world import SimulatedWorld
from conscious_bot.world.region import Box

__all__ = ["Judge", "main", "run_many"]

RUNS = 10_000
_RUNS_PER_WORLD = 40
_SKIPPED = frozenset({"wait"})  # it lets time pass and promises nothing else

_BLOCKS = (
    "stone", "dirt", "oak_log", "oak_planks", "cobblestone", "iron_ore", "gravel", "water", "glass", "chest", "furnace",
    "crafting_table", "torch", "oak_leaves", "farmland", "wheat[age=7]", "lever", "oak_trapdoor", "air", "air",
)  # fmt: skip
_ITEMS = (
    "stone", "dirt", "oak_log", "oak_planks", "stick", "cobblestone", "raw_iron", "coal", "torch", "iron_pickaxe",
    "wooden_hoe", "stone_sword", "wheat_seeds", "carrot", "bread", "golden_apple", "red_bed", "chest", "furnace",
    "crafting_table", "bucket", "shield", "iron_helmet", "iron_axe", "bone_meal",
)  # fmt: skip
_BY_ITSELF = frozenset({("dirt", "grass_block"), ("grass_block", "dirt"), ("farmland", "dirt")})
"""What turns into what without anybody's doing: grass spreads and dies, fields dry."""


class _LoopClock:
    def now(self) -> float:
        return asyncio.get_running_loop().time()


@dataclass(frozen=True, slots=True)
class _Seen:
    """The world at one moment, from its own arrays."""

    blocks: np.ndarray[Any, Any]
    low: BlockPos
    items: Counter[str]
    held: str | None
    place: tuple[float, float, float]
    alive: bool
    creatures: dict[int, float]


class Judge:
    """Looks at one player's surroundings in the arrays of a world."""

    def __init__(self, world: SimulatedWorld) -> None:
        self._world = world

    def look(self, around: BlockPos) -> _Seen:
        """Everything within 24 blocks to the sides of a cell."""
        world = self._world
        player = world.players[0]
        inventory = player.inventory
        stacks = [*inventory.slots, *inventory.worn.values()]
        items: Counter[str] = Counter()
        for stack in stacks:
            if stack is not None:
                items[stack.item] += stack.count
        held = inventory.slots[inventory.selected]
        row = world.arrays.pf[player.index]
        low = (around[0] - 24, max(-64, around[1] - 12), around[2] - 24)
        blocks = world.voxels.scan(Box(low, (low[0] + 48, low[1] + 24, low[2] + 48))).blocks
        creatures = {view.id: view.health or 0.0 for view in world.herd.views()}
        place = (float(row[s.PF_X]), float(row[s.PF_Y]), float(row[s.PF_Z]))
        return _Seen(blocks, low, items, None if held is None else held.item, place, world.is_alive(player), creatures)

    def problems(self, result: ActionResult, before: _Seen, after: _Seen) -> list[str]:
        """What a successful result declares and the arrays do not show."""
        declared: dict[str, Any] = result.observables.get("difference", {})
        found: list[str] = []
        gained = {i: after.items[i] - before.items[i] for i in {*before.items, *after.items}}
        gained = {item: count for item, count in gained.items() if count}
        if gained != declared.get("inventory", {}):
            found.append(f"inventory: declared {declared.get('inventory', {})}, seen {gained}")
        for change in declared.get("blocks", []):
            for moment, seen in (("before", before), ("after", after)):
                name, told = self._name(seen, change["pos"]), change[moment].partition("[")[0]
                # Before is when the leaf first touched it, a while after the judge looked.
                if name is not None and name != told and not (moment == "before" and (name, told) in _BY_ITSELF):
                    found.append(f"{change['pos']} {moment}: declared {change[moment]}, seen {name}")
        moved = max(abs(a - b) for a, b in zip(before.place, after.place, strict=True))
        if "position" in declared and moved < 0.15:
            found.append(f"position: declared {declared['position']}, it moved {moved:.2f}")
        if "held" in declared and (before.held, after.held) != (declared["held"]["before"], declared["held"]["after"]):
            found.append(f"held: declared {declared['held']}, seen {before.held}, {after.held}")
        if "revived" in declared and not (after.alive and not before.alive):
            found.append("revived: declared, not seen")
        for creature in declared.get("creatures", []):
            was, now = before.creatures.get(creature["id"]), after.creatures.get(creature["id"])
            if was is None or (now is not None and now >= was):
                found.append(f"creature {creature}: seen {was}, {now}")
        if result.changed and not declared:
            found.append("changed, and no difference declared")
        return found

    def _name(self, seen: _Seen, pos: list[int]) -> str | None:
        index = tuple(p - low for p, low in zip(pos, seen.low, strict=True))
        if any(not 0 <= i < n for i, n in zip(index, seen.blocks.shape, strict=True)):
            return None
        return self._world.tables.name_of(int(seen.blocks[index]))


def _value(rng: random.Random, schema: dict[str, Any], feet: BlockPos, key: str, entities: list[int]) -> Any:
    """A value that fits the schema of a property, more or less likely to make sense."""
    if "enum" in schema:
        return rng.choice(schema["enum"])
    kind = schema.get("type")
    if kind == "boolean":
        return rng.random() < 0.5
    if key in ("entityId", "id"):
        return rng.choice(entities) if entities and rng.random() < 0.9 else rng.randrange(1000)
    if kind in ("integer", "number"):
        low = int(schema.get("minimum", 0))
        return rng.randint(low, min(int(schema.get("maximum", low + 8)), low + 8))
    if "block cell" in str(schema.get("description", "")):
        spread = rng.choice((1, 2, 4, 7))
        x, y, z = feet
        return [x + rng.randint(-spread, spread), y + rng.randint(-2, 2), z + rng.randint(-spread, spread)]
    if kind == "array":
        return [_value(rng, schema["items"], feet, key, entities)]
    if "anyOf" in schema:
        return _value(rng, rng.choice(schema["anyOf"]), feet, key, entities)
    if key == "message":
        return "hello"
    if key in ("resource", "names", "expect"):
        return rng.choice(_BLOCKS).partition("[")[0]
    if key == "kind":
        return rng.choice(KINDS)
    return rng.choice(_ITEMS)


def random_args(rng: random.Random, spec: LeafSpec, feet: BlockPos, entities: list[int]) -> dict[str, Any]:
    """Arguments that fit a leaf's input schema."""
    schema = spec.input_schema
    properties: dict[str, Any] = schema["properties"]
    chosen = set(schema.get("required", ()))
    exclusive = [set(option["required"]) for option in schema.get("oneOf", ())]
    either = set[str]().union(*exclusive) if exclusive else set[str]()
    if exclusive:
        chosen |= rng.choice(exclusive)
    chosen |= {key for key in properties if key not in either and rng.random() < 0.5}
    if spec.name == "follow_entity":
        chosen.add("ms")
    return {key: _value(rng, properties[key], feet, key, entities) for key in sorted(chosen)}


async def _furnish(rng: random.Random, world: SimulatedWorld, body: SimulatedBody) -> None:
    """Blocks, items, creatures and a time of day, by chance."""
    operator = SimulatedOperator(world)
    x, y, z = body.state().block
    for _ in range(30):
        block = rng.choice(_BLOCKS)
        cell = (x + rng.randint(-7, 7), y + rng.choice((-1, -1, 0, 0, 1, 2)), z + rng.randint(-7, 7))
        if (cell[0], cell[2]) != (x, z):
            await operator.command(f"setblock {cell[0]} {cell[1]} {cell[2]} {block}")
    for item in rng.sample(_ITEMS, 10):
        count = 1 if world.tables.items[item].stack_size == 1 else rng.randint(1, 12)
        await operator.command(f"give Bot {item} {count}")
    for _ in range(rng.randrange(3)):
        kind = rng.choice(KINDS)
        await operator.command(f"summon {kind} {x + rng.randint(-8, 8)} {y + 1} {z + rng.randint(-8, 8)}")
    world.time_of_day = rng.choice((1000, 6000, 14000, 18000))


async def _live(rng: random.Random, world: SimulatedWorld, runs: int, counts: Counter[str], wrong: list[str]) -> None:
    body = SimulatedBody(world)
    await body.open()
    await asyncio.sleep(0.5)
    catalogue = default_catalogue()
    specs = [spec for spec in catalogue.specs() if spec.name not in _SKIPPED]
    runner = LeafRunner(
        body,
        catalogue,
        _LoopClock(),
        IdSource("truth"),
        granted=frozenset(Permission),
        record=lambda _event: None,
        seed=rng.randrange(1 << 30),
    )
    judge, state = Judge(world), RunState()
    await _furnish(rng, world, body)
    for _ in range(runs):
        if not body.state().alive:
            await runner.run("respawn", {})
        spec = rng.choice(specs)
        feet = body.state().block
        args = random_args(rng, spec, feet, [view.id for view in world.herd.views()])
        before = judge.look(feet)
        result = await runner.run(spec.name, args, state=state)
        outcome = "ok" if result.ok else str(result.error.code if result.error else "?")
        counts[outcome] += 1
        counts["changed"] += result.ok and result.changed
        if result.ok and spec.mutating:
            problems = judge.problems(result, before, judge.look(feet))
            wrong += [f"{spec.name} {args}: {problem}" for problem in problems]
        if result.error is not None and result.error.code not in spec.failures | COMMON:
            wrong.append(f"{spec.name} {args}: ended with the undeclared {result.error}")
    runner.close()
    await body.close()


def run_many(runs: int, seed: int = 1) -> tuple[Counter[str], list[str]]:
    """So many runs in worlds of their own, 40 in each: how they ended, and what was claimed but not so."""
    rng = random.Random(seed)
    tables = Tables.builtin()
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    done = 0
    while done < runs:
        part = min(_RUNS_PER_WORLD, runs - done)
        world = SimulatedWorld.create(rng.randrange(1 << 30), tables, "flat", view=3)
        world.difficulty = "easy"
        world.rules["doMobSpawning"] = False
        world.rules["mobGriefing"] = False  # what a creeper tears away is no leaf's doing
        run_virtual(_live(rng, world, part, counts, wrong), world)
        done += part
        if done % 1000 == 0:
            print(f"  {done} runs, {len(wrong)} wrong", flush=True)
    return counts, wrong


def main() -> bool:
    """All runs; True if every success was one."""
    counts, wrong = run_many(RUNS)
    print("  " + ", ".join(f"{outcome} {count}" for outcome, count in counts.most_common()))
    for problem in wrong[:50]:
        print(f"  {problem}")
    print(f"{RUNS} runs, {counts['ok']} succeeded, {len(wrong)} ended in a way that is not so or not declared")
    return not wrong
