"""The wire format: whatever is sent arrives, however it is cut; whatever is not a frame is refused once and for all."""

from __future__ import annotations

import contextlib
import itertools
import struct

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conscious_bot.body.frames import MAX_HEADER_BYTES, MAX_PAYLOAD_BYTES, Frame, FrameDecoder, FrameError, encode_frame

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
_headers = st.dictionaries(st.text(), _json, max_size=5)
_frames = st.lists(st.tuples(_headers, st.binary(max_size=64)), max_size=6)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)  # the machine may be busy
@given(_frames, st.lists(st.floats(0, 1), max_size=12))
def test_frames_arrive_as_they_were_sent_however_the_stream_is_cut(frames, cuts) -> None:
    stream = b"".join(encode_frame(header, payload) for header, payload in frames)
    places = sorted(int(cut * len(stream)) for cut in cuts)
    decoder = FrameDecoder()
    arrived: list[Frame] = []
    for start, end in itertools.pairwise([0, *places, len(stream)]):
        arrived += decoder.push(stream[start:end])
    assert arrived == [Frame(header, payload) for header, payload in frames]
    assert decoder.clean


@given(st.binary(max_size=200))
def test_arbitrary_bytes_give_frames_or_a_frame_error_and_nothing_else(noise) -> None:
    decoder = FrameDecoder()
    try:
        frames = decoder.push(noise)
    except FrameError:
        assert not decoder.clean
        with pytest.raises(FrameError):
            decoder.push(encode_frame({"t": "ok"}))
    else:
        for frame in frames:
            assert isinstance(frame.header, dict)


@given(_headers, st.binary(max_size=32), st.data())
def test_one_flipped_byte_never_escapes_as_another_error(header, payload, data) -> None:
    stream = bytearray(encode_frame(header, payload))
    stream[data.draw(st.integers(0, len(stream) - 1))] ^= data.draw(st.integers(1, 255))
    with contextlib.suppress(FrameError):
        FrameDecoder().push(bytes(stream))


@pytest.mark.parametrize(
    "head",
    [
        struct.pack(">II", 0, 0),
        struct.pack(">II", MAX_HEADER_BYTES + 1, 0),
        struct.pack(">II", 2, MAX_PAYLOAD_BYTES + 1),
        struct.pack(">II", 2, 0) + b"[]",
        struct.pack(">II", 4, 0) + b"null",
        struct.pack(">II", 2, 0) + b"\xff\xff",
        struct.pack(">II", 4000, 0) + b"[" * 4000,
    ],
)
def test_what_is_no_frame_is_refused(head) -> None:
    with pytest.raises(FrameError):
        FrameDecoder().push(head)


def test_a_payload_or_a_header_that_is_too_long_is_not_sent() -> None:
    with pytest.raises(FrameError):
        encode_frame({"text": "x" * MAX_HEADER_BYTES})
    with pytest.raises(FrameError):
        encode_frame({}, bytes(MAX_PAYLOAD_BYTES + 1))


def test_a_frame_that_has_begun_is_not_a_clean_end() -> None:
    decoder = FrameDecoder()
    decoder.push(encode_frame({"t": "ok"})[:5])
    assert not decoder.clean
