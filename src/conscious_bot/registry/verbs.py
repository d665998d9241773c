"""The verb table: every name a plan may use, and what stands behind it.

One name stands for one behaviour. A verb that is not here cannot be planned and is refused when
dispatched (`unknown_verb`). Each verb has an acceptance check of its own, over the body's state before
and after, beside the leaf's postconditions: the executor asks it after every run (V4). An option stands
here by its exact id for as long as it is active, and brings its own conditions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema_rs

from conscious_bot.behavior import CompiledOption
from conscious_bot.contracts import LeafSpec
from conscious_bot.runtime.options import filled_args
from conscious_bot.world.state import BodyState

__all__ = ["Acceptance", "Capability", "Evidence", "Guard", "VerbTable"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a run left behind: the body before and after, the arguments, and what the leaf reported."""

    pre: BodyState
    post: BodyState
    args: Mapping[str, Any]
    output: Mapping[str, Any]

    def gained(self, item: str) -> int:
        """How many more of the item the bot carries than before."""
        return self.post.inventory.count(item) - self.pre.inventory.count(item)


Guard = Callable[[BodyState, Mapping[str, Any]], str | None]
"""A cheap check before the run: None to let it pass, else why not."""

Acceptance = Callable[[Evidence], str | None]
"""The check after the run: None if the effect is there, else what is missing."""


@dataclass(frozen=True, slots=True)
class Capability:
    """A verb: its contract, its guard, its acceptance."""

    spec: LeafSpec
    guard: Guard
    acceptance: Acceptance

    @property
    def name(self) -> str:
        """The canonical verb."""
        return self.spec.name

    @property
    def id(self) -> str:
        """verb@version."""
        return self.spec.id


class VerbTable:
    """All leaves by verb, and the active options by exact id. Schemas are compiled as leaves are registered.

    Options come and go while plans are made and run: each change is one assignment of a whole mapping, so that
    the registry may make it from whatever thread it is asked on, and it counts from that moment.
    """

    def __init__(self, capabilities: tuple[Capability, ...]) -> None:
        self._capabilities: dict[str, Capability] = {}
        self._validators: dict[str, jsonschema_rs.Validator] = {}
        self._options: Mapping[str, CompiledOption] = {}
        for capability in capabilities:
            if capability.name in self._capabilities:
                raise ValueError(f"two capabilities are called {capability.name}")
            self._capabilities[capability.name] = capability
            self._validators[capability.name] = jsonschema_rs.validator_for(capability.spec.input_schema)

    def __iter__(self) -> Iterator[Capability]:
        return iter(self._capabilities.values())

    def __contains__(self, verb: object) -> bool:
        return verb in self._capabilities or verb in self._options

    def admit(self, option: CompiledOption) -> None:
        """From now on plans may name this option."""
        self._options = {**self._options, option.document.capability: option}

    def withdraw(self, capability: str) -> None:
        """From now on plans may not name this option any more; harmless if it is not here."""
        self._options = {name: option for name, option in self._options.items() if name != capability}

    @property
    def names(self) -> list[str]:
        """Everything that a plan may name, in order."""
        return sorted([*self._capabilities, *self._options])

    def option(self, verb: str) -> CompiledOption | None:
        """The option behind an exact id, while it is active."""
        return self._options.get(verb)

    def get(self, verb: str) -> Capability | None:
        """The capability behind a verb."""
        return self._capabilities.get(verb)

    def args_problem(self, verb: str, args: Mapping[str, Any]) -> str | None:
        """None if the arguments fit the verb's schema, else every finding with its place."""
        option = self._options.get(verb)
        if option is not None:
            return filled_args(option.document.args_schema, args)[1]
        found = [f"{_pointer(e.instance_path)}: {e.message}" for e in self._validators[verb].iter_errors(dict(args))]
        return "; ".join(found) or None


def _pointer(path: list[str | int]) -> str:
    return "/" + "/".join(str(part) for part in path)
