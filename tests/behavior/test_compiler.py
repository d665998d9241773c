"""Compilation is pure: equal documents give equal programs and hashes, and what is no tree is refused."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from conscious_bot.behavior import CompileError, Kind, compile_tree, single_leaf_program
from conscious_bot.behavior.compiler import MAX_DEPTH, MAX_NODES
from conscious_bot.behavior.grammar import TREE, tree_schema
from conscious_bot.contracts.canonical import canonical_json

TORCH_CORRIDOR: dict[str, Any] = {
    "type": "Sequence",
    "children": [
        {"type": "Leaf", "name": "move_to", "args": {"pos": "$end", "safe": True}},
        {
            "type": "Repeat.Until",
            "predicate": "distance_to($end)<=1",
            "child": {
                "type": "Sequence",
                "children": [
                    {"type": "Leaf", "name": "sense_hostiles", "args": {"radius": "$hostilesRadius"}},
                    {
                        "type": "Decorator.FailOnTrue",
                        "cond": "hostiles_present",
                        "child": {"type": "Leaf", "name": "retreat_and_block", "args": {}},
                    },
                    {"type": "Leaf", "name": "place_torch_if_needed", "args": {"interval": "$interval"}},
                    {"type": "Leaf", "name": "step_forward_safely", "args": {}},
                ],
            },
        },
    ],
}


@pytest.mark.requirement("BT-01")
def test_the_documents_tree_compiles_to_a_flat_program() -> None:
    program = compile_tree(TORCH_CORRIDOR)
    assert [kind.name for kind in program.kind] == [
        "SEQUENCE",
        "LEAF",
        "REPEAT_UNTIL",
        "SEQUENCE",
        "LEAF",
        "FAIL_ON_TRUE",
        "LEAF",
        "LEAF",
        "LEAF",
    ]
    assert program.children[3] == (4, 5, 7, 8)
    assert [(one.place, one.node) for one in program.guards[3]] == [(1, 5)]
    assert program.path[6] == "/children/1/child/children/1/child"
    assert program.references == {"end", "hostilesRadius", "interval"}
    assert [predicate.text for predicate in program.predicates] == ["hostiles_present==true", "distance_to($end)<=1"]


def shuffled(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: shuffled(value[key]) for key in reversed(list(value))}
    if isinstance(value, list):
        return [shuffled(one) for one in value]
    return value


@pytest.mark.requirement("BT-04")
def test_the_hash_does_not_depend_on_the_order_of_keys() -> None:
    assert compile_tree(shuffled(TORCH_CORRIDOR)) == compile_tree(TORCH_CORRIDOR)


@pytest.mark.requirement("BT-04")
def test_the_hash_is_that_of_the_document_with_defaults_filled_in() -> None:
    short = {"type": "Leaf", "name": "wait"}
    full = {"type": "Leaf", "name": "wait", "args": {}}
    expected = hashlib.sha256(rfc8785.dumps(full)).hexdigest()
    assert compile_tree(short).tree_hash == compile_tree(full).tree_hash == expected


@pytest.mark.requirement("BT-04")
@pytest.mark.parametrize(
    "args", [{"a": 1.5}, {"a": 1e21, "b": -0.0}, {"Größe": "zwölf\u2028☃"}, {"\U0001f600": 1, "\ufb33": 2}]
)
def test_the_hash_is_that_of_rfc_8785_for_every_kind_of_value(args: dict[str, Any]) -> None:
    document = {"type": "Leaf", "name": "wait", "args": args}
    assert compile_tree(document).tree_hash == hashlib.sha256(rfc8785.dumps(document)).hexdigest()


@pytest.mark.requirement("BT-04")
def test_the_hash_is_that_of_rfc_8785_for_every_kind_of_node() -> None:
    branches = {"type": "Selector", "children": [TORCH_CORRIDOR, {"type": "Leaf", "name": "wait", "args": {}}]}
    document = {"type": "Decorator.Timeout", "ms": 1500, "child": branches}
    assert compile_tree(document).tree_hash == hashlib.sha256(rfc8785.dumps(document)).hexdigest()


@pytest.mark.requirement("BT-04")
def test_the_hash_sees_every_difference() -> None:
    other = json.loads(json.dumps(TORCH_CORRIDOR).replace("<=1", "<=2"))
    assert compile_tree(other).tree_hash != compile_tree(TORCH_CORRIDOR).tree_hash


@pytest.mark.requirement("BT-01")
@pytest.mark.parametrize(
    ("tree", "pointer"),
    [
        ({"type": "Parallel", "children": []}, ""),
        ({"name": "wait"}, ""),
        ({"type": "Sequence", "children": []}, "/children"),
        ({"type": "Leaf", "name": "wait", "code": "print()"}, "/code"),
        ({"type": "Leaf", "name": "Wait!"}, "/name"),
        ({"type": "Sequence", "children": [{"type": "Leaf", "name": "wait"}, {"type": "Leaf"}]}, "/children/1/name"),
        ({"type": "Decorator.Timeout", "ms": 0, "child": {"type": "Leaf", "name": "wait"}}, "/ms"),
        ({"type": "Decorator.Timeout", "ms": "10", "child": {"type": "Leaf", "name": "wait"}}, "/ms"),
        ({"type": "Decorator.FailOnTrue", "cond": "1==1", "child": {"type": "Leaf", "name": "wait"}}, "/cond"),
        ({"type": "Repeat.Until", "predicate": "health", "child": {"type": "Leaf", "name": "wait"}}, "/predicate"),
        ({"type": "Leaf", "name": "wait", "args": {"a": float("nan")}}, ""),
        ([], ""),
        (None, ""),
    ],
)
def test_what_is_no_tree_is_refused_with_a_pointer_to_the_place(tree: Any, pointer: str) -> None:
    with pytest.raises(CompileError) as caught:
        compile_tree(tree)
    assert pointer in [finding.pointer for finding in caught.value.findings]


def test_all_findings_are_reported_at_once() -> None:
    bad = {"type": "Decorator.FailOnTrue", "cond": "nonsense", "child": {"type": "Leaf", "name": "wait"}}
    with pytest.raises(CompileError) as caught:
        compile_tree({"type": "Sequence", "children": [bad, bad]})
    assert [finding.pointer for finding in caught.value.findings] == ["/children/0/cond", "/children/1/cond"]


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 200, 20_000])
def test_a_tree_that_is_too_deep_is_refused(depth: int) -> None:
    tree: dict[str, Any] = {"type": "Leaf", "name": "wait"}
    for _ in range(depth - 1):
        tree = {"type": "Sequence", "children": [tree]}
    with pytest.raises(CompileError, match="too deep"):
        compile_tree(tree)


def test_a_tree_of_the_greatest_depth_compiles() -> None:
    tree: dict[str, Any] = {"type": "Leaf", "name": "wait"}
    for _ in range(MAX_DEPTH - 1):
        tree = {"type": "Sequence", "children": [tree]}
    assert len(compile_tree(tree)) == MAX_DEPTH


@pytest.mark.parametrize("nodes", [MAX_NODES + 1, 200_000])
def test_a_tree_that_is_too_large_is_refused(nodes: int) -> None:
    leaf = {"type": "Leaf", "name": "wait"}
    with pytest.raises(CompileError, match=r"too many|too large"):
        compile_tree({"type": "Sequence", "children": [leaf] * (nodes - 1)})


def test_a_tree_that_contains_itself_is_refused() -> None:
    tree: dict[str, Any] = {"type": "Sequence", "children": []}
    tree["children"].append(tree)
    with pytest.raises(CompileError, match="contains itself"):
        compile_tree(tree)
    tree["children"] += [tree] * 9  # it would be too large before it is too deep
    with pytest.raises(CompileError, match="contains itself"):
        compile_tree(tree)


def test_single_leaves_with_equal_names_and_keys_share_one_program() -> None:
    one = single_leaf_program("dig_block", {"pos": 1, "tool": 2})
    assert one is single_leaf_program("dig_block", ["tool", "pos"])
    assert one.kind == (Kind.LEAF,)
    assert one.references == {"pos", "tool"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
WORDS = st.sampled_from(["Sequence", "Selector", "Repeat.Until", "Decorator.Timeout", "Decorator.FailOnTrue", "Leaf"])
DOCUMENTS = st.recursive(
    st.fixed_dictionaries({"type": WORDS}, optional={"name": st.just("wait"), "args": JSON}),
    lambda inner: st.fixed_dictionaries(
        {"type": WORDS},
        optional={
            "children": st.lists(inner, max_size=3),
            "child": inner,
            "ms": st.integers(-1, 100) | JSON,
            "cond": st.just("hostiles_present") | JSON,
            "predicate": st.just("health>=1") | JSON,
        },
    ),
    max_leaves=10,
)


@given(DOCUMENTS | JSON)
@settings(max_examples=150, deadline=None)
def test_any_document_compiles_or_is_refused_and_nothing_else(document: Any) -> None:
    try:
        program = compile_tree(document)
    except CompileError:
        return
    assert program.tree_hash == compile_tree(shuffled(document)).tree_hash
    filled = TREE.dump_python(TREE.validate_python(document), mode="python")
    assert program.tree_hash == hashlib.sha256(canonical_json(filled).encode()).hexdigest()


def test_the_grammar_is_available_as_json_schema() -> None:
    import jsonschema_rs

    validator = jsonschema_rs.validator_for(tree_schema())
    assert validator.is_valid(TORCH_CORRIDOR)
    assert not validator.is_valid({"type": "Parallel", "children": []})
    assert not validator.is_valid({"type": "Leaf", "name": "wait", "code": "x"})
