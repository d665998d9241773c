"""Values of the game's own rules of life, each from a cited public source, measured in the simulated world."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conscious_bot.body.port import Hands
from conscious_bot.contracts import ActionFailed
from conscious_bot.simulation import life
from conscious_bot.simulation import state as s
from conscious_bot.simulation.damage import MOB, strike_player
from conscious_bot.world.state import ContainerView, FurnaceView, ItemStack

GOLDEN = tomllib.loads((Path(__file__).parent / "golden" / "life.toml").read_text(encoding="utf-8"))
VALUES = GOLDEN["value"]


class Bench:
    """A flat world with one bot, and what measuring needs."""

    def __init__(self, stage: Any) -> None:
        self.stage = stage
        self.world = stage.world

    @property
    def player(self) -> Any:
        return self.world.players[0]

    @property
    def pf(self) -> Any:
        return self.world.arrays.pf[0]

    @property
    def pi(self) -> Any:
        return self.world.arrays.pi[0]

    def play(self, script: Callable[[Hands], Any]) -> Any:
        return self.stage.play(script)

    def enter(self) -> None:
        async def nothing(_: Hands) -> None:
            pass

        self.play(nothing)
        self.world.rules["doMobSpawning"] = False  # some measures last a night
        self.player.listeners.clear()  # they need a running loop; measuring also runs ticks without one
        self.world.run(5)

    def give(self, item: str, count: int = 1) -> None:
        self.player.inventory.add(ItemStack(item, count))
        self.world.tell_changes()

    def hungry(self, food: int = 10, saturation: float = 0.0) -> None:
        self.pi[s.PI_FOOD], self.pf[s.PF_SATURATION] = food, saturation

    def command(self, text: str) -> None:
        async def script(_: Hands) -> None:
            await self.stage.operator.command(text)

        self.play(script)

    def feet(self) -> tuple[int, int, int]:
        return self.stage.feet()

    def hurts(self, ticks: int) -> list[tuple[int, float]]:
        """Ticks and amounts of the damage that comes in so many ticks."""
        found: list[tuple[int, float]] = []
        health = float(self.pf[s.PF_HEALTH])
        for tick in range(1, ticks + 1):
            self.pf[s.PF_HEALTH] = health
            self.world.run(1)
            now = float(self.pf[s.PF_HEALTH])
            if now < health:
                found.append((tick, health - now))
        return found

    def put_into(self, where: str) -> None:
        """Let the body be in what hurts."""
        x, y, z = self.feet()
        self.hungry(17)
        if where == "void":
            self.world.teleport(self.player, (x + 0.5, -200.0, z + 0.5))
        elif where == "burning":
            self.pi[s.PI_FIRE] = 200
        elif where == "cactus":
            # It stands on sand only, and beside nothing.
            self.command(f"setblock {x} {y - 2} {z} sand")
            self.command(f"fill {x - 1} {y - 1} {z - 1} {x + 1} {y - 1} {z + 1} air")
            self.command(f"setblock {x} {y - 1} {z} cactus")
            self.world.teleport(self.player, (x + 0.5, y - 1 / 16, z + 0.5))
        elif where == "magma_block":
            self.command(f"setblock {x} {y - 1} {z} magma_block")
        elif where in ("water", "lava", "stone"):
            self.command(f"fill {x - 2} {y - 1} {z - 2} {x + 2} {y - 1} {z + 2} bedrock")
            self.command(f"fill {x - 2} {y} {z - 2} {x + 2} {y + 3} {z + 2} bedrock")
            self.command(f"fill {x} {y} {z} {x} {y + 2} {z} {where}")
        else:
            self.command(f"setblock {x} {y} {z} {where}")


# Food


def eating_ticks(b: Bench, item: str) -> float:
    b.enter()
    b.give(item)
    b.hungry()

    async def script(hands: Hands) -> int:
        began = b.world.age
        await hands.consume()
        return b.world.age - began

    return b.play(script)


def _eaten(b: Bench, item: str) -> tuple[float, float]:
    b.enter()
    b.give(item)
    b.hungry(2)

    async def script(hands: Hands) -> tuple[float, float]:
        await hands.consume()
        return float(b.pi[s.PI_FOOD]) - 2, float(b.pf[s.PF_SATURATION])

    return b.play(script)


def food_of(b: Bench, item: str) -> float:
    return _eaten(b, item)[0]


def saturation_of(b: Bench, item: str) -> float:
    b.enter()
    b.hungry(10, 0.0)
    b.give(item)

    async def script(hands: Hands) -> float:
        await hands.consume()
        return float(b.pf[s.PF_SATURATION])

    return b.play(script)


def jump_exhaustion(b: Bench, sprint: bool) -> float:
    b.enter()
    b.pi[s.PI_JUMP], b.pi[s.PI_SPRINT] = 1, int(sprint)
    before = float(b.pf[s.PF_EXHAUSTION])
    b.world.run(1)
    return float(b.pf[s.PF_EXHAUSTION]) - before


def way_exhaustion(b: Bench, how: str) -> float:
    b.enter()
    b.pf[s.PF_FORWARD] = 1.0
    b.pi[s.PI_SPRINT] = int(how == "sprint")
    b.world.run(20)
    x, z, spent = float(b.pf[s.PF_X]), float(b.pf[s.PF_Z]), float(b.pf[s.PF_EXHAUSTION])
    b.world.run(40)
    far = float(np.hypot(b.pf[s.PF_X] - x, b.pf[s.PF_Z] - z))
    return (float(b.pf[s.PF_EXHAUSTION]) - spent) / far


def dig_exhaustion(b: Bench) -> float:
    b.enter()
    x, y, z = b.feet()

    async def script(hands: Hands) -> float:
        before = float(b.pf[s.PF_EXHAUSTION])
        await hands.dig((x + 1, y - 1, z))
        return float(b.pf[s.PF_EXHAUSTION]) - before

    return b.play(script)


def hunger_effect(b: Bench) -> float:
    b.enter()
    life.add_effect(b.world, b.player, s.EFFECT_HUNGER, 0, 100)
    before = float(b.pf[s.PF_EXHAUSTION])
    b.world.run(20)
    return float(b.pf[s.PF_EXHAUSTION]) - before


def healing_ticks(b: Bench, food: int, saturation: float) -> float:
    b.enter()
    b.pf[s.PF_HEALTH] = 2.0
    times: list[int] = []
    for tick in range(200):
        b.hungry(food, saturation)
        b.pf[s.PF_EXHAUSTION] = 0.0
        before = float(b.pf[s.PF_HEALTH])
        b.world.run(1)
        if b.pf[s.PF_HEALTH] > before:
            times.append(tick)
            b.pf[s.PF_HEALTH] = 2.0
    return times[1] - times[0] if len(times) > 1 else -1


def starving_ticks(b: Bench) -> float:
    b.enter()
    b.hungry(0)
    found = b.hurts(200)
    return found[1][0] - found[0][0]


def starving_floor(b: Bench, difficulty: str) -> float:
    b.enter()
    b.command(f"difficulty {difficulty}")
    b.hungry(0)
    b.pf[s.PF_HEALTH] = 11.0
    b.world.run(80 * 14)
    return float(b.pf[s.PF_HEALTH])


# Damage


def first_hurt(b: Bench, where: str) -> float:
    b.enter()
    b.put_into(where)
    return b.hurts(400)[0][0]


def hurt_amount(b: Bench, where: str) -> float:
    b.enter()
    b.put_into(where)
    return b.hurts(400 if where == "water" else 60)[-1][1]


def hurt_interval(b: Bench, where: str) -> float:
    b.enter()
    b.put_into(where)
    found = b.hurts(400 if where == "water" else 60)
    return found[-1][0] - found[-2][0]


def alight_ticks(b: Bench, where: str) -> float:
    b.enter()
    x, y, z = b.feet()
    b.put_into(where)
    b.world.run(2)
    b.world.teleport(b.player, (x + 8.5, float(y), z + 8.5))
    b.pi[s.PI_IN_LAVA] = 0
    return float(b.pi[s.PI_FIRE])


def _dress(b: Bench, material: str) -> None:
    for piece, place in (("helmet", "head"), ("chestplate", "torso"), ("leggings", "legs"), ("boots", "feet")):
        b.give(f"{material}_{piece}")
        b.player.inventory.wear(f"{material}_{piece}", place)
    b.world.tell_changes()


def through_armour(b: Bench, material: str, damage: float) -> float:
    b.enter()
    _dress(b, material)
    life.hurt(b.world, b.player, damage, MOB)
    return 20.0 - float(b.pf[s.PF_HEALTH])


def armour_wear(b: Bench, damage: float) -> float:
    b.enter()
    _dress(b, "diamond")
    life.hurt(b.world, b.player, damage, MOB)
    wear = {stack.wear for stack in b.player.inventory.worn.values()}
    assert len(wear) == 1
    return wear.pop()


def _strike(b: Bench, damage: float, *, behind: bool = False) -> None:
    events, told = np.zeros((8, 3), np.int64), np.zeros(1, np.int64)
    arrays = b.world.arrays
    z = float(b.pf[s.PF_Z]) + (-3.0 if behind else 3.0)  # yaw 0 looks to +z
    b.pf[s.PF_YAW] = 0.0
    strike_player(
        arrays.pf, arrays.pi, events, told, 0, damage, MOB, float(b.pf[s.PF_X]), z, int(arrays.clock[s.CK_DIFFICULTY])
    )
    for code, who, what in events[: told[0]].tolist():
        b.world.happened(code, b.world.players[who], what)


def _shield(b: Bench) -> None:
    b.enter()
    b.give("shield")

    async def script(hands: Hands) -> None:
        await hands.equip("shield", "off-hand")
        await hands.raise_shield(up=True)
        await asyncio.sleep(0.5)

    b.play(script)


def through_shield(b: Bench, damage: float, behind: bool) -> float:
    _shield(b)
    _strike(b, damage, behind=behind)
    return 20.0 - float(b.pf[s.PF_HEALTH])


def shield_wear(b: Bench, damage: float) -> float:
    _shield(b)
    _strike(b, damage)
    return b.player.inventory.worn["off-hand"].wear


def blow(b: Bench, difficulty: str, damage: float) -> float:
    b.enter()
    b.command(f"difficulty {difficulty}")
    _strike(b, damage)
    return 20.0 - float(b.pf[s.PF_HEALTH])


def second_blow(b: Bench, after: int, first: float, second: float) -> float:
    b.enter()
    b.hungry(17)
    _strike(b, first)
    b.world.run(after)
    before = float(b.pf[s.PF_HEALTH])
    _strike(b, second)
    return before - float(b.pf[s.PF_HEALTH])


def fall_damage(b: Bench, height: int, floor: str) -> float:
    b.enter()
    b.hungry(17)
    x, y, z = b.feet()
    if floor == "white_bed":
        b.command(f"setblock {x} {y} {z} white_bed[part=foot]")
    elif floor == "water":
        b.command(f"fill {x - 1} {y} {z - 1} {x + 1} {y + 2} {z + 1} glass")
        b.command(f"fill {x} {y} {z} {x} {y + 2} {z} water")
    else:
        b.command(f"setblock {x} {y} {z} {floor}")
    top = {"white_bed": 0.5625, "water": 3.0}.get(floor, 1.0)
    b.world.teleport(b.player, (x + 0.5, y + top + height, z + 0.5))
    b.world.run(120)
    return 20.0 - float(b.pf[s.PF_HEALTH])


# Furnaces


def _furnace(b: Bench, kind: str) -> tuple[int, int, int]:
    b.enter()
    x, y, z = b.feet()
    b.command(f"setblock {x + 2} {y} {z} {kind}")
    return x + 2, y, z


def smelting_ticks(b: Bench, kind: str, item: str) -> float:
    pos = _furnace(b, kind)
    b.give(item, 2)
    b.give("coal", 1)

    async def script(hands: Hands) -> int:
        await hands.open_container(pos)
        await hands.put(item, 2, "input")
        await hands.put("coal", 1, "fuel")
        began = 0
        while True:
            view = await hands.window()
            assert isinstance(view, FurnaceView)
            made = view.output.count if view.output else 0
            if made == 1 and not began:
                began = b.world.age
            if made == 2:
                return b.world.age - began
            await asyncio.sleep(0.05)

    return b.play(script)


def smelted_by(b: Bench, fuel: str, count: int) -> float:
    pos = _furnace(b, "furnace")
    for _ in range(2):
        b.give("cobblestone", 64)
    for _ in range(count):
        b.give(fuel, 1)

    async def script(hands: Hands) -> float:
        await hands.open_container(pos)
        await hands.put("cobblestone", 64, "input")
        await hands.put(fuel, count, "fuel")
        await hands.close_window()
        made = 0
        for seconds in (620, 700):  # refilled before the input runs out, or the flame would burn for nothing
            await asyncio.sleep(seconds)
            view = await hands.open_container(pos)
            assert isinstance(view, FurnaceView)
            if view.output is not None:
                made += view.output.count
                await hands.take("stone", view.output.count)
            left = 64 - (view.input.count if view.input else 0)
            more = min(left, b.player.inventory.count("cobblestone"))
            if more:
                await hands.put("cobblestone", more, "input")
            await hands.close_window()
        return made

    return b.play(script)


# Tools


def _dig_one(b: Bench, block: str) -> Callable[[Hands], Any]:
    x, y, z = b.feet()

    async def script(hands: Hands) -> int:
        await b.stage.operator.command(f"setblock {x + 1} {y} {z} stone")  # so that nothing falls
        await b.stage.operator.command(f"setblock {x + 1} {y + 1} {z} {block}")
        await asyncio.sleep(0.5)
        began = b.world.age
        await hands.dig((x + 1, y + 1, z))
        return b.world.age - began

    return script


def _hold(b: Bench, tool: str) -> None:
    b.enter()
    if tool:
        b.give(tool)


def blocks_until_broken(b: Bench, tool: str, block: str) -> float:
    _hold(b, tool)
    broken = 0
    while b.player.inventory.count(tool):
        b.play(_dig_one(b, block))
        broken += 1
        b.player.inventory.remove("cobblestone", b.player.inventory.count("cobblestone"))
    return broken


def dig_wear(b: Bench, tool: str, block: str) -> float:
    _hold(b, tool)
    b.play(_dig_one(b, block))
    return b.player.inventory.held.wear


def use_wear(b: Bench, tool: str, block: str) -> float:
    _hold(b, tool)
    x, y, z = b.feet()
    b.command(f"setblock {x + 1} {y - 1} {z} {block}")

    async def script(hands: Hands) -> None:
        await hands.use_block((x + 1, y - 1, z))

    b.play(script)
    assert b.world.tables.name_of(b.world.voxels.get((x + 1, y - 1, z))) == "farmland"
    return b.player.inventory.held.wear


def durability(b: Bench, item: str) -> float:
    """Worn by the world, one point at a time, until it breaks."""
    b.enter()
    b.give(item)
    uses = 1
    while not b.player.inventory.use_up(1):
        uses += 1
    return uses


def dig_ticks(b: Bench, block: str, tool: str) -> float:
    _hold(b, tool)
    return b.play(_dig_one(b, block))


def dig_pause(b: Bench) -> float:
    b.enter()
    x, y, z = b.feet()

    async def script(hands: Hands) -> int:
        await hands.dig((x + 1, y - 1, z))
        began = b.world.age
        await hands.dig((x - 1, y - 1, z))
        return b.world.age - began - 15  # dirt by hand

    for dx in (-1, 1):
        b.command(f"setblock {x + dx} {y - 1} {z} dirt")
    return b.play(script)


# Items, effects, sleep, the rest


def despawn_ticks(b: Bench) -> float:
    b.enter()
    x, y, z = b.feet()
    b.world.drop(ItemStack("dirt", 1), (x + 8.5, y + 0.5, z + 8.5))
    ticks = 0
    while b.world.items():
        b.world.run(1)
        ticks += 1
    return ticks


def merged(b: Bench, apart: float) -> float:
    b.enter()
    x, y, z = b.feet()
    for far in (0.0, apart):
        b.world.drop(ItemStack("dirt", 3), (x + 7.5 + far, float(y), z + 8.5))
    b.world.run(100)
    assert sum(stack.count for _, stack, _, _ in b.world.items()) == 6
    return len(b.world.items())


def absorption(b: Bench, item: str) -> float:
    _eaten(b, item)
    return float(b.pf[s.PF_ABSORPTION])


def regeneration_ticks(b: Bench, level: int) -> float:
    b.enter()
    b.hungry(10)
    b.pf[s.PF_HEALTH] = 2.0
    life.add_effect(b.world, b.player, s.EFFECT_REGENERATION, level, 400)
    b.world.run(300)
    return 300 / (float(b.pf[s.PF_HEALTH]) - 2.0)


def poison_ticks(b: Bench) -> float:
    b.enter()
    b.hungry(10)
    life.add_effect(b.world, b.player, s.EFFECT_POISON, 0, 400)
    found = b.hurts(100)
    return found[1][0] - found[0][0]


def poison_damage(b: Bench, item: str) -> float:
    _eaten(b, item)
    b.hungry(10)
    before = 20.0
    b.world.run(200)
    return before - float(b.pf[s.PF_HEALTH])


def _bed(b: Bench) -> tuple[int, int, int]:
    b.enter()
    x, y, z = b.feet()
    b.command(f"setblock {x + 1} {y} {z} white_bed[part=foot,facing=east]")
    b.command(f"setblock {x + 2} {y} {z} white_bed[part=head,facing=east]")
    return x + 1, y, z


def night_ticks(b: Bench) -> float:
    bed = _bed(b)
    b.command("time set 14000")

    async def script(hands: Hands) -> int:
        await hands.sleep(bed)
        began = b.world.age
        while b.stage.body.state().sleeping:  # noqa: ASYNC110 (the world's ticks are what is counted)
            await asyncio.sleep(0.05)
        return b.world.age - began

    ticks = b.play(script)
    assert b.world.time_of_day < 10
    return ticks


def sleep_allowed(b: Bench, time: int) -> float:
    bed = _bed(b)

    async def script(hands: Hands) -> int:
        b.world.time_of_day = time - 1  # lying down takes a tick
        try:
            await hands.sleep(bed)
        except ActionFailed as failed:
            return 0 if failed.code == "sleep.notNight" else -1
        return 1

    return b.play(script)


def sprints(b: Bench, food: int) -> float:
    b.enter()
    b.hungry(food)
    b.pf[s.PF_FORWARD] = 1.0
    b.pi[s.PI_SPRINT] = 1
    b.world.run(2)
    return int(b.pi[s.PI_SPRINT])


def slots(b: Bench, block: str, count: int) -> float:
    b.enter()
    x, y, z = b.feet()
    b.give(block, count)

    async def script(hands: Hands) -> int:
        await hands.look_at((x + 0.5, y + 1.62, z + 9.5))
        await hands.place((x + 2, y - 1, z + 2), "up")
        b.pf[s.PF_YAW] = 0.0
        if count == 2:
            await hands.look_at((x + 0.5, y + 1.62, z + 9.5))
            await hands.place((x + 1, y - 1, z + 2), "up")
        view = await hands.open_container((x + 2, y, z + 2))
        assert isinstance(view, ContainerView)
        return len(view.slots)

    return b.play(script)


MEASURES: dict[str, Callable[..., float]] = {
    f.__name__: f
    for f in (
        eating_ticks, food_of, saturation_of, jump_exhaustion, way_exhaustion, dig_exhaustion, hunger_effect,
        healing_ticks, starving_ticks, starving_floor, first_hurt, hurt_amount, hurt_interval, alight_ticks,
        through_armour, armour_wear, through_shield, shield_wear, blow, second_blow, fall_damage, smelting_ticks,
        smelted_by, blocks_until_broken, dig_wear, use_wear, durability, dig_ticks, dig_pause, despawn_ticks, merged,
        absorption, regeneration_ticks, poison_ticks, poison_damage, night_ticks, sleep_allowed, sprints, slots,
    )
}  # fmt: skip


@pytest.mark.requirement("WORLD-02")
@pytest.mark.parametrize("value", VALUES, ids=[value["name"].replace(" ", "-") for value in VALUES])
def test_the_simulated_world_agrees_with_the_published_rule(stage, value: dict[str, Any]) -> None:
    found = MEASURES[value["measure"]](Bench(stage), **value.get("args", {}))
    assert found == pytest.approx(value["expected"], abs=value.get("tolerance", 1e-9)), value["source"]


def test_every_value_names_its_public_source() -> None:
    assert len(VALUES) >= 60
    assert all(value["source"].startswith("Minecraft Wiki, ") for value in VALUES)
    assert {value["measure"] for value in VALUES} == set(MEASURES)
    names = {value["name"] for value in VALUES}
    for checked in GOLDEN["checked"]:
        assert set(checked["measures"]) <= set(MEASURES)
        assert set(checked.get("except", ())) <= names
