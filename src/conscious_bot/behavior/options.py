"""From an option's document to what runs: its program, its hash, the leaves it means and its bounds. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from conscious_bot.behavior.compiler import CompileError, compile_tree
from conscious_bot.behavior.grammar import TREE, tree_schema
from conscious_bot.behavior.leaf_index import LeafIndex, may_need
from conscious_bot.behavior.program import Kind, Program
from conscious_bot.contracts import Finding, FindingCode, OptionDocument, Permission
from conscious_bot.contracts.canonical import canonical_json

__all__ = ["CompiledOption", "compile_option", "document_hash", "option_schema"]


@dataclass(frozen=True, slots=True)
class CompiledOption:
    """A compiled option with what policy added to it, recorded beside its hash.

    `leaves` are the exact versions its names stand for. `leaf_bounds` are each leaf node's own limit in
    seconds, retries included, by JSON pointer in the tree; `bound_s` is the limit of the whole.
    """

    document: OptionDocument
    program: Program
    document_hash: str
    leaves: tuple[str, ...]
    permissions: frozenset[Permission]
    leaf_bounds: tuple[tuple[str, float], ...]
    bound_s: float


def document_hash(document: OptionDocument) -> str:
    """sha256 over the RFC 8785 form of the document with every default filled in."""
    whole = document.model_dump(mode="json", by_alias=True)
    whole["tree"] = TREE.dump_python(TREE.validate_python(document.tree), mode="json")
    if document.permissions is not None:
        whole["permissions"] = sorted(document.permissions)
    return hashlib.sha256(canonical_json(whole).encode()).hexdigest()


def compile_option(document: OptionDocument, leaves: LeafIndex, *, cap_s: float | None) -> CompiledOption:
    """Compile; the same document, in any order of keys, gives the same hash on every machine.

    `cap_s` is the limit that the policy's time bucket sets, None for none. Raises `CompileError`, also
    where a leaf is unknown or nothing bounds the option's time.
    """
    try:
        program = compile_tree(document.tree)
    except CompileError as error:
        inside = (one.model_copy(update={"pointer": f"/tree{one.pointer}"}) for one in error.findings)
        raise CompileError(tuple(inside)) from error
    unknown = [
        Finding(
            pointer=f"/tree{program.path[node]}",
            code=FindingCode.UNKNOWN_LEAF,
            reason=f"there is no leaf {name!r}",
            remedy="use a registered leaf",
        )
        for node, name in enumerate(program.leaf)
        if name and leaves.get(name) is None
    ]
    if unknown:
        raise CompileError(tuple(unknown))
    specs = {name: spec for name in program.leaf if name and (spec := leaves.get(name)) is not None}
    limits = {name: spec.timeout_ms * (spec.retries + 1) / 1000 for name, spec in specs.items()}
    own = _bound(program, 0, limits)
    bound = own if cap_s is None else cap_s if own is None else min(own, cap_s)
    if bound is None:
        reason = "nothing bounds the time it may take: a Repeat.Until has no end of its own"
        remedy = "put a Decorator.Timeout around the loop"
        raise CompileError((Finding(pointer="/tree", code=FindingCode.MISSING_TIMEOUT, reason=reason, remedy=remedy),))
    leaves_of_tree = [(specs[name], program.args[node] or {}) for node, name in enumerate(program.leaf) if name]
    needed = frozenset[Permission]().union(*(may_need(spec, args) for spec, args in leaves_of_tree))
    return CompiledOption(
        document=document,
        program=program,
        document_hash=document_hash(document),
        leaves=tuple(sorted(spec.id for spec in specs.values())),
        permissions=needed if document.permissions is None else document.permissions,
        leaf_bounds=tuple((program.path[n], limits[name]) for n, name in enumerate(program.leaf) if name),
        bound_s=bound,
    )


def _bound(program: Program, node: int, limits: dict[str, float]) -> float | None:
    """The most seconds a node can take, None if it has no end of its own."""
    kind = program.kind[node]
    if kind is Kind.LEAF:
        return limits[program.leaf[node]]
    inner = [_bound(program, child, limits) for child in program.children[node]]
    if kind is Kind.TIMEOUT:
        return program.timeout[node]
    if kind is Kind.REPEAT_UNTIL or None in inner:
        return None
    return sum(one for one in inner if one is not None)


def option_schema() -> dict[str, Any]:
    """The document as JSON Schema (2020-12), the grammar of its tree included."""
    schema = OptionDocument.model_json_schema(by_alias=True)
    tree = tree_schema()
    schema.setdefault("$defs", {}).update(tree.pop("$defs", {}))
    schema["properties"]["tree"] = tree
    return schema
