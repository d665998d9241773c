"""What the bot knows of itself and of the creatures and things around it, as plain values."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from conscious_bot.contracts import BlockPos, Position

__all__ = [
    "BodyState",
    "ContainerView",
    "EntityView",
    "FurnaceView",
    "Inventory",
    "ItemStack",
    "WindowView",
    "block_of",
    "distance",
]


_LOWEST_FLOOR = 0.875
"""The lowest floor that counts as one at the upper edge of its cell: soul sand; farmland is 0.9375 high."""


@dataclass(frozen=True, slots=True)
class ItemStack:
    """Some items of one kind. `wear` is the durability used up so far; 0 for what does not wear."""

    item: str
    count: int
    wear: int = 0


@dataclass(frozen=True, slots=True)
class Inventory:
    """The player's slots: 36 of them, 0-8 the hotbar, 9-35 the rest; armour and off hand by name.

    Names of `worn`: head, torso, legs, feet, off-hand.
    """

    slots: tuple[ItemStack | None, ...] = (None,) * 36
    worn: dict[str, ItemStack] = field(default_factory=dict)

    def counts(self) -> Counter[str]:
        """How many of each item the player carries, worn things included."""
        total = dict[str, int]()
        for stack in (*self.slots, *self.worn.values()):
            if stack is not None:
                total[stack.item] = total.get(stack.item, 0) + stack.count
        return Counter(total)

    def count(self, item: str) -> int:
        """How many of this item the player carries."""
        return self.counts()[item]

    def free_slots(self) -> int:
        """How many of the 36 slots are empty."""
        return sum(stack is None for stack in self.slots)

    def slot_of(self, item: str) -> int | None:
        """The first slot that holds the item, least worn first."""
        found = [(s.wear, i) for i, s in enumerate(self.slots) if s is not None and s.item == item]
        return min(found)[1] if found else None


@dataclass(frozen=True, slots=True)
class ContainerView:
    """The inside of an open container: `slots` in the window's order, 27 for a chest or barrel, 54 for two chests.

    `kind` is the block's name, `pos` the block that was opened (of a double chest, the half that was).
    """

    kind: str
    pos: BlockPos
    slots: tuple[ItemStack | None, ...]

    def counts(self) -> Counter[str]:
        """How many of each item lie inside."""
        total: Counter[str] = Counter()
        for stack in self.slots:
            if stack is not None:
                total[stack.item] += stack.count
        return total

    def count(self, item: str) -> int:
        """How many of this item lie inside."""
        return self.counts()[item]

    def free_slots(self) -> int:
        """How many slots are empty."""
        return sum(stack is None for stack in self.slots)


@dataclass(frozen=True, slots=True)
class FurnaceView:
    """The inside of an open furnace, smoker or blast furnace. Times are in game ticks.

    The flame burns `burning` more ticks of the `burn_total` that its fuel gave; the input has been cooked
    for `progress` of `progress_total` ticks.
    """

    kind: str
    pos: BlockPos
    input: ItemStack | None
    fuel: ItemStack | None
    output: ItemStack | None
    burning: int
    burn_total: int
    progress: int
    progress_total: int

    def counts(self) -> Counter[str]:
        """How many of each item lie inside."""
        total: Counter[str] = Counter()
        for stack in (self.input, self.fuel, self.output):
            if stack is not None:
                total[stack.item] += stack.count
        return total

    def count(self, item: str) -> int:
        """How many of this item lie inside."""
        return self.counts()[item]


WindowView = ContainerView | FurnaceView
"""What an open window shows besides the player's own slots."""


@dataclass(frozen=True, slots=True)
class BodyState:
    """The bot's own state at one moment.

    Angles are radians: yaw 0 looks south (+z) and grows towards west (-x), pitch is positive upwards.
    Velocity is in blocks per tick. Health and food run from 0 to 20, `air` from 0 to 300 ticks.
    `time_of_day` runs from 0 (06:00) to 23999, `age` counts all ticks of the world.
    `selected` is the hotbar slot in hand.
    """

    position: Position
    yaw: float
    pitch: float
    velocity: Position
    on_ground: bool
    in_water: bool
    in_lava: bool
    health: float
    food: int
    saturation: float
    air: int
    alive: bool
    game_mode: str
    dimension: str
    selected: int
    inventory: Inventory
    time_of_day: int
    age: int
    raining: bool
    moving: bool
    """Whether the body moves by its own will: a control is pressed or an action is under way."""
    sleeping: bool = False
    """Whether the body lies in a bed."""
    window: str | None = None
    """The block (`chest`, `furnace`) whose window is open; None if none is."""

    @property
    def block(self) -> BlockPos:
        """The cell of the feet. Who stands on a floor a little lower than a block is in the cell above it."""
        x, y, z = self.position
        sunk = self.on_ground and y % 1.0 >= _LOWEST_FLOOR - 1e-6
        return block_of((x, y + 1.0 - _LOWEST_FLOOR if sunk else y, z))

    @property
    def held(self) -> ItemStack | None:
        """What the main hand holds."""
        return self.inventory.slots[self.selected]


@dataclass(frozen=True, slots=True)
class EntityView:
    """Something else in the world: a creature, a player, a dropped item.

    `kind` is the entity's name in the tables (`zombie`, `item`, `player`). `stack` is set for dropped
    items, `name` for players. Width and height are in blocks.
    """

    id: int
    kind: str
    position: Position
    velocity: Position = (0.0, 0.0, 0.0)
    health: float | None = None
    stack: ItemStack | None = None
    name: str | None = None
    width: float = 0.6
    height: float = 1.8


def block_of(position: Position) -> BlockPos:
    """The cell that holds a point. A point a hair below a cell's floor counts as in it (rounding on the wire)."""
    x, y, z = position
    return int(x // 1), int((y + 1e-6) // 1), int(z // 1)


def distance(a: Position, b: Position) -> float:
    """The straight distance between two points, in blocks."""
    return ((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2) ** 0.5
