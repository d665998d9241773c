"""Input schemas: pieces the leaves share, compiling, defaults, and messages that name the place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import jsonschema_rs

from conscious_bot.contracts import ActionFailed, BlockPos, ExecErrorCode

__all__ = ["ITEM", "POS", "CompiledSchema", "object_schema", "to_pos"]

POS: dict[str, Any] = {
    "anyOf": [
        {"type": "array", "items": {"type": "integer"}, "minItems": 3, "maxItems": 3},
        {
            "type": "object",
            "properties": {"x": {"type": "integer"}, "y": {"type": "integer"}, "z": {"type": "integer"}},
            "required": ["x", "y", "z"],
            "additionalProperties": False,
        },
    ],
    "description": "a block cell, as [x, y, z] or {x, y, z}",
}

ITEM: dict[str, Any] = {"type": "string", "pattern": "^[a-z0-9_]+$", "description": "a name without namespace"}


def object_schema(properties: Mapping[str, Any], required: tuple[str, ...] = ()) -> dict[str, Any]:
    """A closed object: these properties and no others."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
    }


def to_pos(value: Any) -> BlockPos:
    """The cell that an argument of the schema `POS` names."""
    if isinstance(value, Mapping):
        by_name = cast("Mapping[str, int]", value)
        return int(by_name["x"]), int(by_name["y"]), int(by_name["z"])
    x, y, z = cast("tuple[int, int, int]", value)
    return int(x), int(y), int(z)


class CompiledSchema:
    """A JSON Schema, compiled once. ValueError from the constructor if it is none."""

    __slots__ = ("_schema", "_validator")

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._schema = dict(schema)
        try:
            self._validator = jsonschema_rs.Draft202012Validator(self._schema)
        except jsonschema_rs.ValidationError as error:
            raise ValueError(f"not a JSON Schema: {error.message}") from error

    def filled(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """The document with the defaults of the schema's top-level properties where it has none."""
        properties: Mapping[str, Mapping[str, Any]] = self._schema.get("properties", {})
        result = {name: spec["default"] for name, spec in properties.items() if "default" in spec}
        result.update(document)
        return result

    def problem(self, document: Any) -> str | None:
        """What does not fit, as `pointer: message`; several joined by semicolons; None if all fits."""
        if self._validator.is_valid(document):
            return None
        found = [
            f"{''.join(f'/{part}' for part in error.instance_path) or '/'}: {error.message}"
            for error in self._validator.iter_errors(document)
        ]
        return "; ".join(sorted(found)[:5])

    def check(self, document: Any) -> None:
        """Raise step.badArgs naming every pointer that does not fit."""
        problem = self.problem(document)
        if problem is not None:
            raise ActionFailed(ExecErrorCode.STEP_BAD_ARGS, problem)
