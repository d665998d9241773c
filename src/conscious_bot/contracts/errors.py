"""One vocabulary for everything that can go wrong while acting.

A code says what happened (`dig.timeout`), `retryable` whether the same step may be tried again as it
stands, and the hint what would help. Planner repair rules key on codes, people read hints. A bare
exception that crosses a room is a bug; `unknown` is counted and has to be given a code of its own.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from conscious_bot.contracts.base import Wire

__all__ = ["ActionFailed", "ConsciousBotError", "ErrorTraits", "ExecError", "ExecErrorCode", "UserError"]


class ErrorTraits(NamedTuple):
    """What a code means for the one who handles it."""

    retryable: bool
    hint: str


class ExecErrorCode(StrEnum):
    """Every way in which an action fails. The spelling is the wire format."""

    PATH_STUCK = "path.stuck"
    PATH_UNREACHABLE = "path.unreachable"
    PATH_UNLOADED = "path.unloaded"
    PATH_UNSAFE = "path.unsafe"
    PATH_BUDGET = "path.budget"
    DIG_BLOCK_CHANGED = "dig.blockChanged"
    DIG_TOOL_INVALID = "dig.toolInvalid"
    DIG_TIMEOUT = "dig.timeout"
    DIG_OUT_OF_REACH = "dig.outOfReach"
    PLACE_INVALID_FACE = "place.invalidFace"
    PLACE_FALL_RISK = "place.fallRisk"
    PLACE_TIMEOUT = "place.timeout"
    PLACE_OCCUPIED = "place.occupied"
    PLACE_OUT_OF_REACH = "place.outOfReach"
    CRAFT_MISSING_INPUT = "craft.missingInput"
    CRAFT_NO_RECIPE = "craft.noRecipe"
    CRAFT_NO_WORKSTATION = "craft.noWorkstation"
    CRAFT_UI_TIMEOUT = "craft.uiTimeout"
    CRAFT_CONTAINER_BUSY = "craft.containerBusy"
    SENSE_NOT_FOUND = "sense.notFound"
    SENSE_API_ERROR = "sense.apiError"
    INVENTORY_MISSING = "inventory.missing"
    INVENTORY_FULL = "inventory.full"
    PERMISSION_DENIED = "permission.denied"
    LIMIT_RATE = "limit.rate"
    LIMIT_CONCURRENCY = "limit.concurrency"
    STEP_TIMEOUT = "step.timeout"
    STEP_CANCELLED = "step.cancelled"
    STEP_BAD_ARGS = "step.badArgs"
    STEP_INCONCLUSIVE = "step.inconclusive"
    USE_OUT_OF_REACH = "use.outOfReach"
    USE_NO_EFFECT = "use.noEffect"
    USE_TIMEOUT = "use.timeout"
    USE_NOT_FOOD = "use.notFood"
    USE_NOT_HUNGRY = "use.notHungry"
    COMBAT_TARGET_GONE = "combat.targetGone"
    COMBAT_OUT_OF_REACH = "combat.outOfReach"
    COMBAT_NO_EFFECT = "combat.noEffect"
    COMBAT_LOW_HEALTH = "combat.lowHealth"
    COMBAT_THREAT_PERSISTS = "combat.threatPersists"
    CONTAINER_NONE = "container.none"
    CONTAINER_OUT_OF_REACH = "container.outOfReach"
    CONTAINER_BLOCKED = "container.blocked"
    CONTAINER_NOT_OPEN = "container.notOpen"
    CONTAINER_MISSING = "container.missing"
    CONTAINER_FULL = "container.full"
    CONTAINER_TIMEOUT = "container.timeout"
    SLEEP_NO_BED = "sleep.noBed"
    SLEEP_OUT_OF_REACH = "sleep.outOfReach"
    SLEEP_NOT_NIGHT = "sleep.notNight"
    SLEEP_HOSTILES_NEAR = "sleep.hostilesNear"
    SLEEP_OCCUPIED = "sleep.occupied"
    SLEEP_TIMEOUT = "sleep.timeout"
    BODY_DISCONNECTED = "body.disconnected"
    BODY_DEAD = "body.dead"
    BODY_ASLEEP = "body.asleep"
    BODY_NOT_OFFERED = "body.notOffered"
    STUCK_LOOP = "stuck.loop"
    EFFECTS_UNMET = "effects_unmet"
    PRECOND_MISSING = "effects_unmet.precond_missing"
    UNKNOWN_VERB = "unknown_verb"
    GUARD_FAILED = "guard_failed"
    VERSION_EXISTS = "version_exists"
    TESTS_FAILED = "tests_failed"
    PERMISSION_ESCALATION = "option-permission-escalation"
    QUOTA_EXCEEDED = "resource.quotaExceeded"
    REGISTRY_SCHEMA = "registry.schema"
    REGISTRY_LINT = "registry.lint"
    REGISTRY_COMPILE = "registry.compile"
    REGISTRY_NOT_FOUND = "registry.notFound"
    REGISTRY_TRANSITION = "registry.illegalTransition"
    REGISTRY_GATE = "registry.gateClosed"
    REGISTRY_UNTRUSTED = "registry.untrusted"
    REGISTRY_NOT_ALLOWED = "registry.notAllowed"
    UNKNOWN = "unknown"

    @property
    def traits(self) -> ErrorTraits:
        """Whether a retry as it stands makes sense, and what would help."""
        return _TRAITS[self]

    @property
    def retryable(self) -> bool:
        """True if the same step may be dispatched again unchanged."""
        return _TRAITS[self].retryable


def _again(hint: str) -> ErrorTraits:
    return ErrorTraits(retryable=True, hint=hint)


def _final(hint: str) -> ErrorTraits:
    return ErrorTraits(retryable=False, hint=hint)


_TRAITS: dict[ExecErrorCode, ErrorTraits] = {
    ExecErrorCode.PATH_STUCK: _again("the body did not move as planned; plan the way again"),
    ExecErrorCode.PATH_UNREACHABLE: _final("no way leads there with these moves; choose another goal"),
    ExecErrorCode.PATH_UNLOADED: _again("the surroundings are not loaded yet; come closer or wait"),
    ExecErrorCode.PATH_UNSAFE: _final("the next cell is dark or near a hostile; light it or wait"),
    ExecErrorCode.PATH_BUDGET: _again("the search stopped at its expansion limit; go there in stages"),
    ExecErrorCode.DIG_BLOCK_CHANGED: _final("another block stands there now; look again"),
    ExecErrorCode.DIG_TOOL_INVALID: _final("this tool gets nothing from that block; make a better one"),
    ExecErrorCode.DIG_TIMEOUT: _again("the block did not break in its time; try again"),
    ExecErrorCode.DIG_OUT_OF_REACH: _final("go closer or clear the line of sight"),
    ExecErrorCode.PLACE_INVALID_FACE: _final("there is no solid face to place against; choose another"),
    ExecErrorCode.PLACE_FALL_RISK: _final("placing there risks a fall; choose another cell"),
    ExecErrorCode.PLACE_TIMEOUT: _again("the block did not appear; try again"),
    ExecErrorCode.PLACE_OCCUPIED: _final("the cell is taken; choose another"),
    ExecErrorCode.PLACE_OUT_OF_REACH: _final("go closer first"),
    ExecErrorCode.CRAFT_MISSING_INPUT: _final("gather the missing items first"),
    ExecErrorCode.CRAFT_NO_RECIPE: _final("this version has no such recipe"),
    ExecErrorCode.CRAFT_NO_WORKSTATION: _final("place a crafting table within reach first"),
    ExecErrorCode.CRAFT_UI_TIMEOUT: _again("the window stalled; it was closed, try again"),
    ExecErrorCode.CRAFT_CONTAINER_BUSY: _again("someone else uses it; wait"),
    ExecErrorCode.SENSE_NOT_FOUND: _final("nothing of the kind is near; explore"),
    ExecErrorCode.SENSE_API_ERROR: _again("the world did not answer; try again"),
    ExecErrorCode.INVENTORY_MISSING: _final("obtain the item first"),
    ExecErrorCode.INVENTORY_FULL: _final("make room first"),
    ExecErrorCode.PERMISSION_DENIED: _final("the caller was not granted this permission"),
    ExecErrorCode.LIMIT_RATE: _again("called too often; wait for the window to pass"),
    ExecErrorCode.LIMIT_CONCURRENCY: _again("it is running already; wait for it"),
    ExecErrorCode.STEP_TIMEOUT: _again("the step ran out of time"),
    ExecErrorCode.STEP_CANCELLED: _final("someone asked for it to stop"),
    ExecErrorCode.STEP_BAD_ARGS: _final("the arguments do not fit the leaf's schema"),
    ExecErrorCode.STEP_INCONCLUSIVE: _final("its effect could be neither seen nor excluded; look again"),
    ExecErrorCode.USE_OUT_OF_REACH: _final("go closer first"),
    ExecErrorCode.USE_NO_EFFECT: _final("neither the block nor the item in hand answers to that; hold another item"),
    ExecErrorCode.USE_TIMEOUT: _again("the world showed no answer in time; look again, then try again"),
    ExecErrorCode.USE_NOT_FOOD: _final("that cannot be eaten or drunk; hold food"),
    ExecErrorCode.USE_NOT_HUNGRY: _final("the food bar is full; eat later"),
    ExecErrorCode.COMBAT_TARGET_GONE: _final("it is dead or out of sight; look again"),
    ExecErrorCode.COMBAT_OUT_OF_REACH: _again("it is too far away or behind something; go closer"),
    ExecErrorCode.COMBAT_NO_EFFECT: _again("the blow did no harm (it was hurt just now, or cannot be); wait"),
    ExecErrorCode.COMBAT_LOW_HEALTH: _final("too little health left to fight; get away, eat and rest first"),
    ExecErrorCode.COMBAT_THREAT_PERSISTS: _again("the hostile waits outside; wait longer, fight it or get away"),
    ExecErrorCode.CONTAINER_NONE: _final("no such container stands there; look again"),
    ExecErrorCode.CONTAINER_OUT_OF_REACH: _final("go closer first"),
    ExecErrorCode.CONTAINER_BLOCKED: _final("a block or a cat above keeps it shut; clear it"),
    ExecErrorCode.CONTAINER_NOT_OPEN: _again("no container is open; open it again"),
    ExecErrorCode.CONTAINER_MISSING: _final("it does not hold that many; look inside again"),
    ExecErrorCode.CONTAINER_FULL: _final("it has no room for that; take something out or use another"),
    ExecErrorCode.CONTAINER_TIMEOUT: _again("the window stalled; it was closed, try again"),
    ExecErrorCode.SLEEP_NO_BED: _final("no bed stands there; place one"),
    ExecErrorCode.SLEEP_OUT_OF_REACH: _final("go next to the bed first"),
    ExecErrorCode.SLEEP_NOT_NIGHT: _again("one sleeps by night or in a thunderstorm only; wait"),
    ExecErrorCode.SLEEP_HOSTILES_NEAR: _again("monsters are near; fight them, wall the bed in or wait"),
    ExecErrorCode.SLEEP_OCCUPIED: _again("somebody lies in that bed; use another or wait"),
    ExecErrorCode.SLEEP_TIMEOUT: _again("the world did not let the body lie down; try again"),
    ExecErrorCode.BODY_DISCONNECTED: _again("the connection was lost; wait for the reconnect"),
    ExecErrorCode.BODY_DEAD: _final("the bot died; respawn first"),
    ExecErrorCode.BODY_ASLEEP: _final("the body lies in bed; wake first"),
    ExecErrorCode.BODY_NOT_OFFERED: _final("this way into the world cannot do that; choose another way"),
    ExecErrorCode.STUCK_LOOP: _again("nothing was commanded or reported for too long"),
    ExecErrorCode.EFFECTS_UNMET: _again("the promised effect was not seen in the world"),
    ExecErrorCode.PRECOND_MISSING: _final("a precondition is missing; solve it as a subgoal"),
    ExecErrorCode.UNKNOWN_VERB: _final("the registry knows no such verb; fix the planner"),
    ExecErrorCode.GUARD_FAILED: _final("the capability's guard forbids it now"),
    ExecErrorCode.VERSION_EXISTS: _final("a version never changes; register a new one"),
    ExecErrorCode.TESTS_FAILED: _final("the report shows which test failed and why; mend the option"),
    ExecErrorCode.PERMISSION_ESCALATION: _final("declare what the leaves need, within what the policy grants"),
    ExecErrorCode.QUOTA_EXCEEDED: _again("a quota is used up; wait, or retire what is no longer needed"),
    ExecErrorCode.REGISTRY_SCHEMA: _final("mend the document where the findings point"),
    ExecErrorCode.REGISTRY_LINT: _final("mend the tree where the findings point"),
    ExecErrorCode.REGISTRY_COMPILE: _final("bound the tree with a Timeout"),
    ExecErrorCode.REGISTRY_NOT_FOUND: _final("list the capabilities to see which exist"),
    ExecErrorCode.REGISTRY_TRANSITION: _final("the life cycle has no such way from where it stands"),
    ExecErrorCode.REGISTRY_GATE: _final("the evidence does not suffice yet; the gate says which figure is missing"),
    ExecErrorCode.REGISTRY_UNTRUSTED: _final("have it signed by a trusted key that is valid"),
    ExecErrorCode.REGISTRY_NOT_ALLOWED: _final("ask someone whose role allows it"),
    ExecErrorCode.UNKNOWN: _final("a cause without a code: please report it"),
}


class ExecError(Wire):
    """One failure, as it is recorded and sent."""

    code: ExecErrorCode
    detail: str | None = None
    retryable: bool

    @classmethod
    def of(cls, code: ExecErrorCode, detail: str | None = None) -> ExecError:
        """The failure with its code's own `retryable`."""
        return cls(code=code, detail=detail, retryable=code.retryable)


class ConsciousBotError(Exception):
    """The root of what this package raises."""


class UserError(ConsciousBotError):
    """Something its user can mend (an address, a file, a goal): one line that names it, one that helps.

    The command line prints both and exits with status 2; it never shows a traceback for it.
    """

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy


class ActionFailed(ConsciousBotError):
    """An action did not do what was asked. Raised by bodies and leaves, caught by the leaf runner alone."""

    def __init__(self, code: ExecErrorCode, detail: str | None = None) -> None:
        super().__init__(f"{code}: {detail}" if detail else str(code))
        self.error = ExecError.of(code, detail)

    @property
    def code(self) -> ExecErrorCode:
        """The failure's code."""
        return self.error.code
