"""Explosions: what they break, whom they hurt. A kernel draws the rays.

Source: Minecraft Wiki, "Explosion" (rays, blast strength, damage) and "Blast resistance" (Java Edition 1.20).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from conscious_bot.game.tables import Tables
from conscious_bot.simulation import life
from conscious_bot.simulation import state as s
from conscious_bot.simulation.bundles import kernel_njit
from conscious_bot.simulation.creatures import layout
from conscious_bot.simulation.creatures.chance import unit
from conscious_bot.simulation.creatures.layout import Longs
from conscious_bot.simulation.creatures.paths import sees
from conscious_bot.simulation.damage import EXPLOSION
from conscious_bot.simulation.facts import Shapes
from conscious_bot.simulation.gamerules import GR_MOB_GRIEFING
from conscious_bot.simulation.physics import PLAYER_WIDTH, eye_of, height_of
from conscious_bot.simulation.voxels import AIR, Cells, get_state
from conscious_bot.world.region import UNKNOWN

if TYPE_CHECKING:
    from conscious_bot.simulation.world import SimulatedWorld

__all__ = ["CREEPER_POWER", "blast_damage", "broken_cells", "explode", "exposure", "resistances"]

CREEPER_POWER = 3.0
_UNBREAKABLE = 3600000.0
# Where the resistance is not the hardness. All else has the hardness, or for what cannot be broken, the most.
_RESISTANCE = {
    "stone": 6.0, "cobblestone": 6.0, "mossy_cobblestone": 6.0, "granite": 6.0, "diorite": 6.0, "andesite": 6.0,
    "stone_bricks": 6.0, "bricks": 6.0, "deepslate": 6.0, "cobbled_deepslate": 6.0, "tuff": 6.0, "calcite": 0.75,
    "dripstone_block": 1.0, "bedrock": _UNBREAKABLE, "barrier": 3600000.8, "obsidian": 1200.0,
    "crying_obsidian": 1200.0, "anvil": 1200.0, "enchanting_table": 1200.0, "ender_chest": 600.0, "water": 100.0,
    "lava": 100.0, "oak_planks": 3.0, "crafting_table": 2.5, "furnace": 3.5, "chest": 2.5, "iron_block": 6.0,
    "gold_block": 6.0, "diamond_block": 6.0, "coal_block": 6.0, "raw_iron_block": 6.0, "torch": 0.0,
}  # fmt: skip


def resistances(tables: Tables) -> npt.NDArray[np.float64]:
    """What each state takes from a ray, besides the 0.3 of every step: [state]."""
    found = np.full(1 << 16, _UNBREAKABLE)
    for block in tables.blocks.values():
        value = _RESISTANCE.get(block.name)
        if value is None:
            value = _UNBREAKABLE if block.hardness is None else block.hardness
            if block.name.endswith("_planks") or block.name.endswith("_ore"):
                value = 3.0
            elif block.name.endswith("_log"):
                value = 2.0
        found[block.min_state : block.max_state + 1] = value
    found[AIR] = 0.0
    return found


@kernel_njit
def _rays(
    cells: Cells, resistance: npt.NDArray[np.float64], dice: npt.NDArray[np.uint64],
    x: float, y: float, z: float, power: float, out: Longs,
) -> int:  # fmt: skip
    """Cast 1,352 rays and write the cells that break into `out`, each once; how many."""
    count = 0
    for i in range(16):
        for j in range(16):
            for k in range(16):
                if i not in (0, 15) and j not in (0, 15) and k not in (0, 15):
                    continue
                dx, dy, dz = i / 15.0 * 2.0 - 1.0, j / 15.0 * 2.0 - 1.0, k / 15.0 * 2.0 - 1.0
                length = math.sqrt(dx * dx + dy * dy + dz * dz)
                strength = power * (0.7 + unit(dice) * 0.6)
                px, py, pz = x, y, z
                while strength > 0.0:
                    bx, by, bz = math.floor(px), math.floor(py), math.floor(pz)
                    state = get_state(cells, bx, by, bz)
                    if state == UNKNOWN:
                        break
                    if state != AIR:
                        strength -= (resistance[state] + 0.3) * 0.3
                    if strength > 0.0 and state != AIR:
                        known = False
                        for n in range(count):
                            if out[n, 0] == bx and out[n, 1] == by and out[n, 2] == bz:
                                known = True
                                break
                        if not known and count < out.shape[0]:
                            out[count, 0], out[count, 1], out[count, 2] = bx, by, bz
                            count += 1
                    px += dx / length * 0.3
                    py += dy / length * 0.3
                    pz += dz / length * 0.3
                    strength -= 0.22500001
    return count


def broken_cells(
    cells: Cells, resistance: npt.NDArray[np.float64], dice: npt.NDArray[np.uint64],
    center: tuple[float, float, float], power: float,
) -> list[tuple[int, int, int]]:  # fmt: skip
    """The cells that an explosion breaks, sorted."""
    out = np.zeros((4096, 3), np.int64)
    count = int(_rays(cells, resistance, dice, center[0], center[1], center[2], power, out))
    return sorted((int(a), int(b), int(c)) for a, b, c in out[:count])


def exposure(
    cells: Cells, shapes: Shapes, center: tuple[float, float, float],
    feet: tuple[float, float, float], width: float, height: float,
) -> float:  # fmt: skip
    """What part of a body sees the explosion: of points spread through its box."""
    seen = points = 0
    nx, ny = math.floor(2 * width + 1), math.floor(2 * height + 1)
    for a in range(nx + 1):
        for b in range(ny + 1):
            for c in range(nx + 1):
                x = feet[0] - width / 2 + width * a / nx
                z = feet[2] - width / 2 + width * c / nx
                points += 1
                seen += bool(sees(cells, shapes, x, feet[1] + height * b / ny, z, *center))
    return seen / points


def blast_damage(power: float, far: float, seen: float) -> float:
    """What a body suffers at this distance from its feet, before difficulty."""
    if far >= 2 * power:
        return 0.0
    impact = (1.0 - far / (2 * power)) * seen
    return math.floor((impact * impact + impact) / 2 * 7 * 2 * power + 1)


def explode(world: SimulatedWorld, feet: tuple[float, float, float], power: float) -> None:
    """An explosion at a creature's feet: hurts and throws back who is near, then breaks what it breaks."""
    arrays = world.arrays
    resistance = _resistances_of(world.tables)
    broken = broken_cells(arrays.cells, resistance, arrays.dice, feet, power)
    x, _, z = feet
    for player in world.players:
        row = arrays.pi[player.index]
        if not row[s.PI_ONLINE] or not row[s.PI_ALIVE]:
            continue
        at = world.position_of(player)
        far = math.dist(feet, at)
        high, eye = height_of(arrays.pi, player.index), eye_of(arrays.pi, player.index)
        seen = exposure(arrays.cells, arrays.shapes, feet, at, PLAYER_WIDTH, high) if far < 2 * power else 0.0
        damage = blast_damage(power, far, seen)
        if damage > 0 and life.struck(world, player, damage, EXPLOSION, x, z) == 1:
            _throw(arrays.pf[player.index, s.PF_VX : s.PF_VZ + 1], feet, at, eye, power, seen)
            arrays.pi[player.index, s.PI_ON_GROUND] = 0
    herd = world.herd
    for view in herd.views():
        far = math.dist(feet, view.position)
        if far >= 2 * power or view.kind == "arrow":
            continue
        seen = exposure(arrays.cells, arrays.shapes, feet, view.position, view.width, view.height)
        if herd.hurt(view.id, blast_damage(power, far, seen)):
            number = herd.row(view.id)
            if number is not None:
                velocity = herd.arrays.cf[number, layout.CF_VX : layout.CF_VZ + 1]
                _throw(velocity, feet, view.position, view.height * 0.85, power, seen)
    if not world.rules.values[GR_MOB_GRIEFING]:
        return
    for pos in broken:
        state = world.voxels.get(pos)
        if state in (UNKNOWN, AIR):
            continue
        world.set_block(pos, world.remains_of(state))
        tools = sorted(world.tables.block_of(state).harvest_tools)
        if world.rng.random() < 1.0 / power:
            world.drop_from(pos, state, tools[0] if tools else None)


def _throw(
    velocity: npt.NDArray[np.float64], center: tuple[float, float, float], feet: tuple[float, float, float],
    eye: float, power: float, seen: float,
) -> None:  # fmt: skip
    """Throw a body away from an explosion, by as much as it was exposed to it."""
    away = np.array([feet[0] - center[0], feet[1] + eye - center[1], feet[2] - center[2]])
    length = float(np.linalg.norm(away))
    if length > 0:
        velocity += away / length * (1.0 - math.dist(center, feet) / (2 * power)) * seen


_known: dict[int, tuple[Tables, npt.NDArray[np.float64]]] = {}


def _resistances_of(tables: Tables) -> npt.NDArray[np.float64]:
    """The resistances of these tables, made once."""
    found = _known.get(id(tables))
    if found is None or found[0] is not tables:
        found = _known[id(tables)] = (tables, resistances(tables))
    return found[1]
