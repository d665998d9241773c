"""An option as BehaviorTree.CPP XML and back is the same option; what is no option is refused with its place."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conscious_bot.behavior.palette import palette_to_xml
from conscious_bot.behavior.xml import XmlError, option_from_xml, option_to_xml
from conscious_bot.leaves.catalogue import default_catalogue
from conscious_bot.registry.shipped import shipped_options

SAFE = st.text(st.characters(min_codepoint=0x20, exclude_categories=["Cs", "Cc", "Cn"]), max_size=20)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
    | st.sampled_from(["$end", "{end}", "json:1", "$", "$a b", "true", "6", "", "a\nb", "\x00", "<&>\"'"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
KEYS = st.sampled_from(["pos", "safe", "name", "ID", "_args", "a b", "", "xmlns", "é"]) | st.text(max_size=6)
LEAF = st.fixed_dictionaries(
    {"type": st.just("Leaf"), "name": st.from_regex(r"[a-z][a-z0-9_]{0,12}", fullmatch=True)},
    optional={"args": st.dictionaries(KEYS, VALUES, max_size=4)},
)


def _grown(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return (
        st.fixed_dictionaries(
            {"type": st.sampled_from(["Sequence", "Selector"]), "children": st.lists(inner, max_size=3)}
        )
        | st.fixed_dictionaries({"type": st.just("Repeat.Until"), "predicate": SAFE, "child": inner})
        | st.fixed_dictionaries({"type": st.just("Decorator.FailOnTrue"), "cond": SAFE, "child": inner})
        | st.fixed_dictionaries({"type": st.just("Decorator.Timeout"), "ms": st.integers(-5, 10**9), "child": inner})
    )


TREES = st.recursive(LEAF, _grown, max_leaves=8)
OPTIONS = st.fixed_dictionaries(
    {"id": SAFE, "version": st.text(max_size=8), "tree": TREES},
    optional={"argsSchema": VALUES, "tests": st.lists(VALUES, max_size=2), "description": st.text()},
)


@pytest.mark.requirement("BT-08")
@settings(max_examples=150, deadline=None)
@given(OPTIONS)
def test_a_document_survives_the_way_there_and_back(document: dict[str, Any]) -> None:
    text = option_to_xml(document)
    assert option_from_xml(text) == document
    assert option_from_xml(text.encode()) == document


@pytest.mark.requirement("BT-08")
@pytest.mark.parametrize("name", shipped_options())
def test_shipped_options_are_what_behaviortree_cpp_calls_them_with_a_model_of_every_node(name: str) -> None:
    document = json.loads(shipped_options()[name])
    text = option_to_xml(document)
    assert option_from_xml(text) == document
    root = ET.fromstring(text)  # noqa: S314 - our own text
    assert (root.tag, root.get("BTCPP_format"), root.get("main_tree_to_execute")) == ("root", "4", document["id"])
    builtin = {"Sequence", "Fallback", "Timeout"}
    model = {one.get("ID"): {port.get("name") for port in one} for one in root.findall("TreeNodesModel/*")}
    for node in root.findall("BehaviorTree//*"):
        assert node.tag in builtin or set(node.attrib) <= model[node.tag]


@pytest.mark.requirement("BT-08")
def test_the_palette_has_every_leaf_with_its_ports_and_an_option_that_was_saved_with_it_comes_back_the_same() -> None:
    specs = default_catalogue().specs()
    palette = ET.fromstring(palette_to_xml(specs))  # noqa: S314 - our own text
    assert (palette.tag, palette.get("BTCPP_format"), [one.tag for one in palette]) == ("root", "4", ["TreeNodesModel"])
    model = {
        str(one.get("ID")): {str(port.get("name")): port for port in one.findall("input_port")} for one in palette[0]
    }
    assert set(model) == {spec.name for spec in specs} | {"RepeatUntil", "FailOnTrue"}
    for spec in specs:
        properties: dict[str, Any] = spec.input_schema.get("properties", {})
        assert set(model[spec.name]) == set(properties)
        # What an editor fills in is what the leaf would have filled in.
        given = {name: port.attrib["default"] for name, port in model[spec.name].items() if "default" in port.attrib}
        node = ET.tostring(ET.Element(spec.name, given), encoding="unicode")
        text = (
            f'<root BTCPP_format="4"><BehaviorTree ID="a">{node}</BehaviorTree>'
            f'{ET.tostring(palette[0], encoding="unicode")}<Option document="{{}}"/></root>'
        )
        defaults = {name: part["default"] for name, part in properties.items() if "default" in part}
        assert option_from_xml(text) == {"tree": {"type": "Leaf", "name": spec.name, "args": defaults}}
    for shipped in shipped_options().values():
        document = json.loads(shipped)
        saved = ET.fromstring(option_to_xml(document))  # noqa: S314 - our own text
        own = saved.find("TreeNodesModel")
        assert own is not None
        assert all({port.get("name") for port in one} <= set(model[str(one.get("ID"))]) for one in own)
        saved.remove(own)
        saved.append(palette[0])
        assert option_from_xml(ET.tostring(saved)) == document


def test_the_mapping_is_what_its_table_says() -> None:
    look = {"type": "Leaf", "name": "look", "args": {"at": "$end", "radius": 6, "how": "well"}}
    tree: dict[str, Any] = {
        "type": "Sequence",
        "children": [
            {"type": "Decorator.FailOnTrue", "cond": "hostiles_present", "child": look},
            {"type": "Repeat.Until", "predicate": "distance_to($end)<=1", "child": look},
            {"type": "Selector", "children": [{"type": "Decorator.Timeout", "ms": 500, "child": look}]},
        ],
    }
    text = option_to_xml({"id": "opt.a", "version": "1.0.0", "tree": tree})
    body = text[text.index("<BehaviorTree") : text.index("<TreeNodesModel")]
    assert [line.strip() for line in body.splitlines()][1:12] == [
        "<Sequence>",
        '<FailOnTrue cond="hostiles_present">',
        '<look at="{end}" radius="json:6" how="well" />',
        "</FailOnTrue>",
        '<RepeatUntil predicate="distance_to($end)&lt;=1">',
        '<look at="{end}" radius="json:6" how="well" />',
        "</RepeatUntil>",
        "<Fallback>",
        '<Timeout msec="500">',
        '<look at="{end}" radius="json:6" how="well" />',
        "</Timeout>",
    ]


def xml(tree: str, option: str = '<Option document="{}"/>', form: str = "4") -> str:
    return f'<root BTCPP_format="{form}">\n<BehaviorTree ID="a">{tree}</BehaviorTree>\n{option}</root>'


BOMB = '<?xml version="1.0"?><!DOCTYPE root [<!ENTITY a "x"><!ENTITY b "&a;&a;">]>'


@pytest.mark.requirement("BT-08")
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1, column 1: no element found"),
        ("<root", "line 1, column 1: unclosed token"),
        (BOMB + xml("<look/>"), "line 1, column 37: a document type declaration is refused"),
        (xml('<look a="&amp;" b="&b;"/>'), "undefined entity"),
        (xml("<look/>", form="3"), 'line 1, column 1: expected <root BTCPP_format="4">'),
        (xml("<look/>", option=""), "expected one Option element"),
        (xml("<look/>", option='<Option document="{]"/>'), "line 3, column 1: is no JSON"),
        (xml("<look/>", option='<Option document="[]"/>'), "line 3, column 1: document has to be a JSON object"),
        (xml("<look/><look/>"), "line 2, column 1: <BehaviorTree> has one child, here are 2"),
        (xml("<ReactiveSequence><look/></ReactiveSequence>"), "column 22: <ReactiveSequence> is neither a leaf nor"),
        (xml("<SubTree ID='b'/>"), "<SubTree> is neither a leaf nor"),
        (xml("<Timeout msec='1.5'><look/></Timeout>"), "msec has to be a whole number, not '1.5'"),
        (xml("<Timeout><look/></Timeout>"), "<Timeout> needs msec"),
        (xml("<Sequence _skipIf='x'><look/></Sequence>"), "<Sequence> has no attribute '_skipIf'"),
        (xml("<look a='json:{'/>"), "line 2, column 22, a: is no JSON"),
        (xml("<look a='json:NaN'/>"), "NaN is no number"),
        (xml("<look _args='7'/>"), "_args has to be a JSON object"),
        (xml("<look><look/></look>"), "column 28: the leaf look has no children"),
        (xml("hello<look/>"), "unexpected text 'hello'"),
        (xml("<Sequence>" * 40 + "</Sequence>" * 40), "too large or too deep"),
        (xml("<Sequence>" + "<look/>" * 40_000 + "</Sequence>"), "too large or too deep"),
        (" " * (4 << 20) + xml("<look/>"), "larger than 4 MiB"),
    ],
)
def test_what_is_no_option_is_refused_with_its_place_and_the_reason(text: str, said: str) -> None:
    with pytest.raises(XmlError) as caught:
        option_from_xml(text)
    assert said in str(caught.value)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: xml(text).encode("utf-8", "replace")))
def test_no_bytes_raise_anything_but_the_one_error(text: bytes) -> None:
    try:
        found = option_from_xml(text)
    except XmlError:
        return
    assert "tree" in found


@pytest.mark.parametrize(
    ("tree", "said"),
    [
        (None, "/tree: is no node"),
        ({"type": "Parallel", "children": []}, "/tree: 'Parallel'"),
        ({"type": "Sequence", "children": [{"type": "Leaf", "name": "A b"}]}, "/tree/children/0: is no leaf"),
        ({"type": "Repeat.Until", "predicate": "a\x00", "child": {"type": "Leaf", "name": "a"}}, "/tree/predicate"),
    ],
)
def test_what_is_no_tree_is_not_exported(tree: Any, said: str) -> None:
    with pytest.raises(XmlError) as caught:
        option_to_xml({"id": "opt.a", "version": "1.0.0", "tree": tree})
    assert said in str(caught.value)
