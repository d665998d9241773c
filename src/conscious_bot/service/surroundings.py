"""The surroundings as bytes for the live view: a JSON header and palette indices.

    4 bytes   length of the header, little endian
    header    JSON: version, seq, origin, size, palette (kinds of blocks, see `palette_entry`), light
    padding   spaces, until the header's end is even
    indices   uint16, little endian, index [x][y][z]; 0xFFFF where nothing is loaded
    light     if the header's `light` is true: a byte for each cell, sky light in the upper four bits, light
              of blocks in the lower four, as it was when the region was scanned

The view needs no tables of its own: a palette entry says how the block looks as far as geometry goes.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
from pydantic_core import to_json

from conscious_bot.contracts import BlockPos
from conscious_bot.game.tables import Tables
from conscious_bot.world.region import UNKNOWN, VoxelRegion

__all__ = ["encode_surroundings", "palette_entry"]

_FULL_CUBE = (0.0, 0.0, 0.0, 1.0, 1.0, 1.0)


def palette_entry(state: int, tables: Tables) -> dict[str, Any]:
    """How a block state looks.

    `solid` marks full opaque cubes (they hide their neighbours' faces); `boxes` are the collision boxes
    of what is neither a full cube nor empty; `light` is what it emits; `props` are its properties.
    """
    block = tables.block_of(state)
    offsets, rows = tables.collision_boxes
    boxes = [tuple(round(float(v), 4) for v in row) for row in rows[offsets[state] : offsets[state + 1]]]
    entry: dict[str, Any] = {"name": block.name}
    full = boxes == [_FULL_CUBE]
    if full:
        entry["full"] = True
        entry["solid"] = not block.transparent
    elif boxes:
        entry["boxes"] = boxes
    if block.emit_light:
        entry["light"] = block.emit_light
    props = tables.properties_of(state)
    if props:
        entry["props"] = props
    return entry


def encode_surroundings(
    region: VoxelRegion, tables: Tables, changes: Mapping[BlockPos, int], *, version: int, seq: int
) -> bytes:
    """The region with later block changes laid over it. Changes outside of it are left out."""
    blocks = region.blocks
    box = region.box
    inside = {pos: state for pos, state in changes.items() if box.contains(pos)}
    if inside:
        blocks = blocks.copy()
        where = np.array(list(inside)) - np.array(region.origin)
        blocks[where[:, 0], where[:, 1], where[:, 2]] = np.fromiter(inside.values(), np.uint16, len(inside))
    # A lookup by state id is much faster than numpy's unique with inverse.
    present = np.bincount(blocks.ravel(), minlength=UNKNOWN + 1).nonzero()[0]
    states = present[present != UNKNOWN]
    lookup = np.full(UNKNOWN + 1, UNKNOWN, np.uint16)
    lookup[states] = np.arange(len(states), dtype=np.uint16)
    header = to_json(
        {
            "version": version,
            "seq": seq,
            "origin": region.origin,
            "size": blocks.shape,
            "palette": [palette_entry(int(state), tables) for state in states],
            "light": region.sky_light is not None and region.block_light is not None,
        }
    )
    header += b" " * (len(header) % 2)
    parts = [struct.pack("<I", len(header)), header, lookup[blocks].astype("<u2").tobytes()]
    if region.sky_light is not None and region.block_light is not None:
        parts.append((region.sky_light << 4 | region.block_light).astype(np.uint8).tobytes())
    return b"".join(parts)
