"""What the hands do in the simulated world besides digging and building: eat, open, store, smelt, sleep."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine

from conscious_bot.body.port import Hands
from conscious_bot.contracts import ActionFailed, UserError
from conscious_bot.game.tables import Tables
from conscious_bot.memory.schema import metadata
from conscious_bot.simulation import beds
from conscious_bot.simulation import state as s
from conscious_bot.simulation.body import SimulatedBody
from conscious_bot.simulation.commands import SimulatedOperator
from conscious_bot.simulation.furnaces import FURNACES, Furnace
from conscious_bot.simulation.loop import run_virtual
from conscious_bot.simulation.store import WorldStore
from conscious_bot.simulation.world import SimulatedWorld
from conscious_bot.world.state import ContainerView, FurnaceView, ItemStack


def name_at(stage: Any, pos: tuple[int, int, int]) -> str:
    return stage.world.tables.name_of(stage.world.voxels.get(pos))


def properties_at(stage: Any, pos: tuple[int, int, int]) -> dict[str, str]:
    return stage.world.tables.properties_of(stage.world.voxels.get(pos))


async def refused(call: Any) -> str:
    with pytest.raises(ActionFailed) as caught:
        await call
    return str(caught.value.code)


# Eating


def test_eating_needs_food_in_the_hand_and_hunger(stage) -> None:
    async def script(hands: Hands) -> None:
        assert await refused(hands.consume()) == "inventory.missing"
        await stage.operator.command("give Bot dirt")
        assert await refused(hands.consume()) == "use.notFood"
        await stage.operator.command("clear Bot")
        await stage.operator.command("give Bot apple 2")
        assert await refused(hands.consume()) == "use.notHungry"
        stage.world.arrays.pi[0, s.PI_FOOD] = 10
        await hands.consume()
        assert stage.body.state().food == 14
        assert stage.body.state().inventory.count("apple") == 1

    stage.play(script)


def test_a_meal_that_is_stopped_leaves_the_food_whole(stage) -> None:
    async def script(hands: Hands) -> None:
        await stage.operator.command("give Bot bread")
        stage.world.arrays.pi[0, s.PI_FOOD] = 10
        meal = asyncio.ensure_future(hands.consume())
        await asyncio.sleep(1.0)
        await stage.body.stop()
        assert await refused(meal) == "step.cancelled"
        assert stage.body.state().inventory.count("bread") == 1
        assert stage.body.state().food == 10

    stage.play(script)


def test_a_stew_leaves_its_bowl(stage) -> None:
    async def script(hands: Hands) -> None:
        await stage.operator.command("give Bot mushroom_stew")
        stage.world.arrays.pi[0, s.PI_FOOD] = 10
        await hands.consume()
        assert stage.body.state().inventory.counts() == Counter(bowl=1)

    stage.play(script)


def test_one_can_say_something_while_digging(stage) -> None:
    async def script(hands: Hands) -> None:
        x, y, z = stage.feet()
        await stage.operator.command(f"setblock {x + 1} {y} {z} stone")
        digging = asyncio.ensure_future(hands.dig((x + 1, y, z)))
        await asyncio.sleep(0.5)
        await hands.chat("digging")
        assert not digging.done()
        await digging

    stage.play(script)
    assert "chat" in stage.kinds()


# Blocks of two halves, doors


def test_doors_and_beds_are_put_down_whole_and_break_whole(stage) -> None:
    async def script(hands: Hands) -> None:
        x, y, z = stage.feet()
        await stage.operator.command("give Bot oak_door")
        await hands.place((x + 2, y - 1, z), "up")
        assert properties_at(stage, (x + 2, y, z))["half"] == "lower"
        assert properties_at(stage, (x + 2, y + 1, z))["half"] == "upper"
        await hands.use_block((x + 2, y + 1, z), "west")
        assert properties_at(stage, (x + 2, y, z))["open"] == "true"
        await hands.dig((x + 2, y + 1, z))
        assert name_at(stage, (x + 2, y, z)) == "air"
        await stage.operator.command("clear Bot")
        await stage.operator.command("give Bot white_bed")
        await hands.look_at((x + 0.5, y + 1.62, z + 9.0))
        await hands.place((x, y - 1, z + 1), "up")
        halves = [properties_at(stage, (x, y, z + i))["part"] for i in (1, 2)]
        assert halves == ["foot", "head"]
        await stage.operator.command(f"setblock {x} {y} {z + 2} air")
        assert name_at(stage, (x, y, z + 1)) == "air"

    stage.play(script)


def test_a_bed_is_not_put_where_its_head_has_no_room(stage) -> None:
    async def script(hands: Hands) -> None:
        x, y, z = stage.feet()
        await stage.operator.command("give Bot white_bed")
        await stage.operator.command(f"setblock {x} {y} {z + 2} stone")
        await hands.look_at((x + 0.5, y + 1.62, z + 9.0))
        assert await refused(hands.place((x, y - 1, z + 1), "up")) == "place.occupied"
        assert stage.body.state().inventory.count("white_bed") == 1

    stage.play(script)


def test_buckets_carry_water(stage) -> None:
    async def script(hands: Hands) -> None:
        x, y, z = stage.feet()
        for dx, dz in ((1, 0), (3, 0), (2, 1), (2, -1)):
            await stage.operator.command(f"setblock {x + dx} {y} {z + dz} stone")
        await stage.operator.command(f"setblock {x + 2} {y} {z} water")
        await stage.operator.command("give Bot bucket")
        await hands.use_block((x + 2, y, z))
        assert stage.body.state().inventory.counts() == Counter(water_bucket=1)
        await hands.use_block((x + 2, y - 1, z), "up")
        assert stage.body.state().inventory.counts() == Counter(bucket=1)
        assert name_at(stage, (x + 2, y, z)) == "water"
        assert await refused(hands.use_block((x + 1, y, z))) == "use.noEffect"

    stage.play(script)


# Containers


def test_what_is_put_into_a_chest_lies_there_and_falls_out_when_it_breaks(stage) -> None:
    async def script(hands: Hands) -> None:
        x, y, z = stage.feet()
        chest = (x + 2, y, z)
        assert await refused(hands.open_container(chest)) == "container.none"
        await stage.operator.command(f"setblock {x + 2} {y} {z} chest")
        await stage.operator.command("give Bot cobblestone 70")
        assert await refused(hands.put("cobblestone", 1)) == "container.notOpen"
        view = await hands.open_container(chest)
        assert view.counts() == Counter()
        assert stage.body.state().window == "chest"
        assert await refused(hands.put("dirt", 1)) == "inventory.missing"
        assert await refused(hands.take("dirt", 1)) == "container.missing"
        assert await refused(hands.put("cobblestone", 1, "fuel")) == "step.badArgs"
        view = await hands.put("cobblestone", 66)
        assert isinstance(view, ContainerView)
        assert view.free_slots() == 25
        view = await hands.take("cobblestone", 6)
        assert view.count("cobblestone") == 60
        await hands.dig(chest)
        await asyncio.sleep(3)
        total = Counter(stage.body.state().inventory.counts())
        for _, stack, _, _ in stage.world.items():
            total[stack.item] += stack.count
        assert total == Counter(cobblestone=70, chest=1)

    stage.play(script)
    assert "window_closed" in stage.kinds()


def test_a_block_above_keeps_a_chest_shut_and_walking_away_closes_it(stage) -> None:
    async def script(hands: Hands) -> None:
        x, y, z = stage.feet()
        await stage.operator.command(f"setblock {x + 2} {y} {z} chest")
        await stage.operator.command(f"setblock {x + 2} {y + 1} {z} stone")
        assert await refused(hands.open_container((x + 2, y, z))) == "container.blocked"
        await stage.operator.command(f"setblock {x + 2} {y + 1} {z} glass")
        await hands.open_container((x + 2, y, z))
        await stage.operator.command(f"tp Bot {x - 9} {y} {z}")
        await asyncio.sleep(0.1)
        assert await refused(hands.window()) == "container.notOpen"
        assert await refused(hands.open_container((x + 2, y, z))) == "container.outOfReach"

    stage.play(script)


def test_a_furnace_goes_on_while_nobody_looks_and_shows_its_fire(stage) -> None:
    async def script(hands: Hands) -> None:
        x, y, z = stage.feet()
        pos = (x + 2, y, z)
        await stage.operator.command(f"setblock {x + 2} {y} {z} furnace")
        await stage.operator.command("give Bot raw_iron 3")
        await stage.operator.command("give Bot coal 1")
        await hands.open_container(pos)
        assert await refused(hands.put("raw_iron", 3, "fuel")) == "step.badArgs"
        await hands.put("raw_iron", 3, "input")
        await hands.put("coal", 1, "fuel")
        await hands.close_window()
        await asyncio.sleep(0.2)
        assert properties_at(stage, pos)["lit"] == "true"
        await stage.operator.command(f"tp Bot {x + 400} {y + 4} {z}")
        await asyncio.sleep(40)
        await stage.operator.command(f"tp Bot {x} {y} {z}")
        await asyncio.sleep(0.5)
        view = await hands.open_container(pos)
        assert isinstance(view, FurnaceView)
        assert view.output == ItemStack("iron_ingot", 3)
        assert view.burning > 0
        await hands.take("iron_ingot", 3)
        await asyncio.sleep(60)
        assert properties_at(stage, pos)["lit"] == "false"

    stage.play(script)


# Sleep and death


def test_damage_wakes_a_sleeper_and_death_leads_back_to_the_bed(stage) -> None:
    async def script(hands: Hands) -> None:
        x, y, z = stage.feet()
        await stage.operator.command(f"setblock {x + 1} {y} {z} white_bed[part=foot,facing=east]")
        await stage.operator.command(f"setblock {x + 2} {y} {z} white_bed[part=head,facing=east]")
        assert await refused(hands.sleep((x + 5, y, z))) == "sleep.noBed"
        assert await refused(hands.sleep((x + 1, y, z))) == "sleep.notNight"
        await stage.operator.command("time set night")
        await hands.sleep((x + 1, y, z))
        assert stage.body.state().sleeping
        assert await refused(hands.dig((x, y - 1, z))) == "body.asleep"
        await stage.operator.command("effect give Bot instant_damage")
        assert not stage.body.state().sleeping
        await hands.sleep((x + 2, y, z))
        await hands.wake()
        await stage.operator.command(f"tp Bot {x + 20} {y} {z}")
        await stage.operator.command("effect give Bot instant_damage 1 5")
        await asyncio.sleep(0.1)
        assert not stage.body.state().alive
        await hands.respawn()
        bx, _, bz = stage.feet()
        assert abs(bx - (x + 1.5)) <= 2
        assert abs(bz - z) <= 1
        await stage.operator.command(f"setblock {x + 2} {y} {z} air")
        await stage.operator.command("effect give Bot instant_damage 1 5")
        await asyncio.sleep(0.1)
        await hands.respawn()
        assert stage.feet() == stage.world.spawn

    stage.play(script)
    assert stage.kinds().count("woke") == 2


def test_who_keeps_the_inventory_keeps_it_and_who_respawns_at_once_lives(stage) -> None:
    async def script(hands: Hands) -> None:
        await stage.operator.command("give Bot bread 3")
        await stage.operator.command("gamerule keepInventory true")
        await stage.operator.command("effect give Bot instant_damage 1 5")
        await asyncio.sleep(0.1)
        assert not stage.body.state().alive
        await hands.respawn()
        assert stage.body.state().inventory.counts() == {"bread": 3}
        await stage.operator.command("gamerule keepInventory false")
        await stage.operator.command("gamerule doImmediateRespawn true")
        await stage.operator.command("effect give Bot instant_damage 1 5")
        await asyncio.sleep(0.1)
        assert stage.body.state().alive
        assert stage.feet() == stage.world.spawn

    stage.play(script)
    assert stage.kinds().count("died") == 2
    assert stage.kinds().count("respawned") == 2


@pytest.mark.parametrize(("percent", "passes"), [(50, True), (51, False), (0, True)])
def test_the_night_passes_when_as_many_sleep_as_the_rule_says(tables: Tables, percent: int, passes: bool) -> None:
    world = SimulatedWorld.create(1, tables, "flat", view=1)
    world.rules.set({"playersSleepingPercentage": percent, "doMobSpawning": False})
    sleeper, _ = world.add_player("Bot"), world.add_player("Ada")
    world.time_of_day = 18_000
    x, y, z = world.spawn
    world.set_block((x + 1, y, z), tables.state_of("white_bed", part="foot", facing="east"))
    world.set_block((x + 2, y, z), tables.state_of("white_bed", part="head", facing="east"))
    sleeper.bed = (x + 2, y, z)
    beds.lie_down(world, sleeper, sleeper.bed)
    world.run(140)
    assert (world.time_of_day < 18_000) == passes
    assert beds.is_asleep(world, sleeper) != passes


def test_nobody_sleeps_beside_a_monster(stage) -> None:
    async def script(hands: Hands) -> None:
        x, y, z = stage.feet()
        await stage.operator.command(f"setblock {x + 1} {y} {z} white_bed[part=foot,facing=east]")
        await stage.operator.command(f"setblock {x + 2} {y} {z} white_bed[part=head,facing=east]")
        await stage.operator.command("time set night")
        stage.world.herd.summon("zombie", (x + 7.5, float(y), z + 0.5), no_ai=True, kept=True)
        assert await refused(hands.sleep((x + 1, y, z))) == "sleep.hostilesNear"

    stage.play(script)


@pytest.mark.parametrize(
    "command",
    [
        "difficulty brutal",
        "gamemode creative",
        "effect give Bot levitation",
        "effect take Bot",
        "give Bot dirt{Damage:3}",
    ],
)
def test_commands_that_this_world_cannot_do_are_refused_and_change_nothing(stage, command: str) -> None:
    async def script(_: Hands) -> None:
        before = stage.world.state_hash()
        with pytest.raises(UserError):
            await stage.operator.command(command)
        assert stage.world.state_hash() == before

    stage.play(script)


# Properties

STACKS = st.one_of(
    st.none(),
    st.builds(ItemStack, st.sampled_from(["raw_iron", "beef", "cobblestone", "dirt"]), st.integers(1, 20)),
)
FUELS = st.one_of(
    st.none(), st.builds(ItemStack, st.sampled_from(["coal", "stick", "oak_planks"]), st.integers(1, 5)),
    st.just(ItemStack("lava_bucket", 1)),
)  # fmt: skip


@given(st.sampled_from(sorted(FURNACES)), STACKS, FUELS, st.lists(st.integers(1, 900), max_size=6), st.integers(0, 150))
@settings(max_examples=60, deadline=None)
def test_a_furnace_worked_out_in_leaps_equals_one_that_ticks(
    kind: str, cooked: ItemStack | None, fuel: ItemStack | None, leaps: list[int], progress: int
) -> None:
    tables = Tables.builtin()
    leaping = Furnace(kind, cooked, fuel, progress=min(progress, 99))
    ticking = Furnace(kind, cooked, fuel, progress=min(progress, 99))
    for leap in leaps:
        leaping.advance(leap, tables)
        for _ in range(leap):
            ticking.tick(tables)
        assert leaping == ticking


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["put", "take", "toss", "furnace", "chest", "wait", "dig", "stop", "place"]),
        st.sampled_from(["raw_iron", "coal", "cobblestone", "chest"]),
        st.integers(1, 30),
        st.sampled_from([None, "input", "fuel", "output"]),
    ),
    max_size=14,
)


def held_by(world: SimulatedWorld) -> Counter[str]:
    """Everything there is, smelted things counted as what they came from, burnt coal aside."""
    total: Counter[str] = Counter()
    for player in world.players:
        total += player.inventory.view().counts()
    for _, stack, _, _ in world.items():
        total[stack.item] += stack.count
    stored = world.storage.export()
    for _, slots in stored["chests"]:
        for stack in slots:
            if stack is not None:
                total[stack[0]] += stack[1]
    for _, _, *stacks, _, _, _, _ in stored["furnaces"]:
        for stack in stacks:
            if stack is not None:
                total[stack[0]] += stack[1]
    total["raw_iron"] += total.pop("iron_ingot", 0)
    total["cobblestone"] += total.pop("stone", 0)
    return total


async def act(hands: Hands, body: SimulatedBody, script: list[Any], origin: tuple[int, int, int]) -> None:
    x, y, z = origin
    for what, item, count, part in script:
        try:
            if what == "put":
                await hands.put(item, count, part)
            elif what == "take":
                await hands.take("iron_ingot" if part == "output" else item, count, part)
            elif what == "toss":
                await hands.toss(item, count)
            elif what == "furnace":
                await hands.open_container((x + 2, y, z))
            elif what == "chest":
                await hands.open_container((x, y, z + 2))
            elif what == "wait":
                await asyncio.sleep(count)
            elif what == "dig":
                await hands.dig((x, y, z + 2))
            elif what == "place":
                await hands.equip("chest", "hand")
                await hands.place((x, y - 1, z + 2), "up")
            else:
                await body.stop()
        except ActionFailed:
            continue


async def prepare(world: SimulatedWorld) -> tuple[SimulatedBody, Hands, tuple[int, int, int]]:
    body, operator = SimulatedBody(world), SimulatedOperator(world)
    await body.open()
    x, y, z = body.state().block
    await operator.command(f"setblock {x + 2} {y} {z} furnace")
    await operator.command(f"setblock {x} {y} {z + 2} chest")
    for text in ("raw_iron 40", "coal 20", "cobblestone 100", "chest 1", "stone_axe"):
        await operator.command(f"give Bot {text}")
    return body, body.claim_hands(), (x, y, z)


@pytest.mark.requirement("WORLD-02")
@given(ACTIONS)
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_items_are_neither_made_nor_lost_by_any_use_of_containers_and_furnaces(script: list[Any]) -> None:
    world = SimulatedWorld.create(1, Tables.builtin(), "flat", view=1)

    async def main() -> None:
        body, hands, origin = await prepare(world)
        before = held_by(world)
        placed = name_of(world, (origin[0], origin[1], origin[2] + 2)) == "chest"
        await act(hands, body, script, origin)
        await body.stop()
        after = held_by(world)
        after["chest"] += name_of(world, (origin[0], origin[1], origin[2] + 2)) == "chest"
        before["chest"] += placed
        assert after.pop("coal", 0) <= before.pop("coal", 0)
        assert after == before
        assert body.state().window is None

    run_virtual(main(), world)


def name_of(world: SimulatedWorld, pos: tuple[int, int, int]) -> str:
    return world.tables.name_of(world.voxels.get(pos))


@pytest.mark.requirement("WORLD-02")
def test_a_world_saved_with_chests_and_burning_furnaces_goes_on_as_if_never_saved(tables: Tables) -> None:
    script = [
        ("furnace", "coal", 1, None), ("put", "raw_iron", 9, "input"), ("put", "coal", 2, "fuel"),
        ("chest", "coal", 1, None), ("put", "cobblestone", 30, None), ("wait", "coal", 15, None),
        ("furnace", "coal", 1, None), ("take", "coal", 1, "output"),
    ]  # fmt: skip
    kept = SimulatedWorld.create(5, tables, "flat", view=1)

    async def first() -> None:
        body, hands, origin = await prepare(kept)
        await act(hands, body, script, origin)
        await body.stop()

    run_virtual(first(), kept)
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        metadata.create_all(connection)
        WorldStore(kept).write(connection)
        loaded = WorldStore.load(connection, tables)
    engine.dispose()
    assert loaded is not None
    assert loaded.state_hash() == kept.state_hash()

    def second(world: SimulatedWorld) -> list[str]:
        async def main() -> list[str]:
            body = SimulatedBody(world)
            await body.open()
            hands = body.claim_hands()
            x, y, z = world.spawn
            hashes: list[str] = []
            for _ in range(4):
                await asyncio.sleep(21.3)
                hashes.append(world.state_hash())
            view = await hands.open_container((x + 2, y, z))
            hashes.append(repr(view))
            return hashes

        for player in world.players:
            player.listeners.clear()
        return run_virtual(main(), world)

    assert second(loaded) == second(kept)


PROGRAM = """
import asyncio, json, sys
from conscious_bot.game.tables import Tables
from conscious_bot.simulation.body import SimulatedBody
from conscious_bot.simulation.commands import SimulatedOperator
from conscious_bot.simulation.loop import run_virtual
from conscious_bot.simulation.world import SimulatedWorld

world = SimulatedWorld.create(7, Tables.builtin(), "flat", view=1)
hashes = []

async def main():
    body, operator = SimulatedBody(world), SimulatedOperator(world)
    await body.open()
    hands = body.claim_hands()
    x, y, z = body.state().block
    for text in (f"setblock {x + 2} {y} {z} furnace", f"setblock {x} {y} {z + 2} chest", "give Bot beef 5",
                 "give Bot coal 3", "give Bot rotten_flesh 4", "effect give Bot hunger 60 200"):
        await operator.command(text)
    await hands.open_container((x + 2, y, z))
    await hands.put("beef", 5, "input")
    await hands.put("coal", 2, "fuel")
    await hands.open_container((x, y, z + 2))
    await hands.put("rotten_flesh", 1)
    await hands.equip("rotten_flesh", "hand")
    for round in range(3):
        await asyncio.sleep(11.7)
        await hands.consume()
        hashes.append(world.state_hash())
    await hands.dig((x, y, z + 2))
    await hands.dig((x + 2, y, z))
    await asyncio.sleep(5)
    hashes.append(world.state_hash())
    print(json.dumps([hashes, world.age, sorted(body.state().inventory.counts().items())]))

run_virtual(main(), world)
"""


@pytest.mark.requirement("WORLD-02")
def test_meals_chests_and_furnaces_come_out_the_same_in_any_process() -> None:
    def run(hash_seed: str) -> list[Any]:
        source = Path(__file__).parents[2] / "src"
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(source)}
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True, timeout=300
        )
        return json.loads(done.stdout)

    first, second = run("1"), run("31337")
    assert first == second
    assert len(set(first[0])) == 4, "the script was meant to change the world"
