"""An option: a skill as a document. What is in it, before anybody has judged it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from conscious_bot.contracts.base import Wire
from conscious_bot.contracts.leaf import Permission

__all__ = [
    "SEMVER",
    "Author",
    "OptionDocument",
    "OptionProvenance",
    "OptionTest",
    "TestAssertions",
    "TestRuntime",
]

SEMVER = r"^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})(-[0-9A-Za-z.-]{1,64})?$"
"""A version: three numbers and perhaps a pre-release. Build metadata would make two ids of one version."""


class _Document(Wire):
    """Written by others: no infinite numbers, and nothing converted silently."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, frozen=True, extra="forbid", strict=True, allow_inf_nan=False
    )


class Author(StrEnum):
    """Who wrote it."""

    HUMAN = "human"
    LLM = "llm"


def _author(value: object) -> object:
    # The documents write LLM in one place and llm in another; in JSON it is a string either way.
    return Author(value.lower()) if isinstance(value, str) and value.lower() in set(Author) else value


def _permissions(value: object) -> object:
    # JSON has neither sets nor enums.
    known = set(Permission)
    if not isinstance(value, (list, tuple, set, frozenset)) or not all(isinstance(one, str) for one in value):
        return value
    return frozenset(Permission(one) if one in known else one for one in value)


class OptionProvenance(_Document):
    """Where the document comes from, in its author's own words."""

    authored_by: Annotated[Author, BeforeValidator(_author)]
    reflexion_hint_id: str | None = Field(default=None, max_length=200)
    parent: str | None = Field(default=None, max_length=200, description="the id (name@version) it was made from")


class TestRuntime(_Document):
    """How a test is run. Times are virtual milliseconds."""

    __test__ = False  # its name begins as pytest likes it

    timeout_ms: int = Field(default=60_000, gt=0, le=3_600_000)
    max_retries: int = Field(default=0, ge=0, le=5)


class TestAssertions(_Document):
    """What has to hold at the end of a test, beside the option's own postconditions."""

    __test__ = False

    post: list[str] = Field(default_factory=list[str], max_length=32)
    runtime: TestRuntime = TestRuntime()


class OptionTest(_Document):
    """One trial in a world of its own: a shipped fixture by name, or one written out."""

    name: str = Field(min_length=1, max_length=200)
    world: str | dict[str, Any]
    args: dict[str, Any] = Field(default_factory=dict[str, Any])
    expect: TestAssertions = Field(default=TestAssertions(), alias="assert")


class OptionDocument(_Document):
    """A behaviour tree with its contract. `tree` is judged by the grammar, not here.

    Without `permissions` the option declares exactly what its leaves need.
    """

    id: str = Field(pattern=r"^opt\.[a-z][a-z0-9_]{0,63}$")
    version: str = Field(pattern=SEMVER)
    description: str | None = Field(default=None, max_length=2000)
    args_schema: dict[str, Any] = Field(default_factory=lambda: {"type": "object", "properties": {}})
    permissions: Annotated[frozenset[Permission] | None, BeforeValidator(_permissions)] = None
    pre: list[str] = Field(default_factory=list[str], max_length=32)
    post: list[str] = Field(default_factory=list[str], max_length=32)
    tree: dict[str, Any]
    tests: list[OptionTest] = Field(default_factory=list[OptionTest], max_length=64)
    provenance: OptionProvenance = OptionProvenance(authored_by=Author.HUMAN)

    @property
    def capability(self) -> str:
        """id@version."""
        return f"{self.id}@{self.version}"
