"""A body that does whatever the dice say, with everything its port offers and with set-up commands between."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

from conscious_bot.body.port import Face, Hands
from conscious_bot.contracts import ActionFailed, Primitive
from conscious_bot.game.tables import Tables
from conscious_bot.simulation.body import SimulatedBody
from conscious_bot.simulation.commands import SimulatedOperator
from conscious_bot.simulation.loop import run_virtual
from conscious_bot.simulation.terrain import Fixture, Visit
from conscious_bot.simulation.world import SimulatedWorld

__all__ = ["VISIT", "busy", "live", "new_world"]

GOODS = (
    "dirt 64", "cobblestone 64", "oak_log 16", "oak_planks 32", "torch 16", "coal 16", "raw_iron 16", "bread 16",
    "diamond_pickaxe", "iron_sword", "iron_shovel", "iron_hoe", "wheat_seeds 16", "sand 16", "water_bucket", "ladder 8",
    "oak_door", "red_bed", "chest", "furnace", "shield", "iron_helmet", "oak_sapling 4", "lava_bucket",
)  # fmt: skip
MADE = ("oak_planks", "stick", "crafting_table", "torch", "wooden_pickaxe", "chest", "furnace", "ladder")
_FACES: tuple[Face, ...] = ("up", "down", "north", "south", "east", "west")
KINDS = ("cow", "pig", "sheep", "chicken", "zombie", "skeleton", "spider", "creeper", "enderman")
VISIT = {
    "name": "Ada",
    "position": "~3 ~ ~2",
    "inventory": [{"item": "dirt", "count": 64}],
    "repeat": True,
    "script": [
        {"do": "walk", "to": "~4 ~ ~1"},
        {"do": "place", "item": "dirt", "at": "~1 ~ ~"},
        {"do": "say", "text": "hm"},
        {"do": "hit", "target": "Bot"},
        {"do": "walk", "to": "~-4 ~ ~-1"},
        {"do": "dig", "at": "~ ~-1 ~1"},
        {"do": "toss", "item": "dirt"},
        {"do": "wait", "seconds": 2},
    ],
}


def new_world(seed: int, preset: str, *, view: int = 4) -> SimulatedWorld:
    """A world of a preset or a shipped fixture."""
    tables = Tables.builtin()
    if preset in ("default", "flat", "void"):
        return SimulatedWorld.create(seed, tables, preset, view=view)
    return SimulatedWorld.from_fixture(Fixture.shipped(preset, tables), tables, view=view)


def live(world: SimulatedWorld, life: Callable[[SimulatedBody, Hands, SimulatedOperator], Awaitable[None]]) -> None:
    """Run a life in a world on virtual time; the body leaves at its end."""

    async def main() -> None:
        body = SimulatedBody(world)
        await body.open()
        try:
            await life(body, body.claim_hands(), SimulatedOperator(world))
        finally:
            await body.stop()
            await body.close()

    run_virtual(main(), world)


async def busy(
    dice: random.Random,
    world: SimulatedWorld,
    body: SimulatedBody,
    hands: Hands,
    operator: SimulatedOperator,
    ticks: int,
) -> None:
    """Act until so many ticks have passed."""
    for goods in GOODS:
        await operator.command(f"give Bot {goods}")
    if not world.visitors.knows("Ada"):
        world.visitors.invite(Visit.model_validate(VISIT))
    end = world.age + ticks
    while world.age < end:
        if not body.state().alive:
            await hands.respawn()
        try:
            async with asyncio.timeout(30):
                await _act(dice, world, body, hands, operator)
        except (ActionFailed, TimeoutError):
            await asyncio.sleep(0.05)


async def _act(
    dice: random.Random, world: SimulatedWorld, body: SimulatedBody, hands: Hands, operator: SimulatedOperator
) -> None:
    x, y, z = body.state().block
    if not -62 <= y < 310:
        await asyncio.sleep(1)  # it falls into the void
        return
    near = (x + dice.randint(-3, 3), y + dice.randint(-2, 2), z + dice.randint(-3, 3))
    inventory = sorted(body.state().inventory.counts())
    item = dice.choice(inventory) if inventory else "dirt"
    match dice.randrange(20):
        case 0 | 1 | 2:
            dx, dz = dice.choice(((1, 0), (-1, 0), (0, 1), (0, -1)))
            way = [Primitive(op="walk_E", to=(x + i * dx, y, z + i * dz)) for i in range(1, dice.randint(2, 9))]
            await hands.follow(way)
        case 3 | 4:
            await hands.dig(near)
        case 5 | 6 | 7:
            await hands.equip(item, "hand")
            await hands.place(near, dice.choice(_FACES))
        case 8:
            recipes = world.tables.recipes[dice.choice(MADE)]
            tables = await body.find_blocks(["crafting_table"], 4, 1)
            await hands.craft(dice.choice(recipes), dice.randint(1, 3), tables[0] if tables else None)
        case 9:
            await hands.toss(item, dice.randint(1, 5))
        case 10:
            await hands.equip("bread", "hand")
            await hands.consume()
        case 11:
            found = await body.find_blocks(["chest", "furnace", "barrel"], 4, 4)
            if found:
                await hands.open_container(dice.choice(found))
                if dice.random() < 0.5:
                    await hands.put(item, dice.randint(1, 8), dice.choice((None, "input", "fuel")))
                else:
                    await hands.take(item, dice.randint(1, 8), dice.choice((None, "output", "fuel")))
                await hands.close_window()
        case 12:
            await hands.equip(item, "hand")
            await hands.use_block(near, dice.choice(_FACES))
        case 13:
            await hands.equip("iron_sword", "hand")
            entities = [view for view in await body.entities(6) if view.stack is None]
            if entities:
                await hands.attack(dice.choice(entities).id)
        case 14:
            await hands.raise_shield(dice.random() < 0.5)
            await hands.look_at((x + dice.random() * 9, y + 1.0, z + dice.random() * 9))
        case 15:
            beds = await body.find_blocks(["red_bed"], 4, 1)
            if beds:
                await hands.sleep(beds[0])
                await asyncio.sleep(6)
                await hands.wake()
        case 16:
            await hands.chat("well")
            await asyncio.sleep(dice.random() * 3)
        case 17:
            await operator.command(f"execute at Bot run summon {dice.choice(KINDS)} ~{dice.randint(4, 9)} ~1 ~3")
        case 18:
            await operator.command(
                dice.choice(
                    (
                        "time add 2000", "time set night", "weather thunder", "weather clear", "weather rain 400",
                        "effect give Bot regeneration 20 1", "effect give Bot speed 10", "effect give Bot poison 5",
                        "gamerule randomTickSpeed 30", "gamerule randomTickSpeed 3", "difficulty hard",
                        "difficulty easy", "give Bot bread 4", "give Bot dirt 32",
                    )
                )
            )  # fmt: skip
        case _:
            block = dice.choice(("water", "lava", "sand", "torch", "oak_log", "air", "fire", "gravel", "grass_block"))
            await operator.command(f"setblock {near[0]} {near[1] + 2} {near[2]} {block}")
