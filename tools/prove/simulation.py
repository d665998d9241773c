"""Long runs of random lives in the simulated world: nothing is made or lost, light stays right, bounds hold,
forks and saves go on as their world does.
"""

from __future__ import annotations

import asyncio
import math
import random
import zlib
from collections import Counter
from collections.abc import Iterator
from time import perf_counter

import numpy as np
from sqlalchemy import create_engine

from conscious_bot.body.port import Hands
from conscious_bot.contracts import ActionFailed, Primitive
from conscious_bot.memory.schema import metadata
from conscious_bot.simulation import state as s
from conscious_bot.simulation.body import SimulatedBody
from conscious_bot.simulation.commands import SimulatedOperator
from conscious_bot.simulation.creatures import layout
from conscious_bot.simulation.light import LightField
from conscious_bot.simulation.light_rules import light_rules
from conscious_bot.simulation.store import WorldStore
from conscious_bot.simulation.voxels import MIN_Y
from conscious_bot.simulation.world import SimulatedWorld
from conscious_bot.world.region import Box
from conscious_bot.world.state import ItemStack, block_of
from tools.prove._busy import busy, live, new_world

PRESETS = ("default", "flat", "void", "corridor_20_blocks_hostile_dies")

# Items


_ATOMS: dict[str, tuple[str, float]] = {
    "oak_log": ("wood", 4.0),
    "oak_planks": ("wood", 1.0),
    "stick": ("wood", 0.5),
    "crafting_table": ("wood", 4.0),
    "chest": ("wood", 8.0),
    "cobblestone": ("stone", 1.0),
    "stone": ("stone", 1.0),
    "furnace": ("stone", 8.0),
    "iron_ingot": ("iron", 1.0),
    "raw_iron": ("iron", 1.0),
    "grass_block": ("dirt", 1.0),
}
"""What things are made of, so that crafting, smelting, placing and digging change no sum."""
_GOODS = (
    "dirt 64", "cobblestone 100", "oak_log 12", "oak_planks 40", "raw_iron 30", "coal 20", "bread 20",
    "diamond_pickaxe", "diamond_axe",
)  # fmt: skip


def everything(world: SimulatedWorld) -> dict[str, float]:
    """All there is in a flat world by what it is made of: carried, lying about, stored, and standing there."""
    total: Counter[str] = Counter()
    for player in world.players:
        total += player.inventory.view().counts()
    for _, stack, _, _ in world.items():
        total[stack.item] += stack.count
    stored = world.storage.export()
    for _, slots in stored["chests"]:
        for stack in filter(None, slots):
            total[stack[0]] += stack[1]
    for _, _, *stacks, _, _, _, _ in stored["furnaces"]:
        for stack in filter(None, stacks):
            total[stack[0]] += stack[1]
    for sections in world.voxels.export_changes().values():
        for number, packed in sections.items():
            states, counts = np.unique(np.frombuffer(zlib.decompress(packed), "<u2"), return_counts=True)
            for state, count in zip(states.tolist(), counts.tolist(), strict=True):
                total[world.tables.name_of(state)] += count
            if number == 0:  # less what the generator made there
                total.subtract({"dirt": 2 * 256, "grass_block": 256, "bedrock": 256})
    found: dict[str, float] = {}
    for item, count in total.items():
        atom, worth = _ATOMS.get(item, (item, 1.0))
        found[atom] = found.get(atom, 0.0) + worth * count
    return {atom: count for atom, count in found.items() if count and atom not in ("air", *_TOOLS)}


_TOOLS = ("diamond_pickaxe", "diamond_axe")


def conserved(seed: int, acts: int) -> tuple[int, list[str]]:
    """A life of digging, placing, crafting, smelting, storing, tossing, eating and dying: acts done, and problems."""
    dice = random.Random(seed)
    world = new_world(seed, "flat", view=1)
    for rule, value in (("doMobSpawning", False), ("randomTickSpeed", 0)):
        world.rules[rule] = value
    done = 0
    problems: list[str] = []

    async def life(body: SimulatedBody, hands: Hands, operator: SimulatedOperator) -> None:
        nonlocal done
        for goods in _GOODS:
            await operator.command(f"give Bot {goods}")
        before, eaten = everything(world), 0
        for _ in range(acts):
            if world.age > 5_500:
                break  # what lies about longer than 6,000 ticks is gone, as in the game
            if not body.state().alive:
                await hands.respawn()
            try:
                async with asyncio.timeout(20):
                    eaten += await _deal(dice, body, hands, operator)
                done += 1
            except (ActionFailed, TimeoutError):
                await asyncio.sleep(0.1)
            problems.extend(out_of_bounds(world))
        after = everything(world)
        before["bread"] = before.get("bread", 0.0) - eaten
        burnt = before.pop("coal") - after.pop("coal", 0.0)
        smelted = _smelted(world)
        if burnt < 0 or smelted > 8 * burnt:
            problems.append(f"{burnt} coal smelted {smelted} things")
        problems.extend(
            f"{before.get(atom, 0.0)} {atom} became {after.get(atom, 0.0)}"
            for atom in sorted(before.keys() | after.keys())
            if abs(before.get(atom, 0.0) - after.get(atom, 0.0)) > 1e-9
        )

    live(world, life)
    return done, [f"seed {seed}: {problem}" for problem in problems]


def _smelted(world: SimulatedWorld) -> float:
    """How much of what there is came out of a furnace; stone that was placed and dug is cobblestone again."""
    total: Counter[str] = Counter()
    for player in world.players:
        total += player.inventory.view().counts()
    for _, stack, _, _ in world.items():
        total[stack.item] += stack.count
    return float(total["iron_ingot"] + total["stone"])


async def _deal(dice: random.Random, body: SimulatedBody, hands: Hands, operator: SimulatedOperator) -> int:
    """One act; how much bread was eaten in it."""
    x, y, z = body.state().block
    near = (x + dice.randint(-3, 3), y + dice.randint(-2, 1), z + dice.randint(-3, 3))
    have = body.state().inventory.counts()
    match dice.randrange(12):
        case 0 | 1:
            dx, dz = dice.choice(((1, 0), (-1, 0), (0, 1), (0, -1)))
            await hands.follow([Primitive(op="walk_E", to=(x + i * dx, y, z + i * dz)) for i in range(1, 5)])
        case 2 | 3:
            name = body.tables.name_of(int((await body.scan(_cell(near))).blocks[0, 0, 0]))
            await hands.equip("diamond_axe" if name.startswith("oak") or name == "chest" else "diamond_pickaxe", "hand")
            await hands.dig(near)
        case 4 | 5:
            blocks = [item for item in have if body.tables.items[item].block is not None]
            await hands.equip(_one(dice, blocks), "hand")
            await hands.place(near, "up")
        case 6:
            made = dice.choice(("oak_planks", "stick", "crafting_table", "chest", "furnace"))
            recipes = [r for r in body.tables.recipes[made] if all(i in have for i, _ in r.ingredients)]
            tables = await body.find_blocks(["crafting_table"], 4, 1)
            if recipes:
                await hands.craft(dice.choice(recipes), dice.randint(1, 2), tables[0] if tables else None)
        case 7 | 8:
            await _store(dice, body, hands, have)
        case 9:
            await hands.toss(_one(dice, sorted(set(have) - set(_TOOLS))), dice.randint(1, 20))
        case 10:
            await hands.equip("bread", "hand")
            before = body.state().inventory.counts().get("bread", 0)
            await hands.consume()
            return before - body.state().inventory.counts().get("bread", 0)
        case _:
            if dice.random() < 0.2:
                await operator.command("kill Bot")
            await operator.command("effect give Bot hunger 2 100")
            await asyncio.sleep(dice.random() * 8)
    return 0


async def _store(dice: random.Random, body: SimulatedBody, hands: Hands, have: dict[str, int]) -> None:
    found = await body.find_blocks(["chest", "furnace"], 4, 4)
    if not found:
        return
    view = await hands.open_container(dice.choice(found))
    try:
        for _ in range(4):
            if view.kind == "furnace" and dice.random() < 0.7:
                await hands.put("coal", dice.randint(1, 2), "fuel")
                await hands.put(dice.choice(("raw_iron", "cobblestone")), dice.randint(1, 6), "input")
                await asyncio.sleep(dice.random() * 12)
                await hands.take(dice.choice(("iron_ingot", "stone")), 1)
            elif dice.random() < 0.6:
                await hands.put(_one(dice, sorted(have)), dice.randint(1, 30), None)
            else:
                await hands.take(_one(dice, sorted(have)), dice.randint(1, 10), None)
    finally:
        await hands.close_window()


def _one(dice: random.Random, names: list[str]) -> str:
    return dice.choice(names) if names else "dirt"


def _cell(pos: tuple[int, int, int]) -> Box:
    return Box(pos, pos)


# Bounds


def out_of_bounds(world: SimulatedWorld) -> Iterator[str]:
    """Whatever lies outside what it can be."""
    arrays = world.arrays
    for player in world.players:
        f, i = arrays.pf[player.index], arrays.pi[player.index]
        if not np.isfinite(f).all() or not 0 <= f[s.PF_HEALTH] <= 20 or not 0 <= i[s.PI_FOOD] <= 20:
            yield f"{player.name} has health {f[s.PF_HEALTH]} and food {i[s.PI_FOOD]}"
        if not 0 <= f[s.PF_SATURATION] <= 20 or not -20 <= i[s.PI_AIR] <= 300 or f[s.PF_EXHAUSTION] < 0:
            yield f"{player.name} has saturation {f[s.PF_SATURATION]}, air {i[s.PI_AIR]}"
        if i[s.PI_ALIVE] and i[s.PI_ONLINE] and not (-600 < f[s.PF_Y] < 2000):
            yield f"{player.name} is at y {f[s.PF_Y]}"
        for stack in [*player.inventory.slots, *player.inventory.worn.values()]:
            yield from _bad(world, stack)
    for _, stack, place, velocity in world.items():
        yield from _bad(world, stack)
        if not all(math.isfinite(v) and abs(v) < 1e7 for v in (*place, *velocity)) or place[1] < 2 * MIN_Y:
            yield f"{stack} lies at {place}"
    stored = world.storage.export()
    for pos, slots in stored["chests"]:
        for stack in filter(None, slots):
            yield from _bad(world, ItemStack(*stack))
        if len(slots) != 27:
            yield f"the chest at {pos} has {len(slots)} slots"
    top = int(world.tables.state_count)
    for cx, cz in world.voxels.columns():
        most = int(world.voxels.states_of(cx, cz).max())
        if most >= top:
            yield f"column {cx}, {cz} holds state {most}"
    c, n = world.herd.arrays, len(world.herd)
    for f, i in zip(c.cf[:n], c.ci[:n], strict=True):
        kind = int(i[layout.CI_KIND])
        if not np.isfinite(f).all() or f[layout.CF_HEALTH] > c.kinds[kind, layout.KD_HEALTH]:
            yield f"a {layout.KINDS[kind]} has health {f[layout.CF_HEALTH]}"
        if not -600 < f[layout.CF_Y] < 2000:  # the void takes a moment to kill
            yield f"a {layout.KINDS[kind]} is at y {f[layout.CF_Y]}"


def _bad(world: SimulatedWorld, stack: ItemStack | None) -> Iterator[str]:
    if stack is not None:
        kind = world.tables.items[stack.item]
        if not 1 <= stack.count <= kind.stack_size or not 0 <= stack.wear <= (kind.durability or 0):
            yield f"there is a stack {stack}"


# Light, forks, saves


def light_errors(world: SimulatedWorld) -> list[str]:
    """Cells whose light is not what it would be if it were worked out afresh.

    Columns at the rim of what is lit get nothing from beyond, so only those within it are looked at.
    """
    for player in world.players:
        world.light_at(block_of(world.position_of(player)))
    fresh = LightField(world.voxels, light_rules(world.tables))
    columns = set(world.light.columns())
    fresh.ensure(sorted(columns))
    found: list[str] = []
    for cx, cz in sorted(columns):
        if any((cx + dx, cz + dz) not in columns for dx in (-1, 0, 1) for dz in (-1, 0, 1)):
            continue
        wrong = int((world.light.light_of(cx, cz) != fresh.light_of(cx, cz)).sum())
        if wrong:
            found.append(f"column {cx}, {cz}: {wrong} cells have the wrong light")
    return found


def saved_and_loaded(world: SimulatedWorld) -> SimulatedWorld:
    """The same world out of a save."""
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        metadata.create_all(connection)
        WorldStore(world).write(connection)
        loaded = WorldStore.load(connection, world.tables)
    engine.dispose()
    if loaded is None:
        raise RuntimeError("nothing was saved")
    return loaded


def twins(seed: int, preset: str, ticks: int, *, view: int = 3) -> list[str]:
    """After a busy life a fork and a loaded save are the same world, and have the same future; light is right."""
    world = new_world(seed, preset, view=view)
    problems: list[str] = []

    async def life(body: SimulatedBody, hands: Hands, operator: SimulatedOperator) -> None:
        await busy(random.Random(seed), world, body, hands, operator, ticks)

    live(world, life)
    problems += light_errors(world)
    problems += out_of_bounds(world)
    three = (world, world.fork(), saved_and_loaded(world))
    for each in three:
        each.add_player("Bot")
    for step in range(11):
        of_world, of_fork, of_save = (each.state_hash() for each in three)
        if of_fork != of_world:
            problems.append(f"the fork is another world after {40 * step} ticks")
        if of_save != of_world:
            problems.append(f"the save is another world after {40 * step} ticks")
        for each in three:
            each.run(40)
    problems += light_errors(world)
    problems += out_of_bounds(world)
    return [f"{preset}, seed {seed}: {problem}" for problem in problems]


def fork_ms() -> float:
    """Milliseconds of one fork of a natural world, the best of 20."""
    world = new_world(1, "default")
    world.add_player("Bot")
    world.run(100)
    best = math.inf
    for _ in range(20):
        began = perf_counter()
        world.fork()
        best = min(best, perf_counter() - began)
    return 1000 * best


def main() -> bool:
    """Print what was tried and what was wrong; True if nothing was."""
    lives, acts = 60, 0
    problems: list[str] = []
    for seed in range(lives):
        done, found = conserved(seed, 80)
        acts += done
        problems += found
    print(f"items: {lives} lives, {acts} acts done, {len(problems)} problems", flush=True)
    for preset in PRESETS:
        found = [problem for seed in range(6) for problem in twins(seed, preset, 1500)]
        problems += found
        print(f"forks, saves, light, bounds: {preset}, 6 lives of 1,500 ticks, {len(found)} problems", flush=True)
    print(f"a fork of 9 by 9 columns: {fork_ms():.1f} ms at best of 20", flush=True)
    for problem in problems[:50]:
        print(problem)
    return not problems
