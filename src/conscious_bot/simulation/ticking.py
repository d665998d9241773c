"""Game ticks in batches: everything that moves, until something happens that Python has to see to. A kernel."""

from __future__ import annotations

import math

import numpy as np

from conscious_bot.simulation.bundles import kernel_njit
from conscious_bot.simulation.creatures.ticks import tick_creatures
from conscious_bot.simulation.damage import tell as _tell
from conscious_bot.simulation.facts import LAVA
from conscious_bot.simulation.gamerules import GR_DAYLIGHT_CYCLE, GR_RANDOM_TICK_SPEED
from conscious_bot.simulation.harm import BURNS
from conscious_bot.simulation.item_merging import merge_items
from conscious_bot.simulation.nature.growth import random_ticks, trample
from conscious_bot.simulation.nature.ticks import must_stop, notice_changes, run_scheduled
from conscious_bot.simulation.physics import PLAYER_WIDTH, eye_of, height_of, move_item, move_player
from conscious_bot.simulation.sky import follow_light, sky_darkening
from conscious_bot.simulation.state import (
    ACT_DIG,
    ACT_FOLLOW,
    ACT_LAND,
    ACT_NONE,
    ACT_STOP,
    CK_AGE,
    CK_DIFFICULTY,
    CK_ITEMS,
    CK_TIME,
    EV_CELL,
    EV_COLUMN,
    EV_DIG_CHANGED,
    EV_DIG_FAR,
    EV_DUG,
    EV_PICKUP,
    EV_STILL,
    EV_WALK_ENDED,
    IF_VX,
    IF_VY,
    IF_VZ,
    IF_X,
    IF_Y,
    IF_Z,
    II_AGE,
    II_ASLEEP,
    II_DELAY,
    II_ID,
    II_ON_GROUND,
    II_REFUSED,
    PF_DIG,
    PF_FORWARD,
    PF_STRAFE,
    PF_VX,
    PF_VZ,
    PF_X,
    PF_Y,
    PF_Z,
    PI_ACTION,
    PI_ALIVE,
    PI_CX,
    PI_CZ,
    PI_DIG_STATE,
    PI_DIG_TICKS,
    PI_DIG_X,
    PI_DIG_Y,
    PI_DIG_Z,
    PI_IN_LAVA,
    PI_IN_WATER,
    PI_ON_GROUND,
    PI_ONLINE,
    PI_SHIELD,
    PI_SLEEP,
    PI_SPRINT,
    WE_RAIN,
    WE_THUNDER,
    Arrays,
    Floats,
    Ints,
)
from conscious_bot.simulation.steering import land, steer
from conscious_bot.simulation.vitals import tick_vitals
from conscious_bot.simulation.voxels import Cells, get_state
from conscious_bot.simulation.weather import tick_weather
from conscious_bot.world.region import UNKNOWN

__all__ = ["run_ticks"]

_REACH = 4.5
_VOID = -128.0
_ITEM_LIFE = 6000
_ASLEEP = 1e-5  # squared speed of an item that lies still
_DAY = 24000
_STILL = 0.003  # blocks a tick of a body that stands still
_DRIFTING = 0.0006  # what a tick changes at the speed of one that only a current carries


@kernel_njit
def _dig(cells: Cells, pf: Floats, pi: Ints, events: Ints, told: Ints, p: int) -> None:
    """One tick of breaking a block."""
    x, y, z = pi[p, PI_DIG_X], pi[p, PI_DIG_Y], pi[p, PI_DIG_Z]
    if get_state(cells, x, y, z) != pi[p, PI_DIG_STATE]:
        pi[p, PI_ACTION] = ACT_NONE
        _tell(events, told, EV_DIG_CHANGED, p, 0)
        return
    ex, ey, ez = pf[p, PF_X], pf[p, PF_Y] + eye_of(pi, p), pf[p, PF_Z]
    dx = ex - min(max(ex, x), x + 1.0)
    dy = ey - min(max(ey, y), y + 1.0)
    dz = ez - min(max(ez, z), z + 1.0)
    if dx * dx + dy * dy + dz * dz > _REACH * _REACH:
        pi[p, PI_ACTION] = ACT_NONE
        _tell(events, told, EV_DIG_FAR, p, 0)
        return
    hindered = (0 if pi[p, PI_ON_GROUND] else 1) + (2 if pi[p, PI_IN_WATER] else 0)
    pf[p, PF_DIG] += 1.0 / max(pi[p, PI_DIG_TICKS + hindered], 1)
    if pf[p, PF_DIG] >= 1.0 - 1e-9:
        pf[p, PF_DIG] = 0.0
        pi[p, PI_ACTION] = ACT_NONE
        _tell(events, told, EV_DUG, p, 0)


@kernel_njit
def _tick_player(arrays: Arrays, p: int) -> None:
    """One tick of one player."""
    pf, pi, events, told = arrays.pf, arrays.pi, arrays.events, arrays.told
    action = pi[p, PI_ACTION]
    if action == ACT_FOLLOW:
        reached, ended = steer(arrays.cells, arrays.shapes, pf, pi, p, arrays.paths[p])
        if reached >= 0:
            _tell(events, told, EV_CELL, p, reached)
        if ended >= 0:
            pi[p, PI_ACTION] = ACT_NONE
            _tell(events, told, EV_WALK_ENDED, p, ended)
    elif action == ACT_DIG:
        _dig(arrays.cells, pf, pi, events, told, p)
    elif action in (ACT_STOP, ACT_LAND):
        lands = land(arrays.cells, arrays.shapes, pf, pi, p, arrays.paths[p])
        if action == ACT_LAND and not lands:
            pi[p, PI_ACTION] = ACT_NONE
    if pi[p, PI_SHIELD] > 0:  # one walks a fifth as fast behind a raised shield
        pi[p, PI_SPRINT] = 0
        pf[p, PF_FORWARD] *= 0.2
        pf[p, PF_STRAFE] *= 0.2
    x, y, z = pf[p, PF_X], pf[p, PF_Y], pf[p, PF_Z]
    before_x, before_z = pf[p, PF_VX], pf[p, PF_VZ]
    fallen = 0.0 if pi[p, PI_SLEEP] else move_player(arrays.cells, arrays.shapes, arrays.scratch, pf, pi, p)
    if fallen > 0.5:
        trample(arrays.cells, arrays.nature, arrays.dice, pf[p, PF_X], pf[p, PF_Y], pf[p, PF_Z], fallen)
    tick_vitals(
        arrays.cells, arrays.shapes, pf, pi, arrays.rules, events, told, p, arrays.clock[CK_AGE],
        arrays.clock[CK_DIFFICULTY], fallen, pf[p, PF_X] - x, pf[p, PF_Y] - y, pf[p, PF_Z] - z,
    )  # fmt: skip
    if action == ACT_STOP and pi[p, PI_ACTION] == ACT_STOP:
        vx, vz = abs(pf[p, PF_VX]), abs(pf[p, PF_VZ])
        floats = pi[p, PI_IN_WATER] or pi[p, PI_IN_LAVA]
        # Whoever floats is at rest when only a current carries it, which nothing that it does can end.
        drifts = abs(pf[p, PF_VX] - before_x) < _DRIFTING and abs(pf[p, PF_VZ] - before_z) < _DRIFTING
        rests = vx < _STILL and vz < _STILL
        if (floats and drifts) or (rests and (floats or pi[p, PI_ON_GROUND])):
            if rests:
                pf[p, PF_VX] = 0.0
                pf[p, PF_VZ] = 0.0
            pi[p, PI_ACTION] = ACT_NONE
            _tell(events, told, EV_STILL, p, 0)
    cx, cz = math.floor(pf[p, PF_X]) >> 4, math.floor(pf[p, PF_Z]) >> 4
    if cx != pi[p, PI_CX] or cz != pi[p, PI_CZ]:
        _tell(events, told, EV_COLUMN, p, 0)


@kernel_njit
def _touches(pf: Floats, pi: Ints, p: int, items_f: Floats, i: int) -> bool:
    """Whether an item lies within a player's reach for picking up: its box widened by 1 and 0.5."""
    wide = PLAYER_WIDTH / 2 + 1.0 + 0.125
    if abs(items_f[i, IF_X] - pf[p, PF_X]) > wide or abs(items_f[i, IF_Z] - pf[p, PF_Z]) > wide:
        return False
    low = items_f[i, IF_Y]
    return low < pf[p, PF_Y] + height_of(pi, p) + 0.5 and low + 0.25 > pf[p, PF_Y] - 0.5


@kernel_njit
def _tick_item(arrays: Arrays, i: int) -> bool:
    """One tick of one dropped item that is awake; whether it is still there."""
    items_f, items_i, clock = arrays.items_f, arrays.items_i, arrays.clock
    x, y, z = items_f[i, IF_X], items_f[i, IF_Y], items_f[i, IF_Z]
    cells = arrays.cells
    there = get_state(cells, math.floor(x), math.floor(y), math.floor(z))
    if there == UNKNOWN:
        return True  # what lies in columns that are not loaded waits there
    if arrays.shapes.flags[there] & LAVA or arrays.shapes.harm[there] & BURNS:
        return False
    items_i[i, II_AGE] += 1
    if items_i[i, II_DELAY] > 0:
        items_i[i, II_DELAY] -= 1
    move_item(cells, arrays.shapes, arrays.scratch, items_f, items_i, i, clock[CK_AGE])
    if (
        items_i[i, II_ON_GROUND]
        and items_f[i, IF_X] == x
        and items_f[i, IF_Y] == y
        and items_f[i, IF_Z] == z
        and items_f[i, IF_VX] ** 2 + items_f[i, IF_VY] ** 2 + items_f[i, IF_VZ] ** 2 < _ASLEEP
    ):
        items_f[i, IF_VX] = 0.0
        items_f[i, IF_VY] = 0.0
        items_f[i, IF_VZ] = 0.0
        items_i[i, II_ASLEEP] = 1
    return items_i[i, II_AGE] < _ITEM_LIFE and items_f[i, IF_Y] >= _VOID


@kernel_njit
def _tick_items(arrays: Arrays) -> None:
    """One tick of all dropped items. Those whose time is up are gone; the others keep their order."""
    pf, pi, items_f, items_i, clock = arrays.pf, arrays.pi, arrays.items_f, arrays.items_i, arrays.clock
    kept = int(np.int64(0))  # a plain 0 would compile what it is handed to once more
    for i in range(clock[CK_ITEMS]):
        if items_i[i, II_ASLEEP]:  # nothing can move it but a change of blocks, and that wakes it
            items_i[i, II_AGE] += 1
            if items_i[i, II_DELAY] > 0:
                items_i[i, II_DELAY] -= 1
            if items_i[i, II_AGE] >= _ITEM_LIFE:
                continue
        elif not _tick_item(arrays, i):
            continue
        if kept != i:
            for column in range(items_f.shape[1]):
                items_f[kept, column] = items_f[i, column]
            for column in range(items_i.shape[1]):
                items_i[kept, column] = items_i[i, column]
        if items_i[kept, II_DELAY] == 0 and not items_i[kept, II_REFUSED]:
            for p in range(pf.shape[0]):
                if pi[p, PI_ONLINE] and pi[p, PI_ALIVE] and _touches(pf, pi, p, items_f, kept):
                    _tell(arrays.events, arrays.told, EV_PICKUP, p, items_i[kept, II_ID])
                    break
        kept += 1
    clock[CK_ITEMS] = kept
    merge_items(items_f, items_i, clock)


@kernel_njit
def run_ticks(arrays: Arrays, limit: int) -> int:
    """Run up to `limit` ticks, fewer if something is told; how many it ran."""
    clock = arrays.clock
    done = 0
    while done < limit:
        done += 1
        arrays.told[0] = 0
        notice_changes(arrays.cells, arrays.nature, clock[CK_AGE])
        changes = arrays.cells.logged[0]
        clock[CK_AGE] += 1
        if arrays.rules[GR_DAYLIGHT_CYCLE]:
            clock[CK_TIME] = (clock[CK_TIME] + 1) % _DAY
        tick_weather(arrays)
        for p in range(arrays.pf.shape[0]):
            if arrays.pi[p, PI_ONLINE] and arrays.pi[p, PI_ALIVE]:
                _tick_player(arrays, p)
        _tick_items(arrays)
        tick_creatures(arrays)
        run_scheduled(arrays.cells, arrays.nature, arrays.rules, clock[CK_AGE])
        dark = sky_darkening(clock[CK_TIME], arrays.weather[WE_RAIN], arrays.weather[WE_THUNDER])
        random_ticks(
            arrays.cells,
            arrays.nature,
            arrays.light,
            arrays.dice,
            arrays.rules[GR_RANDOM_TICK_SPEED],
            dark,
            arrays.weather[WE_RAIN] > 20,
        )
        notice_changes(arrays.cells, arrays.nature, clock[CK_AGE])
        follow_light(arrays)
        if arrays.cells.logged[0] > changes:
            for i in range(clock[CK_ITEMS]):
                arrays.items_i[i, II_ASLEEP] = 0
        if arrays.told[0] or must_stop(arrays.cells, arrays.nature):
            break
    return done
