"""A furnace by itself: what lies in it, its fire, its progress. Pure; time is an argument.

Sources, Minecraft Wiki: "Smelting" and "Furnace" (200 ticks an item; one fuel is taken when the fire is out
and there is something to cook; progress sinks twice as fast as it grew once the fire is out), "Smoker" and
"Blast Furnace" (twice as fast, fuel burns half as long).
"""

from __future__ import annotations

from dataclasses import dataclass

from conscious_bot.game.tables import Smelting, Tables
from conscious_bot.world.state import ItemStack

__all__ = ["FURNACES", "Furnace", "smelting_in"]

FURNACES = frozenset({"furnace", "smoker", "blast_furnace"})
"""The blocks that cook."""

_FAST = 2
_COOLING = 2
_USUAL_TICKS = 200
# What a blast furnace makes; a smoker makes what can be eaten.
_BLASTED = frozenset(
    {
        "iron_ingot", "gold_ingot", "copper_ingot", "coal", "diamond", "emerald", "lapis_lazuli", "redstone",
        "quartz", "netherite_scrap", "iron_nugget", "gold_nugget",
    }
)  # fmt: skip


def smelting_in(tables: Tables, kind: str, item: str) -> Smelting | None:
    """What this kind of furnace makes of an item; None if nothing."""
    found = tables.smelting.get(item)
    if found is None or kind == "furnace":
        return found
    fits = found.result in (_BLASTED if kind == "blast_furnace" else tables.foods)
    return found if fits else None


@dataclass(slots=True)
class Furnace:
    """One furnace: three slots, ticks the flame has left (of `burn_total`), ticks the input has been cooked."""

    kind: str
    input: ItemStack | None = None
    fuel: ItemStack | None = None
    output: ItemStack | None = None
    burning: int = 0
    burn_total: int = 0
    progress: int = 0

    def total(self, tables: Tables) -> int:
        """Ticks that cooking the present input takes."""
        found = smelting_in(tables, self.kind, self.input.item) if self.input else None
        ticks = found.ticks if found else _USUAL_TICKS
        return ticks if self.kind == "furnace" else ticks // _FAST

    def burns_for(self, tables: Tables, item: str) -> int:
        """Ticks that one of this fuel burns here; 0 for what is none."""
        ticks = tables.fuel.get(item, 0)
        return ticks if self.kind == "furnace" else ticks // _FAST

    def _can_cook(self, tables: Tables) -> bool:
        if self.input is None:
            return False
        found = smelting_in(tables, self.kind, self.input.item)
        if found is None:
            return False
        if self.output is None:
            return True
        return self.output.item == found.result and self.output.count < tables.items[found.result].stack_size

    def tick(self, tables: Tables) -> None:
        """One tick."""
        if self.burning:
            self.burning -= 1
        can = self._can_cook(tables)
        if not self.burning and can and self.fuel is not None:
            self._light(tables, self.fuel)
        if self.burning and can:
            self.progress += 1
            if self.progress >= self.total(tables):
                self.progress = 0
                self._cook(tables)
        elif self.burning:
            self.progress = 0
        else:
            self.progress = max(0, self.progress - _COOLING)

    def _light(self, tables: Tables, fuel: ItemStack) -> None:
        ticks = self.burns_for(tables, fuel.item)
        if not ticks:
            return
        self.burning = self.burn_total = ticks
        if fuel.count > 1:
            self.fuel = ItemStack(fuel.item, fuel.count - 1, fuel.wear)
        else:
            self.fuel = ItemStack("bucket", 1) if fuel.item == "lava_bucket" else None

    def _cook(self, tables: Tables) -> None:
        stack = self.input
        found = smelting_in(tables, self.kind, stack.item) if stack else None
        if stack is None or found is None:
            return
        self.input = ItemStack(stack.item, stack.count - 1, stack.wear) if stack.count > 1 else None
        self.output = ItemStack(found.result, 1 + (self.output.count if self.output else 0))
        if stack.item == "wet_sponge" and self.fuel is not None and self.fuel.item == "bucket":
            self.fuel = ItemStack("water_bucket", 1)

    def change_in(self, tables: Tables) -> int | None:
        """Ticks until the fire goes on or out or an item is done; None if nothing will ever change."""
        can = self._can_cook(tables)
        if self.burning:
            return min(self.burning, self.total(tables) - self.progress) if can else self.burning
        if can and self.fuel is not None and self.burns_for(tables, self.fuel.item):
            return 1
        return None if not self.progress else -(-self.progress // _COOLING)

    def advance(self, ticks: int, tables: Tables) -> None:
        """Run so many ticks; the same as that many single ones."""
        while ticks > 0:
            change = self.change_in(tables)
            if change is None:
                return
            plain = min(ticks, change - 1)
            if plain > 0:
                if self.burning:
                    self.burning -= plain
                    self.progress = self.progress + plain if self._can_cook(tables) else 0
                else:
                    self.progress = max(0, self.progress - _COOLING * plain)
                ticks -= plain
            if ticks > 0:
                self.tick(tables)
                ticks -= 1
