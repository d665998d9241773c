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
    try:
        canonical = canonical_json(TREE.dump_python(tree, mode="python"))
    except CanonicalError as error:
        raise CompileError((_bad("", FindingCode.BAD_VALUE, f"holds what JSON cannot carry: {error}"),)) from error
    build = _Build()
    build.add(tree, "")
    if build.findings:
        raise CompileError(tuple(build.findings))
    return build.program(hashlib.sha256(canonical.encode()).hexdigest())


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
    stack: list[tuple[Any, int]] = [(document, 1)]
    values = 1
    while stack:
        value, depth = stack.pop()
        # One node nests two levels in JSON (its object and its list of children).
        if depth > 2 * MAX_DEPTH + _MAX_ARGS_DEPTH:
            if _circular(document):
                return _bad("", FindingCode.CYCLE, "contains itself")
            return _too_deep("")
        if not isinstance(value, (dict, list, tuple)):
            continue
        inner = value.values() if isinstance(value, dict) else value
        values += len(value)
        if values > MAX_NODES * 16:
            return _bad("", FindingCode.TOO_LARGE, f"is too large; a tree has at most {MAX_NODES} nodes")
        stack.extend([(one, depth + 1) for one in inner if type(one) in _CONTAINERS])
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


@dataclass(slots=True)
class _Build:
    kind: list[Kind] = field(default_factory=list[Kind])
    children: list[tuple[int, ...]] = field(default_factory=list[tuple[int, ...]])
    guards: list[tuple[Guard, ...]] = field(default_factory=list[tuple[Guard, ...]])
    predicate: list[int] = field(default_factory=list[int])
    timeout: list[float] = field(default_factory=list[float])
    leaf: list[str] = field(default_factory=list[str])
    args: list[dict[str, Any] | None] = field(default_factory=list[dict[str, Any] | None])
    path: list[str] = field(default_factory=list[str])
    label: list[str] = field(default_factory=list[str])
    predicates: dict[Predicate, int] = field(default_factory=dict[Predicate, int])
    references: set[str] = field(default_factory=set[str])
    findings: list[Finding] = field(default_factory=list[Finding])

    def add(self, node: Node, path: str, depth: int = 1) -> int:
        number = len(self.kind)
        if depth > MAX_DEPTH:
            self.findings.append(_too_deep(path))
            return number
        if number == MAX_NODES:
            detail = f"is one node too many; a tree has at most {MAX_NODES}"
            self.findings.append(_bad(path, FindingCode.TOO_LARGE, detail))
        if number >= MAX_NODES:
            return number
        self._row(path)
        match node:
            case Sequence():
                self._branch(number, Kind.SEQUENCE, node.children, depth)
                self.guards[number] = tuple(
                    Guard(place, child, self.predicate[child])
                    for place, child in enumerate(self.children[number])
                    if child < len(self.kind) and self.kind[child] is Kind.FAIL_ON_TRUE
                )
            case Selector():
                self._branch(number, Kind.SELECTOR, node.children, depth)
            case RepeatUntil():
                self._decorate(number, Kind.REPEAT_UNTIL, node.child, depth, f"Repeat.Until {node.predicate}")
                self.predicate[number] = self._predicate(node.predicate, f"{path}/predicate")
            case Timeout():
                self._decorate(number, Kind.TIMEOUT, node.child, depth, f"Timeout {node.ms} ms")
                self.timeout[number] = node.ms / 1000
            case FailOnTrue():
                self._decorate(number, Kind.FAIL_ON_TRUE, node.child, depth, f"FailOnTrue {node.cond}")
                self.predicate[number] = self._predicate(node.cond, f"{path}/cond")
            case Leaf():
                self.kind[number] = Kind.LEAF
                self.leaf[number] = self.label[number] = node.name
                self.args[number] = node.args
                self.references |= references_in(node.args)
        return number

    def _row(self, path: str) -> None:
        self.kind.append(Kind.LEAF)
        self.children.append(())
        self.guards.append(())
        self.predicate.append(-1)
        self.timeout.append(0.0)
        self.leaf.append("")
        self.args.append(None)
        self.path.append(path)
        self.label.append("")

    def _branch(self, number: int, kind: Kind, nodes: list[Node], depth: int) -> None:
        self.kind[number] = kind
        self.label[number] = "Sequence" if kind is Kind.SEQUENCE else "Selector"
        path = self.path[number]
        self.children[number] = tuple(
            self.add(child, f"{path}/children/{place}", depth + 1) for place, child in enumerate(nodes)
        )

    def _decorate(self, number: int, kind: Kind, child: Node, depth: int, label: str) -> None:
        self.kind[number] = kind
        self.label[number] = label
        self.children[number] = (self.add(child, f"{self.path[number]}/child", depth + 1),)

    def _predicate(self, text: str, path: str) -> int:
        try:
            predicate = parse_predicate(text)
        except PredicateError as error:
            self.findings.append(predicate_finding(error, path))
            return -1
        self.references.update(predicate.references)
        return self.predicates.setdefault(predicate, len(self.predicates))

    def program(self, tree_hash: str) -> Program:
        return Program(
            tree_hash=tree_hash,
            kind=tuple(self.kind),
            children=tuple(self.children),
            guards=tuple(self.guards),
            predicate=tuple(self.predicate),
            timeout=tuple(self.timeout),
            leaf=tuple(self.leaf),
            args=tuple(self.args),
            path=tuple(self.path),
            label=tuple(self.label),
            predicates=tuple(self.predicates),
            references=frozenset(self.references),
            begins=tuple([Transition(node, Status.RUNNING) for node in range(len(self.kind))]),
            succeeds=tuple([Transition(node, Status.SUCCESS) for node in range(len(self.kind))]),
        )
