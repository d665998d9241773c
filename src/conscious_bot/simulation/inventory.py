"""A player's inventory in the simulated world: the game's rules of stacking, in whole stacks."""

from __future__ import annotations

from collections.abc import Mapping

from conscious_bot.game.tables import Tables
from conscious_bot.world.state import Inventory, ItemStack

__all__ = ["HOTBAR", "SLOTS", "PlayerInventory", "armor_place"]

SLOTS = 36
"""Slots a player has, besides what is worn."""
HOTBAR = 9
"""The first so many slots can be selected for the hand."""

_ARMOR = {"_helmet": "head", "_chestplate": "torso", "_leggings": "legs", "_boots": "feet"}
_HEADGEAR = frozenset({"carved_pumpkin", "skeleton_skull", "zombie_head", "player_head", "creeper_head"})


def armor_place(item: str) -> str | None:
    """Where on the body an item is worn; None for what is not."""
    if item in _HEADGEAR:
        return "head"
    if item == "elytra":
        return "torso"
    return next((place for ending, place in _ARMOR.items() if item.endswith(ending)), None)


class PlayerInventory:
    """36 slots and what is worn. Every method does all of what it says or nothing."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self.slots: list[ItemStack | None] = [None] * SLOTS
        self.worn: dict[str, ItemStack] = {}
        self.selected = 0
        self.version = 0
        """Grows with every change, so that others see that there was one."""
        self._view: tuple[int, Inventory] | None = None

    def view(self) -> Inventory:
        """The inventory as an immutable value."""
        if self._view is None or self._view[0] != self.version:
            self._view = (self.version, Inventory(tuple(self.slots), dict(sorted(self.worn.items()))))
        return self._view[1]

    @property
    def held(self) -> ItemStack | None:
        """What the main hand holds."""
        return self.slots[self.selected]

    def limit(self, item: str) -> int:
        """How many of an item make a full stack."""
        return self._tables.items[item].stack_size

    def count(self, item: str) -> int:
        """How many of an item lie in the slots; what is worn does not count."""
        return sum(stack.count for stack in self.slots if stack is not None and stack.item == item)

    def room(self, stack: ItemStack) -> int:
        """How many of a stack would find room."""
        limit = self.limit(stack.item)
        found = 0
        for slot in self.slots:
            if slot is None:
                found += limit
            elif slot.item == stack.item and slot.wear == stack.wear:
                found += max(0, limit - slot.count)
        return min(found, stack.count)

    def add(self, stack: ItemStack) -> int:
        """Take up as much of a stack as there is room for; how many that were.

        As in the game: stacks begun first (the hand's before all), then free slots from the first.
        """
        limit = self.limit(stack.item)
        left = stack.count
        for i in (self.selected, *range(SLOTS)):
            slot = self.slots[i]
            if left and slot is not None and slot.item == stack.item and slot.wear == stack.wear and slot.count < limit:
                taken = min(left, limit - slot.count)
                self.slots[i] = ItemStack(slot.item, slot.count + taken, slot.wear)
                left -= taken
        for i in range(SLOTS):
            if left and self.slots[i] is None:
                taken = min(left, limit)
                self.slots[i] = ItemStack(stack.item, taken, stack.wear)
                left -= taken
        if left < stack.count:
            self.version += 1
        return stack.count - left

    def remove(self, item: str, count: int) -> bool:
        """Take items out, from the last slot on; False and nothing taken if there are too few."""
        if self.count(item) < count:
            return False
        for i in reversed(range(SLOTS)):
            slot = self.slots[i]
            if count and slot is not None and slot.item == item:
                taken = min(count, slot.count)
                self.take(i, taken)
                count -= taken
        return True

    def take(self, index: int, count: int) -> ItemStack:
        """Take `count` out of a slot. ValueError if it holds fewer."""
        slot = self.slots[index]
        if slot is None or not 0 < count <= slot.count:
            raise ValueError(f"slot {index} holds {slot}, so {count} cannot be taken")
        self.slots[index] = ItemStack(slot.item, slot.count - count, slot.wear) if count < slot.count else None
        self.version += 1
        return ItemStack(slot.item, count, slot.wear)

    def exchange(self, taken: Mapping[str, int], given: list[ItemStack]) -> bool | None:
        """Give items away for others: True if done, False for want of items, None for want of room."""
        slots, version = list(self.slots), self.version
        for item, count in sorted(taken.items()):
            if not self.remove(item, count):
                self.slots, self.version = slots, version
                return False
        for stack in given:
            if self.add(stack) < stack.count:
                self.slots, self.version = slots, version
                return None
        return True

    def put(self, index: int, stack: ItemStack | None) -> None:
        """Fill or empty a slot, whatever was in it."""
        self.slots[index] = stack
        self.version += 1

    def touch(self) -> None:
        """Note that the slots were changed directly."""
        self.version += 1

    def least_worn(self, item: str) -> int | None:
        """The slot to take an item from: least worn first, then the hand's, then the first."""
        found = [(s.wear, i != self.selected, i) for i, s in enumerate(self.slots) if s is not None and s.item == item]
        return min(found)[2] if found else None

    def select(self, index: int) -> None:
        """Hold another slot of the hotbar."""
        if not 0 <= index < HOTBAR:
            raise ValueError(f"slot {index} is not in the hotbar")
        if index != self.selected:
            self.selected = index
            self.version += 1

    def hold(self, item: str) -> bool:
        """Bring an item into the hand, least worn first; False if there is none."""
        index = self.least_worn(item)
        if index is None:
            return False
        if index >= HOTBAR:
            free = next((i for i in range(HOTBAR) if self.slots[i] is None), self.selected)
            self.slots[free], self.slots[index] = self.slots[index], self.slots[free]
            self.version += 1
            index = free
        self.select(index)
        return True

    def empty_hand(self) -> bool:
        """Have nothing in the hand: a free hotbar slot is selected, or made; False if every slot is taken."""
        if self.held is None:
            return True
        free = next((i for i, slot in enumerate(self.slots) if slot is None), None)
        if free is None:
            return False
        if free >= HOTBAR:
            self.slots[free], self.slots[self.selected] = self.slots[self.selected], None
            self.version += 1
        else:
            self.select(free)
        return True

    def wear(self, item: str, place: str) -> bool:
        """Put an item on; what was worn there takes its slot. False if there is none."""
        index = self.least_worn(item)
        if index is None:
            return False
        stack = self.slots[index]
        if stack is None:
            return False
        if stack.count > 1 and place != "off-hand":
            return False
        self.slots[index] = self.worn.pop(place, None)
        self.worn[place] = stack
        self.version += 1
        return True

    def use_up(self, amount: int) -> bool:
        """Wear out the tool in the hand; True if it broke. What does not wear is left alone."""
        stack = self.held
        if stack is None:
            return False
        durability = self._tables.items[stack.item].durability
        if durability is None or amount <= 0:
            return False
        worn = stack.wear + amount
        broke = worn >= durability
        self.slots[self.selected] = None if broke else ItemStack(stack.item, stack.count, worn)
        self.version += 1
        return broke

    def wear_out(self, place: str, amount: int) -> bool:
        """Wear out what is worn there; True if it broke. What does not wear is left alone."""
        stack = self.worn.get(place)
        durability = self._tables.items[stack.item].durability if stack is not None else None
        if stack is None or durability is None:
            return False
        worn = stack.wear + amount
        if worn >= durability:
            del self.worn[place]
        else:
            self.worn[place] = ItemStack(stack.item, stack.count, worn)
        self.version += 1
        return worn >= durability

    def take_all(self) -> list[ItemStack]:
        """Empty everything, worn things included, and hand it over."""
        found = [stack for stack in self.slots if stack is not None]
        found += [self.worn[place] for place in sorted(self.worn)]
        self.slots = [None] * SLOTS
        self.worn = {}
        self.version += 1
        return found
