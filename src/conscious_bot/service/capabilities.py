"""The registry over HTTP. Work runs in threads: neither the bot nor a reader waits for a sandbox."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar

from fastapi import Body, FastAPI, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from conscious_bot.behavior import option_schema
from conscious_bot.behavior.render import rows_of
from conscious_bot.contracts import (
    AuditEntry,
    CapabilityAct,
    CapabilityKind,
    CapabilityRun,
    ExecErrorCode,
    Finding,
    LeafSpec,
    RegistryRecord,
    StatusChange,
    Wire,
)
from conscious_bot.registry.desk import CapabilityDesk
from conscious_bot.registry.pipeline import Registration
from conscious_bot.registry.principals import Principal, Right, Role
from conscious_bot.registry.refusal import RegistryRefusal
from conscious_bot.registry.reports import RunReport
from conscious_bot.registry.review import LeafProposal
from conscious_bot.registry.statistics import CapabilityHealth
from conscious_bot.registry.trial import SandboxReport
from conscious_bot.service.errors import ErrorBody, ErrorDetail
from conscious_bot.service.stream import encode

__all__ = ["add_capabilities"]

_T = TypeVar("_T")
Limit = Annotated[int, Query(ge=1, le=1000)]
_SANDBOXES_WAITED_FOR = 2
"""Threads that may wait for the sandbox at a time; the others answer those who only look."""
_FIGURES = ("runs", "wins", "win_rate", "win_rate_low", "win_rate_high", "p95_s", "violations")
_STATUS = {
    ExecErrorCode.REGISTRY_NOT_FOUND: 404,
    ExecErrorCode.REGISTRY_NOT_ALLOWED: 403,
    ExecErrorCode.VERSION_EXISTS: 409,
    ExecErrorCode.REGISTRY_TRANSITION: 409,
    ExecErrorCode.REGISTRY_GATE: 409,
    ExecErrorCode.QUOTA_EXCEEDED: 429,
}


class RefusalDetail(ErrorDetail):
    """A refusal of the registry: `findings` point into the document, `evidence` holds figures and reports."""

    findings: tuple[Finding, ...] = ()
    evidence: dict[str, Any] = Field(default_factory=dict)


class RefusalBody(Wire):
    """The body of a refusal: the one form of errors, with what the registry adds."""

    ok: bool = False
    error: RefusalDetail


class CapabilitySummary(Wire):
    """A capability in a list. `win_rate_low` and `win_rate_high` are the 95 % interval; without runs there is none."""

    id: str
    kind: str
    status: str
    tier: str
    authored_by: str
    registered_by: str
    created_at: str
    description: str | None = None
    runs: int = 0
    wins: int = 0
    win_rate: float | None = None
    win_rate_low: float | None = None
    win_rate_high: float | None = None
    p95_s: float | None = None
    violations: int = 0


class Me(Wire):
    """Whoever asks: by the token that came along, or by sitting at this machine."""

    name: str
    role: Role
    rights: tuple[Right, ...]


class TreeNode(Wire):
    """A node of a tree in document order: `path` is its JSON pointer, `parent` its parent's place in the list."""

    path: str
    kind: str
    label: str
    parent: int | None = None


class TreeView(Wire):
    """A tree as it is drawn. Trees that the document names elsewhere are written out."""

    nodes: tuple[TreeNode, ...]


class CapabilityView(Wire):
    """A capability with its history, and what the gate says of it now."""

    record: RegistryRecord
    history: tuple[StatusChange, ...]
    verdict: str
    gate: str
    figure: str


class Reason(Wire):
    """Why something is done."""

    reason: str = Field(default="asked for over HTTP", min_length=1, max_length=500)


class Moved(Wire):
    """A step of a life that was taken."""

    ok: bool = True
    change: StatusChange


class LeafSubmission(Wire):
    """A leaf as text. Without an envelope it can only be proposed."""

    spec: LeafSpec
    files: dict[str, str] = Field(min_length=1, max_length=50)
    envelope: dict[str, Any] | None = None


class LeafTaken(Wire):
    """A leaf that was registered."""

    ok: bool = True
    id: str


class Verdict(Wire):
    """A human's answer to a proposal: an envelope signed over exactly what is shown accepts it."""

    envelope: dict[str, Any] | None = None
    reason: str = Field(default="", max_length=500)


def add_capabilities(app: FastAPI, desk: CapabilityDesk) -> None:
    """Add the registry's routes."""

    async def refused(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RegistryRefusal)  # noqa: S101 - registered for this type alone
        code = error.error.code
        detail = RefusalDetail(
            code=code.value,
            message=error.error.detail or code.value,
            remedy=code.traits.hint,
            findings=error.findings,
            evidence=error.evidence,
        )
        return JSONResponse(RefusalBody(error=detail).wire(), status_code=_STATUS.get(code, 400))

    app.add_exception_handler(RegistryRefusal, refused)
    _add_reading(app, desk)
    _add_evidence(app, desk)
    _add_options(app, desk)
    _add_leaves(app, desk)


_REFUSED: dict[int | str, dict[str, Any]] = {
    **{code: {"model": RefusalBody} for code in (400, 429)},
    **{code: {"model": RefusalBody | ErrorBody} for code in (403, 404, 409)},
}


def _who(request: Request) -> Principal:
    return request.state.principal


async def _answer(work: Callable[[], _T], shape: Callable[[_T], Wire]) -> Response:
    result = await asyncio.to_thread(work)
    return Response(encode(shape(result).wire()), media_type="application/json")


async def _answers(work: Callable[[], Sequence[Wire]]) -> Response:
    found = await asyncio.to_thread(work)
    return Response(encode([one.wire() for one in found]), media_type="application/json")


def _add_reading(app: FastAPI, desk: CapabilityDesk) -> None:
    @app.get("/api/me", response_model=Me)
    async def me(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction] - a route
        """Who the caller is to the bot, and what that role may ask of the registry."""
        who = _who(request)
        rights = tuple(right for right in Right if who.may(right))
        return Response(encode(Me(name=who.name, role=who.role, rights=rights).wire()), media_type="application/json")

    @app.get("/capabilities", response_model=list[CapabilitySummary])
    async def capabilities() -> Response:  # pyright: ignore[reportUnusedFunction] - a route
        """Every capability, with its figures."""
        return await _answers(lambda: _summaries(desk))

    @app.get("/capabilities/option/schema", response_model=dict[str, Any])
    async def schema() -> Response:  # pyright: ignore[reportUnusedFunction] - a route
        """The JSON Schema of an option's document."""
        return Response(encode(option_schema()), media_type="application/json")

    @app.get("/capabilities/leaf/proposals", response_model=list[LeafProposal])
    async def proposals() -> Response:  # pyright: ignore[reportUnusedFunction] - a route
        """Leaves that wait for a human to read them, with their source, and those decided."""
        found = [one.wire() for one in desk.review.proposals()]
        return Response(encode(found), media_type="application/json")

    @app.get("/capabilities/{capability}", response_model=CapabilityView, responses=_REFUSED)
    async def capability_view(capability: str) -> Response:  # pyright: ignore[reportUnusedFunction] - a route
        """One capability by its exact id, or the highest active version that `name@^1.2` or `name` means."""
        return await _answer(lambda: _found(desk, capability), lambda record: _view(desk, record))

    @app.get("/capabilities/{capability}/health", response_model=CapabilityHealth, responses=_REFUSED)
    async def health(capability: str) -> Response:  # pyright: ignore[reportUnusedFunction] - a route
        """A capability in figures."""
        return await _answer(lambda: desk.registry.health(_found(desk, capability).id), lambda figures: figures)


def _add_evidence(app: FastAPI, desk: CapabilityDesk) -> None:
    @app.get("/capabilities/audit/refusals", response_model=list[AuditEntry])
    async def refusals(limit: Limit = 50) -> Response:  # pyright: ignore[reportUnusedFunction] - a route
        """What was asked of the registry and refused, the latest first."""
        return await _answers(lambda: desk.registry.store.refusals(limit))

    @app.get("/capabilities/{capability}/runs", response_model=list[CapabilityRun], responses=_REFUSED)
    async def runs(  # pyright: ignore[reportUnusedFunction] - a route
        capability: str, limit: Limit = 100
    ) -> Response:
        """A capability's latest runs in shadow and live, the latest first."""
        return await _answers(lambda: desk.registry.store.runs(_found(desk, capability).id)[: -limit - 1 : -1])

    @app.get("/capabilities/{capability}/reports", response_model=list[RunReport], responses=_REFUSED)
    async def reports(capability: str) -> Response:  # pyright: ignore[reportUnusedFunction] - a route
        """Its last success and its last failure: what was read of its conditions, and the tick trace."""
        return await _answers(lambda: desk.registry.store.reports(_found(desk, capability).id))

    @app.get("/capabilities/{capability}/tree", response_model=TreeView, responses=_REFUSED)
    async def tree(capability: str) -> Response:  # pyright: ignore[reportUnusedFunction] - a route
        """An option's tree, node by node, for drawing it."""
        return await _answer(lambda: _found(desk, capability), _tree)


def _add_options(app: FastAPI, desk: CapabilityDesk) -> None:
    turn = asyncio.Semaphore(_SANDBOXES_WAITED_FOR)

    @app.post("/capabilities/option/register", response_model=Registration, responses=_REFUSED)
    async def register_option(  # pyright: ignore[reportUnusedFunction] - a route
        request: Request, document: Annotated[Any, Body()]
    ) -> Response:
        """Check an option, try it in the sandbox, and take it up in shadow."""
        async with turn:
            return await _answer(lambda: desk.pipeline.register(document, _who(request)), lambda answer: answer)

    @app.post("/capabilities/{capability}/sandbox", response_model=SandboxReport, responses=_REFUSED)
    async def sandbox(request: Request, capability: str) -> Response:  # pyright: ignore[reportUnusedFunction] - a route
        """Run a registered option's tests in the sandbox once more. Nothing is kept or changed."""

        def again() -> dict[str, object]:
            return desk.pipeline.again(_found(desk, capability).id, _who(request)).wire()

        async with turn:
            return Response(encode(await asyncio.to_thread(again)), media_type="application/json")

    @app.post("/capabilities/{capability}/promote", response_model=Moved, responses=_REFUSED)
    async def promote(request: Request, capability: str) -> Response:  # pyright: ignore[reportUnusedFunction] - a route
        """Make an option active if every gate is open; a refusal names the gate and its figure."""
        return await _answer(
            lambda: desk.governor.promote(capability, _who(request)), lambda change: Moved(change=change)
        )

    async def end(request: Request, capability: str, act: CapabilityAct, why: Reason | None) -> Response:
        reason = (why or Reason()).reason
        return await _answer(
            lambda: desk.governor.end(capability, act, _who(request), reason), lambda change: Moved(change=change)
        )

    @app.post("/capabilities/{capability}/retire", response_model=Moved, responses=_REFUSED)
    async def retire(  # pyright: ignore[reportUnusedFunction] - a route
        request: Request, capability: str, why: Annotated[Reason | None, Body()] = None
    ) -> Response:
        """End the life of a capability that is no longer wanted."""
        return await end(request, capability, CapabilityAct.RETIRE, why)

    @app.post("/capabilities/{capability}/revoke", response_model=Moved, responses=_REFUSED)
    async def revoke(  # pyright: ignore[reportUnusedFunction] - a route
        request: Request, capability: str, why: Annotated[Reason | None, Body()] = None
    ) -> Response:
        """Forbid a capability for good."""
        return await end(request, capability, CapabilityAct.REVOKE, why)


def _add_leaves(app: FastAPI, desk: CapabilityDesk) -> None:
    @app.post("/capabilities/leaf/register", response_model=LeafTaken, responses=_REFUSED)
    async def register_leaf(  # pyright: ignore[reportUnusedFunction] - a route
        request: Request, leaf: LeafSubmission
    ) -> Response:
        """Register a leaf that a trusted key has signed."""
        return await _answer(
            lambda: desk.review.register_files(leaf.spec, leaf.files, leaf.envelope, _who(request)),
            lambda record: LeafTaken(id=record.id),
        )

    @app.post("/capabilities/leaf/propose", response_model=LeafProposal, responses=_REFUSED)
    async def propose_leaf(  # pyright: ignore[reportUnusedFunction] - a route
        request: Request, leaf: LeafSubmission
    ) -> Response:
        """Put a leaf into the queue for review. It is not run."""
        return await _answer(
            lambda: desk.review.propose(leaf.spec, leaf.files, _who(request)), lambda proposal: proposal
        )

    @app.post("/capabilities/leaf/{leaf}/accept", response_model=LeafTaken, responses=_REFUSED)
    async def accept(  # pyright: ignore[reportUnusedFunction] - a route
        request: Request, leaf: str, verdict: Verdict
    ) -> Response:
        """Register a proposal that was read and signed."""
        return await _answer(
            lambda: desk.review.accept(leaf, verdict.envelope or {}, _who(request)),
            lambda record: LeafTaken(id=record.id),
        )

    @app.post("/capabilities/leaf/{leaf}/reject", response_model=LeafProposal, responses=_REFUSED)
    async def reject(  # pyright: ignore[reportUnusedFunction] - a route
        request: Request, leaf: str, verdict: Verdict
    ) -> Response:
        """Decide against a proposal."""
        return await _answer(lambda: desk.review.reject(leaf, _who(request), verdict.reason), lambda proposal: proposal)


def _found(desk: CapabilityDesk, selector: str) -> RegistryRecord:
    record = desk.registry.resolve(selector)
    if record is None:
        raise RegistryRefusal(ExecErrorCode.REGISTRY_NOT_FOUND, f"there is no capability {selector!r}")
    return record


def _summaries(desk: CapabilityDesk) -> list[CapabilitySummary]:
    figures = desk.registry.figures()
    return [_summary(record, figures.get(record.id)) for record in desk.registry]


def _summary(record: RegistryRecord, figures: CapabilityHealth | None) -> CapabilitySummary:
    shown = CapabilitySummary(
        id=record.id,
        kind=record.kind,
        status=record.status,
        tier=record.tier,
        authored_by=record.provenance.authored_by,
        registered_by=record.provenance.registered_by,
        created_at=record.provenance.created_at,
        description=(record.spec or {}).get("description"),
    )
    if figures is None:
        return shown
    return shown.model_copy(update={name: getattr(figures, name) for name in _FIGURES})


def _tree(record: RegistryRecord) -> TreeView:
    if record.kind is not CapabilityKind.OPTION or record.spec is None:
        raise RegistryRefusal(ExecErrorCode.REGISTRY_NOT_FOUND, f"{record.id} has no tree to draw")
    nodes = (
        TreeNode(path=row.path, kind=row.kind.name.lower(), label=row.label, parent=row.parent if row.last else None)
        for row in rows_of(record.spec["tree"])
    )
    return TreeView(nodes=tuple(nodes))


def _view(desk: CapabilityDesk, record: RegistryRecord) -> CapabilityView:
    decision = desk.governor.judge(record.id)
    history = tuple(desk.registry.history(record.id))
    return CapabilityView(
        record=record, history=history, verdict=decision.verdict, gate=decision.gate, figure=decision.detail
    )
