from __future__ import annotations

import pytest
from pydantic import ValidationError

from conscious_bot.contracts import (
    ActionResult,
    ExecError,
    ExecErrorCode,
    IdSource,
    Intent,
    LeafSpec,
    Permission,
    PlanStep,
)


@pytest.mark.requirement("PBI-01")
def test_wire_names_are_camel_case_and_read_back_from_either_spelling():
    intent = Intent(id="i1", source="user", goal="get 1 stick", urgency=0.5, time_budget_ms=1000)
    wire = intent.wire()
    assert wire["timeBudgetMs"] == 1000
    assert Intent.model_validate(wire) == intent
    assert Intent.model_validate({**wire, "timeBudgetMs": 1000}) == Intent.model_validate(
        {"id": "i1", "source": "user", "goal": "get 1 stick", "urgency": 0.5, "time_budget_ms": 1000}
    )


@pytest.mark.requirement("PBI-01")
def test_an_unknown_key_is_refused_and_named():
    with pytest.raises(ValidationError, match="urgencyy"):
        Intent.model_validate({"id": "i", "source": "user", "goal": "g", "urgency": 0, "urgencyy": 1})


@pytest.mark.requirement("PBI-01")
@pytest.mark.parametrize("key", ["type", "option_id", "optionId"])
def test_a_plan_step_accepts_option_id_as_its_type(key: str):
    assert PlanStep.model_validate({"stepId": "s", key: "opt.x@1.0.0"}).type == "opt.x@1.0.0"


def test_a_result_is_either_ok_or_an_error_never_both():
    error = ExecError.of(ExecErrorCode.DIG_TIMEOUT)
    with pytest.raises(ValidationError, match="either ok or carries an error"):
        ActionResult(ok=True, error=error, started_at=0, ended_at=1)
    with pytest.raises(ValidationError, match="either ok or carries an error"):
        ActionResult(ok=False, started_at=0, ended_at=1)


@pytest.mark.requirement("LEAF-05")
def test_every_error_code_says_whether_to_retry_and_what_would_help():
    for code in ExecErrorCode:
        assert code.traits.hint
        assert isinstance(code.retryable, bool)


@pytest.mark.requirement("LEAF-01")
def test_a_leaf_spec_has_the_documents_defaults_and_permissions():
    spec = LeafSpec.model_validate(
        {
            "name": "dig_block",
            "version": "1.0.0",
            "description": "digs",
            "inputSchema": {"type": "object"},
            "timeoutMs": 1000,
            "retries": 1,
            "permissions": ["dig"],
        }
    )
    assert (spec.rate_limit_per_min, spec.max_concurrent) == (60, 1)
    assert spec.mutating
    assert Permission("container.read")
    with pytest.raises(ValidationError):
        LeafSpec.model_validate({**spec.wire(), "permissions": ["fly"]})


def test_ids_depend_on_the_seed_and_go_on_after_a_resume():
    one, two = IdSource("7"), IdSource("7")
    first = [one.new("plan"), one.new("step"), one.new("plan")]
    assert first == [two.new("plan"), two.new("step"), two.new("plan")]
    assert len(set(first)) == 3
    assert IdSource("8").new("plan") != first[0]
    assert IdSource("7", one.position).new("plan") == two.new("plan")
