"""What the bot lacks, as levels from 0 (fine) to 1 (nothing matters more), each with its reason.

A need names the goal that would still it, in the goal grammar, or none where the bot has no capability
for it yet; it is shown all the same, so that nobody takes silence for well-being.
"""

from __future__ import annotations

from dataclasses import dataclass

from conscious_bot.game.supplements import creature_name
from conscious_bot.world.creatures import is_hostile
from conscious_bot.world.food import food_to_eat
from conscious_bot.world.snapshot import Snapshot
from conscious_bot.world.state import distance

__all__ = ["Need", "needs_of"]

HOSTILE_RADIUS = 12.0
"""Within this distance a hostile is a concern for safety, in blocks (facts: buckets.rules.hostiles_radius)."""

HUNGRY = 14
"""At this food level and below the bot eats if it can."""

MEAL_LEVEL = 0.75
"""The least level of hunger with food at hand: a meal takes seconds, so it goes before any tool."""

STARVING = 6
"""At this food level and below meat is eaten raw: cooking takes longer than there is time for."""

PREY = frozenset({"chicken", "cow", "mooshroom", "pig", "rabbit", "sheep"})
"""The animals of the land that are hunted for food."""

MEALS = 3
"""How many pieces of food one hunt is for."""

TOOL_LADDER = (
    ("wooden_pickaxe", ("stone_pickaxe", "iron_pickaxe", "diamond_pickaxe", "netherite_pickaxe"), 0.70),
    ("stone_pickaxe", ("iron_pickaxe", "diamond_pickaxe", "netherite_pickaxe"), 0.65),
    ("stone_axe", ("iron_axe", "diamond_axe", "netherite_axe"), 0.50),
    ("stone_sword", ("iron_sword", "diamond_sword", "netherite_sword"), 0.48),
    ("stone_shovel", ("iron_shovel", "diamond_shovel", "netherite_shovel"), 0.30),
)
"""Tools in the order in which they pay off, what counts as having one better, and the level of lacking it."""

STOCKS = (
    ("wood", "_log", "oak_log", 16, 0.40),
    ("stone", "cobblestone", "cobblestone", 32, 0.35),
)
"""Stores to keep: name, item suffix that counts, the item to ask for, how many, the level when empty."""


@dataclass(frozen=True, slots=True)
class Need:
    """One need: its kind, its level from 0 to 1, why, and the goal that would still it."""

    kind: str
    level: float
    reason: str
    goal: str | None = None


def needs_of(snapshot: Snapshot) -> tuple[Need, ...]:
    """All needs of the moment, strongest first; equal levels keep this module's order."""
    found = [_safety(snapshot), _food(snapshot), _tools(snapshot), *_stocks(snapshot)]
    return tuple(sorted(found, key=lambda need: -need.level))


def _safety(snapshot: Snapshot) -> Need:
    state = snapshot.state
    near = [
        entity
        for entity in snapshot.entities
        if is_hostile(snapshot.tables, entity.kind) and distance(entity.position, state.position) <= HOSTILE_RADIUS
    ]
    wounded = 1 - state.health / 20
    threat = min(1.0, 0.3 * len(near))
    if near:
        reason = f"{len(near)} hostile within {HOSTILE_RADIUS:.0f} blocks, health {state.health:.0f} of 20"
    else:
        reason = f"health {state.health:.0f} of 20, no hostile near"
    return Need("safety", round(max(threat, wounded), 3), reason)


def _food(snapshot: Snapshot) -> Need:
    food = snapshot.state.food
    level = round(1 - food / 20, 3)
    if food > HUNGRY:
        return Need("food", level, f"food {food} of 20")
    if food_to_eat(snapshot.state.inventory, food, snapshot.tables) is None:
        return Need("food", level, f"food {food} of 20, and nothing fit to eat is carried", _meal_goal(snapshot))
    return Need("food", max(level, MEAL_LEVEL), f"food {food} of 20, and there is something to eat", "eat")


def _meal_goal(snapshot: Snapshot) -> str:
    """The meat of the nearest animal that has any, cooked while there is time for it; without one, look around."""
    tables, state = snapshot.tables, snapshot.state
    for animal in sorted(snapshot.entities, key=lambda entity: distance(entity.position, state.position)):
        for drop in tables.creature_drops.get(animal.kind, ()):
            raw = drop.item
            if creature_name(animal.kind) not in PREY or raw not in tables.foods:
                continue
            cooked = tables.smelting[raw].result if raw in tables.smelting else raw
            meal = raw if state.food <= STARVING else cooked
            return f"get {state.inventory.count(meal) + MEALS} {meal}"
    return "explore"


def _tools(snapshot: Snapshot) -> Need:
    carried = snapshot.state.inventory.counts()
    for tool, better, level in TOOL_LADDER:
        if not carried[tool] and not any(carried[other] for other in better):
            return Need("tools", level, f"there is no {tool.replace('_', ' ')} yet", f"get 1 {tool}")
    return Need("tools", 0.0, "every tool of the first tiers is at hand")


def _stocks(snapshot: Snapshot) -> list[Need]:
    carried = snapshot.state.inventory.counts()
    sight = snapshot.blocks_in_sight
    found: list[Need] = []
    for kind, suffix, usual, wanted, level in STOCKS:
        have = sum(count for item, count in carried.items() if item.endswith(suffix))
        if have >= wanted:
            found.append(Need(kind, 0.0, f"{have} in store"))
            continue
        # Ask for the kind that stands nearest at hand: any log is wood.
        names = sorted(name for name in sight if name.endswith(suffix) and name in snapshot.tables.items)
        item = max(names, key=lambda name: sight[name]) if names else usual
        missing = wanted - have
        goal = f"get {carried[item] + missing} {item}"
        found.append(Need(kind, round(level * missing / wanted, 3), f"{have} of {wanted} in store", goal))
    return found
