"""Worlds made of other things: a fork of a world, a fixture, what a body has seen.

A fork goes on exactly as the world it was taken from would, if nobody acts in either. Calls that wait in
the first one (a body's action under way) are not forked: in the fork nobody waits for their end.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from copy import copy

import numpy as np

from conscious_bot.contracts import UserError
from conscious_bot.game.tables import Tables
from conscious_bot.simulation import state as s
from conscious_bot.simulation.creatures.layout import KINDS
from conscious_bot.simulation.gamerules import GameRules
from conscious_bot.simulation.nature.columns import fork_nature
from conscious_bot.simulation.nature.layout import C_SEEN
from conscious_bot.simulation.players import Player
from conscious_bot.simulation.terrain import Fixture, SurroundingsTerrain
from conscious_bot.simulation.world import SimulatedWorld
from conscious_bot.world.region import VoxelRegion
from conscious_bot.world.state import BodyState, EntityView, ItemStack, block_of

__all__ = ["fork", "from_fixture", "from_scan"]


def fork(world: SimulatedWorld) -> SimulatedWorld:
    """An independent copy of a world, in milliseconds.

    It shares what never changes, and the columns of blocks and light until one of the two writes to them.
    """
    world.tell_changes()
    voxels = world.voxels.fork()
    ground = voxels, world.light.fork(voxels)
    twin = SimulatedWorld(
        world.tables, world.generator, seed=world.seed, preset=world.preset, view=world.view, ground=ground
    )
    twin.spawn = world.spawn
    twin.rng.state = world.rng.state
    twin.rules.values[:] = world.rules.values
    nature = fork_nature(world.arrays.nature)
    nature.counts[C_SEEN] = 0
    twin.arrays = world.arrays.copied().replace(
        cells=twin.voxels.cells,
        light=twin.light.cells,
        light_seen=np.zeros(1, np.int64),
        rules=twin.rules.values,
        nature=nature,
        creatures=world.arrays.creatures.forked(),
    )
    twin.players = [_twin_player(player, world.tables) for player in world.players]
    twin.herd.adopt(world.herd)
    twin.storage.load(world.storage.export())
    twin.storage.resume()
    twin.visitors.restore(world.visitors.export())
    twin.visitors.resume()
    return twin


def _twin_player(player: Player, tables: Tables) -> Player:
    """The same player, heard by nobody."""
    twin = Player(player.name, player.index, tables, player.spawn)
    inventory = copy(player.inventory)
    inventory.slots = list(player.inventory.slots)
    inventory.worn = dict(player.inventory.worn)
    twin.inventory = inventory
    twin.digging, twin.steps, twin.bed = player.digging, player.steps, player.bed
    twin.told_version, twin.told_health = player.told_version, player.told_health
    return twin


def from_fixture(fixture: Fixture, tables: Tables, *, name: str = "Bot", view: int = 4) -> SimulatedWorld:
    """The whole world of a fixture: blocks, creatures, time, weather, rules, and where and how the bot begins.

    UserError names what this world cannot make.
    """
    for i, entity in enumerate(fixture.entities):
        if entity.kind not in KINDS:
            raise UserError(
                f"fixture, entities[{i}].kind: the built-in world has no {entity.kind!r}",
                f"choose one of: {', '.join(KINDS)}",
            )
    try:
        GameRules().set(fixture.gamerules)
    except UserError as error:
        raise UserError(f"fixture, gamerules: {error}", "correct the fixture at that place") from error
    terrain = fixture.make(tables)
    world = SimulatedWorld(tables, terrain, seed=terrain.seed, preset=terrain.preset, view=view)
    world.rules.set(fixture.gamerules)
    world.difficulty = fixture.difficulty
    world.time_of_day = fixture.time
    world.set_weather(fixture.weather)
    weather = world.arrays.weather
    weather[s.WE_RAIN] = 100 * weather[s.WE_RAINING]
    weather[s.WE_THUNDER] = 100 * weather[s.WE_THUNDERING]
    bot = fixture.bot
    world.spawn = block_of(bot.position)
    player = world.add_player(name)
    world.teleport(player, bot.position)
    row = world.arrays.pf[player.index]
    row[s.PF_YAW], row[s.PF_PITCH] = math.radians(bot.yaw), -math.radians(bot.pitch)
    row[s.PF_HEALTH] = bot.health
    world.arrays.pi[player.index, s.PI_FOOD] = bot.food
    for stack in bot.inventory:
        if stack.slot is not None:
            player.inventory.put(stack.slot, ItemStack(stack.item, stack.count, stack.wear))
    for stack in bot.inventory:
        if stack.slot is None:
            player.inventory.add(ItemStack(stack.item, stack.count, stack.wear))
    for entity in fixture.entities:
        world.herd.summon(entity.kind, entity.position, no_ai=entity.no_ai, kept=True, health=entity.health)
    for visit in fixture.visitors:
        world.visitors.invite(visit)
    world.tell_changes()
    world.remove_player(player)  # it is there when its body enters
    return world


def from_scan(
    region: VoxelRegion,
    tables: Tables,
    body: BodyState,
    entities: Sequence[EntityView] = (),
    *,
    seed: int,
    name: str = "Bot",
    difficulty: str = "normal",
) -> tuple[SimulatedWorld, list[EntityView]]:
    """A fork of live surroundings: what a body has seen, with itself in it; and the entities left out.

    Creatures that this world does not have and other players are left out. ValueError if the scan holds
    states that the version lacks.
    """
    terrain = SurroundingsTerrain(region, tables)
    world = SimulatedWorld(tables, terrain, seed=seed, preset=terrain.preset)
    world.difficulty = difficulty
    world.time_of_day = body.time_of_day
    world.set_weather("rain" if body.raining else "clear")
    world.arrays.weather[s.WE_RAIN] = 100 * body.raining
    world.spawn = body.block
    player = world.add_player(name)
    world.teleport(player, body.position)
    f, i = world.arrays.pf[player.index], world.arrays.pi[player.index]
    f[s.PF_YAW], f[s.PF_PITCH] = body.yaw, body.pitch
    f[s.PF_HEALTH], f[s.PF_SATURATION] = body.health, body.saturation
    i[s.PI_FOOD], i[s.PI_AIR] = body.food, body.air
    for slot, stack in enumerate(body.inventory.slots):
        player.inventory.put(slot, stack)
    player.inventory.worn.update(sorted(body.inventory.worn.items()))
    player.inventory.touch()
    player.inventory.select(body.selected)
    left_out: list[EntityView] = []
    for entity in entities:
        if entity.stack is not None:
            world.drop(entity.stack, entity.position, entity.velocity)
        elif entity.kind in KINDS:
            world.herd.summon(entity.kind, entity.position, health=entity.health)
        else:
            left_out.append(entity)
    world.tell_changes()
    world.remove_player(player)
    return world, left_out
