"""The semantics of trees, one test per row of the truth table in docs/behavior-trees.md."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from conscious_bot.behavior import (
    GUARD_PASSES,
    IDLE_PASSES,
    Completion,
    Halted,
    HaltLeaf,
    Machine,
    StartLeaf,
    Status,
    Tick,
    compile_tree,
)
from conscious_bot.contracts import BlockPos, ExecError, ExecErrorCode

pytestmark = pytest.mark.requirement("BT-05")

FAILED = ExecError.of(ExecErrorCode.PATH_STUCK)
STOPPED = ExecError.of(ExecErrorCode.STEP_CANCELLED, "enough")


def leaf(name: str) -> dict[str, Any]:
    return {"type": "Leaf", "name": name}


def sequence(*children: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Sequence", "children": list(children)}


def selector(*children: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Selector", "children": list(children)}


def until(predicate: str, child: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Repeat.Until", "predicate": predicate, "child": child}


def timeout(ms: int, child: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Decorator.Timeout", "ms": ms, "child": child}


def guard(cond: str, child: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Decorator.FailOnTrue", "cond": cond, "child": child}


HOSTILE = "hostiles_present"
HURT = "health<=6"


class Play:
    """A machine and the notes of what it commanded; sensors are read from a dictionary."""

    def __init__(self, tree: dict[str, Any], **sensors: float | bool | None) -> None:
        self.machine = Machine(compile_tree(tree), {})
        self.sensors: dict[str, float | bool | None] = {HOSTILE: False, "health": 20, "has": 0, **sensors}
        self.now = 0.0
        self.cell: BlockPos | None = None
        self.running: StartLeaf | None = None
        self.log: list[str] = []
        self.last: Tick
        self.tick()

    def tick(self, after: float = 0.0, **inputs: Any) -> Tick:
        self.now += after
        machine = self.machine
        readings = {
            number: self.sensors[machine.call(number).sensor] for number in range(len(machine.program.predicates))
        }
        self.last = machine.tick(self.now, readings=readings, cell=self.cell, **inputs)
        for command in self.last.commands:
            if isinstance(command, StartLeaf):
                self.running = command
                self.log.append(command.name)
            else:
                assert isinstance(command, HaltLeaf)
                self.log.append(f"halt {machine.program.leaf[command.node]}")
        return self.last

    def ends(self, error: ExecError | None = None, *, changed: bool = False, after: float = 0.0) -> Tick:
        assert self.running is not None
        serial = self.running.serial
        self.running = None
        tick = self.tick(after, ended=Completion(serial, error, changed))
        while tick.again:
            tick = self.tick()
        return tick

    def stands_still(self, after: float = 0.0) -> Tick:
        assert self.running is not None
        serial = self.running.serial
        self.running = None
        tick = self.tick(after, ended=Halted(serial))
        while tick.again:
            tick = self.tick()
        return tick

    @property
    def status(self) -> Status:
        return self.machine.status

    @property
    def code(self) -> ExecErrorCode | None:
        return None if self.machine.error is None else self.machine.error.code


# ---------------------------------------------------------------- Leaf


def test_leaf_success_is_the_trees_success() -> None:
    play = Play(leaf("walk"))
    assert play.status is Status.RUNNING
    play.ends()
    assert play.status is Status.SUCCESS


def test_leaf_failure_keeps_its_code() -> None:
    play = Play(leaf("walk"))
    play.ends(FAILED)
    assert play.status is Status.FAILURE
    assert play.machine.error == FAILED


# ---------------------------------------------------------------- Sequence and Selector


def test_sequence_goes_on_after_success() -> None:
    play = Play(sequence(leaf("one"), leaf("two")))
    play.ends()
    assert play.log == ["one", "two"]
    play.ends()
    assert play.status is Status.SUCCESS


def test_sequence_fails_with_the_first_failure() -> None:
    play = Play(sequence(leaf("one"), leaf("two")))
    play.ends(FAILED)
    assert play.log == ["one"]
    assert play.code is ExecErrorCode.PATH_STUCK


def test_sequence_remembers_where_it_is() -> None:
    play = Play(sequence(leaf("one"), leaf("two")))
    play.ends()
    for _ in range(3):
        play.tick(0.05)
    assert play.log == ["one", "two"]


def test_selector_ends_with_the_first_success() -> None:
    play = Play(selector(leaf("one"), leaf("two"), leaf("three")))
    play.ends(FAILED)
    play.ends()
    assert play.log == ["one", "two"]
    assert play.status is Status.SUCCESS


def test_selector_fails_with_the_last_failure() -> None:
    play = Play(selector(leaf("one"), leaf("two")))
    play.ends(FAILED)
    play.ends(ExecError.of(ExecErrorCode.DIG_TIMEOUT))
    assert play.code is ExecErrorCode.DIG_TIMEOUT


def test_selector_remembers_where_it_is() -> None:
    play = Play(selector(leaf("one"), leaf("two")))
    play.ends(FAILED)
    for _ in range(3):
        play.tick(0.05)
    assert play.log == ["one", "two"]


def test_selector_treats_a_guards_failure_as_failure() -> None:
    play = Play(selector(guard(HOSTILE, leaf("react")), leaf("two")), hostiles_present=True)
    play.ends()
    assert play.log == ["react", "two"]
    play.ends(FAILED)
    assert play.code is ExecErrorCode.PATH_STUCK
    assert not play.machine.by_guard


def test_selector_hides_from_a_loop_that_a_guard_failed_it() -> None:
    play = Play(until("has(torch)>=1", selector(guard(HOSTILE, leaf("react")))), hostiles_present=True)
    play.ends()
    assert play.code is ExecErrorCode.GUARD_FAILED


# ---------------------------------------------------------------- Repeat.Until


def test_repeat_is_success_at_once_if_the_predicate_holds() -> None:
    play = Play(until("has(torch)>=1", leaf("get")), has=1)
    assert play.log == []
    assert play.status is Status.SUCCESS


def test_repeat_looks_at_the_predicate_before_every_pass() -> None:
    play = Play(until("has(torch)>=2", leaf("get")))
    for count in (1, 2):
        play.sensors["has"] = count
        play.ends(changed=True)
    assert play.log == ["get", "get"]
    assert play.status is Status.SUCCESS


def test_repeat_begins_at_most_one_pass_a_tick() -> None:
    play = Play(until("has(torch)>=1", leaf("get")))
    running = play.running
    assert running is not None
    tick = play.tick(ended=Completion(running.serial))
    assert tick.again
    assert play.log == ["get"]
    play.tick()
    assert play.log == ["get", "get"]


def test_repeat_does_not_look_at_the_predicate_within_a_pass() -> None:
    play = Play(until("has(torch)>=1", sequence(leaf("one"), leaf("two"))))
    play.sensors["has"] = 1
    play.tick()
    play.ends()
    assert play.log == ["one", "two"]
    play.ends()
    assert play.status is Status.SUCCESS


def test_repeat_absorbs_a_guards_failure() -> None:
    play = Play(until("has(torch)>=1", sequence(guard(HOSTILE, leaf("react")), leaf("get"))), hostiles_present=True)
    play.sensors[HOSTILE] = False
    play.ends(changed=True)
    assert play.log == ["react", "get"]
    assert play.status is Status.RUNNING


def test_repeat_fails_with_any_other_failure() -> None:
    play = Play(until("has(torch)>=1", leaf("get")))
    play.ends(FAILED)
    assert play.code is ExecErrorCode.PATH_STUCK


def test_repeat_fails_if_its_predicate_cannot_be_read() -> None:
    play = Play(until("has(torch)>=1", leaf("get")), has=None)
    assert play.log == []
    assert play.code is ExecErrorCode.SENSE_API_ERROR


def guarded_loop(predicate: str = "has(torch)>=9") -> Play:
    return Play(until(predicate, sequence(guard(HOSTILE, leaf("react")), leaf("get"))), hostiles_present=True)


def test_repeat_is_stuck_after_more_than_three_guarded_passes_without_getting_further() -> None:
    play = guarded_loop()
    for _ in range(GUARD_PASSES):
        play.ends(changed=True)
        assert play.status is Status.RUNNING
    play.ends(changed=True)
    assert GUARD_PASSES == 3
    assert play.code is ExecErrorCode.STUCK_LOOP
    assert not play.machine.by_guard


def test_repeat_counts_guarded_passes_anew_when_the_left_side_improves() -> None:
    play = guarded_loop()
    for count in range(8):
        play.sensors["has"] = count
        play.ends(changed=True)
    assert play.status is Status.RUNNING


def test_repeat_needs_a_new_best_value_not_any_other_value() -> None:
    play = guarded_loop()
    for count in (5, 3, 5):
        play.sensors["has"] = count
        play.ends(changed=True)
    assert play.status is Status.RUNNING
    play.ends(changed=True)
    assert play.code is ExecErrorCode.STUCK_LOOP


def test_repeat_knows_that_less_is_better_for_a_less_than() -> None:
    play = guarded_loop("has(torch)<=-9")
    for count in range(8):
        play.sensors["has"] = -count
        play.ends(changed=True)
    assert play.status is Status.RUNNING


def test_repeat_without_an_order_counts_anew_in_a_new_cell_only() -> None:
    play = guarded_loop("has(torch)==9")
    for x in range(6):
        play.cell = (x, 64, 0)
        play.ends(changed=True)
    assert play.status is Status.RUNNING
    for x in (4, 5, 4):
        play.cell = (x, 64, 0)
        play.ends(changed=True)
    assert play.code is ExecErrorCode.STUCK_LOOP


def test_repeat_is_stuck_after_so_many_passes_without_any_change() -> None:
    play = Play(until("has(torch)>=1", leaf("wait")))
    for _ in range(IDLE_PASSES - 1):
        play.ends()
        assert play.status is Status.RUNNING
    play.ends()
    assert play.code is ExecErrorCode.STUCK_LOOP


@pytest.mark.parametrize("change", ["leaf", "reading", "cell"])
def test_repeat_is_not_stuck_while_something_changes(change: str) -> None:
    play = Play(until("has(torch)>=1", leaf("wait")))
    for number in range(2 * IDLE_PASSES):
        if change == "reading":
            play.sensors["has"] = -number
        elif change == "cell":
            play.cell = (number, 64, 0)
        play.ends(changed=change == "leaf")
    assert play.status is Status.RUNNING


def test_repeat_with_nothing_to_do_in_its_pass_ends_as_stuck() -> None:
    play = Play(until("has(torch)>=1", guard(HOSTILE, leaf("react"))))
    ticks = 0
    while play.last.again:
        play.tick()
        ticks += 1
    assert ticks < 2 * IDLE_PASSES
    assert play.code is ExecErrorCode.STUCK_LOOP


# ---------------------------------------------------------------- Decorator.Timeout


def test_timeout_passes_on_an_end_in_time() -> None:
    play = Play(timeout(1000, leaf("walk")))
    assert play.last.wake == 1.0
    play.ends(after=0.9)
    assert play.status is Status.SUCCESS


def test_timeout_halts_its_child_and_fails_when_the_body_stands_still() -> None:
    play = Play(selector(timeout(1000, leaf("walk")), leaf("rest")))
    play.tick(1.0)
    assert play.log == ["walk", "halt walk"]
    assert play.status is Status.HALTING
    play.tick(5.0)
    assert play.status is Status.HALTING
    play.stands_still()
    assert play.log == ["walk", "halt walk", "rest"]


def test_timeout_fails_with_its_own_code() -> None:
    play = Play(timeout(1000, leaf("walk")))
    play.tick(1.0)
    play.stands_still()
    assert play.code is ExecErrorCode.STEP_TIMEOUT


def test_timeout_does_not_win_over_an_end_in_the_same_tick() -> None:
    play = Play(timeout(1000, leaf("walk")))
    play.ends(after=1.0)
    assert play.status is Status.SUCCESS


def test_timeout_that_has_run_out_starts_nothing_more() -> None:
    play = Play(timeout(1000, sequence(leaf("one"), leaf("two"))))
    play.ends(after=1.0)
    assert play.log == ["one"]
    assert play.code is ExecErrorCode.STEP_TIMEOUT


def test_timeout_begins_anew_in_every_pass() -> None:
    play = Play(until("has(torch)>=1", timeout(1000, leaf("get"))))
    for _ in range(4):
        play.ends(changed=True, after=0.9)
    assert play.status is Status.RUNNING


def test_the_outer_of_two_timeouts_wins() -> None:
    play = Play(timeout(1000, selector(timeout(1000, leaf("walk")), leaf("rest"))))
    play.tick(1.0)
    play.stands_still()
    assert play.log == ["walk", "halt walk"]
    assert play.code is ExecErrorCode.STEP_TIMEOUT


# ---------------------------------------------------------------- Decorator.FailOnTrue


def test_guard_that_is_false_is_success_without_running_its_child() -> None:
    play = Play(guard(HOSTILE, leaf("react")))
    assert play.log == []
    assert play.status is Status.SUCCESS


def test_guard_that_is_true_runs_its_child_and_then_fails() -> None:
    play = Play(guard(HOSTILE, leaf("react")), hostiles_present=True)
    assert play.log == ["react"]
    play.ends()
    assert play.code is ExecErrorCode.GUARD_FAILED
    assert play.machine.by_guard


def test_guard_whose_reaction_fails_passes_on_its_code() -> None:
    play = Play(until("has(torch)>=1", guard(HOSTILE, leaf("react"))), hostiles_present=True)
    play.ends(FAILED)
    assert play.code is ExecErrorCode.PATH_STUCK
    assert not play.machine.by_guard


def test_guard_that_cannot_be_read_fails() -> None:
    play = Play(guard(HOSTILE, leaf("react")), hostiles_present=None)
    assert play.code is ExecErrorCode.SENSE_API_ERROR


def test_guard_stays_armed_for_later_siblings_and_halts_them_first() -> None:
    play = Play(sequence(guard(HOSTILE, leaf("react")), leaf("one"), leaf("two")))
    play.ends()
    play.sensors[HOSTILE] = True
    play.tick()
    assert play.log == ["one", "two", "halt two"]
    assert play.status is Status.HALTING
    play.stands_still()
    assert play.log == ["one", "two", "halt two", "react"]
    play.ends()
    assert play.code is ExecErrorCode.GUARD_FAILED


def test_guard_halts_deep_within_a_sibling() -> None:
    play = Play(sequence(guard(HOSTILE, leaf("react")), timeout(9000, selector(sequence(leaf("deep"))))))
    play.sensors[HOSTILE] = True
    play.tick()
    play.stands_still()
    assert play.log == ["deep", "halt deep", "react"]


def test_guard_is_not_armed_for_earlier_siblings() -> None:
    play = Play(sequence(leaf("one"), guard(HOSTILE, leaf("react")), leaf("two")), hostiles_present=True)
    play.tick()
    assert play.log == ["one"]


def test_guard_is_not_armed_outside_its_sequence() -> None:
    play = Play(sequence(sequence(guard(HOSTILE, leaf("react"))), leaf("two")))
    play.sensors[HOSTILE] = True
    play.tick()
    assert play.log == ["two"]
    assert play.machine.watching == ()


def test_guard_in_a_selector_is_asked_only_in_its_turn() -> None:
    play = Play(selector(leaf("one"), guard(HOSTILE, leaf("react"))), hostiles_present=True)
    play.tick()
    assert play.log == ["one"]


def test_guard_triggered_while_halting_is_latched() -> None:
    play = Play(sequence(guard(HOSTILE, leaf("react")), timeout(1000, leaf("walk"))))
    play.tick(1.0)
    assert play.log == ["walk", "halt walk"]
    play.sensors[HOSTILE] = True
    play.tick()
    play.sensors[HOSTILE] = False
    play.stands_still()
    assert play.log == ["walk", "halt walk", "react"]


def test_guard_that_is_false_again_when_the_body_stands_still_has_still_triggered() -> None:
    play = Play(sequence(guard(HOSTILE, leaf("react")), leaf("walk")))
    play.sensors[HOSTILE] = True
    play.tick()
    play.sensors[HOSTILE] = False
    play.stands_still()
    assert play.log == ["walk", "halt walk", "react"]


@pytest.mark.parametrize("together", [True, False])
def test_the_outer_of_two_guards_wins(together: bool) -> None:
    inner = sequence(guard(HOSTILE, leaf("inner")), leaf("walk"))
    play = Play(sequence(guard(HURT, leaf("outer")), inner))
    play.sensors[HOSTILE] = True
    if not together:
        play.tick()
    play.sensors["health"] = 3
    play.tick()
    play.stands_still()
    assert play.log == ["walk", "halt walk", "outer"]


def test_the_earlier_of_two_guards_of_one_sequence_wins() -> None:
    play = Play(sequence(guard(HURT, leaf("first")), guard(HOSTILE, leaf("second")), leaf("walk")))
    play.sensors.update({HOSTILE: True, "health": 3})
    play.tick()
    play.stands_still()
    assert play.log == ["walk", "halt walk", "first"]


def test_guard_that_is_true_in_the_tick_in_which_its_sibling_ends_wins() -> None:
    play = Play(sequence(guard(HOSTILE, leaf("react")), leaf("walk")))
    play.sensors[HOSTILE] = True
    play.ends()
    assert play.log == ["walk", "react"]
    play.ends()
    assert play.code is ExecErrorCode.GUARD_FAILED


def test_guard_never_interrupts_its_own_reaction() -> None:
    play = Play(sequence(guard(HOSTILE, leaf("react")), leaf("walk")), hostiles_present=True)
    for _ in range(3):
        play.tick(0.05)
    assert play.log == ["react"]
    assert play.status is Status.RUNNING


def test_guard_interrupts_the_reaction_of_a_later_guard() -> None:
    play = Play(sequence(guard(HURT, leaf("first")), guard(HOSTILE, leaf("second")), leaf("walk")))
    play.sensors[HOSTILE] = True
    play.tick()
    play.stands_still()
    assert play.log[-1] == "second"
    play.sensors["health"] = 3
    play.tick()
    play.stands_still()
    assert play.log == ["walk", "halt walk", "second", "halt second", "first"]


def test_timeout_around_a_guard_halts_its_reaction() -> None:
    play = Play(timeout(1000, guard(HOSTILE, leaf("react"))), hostiles_present=True)
    play.tick(1.0)
    play.stands_still()
    assert play.log == ["react", "halt react"]
    assert play.code is ExecErrorCode.STEP_TIMEOUT


def test_armed_guard_that_cannot_be_read_halts_and_fails() -> None:
    play = Play(sequence(guard(HOSTILE, leaf("react")), leaf("walk")))
    play.sensors[HOSTILE] = None
    play.tick()
    play.stands_still()
    assert play.log == ["walk", "halt walk"]
    assert play.code is ExecErrorCode.SENSE_API_ERROR


# ---------------------------------------------------------------- HALTING


def test_halting_ends_also_when_the_leaf_comes_to_its_own_end() -> None:
    play = Play(selector(timeout(1000, leaf("walk")), leaf("rest")))
    play.tick(1.0)
    play.ends(changed=True)
    assert play.log == ["walk", "halt walk", "rest"]


def test_halting_asks_once() -> None:
    play = Play(timeout(1000, leaf("walk")))
    for _ in range(5):
        play.tick(1.0)
    assert play.log == ["walk", "halt walk"]


def test_halt_from_outside_wins_over_everything() -> None:
    play = Play(sequence(guard(HOSTILE, leaf("react")), timeout(1000, leaf("walk"))))
    play.sensors[HOSTILE] = True
    play.tick(1.0)
    play.tick(halt=STOPPED)
    assert play.status is Status.HALTING
    play.stands_still()
    assert play.log == ["walk", "halt walk"]
    assert play.machine.error == STOPPED


def test_halt_from_outside_before_the_first_tick_runs_nothing() -> None:
    machine = Machine(compile_tree(leaf("walk")), {})
    tick = machine.tick(0.0, halt=STOPPED)
    assert tick.commands == ()
    assert tick.status is Status.FAILURE


def test_a_tree_that_has_ended_does_nothing_more() -> None:
    play = Play(leaf("walk"))
    play.ends()
    tick = play.tick(1.0, halt=STOPPED)
    assert tick.commands == ()
    assert tick.status is Status.SUCCESS


# ---------------------------------------------------------------- SUSPENDED


def test_suspension_halts_the_leaf_and_starts_it_again_afterwards() -> None:
    play = Play(sequence(leaf("one"), leaf("two")))
    play.ends()
    play.tick(suspend=True)
    play_serial = play.running
    assert play_serial is not None
    play.tick(ended=Halted(play_serial.serial), suspend=True)
    assert play.status is Status.SUSPENDED
    play.tick(5.0, suspend=True)
    play.tick()
    assert play.log == ["one", "two", "halt two", "two"]


def test_suspension_stops_the_clock_of_timeouts() -> None:
    play = Play(timeout(1000, leaf("walk")))
    running = play.running
    assert running is not None
    play.tick(0.6, suspend=True)
    play.tick(ended=Halted(running.serial), suspend=True)
    play.tick(60.0)
    assert play.last.wake == pytest.approx(61.0)
    assert play.status is Status.RUNNING


def test_suspension_keeps_an_end_that_came_first() -> None:
    play = Play(sequence(leaf("one"), leaf("two")))
    running = play.running
    assert running is not None
    play.tick(suspend=True)
    play.tick(ended=Completion(running.serial), suspend=True)
    assert play.status is Status.SUSPENDED
    play.tick()
    assert play.log == ["one", "halt one", "two"]


def test_suspension_can_be_ended_by_a_halt() -> None:
    play = Play(leaf("walk"))
    running = play.running
    assert running is not None
    play.tick(suspend=True)
    play.tick(ended=Halted(running.serial), suspend=True)
    play.tick(halt=STOPPED)
    assert play.machine.error == STOPPED


# ---------------------------------------------------------------- the table itself


def test_every_row_of_the_truth_table_names_its_test_and_every_test_has_a_row() -> None:
    table = (Path(__file__).parents[2] / "docs" / "behavior-trees.md").read_text(encoding="utf-8")
    rows = set(re.findall(r"`(test_\w+)`", table))
    here = {
        name
        for name in globals()
        if name.startswith("test_")
        and name != "test_every_row_of_the_truth_table_names_its_test_and_every_test_has_a_row"
    }
    assert rows == here
