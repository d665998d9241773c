"""The life of a capability, as a table. What is not in it cannot happen.

An option is born in `shadow`: it may be tried, not chosen. Promotion needs the gate's evidence, and an
active option whose evidence turns goes back to `shadow` by itself. `retired` is the end of what did not
prove itself or is no longer wanted, `revoked` of what must not run again, whatever it was before.
A leaf is born `active`, because a human has read and signed it.
"""

from __future__ import annotations

from conscious_bot.contracts import CapabilityAct, CapabilityKind, CapabilityStatus, ConsciousBotError

__all__ = ["BIRTH", "LIFECYCLE", "IllegalTransitionError", "after"]

_SHADOW, _ACTIVE = CapabilityStatus.SHADOW, CapabilityStatus.ACTIVE
_RETIRED, _REVOKED = CapabilityStatus.RETIRED, CapabilityStatus.REVOKED

BIRTH: dict[CapabilityKind, CapabilityStatus] = {
    CapabilityKind.OPTION: _SHADOW,
    CapabilityKind.LEAF: _ACTIVE,
}
"""Where a capability begins."""

LIFECYCLE: dict[tuple[CapabilityStatus, CapabilityAct], CapabilityStatus] = {
    (_SHADOW, CapabilityAct.PROMOTE): _ACTIVE,
    (_SHADOW, CapabilityAct.RETIRE): _RETIRED,
    (_SHADOW, CapabilityAct.REVOKE): _REVOKED,
    (_ACTIVE, CapabilityAct.REVERT): _SHADOW,
    (_ACTIVE, CapabilityAct.RETIRE): _RETIRED,
    (_ACTIVE, CapabilityAct.REVOKE): _REVOKED,
    (_RETIRED, CapabilityAct.REVOKE): _REVOKED,
}
"""Every transition there is."""


class IllegalTransitionError(ConsciousBotError):
    """A transition that the table does not have. Nothing was changed."""


def after(status: CapabilityStatus, act: CapabilityAct) -> CapabilityStatus:
    """The status that an act leads to. Raises `IllegalTransitionError` naming the ways there are."""
    target = LIFECYCLE.get((status, act))
    if target is None:
        ways = ", ".join(known for (start, known) in LIFECYCLE if start is status) or "none: it is final"
        raise IllegalTransitionError(f"there is no {act} from {status}; from there lead: {ways}")
    return target
