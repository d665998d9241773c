"""The linter finds everything at once, says where and what helps, and lets no escalation pass."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tools.prove import documents

from conscious_bot.behavior import CompileError, LeafIndex, LintReport, compile_option, lint_option, option_schema
from conscious_bot.contracts import FindingCode, LeafSpec, OptionDocument, Permission

EVERYTHING = frozenset(Permission)
PLACE = {
    "anyOf": [
        {"type": "array", "items": {"type": "integer"}, "minItems": 3, "maxItems": 3},
        {"type": "object", "properties": {axis: {"type": "integer"} for axis in "xyz"}, "required": ["x", "y", "z"]},
    ]
}


def spec(
    name: str,
    permissions: set[Permission],
    version: str = "1.0.0",
    more: dict[str, dict[str, frozenset[Permission]]] | None = None,
    **properties: Any,
) -> LeafSpec:
    return LeafSpec(
        name=name,
        version=version,
        description=name,
        input_schema={
            "type": "object",
            "properties": properties,
            "required": [one for one, schema in properties.items() if "default" not in schema],
            "additionalProperties": False,
        },
        timeout_ms=10_000,
        retries=1,
        permissions=frozenset(permissions),
        argument_permissions=more or {},
    )


LEAVES = LeafIndex(
    (
        spec("walk", {Permission.MOVEMENT}, pos=PLACE, safe={"type": "boolean", "default": False}),
        spec("look", {Permission.SENSE}, radius={"type": "integer", "minimum": 1, "maximum": 64}),
        spec("put", {Permission.PLACE}, item={"type": "string"}),
        spec("put", {Permission.PLACE}, "1.10.0", item={"type": "string"}, count={"type": "integer", "default": 1}),
        spec("put", {Permission.PLACE}, "1.9.0", item={"type": "string"}),
        spec("wait", set(), seconds={"type": "number", "default": 1}),
        spec(
            "strike",
            {Permission.MOVEMENT},
            more={"whom": {"any": frozenset({Permission.TARGET_PASSIVE})}},
            whom={"enum": ["hostile", "any"], "default": "hostile"},
        ),
    )
)


def leaf(name: str = "wait", **args: Any) -> dict[str, Any]:
    return {"type": "Leaf", "name": name, "args": args}


def guard(cond: str, child: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"type": "Decorator.FailOnTrue", "cond": cond, "child": child or leaf()}


def sequence(*children: Any) -> dict[str, Any]:
    return {"type": "Sequence", "children": list(children)}


def selector(*children: Any) -> dict[str, Any]:
    return {"type": "Selector", "children": list(children)}


def option(tree: Any, **more: Any) -> dict[str, Any]:
    return {"id": "opt.thing", "version": "1.0.0", "tree": tree, **more}


def lint(document: Any, granted: frozenset[Permission] = EVERYTHING) -> LintReport:
    return lint_option(document, LEAVES, granted, ("fixtures/corridor_12_blocks.json",))


def errors(document: Any, granted: frozenset[Permission] = EVERYTHING) -> list[tuple[str, str]]:
    return [(one.pointer, one.code.value) for one in lint(document, granted).errors]


ARGS = {
    "type": "object",
    "properties": {"end": {"type": "object"}, "radius": {"type": "integer", "default": 10}},
    "required": ["end"],
}


@pytest.mark.requirement("BT-01", "BT-03")
def test_a_sound_option_has_notes_only() -> None:
    tree = sequence(
        leaf("walk", pos="$end", safe=True),
        {"type": "Repeat.Until", "predicate": "distance_to($end)<=1", "child": leaf("look", radius="$radius")},
    )
    report = lint(option(tree, argsSchema=ARGS, permissions=["movement", "sense"], post=["reached(end)==true"]))
    assert report.errors == ()
    assert [(one.pointer, one.code) for one in report.findings] == [
        ("/tree/children/0", FindingCode.MISSING_TIMEOUT),
        ("/tree/children/1/child", FindingCode.MISSING_TIMEOUT),
    ]
    assert report.permissions == {Permission.MOVEMENT, Permission.SENSE}
    assert report.document is not None


@pytest.mark.requirement("BT-03")
def test_every_finding_is_reported_at_once_with_place_reason_and_remedy() -> None:
    tree = sequence(
        {"type": "Parallel", "children": [leaf("fly")]},
        leaf("wlak", pos=[1, 2, 3]),
        leaf("walk", pos=[1, 2], safe="yes", speed=3),
        leaf("look", radius="$far"),
        guard("monsters_near>=1"),
        guard("require('fs').exit()"),
        leaf("put", item="torch", code="x"),
        {"type": "Leaf", "name": "wait", "script": "print()"},
    )
    document = option(tree, permissions=["movement"], pre=["has(torch"], colour="red")
    report = lint(document)
    found = {(one.pointer, one.code.value) for one in report.errors}
    assert found == {
        ("/colour", "schema"),
        ("/pre/0", "inline-code"),
        ("/tree/children/0", "unknown-node"),
        ("/tree/children/0/children/0/name", "unknown-leaf"),
        ("/tree/children/1/name", "unknown-leaf"),
        ("/tree/children/2/args/pos", "bad-args"),
        ("/tree/children/2/args/safe", "bad-args"),
        ("/tree/children/2/args", "bad-args"),
        ("/tree/children/3/args", "unbound-arg"),
        ("/tree/children/4/cond", "unknown-sensor"),
        ("/tree/children/5/cond", "inline-code"),
        ("/tree/children/6/args", "bad-args"),
        ("/tree/children/6", "option-permission-escalation"),
        ("/tree/children/3", "option-permission-escalation"),
        ("/tree/children/7/script", "unknown-key"),
    }
    assert all(one.reason and one.remedy for one in report.findings)
    assert "walk" in next(one.remedy for one in report.errors if one.pointer == "/tree/children/1/name")


@pytest.mark.requirement("GOV-08")
@pytest.mark.parametrize(
    ("args", "needs_more"), [({}, False), ({"who": "bad"}, False), ({"who": "good"}, True), ({"who": "$who"}, True)]
)
def test_what_an_arguments_value_needs_counts_and_a_reference_may_be_any_value(
    args: dict[str, str], needs_more: bool
) -> None:
    strike = LeafSpec.model_validate(
        {
            **spec("strike", {Permission.MOVEMENT}, who={"enum": ["bad", "good"], "default": "bad"}).model_dump(),
            "argument_permissions": {"who": {"good": frozenset({Permission.TARGET_PASSIVE})}},
        }
    )
    leaves = LeafIndex((strike,))
    schema = {"type": "object", "properties": {"who": {"type": "string", "default": "bad"}}}
    document = option(leaf("strike", **args), argsSchema=schema)
    more = {Permission.TARGET_PASSIVE} if needs_more else set[Permission]()
    report = lint_option({**document, "permissions": ["movement"]}, leaves, EVERYTHING)
    assert [one.code for one in report.errors] == [FindingCode.PERMISSION_ESCALATION] * len(more)
    refused = lint_option(document, leaves, EVERYTHING - {Permission.TARGET_PASSIVE})
    assert [one.code for one in refused.errors] == [FindingCode.PERMISSION_ESCALATION] * len(more)
    compiled = compile_option(OptionDocument.model_validate(document), leaves, cap_s=60)
    assert compiled.permissions == {Permission.MOVEMENT} | more


@pytest.mark.requirement("BT-03", "GOV-08")
def test_a_permission_beyond_the_declared_ones_is_named_with_its_node() -> None:
    report = lint(option(sequence(leaf("walk", pos=[1, 2, 3]), leaf("put", item="dirt")), permissions=["movement"]))
    assert [(one.pointer, one.code.value) for one in report.errors] == [
        ("/tree/children/1", "option-permission-escalation")
    ]
    assert "place" in report.errors[0].reason


@pytest.mark.requirement("BT-03", "GOV-08")
@pytest.mark.parametrize(
    ("args", "escalates"),
    [({}, False), ({"whom": "hostile"}, False), ({"whom": "any"}, True), ({"whom": "$whom"}, True)],
)
def test_an_argument_that_needs_a_permission_counts_and_so_does_one_that_its_caller_gives(
    args: dict[str, Any], escalates: bool
) -> None:
    schema = {"type": "object", "properties": {"whom": {"type": "string"}}, "required": ["whom"]}
    raw = option(leaf("strike", **args), permissions=["movement"], argsSchema=schema)
    found = [(one.pointer, one.code.value) for one in lint(raw).errors]
    assert found == ([("/tree", "option-permission-escalation")] if escalates else [])
    undeclared = option(leaf("strike", **args), argsSchema=schema)
    needed = compile_option(OptionDocument.model_validate(undeclared), LEAVES, cap_s=60).permissions
    assert (Permission.TARGET_PASSIVE in needed) is escalates


@pytest.mark.requirement("GOV-08")
def test_what_the_policy_does_not_grant_is_refused_declared_or_not() -> None:
    granted = frozenset({Permission.MOVEMENT})
    escalation = "option-permission-escalation"
    assert errors(option(leaf("put", item="dirt")), granted) == [("/tree", escalation)]
    assert errors(option(leaf(), permissions=["place"]), granted) == [("/permissions", escalation)]
    assert errors(option(leaf("walk", pos=[1, 2, 3])), granted) == []


@pytest.mark.requirement("BT-03")
@pytest.mark.parametrize(
    ("tree", "pointer"),
    [
        (sequence(guard("health<=20"), leaf()), "/tree/children/1"),
        (sequence(guard("health>20"), leaf()), "/tree/children/0/child"),
        (selector(guard("light>15"), leaf()), "/tree/children/1"),
        (selector(sequence(guard("has(torch)>=0"), leaf()), leaf()), "/tree/children/0/children/1"),
        ({"type": "Repeat.Until", "predicate": "has(torch)>=0", "child": leaf()}, "/tree/child"),
        (
            sequence(guard("hostiles_present"), sequence(guard("hostiles_present==true"))),
            "/tree/children/1/children/0/child",
        ),
    ],
)
def test_a_branch_that_can_never_run_is_found(tree: dict[str, Any], pointer: str) -> None:
    assert (pointer, "unreachable-branch") in errors(option(tree))


@pytest.mark.requirement("BT-03")
def test_branches_that_may_run_are_left_alone() -> None:
    tree = selector(
        sequence(guard("health<6"), leaf()),
        {"type": "Decorator.Timeout", "ms": 5, "child": leaf()},
        sequence(guard("hostiles_present"), guard("health<6"), leaf()),
    )
    assert errors(option(tree)) == []


@pytest.mark.requirement("BT-03")
def test_arguments_that_may_be_missing_or_never_fit_are_found() -> None:
    schema = {"type": "object", "properties": {"end": {"type": "string"}, "far": {"type": "integer", "default": 99}}}
    tree = sequence(leaf("walk", pos="$end"), leaf("look", radius="$far"))
    assert errors(option(tree, argsSchema=schema)) == [
        ("/tree/children/0/args", "unbound-arg"),
        ("/tree/children/0/args/pos", "bad-args"),
        ("/tree/children/1/args/radius", "bad-args"),
    ]


@pytest.mark.requirement("BT-03")
def test_depth_width_size_and_cycles_are_capped() -> None:
    deep: dict[str, Any] = leaf()
    for _ in range(34):
        deep = sequence(deep)
    circle: dict[str, Any] = sequence()
    circle["children"].append(circle)
    assert "too-deep" in {code for _, code in errors(option(deep))}
    assert ("/tree/children", "too-wide") in errors(option(sequence(*[leaf()] * 257)))
    assert "too-large" in {code for _, code in errors(option(sequence(*[sequence(*[leaf()] * 250)] * 20)))}
    assert errors(option(circle)) == [("", "cycle")]
    assert ("/provenance/parent", "cycle") in errors(
        option(leaf(), provenance={"authoredBy": "human", "parent": "opt.thing@1.0.0"})
    )


@pytest.mark.requirement("BT-03")
def test_a_models_option_needs_tests_and_tests_name_shipped_worlds_only() -> None:
    model = {"authored_by": "LLM"}
    assert errors(option(leaf(), provenance=model)) == [("/tests", "no-tests")]
    for world in ("fixtures/nowhere.json", "../../etc/passwd", "/etc/passwd"):
        tests = [{"name": "t", "world": world}]
        assert errors(option(leaf(), provenance=model, tests=tests)) == [("/tests/0/world", "unknown-fixture")]
    tests = [{"name": "t", "world": "fixtures/corridor_12_blocks.json", "args": {"end": 3}}]
    assert errors(option(leaf("walk", pos="$end"), argsSchema=ARGS, tests=tests)) == [("/tests/0/args/end", "bad-args")]


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "$ref": "https://example.org/schema.json"},
        {"type": "object", "$ref": "file:///etc/passwd"},
        {"type": "object", "properties": {"a": {"type": "nonsense"}}},
        {"type": "array"},
    ],
)
def test_an_args_schema_that_is_none_or_leads_outside_is_refused_without_fetching(schema: dict[str, Any]) -> None:
    assert ("/argsSchema", "bad-value") in errors(option(leaf(), argsSchema=schema))


@pytest.mark.requirement("BT-04")
def test_the_hash_is_blind_to_the_order_and_spelling_of_keys_and_sees_the_rest() -> None:
    one = option(leaf("put", item="torch"), argsSchema=ARGS, provenance={"authoredBy": "llm"})
    two = {
        "provenance": {"authored_by": "LLM"},
        "args_schema": ARGS,
        **dict(reversed(option({"args": {"item": "torch"}, "name": "put", "type": "Leaf"}).items())),
    }
    compiled = [compile_option(OptionDocument.model_validate(each), LEAVES, cap_s=600) for each in (one, two)]
    assert compiled[0].document_hash == compiled[1].document_hash
    assert compiled[0].leaves == ("put@1.10.0",)
    other = compile_option(OptionDocument.model_validate({**one, "version": "1.0.1"}), LEAVES, cap_s=600)
    assert other.document_hash != compiled[0].document_hash
    assert other.program.tree_hash == compiled[0].program.tree_hash


@pytest.mark.requirement("BT-04")
def test_bounds_come_from_leaves_timeouts_and_policy_and_an_unbounded_option_does_not_compile() -> None:
    def bound(tree: dict[str, Any], cap: float | None) -> float:
        return compile_option(OptionDocument.model_validate(option(tree)), LEAVES, cap_s=cap).bound_s

    loop = {"type": "Repeat.Until", "predicate": "health>=20", "child": leaf()}
    assert bound(sequence(leaf(), leaf()), None) == 40
    assert bound(sequence(leaf(), leaf()), 30) == 30
    assert bound(loop, 600) == 600
    assert bound({"type": "Decorator.Timeout", "ms": 5000, "child": loop}, None) == 5
    with pytest.raises(CompileError) as caught:
        bound(loop, None)
    assert caught.value.findings[0].code is FindingCode.MISSING_TIMEOUT


@pytest.mark.requirement("BT-01")
def test_the_json_schema_accepts_the_documents_proposal_and_refuses_a_seventh_node_type() -> None:
    validator = jsonschema_rs.Draft202012Validator(option_schema())
    proposal = json.loads((Path(__file__).parents[2] / "options" / "torch_corridor.json").read_text("utf-8"))
    camel = {**proposal, "provenance": {"authoredBy": "llm", "reflexionHintId": "rx"}}
    assert not list(validator.iter_errors(camel))
    assert list(validator.iter_errors({**camel, "tree": {"type": "Parallel", "children": []}}))


_TEXTS = ("", "opt.a", "1.0.0", "$end", "walk", "look", "wait", "Leaf", "Sequence", "hostiles_present", "\U0001f600")
_KEYS = (
    *("type", "children", "child", "name", "args", "cond", "predicate", "ms", "tree", "tests", "id", "version"),
    *("argsSchema", "properties", "$ref", "assert", "post", "world", "provenance", "permissions"),
)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 70) | st.floats() | st.sampled_from(_TEXTS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_KEYS), inner, max_size=5),
    max_leaves=25,
)


@pytest.mark.requirement("BT-03")
@settings(max_examples=150, deadline=None)
@given(_VALUES)
def test_no_document_of_any_shape_makes_the_linter_raise(value: Any) -> None:
    lint(value)
    lint(option(value, argsSchema=ARGS))


@pytest.mark.requirement("BT-02")
@pytest.mark.parametrize("text", ["1==1", "a&&b", "health>=eval(1)", "() => true", "health>=1 and food>=1", "$end"])
def test_code_in_a_predicate_is_refused_with_a_pointer(text: str) -> None:
    found = errors(option(guard(text)))
    assert [place for place, _ in found] == ["/tree/cond"]
    assert re.fullmatch("inline-code|bad-predicate|unknown-sensor", found[0][1])


@pytest.mark.requirement("BT-03", "BT-04", "GOV-08")
def test_a_sample_of_random_documents_holds(capsys: pytest.CaptureFixture[str]) -> None:
    """Seeded; `make prove ARGS=documents` takes a million and runs 10,000."""
    assert documents.main(["--documents", "2000", "--runs", "20"]), capsys.readouterr().out
