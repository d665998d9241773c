"""Visitors: other players as documents describe them, each with a script of what it does."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StrictBool, StrictInt, ValidationError

from conscious_bot.contracts import BlockPos, UserError
from conscious_bot.game.tables import Tables
from conscious_bot.simulation.terrain.parts import REMEDY, FixtureStack, Part, check_cell, check_stacks, place_of

__all__ = ["Dig", "Hit", "Hold", "Leave", "Place", "Say", "Step", "Toss", "Visit", "Wait", "Walk", "cell_of"]

Spot = (
    tuple[StrictInt, StrictInt, StrictInt]
    | Annotated[str, Field(pattern=r"^(~(-?[0-9]{1,4})?|-?[0-9]{1,8})( (~(-?[0-9]{1,4})?|-?[0-9]{1,8})){2}$")]
)
"""A cell, or one in the words of the game's commands: `~3 ~ ~-2` counts from where the visitor stands."""


class Walk(Part):
    """Walk to a cell; with `~` for its height to the nearest footing above or below. `sneak`: slowly, where level."""

    do: Literal["walk"]
    to: Spot
    sneak: StrictBool = False


class Wait(Part):
    """Stand for so many seconds."""

    do: Literal["wait"]
    seconds: float = Field(gt=0, le=86_400)


class Say(Part):
    """Say something in the chat."""

    do: Literal["say"]
    text: str = Field(min_length=1, max_length=256, pattern="^[^/]")


class Hold(Part):
    """Take an item into the hand."""

    do: Literal["hold"]
    item: str


class Dig(Part):
    """Break a block with what the hand holds."""

    do: Literal["dig"]
    at: Spot


class Place(Part):
    """Put a block into a cell, against whatever is beside it."""

    do: Literal["place"]
    item: str
    at: Spot


class Hit(Part):
    """Go to a player of this name, or the nearest creature of this kind, and strike it."""

    do: Literal["hit"]
    target: str
    times: StrictInt = Field(default=1, ge=1, le=1_000)


class Toss(Part):
    """Throw items straight ahead, or towards a player or the nearest creature of a kind."""

    do: Literal["toss"]
    item: str
    count: StrictInt = Field(default=1, ge=1, le=2_304)
    to: str | None = None


class Leave(Part):
    """Leave the world for good."""

    do: Literal["leave"]


Step = Annotated[Walk | Wait | Say | Hold | Dig | Place | Hit | Toss | Leave, Field(discriminator="do")]


class Visit(Part):
    """A visitor: who it is, when and where it comes, what it carries, what it does and whether over and over.

    `position` with `~` counts from the first player. `after` is in seconds from the world's beginning, or from
    when it was invited.
    """

    name: str = Field(pattern=r"^[A-Za-z0-9_]{3,16}$")
    position: Spot
    after: float = Field(default=0.0, ge=0.0, le=1e6)
    inventory: tuple[FixtureStack, ...] = ()
    script: tuple[Step, ...] = Field(default=(), max_length=1_000)
    repeat: StrictBool = False

    @classmethod
    def read(cls, document: object) -> Visit:
        """A visitor out of a document of its own. UserError names what is wrong with it."""
        try:
            return cls.model_validate(document)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            raise UserError(f"visitor, {place_of(first['loc'])}: {first['msg']}", REMEDY) from error

    def check(self, place: str, tables: Tables) -> None:
        """What only the tables can tell; UserError names the place in the document."""
        check_stacks(self.inventory, f"{place}.inventory", tables)
        if not isinstance(self.position, str):
            check_cell(self.position, f"{place}.position")
        for i, step in enumerate(self.script):
            where = f"{place}.script[{i}]"
            match step:
                case Walk(to=spot) | Dig(at=spot) if not isinstance(spot, str):
                    check_cell(spot, where)
                case Hold(item=item) | Place(item=item) | Toss(item=item) if item not in tables.items:
                    raise UserError(f"{where}.item: {tables.version} has no item {item!r}", REMEDY)
                case Place(item=item) if tables.items[item].block is None:
                    raise UserError(f"{where}.item: {item} is no block", REMEDY)
                case Place(at=spot) if not isinstance(spot, str):
                    check_cell(spot, where)
                case _:
                    pass


def cell_of(spot: BlockPos | str, origin: BlockPos) -> BlockPos:
    """The cell that is meant, seen from `origin`."""
    if not isinstance(spot, str):
        return spot
    x, y, z = (
        base + int(word[1:] or 0) if word.startswith("~") else int(word)
        for word, base in zip(spot.split(), origin, strict=True)
    )
    return x, y, z
