"""The documents' solve payload for navigation, read, answered, and put into a bundle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from conscious_bot.contracts import BlockPos
from conscious_bot.sterling.bundle import SolveBundle
from conscious_bot.sterling.errors import CellError, LimitError, SolverInputError
from conscious_bot.sterling.learning import PathMemory, Weights
from conscious_bot.sterling.moves import MOVE_SETS, PHASE1
from conscious_bot.sterling.navigation import DEFAULT_MAX_NODES, MAX_NODES, MAX_TOLERANCE, Navigator, Way
from conscious_bot.sterling.policy import HazardPolicy
from conscious_bot.world.grid import OccupancyGrid, as_cell

__all__ = [
    "CONTRACT_VERSION",
    "SOLVER_ID",
    "SOLVER_VERSION",
    "NavigationProblem",
    "answer_wire",
    "bundle_of",
    "solve_bundle",
]

CONTRACT_VERSION = 1
SOLVER_ID = "minecraft.navigation"
SOLVER_VERSION = 3
"""Counts up when the same question may get another answer."""

_FIXED = {"command": "solve", "domain": "navigation", "contractVersion": CONTRACT_VERSION, "solverId": SOLVER_ID}
_SNAKE = {
    "contract_version": "contractVersion",
    "solver_id": "solverId",
    "occupancy_grid": "occupancyGrid",
    "tolerance_xz": "toleranceXZ",
    "tolerance_y": "toleranceY",
    "hazard_policy": "hazardPolicy",
    "max_nodes": "maxNodes",
    "use_learning": "useLearning",
}
_KEYS = {*_FIXED, *_SNAKE.values(), "start", "goal", "moves", "learned"}


@dataclass(frozen=True)
class NavigationProblem:
    """One question, as `POST /solve-navigation` and `solve navigate` get it.

    `use_learning` asks for learned weights. They come along as `learned`, so that the question is complete;
    where there are none, or they are not asked for, the answer is optimal in declared costs.
    """

    grid: OccupancyGrid
    start: BlockPos
    goal: BlockPos
    tolerance_xz: int = 1
    tolerance_y: int = 0
    policy: HazardPolicy = field(default_factory=HazardPolicy)
    max_nodes: int = DEFAULT_MAX_NODES
    use_learning: bool = False
    moves: str = PHASE1.name
    learned: Weights | None = None

    @classmethod
    def from_wire(cls, raw: Any) -> NavigationProblem:
        """Read the payload. Raises a `SolverInputError` (a ValueError) that names the field."""
        if not isinstance(raw, Mapping):
            raise SolverInputError(f"solve payload: expected an object, got {type(raw).__name__}")
        data: dict[str, Any] = {}
        for name, value in raw.items():
            key = _SNAKE.get(name, name)
            if key not in _KEYS:
                raise SolverInputError(f"solve payload: unknown key {name!r}")
            if key in data:
                raise SolverInputError(f"solve payload: {key} is given twice")
            data[key] = value
        for key, expected in _FIXED.items():
            if key in data and (data[key] != expected or isinstance(data[key], bool)):
                raise SolverInputError(f"{key}: {data[key]!r} is not {expected!r}")
        missing = [key for key in ("occupancyGrid", "start", "goal") if key not in data]
        if missing:
            raise SolverInputError(f"solve payload: {', '.join(missing)} missing")
        moves = data.get("moves", PHASE1.name)
        if not isinstance(moves, str) or moves not in MOVE_SETS:
            raise LimitError(f"moves: {moves!r} is none of {', '.join(MOVE_SETS)}")
        learning = data.get("useLearning", False)
        if not isinstance(learning, bool):
            raise SolverInputError(f"useLearning: {learning!r} is neither true nor false")
        problem = cls(
            grid=OccupancyGrid.from_wire(data["occupancyGrid"]),
            start=as_cell(data["start"], "start"),
            goal=as_cell(data["goal"], "goal"),
            tolerance_xz=_whole(data, "toleranceXZ", 1, 0, MAX_TOLERANCE),
            tolerance_y=_whole(data, "toleranceY", 0, 0, MAX_TOLERANCE),
            policy=HazardPolicy.from_wire(data.get("hazardPolicy", {})),
            max_nodes=_whole(data, "maxNodes", DEFAULT_MAX_NODES, 1, MAX_NODES),
            use_learning=learning,
            moves=moves,
            learned=Weights.from_wire(data["learned"]) if "learned" in data else None,
        )
        for what, cell in (("start", problem.start), ("goal", problem.goal)):
            if not problem.grid.contains(cell):
                origin, size = problem.grid.origin, problem.grid.size
                raise CellError(f"{what}: {cell} lies outside the grid (origin {origin}, size {size})")
        return problem

    def wire(self) -> dict[str, Any]:
        """The payload in its normal form, every default written out: what bundles hash."""
        learned = {} if self.learned is None else {"learned": self.learned.wire()}
        return {
            **_FIXED,
            **learned,
            "occupancyGrid": self.grid.wire(),
            "start": _xyz(self.start),
            "goal": _xyz(self.goal),
            "toleranceXZ": self.tolerance_xz,
            "toleranceY": self.tolerance_y,
            "hazardPolicy": self.policy.wire(),
            "maxNodes": self.max_nodes,
            "useLearning": self.use_learning,
            "moves": self.moves,
        }

    def solve(self) -> Way:
        """Build the graph and answer."""
        learned = self.learned if self.use_learning else None
        navigator = Navigator(self.grid, policy=self.policy, moves=self.moves, learned=learned)
        return navigator.solve(
            self.start,
            self.goal,
            tolerance_xz=self.tolerance_xz,
            tolerance_y=self.tolerance_y,
            max_nodes=self.max_nodes,
        )


def solve_bundle(raw: Any, ways: tuple[PathMemory, float] | None = None) -> SolveBundle:
    """Answer a payload as a bundle; its `result` is what the surfaces send, less `ms` and `bundleId`.

    `ways` is what was learned, with the time it is asked at; it counts if the payload wants learning and
    does not bring learned weights of its own.
    """
    problem = NavigationProblem.from_wire(raw)
    if ways is not None and problem.use_learning and problem.learned is None:
        memory, now = ways
        problem = replace(problem, learned=memory.weights(problem.grid, now))
    return bundle_of(problem, problem.solve())


def bundle_of(problem: NavigationProblem, way: Way) -> SolveBundle:
    """The bundle of a question and its answer. A grid with fences has no wire form and no bundle."""
    if problem.grid.standable is not None:
        raise SolverInputError("solve bundle: the wire's grid has no layer of floors; mark them in the classes")
    bound = None if way.bound == float("inf") else way.bound
    return SolveBundle(
        solver_id=SOLVER_ID,
        solver_version=SOLVER_VERSION,
        input=problem.wire(),
        policy_id=problem.policy.id,
        nodes=way.nodes,
        rationale={"bound": bound, "why": _WHY[way.status], "goalCell": None if way.goal is None else list(way.goal)},
        result={
            "status": way.status,
            "cost": way.cost,
            "learnedCost": way.learned_cost,
            "primitives": [{"op": p.op, "to": list(p.to)} for p in way.primitives],
            "nodes": way.nodes,
        },
    )


def answer_wire(bundle: SolveBundle, ms: float) -> dict[str, Any]:
    """What the surfaces send: the result, the milliseconds it took, and the bundle's name."""
    return {**bundle.result, "ms": ms, "bundleId": bundle.id}


_WHY = {
    "solved": "A* with a consistent estimate reached the goal: no way is cheaper",
    "unreachable": "no chain of moves joins the start to a cell within the tolerance of the goal",
    "budget": "the expansion limit ended the exact search; no way costs less than the bound",
}


def _xyz(cell: BlockPos) -> dict[str, int]:
    return dict(zip("xyz", cell, strict=True))


def _whole(data: Mapping[str, Any], key: str, default: int, least: int, most: int) -> int:
    value = data.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise LimitError(f"{key}: {value!r} is not a whole number from {least} to {most}")
    return value
