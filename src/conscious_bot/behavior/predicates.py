"""The closed predicate language: one named sensor, compared with a literal or a $arg.

    predicate := sensor [ "(" parameter { "," parameter } ")" ] [ operator right ]
    operator  := ">=" | "<=" | "==" | "!=" | ">" | "<"
    parameter := "$" name | "item:" name | name | number
    right     := number | "true" | "false" | "$" name

A boolean sensor may stand alone (`hostiles_present` means `hostiles_present==true`); booleans know
`==` and `!=` only. There is nothing else: no arithmetic, no `and`, no code.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from conscious_bot.behavior.sensors import SENSORS, ParameterType, SensorSpec, ValueType
from conscious_bot.contracts import ConsciousBotError, FindingCode

__all__ = ["ArgRef", "Predicate", "PredicateError", "SensorCall", "parse_predicate"]

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
}
_MIRRORED: dict[str, Callable[[Any, Any], bool]] = {
    ">=": operator.le,
    "<=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.lt,
    "<": operator.gt,
}
"""The same comparisons with their sides exchanged."""
_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_PREDICATE = re.compile(
    rf"\s*(?P<sensor>{_NAME}(?:\.{_NAME})*)\s*"
    rf"(?:\((?P<parameters>[^()]*)\)\s*)?"
    rf"(?:(?P<operator>>=|<=|==|!=|>|<)\s*(?P<right>\S+)\s*)?",
    re.ASCII,
)
_REFERENCE = re.compile(rf"\$({_NAME})", re.ASCII)
_ITEM = re.compile(r"(?:item:)?([a-z0-9_]+)", re.ASCII)
_BARE = re.compile(_NAME, re.ASCII)
_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,15})?", re.ASCII)
_LONGEST = 200


class PredicateError(ConsciousBotError):
    """A text that is no predicate. Seen by the author of an option, through the linter."""

    def __init__(self, problem: str, code: FindingCode = FindingCode.BAD_PREDICATE) -> None:
        super().__init__(problem)
        self.code = code


@dataclass(frozen=True, slots=True)
class ArgRef:
    """Stands for the value of the tree's argument `name`."""

    name: str

    def __str__(self) -> str:
        return f"${self.name}"


@dataclass(frozen=True, slots=True)
class SensorCall:
    """A sensor with its parameters' values: what the runtime reads."""

    sensor: str
    parameters: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Predicate:
    """A checked predicate. `text` is its canonical spelling."""

    sensor: SensorSpec
    parameters: tuple[ArgRef | str | float | int, ...]
    operator: str
    right: ArgRef | float | int | bool

    @property
    def text(self) -> str:
        """The canonical spelling: no blanks, the comparison always written out."""
        inner = ",".join(
            f"item:{value}" if kind is ParameterType.ITEM and not isinstance(value, ArgRef) else str(value)
            for kind, value in zip(self.sensor.parameters, self.parameters, strict=True)
        )
        right = str(self.right).lower() if isinstance(self.right, bool) else str(self.right)
        return f"{self.sensor.name}{f'({inner})' if inner else ''}{self.operator}{right}"

    @property
    def references(self) -> tuple[str, ...]:
        """The names of the arguments it needs."""
        return tuple(part.name for part in (*self.parameters, self.right) if isinstance(part, ArgRef))

    @property
    def direction(self) -> int:
        """+1 if more is better on the left side, -1 if less is, 0 if it has no order."""
        return {">=": 1, ">": 1, "<=": -1, "<": -1}.get(self.operator, 0)

    @property
    def constant(self) -> bool | None:
        """Its value if the sensor's range alone decides it, as in has(item:torch)>=0; else None."""
        right = self.right
        if isinstance(right, (ArgRef, bool)):
            return None
        low, high = self.sensor.low, self.sensor.high
        if self.operator in ("==", "!="):
            return None if low <= right <= high else self.operator == "!="
        compare = _COMPARE[self.operator]
        at_low, at_high = compare(low, right), compare(high, right)
        return at_low if at_low == at_high else None

    def misfit(self, args: Mapping[str, Any]) -> str | None:
        """What is wrong with the arguments' values for this predicate, None if they fit. They must be bound."""
        for kind, part in zip(self.sensor.parameters, self.parameters, strict=True):
            if isinstance(part, ArgRef) and not _FITS[kind](args[part.name]):
                return f"{part} has to be {_MEANT[kind]} in {self.text}"
        if isinstance(self.right, ArgRef):
            value = args[self.right.name]
            if self.sensor.value is ValueType.BOOLEAN and not isinstance(value, bool):
                return f"{self.right} has to be true or false in {self.text}"
            if self.sensor.value is ValueType.NUMBER and not _is_number(value):
                return f"{self.right} has to be a number in {self.text}"
        return None

    def call(self, args: Mapping[str, Any]) -> SensorCall:
        """What has to be read, with the arguments' values. KeyError if one is unbound."""
        values = (args[part.name] if isinstance(part, ArgRef) else part for part in self.parameters)
        return SensorCall(self.sensor.name, tuple(values))

    def holds(self, reading: float | bool, args: Mapping[str, Any]) -> bool:
        """Whether it is true of this reading of its left side."""
        right = args[self.right.name] if isinstance(self.right, ArgRef) else self.right
        return _COMPARE[self.operator](reading, right)

    def test(self, args: Mapping[str, Any]) -> Callable[[float | bool], bool]:
        """`holds` with the arguments filled in once: a function of the reading alone."""
        right = args[self.right.name] if isinstance(self.right, ArgRef) else self.right
        return partial(_MIRRORED[self.operator], right)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _is_position(value: Any) -> bool:
    return isinstance(value, Mapping) and all(_is_number(value.get(axis)) for axis in ("x", "y", "z"))


_FITS: dict[ParameterType, Callable[[Any], bool]] = {
    ParameterType.ITEM: lambda value: isinstance(value, str),
    ParameterType.POSITION: _is_position,
    ParameterType.NUMBER: _is_number,
}
_MEANT = {
    ParameterType.ITEM: "an item's name",
    ParameterType.POSITION: "a position {x, y, z}",
    ParameterType.NUMBER: "a number",
}


@lru_cache(maxsize=4096)  # the linter, the compiler and every run read the same few texts
def parse_predicate(text: str) -> Predicate:
    """The predicate that a text means. Raises `PredicateError` saying what is wrong and what would be right."""
    if len(text) > _LONGEST:
        raise PredicateError(f"a predicate has at most {_LONGEST} characters")
    match = _PREDICATE.fullmatch(text)
    if match is None:
        detail = f"{text!r} is no predicate; write sensor(parameter)>=number, or a boolean sensor alone"
        raise PredicateError(detail, FindingCode.INLINE_CODE)
    spec = SENSORS.get(match["sensor"])
    if spec is None:
        detail = f"unknown sensor {match['sensor']!r}; known are {', '.join(sorted(SENSORS))}"
        raise PredicateError(detail, FindingCode.UNKNOWN_SENSOR)
    inside = match["parameters"]
    texts = [part.strip() for part in inside.split(",")] if inside is not None and inside.strip() else []
    if len(texts) != len(spec.parameters):
        raise PredicateError(f"{spec.name} takes {len(spec.parameters)} parameters, not {len(texts)}")
    parameters = tuple(_parameter(spec, kind, part) for kind, part in zip(spec.parameters, texts, strict=True))
    if match["operator"] is None:
        if spec.value is not ValueType.BOOLEAN:
            raise PredicateError(f"{spec.name} reads a number; compare it, as in {spec.name}>=1")
        return Predicate(spec, parameters, "==", right=True)
    return Predicate(spec, parameters, match["operator"], _right(spec, match["operator"], match["right"]))


def _parameter(spec: SensorSpec, kind: ParameterType, text: str) -> ArgRef | str | float | int:
    reference = _REFERENCE.fullmatch(text)
    if reference is not None:
        return ArgRef(reference[1])
    if kind is ParameterType.ITEM:
        item = _ITEM.fullmatch(text)
        if item is not None:
            return item[1]
    elif kind is ParameterType.POSITION:
        # The documents write reached(end) for the argument `end`.
        if _BARE.fullmatch(text):
            return ArgRef(text)
    elif _NUMBER.fullmatch(text):
        return _number(text)
    raise PredicateError(f"{spec.name} takes {kind}, and {text!r} is none")


def _right(spec: SensorSpec, sign: str, text: str) -> ArgRef | float | int | bool:
    reference = _REFERENCE.fullmatch(text)
    if spec.value is ValueType.BOOLEAN:
        if sign not in ("==", "!="):
            raise PredicateError(f"{spec.name} reads true or false, which {sign} does not order")
        if text in ("true", "false"):
            return text == "true"
        if reference is None:
            raise PredicateError(f"{spec.name} is compared with true, false or a $arg, not with {text!r}")
    if reference is not None:
        return ArgRef(reference[1])
    if not _NUMBER.fullmatch(text):
        raise PredicateError(f"{spec.name} is compared with a number or a $arg, not with {text!r}")
    return _number(text)


def _number(text: str) -> float | int:
    value = float(text)
    return int(value) if math.isfinite(value) and value.is_integer() else value
