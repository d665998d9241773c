"""The rules of building, and nothing of how an order is found: a player who walks, reaches, sees and places.

A replay keeps the blocks that stand and where the player can get from the cell it started in, by steps and jumps
of one block. Each act must be possible from such a cell, and afterwards the player must still be able to get back.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

Cell = tuple[int, int, int]
EYE = 1.62
REACH = 4.5
SIDES = ((0, -1, 0), (0, 1, 0), (-1, 0, 0), (1, 0, 0), (0, 0, -1), (0, 0, 1))
PASSED = ("torch", "rail", "carpet", "sign", "banner", "button", "lever", "sapling", "poppy", "dandelion")
"""Ends of the names of blocks that a body passes through."""
ON_FLOOR = ("door", "bed", "carpet", "rail", "sapling", "poppy", "sand", "gravel", "pressure_plate")
ANSWER = ("chest", "crafting_table", "furnace", "door", "bed")


class RuleBrokenError(AssertionError):
    """Something that the game does not allow."""


class Yard:
    """Level ground below `floor`, what was built on it, and the player's start."""

    def __init__(self, floor: int, low: Cell, high: Cell, start: Cell, blocks: dict[Cell, str] | None = None) -> None:
        self.floor, self.low, self.high, self.start = floor, low, high, start
        self.blocks: dict[Cell, str] = {}
        self.solids: set[Cell] = set()
        for cell, name in (blocks or {}).items():
            self._put(cell, name)
        self.joined = self._walk()

    def _put(self, cell: Cell, name: str) -> None:
        self.blocks[cell] = name
        if not name.endswith(PASSED):
            self.solids.add(cell)

    def solid(self, cell: Cell) -> bool:
        return cell[1] < self.floor or cell in self.solids

    def stands(self, cell: Cell) -> bool:
        x, y, z = cell
        if y < self.floor or cell in self.solids or (x, y + 1, z) in self.solids:
            return False
        below = (x, y - 1, z)
        if y > self.floor and (below not in self.solids or self.blocks[below].endswith(("_door", "_bed", "fence"))):
            return False
        return self.low[0] <= x <= self.high[0] and self.low[2] <= z <= self.high[2]

    def _walk(self) -> set[Cell]:
        """Where the player gets to from the start."""
        found, stack = {self.start}, [self.start]
        while stack:
            x, y, z = stack.pop()
            low_roof = (x, y + 2, z) in self.solids
            for to_x, to_z in ((x + 1, z), (x - 1, z), (x, z + 1), (x, z - 1)):
                for dy in (-1, 0, 1):
                    to = (to_x, y + dy, to_z)
                    if to in found or (dy == 1 and low_roof) or not self.stands(to):
                        continue
                    if dy == -1 and (to_x, y + 1, to_z) in self.solids:
                        continue
                    found.add(to)
                    stack.append(to)
        return found

    def _open_line(self, eye: tuple[float, float, float], point: tuple[float, float, float], but: Cell) -> bool:
        """Small steps along the look; only the block looked at may be in the way."""
        count = int(math.dist(eye, point) * 50) + 1
        for i in range(count + 1):
            t = i / count
            at = tuple(math.floor(a + (b - a) * t) for a, b in zip(eye, point, strict=True))
            if at != but and self.solid(at):  # type: ignore[arg-type]
                return False
        return True

    def _face(self, feet: Cell, block: Cell, side: Cell) -> bool:
        """Whether the middle of a block's side is seen and within reach from a cell."""
        eye = (feet[0] + 0.5, feet[1] + EYE, feet[2] + 0.5)
        middle = tuple(c + 0.5 + 0.501 * s for c, s in zip(block, side, strict=True))
        if sum((e - m) * s for e, m, s in zip(eye, middle, side, strict=True)) <= 0:
            return False
        near = tuple(min(max(e, c), c + 1) for e, c in zip(eye, block, strict=True))
        return math.dist(eye, near) <= REACH and self._open_line(eye, middle, block)  # type: ignore[arg-type]

    def _close(self, cell: Cell, within: int = 6) -> Iterable[Cell]:
        x, y, z = cell
        for dx in range(-within, within + 1):
            for dy in range(-within - 1, within):
                for dz in range(-within, within + 1):
                    yield x + dx, y + dy, z + dz

    def place(self, cell: Cell, name: str, other: Cell | None = None) -> None:
        cells = [cell] if other is None else [cell, other]
        if any(self.blocks.get(c) or c[1] < self.floor for c in cells):
            raise RuleBrokenError(f"{name} at {cell}: the cell is taken")
        faces = [(tuple(c + s for c, s in zip(cell, side, strict=True)), side) for side in SIDES]
        held = [(near, side) for near, side in faces if self.solid(near) and self._holds(near, name, side)]  # type: ignore[arg-type]
        if not held:
            raise RuleBrokenError(f"{name} at {cell}: nothing to place it against")
        before = self.joined
        spots = [
            feet
            for feet in self._close(cell)
            if feet in before
            and not {feet, (feet[0], feet[1] + 1, feet[2])} & set(cells)
            and any(self._face(feet, near, tuple(-s for s in side)) for near, side in held)  # type: ignore[arg-type]
        ]
        if not spots:
            raise RuleBrokenError(f"{name} at {cell}: no place to stand sees and reaches a face for it")
        for c in cells:
            self._put(c, name)
        self.joined = self._walk()
        if not set(spots) & self.joined:
            raise RuleBrokenError(f"{name} at {cell}: whoever placed it is walled in")

    def _holds(self, near: Cell, name: str, side: Cell) -> bool:
        there = self.blocks.get(near, "ground")
        if there.endswith(ANSWER):
            return False
        if name.endswith(ON_FLOOR):
            return side == (0, -1, 0)
        return side != (0, 1, 0) if name.endswith("torch") else True

    def dig(self, cell: Cell) -> None:
        if cell not in self.blocks:
            raise RuleBrokenError(f"nothing to dig at {cell}")
        before = self.joined
        spots = [
            feet
            for feet in self._close(cell)
            if feet in before
            and feet != (cell[0], cell[1] + 1, cell[2])
            and any(
                not self.solid(tuple(c + s for c, s in zip(cell, side, strict=True)))  # type: ignore[arg-type]
                and self._face(feet, cell, side)
                for side in SIDES
            )
        ]
        del self.blocks[cell]
        self.solids.discard(cell)
        self.joined = self._walk()
        if not set(spots) & self.joined:
            raise RuleBrokenError(f"the block at {cell} cannot be dug away again")


def replay(answer: dict, floor: int, others: dict[Cell, Cell] | None = None) -> Yard:
    """Do what an answer of `solve build` says; RuleBrokenError names the first act that the game does not allow."""
    cells = [tuple(one["pos"]) for one in answer["order"]] + [tuple(s["pos"]) for s in answer["scaffold"]["steps"]]
    xs, zs = [c[0] for c in cells], [c[2] for c in cells]
    start = (min(xs) - 5, floor, min(zs) - 5)
    yard = Yard(floor, start, (max(xs) + 5, 0, max(zs) + 5), start)
    waiting = list(answer["scaffold"]["steps"])
    for number in range(len(answer["order"]) + 1):
        while waiting and waiting[0]["before"] == number:
            step = waiting.pop(0)
            if step["action"] == "place":
                yard.place(tuple(step["pos"]), answer["scaffold"]["block"])
            else:
                yard.dig(tuple(step["pos"]))
        if number < len(answer["order"]):
            one = answer["order"][number]
            cell = tuple(one["pos"])
            yard.place(cell, one["block"], (others or {}).get(cell))
    if waiting:
        raise RuleBrokenError(f"{len(waiting)} acts on scaffold are never done")
    return yard
