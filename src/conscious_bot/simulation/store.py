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
import numpy.typing as npt
from sqlalchemy import Connection, delete, insert, select

from conscious_bot.contracts import UserError
from conscious_bot.game.tables import Tables
from conscious_bot.memory.schema import world_section, world_state
from conscious_bot.simulation import state as s
from conscious_bot.simulation.nature.columns import schedule, scheduled
from conscious_bot.simulation.players import Player
from conscious_bot.simulation.terrain import PRESETS, TERRAIN_VERSION, Fixture, FixtureTerrain
from conscious_bot.simulation.voxels import ColumnKey, VoxelStore
from conscious_bot.simulation.world import SimulatedWorld
from conscious_bot.world.state import ItemStack

__all__ = ["FORMAT", "WorldStore"]

FORMAT = 3
"""The version of the state blob."""
_REMEDY = "restore the file from a copy, or start a new world with another --data directory"
_MAX_STATE = 1 << 26


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
        for cx, cz in columns:
            world.voxels.ensure_loaded(cx, cz)
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
        "columns": world.voxels.columns(),
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

    def world(self) -> tuple[SimulatedWorld, list[ColumnKey]]:
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
        except (KeyError, TypeError, ValueError, IndexError, OverflowError) as error:
            raise UserError(f"the saved world's state is damaged: {type(error).__name__}: {error}", _REMEDY) from error

    def _columns(self) -> list[ColumnKey]:
        found = [(int(cx), int(cz)) for cx, cz in self._document["columns"]]
        outside = [key for key in found if not VoxelStore.inside(*key)]
        if outside:
            raise ValueError(f"column {outside[0]} lies beyond the end of the world")
        return found

    def _build(self) -> SimulatedWorld:
        document = self._document
        x, y, z = (int(v) for v in document["spawn"])
        seed, preset, view = int(document["seed"]), str(document["preset"]), int(document["view"])
        if document["fixture"] is None:
            world = SimulatedWorld.create(seed, self._tables, preset=preset, view=view, spawn=(x, y, z))
        else:
            terrain = Fixture.of(document["fixture"], self._tables).make(self._tables)
            world = SimulatedWorld(self._tables, terrain, seed=seed, preset=terrain.preset, view=view)
            world.spawn = (x, y, z)
        world.rng.state = int(document["rng"])
        clock = _numbers(document["clock"], (s.CK_COLUMNS,), np.int64)
        weather = _numbers(document["weather"], (s.WE_COLUMNS,), np.int64)
        try:
            world.rules.set(dict(document["rules"]))
        except UserError as error:
            raise ValueError(str(error)) from error
        items_f = _numbers(document["items"]["f"], (None, s.IF_COLUMNS), np.float64)
        items_i = _numbers(document["items"]["i"], (len(items_f), s.II_COLUMNS), np.int64)
        if clock[s.CK_ITEMS] != len(items_i):
            raise ValueError(f"{clock[s.CK_ITEMS]} items are said to lie around, {len(items_i)} do")
        for kind, count in items_i[:, [s.II_KIND, s.II_COUNT]].tolist():
            self._checked(self._names[kind], count, 0)
        world.herd.restore(document["creatures"])
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
        world.arrays.dice[0] = int(document["dice"])
        schedule(world.arrays.nature, [tuple(row) for row in document["ticks"]], int(clock[s.CK_AGE]))
        world.storage.load(document["storage"])
        world.visitors.restore(document["visitors"])
        return world

    def _player(self, world: SimulatedWorld, entry: dict[str, Any], *, acts: bool) -> None:
        sx, sy, sz = (float(v) for v in entry["spawn"])
        player = Player(str(entry["name"]), len(world.players), self._tables, (sx, sy, sz))
        if entry["bed"] is not None:
            bx, by, bz = (int(v) for v in entry["bed"])
            player.bed = (bx, by, bz)
        inventory = player.inventory
        slots = entry["slots"]
        if len(slots) != len(inventory.slots):
            raise ValueError(f"{player.name} has {len(slots)} slots")
        inventory.slots = [None if stack is None else self._checked(*stack) for stack in slots]
        inventory.worn = {str(place): self._checked(*stack) for place, stack in sorted(entry["worn"].items())}
        inventory.select(int(entry["selected"]))
        player.told_version = inventory.version
        world.players.append(player)
        world.grow_players()
        world.arrays.pf[player.index] = _numbers(entry["f"], (s.PF_COLUMNS,), np.float64)
        world.arrays.pi[player.index] = _numbers(entry["i"], (s.PI_COLUMNS,), np.int64)
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
        return ItemStack(item, int(count), int(wear))


def _numbers(rows: Any, shape: tuple[int | None, ...], kind: type[np.generic]) -> npt.NDArray[Any]:
    """An array of the shape wanted (None: any), all of it finite."""
    found = np.array(rows, kind)
    if not found.size and len(shape) > 1:
        found = found.reshape(0, *(n or 0 for n in shape[1:]))
    fits = found.ndim == len(shape) and all(n is None or n == m for n, m in zip(shape, found.shape, strict=True))
    if not fits or not np.isfinite(found).all():
        raise ValueError(f"numbers of shape {found.shape} where {shape} are needed")
    return found
