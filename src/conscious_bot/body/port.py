"""The Body port: the one way to a world, whichever world it is.

Three parts, so that who may do what is a matter of what one holds:

- `Senses` reads the world. Anyone may.
- `Hands` changes it. They are handed out once per body, to the leaf runner (`Body.claim_hands`).
- `Body.stop` brings the body to rest. Anyone may, at any time.

The operator port (`Operator`) sets scenarios up; agents never get one.

All calls run on the agent's own event loop. A `Hands` call that is cancelled leaves the action
unfinished and the body possibly still moving until `stop` returns; the runner calls it on every exit
path. Every failure is an `ActionFailed` with its code: `body.disconnected`, `body.dead`, `body.asleep`
(any call but `wake`, `chat` and `respawn` while the body lies in bed), `body.notOffered` (this adapter cannot do
it), `limit.concurrency` (another action is under way) and `sense.apiError` may come from any call, the
others stand at each method. `chat` may be called at any time, whatever else is under way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, Protocol

from conscious_bot.contracts import BlockPos, Position, Primitive
from conscious_bot.game.tables import Recipe, Tables
from conscious_bot.world.region import Box, VoxelRegion
from conscious_bot.world.state import BodyState, EntityView, WindowView

__all__ = ["Body", "BodyEvent", "BodyEventKind", "Face", "FollowResult", "FurnacePart", "Hands", "Operator", "Senses"]

REACH = 4.5
"""How far a survival player's hand reaches, in blocks, from the eyes to the nearest point of a block."""

FurnacePart = Literal["input", "fuel", "output"]
"""The slots of a furnace, a smoker or a blast furnace."""

Face = Literal["up", "down", "north", "south", "east", "west"]
"""A side of a block: north is -z, south +z, east +x, west -x."""


class BodyEventKind(StrEnum):
    """What a body tells unasked."""

    SPAWNED = "spawned"  # data: position
    HEALTH = "health"  # data: health, food, saturation
    DIED = "died"  # data: position
    RESPAWNED = "respawned"
    INVENTORY = "inventory"  # data: none; observe() tells
    BLOCK = "block"  # data: pos, state: a block changed in the loaded surroundings
    CHAT = "chat"  # data: sender (None for the server), text
    KICKED = "kicked"  # data: reason
    DISCONNECTED = "disconnected"  # data: reason
    RECONNECTED = "reconnected"
    HURT = "hurt"  # data: cause if the world tells
    SLEPT = "slept"  # data: pos: the body lies in this bed
    WOKE = "woke"  # data: position: the body stands beside its bed again, whoever or whatever woke it
    WINDOW_CLOSED = "window_closed"  # data: block, pos: an open window closed without `close_window`
    PROGRESS = "progress"  # data: action, done, total: an action under way goes on


@dataclass(frozen=True, slots=True)
class BodyEvent:
    """One thing that happened to the body or before its eyes."""

    kind: BodyEventKind
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FollowResult:
    """How a walk ended: `done` primitives were completed, the body stands at `position`.

    `arrived`: all of them. `deviated`: the body was more than 2 blocks off the next cell. `stuck`: it
    made no headway for 3 s. `blocked`: a cell of the way is no longer free or has lost its floor.
    """

    ended: Literal["arrived", "deviated", "stuck", "blocked"]
    done: int
    position: Position


class Senses(Protocol):
    """Reading the world. Nothing here changes it."""

    @property
    def tables(self) -> Tables:
        """The facts of the version this world runs."""
        ...

    @property
    def name(self) -> str:
        """The bot's player name."""
        ...

    @property
    def follows(self) -> frozenset[str]:
        """The kinds of moves that the body can follow (`Primitive.kind`: walk, sneak, jump_up, descend, gap, ...)."""
        ...

    async def observe(self) -> BodyState:
        """The body's state now."""
        ...

    async def scan(self, box: Box, *, light: bool = False) -> VoxelRegion:
        """The blocks of a box (at most 4 million cells); `UNKNOWN` where nothing is loaded."""
        ...

    async def find_blocks(self, names: Sequence[str], radius: int, limit: int) -> list[BlockPos]:
        """Loaded blocks of these names within `radius` of the body, nearest first, ties by (y, x, z)."""
        ...

    async def entities(self, radius: float) -> list[EntityView]:
        """Creatures, players and dropped items within `radius`, nearest first; never the bot itself."""
        ...

    def subscribe(self, listener: Callable[[BodyEvent], None]) -> Callable[[], None]:
        """Hear every event from now on, on the agent's loop; returns how to stop hearing."""
        ...


class Hands(Protocol):
    """Changing the world. Each call returns when the world has answered, not when the wish was sent."""

    async def follow(self, path: Sequence[Primitive]) -> FollowResult:
        """Walk the way cell by cell, with PROGRESS events as cells are reached."""
        ...

    async def look_at(self, point: Position) -> None:
        """Turn the head towards a point."""
        ...

    async def dig(self, pos: BlockPos) -> None:
        """Break the block with what the hand holds; returns when it is gone.

        Fails with dig.outOfReach, dig.blockChanged (nothing diggable there, or it changed), dig.timeout.
        """
        ...

    async def place(self, against: BlockPos, face: Face) -> None:
        """Put the held block against that side of a block; returns when the world shows it.

        The sneak key is held while it is put against what answers a click (chest, table, door, bed, lever).
        A solid block for the cell of the feet is put there in a jump: the body stands on it afterwards.
        What consists of two blocks (door, bed, tall plant) is put down whole or not at all.
        Fails with inventory.missing, place.invalidFace, place.occupied, place.outOfReach, place.timeout.
        """
        ...

    async def equip(self, item: str, where: Literal["hand", "off-hand", "head", "torso", "legs", "feet"]) -> None:
        """Take the item, least worn first, into the hand or put it on. Fails with inventory.missing.

        Armour is worn on the part of the body it is made for (step.badArgs for another); what was worn there
        comes back into the slots. A shield goes into the off hand.
        """
        ...

    async def unequip(self) -> None:
        """Empty the main hand: select a free hotbar slot, or make one. Fails with inventory.full."""
        ...

    async def craft(self, recipe: Recipe, times: int, table: BlockPos | None) -> None:
        """Apply a recipe; `table` is the crafting table to use, None for the player's own 2 by 2 grid.

        Fails with craft.missingInput, craft.noRecipe, craft.noWorkstation, craft.uiTimeout, inventory.full.
        """
        ...

    async def toss(self, item: str, count: int) -> None:
        """Throw items away in the direction of sight. Fails with inventory.missing."""
        ...

    async def consume(self) -> None:
        """Eat or drink what the main hand holds; returns when the world shows one less (1.6 s for most food).

        Whatever interrupts it (another item in hand, death, `stop`) leaves the item whole.
        Fails with inventory.missing (nothing in hand, or it went), use.notFood, use.notHungry, use.timeout.
        """
        ...

    async def use_block(self, pos: BlockPos, face: Face = "up") -> None:
        """Right-click that side of a block with what the hand holds; returns when the world shows a change.

        Doors, gates and trapdoors open or close, levers and buttons switch; a hoe tills, a shovel makes a
        path, an axe strips, a bucket fills or empties, bone meal grows, flint and steel lights. Where both
        could answer the block does. Containers and beds have calls of their own, blocks are put by `place`.
        Fails with use.outOfReach, use.noEffect (neither block nor item answers to it), use.timeout.
        """
        ...

    async def use_item(self, *, ticks: int = 0) -> None:
        """Right-click into the air with what the hand holds, keep it pressed for `ticks`, let go.

        A bow is drawn in 20 ticks, throwables need none. Food is eaten by `consume`, a shield raised by
        `raise_shield`. Returns when the world shows an effect (a shot, a throw, one item less).
        Fails with inventory.missing, use.noEffect, use.timeout.
        """
        ...

    async def raise_shield(self, up: bool) -> None:
        """Raise the shield in the off hand or main hand, or lower it. It stays up until lowered, or until `stop`,
        another use of an item, or a hit that disables it. Lowering one that is down does nothing.

        Fails with inventory.missing (no shield in either hand), use.timeout.
        """
        ...

    async def attack(self, entity: int) -> None:
        """Strike an entity once with what the hand holds; returns when the world shows it hurt, dead or gone.

        Waits first until the weapon's cooldown has passed, so that the blow has its full strength (0.6 s for a
        sword). Reach is 3 blocks from the eyes to its box, with a clear line.
        Fails with combat.targetGone, combat.outOfReach, combat.noEffect (the blow did no harm).
        """
        ...

    async def open_container(self, pos: BlockPos) -> WindowView:
        """Open a chest, trapped chest, barrel, furnace, smoker or blast furnace, and look inside.

        The window stays open until `close_window`, `stop`, death, or walking out of reach; opening another
        closes it. Fails with container.none, container.outOfReach, container.blocked (a solid block above a
        chest), craft.containerBusy (the server lets nobody else in), container.timeout.
        """
        ...

    async def window(self) -> WindowView:
        """What the open window shows now. Fails with container.notOpen."""
        ...

    async def put(self, item: str, count: int, part: FurnacePart | None = None) -> WindowView:
        """Put items from the player's 36 slots into the open window; all of them or none. The window after that.

        `part` is `input` or `fuel` for furnaces and must be given there; None for all others. Most worn first.
        Fails with container.notOpen, inventory.missing, container.full, container.timeout,
        step.badArgs (no such part, or the part does not take that item).
        """
        ...

    async def take(self, item: str, count: int, part: FurnacePart | None = None) -> WindowView:
        """Take items out of the open window; all of them or none. The window after that.

        `part` is the slot of a furnace (None: `output`), None for all others. Least worn first.
        Fails with container.notOpen, container.missing, inventory.full, container.timeout, step.badArgs.
        """
        ...

    async def close_window(self) -> None:
        """Close whatever window is open; does nothing if none is."""
        ...

    async def sleep(self, pos: BlockPos) -> None:
        """Lie down in the bed at `pos` (either half) and make it the place to respawn; returns when the body lies.

        The night is not over then: it passes once every player has lain for 5 s, and WOKE is told; `wake` ends
        it sooner, and so does damage. The respawn place is set even where sleeping fails with sleep.notNight
        or sleep.hostilesNear. Fails with sleep.noBed, sleep.outOfReach, sleep.occupied, sleep.notNight,
        sleep.hostilesNear (a monster within 8 blocks, 5 up or down), sleep.timeout.
        """
        ...

    async def wake(self) -> None:
        """Get up; returns when the body stands beside the bed. Does nothing if it does not lie in one."""
        ...

    async def chat(self, text: str) -> None:
        """Say something, or send a slash command as any player may. Allowed while another action runs."""
        ...

    async def respawn(self) -> None:
        """Come back after death; returns when the body lives again."""
        ...


class Body(Senses, Protocol):
    """A body in a world: senses for all, hands for one, a stop for everyone."""

    async def open(self) -> None:
        """Enter the world; returns when the body has spawned and its surroundings are loaded.

        Raises `UserError` naming what is wrong (address, refusal, version) and what would help.
        """
        ...

    async def close(self) -> None:
        """Leave the world and free everything; safe to call twice."""
        ...

    async def stop(self) -> None:
        """End whatever is under way; returns when the body stands still, or drifts with a current,
        out of bed, with no window open.
        """
        ...

    def claim_hands(self) -> Hands:
        """The hands, once. A second claim raises RuntimeError: the leaf runner is the only door."""
        ...


class Operator(Protocol):
    """Set-up commands in the game's own syntax, for scenarios and operators only."""

    async def command(self, text: str) -> None:
        """Run one command (`give NAME coal 8`). Raises `UserError` naming what could not be read or done."""
        ...
