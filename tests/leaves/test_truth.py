"""A sample of `make prove ARGS=leaf_truth`: no success is claimed that the world's own arrays do not bear out."""

from __future__ import annotations

import pytest
from tools.prove.leaf_truth import run_many


@pytest.mark.requirement("LEAF-04", "LEAF-05")
def test_random_leaves_with_random_arguments_claim_nothing_that_is_not_so() -> None:
    counts, wrong = run_many(160, seed=7)
    assert wrong == []
    assert counts["changed"] >= 10
    assert counts["unknown"] == 0
