"""Who may ask what of the registry, and what the options of each may do in the world."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from conscious_bot.contracts import Permission

__all__ = ["ROLES", "Policy", "Principal", "Right", "Role"]


class Role(StrEnum):
    """What somebody is to the bot."""

    SIGNER = "signer"
    OPERATOR = "operator"
    PROPOSER = "proposer"
    VIEWER = "viewer"


class Right(StrEnum):
    """What may be asked."""

    LOOK = "look"
    REGISTER_OPTION = "register option"
    PROPOSE_LEAF = "propose leaf"
    CHANGE_STATUS = "change status"
    REGISTER_LEAF = "register leaf"
    KEEP_KEYS = "keep keys"


ROLES: dict[Role, frozenset[Right]] = {
    Role.VIEWER: frozenset({Right.LOOK}),
    Role.PROPOSER: frozenset({Right.LOOK, Right.REGISTER_OPTION, Right.PROPOSE_LEAF}),
    Role.OPERATOR: frozenset({Right.LOOK, Right.REGISTER_OPTION, Right.PROPOSE_LEAF, Right.CHANGE_STATUS}),
    Role.SIGNER: frozenset(
        {Right.LOOK, Right.REGISTER_OPTION, Right.PROPOSE_LEAF, Right.REGISTER_LEAF, Right.KEEP_KEYS}
    ),
}
"""Each role's rights. A signer vouches for code; whether something is used is the operator's decision."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody, by name and role."""

    name: str
    role: Role

    def may(self, right: Right) -> bool:
        """Whether the role allows it."""
        return right in ROLES[self.role]

    def __str__(self) -> str:
        return f"{self.role}:{self.name}"


_EVERYTHING = frozenset(Permission)


@dataclass(frozen=True, slots=True)
class Policy:
    """What the options that somebody registers may do: by role, or by name where a name stands.

    `live_share` is the share of an option's live episodes that a version in shadow may have: none by default,
    every other one (0.5) at most.
    """

    by_role: Mapping[Role, frozenset[Permission]] = field(
        default_factory=lambda: {
            Role.SIGNER: _EVERYTHING,
            Role.OPERATOR: _EVERYTHING,
            Role.PROPOSER: _EVERYTHING - {Permission.CHAT, Permission.TARGET_PASSIVE, Permission.INTERRUPT},
            Role.VIEWER: frozenset(),
        }
    )
    by_name: Mapping[str, frozenset[Permission]] = field(default_factory=dict[str, frozenset[Permission]])
    live_share: float = 0.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.live_share <= 0.5:
            raise ValueError(f"a candidate may have a share of 0 to 0.5 of the live episodes, not {self.live_share}")

    def granted(self, principal: Principal) -> frozenset[Permission]:
        """The most that an option registered by this principal may declare."""
        named = self.by_name.get(principal.name)
        return self.by_role[principal.role] if named is None else named
