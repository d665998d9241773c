"""Promotion needs evidence, retirement too, and looking after every run changes neither error rate."""

from __future__ import annotations

import math
from itertools import cycle, islice

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tools.prove import promotion as proof

from conscious_bot.registry.promotion import Bet, Outcome, PromotionRule, RatioTest, Verdict, decide, watch

RULE = PromotionRule()


def runs(count: int, *, ok: bool = True, starts: int = 6, seconds: float = 10, **more: object) -> list[Outcome]:
    return [Outcome(ok=ok, start=str(n % starts), seconds=seconds, **more) for n in range(count)]  # type: ignore[arg-type]


@pytest.mark.requirement("GOV-04")
def test_no_data_is_never_a_pass() -> None:
    assert decide(RULE, [], 60).verdict is Verdict.WATCH


@pytest.mark.requirement("GOV-04")
def test_three_of_three_is_not_enough_and_nine_wins_from_enough_starts_are() -> None:
    assert decide(RULE, runs(3), 60).verdict is Verdict.WATCH
    decision = decide(RULE, runs(20), 60)
    assert (decision.verdict, decision.runs) == (Verdict.PROMOTE, 9)
    assert math.ceil(math.log(0.95 / 0.05) / math.log(0.85 / 0.60)) == 9


@pytest.mark.requirement("GOV-04")
@pytest.mark.parametrize(
    ("rule", "outcomes", "gate", "detail"),
    [
        (RULE, runs(20, starts=2), "distinct starts", "2 won"),
        (RULE, runs(20, seconds=61), "p95 duration", "61.0 s of 60.0 s"),
        (PromotionRule(min_successes=50), runs(20), "successes", "20 of 50"),
        (PromotionRule(min_win_rate=1.0), [*runs(1, ok=False), *runs(14)], "win-rate floor", "93% of 100%"),
    ],
)
def test_each_gate_that_stays_closed_is_named_with_its_figure(
    rule: PromotionRule, outcomes: list[Outcome], gate: str, detail: str
) -> None:
    decision = decide(rule, outcomes, 60)
    assert (decision.verdict, decision.gate, decision.detail) == (Verdict.WATCH, gate, detail)


@pytest.mark.requirement("GOV-07")
def test_the_first_violation_retires_whatever_was_won_before() -> None:
    outcomes = [*runs(5), Outcome(ok=True, start="x", violation="left the geofence"), *runs(50)]
    decision = decide(RULE, outcomes, 60)
    assert (decision.verdict, decision.gate, decision.detail, decision.runs) == (
        Verdict.RETIRE,
        "safety",
        "left the geofence",
        6,
    )
    assert watch(RULE, outcomes).verdict is Verdict.RETIRE


@pytest.mark.requirement("GOV-07")
def test_losing_retires_and_being_undecided_at_the_cap_does_too() -> None:
    assert decide(RULE, runs(20, ok=False), 60).gate == "win-rate"
    undecided = decide(PromotionRule(max_runs=8), runs(20), 60)
    assert (undecided.verdict, undecided.gate, undecided.runs) == (Verdict.RETIRE, "run cap", 8)


@pytest.mark.requirement("GOV-06")
def test_an_equal_candidate_with_a_better_metric_replaces_a_sure_incumbent_and_without_one_does_not() -> None:
    better = decide(RULE, runs(150, incumbent_ok=True, better=1), 60)
    assert better.verdict is Verdict.PROMOTE
    same = decide(RULE, runs(RULE.max_runs - 1, incumbent_ok=True), 60)
    assert (same.verdict, same.gate) == (Verdict.WATCH, "declared metric")
    assert decide(RULE, runs(RULE.max_runs, incumbent_ok=True), 60).gate == "run cap"


@pytest.mark.requirement("GOV-06")
def test_a_candidate_that_dies_more_often_than_the_incumbent_is_retired_not_promoted() -> None:
    outcomes = runs(150, incumbent_ok=False, better=1)
    outcomes[3] = Outcome(ok=False, start="3", died=True, incumbent_ok=False, better=1)
    decision = decide(RULE, outcomes, 60)
    assert (decision.verdict, decision.gate) == (Verdict.RETIRE, "safety")
    assert "1 deaths more" in decision.detail


@pytest.mark.requirement("GOV-07", "SCN-13")
def test_an_active_option_is_taken_back_soon_after_it_begins_to_lose_and_never_before_five_runs() -> None:
    assert watch(RULE, runs(4, ok=False)).verdict is Verdict.WATCH
    assert watch(RULE, runs(9, ok=False)).runs == 5
    decision = watch(RULE, [*runs(1000), *runs(20, ok=False)])
    assert decision.verdict is Verdict.RETIRE
    assert decision.runs <= 1008


@pytest.mark.requirement("GOV-05")
def test_an_active_option_that_wins_most_of_its_runs_stays() -> None:
    outcomes = [Outcome(ok=ok, start="s") for ok in islice(cycle([True] * 9 + [False]), 500)]
    assert watch(RULE, outcomes).verdict is Verdict.WATCH


@given(st.lists(st.booleans(), max_size=60), st.integers(0, 59))
def test_the_answer_stands_whatever_comes_after_it(wins: list[bool], cut: int) -> None:
    outcomes = [Outcome(ok=ok, start=str(n % 5)) for n, ok in enumerate(wins)]
    early = decide(RULE, outcomes[:cut], 60)
    if early.verdict is not Verdict.WATCH:
        assert decide(RULE, outcomes, 60) == early


def test_a_fair_bet_keeps_its_value_on_average_and_a_sure_one_grows() -> None:
    bet = Bet(0.0)
    win, lose = Bet(0.0), Bet(0.0)
    win.add(1)
    lose.add(-1)
    assert bet.fortune == 1
    assert (win.fortune + lose.fortune) / 2 == pytest.approx(1)
    for _ in range(10):
        win.add(1)
    assert win.fortune > 20


def test_the_ratio_test_has_walds_bounds() -> None:
    test = RatioTest(0.6, 0.85, 0.05, 0.05)
    assert (round(test.low, 3), round(test.high, 3)) == (-2.944, 2.944)


@pytest.mark.requirement("GOV-04", "GOV-07")
def test_a_sample_of_the_simulation_holds(capsys: pytest.CaptureFixture[str]) -> None:
    """Seeded; `make prove ARGS=promotion` takes 10,000 options for each point."""
    assert proof.main(100, bound=0.12, caps=()), capsys.readouterr().out
