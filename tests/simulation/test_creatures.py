"""Creatures against golden values from the Minecraft Wiki, and what becomes of them in a world."""

from __future__ import annotations

import asyncio
import math
import tomllib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conscious_bot.contracts import ActionFailed, ExecErrorCode, UserError
from conscious_bot.game.tables import Tables
from conscious_bot.simulation import state as s
from conscious_bot.simulation.creatures import layout
from conscious_bot.simulation.creatures.combat import cooldown_ticks, weapon
from conscious_bot.simulation.players import Player
from conscious_bot.simulation.world import SimulatedWorld
from conscious_bot.world.state import EntityView, ItemStack

GOLDEN: dict[str, Any] = tomllib.loads((Path(__file__).parent / "golden_creatures.toml").read_text())
NIGHT = 18000


@pytest.fixture
def quiet(tables: Tables) -> SimulatedWorld:
    """A flat world in which nothing appears by itself, its clock at noon."""
    world = SimulatedWorld.create(1, tables, "flat", view=2)
    world.rules["doMobSpawning"] = False
    world.rules["doDaylightCycle"] = False
    world.time_of_day = 6000
    return world


def bot(world: SimulatedWorld) -> Player:
    player = world.add_player("Bot")
    world.run(2)
    return player


def place(world: SimulatedWorld, dx: float = 0.0, dz: float = 0.0, dy: float = 0.0) -> tuple[float, float, float]:
    x, y, z = world.spawn
    return x + 0.5 + dx, y + dy, z + 0.5 + dz


def view_of(world: SimulatedWorld, creature: int) -> EntityView | None:
    return next((view for view in world.herd.views() if view.id == creature), None)


def there(world: SimulatedWorld, creature: int) -> EntityView:
    view = view_of(world, creature)
    assert view is not None
    return view


@pytest.mark.requirement("WORLD-02")
@pytest.mark.parametrize(("kind", "health"), sorted(GOLDEN["health"]["values"].items()))
def test_creatures_have_their_health_and_size(quiet: SimulatedWorld, tables: Tables, kind: str, health: float) -> None:
    bot(quiet)
    view = there(quiet, quiet.herd.summon(kind, place(quiet, 5), no_ai=True))
    assert view.health == health
    assert (view.width, view.height) == (tables.entities[kind].width, tables.entities[kind].height)


@pytest.mark.requirement("WORLD-02")
@pytest.mark.parametrize("kind", ["zombie", "spider", "enderman"])
@pytest.mark.parametrize("difficulty", ["easy", "normal", "hard"])
def test_monsters_strike_as_hard_as_the_difficulty_says(quiet: SimulatedWorld, kind: str, difficulty: str) -> None:
    quiet.time_of_day = NIGHT
    quiet.difficulty = difficulty
    player = bot(quiet)
    creature = quiet.herd.summon(kind, place(quiet, 1.3))
    quiet.herd.provoke(creature, player.index)
    row = quiet.herd.row(creature)
    quiet.herd.arrays.ci[row, layout.CI_SEEING] = 1
    before = quiet.health_of(player)[0]
    for _ in range(60):
        quiet.run(1)
        if quiet.health_of(player)[0] < before:
            break
    assert before - quiet.health_of(player)[0] == pytest.approx(GOLDEN["melee"][kind][difficulty])
    quiet.run(3)
    assert math.dist(quiet.position_of(player), place(quiet)) > 0.5, "the blow throws it back"


@pytest.mark.requirement("WORLD-02")
def test_a_zombie_walks_at_its_speed_and_a_fleeing_cow_runs(quiet: SimulatedWorld) -> None:
    quiet.time_of_day = NIGHT
    bot(quiet)
    zombie = quiet.herd.summon("zombie", place(quiet, 20))
    quiet.run(60)
    start = there(quiet, zombie).position
    quiet.run(40)
    golden = GOLDEN["speed"]["zombie"]
    walked = math.dist(start, there(quiet, zombie).position) / 2
    assert walked == pytest.approx(golden["blocks_per_second"], abs=golden["tolerance"])
    quiet.herd.kill(zombie)
    cow = quiet.herd.summon("cow", place(quiet, -6, 6))
    quiet.run(2)
    assert quiet.herd.hurt(cow, 1)
    steps = []
    for _ in range(60):
        before = there(quiet, cow).position
        quiet.run(1)
        steps.append(math.dist(before, there(quiet, cow).position) * 20)
    golden = GOLDEN["speed"]["cow"]
    assert max(steps) == pytest.approx(golden["blocks_per_second"], abs=golden["tolerance"])


@pytest.mark.requirement("WORLD-02")
@pytest.mark.parametrize("kind", GOLDEN["burning"]["kinds"])
def test_the_undead_burn_by_day_and_lose_a_health_point_a_second(quiet: SimulatedWorld, kind: str) -> None:
    bot(quiet)
    creature = quiet.herd.summon(kind, place(quiet, 12), no_ai=True)
    for _ in range(400):
        quiet.run(1)
        row = quiet.herd.row(creature)
        if row is not None and quiet.herd.arrays.ci[row, layout.CI_FIRE] > 0:
            break
    before = there(quiet, creature).health
    assert before is not None
    quiet.run(100)
    after = there(quiet, creature).health
    assert after is not None
    assert before - after == pytest.approx(5 * GOLDEN["burning"]["damage_per_second"], abs=1)


@pytest.mark.requirement("WORLD-02")
def test_nothing_else_burns_by_day_and_nobody_by_night(quiet: SimulatedWorld) -> None:
    bot(quiet)
    calm = [
        quiet.herd.summon(kind, place(quiet, 12, k), no_ai=True)
        for k, kind in enumerate(GOLDEN["burning"]["calm_kinds"])
    ]
    quiet.run(400)
    quiet.time_of_day = NIGHT
    zombie = quiet.herd.summon("zombie", place(quiet, 12, -5), no_ai=True)
    quiet.run(400)
    for creature in [*calm, zombie]:
        view = there(quiet, creature)
        assert view.health == GOLDEN["health"]["values"][view.kind]


@pytest.mark.requirement("WORLD-02")
def test_a_creeper_bursts_after_its_fuse_and_leaves_a_hole(quiet: SimulatedWorld, tables: Tables) -> None:
    quiet.time_of_day = NIGHT
    player = bot(quiet)
    creature = quiet.herd.summon("creeper", place(quiet, 2.5))
    began = None
    for _ in range(200):
        quiet.run(1)
        row = quiet.herd.row(creature)
        if row is None:
            break
        if began is None and quiet.herd.arrays.ci[row, layout.CI_FUSE] > 0:
            began = quiet.age
    assert view_of(quiet, creature) is None
    assert began is not None
    assert quiet.age - began == pytest.approx(GOLDEN["creeper"]["fuse_ticks"], abs=1)
    assert quiet.health_of(player)[0] < 20
    x, y, z = quiet.spawn
    cells = [(x + dx, y - 1, z + dz) for dx in range(-4, 8) for dz in range(-4, 5)]
    assert any(quiet.voxels.get(cell) == 0 for cell in cells), "grass is gone"
    assert not any(tables.name_of(quiet.voxels.get((cx, y - 4, cz))) != "bedrock" for cx, _, cz in cells)


@pytest.mark.requirement("WORLD-02")
def test_an_explosion_hurts_as_the_rule_says() -> None:
    from conscious_bot.simulation.creatures.blast import CREEPER_POWER, blast_damage

    assert GOLDEN["creeper"]["power"] == CREEPER_POWER
    assert blast_damage(CREEPER_POWER, 0.0, 1.0) == GOLDEN["creeper"]["most_damage"]
    assert blast_damage(CREEPER_POWER, 6.0, 1.0) == 0.0


@pytest.mark.requirement("WORLD-02")
@pytest.mark.parametrize("kind", sorted(GOLDEN["health"]["values"]))
def test_loot_lies_within_its_bounds_and_uses_them(quiet: SimulatedWorld, kind: str) -> None:
    seen: dict[str, set[int]] = {item: set() for item in GOLDEN["loot"][kind]}
    bot(quiet)
    for _ in range(60):
        creature = quiet.herd.summon(kind, place(quiet, 20), no_ai=True)
        before = Counter({stack.item: stack.count for _, stack, _, _ in quiet.items()})
        assert not before
        assert quiet.herd.kill(creature)
        dropped: Counter[str] = Counter()
        for _, stack, _, _ in quiet.items():
            dropped[stack.item] += stack.count
        quiet.arrays.clock[s.CK_ITEMS] = 0
        assert {item for item in dropped if not item.endswith("_wool")} <= seen.keys()
        for item, found in seen.items():
            found.add(dropped[item])
    for item, (low, high) in GOLDEN["loot"][kind].items():
        assert min(seen[item]) >= low
        assert max(seen[item]) <= high
        assert len(seen[item]) > 1 or low == high


@pytest.mark.requirement("WORLD-02")
def test_a_burning_cow_leaves_steak(quiet: SimulatedWorld) -> None:
    bot(quiet)
    cow = quiet.herd.summon("cow", place(quiet, 20), no_ai=True)
    quiet.herd.arrays.ci[quiet.herd.row(cow), layout.CI_FIRE] = 100
    quiet.herd.kill(cow)
    items = {stack.item for _, stack, _, _ in quiet.items()}
    assert "cooked_beef" in items
    assert "beef" not in items


@pytest.mark.requirement("WORLD-02")
def test_a_fall_hurts_all_but_chickens(quiet: SimulatedWorld) -> None:
    bot(quiet)
    cow = quiet.herd.summon("cow", place(quiet, 8, dy=GOLDEN["fall"]["height"]))
    chicken = quiet.herd.summon("chicken", place(quiet, 10, dy=GOLDEN["fall"]["height"]))
    quiet.run(200)
    assert there(quiet, cow).health == 10 - GOLDEN["fall"]["damage"]
    assert there(quiet, chicken).health == 4


@pytest.mark.requirement("WORLD-02")
@pytest.mark.parametrize(("item", "golden"), sorted(GOLDEN["weapons"]["values"].items()))
def test_weapons_do_their_damage_at_their_pace(quiet: SimulatedWorld, item: str, golden: list[float]) -> None:
    damage, speed = golden
    held = None if item == "hand" else item
    assert weapon(held) == (damage, speed)
    assert abs(cooldown_ticks(held) - 20 / speed) < 1


@pytest.mark.requirement("WORLD-02")
@pytest.mark.parametrize(("kind", "blows"), sorted(GOLDEN["armour"]["stone_sword_blows"].items()))
def test_armour_of_its_own_makes_a_zombie_outlast_a_skeleton(
    new_stage: Callable[..., Any], kind: str, blows: int
) -> None:
    stage = new_stage(view=2)
    world = stage.world

    async def script(hands: Any) -> int:
        world.rules["doMobSpawning"] = False
        world.time_of_day = 18000
        world.players[0].inventory.add(ItemStack("stone_sword", 1))
        await hands.equip("stone_sword", "hand")
        creature = world.herd.summon(kind, place(world, 2), no_ai=True)
        struck = 0
        while view_of(world, creature) is not None:
            await hands.attack(creature)
            struck += 1
        return struck

    assert stage.play(script) == blows


@pytest.mark.requirement("WORLD-02")
def test_a_sword_kills_a_cow_in_as_many_blows_as_it_takes(new_stage: Callable[..., Any]) -> None:
    stage = new_stage(view=2)
    world = stage.world

    async def script(hands: Any) -> list[int]:
        world.rules["doMobSpawning"] = False
        player = world.players[0]
        player.inventory.add(ItemStack("iron_sword", 1))
        await hands.equip("iron_sword", "hand")
        cow = world.herd.summon("cow", place(world, 2), no_ai=True)
        ages: list[int] = []
        while view_of(world, cow) is not None:
            await hands.attack(cow)
            ages.append(world.age)
        with pytest.raises(ActionFailed) as caught:
            await hands.attack(cow)
        assert caught.value.code is ExecErrorCode.COMBAT_TARGET_GONE
        pig = world.herd.summon("pig", place(world, 9))
        with pytest.raises(ActionFailed) as caught:
            await hands.attack(pig)
        assert caught.value.code is ExecErrorCode.COMBAT_OUT_OF_REACH
        return ages

    ages = stage.play(script)
    assert len(ages) == 2, "6 and 6 of 10"
    assert ages[1] - ages[0] == cooldown_ticks("iron_sword")
    held = world.players[0].inventory.held
    assert held is not None
    assert held.wear == 2


@pytest.mark.requirement("WORLD-02")
def test_monsters_appear_in_the_dark_only_and_not_near_the_player(tables: Tables) -> None:
    world = SimulatedWorld.create(3, tables, "flat", view=4, spawn=(0, -60, 0))
    world.rules["doDaylightCycle"] = False
    world.time_of_day = 6000
    bot(world)
    world.run(600)
    assert not [v for v in world.herd.views() if v.kind in layout.KINDS[layout.FIRST_MONSTER :]]
    world.time_of_day = NIGHT
    born: set[int] = set()
    most = 0  # at one time: those that vanish make room for others
    for _ in range(300):
        world.run(1)
        most = max(most, sum(v.kind in layout.KINDS[layout.FIRST_MONSTER :] for v in world.herd.views()))
        for view in world.herd.views():
            if view.kind in layout.KINDS[layout.FIRST_MONSTER :] and view.id not in born:
                born.add(view.id)
                far = math.dist(view.position, world.position_of(world.players[0]))
                assert GOLDEN["spawning"]["nearest"] - 0.5 < far < GOLDEN["spawning"]["farthest"]
                light = world.light_at((int(view.position[0] // 1), int(view.position[1]), int(view.position[2] // 1)))
                assert light.block == GOLDEN["spawning"]["monster_block_light"]
    assert born
    cap = GOLDEN["spawning"]["monster_cap"] * len(world.voxels.columns()) / 289
    assert most <= cap + 4 + 1


@pytest.mark.requirement("WORLD-02")
def test_far_monsters_vanish_and_animals_stay(quiet: SimulatedWorld) -> None:
    player = bot(quiet)
    far = GOLDEN["spawning"]["despawn_at_once"] + 2
    quiet.voxels.ensure_loaded(8, 0)
    spider = quiet.herd.summon("spider", place(quiet, far), no_ai=True)
    kept = quiet.herd.summon("spider", place(quiet, far), no_ai=True, kept=True)
    cow = quiet.herd.summon("cow", place(quiet, far), no_ai=True)
    near = quiet.herd.summon("spider", place(quiet, 30), no_ai=True)
    middle = [quiet.herd.summon("creeper", place(quiet, 35, k), no_ai=True) for k in range(10)]
    quiet.run(1)
    assert view_of(quiet, spider) is None
    assert view_of(quiet, kept) is not None
    quiet.run(600)
    assert all(view_of(quiet, creature) is not None for creature in middle)
    quiet.run(4000)
    assert sum(view_of(quiet, creature) is not None for creature in middle) < 5
    assert view_of(quiet, near) is not None
    assert view_of(quiet, cow) is not None
    assert quiet.is_alive(player)


@pytest.mark.requirement("WORLD-02")
def test_a_zombie_finds_its_way_round_a_wall(quiet: SimulatedWorld, tables: Tables) -> None:
    quiet.time_of_day = NIGHT
    player = bot(quiet)
    x, y, z = quiet.spawn
    stone = tables.state_of("stone")
    for dz in range(-4, 5):
        for dy in range(2):
            quiet.set_block((x + 4, y + dy, z + dz), stone)
    zombie = quiet.herd.summon("zombie", place(quiet, 8))
    quiet.herd.provoke(zombie, player.index)
    for _ in range(400):
        quiet.run(1)
        if quiet.health_of(player)[0] < 20:
            break
    assert quiet.health_of(player)[0] < 20


@pytest.mark.requirement("WORLD-02")
def test_an_enderman_minds_looks_only(quiet: SimulatedWorld) -> None:
    quiet.time_of_day = NIGHT
    player = bot(quiet)
    enderman = quiet.herd.summon("enderman", place(quiet, 6))
    quiet.run(100)
    row = quiet.herd.row(enderman)
    assert quiet.herd.arrays.ci[row, layout.CI_TARGET] == 0
    pf = quiet.arrays.pf[player.index]
    for _ in range(200):
        at = there(quiet, enderman).position
        x, y, z = quiet.position_of(player)
        pf[s.PF_YAW] = math.atan2(-(at[0] - x), at[2] - z)
        pf[s.PF_PITCH] = math.atan2(at[1] + 2.55 - y - 1.62, math.hypot(at[0] - x, at[2] - z))
        quiet.run(1)
        if quiet.herd.arrays.ci[quiet.herd.row(enderman), layout.CI_TARGET]:
            break
    assert quiet.herd.arrays.ci[quiet.herd.row(enderman), layout.CI_TARGET] == player.index + 1


@pytest.mark.requirement("WORLD-02")
def test_a_skeleton_shoots_from_afar(quiet: SimulatedWorld) -> None:
    quiet.time_of_day = NIGHT
    player = bot(quiet)
    skeleton = quiet.herd.summon("skeleton", place(quiet, 10))
    arrows = False
    for _ in range(600):
        quiet.run(1)
        arrows |= any(view.kind == "arrow" for view in quiet.herd.views())
        if quiet.health_of(player)[0] < 20:
            break
    assert arrows
    assert 1 <= 20 - quiet.health_of(player)[0] <= 5
    assert math.dist(there(quiet, skeleton).position, quiet.position_of(player)) > 5


@pytest.mark.requirement("WORLD-02")
def test_a_spider_is_calm_by_day_and_hunts_by_night(quiet: SimulatedWorld) -> None:
    bot(quiet)
    spider = quiet.herd.summon("spider", place(quiet, 6))
    quiet.run(100)
    assert quiet.herd.arrays.ci[quiet.herd.row(spider), layout.CI_TARGET] == 0
    quiet.time_of_day = NIGHT
    quiet.run(20)
    assert quiet.herd.arrays.ci[quiet.herd.row(spider), layout.CI_TARGET] == 1


@pytest.mark.requirement("WORLD-05")
def test_equal_seeds_give_equal_nights(tables: Tables) -> None:
    def night(seed: int) -> list[str]:
        world = SimulatedWorld.create(seed, tables, "flat", view=2)
        world.time_of_day = 14000
        bot(world)
        hashes = []
        for _ in range(8):
            world.run(100)
            hashes.append(world.state_hash())
        return hashes

    assert night(5) == night(5)
    assert night(5) != night(6)


@pytest.mark.requirement("WORLD-02")
def test_new_land_has_animals_by_its_biome_and_the_same_ones_for_the_same_seed(tables: Tables) -> None:
    def animals() -> list[tuple[str, tuple[float, float, float]]]:
        world = SimulatedWorld.create(1, tables, "default", view=4, spawn=(0, 100, 0))
        world.add_player("Bot")
        return [(view.kind, view.position) for view in world.herd.views()]

    found = animals()
    assert found == animals()
    assert {kind for kind, _ in found} <= {"cow", "pig", "sheep", "chicken"}
    assert found


@pytest.mark.requirement("WORLD-02")
def test_operators_summon_kill_and_set_difficulty(new_stage: Callable[..., Any]) -> None:
    stage = new_stage(view=2)
    world, run = stage.world, stage.operator.command
    bot(world)

    async def script() -> None:
        await run("execute at Bot run summon zombie ~3 ~ ~ {NoAI:1b,PersistenceRequired:1b}")
        await run("summon minecraft:cow 4 -60 4 {Health:5}")
        await run("difficulty hard")
        await run("gamerule doMobSpawning false")
        for bad in (
            "summon dragon ~ ~ ~",
            "summon zombie ~ ~ ~ {NoAI",
            "summon zombie ~ ~ ~ {Fire:1}",
            "summon zombie 100000 0 0",
            "execute run summon cow ~ ~ ~",
            "difficulty nightmare",
            "kill @e[type=dragon]",
        ):
            with pytest.raises(UserError):
                await run(bad)

    asyncio.run(script())
    assert [(view.kind, view.health) for view in world.herd.views()] == [("zombie", 20.0), ("cow", 5.0)]
    assert world.herd.views()[0].position == place(world, 3)
    before = world.herd.views()[0].position
    world.run(60)
    assert world.herd.views()[0].position == before, "NoAI"
    assert world.difficulty == "hard"
    asyncio.run(run("kill @e[type=zombie]"))
    assert [view.kind for view in world.herd.views()] == ["cow"]


@pytest.mark.requirement("WORLD-02")
def test_peaceful_worlds_have_no_monsters(quiet: SimulatedWorld) -> None:
    bot(quiet)
    quiet.herd.summon("zombie", place(quiet, 9))
    quiet.difficulty = "peaceful"
    quiet.run(1)
    assert len(quiet.herd) == 0
