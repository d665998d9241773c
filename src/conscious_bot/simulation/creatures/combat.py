"""A player's blows: what weapons do and how fast, reach, critical hits, knockback.

Source, Minecraft Wiki (Java Edition 1.20): "Melee attack" and "Damage" (cooldown, critical hits), "Sword",
"Axe", "Pickaxe", "Shovel", "Hoe", "Trident" (attack damage and speed), "Knockback (mechanic)", "Hunger".
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from conscious_bot.contracts import ActionFailed, ExecErrorCode, Position
from conscious_bot.simulation import life
from conscious_bot.simulation import state as s
from conscious_bot.simulation.creatures import layout
from conscious_bot.simulation.creatures.motion import shove
from conscious_bot.simulation.creatures.paths import sees
from conscious_bot.simulation.damage import MOB, exhaust
from conscious_bot.simulation.deeds import face
from conscious_bot.simulation.facts import CLIMBABLE
from conscious_bot.simulation.physics import PLAYER_WIDTH, eye_of, height_of
from conscious_bot.simulation.players import Player
from conscious_bot.simulation.voxels import get_state

if TYPE_CHECKING:
    from conscious_bot.simulation.body import SimulatedBody
    from conscious_bot.simulation.world import SimulatedWorld

__all__ = ["REACH", "CombatHands", "blow", "cooldown_ticks", "recovery", "weapon"]

REACH = 3.0
"""From the eyes to the nearest point of the box, in survival."""
_HAND = (1.0, 4.0)
_DAMAGE = {
    "sword": {"wooden": 4.0, "golden": 4.0, "stone": 5.0, "iron": 6.0, "diamond": 7.0, "netherite": 8.0},
    "axe": {"wooden": 7.0, "golden": 7.0, "stone": 9.0, "iron": 9.0, "diamond": 9.0, "netherite": 10.0},
    "pickaxe": {"wooden": 2.0, "golden": 2.0, "stone": 3.0, "iron": 4.0, "diamond": 5.0, "netherite": 6.0},
    "shovel": {"wooden": 2.5, "golden": 2.5, "stone": 3.5, "iron": 4.5, "diamond": 5.5, "netherite": 6.5},
    "hoe": {"wooden": 1.0, "golden": 1.0, "stone": 1.0, "iron": 1.0, "diamond": 1.0, "netherite": 1.0},
}
_SPEED = {"sword": 1.6, "pickaxe": 1.2, "shovel": 1.0}
_AXE_SPEED = {"wooden": 0.8, "stone": 0.8, "iron": 0.9, "golden": 1.0, "diamond": 1.0, "netherite": 1.0}
_HOE_SPEED = {"wooden": 1.0, "golden": 1.0, "stone": 2.0, "iron": 3.0, "diamond": 4.0, "netherite": 4.0}
_ARMOUR = {"zombie": 2.0}
"""Armour points that creatures have of their own (Minecraft Wiki, "Zombie")."""
_WEAR = {"sword": 1, "trident": 1, "hoe": 1, "axe": 2, "pickaxe": 2, "shovel": 2}


def weapon(item: str | None) -> tuple[float, float]:
    """Damage of a blow in half hearts, and attacks a second, with an item in hand."""
    if item == "trident":
        return 9.0, 1.1
    tier, _, kind = (item or "").partition("_")
    if kind not in _DAMAGE or tier not in _DAMAGE[kind]:
        return _HAND
    speed = _AXE_SPEED[tier] if kind == "axe" else _HOE_SPEED[tier] if kind == "hoe" else _SPEED[kind]
    return _DAMAGE[kind][tier], speed


def cooldown_ticks(item: str | None) -> int:
    """Ticks after a blow until the next has its full strength."""
    return max(math.ceil(20.0 / weapon(item)[1] - 0.5), 1)


class CombatHands:
    """Part of the hands of a `SimulatedBody`: the blow."""

    _body: SimulatedBody
    _world: SimulatedWorld

    async def attack(self, entity: int) -> None:
        """Strike an entity once, with full strength; see `Hands.attack`."""
        player = self._body.begin()
        world = self._world
        _target(world, player, entity)
        await self._body.ticks(max(recovery(world, player), 1))
        self._body.begin()
        blow(world, player, entity)


def recovery(world: SimulatedWorld, player: Player) -> int:
    """Ticks until the player's next blow has its full strength; 0 or less: now."""
    held = player.inventory.held
    return world.herd.last_swing(player.index) + cooldown_ticks(held.item if held else None) - world.age


def blow(world: SimulatedWorld, player: Player, entity: int) -> None:
    """Strike an entity now; fails as `Hands.attack` does."""
    feet, width, height = _target(world, player, entity)
    x, y, z = world.position_of(player)
    eye = (x, y + eye_of(world.arrays.pi, player.index), z)
    aim = (feet[0], min(max(eye[1], feet[1]), feet[1] + height * 0.8), feet[2])
    face(world, player, aim)
    nearest = tuple(
        min(max(e, low), high)
        for e, low, high in zip(
            eye,
            (feet[0] - width / 2, feet[1], feet[2] - width / 2),
            (feet[0] + width / 2, feet[1] + height, feet[2] + width / 2),
            strict=True,
        )
    )
    if math.dist(eye, nearest) > REACH or not sees(world.arrays.cells, world.shapes, *eye, *aim):
        raise ActionFailed(ExecErrorCode.COMBAT_OUT_OF_REACH, f"entity {entity} at {feet}")
    world.herd.last_swing(player.index, world.age)
    harmed = _strike(world, player, entity)
    exhaust(world.arrays.pf, player.index, 0.1)
    world.tell_changes()
    if not harmed:
        raise ActionFailed(ExecErrorCode.COMBAT_NO_EFFECT, f"entity {entity} took no harm")


def _target(world: SimulatedWorld, player: Player, entity: int) -> tuple[Position, float, float]:
    """Feet, width and height of what is to be struck."""
    if entity < 0:
        index = -1 - entity
        if index < len(world.players) and index != player.index:
            other = world.players[index]
            if world.arrays.pi[index, s.PI_ONLINE] and world.is_alive(other):
                return world.position_of(other), PLAYER_WIDTH, height_of(world.arrays.pi, index)
    row = world.herd.row(entity)
    if row is None or world.herd.arrays.cf[row, layout.CF_HEALTH] <= 0:
        raise ActionFailed(ExecErrorCode.COMBAT_TARGET_GONE, f"there is no creature {entity}")
    c = world.herd.arrays
    x, y, z = c.cf[row, : layout.CF_Z + 1].tolist()
    kind = int(c.ci[row, layout.CI_KIND])
    return (x, y, z), float(c.kinds[kind, layout.KD_WIDTH]), float(c.kinds[kind, layout.KD_HEIGHT])


def _is_critical(world: SimulatedWorld, player: Player) -> bool:
    """Whether a blow now is a critical one: falling, not sprinting, climbing or in water."""
    pf, pi = world.arrays.pf[player.index], world.arrays.pi[player.index]
    cells = world.arrays.cells
    x, y, z = (math.floor(v) for v in world.position_of(player))
    climbing = world.shapes.flags[get_state(cells, x, y, z)] & CLIMBABLE
    falling = pf[s.PF_FALL] > 0 and not pi[s.PI_ON_GROUND] and not pi[s.PI_IN_WATER]
    return bool(falling and not climbing and pi[s.PI_SPRINT] <= 0)


def _strike(world: SimulatedWorld, player: Player, entity: int) -> bool:
    """Deal the blow; whether it did harm."""
    held = player.inventory.held
    item = held.item if held else None
    damage, _ = weapon(item)
    if _is_critical(world, player):
        damage *= 1.5
    x, _, z = world.position_of(player)
    sprinting = world.arrays.pi[player.index, s.PI_SPRINT] > 0
    if entity < 0:
        other = world.players[-1 - entity]
        if not life.hurt(world, other, damage, MOB):
            return False
        velocity = world.arrays.pf[other.index, s.PF_VX : s.PF_VZ + 1]
        at = world.position_of(other)
    else:
        herd = world.herd
        row = herd.row(entity)
        if row is None:
            return False
        c = herd.arrays
        at = tuple(c.cf[row, : layout.CF_Z + 1].tolist())
        before = c.ci[row, layout.CI_SHIELDED] > 10
        armour = _ARMOUR.get(layout.KINDS[c.ci[row, layout.CI_KIND]], 0.0)
        damage *= 1.0 - max(armour / 5.0, armour - damage / 2.0) / 25.0  # Minecraft Wiki, "Armor"
        if not herd.hurt(entity, damage):
            return False
        herd.provoke(entity, player.index)
        row = herd.row(entity)
        if row is not None and not before and not c.ci[row, layout.CI_NO_AI]:
            shove(c.cf, row, 0.4, x - at[0], z - at[2])
            c.ci[row, layout.CI_ON_GROUND] = 0
            if sprinting:
                shove(c.cf, row, 0.5, x - at[0], z - at[2])
        velocity = None
    if velocity is not None:
        length = math.hypot(at[0] - x, at[2] - z)
        if length > 0:
            velocity *= 0.5
            velocity += np.array([(at[0] - x) / length * 0.4, 0.4, (at[2] - z) / length * 0.4])
            velocity[1] = min(velocity[1], 0.4)
    wear = _WEAR.get((item or "").rpartition("_")[2])
    if wear:
        player.inventory.use_up(wear)
    return True
