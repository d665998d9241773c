"""The canonical JSON (RFC 8785) that hashes are taken over: of journals, of trees, of documents.

Written here because the journal writes it for every event and the compiler for every tree: it is
several times as fast as the `rfc8785` package, which stays the oracle of its tests.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from json.encoder import encode_basestring
from typing import Any

from conscious_bot.contracts.errors import ConsciousBotError

__all__ = ["CanonicalError", "canonical_json"]

_SAFE = 2**53 - 1  # beyond it a number has no exact double, which RFC 8785 asks for


class CanonicalError(ConsciousBotError):
    """A value that JSON cannot carry exactly: not finite, too large, no JSON type, a broken string. A caller's bug."""


def canonical_json(value: Any) -> str:
    """The one RFC 8785 spelling of a JSON value. Tuples count as lists. Raises `CanonicalError`."""
    parts: list[str] = []
    try:
        _write(value, parts.append)
        text = "".join(parts)
        text.encode()  # a lone surrogate has no UTF-8 form
    except RecursionError as error:
        raise CanonicalError("nested too deeply") from error
    except UnicodeEncodeError as error:
        raise CanonicalError(f"a string that is no text: {error}") from error
    return text


def _write(value: Any, out: Callable[[str], None]) -> None:
    kind = type(value)
    # The exact types first: nearly every value has one, and asking for an abstract class is slow.
    if kind is str:
        out(encode_basestring(value))
    elif kind is dict:
        _write_object(value, out)
    elif kind is list or kind is tuple:
        _write_list(value, out)
    elif kind is int:
        _write_int(value, out)
    elif kind is float:
        out(_number(value))
    elif value is True:
        out("true")
    elif value is False:
        out("false")
    elif value is None:
        out("null")
    elif isinstance(value, str):
        out(encode_basestring(value))
    elif isinstance(value, int):
        _write_int(value, out)
    elif isinstance(value, float):
        out(_number(value))
    elif isinstance(value, Mapping):
        _write_object(value, out)
    elif isinstance(value, (list, tuple)):
        _write_list(value, out)
    else:
        raise CanonicalError(f"a value of type {kind.__name__} is no JSON")


def _write_int(value: int, out: Callable[[str], None]) -> None:
    if not -_SAFE <= value <= _SAFE:
        raise CanonicalError(f"an integer of {value.bit_length()} bits is too large to be exact")
    out(int.__repr__(value))


def _write_list(value: Sequence[Any], out: Callable[[str], None]) -> None:
    sign = "["
    for one in value:
        out(sign)
        _write(one, out)
        sign = ","
    out("]" if sign == "," else "[]")


def _write_object(value: Mapping[Any, Any], out: Callable[[str], None]) -> None:
    sign = "{"
    try:
        keys = sorted(value)
        if keys and not "".join(keys).isascii():
            keys.sort(key=_utf16)
    except TypeError as error:
        raise CanonicalError("a key that is no string") from error
    for key in keys:
        out(sign)
        out(encode_basestring(key))
        out(":")
        _write(value[key], out)
        sign = ","
    out("}" if sign == "," else "{}")


def _utf16(key: str) -> bytes:
    # RFC 8785 sorts by UTF-16 code units, which differs from code points beyond the basic plane.
    return key.encode("utf-16-be")


def _number(value: float) -> str:
    """ECMAScript's spelling of a double: the same shortest digits as Python's, placed differently."""
    if not math.isfinite(value):
        raise CanonicalError(f"the number {value} is not finite")
    if value == 0:
        return "0"
    text = float.__repr__(value)
    if "e" not in text:
        # Python changes to exponents below 1e-4 and from 1e16 on, ECMAScript below 1e-6 and from 1e21 on.
        return text.removesuffix(".0")
    mantissa, _, exponent = text.partition("e")
    power = int(exponent)
    sign = "-" if mantissa[0] == "-" else ""
    digits = mantissa.lstrip("-").replace(".", "")
    if 0 <= power < 21:
        return f"{sign}{digits.ljust(power + 1, '0')}"
    if -7 < power < 0:
        return f"{sign}0.{'0' * (-power - 1)}{digits}"
    point = f"{digits[0]}.{digits[1:]}" if len(digits) > 1 else digits
    return f"{sign}{point}e{'+' if power > 0 else '-'}{abs(power)}"
