"""The family of dark corridors: 5 to 40 blocks long, alone or with a zombie that stays, dies or is led away.

One that stays stands at the end without a will of its own (`noAI`): zombies that lose sight of a player wander
off. The others come at the bot, until somebody deals with them.

All of them end at 100 12 -35. The bot has torches, blocks that break fast, and eight cells to fall back to.
"""

from __future__ import annotations

import re
from typing import Any

__all__ = ["FAMILY", "corridor", "corridor_named"]

FAMILY = "corridor_N_blocks or corridor_N_blocks_hostile_(stays|dies|leaves), N from 5 to 40"
"""How the members are called."""
_NAME = re.compile(r"corridor_([0-9]{1,2})_blocks(?:_hostile_(stays|dies|leaves))?")
_END = 100
_Y, _Z = 12, -35
_BEHIND = 8  # cells behind the bot
_BEYOND = 10  # cells beyond the end
_LEAD = 32  # cells beyond the end to where a zombie is led away
_AHEAD = 5  # cells beyond the end where the zombie stands first
_COMES = 8  # seconds until somebody comes and deals with it
_SWORD = [{"item": "diamond_sword"}]
_SLAY = [{"do": "hold", "item": "diamond_sword"}, {"do": "hit", "target": "zombie", "times": 10}, {"do": "leave"}]


def corridor_named(name: str) -> dict[str, Any] | None:
    """The document of a member of the family; None if the name is none of theirs."""
    found = _NAME.fullmatch(name)
    if found is None or not 5 <= int(found[1]) <= 40:
        return None
    return corridor(int(found[1]), found[2])


def corridor(cells: int, hostile: str | None = None) -> dict[str, Any]:
    """A corridor with so many blocks between the bot and its end. `hostile` is stays, dies, leaves or None."""
    start = _END - cells
    last = _END + (_BEYOND if hostile is None else _LEAD)
    what = "" if hostile is None else f" There is a zombie that {hostile}."
    at = _END if hostile == "stays" else _END + _AHEAD
    zombie = {"kind": "zombie", "position": [at + 0.5, _Y, _Z + 0.5], "noAI": hostile == "stays"}
    visitors: dict[str, list[dict[str, Any]]] = {
        "dies": [_visitor("Guard", _SLAY)],
        "leaves": [
            _visitor(
                "Lure", [{"do": "hit", "target": "zombie"}, {"do": "walk", "to": [_END + _LEAD - 2, _Y, _Z]}, *_SLAY]
            )
        ],
    }
    return {
        "format": 1,
        "name": f"corridor_{cells}_blocks" + (f"_hostile_{hostile}" if hostile else ""),
        "description": f"A dark corridor in the rock by night, {cells} blocks to its end at 100 12 -35.{what}",
        "terrain": {"preset": "empty"},
        "blocks": [
            {"box": [[start - 24, _Y - 8, _Z - 12], [last + 17, _Y + 12, _Z + 12]], "block": "stone"},
            {"box": [[start - 24, _Y - 9, _Z - 12], [last + 17, _Y - 9, _Z + 12]], "block": "bedrock"},
            {"box": [[start - _BEHIND, _Y, _Z], [last, _Y + 1, _Z]], "block": "air"},
        ],
        "bot": {
            "position": [start + 0.5, _Y, _Z + 0.5],
            "yaw": -90,
            "inventory": [
                {"item": "torch", "count": max(16, cells // 2 + 4)},
                {"item": "dirt", "count": 16},
                {"item": "stone_shovel", "count": 1},
            ],
        },
        "entities": [zombie] if hostile else [],
        "visitors": visitors.get(hostile or "", []),
        "time": 18000,
        "gamerules": {"doDaylightCycle": False, "doMobSpawning": False, "doWeatherCycle": False},
    }


def _visitor(name: str, script: list[dict[str, Any]]) -> dict[str, Any]:
    """Somebody who comes in beyond the end, out of the bot's way."""
    place = [_END + _AHEAD + 6, _Y, _Z]
    return {"name": name, "position": place, "after": _COMES, "inventory": _SWORD, "script": script}
