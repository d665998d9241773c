"""From a tree document to a flat program. Pure: the same JSON, in any order of keys, gives the same program."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from pydantic import ValidationError

from conscious_bot.behavior.findings import grammar_findings, predicate_finding
from conscious_bot.behavior.grammar import TREE, FailOnTrue, Leaf, Node, RepeatUntil, Selector, Sequence, Timeout
from conscious_bot.behavior.predicates import Predicate, PredicateError, parse_predicate
from conscious_bot.behavior.program import Guard, Kind, Program
from conscious_bot.behavior.ticks import Status, Transition
from conscious_bot.contracts import ConsciousBotError, Finding, FindingCode
from conscious_bot.contracts.canonical import CanonicalError, canonical_json

__all__ = [
    "MAX_DEPTH",
    "MAX_NODES",
    "CompileError",
    "compile_tree",
    "oversize",
    "references_in",
    "single_leaf_program",
]

MAX_DEPTH = 32
MAX_NODES = 4096
_MAX_ARGS_DEPTH = 16


class CompileError(ConsciousBotError):
    """A document that is no tree of the DSL. Carries every finding, for the author of the option."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("; ".join(f"{one.pointer or '/'}: {one.reason}" for one in findings[:5]))
        self.findings = findings


def compile_tree(document: Mapping[str, Any]) -> Program:
    """The program of a tree. Raises `CompileError` with all findings; never anything else."""
    found = oversize(document)
    if found is not None:
        raise CompileError((found,))
    try:
        tree = TREE.validate_python(document)
    except ValidationError as error:
        raise CompileError(tuple(grammar_findings(error))) from error
    build = _Build()
    try:
        build.add(tree, "")
    except CanonicalError as error:
        raise CompileError((_bad("", FindingCode.BAD_VALUE, f"holds what JSON cannot carry: {error}"),)) from error
    if build.findings:
        raise CompileError(tuple(build.findings))
    return build.program()


def single_leaf_program(name: str, args: Iterable[str]) -> Program:
    """The tree of one leaf, so that a plan step that names a leaf runs as a tree too.

    `args` names the leaf's arguments (a mapping of them will do); run the tree with their values as
    its own arguments, so that values stay literal and equal leaves share one program and hash.
    """
    return _single_leaf(name, tuple(sorted(args)))


@lru_cache(maxsize=256)
def _single_leaf(name: str, args: tuple[str, ...]) -> Program:
    return compile_tree({"type": "Leaf", "name": name, "args": {one: f"${one}" for one in args}})


def references_in(value: Any) -> set[str]:
    """The names of the tree's arguments that a leaf's arguments refer to."""
    if isinstance(value, str):
        return {value[1:]} if value.startswith("$") else set()
    if isinstance(value, dict):
        return {name for one in value.values() for name in references_in(one)}
    if isinstance(value, (list, tuple)):
        return {name for one in value for name in references_in(one)}
    return set()


def oversize(document: Any) -> Finding | None:
    """What is too deep, too large or runs in circles, said before any recursive code sees it."""
    level: list[Any] = [document] if isinstance(document, (dict, list, tuple)) else []
    depth = values = 0
    while level:
        depth += 1
        values += sum(map(len, level))
        # One node nests two levels in JSON (its object and its list of children).
        if depth > 2 * MAX_DEPTH + _MAX_ARGS_DEPTH or values > MAX_NODES * 16:
            if _circular(document):
                return _bad("", FindingCode.CYCLE, "contains itself")
            if values > MAX_NODES * 16:
                return _bad("", FindingCode.TOO_LARGE, f"is too large; a tree has at most {MAX_NODES} nodes")
            return _too_deep("")
        level = [
            one
            for value in level
            for one in (value.values() if isinstance(value, dict) else value)
            if type(one) in _CONTAINERS
        ]
    return None


_CONTAINERS = frozenset({dict, list, tuple})


def _circular(document: Any) -> bool:
    """Whether some container holds itself. JSON cannot say that, but Python's objects can."""
    path: list[tuple[Any, Any]] = [(document, iter([document]))]
    above: set[int] = set()
    done: set[int] = set()
    while path:
        value, inner = path[-1]
        for one in inner:
            if type(one) not in _CONTAINERS or id(one) in done:
                continue
            if id(one) in above:
                return True
            above.add(id(one))
            path.append((one, iter(one.values() if isinstance(one, dict) else one)))
            break
        else:
            path.pop()
            above.discard(id(value))
            done.add(id(value))
    return False


def _bad(place: str, code: FindingCode, reason: str) -> Finding:
    return Finding(pointer=place, code=code, reason=reason, remedy=_REMEDIES[code])


def _too_deep(place: str) -> Finding:
    return _bad(place, FindingCode.TOO_DEEP, f"is nested too deeply; a tree has at most {MAX_DEPTH} levels")


_REMEDIES = {
    FindingCode.BAD_VALUE: "give it a value that fits",
    FindingCode.CYCLE: "write the inner tree out where it is meant",
    FindingCode.TOO_DEEP: "split the option, or flatten Sequences within Sequences",
    FindingCode.TOO_LARGE: "split the option",
}


_Row = tuple[
    Kind, tuple[int, ...], tuple[Guard, ...], int, float, str, dict[str, Any] | None, str, str
]  # kind, children, guards, predicate, timeout, leaf, args, path, label
_EMPTY: _Row = (Kind.LEAF, (), (), -1, 0.0, "", None, "", "")


@dataclass(slots=True)
class _Build:
    rows: list[_Row] = field(default_factory=list[_Row])
    predicates: dict[Predicate, int] = field(default_factory=dict[Predicate, int])
    references: set[str] = field(default_factory=set[str])
    findings: list[Finding] = field(default_factory=list[Finding])
    # The tree's canonical JSON, keys in order, written while the nodes are visited anyway.
    text: list[str] = field(default_factory=list[str])

    def add(self, node: Node, path: str, depth: int = 1) -> int:
        rows = self.rows
        number = len(rows)
        if depth > MAX_DEPTH:
            self.findings.append(_too_deep(path))
            return number
        if number == MAX_NODES:
            detail = f"is one node too many; a tree has at most {MAX_NODES}"
            self.findings.append(_bad(path, FindingCode.TOO_LARGE, detail))
        if number >= MAX_NODES:
            return number
        rows.append(_EMPTY)
        match node:
            case Leaf():
                name, args = node.name, node.args
                written = "{}"
                if args:
                    written = canonical_json(args)
                    self.references |= references_in(args)
                self.text.append(f'{{"args":{written},"name":"{name}","type":"Leaf"}}')
                rows[number] = (Kind.LEAF, (), (), -1, 0.0, name, args, path, name)
            case Sequence():
                children = self._children(node.children, path, depth)
                self.text.append('],"type":"Sequence"}')
                guards = tuple(
                    [
                        Guard(place, child, rows[child][3])
                        for place, child in enumerate(children)
                        if child < len(rows) and rows[child][0] is Kind.FAIL_ON_TRUE
                    ]
                )
                rows[number] = (Kind.SEQUENCE, children, guards, -1, 0.0, "", None, path, "Sequence")
            case Selector():
                children = self._children(node.children, path, depth)
                self.text.append('],"type":"Selector"}')
                rows[number] = (Kind.SELECTOR, children, (), -1, 0.0, "", None, path, "Selector")
            case RepeatUntil():
                children = self._child(node.child, path, depth)
                self.text.append(f',"predicate":{canonical_json(node.predicate)},"type":"Repeat.Until"}}')
                predicate = self._predicate(node.predicate, f"{path}/predicate")
                label = f"Repeat.Until {node.predicate}"
                rows[number] = (Kind.REPEAT_UNTIL, children, (), predicate, 0.0, "", None, path, label)
            case Timeout():
                children = self._child(node.child, path, depth)
                self.text.append(f',"ms":{node.ms},"type":"Decorator.Timeout"}}')
                label = f"Timeout {node.ms} ms"
                rows[number] = (Kind.TIMEOUT, children, (), -1, node.ms / 1000, "", None, path, label)
            case FailOnTrue():
                children = self._child(node.child, path, depth)
                self.text.append(f',"cond":{canonical_json(node.cond)},"type":"Decorator.FailOnTrue"}}')
                predicate = self._predicate(node.cond, f"{path}/cond")
                label = f"FailOnTrue {node.cond}"
                rows[number] = (Kind.FAIL_ON_TRUE, children, (), predicate, 0.0, "", None, path, label)
        return number

    def _children(self, nodes: list[Node], path: str, depth: int) -> tuple[int, ...]:
        found: list[int] = []
        sign = '{"children":['
        for place, child in enumerate(nodes):
            self.text.append(sign)
            found.append(self.add(child, f"{path}/children/{place}", depth + 1))
            sign = ","
        return tuple(found)

    def _child(self, node: Node, path: str, depth: int) -> tuple[int, ...]:
        self.text.append('{"child":')
        return (self.add(node, f"{path}/child", depth + 1),)

    def _predicate(self, text: str, path: str) -> int:
        try:
            predicate = parse_predicate(text)
        except PredicateError as error:
            self.findings.append(predicate_finding(error, path))
            return -1
        self.references.update(predicate.references)
        return self.predicates.setdefault(predicate, len(self.predicates))

    def program(self) -> Program:
        kind, children, guards, predicate, timeout, leaf, args, path, label = zip(*self.rows, strict=True)
        return Program(
            tree_hash=hashlib.sha256("".join(self.text).encode()).hexdigest(),
            kind=kind,
            children=children,
            guards=guards,
            predicate=predicate,
            timeout=timeout,
            leaf=leaf,
            args=args,
            path=path,
            label=label,
            predicates=tuple(self.predicates),
            references=frozenset(self.references),
            begins=tuple([Transition(node, Status.RUNNING) for node in range(len(kind))]),
            succeeds=tuple([Transition(node, Status.SUCCESS) for node in range(len(kind))]),
        )
