"""The documents' solve payload as it stands, and bundles that can be solved again."""

from __future__ import annotations

import base64
import copy
import json
from typing import Any

import pytest

from conscious_bot.sterling.bundle import BundleError, SolveBundle, replay
from conscious_bot.sterling.errors import SolverInputError
from conscious_bot.sterling.payload import NavigationProblem, solve_bundle

pytestmark = pytest.mark.requirement("STER-09")


def _payload(**changes: Any) -> dict[str, Any]:
    """The example of the documents: a plain of 40 by 12 by 40."""
    blocks = bytes(1 if y < 4 else 0 for _ in range(40) for y in range(12) for _ in range(40))
    raw: dict[str, Any] = {
        "command": "solve",
        "domain": "navigation",
        "contractVersion": 1,
        "solverId": "minecraft.navigation",
        "occupancyGrid": {
            "origin": {"x": -20, "y": 60, "z": 270},
            "size": {"dx": 40, "dy": 12, "dz": 40},
            "blocks": base64.b64encode(blocks).decode(),
        },
        "start": {"x": -16, "y": 64, "z": 300},
        "goal": {"x": 10, "y": 64, "z": 280},
        "toleranceXZ": 1,
        "toleranceY": 0,
        "hazardPolicy": {"hazardPolicyId": "whatever", "version": 1, "riskMode": "normal"},
        "maxNodes": 10000,
        "useLearning": True,
    }
    return raw | changes


def test_the_documented_payload_is_answered_as_it_stands() -> None:
    result = solve_bundle(_payload()).result
    assert (result["status"], result["cost"], result["learnedCost"]) == ("solved", 44.0, 44.0)
    assert len(result["primitives"]) == 44
    assert {p["op"] for p in result["primitives"]} == {"walk_E", "walk_N"}


def test_snake_case_keys_mean_the_same() -> None:
    raw = _payload()
    raw["tolerance_xz"] = raw.pop("toleranceXZ")
    raw["max_nodes"] = raw.pop("maxNodes")
    raw["occupancy_grid"] = raw.pop("occupancyGrid")
    assert solve_bundle(raw).id == solve_bundle(_payload()).id


def test_a_bundle_survives_the_wire_and_replays_to_the_same_answer() -> None:
    bundle = solve_bundle(_payload())
    again = SolveBundle.from_wire(json.loads(json.dumps(bundle.wire())))
    assert again.id == bundle.id
    assert replay(again, solve_bundle) == []


def test_a_bundle_that_was_tampered_with_is_refused() -> None:
    wire = solve_bundle(_payload()).wire()
    for change in ("result", "input", "nodes"):
        forged = copy.deepcopy(wire)
        forged[change] = 3 if change == "nodes" else forged[change] | {"cost": 1.0}
        with pytest.raises(BundleError, match="hash"):
            SolveBundle.from_wire(forged)


def test_replay_names_what_came_out_differently() -> None:
    bundle = solve_bundle(_payload())
    other = SolveBundle(
        bundle.solver_id, bundle.solver_version, bundle.input, bundle.policy_id, bundle.nodes + 1,
        bundle.rationale, {**bundle.result, "cost": 1.0},
    )  # fmt: skip
    assert [line.split(":")[0] for line in replay(other, solve_bundle)] == ["nodes", "result"]


def test_left_out_fields_have_the_documented_defaults() -> None:
    raw = {key: value for key, value in _payload().items() if key in ("occupancyGrid", "start", "goal")}
    problem = NavigationProblem.from_wire(raw)
    assert (problem.tolerance_xz, problem.tolerance_y, problem.max_nodes, problem.moves) == (1, 0, 10_000, "phase1")


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (_payload(contractVersion=2), "contractVersion"),
        (_payload(command="play"), "command"),
        (_payload(goal={"x": 1000, "y": 64, "z": 0}), "goal"),
        (_payload(start={"x": 0, "y": 64}), "start"),
        (_payload(toleranceXZ=-1), "toleranceXZ"),
        (_payload(maxNodes=0), "maxNodes"),
        (_payload(maxNodes=True), "maxNodes"),
        (_payload(useLearning="yes"), "useLearning"),
        (_payload(moves="teleport"), "moves"),
        (_payload(hurry=1), "hurry"),
        (_payload(max_nodes=3), "twice"),
        ({"start": {}}, "occupancyGrid, goal missing"),
        (7, "object"),
    ],
)
def test_a_malformed_payload_is_refused_with_the_name_of_what_is_wrong(raw: Any, says: str) -> None:
    with pytest.raises(SolverInputError, match=says):
        NavigationProblem.from_wire(raw)
