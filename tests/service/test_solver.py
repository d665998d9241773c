"""The solver over HTTP: what is scanned can be asked about as it comes, and refusals have the one form."""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.requirement("STER-09")


def _payload(grid: dict[str, Any], **changes: Any) -> dict[str, Any]:
    raw: dict[str, Any] = {
        "command": "solve",
        "domain": "navigation",
        "contractVersion": 1,
        "solverId": "minecraft.navigation",
        "occupancyGrid": grid,
        "start": {"x": -16, "y": 61, "z": 300},
        "goal": {"x": 10, "y": 61, "z": 280},
        "toleranceXZ": 1,
        "toleranceY": 0,
        "hazardPolicy": {},
        "maxNodes": 10000,
        "useLearning": True,
    }
    return raw | changes


@pytest.mark.requirement("STER-01")
def test_a_scan_is_the_documented_grid_around_the_bot(http: httpx.Client, agent: object) -> None:
    grid = http.get("/world-scan").json()
    assert (grid["contractVersion"], grid["size"]) == (1, {"dx": 40, "dy": 12, "dz": 40})
    cells = base64.b64decode(grid["blocks"])
    assert [cells[((0 * 12) + y) * 40] for y in range(12)] == [1] + [0] * 11
    small = http.get("/world-scan", params={"x": 5, "y": -60, "z": 7, "dx": 2, "dy": 3, "dz": 4}).json()
    assert small["origin"] == {"x": 5, "y": -60, "z": 7}
    assert len(base64.b64decode(small["blocks"])) == 24


def test_a_scanned_grid_is_solved_as_it_stands(http: httpx.Client, agent: object) -> None:
    grid = http.get("/world-scan").json()
    answer = http.post("/solve-navigation", json=_payload(grid)).json()
    assert (answer["status"], answer["cost"], answer["learnedCost"]) == ("solved", 44.0, 44.0)
    assert len(answer["primitives"]) == 44
    assert answer["primitives"][0]["op"] in ("walk_E", "walk_N")
    assert answer["bundleId"].startswith("sha256:")
    assert answer["ms"] > 0
    assert "bundle" not in answer
    kept = http.post("/solve-navigation?bundle=true", json=_payload(grid)).json()["bundle"]
    assert kept["bundleId"] == answer["bundleId"]


def test_what_cannot_be_meant_is_refused_in_the_one_form(http: httpx.Client, agent: object) -> None:
    grid = http.get("/world-scan").json()
    for payload, says in (
        (_payload(grid, goal={"x": 99, "y": 61, "z": 280}), "goal"),
        (_payload(grid | {"blocks": "AA=="}), "blocks"),
        (_payload(grid, maxNodes=-1), "maxNodes"),
        (_payload(grid, hazardPolicy={"penalties": {"cactus": 1e300}}), "cactus"),
    ):
        response = http.post("/solve-navigation", json=payload)
        assert response.status_code == 422
        assert response.json()["error"]["code"] == "request.impossible"
        assert says in response.json()["error"]["message"]
    for query in ("?dx=384&dy=384&dz=384", "?x=3", "?dx=0", "?dx=100000"):
        response = http.get(f"/world-scan{query}")
        assert (response.status_code, response.json()["error"]["code"]) == (422, "request.invalid")


def test_a_scan_without_a_bot_is_refused(http: httpx.Client) -> None:
    assert http.get("/world-scan").status_code == 503


def test_a_large_grid_is_accepted_and_a_huge_one_is_not(http: httpx.Client, agent: object) -> None:
    grid = http.get("/world-scan", params={"x": -20, "y": 60, "z": 270, "dx": 128, "dy": 128, "dz": 128}).json()
    assert http.post("/solve-navigation", json=_payload(grid)).json()["status"] == "solved"
    assert http.post("/solve-navigation", json=_payload(grid, padding="x" * (1 << 20))).status_code == 413


def test_many_questions_at_once_are_all_answered(http: httpx.Client, agent: object) -> None:
    grid = http.get("/world-scan").json()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: http.post("/solve-navigation", json=_payload(grid)).json(), range(24)))
    assert {answer["bundleId"] for answer in answers} == {answers[0]["bundleId"]}
