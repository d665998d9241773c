"""Having all kernels of the simulated world compiled, by letting a small world live for a moment."""

from __future__ import annotations

from conscious_bot.contracts import BlockPos
from conscious_bot.game.tables import Tables
from conscious_bot.simulation import life
from conscious_bot.simulation.creatures.blast import explode
from conscious_bot.simulation.creatures.motion import shove
from conscious_bot.simulation.damage import MOB
from conscious_bot.simulation.nature.columns import schedule, scheduled
from conscious_bot.simulation.terrain import make_terrain, spawn_point
from conscious_bot.simulation.voxels import VoxelStore, get_state
from conscious_bot.simulation.world import SimulatedWorld
from conscious_bot.world.region import Box

__all__ = ["warm_ground", "warm_world"]

_SPAWN: BlockPos = (0, -60, 0)  # given, so that nobody searches for it with the ground's kernels


def warm_ground() -> None:
    """Compile what makes columns and finds a place to begin. Seconds the first time, nothing later."""
    tables = Tables.builtin()
    terrain = make_terrain("default", 1, tables)
    spawn_point(VoxelStore(terrain), terrain, tables)


def warm_world() -> None:
    """Compile what lets a world live. Seconds the first time, nothing later."""
    tables = Tables.builtin()
    world = SimulatedWorld.create(1, tables, "flat", view=1, spawn=_SPAWN)
    player = world.add_player("Bot")
    x, y, z = _SPAWN
    cow = world.herd.summon("cow", (x + 2.5, float(y), z + 0.5))
    world.run(2)
    world.set_block((x, y + 3, z), tables.state_of("water"))
    world.light_at(_SPAWN)
    world.run(2)
    life.hurt(world, player, 1.0, MOB)
    life.struck(world, player, 1.0, MOB, x + 2.0, float(z))
    world.herd.hurt(cow, 1.0)
    explode(world, (x + 3.5, float(y), z + 0.5), 1.0)
    shove(world.herd.arrays.cf, 0, 0.4, 1.0, 0.0)
    get_state(world.arrays.cells, x, y, z)
    twin = world.fork()
    schedule(twin.arrays.nature, scheduled(world.arrays.nature), world.age)
    box = Box.around(_SPAWN, 2, 1, 1)
    twin.voxels.scan(box)
    twin.light.scan(box)
    twin.voxels.find(twin.light.cells.rules > 0, _SPAWN, 4, 1)
    twin.light.leave(0, 0)
