"""Leaves from outside: proposed, read by a human, signed, and only then code that runs.

A proposal (tier 2) is text. It is kept, looked at and never imported; its static checks help the reader and
decide nothing. What a trusted key vouches for is copied into the registry's own folder, verified there, and
verified again each time it is loaded.
"""

from __future__ import annotations

import ast
import shutil
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import Field, ValidationError
from sqlalchemy import Executable

from conscious_bot.contracts import (
    Author,
    CapabilityKind,
    CapabilityProvenance,
    CapabilityStatus,
    ExecErrorCode,
    LeafSpec,
    RegistryRecord,
    TrustTier,
    Wire,
)
from conscious_bot.leaves.contract import Leaf
from conscious_bot.memory import schema
from conscious_bot.registry.capabilities import CapabilityRegistry
from conscious_bot.registry.code_hash import CodeError, hash_tree, read_tree
from conscious_bot.registry.envelopes import envelope_digest, spec_hash, verify_leaf
from conscious_bot.registry.keyring import KeyRing, TrustedKey, TrustError, TrustProblem
from conscious_bot.registry.leaf_code import LeafCode, load_leaf
from conscious_bot.registry.principals import Principal, Right
from conscious_bot.registry.refusal import RegistryRefusal
from conscious_bot.registry.store import body_rows

__all__ = ["LeafProposal", "LeafReview", "ProposalStatus", "SourceCheck", "check_source"]

_T = TypeVar("_T")
_FileName = Annotated[str, Field(pattern=r"^([A-Za-z0-9_]{1,64}/){0,4}[A-Za-z0-9_]{1,64}\.(py|json|toml)$")]
"""A path inside the leaf's own tree: no way up, no hidden file."""
_SUSPECT_NAMES = frozenset({"eval", "exec", "compile", "open", "__import__", "getattr", "setattr", "globals", "vars"})
_USUAL_IMPORTS = frozenset({"__future__", "collections", "dataclasses", "math", "typing", "conscious_bot"})


class ProposalStatus(StrEnum):
    """Where a proposed leaf stands."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class SourceCheck(Wire):
    """Something a reader should look at."""

    file: str
    line: int
    what: str


class LeafProposal(Wire):
    """A leaf that somebody would like to have: contract and source, as text."""

    spec: LeafSpec
    files: dict[_FileName, str] = Field(min_length=1, max_length=50)
    proposed_by: str
    proposed_at: str
    status: ProposalStatus = ProposalStatus.PENDING
    checks: tuple[SourceCheck, ...] = ()
    decided_by: str | None = None
    reason: str | None = None


class _Files(Wire):
    files: dict[_FileName, str] = Field(min_length=1, max_length=50)


def _named(spec: LeafSpec, files: dict[str, str]) -> dict[str, str]:
    """The files, if their names are those of a module tree."""
    try:
        return dict(_Files(files=files).files)
    except ValidationError as error:
        detail = f"{spec.id}: {error.errors()[0]['msg']}"
        raise RegistryRefusal(ExecErrorCode.REGISTRY_SCHEMA, detail) from error


def check_source(files: dict[str, str]) -> tuple[SourceCheck, ...]:
    """What the syntax tree alone shows; nothing is run."""
    found: list[SourceCheck] = []
    for name, text in sorted(files.items()):
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            line = getattr(error, "lineno", None) or 1
            found.append(SourceCheck(file=name, line=line, what=f"is no Python: {error}"))
            continue
        for node in ast.walk(tree):
            what = _suspect(node)
            if what is not None:
                found.append(SourceCheck(file=name, line=getattr(node, "lineno", 1), what=what))
    return tuple(found)


def _suspect(node: ast.AST) -> str | None:
    match node:
        case ast.Import(names=names):
            unusual = [one.name for one in names if one.name.partition(".")[0] not in _USUAL_IMPORTS]
            return f"imports {', '.join(unusual)}" if unusual else None
        case ast.ImportFrom(module=str(module), level=0) if module.partition(".")[0] not in _USUAL_IMPORTS:
            return f"imports from {module}"
        case ast.Name(id=name) if name in _SUSPECT_NAMES:
            return f"uses {name}"
        case ast.Attribute(attr=name) if name.startswith("__"):
            return f"reaches for {name}"
        case _:
            return None


class LeafReview:
    """The way of a leaf from outside. `folder` is the registry's own copy of accepted code."""

    def __init__(
        self,
        registry: CapabilityRegistry,
        folder: Path,
        now: Callable[[], datetime] | None = None,
        taken: Collection[str] = (),
    ) -> None:
        """`taken` are the names of the shipped leaves: nobody's code takes the place of one."""
        self._registry = registry
        self._taken = frozenset(taken)
        self._folder = folder
        self._now = now or (lambda: datetime.now(UTC))
        store = registry.store
        self.ring = KeyRing(store.bodies(schema.trusted_key, TrustedKey))
        self._proposals = {one.spec.id: one for one in store.bodies(schema.leaf_proposal, LeafProposal)}

    # ------------------------------------------------------------------ keys

    def trust(self, key: TrustedKey, by: Principal) -> None:
        """Take a key into the ring."""
        self._registry.demand(by, Right.KEEP_KEYS, key.id)
        self._believe(key.id, by, lambda: self.ring.add(key))
        self._registry.store.put(schema.trusted_key, key.id, key)

    def revoke_key(self, key_id: str, by: Principal, reason: str) -> TrustedKey:
        """Take the trust in a key back, for what it has signed as well."""
        self._registry.demand(by, Right.KEEP_KEYS, key_id)
        key = self._believe(key_id, by, lambda: self.ring.revoke(key_id, reason, self._now()))
        self._registry.store.put(schema.trusted_key, key.id, key)
        return key

    # ------------------------------------------------------------------ proposals

    def propose(self, spec: LeafSpec, files: dict[str, str], by: Principal) -> LeafProposal:
        """Keep a proposal for a human to read. It is not run."""
        self._registry.demand(by, Right.PROPOSE_LEAF, spec.id)
        if spec.id in self._proposals or self._registry.get(spec.id) is not None:
            refusal = RegistryRefusal(ExecErrorCode.VERSION_EXISTS, f"{spec.id} is proposed or registered already")
            raise self._registry.refuse(spec.id, Right.PROPOSE_LEAF, str(by), refusal)
        at = self._registry.now()
        try:
            proposal = LeafProposal(
                spec=spec, files=files, proposed_by=str(by), proposed_at=at, checks=check_source(files)
            )
        except ValidationError as error:
            refusal = RegistryRefusal(ExecErrorCode.REGISTRY_SCHEMA, str(error.errors()[0]["msg"]))
            raise self._registry.refuse(spec.id, Right.PROPOSE_LEAF, str(by), refusal) from error
        self._keep(proposal)
        return proposal

    def proposals(self) -> list[LeafProposal]:
        """Every proposal, those that wait first."""
        return sorted(self._proposals.values(), key=lambda one: (one.status is not ProposalStatus.PENDING, one.spec.id))

    def reject(self, leaf: str, by: Principal, reason: str) -> LeafProposal:
        """Decide against a proposal."""
        self._registry.demand(by, Right.REGISTER_LEAF, leaf)
        proposal = self._waiting(leaf, by)
        rejected = _decided(proposal, ProposalStatus.REJECTED, by, reason)
        self._keep(rejected)
        return rejected

    def accept(self, leaf: str, envelope: dict[str, Any], by: Principal) -> RegistryRecord:
        """Register a proposal that a human has read and signed exactly as it is shown."""
        self._registry.demand(by, Right.REGISTER_LEAF, leaf)
        proposal = self._waiting(leaf, by)
        files = {name: text.encode() for name, text in proposal.files.items()}
        decided = _decided(proposal, ProposalStatus.ACCEPTED, by, "signed")
        record = self._register(proposal.spec, files, envelope, by, Author.LLM, _rows(decided))
        self._proposals[leaf] = decided
        return record

    def _waiting(self, leaf: str, by: Principal) -> LeafProposal:
        proposal = self._proposals.get(leaf)
        if proposal is None or proposal.status is not ProposalStatus.PENDING:
            refusal = RegistryRefusal(ExecErrorCode.REGISTRY_NOT_FOUND, f"no proposal of {leaf} is waiting")
            raise self._registry.refuse(leaf, Right.REGISTER_LEAF, str(by), refusal)
        return proposal

    def _keep(self, proposal: LeafProposal) -> None:
        table, status = schema.leaf_proposal, proposal.status.value
        self._registry.store.put(table, proposal.spec.id, proposal, status=status)
        self._proposals[proposal.spec.id] = proposal

    # ------------------------------------------------------------------ signed leaves

    def register(self, spec: LeafSpec, tree: Path, envelope: dict[str, Any] | None, by: Principal) -> RegistryRecord:
        """Register a leaf that a human built and signed."""
        self._registry.demand(by, Right.REGISTER_LEAF, spec.id)
        try:
            files = read_tree(tree)
        except CodeError as error:
            refusal = RegistryRefusal(ExecErrorCode.REGISTRY_UNTRUSTED, str(error))
            raise self._registry.refuse(spec.id, Right.REGISTER_LEAF, str(by), refusal) from error
        return self._register(spec, files, envelope, by, Author.HUMAN)

    def register_files(
        self, spec: LeafSpec, files: dict[str, str], envelope: dict[str, Any] | None, by: Principal
    ) -> RegistryRecord:
        """The same for a tree that was sent as text."""
        self._registry.demand(by, Right.REGISTER_LEAF, spec.id)
        encoded = {name: text.encode() for name, text in _named(spec, files).items()}
        return self._register(spec, encoded, envelope, by, Author.HUMAN)

    def _register(
        self,
        spec: LeafSpec,
        files: dict[str, bytes],
        envelope: dict[str, Any] | None,
        by: Principal,
        author: Author,
        also: tuple[Executable, ...] = (),
    ) -> RegistryRecord:
        if spec.name in self._taken:
            refusal = RegistryRefusal(ExecErrorCode.VERSION_EXISTS, f"{spec.name} is the name of a shipped leaf")
            raise self._registry.refuse(spec.id, Right.REGISTER_LEAF, str(by), refusal)
        key = self._believe(spec.id, by, lambda: self._vouched(spec, files, envelope))
        if self._registry.get(spec.id) is not None:
            refusal = RegistryRefusal(ExecErrorCode.VERSION_EXISTS, f"{spec.id} is registered; a version never changes")
            raise self._registry.refuse(spec.id, Right.REGISTER_LEAF, str(by), refusal)
        home = self._home(spec.id)
        shutil.rmtree(home, ignore_errors=True)  # what a crash in an earlier attempt left
        for name, content in files.items():
            path = home / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        record = RegistryRecord(
            id=spec.id,
            kind=CapabilityKind.LEAF,
            status=CapabilityStatus.ACTIVE,
            tier=TrustTier.HUMAN_LEAF if author is Author.HUMAN else TrustTier.PROPOSED_LEAF,
            provenance=CapabilityProvenance(
                authored_by=author,
                code_hash=hash_tree(files),
                signed_by=key.id,
                created_at=self._registry.now(),
                registered_by=str(by),
            ),
            document_hash=spec_hash(spec),
            spec={**spec.wire(), "permissions": sorted(spec.permissions), "failures": sorted(spec.failures)},
            bounds={"envelope": envelope},
        )
        self._registry.register(record, by, also=also)
        return record

    def _vouched(self, spec: LeafSpec, files: dict[str, bytes], envelope: dict[str, Any] | None) -> TrustedKey:
        key = verify_leaf(envelope, spec, files, self.ring, self._now())
        digest = None if envelope is None else envelope_digest(envelope)  # without one nothing is vouched for
        for record in self._registry:
            used = record.bounds.get("envelope")
            if record.kind is CapabilityKind.LEAF and used is not None and envelope_digest(used) == digest:
                detail = f"this envelope was used for {record.id} on {record.provenance.created_at}"
                raise TrustError(TrustProblem.REPLAYED, detail)
        return key

    def vouches_for(self, record: RegistryRecord) -> bool:
        """Whether a trusted key vouches now for the code and the contract of a registered leaf."""
        try:
            self._verify(record)
        except (TrustError, CodeError):
            return False
        return True

    def code_of(self, leaf: str) -> LeafCode:
        """What it takes to load a leaf, after its signature was verified again. Raises `RegistryRefusal`."""
        record = self._registry.admit_run(leaf)
        try:
            self._verify(record)
        except (TrustError, CodeError) as error:
            refusal = RegistryRefusal(ExecErrorCode.REGISTRY_UNTRUSTED, str(error))
            raise self._registry.refuse(leaf, "load", "loader", refusal) from error
        return LeafCode(
            id=leaf,
            home=self._home(leaf).resolve(),
            code_hash=record.provenance.code_hash or "",
            spec_hash=record.document_hash,
        )

    def load(self, leaf: str) -> Leaf:
        """The leaf as an object, after its signature was verified again. Raises `RegistryRefusal`."""
        code = self.code_of(leaf)
        try:
            return load_leaf(code)
        except RegistryRefusal as refusal:
            raise self._registry.refuse(leaf, "load", "loader", refusal) from refusal

    def _verify(self, record: RegistryRecord) -> None:
        spec = LeafSpec.model_validate(record.spec)
        verify_leaf(record.bounds.get("envelope"), spec, read_tree(self._home(record.id)), self.ring, self._now())

    def _home(self, leaf: str) -> Path:
        return self._folder / leaf.replace("@", "-")

    def _believe(self, subject: str, by: Principal, question: Callable[[], _T]) -> _T:
        """Ask about trust; a no is kept as an audit entry."""
        try:
            return question()
        except TrustError as error:
            refusal = RegistryRefusal(ExecErrorCode.REGISTRY_UNTRUSTED, str(error))
            raise self._registry.refuse(subject, Right.REGISTER_LEAF, str(by), refusal) from error


def _decided(proposal: LeafProposal, status: ProposalStatus, by: Principal, reason: str) -> LeafProposal:
    return proposal.model_copy(update={"status": status, "decided_by": str(by), "reason": reason})


def _rows(proposal: LeafProposal) -> tuple[Executable, ...]:
    return body_rows(schema.leaf_proposal, proposal.spec.id, proposal, status=proposal.status.value)
