"""The Body port on the simulated world. Every action takes the time it takes in the game."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import numpy as np

from conscious_bot.body.port import BodyEvent, BodyEventKind, Face, FollowResult, Hands
from conscious_bot.contracts import ActionFailed, BlockPos, ExecErrorCode, Position, Primitive
from conscious_bot.game.tables import Recipe, Tables
from conscious_bot.simulation import beds, deeds
from conscious_bot.simulation import state as s
from conscious_bot.simulation.creatures.combat import CombatHands
from conscious_bot.simulation.inventory import armor_place
from conscious_bot.simulation.life_hands import LifeHands
from conscious_bot.simulation.players import Player
from conscious_bot.simulation.putting import put_down
from conscious_bot.simulation.world import SimulatedWorld
from conscious_bot.world.region import Box, VoxelRegion
from conscious_bot.world.state import BodyState, EntityView, ItemStack, block_of

__all__ = ["SimulatedBody"]

_MAX_SCAN = 4_000_000
_WALKS: dict[int, Literal["arrived", "deviated", "stuck", "blocked"]] = {
    s.WALK_ARRIVED: "arrived",
    s.WALK_DEVIATED: "deviated",
    s.WALK_STUCK: "stuck",
    s.WALK_BLOCKED: "blocked",
}
_ITEM_SIZE = 0.25
_PLACE_TICKS = 4  # the game's pause between two uses of an item
_JUMP_TICKS = 8  # within which a jump is above one block
_WINDOW_TICKS = 2  # opening a crafting table
_RETURN_TICKS = 20  # after which one that was thrown out comes back, as the driver does


class SimulatedBody:
    """A player of a simulated world, as the brain sees it: `Senses`, and `stop`."""

    def __init__(self, world: SimulatedWorld, name: str = "Bot") -> None:
        self._world = world
        self._name = name
        self._player: Player | None = None
        self._claimed = False
        self._listeners: dict[int, Callable[[BodyEvent], None]] = {}
        self._next_listener = 0
        self._cancel: Callable[[ExecErrorCode, str], None] | None = None
        self._stopping: list[asyncio.Future[None]] = []
        self._call_off_return: Callable[[], None] | None = None

    # Life

    async def open(self) -> None:
        """Enter the world."""
        if self._player is not None:
            return
        self._enter()
        await self.ticks(1)

    def _enter(self) -> None:
        self._player = self._world.add_player(self._name)
        self._player.listeners.append(self._hear)
        self._player.emit(BodyEventKind.SPAWNED, position=self._world.position_of(self._player))

    async def close(self) -> None:
        """Leave the world; what is under way fails."""
        if self._call_off_return is not None:
            self._call_off_return()
        player = self._leave("the body left the world")
        if player is not None:
            self._world.remove_player(player)

    def _leave(self, why: str) -> Player | None:
        """Nothing more is done or heard here; whose body it was."""
        self._end_action(ExecErrorCode.BODY_DISCONNECTED, why)
        player, self._player = self._player, None
        self._stopped(0, 0)
        if player is not None:
            player.listeners.remove(self._hear)
        return player

    def _thrown_out(self, reason: str) -> None:
        """Somebody threw it out of the world: it comes back by itself after a while."""
        self._leave(reason)
        self._call_off_return = self._world.schedule(_RETURN_TICKS, self._return)
        away = BodyEvent(BodyEventKind.DISCONNECTED, {"reason": reason, "final": False})
        asyncio.get_running_loop().call_soon(self._publish, away)

    def _return(self) -> None:
        self._call_off_return = None
        self._enter()
        asyncio.get_running_loop().call_soon(self._publish, BodyEvent(BodyEventKind.RECONNECTED))

    async def stop(self) -> None:
        """End whatever is under way; returns when the body stands still (or is dead)."""
        player = self.player()
        self._end_action(ExecErrorCode.STEP_CANCELLED, "the body was stopped")
        self._world.halt(player, landing=True)
        beds.get_up(self._world, player)
        if not self._world.is_alive(player):
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._stopping.append(future)
        self._world.arrays.pi[player.index, s.PI_ACTION] = s.ACT_STOP
        player.on_end = self._stopped
        await future

    def _stopped(self, _code: int, _what: int) -> None:
        """The body stands still, or died, or left: whoever waited for that goes on."""
        waiting, self._stopping = self._stopping, []
        for future in waiting:
            if not future.done():
                future.set_result(None)

    def claim_hands(self) -> Hands:
        """The hands, once."""
        if self._claimed:
            raise RuntimeError("the hands of this body have been claimed: the leaf runner is the only door")
        self._claimed = True
        return _SimulatedHands(self, self._world)

    # Senses

    @property
    def tables(self) -> Tables:
        """The facts of the world's version."""
        return self._world.tables

    @property
    def name(self) -> str:
        """The player's name."""
        return self._name

    @property
    def follows(self) -> frozenset[str]:
        """The moves that its steering knows: all of the solver's."""
        return deeds.FOLLOWS

    async def observe(self) -> BodyState:
        """The body's state now."""
        return self.state()

    async def scan(self, box: Box, *, light: bool = False) -> VoxelRegion:
        """The blocks of a box, with both layers of light if asked for: sky light as by day, as the game tells it."""
        self.player()
        if box.volume > _MAX_SCAN:
            raise ActionFailed(
                ExecErrorCode.SENSE_API_ERROR, f"a scan covers at most {_MAX_SCAN} cells, not {box.volume}"
            )
        region = self._world.voxels.scan(box)
        if not light:
            return region
        self._world.sync_light()
        block_light, sky_light = self._world.light.scan(box)
        return VoxelRegion(region.origin, region.blocks, block_light, sky_light)

    async def find_blocks(self, names: Sequence[str], radius: int, limit: int) -> list[BlockPos]:
        """Loaded blocks of these names, nearest first."""
        here = block_of(self._world.position_of(self.player()))
        mask = np.zeros(1 << 16, np.bool_)
        for name in names:
            block = self.tables.blocks.get(name)
            if block is not None:
                mask[block.min_state : block.max_state + 1] = True
        return self._world.voxels.find(mask, here, radius, limit)

    async def entities(self, radius: float) -> list[EntityView]:
        """Dropped items and other players within `radius`, nearest first."""
        me = self.player()
        here = self._world.position_of(me)
        found: list[tuple[float, int, EntityView]] = []
        for item_id, stack, position, velocity in self._world.items():
            far = math.dist(here, position)
            if far <= radius:
                view = EntityView(item_id, "item", position, velocity, stack=stack, width=_ITEM_SIZE, height=_ITEM_SIZE)
                found.append((far, item_id, view))
        for view in self._world.herd.views():
            far = math.dist(here, view.position)
            if far <= radius:
                found.append((far, view.id, view))
        for player in self._world.players:
            row = self._world.arrays.pi[player.index]
            if player is me or not row[s.PI_ONLINE] or not row[s.PI_ALIVE]:
                continue
            position = self._world.position_of(player)
            far = math.dist(here, position)
            if far <= radius:
                pf = self._world.arrays.pf[player.index]
                velocity = (float(pf[s.PF_VX]), float(pf[s.PF_VY]), float(pf[s.PF_VZ]))
                health = float(pf[s.PF_HEALTH])
                # Ids of players lie below those of everything else.
                view = EntityView(-1 - player.index, "player", position, velocity, health, name=player.name)
                found.append((far, view.id, view))
        return [view for _, _, view in sorted(found, key=lambda entry: entry[:2])]

    def subscribe(self, listener: Callable[[BodyEvent], None]) -> Callable[[], None]:
        """Hear every event from now on."""
        number = self._next_listener
        self._next_listener += 1
        self._listeners[number] = listener

        def end() -> None:
            self._listeners.pop(number, None)

        return end

    # For the hands

    def player(self) -> Player:
        """The player, or `body.disconnected`."""
        if self._player is None:
            raise ActionFailed(ExecErrorCode.BODY_DISCONNECTED, "the body is in no world")
        return self._player

    def begin(self) -> Player:
        """The player, free to act; fails if it is dead or busy."""
        player = self.player()
        if not self._world.is_alive(player):
            raise ActionFailed(ExecErrorCode.BODY_DEAD)
        if self._cancel is not None or self._stopping:
            raise ActionFailed(ExecErrorCode.LIMIT_CONCURRENCY, "the body has its hands full")
        if beds.is_asleep(self._world, player):
            raise ActionFailed(ExecErrorCode.BODY_ASLEEP)
        return player

    def state(self) -> BodyState:
        """The body's state now."""
        player = self.player()
        world = self._world
        f = world.arrays.pf[player.index].tolist()
        i = world.arrays.pi[player.index].tolist()
        on_ground = bool(i[s.PI_ON_GROUND])
        moving = i[s.PI_ACTION] != s.ACT_NONE or player.on_end is not None
        moving = moving or bool(f[s.PF_FORWARD] or f[s.PF_STRAFE] or i[s.PI_JUMP])
        return BodyState(
            position=(f[s.PF_X], f[s.PF_Y], f[s.PF_Z]),
            yaw=f[s.PF_YAW],
            pitch=f[s.PF_PITCH],
            # A standing body's speed downwards is gravity that the ground takes.
            velocity=(f[s.PF_VX], 0.0 if on_ground else f[s.PF_VY], f[s.PF_VZ]),
            on_ground=on_ground,
            in_water=bool(i[s.PI_IN_WATER]),
            in_lava=bool(i[s.PI_IN_LAVA]),
            health=f[s.PF_HEALTH],
            food=i[s.PI_FOOD],
            saturation=f[s.PF_SATURATION],
            air=i[s.PI_AIR],
            alive=bool(i[s.PI_ALIVE]),
            game_mode="survival",
            dimension="overworld",
            selected=player.inventory.selected,
            inventory=player.inventory.view(),
            time_of_day=world.time_of_day,
            age=world.age,
            raining=world.raining,
            moving=moving,
            sleeping=bool(i[s.PI_SLEEP]),
            window=player.window.kind if player.window is not None else None,
        )

    async def until_end(self) -> tuple[int, int]:
        """Wait for the end of the action that was begun; lets go of everything if cancelled."""
        player = self.player()
        future: asyncio.Future[tuple[int, int]] = asyncio.get_running_loop().create_future()

        def ended(code: int, what: int) -> None:
            if not future.done():
                future.set_result((code, what))

        player.on_end = ended
        return await self._wait(future)

    async def ticks(self, count: int) -> None:
        """Let so many ticks pass with the hands full."""
        future: asyncio.Future[tuple[int, int]] = asyncio.get_running_loop().create_future()

        def ended() -> None:
            if not future.done():
                future.set_result((0, 0))

        call_off = self._world.schedule(count, ended)
        try:
            await self._wait(future)
        finally:
            call_off()

    async def pause(self, count: int) -> None:
        """Let so many ticks pass, whatever else is under way."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def ended() -> None:
            if not future.done():
                future.set_result(None)

        call_off = self._world.schedule(count, ended)
        try:
            await future
        finally:
            call_off()

    async def _wait(self, future: asyncio.Future[tuple[int, int]]) -> tuple[int, int]:
        player = self.player()

        def cancel(code: ExecErrorCode, detail: str) -> None:
            if not future.done():
                future.set_exception(ActionFailed(code, detail))

        self._cancel = cancel
        try:
            code, what = await future
        except asyncio.CancelledError:
            if self._cancel is cancel:  # else something else is under way already
                player.on_end = None
                self._world.halt(player, landing=True)
            raise
        finally:
            if self._cancel is cancel:
                self._cancel = None
        if code == s.EV_DIED:
            raise ActionFailed(ExecErrorCode.BODY_DEAD, "the body died meanwhile")
        return code, what

    def _end_action(self, code: ExecErrorCode, detail: str) -> None:
        """Whoever waits for an action hears that it was ended."""
        cancel, self._cancel = self._cancel, None
        if self._player is not None:
            self._player.on_end = None
        if cancel is not None:
            cancel(code, detail)

    def _hear(self, event: BodyEvent) -> None:
        if event.kind is BodyEventKind.DIED:
            self._end_action(ExecErrorCode.BODY_DEAD, "the body died meanwhile")
        asyncio.get_running_loop().call_soon(self._publish, event)
        if event.kind is BodyEventKind.KICKED:
            self._thrown_out(str(event.data["reason"]))

    def _publish(self, event: BodyEvent) -> None:
        for listener in list(self._listeners.values()):
            listener(event)


class _SimulatedHands(CombatHands, LifeHands):
    """The mutating half of a `SimulatedBody`; handed out once."""

    # Moving

    async def follow(self, path: Sequence[Primitive]) -> FollowResult:
        """Walk the way cell by cell."""
        player = self._body.begin()
        world = self._world
        if not path:
            return FollowResult("arrived", 0, world.position_of(player))
        deeds.begin_walk(world, player, path)
        code, what = await self._body.until_end()
        if code != s.EV_WALK_ENDED:
            raise RuntimeError(f"a walk ended with event {code}")
        step = int(world.arrays.pi[player.index, s.PI_STEP])
        done = step if what == s.WALK_ARRIVED else step - 1
        return FollowResult(_WALKS[what], done, world.position_of(player))

    async def look_at(self, point: Position) -> None:
        """Turn the head; takes a tick."""
        player = self._body.begin()
        deeds.face(self._world, player, point)
        await self._body.ticks(1)

    # Blocks

    async def dig(self, pos: BlockPos) -> None:
        """Break a block."""
        player = self._body.begin()
        self._lower_shield(player)
        world = self._world
        state, ticks = deeds.check_dig(world, player, pos)
        name = world.tables.name_of(state)
        deeds.face_block(world, player, pos)
        pause = deeds.dig_pause(world, player)
        if pause > 0:
            await self._body.ticks(pause)
            self._body.begin()
        deeds.begin_dig(world, player, pos, state, ticks)
        code, _ = await self._body.until_end()
        if code == s.EV_DIG_CHANGED:
            raise ActionFailed(ExecErrorCode.DIG_BLOCK_CHANGED, f"{name} at {pos} is another block now")
        if code == s.EV_DIG_FAR:
            raise ActionFailed(ExecErrorCode.DIG_OUT_OF_REACH, f"the body moved away from {name} at {pos}")
        if code != s.EV_DUG:
            raise RuntimeError(f"digging ended with event {code}")

    async def place(self, against: BlockPos, face: Face) -> None:
        """Put the held block against a face."""
        player = self._body.begin()
        self._lower_shield(player)
        state, target = deeds.placement(self._world, player, against, face)
        deeds.face_block(self._world, player, against)
        self._world.arrays.pi[player.index, s.PI_SNEAK] = deeds.asks_to_sneak(self._world, against)
        try:
            await self._body.ticks(1)
            self._body.begin()
            if deeds.fills_own(self._world, player, target, state):
                await self._jump_above(player, target)
            again, _ = deeds.placement(self._world, player, against, face, facing=state)
        finally:
            self._world.arrays.pi[player.index, s.PI_SNEAK] = 0
        put_down(self._world, player, target, again)
        self._world.tell_changes()
        await self._body.ticks(_PLACE_TICKS - 1)

    async def _jump_above(self, player: Player, cell: BlockPos) -> None:
        """Jump, and return when the feet are above the cell."""
        arrays = self._world.arrays
        arrays.pi[player.index, s.PI_JUMP] = 1
        try:
            for _ in range(_JUMP_TICKS):
                await self._body.ticks(1)
                self._body.begin()
                if self._world.arrays.pf[player.index, s.PF_Y] >= cell[1] + 1:
                    return
        finally:
            self._world.arrays.pi[player.index, s.PI_JUMP] = 0
        raise ActionFailed(ExecErrorCode.PLACE_OCCUPIED, f"{player.name} stands at {cell} and cannot jump")

    # Items

    async def equip(self, item: str, where: Literal["hand", "off-hand", "head", "torso", "legs", "feet"]) -> None:
        """Take an item into the hand or put it on; takes a tick."""
        player = self._body.begin()
        inventory = player.inventory
        if where not in ("hand", "off-hand") and armor_place(item) != where:
            raise ActionFailed(ExecErrorCode.STEP_BAD_ARGS, f"{item} is not worn on the {where}")
        if inventory.least_worn(item) is None:
            if where != "hand" and where in inventory.worn and inventory.worn[where].item == item:
                return
            raise ActionFailed(ExecErrorCode.INVENTORY_MISSING, item)
        await self._body.ticks(1)
        self._body.begin()
        done = inventory.hold(item) if where == "hand" else inventory.wear(item, where)
        if not done:
            raise ActionFailed(ExecErrorCode.INVENTORY_MISSING, item)
        self._world.tell_changes()

    async def unequip(self) -> None:
        """Have nothing in the hand; takes a tick."""
        player = self._body.begin()
        await self._body.ticks(1)
        self._body.begin()
        if not player.inventory.empty_hand():
            raise ActionFailed(ExecErrorCode.INVENTORY_FULL, "no slot is free")
        self._world.tell_changes()

    async def craft(self, recipe: Recipe, times: int, table: BlockPos | None) -> None:
        """Apply a recipe; a tick for each use, and two for opening a table's window."""
        player = self._body.begin()
        if times < 1:
            raise ActionFailed(ExecErrorCode.STEP_BAD_ARGS, f"a recipe cannot be used {times} times")
        if recipe not in self._world.tables.recipes.get(recipe.result, ()):
            raise ActionFailed(ExecErrorCode.CRAFT_NO_RECIPE, f"this version makes no {recipe.result} so")
        self._check_table(player, recipe, table)
        needed = dict(recipe.ingredients)
        for item, count in recipe.ingredients:
            if player.inventory.count(item) < count * times:
                have = player.inventory.count(item)
                raise ActionFailed(ExecErrorCode.CRAFT_MISSING_INPUT, f"{count * times} {item} needed, {have} there")
        if table is not None:
            deeds.face_block(self._world, player, table)
            await self._body.ticks(_WINDOW_TICKS)
        for _ in range(times):
            await self._body.ticks(1)
            self._body.begin()
            self._check_table(player, recipe, table)
            self._craft_once(player, recipe, needed)
            self._world.tell_changes()

    def _check_table(self, player: Player, recipe: Recipe, table: BlockPos | None) -> None:
        if table is None:
            if recipe.needs_table:
                raise ActionFailed(ExecErrorCode.CRAFT_NO_WORKSTATION, f"{recipe.result} needs a crafting table")
            return
        there = self._world.tables.name_of(self._world.voxels.get(table))
        if there != "crafting_table":
            raise ActionFailed(ExecErrorCode.CRAFT_NO_WORKSTATION, f"{there} stands at {table}")
        if not deeds.within_reach(self._world, player, table):
            raise ActionFailed(ExecErrorCode.CRAFT_NO_WORKSTATION, f"the crafting table at {table} is out of reach")

    def _craft_once(self, player: Player, recipe: Recipe, needed: Mapping[str, int]) -> None:
        given = [ItemStack(recipe.result, recipe.count), *(ItemStack(item, n) for item, n in recipe.remains)]
        done = player.inventory.exchange(needed, given)
        if done is None:
            raise ActionFailed(ExecErrorCode.INVENTORY_FULL, f"no room for {recipe.count} {recipe.result}")
        if not done:
            raise ActionFailed(ExecErrorCode.CRAFT_MISSING_INPUT, f"the items for {recipe.result} are gone")

    async def toss(self, item: str, count: int) -> None:
        """Throw items away; a tick for each stack."""
        player = self._body.begin()
        if count < 1:
            raise ActionFailed(ExecErrorCode.STEP_BAD_ARGS, f"{count} items cannot be thrown away")
        if player.inventory.count(item) < count:
            have = player.inventory.count(item)
            raise ActionFailed(ExecErrorCode.INVENTORY_MISSING, f"{count} {item} to throw away, {have} there")
        while count > 0:
            await self._body.ticks(1)
            self._body.begin()
            index = player.inventory.least_worn(item)
            if index is None:
                raise ActionFailed(ExecErrorCode.INVENTORY_MISSING, f"{count} more {item} to throw away")
            there = player.inventory.slots[index]
            thrown = player.inventory.take(index, min(count, there.count if there else 0))
            count -= thrown.count
            deeds.throw(self._world, player, thrown)
            self._world.tell_changes()

    # The rest

    async def chat(self, text: str) -> None:
        """Say something, whatever else is under way. Slash commands are refused: this server has no operators."""
        player = self._body.player()
        if text.startswith("/"):
            player.emit(BodyEventKind.CHAT, sender=None, text=f"Unknown or incomplete command: {text}")
        else:
            deeds.say(self._world, player, text)
        await self._body.pause(1)

    async def respawn(self) -> None:
        """Come back after death."""
        player = self._body.player()
        if self._world.is_alive(player):
            return
        await self._body.ticks(1)
        self._world.respawn(player)
