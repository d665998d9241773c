"""What the scenarios of governed skills share: the proposal's way to being used, by registry and evidence alone."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conscious_bot.behavior import CompiledOption
from conscious_bot.contracts import RunMode, StatusChange
from conscious_bot.game.tables import Tables
from conscious_bot.leaves.catalogue import LeafCatalogue, default_catalogue
from conscious_bot.registry.desk import CapabilityDesk, open_desk
from conscious_bot.registry.pipeline import Registration
from conscious_bot.registry.principals import Principal, Role
from conscious_bot.registry.quotas import Quotas
from conscious_bot.registry.reports import run_of
from conscious_bot.registry.sandbox import Sandbox, SandboxLimits
from conscious_bot.registry.shadow import Start, run_trials
from conscious_bot.registry.shipped import shipped_options
from conscious_bot.runtime.options import OptionResult
from conscious_bot.skill_scenarios.crews import compiled
from conscious_bot.skill_scenarios.mine import Mine

__all__ = ["NAME", "PATIENT", "PROPOSER", "House", "Plant", "change_wire", "open_house"]

NAME = "opt.torch_corridor"
PROPOSER = Principal("reflexion", Role.PROPOSER)
_SHADOW_NIGHTS = 1000
"""Nights from this number on are those of the shadow runs: none of them is worked in."""
_QUOTAS = Quotas(executions_per_min=100_000)
"""Days pass in a minute here: a limit for one minute of the wall would stop a fast machine."""
PATIENT = SandboxLimits(wall_s=1800, start_s=1800)
"""What is asked here is what a skill does, not how fast the machine is, nor what else runs on it."""

Plant = Callable[[Mine, dict[str, Any]], None]


@dataclass(slots=True)
class Lived:
    """The registry's time: what the bot has lived through, in virtual seconds. Shadow runs take none of it."""

    seconds: float = 0.0

    def now(self) -> float:
        """See `Clock`."""
        return self.seconds


@dataclass(frozen=True, slots=True)
class House:
    """A mine, and a registry on a folder of its own."""

    mine: Mine
    lived: Lived
    desk: CapabilityDesk
    tables: Tables
    catalogue: LeafCatalogue

    def register(self) -> Registration:
        """The documents' proposal, byte for byte, through every stage of the pipeline."""
        return self.desk.pipeline.register(json.loads(shipped_options()["torch_corridor"]), PROPOSER)

    def chosen(self) -> CompiledOption | None:
        """What a planner would choose now for the way in: the active option, if there is one."""
        record = self.desk.registry.resolve(NAME)
        return None if record is None else compiled(record.spec, self.catalogue)

    def shadow(self, capability: str, plant: Plant | None = None) -> StatusChange | None:
        """Shadow runs from forks of the mine, each on a night of its own, until the evidence decides."""
        option = compiled(self.desk.registry.require(capability).spec, self.catalogue)
        nights = itertools.islice(self._starts(plant), self.desk.governor.rule.max_runs)
        return run_trials(self.desk.governor, option, None, nights, self.catalogue)

    def note_live(self, capability: str, night: int, result: OptionResult, *, died: bool) -> StatusChange | None:
        """Tell the governor of a live run; what it decided by it."""
        start = f"mine {self.mine.seed}, night {night}"
        run = run_of(capability, RunMode.LIVE, start, result, died=died, at=self.desk.registry.wall())
        return self.desk.governor.note(run)

    def args(self) -> dict[str, Any]:
        """The way in as the option takes it."""
        return {"end": dict(zip("xyz", self.mine.face, strict=True))}

    def _starts(self, plant: Plant | None) -> Iterator[Start]:
        for number in itertools.count(_SHADOW_NIGHTS):
            name = f"mine {self.mine.seed}, night {number}"
            yield Start(name, self.mine.night(number, self.tables, plant), self.args())


@contextmanager
def open_house(mine: Mine, folder: Path, sandbox: Sandbox | None = None) -> Generator[House]:
    """A mine, and a registry in the folder. `sandbox` saves starting another one."""
    lived = Lived()
    with ExitStack() as stack:
        if sandbox is None:
            sandbox = stack.enter_context(closing(Sandbox(PATIENT)))
        desk = stack.enter_context(open_desk(folder, _QUOTAS, sandbox, lived.now))
        yield House(mine, lived, desk, Tables.builtin(), default_catalogue())


def change_wire(change: StatusChange | None) -> dict[str, Any] | None:
    """A change of status for a report."""
    return None if change is None else change.wire()
