"""The probes: what a survival world has to do, by the version's tables, and by the Minecraft Wiki beyond those."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from conscious_bot.contracts import ActionFailed, BlockPos, ExecErrorCode, Primitive
from conscious_bot.game.tables import Recipe
from conscious_bot.sterling.units import WALK_SECONDS
from conscious_bot.testing.conformance import NotOffered, Probe, Stage
from conscious_bot.world.region import Box
from conscious_bot.world.state import FurnaceView

__all__ = ["PROBES"]

_LATE_TICKS = 8
"""How much later than the rule a server on a network may be seen to answer."""
_EARLY_TICKS = 2
_PAUSE = 0.4
"""After a block broke the game waits 5 ticks before the next one is begun (Minecraft Wiki, "Breaking")."""


async def _dig_times(stage: Stage) -> None:
    """The block's time with that tool."""
    loop = asyncio.get_running_loop()
    for block, tool in (
        ("dirt", None),
        ("dirt", "iron_shovel"),
        ("oak_log", "stone_axe"),
        ("stone", "wooden_pickaxe"),
        ("stone", "iron_pickaxe"),
        ("coal_ore", "stone_pickaxe"),
    ):
        case = f"{block} with {tool or 'the hand'}"
        pos = stage.at(2, 0, 0)
        await stage.set(pos, block)
        await stage.hold(tool)
        expected = stage.tables.dig_ticks((await stage.body.scan(Box(pos, pos))).state(pos), tool)
        await asyncio.sleep(_PAUSE)
        began = loop.time()
        await stage.hands.dig(pos)
        observed = round((loop.time() - began) * 20)
        agrees = expected is not None and expected - _EARLY_TICKS <= observed <= expected + _LATE_TICKS
        stage.report(case, f"{expected} ticks", f"{observed} ticks", agrees=agrees)


async def _drops(stage: Stage) -> None:
    """What falls out, by tool; nothing for a tool that is too weak."""
    for block, tool in (
        ("dirt", None),
        ("oak_log", None),
        ("stone", None),
        ("stone", "wooden_pickaxe"),
        ("coal_ore", "wooden_pickaxe"),
        ("iron_ore", "wooden_pickaxe"),
        ("iron_ore", "stone_pickaxe"),
        ("glass", None),
    ):
        pos = stage.at(2, 0, 0)
        await stage.set(pos, block)
        await stage.hold(tool)
        state = (await stage.body.scan(Box(pos, pos))).state(pos)
        sure = {d.item: d.low for d in stage.tables.drops_of(state, tool) if d.chance >= 1}
        before = await stage.near()
        await asyncio.sleep(_PAUSE)
        await stage.hands.dig(pos)
        await asyncio.sleep(1.5)
        observed = dict((await stage.near()) - before)
        agrees = set(observed) == set(sure) and all(observed[item] >= low for item, low in sure.items())
        stage.report(f"{block} with {tool or 'the hand'}", sure, observed, agrees=agrees)


def _recipe(stage: Stage, item: str, *ingredients: str) -> Recipe:
    wanted = {stage.named(name) for name in ingredients}
    for recipe in stage.tables.recipes.get(item, ()):
        if wanted == {name for name, _ in recipe.ingredients}:
            return recipe
    raise NotOffered(f"version {stage.tables.version} makes no {item} of {', '.join(ingredients)}")


async def _recipes(stage: Stage) -> None:
    """Crafting in the hand and at a table."""
    table = stage.at(1, 0, 1)
    await stage.set(table, "crafting_table")
    for today, ingredients in (
        ("oak_planks", ("oak_log",)),
        ("stick", ("oak_planks",)),
        ("torch", ("coal", "stick")),
        ("wooden_pickaxe", ("oak_planks", "stick")),
        ("furnace", ("cobblestone",)),
        ("bread", ("wheat",)),
    ):
        item = stage.named(today)
        recipe = _recipe(stage, item, *ingredients)
        for name, count in recipe.ingredients:
            await stage.give(name, count)
        before = (await stage.body.observe()).inventory.counts()
        await stage.hands.craft(recipe, 1, table if recipe.needs_table else None)
        after = (await stage.body.observe()).inventory.counts()
        expected = {item: recipe.count, **{name: -count for name, count in recipe.ingredients}}
        observed = {name: after[name] - before[name] for name in {*after, *before} if after[name] != before[name]}
        stage.report(item, dict(sorted(expected.items())), dict(sorted(observed.items())))


async def _smelting(stage: Stage) -> None:
    """One item, its time and the fuel that goes."""
    item = next((name for name in ("raw_iron", "iron_ore") if name in stage.tables.smelting), None)
    if item is None:
        raise NotOffered(f"version {stage.tables.version} smelts no iron")
    rule = stage.tables.smelting[item]
    furnace = stage.at(2, 0, 0)
    await stage.set(furnace, "furnace")
    await stage.give(item)
    await stage.give("coal", 2)
    await stage.hands.open_container(furnace)
    await stage.hands.put("coal", 2, "fuel")
    await stage.hands.put(item, 1, "input")
    loop = asyncio.get_running_loop()
    began = loop.time()
    view = await stage.hands.window()
    while loop.time() - began < rule.ticks / 20 + 5:
        view = await stage.hands.window()
        if isinstance(view, FurnaceView) and view.output is not None:
            break
        await asyncio.sleep(0.05)
    observed = round((loop.time() - began) * 20)
    made = view.output.item if isinstance(view, FurnaceView) and view.output is not None else None
    left = view.fuel.count if isinstance(view, FurnaceView) and view.fuel is not None else 0
    stage.report(f"result of {item}", rule.result, made)
    in_time = rule.ticks - _EARLY_TICKS - 10 <= observed <= rule.ticks + 2 * _LATE_TICKS
    stage.report(f"time of {item}", f"{rule.ticks} ticks", f"{observed} ticks", agrees=in_time)
    stage.report("coal burnt", 1, 2 - left)
    if made is not None:
        await stage.hands.take(made, 1)
    await stage.hands.close_window()


async def _walking(stage: Stage) -> None:
    """The time of a straight walk."""
    x, y, z = stage.at(-3, 0, 0)
    await stage.go((x, y, z))
    await stage.until(lambda s: s.block == (x, y, z) and s.on_ground, what="the body did not land")
    loop = asyncio.get_running_loop()
    began = loop.time()
    walked = await stage.hands.follow([Primitive(op="walk_E", to=(x + i, y, z)) for i in range(1, 7)])
    took = loop.time() - began
    expected = 6 * WALK_SECONDS
    stage.report("way", "arrived after 6", f"{walked.ended} after {walked.done}")
    stage.report("time", f"{expected:.2f} s", f"{took:.2f} s", agrees=expected * 0.6 <= took <= expected * 1.6)


async def _falling(stage: Stage) -> None:
    """Damage by height: one for each block beyond the third (Minecraft Wiki, "Damage")."""
    name = stage.body.name
    for height, damage in ((3, 0.0), (5, 2.0), (8, 5.0)):
        async with stage.health_lost() as lost:
            await stage.go(stage.at(0, height, 0))
            await asyncio.sleep(0.3)
            await stage.until(lambda s: s.on_ground and s.block == stage.feet, 8, "the body did not land")
            await asyncio.sleep(0.7)
        stage.report(f"{height} blocks", damage, sum(lost))
        await stage.command(f"effect give {name} instant_health 1 4")
        await stage.until(lambda s: s.health >= 20, what="`effect` was not seen to heal")


async def _hunger(stage: Stage) -> None:
    """Getting hungry, a meal, its time, and no meal for the full."""
    name = stage.body.name
    await stage.hold("bread")
    try:
        await stage.hands.consume()
        stage.report("bread when full", "use.notHungry", "eaten")
    except ActionFailed as failure:
        stage.report("bread when full", "use.notHungry", str(failure.code))
    await stage.command(f"effect give {name} hunger 120 255")
    before = await stage.until(lambda s: s.food <= 12, 60, "`effect` was not seen to make hungry")
    await stage.command(f"effect clear {name}")
    await asyncio.sleep(1)
    before = await stage.body.observe()
    loop = asyncio.get_running_loop()
    began = loop.time()
    await stage.hands.consume()
    took = round((loop.time() - began) * 20)
    await asyncio.sleep(0.5)
    expected = min(20 - before.food, stage.tables.foods["bread"].food)
    stage.report("food of bread", expected, (await stage.body.observe()).food - before.food)
    stage.report("time of a meal", "32 ticks", f"{took} ticks", agrees=30 <= took <= 32 + _LATE_TICKS)


_COW_HEALTH, _IRON_SWORD = 10, 6  # Minecraft Wiki, "Cow" and "Sword"


async def _creatures(stage: Stage) -> None:
    """Blows that a cow takes, its loot, and a zombie's bite on easy (Minecraft Wiki, "Zombie")."""
    await stage.command("difficulty easy")
    await stage.hold("iron_sword")
    cow = await stage.summon("cow", stage.at(2, 0, 0), "{NoAI:1b}")
    before = await stage.near()
    blows = 0
    while cow in {e.id for e in await stage.body.entities(8)} and blows < 10:
        blows += 1
        try:
            await stage.hands.attack(cow)
        except ActionFailed as failure:
            if failure.code is not ExecErrorCode.COMBAT_TARGET_GONE:
                raise
            blows -= 1
            break
        await asyncio.sleep(1.2)  # longer than a dead one lies there
    stage.report("blows of an iron sword for a cow", -(-_COW_HEALTH // _IRON_SWORD), blows)
    await asyncio.sleep(1.0)
    loot = dict((await stage.near()) - before)
    allowed = {d.item: d.high for d in stage.tables.creature_drops.get(stage.named("cow"), ())}
    fits = "beef" in loot and all(count <= allowed.get(item, 0) for item, count in loot.items())
    stage.report("loot of a cow", f"at most {allowed}, some beef", loot, agrees=fits)

    await stage.set(stage.at(1, 2, 0), "stone")  # shade, so that it does not burn
    async with stage.health_lost() as lost:
        await stage.summon("zombie", stage.at(1, 0, 0))
        await stage.holds(lambda: _any(lost), 8)
    stage.report("a zombie's bite on easy", 2.5, lost[0] if lost else "none")


async def _any(found: list[float]) -> bool:
    return bool(found)


async def _light(stage: Stage) -> None:
    """A torch's light, one less for each cell."""
    low, high = stage.at(-4, -1, -4), stage.at(4, 4, 4)
    if (await stage.body.scan(Box(low, high), light=True)).block_light is None:
        raise NotOffered("the server sends no light")
    torch = stage.at(2, 0, 0)
    await stage.set(torch, "torch")

    async def level(pos: BlockPos) -> int:
        region = await stage.body.scan(Box(pos, pos), light=True)
        return -1 if region.block_light is None else int(region.block_light[0, 0, 0])

    async def lit() -> bool:
        return await level(torch) == 14

    await stage.holds(lit, 3)
    for distance, expected in ((0, 14), (1, 13), (3, 11), (6, 8)):
        stage.report(f"{distance} cells from a torch", expected, await level(stage.at(2 - distance, 0, 0)))


async def _growth(stage: Stage) -> None:
    """A crop on moist ground grows, seeds need farmland, and a hoe makes it."""
    field, crop = stage.at(2, -1, 0), stage.at(2, 0, 0)
    await stage.set(field, "dirt")
    await stage.set(stage.at(3, -1, 0), "water")
    await stage.hold("iron_hoe")
    await stage.hands.use_block(field, "up")
    stage.report("hoe on dirt", "farmland", await stage.name_at(field))
    await stage.hold("wheat_seeds")
    await stage.hands.place(field, "up")
    stage.report("seeds on farmland", "wheat", await stage.name_at(crop))
    await stage.command("gamerule randomTickSpeed 300")

    async def age() -> int:
        state = (await stage.body.scan(Box(crop, crop))).state(crop)
        properties = stage.tables.properties_of(state) if stage.tables.name_of(state) == "wheat" else {}
        return int(properties.get("age", properties.get("metadata", "-1")))

    async def grew() -> bool:
        return await age() > 0

    try:
        grown = await stage.holds(grew, 30)
    finally:
        await stage.command("gamerule randomTickSpeed 3")
    stage.report("wheat by random ticks", "grows", "grows" if grown else "does not")


async def _sleep(stage: Stage) -> None:
    """Not by day; by night one lies, and it is morning five seconds later."""
    await stage.hold("red_bed")
    await stage.hands.place(stage.at(2, -1, 0), "up")
    bed = stage.at(2, 0, 0)
    try:
        await stage.hands.sleep(bed)
        stage.report("by day", "sleep.notNight", "slept")
        await stage.hands.wake()
    except ActionFailed as failure:
        stage.report("by day", "sleep.notNight", str(failure.code))
    await stage.command("time set 14000")
    await stage.until(lambda s: 13000 < s.time_of_day < 16000, what="`time set` was not seen")
    await stage.hands.sleep(bed)
    stage.report("by night", "lies", "lies" if (await stage.body.observe()).sleeping else "stands")

    async def awake() -> bool:
        return not (await stage.body.observe()).sleeping

    await stage.holds(awake, 12)
    await asyncio.sleep(1.5)  # servers tell the time once a second
    time = (await stage.body.observe()).time_of_day
    stage.report("then", "morning", "morning" if time < 2000 else f"time {time}", agrees=time < 2000)
    await stage.hands.wake()


async def _chests(stage: Stage) -> None:
    """What is put into a chest stays there."""
    chest = stage.at(2, 0, 0)
    await stage.set(chest, "chest")
    await stage.give("cobblestone", 40)
    view = await stage.hands.open_container(chest)
    stage.report("slots", 27, len(view.slots) if not isinstance(view, FurnaceView) else 3)
    await stage.hands.put("cobblestone", 30)
    await stage.hands.close_window()
    view = await stage.hands.open_container(chest)
    stage.report("after closing", 30, view.count("cobblestone"))
    await stage.hands.take("cobblestone", 12)
    await stage.hands.close_window()
    stage.report("in the slots", 22, (await stage.body.observe()).inventory.count("cobblestone"))


PROBES: Mapping[str, Probe] = {
    "dig times": _dig_times,
    "drops": _drops,
    "recipes": _recipes,
    "smelting": _smelting,
    "walking": _walking,
    "falling": _falling,
    "hunger": _hunger,
    "creatures": _creatures,
    "light": _light,
    "growth": _growth,
    "sleep": _sleep,
    "chests": _chests,
}
