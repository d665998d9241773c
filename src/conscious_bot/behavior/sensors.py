"""The sensors that predicates may name: what each takes, what it gives, and what it means.

Only signatures live here. The runtime reads the values from the world; DESIGN decision 9 defines them.
"""

from __future__ import annotations

import math
from enum import StrEnum
from typing import NamedTuple

__all__ = ["SENSORS", "ParameterType", "SensorSpec", "ValueType"]


class ParameterType(StrEnum):
    """What stands in a sensor's parentheses."""

    ITEM = "item"  # `item:torch`, `torch`, or a $arg with an item's name
    POSITION = "position"  # a $arg with x, y, z; the bare name of the argument is accepted
    NUMBER = "number"


class ValueType(StrEnum):
    """What a sensor reads."""

    NUMBER = "number"
    BOOLEAN = "boolean"


class SensorSpec(NamedTuple):
    """A sensor's signature. A number never lies outside of `low` and `high`, both included."""

    name: str
    parameters: tuple[ParameterType, ...]
    value: ValueType
    meaning: str
    low: float = 0.0
    high: float = math.inf


SENSORS: dict[str, SensorSpec] = {
    spec.name: spec
    for spec in (
        SensorSpec("has", (ParameterType.ITEM,), ValueType.NUMBER, "how many of the item the inventory holds"),
        SensorSpec(
            "distance_to",
            (ParameterType.POSITION,),
            ValueType.NUMBER,
            "cells to the position, max(|dx|,|dz|); any difference in height makes it more than 1",
        ),
        SensorSpec(
            "reached",
            (ParameterType.POSITION,),
            ValueType.BOOLEAN,
            "whether the body stands at the position, tolerance 1, at its height",
        ),
        SensorSpec(
            "corridor.light",
            (),
            ValueType.NUMBER,
            "lowest present light over the cells the body stood in since the run began",
            high=15.0,
        ),
        SensorSpec(
            "hostiles_present",
            (),
            ValueType.BOOLEAN,
            "a hostile with sight of or a path to the bot within the radius of the run's last sense_hostiles",
        ),
        SensorSpec("health", (), ValueType.NUMBER, "the body's health, 0 to 20", high=20.0),
        SensorSpec("food", (), ValueType.NUMBER, "the body's food level, 0 to 20", high=20.0),
        SensorSpec("light", (), ValueType.NUMBER, "the light at the body's feet, 0 to 15", high=15.0),
    )
}
"""Every sensor by name. A predicate that names another is refused."""
