"""What lies in the world's chests, barrels and furnaces, and who looks into them.

A furnace goes on while its column is loaded or belongs to the spawn chunks, whoever is near; it is worked
out when somebody asks and whenever its fire or its slots change, never tick by tick.

Sources, Minecraft Wiki: "Chest" (27 slots, 54 for two; a full block above keeps it shut; drops its contents
when it is broken), "Barrel", "Furnace", "Spawn chunk" (19 by 19 chunks around the spawn point stay active).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from conscious_bot.body.port import BodyEventKind
from conscious_bot.contracts import BlockPos
from conscious_bot.game.tables import Tables
from conscious_bot.simulation.furnaces import FURNACES, Furnace
from conscious_bot.simulation.harm import SUFFOCATES
from conscious_bot.simulation.limits import whole
from conscious_bot.simulation.pairs import chest_partner, partner
from conscious_bot.simulation.players import Player
from conscious_bot.simulation.voxels import MAX_Y, MIN_Y, VoxelStore
from conscious_bot.world.region import UNKNOWN
from conscious_bot.world.state import ContainerView, FurnaceView, ItemStack, WindowView

if TYPE_CHECKING:
    from conscious_bot.simulation.world import SimulatedWorld

__all__ = ["CHESTS", "Storage", "Window"]

CHESTS = frozenset({"chest", "trapped_chest", "barrel"})
"""The blocks that hold 27 stacks each."""
_SLOTS = 27
_SPAWN_CHUNKS = 9  # columns to each side of the spawn's
_FARTHEST = 8.0  # blocks from the block's middle; farther away the window closes
_BUTTON_TICKS = {"stone": 20, "wood": 30}

Slots = list[ItemStack | None]


@dataclass(slots=True)
class _Oven:
    """A furnace, worked out up to `since`; its column is active or not."""

    furnace: Furnace
    since: int
    active: bool
    armed: int = 0
    """The age at which it is looked at again; 0: not at all."""


@dataclass(slots=True)
class Window:
    """What a player has opened: the block, and the second half of a double chest."""

    kind: str
    pos: BlockPos
    halves: tuple[BlockPos, ...]
    """The blocks whose slots it shows, in order."""


_known: dict[int, tuple[Tables, npt.NDArray[np.bool_]]] = {}


def _watched(tables: Tables) -> npt.NDArray[np.bool_]:
    """The states whose changes matter here; made once per tables, as they are immutable."""
    found = _known.get(id(tables))
    if found is None or found[0] is not tables:
        states = np.zeros(1 << 16, np.bool_)
        for block in tables.blocks.values():
            keys = {key: set(values) for key, values in block.properties}
            two = keys.get("half") == {"upper", "lower"} or "part" in keys
            if block.name in CHESTS or block.name in FURNACES or block.name.endswith("_button") or two:
                states[block.min_state : block.max_state + 1] = True
        found = _known[id(tables)] = (tables, states)
    return found[1]


class Storage:
    """The block entities of one world."""

    def __init__(self, world: SimulatedWorld) -> None:
        self._world = world
        self._chests: dict[BlockPos, Slots] = {}
        self._ovens: dict[BlockPos, _Oven] = {}
        self._pressed: dict[BlockPos, int] = {}
        self._watched = _watched(world.tables)

    # Slots

    def slots(self, pos: BlockPos) -> Slots:
        """The 27 slots of a chest or barrel, its own list."""
        return self._chests.setdefault(pos, [None] * _SLOTS)

    def furnace(self, pos: BlockPos) -> Furnace:
        """The furnace that stands there, as it is now. Call `changed` after changing its slots."""
        oven = self._ovens.get(pos)
        if oven is None:
            kind = self._world.tables.name_of(self._world.voxels.get(pos))
            oven = self._ovens[pos] = _Oven(Furnace(kind), self._world.age, self._is_active(pos))
        self._catch_up(oven)
        return oven.furnace

    def changed(self, pos: BlockPos) -> None:
        """Slots of the furnace there were changed: see when it has to be looked at next."""
        oven = self._ovens.get(pos)
        if oven is not None:
            self._catch_up(oven)
            self._show(pos, oven)
            self._arm(pos, oven)

    # Windows

    def openable(self, pos: BlockPos) -> bool:
        """Whether a container of this world stands there."""
        state = self._world.voxels.get(pos)
        name = self._world.tables.name_of(state)
        return name in CHESTS or name in FURNACES

    def is_blocked(self, pos: BlockPos) -> bool:
        """Whether a full block above keeps a chest shut."""
        world = self._world
        state = world.voxels.get(pos)
        if world.tables.name_of(state) not in ("chest", "trapped_chest"):
            return False
        for x, y, z in self._halves(pos, state):
            above = world.voxels.get((x, y + 1, z))
            if above != UNKNOWN and world.shapes.harm[above] & SUFFOCATES:
                return True
        return False

    def open(self, player: Player, pos: BlockPos) -> None:
        """Open the container there for a player, in place of what it had open."""
        state = self._world.voxels.get(pos)
        player.window = Window(self._world.tables.name_of(state), pos, self._halves(pos, state))

    def _halves(self, pos: BlockPos, state: int) -> tuple[BlockPos, ...]:
        tables = self._world.tables
        other = chest_partner(tables, pos, state)
        if other is None or tables.name_of(self._world.voxels.get(other)) != tables.name_of(state):
            return (pos,)
        return (pos, other) if tables.properties_of(state)["type"] == "right" else (other, pos)

    def view(self, window: Window) -> WindowView:
        """What a window shows now."""
        if window.kind in FURNACES:
            furnace = self.furnace(window.pos)
            return FurnaceView(
                window.kind,
                window.pos,
                furnace.input,
                furnace.fuel,
                furnace.output,
                burning=furnace.burning,
                burn_total=furnace.burn_total,
                progress=furnace.progress,
                progress_total=furnace.total(self._world.tables),
            )
        inside = tuple(stack for half in window.halves for stack in self.slots(half))
        return ContainerView(window.kind, window.pos, inside)

    def close_far(self) -> None:
        """Close the windows whose container is gone or too far away; their players hear of it."""
        for player in self._world.players:
            window = player.window
            if window is None:
                continue
            x, y, z = self._world.position_of(player)
            bx, by, bz = window.pos
            far = ((bx + 0.5 - x) ** 2 + (by + 0.5 - y) ** 2 + (bz + 0.5 - z) ** 2) ** 0.5
            names = [self._world.tables.name_of(self._world.voxels.get(half)) for half in window.halves]
            if far > _FARTHEST or any(name != window.kind for name in names):
                player.window = None
                self._world.tell(player, BodyEventKind.WINDOW_CLOSED, block=window.kind, pos=window.pos)

    # Buttons

    def press(self, pos: BlockPos, name: str) -> None:
        """A button was pressed: it comes out again by itself."""
        stone = name in ("stone_button", "polished_blackstone_button")
        self._pressed[pos] = self._world.age + _BUTTON_TICKS["stone" if stone else "wood"]
        self._world.later(self._pressed[pos] - self._world.age, lambda: self._release(pos))

    def _release(self, pos: BlockPos) -> None:
        due = self._pressed.get(pos)
        if due is None or due > self._world.age:
            return
        del self._pressed[pos]
        state = self._world.voxels.get(pos)
        if state == UNKNOWN or not self._world.tables.name_of(state).endswith("_button"):
            return
        tables = self._world.tables
        out = dict(tables.properties_of(state), powered="false")
        self._world.set_block(pos, tables.state_of(tables.name_of(state), **out))

    # Furnaces

    def _is_active(self, pos: BlockPos) -> bool:
        x, _, z = pos
        sx, _, sz = self._world.spawn
        near = max(abs((x >> 4) - (sx >> 4)), abs((z >> 4) - (sz >> 4))) <= _SPAWN_CHUNKS
        return near or self._world.voxels.is_loaded(x >> 4, z >> 4)

    def _catch_up(self, oven: _Oven) -> None:
        if oven.active:
            oven.furnace.advance(self._world.age - oven.since, self._world.tables)
        oven.since = self._world.age

    def _show(self, pos: BlockPos, oven: _Oven) -> None:
        """Let the block burn or not, as the furnace does."""
        state = self._world.voxels.get(pos)
        tables = self._world.tables
        if state == UNKNOWN or tables.name_of(state) != oven.furnace.kind:
            return
        lit = "true" if oven.furnace.burning else "false"
        properties = tables.properties_of(state)
        if properties["lit"] != lit:
            self._world.set_block(pos, tables.state_of(oven.furnace.kind, **dict(properties, lit=lit)))

    def _arm(self, pos: BlockPos, oven: _Oven) -> None:
        wait = oven.furnace.change_in(self._world.tables) if oven.active else None
        due = 0 if wait is None else self._world.age + wait
        if due and due != oven.armed:
            self._world.later(due - self._world.age, lambda: self._due(pos))
        oven.armed = due

    def _due(self, pos: BlockPos) -> None:
        oven = self._ovens.get(pos)
        if oven is not None and oven.armed == self._world.age:
            oven.armed = 0
            self.changed(pos)

    def columns_changed(self) -> None:
        """Columns were loaded or let go: furnaces in them go on or pause."""
        for pos, oven in sorted(self._ovens.items()):
            self._catch_up(oven)
            oven.active = self._is_active(pos)
            self.changed(pos)

    # What happens to the blocks

    def follow(self, changes: list[list[int]]) -> None:
        """Blocks changed, rows (x, y, z, state before, state after): what was in them falls out, other halves go."""
        watched, tables = self._watched, self._world.tables
        for x, y, z, before, after in changes:
            if not watched[before] or tables.name_of(before) == tables.name_of(after):
                continue
            pos = (x, y, z)
            if tables.name_of(self._world.voxels.get(pos)) == tables.name_of(before):
                continue  # it came back in the same tick
            self._pressed.pop(pos, None)
            self._spill(pos)
            self._widow(pos, before)

    def clear(self, pos: BlockPos) -> None:
        """Empty what stands there, as commands do before they replace a block."""
        self._chests.pop(pos, None)
        self._ovens.pop(pos, None)

    def _spill(self, pos: BlockPos) -> None:
        stacks = list(self._chests.pop(pos, []))
        oven = self._ovens.pop(pos, None)
        if oven is not None:
            self._catch_up(oven)
            stacks += [oven.furnace.input, oven.furnace.fuel, oven.furnace.output]
        rng = self._world.rng
        for stack in stacks:
            if stack is None:
                continue
            at = tuple(pos[a] + rng.between(0.125, 0.875) for a in range(3))
            velocity = (rng.between(-0.1, 0.1), rng.between(0.1, 0.3), rng.between(-0.1, 0.1))
            self._world.drop(stack, (at[0], at[1], at[2]), velocity)

    def _widow(self, pos: BlockPos, before: int) -> None:
        """The other half of a block that went goes too; that of a double chest becomes a single one."""
        world, tables = self._world, self._world.tables
        name = tables.name_of(before)
        other = chest_partner(tables, pos, before)
        if other is not None:
            state = world.voxels.get(other)
            if state != UNKNOWN and tables.name_of(state) == name and chest_partner(tables, other, state) == pos:
                world.set_block(other, tables.state_of(name, **dict(tables.properties_of(state), type="single")))
            return
        found = partner(tables, pos, before)
        if found is None:
            return
        state = world.voxels.get(found[0])
        if state != UNKNOWN and tables.name_of(state) == name:
            back = partner(tables, found[0], state)
            if back is not None and back[0] == pos:
                world.set_block(found[0], world.remains_of(state))

    # Saves

    def export(self) -> dict[str, Any]:
        """Everything, as plain data in a fixed order."""
        chests = [[list(pos), [_plain(stack) for stack in slots]] for pos, slots in sorted(self._chests.items())]
        ovens: list[Any] = []
        for pos, oven in sorted(self._ovens.items()):
            self._catch_up(oven)
            f = oven.furnace
            stacks = [_plain(f.input), _plain(f.fuel), _plain(f.output)]
            ovens.append([list(pos), f.kind, *stacks, f.burning, f.burn_total, f.progress, oven.active])
        pressed = [[list(pos), due] for pos, due in sorted(self._pressed.items())]
        return {"chests": chests, "furnaces": ovens, "buttons": pressed}

    def load(self, document: dict[str, Any]) -> None:
        """Take over what was exported. ValueError, KeyError or TypeError if it is damaged."""
        for place, slots in document["chests"]:
            if len(slots) != _SLOTS:
                raise ValueError(f"a chest has {len(slots)} slots")
            self._chests[_place(place)] = [self._stack(raw) for raw in slots]
        for place, kind, *stacks, burning, total, progress, active in document["furnaces"]:
            if kind not in FURNACES or len(stacks) != 3:
                raise ValueError(f"no furnace is a {kind!r} with {len(stacks)} slots")
            if not 0 <= burning <= total <= 1 << 20 or not 0 <= progress <= 1 << 20:
                raise ValueError(f"a furnace burns {burning} of {total} ticks and has cooked for {progress}")
            cooked, fuel, made = (self._stack(raw) for raw in stacks)
            furnace = Furnace(
                str(kind), cooked, fuel, made, *(whole(n, 0, 1 << 20, kind) for n in (burning, total, progress))
            )
            self._ovens[_place(place)] = _Oven(furnace, self._world.age, bool(active))
        self._pressed = {_place(place): whole(due, 0, 2**41, "a button's time") for place, due in document["buttons"]}

    def resume(self) -> None:
        """After loading, once the columns are there: let furnaces and buttons go on."""
        self.columns_changed()
        for pos, due in sorted(self._pressed.items()):
            self._world.later(max(1, due - self._world.age), lambda at=pos: self._release(at))

    def _stack(self, raw: Any) -> ItemStack | None:
        if raw is None:
            return None
        item, count, wear = raw
        kind = self._world.tables.items[str(item)]
        if not 0 < count <= kind.stack_size or not 0 <= wear <= (kind.durability or 0):
            raise ValueError(f"no stack is {count} {item} worn by {wear}")
        return ItemStack(kind.name, whole(count, 1, 64, kind.name), whole(wear, 0, 10**5, kind.name))


def _plain(stack: ItemStack | None) -> list[Any] | None:
    return None if stack is None else [stack.item, stack.count, stack.wear]


def _place(raw: Any) -> BlockPos:
    x, y, z = (whole(v, -(2**31), 2**31, "a container's place") for v in raw)
    if not VoxelStore.inside(x >> 4, z >> 4) or not MIN_Y <= y <= MAX_Y:
        raise ValueError(f"a container at {x} {y} {z} lies outside the world")
    return x, y, z
