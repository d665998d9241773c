"""Blueprints: what is to stand where, and which items that takes.

The format is that of level-by-level building tasks:

    {"levels": [{"level": 0, "coordinates": [x, y, z], "placement": [[block, ...], ...]}, ...], "materials": {...}}

`placement` has a row for each z and in it a block for each x, from `coordinates` on; `air` is nothing. It may be
wrapped as `{"blueprint": ...}` or as a task, `{"NAME": {"blueprint": ...}}`. The list of materials is counted
from the placements; a list that comes along is not relied on.

What consists of two blocks is one thing to place and one item: a door is named in its lower cell (and may be in
the upper one as well), a bed in both of its cells.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from conscious_bot.contracts import BlockPos, UserError
from conscious_bot.game.tables import Tables

__all__ = ["MAX_BLOCKS", "MAX_SPAN", "Blueprint", "Facing", "Piece", "item_of", "read_blueprint"]

MAX_BLOCKS = 200_000
"""The most blocks of one blueprint."""
MAX_SPAN = 512
"""The most cells from one end of a blueprint to the other, along each axis."""
_MAX_LEVELS = 1024
_MAX_EMPTY = 4_000_000
_EDGE = 29_999_984
_LOWEST, _HIGHEST = -2048, 2047
_AIR = frozenset({"air", "cave_air", "void_air"})
_POURED = frozenset({"water", "lava", "flowing_water", "flowing_lava"})

Facing = tuple[int, int]
"""The horizontal direction, as a step along x and z, in which one looks while placing."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing to place: its block's name, the item it takes, its cell, the cell of its other half, and the
    direction to look in while placing it, where that decides where the other half goes."""

    block: str
    item: str
    pos: BlockPos
    other: BlockPos | None = None
    facing: Facing | None = None

    @property
    def cells(self) -> tuple[BlockPos, ...]:
        """The cells it takes."""
        return (self.pos,) if self.other is None else (self.pos, self.other)


@dataclass(frozen=True)
class Blueprint:
    """Pieces, each in cells of its own, and the cells that are to be empty."""

    pieces: tuple[Piece, ...]
    empty: frozenset[BlockPos] = frozenset()

    @cached_property
    def materials(self) -> dict[str, int]:
        """How many of each item it takes, by name."""
        return dict(sorted(Counter(piece.item for piece in self.pieces).items()))

    @cached_property
    def low(self) -> BlockPos:
        """The lowest x, y and z of its cells."""
        return self._corner(min)

    @cached_property
    def high(self) -> BlockPos:
        """The highest x, y and z of its cells."""
        return self._corner(max)

    def _corner(self, choose: Any) -> BlockPos:
        cells = [cell for piece in self.pieces for cell in piece.cells] + list(self.empty)
        return choose(c[0] for c in cells), choose(c[1] for c in cells), choose(c[2] for c in cells)

    def moved(self, by: BlockPos) -> Blueprint:
        """The same somewhere else."""

        def there(cell: BlockPos) -> BlockPos:
            return cell[0] + by[0], cell[1] + by[1], cell[2] + by[2]

        pieces = (
            Piece(p.block, p.item, there(p.pos), None if p.other is None else there(p.other), p.facing)
            for p in self.pieces
        )
        return Blueprint(tuple(pieces), frozenset(there(cell) for cell in self.empty))

    def wire(self) -> dict[str, Any]:
        """The JSON form in which bundles keep it: each piece's cells in a list."""
        return {
            "pieces": [
                {"block": p.block, "pos": list(p.pos)}
                | ({} if p.other is None else {"other": list(p.other)})
                | ({} if p.facing is None else {"facing": list(p.facing)})
                for p in self.pieces
            ],
            "empty": sorted(list(cell) for cell in self.empty),
        }


@lru_cache(maxsize=8)
def _items(tables: Tables) -> Mapping[str, str]:
    """Which item puts each block down: its own, and for torches and signs on a wall the one of those on the floor."""
    found: dict[str, str] = {}
    for name, item in tables.items.items():
        if item.block is not None and (item.block not in found or name == item.block):
            found[item.block] = name
    for block in tables.blocks:
        floor = block.replace("wall_", "", 1)
        if block not in found and floor != block and floor in found:
            found[block] = found[floor]
    return found


def item_of(tables: Tables, block: str) -> str | None:
    """The item that puts this block down; None if nothing does."""
    return None if block in _POURED else _items(tables).get(block)


def read_blueprint(raw: Any, tables: Tables) -> Blueprint:
    """Read a blueprint. UserError points at what is wrong in it, and says why."""
    document, where = _unwrapped(raw)
    unknown = sorted(set(document) - {"levels", "materials"})
    if unknown:
        raise _refused(f"{where}/{unknown[0]}", "no such key", "give levels, and materials if you like")
    _check_materials(document.get("materials", {}), f"{where}/materials")
    levels = document.get("levels")
    if not isinstance(levels, list) or not levels:
        raise _refused(f"{where}/levels", "a list of levels is wanted", "give at least one level with a placement")
    if len(levels) > _MAX_LEVELS:
        raise _refused(f"{where}/levels", f"{len(levels)} levels", f"a blueprint has at most {_MAX_LEVELS}")
    named: dict[BlockPos, tuple[str, str]] = {}
    empty: dict[BlockPos, str] = {}
    for number, level in enumerate(levels):
        _read_level(level, f"{where}/levels/{number}", tables, named, empty)
    if not named:
        raise _refused(f"{where}/levels", "nothing but air", "name a block somewhere")
    for axis, name in enumerate("xyz"):
        ends = [cell[axis] for cell in (*named, *empty)]
        if max(ends) - min(ends) >= MAX_SPAN:
            raise _refused(where or "/", f"{max(ends) - min(ends) + 1} cells along {name}", f"at most {MAX_SPAN}")
    pieces = tuple(_pieces(named, tables))
    return Blueprint(pieces, frozenset(empty) - {piece.other for piece in pieces if piece.other is not None})


def _unwrapped(raw: Any) -> tuple[Mapping[str, Any], str]:
    """The object with the levels, and where it stands in the document."""
    where = ""
    for _ in range(3):
        if not isinstance(raw, Mapping):
            raise _refused(where or "/", f"an object is wanted, not {_kind(raw)}", "give {levels: [...]}")
        if "levels" in raw:
            return raw, where
        if "blueprint" in raw:
            raw, where = raw["blueprint"], f"{where}/blueprint"
        elif len(raw) == 1 and isinstance(only := next(iter(raw.values())), Mapping) and "blueprint" in only:
            name = next(iter(raw))
            raw, where = only, f"{where}/{name}"
        else:
            break
    raise _refused(where or "/", "no levels", "give {levels: [...]}, {blueprint: {...}} or one task with a blueprint")


def _check_materials(raw: Any, where: str) -> None:
    if not isinstance(raw, Mapping):
        raise _refused(where, f"an object is wanted, not {_kind(raw)}", "give counts by block, or leave it out")
    for name, count in raw.items():
        if not isinstance(count, int) or isinstance(count, bool) or count < 0:
            raise _refused(f"{where}/{name}", f"{count!r} is no count", "give a whole number from 0")


def _read_level(
    level: Any, where: str, tables: Tables, named: dict[BlockPos, tuple[str, str]], empty: dict[BlockPos, str]
) -> None:
    if not isinstance(level, Mapping):
        raise _refused(where, f"an object is wanted, not {_kind(level)}", "give {coordinates, placement}")
    unknown = sorted(set(level) - {"level", "coordinates", "placement"})
    if unknown:
        raise _refused(f"{where}/{unknown[0]}", "no such key", "a level has level, coordinates and placement")
    x, y, z = _corner(level.get("coordinates"), f"{where}/coordinates")
    rows = level.get("placement")
    if not isinstance(rows, list):
        raise _refused(f"{where}/placement", f"a list of rows is wanted, not {_kind(rows)}", "give a row for each z")
    if len(rows) > MAX_SPAN:
        raise _refused(f"{where}/placement", f"{len(rows)} rows", f"a blueprint spans at most {MAX_SPAN} cells")
    for i, row in enumerate(rows):
        if not isinstance(row, list) or len(row) > MAX_SPAN:
            what = f"{len(row)} blocks" if isinstance(row, list) else f"a list is wanted, not {_kind(row)}"
            raise _refused(f"{where}/placement/{i}", what, f"give a row of at most {MAX_SPAN} block names")
        for j, name in enumerate(row):
            place, cell = f"{where}/placement/{i}/{j}", (x + j, y, z + i)
            block = _block(name, place, tables)
            if cell in named or cell in empty:
                other = named[cell][1] if cell in named else empty[cell]
                raise _refused(place, f"the cell {list(cell)} is named at {other} already", "name each cell once")
            if block is None:
                empty[cell] = place
            else:
                named[cell] = block, place
        if len(named) > MAX_BLOCKS or len(empty) > _MAX_EMPTY:
            what = f"more than {MAX_BLOCKS} blocks" if len(named) > MAX_BLOCKS else f"more than {_MAX_EMPTY} of air"
            raise _refused(f"{where}/placement", what, "build it in parts")


def _corner(raw: Any, where: str) -> BlockPos:
    if (
        not isinstance(raw, list)
        or len(raw) != 3
        or not all(isinstance(c, int) and not isinstance(c, bool) for c in raw)
    ):
        raise _refused(where, "three whole numbers are wanted", "give [x, y, z] of the first block of the first row")
    x, y, z = raw
    if max(abs(x), abs(z)) > _EDGE - MAX_SPAN or not _LOWEST <= y <= _HIGHEST:
        raise _refused(where, f"{raw} lies outside the world", f"x and z reach {_EDGE}, y {_LOWEST} to {_HIGHEST}")
    return x, y, z


def _block(name: Any, where: str, tables: Tables) -> str | None:
    """The block that is named; None for air."""
    if not isinstance(name, str):
        raise _refused(where, f"the name of a block is wanted, not {_kind(name)}", "write air for nothing")
    block = name.removeprefix("minecraft:")
    if block in _AIR:
        return None
    if block not in tables.blocks:
        raise _refused(where, f"Minecraft {tables.version} has no block {name[:64]!r}", "use the game's name for it")
    if item_of(tables, block) is None:
        why = "is poured, not placed" if block in _POURED else "is put down by no item"
        raise _refused(where, f"{block} {why}", "name a block that can be placed, or air")
    return block


def _pieces(named: Mapping[BlockPos, tuple[str, str]], tables: Tables) -> Iterable[Piece]:
    taken: set[BlockPos] = set()
    for cell, (block, where) in sorted(named.items(), key=lambda entry: (entry[0][1], entry[0][2], entry[0][0])):
        if cell in taken:
            continue
        x, y, z = cell
        item = item_of(tables, block)
        assert item is not None  # noqa: S101 - for the type checker: such blocks were refused while reading
        if _two_high(tables, block):
            above = (x, y + 1, z)
            if above in named and named[above][0] != block:
                raise _refused(where, f"the upper half of the {block} meets {named[above][0]}", "leave its cell to it")
            taken.add(above)
            yield Piece(block, item, cell, above)
        elif block.endswith("_bed") or block == "bed":
            ends = [((x + dx, y, z + dz), (dx, dz)) for dx, dz in ((1, 0), (0, 1))]
            head = next((e for e in ends if e[0] not in taken and named.get(e[0], ("", ""))[0] == block), None)
            if head is None:
                raise _refused(where, f"half a {block}", "name it in the two cells that it takes")
            taken.add(head[0])
            yield Piece(block, item, cell, *head)
        else:
            yield Piece(block, item, cell)


def _two_high(tables: Tables, block: str) -> bool:
    """Whether the block has a lower and an upper half (doors, tall flowers)."""
    if block.endswith("_door"):  # up to 1.12 the tables have no properties
        return True
    return any(key == "half" and set(values) == {"upper", "lower"} for key, values in tables.blocks[block].properties)


def _kind(value: Any) -> str:
    names = {list: "a list", dict: "an object", str: "a text", bool: "a truth value", type(None): "nothing"}
    return names.get(type(value), "a number")


def _refused(where: str, what: str, remedy: str) -> UserError:
    return UserError(f"blueprint, {where}: {what}", remedy)
