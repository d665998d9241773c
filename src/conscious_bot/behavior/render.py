"""A tree as text and as a picture: one line a node, children below and to the right of their parent."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET  # only writes
from collections.abc import Iterator
from typing import Any, NamedTuple

from conscious_bot.behavior.compiler import compile_tree
from conscious_bot.behavior.program import Kind, Program

__all__ = ["Row", "rows_of", "tree_as_svg", "tree_as_text"]

_ROW, _STEP, _HEIGHT, _CHARACTER = 30, 28, 22, 7.3
"""Pixels: from row to row, from level to level, a box's height, and a character of the font."""
_COLOURS = {
    Kind.SEQUENCE: "#dbeafe",
    Kind.SELECTOR: "#fef3c7",
    Kind.REPEAT_UNTIL: "#ede9fe",
    Kind.TIMEOUT: "#ede9fe",
    Kind.FAIL_ON_TRUE: "#fee2e2",
    Kind.LEAF: "#dcfce7",
}
_SIGNS = {
    Kind.SEQUENCE: "→ ",
    Kind.SELECTOR: "? ",
    Kind.REPEAT_UNTIL: "↻ ",
    Kind.TIMEOUT: "⏱ ",
    Kind.FAIL_ON_TRUE: "⚠ ",
}


class Row(NamedTuple):
    """A node as it is drawn, in document order."""

    kind: Kind
    path: str  # the JSON pointer within the tree
    label: str
    parent: int  # its row, -1 for the root
    last: tuple[bool, ...]  # for every level below the root, whether its node is the last child


def tree_as_text(tree: Any) -> str:
    """The tree with a line for each node. `CompileError` if it is none."""
    lines: list[str] = []
    for row in rows_of(tree):
        above = "".join("   " if last else "│  " for last in row.last[:-1])
        branch = ("└─ " if row.last[-1] else "├─ ") if row.last else ""
        lines.append(f"{above}{branch}{row.label}\n")
    return "".join(lines)


def tree_as_svg(tree: Any) -> str:
    """The tree as SVG; each box has its node's JSON pointer as `data-path`. `CompileError` if it is none."""
    rows = list(rows_of(tree))
    widths = [round(_CHARACTER * len(row.label) + 16) for row in rows]
    width = max(_STEP * len(row.last) + w for row, w in zip(rows, widths, strict=True)) + 16
    size = {"width": str(width), "height": str(_ROW * len(rows) + 16)}
    svg = ET.Element(
        "svg", {"xmlns": "http://www.w3.org/2000/svg", "font-family": "monospace", "font-size": "12", **size}
    )
    for number, (row, box) in enumerate(zip(rows, widths, strict=True)):
        x, y = 8 + _STEP * len(row.last), 8 + _ROW * number
        if row.parent >= 0:
            stem, top = x - _STEP + 10, 8 + _ROW * row.parent + _HEIGHT
            way = f"M{stem} {top}V{y + _HEIGHT // 2}H{x}"
            ET.SubElement(svg, "path", {"d": way, "fill": "none", "stroke": "#94a3b8"})
        group = ET.SubElement(svg, "g", {"data-path": row.path})
        place = {"x": str(x), "y": str(y), "width": str(box), "height": str(_HEIGHT), "rx": "4"}
        ET.SubElement(group, "rect", {**place, "fill": _COLOURS[row.kind], "stroke": "#475569"})
        ET.SubElement(group, "text", {"x": str(x + 8), "y": str(y + 15)}).text = row.label
    ET.indent(svg)
    return ET.tostring(svg, encoding="unicode") + "\n"


def rows_of(tree: Any) -> Iterator[Row]:
    """The nodes of a tree as they are drawn. `CompileError` if it is none."""
    program = compile_tree(tree)
    stack: list[tuple[int, int, tuple[bool, ...]]] = [(0, -1, ())]
    number = 0
    while stack:
        node, parent, last = stack.pop()
        kind = program.kind[node]
        yield Row(kind, program.path[node], _SIGNS.get(kind, "") + _label(program, node), parent, last)
        children = program.children[node]
        below = [(child, number, (*last, child == children[-1])) for child in children]
        stack += reversed(below)
        number += 1


def _label(program: Program, node: int) -> str:
    given = (program.args[node] or {}) if program.kind[node] is Kind.LEAF else {}
    # ASCII: an argument's text may hold characters that neither a terminal nor XML would show.
    shown = (f"{_plain(key)}={value if _bare(value) else json.dumps(value)}" for key, value in given.items())
    return " ".join((_plain(program.label[node]), *shown))


def _bare(value: Any) -> bool:
    return isinstance(value, str) and value.isascii() and value.isprintable() and " " not in value


def _plain(text: str) -> str:
    return text if text.isprintable() else json.dumps(text)
