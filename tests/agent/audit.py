"""Does what a killed run left behind add up? World against journal, items against blocks."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from conscious_bot.game.tables import Tables
from conscious_bot.memory.journal import Journal
from conscious_bot.simulation.store import WorldStore
from conscious_bot.simulation.world import SimulatedWorld
from conscious_bot.world.region import Box

__all__ = ["audit"]

PLANKS_IN = {
    "oak_log": 4.0, "birch_log": 4.0, "spruce_log": 4.0, "oak_planks": 1.0, "birch_planks": 1.0, "spruce_planks": 1.0,
    "stick": 0.5, "crafting_table": 4.0, "wooden_pickaxe": 4.0, "stone_pickaxe": 1.0, "stone_axe": 1.0,
    "stone_sword": 0.5, "stone_shovel": 1.0,
}  # fmt: skip
"""What each thing is worth in planks; what is dug and what is held must weigh the same."""

COBBLESTONE_IN = {"cobblestone": 1, "stone_pickaxe": 3, "stone_axe": 3, "stone_sword": 2, "stone_shovel": 1}


def audit(home: Path, seed: int) -> list[str]:
    """Everything that does not add up, in words; empty if all does."""
    tables = Tables.builtin()
    journal = Journal.open(home / "journal.sqlite", readonly=True)
    try:
        world = journal.read(lambda connection: WorldStore.load(connection, tables))
        events = [event for _, event in journal.events()]
    finally:
        journal.close()
    if world is None:
        return [] if not events else ["the journal has events and no world"]
    problems: list[str] = []
    if events and abs(world.now() - events[-1].at) > 1e-9:
        problems.append(f"the world stands at {world.now()} s, the journal ends at {events[-1].at} s")
    return problems + _matter(world, SimulatedWorld.create(seed, tables))


def _matter(world: SimulatedWorld, fresh: SimulatedWorld) -> list[str]:
    """Blocks gone from the world are items held or lying about, and nothing else is."""
    tables = world.tables
    held: Counter[str] = Counter()
    for player in world.players:
        for stack in player.inventory.slots:
            if stack is not None:
                held[stack.item] += stack.count
    for _, stack, _, _ in world.items():
        held[stack.item] += stack.count
    gone: Counter[str] = Counter()
    for cx, cz in world.voxels.columns():
        fresh.voxels.ensure_loaded(cx, cz)
        box = Box((cx * 16, -64, cz * 16), (cx * 16 + 15, 319, cz * 16 + 15))
        before, after = fresh.voxels.scan(box).blocks, world.voxels.scan(box).blocks
        for was, now in zip(before[before != after].tolist(), after[before != after].tolist(), strict=True):
            gone[tables.name_of(was)] += 1
            gone[tables.name_of(now)] -= 1
    problems: list[str] = []
    wood_gone = sum(worth * gone[name] for name, worth in PLANKS_IN.items())
    wood_held = sum(worth * held[name] for name, worth in PLANKS_IN.items())
    leaves = sum(count for name, count in gone.items() if name.endswith("_leaves"))
    if wood_held < wood_gone or (wood_held > wood_gone and leaves <= 0):  # leaves may drop sticks
        problems.append(f"wood worth {wood_gone} planks is gone from the world, {wood_held} planks' worth is held")
    stone_gone, stone_held = gone["stone"] + gone["cobblestone"], sum(n * held[i] for i, n in COBBLESTONE_IN.items())
    if stone_gone != stone_held:
        problems.append(f"{stone_gone} stones are gone from the world, {stone_held} stones' worth is held")
    earth_gone, earth_held = gone["dirt"] + gone["grass_block"], held["dirt"]
    if earth_gone != earth_held:
        problems.append(f"{earth_gone} earth is gone from the world, {earth_held} is held")
    return problems
