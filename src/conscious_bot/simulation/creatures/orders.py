"""What `summon` may say about a creature: the few tags of the game's NBT syntax that matter here."""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["Wishes", "read_wishes"]

_TAG = re.compile(r"([A-Za-z]+):(-?[0-9]{1,4}(?:\.[0-9]{1,6})?)([bBsSfFdD]?)")
_KNOWN = ("NoAI", "PersistenceRequired", "Health", "Silent")


class Wishes(NamedTuple):
    """How a creature is to appear. `health` None: its kind's."""

    no_ai: bool = False
    kept: bool = False
    health: float | None = None


def read_wishes(text: str) -> Wishes:
    """Read `{NoAI:1b,Health:10}`; nothing is fine too. ValueError names what cannot be read."""
    if not text:
        return Wishes()
    if not (text.startswith("{") and text.endswith("}")):
        raise ValueError(f"{text!r} is not of the form {{TAG:VALUE,...}}")
    found: dict[str, float] = {}
    for part in filter(None, text[1:-1].split(",")):
        match = _TAG.fullmatch(part)
        if match is None or match[1] not in _KNOWN:
            raise ValueError(f"{part!r} is no tag this world knows ({', '.join(_KNOWN)})")
        found[match[1]] = float(match[2])
    if found.get("Health", 1.0) <= 0:
        raise ValueError("a creature begins with some health")
    return Wishes(bool(found.get("NoAI")), bool(found.get("PersistenceRequired")), found.get("Health"))
