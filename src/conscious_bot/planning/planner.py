"""From a requirement to a plan of canonical verbs.

The bot's own wishes are deterministic problems and go to Sterling (the documents' HRM planner): things to
have to the progression solver, places to be to navigation, nothing in particular to exploring. A plan
names only verbs that the registry knows; where one is missing the plan fails here, with the reason, and
not in the middle of its execution.
"""

from __future__ import annotations

from collections.abc import Collection

from conscious_bot.contracts import ExecErrorCode, IdSource, Intent, Plan, PlanStep
from conscious_bot.planning.collect import collect_steps
from conscious_bot.planning.drafts import Draft
from conscious_bot.planning.errors import NoPlan
from conscious_bot.planning.exploration import Explored, explore_steps
from conscious_bot.planning.goals import Collect, Eat, Explore, Navigate, Requirement, Stop
from conscious_bot.planning.wording import in_words, number_of
from conscious_bot.registry.verbs import VerbTable
from conscious_bot.world.snapshot import Snapshot

__all__ = ["Explored", "Planner"]


class Planner:
    """Plans for one agent."""

    def __init__(self, verbs: VerbTable, ids: IdSource) -> None:
        self._verbs = verbs
        self._ids = ids

    def plan(
        self,
        requirement: Requirement,
        intent: Intent,
        snapshot: Snapshot,
        explored: Explored,
        lost_stations: Collection[str] = (),
    ) -> Plan:
        """The steps that lead from the snapshot to the requirement. Raises NoPlan with the reason.

        `lost_stations`: workstations that earlier steps of this goal could not get to.
        """
        if not snapshot.state.alive:
            drafts = [Draft("respawn", {}, "the bot died and has to live again first", 1.0)]
        else:
            drafts = self._drafts(requirement, snapshot, explored, lost_stations)
        for draft in drafts:
            if draft.verb not in self._verbs:
                detail = f"to {in_words(requirement)}, the bot would have to {draft.verb}, which it cannot do yet"
                raise NoPlan(ExecErrorCode.UNKNOWN_VERB, detail)
        plan_id = self._ids.new("plan")
        steps = tuple(
            PlanStep(
                step_id=(step_id := self._ids.new("step")),
                type=draft.verb,
                args=draft.args,
                cost=draft.seconds,
                expected_duration_ms=round(draft.seconds * 1000),
                idempotency_key=step_id,
                rationale=draft.why,
            )
            for draft in drafts
        )
        seconds = sum(draft.seconds for draft in drafts)
        why = f"{in_words(requirement)} in {number_of(len(steps), 'step')}, about {number_of(round(seconds), 'second')}"
        reason = intent.context.get("reason", "")
        return Plan(
            plan_id=plan_id,
            intent_id=intent.id,
            planner="sterling",
            steps=steps,
            rationale=f"{why}; {reason}" if reason else why,
            cost=seconds,
        )

    def _drafts(
        self, requirement: Requirement, snapshot: Snapshot, explored: Explored, lost_stations: Collection[str]
    ) -> list[Draft]:
        match requirement:
            case Collect():
                return collect_steps(requirement, snapshot, lost_stations)
            case Navigate(to):
                args = {"goal": {"x": to[0], "y": to[1], "z": to[2]}, "toleranceXZ": 1, "toleranceY": 0}
                here = snapshot.state.block
                paces = abs(to[0] - here[0]) + abs(to[2] - here[2])
                return [Draft("sterling_navigate", args, "that is where it wants to be", paces / 4.3)]
            case Eat():
                return [Draft("consume_food", {}, f"food is {snapshot.state.food} of 20", 1.6)]
            case Explore():
                return explore_steps(snapshot, explored)
            case Stop():
                raise NoPlan(ExecErrorCode.STEP_BAD_ARGS, "there is nothing to plan for standing still")
