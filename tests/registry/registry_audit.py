"""Whether what a dead process left of a registry is whole. It reads the tables themselves, not through the registry."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from conscious_bot.behavior.options import document_hash
from conscious_bot.contracts import CapabilityRun, EventType, LeafSpec, OptionDocument
from conscious_bot.memory import schema
from conscious_bot.memory.journal import Journal
from conscious_bot.registry.capabilities import CapabilityRegistry
from conscious_bot.registry.code_hash import read_tree
from conscious_bot.registry.envelopes import verify_leaf
from conscious_bot.registry.governor import Governor
from conscious_bot.registry.keyring import KeyRing, TrustedKey, TrustError
from conscious_bot.registry.promotion import Outcome, PromotionRule, Verdict, decide
from conscious_bot.registry.store import RegistryStore

__all__ = ["Left", "audit"]

_GROWING = ("event", "capability_change", "capability_run", "capability_audit")
_LEGAL = {
    (None, "register"): ("shadow", "active"),
    ("shadow", "promote"): ("active",),
    ("shadow", "retire"): ("retired",),
    ("shadow", "revoke"): ("revoked",),
    ("active", "revert"): ("shadow",),
    ("active", "retire"): ("retired",),
    ("active", "revoke"): ("revoked",),
    ("retired", "revoke"): ("revoked",),
}


@dataclass(frozen=True, slots=True)
class Left:
    """The rows that were there: nothing of them may change or go, but a status and a spec that is collected."""

    rows: dict[str, list[tuple[Any, ...]]]
    records: dict[str, tuple[str, str | None]]


def audit(folder: Path, before: Left | None) -> tuple[Left, list[str]]:
    """What is there now, and all that does not add up in it or against what was there before."""
    path = folder / "registry.sqlite"
    if not path.exists():
        return Left({}, {}), [] if before is None or not before.records else ["the store is gone"]
    # Whoever opens the store next finishes or drops what was under way, as the registry's next start does.
    with Journal.open(path, stream="registry") as journal:
        problems = list(_owed(journal))
    store = sqlite3.connect(path)
    try:
        problems += [f"integrity: {row[0]}" for row in store.execute("pragma integrity_check") if row[0] != "ok"]
        rows = {
            table: store.execute(f"select * from {table} order by sequence").fetchall()  # noqa: S608 - our own names
            for table in _GROWING
        }
        capabilities = store.execute("select id, status, record, spec from capability").fetchall()
        problems += [*_numbered(rows), *_lives(store, capabilities), *_leaves(store, capabilities, folder)]
    finally:
        store.close()
    left = Left(rows, {one: (record, spec) for one, _, record, spec in capabilities})
    return left, [*problems, *_kept(before, left, {one: status for one, status, _, _ in capabilities})]


def _numbered(rows: dict[str, list[tuple[Any, ...]]]) -> Iterator[str]:
    # The events' first column is the stream, the others' their number.
    numbers = [row[1] for row in rows["event"]]
    if numbers != list(range(1, len(numbers) + 1)):
        yield f"events are numbered {numbers}"


def _kept(before: Left | None, now: Left, status: dict[str, str]) -> Iterator[str]:
    if before is None:
        return
    for table, rows in before.rows.items():
        if now.rows[table][: len(rows)] != rows:
            yield f"{table} was not only added to"
    for capability, (record, spec) in before.records.items():
        found = now.records.get(capability)
        if found is None:
            yield f"{capability} is gone"
        elif found[0] != record:
            yield f"the record of {capability} was altered"
        elif found[1] != spec and not (found[1] is None and status[capability] == "retired"):
            yield f"the document of {capability} was altered"


def _lives(store: sqlite3.Connection, capabilities: Sequence[tuple[str, str, str, str | None]]) -> Iterator[str]:
    told = [
        json.loads(body)["data"]
        for (body,) in store.execute(
            "select body from event where type = ? order by sequence", (EventType.CAPABILITY_CHANGED,)
        )
    ]
    changes = [json.loads(body) for (body,) in store.execute("select body from capability_change order by sequence")]
    if [(one["id"], one["act"], one["after"]) for one in told] != [
        (one["id"], one["act"], one["after"]) for one in changes
    ]:
        yield f"{len(changes)} changes and {len(told)} events of them do not tell the same"
    known = {one[0] for one in capabilities}
    yield from (f"{one['id']} has a history and no record" for one in changes if one["id"] not in known)
    for capability, status, record, spec in capabilities:
        life = [one for one in changes if one["id"] == capability]
        here = None
        for one in life:
            if one.get("before") != here or one["after"] not in _LEGAL.get((here, one["act"]), ()):
                yield f"{capability}: {one['act']} from {here} to {one['after']}"
            here = one["after"]
        if here != status:
            yield f"{capability} is {status}, and its history says {here}"
        head = json.loads(record)
        if head["kind"] == "option" and spec is not None:
            made = document_hash(OptionDocument.model_validate_json(spec))
            if made != head["documentHash"]:
                yield f"{capability} is not what its hash says"
        runs = [
            CapabilityRun.model_validate_json(body)
            for (body,) in store.execute(
                "select body from capability_run where id = ? order by sequence", (capability,)
            )
        ]
        yield from _decided(capability, life, runs)


def _decided(capability: str, life: list[dict[str, Any]], runs: list[CapabilityRun]) -> Iterator[str]:
    """What the gate did in shadow follows from exactly the runs it names."""
    mark = 0
    for one in life:
        evidence = one.get("evidence", {})
        if one["by"] == "gate" and one.get("before") == "shadow":
            upto = evidence["runsBefore"]
            decision = decide(
                PromotionRule(),
                (Outcome(ok=run.ok, start=run.start, seconds=run.seconds) for run in runs[mark:upto]),
                600.0,
            )
            expected = {"promote": Verdict.PROMOTE, "retire": Verdict.RETIRE}[one["act"]]
            if len(runs) < upto or decision.verdict is not expected or decision.runs != upto - mark:
                yield f"{capability}: {one['act']} does not follow from its {upto - mark} runs"
        mark = evidence.get("runsBefore", mark)


def _owed(journal: Journal) -> Iterator[str]:
    """Evidence whose consequence nobody has drawn."""
    registry = CapabilityRegistry(RegistryStore(journal), clock=lambda: 0.0, wall=lambda: 0.0)
    governor = Governor(registry)
    for record in registry:
        # Without a history there is no evidence; that it is missing is said elsewhere.
        if record.kind == "option" and record.status in ("shadow", "active") and registry.history(record.id):
            verdict = governor.judge(record.id).verdict
            if verdict is Verdict.RETIRE or (verdict is Verdict.PROMOTE and record.status == "shadow"):
                yield f"{record.id} is {record.status}, and its evidence says {verdict}"


def _leaves(
    store: sqlite3.Connection, capabilities: Sequence[tuple[str, str, str, str | None]], folder: Path
) -> Iterator[str]:
    ring = KeyRing(TrustedKey.model_validate_json(body) for (body,) in store.execute("select body from trusted_key"))
    registered: set[str] = set()
    for capability, _, record, spec in capabilities:
        head = json.loads(record)
        if head["kind"] != "leaf":
            continue
        registered.add(capability)
        try:
            files = read_tree(folder / "leaves" / capability.replace("@", "-"))
            verify_leaf(
                head["bounds"]["envelope"], LeafSpec.model_validate_json(spec or "null"), files, ring, datetime.now(UTC)
            )
        except (TrustError, OSError) as error:
            yield f"{capability}: {error}"
    for leaf, status in store.execute(f"select id, status from {schema.leaf_proposal.name}"):  # noqa: S608 - our own
        if (status == "accepted") != (leaf in registered):
            yield f"the proposal of {leaf} is {status}, and it is {'' if leaf in registered else 'not '}registered"
