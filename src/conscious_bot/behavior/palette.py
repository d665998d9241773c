"""Every node that an option may be made of, as the TreeNodesModel that Groot2 loads: the editor's palette.

BehaviorTree.CPP's own nodes (Sequence, Fallback, Timeout) are known to every editor; the two of our own and the
leaves are declared. Every port is text, as `behavior/xml.py` writes and reads it.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET  # only writes
from collections.abc import Iterable
from typing import Any

from conscious_bot.behavior.xml import port_text
from conscious_bot.contracts import LeafSpec

__all__ = ["palette_to_xml"]

_DECORATORS = (
    ("RepeatUntil", "predicate", "Asked before every pass; the loop succeeds when it is true."),
    (
        "FailOnTrue",
        "cond",
        "When it is true the child reacts to it, then the node fails. Armed for later siblings.",
    ),
)
"""Tag, port and meaning of what BehaviorTree.CPP does not have."""


def palette_to_xml(leaves: Iterable[LeafSpec]) -> str:
    """The palette of these leaves; of several versions of a leaf the last one given counts."""
    root = ET.Element("root", BTCPP_format="4")
    model = ET.SubElement(root, "TreeNodesModel")
    for tag, port, meaning in _DECORATORS:
        _port(ET.SubElement(model, "Decorator", ID=tag), port, meaning)
    for _, leaf in sorted({leaf.name: leaf for leaf in leaves}.items()):
        action = ET.SubElement(model, "Action", ID=leaf.name)
        fields = ET.SubElement(action, "MetadataFields")
        for key, text in (("leaf", leaf.id), ("description", " ".join(leaf.description.split()))):
            ET.SubElement(fields, "Metadata", {key: text})
        properties: dict[str, Any] = leaf.input_schema.get("properties", {})
        required = leaf.input_schema.get("required", [])
        for name, schema in sorted(properties.items()):
            _port(action, name, _meaning(schema, needed=name in required), _default(schema))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _port(node: ET.Element, name: str, meaning: str, default: str | None = None) -> None:
    port = ET.SubElement(node, "input_port", name=name, type="std::string")
    if default is not None:
        port.set("default", default)
    port.text = meaning


def _default(schema: Any) -> str | None:
    return port_text(schema["default"]) if isinstance(schema, dict) and "default" in schema else None


def _meaning(schema: Any, *, needed: bool) -> str:
    """What a schema says of a value, in words."""
    found = schema if isinstance(schema, dict) else {}
    if "enum" in found:
        text = f"one of {', '.join(map(str, found['enum']))}"
    else:
        said = found.get("description") or found.get("type") or "any value"
        text = " or ".join(map(str, said)) if isinstance(said, list) else str(said)
    return text + (" (required)" if needed else "")
