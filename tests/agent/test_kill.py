from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.agent.killing import kill_until_done


@pytest.mark.requirement("MEM-04", "TIME-04", "PBI-04")
@pytest.mark.slow
def test_a_bot_killed_at_random_moments_goes_on_with_its_goal_and_every_item_is_accounted_for(tmp_path: Path):
    kills, problems = kill_until_done(tmp_path, seed=7, chance=random.Random(7), most=4)
    assert problems == []
    assert kills == 4
