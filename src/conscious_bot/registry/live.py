"""Live episodes: the version of an option that is in use, and in its turn the one that wants to replace it.

Forks show what a candidate does to a copy of the world, live episodes what it does to the world itself. They are off
until the policy allows a share. The version in use goes first; a candidate's episode is compared with the
incumbent's before it, so both saw about the same times, and neither chooses its moment.
"""

from __future__ import annotations

from dataclasses import dataclass

from conscious_bot.contracts import CapabilityRun, CapabilityStatus, ExecErrorCode, RegistryRecord
from conscious_bot.registry.governor import Governor
from conscious_bot.registry.principals import Policy
from conscious_bot.registry.refusal import RegistryRefusal

__all__ = ["LiveTurns"]


@dataclass(slots=True)
class _Turns:
    """Of one candidate: how many episodes both had, and the incumbent's that waits for its counterpart."""

    incumbent: int = 0
    candidate: int = 0
    waiting: CapabilityRun | None = None


class LiveTurns:
    """Who has the next live episode of an option, and what each is compared with."""

    def __init__(self, governor: Governor, policy: Policy) -> None:
        self._governor = governor
        self._policy = policy
        self._turns: dict[str, _Turns] = {}

    def choose(self, capability: str) -> RegistryRecord:
        """Whose turn it is when this version is asked for: its own or its candidate's.

        Refuses a version that is not active: what is in shadow alone is never chosen.
        """
        incumbent = self._governor.registry.require(capability)
        if incumbent.status is not CapabilityStatus.ACTIVE:
            raise RegistryRefusal(ExecErrorCode.REGISTRY_NOT_ALLOWED, f"{capability} is {incumbent.status}, not active")
        candidate = self._candidate(incumbent)
        if candidate is None:
            return incumbent
        turns = self._turns.setdefault(candidate.id, _Turns())
        allowed = self._policy.live_share * (turns.incumbent + turns.candidate + 1)
        return candidate if turns.waiting is not None and turns.candidate + 1 <= allowed else incumbent

    def counted(self, run: CapabilityRun) -> CapabilityRun:
        """Count an episode; a candidate's comes back with what the incumbent's before it came to."""
        record = self._governor.registry.require(run.id)
        turns = self._turns.get(run.id)
        if turns is None or record.status is CapabilityStatus.ACTIVE:  # it may have been a candidate once
            candidate = self._candidate(record)
            if candidate is not None:
                turns = self._turns.setdefault(candidate.id, _Turns())
                turns.incumbent += 1
                turns.waiting = run
            return run
        theirs, turns.waiting = turns.waiting, None
        turns.candidate += 1
        if theirs is None:
            return run
        return run.model_copy(
            update={
                "incumbent": theirs.id,
                "incumbent_ok": theirs.ok,
                "incumbent_died": theirs.died,
                "better": _quicker(run, theirs),
            }
        )

    def _candidate(self, incumbent: RegistryRecord) -> RegistryRecord | None:
        """The newest version in shadow that the sandbox has passed, where the policy lets one run live."""
        if not self._policy.live_share or self._governor.registry.resolve(incumbent.name) != incumbent:
            return None
        for record in self._governor.registry.versions(incumbent.name):
            if record.status is CapabilityStatus.SHADOW and self._governor.tried(record.id):
                return record
        return None


def _quicker(mine: CapabilityRun, theirs: CapabilityRun) -> int:
    if not (mine.ok and theirs.ok):
        return 0
    return (mine.seconds < theirs.seconds) - (mine.seconds > theirs.seconds)
