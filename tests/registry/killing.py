"""A registry at work, killed with SIGKILL at a random moment, looked at, and set to work again.

The work is the registry's whole trade: keys, proposed and signed leaves, options through the pipeline with the
real sandbox, shadow runs until the evidence promotes or retires, garbage. It is done in a forked process, so
that a start costs no imports; the sandbox's worker outlives it, as an answer that nobody waits for.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import select
import signal
import sqlite3
import subprocess
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from conscious_bot.behavior import CompiledOption, compile_option
from conscious_bot.contracts import CapabilityAct, CapabilityStatus, EventType, ExecErrorCode, LeafSpec, OptionDocument
from conscious_bot.game.tables import Tables
from conscious_bot.leaves.catalogue import default_catalogue
from conscious_bot.registry.desk import CapabilityDesk, open_desk
from conscious_bot.registry.envelopes import sign_leaf
from conscious_bot.registry.keyring import key_of
from conscious_bot.registry.principals import Principal, Role
from conscious_bot.registry.quotas import Quotas
from conscious_bot.registry.refusal import RegistryRefusal
from conscious_bot.registry.sandbox import Sandbox
from conscious_bot.registry.shadow import run_trials, starts_of

from .registry_audit import Left, audit

__all__ = ["Kills", "SharedSandbox", "fingerprint", "kill_until_done", "work"]

OPERATOR, SIGNER = Principal("olga", Role.OPERATOR), Principal("sam", Role.SIGNER)
PROPOSER = Principal("model", Role.PROPOSER)
QUOTAS = Quotas(registrations_per_min=10**6, executions_per_min=10**6, shadow_options=10**6, retired_kept=1)
NAMES = 3
ISSUED = datetime(2026, 1, 1, tzinfo=UTC)
SOURCE = '"""Hums."""\n\nleaf = object()\n'
Say = Callable[[str], None]


def _option(name: str, version: str, post: str, *, tested: bool) -> dict[str, Any]:
    expect = {"post": [post], "runtime": {"timeoutMs": 5000}}
    test = {"name": "waits", "world": "fixtures/corridor_12_blocks.json", "args": {}, "assert": expect}
    return {
        "id": name,
        "version": version,
        "tree": {"type": "Leaf", "name": "wait", "args": {"ms": 200}},
        "post": [post],
        "provenance": {"authoredBy": "human"},
        **({"tests": [test]} if tested else {}),
    }


def _good(name: str) -> dict[str, Any]:
    return _option(name, "1.0.0", "health>=1", tested=True)


def _bad(name: str, version: str = "1.1.0", *, tested: bool = False) -> dict[str, Any]:
    return _option(name, version, "has(item:diamond)>=1", tested=tested)


# ---------------------------------------------------------------------- the work


@dataclass
class _Worker:
    """Does what is not done yet. It is told nothing of what an earlier process did; the registry knows."""

    desk: CapabilityDesk
    say: Say

    def __post_init__(self) -> None:
        self.tables, self.catalogue = Tables.builtin(), default_catalogue()

    def all(self) -> None:
        self.leaves()
        for number in range(NAMES):
            name = f"opt.lamp_{number}"
            self.register(_good(name))
            self.refused(_bad(name, "9.0.0", tested=True))
            self.try_out(_good(name))
            self.register(_bad(name))
            self.try_out(_bad(name))
            for minor in (2, 3):
                self.register(_bad(name, f"1.{minor}.0"))
                self.retire(f"{name}@1.{minor}.0")

    def leaves(self) -> None:
        self.say("leaves")
        review = self.desk.review
        first, second = (_private(number) for number in (1, 2))
        keys = [_key(first), _key(second, replaces=_key(first).id)]
        for key in keys:
            if review.ring.get(key.id) is None:
                review.trust(key, SIGNER)
        spec, files = _spec("1.0.0"), {"__init__.py": SOURCE}
        encoded = {name: text.encode() for name, text in files.items()}
        if self.desk.registry.get(spec.id) is None:
            if not review.proposals():
                review.propose(spec, files, PROPOSER)
            review.accept(spec.id, sign_leaf(spec, encoded, first, ISSUED), SIGNER)
        newer = _spec("1.1.0")
        if self.desk.registry.get(newer.id) is None:
            review.register_files(newer, files, sign_leaf(newer, encoded, second, ISSUED), SIGNER)

    def register(self, document: dict[str, Any]) -> None:
        self.say("registration")
        try:
            self.desk.pipeline.register(document, OPERATOR)
        except RegistryRefusal as refusal:
            if refusal.error.code is not ExecErrorCode.VERSION_EXISTS:
                raise

    def refused(self, document: dict[str, Any]) -> None:
        self.say("registration")
        try:
            self.desk.pipeline.register(document, OPERATOR)
        except RegistryRefusal as refusal:
            if refusal.error.code is ExecErrorCode.TESTS_FAILED:
                return
            raise
        raise AssertionError("an option whose test fails was registered")

    def try_out(self, document: dict[str, Any]) -> None:
        self.say("shadow")
        option = self._compiled(document)
        if self.desk.registry.require(option.document.capability).status is not CapabilityStatus.SHADOW:
            return
        tests = OptionDocument.model_validate(_good(option.document.id))
        starts = starts_of(tests, self.tables, range(40))
        change = run_trials(self.desk.governor, option, None, starts, self.catalogue)
        if change is None:
            raise AssertionError("40 runs decided nothing")

    def retire(self, capability: str) -> None:
        self.say("retirement")
        if self.desk.registry.require(capability).status is CapabilityStatus.SHADOW:
            self.desk.governor.end(capability, CapabilityAct.RETIRE, OPERATOR, "no longer wanted")

    def _compiled(self, document: dict[str, Any]) -> CompiledOption:
        return compile_option(OptionDocument.model_validate(document), self.desk.pipeline.leaves(), cap_s=600)


def work(folder: Path, sandbox: SharedSandbox, say: Say) -> None:
    """Open the registry and bring it to the end of its work."""
    say("opening")
    with open_desk(folder, QUOTAS) as desk:

        def try_out(option: CompiledOption) -> Any:
            say("sandbox")
            report = sandbox.try_out(option)
            say("registration")
            return report

        _Worker(replace(desk, pipeline=replace(desk.pipeline, try_out=try_out)), say).all()
        say("closing")


def _private(number: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(bytes([number])).digest())


def _key(private: Ed25519PrivateKey, replaces: str | None = None) -> Any:
    until = datetime(2100, 1, 1, tzinfo=UTC)
    return key_of(private, "Sam", not_before=datetime(2020, 1, 1, tzinfo=UTC), expires=until, replaces=replaces)


def _spec(version: str) -> LeafSpec:
    return LeafSpec.model_validate(
        {
            "name": "hum",
            "version": version,
            "description": "Hums.",
            "inputSchema": {"type": "object"},
            "timeoutMs": 1000,
            "retries": 0,
            "permissions": ["sense"],
        }
    )


# ---------------------------------------------------------------------- killing it


class SharedSandbox(Sandbox):
    """One worker for all the processes of a proof, as it takes seconds to get warm. Only its parent may wait for it."""

    def _started(self) -> subprocess.Popen[bytes]:
        return super()._started() if self._worker is None else self._worker

    def drop_answer(self) -> None:
        """Read the answer that a killed process had asked for; without one the worker is replaced."""
        if self._line(self._started(), 20.0) is None:
            self.close()
            self.warm()


@dataclass
class Kills:
    """What came of it: in which stages the kills fell, and all that did not add up."""

    stages: Counter[str] = field(default_factory=Counter[str])
    problems: list[str] = field(default_factory=list[str])


def kill_until_done(folder: Path, sandbox: SharedSandbox, chance: random.Random, longest_s: float, most: int) -> Kills:
    """Let it work in a folder, killed at most `most` times, each within `longest_s` of a start, then to its end."""
    kills = Kills()
    left: Left | None = None
    while True:
        killed = sum(kills.stages.values())
        allowed = None if killed >= most else chance.uniform(0.0, longest_s)
        stage, status = _run(folder, sandbox, allowed)
        left, found = audit(folder, left)
        kills.problems += [f"after {killed} kills, in {stage}: {one}" for one in found]
        if status != -signal.SIGKILL:
            if status:
                kills.problems.append(f"after {killed} kills, in {stage}: it ended with status {status}")
            return kills
        kills.stages[stage] += 1
        if stage == "sandbox":
            sandbox.drop_answer()


def _run(folder: Path, sandbox: SharedSandbox, seconds: float | None) -> tuple[str, int]:
    """One process, killed so long after its start (None: never): the stage it was last in, and how it ended."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        status = 1
        try:
            work(folder, sandbox, partial(_tell, writing))
            status = 0
        except BaseException:  # noqa: BLE001 - whatever it is, it must not go on as the parent
            traceback.print_exc()
        finally:
            os._exit(status)
    os.close(writing)
    said = b""
    end = None if seconds is None else time.monotonic() + seconds
    with os.fdopen(reading, "rb", buffering=0) as pipe:
        while True:
            wait = None if end is None else max(0.0, end - time.monotonic())
            if not select.select([pipe], [], [], wait)[0]:
                os.kill(child, signal.SIGKILL)
                end = None
                continue
            more = pipe.read(4096)
            if not more:
                break
            said += more
    stages = said.decode().split()
    return stages[-1] if stages else "start", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _tell(pipe: int, stage: str) -> None:
    os.write(pipe, f"{stage}\n".encode())


def fingerprint(folder: Path) -> dict[str, Any]:
    """All that the registry came to, but for the wall's time."""
    with sqlite3.connect(folder / "registry.sqlite") as store:
        found: dict[str, Any] = {}
        for capability, status, record, spec in store.execute("select id, status, record, spec from capability"):
            head = json.loads(record)
            del head["provenance"]["createdAt"]
            changes = store.execute("select body from capability_change where id = ? order by sequence", (capability,))
            runs = store.execute("select body from capability_run where id = ? order by sequence", (capability,))
            found[capability] = (
                status,
                head,
                spec,
                [_timeless(json.loads(body)) for (body,) in changes],
                [_timeless(json.loads(body)) for (body,) in runs],
            )
        proposals = store.execute("select id, status from leaf_proposal order by id").fetchall()
        keys = store.execute("select id from trusted_key order by id").fetchall()
        events = store.execute("select count(*) from event where type = ?", (EventType.CAPABILITY_CHANGED,)).fetchone()
    store.close()
    return {"capabilities": found, "proposals": proposals, "keys": keys, "changes": events}


def _timeless(body: dict[str, Any]) -> dict[str, Any]:
    del body["at"]
    body.get("evidence", {}).pop("afterMs", None)
    return body
