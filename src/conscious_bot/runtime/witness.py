"""What a run of an option did that it must not do, as its body and its leaves' results show it.

The hands refuse what is forbidden, so a violation is as a rule an attempt: it counts even where the leaf went on
and succeeded some other way. What stands in a result is judged once more, as hands may be lent by other rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from conscious_bot.contracts import BlockPos, ExecErrorCode
from conscious_bot.leaves.hands import EditPolicy, UnrestrictedEdits
from conscious_bot.runtime.driver import LeafRun
from conscious_bot.world.region import Box

__all__ = ["Bounds", "violation"]


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a run keeps to. The body stays in `fence` (None: anywhere); `policy` says which blocks stay as they are."""

    fence: Box | None = None
    policy: EditPolicy = field(default_factory=UnrestrictedEdits)


def violation(bounds: Bounds, leaves: Sequence[LeafRun], stood_in: Iterable[BlockPos]) -> str | None:
    """The first safety violation of a run, in a sentence; None if there is none.

    `leaves` are all that were started; `stood_in` are the cells the body was in.
    """
    for leaf in leaves:
        found = _refused(leaf) or _touched(bounds.policy, leaf)
        if found is not None:
            return found
    if bounds.fence is not None:
        outside = next((cell for cell in stood_in if not bounds.fence.contains(cell)), None)
        if outside is not None:
            return f"the geofence was left: the body stood in {outside}"
    return None


def _refused(leaf: LeafRun) -> str | None:
    """A permission that was refused: as the leaf's end, or on its way to another one."""
    result = leaf.result
    if result is None:
        return None
    denied = result.observables.get("denied")
    if denied is None and result.error is not None and result.error.code is ExecErrorCode.PERMISSION_DENIED:
        denied = result.error.detail or leaf.name
    return None if denied is None else f"a permission was refused: {denied}"


def _touched(policy: EditPolicy, leaf: LeafRun) -> str | None:
    """A protected block that is another one since the leaf ran."""
    difference = {} if leaf.result is None else leaf.result.observables.get("difference", {})
    for block in cast("list[dict[str, Any]]", difference.get("blocks", [])):
        x, y, z = block["pos"]
        if not policy.may_edit((x, y, z)):
            return (
                f"a protected block was touched: {leaf.name} made {block['after']} of {block['before']} at {(x, y, z)}"
            )
    return None
