"""Code from outside is believed only as signed: every way of cheating has its own message."""

from __future__ import annotations

import base64
import hashlib
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from importlib.metadata import PathDistribution
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from conscious_bot.contracts import CapabilityAct, CapabilityStatus, ExecErrorCode, LeafSpec, Permission
from conscious_bot.registry.code_hash import CodeError, check_shipped
from conscious_bot.registry.envelopes import sign_leaf, verify_leaf
from conscious_bot.registry.keyring import TrustedKey, TrustError, key_of, new_private_key
from conscious_bot.registry.refusal import RegistryRefusal
from conscious_bot.registry.review import LeafReview

from .conftest import OPERATOR, PROPOSER, SIGNER, House

NOW = datetime(2026, 6, 1, tzinfo=UTC)
SOURCE = '''"""A leaf."""

from pathlib import Path

Path(__file__).with_name("ran").touch()


class Hum:
    """Hums."""


leaf = Hum()
'''
SPEC = LeafSpec(
    name="hum",
    version="1.0.0",
    description="Hums.",
    input_schema={"type": "object"},
    timeout_ms=1000,
    retries=0,
    permissions=frozenset({Permission.SENSE}),
)


class Desk:
    """A signer's desk: a key, a module tree, a review whose clock can be set."""

    def __init__(self, house: House, folder: Path) -> None:
        self.house = house
        self.now = NOW
        self.private = new_private_key()
        self.key = self.issue(self.private)
        self.review = LeafReview(house.registry, folder / "registry", lambda: self.now)
        self.review.trust(self.key, SIGNER)
        self.tree = folder / "tree"
        self.tree.mkdir()
        (self.tree / "__init__.py").write_text(SOURCE, "utf-8")

    def issue(self, private: Ed25519PrivateKey, **more: Any) -> TrustedKey:
        return key_of(private, "Sam", not_before=NOW, expires=NOW + timedelta(days=365), **more)

    def sign(self, spec: LeafSpec = SPEC, private: Ed25519PrivateKey | None = None) -> dict[str, Any]:
        files = {"__init__.py": (self.tree / "__init__.py").read_bytes()}
        return sign_leaf(spec, files, private or self.private, self.now)

    def register(self, envelope: dict[str, Any] | None, spec: LeafSpec = SPEC) -> str:
        return self.review.register(spec, self.tree, envelope, SIGNER).id

    def refusal(self, envelope: dict[str, Any] | None, spec: LeafSpec = SPEC) -> str:
        before = self.house.registry.store.counts()
        with pytest.raises(RegistryRefusal) as caught:
            self.register(envelope, spec)
        assert caught.value.error.code is ExecErrorCode.REGISTRY_UNTRUSTED
        after = self.house.registry.store.counts()
        assert after == {**before, "capability_audit": before["capability_audit"] + 1}
        return str(caught.value.error.detail)


@pytest.fixture
def desk(house: House, tmp_path: Path) -> Desk:
    return Desk(house, tmp_path)


def code_of(spec: LeafSpec) -> str:
    """A module with a leaf of this contract."""
    return (
        "from conscious_bot.contracts import LeafSpec\n\n\nclass Hum:\n"
        f"    spec = LeafSpec.model_validate_json({spec.model_dump_json()!r})\n\n\nleaf = Hum()\n"
    )


@pytest.mark.requirement("GOV-09")
def test_a_leaf_signed_by_a_trusted_key_is_registered_and_loaded(desk: Desk) -> None:
    (desk.tree / "__init__.py").write_text(code_of(SPEC), "utf-8")
    assert desk.register(desk.sign()) == "hum@1.0.0"
    record = desk.house.registry.require("hum@1.0.0")
    assert record.status is CapabilityStatus.ACTIVE
    assert record.provenance.signed_by == desk.key.id
    assert type(desk.review.load("hum@1.0.0")).__name__ == "Hum"


@pytest.mark.requirement("GOV-09", "GOV-10")
@pytest.mark.parametrize(
    ("code", "said"),
    [
        (code_of(SPEC.model_copy(update={"permissions": frozenset({Permission.SENSE, Permission.DIG})})), "another"),
        (code_of(SPEC.model_copy(update={"version": "1.0.1"})), r"another contract \(hum@1\.0\.1\)"),
        ("leaf = object()\n", "no object `leaf` with a contract"),
        ("raise OSError('not here')\n", "cannot be loaded: OSError"),
    ],
)
def test_code_that_is_not_the_leaf_that_was_signed_is_not_loaded(desk: Desk, code: str, said: str) -> None:
    (desk.tree / "__init__.py").write_text(code, "utf-8")
    desk.register(desk.sign())
    with pytest.raises(RegistryRefusal, match=said) as caught:
        desk.review.load("hum@1.0.0")
    assert caught.value.error.code is ExecErrorCode.REGISTRY_UNTRUSTED
    assert desk.house.registry.store.refusals(1)[0].subject == "hum@1.0.0"


def _flipped(envelope: dict[str, Any]) -> dict[str, Any]:
    payload = bytearray(base64.b64decode(envelope["payload"]))
    payload[20] ^= 1
    return {**envelope, "payload": base64.b64encode(payload).decode()}


@pytest.mark.requirement("GOV-09")
def test_every_cheat_is_refused_with_a_message_of_its_own(desk: Desk) -> None:
    signed = desk.sign()
    messages = [
        desk.refusal(None),
        desk.refusal({**signed, "signatures": []}),
        desk.refusal(desk.sign(private=new_private_key())),
        desk.refusal(_flipped(signed)),
        desk.refusal(signed, SPEC.model_copy(update={"timeout_ms": 1001})),
        desk.refusal(signed, SPEC.model_copy(update={"version": "1.0.1"})),
        desk.refusal({**signed, "signatures": [{"keyid": 7}]}),
        desk.refusal({**signed, "payloadType": "text/plain"}),
    ]
    (desk.tree / "__init__.py").write_text(SOURCE.replace("Hums", "Humz"), "utf-8")
    messages.append(desk.refusal(signed))
    (desk.tree / "__init__.py").write_text(SOURCE, "utf-8")
    desk.now = NOW - timedelta(seconds=1)
    messages.append(desk.refusal(signed))
    desk.now = NOW + timedelta(days=365)
    messages.append(desk.refusal(signed))
    desk.now = NOW
    desk.review.revoke_key(desk.key.id, SIGNER, "lost")
    messages.append(desk.refusal(signed))
    assert [message.partition(":")[0] for message in messages] == [
        "unsigned",
        "unsigned",
        "unknown key",
        "bad signature",
        "spec altered",
        "signed for another leaf",
        "malformed",
        "malformed",
        "code altered",
        "not yet valid",
        "expired",
        "revoked",
    ]
    assert not (desk.tree / "ran").exists(), "nothing of it was run"


@pytest.mark.requirement("GOV-09")
def test_a_signature_by_another_key_under_a_trusted_keys_name_is_refused(desk: Desk) -> None:
    forged = desk.sign(private=new_private_key())
    forged["signatures"][0]["keyid"] = desk.key.id
    assert desk.refusal(forged).startswith("bad signature")


@pytest.mark.requirement("GOV-09")
def test_an_old_envelope_cannot_be_used_again(desk: Desk) -> None:
    envelope = desk.sign()
    desk.register(deepcopy(envelope))
    desk.house.registry.move("hum@1.0.0", CapabilityAct.REVOKE, "t", "it misbehaved")
    assert desk.refusal(envelope).startswith("replayed: this envelope was used for hum@1.0.0")


@pytest.mark.requirement("GOV-09")
def test_an_old_envelope_spelled_otherwise_is_the_old_envelope(desk: Desk) -> None:
    envelope = desk.sign()
    desk.register(deepcopy(envelope))
    payload = envelope["payload"]
    assert payload.endswith("0=")
    spelled = {**envelope, "payload": payload.removesuffix("0=") + "1="}  # the last two bits say nothing
    assert base64.b64decode(spelled["payload"], validate=True) == base64.b64decode(payload, validate=True)
    assert desk.refusal(spelled).startswith("replayed: this envelope was used for hum@1.0.0")


@pytest.mark.requirement("GOV-09")
def test_one_bit_anywhere_in_code_contract_or_statement_is_one_too_many(desk: Desk) -> None:
    envelope, files = desk.sign(), {"__init__.py": SOURCE.encode()}
    verify_leaf(envelope, SPEC, files, desk.review.ring, NOW)

    def refused(envelope: dict[str, Any], spec: LeafSpec, code: bytes) -> str:
        with pytest.raises(TrustError) as caught:
            verify_leaf(envelope, spec, {"__init__.py": code}, desk.review.ring, NOW)
        return caught.value.problem

    code, payload = SOURCE.encode(), base64.b64decode(envelope["payload"])
    for bit in range(0, 8 * len(code), 7):
        assert refused(envelope, SPEC, _with_bit(code, bit)) == "code altered"
    for bit in range(0, 8 * len(payload), 7):
        altered = base64.b64encode(_with_bit(payload, bit)).decode()
        assert refused({**envelope, "payload": altered}, SPEC, code) == "bad signature"
    for change in (
        {"description": "Iums."},
        {"timeout_ms": 1001},
        {"retries": 1},
        {"input_schema": {"type": "objecu"}},
        {"permissions": frozenset({Permission.SENSE, Permission.CHAT})},
    ):
        assert refused(envelope, SPEC.model_copy(update=change), code) == "spec altered"


def _with_bit(content: bytes, bit: int) -> bytes:
    """The content with one bit turned round."""
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


@pytest.mark.requirement("GOV-09")
def test_the_signature_is_verified_again_when_the_leaf_is_loaded(desk: Desk) -> None:
    desk.register(desk.sign())
    stored = next(desk.review._folder.glob("hum-*/__init__.py"))
    stored.write_text(SOURCE.replace("Hums", "Humz"), "utf-8")
    with pytest.raises(RegistryRefusal, match="code altered"):
        desk.review.load("hum@1.0.0")
    stored.write_text(SOURCE, "utf-8")
    desk.review.revoke_key(desk.key.id, SIGNER, "stolen")
    with pytest.raises(RegistryRefusal, match=r"revoked.*stolen"):
        desk.review.load("hum@1.0.0")


@pytest.mark.requirement("GOV-09")
def test_a_key_is_rotated_without_losing_what_it_signed_and_outlives_a_restart(desk: Desk) -> None:
    (desk.tree / "__init__.py").write_text(code_of(SPEC), "utf-8")
    desk.register(desk.sign())
    private = new_private_key()
    desk.review.trust(desk.issue(private, replaces=desk.key.id), SIGNER)
    newer = SPEC.model_copy(update={"version": "1.1.0"})
    (desk.tree / "__init__.py").write_text(code_of(newer), "utf-8")
    desk.register(desk.sign(newer, private), newer)
    desk.house.reopen()
    again = LeafReview(desk.house.registry, desk.review._folder, lambda: NOW)
    assert {key.id for key in again.ring} == {key.id for key in desk.review.ring}
    again.load("hum@1.0.0")
    again.revoke_key(desk.key.id, SIGNER, "rotated out")
    again.load("hum@1.1.0")
    with pytest.raises(RegistryRefusal, match="rotated out"):
        again.load("hum@1.0.0")


@pytest.mark.requirement("GOV-09", "GOV-14")
def test_only_a_signer_registers_leaves_and_keeps_keys(desk: Desk) -> None:
    for who in (OPERATOR, PROPOSER):
        with pytest.raises(RegistryRefusal, match="may not register leaf"):
            desk.review.register(SPEC, desk.tree, desk.sign(), who)
        with pytest.raises(RegistryRefusal, match="may not keep keys"):
            desk.review.revoke_key(desk.key.id, who, "t")


@pytest.mark.requirement("GOV-10", "SCN-12")
def test_a_proposed_leaf_waits_for_a_human_is_never_run_before_and_usable_after(desk: Desk) -> None:
    source = SOURCE + "\nimport subprocess\neval('1')\n" + code_of(SPEC)
    proposal = desk.review.propose(SPEC, {"__init__.py": source}, PROPOSER)
    assert [(one.line, one.what) for one in proposal.checks] == [
        (3, "imports from pathlib"),
        (14, "imports subprocess"),
        (15, "uses eval"),
    ]
    assert proposal.status == "pending"
    with pytest.raises(RegistryRefusal, match="no capability"):
        desk.review.load("hum@1.0.0")
    with pytest.raises(RegistryRefusal, match="may not"):
        desk.review.accept("hum@1.0.0", desk.sign(), PROPOSER)
    with pytest.raises(RegistryRefusal, match="code altered"):
        desk.review.accept("hum@1.0.0", desk.sign(), SIGNER)
    assert list(desk.review._folder.rglob("*")) == []
    (desk.tree / "__init__.py").write_text(source, "utf-8")
    record = desk.review.accept("hum@1.0.0", desk.sign(), SIGNER)
    assert record.provenance.authored_by == "llm"
    assert desk.review.load("hum@1.0.0") is not None
    assert desk.review.proposals()[0].status == "accepted"


@pytest.mark.requirement("GOV-10")
def test_a_rejected_proposal_stays_rejected_and_bad_file_names_are_refused(desk: Desk) -> None:
    desk.review.propose(SPEC, {"__init__.py": "not python ("}, PROPOSER)
    assert "is no Python" in desk.review.proposals()[0].checks[0].what
    desk.review.reject("hum@1.0.0", SIGNER, "no")
    with pytest.raises(RegistryRefusal, match="no proposal"):
        desk.review.accept("hum@1.0.0", desk.sign(), SIGNER)
    other = SPEC.model_copy(update={"name": "other"})
    for name in ("../up.py", "/etc/x.py", ".hidden.py", "a.so"):
        with pytest.raises(RegistryRefusal, match="schema"):
            desk.review.propose(other, {name: ""}, PROPOSER)


@pytest.mark.requirement("GOV-09")
def test_shipped_leaves_are_checked_against_the_packages_own_list(tmp_path: Path) -> None:
    leaves = tmp_path / "conscious_bot" / "leaves"
    leaves.mkdir(parents=True)
    rows: list[str] = []
    for name in ("__init__.py", "walk.py"):
        (leaves / name).write_text(f"# {name}", "utf-8")
        digest = base64.urlsafe_b64encode(hashlib.sha256((leaves / name).read_bytes()).digest()).rstrip(b"=")
        rows.append(f"conscious_bot/leaves/{name},sha256={digest.decode()},9")
    info = tmp_path / "conscious_bot-0.1.0.dist-info"
    info.mkdir()
    (info / "RECORD").write_text("\n".join(rows), "utf-8")
    package = PathDistribution(info)
    assert (check_shipped(package).files, check_shipped(package).listed) == (2, True)
    (leaves / "walk.py").write_text("# walk,py", "utf-8")
    (leaves / "more.py").touch()
    (leaves / "__init__.py").unlink()
    with pytest.raises(CodeError, match=r"__init__.py is missing.*more.py is not part.*walk.py was altered"):
        check_shipped(package)
