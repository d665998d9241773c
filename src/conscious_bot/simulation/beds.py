"""Lying down, the night that passes, getting up, and coming back after death beside one's bed.

Source: Minecraft Wiki, "Bed": one sleeps from 12542 to 23459 of the day in clear weather, from 12010 to 23991
in rain and at any time in a thunderstorm; within 3 blocks to the side and 2 up or down; not with a monster
within 8 blocks to the side and 5 up or down; the night passes when all players have slept for 100 ticks;
the bed is where one respawns, as long as it stands and there is room beside it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from conscious_bot.body.port import BodyEventKind
from conscious_bot.contracts import BlockPos, ExecErrorCode, Position
from conscious_bot.simulation import state as s
from conscious_bot.simulation.facts import LAVA, SOLID, WATER
from conscious_bot.simulation.harm import BURNS
from conscious_bot.simulation.pairs import partner
from conscious_bot.simulation.players import Player
from conscious_bot.world.creatures import is_hostile
from conscious_bot.world.region import UNKNOWN

if TYPE_CHECKING:
    from conscious_bot.simulation.world import SimulatedWorld

__all__ = ["bring_home", "get_up", "head_of", "lie_down", "refusal"]

_WIDE, _HIGH = 3.0, 2.0
_MONSTERS_WIDE, _MONSTERS_HIGH = 8.0, 5.0
_FULL_SLEEP = 100
_LOOK_AGAIN = 20
_LYING = 0.6875  # how high above the cell's floor a sleeper lies
_BED_TOP = 0.5625
_NIGHT = range(12542, 23460)
_RAINY_NIGHT = range(12010, 23992)


def head_of(world: SimulatedWorld, pos: BlockPos) -> BlockPos | None:
    """The head of the bed one half of which stands at `pos`; None if no whole bed does."""
    state = world.voxels.get(pos)
    if state == UNKNOWN or not world.tables.name_of(state).endswith("_bed"):
        return None
    found = partner(world.tables, pos, state)
    if found is None or world.tables.name_of(world.voxels.get(found[0])) != world.tables.name_of(state):
        return None
    return pos if world.tables.properties_of(state)["part"] == "head" else found[0]


def _within_reach(world: SimulatedWorld, player: Player, head: BlockPos) -> bool:
    other = partner(world.tables, head, world.voxels.get(head))
    x, y, z = world.position_of(player)
    return any(
        abs(x - (bx + 0.5)) <= _WIDE and abs(y - by) <= _HIGH and abs(z - (bz + 0.5)) <= _WIDE
        for bx, by, bz in ([head, other[0]] if other else [head])
    )


def refusal(world: SimulatedWorld, player: Player, pos: BlockPos) -> tuple[ExecErrorCode, str] | None:
    """Why this player cannot lie down there now, in the order in which the game looks; None if it can."""
    head = head_of(world, pos)
    if head is None:
        return ExecErrorCode.SLEEP_NO_BED, f"{world.tables.name_of(world.voxels.get(pos))} stands at {pos}"
    if not _within_reach(world, player, head):
        return ExecErrorCode.SLEEP_OUT_OF_REACH, f"the bed at {head}"
    taken = world.tables.properties_of(world.voxels.get(head)).get("occupied") == "true"  # a villager's, say
    if taken or any(other is not player and is_asleep(world, other) and other.bed == head for other in world.players):
        return ExecErrorCode.SLEEP_OCCUPIED, f"somebody lies in the bed at {head}"
    if not may_sleep(world):
        return ExecErrorCode.SLEEP_NOT_NIGHT, f"it is {world.time_of_day} of the day"
    monster = _monster_near(world, head)
    if monster is not None:
        return ExecErrorCode.SLEEP_HOSTILES_NEAR, monster
    return None


def _monster_near(world: SimulatedWorld, head: BlockPos) -> str | None:
    """The monster nearest to a bed among those that let nobody sleep there."""
    bx, by, bz = head[0] + 0.5, float(head[1]), head[2] + 0.5
    found: list[tuple[float, int, str]] = []
    for view in world.herd.views():
        x, y, z = view.position
        near = abs(x - bx) <= _MONSTERS_WIDE and abs(y - by) <= _MONSTERS_HIGH and abs(z - bz) <= _MONSTERS_WIDE
        if near and is_hostile(world.tables, view.kind):
            found.append((math.dist((x, y, z), (bx, by, bz)), view.id, view.kind))
    return min(found)[2] if found else None


def may_sleep(world: SimulatedWorld) -> bool:
    """Whether it is dark enough."""
    if world.raining:
        return bool(world.arrays.weather[s.WE_THUNDERING]) or world.time_of_day in _RAINY_NIGHT
    return world.time_of_day in _NIGHT


def is_asleep(world: SimulatedWorld, player: Player) -> bool:
    """Whether the player lies in a bed."""
    return bool(world.arrays.pi[player.index, s.PI_SLEEP])


def lie_down(world: SimulatedWorld, player: Player, head: BlockPos) -> None:
    """Put the player into the bed; what keeps it out of it is the caller's to check."""
    pf, pi = world.arrays.pf[player.index], world.arrays.pi[player.index]
    pf[s.PF_X], pf[s.PF_Y], pf[s.PF_Z] = head[0] + 0.5, head[1] + _LYING, head[2] + 0.5
    pf[s.PF_VX : s.PF_VZ + 1] = 0.0
    pf[s.PF_FALL] = 0.0
    pi[s.PI_SLEEP] = began = max(1, world.age)
    world.tell(player, BodyEventKind.SLEPT, pos=head)
    world.later(_FULL_SLEEP, lambda: _look(world, player, began))


def _look(world: SimulatedWorld, player: Player, began: int) -> None:
    """See whether the night may pass, or is over."""
    pi = world.arrays.pi
    if pi[player.index, s.PI_SLEEP] != began:
        return
    awaited = [p.index for p in world.players if pi[p.index, s.PI_ONLINE] and pi[p.index, s.PI_ALIVE]]
    asleep = sum(1 for p in awaited if pi[p, s.PI_SLEEP] and world.age - pi[p, s.PI_SLEEP] >= _FULL_SLEEP)
    if asleep >= max(1, math.ceil(len(awaited) * world.rules["playersSleepingPercentage"] / 100)):
        world.time_of_day = 0
        if world.rules["doWeatherCycle"] and world.raining:
            world.set_weather("clear", None)
        for other in world.players:
            get_up(world, other)
    elif not may_sleep(world):
        get_up(world, player)
    else:
        world.later(_LOOK_AGAIN, lambda: _look(world, player, began))


def get_up(world: SimulatedWorld, player: Player) -> None:
    """Put a sleeper beside its bed; nothing happens to one who is awake."""
    pf, pi = world.arrays.pf[player.index], world.arrays.pi[player.index]
    if not pi[s.PI_SLEEP]:
        return
    pi[s.PI_SLEEP] = 0
    head = player.bed
    place = beside(world, head) if head is not None else None
    if place is None and head is not None:
        place = (head[0] + 0.5, head[1] + _BED_TOP, head[2] + 0.5)
    if place is not None:
        pf[s.PF_X], pf[s.PF_Y], pf[s.PF_Z] = place
    pf[s.PF_FALL] = 0.0
    world.tell(player, BodyEventKind.WOKE, position=world.position_of(player))


def beside(world: SimulatedWorld, head: BlockPos) -> Position | None:
    """Where one stands up beside a bed: the nearest free cell around it, at its height first; None if none is."""
    found = partner(world.tables, head, world.voxels.get(head))
    foot = found[0] if found is not None else head
    halves = {(head[0], head[2]), (foot[0], foot[2])}
    xs = range(min(head[0], foot[0]) - 1, max(head[0], foot[0]) + 2)
    zs = range(min(head[2], foot[2]) - 1, max(head[2], foot[2]) + 2)
    cells = sorted(
        (math.dist((x, z), (head[0], head[2])), x, z) for x in xs for z in zs if (x, z) not in halves
    )  # fmt: skip
    for y in (head[1], head[1] - 1, head[1] + 1):
        for _, x, z in cells:
            if _is_free(world, (x, y, z)):
                return x + 0.5, float(y), z + 0.5
    return None


def _is_free(world: SimulatedWorld, pos: BlockPos) -> bool:
    """Whether one can stand there: a floor of full height, and no block or fluid for the body."""
    x, y, z = pos
    flags, shapes = world.shapes.flags, world.shapes
    floor = world.voxels.get((x, y - 1, z))
    if floor == UNKNOWN or not flags[floor] & SOLID or shapes.top[floor] != 1.0:
        return False
    for cell in (pos, (x, y + 1, z)):
        state = world.voxels.get(cell)
        if state == UNKNOWN or flags[state] & (SOLID | WATER | LAVA) or shapes.harm[state] & BURNS:
            return False
    return True


def bring_home(world: SimulatedWorld, player: Player) -> None:
    """Put who just came back to life beside its bed, if it has one that stands and has room; else it is told."""
    if player.bed is None:
        return
    world.voxels.ensure_around(player.bed[0] >> 4, player.bed[2] >> 4, 1)
    head = head_of(world, player.bed)
    place = beside(world, head) if head is not None else None
    if place is None:
        player.bed = None
        world.tell(
            player,
            BodyEventKind.CHAT,
            sender=None,
            text="You have no home bed or charged respawn anchor, or it was obstructed",
        )
        return
    pf = world.arrays.pf[player.index]
    pf[s.PF_X], pf[s.PF_Y], pf[s.PF_Z] = place
