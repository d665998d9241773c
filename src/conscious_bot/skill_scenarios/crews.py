"""The options that a mine's crew works with, compiled."""

from __future__ import annotations

import json
from typing import Any

from conscious_bot.behavior import CompiledOption, LeafIndex, compile_option
from conscious_bot.contracts import OptionDocument
from conscious_bot.leaves.catalogue import LeafCatalogue
from conscious_bot.registry.shipped import shipped_options
from conscious_bot.skill_scenarios.shift import Crew

__all__ = ["compiled", "crew_with", "walking"]

_CAP_S = 600.0
_WALK: dict[str, Any] = {
    "id": "opt.walk_there",
    "version": "1.0.0",
    "description": "Walks to a place, light or dark, and digs its way where none leads.",
    "argsSchema": {"type": "object", "properties": {"end": {"type": "object"}}, "required": ["end"]},
    "post": ["reached(end)==true"],
    "tree": {"type": "Leaf", "name": "sterling_navigate", "args": {"goal": "$end"}},
}
"""What the bot did before it had anything better."""


def compiled(spec: dict[str, Any] | None, catalogue: LeafCatalogue) -> CompiledOption:
    """A document or a record's spec as the runtime wants it. ValueError if the spec is gone."""
    if spec is None:
        raise ValueError("the option's document was garbage-collected")
    return compile_option(OptionDocument.model_validate(spec), LeafIndex(catalogue.specs()), cap_s=_CAP_S)


def walking(catalogue: LeafCatalogue) -> CompiledOption:
    """The way in without a skill for it."""
    return compiled(_WALK, catalogue)


def crew_with(way_in: CompiledOption, catalogue: LeafCatalogue) -> Crew:
    """The shipped work and refuge, and this way in."""
    shipped = shipped_options()
    return Crew(
        way_in=way_in,
        walk=walking(catalogue),
        work=compiled(json.loads(shipped["ore_ladder_iron"]), catalogue),
        refuge=compiled(json.loads(shipped["retreat_and_block"]), catalogue),
    )
