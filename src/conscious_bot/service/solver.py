"""The solver over HTTP: the occupancy grid of the bot's surroundings, and the documents' solve payload.

Nothing here keeps the bot waiting: the scan is one call on the agent's loop, classifying and solving run in
worker threads, of which at most two at a time.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Body, FastAPI, Query, Response
from pydantic import Field

from conscious_bot.contracts import Wire
from conscious_bot.service.commands import ScanWorld
from conscious_bot.service.errors import ApiError
from conscious_bot.service.hub import Hub
from conscious_bot.service.stream import encode
from conscious_bot.sterling.payload import answer_wire, solve_bundle
from conscious_bot.world.occupancy import classify

__all__ = ["SCAN_CELLS", "SOLVES_AT_ONCE", "GridView", "SolveAnswer", "add_solver"]

SCAN_CELLS = 1 << 21
"""The largest scan: 128^3 cells."""

SOLVES_AT_ONCE = 2
_SCAN_TIMEOUT_S = 10.0
_WHOLE = Query(ge=-30_000_000, le=30_000_000)
_SPAN = Query(ge=1, le=384)


class Corner(Wire):
    """The lowest cell of a grid."""

    x: int
    y: int
    z: int


class Size(Wire):
    """Cells along each axis."""

    dx: int
    dy: int
    dz: int


class GridView(Wire):
    """The occupancy grid: one byte a cell, base64, index ((lx * dy) + ly) * dz + lz.

    0 air, 1 solid, 2 water, 3 lava, 4 ladder, 5 hazard; what is not loaded is solid.
    """

    contract_version: int
    origin: Corner
    size: Size
    blocks: str


class Primitive(Wire):
    """One step of a way: what to do, and the cell where it ends."""

    op: str
    to: tuple[int, int, int]


class SolveAnswer(Wire):
    """`status` is solved, unreachable or budget; costs are in walks, null without a way."""

    status: str
    cost: float | None
    learned_cost: float | None
    primitives: tuple[Primitive, ...]
    nodes: int
    ms: float
    bundle_id: str
    bundle: dict[str, Any] | None = Field(default=None, description="Only with ?bundle=true: what replay takes.")


def add_solver(app: FastAPI, hub: Hub) -> None:
    """Add the two routes."""
    turn = asyncio.Semaphore(SOLVES_AT_ONCE)

    @app.get("/world-scan", response_model=GridView)
    async def world_scan(  # pyright: ignore[reportUnusedFunction] - a route
        x: Annotated[int | None, _WHOLE] = None,
        y: Annotated[int | None, _WHOLE] = None,
        z: Annotated[int | None, _WHOLE] = None,
        dx: Annotated[int, _SPAN] = 40,
        dy: Annotated[int, _SPAN] = 12,
        dz: Annotated[int, _SPAN] = 40,
    ) -> Response:
        """The occupancy grid of a box whose lowest cell is x, y, z; without these, of the box around the bot."""
        if dx * dy * dz > SCAN_CELLS:
            message = f"{dx} x {dy} x {dz} are more than {SCAN_CELLS} cells"
            raise ApiError(422, "request.invalid", message, "scan a smaller box")
        given = [c for c in (x, y, z) if c is not None]
        if len(given) not in (0, 3):
            raise ApiError(422, "request.invalid", "x, y and z belong together", "give all of them or none")
        corner = (given[0], given[1], given[2]) if given else None
        scanned = await hub.scan(ScanWorld(corner=corner, size=(dx, dy, dz)), _SCAN_TIMEOUT_S)

        def grid() -> Any:
            return classify(scanned.region, scanned.tables).wire()

        return Response(encode(await asyncio.to_thread(grid)), media_type="application/json")

    @app.post("/solve-navigation", response_model=SolveAnswer)
    async def solve_navigation(  # pyright: ignore[reportUnusedFunction] - a route
        payload: Annotated[dict[str, Any], Body(description="The documents' solve payload.")],
        *,
        bundle: bool = False,
    ) -> Response:
        """The cheapest way through an occupancy grid, or the statement that there is none."""
        async with turn:
            body = await asyncio.to_thread(_solve, payload, bundle)
        return Response(body, media_type="application/json")


def _solve(payload: Mapping[str, Any], with_bundle: bool) -> str:
    begin = time.perf_counter()
    solved = solve_bundle(payload)
    answer = answer_wire(solved, (time.perf_counter() - begin) * 1e3)
    if with_bundle:
        answer["bundle"] = solved.wire()
    return encode(answer)
