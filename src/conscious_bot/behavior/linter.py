"""The linter: everything that is wrong with an option, at once, before anything of it runs. Pure.

It looks at the raw document and never gives up early, so that an author mends all of it in one round:
what the grammar refuses is reported beside what the leaves, the arguments and the policy refuse.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

import jsonschema_rs
from pydantic import ValidationError

from conscious_bot.behavior.compiler import MAX_DEPTH, MAX_NODES, oversize, references_in
from conscious_bot.behavior.findings import closest, grammar_findings, pointer, predicate_finding
from conscious_bot.behavior.grammar import TREE
from conscious_bot.behavior.leaf_index import LeafIndex, may_need
from conscious_bot.behavior.predicates import Predicate, PredicateError, parse_predicate
from conscious_bot.contracts import Author, Finding, FindingCode, LeafSpec, OptionDocument, Permission, Severity
from conscious_bot.contracts.canonical import CanonicalError, canonical_json

__all__ = ["MAX_WIDTH", "LintReport", "lint_option"]

MAX_WIDTH = 256
"""Children of one node. The machine would run more; a reader would not follow them."""
_TREE = "/tree"


@dataclass(frozen=True, slots=True)
class LintReport:
    """All findings, in the document's order of checks; `document` where its schema holds."""

    document: OptionDocument | None
    findings: tuple[Finding, ...]
    permissions: frozenset[Permission]  # what its leaves need

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that refuse it."""
        return tuple(one for one in self.findings if one.severity is Severity.ERROR)


def lint_option(
    raw: Any,
    leaves: LeafIndex,
    granted: frozenset[Permission],
    fixtures: Collection[str] | None = None,
) -> LintReport:
    """Judge a document of any shape; never raises. `granted` is what the policy lets its principal's options do.

    `fixtures` names the shipped worlds that tests may use; None where that is not to be judged.
    """
    found = oversize(raw) or _no_json(raw)
    if found is not None:
        return LintReport(None, (found,), frozenset())
    lint = _Lint(leaves, granted, frozenset() if fixtures is None else frozenset(fixtures))
    document = lint.schema(raw)
    if isinstance(raw, Mapping):
        lint.option(cast("Mapping[str, Any]", raw), document, judge_fixtures=fixtures is not None)
    return LintReport(document, tuple(lint.findings), frozenset(lint.used))


def _no_json(raw: Any) -> Finding | None:
    try:
        canonical_json(raw)
    except CanonicalError as error:
        reason, remedy = f"holds what JSON cannot carry: {error}", "leave out what is no exact number and no text"
        return Finding(pointer="", code=FindingCode.SCHEMA, reason=reason, remedy=remedy)
    return None


class _Ends(NamedTuple):
    """How a node can end, as far as the document alone says."""

    success: bool
    failure: bool


_EITHER = _Ends(success=True, failure=True)


@dataclass(slots=True)
class _Lint:
    leaves: LeafIndex
    granted: frozenset[Permission]
    fixtures: frozenset[str]
    findings: list[Finding] = field(default_factory=list[Finding])
    used: dict[Permission, str] = field(default_factory=dict[Permission, str])
    bound: dict[str, Any] = field(default_factory=dict[str, Any])  # the schemas of the arguments
    required: frozenset[str] = frozenset()
    referred: set[str] = field(default_factory=set[str])
    needs: list[tuple[str, str, frozenset[Permission]]] = field(
        default_factory=list[tuple[str, str, frozenset[Permission]]]
    )  # place and name of each leaf, and what it may need
    nodes: int = 0

    def say(self, place: str, code: FindingCode, reason: str, remedy: str, severity: Severity = Severity.ERROR) -> None:
        self.findings.append(Finding(pointer=place, code=code, reason=reason, remedy=remedy, severity=severity))

    # ------------------------------------------------------------------ the document

    def schema(self, raw: Any) -> OptionDocument | None:
        try:
            return OptionDocument.model_validate(raw)
        except ValidationError as error:
            self.findings += grammar_findings(error, code=FindingCode.SCHEMA)
            return None

    def option(self, raw: Mapping[str, Any], document: OptionDocument | None, *, judge_fixtures: bool) -> None:
        args = _either(raw, "argsSchema", "args_schema")
        validator = None if args is None else self._args_schema(args)
        for name in ("pre", "post"):
            self._predicates(raw.get(name), pointer(name))
        tree = raw.get("tree")
        if isinstance(tree, Mapping):
            self._grammar(tree)
            self._node(tree, _TREE, depth=1, timed=False, armed=frozenset())
        self._permissions(raw.get("permissions"))
        if document is None:
            return
        self._tests(document, validator, judge_fixtures=judge_fixtures)
        for name in sorted(set(self.bound) - self.referred):
            place = pointer("argsSchema", "properties", name)
            self.say(place, FindingCode.UNUSED_ARG, f"nothing refers to ${name}", "leave it out", Severity.NOTE)
        if document.provenance.parent == document.capability:
            self.say("/provenance/parent", FindingCode.CYCLE, "the option names itself as its parent", "leave it out")

    def _grammar(self, tree: Mapping[str, Any]) -> None:
        try:
            TREE.validate_python(tree)
        except ValidationError as error:
            self.findings += grammar_findings(error, _TREE)

    def _args_schema(self, schema: Any) -> jsonschema_rs.Draft202012Validator | None:
        place = "/argsSchema"
        if not isinstance(schema, Mapping):
            return None  # the schema of the document has said so
        outside = next(_foreign_references(schema), None)
        if outside is not None:
            reason = f"refers to {outside!r}, which is not in the document"
            self.say(place, FindingCode.BAD_VALUE, reason, "write what it refers to into $defs, as #/$defs/NAME")
            return None
        if schema.get("type") != "object":
            self.say(place, FindingCode.BAD_VALUE, "describes no object", 'set "type": "object"')
        properties = schema.get("properties", {})
        if isinstance(properties, Mapping):
            self.bound = {str(name): part for name, part in properties.items()}
        required = schema.get("required", [])
        if isinstance(required, list):
            self.required = frozenset(name for name in required if isinstance(name, str))
        try:
            return jsonschema_rs.Draft202012Validator(dict(schema))
        except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
            reason = f"is no JSON Schema: {getattr(error, 'message', error)}"
            self.say(place, FindingCode.BAD_VALUE, reason, "write it as JSON Schema 2020-12")
            return None

    def _permissions(self, listed: Any) -> None:
        """Leaves need no more than is declared, and the declaration no more than is granted (decision 7)."""
        declared = frozenset(one for one in listed if isinstance(one, str)) if isinstance(listed, list) else None
        for place, name, needed in self.needs:
            for permission in sorted(needed):
                self.used.setdefault(permission, place)
                if declared is not None and permission not in declared:
                    reason = f"{name} needs {permission}, which the option does not declare"
                    remedy = f"add {permission} to permissions, or use another leaf"
                    self.say(place, FindingCode.PERMISSION_ESCALATION, reason, remedy)
                if permission not in self.granted:
                    reason = f"{name} needs {permission}, which the policy does not grant here"
                    remedy = "use another leaf, or let someone register it who may grant this"
                    self.say(place, FindingCode.PERMISSION_ESCALATION, reason, remedy)
        for permission in sorted((declared or frozenset()) - self.granted):
            reason = f"declares {permission}, which the policy does not grant here"
            self.say("/permissions", FindingCode.PERMISSION_ESCALATION, reason, f"leave out {permission}")

    def _tests(
        self, document: OptionDocument, validator: jsonschema_rs.Draft202012Validator | None, *, judge_fixtures: bool
    ) -> None:
        if not document.tests and document.provenance.authored_by is Author.LLM:
            reason = "an option from a model has to bring tests"
            self.say("/tests", FindingCode.NO_TESTS, reason, "add a test with a fixture and what holds afterwards")
        for number, test in enumerate(document.tests):
            place = pointer("tests", number)
            self._predicates(test.expect.post, f"{place}/assert/post")
            if judge_fixtures and isinstance(test.world, str) and test.world not in self.fixtures:
                remedy = f"{closest(test.world, self.fixtures)} Or write the world out in its place."
                self.say(f"{place}/world", FindingCode.UNKNOWN_FIXTURE, f"no fixture {test.world!r}", remedy)
            for error in [] if validator is None else validator.iter_errors(test.args):
                where = f"{place}/args{pointer(*error.instance_path)}"
                self.say(where, FindingCode.BAD_ARGS, error.message, "give arguments that fit argsSchema")

    def _predicates(self, texts: Any, place: str) -> None:
        for number, text in enumerate(texts if isinstance(texts, list) else ()):
            self._predicate(text, f"{place}/{number}")

    def _predicate(self, text: Any, place: str) -> Predicate | None:
        if not isinstance(text, str):
            return None  # the schema has said so
        try:
            predicate = parse_predicate(text)
        except PredicateError as error:
            self.findings.append(predicate_finding(error, place))
            return None
        for name in predicate.references:
            self._refer(name, place)
        return predicate

    def _refer(self, name: str, place: str) -> None:
        self.referred.add(name)
        if name not in self.bound:
            known = ", ".join(f"${one}" for one in sorted(self.bound)) or "none"
            reason = f"${name} is no argument of the option"
            self.say(place, FindingCode.UNBOUND_ARG, reason, f"declare it in argsSchema; declared are: {known}")
        elif name not in self.required and not _has_default(self.bound[name]):
            reason = f"${name} may be left out and has no default"
            self.say(place, FindingCode.UNBOUND_ARG, reason, "name it in required, or give it a default")

    # ------------------------------------------------------------------ the tree

    def _node(self, node: Any, place: str, *, depth: int, timed: bool, armed: frozenset[str]) -> _Ends:
        if not isinstance(node, Mapping):
            return _EITHER
        self.nodes += 1
        if depth > MAX_DEPTH:
            reason = f"is nested too deeply; a tree has at most {MAX_DEPTH} levels"
            self.say(place, FindingCode.TOO_DEEP, reason, "split the option, or flatten Sequences within Sequences")
            return _EITHER
        if self.nodes == MAX_NODES + 1:
            reason = f"is one node too many; a tree has at most {MAX_NODES}"
            self.say(place, FindingCode.TOO_LARGE, reason, "split the option")
        kind = node.get("type")
        if kind == "Leaf":
            self._leaf(node, place, timed=timed)
            return _EITHER
        if kind == "Decorator.FailOnTrue":
            return self._guard(node, place, depth, armed, timed=timed)
        if kind == "Repeat.Until":
            predicate = self._predicate(node.get("predicate"), f"{place}/predicate")
            known = None if predicate is None else predicate.constant
            if known is True:
                self._unreachable(f"{place}/child", f"{node['predicate']} always holds, so the loop never begins")
            self._node(node.get("child"), f"{place}/child", depth=depth + 1, timed=timed, armed=armed)
            return _EITHER if known is None else _Ends(success=known, failure=not known)
        if kind == "Decorator.Timeout":
            ends = self._node(node.get("child"), f"{place}/child", depth=depth + 1, timed=True, armed=armed)
            return ends._replace(failure=True)
        return self._branch(node, place, depth, armed, timed=timed)

    def _branch(self, node: Mapping[str, Any], place: str, depth: int, armed: frozenset[str], *, timed: bool) -> _Ends:
        """A Sequence, a Selector, or what the grammar does not know, whose children are looked at all the same."""
        kind = node.get("type")
        children = node.get("children")
        listed = cast("list[Any]", children) if isinstance(children, list) else []
        if len(listed) > MAX_WIDTH:
            reason = f"has {len(listed)} children; a node has at most {MAX_WIDTH}"
            self.say(f"{place}/children", FindingCode.TOO_WIDE, reason, "split the children into groups")
        if "child" in node:
            self._node(node["child"], f"{place}/child", depth=depth + 1, timed=timed, armed=armed)
        ended, success, failure = False, kind == "Sequence", kind != "Sequence"
        for number, child in enumerate(listed):
            where = f"{place}/children/{number}"
            ends = self._node(child, where, depth=depth + 1, timed=timed, armed=armed)
            if ended:
                continue
            if kind == "Sequence":
                failure = failure or ends.failure
                if not ends.success:
                    success, ended = False, True
                armed |= _armed_by(child)
            elif kind == "Selector":
                success = success or ends.success
                if not ends.failure:
                    failure, ended = False, True
            if ended and number + 1 < len(listed):
                why = "fails" if kind == "Sequence" else "succeeds"
                self._unreachable(f"{place}/children/{number + 1}", f"the child before it always {why}")
        return _Ends(success, failure) if kind in ("Sequence", "Selector") and listed else _EITHER

    def _guard(self, node: Mapping[str, Any], place: str, depth: int, armed: frozenset[str], *, timed: bool) -> _Ends:
        predicate = self._predicate(node.get("cond"), f"{place}/cond")
        self._node(node.get("child"), f"{place}/child", depth=depth + 1, timed=timed, armed=armed)
        if predicate is None:
            return _EITHER
        if predicate.constant is False:
            self._unreachable(f"{place}/child", f"{predicate.text} never holds, so nothing is reacted to")
            return _Ends(success=True, failure=False)
        if predicate.constant is True:
            return _Ends(success=False, failure=True)
        if predicate.text in armed:
            self._unreachable(f"{place}/child", f"an outer guard asks {predicate.text} already, and outer guards win")
        return _EITHER

    def _unreachable(self, place: str, reason: str) -> None:
        self.say(place, FindingCode.UNREACHABLE_BRANCH, reason, "leave the branch out, or mend the condition")

    def _leaf(self, node: Mapping[str, Any], place: str, *, timed: bool) -> None:
        name, args = node.get("name"), node.get("args", {})
        if not isinstance(name, str) or not isinstance(args, Mapping):
            return
        for reference in sorted(references_in(args)):
            self._refer(reference, f"{place}/args")
        spec = self.leaves.get(name)
        if spec is None:
            reason = f"there is no leaf {name!r}"
            self.say(f"{place}/name", FindingCode.UNKNOWN_LEAF, reason, closest(name, self.leaves.names))
            return
        given = {str(key): value for key, value in args.items()}
        self.needs.append((place, spec.name, may_need(spec, given)))
        self._leaf_args(spec, given, f"{place}/args")
        if not timed:
            reason = f"{name} has no Timeout above it; its own limit of {spec.timeout_ms / 1000:g} s a try applies"
            remedy = "put a Decorator.Timeout where less is wanted"
            self.say(place, FindingCode.MISSING_TIMEOUT, reason, remedy, Severity.NOTE)

    def _leaf_args(self, spec: LeafSpec, args: Mapping[str, Any], place: str) -> None:
        """What is written out has to fit; of a $arg its default and its type are known, the rest is its caller's."""
        inputs = spec.input_schema.get("properties", {})
        filled: dict[str, Any] = {}
        open_paths: list[tuple[str, ...]] = []
        for key, value in args.items():
            name = value[1:] if isinstance(value, str) and value.startswith("$") else None
            schema = self.bound.get(name) if name is not None else None
            if isinstance(schema, Mapping) and "default" in schema:
                filled[key] = schema["default"]
                continue
            filled[key] = value
            if references_in(value):
                open_paths.append((key,))
            if isinstance(schema, Mapping) and _disjoint(_types(schema), _types(inputs.get(key, {}))):
                wanted = " or ".join(sorted(_types(inputs[key])))
                given = " or ".join(sorted(_types(schema)))
                reason = f"{value} is {given} where {spec.name} takes {wanted}"
                remedy = f"describe it in argsSchema as {wanted}"
                self.say(f"{place}{pointer(key)}", FindingCode.BAD_ARGS, reason, remedy)
        for path, message in self.leaves.misfits(spec.name, filled):
            if path and (str(path[0]),) in open_paths:
                continue
            remedy = f"give arguments that fit the inputSchema of {spec.id}"
            self.say(f"{place}{pointer(*path)}", FindingCode.BAD_ARGS, message, remedy)


def _either(raw: Mapping[str, Any], *names: str) -> Any:
    return next((raw[name] for name in names if name in raw), None)


def _armed_by(child: Any) -> frozenset[str]:
    """The condition that a guard goes on watching for its later siblings."""
    if not isinstance(child, Mapping) or child.get("type") != "Decorator.FailOnTrue":
        return frozenset()
    cond = child.get("cond")
    try:
        return frozenset({parse_predicate(cond).text}) if isinstance(cond, str) else frozenset()
    except PredicateError:
        return frozenset()


def _has_default(schema: Any) -> bool:
    return isinstance(schema, Mapping) and "default" in schema


def _types(schema: Any) -> frozenset[str]:
    """The JSON types a schema lets through, as far as it says so plainly; empty if it does not."""
    if not isinstance(schema, Mapping):
        return frozenset()
    kind = schema.get("type")
    if isinstance(kind, str):
        return frozenset({kind})
    if isinstance(kind, list):
        return frozenset(one for one in kind if isinstance(one, str))
    for name in ("anyOf", "oneOf"):
        parts = schema.get(name)
        if isinstance(parts, list) and parts:
            each = [_types(part) for part in parts]
            return frozenset().union(*each) if all(each) else frozenset()
    return frozenset()


def _disjoint(given: frozenset[str], wanted: frozenset[str]) -> bool:
    if not given or not wanted:
        return False
    # A number may turn out to be whole; the runner looks at the value itself.
    widened = {"number" if one == "integer" else one for one in given}
    return not widened & {"number" if one == "integer" else one for one in wanted}


def _foreign_references(value: Any) -> Iterator[str]:
    """Every $ref that leads out of the document: a linter fetches nothing."""
    if isinstance(value, Mapping):
        for key, one in value.items():
            if key in ("$ref", "$dynamicRef", "$schema", "$id") and isinstance(one, str):
                if not one.startswith("#") and (key != "$schema" or one not in _DRAFTS):
                    yield one
            else:
                yield from _foreign_references(one)
    elif isinstance(value, list):
        for one in value:
            yield from _foreign_references(one)


_DRAFTS = frozenset({"https://json-schema.org/draft/2020-12/schema", "http://json-schema.org/draft-07/schema#"})
