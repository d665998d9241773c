"""Canonical JSON has one spelling, that of RFC 8785."""

import math
import struct
from enum import IntEnum
from types import MappingProxyType
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given, settings
from hypothesis import strategies as st

from conscious_bot.contracts import ExecErrorCode
from conscious_bot.contracts.canonical import CanonicalError, canonical_json

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
)


@given(JSON)
@settings(max_examples=300, deadline=None)
@example({"\U0001f600": 1, "\ufb33": 2, "a": 3})
@example({"é": 1, "e": 2, "\u2028\u2029\x7f\x00\x1f": '\\"\b\f\n\r\t/'})
def test_it_is_spelt_as_the_reference_spells_it(value: Any) -> None:
    assert canonical_json(value).encode() == rfc8785.dumps(value)


@given(st.integers(0, 2**64 - 1))
@settings(max_examples=2000, deadline=None)
def test_every_double_is_spelt_as_the_reference_spells_it(bits: int) -> None:
    value = struct.unpack("<d", bits.to_bytes(8, "little"))[0]
    if math.isfinite(value):
        assert canonical_json(value).encode() == rfc8785.dumps(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1"),
        (-0.0, "0"),
        (1e21, "1e+21"),
        (1e20, "100000000000000000000"),
        (123456789012345680000.0, "123456789012345680000"),
        (1e16, "10000000000000000"),
        (1e-6, "0.000001"),
        (1.5e-6, "0.0000015"),
        (1e-7, "1e-7"),
        (-1.25e-7, "-1.25e-7"),
        (5e-324, "5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (333333333.33333329, "333333333.3333333"),
        ((1, [2]), "[1,[2]]"),
        (MappingProxyType({"a": IntEnum("Size", {"BIG": 7})["BIG"]}), '{"a":7}'),
        (ExecErrorCode.DIG_TIMEOUT, '"dig.timeout"'),
        ({"b": [], "a": {}}, '{"a":{},"b":[]}'),
    ],
)
def test_known_values_have_their_known_spelling(value: Any, text: str) -> None:
    assert canonical_json(value) == text


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        2**53,
        -(2**53),
        {1: 2},
        {1: 2, "a": 3},
        {1, 2},
        b"x",
        object(),
        "\ud800",
        {"\ud800": 1},
    ],
)
def test_what_json_cannot_carry_is_refused(value: Any) -> None:
    with pytest.raises(CanonicalError):
        canonical_json({"value": value})


def test_what_is_nested_too_deeply_is_refused() -> None:
    value: list[Any] = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(CanonicalError, match="deeply"):
        canonical_json(value)
