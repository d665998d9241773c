"""The documents' proposal and dark corridors of any length to try it in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from conscious_bot.simulation.terrain.corridors import corridor as family_corridor

PROPOSAL = Path(__file__).parents[2] / "options" / "torch_corridor.json"
_START, _Y, _Z = 88, 12, -35


def proposal() -> dict[str, Any]:
    """The proposal, byte for byte as the documents have it, parsed."""
    return json.loads(PROPOSAL.read_text("utf-8"))


def twin(document: dict[str, Any], *, safe: bool, version: str = "1.0.0") -> dict[str, Any]:
    """The same option with another mind about safety."""
    changed = json.loads(json.dumps(document))
    changed["tree"]["children"][0]["args"]["safe"] = safe
    changed["version"] = version
    return changed


def corridor(length: int, *, torches: int = 32, dirt: int = 16, entities: tuple[Any, ...] = ()) -> dict[str, Any]:
    """A dark corridor of `length` cells from the bot to its end, with eight cells behind the bot."""
    low, high = _START - 24, _START + length + 24
    return {
        "format": 1,
        "name": f"corridor_{length}",
        "blocks": [
            {"box": [[low, 4, _Z - 12], [high, 24, _Z + 12]], "block": "stone"},
            {"box": [[low, 3, _Z - 12], [high, 3, _Z + 12]], "block": "bedrock"},
            {"box": [[_START - 8, _Y, _Z], [_START + length + 10, _Y + 1, _Z]], "block": "air"},
        ],
        "bot": {
            "position": [_START + 0.5, _Y, _Z + 0.5],
            "yaw": -90,
            "inventory": [
                {"item": item, "count": count}
                for item, count in (("torch", torches), ("dirt", dirt), ("stone_shovel", 1))
                if count
            ],
        },
        "entities": list(entities),
        "time": 18000,
        "gamerules": {"doDaylightCycle": False, "doMobSpawning": False, "doWeatherCycle": False},
    }


def with_test(document: dict[str, Any], world: Any, length: int, interval: int, seconds: int = 120) -> dict[str, Any]:
    """The option with one test: that corridor, to its end."""
    test = {
        "name": f"lights {length} cells",
        "world": world,
        "args": {"end": {"x": _START + length, "y": _Y, "z": _Z}, "interval": interval, "hostilesRadius": 10},
        "assert": {"post": ["corridor.light>=8", "reached(end)==true"], "runtime": {"timeoutMs": seconds * 1000}},
    }
    return {**document, "tests": [test]}


def zombie(cells: float, **more: Any) -> dict[str, Any]:
    """A zombie so many cells up the corridor."""
    return {"kind": "zombie", "position": [_START + cells + 0.5, _Y, _Z + 0.5], **more}


def in_family(
    document: dict[str, Any],
    length: int,
    interval: int,
    hostile: str | None = None,
    *,
    prowls: bool = False,
    torches: int | None = None,
) -> dict[str, Any]:
    """The option with one test in a member of the shipped family of corridors, twice again if it may be.

    `prowls` gives a zombie that stays its own will; `torches` are carried instead of enough.
    """
    name = f"corridor_{length}_blocks" + (f"_hostile_{hostile}" if hostile else "")
    world: Any = f"fixtures/{name}.json"
    if prowls or torches is not None:
        world = family_corridor(length, hostile)
        for entity in world["entities"]:
            entity["noAI"] = entity["noAI"] and not prowls
        for stack in world["bot"]["inventory"]:
            if torches is not None and stack["item"] == "torch":
                stack["count"] = torches
    test = {
        "name": name,
        "world": world,
        "args": {"end": {"x": 100, "y": _Y, "z": _Z}, "interval": interval, "hostilesRadius": 10},
        "assert": {
            "post": ["corridor.light>=8", "reached(end)==true"],
            "runtime": {"timeoutMs": 180_000, "maxRetries": 2},
        },
    }
    return {**document, "tests": [test]}
