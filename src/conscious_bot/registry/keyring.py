"""The keys that may vouch for code: whose they are, what for, and how long. No online service is asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from enum import StrEnum

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import Field
from securesystemslib.signer import CryptoSigner, SSlibKey  # pyright: ignore[reportPrivateImportUsage] - documented

from conscious_bot.contracts import ConsciousBotError, Wire

__all__ = ["KeyRing", "KeyRole", "TrustError", "TrustProblem", "TrustedKey", "key_of", "new_private_key"]


class TrustProblem(StrEnum):
    """Why a signature is not believed."""

    UNSIGNED = "unsigned"
    MALFORMED = "malformed"
    UNKNOWN_KEY = "unknown key"
    WRONG_ROLE = "wrong role"
    NOT_YET_VALID = "not yet valid"
    EXPIRED = "expired"
    REVOKED = "revoked"
    BAD_SIGNATURE = "bad signature"
    SPEC_ALTERED = "spec altered"
    CODE_ALTERED = "code altered"
    OTHER_SUBJECT = "signed for another leaf"
    REPLAYED = "replayed"


class TrustError(ConsciousBotError):
    """A signature that is not believed. For whoever registers, loads or signs a leaf."""

    def __init__(self, problem: TrustProblem, detail: str) -> None:
        super().__init__(f"{problem}: {detail}")
        self.problem = problem


class KeyRole(StrEnum):
    """What a key may vouch for."""

    LEAVES = "leaves"


class TrustedKey(Wire):
    """A human's Ed25519 key. Times are ISO 8601 with an offset; `replaces` names the key it was rotated from."""

    id: str
    owner: str = Field(min_length=1, max_length=200)
    public: str = Field(pattern=r"^[0-9a-f]{64}$")
    roles: frozenset[KeyRole]
    not_before: datetime
    expires: datetime
    replaces: str | None = None
    revoked_at: datetime | None = None
    revoked_reason: str | None = None

    def problem(self, role: KeyRole, now: datetime) -> TrustError | None:
        """Why the key is not believed at this time, None if it is."""
        name = f"key {self.id[:12]} of {self.owner}"
        if self.revoked_at is not None:
            return TrustError(TrustProblem.REVOKED, f"{name} was revoked ({self.revoked_reason})")
        if now < self.not_before:
            return TrustError(TrustProblem.NOT_YET_VALID, f"{name} is valid from {self.not_before:%Y-%m-%d}")
        if now >= self.expires:
            return TrustError(TrustProblem.EXPIRED, f"{name} expired on {self.expires:%Y-%m-%d}")
        if role not in self.roles:
            return TrustError(TrustProblem.WRONG_ROLE, f"{name} may not vouch for {role}")
        return None

    def verifier(self) -> SSlibKey:
        """The key as the signature library wants it."""
        return SSlibKey(self.id, "ed25519", "ed25519", {"public": self.public})


def new_private_key() -> Ed25519PrivateKey:
    """A fresh private key. It belongs to its human and is never stored here."""
    return Ed25519PrivateKey.generate()


def key_of(
    private: Ed25519PrivateKey,
    owner: str,
    *,
    not_before: datetime,
    expires: datetime,
    replaces: str | None = None,
    roles: Iterable[KeyRole] = (KeyRole.LEAVES,),
) -> TrustedKey:
    """The public half of a key, ready for a ring. Its id is derived from it."""
    public = CryptoSigner(private).public_key
    return TrustedKey(
        id=public.keyid,
        owner=owner,
        public=public.keyval["public"],
        roles=frozenset(roles),
        not_before=not_before.astimezone(UTC),
        expires=expires.astimezone(UTC),
        replaces=replaces,
    )


class KeyRing:
    """The trusted keys. Keys are never removed: a revoked one still has to be known as revoked."""

    def __init__(self, keys: Iterable[TrustedKey] = ()) -> None:
        self._keys = {key.id: key for key in keys}

    def __iter__(self) -> Iterator[TrustedKey]:
        return iter(self._keys.values())

    def get(self, key_id: str) -> TrustedKey | None:
        """The key of this id."""
        return self._keys.get(key_id)

    def add(self, key: TrustedKey) -> None:
        """Trust a key. One that is in the ring stays as it is: TrustError."""
        if key.id in self._keys:
            raise TrustError(TrustProblem.MALFORMED, f"key {key.id[:12]} is in the ring already")
        if key.replaces is not None and key.replaces not in self._keys:
            raise TrustError(
                TrustProblem.UNKNOWN_KEY, f"key {key.replaces[:12]}, which it replaces, is not in the ring"
            )
        if key.expires <= key.not_before:
            raise TrustError(TrustProblem.MALFORMED, f"key {key.id[:12]} expires before it begins")
        self._keys[key.id] = key

    def revoke(self, key_id: str, reason: str, now: datetime) -> TrustedKey:
        """Believe nothing more that the key has signed or will sign. Revoking twice keeps the first reason."""
        key = self._keys.get(key_id)
        if key is None:
            raise TrustError(TrustProblem.UNKNOWN_KEY, f"key {key_id[:12]} is not in the ring")
        if key.revoked_at is None:
            key = key.model_copy(update={"revoked_at": now, "revoked_reason": reason})
            self._keys[key_id] = key
        return key
