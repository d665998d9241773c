"""Properties of every run of every tree: deterministic, restorable between any two ticks, never two leaves at once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conscious_bot.behavior import (
    ArgumentsError,
    Completion,
    Halted,
    HaltLeaf,
    Machine,
    MachineError,
    StartLeaf,
    Status,
    Tick,
    compile_tree,
)
from conscious_bot.contracts import ExecError, ExecErrorCode

LEAVES = st.sampled_from("abcd").map(lambda name: {"type": "Leaf", "name": name})
PREDICATES = st.sampled_from(["hostiles_present", "health<=6", "has(item:torch)>=2", "food==3"])


def branches(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    children = st.lists(inner, min_size=1, max_size=4)
    return st.one_of(
        children.map(lambda c: {"type": "Sequence", "children": c}),
        children.map(lambda c: {"type": "Selector", "children": c}),
        st.tuples(PREDICATES, inner).map(lambda p: {"type": "Repeat.Until", "predicate": p[0], "child": p[1]}),
        st.tuples(st.integers(1, 300), inner).map(lambda p: {"type": "Decorator.Timeout", "ms": p[0], "child": p[1]}),
        st.tuples(PREDICATES, inner).map(lambda p: {"type": "Decorator.FailOnTrue", "cond": p[0], "child": p[1]}),
    )


TREES = st.recursive(LEAVES, branches, max_leaves=12)
SENSORS = ("hostiles_present", "health", "has", "food")
MOMENTS = st.fixed_dictionaries(
    {
        "after": st.sampled_from([0.0, 0.05, 0.2]),
        "leaf": st.sampled_from(["nothing", "nothing", "ends", "changes", "fails"]),
        "hostiles_present": st.sampled_from([False, False, False, True, None]),
        "health": st.integers(4, 12),
        "has": st.integers(0, 3),
        "food": st.integers(0, 4),
        "cell": st.tuples(st.integers(0, 2), st.just(64), st.just(0)),
        "suspend": st.sampled_from([False, False, False, True]),
        "halt": st.sampled_from([False] * 15 + [True]),
    }
)
RUNS = st.lists(MOMENTS, min_size=1, max_size=40)


class World:
    """Plays a list of moments to a machine and checks, tick by tick, what must never be."""

    def __init__(self) -> None:
        self.now = 0.0
        self.running: int | None = None
        self.halting = False

    def told(self, machine: Machine, moment: dict[str, Any]) -> dict[str, Any]:
        self.now += moment["after"]
        ended: Completion | Halted | None = None
        if self.running is not None and moment["leaf"] != "nothing":
            if self.halting and moment["leaf"] != "ends":
                ended = Halted(self.running)
            else:
                error = ExecError.of(ExecErrorCode.PATH_STUCK) if moment["leaf"] == "fails" else None
                ended = Completion(self.running, error, changed=moment["leaf"] == "changes")
            self.running = None
        sensors = [machine.call(number).sensor for number in range(len(machine.program.predicates))]
        return {
            "now": self.now,
            "ended": ended,
            "readings": {number: moment[sensor] for number, sensor in enumerate(sensors)},
            "cell": moment["cell"],
            "halt": ExecError.of(ExecErrorCode.BODY_DEAD) if moment["halt"] else None,
            "suspend": moment["suspend"],
        }

    def obey(self, tick: Tick) -> None:
        for command in tick.commands:
            if isinstance(command, StartLeaf):
                assert self.running is None, "a leaf was started while another ran"
                self.running, self.halting = command.serial, False
            else:
                assert isinstance(command, HaltLeaf)
                assert command.serial == self.running, "a leaf was halted that does not run"
                assert not self.halting, "a leaf was halted twice"
                self.halting = True
        ended = tick.status in (Status.SUCCESS, Status.FAILURE, Status.SUSPENDED)
        assert not (ended and self.running is not None), "the tree let go of a leaf that runs"
        assert (tick.status is Status.HALTING) == (self.running is not None and self.halting)


def play(machine: Machine, moments: list[dict[str, Any]]) -> list[Tick]:
    world = World()
    ticks: list[Tick] = []
    for moment in moments:
        tick = machine.tick(**world.told(machine, moment))
        world.obey(tick)
        ticks.append(tick)
    return ticks


@pytest.mark.requirement("BT-05")
@given(TREES, RUNS)
@settings(max_examples=100, deadline=None)
def test_a_machine_is_a_function_of_its_inputs(tree: dict[str, Any], moments: list[dict[str, Any]]) -> None:
    program = compile_tree(tree)
    first, second = Machine(program, {}), Machine(compile_tree(tree), {})
    assert play(first, moments) == play(second, moments)
    assert first.to_json() == second.to_json()


@pytest.mark.requirement("BT-06")
@given(TREES, RUNS)
@settings(max_examples=200, deadline=None)
def test_a_machine_saved_and_restored_at_any_tick_goes_on_equal(
    tree: dict[str, Any], moments: list[dict[str, Any]]
) -> None:
    program = compile_tree(tree)
    straight = play(Machine(program, {}), moments)
    machine = Machine(program, {})
    world = World()
    for moment, expected in zip(moments, straight, strict=True):
        machine = Machine.from_json(program, json.loads(json.dumps(machine.to_json())))
        tick = machine.tick(**world.told(machine, moment))
        world.obey(tick)
        assert tick == expected


@given(TREES, RUNS)
@settings(max_examples=150, deadline=None)
def test_a_machine_that_is_told_only_what_it_asks_for_goes_on_equal(
    tree: dict[str, Any], moments: list[dict[str, Any]]
) -> None:
    program = compile_tree(tree)
    straight = play(Machine(program, {}), moments)
    machine = Machine(program, {})
    world = World()
    for moment, expected in zip(moments, straight, strict=True):
        told = world.told(machine, moment)
        asked = machine.asks(ended=told["ended"] is not None)
        told["readings"] = {number: told["readings"][number] for number in asked}
        tick = machine.tick(**told)
        world.obey(tick)
        assert tick == expected


def test_while_a_leaf_goes_on_only_the_armed_guards_are_asked_for() -> None:
    def guard(cond: str) -> dict[str, Any]:
        return {"type": "Decorator.FailOnTrue", "cond": cond, "child": {"type": "Leaf", "name": "flee"}}

    work = {"type": "Leaf", "name": "work"}
    tree = {"type": "Sequence", "children": [guard("health<=6"), work, guard("food<=3"), work]}
    machine = Machine(compile_tree(tree), {})
    texts = [predicate.text for predicate in machine.program.predicates]
    assert [texts[one] for one in machine.asks(ended=False)] == ["health<=6"]
    start = machine.tick(0.0, readings={0: 20}).commands[0]
    assert [texts[one] for one in machine.asks(ended=False)] == ["health<=6"]
    assert [texts[one] for one in machine.asks(ended=True)] == ["health<=6", "food<=3"]
    machine.tick(1.0, Completion(start.serial), {0: 20, 1: 20})
    assert [texts[one] for one in machine.asks(ended=False)] == ["health<=6", "food<=3"]


@given(TREES, RUNS)
@settings(max_examples=50, deadline=None)
def test_an_input_that_cannot_be_is_refused_and_changes_nothing(
    tree: dict[str, Any], moments: list[dict[str, Any]]
) -> None:
    program = compile_tree(tree)
    machine = Machine(program, {})
    world = World()
    for moment in moments:
        before = machine.to_json()
        for wrong in (Completion(10_000), Halted(10_000)):
            with pytest.raises(MachineError):
                machine.tick(world.now, wrong)
            assert machine.to_json() == before
        world.obey(machine.tick(**world.told(machine, moment)))


@pytest.mark.requirement("BT-05")
def test_a_halted_leaf_cannot_report_after_its_halt() -> None:
    machine = Machine(compile_tree({"type": "Decorator.Timeout", "ms": 1, "child": {"type": "Leaf", "name": "a"}}), {})
    start = machine.tick(0.0).commands[0]
    machine.tick(1.0)
    machine.tick(1.1, Halted(start.serial))
    with pytest.raises(MachineError, match="none runs"):
        machine.tick(1.2, Completion(start.serial))


def test_a_leaf_nobody_halted_cannot_stand_still() -> None:
    machine = Machine(compile_tree({"type": "Leaf", "name": "a"}), {})
    start = machine.tick(0.0).commands[0]
    with pytest.raises(MachineError, match="nobody halted"):
        machine.tick(0.1, Halted(start.serial))


def test_after_any_number_of_quiet_ticks_a_timeout_still_runs_out_and_a_guard_still_needs_its_reading() -> None:
    leaf = {"type": "Leaf", "name": "a"}
    told: dict[str, Any] = {"ended": None, "readings": {}, "cell": None, "halt": None, "suspend": False}
    for quiet in ({}, told):
        machine = Machine(compile_tree({"type": "Decorator.Timeout", "ms": 1000, "child": leaf}), {})
        machine.tick(0.0)
        for now in (0.1, 0.5, 0.999):
            tick = machine.tick(now, **quiet)
            assert (tick.status, tick.commands, tick.wake) == (Status.RUNNING, (), 1.0)
        tick = machine.tick(1.0, **quiet)
        assert tick.commands == (HaltLeaf(1, 1),)

    guard = {"type": "Decorator.FailOnTrue", "cond": "health<=6", "child": leaf}
    machine = Machine(compile_tree({"type": "Sequence", "children": [guard, leaf]}), {})
    for health in (20, 20, 7):
        assert machine.tick(0.0, readings={0: health}).status is Status.RUNNING
    assert machine.tick(0.1).status is Status.HALTING


@pytest.mark.parametrize("last", [{0: 6, 1: 0}, {0: 7, 1: 2}, {0: 7, 1: None}, {0: 7}, {}])
def test_readings_that_change_without_effect_stay_quiet_and_the_first_that_matters_halts(
    last: dict[int, float | None],
) -> None:
    leaf = {"type": "Leaf", "name": "a"}
    guards = [{"type": "Decorator.FailOnTrue", "cond": cond, "child": leaf} for cond in ("health<=6", "food==2")]
    machine = Machine(compile_tree({"type": "Sequence", "children": [*guards, leaf]}), {})
    for readings in ({0: 20, 1: 0}, {0: 20, 1: 0}, {0: 7, 1: 0}, {0: 7, 1: 1}, {0: 7, 1: 1}, {0: 20, 1: 0}):
        assert machine.tick(0.0, readings=readings).status is Status.RUNNING
    tick = machine.tick(0.0, readings=last)
    assert tick.status is Status.HALTING
    assert tick.commands == (HaltLeaf(5, 1),)


def test_arguments_are_bound_when_a_leaf_starts() -> None:
    tree = {"type": "Leaf", "name": "a", "args": {"to": "$end", "list": [1, "$near"], "plain": "end"}}
    machine = Machine(compile_tree(tree), {"end": {"x": 1}, "near": "$end", "unused": 0})
    start = machine.tick(0.0).commands[0]
    assert isinstance(start, StartLeaf)
    assert start.args == {"to": {"x": 1}, "list": [1, "$end"], "plain": "end"}


def test_a_tree_does_not_run_without_its_arguments() -> None:
    tree = {"type": "Leaf", "name": "a", "args": {"to": "$end"}}
    with pytest.raises(ArgumentsError, match="end") as caught:
        Machine(compile_tree(tree), {"near": 1})
    assert caught.value.error.code is ExecErrorCode.STEP_BAD_ARGS


@pytest.mark.parametrize(
    ("predicate", "args"),
    [
        ("has($item)>=1", {"item": 3}),
        ("has(torch)>=$count", {"count": "3"}),
        ("has(torch)>=$count", {"count": True}),
        ("has(torch)>=$count", {"count": None}),
        ("reached($end)==$yes", {"end": {"x": 1, "y": 2, "z": 3}, "yes": 1}),
        ("distance_to($end)<=1", {"end": "home"}),
        ("distance_to($end)<=1", {"end": {"x": 1, "y": 2}}),
        ("distance_to($end)<=1", {"end": {"x": 1, "y": 2, "z": "3"}}),
    ],
)
def test_an_argument_that_a_predicate_cannot_use_is_refused_before_anything_runs(
    predicate: str, args: dict[str, Any]
) -> None:
    tree = {"type": "Repeat.Until", "predicate": predicate, "child": {"type": "Leaf", "name": "a"}}
    with pytest.raises(ArgumentsError, match="has to be"):
        Machine(compile_tree(tree), args)


def test_a_state_of_another_tree_is_refused() -> None:
    state = Machine(compile_tree({"type": "Leaf", "name": "a"}), {}).to_json()
    with pytest.raises(MachineError, match="another tree"):
        Machine.from_json(compile_tree({"type": "Leaf", "name": "b"}), state)


def test_a_sequence_of_thousands_of_passed_guards_needs_no_deep_recursion() -> None:
    guard = {"type": "Decorator.FailOnTrue", "cond": "hostiles_present", "child": {"type": "Leaf", "name": "a"}}
    program = compile_tree({"type": "Sequence", "children": [guard] * 2000})
    tick = Machine(program, {}).tick(0.0, readings={0: False})
    assert tick.status is Status.SUCCESS


@pytest.mark.parametrize(
    "change", [{"stack": 3}, {"stack": [{}]}, {"args": None}, {"interrupt": {"depth": 0}}, {"cell": 1}]
)
def test_a_state_that_is_none_is_refused(change: dict[str, Any]) -> None:
    program = compile_tree({"type": "Leaf", "name": "a"})
    state = Machine(program, {}).to_json()
    with pytest.raises(MachineError, match="cannot be read"):
        Machine.from_json(program, {**state, **change})
    del state["serial"]
    with pytest.raises(MachineError, match="cannot be read"):
        Machine.from_json(program, state)
