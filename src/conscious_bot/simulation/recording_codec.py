"""Calls of the Body port and their answers as JSON, and back.

Positions, paths and items are lists and objects as the classes have them; voxel layers are zlib-packed and in
base64. `CALLS` is the whole port: which calls there are, which of them change the world, what each answers.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from typing import Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt
from pydantic import TypeAdapter

from conscious_bot.body.port import FollowResult
from conscious_bot.contracts import BlockPos, Primitive
from conscious_bot.world.region import Box, VoxelRegion
from conscious_bot.world.state import BodyState, EntityView, WindowView

__all__ = ["CALLS", "Call", "decode_event", "encode"]


def encode(value: Any) -> Any:
    """Any argument or answer of the port as plain JSON."""
    if isinstance(value, VoxelRegion):
        layers = {"blocks": value.blocks, "blockLight": value.block_light, "skyLight": value.sky_light}
        packed = {name: None if layer is None else _pack(layer) for name, layer in layers.items()}
        return {"origin": list(value.origin), "size": list(value.blocks.shape), **packed}
    if isinstance(value, Primitive):
        return value.wire()
    if isinstance(value, Box):
        return [list(value.low), list(value.high)]
    if is_dataclass(value) and not isinstance(value, type):
        return {key: encode(part) for key, part in asdict(value).items()}
    if isinstance(value, Mapping):
        return {str(key): encode(part) for key, part in cast("Mapping[Any, Any]", value).items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [encode(part) for part in cast("Sequence[Any]", value)]
    if isinstance(value, frozenset | set):
        return sorted(cast("set[str]", value))
    return value


def _pack(layer: npt.NDArray[Any]) -> str:
    return base64.b64encode(zlib.compress(np.ascontiguousarray(layer).tobytes(), 9)).decode()


def _unpack(text: str, kind: type[np.uint16 | np.uint8], size: Sequence[int]) -> npt.NDArray[Any]:
    return np.frombuffer(zlib.decompress(base64.b64decode(text)), dtype=kind).reshape(tuple(size)).copy()


def _region(raw: Mapping[str, Any]) -> VoxelRegion:
    def light(name: str) -> npt.NDArray[np.uint8] | None:
        return None if raw[name] is None else _unpack(raw[name], np.uint8, raw["size"])

    x, y, z = raw["origin"]
    return VoxelRegion(
        (x, y, z), _unpack(raw["blocks"], np.uint16, raw["size"]), light("blockLight"), light("skyLight")
    )


def _nothing(_raw: object) -> None:
    return None


_state = TypeAdapter(BodyState).validate_python
_entities = TypeAdapter(list[EntityView]).validate_python
_cells = TypeAdapter(list[BlockPos]).validate_python
_follow = TypeAdapter(FollowResult).validate_python
_window: Callable[[Any], WindowView] = TypeAdapter[WindowView](WindowView).validate_python


class Call(NamedTuple):
    """A call of the port: whether it changes the world or the body, and how its answer is read."""

    acts: bool
    decode: Callable[[Any], Any]


CALLS: Mapping[str, Call] = {
    "observe": Call(acts=False, decode=_state),
    "scan": Call(acts=False, decode=_region),
    "find_blocks": Call(acts=False, decode=_cells),
    "entities": Call(acts=False, decode=_entities),
    "window": Call(acts=False, decode=_window),
    "follow": Call(acts=True, decode=_follow),
    "open_container": Call(acts=True, decode=_window),
    "put": Call(acts=True, decode=_window),
    "take": Call(acts=True, decode=_window),
    **{
        name: Call(acts=True, decode=_nothing)
        for name in (
            "look_at",
            "dig",
            "place",
            "equip",
            "unequip",
            "craft",
            "toss",
            "consume",
            "use_block",
            "use_item",
            "raise_shield",
            "attack",
            "close_window",
            "sleep",
            "wake",
            "chat",
            "respawn",
            "stop",
        )
    },
}


def decode_event(data: Mapping[str, Any]) -> dict[str, Any]:
    """An event's data with positions as tuples, as bodies give them."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in data.items()}
