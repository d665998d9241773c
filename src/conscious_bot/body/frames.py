"""The wire format between brain and driver, as `body-driver/PROTOCOL.md` describes it."""

from __future__ import annotations

import json
import struct
from typing import Any, NamedTuple, cast

__all__ = ["MAX_HEADER_BYTES", "MAX_PAYLOAD_BYTES", "Frame", "FrameDecoder", "FrameError", "encode_frame"]

MAX_HEADER_BYTES = 1 << 20
MAX_PAYLOAD_BYTES = 64 << 20

_PREFIX = struct.Struct(">II")


class FrameError(Exception):
    """The stream is not made of frames; nothing after this point can be trusted. Seen by this room only."""


class Frame(NamedTuple):
    """One message: a JSON object and the raw bytes that go with it."""

    header: dict[str, Any]
    payload: bytes


def encode_frame(header: dict[str, Any], payload: bytes = b"") -> bytes:
    """The bytes of one frame. Raises FrameError if a part is too long."""
    head = json.dumps(header, separators=(",", ":"), allow_nan=False).encode()
    if len(head) > MAX_HEADER_BYTES:
        raise FrameError(f"a header of {len(head)} bytes is too long")
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise FrameError(f"a payload of {len(payload)} bytes is too long")
    return _PREFIX.pack(len(head), len(payload)) + head + payload


class FrameDecoder:
    """Cuts a byte stream, however it arrives, into frames."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._dead = False

    @property
    def clean(self) -> bool:
        """Whether the stream may end here: no frame has been begun."""
        return not self._dead and not self._held

    def push(self, data: bytes) -> list[Frame]:
        """The frames that these next bytes complete. Raises FrameError, and from then on always."""
        if self._dead:
            raise FrameError("the stream is broken")
        self._held += data
        frames: list[Frame] = []
        try:
            while (frame := self._next()) is not None:
                frames.append(frame)
        except FrameError:
            self._dead = True
            raise
        return frames

    def _next(self) -> Frame | None:
        if len(self._held) < _PREFIX.size:
            return None
        header_bytes, payload_bytes = _PREFIX.unpack_from(self._held)
        if not 2 <= header_bytes <= MAX_HEADER_BYTES:
            raise FrameError(f"a header of {header_bytes} bytes")
        if payload_bytes > MAX_PAYLOAD_BYTES:
            raise FrameError(f"a payload of {payload_bytes} bytes")
        payload_at = _PREFIX.size + header_bytes
        end = payload_at + payload_bytes
        if len(self._held) < end:
            return None
        header = _parse(bytes(self._held[_PREFIX.size : payload_at]))
        payload = bytes(self._held[payload_at:end])
        del self._held[:end]
        return Frame(header, payload)


def _parse(data: bytes) -> dict[str, Any]:
    try:
        header: object = json.loads(data.decode())
    except (ValueError, RecursionError) as error:
        raise FrameError("a header that is not JSON in UTF-8") from error
    if not isinstance(header, dict):
        raise FrameError("a header that is not an object")
    return cast("dict[str, Any]", header)
