"""A registry on a journal of its own, with leaves, principals and a clock that stands still unless moved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from conscious_bot.behavior import LeafIndex
from conscious_bot.contracts import CapabilityStatus, LeafSpec, Permission, RegistryRecord, StatusChange
from conscious_bot.memory.journal import Journal
from conscious_bot.registry.capabilities import CapabilityRegistry
from conscious_bot.registry.pipeline import Pipeline
from conscious_bot.registry.principals import Policy, Principal, Role
from conscious_bot.registry.quotas import Quotas
from conscious_bot.registry.store import RegistryStore

OPERATOR = Principal("olga", Role.OPERATOR)
PROPOSER = Principal("model", Role.PROPOSER)
SIGNER = Principal("sam", Role.SIGNER)
VIEWER = Principal("vera", Role.VIEWER)


def spec(name: str, *permissions: Permission, version: str = "1.0.0") -> LeafSpec:
    return LeafSpec(
        name=name,
        version=version,
        description=name,
        input_schema={"type": "object", "additionalProperties": False},
        timeout_ms=10_000,
        retries=0,
        permissions=frozenset(permissions),
    )


LEAVES = LeafIndex((spec("wait"), spec("walk", Permission.MOVEMENT), spec("shout", Permission.CHAT)))


def option(name: str = "opt.thing", version: str = "1.0.0", leaf: str = "wait", **more: Any) -> dict[str, Any]:
    tree = {"type": "Leaf", "name": leaf, "args": {}}
    return {"id": name, "version": version, "tree": tree, "provenance": {"authoredBy": "human"}, **more}


@dataclass
class Verdict:
    """What a sandbox answers in tests of the stages around it."""

    passed: bool = True

    def summary(self) -> str:
        return "a test failed"

    def wire(self) -> dict[str, object]:
        return {"passed": self.passed}


@dataclass
class House:
    """A registry and what it stands on."""

    folder: Path
    quotas: Quotas = field(default_factory=Quotas)
    time: float = 1_700_000_000.0
    verdict: Verdict = field(default_factory=Verdict)
    tried: list[str] = field(default_factory=list)
    heard: list[tuple[str, CapabilityStatus]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        self.journal = Journal.open(self.folder / "journal.sqlite")
        self.registry = CapabilityRegistry(
            RegistryStore(self.journal), clock=lambda: 0.0, wall=lambda: self.time, quotas=self.quotas
        )
        self.registry.subscribe(self._hear)
        self.pipeline = Pipeline(self.registry, lambda: LEAVES, Policy(), self._try, ("fixtures/a.json",), 600.0)

    def reopen(self) -> None:
        self.journal.close()
        self.open()

    def register(self, *args: Any, by: Principal = OPERATOR, **more: Any) -> str:
        return self.pipeline.register(option(*args, **more), by).id

    def _hear(self, record: RegistryRecord, change: StatusChange) -> None:
        self.heard.append((change.id, record.status))

    def _try(self, compiled: Any) -> Verdict:
        self.tried.append(compiled.document.capability)
        return self.verdict


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.journal.close()


@pytest.fixture
def new_house(tmp_path: Path) -> Iterator[Any]:
    made: list[House] = []

    def make(**quotas: int) -> House:
        made.append(House(tmp_path, Quotas(**quotas)))
        return made[-1]

    yield make
    for one in made:
        one.journal.close()
