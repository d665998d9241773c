"""What people ask of the bot through the service, and what it answers.

The service hands a command to the agent and passes the reply on; it decides nothing itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import AliasChoices, Field

from conscious_bot.contracts import BlockPos, Wire
from conscious_bot.game.tables import Tables
from conscious_bot.world.region import VoxelRegion

__all__ = [
    "Act",
    "Command",
    "CommandReply",
    "ExecuteGoal",
    "ExecuteSteps",
    "ScanWorld",
    "ScannedWorld",
    "StepRequest",
    "Suggestion",
    "ViewerControl",
]

Text = Field(min_length=1, max_length=500)


class Suggestion(Wire):
    """A thought from outside ("get 1 stone_pickaxe"). The bot may refuse it and says why."""

    text: str = Text
    source: str = Field(default="user", min_length=1, max_length=64)


class ExecuteGoal(Wire):
    """An order: pursue this goal now, in the goal grammar."""

    goal: str = Text


class StepRequest(Wire):
    """One step to run as it stands; the agent gives it an id."""

    type: str = Field(min_length=1, max_length=200, validation_alias=AliasChoices("type", "option_id", "optionId"))
    args: dict[str, Any] = Field(default_factory=dict)


class ExecuteSteps(Wire):
    """An order: run these steps, in order, each verified like any other."""

    steps: tuple[StepRequest, ...] = Field(min_length=1, max_length=100)


class Act(Wire):
    """One action of the action contract registry, with parameters as callers write them."""

    type: str = Field(min_length=1, max_length=200)
    parameters: dict[str, Any] = Field(default_factory=dict)


class ViewerControl(Wire):
    """A wish of the live view: publish the surroundings again, this many blocks around the bot."""

    radius: int | None = Field(default=None, ge=8, le=64)


class ScanWorld(Wire):
    """A look at a box of the world. Without `corner`, its lowest cell, the box lies around the bot."""

    corner: BlockPos | None = None
    size: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class ScannedWorld:
    """What was seen, and the tables that say what its states are."""

    region: VoxelRegion
    tables: Tables


Command = Suggestion | Act | ExecuteGoal | ExecuteSteps | ViewerControl | ScanWorld


class CommandReply(Wire):
    """The bot's answer. `reason` is a sentence for people; `id` names the intent or plan that came of it."""

    accepted: bool
    reason: str
    id: str | None = None
