"""A tree is drawn node for node, as text and as SVG, whatever its arguments hold."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from hypothesis import given, settings
from tests.behavior.test_xml import TREES

from conscious_bot.behavior import CompileError, compile_tree
from conscious_bot.behavior.render import rows_of, tree_as_svg, tree_as_text
from conscious_bot.registry.shipped import shipped_options


def test_the_documents_option_as_text() -> None:
    tree = json.loads(shipped_options()["torch_corridor"])["tree"]
    assert tree_as_text(tree) == (
        "→ Sequence\n"
        "├─ move_to pos=$end safe=true\n"
        "└─ ↻ Repeat.Until distance_to($end)<=1\n"
        "   └─ → Sequence\n"
        "      ├─ sense_hostiles radius=$hostilesRadius\n"
        "      ├─ ⚠ FailOnTrue hostiles_present\n"
        "      │  └─ retreat_and_block\n"
        "      ├─ place_torch_if_needed interval=$interval\n"
        "      └─ step_forward_safely\n"
    )


@pytest.mark.parametrize("name", shipped_options())
def test_the_picture_has_a_box_for_every_node_at_its_place_in_the_document(name: str) -> None:
    tree = json.loads(shipped_options()[name])["tree"]
    svg = ET.fromstring(tree_as_svg(tree))  # noqa: S314 - our own text
    space = "{http://www.w3.org/2000/svg}"
    groups = svg.findall(f"{space}g")
    assert {one.get("data-path") for one in groups} == set(compile_tree(tree).path)
    assert len(svg.findall(f"{space}path")) == len(groups) - 1
    for one in groups:
        box = one.find(f"{space}rect")
        assert box is not None
        assert float(box.attrib["x"]) + float(box.attrib["width"]) <= float(svg.attrib["width"])


@settings(max_examples=100, deadline=None)
@given(TREES)
def test_any_tree_that_compiles_is_a_line_a_node_and_sound_xml(tree: dict[str, Any]) -> None:
    try:
        nodes = len(compile_tree(tree).kind)
    except CompileError:
        return
    assert len(tree_as_text(tree).split("\n")) == nodes + 1
    assert len(ET.fromstring(tree_as_svg(tree)).findall(".//{*}rect")) == nodes  # noqa: S314 - our own text


@pytest.mark.parametrize("name", sorted(shipped_options()))
def test_what_is_drawn_stands_in_the_order_of_the_programs_nodes(name: str) -> None:
    """A recorded tick names its node by number: the picture it plays over counts alike."""
    tree = json.loads(shipped_options()[name])["tree"]
    rows = list(rows_of(tree))
    program = compile_tree(tree)
    assert [row.path for row in rows] == list(program.path)
    assert [[i for i, row in enumerate(rows) if row.parent == node and row.last] for node in range(len(rows))] == [
        list(children) for children in program.children
    ]
