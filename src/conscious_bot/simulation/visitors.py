"""Visitors: other players who do what their scripts say, by the same rules as a body.

A visitor acts between ticks, when its pause or its action is over. What it is about is part of the world: a
fork or a loaded save goes on with it. A step that cannot be done is noted as trouble and left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from conscious_bot.contracts import TICKS_PER_SECOND, ActionFailed, BlockPos, UserError
from conscious_bot.simulation import deeds
from conscious_bot.simulation import state as s
from conscious_bot.simulation.creatures.combat import blow, recovery
from conscious_bot.simulation.limits import PLACE, numbers, whole
from conscious_bot.simulation.placement import OFFSETS
from conscious_bot.simulation.players import Player
from conscious_bot.simulation.putting import put_down
from conscious_bot.simulation.terrain.visits import (
    Dig,
    Hit,
    Hold,
    Leave,
    Place,
    Say,
    Step,
    Toss,
    Visit,
    Wait,
    Walk,
    cell_of,
)
from conscious_bot.simulation.voxels import MAX_Y, MIN_Y, VoxelStore
from conscious_bot.sterling.moves import EXTENDED
from conscious_bot.sterling.navigation import Navigator
from conscious_bot.world.occupancy import classify
from conscious_bot.world.region import Box
from conscious_bot.world.state import ItemStack, block_of

if TYPE_CHECKING:
    from conscious_bot.simulation.world import SimulatedWorld

__all__ = ["Visitors"]

_NEXT = 1  # tick between two steps
_PLACE_TICKS = 4
_DEAD_TICKS = 20
_AGAIN_TICKS = 10
_TRIES = 5
_MARGIN, _RISE = 12, 12  # cells scanned beyond the straight line
_FARTHEST = 96  # cells of one walk
_FOOTING = 12  # cells up and down in which a walk with `~` looks for footing
_SEES = 64.0


@dataclass(slots=True)
class _Guest:
    """One visitor and how far it has come in its script."""

    visit: Visit
    step: int = 0
    tries: int = 0
    """Of the step under way."""
    done: int = 0
    """Blows that have landed in the step under way."""
    target: BlockPos | None = None
    """The cell that the step under way means."""
    due: int | None = None
    """The age at which it goes on; None while an action runs, or at the end."""
    here: bool = False
    trouble: list[str] = field(default_factory=list[str])


class Visitors:
    """The visitors of one world."""

    def __init__(self, world: SimulatedWorld) -> None:
        self._world = world
        self._guests: list[_Guest] = []

    def invite(self, visit: Visit) -> None:
        """Let a visitor come when it wants to. UserError if its name is taken or it cannot be."""
        world = self._world
        visit.check(f"visitor {visit.name}", world.tables)
        if visit.name in (player.name for player in world.players) or self.knows(visit.name):
            raise UserError(f"visitor {visit.name}: a player of this name is here", "give it another name")
        guest = _Guest(visit)
        self._guests.append(guest)
        self._pause(guest, round(visit.after * TICKS_PER_SECOND))

    def knows(self, name: str) -> bool:
        """Whether this player is a visitor."""
        return any(guest.visit.name == name for guest in self._guests)

    def trouble(self) -> dict[str, list[str]]:
        """What could not be done, by visitor."""
        return {guest.visit.name: list(guest.trouble) for guest in self._guests}

    # Going on

    def _pause(self, guest: _Guest, ticks: int) -> None:
        guest.due = self._world.age + max(ticks, _NEXT)
        self._world.later(guest.due - self._world.age, partial(self._wake, guest))

    def _wake(self, guest: _Guest) -> None:
        if guest.due != self._world.age:
            return
        guest.due = None
        if not guest.here:
            self._arrive(guest)
            return
        player = self._player(guest)
        if not self._world.is_alive(player):
            self._world.respawn(player)
            self._pause(guest, _DEAD_TICKS)
            return
        if guest.step >= len(guest.visit.script):
            if not guest.visit.repeat or not guest.visit.script:
                return
            guest.step = 0
        step = guest.visit.script[guest.step]
        try:
            self._do(guest, player, step)
        except ActionFailed as failed:
            self._give_up(guest, str(failed))
        self._world.tell_changes()

    def _arrive(self, guest: _Guest) -> None:
        world, visit = self._world, guest.visit
        origin = block_of(world.position_of(world.players[0])) if world.players else world.spawn
        x, y, z = cell_of(visit.position, origin)
        if not VoxelStore.inside(x >> 4, z >> 4) or not MIN_Y <= y <= MAX_Y:
            guest.trouble.append(f"came to nothing: {x} {y} {z} lies outside the world")
            return
        guest.here = True
        player = world.add_player(visit.name)
        player.spawn = (x + 0.5, float(y), z + 0.5)
        world.teleport(player, player.spawn)
        for stack in visit.inventory:
            if stack.slot is not None:
                player.inventory.put(stack.slot, ItemStack(stack.item, stack.count, stack.wear))
        for stack in visit.inventory:
            if stack.slot is None:
                player.inventory.add(ItemStack(stack.item, stack.count, stack.wear))
        self._pause(guest, _NEXT)

    def _player(self, guest: _Guest) -> Player:
        return next(player for player in self._world.players if player.name == guest.visit.name)

    def _next(self, guest: _Guest, ticks: int = _NEXT) -> None:
        """The step is done; the next one begins after a pause."""
        guest.step, guest.tries, guest.done, guest.target = guest.step + 1, 0, 0, None
        self._pause(guest, ticks)

    def _give_up(self, guest: _Guest, why: str) -> None:
        guest.trouble.append(f"script[{guest.step}]: {why}")
        self._next(guest)

    def _again(self, guest: _Guest, why: str) -> None:
        """Try the step anew a little later, a bounded number of times."""
        guest.tries += 1
        if guest.tries >= _TRIES:
            self._give_up(guest, why)
        else:
            self._pause(guest, _AGAIN_TICKS)

    # Doing

    def _do(self, guest: _Guest, player: Player, step: Step) -> None:
        world, inventory = self._world, player.inventory
        match step:
            case Wait(seconds=seconds):
                self._next(guest, round(seconds * TICKS_PER_SECOND))
            case Say(text=text):
                deeds.say(world, player, text)
                self._next(guest)
            case Hold(item=item):
                if inventory.hold(item):
                    self._next(guest)
                else:
                    self._give_up(guest, f"it has no {item}")
            case Walk(to=spot, sneak=sneak):
                self._walk(guest, player, self._target(guest, player, spot), loose=isinstance(spot, str), sneak=sneak)
            case Dig(at=spot):
                self._dig(guest, player, self._target(guest, player, spot))
            case Place(item=item, at=spot):
                self._place(guest, player, item, self._target(guest, player, spot))
            case Hit(target=target, times=times):
                self._hit(guest, player, target, times)
            case Toss(item=item, count=count, to=name):
                found = None if name is None else self._find(player, name)
                if found is None:
                    world.arrays.pf[player.index, s.PF_PITCH] = 0.0
                else:
                    x, y, z = found[1]
                    deeds.face_block(world, player, (x, y + 1, z))
                self._toss(guest, player, item, count)
            case Leave():
                world.remove_player(player)

    def _target(self, guest: _Guest, player: Player, spot: BlockPos | str) -> BlockPos:
        """The cell a step means; `~` counts from where it began."""
        if guest.target is None:
            guest.target = cell_of(spot, block_of(self._world.position_of(player)))
        return guest.target

    def _walk(self, guest: _Guest, player: Player, goal: BlockPos, *, loose: bool, sneak: bool) -> None:
        if not self._stands(player):
            self._pause(guest, _NEXT)
            return
        if not self._set_out(guest, player, goal, near=0, loose=loose, sneak=sneak):
            self._next(guest)

    def _stands(self, player: Player) -> bool:
        pi = self._world.arrays.pi[player.index]
        return bool(pi[s.PI_ON_GROUND] or pi[s.PI_IN_WATER])

    def _set_out(
        self, guest: _Guest, player: Player, goal: BlockPos, *, near: int, loose: bool, sneak: bool = False
    ) -> bool:
        """Set out for a cell; False if it is there already. Trouble is seen to."""
        world = self._world
        here = block_of(world.position_of(player))
        if max(abs(a - b) for a, b in zip(here, goal, strict=True)) > _FARTHEST:
            self._give_up(guest, f"{goal} is more than {_FARTHEST} blocks away")
            return True
        low = [min(a, b) for a, b in zip(here, goal, strict=True)]
        high = [max(a, b) for a, b in zip(here, goal, strict=True)]
        box = Box(
            (low[0] - _MARGIN, max(low[1] - _RISE, MIN_Y), low[2] - _MARGIN),
            (high[0] + _MARGIN, min(high[1] + _RISE, MAX_Y), high[2] + _MARGIN),
        )
        if not box.contains(here) or not box.contains(goal):
            self._give_up(guest, f"no way leads from {here} to {goal}")
            return True
        navigator = Navigator(classify(world.voxels.scan(box), world.tables), moves=EXTENDED)
        start = navigator.snap(here)
        end = _footing(navigator, goal) if loose else goal
        if start is None or end is None:
            self._again(guest, f"there is no footing at {here if start is None else goal}")
            return True
        way = navigator.solve(start, end, tolerance_xz=near, tolerance_y=near)
        if not way.found:
            self._again(guest, f"no way leads from {here} to {end}")
            return True
        if not way.primitives:
            return False
        steps = [step.sneaked() for step in way.primitives] if sneak else way.primitives
        deeds.begin_walk(world, player, steps)
        self._attend(guest, player)
        return True

    def _dig(self, guest: _Guest, player: Player, pos: BlockPos) -> None:
        world = self._world
        state, ticks = deeds.check_dig(world, player, pos)
        pause = deeds.dig_pause(world, player)
        if pause:
            self._pause(guest, pause)
            return
        deeds.face_block(world, player, pos)
        deeds.begin_dig(world, player, pos, state, ticks)
        self._attend(guest, player)

    def _place(self, guest: _Guest, player: Player, item: str, pos: BlockPos) -> None:
        world = self._world
        if not player.inventory.hold(item):
            self._give_up(guest, f"it has no {item}")
            return
        why = f"nothing beside {pos} holds {item}"
        for side, (dx, dy, dz) in OFFSETS.items():
            against = (pos[0] - dx, pos[1] - dy, pos[2] - dz)
            deeds.face_block(world, player, against)
            try:
                state, target = deeds.placement(world, player, against, side)
            except ActionFailed as failed:
                why = str(failed)
                continue
            if target != pos:
                continue
            pi = world.arrays.pi[player.index]
            if deeds.asks_to_sneak(world, against) and not pi[s.PI_SNEAK]:
                pi[s.PI_SNEAK] = 1  # the click comes a tick after the key
                self._pause(guest, _NEXT)
                return
            pi[s.PI_SNEAK] = 0
            put_down(world, player, target, state)
            self._next(guest, _PLACE_TICKS)
            return
        world.arrays.pi[player.index, s.PI_SNEAK] = 0
        self._give_up(guest, why)

    def _hit(self, guest: _Guest, player: Player, target: str, times: int) -> None:
        found = self._find(player, target)
        if found is None:
            if guest.done:  # it is dead
                self._next(guest)
            else:
                self._give_up(guest, f"no {target} is near")
            return
        entity, at = found
        wait = recovery(self._world, player)
        if wait > 0:
            self._pause(guest, wait)
            return
        try:
            blow(self._world, player, entity)
        except ActionFailed as failed:
            if not self._stands(player):
                self._pause(guest, _NEXT)
            elif not self._set_out(guest, player, at, near=1, loose=True):
                self._again(guest, str(failed))
            return
        guest.done += 1
        if guest.done >= times:
            self._next(guest)
        else:
            self._pause(guest, _NEXT)

    def _find(self, me: Player, target: str) -> tuple[int, BlockPos] | None:
        """A player by name, or the nearest creature of a kind: its id and its cell."""
        world = self._world
        for other in world.players:
            online = world.arrays.pi[other.index, s.PI_ONLINE] and world.is_alive(other)
            if other.name == target and other is not me and online:
                return -1 - other.index, block_of(world.position_of(other))
        here = world.position_of(me)
        near = [
            (sum((a - b) ** 2 for a, b in zip(view.position, here, strict=True)), view.id, view.position)
            for view in world.herd.views()
            if view.kind == target
        ]
        if not near or min(near)[0] > _SEES**2:
            return None
        _, entity, position = min(near)
        return entity, block_of(position)

    def _toss(self, guest: _Guest, player: Player, item: str, count: int) -> None:
        inventory = player.inventory
        if inventory.count(item) < count:
            self._give_up(guest, f"it has {inventory.count(item)} {item}, not {count}")
            return
        while count > 0 and (index := inventory.least_worn(item)) is not None:
            there = inventory.slots[index]
            thrown = inventory.take(index, min(count, there.count if there else 0))
            count -= thrown.count
            deeds.throw(self._world, player, thrown)
        self._next(guest)

    # The ends of actions

    def _attend(self, guest: _Guest, player: Player) -> None:
        player.on_end = partial(self._ended, guest)

    def _ended(self, guest: _Guest, code: int, what: int) -> None:
        if code == s.EV_WALK_ENDED and isinstance(guest.visit.script[guest.step], Hit):
            self._pause(guest, _NEXT)
        elif code == s.EV_DUG or (code == s.EV_WALK_ENDED and what == s.WALK_ARRIVED):
            self._next(guest)
        elif code == s.EV_DIED:
            self._pause(guest, _DEAD_TICKS)
        else:
            self._again(guest, "it was interrupted")

    # Forks and saves

    def export(self) -> list[dict[str, Any]]:
        """Everything, for a save or a fork."""
        arrays = self._world.arrays
        found: list[dict[str, Any]] = []
        for guest in self._guests:
            entry: dict[str, Any] = {
                "visit": guest.visit.wire(),
                "step": guest.step,
                "tries": guest.tries,
                "done": guest.done,
                "target": None if guest.target is None else list(guest.target),
                "due": guest.due,
                "here": guest.here,
                "trouble": list(guest.trouble),
                "way": [],
            }
            if guest.here:
                index = self._player(guest).index
                if arrays.pi[index, s.PI_ACTION] == s.ACT_FOLLOW:
                    entry["way"] = arrays.paths[index, : arrays.pi[index, s.PI_STEPS] + 1].tolist()
            found.append(entry)
        return found

    def restore(self, saved: Sequence[Mapping[str, Any]]) -> None:
        """Take over what `export` gave, in a world that has these players. ValueError names what does not fit."""
        world = self._world
        for entry in saved:
            try:
                visit = Visit.read(entry["visit"])
                visit.check("visitor", world.tables)
            except UserError as error:
                raise ValueError(str(error)) from error
            step, tries, done = (whole(entry[key], 0, 10**6, key) for key in ("step", "tries", "done"))
            guest = _Guest(visit, step, tries, done)
            if entry["target"] is not None:
                x, y, z = (whole(v, -(2**31), 2**31, "a target") for v in entry["target"])
                guest.target = (x, y, z)
            guest.here = bool(entry["here"])
            guest.trouble = [str(line) for line in entry["trouble"]]
            guest.due = None if entry["due"] is None else whole(entry["due"], 0, 2**41, "due")
            if guest.here and visit.name not in (player.name for player in world.players):
                raise ValueError(f"the visitor {visit.name} is here and is not")
            if not 0 <= guest.step <= len(visit.script):
                raise ValueError(f"the visitor {visit.name} has no step {guest.step}")
            self._guests.append(guest)
            if guest.here:
                self._lead(self._player(guest), entry["way"])

    def _lead(self, player: Player, way: list[list[int]]) -> None:
        """Put a player's way back into the arrays."""
        world = self._world
        arrays = world.arrays
        pi = arrays.pi[player.index]
        if pi[s.PI_ACTION] != s.ACT_FOLLOW and not way:
            return
        rows = numbers(way, (int(pi[s.PI_STEPS]) + 1, 4), np.int64, PLACE, f"the way of {player.name}")
        if not 1 <= pi[s.PI_STEP] <= pi[s.PI_STEPS]:
            raise ValueError(f"{player.name} is at step {pi[s.PI_STEP]} of {pi[s.PI_STEPS]}")
        paths = arrays.paths
        if len(way) > paths.shape[1]:
            paths = np.zeros((len(paths), 2 * len(way), 4), np.int64)
            paths[:, : arrays.paths.shape[1]] = arrays.paths
            world.arrays = arrays.replace(paths=paths)
        paths[player.index, : len(way)] = rows
        player.steps = len(way) - 1

    def resume(self) -> None:
        """Go on after a fork or a load: whoever waits is woken, whoever acts is attended."""
        for guest in self._guests:
            if guest.due is not None:
                self._world.later(max(guest.due - self._world.age, _NEXT), partial(self._wake, guest))
                guest.due = max(guest.due, self._world.age + _NEXT)
            elif guest.here:
                player = self._player(guest)
                if self._world.arrays.pi[player.index, s.PI_ACTION] != s.ACT_NONE:
                    self._attend(guest, player)


def _footing(navigator: Navigator, cell: BlockPos) -> BlockPos | None:
    """The nearest cell of rest above or below a cell."""
    x, y, z = cell
    for far in range(_FOOTING + 1):
        for height in (y + far, y - far):
            if navigator.standable((x, height, z)):
                return x, height, z
    return None
