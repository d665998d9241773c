"""What a player does with its own hands and feet, begun between two ticks: bodies and visitors share it.

Each checks what the game checks and fails with `ActionFailed`; the ticks that follow do the rest.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from conscious_bot.body.port import REACH, BodyEventKind, Face
from conscious_bot.contracts import ActionFailed, BlockPos, ExecErrorCode, Position, Primitive
from conscious_bot.simulation import state as s
from conscious_bot.simulation.facts import REPLACEABLE, SOLID
from conscious_bot.simulation.physics import PLAYER_WIDTH, eye_of, height_of
from conscious_bot.simulation.placement import OFFSETS, answers_clicks, placed_state
from conscious_bot.simulation.players import Player
from conscious_bot.simulation.putting import parts_of
from conscious_bot.world.region import UNKNOWN
from conscious_bot.world.state import ItemStack, block_of

if TYPE_CHECKING:
    from conscious_bot.simulation.world import SimulatedWorld

__all__ = [
    "FOLLOWS",
    "asks_to_sneak",
    "begin_dig",
    "begin_walk",
    "check_dig",
    "dig_pause",
    "face",
    "face_block",
    "fills_own",
    "placement",
    "say",
    "throw",
    "within_reach",
]

_OPS: Mapping[str, int] = {
    "gap": s.OP_GAP,
    "swim": s.OP_SWIM,
    "dive": s.OP_SWIM,
    "climb": s.OP_CLIMB,
    "mount": s.OP_CLIMB,
    "sneak": s.OP_SNEAK,
}
FOLLOWS = frozenset({"walk", "jump_up", "descend", "diagonal", "fall", *_OPS})
"""The moves that a player's steering knows: all of the solver's, and `sneak`, a slow walk that keeps from edges."""
_TOSS_SPEED = 0.3
_TOSS_DELAY = 40
_EMPTY = frozenset({"air", "cave_air", "void_air", "water", "lava", "bubble_column"})


def face(world: SimulatedWorld, player: Player, point: Position) -> None:
    """Look at a point."""
    x, y, z = world.position_of(player)
    dx, dy, dz = point[0] - x, point[1] - (y + eye_of(world.arrays.pi, player.index)), point[2] - z
    pf = world.arrays.pf[player.index]
    if dx or dz:
        pf[s.PF_YAW] = math.atan2(-dx, dz)
    pf[s.PF_PITCH] = math.atan2(dy, math.hypot(dx, dz))


def face_block(world: SimulatedWorld, player: Player, pos: BlockPos) -> None:
    """Look at the middle of a block."""
    face(world, player, (pos[0] + 0.5, pos[1] + 0.5, pos[2] + 0.5))


def within_reach(world: SimulatedWorld, player: Player, pos: BlockPos) -> bool:
    """Whether the nearest point of a block is within reach of the eyes."""
    x, y, z = world.position_of(player)
    eye = (x, y + eye_of(world.arrays.pi, player.index), z)
    nearest = tuple(min(max(e, p), p + 1.0) for e, p in zip(eye, pos, strict=True))
    return math.dist(eye, nearest) <= REACH


def begin_walk(world: SimulatedWorld, player: Player, path: Sequence[Primitive]) -> None:
    """Set out along a way; EV_WALK_ENDED tells its end."""
    start = (*block_of(world.position_of(player)), s.OP_PLAIN)
    rows = np.array([start, *((*step.to, _OPS.get(step.kind, s.OP_PLAIN)) for step in path)], np.int64)
    arrays = world.arrays
    if len(rows) > arrays.paths.shape[1]:
        paths = np.zeros((len(arrays.paths), 2 * len(rows), 4), np.int64)
        paths[:, : arrays.paths.shape[1]] = arrays.paths
        world.arrays = arrays = arrays.replace(paths=paths)
    arrays.paths[player.index, : len(rows)] = rows
    pf, pi = arrays.pf[player.index], arrays.pi[player.index]
    pi[s.PI_STEP], pi[s.PI_STEPS], pi[s.PI_STUCK] = 1, len(path), 0
    pf[s.PF_BEST] = 1e9
    pi[s.PI_ACTION] = s.ACT_FOLLOW
    player.steps = len(path)


def dig_pause(world: SimulatedWorld, player: Player) -> int:
    """Ticks until the player can begin with another block."""
    return max(int(world.arrays.pi[player.index, s.PI_DIG_AFTER]) - world.age, 0)


def check_dig(world: SimulatedWorld, player: Player, pos: BlockPos) -> tuple[int, list[int]]:
    """The state of a block that can be broken, and how long that takes. Fails as the port says.

    The ticks are those on dry ground, off the ground, in water, and both.
    """
    tables = world.tables
    state = world.voxels.get(pos)
    if state == UNKNOWN:
        raise ActionFailed(ExecErrorCode.DIG_OUT_OF_REACH, f"nothing is loaded at {pos}")
    block = tables.block_of(state)
    held = player.inventory.held
    tool = held.item if held else None
    ticks = [
        found
        for wet in (False, True)
        for dry_ground in (True, False)
        if (found := tables.dig_ticks(state, tool, on_ground=dry_ground, in_water=wet)) is not None
    ]
    if not block.diggable or len(ticks) < 4:
        raise ActionFailed(ExecErrorCode.DIG_BLOCK_CHANGED, f"{block.name} at {pos} cannot be broken")
    if not within_reach(world, player, pos):
        raise ActionFailed(ExecErrorCode.DIG_OUT_OF_REACH, f"{block.name} at {pos}")
    return state, ticks


def begin_dig(world: SimulatedWorld, player: Player, pos: BlockPos, state: int, ticks: Sequence[int]) -> None:
    """Begin to break a block, with what `check_dig` said; EV_DUG, EV_DIG_CHANGED or EV_DIG_FAR tells the end."""
    pf, pi = world.arrays.pf[player.index], world.arrays.pi[player.index]
    pf[s.PF_DIG] = 0.0
    pi[s.PI_DIG_X], pi[s.PI_DIG_Y], pi[s.PI_DIG_Z] = pos
    pi[s.PI_DIG_STATE] = state
    pi[s.PI_DIG_TICKS : s.PI_DIG_TICKS + 4] = ticks
    pi[s.PI_ACTION] = s.ACT_DIG
    player.digging = pos


def asks_to_sneak(world: SimulatedWorld, against: BlockPos) -> bool:
    """Whether a click on the block there, without the sneak key, would be answered by the block."""
    clicked = world.voxels.get(against)
    return clicked != UNKNOWN and answers_clicks(world.tables.name_of(clicked))


def placement(
    world: SimulatedWorld, player: Player, against: BlockPos, side: Face, facing: int | None = None
) -> tuple[int, BlockPos]:
    """What would be placed where; fails as the port says. `facing` is the state chosen before turning.

    With it the click is meant for now: it is not placed against what would answer the click itself.
    """
    tables = world.tables
    held = player.inventory.held
    name = tables.items[held.item].block if held else None
    if held is None or name is None:
        raise ActionFailed(ExecErrorCode.INVENTORY_MISSING, f"the hand holds {held.item if held else 'nothing'}")
    clicked = world.voxels.get(against)
    flags = world.shapes.flags
    dx, dy, dz = OFFSETS[side]
    target = (against[0] + dx, against[1] + dy, against[2] + dz)
    if clicked != UNKNOWN and flags[clicked] & REPLACEABLE and tables.name_of(clicked) not in _EMPTY:
        target = against
    elif clicked == UNKNOWN or tables.name_of(clicked) in _EMPTY:
        raise ActionFailed(ExecErrorCode.PLACE_INVALID_FACE, f"nothing to place against at {against}")
    if not within_reach(world, player, against):
        raise ActionFailed(ExecErrorCode.PLACE_OUT_OF_REACH, f"{against}")
    if facing is not None and asks_to_sneak(world, against) and not world.arrays.pi[player.index, s.PI_SNEAK]:
        name = tables.name_of(clicked)
        raise ActionFailed(ExecErrorCode.PLACE_INVALID_FACE, f"the click is for the {name} at {against} itself")
    there = world.voxels.get(target)
    if there == UNKNOWN or not world.voxels.inside(target[0] >> 4, target[2] >> 4) or not -64 <= target[1] < 320:
        raise ActionFailed(ExecErrorCode.PLACE_OUT_OF_REACH, f"{target} lies outside the loaded world")
    if not flags[there] & REPLACEABLE:
        raise ActionFailed(ExecErrorCode.PLACE_OCCUPIED, f"{tables.name_of(there)} stands at {target}")
    floor = world.voxels.get((target[0], target[1] - 1, target[2]))
    pf = world.arrays.pf[player.index]
    state = facing
    if state is None:
        state = placed_state(
            tables,
            tables.blocks[name],
            side,
            float(pf[s.PF_YAW]),
            float(pf[s.PF_PITCH]),
            floor=tables.name_of(floor),
            full_floor=_full(world, floor),
            full_wall=_full(world, clicked),
        )
    if state is None:
        raise ActionFailed(ExecErrorCode.PLACE_INVALID_FACE, f"{name} cannot be put against the {side} of {against}")
    for cell, part in parts_of(world, target, state):
        there = world.voxels.get(cell)
        if there == UNKNOWN or not -64 <= cell[1] < 320 or not flags[there] & REPLACEABLE:
            raise ActionFailed(ExecErrorCode.PLACE_OCCUPIED, f"{tables.name_of(there)} stands at {cell}")
        if flags[part] & SOLID and (facing is not None or not fills_own(world, player, cell, part)):
            _refuse_if_in_the_way(world, cell, part)
    return state, target


def fills_own(world: SimulatedWorld, player: Player, target: BlockPos, state: int) -> bool:
    """Whether a block would come into the cell of the feet of a player that stands: it is put there in a jump."""
    stands = bool(world.arrays.pi[player.index, s.PI_ON_GROUND])
    return stands and target == block_of(world.position_of(player)) and bool(world.shapes.flags[state] & SOLID)


def _full(world: SimulatedWorld, state: int) -> bool:
    """Whether a block gives support like a full cube."""
    shapes = world.shapes
    if state == UNKNOWN or shapes.boxed[state] != 1:
        return False
    return shapes.boxes[shapes.first[state]].tolist() == [0, 0, 0, 1, 1, 1]


def _refuse_if_in_the_way(world: SimulatedWorld, target: BlockPos, state: int) -> None:
    """No block is placed into a living body."""
    shapes = world.shapes
    boxes = shapes.boxes[shapes.first[state] : shapes.first[state] + shapes.boxed[state]]
    for other in world.players:
        row = world.arrays.pi[other.index]
        if not row[s.PI_ONLINE] or not row[s.PI_ALIVE]:
            continue
        x, y, z = world.position_of(other)
        half = PLAYER_WIDTH / 2
        low, high = (x - half, y, z - half), (x + half, y + height_of(world.arrays.pi, other.index), z + half)
        for box in boxes:
            if all(target[a] + box[a] < high[a] - 1e-6 and target[a] + box[a + 3] > low[a] + 1e-6 for a in range(3)):
                raise ActionFailed(ExecErrorCode.PLACE_OCCUPIED, f"{other.name} stands at {target}")


def throw(world: SimulatedWorld, player: Player, stack: ItemStack) -> None:
    """Throw items the way the player looks. They are the world's from then on."""
    x, y, z = world.position_of(player)
    pf = world.arrays.pf[player.index]
    yaw, pitch = float(pf[s.PF_YAW]), float(pf[s.PF_PITCH])
    flat = math.cos(pitch) * _TOSS_SPEED
    velocity = (-math.sin(yaw) * flat, math.sin(pitch) * _TOSS_SPEED + 0.1, math.cos(yaw) * flat)
    world.drop(stack, (x, y + eye_of(world.arrays.pi, player.index) - 0.3, z), velocity, delay=_TOSS_DELAY)


def say(world: SimulatedWorld, player: Player, text: str) -> None:
    """Say something that everyone in the world hears."""
    for other in world.players:
        world.tell(other, BodyEventKind.CHAT, sender=player.name, text=text)
