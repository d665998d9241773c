"""Having all kernels of the simulated world compiled, by letting a small world live for a moment."""

from __future__ import annotations

from conscious_bot.game.tables import Tables
from conscious_bot.simulation.terrain import make_terrain
from conscious_bot.simulation.voxels import VoxelStore
from conscious_bot.simulation.world import SimulatedWorld
from conscious_bot.world.region import Box

__all__ = ["warm_up"]


def warm_up() -> None:
    """Compile what the first minutes of a world call for. Seconds the first time, nothing later."""
    tables = Tables.builtin()
    VoxelStore(make_terrain("default", 1, tables)).ensure_loaded(0, 0)
    world = SimulatedWorld.create(1, tables, "flat", view=1)
    world.add_player("Bot")
    world.run(2)
    x, y, z = world.spawn
    world.set_block((x, y + 3, z), tables.state_of("stone"))
    world.light_at((x, y, z))
    world.run(2)
    box = Box.around((x, y, z), 2, 1, 1)
    world.voxels.scan(box)
    world.light.scan(box)
    world.voxels.find(world.light.cells.rules > 0, (x, y, z), 4, 1)
    world.light.leave(0, 0)
