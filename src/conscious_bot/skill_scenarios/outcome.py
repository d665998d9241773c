"""What every skill scenario is and gives: a seed and a folder in, checks and a report out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conscious_bot.registry.sandbox import Sandbox

__all__ = ["Check", "Outcome", "SkillScenario"]


@dataclass(frozen=True, slots=True)
class Check:
    """Something that has to hold at the end, and what was seen."""

    name: str
    ok: bool
    observed: Any

    def wire(self) -> dict[str, Any]:
        """The JSON form, as predicates have it."""
        return {"name": self.name, "ok": self.ok, "observed": self.observed}


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of a scenario. `report` holds the figures, reasons and ids; `journal` is the registry's."""

    checks: tuple[Check, ...]
    report: dict[str, Any]
    journal: Path
    virtual_seconds: float = 0.0
    leaves: int = 0
    failed: int = 0
    deaths: int = 0


@dataclass(frozen=True, slots=True)
class SkillScenario:
    """A scenario about skills themselves: it runs options in worlds of its own and moves them through a registry."""

    id: str
    requirement: str
    title: str
    play: Callable[[int, Path, Sandbox | None], Outcome]
    """With a seed, in a new folder; with a sandbox that runs already, or one of its own."""
