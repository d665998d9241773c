"""What holds for every life in the simulated world; `tools/prove` runs the same for longer."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tools.prove.determinism import compare
from tools.prove.simulation import PRESETS, conserved, twins

SEEDS = st.integers(1_000, 1_000_000)
FEW = settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@pytest.mark.requirement("WORLD-02")
@FEW
@given(SEEDS)
def test_no_life_makes_or_loses_an_item_or_leaves_the_bounds(seed: int) -> None:
    done, problems = conserved(seed, 50)
    assert not problems
    assert done > 10


@pytest.mark.requirement("WORLD-02", "WORLD-05")
@FEW
@given(SEEDS, st.sampled_from(PRESETS))
def test_forks_and_saves_go_on_as_their_world_and_light_is_right_after_any_life(seed: int, preset: str) -> None:
    assert not twins(seed, preset, 200, view=2)


@pytest.mark.requirement("WORLD-02")
@pytest.mark.parametrize(("seed", "preset"), [(7, "default"), (8, "flat")])
@pytest.mark.slow
def test_two_processes_live_the_same_life_to_the_bit(seed: int, preset: str) -> None:
    count, different, _ = compare(seed, preset, 1_000, view=2)
    assert count > 10
    assert different == 0
