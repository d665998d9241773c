"""The registry with everything that belongs to it, opened on a folder.

It has a store of its own, beside those of the worlds: what a bot can do is not bound to one of them, and
its writes come from the service's thread, where no world may be saved (docs/decisions/0009).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

from conscious_bot.behavior import CompiledOption
from conscious_bot.contracts import UserError
from conscious_bot.leaves.catalogue import default_catalogue
from conscious_bot.memory.journal import Journal
from conscious_bot.registry.capabilities import CapabilityRegistry
from conscious_bot.registry.code_hash import CodeError, check_shipped
from conscious_bot.registry.governor import Governor
from conscious_bot.registry.known_leaves import KnownLeaves
from conscious_bot.registry.live import LiveTurns
from conscious_bot.registry.pipeline import Pipeline
from conscious_bot.registry.principals import Policy
from conscious_bot.registry.quotas import Quotas
from conscious_bot.registry.review import LeafReview
from conscious_bot.registry.sandbox import Sandbox
from conscious_bot.registry.store import RegistryStore
from conscious_bot.registry.trial import SandboxReport
from conscious_bot.simulation.terrain.fixture import shipped_fixtures

__all__ = ["CapabilityDesk", "open_desk"]

_CAP_S = 600.0
"""The Standard time bucket: the bound of an option that sets none itself, and of its p95 duration."""


@dataclass(frozen=True, slots=True)
class CapabilityDesk:
    """Where capabilities are registered, looked up and moved."""

    registry: CapabilityRegistry
    pipeline: Pipeline
    governor: Governor
    turns: LiveTurns
    review: LeafReview
    sandbox: Sandbox


@contextmanager
def open_desk(
    folder: Path,
    quotas: Quotas | None = None,
    sandbox: Sandbox | None = None,
    clock: Callable[[], float] | None = None,
    policy: Policy | None = None,
) -> Generator[CapabilityDesk]:
    """Open or create the registry in a folder. `UserError` if the shipped leaves are not those of the package.

    A sandbox that is given is used and stays open; otherwise the desk has one of its own. `clock` is the run's
    time that events carry; by default the seconds since the desk was opened. `policy` says what options may do.
    """
    try:
        check_shipped(distribution("conscious-bot"))
    except CodeError as error:
        raise UserError(str(error), "install conscious-bot again") from error
    catalogue = default_catalogue()
    began = time.monotonic()
    own = Sandbox() if sandbox is None else sandbox
    with Journal.open(folder / "registry.sqlite", stream="registry") as journal:
        registry = CapabilityRegistry(
            RegistryStore(journal), clock=clock or (lambda: time.monotonic() - began), wall=time.time, quotas=quotas
        )
        fixtures = [f"fixtures/{name}.json" for name in shipped_fixtures()]
        review = LeafReview(registry, folder / "leaves", taken={spec.name for spec in catalogue.specs()})
        leaves = KnownLeaves(registry, review, catalogue)

        def try_out(option: CompiledOption) -> SandboxReport:
            return own.try_out(option, leaves.code_of(option.leaves))

        policy = policy or Policy()
        pipeline = Pipeline(registry, leaves.index, policy, try_out, fixtures, _CAP_S)
        try:
            governor = Governor(registry, budget_s=_CAP_S)
            yield CapabilityDesk(registry, pipeline, governor, LiveTurns(governor, policy), review, own)
        finally:
            if sandbox is None:
                own.close()
