"""The base of every model that crosses a process or a file: camelCase outside, snake_case inside."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

__all__ = ["BlockPos", "Position", "Wire"]

Position = tuple[float, float, float]
"""A point in the world: x east, y up, z south, in blocks."""

BlockPos = tuple[int, int, int]
"""A block cell: the integer corner with the smallest coordinates."""


class Wire(BaseModel):
    """An immutable model whose JSON names are camelCase; both spellings are accepted, unknown keys are not."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        frozen=True,
        extra="forbid",
        ser_json_inf_nan="constants",
    )

    def wire(self) -> dict[str, object]:
        """The JSON form: camelCase names, fields without a value left out."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)
