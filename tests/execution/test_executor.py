from __future__ import annotations

import asyncio

import pytest

from conscious_bot.contracts import EventType
from conscious_bot.execution.executor import Executor

from .conftest import Stage, plan_of


def here(stage: Stage, dx: int, dz: int = 0) -> dict[str, int]:
    x, y, z = stage.body.state().block
    return {"x": x + dx, "y": y, "z": z + dz}


@pytest.mark.requirement("PBI-02", "PBI-03", "PBI-08")
def test_steps_run_one_after_the_other_and_are_verified(stage: Stage):
    async def script(stage: Stage, executor: Executor) -> None:
        goal = here(stage, 5)
        outcome = await executor.execute(
            plan_of(("sterling_navigate", {"goal": goal, "toleranceXZ": 0}), ("wait", {"ms": 100}))
        )
        assert outcome.ok
        assert [view.status for view in executor.steps] == ["done", "done"]
        assert executor.steps[0].ended_at <= executor.steps[1].started_at  # type: ignore[operator]
        assert stage.body.state().block == (goal["x"], goal["y"], goal["z"])
        assert executor.metrics.percentile(0.95) < 2.0  # type: ignore[operator]

    stage.play(script)
    assert [result["ok"] for result in stage.ended()] == [True, True]


@pytest.mark.requirement("BT-06")
def test_what_one_step_came_to_know_the_next_one_of_the_plan_knows_and_no_other_plan_does(stage: Stage):
    async def script(stage: Stage, executor: Executor) -> None:
        way = plan_of(("move_to", {"pos": here(stage, 3)}), ("step_forward_safely", {}))
        assert (await executor.execute(way)).ok
        alone = await executor.execute(plan_of(("step_forward_safely", {})))
        assert alone.error is not None
        assert alone.error.code == "effects_unmet.precond_missing"

    stage.play(script)


@pytest.mark.requirement("PBI-02", "PBI-07")
def test_a_verb_the_registry_does_not_know_fails_at_once_and_touches_nothing(stage: Stage):
    async def script(_stage: Stage, executor: Executor) -> None:
        outcome = await executor.execute(plan_of(("teleport", {"x": 1}), ("wait", {"ms": 100})))
        assert outcome.error is not None
        assert outcome.error.code == "unknown_verb"
        assert [view.status for view in executor.steps] == ["failed", "skipped"]

    stage.play(script)
    assert not [event for event in stage.events if event.type is EventType.ACTION_STARTED]
    assert stage.ended()[0]["error"]["code"] == "unknown_verb"


@pytest.mark.requirement("PBI-02")
def test_arguments_that_do_not_fit_are_refused_with_their_place(stage: Stage):
    async def script(_stage: Stage, executor: Executor) -> None:
        outcome = await executor.execute(plan_of(("wait", {"ms": "long"})))
        assert outcome.error is not None
        assert outcome.error.code == "step.badArgs"
        assert "/ms" in (outcome.error.detail or "")

    stage.play(script)


@pytest.mark.requirement("PBI-02", "PBI-07")
def test_a_guard_that_does_not_hold_stops_the_step_before_it_acts(stage: Stage):
    async def script(_stage: Stage, executor: Executor) -> None:
        outcome = await executor.execute(plan_of(("respawn", {})))
        assert outcome.error is not None
        assert (outcome.error.code, outcome.error.detail) == ("guard_failed", "the bot is alive")

    stage.play(script)
    assert not [event for event in stage.events if event.type is EventType.ACTION_STARTED]


@pytest.mark.requirement("PBI-02")
def test_an_effect_that_acceptance_does_not_see_is_a_failure_after_all_local_retries(stage: Stage):
    stage.extra["wait"] = (lambda _s, _a: None, lambda _e: "the world did not change")

    async def script(_stage: Stage, executor: Executor) -> None:
        outcome = await executor.execute(plan_of(("wait", {"ms": 50})))
        assert outcome.error is not None
        assert (outcome.error.code, outcome.error.detail) == ("effects_unmet", "the world did not change")
        assert executor.steps[0].attempts == 3

    stage.play(script)


@pytest.mark.requirement("PBI-06", "PBI-07")
def test_a_leaf_that_hangs_is_stuck_after_three_seconds_and_the_body_is_free_again(stage: Stage):
    async def script(stage: Stage, executor: Executor) -> None:
        executor.limits = executor.limits.model_copy(update={"local_retries": 0})
        began = asyncio.get_running_loop().time()
        outcome = await executor.execute(plan_of(("hang", {})))
        assert outcome.error is not None
        assert outcome.error.code == "stuck.loop"
        assert 3.0 < asyncio.get_running_loop().time() - began < 4.0
        again = await executor.execute(plan_of(("sterling_navigate", {"goal": here(stage, 2)})))
        assert again.ok

    stage.play(script)


@pytest.mark.requirement("PBI-06")
def test_a_declared_wait_is_not_stuck(stage: Stage):
    async def script(_stage: Stage, executor: Executor) -> None:
        outcome = await executor.execute(plan_of(("patient", {})))
        assert outcome.ok

    stage.play(script)


@pytest.mark.requirement("PBI-05")
def test_a_retryable_failure_is_tried_again_twice_and_then_handed_back(stage: Stage):
    async def script(_stage: Stage, executor: Executor) -> None:
        began = asyncio.get_running_loop().time()
        outcome = await executor.execute(plan_of(("hang", {})))
        assert outcome.error is not None
        assert outcome.error.retryable
        assert executor.steps[0].attempts == 3
        assert executor.metrics.retries == 2
        assert asyncio.get_running_loop().time() - began > 9.0

    stage.play(script)


@pytest.mark.requirement("PBI-09")
def test_a_preempted_step_gets_its_grace_and_later_steps_are_skipped(stage: Stage):
    async def script(stage: Stage, executor: Executor) -> None:
        task = asyncio.ensure_future(
            executor.execute(plan_of(("sterling_navigate", {"goal": here(stage, 40)}), ("wait", {"ms": 10})))
        )
        await asyncio.sleep(1.0)
        executor.preempt()
        began = asyncio.get_running_loop().time()
        outcome = await task
        assert outcome.preempted
        assert asyncio.get_running_loop().time() - began < executor.limits.grace_s + 1.0
        assert [view.status for view in executor.steps] == ["failed", "skipped"]
        assert not stage.body.state().moving
        executor.rearm()
        assert (await executor.execute(plan_of(("wait", {"ms": 10})))).ok

    stage.play(script)


@pytest.mark.requirement("PBI-09")
def test_a_step_that_ends_within_its_grace_is_not_torn(stage: Stage):
    async def script(stage: Stage, executor: Executor) -> None:
        task = asyncio.ensure_future(
            executor.execute(plan_of(("sterling_navigate", {"goal": here(stage, 6)}), ("wait", {"ms": 10})))
        )
        await asyncio.sleep(0.5)
        executor.preempt()
        outcome = await task
        assert outcome.preempted
        assert [view.status for view in executor.steps] == ["done", "skipped"]

    stage.play(script)


@pytest.mark.requirement("PBI-08")
def test_a_second_plan_at_the_same_time_is_a_mistake_that_is_said(stage: Stage):
    async def script(_stage: Stage, executor: Executor) -> None:
        task = asyncio.ensure_future(executor.execute(plan_of(("patient", {}))))
        await asyncio.sleep(0.1)
        with pytest.raises(RuntimeError, match="one plan at a time"):
            await executor.execute(plan_of(("wait", {"ms": 10})))
        assert (await task).ok

    stage.play(script)


@pytest.mark.requirement("PBI-04")
def test_every_dispatched_step_ends_exactly_once_also_when_the_run_is_cancelled(stage: Stage):
    async def script(stage: Stage, executor: Executor) -> None:
        task = asyncio.ensure_future(executor.execute(plan_of(("sterling_navigate", {"goal": here(stage, 30)}))))
        await asyncio.sleep(1.0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert executor.steps[0].status == "failed"
        metrics = executor.metrics
        assert metrics.dispatched == metrics.completed + metrics.failed == 1

    stage.play(script)
    kinds = [event.type for event in stage.events]
    assert kinds.count(EventType.STEP_STARTED) == kinds.count(EventType.STEP_ENDED) == 1
