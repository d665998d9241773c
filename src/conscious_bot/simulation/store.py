"""Saving a simulated world with the journal: what changed is written in the journal's own transactions.

Blocks are saved by section, only those that differ from what the generator makes; all else is one state
blob. So after a crash the world stands where the journal ends. A loaded world is at rest: what a body was
doing when it was saved is over, and its fate is for the brain to find out. Visitors, who have no brain but
their script, go on.
"""

from __future__ import annotations

import json
import zlib
from typing import Any

import numpy as np
from sqlalchemy import Connection, delete, insert, select

from conscious_bot.contracts import BlockPos, UserError
from conscious_bot.game.tables import Tables
from conscious_bot.memory.schema import world_section, world_state
from conscious_bot.simulation import limits
from conscious_bot.simulation import state as s
from conscious_bot.simulation.limits import numbers, whole
from conscious_bot.simulation.nature.columns import schedule, scheduled, with_room
from conscious_bot.simulation.players import Player
from conscious_bot.simulation.terrain import PRESETS, TERRAIN_VERSION, Fixture, FixtureTerrain
from conscious_bot.simulation.voxels import HEIGHT, MAX_Y, MIN_Y, VoxelStore
from conscious_bot.simulation.world import SimulatedWorld
from conscious_bot.world.state import ItemStack

__all__ = ["FORMAT", "WorldStore"]

FORMAT = 4
"""The version of the state blob."""
_REMEDY = "restore the file from a copy, or start a new world with another --data directory"
_MAX_STATE = 1 << 26
_MOST_COLUMNS, _MOST_VIEW, _MOST_TICKS = 1 << 14, 32, 1 << 20
_WORN = {"head", "torso", "legs", "feet", "off-hand"}


class WorldStore:
    """Takes part in every transaction of the journal for one world."""

    def __init__(self, world: SimulatedWorld) -> None:
        self._world = world

    def write(self, connection: Connection) -> None:
        """Write what has changed since the last call."""
        rows = [
            {"cx": cx, "sy": section, "cz": cz, "data": data}
            for (cx, cz), sections in self._world.voxels.export_changes(unsaved_only=True).items()
            for section, data in sections.items()
        ]
        for row in rows:
            table = world_section.c
            connection.execute(
                delete(world_section).where(table.cx == row["cx"], table.sy == row["sy"], table.cz == row["cz"])
            )
        if rows:
            connection.execute(insert(world_section), rows)
        connection.execute(delete(world_state).where(world_state.c.id == 1))
        connection.execute(insert(world_state), [{"id": 1, "data": _packed(self._world)}])
        self._world.voxels.mark_saved()

    @staticmethod
    def load(connection: Connection, tables: Tables) -> SimulatedWorld | None:
        """The world that was saved, at rest; None if there is none. UserError if it cannot be read."""
        data = connection.execute(select(world_state.c.data).where(world_state.c.id == 1)).scalar()
        if data is None:
            return None
        document = _unpacked(data)
        world, columns = _Reader(document, tables).world()
        changes: dict[tuple[int, int], dict[int, bytes]] = {}
        for cx, sy, cz, section in connection.execute(select(world_section)):
            changes.setdefault((cx, cz), {})[sy] = section
        try:
            world.voxels.import_changes(changes)
        except ValueError as error:
            raise UserError(f"the saved world is damaged: {error}", _REMEDY) from error
        world.voxels.mark_saved()
        for cx, cz, height in columns:
            world.voxels.ensure_loaded(cx, cz)
            world.voxels.raise_height(cx, cz, height)
        world.storage.resume()
        world.visitors.resume()
        return world


def _packed(world: SimulatedWorld) -> bytes:
    arrays = world.arrays
    n = int(arrays.clock[s.CK_ITEMS])
    document = {
        "format": FORMAT,
        "version": world.tables.version,
        "seed": world.seed,
        "preset": world.preset,
        "terrain": TERRAIN_VERSION,
        "fixture": _fixture(world),
        "spawn": list(world.spawn),
        "view": world.view,
        "rng": world.rng.state,
        "clock": arrays.clock.tolist(),
        "weather": arrays.weather.tolist(),
        "rules": world.rules.view(),
        "dice": int(arrays.dice[0]),
        "ticks": scheduled(arrays.nature),
        "columns": [[cx, cz, world.voxels.height(cx, cz)] for cx, cz in world.voxels.columns()],
        "players": [
            {
                "name": player.name,
                "spawn": list(player.spawn),
                "bed": None if player.bed is None else list(player.bed),
                "f": arrays.pf[player.index].tolist(),
                "i": arrays.pi[player.index].tolist(),
                "selected": player.inventory.selected,
                "slots": [_stack(stack) for stack in player.inventory.slots],
                "worn": {place: _stack(stack) for place, stack in sorted(player.inventory.worn.items())},
            }
            for player in world.players
        ],
        "storage": world.storage.export(),
        "items": {"f": arrays.items_f[:n].tolist(), "i": arrays.items_i[:n].tolist()},
        "creatures": world.herd.export(),
        "visitors": world.visitors.export(),
    }
    return zlib.compress(json.dumps(document, separators=(",", ":")).encode(), 1)


def _fixture(world: SimulatedWorld) -> dict[str, Any] | None:
    """The document that the world's terrain is made of, if it is made of one."""
    if isinstance(world.generator, FixtureTerrain):
        return world.generator.fixture.model_dump(mode="json", by_alias=True)
    if world.preset not in PRESETS:
        raise UserError(
            f"a world of the kind {world.preset!r} cannot be saved", "save the world it was made from, or a fixture"
        )
    return None


def _stack(stack: ItemStack | None) -> list[Any] | None:
    return None if stack is None else [stack.item, stack.count, stack.wear]


def _unpacked(data: bytes) -> dict[str, Any]:
    try:
        unpacker = zlib.decompressobj()
        raw = unpacker.decompress(data, _MAX_STATE)
        if not unpacker.eof:
            raise ValueError("it is cut off")
        document = json.loads(raw)
    except (zlib.error, ValueError) as error:
        raise UserError(f"the saved world's state is damaged: {error}", _REMEDY) from error
    if not isinstance(document, dict):
        raise UserError("the saved world's state is damaged: it is no document", _REMEDY)
    found = document.get("format")
    if found != FORMAT:
        raise UserError(
            f"the saved world has format {found!r}, this program reads {FORMAT}",
            "use the program that wrote it, or start a new world with another --data directory",
        )
    return document


class _Reader:
    """Builds a world from a state document, refusing what does not fit."""

    def __init__(self, document: dict[str, Any], tables: Tables) -> None:
        self._document = document
        self._tables = tables
        self._names = {item.id: item.name for item in tables.items.values()}

    def world(self) -> tuple[SimulatedWorld, list[tuple[int, int, int]]]:
        """The world without its blocks, and which columns are to be loaded."""
        document, tables = self._document, self._tables
        if document.get("version") != tables.version:
            raise UserError(
                f"the saved world is of version {document.get('version')!r}, not {tables.version}",
                "use that version's tables, or start a new world with another --data directory",
            )
        if document.get("terrain") != TERRAIN_VERSION:
            raise UserError(
                f"the saved world stands on terrain of version {document.get('terrain')!r}, "
                f"this program makes version {TERRAIN_VERSION}",
                "use the program that wrote it, or start a new world with another --data directory",
            )
        try:
            return self._build(), self._columns()
        except (AttributeError, KeyError, TypeError, ValueError, IndexError, OverflowError) as error:
            raise UserError(f"the saved world's state is damaged: {type(error).__name__}: {error}", _REMEDY) from error

    def _columns(self) -> list[tuple[int, int, int]]:
        """What was loaded, and up to which layer it had been built: creatures appear up to there."""
        found = numbers(self._document["columns"], (None, 3), np.int64, {2: (0, HEIGHT)}, "columns").tolist()
        outside = [(cx, cz) for cx, cz, _ in found if not VoxelStore.inside(cx, cz)]
        if outside:
            raise ValueError(f"column {outside[0]} lies beyond the end of the world")
        if len(found) > _MOST_COLUMNS:
            raise ValueError(f"{len(found)} columns are more than {_MOST_COLUMNS}")
        return [(cx, cz, height) for cx, cz, height in found]

    def _build(self) -> SimulatedWorld:
        document = self._document
        x, y, z = _cell(document["spawn"], "spawn")
        seed, preset = whole(document["seed"], -(2**70), 2**70, "seed"), str(document["preset"])
        view = whole(document["view"], 1, _MOST_VIEW, "view")
        if document["fixture"] is None:
            world = SimulatedWorld.create(seed, self._tables, preset=preset, view=view, spawn=(x, y, z))
        else:
            terrain = Fixture.of(document["fixture"], self._tables).make(self._tables)
            world = SimulatedWorld(self._tables, terrain, seed=seed, preset=terrain.preset, view=view)
            world.spawn = (x, y, z)
        world.rng.state = whole(document["rng"], 0, 2**64 - 1, "rng")
        clock = numbers(document["clock"], (s.CK_COLUMNS,), np.int64, limits.CLOCK, "clock")
        weather = numbers(document["weather"], (s.WE_COLUMNS,), np.int64, limits.WEATHER, "weather")
        try:
            world.rules.set(dict(document["rules"]))
        except UserError as error:
            raise ValueError(str(error)) from error
        items_f = numbers(document["items"]["f"], (None, s.IF_COLUMNS), np.float64, limits.ITEM_F, "items.f")
        items_i = numbers(document["items"]["i"], (len(items_f), s.II_COLUMNS), np.int64, limits.ITEM, "items.i")
        if clock[s.CK_ITEMS] != len(items_i):
            raise ValueError(f"{clock[s.CK_ITEMS]} items are said to lie around, {len(items_i)} do")
        for kind, count in items_i[:, [s.II_KIND, s.II_COUNT]].tolist():
            self._checked(self._names[kind], count, 0)
        world.herd.restore(document["creatures"], len(document["players"]))
        guests = {str(entry["visit"]["name"]) for entry in document["visitors"]}
        for entry in document["players"]:
            self._player(world, entry, acts=entry["name"] in guests)
        room = 64
        while room < len(items_i):
            room *= 2
        kept_f, kept_i = np.zeros((room, s.IF_COLUMNS)), np.zeros((room, s.II_COLUMNS), np.int64)
        kept_f[: len(items_f)] = items_f
        kept_i[: len(items_i)] = items_i
        world.arrays = world.arrays.replace(items_f=kept_f, items_i=kept_i)
        world.arrays.clock[:] = clock
        world.arrays.weather[:] = weather
        world.arrays.dice[0] = whole(document["dice"], 0, 2**64 - 1, "dice")
        ticks = numbers(document["ticks"], (None, 5), np.int64, {}, "ticks").tolist()
        if len(ticks) > _MOST_TICKS:
            raise ValueError(f"{len(ticks)} scheduled ticks are more than {_MOST_TICKS}")
        world.arrays = world.arrays.replace(nature=with_room(world.arrays.nature, len(ticks)))
        schedule(world.arrays.nature, ticks, int(clock[s.CK_AGE]))
        world.storage.load(document["storage"])
        world.visitors.restore(document["visitors"])
        return world

    def _player(self, world: SimulatedWorld, entry: dict[str, Any], *, acts: bool) -> None:
        name, place = str(entry["name"]), f"players[{len(world.players)}]"
        if any(player.name == name for player in world.players):
            raise ValueError(f"{place} has the name of another, {name}")
        sx, sy, sz = numbers(entry["spawn"], (3,), np.float64, limits.PLACE, f"{place}.spawn").tolist()
        player = Player(name, len(world.players), self._tables, (sx, sy, sz))
        if entry["bed"] is not None:
            player.bed = _cell(entry["bed"], f"{place}.bed")
        inventory = player.inventory
        slots = entry["slots"]
        if len(slots) != len(inventory.slots):
            raise ValueError(f"{player.name} has {len(slots)} slots")
        inventory.slots = [None if stack is None else self._checked(*stack) for stack in slots]
        inventory.worn = {where: self._checked(*stack) for where, stack in sorted(entry["worn"].items())}
        if not inventory.worn.keys() <= _WORN:
            raise ValueError(f"{place} wears something where nothing is worn")
        inventory.select(whole(entry["selected"], 0, 8, f"{place}.selected"))
        player.told_version = inventory.version
        world.players.append(player)
        world.grow_players()
        world.arrays.pf[player.index] = numbers(entry["f"], (s.PF_COLUMNS,), np.float64, limits.PLAYER_F, f"{place}.f")
        world.arrays.pi[player.index] = numbers(entry["i"], (s.PI_COLUMNS,), np.int64, limits.PLAYER, f"{place}.i")
        if acts:
            pi = world.arrays.pi[player.index].tolist()
            if pi[s.PI_ACTION] == s.ACT_DIG:
                player.digging = (pi[s.PI_DIG_X], pi[s.PI_DIG_Y], pi[s.PI_DIG_Z])
        else:
            world.halt(player)
            world.arrays.pi[player.index, s.PI_SLEEP] = 0
        player.told_health = world.health_of(player)

    def _checked(self, item: str, count: int, wear: int) -> ItemStack:
        kind = self._tables.items[item]
        if not 0 < count <= kind.stack_size or not 0 <= wear <= (kind.durability or 0):
            raise ValueError(f"no stack is {count} {item} worn by {wear}")
        return ItemStack(item, whole(count, 1, 64, item), whole(wear, 0, 10**5, item))


def _cell(raw: Any, what: str) -> BlockPos:
    x, y, z = numbers(raw, (3,), np.int64, {}, what).tolist()
    if not VoxelStore.inside(x >> 4, z >> 4) or not MIN_Y <= y <= MAX_Y:
        raise ValueError(f"{what}: {x} {y} {z} lies outside the world")
    return x, y, z
