"""Worlds from a document: blocks by box over a preset, the bot's start and goods, creatures, time, rules.

A document is JSON (`Fixture.read`), or a shipped one by its name (`Fixture.shipped`). It is checked against
the version's tables before anything is made of it; what is wrong is refused with a `UserError` that names
the place in the document and the reason.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from importlib.resources import files
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field, StrictBool, StrictInt, ValidationError

from conscious_bot.contracts import Position, UserError
from conscious_bot.game.tables import Tables
from conscious_bot.simulation.terrain.corridors import FAMILY, corridor_named
from conscious_bot.simulation.terrain.parts import (
    REMEDY,
    FixtureStack,
    Part,
    check_cell,
    check_position,
    check_stacks,
    place_of,
)
from conscious_bot.simulation.terrain.presets import Terrain, VoidTerrain, make_terrain
from conscious_bot.simulation.terrain.visits import Visit
from conscious_bot.simulation.voxels import MIN_Y

__all__ = ["BlockBox", "Fixture", "FixtureBot", "FixtureEntity", "FixtureStack", "FixtureTerrain", "shipped_fixtures"]

_MAX_BYTES = 4 << 20


class _Base(Part):
    """The preset that the blocks are set in; `empty` is nothing at all."""

    preset: Literal["empty", "flat", "void", "default"] = "empty"
    seed: StrictInt = 0


class BlockBox(Part):
    """One block everywhere in a box, both corners included. Later boxes replace earlier ones."""

    box: tuple[tuple[StrictInt, StrictInt, StrictInt], tuple[StrictInt, StrictInt, StrictInt]]
    block: str
    properties: dict[str, str] = Field(default_factory=dict[str, str])


class FixtureBot(Part):
    """Where and how the bot begins. Angles are degrees as the game shows them: yaw 0 is south, 90 west."""

    position: Position
    yaw: float = 0.0
    pitch: float = Field(default=0.0, ge=-90.0, le=90.0)
    health: float = Field(default=20.0, gt=0.0, le=20.0)
    food: StrictInt = Field(default=20, ge=0, le=20)
    inventory: tuple[FixtureStack, ...] = ()


class FixtureEntity(Part):
    """A creature; with `noAi` it stands still."""

    kind: str
    position: Position
    no_ai: StrictBool = Field(default=False, alias="noAI")
    health: float | None = Field(default=None, gt=0.0)


class Fixture(Part):
    """A whole document, checked."""

    format: Literal[1]
    name: str = Field(pattern=r"^[a-z0-9_]{1,64}$")
    description: str = ""
    terrain: _Base = _Base()
    blocks: tuple[BlockBox, ...] = Field(default=(), max_length=10_000)
    bot: FixtureBot
    entities: tuple[FixtureEntity, ...] = Field(default=(), max_length=1_000)
    visitors: tuple[Visit, ...] = Field(default=(), max_length=20)
    """Other players, who do what their scripts say."""
    time: StrictInt = Field(default=1000, ge=0, le=23999)
    weather: Literal["clear", "rain", "thunder"] = "clear"
    difficulty: Literal["peaceful", "easy", "normal", "hard"] = "normal"
    gamerules: dict[str, StrictBool | StrictInt] = Field(default_factory=dict[str, StrictBool | StrictInt])

    @classmethod
    def read(cls, text: str | bytes, tables: Tables) -> Fixture:
        """Parse and check a JSON document. UserError names place and reason."""
        if len(text) > _MAX_BYTES:
            raise UserError(f"the fixture is larger than {_MAX_BYTES >> 20} MiB", "leave out what is not needed")
        try:
            document = json.loads(text, object_pairs_hook=_unique)
        except (ValueError, RecursionError) as error:
            reason = "too deeply nested" if isinstance(error, RecursionError) else str(error)
            raise UserError(f"the fixture is not JSON: {reason}", "correct it there") from error
        return cls.of(document, tables)

    @classmethod
    def of(cls, document: object, tables: Tables) -> Fixture:
        """Check a document that was parsed already (an option's inline fixture)."""
        try:
            fixture = cls.model_validate(document)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            place = place_of(first["loc"])
            raise UserError(f"fixture, {place}: {first['msg']}", REMEDY) from error
        fixture._check(tables)
        return fixture

    @classmethod
    def shipped(cls, name: str, tables: Tables) -> Fixture:
        """A fixture that comes with the package, by its name or as `fixtures/NAME.json`. UserError lists them.

        Besides the documents there is the family of `corridors`.
        """
        plain = name.removeprefix("fixtures/").removesuffix(".json")
        if plain in shipped_fixtures():
            return cls.read((files("conscious_bot.simulation") / "fixtures" / f"{plain}.json").read_bytes(), tables)
        document = corridor_named(plain)
        if document is None:
            known = ", ".join([*shipped_fixtures(), FAMILY])
            raise UserError(f"no fixture {name!r} is shipped", f"choose one of: {known}")
        return cls.of(document, tables)

    def make(self, tables: Tables) -> FixtureTerrain:
        """The terrain of this fixture."""
        return FixtureTerrain(self, tables)

    def _check(self, tables: Tables) -> None:
        """What only the tables can tell."""
        for i, part in enumerate(self.blocks):
            _check_box(part, f"blocks[{i}]", tables)
        check_position(self.bot.position, "fixture, bot.position")
        check_stacks(self.bot.inventory, "fixture, bot.inventory", tables)
        for i, entity in enumerate(self.entities):
            if entity.kind not in tables.entities:
                raise UserError(f"fixture, entities[{i}].kind: {tables.version} has no {entity.kind!r}", REMEDY)
            check_position(entity.position, f"fixture, entities[{i}].position")
        for i, visit in enumerate(self.visitors):
            visit.check(f"fixture, visitors[{i}]", tables)


class FixtureTerrain:
    """A preset with a fixture's boxes in it."""

    def __init__(self, fixture: Fixture, tables: Tables) -> None:
        self.fixture = fixture
        self.preset = f"fixture:{fixture.name}"
        self.seed = fixture.terrain.seed
        base = fixture.terrain.preset
        self._base: Terrain = (
            VoidTerrain(tables, self.seed, platform=False) if base == "empty" else make_terrain(base, self.seed, tables)
        )
        self._boxes = [(b.box[0], b.box[1], tables.state_of(b.block, **b.properties)) for b in fixture.blocks]

    def fill(self, cx: int, cz: int, out: npt.NDArray[np.uint16]) -> int:
        """Make one column; see `ColumnGenerator`."""
        top = self._base.fill(cx, cz, out)
        for (x0, y0, z0), (x1, y1, z1), state in self._boxes:
            low_x, high_x = max(x0 - 16 * cx, 0), min(x1 - 16 * cx, 15)
            low_z, high_z = max(z0 - 16 * cz, 0), min(z1 - 16 * cz, 15)
            if low_x <= high_x and low_z <= high_z:
                out[y0 - MIN_Y : y1 - MIN_Y + 1, low_z : high_z + 1, low_x : high_x + 1] = state
                top = max(top, y1 - MIN_Y + 1)
        return top

    def biome(self, x: int, z: int) -> str:
        """The biome of the preset."""
        return self._base.biome(x, z)


def shipped_fixtures() -> list[str]:
    """The names of the fixtures that come with the package, sorted."""
    folder = files("conscious_bot.simulation") / "fixtures"
    return sorted(entry.name.removesuffix(".json") for entry in folder.iterdir() if entry.name.endswith(".json"))


def _check_box(part: BlockBox, place: str, tables: Tables) -> None:
    low, high = part.box
    for axis, a, b in zip("xyz", low, high, strict=True):
        if a > b:
            raise UserError(f"fixture, {place}.box: {axis} runs from {a} down to {b}", "give the lower corner first")
    check_cell(low, f"fixture, {place}.box[0]")
    check_cell(high, f"fixture, {place}.box[1]")
    if part.block not in tables.blocks:
        raise UserError(f"fixture, {place}.block: {tables.version} has no block {part.block!r}", REMEDY)
    known = dict(tables.blocks[part.block].properties)
    for key, value in part.properties.items():
        if key not in known:
            raise UserError(f"fixture, {place}.properties: {part.block} has no property {key!r}", REMEDY)
        if value not in known[key]:
            allowed = ", ".join(known[key])
            raise UserError(f"fixture, {place}.properties.{key}: {value!r} is none of {allowed}", REMEDY)


def _unique(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object whose keys are all different."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {key!r} stands twice in one object")
        found[key] = value
    return found
