"""Which codes a leaf may fail with: its own are in its spec, those that may befall any leaf are `COMMON`.

A leaf's own failures are what a planner's repairs key on. The conformance kit runs a scene for each of them, and
`make prove ARGS=leaf_truth` counts a run that ends with any other as wrong.
"""

from __future__ import annotations

from conscious_bot.contracts import ExecErrorCode as Code

__all__ = ["COMMON", "OPENING", "PLACING", "WALKING"]

COMMON = frozenset(
    {
        Code.UNKNOWN_VERB, Code.STEP_BAD_ARGS, Code.PERMISSION_DENIED, Code.LIMIT_RATE, Code.LIMIT_CONCURRENCY,
        Code.STEP_TIMEOUT, Code.STEP_CANCELLED, Code.STEP_INCONCLUSIVE, Code.EFFECTS_UNMET,
        Code.BODY_DISCONNECTED, Code.BODY_DEAD, Code.BODY_ASLEEP, Code.BODY_NOT_OFFERED,
        Code.SENSE_API_ERROR, Code.PATH_UNLOADED,
    }
)  # fmt: skip
"""What the runner refuses or judges, what befalls the body, and what cannot be looked at. No spec names these."""

WALKING = frozenset({Code.PATH_UNREACHABLE, Code.PATH_STUCK})
"""Of whoever walks to a goal."""

PLACING = frozenset(
    {
        Code.INVENTORY_MISSING, Code.PLACE_OCCUPIED, Code.PLACE_INVALID_FACE, Code.PLACE_OUT_OF_REACH,
        Code.PLACE_TIMEOUT,
    }
)  # fmt: skip
"""Of whoever puts a block into a cell that was named."""

OPENING = frozenset(
    {
        Code.CONTAINER_NONE, Code.CONTAINER_OUT_OF_REACH, Code.CONTAINER_BLOCKED, Code.CONTAINER_TIMEOUT,
        Code.CRAFT_CONTAINER_BUSY, Code.PATH_STUCK,
    }
)  # fmt: skip
"""Of whoever goes to a container and opens it."""
