"""Signed statements about leaves: DSSE envelopes with Ed25519 over the hashes of spec and module tree."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from copy import deepcopy
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import ValidationError
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import CryptoSigner  # pyright: ignore[reportPrivateImportUsage] - documented

from conscious_bot.contracts import LeafSpec, Wire
from conscious_bot.contracts.canonical import canonical_json
from conscious_bot.registry.code_hash import hash_tree
from conscious_bot.registry.keyring import KeyRing, KeyRole, TrustedKey, TrustError, TrustProblem

__all__ = ["PAYLOAD_TYPE", "LeafStatement", "envelope_digest", "sign_leaf", "spec_hash", "verify_leaf"]

PAYLOAD_TYPE = "application/vnd.conscious-bot.leaf+json"


class LeafStatement(Wire):
    """What a signature vouches for: this leaf, with this contract, made of this code."""

    id: str
    spec_hash: str
    code_hash: str
    issued: datetime


def spec_hash(spec: LeafSpec) -> str:
    """sha256 over the RFC 8785 form of a leaf's contract."""
    whole = spec.model_dump(mode="json", by_alias=True)
    whole["permissions"] = sorted(spec.permissions)
    whole["failures"] = sorted(spec.failures)
    return hashlib.sha256(canonical_json(whole).encode()).hexdigest()


def sign_leaf(spec: LeafSpec, files: dict[str, bytes], private: Ed25519PrivateKey, now: datetime) -> dict[str, Any]:
    """The envelope in which the key's owner vouches for a leaf, as JSON values."""
    statement = LeafStatement(id=spec.id, spec_hash=spec_hash(spec), code_hash=hash_tree(files), issued=now)
    envelope = Envelope(canonical_json(statement.wire()).encode(), PAYLOAD_TYPE, {})
    envelope.sign(CryptoSigner(private))
    return envelope.to_dict()


def envelope_digest(envelope: Mapping[str, Any]) -> str:
    """What an envelope is remembered by: sha256 over its payload."""
    return hashlib.sha256(str(envelope.get("payload", "")).encode()).hexdigest()


def verify_leaf(
    envelope: Mapping[str, Any] | None, spec: LeafSpec, files: dict[str, bytes], ring: KeyRing, now: datetime
) -> TrustedKey:
    """The key whose owner vouches for exactly this leaf. Raises `TrustError`, each cause with its own problem."""
    if not envelope or not envelope.get("signatures"):
        raise TrustError(TrustProblem.UNSIGNED, f"{spec.id} comes without a signature")
    try:
        # The library writes into what it is given.
        opened = Envelope.from_dict(deepcopy(dict(envelope)))
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise TrustError(TrustProblem.MALFORMED, f"the envelope of {spec.id} cannot be read ({error!r})") from error
    if opened.payload_type != PAYLOAD_TYPE:
        detail = f"it holds {opened.payload_type!r}, not {PAYLOAD_TYPE!r}"
        raise TrustError(TrustProblem.MALFORMED, f"the envelope of {spec.id} is for something else: {detail}")
    key = _believed(opened, ring, now)
    try:
        statement = LeafStatement.model_validate_json(opened.payload)
    except ValidationError as error:
        raise TrustError(TrustProblem.MALFORMED, f"the statement about {spec.id} cannot be read") from error
    if statement.id != spec.id:
        detail = f"the envelope vouches for {statement.id}, not for {spec.id}"
        raise TrustError(TrustProblem.OTHER_SUBJECT, detail)
    if statement.spec_hash != spec_hash(spec):
        raise TrustError(TrustProblem.SPEC_ALTERED, f"the contract of {spec.id} is not the one that was signed")
    if statement.code_hash != hash_tree(files):
        raise TrustError(TrustProblem.CODE_ALTERED, f"the code of {spec.id} is not the one that was signed")
    return key


def _believed(envelope: Envelope, ring: KeyRing, now: datetime) -> TrustedKey:
    """The first key of the ring that is valid and has signed; else the most telling problem."""
    problem: TrustError | None = None
    for key_id in envelope.signatures:
        key = ring.get(key_id)
        if key is None:
            found = TrustError(TrustProblem.UNKNOWN_KEY, f"key {key_id[:12]} is not in the ring")
            problem = problem or found
            continue
        try:
            envelope.verify([key.verifier()], threshold=1)
        except VerificationError:
            problem = TrustError(
                TrustProblem.BAD_SIGNATURE, f"the signature of key {key_id[:12]} does not fit; something was altered"
            )
            continue
        invalid = key.problem(KeyRole.LEAVES, now)
        if invalid is None:
            return key
        problem = invalid
    raise problem or TrustError(TrustProblem.UNSIGNED, "there is no signature")
