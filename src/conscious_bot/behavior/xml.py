"""Options as BehaviorTree.CPP v4 XML, as Groot2 opens it, and back, with nothing lost on the way.

    Sequence              Sequence      keeps its index while a child runs and begins anew after a failure:
                                        ours. (SequenceWithMemory would keep its place after a failure too.)
    Selector              Fallback      the same
    Decorator.Timeout     Timeout       msec
    Repeat.Until          RepeatUntil   predicate; a node of its own, declared in TreeNodesModel
    Decorator.FailOnTrue  FailOnTrue    cond; a node of its own
    Leaf                  the leaf's name as an action, a port for each argument

A port is text. What is a text here stands as it is, a `$name` as the blackboard entry `{name}`, all else as
`json:` and its JSON; a text that could be taken for one of these is written as `json:` too. What the XML has
no place for (schema, conditions, tests, permissions) travels as JSON in an `Option` element beside the tree.
A document type declaration is refused: nothing is ever expanded.

To run the XML elsewhere, RepeatUntil and FailOnTrue have to be written there as docs/behavior-trees.md says;
a FailOnTrue stays armed for its later siblings, which no node of BehaviorTree.CPP does by itself.
"""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET  # only writes; what is read goes through expat below
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from xml.parsers import expat

from conscious_bot.behavior.compiler import MAX_DEPTH, MAX_NODES, oversize
from conscious_bot.contracts import ConsciousBotError

__all__ = ["XmlError", "option_from_xml", "option_to_xml", "port_text"]

_MAX_BYTES = 4 << 20
_JSON = "json:"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_PORT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_REFERENCE = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")
_ENTRY = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_BARRED = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\t\n\r]")
"""What XML cannot carry, or an attribute would not give back."""
_BRANCHES = {"Sequence": "Sequence", "Selector": "Fallback"}
_DECORATORS = {
    "Decorator.Timeout": ("Timeout", "ms", "msec"),
    "Repeat.Until": ("RepeatUntil", "predicate", "predicate"),
    "Decorator.FailOnTrue": ("FailOnTrue", "cond", "cond"),
}
_OURS = {tag: kind for kind, tag in _BRANCHES.items()} | {tag: kind for kind, (tag, _, _) in _DECORATORS.items()}
_RESERVED = frozenset({"name", "ID", "_args"})
"""Attributes that are no ports: Groot2's label and id, and ours for arguments whose names XML would refuse."""


class XmlError(ConsciousBotError):
    """XML that is no option, with line and column; or an option that is none. Seen by whoever imports or exports."""


# ---------------------------------------------------------------------- out


def option_to_xml(document: Mapping[str, Any]) -> str:
    """The option's document, as it is written in JSON, as XML. `XmlError` where its tree is not the grammar's."""
    too_large = oversize(document)
    if too_large is not None:
        raise XmlError(f"{too_large.pointer or '/'}: {too_large.reason}")
    name = str(document.get("id", "option"))
    root = ET.Element("root", BTCPP_format="4", main_tree_to_execute=_clean(name, "/id"))
    tree = ET.SubElement(root, "BehaviorTree", ID=_clean(name, "/id"))
    ports: dict[str, set[str]] = {}
    _write(document.get("tree"), tree, "/tree", ports)
    model = ET.SubElement(root, "TreeNodesModel")
    for kind, port in (("RepeatUntil", "predicate"), ("FailOnTrue", "cond")):
        ET.SubElement(ET.SubElement(model, "Decorator", ID=kind), "input_port", name=port, type="std::string")
    for leaf, names in sorted(ports.items()):
        action = ET.SubElement(model, "Action", ID=leaf)
        for port in sorted(names):
            ET.SubElement(action, "input_port", name=port, type="std::string")
    rest = {key: value for key, value in document.items() if key != "tree"}
    ET.SubElement(root, "Option", document=_json(rest, ""))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _write(node: Any, parent: ET.Element, place: str, ports: dict[str, set[str]]) -> None:
    if not isinstance(node, Mapping):
        raise XmlError(f"{place}: is no node")
    given = cast("Mapping[str, Any]", node)
    kind = given.get("type")
    if kind == "Leaf":
        _write_leaf(given, parent, place, ports)
    elif kind in _BRANCHES and set(given) == {"type", "children"} and isinstance(given["children"], list):
        element = ET.SubElement(parent, _BRANCHES[kind])
        for number, child in enumerate(cast("list[Any]", given["children"])):
            _write(child, element, f"{place}/children/{number}", ports)
    elif kind in _DECORATORS and set(given) == {"type", _DECORATORS[kind][1], "child"}:
        tag, key, attribute = _DECORATORS[kind]
        value = given[key]
        expected = int if key == "ms" else str
        if type(value) is not expected:
            raise XmlError(f"{place}/{key}: has to be {expected.__name__}")
        # A predicate's own $name stays as it is: the predicate is read by us, not by a blackboard.
        element = ET.SubElement(parent, tag, {attribute: _clean(str(value), f"{place}/{key}")})
        _write(given["child"], element, f"{place}/child", ports)
    else:
        raise XmlError(f"{place}: {kind!r} with {', '.join(sorted(map(str, given)))} is no node of the grammar")


def _write_leaf(node: Mapping[str, Any], parent: ET.Element, place: str, ports: dict[str, set[str]]) -> None:
    name, args = node.get("name"), node.get("args", {})
    if not isinstance(name, str) or not _NAME.fullmatch(name) or not isinstance(args, Mapping):
        raise XmlError(f"{place}: is no leaf with a name and args")
    if node.keys() - {"type", "name", "args"}:
        raise XmlError(f"{place}: a leaf has type, name and args only")
    element = ET.SubElement(parent, name)
    known = ports.setdefault(name, set())
    odd: dict[str, Any] = {}
    for key, value in cast("Mapping[str, Any]", args).items():
        if _PORT.fullmatch(key) and key not in _RESERVED and not key.lower().startswith(("xml", "_")):
            element.set(key, port_text(value, f"{place}/args/{key}"))
            known.add(key)
        else:
            odd[key] = value
    if odd or "args" not in node:
        # null: the document has no args at all, which its reader fills in.
        element.set("_args", _json(odd if "args" in node else None, f"{place}/args"))


def port_text(value: Any, place: str = "") -> str:
    """A value as a port carries it. `XmlError`, naming the place, for what JSON cannot carry."""
    if isinstance(value, str):
        reference = _REFERENCE.fullmatch(value)
        if reference is not None:
            return f"{{{reference[1]}}}"
        if not value.startswith(_JSON) and not _ENTRY.fullmatch(value) and not _BARRED.search(value):
            return value
    return _JSON + _json(value, place)


def _json(value: Any, place: str) -> str:
    try:
        # Escaped to ASCII: no character is left that XML could not carry.
        return json.dumps(value, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise XmlError(f"{place}: holds what JSON cannot carry ({error})") from error


def _clean(text: str, place: str) -> str:
    if _BARRED.search(text):
        raise XmlError(f"{place}: holds a character that XML cannot carry")
    return text


# ---------------------------------------------------------------------- in


@dataclass(slots=True)
class _Element:
    tag: str
    attributes: dict[str, str]
    at: str
    children: list[_Element] = field(default_factory=list["_Element"])


def option_from_xml(text: str | bytes) -> dict[str, Any]:
    """The document that XML carries; it still has to pass the linter. `XmlError` names line and column."""
    root = _parsed(text)
    if root.tag != "root" or root.attributes.get("BTCPP_format") != "4":
        raise XmlError(f'{root.at}: expected <root BTCPP_format="4">, found <{root.tag}>')
    trees = [one for one in root.children if one.tag == "BehaviorTree"]
    options = [one for one in root.children if one.tag == "Option"]
    if len(trees) != 1:
        raise XmlError(f"{root.at}: an option has one BehaviorTree, here are {len(trees)}; options do not nest")
    if len(options) != 1:
        raise XmlError(f"{root.at}: expected one Option element with what is not in the tree, found {len(options)}")
    for one in root.children:
        if one.tag not in ("BehaviorTree", "Option", "TreeNodesModel"):
            raise XmlError(f"{one.at}: <{one.tag}> has no place in an option")
    _only(options[0], {"document"})
    rest = _value(options[0].attributes.get("document", ""), options[0].at)
    if not isinstance(rest, dict) or "tree" in rest:
        raise XmlError(f"{options[0].at}: document has to be a JSON object without a tree")
    return {**cast("dict[str, Any]", rest), "tree": _read(_child(trees[0]))}


def _parsed(text: str | bytes) -> _Element:
    if len(text) > _MAX_BYTES:
        raise XmlError(f"the XML is larger than {_MAX_BYTES >> 20} MiB")
    parser = expat.ParserCreate()
    parser.buffer_text = True
    open_: list[_Element] = []
    roots: list[_Element] = []
    count = 0

    def at() -> str:
        return f"line {parser.CurrentLineNumber}, column {parser.CurrentColumnNumber + 1}"

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        element = _Element(tag, attributes, at())
        if count > MAX_NODES * 8 or len(open_) > MAX_DEPTH + 2:
            raise XmlError(f"{element.at}: too large or too deep; a tree has {MAX_NODES} nodes, {MAX_DEPTH} levels")
        (open_[-1].children if open_ else roots).append(element)
        open_.append(element)

    def end(_tag: str) -> None:
        open_.pop()

    def words(data: str) -> None:
        # Within a model there may be descriptions.
        if data.strip() and not any(one.tag == "TreeNodesModel" for one in open_):
            raise XmlError(f"{at()}: unexpected text {data.strip()[:40]!r}")

    def declared(*_: Any) -> None:
        raise XmlError(f"{at()}: a document type declaration is refused")

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = words, declared
    try:
        parser.Parse(text, True)  # noqa: FBT003 - expat takes it by position only
    except expat.ExpatError as error:
        raise XmlError(f"line {error.lineno}, column {error.offset + 1}: {expat.ErrorString(error.code)}") from error
    except (LookupError, UnicodeError, ValueError) as error:
        raise XmlError(f"{at()}: cannot be read as text ({error})") from error
    return roots[0]


def _read(element: _Element) -> dict[str, Any]:
    kind = _OURS.get(element.tag)
    if kind in _BRANCHES:
        _only(element, {"name"})
        return {"type": kind, "children": [_read(child) for child in element.children]}
    if kind is not None:
        _, key, attribute = _DECORATORS[kind]
        _only(element, {attribute, "name"})
        text = element.attributes.get(attribute)
        if text is None:
            raise XmlError(f"{element.at}: <{element.tag}> needs {attribute}")
        if key == "ms" and not re.fullmatch(r"-?[0-9]{1,15}", text, re.ASCII):
            raise XmlError(f"{element.at}: msec has to be a whole number, not {text!r}")
        return {"type": kind, key: int(text) if key == "ms" else text, "child": _read(_child(element))}
    return _read_leaf(element)


def _read_leaf(element: _Element) -> dict[str, Any]:
    ports = {key: value for key, value in element.attributes.items() if key not in _RESERVED}
    # Groot2 can also write <Action ID="move_to" .../>.
    name = element.attributes.get("ID", "") if element.tag == "Action" else element.tag
    if not _NAME.fullmatch(name):
        known = ", ".join(sorted(_OURS))
        raise XmlError(f"{element.at}: <{element.tag}> is neither a leaf nor one of {known}")
    if element.children:
        raise XmlError(f"{element.children[0].at}: the leaf {name} has no children")
    odd = _value(element.attributes["_args"], element.at) if "_args" in element.attributes else {}
    leaf: dict[str, Any] = {"type": "Leaf", "name": name}
    if odd is None and not ports:
        return leaf
    if not isinstance(odd, dict) or odd.keys() & ports.keys():
        raise XmlError(f"{element.at}: _args has to be a JSON object of arguments that are not given otherwise")
    args = {key: _from_port(value, f"{element.at}, {key}") for key, value in ports.items()}
    return {**leaf, "args": {**args, **cast("dict[str, Any]", odd)}}


def _from_port(text: str, place: str) -> Any:
    entry = _ENTRY.fullmatch(text)
    if entry is not None:
        return f"${entry[1]}"
    return _value(text.removeprefix(_JSON), place) if text.startswith(_JSON) else text


def _value(text: str, place: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        reason = "too deeply nested" if isinstance(error, RecursionError) else str(error)
        raise XmlError(f"{place}: is no JSON: {reason}") from error


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def _child(element: _Element) -> _Element:
    if len(element.children) != 1:
        raise XmlError(f"{element.at}: <{element.tag}> has one child, here are {len(element.children)}")
    return element.children[0]


def _only(element: _Element, allowed: set[str]) -> None:
    unknown = sorted(element.attributes.keys() - allowed)
    if unknown:
        raise XmlError(f"{element.at}: <{element.tag}> has no attribute {unknown[0]!r}")
