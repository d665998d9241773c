"""The driver starts and halts real tasks as the machine says, and leaves none behind."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest

from conscious_bot.behavior import Machine, MachineError, SensorCall, Status, compile_tree, single_leaf_program
from conscious_bot.contracts import ActionFailed, ActionResult, ExecError, ExecErrorCode
from conscious_bot.runtime import LeafCall, TickRecord, TreeRun, run_tree


class LoopClock:
    def now(self) -> float:
        return asyncio.get_running_loop().time()


CLOCK = LoopClock()


class Body:
    """Leaves that take real time on the running loop; `moving` counts those that have not come to a stop."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.moving = 0
        self.sensors: dict[str, float | bool] = {}

    async def sense(self, call: SensorCall) -> float | bool:
        if call.sensor not in self.sensors:
            raise ActionFailed(ExecErrorCode.SENSE_API_ERROR, call.sensor)
        return self.sensors[call.sensor]

    async def run(self, name: str, args: Mapping[str, Any], call: LeafCall) -> ActionResult:
        started = CLOCK.now()
        self.log.append(f"{name} starts")
        self.moving += 1
        try:
            await asyncio.sleep(args.get("takes", 0))
        except asyncio.CancelledError:
            self.log.append(f"{name} stops")
            await asyncio.sleep(args.get("stopping", 0))
            self.log.append(f"{name} stands still")
            raise
        finally:
            self.moving -= 1
        if args.get("sets"):
            self.sensors.update(args["sets"])
        code = args.get("fails")
        error = None if code is None else ExecError.of(ExecErrorCode(code))
        self.log.append(f"{name} {'ends' if error is None else 'fails'}")
        return ActionResult(
            ok=error is None, changed=error is None, error=error, started_at=started, ended_at=CLOCK.now()
        )


def leaf(name: str, **args: Any) -> dict[str, Any]:
    return {"type": "Leaf", "name": name, "args": args}


def sequence(*children: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Sequence", "children": list(children)}


def selector(*children: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Selector", "children": list(children)}


async def test_a_single_leaf_runs_as_a_tree_with_its_arguments_taken_literally() -> None:
    seen: list[Mapping[str, Any]] = []

    async def run(name: str, args: Mapping[str, Any], call: LeafCall) -> ActionResult:
        seen.append(args)
        return ActionResult(ok=True, changed=True, started_at=0, ended_at=0)

    args = {"message": "$5 please", "pos": {"x": 1}}
    result = await run_tree(single_leaf_program("chat", args), args, run, CLOCK, lambda _: None)
    assert result.ok
    assert result.changed
    assert seen == [args]
    assert [run.name for run in result.leaves] == ["chat"]


async def test_a_sequence_runs_its_leaves_in_order_and_stops_at_the_first_failure() -> None:
    body = Body()
    tree = sequence(leaf("one"), leaf("two", fails="path.stuck"), leaf("three"))
    result = await run_tree(compile_tree(tree), {}, body.run, CLOCK, lambda _: None)
    assert body.log == ["one starts", "one ends", "two starts", "two fails"]
    assert not result.ok
    assert result.error is not None
    assert result.error.code is ExecErrorCode.PATH_STUCK


async def test_a_selector_falls_back() -> None:
    body = Body()
    tree = selector(leaf("one", fails="path.stuck"), leaf("two"), leaf("three"))
    assert (await run_tree(compile_tree(tree), {}, body.run, CLOCK, lambda _: None)).ok
    assert body.log == ["one starts", "one fails", "two starts", "two ends"]


@pytest.mark.requirement("BT-06")
async def test_every_transition_is_recorded_with_path_status_and_time() -> None:
    body = Body()
    records: list[TickRecord] = []
    tree = sequence(leaf("one", takes=0.01), leaf("two"))
    await run_tree(compile_tree(tree), {}, body.run, CLOCK, records.append)
    assert [(record.path, record.status.value) for record in records] == [
        ("", "running"),
        ("/children/0", "running"),
        ("/children/0", "success"),
        ("/children/1", "running"),
        ("/children/1", "success"),
        ("", "success"),
    ]
    assert [record.at for record in records] == sorted(record.at for record in records)
    assert records[2].lasted is not None
    assert records[2].lasted >= 0.009


async def test_past_the_deadline_the_leaf_is_halted_and_the_tree_fails_with_a_timeout() -> None:
    body = Body()
    program = compile_tree(sequence(leaf("walk", takes=60), leaf("dig")))
    result = await run_tree(program, {}, body.run, CLOCK, lambda _: None, deadline=CLOCK.now() + 0.02)
    assert body.log == ["walk starts", "walk stops", "walk stands still"]
    assert result.error is not None
    assert result.error.code is ExecErrorCode.STEP_TIMEOUT
    assert result.leaves[0].result is None


@pytest.mark.requirement("BT-05")
async def test_a_timeout_halts_its_child_and_goes_on_only_when_the_body_stands_still() -> None:
    body = Body()
    slow = {"type": "Decorator.Timeout", "ms": 10, "child": leaf("walk", takes=60, stopping=0.03)}
    tree = selector(slow, leaf("rest"))
    records: list[TickRecord] = []
    assert (await run_tree(compile_tree(tree), {}, body.run, CLOCK, records.append)).ok
    assert body.log == ["walk starts", "walk stops", "walk stands still", "rest starts", "rest ends"]
    halting = next(record for record in records if record.status is Status.HALTING)
    failed = next(record for record in records if record.status is Status.FAILURE)
    assert failed.at - halting.at >= 0.029


async def test_a_cancelled_driver_halts_its_leaf_before_it_lets_go() -> None:
    body = Body()
    program = compile_tree(leaf("walk", takes=60, stopping=0.02))
    task = asyncio.create_task(run_tree(program, {}, body.run, CLOCK, lambda _: None))
    await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.sleep(0.005)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert body.log == ["walk starts", "walk stops", "walk stands still"]
    assert body.moving == 0


async def test_a_halt_from_outside_ends_the_tree_with_its_reason() -> None:
    body = Body()
    run = TreeRun(Machine(compile_tree(leaf("walk", takes=60)), {}), body.run, CLOCK, lambda _: None)
    task = asyncio.create_task(run.run())
    await asyncio.sleep(0.01)
    run.halt(ExecError.of(ExecErrorCode.BODY_DEAD))
    result = await task
    assert result.error is not None
    assert result.error.code is ExecErrorCode.BODY_DEAD
    assert body.moving == 0


async def test_a_suspended_run_keeps_its_place_and_starts_the_same_leaf_again() -> None:
    body = Body()
    program = compile_tree(sequence(leaf("one"), leaf("two", takes=0.05), leaf("three")))
    run = TreeRun(Machine(program, {}), body.run, CLOCK, lambda _: None)
    task = asyncio.create_task(run.run())
    await asyncio.sleep(0.01)
    run.suspend()
    await asyncio.sleep(0.01)
    assert body.moving == 0
    assert run.machine.status is Status.SUSPENDED
    run.resume()
    assert (await task).ok
    expected = ["one starts", "one ends", "two starts", "two stops", "two stands still", "two starts", "two ends"]
    assert body.log == [*expected, "three starts", "three ends"]


@pytest.mark.requirement("BT-05")
async def test_a_guard_that_becomes_true_halts_the_leaf_and_reacts() -> None:
    body = Body()
    body.sensors["hostiles_present"] = False
    guard = {"type": "Decorator.FailOnTrue", "cond": "hostiles_present", "child": leaf("retreat")}
    tree = sequence(guard, leaf("walk", takes=60))
    program = compile_tree(tree)
    task = asyncio.create_task(run_tree(program, {}, body.run, CLOCK, lambda _: None, sense=body.sense, poll=0.005))
    await asyncio.sleep(0.02)
    body.sensors["hostiles_present"] = True
    result = await task
    assert body.log == ["walk starts", "walk stops", "walk stands still", "retreat starts", "retreat ends"]
    assert result.guard
    assert result.error is not None
    assert result.error.code is ExecErrorCode.GUARD_FAILED


async def test_while_a_leaf_goes_on_only_armed_guards_are_read() -> None:
    body = Body()
    body.sensors = {"hostiles_present": False, "health": 20, "food": 20}
    read: list[list[str]] = []

    async def sense(call: SensorCall) -> float | bool:
        read[-1].append(call.sensor)
        return await body.sense(call)

    async def run(name: str, args: Mapping[str, Any], call: LeafCall) -> ActionResult:
        read.append([])
        result = await body.run(name, args, call)
        read.append([])
        return result

    def guard(cond: str) -> dict[str, Any]:
        return {"type": "Decorator.FailOnTrue", "cond": cond, "child": leaf("react")}

    tree = sequence(
        guard("hostiles_present"), leaf("walk", takes=0.05), guard("health<=6"), leaf("dig"), guard("food<=3")
    )
    read.append([])
    assert (await run_tree(compile_tree(tree), {}, run, CLOCK, lambda _: None, sense=sense, poll=0.005)).ok
    before, walking, between, digging, after = read
    assert before == ["hostiles_present"]
    assert set(walking) == {"hostiles_present"}
    assert between == ["hostiles_present", "health"]
    assert set(digging) <= {"hostiles_present", "health"}
    assert after == ["hostiles_present", "health", "food"]


async def test_a_loop_repeats_until_its_sensor_says_so() -> None:
    body = Body()
    body.sensors["has"] = 0
    passes = selector(leaf("never", fails="path.stuck"), leaf("get"))
    tree = {"type": "Repeat.Until", "predicate": "has(item:torch)>=1", "child": passes}
    program = compile_tree(tree)

    async def run(name: str, args: Mapping[str, Any], call: LeafCall) -> ActionResult:
        if name == "get":
            body.sensors["has"] += 0.5
        return await body.run(name, args, call)

    assert (await run_tree(program, {}, run, CLOCK, lambda _: None, sense=body.sense)).ok
    assert body.log.count("get ends") == 2


async def test_a_sensor_that_cannot_be_read_is_a_failure_that_names_it() -> None:
    body = Body()
    tree = {"type": "Repeat.Until", "predicate": "health>=20", "child": leaf("wait")}
    result = await run_tree(compile_tree(tree), {}, body.run, CLOCK, lambda _: None, sense=body.sense)
    assert result.error is not None
    assert result.error.code is ExecErrorCode.SENSE_API_ERROR
    assert "health" in str(result.error.detail)
    assert body.log == []


async def test_a_tree_with_predicates_needs_sensors() -> None:
    tree = {"type": "Repeat.Until", "predicate": "health>=20", "child": leaf("wait")}
    with pytest.raises(MachineError, match="sensors"):
        await run_tree(compile_tree(tree), {}, Body().run, CLOCK, lambda _: None)


async def test_a_bug_in_a_leaf_is_not_swallowed() -> None:
    async def run(name: str, args: Mapping[str, Any], call: LeafCall) -> ActionResult:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await run_tree(single_leaf_program("walk", ()), {}, run, CLOCK, lambda _: None)


async def test_a_leaf_that_someone_else_cancelled_is_a_failure() -> None:
    async def run(name: str, args: Mapping[str, Any], call: LeafCall) -> ActionResult:
        raise asyncio.CancelledError

    result = await run_tree(single_leaf_program("walk", ()), {}, run, CLOCK, lambda _: None)
    assert result.error is not None
    assert result.error.code is ExecErrorCode.STEP_CANCELLED


async def test_when_a_tick_cannot_be_recorded_the_leaf_is_halted_before_the_error_goes_on() -> None:
    body = Body()

    def full(record: TickRecord) -> None:
        if record.status is Status.HALTING:
            raise OSError("no space left")

    program = compile_tree(sequence(leaf("one"), leaf("walk", takes=60, stopping=0.01)))
    with pytest.raises(OSError, match="no space"):
        await run_tree(program, {}, body.run, CLOCK, full, deadline=CLOCK.now() + 0.02)
    assert body.log[-2:] == ["walk stops", "walk stands still"]
    assert body.moving == 0


async def test_a_leaf_whose_start_cannot_be_recorded_is_not_started() -> None:
    body = Body()

    def full(record: TickRecord) -> None:
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space"):
        await run_tree(compile_tree(leaf("walk")), {}, body.run, CLOCK, full)
    assert body.log == []


@pytest.mark.requirement("BT-06")
async def test_a_run_restored_between_two_leaves_goes_on_where_it_stood() -> None:
    body = Body()
    program = compile_tree(sequence(leaf("one"), leaf("two", takes=60), leaf("three")))
    first = TreeRun(Machine(program, {}), body.run, CLOCK, lambda _: None)
    task = asyncio.create_task(first.run())
    await asyncio.sleep(0.01)
    first.suspend()
    await asyncio.sleep(0.01)
    saved = json.loads(json.dumps(first.machine.to_json()))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    async def quick(name: str, args: Mapping[str, Any], call: LeafCall) -> ActionResult:
        return await body.run(name, {}, call)

    body.log.clear()
    second = TreeRun(Machine.from_json(program, saved), quick, CLOCK, lambda _: None)
    assert (await second.run()).ok
    assert body.log == ["two starts", "two ends", "three starts", "three ends"]


async def test_a_leaf_in_flight_when_the_run_was_cut_off_is_inconclusive_and_not_dispatched_again() -> None:
    body = Body()
    program = compile_tree(selector(leaf("dig"), leaf("look")))
    machine = Machine(program, {})
    machine.tick(0.0)
    restored = Machine.from_json(program, machine.to_json())
    records: list[TickRecord] = []
    assert (await TreeRun(restored, body.run, CLOCK, records.append).run()).ok
    assert body.log == ["look starts", "look ends"]
    failed = next(record for record in records if record.status is Status.FAILURE)
    assert failed.error is not None
    assert failed.error.code is ExecErrorCode.STEP_INCONCLUSIVE


async def test_arguments_that_do_not_fit_fail_the_tree_before_any_leaf_runs() -> None:
    body = Body()
    program = compile_tree({"type": "Leaf", "name": "walk", "args": {"to": "$end"}})
    result = await run_tree(program, {}, body.run, CLOCK, lambda _: None)
    assert result.error is not None
    assert result.error.code is ExecErrorCode.STEP_BAD_ARGS
    assert body.log == []
