"""Live episodes alternate where policy allows a share and are evidence as shadow runs are; a violation ends one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from conscious_bot.behavior import LeafIndex, compile_option
from conscious_bot.contracts import (
    BlockPos,
    CapabilityAct,
    CapabilityStatus,
    IdSource,
    OptionDocument,
    Permission,
    RunMode,
)
from conscious_bot.game.tables import Tables
from conscious_bot.leaves.catalogue import default_catalogue
from conscious_bot.leaves.runner import LeafRunner
from conscious_bot.registry.governor import Governor
from conscious_bot.registry.live import LiveTurns
from conscious_bot.registry.pipeline import Pipeline
from conscious_bot.registry.principals import Policy
from conscious_bot.registry.refusal import RegistryRefusal
from conscious_bot.registry.reports import run_of
from conscious_bot.registry.shadow import Start, run_pair
from conscious_bot.runtime.options import OptionRunner
from conscious_bot.runtime.witness import Bounds
from conscious_bot.simulation.body import SimulatedBody
from conscious_bot.simulation.loop import run_virtual
from conscious_bot.simulation.terrain import Fixture
from conscious_bot.simulation.world import SimulatedWorld
from conscious_bot.world.region import Box

from .conftest import OPERATOR, House, Verdict

TABLES, CATALOGUE = Tables.builtin(), default_catalogue()
LEAVES = LeafIndex(CATALOGUE.specs())
NAME = "opt.errand"
HOME, FAR, WALL = (92, 12, -35), (96, 12, -35), (88, 11, -35)


def errand(version: str, *steps: dict[str, Any], post: str = "health>=1") -> dict[str, Any]:
    return {
        "id": NAME,
        "version": version,
        "tree": {"type": "Sequence", "children": list(steps)},
        "post": [post],
        "tests": [{"name": "t", "world": "fixtures/corridor_12_blocks.json"}],
        "provenance": {"authoredBy": "human"},
    }


def leaf(name: str, **args: Any) -> dict[str, Any]:
    return {"type": "Leaf", "name": name, "args": args}


def go(pos: BlockPos) -> dict[str, Any]:
    return leaf("move_to", pos=list(pos))


WAIT, LOSE = errand("1.0.0", leaf("wait", ms=500)), "has(item:diamond)>=1"


class NoDigging:
    """Protects every block."""

    def may_edit(self, pos: BlockPos) -> bool:
        return pos[0] > 1000


class Scene:
    """A house with the first version of the errand active, and a candidate in shadow."""

    def __init__(self, house: House, candidate: dict[str, Any], share: float, bounds: Bounds | None = None) -> None:
        self.house = house
        self.policy = Policy(live_share=share)
        self.governor = Governor(house.registry)
        self.turns = LiveTurns(self.governor, self.policy)
        self.bounds = bounds or Bounds()
        fixtures = ("fixtures/corridor_12_blocks.json",)
        self.pipeline = Pipeline(house.registry, lambda: LEAVES, self.policy, lambda _option: Verdict(), fixtures, 60.0)
        for document in (WAIT, candidate):
            self.pipeline.register(document, OPERATOR)
        house.registry.move(f"{NAME}@1.0.0", CapabilityAct.PROMOTE, "t", "t", {"runsBefore": 0})
        self.active = f"{NAME}@1.0.0"
        self.candidate = f"{NAME}@{candidate['version']}"

    def play(self, episodes: int, until: Callable[[], bool] = lambda: False) -> list[str]:
        """So many episodes on one live body; who had them."""
        world = SimulatedWorld.from_fixture(Fixture.shipped("corridor_12_blocks", TABLES), TABLES)
        body = SimulatedBody(world)

        async def main() -> list[str]:
            await body.open()
            clock = _LoopClock()
            granted = frozenset(Permission)
            runner = LeafRunner(
                body, CATALOGUE, clock, IdSource("t"), granted=granted, record=_drop, policy=self.bounds.policy
            )
            options = OptionRunner(body, runner, clock, self.bounds)
            had: list[str] = []
            try:
                while len(had) < episodes and not until():
                    had.append(await self._episode(options, str(len(had) % 7)))
            finally:
                runner.close()
                await body.close()
            return had

        return run_virtual(main(), world)

    async def _episode(self, options: OptionRunner, start: str) -> str:
        """Whoever has its turn runs, and the evidence decides."""
        record = self.turns.choose(self.active)
        result = await options.run(self.pipeline.compiled(record.id), {}, _drop)
        run = run_of(record.id, RunMode.LIVE, start, result, died=False, at=self.house.registry.wall())
        self.governor.note(self.turns.counted(run))
        return record.id

    @property
    def status(self) -> CapabilityStatus:
        return self.house.registry.require(self.candidate).status


class _LoopClock:
    def now(self) -> float:
        return asyncio.get_running_loop().time()


def _drop(_what: object) -> None:
    """These tests read the registry's record, not the journal's."""


@pytest.mark.requirement("GOV-06")
def test_without_a_share_the_version_in_use_has_every_episode(house: House) -> None:
    scene = Scene(house, errand("1.1.0", leaf("wait", ms=100)), 0.0)
    assert scene.play(4) == [f"{NAME}@1.0.0"] * 4
    assert [run.mode for run in house.registry.store.runs(f"{NAME}@1.0.0")] == [RunMode.LIVE] * 4
    assert house.registry.store.runs(scene.candidate) == []


@pytest.mark.requirement("GOV-06")
@pytest.mark.parametrize(("share", "turns"), [(0.5, "ICICICIC"), (0.25, "IIICIIIC")])
def test_a_candidate_takes_its_share_in_turns_and_is_compared_with_the_episode_before(
    house: House, share: float, turns: str
) -> None:
    scene = Scene(house, errand("1.1.0", leaf("wait", ms=100)), share)
    assert ["C" if one == scene.candidate else "I" for one in scene.play(8)] == list(turns)
    run = house.registry.store.runs(scene.candidate)[0]
    assert (run.mode, run.ok, run.incumbent, run.incumbent_ok, run.better) == (
        RunMode.LIVE,
        True,
        f"{NAME}@1.0.0",
        True,
        1,
    )


@pytest.mark.requirement("GOV-06", "GOV-07")
def test_a_candidate_that_loses_live_is_retired_by_the_evidence_and_has_no_more_turns(house: House) -> None:
    scene = Scene(house, errand("1.1.0", leaf("wait", ms=100), post=LOSE), 0.5)
    had = scene.play(60, lambda: scene.status is not CapabilityStatus.SHADOW)
    assert scene.status is CapabilityStatus.RETIRED
    assert had.count(scene.candidate) < 30
    assert scene.play(2) == [f"{NAME}@1.0.0"] * 2


@pytest.mark.requirement("GOV-06")
def test_a_candidate_that_was_promoted_is_the_one_that_the_next_is_compared_with(house: House) -> None:
    scene = Scene(house, errand("1.1.0", leaf("wait", ms=100)), 0.5)
    assert scene.play(2)[1] == scene.candidate
    house.registry.move(f"{NAME}@1.0.0", CapabilityAct.RETIRE, "t", "t")
    house.registry.move(scene.candidate, CapabilityAct.PROMOTE, "t", "t", {"runsBefore": 0})
    scene.pipeline.register(errand("1.2.0", leaf("wait", ms=50)), OPERATOR)
    scene.active = scene.candidate
    assert scene.play(4) == [scene.candidate, f"{NAME}@1.2.0"] * 2


def test_what_is_in_shadow_alone_is_never_chosen(house: House) -> None:
    scene = Scene(house, errand("1.1.0", leaf("wait", ms=100)), 0.5)
    house.registry.move(f"{NAME}@1.0.0", CapabilityAct.RETIRE, "t", "t")
    with pytest.raises(RegistryRefusal, match=r"opt\.errand@1\.0\.0 is retired, not active"):
        scene.play(1)


@pytest.mark.requirement("GOV-07")
@pytest.mark.parametrize(
    ("steps", "bounds", "said"),
    [
        ([go(FAR)], Bounds(fence=Box((80, 0, -50), (93, 40, -20))), "the geofence was left: the body stood in (94, 12"),
        (
            [leaf("dig_block", pos=list(WALL))],
            Bounds(policy=NoDigging()),
            "a permission was refused: dig: the block at",
        ),
    ],
)
def test_a_violation_retires_a_candidate_at_once_live_and_in_a_fork(
    house: House, steps: list[dict[str, Any]], bounds: Bounds, said: str
) -> None:
    document = errand("1.1.0", *steps)
    scene = Scene(house, document, 0.5, bounds)
    scene.play(4, lambda: scene.status is not CapabilityStatus.SHADOW)
    assert scene.status is CapabilityStatus.RETIRED
    change = house.registry.history(scene.candidate)[-1]
    assert change.evidence["gate"] == "safety"
    assert change.evidence["figure"].startswith(said)
    option = compile_option(OptionDocument.model_validate(document), LEAVES, cap_s=60)
    world = SimulatedWorld.from_fixture(Fixture.shipped("corridor_12_blocks", TABLES), TABLES)
    run = run_pair(option, None, Start("s", world, {}, bounds), CATALOGUE, at=0)
    assert run.violation is not None
    assert run.violation.startswith(said)
    free = run_pair(option, None, Start("s", world, {}), CATALOGUE, at=0)
    assert free.violation is None


def test_a_share_of_more_than_every_other_episode_is_refused() -> None:
    with pytest.raises(ValueError, match=r"0 to 0\.5"):
        Policy(live_share=0.6)
