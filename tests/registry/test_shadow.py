"""Candidate and incumbent begin in the same fork; wins promote, and a careless twin never replaces the real one."""

from __future__ import annotations

from typing import Any

import pytest

from conscious_bot.behavior import CompiledOption, LeafIndex, compile_option
from conscious_bot.contracts import OptionDocument, RunMode
from conscious_bot.game.tables import Tables
from conscious_bot.leaves.catalogue import default_catalogue
from conscious_bot.registry.governor import Governor
from conscious_bot.registry.pipeline import Pipeline
from conscious_bot.registry.principals import Policy
from conscious_bot.registry.refusal import RegistryRefusal
from conscious_bot.registry.shadow import run_pair, run_shadow, run_trials, starts_of
from conscious_bot.registry.trial import try_option

from .conftest import OPERATOR, House
from .corridors import corridor, proposal, twin, with_test, zombie

TABLES, CATALOGUE = Tables.builtin(), default_catalogue()
LEAVES = LeafIndex(CATALOGUE.specs())


def short(raw: dict[str, Any], version: str) -> CompiledOption:
    document = {**with_test(raw, corridor(6), 6, 6), "version": version}
    return compile_option(OptionDocument.model_validate(document), LEAVES, cap_s=600)


@pytest.mark.requirement("GOV-06")
def test_a_shadow_run_leaves_its_start_as_it_was_and_is_a_function_of_it() -> None:
    option = short(proposal(), "1.0.0")
    start = next(starts_of(option.document, TABLES, [1]))
    first, second = run_shadow(option, start, CATALOGUE), run_shadow(option, start, CATALOGUE)
    assert first == second
    assert first.result.ok
    assert start.world.players[0].inventory.count("torch") == 32


@pytest.mark.requirement("GOV-06")
def test_a_pair_says_what_both_did_from_the_same_start() -> None:
    option, careless = short(proposal(), "1.0.0"), short(twin(proposal(), safe=False), "1.0.1")
    start = next(starts_of(option.document, TABLES, [1]))
    run = run_pair(careless, option, start, CATALOGUE, at=0)
    assert (run.mode, run.ok, run.incumbent, run.incumbent_ok) == (
        RunMode.SHADOW,
        False,
        "opt.torch_corridor@1.0.0",
        True,
    )
    assert run.error is not None
    assert "corridor.light>=8" in str(run.error.detail)


@pytest.mark.requirement("GOV-03", "GOV-04", "GOV-06", "GOV-07", "SCN-11")
@pytest.mark.slow
def test_the_documents_option_is_promoted_by_its_shadow_runs_and_a_careless_successor_is_retired(
    house: House,
) -> None:
    option, careless = short(proposal(), "1.0.0"), short(twin(proposal(), safe=False), "1.0.1")

    def trial(compiled: CompiledOption) -> Any:
        return try_option(compiled, CATALOGUE, TABLES)

    pipeline = Pipeline(house.registry, lambda: LEAVES, Policy(), trial, (), 600.0)
    pipeline.register(option.document.model_dump(mode="json", by_alias=True, exclude_unset=True), OPERATOR)
    governor = Governor(house.registry)
    change = run_trials(governor, option, None, starts_of(option.document, TABLES, range(12)), CATALOGUE)
    assert change is not None
    assert (change.act, change.evidence["runs"]) == ("promote", 9)
    health = house.registry.health("opt.torch_corridor@1.0.0")
    assert (health.runs, health.win_rate, health.distinct_starts) == (9, 1.0, 9)
    lenient = {**careless.document.model_dump(mode="json", by_alias=True, exclude_unset=True)}
    lenient |= {"tests": [], "provenance": {"authoredBy": "human"}}
    pipeline.register(lenient, OPERATOR)
    starts = starts_of(careless.document, TABLES, range(60))
    ended = run_trials(governor, careless, option, starts, CATALOGUE)
    assert ended is not None
    assert (ended.id, ended.act) == ("opt.torch_corridor@1.0.1", "retire")
    with pytest.raises(RegistryRefusal, match=r"opt\.torch_corridor@1\.0\.1 is retired"):
        run_trials(governor, careless, option, starts_of(careless.document, TABLES, range(1)), CATALOGUE)
    assert house.registry.resolve("opt.torch_corridor") is not None


@pytest.mark.requirement("GOV-06")
def test_starts_of_another_seed_have_the_same_ground_and_other_chance() -> None:
    world = corridor(12, entities=(zombie(6),))
    document = OptionDocument.model_validate(with_test(proposal(), world, 12, 6))

    def after_a_while(seed: int) -> tuple[object, ...]:
        start = next(starts_of(document, TABLES, [seed]))
        start.world.advance(start.world.now() + 30.0)
        return tuple(view.position for view in start.world.herd.views())

    assert after_a_while(1) == after_a_while(1)
    assert after_a_while(1) != after_a_while(2)
