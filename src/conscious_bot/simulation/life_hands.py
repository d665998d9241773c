"""The hands' calls that eat, use, open and sleep, in the simulated world."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conscious_bot.body.port import Face, FurnacePart
from conscious_bot.contracts import ActionFailed, BlockPos, ExecErrorCode
from conscious_bot.simulation import beds, deeds, life, uses
from conscious_bot.simulation import state as s
from conscious_bot.simulation.eating import meal_of
from conscious_bot.simulation.furnaces import FURNACES
from conscious_bot.simulation.inventory import armor_place
from conscious_bot.simulation.moving_items import put_into, take_out
from conscious_bot.simulation.players import Player
from conscious_bot.simulation.storage import Window
from conscious_bot.world.region import UNKNOWN
from conscious_bot.world.state import ItemStack, WindowView

if TYPE_CHECKING:
    from conscious_bot.simulation.body import SimulatedBody
    from conscious_bot.simulation.world import SimulatedWorld

__all__ = ["LifeHands"]

_FULL = 20
_USE_TICKS = 4  # the game's pause between two uses
_WINDOW_TICKS = 2
_CLICK_TICKS = 1


class LifeHands:
    """Part of the hands of a `SimulatedBody`."""

    def __init__(self, body: SimulatedBody, world: SimulatedWorld) -> None:
        self._body = body
        self._world = world

    def _lower_shield(self, player: Player) -> None:
        self._world.arrays.pi[player.index, s.PI_SHIELD] = 0

    # Eating, using

    async def consume(self) -> None:
        """Eat or drink what the main hand holds; takes the game's time."""
        player = self._body.begin()
        self._lower_shield(player)
        held = player.inventory.held
        if held is None:
            raise ActionFailed(ExecErrorCode.INVENTORY_MISSING, "the hand is empty")
        meal = meal_of(self._world.tables, held.item)
        if meal is None:
            raise ActionFailed(ExecErrorCode.USE_NOT_FOOD, held.item)
        if not meal.always and self._world.health_of(player)[1] >= _FULL:
            raise ActionFailed(ExecErrorCode.USE_NOT_HUNGRY, held.item)
        await self._body.ticks(meal.ticks)
        self._body.begin()
        inventory = player.inventory
        if inventory.held is None or inventory.held.item != held.item:
            raise ActionFailed(ExecErrorCode.INVENTORY_MISSING, f"the {held.item} went out of the hand")
        inventory.take(inventory.selected, 1)
        life.apply_meal(self._world, player, meal)
        if meal.left is not None:
            self._give_back(player, ItemStack(meal.left, 1))
        self._world.tell_changes()

    def _give_back(self, player: Player, stack: ItemStack) -> None:
        """An empty vessel stays in the hand, or goes where there is room, or falls."""
        inventory = player.inventory
        if inventory.held is None:
            inventory.put(inventory.selected, stack)
        elif not inventory.add(stack):
            self._world.drop(stack, self._world.position_of(player))

    async def use_block(self, pos: BlockPos, face: Face = "up") -> None:
        """Right-click a side of a block."""
        player = self._body.begin()
        self._lower_shield(player)
        if self._world.voxels.get(pos) == UNKNOWN or not deeds.within_reach(self._world, player, pos):
            raise ActionFailed(ExecErrorCode.USE_OUT_OF_REACH, f"{pos}")
        deeds.face_block(self._world, player, pos)
        await self._body.ticks(1)
        self._body.begin()
        if not uses.use_block(self._world, player, pos, face):
            held = player.inventory.held
            name = self._world.tables.name_of(self._world.voxels.get(pos))
            raise ActionFailed(
                ExecErrorCode.USE_NO_EFFECT, f"{name} at {pos} with {held.item if held else 'an empty hand'}"
            )
        self._world.tell_changes()
        await self._body.ticks(_USE_TICKS - 1)

    async def use_item(self, *, ticks: int = 0) -> None:
        """Right-click into the air: armour is put on. Bows and things to throw are not offered yet."""
        player = self._body.begin()
        self._lower_shield(player)
        held = player.inventory.held
        if held is None:
            raise ActionFailed(ExecErrorCode.INVENTORY_MISSING, "the hand is empty")
        if held.item in _SHOT:
            raise _not_offered(f"shooting or throwing {held.item}")
        place = armor_place(held.item)
        if place is None:
            raise ActionFailed(ExecErrorCode.USE_NO_EFFECT, held.item)
        await self._body.ticks(max(1, ticks))
        self._body.begin()
        if not player.inventory.wear(held.item, place):
            raise ActionFailed(ExecErrorCode.INVENTORY_MISSING, held.item)
        self._world.tell_changes()

    async def raise_shield(self, up: bool) -> None:
        """Raise or lower the shield; takes a tick."""
        player = self._body.begin()
        if not up:
            self._lower_shield(player)
            return
        if life.shield_place(player) is None:
            raise ActionFailed(ExecErrorCode.INVENTORY_MISSING, "no hand holds a shield")
        pi = self._world.arrays.pi[player.index]
        if not pi[s.PI_SHIELD]:
            pi[s.PI_SHIELD] = 1
        await self._body.ticks(1)

    # Windows

    async def open_container(self, pos: BlockPos) -> WindowView:
        """Open a container and look inside; takes two ticks."""
        player = self._body.begin()
        self._check_container(player, pos)
        self._lower_shield(player)
        deeds.face_block(self._world, player, pos)
        await self._body.ticks(_WINDOW_TICKS)
        self._body.begin()
        self._check_container(player, pos)
        self._world.storage.open(player, pos)
        return self._view(player)

    def _check_container(self, player: Player, pos: BlockPos) -> None:
        storage = self._world.storage
        if not storage.openable(pos):
            name = self._world.tables.name_of(self._world.voxels.get(pos))
            raise ActionFailed(ExecErrorCode.CONTAINER_NONE, f"{name} stands at {pos}")
        if not deeds.within_reach(self._world, player, pos):
            raise ActionFailed(ExecErrorCode.CONTAINER_OUT_OF_REACH, f"{pos}")
        if storage.is_blocked(pos):
            raise ActionFailed(ExecErrorCode.CONTAINER_BLOCKED, f"a block stands above {pos}")

    def _opened(self, player: Player) -> Window:
        self._world.storage.close_far()
        if player.window is None:
            raise ActionFailed(ExecErrorCode.CONTAINER_NOT_OPEN)
        return player.window

    def _view(self, player: Player) -> WindowView:
        return self._world.storage.view(self._opened(player))

    async def window(self) -> WindowView:
        """What the open window shows."""
        return self._view(self._body.player())

    async def put(self, item: str, count: int, part: FurnacePart | None = None) -> WindowView:
        """Put items into the open window; takes a tick."""
        player = self._body.begin()
        self._check_part(self._opened(player), count, part)
        await self._body.ticks(_CLICK_TICKS)
        self._body.begin()
        put_into(self._world, player, self._opened(player), item, count, part)
        self._world.tell_changes()
        return self._view(player)

    async def take(self, item: str, count: int, part: FurnacePart | None = None) -> WindowView:
        """Take items out of the open window; takes a tick."""
        player = self._body.begin()
        self._check_part(self._opened(player), count, part)
        await self._body.ticks(_CLICK_TICKS)
        self._body.begin()
        take_out(self._world, player, self._opened(player), item, count, part)
        self._world.tell_changes()
        return self._view(player)

    @staticmethod
    def _check_part(window: Window, count: int, part: FurnacePart | None) -> None:
        if count < 1:
            raise ActionFailed(ExecErrorCode.STEP_BAD_ARGS, f"{count} items cannot be moved")
        if part is not None and window.kind not in FURNACES:
            raise ActionFailed(ExecErrorCode.STEP_BAD_ARGS, f"a {window.kind} has no part {part}")

    async def close_window(self) -> None:
        """Close whatever window is open."""
        player = self._body.begin()
        if player.window is not None:
            player.window = None
            await self._body.ticks(_CLICK_TICKS)

    # Sleeping

    async def sleep(self, pos: BlockPos) -> None:
        """Lie down in a bed; takes a tick."""
        player = self._body.begin()
        world = self._world
        if world.voxels.get(pos) != UNKNOWN:
            deeds.face_block(self._world, player, pos)
        await self._body.ticks(1)
        self._body.begin()
        found = beds.refusal(world, player, pos)
        head = beds.head_of(world, pos)
        if head is not None and (found is None or found[0] in _MAKES_HOME):
            player.bed = head
        if found is not None or head is None:
            raise ActionFailed(*(found or (ExecErrorCode.SLEEP_NO_BED, f"{pos}")))
        self._lower_shield(player)
        player.window = None
        beds.lie_down(world, player, head)
        world.tell_changes()

    async def wake(self) -> None:
        """Get up; takes a tick."""
        player = self._body.player()
        if not beds.is_asleep(self._world, player):
            return
        beds.get_up(self._world, player)
        await self._body.ticks(1)


_SHOT = frozenset({"bow", "crossbow", "trident", "egg", "snowball", "ender_pearl", "experience_bottle", "fishing_rod"})
_MAKES_HOME = (ExecErrorCode.SLEEP_NOT_NIGHT, ExecErrorCode.SLEEP_HOSTILES_NEAR)


def _not_offered(what: str) -> ActionFailed:
    return ActionFailed(ExecErrorCode.BODY_NOT_OFFERED, f"{what} in the built-in world is not offered yet")
