"""The occupancy grid: what stands where, in six classes, as it goes over the wire (contract version 1)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from conscious_bot.contracts import BlockPos, UserError

__all__ = [
    "AIR",
    "CONTRACT_VERSION",
    "HAZARD",
    "LADDER",
    "LAVA",
    "MAX_CELLS",
    "SOLID",
    "WATER",
    "CellError",
    "GridError",
    "InputError",
    "OccupancyGrid",
    "as_cell",
]

AIR, SOLID, WATER, LAVA, LADDER, HAZARD = range(6)
"""The classes of a cell; the numbers are the wire format."""

MAX_CELLS = 1024 * 128 * 1024
"""More cells than this are refused: the search needs about three bytes for each."""

CONTRACT_VERSION = 1
"""The version of the wire form."""

_MAX_COORDINATE = 30_000_000  # the game's world border


class InputError(UserError, ValueError):
    """The root of what is wrong with a grid, or a question over one: it names the field and the value."""

    def __init__(self, problem: str, remedy: str = "correct it and ask again; nothing was searched") -> None:
        super().__init__(problem, remedy)


class GridError(InputError):
    """The occupancy grid does not hold together: sizes, classes, encoding, or too large."""


class CellError(InputError):
    """A start or goal that cannot be meant: outside the grid, or not three integers."""


def as_cell(value: Any, what: str) -> BlockPos:
    """Three integers from a tuple, a list or an `{x, y, z}` object. Raises `CellError` naming `what`."""
    if type(value) is tuple and len(value) == 3:  # the usual case, without ado
        x, y, z = value
        if type(x) is type(y) is type(z) is int and max(x, y, z, -x, -y, -z) <= _MAX_COORDINATE:
            return x, y, z
    if isinstance(value, Mapping):
        if set(value) != {"x", "y", "z"}:
            raise CellError(f"{what}: expected the keys x, y and z, got {sorted(map(str, value))}")
        value = (value["x"], value["y"], value["z"])
    if not isinstance(value, (tuple, list)) or len(value) != 3:
        raise CellError(f"{what}: expected three integers, got {value!r}")
    cell: list[int] = []
    for number in value:
        whole = isinstance(number, (int, np.integer)) and not isinstance(number, bool)
        if not whole or abs(int(number)) > _MAX_COORDINATE:
            raise CellError(f"{what}: {number!r} is not a block coordinate")
        cell.append(int(number))
    return cell[0], cell[1], cell[2]


@dataclass(frozen=True, slots=True, eq=False)
class OccupancyGrid:
    """Classes of a box of cells; index `[x - origin.x, y - origin.y, z - origin.z]`, C order.

    `standable` (optional, same shape) is False where a solid cell is no floor: fences and walls stop a
    body but their top is half a block too high to be stepped on. Without it every solid cell is a floor.
    Raises `GridError` if the arrays do not fit together.
    """

    origin: BlockPos
    blocks: npt.NDArray[np.uint8]
    standable: npt.NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "origin", as_cell(self.origin, "grid origin"))
        blocks = self.blocks
        if blocks.ndim != 3 or 0 in blocks.shape:
            raise GridError(f"grid blocks: expected a non-empty array of 3 dimensions, got shape {blocks.shape}")
        if blocks.size > MAX_CELLS:
            raise GridError(f"grid blocks: {blocks.size} cells are more than the {MAX_CELLS} allowed")
        if blocks.dtype != np.uint8:
            raise GridError(f"grid blocks: expected uint8, got {blocks.dtype}")
        if int(blocks.max()) > HAZARD:
            raise GridError(f"grid blocks: class {int(blocks.max())} is unknown; 0 to {HAZARD} are defined")
        if self.standable is not None and self.standable.shape != blocks.shape:
            raise GridError(f"grid standable: shape {self.standable.shape} does not fit blocks {blocks.shape}")
        if self.standable is not None and self.standable.dtype != np.bool_:
            raise GridError(f"grid standable: expected bool, got {self.standable.dtype}")

    @property
    def size(self) -> tuple[int, int, int]:
        """Cells along x, y, z."""
        dx, dy, dz = self.blocks.shape
        return dx, dy, dz

    def contains(self, cell: BlockPos) -> bool:
        """Whether the cell lies in the grid."""
        x, y, z = cell
        ox, oy, oz = self.origin
        dx, dy, dz = self.blocks.shape
        return 0 <= x - ox < dx and 0 <= y - oy < dy and 0 <= z - oz < dz

    def class_at(self, cell: BlockPos) -> int:
        """The cell's class; SOLID outside, so that nothing leads out of the scan."""
        if not self.contains(cell):
            return SOLID
        x, y, z = (c - o for c, o in zip(cell, self.origin, strict=True))
        return int(self.blocks[x, y, z])

    def floor_at(self, cell: BlockPos) -> bool:
        """Whether a body can stand on top of this cell."""
        if not self.contains(cell):
            return False
        x, y, z = (c - o for c, o in zip(cell, self.origin, strict=True))
        if self.blocks[x, y, z] != SOLID:
            return False
        return self.standable is None or bool(self.standable[x, y, z])

    def bare(self) -> OccupancyGrid:
        """The same within the six classes: an AIR cell right above a solid cell that is no floor is HAZARD."""
        if self.standable is None:
            return self
        blocks = self.blocks.copy()
        above = blocks[:, 1:, :]
        above[(blocks[:, :-1, :] == SOLID) & ~self.standable[:, :-1, :] & (above == AIR)] = HAZARD
        return OccupancyGrid(self.origin, blocks)

    def wire(self) -> dict[str, Any]:
        """The documents' form: version, origin, size, and the classes as base64 in x, y, z row-major order.

        The wire has no layer of floors; what is sent is `bare`.
        """
        dx, dy, dz = self.size
        x, y, z = self.origin
        return {
            "contractVersion": CONTRACT_VERSION,
            "origin": {"x": x, "y": y, "z": z},
            "size": {"dx": dx, "dy": dy, "dz": dz},
            "blocks": base64.b64encode(np.ascontiguousarray(self.bare().blocks).tobytes()).decode("ascii"),
        }

    @classmethod
    def from_wire(cls, raw: Any) -> OccupancyGrid:
        """Read the documents' form. Raises `GridError` (or `CellError` for the origin) naming the field."""
        if not isinstance(raw, Mapping):
            raise GridError(f"occupancyGrid: expected an object, got {type(raw).__name__}")
        missing = [key for key in ("origin", "size", "blocks") if key not in raw]
        if missing:
            raise GridError(f"occupancyGrid: {', '.join(missing)} missing")
        unknown = sorted(set(map(str, raw)) - {"contractVersion", "origin", "size", "blocks"})
        if unknown:
            raise GridError(f"occupancyGrid: unknown keys {', '.join(unknown)}")
        version = raw.get("contractVersion", CONTRACT_VERSION)
        if isinstance(version, bool) or version != CONTRACT_VERSION:
            raise GridError(f"occupancyGrid.contractVersion: {version!r}; this program reads {CONTRACT_VERSION}")
        size = raw["size"]
        if not isinstance(size, Mapping) or set(size) != {"dx", "dy", "dz"}:
            raise GridError("occupancyGrid.size: expected the keys dx, dy and dz")
        shape: list[int] = []
        for key in ("dx", "dy", "dz"):
            number = size[key]
            if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= MAX_CELLS:
                raise GridError(f"occupancyGrid.size.{key}: {number!r} is not a number of cells")
            shape.append(number)
        cells = shape[0] * shape[1] * shape[2]
        if cells > MAX_CELLS:
            raise GridError(f"occupancyGrid.size: {cells} cells are more than the {MAX_CELLS} allowed")
        text = raw["blocks"]
        if not isinstance(text, str):
            raise GridError(f"occupancyGrid.blocks: expected base64 text, got {type(text).__name__}")
        if len(text) > 4 * (cells // 3 + 2):  # before decoding, so that a huge text costs nothing
            raise GridError(f"occupancyGrid.blocks: longer than the {cells} cells of its size")
        try:
            data = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError) as error:
            raise GridError(f"occupancyGrid.blocks: not base64 ({error})") from error
        if len(data) != cells:
            raise GridError(f"occupancyGrid.blocks: {len(data)} bytes, but the size asks for {cells}")
        blocks = np.frombuffer(bytearray(data), dtype=np.uint8).reshape(
            shape
        )  # kernels are compiled for writable arrays
        return cls(as_cell(raw["origin"], "occupancyGrid.origin"), blocks)
