"""Items between a player's slots and an open window: all that was asked for, or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conscious_bot.body.port import FurnacePart
from conscious_bot.contracts import ActionFailed, ExecErrorCode
from conscious_bot.simulation.furnaces import FURNACES, Furnace
from conscious_bot.simulation.players import Player
from conscious_bot.simulation.storage import Slots, Window
from conscious_bot.world.state import ItemStack

if TYPE_CHECKING:
    from conscious_bot.simulation.world import SimulatedWorld

__all__ = ["put_into", "take_out"]


def put_into(
    world: SimulatedWorld, player: Player, window: Window, item: str, count: int, part: FurnacePart | None
) -> None:  # fmt: skip
    """Put items from the player's slots into the window, most worn first. Fails as `Hands.put` says."""
    inventory = player.inventory
    have = inventory.count(item)
    if have < count:
        raise ActionFailed(ExecErrorCode.INVENTORY_MISSING, f"{count} {item} to put in, {have} there")
    limit = world.tables.items[item].stack_size
    if window.kind in FURNACES:
        furnace = world.storage.furnace(window.pos)
        there = _slot_for(world, furnace, item, part)
        if (there is not None and (there.item != item or limit == 1)) or (there.count if there else 0) + count > limit:
            raise ActionFailed(ExecErrorCode.CONTAINER_FULL, f"no room for {count} {item} in the {part}")
        taken = _take_from(inventory.slots, item, count, worn_first=True)
        stack = ItemStack(item, (there.count if there else 0) + count, taken[0].wear)
        if part == "input":
            furnace.input = stack
        else:
            furnace.fuel = stack
        inventory.touch()
        world.storage.changed(window.pos)
        return
    kept = list(inventory.slots)
    taken = _take_from(inventory.slots, item, count, worn_first=True)
    halves = [world.storage.slots(half) for half in window.halves]
    slots = [stack for half in halves for stack in half]
    if not all(_add(slots, stack, limit) for stack in taken):
        inventory.slots = kept
        raise ActionFailed(ExecErrorCode.CONTAINER_FULL, f"no room for {count} {item} in the {window.kind}")
    inventory.touch()
    _write_back(halves, slots)


def _slot_for(world: SimulatedWorld, furnace: Furnace, item: str, part: FurnacePart | None) -> ItemStack | None:
    """What lies in the slot an item is to go to; refuses what the slot does not take."""
    if part == "input":
        return furnace.input
    if part != "fuel":
        raise ActionFailed(ExecErrorCode.STEP_BAD_ARGS, f"nothing is put into the {part} of a {furnace.kind}")
    if not furnace.burns_for(world.tables, item) and item != "bucket":
        raise ActionFailed(ExecErrorCode.STEP_BAD_ARGS, f"{item} is no fuel")
    return furnace.fuel


def take_out(
    world: SimulatedWorld, player: Player, window: Window, item: str, count: int, part: FurnacePart | None
) -> None:  # fmt: skip
    """Take items out of the window into the player's slots, least worn first. Fails as `Hands.take` says."""
    if window.kind in FURNACES:
        furnace = world.storage.furnace(window.pos)
        wanted = part or "output"
        there = {"input": furnace.input, "fuel": furnace.fuel, "output": furnace.output}[wanted]
        have = there.count if there is not None and there.item == item else 0
        if there is None or have < count:
            raise ActionFailed(ExecErrorCode.CONTAINER_MISSING, f"{count} {item} to take, {have} in the {wanted}")
        _receive(player, [ItemStack(item, count, there.wear)])
        rest = ItemStack(item, have - count, there.wear) if have > count else None
        if wanted == "input":
            furnace.input = rest
        elif wanted == "fuel":
            furnace.fuel = rest
        else:
            furnace.output = rest
        world.storage.changed(window.pos)
        return
    halves = [world.storage.slots(half) for half in window.halves]
    slots = [stack for half in halves for stack in half]
    have = sum(stack.count for stack in slots if stack is not None and stack.item == item)
    if have < count:
        raise ActionFailed(ExecErrorCode.CONTAINER_MISSING, f"{count} {item} to take, {have} in the {window.kind}")
    _receive(player, _take_from(slots, item, count, worn_first=False))
    _write_back(halves, slots)


def _receive(player: Player, stacks: list[ItemStack]) -> None:
    inventory = player.inventory
    kept = list(inventory.slots)
    for stack in stacks:
        if inventory.add(stack) < stack.count:
            inventory.slots = kept
            raise ActionFailed(ExecErrorCode.INVENTORY_FULL, f"no room for {stack.count} {stack.item}")


def _take_from(slots: Slots, item: str, count: int, *, worn_first: bool) -> list[ItemStack]:
    """Take so many, which are there, out of slots."""
    found = [(stack.wear, i) for i, stack in enumerate(slots) if stack is not None and stack.item == item]
    taken: list[ItemStack] = []
    for wear, i in sorted(found, key=lambda entry: (-entry[0] if worn_first else entry[0], entry[1])):
        stack = slots[i]
        if stack is None or not count:
            break
        part = min(count, stack.count)
        slots[i] = ItemStack(item, stack.count - part, wear) if part < stack.count else None
        taken.append(ItemStack(item, part, wear))
        count -= part
    return taken


def _add(slots: Slots, stack: ItemStack, limit: int) -> bool:
    """Add a stack: to stacks begun first, then to free slots; False if not all of it found room."""
    left = stack.count
    for begun in (True, False):
        for i, slot in enumerate(slots):
            if not left:
                return True
            if begun and slot is not None and slot.item == stack.item and slot.wear == stack.wear:
                part = min(left, limit - slot.count)
                if part > 0:
                    slots[i] = ItemStack(slot.item, slot.count + part, slot.wear)
                    left -= part
            elif not begun and slot is None:
                part = min(left, limit)
                slots[i] = ItemStack(stack.item, part, stack.wear)
                left -= part
    return not left


def _write_back(halves: list[Slots], slots: Slots) -> None:
    size = len(slots) // len(halves)
    for n, half in enumerate(halves):
        half[:] = slots[n * size : (n + 1) * size]
