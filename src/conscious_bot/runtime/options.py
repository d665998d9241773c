"""Running one option on one body: its arguments, its pre- and postconditions, and its tree in between.

What the linter judged on paper is held to here again: exact leaf versions, declared permissions, bounds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jsonschema_rs

from conscious_bot.behavior import CompiledOption, Reading, SensorCall, parse_predicate
from conscious_bot.body.port import Body
from conscious_bot.contracts import (
    ActionFailed,
    ActionResult,
    BlockPos,
    Clock,
    ExecError,
    ExecErrorCode,
    Permission,
    Provenance,
    Wire,
)
from conscious_bot.leaves.run_state import RunState
from conscious_bot.leaves.runner import LeafRunner
from conscious_bot.runtime.driver import LeafCall, LeafRun, TickRecord, run_tree
from conscious_bot.runtime.readings import read
from conscious_bot.runtime.witness import Bounds, violation

__all__ = ["Judgement", "OptionResult", "OptionRunner", "filled_args"]


class Judgement(Wire):
    """A predicate, whether it holds, and what was read (None if it could not be read)."""

    name: str
    ok: bool
    observed: float | bool | None = None


class OptionResult(Wire):
    """The end of an option. It is ok if its tree succeeded and every postcondition was seen to hold.

    `violation` is what it did that it must not do, if there was something; that is no failure by itself.
    """

    ok: bool
    error: ExecError | None = None
    violation: str | None = None
    changed: bool = False
    pre: tuple[Judgement, ...] = ()
    post: tuple[Judgement, ...] = ()
    started_at: float
    ended_at: float
    leaves: tuple[LeafRun, ...] = ()


class OptionRunner:
    """Runs options on one body, which keeps to the `bounds`; the runner's hands are expected to know them too."""

    def __init__(self, body: Body, runner: LeafRunner, clock: Clock, bounds: Bounds | None = None) -> None:
        self._body = body
        self._runner = runner
        self._clock = clock
        self._bounds = bounds or Bounds(policy=runner.policy)

    async def run(
        self,
        option: CompiledOption,
        args: Mapping[str, Any],
        on_tick: Callable[[TickRecord], None],
        *,
        state: RunState | None = None,
        also: tuple[str, ...] = (),
        limit_s: float | None = None,
        provenance: Provenance | None = None,
    ) -> OptionResult:
        """Run to the end, `limit_s` seconds at the longest and never longer than the option's own bound.

        `also` are postconditions beside the option's own. They are all judged after a failure as well.
        `provenance` says which step it is run for.
        Raises CancelledError only, when the body stands still.
        """
        document = option.document
        state = state or RunState()
        filled, problem = filled_args(document.args_schema, args)
        started = self._clock.now()
        if problem is not None:
            return self._failed(started, ExecError.of(ExecErrorCode.STEP_BAD_ARGS, problem))
        pre = await self._judge(tuple(document.pre), filled, state)
        missing = [one.name for one in pre if not one.ok]
        if missing:
            error = ExecError.of(ExecErrorCode.PRECOND_MISSING, f"does not hold: {', '.join(missing)}")
            return self._failed(started, error, pre)

        async def sense(call: SensorCall) -> Reading:
            return await read(call, self._body, state)

        async def cell() -> BlockPos:
            return (await self._body.observe()).block

        exact = {one.partition("@")[0]: one for one in option.leaves}
        known = frozenset(state.cells)  # where runs before this one have been
        behind = (provenance or Provenance()).model_copy(update={"capability": document.capability})

        async def run_leaf(name: str, leaf_args: Mapping[str, Any], _call: LeafCall) -> ActionResult:
            leaf = self._runner.catalogue.get(exact[name])
            lacking = frozenset[Permission]()
            if leaf is not None:
                lacking = leaf.spec.permissions_for(leaf.inputs.filled(leaf_args)) - option.permissions
            if lacking:
                now = self._clock.now()
                detail = (
                    f"{exact[name]} needs {', '.join(sorted(lacking))}, which {document.capability} has not declared"
                )
                error = ExecError.of(ExecErrorCode.PERMISSION_DENIED, detail)
                return ActionResult(ok=False, error=error, started_at=now, ended_at=now)
            return await self._runner.run(exact[name], leaf_args, provenance=behind, state=state)

        bound = option.bound_s if limit_s is None else min(limit_s, option.bound_s)
        tree = await run_tree(
            option.program, filled, run_leaf, self._clock, on_tick, deadline=started + bound, sense=sense, cell=cell
        )
        post = await self._judge((*document.post, *(one for one in also if one not in document.post)), filled, state)
        unmet = [one.name for one in post if not one.ok]
        error = tree.error
        if error is None and unmet:
            error = ExecError.of(ExecErrorCode.EFFECTS_UNMET, f"does not hold: {', '.join(unmet)}")
        if error is not None and state.wall:
            # The tree would begin inside the wall that it left closed: it cannot be tried again as it stands.
            error = error.model_copy(update={"retryable": False})
        return OptionResult(
            ok=error is None,
            error=error,
            violation=violation(self._bounds, tree.leaves, (cell for cell in state.cells if cell not in known)),
            changed=tree.changed,
            pre=pre,
            post=post,
            started_at=started,
            ended_at=self._clock.now(),
            leaves=tree.leaves,
        )

    def _failed(self, started: float, error: ExecError, pre: tuple[Judgement, ...] = ()) -> OptionResult:
        return OptionResult(ok=False, error=error, pre=pre, started_at=started, ended_at=self._clock.now())

    async def _judge(self, texts: tuple[str, ...], args: Mapping[str, Any], state: RunState) -> tuple[Judgement, ...]:
        found: list[Judgement] = []
        for text in texts:
            predicate = parse_predicate(text)
            try:
                observed = await read(predicate.call(args), self._body, state)
            except ActionFailed:
                found.append(Judgement(name=text, ok=False))
                continue
            found.append(Judgement(name=text, ok=predicate.holds(observed, args), observed=observed))
        return tuple(found)


def filled_args(schema: Mapping[str, Any], args: Mapping[str, Any]) -> tuple[dict[str, Any], str | None]:
    """The arguments with the schema's defaults, and what does not fit."""
    properties: Mapping[str, Any] = schema.get("properties", {})
    filled = {
        name: part["default"] for name, part in properties.items() if isinstance(part, dict) and "default" in part
    }
    filled.update(args)
    errors = jsonschema_rs.Draft202012Validator(dict(schema)).iter_errors(filled)
    found = [f"/{'/'.join(str(part) for part in one.instance_path)}: {one.message}" for one in errors]
    return filled, "; ".join(found) or None
