"""How creatures appear and vanish. Kernels.

Source: Minecraft Wiki, "Mob spawning" (Java Edition 1.18 and later): caps by loaded columns, packs, light,
distances, despawning; weights and pack sizes of the overworld's usual biomes.
"""

from __future__ import annotations

import math

from conscious_bot.simulation.bundles import kernel_njit
from conscious_bot.simulation.creatures.chance import roll, unit
from conscious_bot.simulation.creatures.layout import (
    CF_COLUMNS,
    CF_HEALTH,
    CF_X,
    CF_Y,
    CF_YAW,
    CF_Z,
    CHICKEN,
    CI_AIR,
    CI_COLUMNS,
    CI_GONE,
    CI_ID,
    CI_IDLE,
    CI_KEPT,
    CI_KIND,
    COW,
    CREEPER,
    ENDERMAN,
    FIRST_MONSTER,
    HD_COUNT,
    HD_NATURAL,
    HD_SPAWN_X,
    HD_SPAWN_Y,
    HD_SPAWN_Z,
    KD_CELLS,
    KD_HEALTH,
    PIG,
    SHEEP,
    SKELETON,
    SPIDER,
    ZOMBIE,
    Floats,
    Longs,
)
from conscious_bot.simulation.creatures.paths import stands
from conscious_bot.simulation.facts import SOLID
from conscious_bot.simulation.gamerules import GR_MOB_SPAWNING
from conscious_bot.simulation.light import sky_light
from conscious_bot.simulation.sky import block_light_at, light_level_at, sky_darkening, sky_light_at
from conscious_bot.simulation.state import (
    CK_AGE,
    CK_DIFFICULTY,
    CK_NEXT_ID,
    CK_TIME,
    PF_X,
    PF_Y,
    PF_Z,
    PI_ALIVE,
    PI_CX,
    PI_CZ,
    PI_ONLINE,
    WE_RAIN,
    WE_THUNDER,
    Arrays,
)
from conscious_bot.simulation.voxels import HALF, MIN_Y, get_state

__all__ = ["MONSTER_CAP", "add_creature", "nearest_player", "spawn_naturally", "vanishes"]

MONSTER_CAP = 70
"""Monsters in 289 columns; animals are 10."""
_ANIMAL_CAP = 10
_FULL_AREA = 289
_NEAR, _FAR = 24.0, 128.0
_RANDOM_FAR = 32.0
_BRIGHTEST = 7  # the most light that a monster appears in
_COLUMNS = 8  # columns around a player in which creatures appear


@kernel_njit
def nearest_player(pf: Floats, pi: Longs, x: float, y: float, z: float) -> float:
    """Squared distance to the nearest player that lives; 1e18 if nobody is here."""
    best = 1e18
    for p in range(pf.shape[0]):
        if pi[p, PI_ONLINE] and pi[p, PI_ALIVE]:
            dx, dy, dz = pf[p, PF_X] - x, pf[p, PF_Y] - y, pf[p, PF_Z] - z
            best = min(best, dx * dx + dy * dy + dz * dz)
    return best


@kernel_njit
def add_creature(arrays: Arrays, kind: int, x: float, y: float, z: float) -> int:
    """Let a creature appear with its feet at a place; its row, -1 if there is no room in the arrays."""
    c = arrays.creatures
    i = c.head[HD_COUNT]
    if i == c.cf.shape[0]:
        return -1
    for k in range(CF_COLUMNS):
        c.cf[i, k] = 0.0
    for k in range(CI_COLUMNS):
        c.ci[i, k] = 0
    c.cf[i, CF_X], c.cf[i, CF_Y], c.cf[i, CF_Z] = x, y, z
    c.cf[i, CF_YAW] = (unit(arrays.dice) * 2.0 - 1.0) * math.pi
    c.cf[i, CF_HEALTH] = c.kinds[kind, KD_HEALTH]
    c.ci[i, CI_ID], c.ci[i, CI_KIND], c.ci[i, CI_AIR] = arrays.clock[CK_NEXT_ID], kind, 300
    arrays.clock[CK_NEXT_ID] += 1
    c.head[HD_COUNT] = i + 1
    return i


@kernel_njit
def vanishes(arrays: Arrays, i: int) -> bool:
    """Whether a monster despawns in this tick."""
    c = arrays.creatures
    ci = c.ci
    if ci[i, CI_KIND] < FIRST_MONSTER:
        return False
    if arrays.clock[CK_DIFFICULTY] == 0:
        return True
    if ci[i, CI_KEPT]:
        return False
    far = nearest_player(arrays.pf, arrays.pi, c.cf[i, CF_X], c.cf[i, CF_Y], c.cf[i, CF_Z])
    if far > 1e17:
        return False
    if far > _FAR * _FAR:
        return True
    if far < _RANDOM_FAR * _RANDOM_FAR:
        ci[i, CI_IDLE] = 0
        return False
    ci[i, CI_IDLE] += 1
    return ci[i, CI_IDLE] > 600 and roll(arrays.dice, 800) == 0


@kernel_njit
def _monster(arrays: Arrays) -> int:
    """A kind of monster by weight."""
    draw = roll(arrays.dice, 400)
    if draw < 100:
        return SPIDER
    if draw < 195:
        return ZOMBIE
    if draw < 295:
        return SKELETON
    return CREEPER if draw < 390 else ENDERMAN


@kernel_njit
def _animal(arrays: Arrays) -> int:
    """A kind of animal by weight."""
    draw = roll(arrays.dice, 40)
    if draw < 12:
        return SHEEP
    if draw < 22:
        return PIG
    return CHICKEN if draw < 32 else COW


@kernel_njit
def _dark_enough(arrays: Arrays, x: int, y: int, z: int, sky_draw: int, draw: int) -> bool:
    """The light rule for monsters: no light from blocks, and the sky's by chance."""
    if sky_light_at(arrays, x, y, z) > sky_draw or block_light_at(arrays, x, y, z) > 0:
        return False
    return light_level_at(arrays, x, y, z) <= draw


@kernel_njit
def _suits(arrays: Arrays, kind: int, x: int, y: int, z: int, dark: int) -> bool:
    """Whether a creature of a kind can appear in a cell."""
    c, cells = arrays.creatures, arrays.cells
    # Drawn in any case: the look at what happens to be lit must not change how the dice fall.
    sky_draw, draw = roll(arrays.dice, 32), roll(arrays.dice, 8)
    if kind >= FIRST_MONSTER and sky_light(arrays.light, x, y, z) - dark > _BRIGHTEST:
        return False  # a first look at what is lit already, which can only be brighter in truth
    if stands(c, cells, x, y, z, int(c.kinds[kind, KD_CELLS])) != 1:
        return False
    below = get_state(cells, x, y - 1, z)
    if arrays.shapes.top[below] != 1.0:
        return False
    if kind == SPIDER:  # wider than a cell
        for a in (-1, 0, 1):
            for b in (-1, 0, 1):
                if arrays.shapes.flags[get_state(cells, x + a, y, z + b)] & SOLID:
                    return False
    if kind >= FIRST_MONSTER:
        return _dark_enough(arrays, x, y, z, sky_draw, draw)
    return bool(c.grass[below]) and light_level_at(arrays, x, y, z) > 8


@kernel_njit
def _pack(arrays: Arrays, x0: int, y: int, z0: int, monsters: bool) -> int:
    """Try to let packs appear around a cell; how many creatures came."""
    c = arrays.creatures
    dark = sky_darkening(arrays.clock[CK_TIME], arrays.weather[WE_RAIN], arrays.weather[WE_THUNDER])
    born = 0
    for _ in range(3):
        x, z = x0, z0
        kind = -1
        tries = math.ceil(unit(arrays.dice) * 4.0)
        k = 0
        while k < tries:
            k += 1
            x += roll(arrays.dice, 6) - roll(arrays.dice, 6)
            z += roll(arrays.dice, 6) - roll(arrays.dice, 6)
            far = nearest_player(arrays.pf, arrays.pi, x + 0.5, float(y), z + 0.5)
            if far <= _NEAR * _NEAR or far > _FAR * _FAR:
                continue
            dx, dz = x + 0.5 - c.head[HD_SPAWN_X], z + 0.5 - c.head[HD_SPAWN_Z]
            dy = float(y - c.head[HD_SPAWN_Y])
            if dx * dx + dy * dy + dz * dz < _NEAR * _NEAR:
                continue
            if kind < 0:
                kind = _monster(arrays) if monsters else _animal(arrays)
                tries = 1 + roll(arrays.dice, 4) if kind == ENDERMAN else 4
                k = 0
            if not _suits(arrays, kind, x, y, z, dark):
                continue
            if add_creature(arrays, kind, x + 0.5, float(y), z + 0.5) < 0:
                return born
            born += 1
            if born >= 4:
                return born
    return born


@kernel_njit
def spawn_naturally(arrays: Arrays) -> None:
    """One tick of spawning around the players: monsters every tick, animals every 400th."""
    c, cells = arrays.creatures, arrays.cells
    if not arrays.rules[GR_MOB_SPAWNING] or not c.head[HD_NATURAL]:
        return
    monsters = 0
    animals = 0
    for i in range(c.head[HD_COUNT]):
        if c.ci[i, CI_KIND] >= FIRST_MONSTER:
            monsters += not c.ci[i, CI_KEPT] and not c.ci[i, CI_GONE]
        else:
            animals += 1
    with_animals = arrays.clock[CK_AGE] % 400 == 0
    columns = 0
    for turn in range(2):
        more_monsters = arrays.clock[CK_DIFFICULTY] > 0 and monsters * _FULL_AREA < MONSTER_CAP * columns
        more_animals = with_animals and animals * _FULL_AREA < _ANIMAL_CAP * columns
        if turn == 1 and not more_monsters and not more_animals:
            return
        for p in range(arrays.pf.shape[0]):
            if not arrays.pi[p, PI_ONLINE]:
                continue
            px, pz = arrays.pi[p, PI_CX], arrays.pi[p, PI_CZ]
            for cx in range(max(px - _COLUMNS, -HALF), min(px + _COLUMNS + 1, HALF)):
                for cz in range(max(pz - _COLUMNS, -HALF), min(pz + _COLUMNS + 1, HALF)):
                    slot = cells.slots[cx + HALF, cz + HALF]
                    if slot == 0 or _counted(arrays, p, cx, cz):
                        continue
                    if turn == 0:
                        columns += 1
                        continue
                    x = cx * 16 + roll(arrays.dice, 16)
                    z = cz * 16 + roll(arrays.dice, 16)
                    y = MIN_Y + roll(arrays.dice, cells.top[slot] + 1)
                    if arrays.shapes.flags[get_state(cells, x, y, z)] & SOLID:
                        continue
                    if more_monsters:
                        monsters += _pack(arrays, x, y, z, monsters=True)
                        more_monsters = monsters * _FULL_AREA < MONSTER_CAP * columns
                    if more_animals:
                        animals += _pack(arrays, x, y, z, monsters=False)
                        more_animals = animals * _FULL_AREA < _ANIMAL_CAP * columns


@kernel_njit
def _counted(arrays: Arrays, p: int, cx: int, cz: int) -> bool:
    """Whether a column belongs to a player before this one."""
    for q in range(p):
        if (
            arrays.pi[q, PI_ONLINE]
            and abs(arrays.pi[q, PI_CX] - cx) <= _COLUMNS
            and abs(arrays.pi[q, PI_CZ] - cz) <= _COLUMNS
        ):
            return True
    return False
