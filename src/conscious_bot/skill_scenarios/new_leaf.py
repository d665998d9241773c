"""SCN-12: a proposed leaf is text until a human has read and signed it; then options are made of it."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from conscious_bot.contracts import CapabilityAct, LeafSpec, TrustTier
from conscious_bot.registry.envelopes import sign_leaf
from conscious_bot.registry.keyring import key_of
from conscious_bot.registry.principals import Principal, Role
from conscious_bot.registry.refusal import RegistryRefusal
from conscious_bot.registry.sandbox import Sandbox
from conscious_bot.registry.shadow import run_shadow, run_trials, starts_of
from conscious_bot.skill_scenarios.crews import compiled
from conscious_bot.skill_scenarios.governed import PROPOSER, House, change_wire, open_house
from conscious_bot.skill_scenarios.mine import Mine
from conscious_bot.skill_scenarios.outcome import Check, Outcome

__all__ = ["play"]

_PROPOSAL = files("conscious_bot.skill_scenarios") / "seal_off"
_FILES = ("__init__.py", "spec.json")
_HUMAN = Principal("reader", Role.SIGNER)
_LENGTHS = (12, 20)
_SHADOW_SEEDS = 40


def play(seed: int, folder: Path, sandbox: Sandbox | None = None) -> Outcome:
    """Proposal, refusals, a human's signature, the leaf at work, and an option that is made of it."""
    with open_house(Mine.of(seed, _LENGTHS), folder, sandbox) as house:
        steps = _Steps(house)
        steps.propose()
        steps.wait()
        steps.sign()
        steps.compose()
        steps.take_back()
        return Outcome(
            tuple(steps.checks),
            {"leaf": steps.spec.id, **steps.report, "steps": [check.name for check in steps.checks if check.ok]},
            folder / "registry.sqlite",
            virtual_seconds=house.lived.seconds,
            leaves=steps.leaves,
            failed=steps.failed,
        )


class _Steps:
    """The way of one leaf, with a check for each thing that has to be so."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._files = {name: (_PROPOSAL / name).read_text("utf-8") for name in _FILES}
        self.spec = LeafSpec.model_validate_json(self._files["spec.json"])
        self._option = _option(house.mine)
        # A human's key is random; this one is the seed's, so that equal seeds leave equal journals.
        self._private = Ed25519PrivateKey.from_private_bytes(sha256(f"reader {house.mine.seed}".encode()).digest())
        self._imported = _imported(self.spec.id)  # by an earlier scenario of this process, perhaps
        self.checks: list[Check] = []
        self.report: dict[str, Any] = {}
        self.leaves = self.failed = 0

    def propose(self) -> None:
        """The option that is wanted needs a leaf that there is not; somebody proposes it."""
        self._refused("an option of it is refused before it exists", "lint", self._register_option)
        proposal = self._house.desk.review.propose(self.spec, self._files, PROPOSER)
        self._check("the proposal waits for a human", proposal.status == "pending", proposal.status)
        self.report["shown"] = {
            "files": {name: len(text) for name, text in proposal.files.items()},
            "checks": [check.wire() for check in proposal.checks],
        }

    def wait(self) -> None:
        """Nobody gets around the human, and nothing of it has run."""
        review, leaf = self._house.desk.review, self.spec.id
        self._refused("it cannot be loaded", "notFound", lambda: review.load(leaf))
        self._refused("who proposed it cannot accept it", "notAllowed", lambda: review.accept(leaf, {}, PROPOSER))
        self._refused("without a signature it is not accepted", "untrusted", lambda: review.accept(leaf, {}, _HUMAN))
        self._refused("nor with a key that nobody trusts", "untrusted", self._accept)
        self._refused("an option of it is still refused", "lint", self._register_option)
        self._check("nothing of it was imported", _imported(leaf) is self._imported, leaf)

    def sign(self) -> None:
        """A human reads and signs exactly what is shown."""
        review = self._house.desk.review
        now = datetime.now(UTC)
        expires = now + timedelta(days=30)
        key = key_of(self._private, _HUMAN.name, not_before=now - timedelta(minutes=1), expires=expires)
        review.trust(key, _HUMAN)
        self._accept()
        record = self._house.desk.registry.require(self.spec.id)
        signed = record.provenance.signed_by == key.id and record.tier is TrustTier.PROPOSED_LEAF
        self._check("it is active, as a proposed leaf with its signer", signed, [record.status, record.tier])
        self._house.catalogue.register(review.load(self.spec.id))
        self.report["signedBy"] = key.id
        self.report["codeHash"] = record.provenance.code_hash

    def compose(self) -> None:
        """The option is registered, promoted by its shadow runs, and does its work."""
        house = self._house
        capability = self._register_option()
        option = compiled(house.desk.registry.require(capability).spec, house.catalogue)
        seeds = range(_SHADOW_SEEDS)
        starts = starts_of(option.document, house.tables, seeds)
        promotion = run_trials(house.desk.governor, option, None, starts, house.catalogue)
        promoted = promotion is not None and promotion.act is CapabilityAct.PROMOTE
        self._check("an option of it is promoted", promoted, None if promotion is None else promotion.reason)
        start = next(starts_of(option.document, house.tables, [_SHADOW_SEEDS]))
        run = run_shadow(option, start, house.catalogue)
        leaf = next(one for one in run.result.leaves if one.name == self.spec.name)
        observed = {} if leaf.result is None else leaf.result.observables
        self._check("the leaf's work is seen in the world", run.result.ok and run.result.changed, observed)
        house.lived.seconds += run.seconds
        self.leaves += len(run.result.leaves)
        self.failed += sum(one.result is not None and not one.result.ok for one in run.result.leaves)
        self.report["option"] = capability
        self.report["promotion"] = change_wire(promotion)
        self.report["post"] = [judgement.wire() for judgement in run.result.post]

    def take_back(self) -> None:
        """Revoking the key takes back what it vouched for."""
        review = self._house.desk.review
        review.revoke_key(str(self.report["signedBy"]), _HUMAN, "the scenario is over")
        self._refused("with its key revoked it is not loaded", "untrusted", lambda: review.load(self.spec.id))
        self._refused("and an option of it is refused again", "lint", self._register_option)

    def _register_option(self) -> str:
        """Through the pipeline, with the leaves that there are now."""
        return self._house.desk.pipeline.register(self._option, PROPOSER).id

    def _accept(self) -> None:
        shown = next(one for one in self._house.desk.review.proposals() if one.spec.id == self.spec.id)
        encoded = {name: text.encode() for name, text in shown.files.items()}
        envelope = sign_leaf(shown.spec, encoded, self._private, datetime.now(UTC))
        self._house.desk.review.accept(self.spec.id, envelope, _HUMAN)

    def _refused(self, name: str, code: str, attempt: Callable[[], object]) -> None:
        try:
            attempt()
        except RegistryRefusal as refusal:
            self._check(name, str(refusal.error.code).endswith(code), f"{refusal.error.code}: {refusal.error.detail}")
        else:
            self._check(name, False, "it was not refused")  # noqa: FBT003 - a check that failed

    def _check(self, name: str, ok: bool, observed: Any) -> None:
        self.checks.append(Check(name, ok, observed))


def _imported(leaf: str) -> ModuleType | None:
    """The module of a registered leaf, if its code has been run."""
    end = "".join(one if one.isalnum() else "_" for one in leaf)
    return next((module for name, module in sys.modules.items() if name.endswith(end)), None)


def _option(mine: Mine) -> dict[str, Any]:
    """Closes the corridor against what comes along it; its test has a zombie in sight."""
    x, y, z = mine.corridor[random.Random(f"sealed {mine.seed}").randint(5, mine.length)]
    world = mine.document()
    world["entities"] = [{"kind": "zombie", "position": [x + 0.5, y, z + 0.5]}]
    return {
        "id": "opt.close_corridor",
        "version": "1.0.0",
        "description": "Closes the corridor on one side of the body and makes sure that nothing comes through.",
        "argsSchema": {
            "type": "object",
            "properties": {"side": {"enum": ["north", "south", "east", "west"]}},
            "required": ["side"],
            "additionalProperties": False,
        },
        "pre": ["has(item:dirt)>=2"],
        "post": ["hostiles_present==false"],
        "tree": {
            "type": "Sequence",
            "children": [
                {"type": "Leaf", "name": "seal_off", "args": {"side": "$side"}},
                {"type": "Leaf", "name": "sense_hostiles", "args": {"radius": 16}},
            ],
        },
        "tests": [{"name": "a zombie is shut out", "world": world, "args": {"side": "east"}}],
        "provenance": {"authoredBy": "llm"},
    }
