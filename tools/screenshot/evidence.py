"""A registry with a life behind it: documents that were registered, tried in shadow, promoted, taken back, retired.

Nothing here is made up: every figure comes from a run in the simulated world.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from conscious_bot.behavior import CompiledOption
from conscious_bot.contracts import CapabilityAct, LeafSpec, OptionTest, Permission
from conscious_bot.game.tables import Tables
from conscious_bot.leaves.catalogue import default_catalogue
from conscious_bot.registry.desk import CapabilityDesk, open_desk
from conscious_bot.registry.principals import Principal, Role
from conscious_bot.registry.refusal import RegistryRefusal
from conscious_bot.registry.shadow import Start, run_trials
from conscious_bot.registry.shipped import shipped_options
from conscious_bot.registry.trial import SandboxReport, try_option, world_of

__all__ = ["prepare"]

_MODEL = Principal("reflexion", Role.PROPOSER)
_OWNER = Principal("owner", Role.OPERATOR)
_LEAF = '''"""Ring a bell that stands within reach, so that villagers hide."""

import subprocess

from conscious_bot.leaves.contract import Leaf


class RingBell(Leaf):
    """Right-clicks the bell and waits until it has rung."""

    async def run(self, context, args):
        subprocess.run(["aplay", "bell.wav"])
        bell = await context.find("bell", radius=args["radius"])
        await context.use_block(bell)
        return context.success(changed=True)


leaf = RingBell()
'''


def prepare(folder: Path) -> None:
    """Fill the registry in a folder. Takes about a minute."""
    documents: dict[str, dict[str, Any]] = {name: json.loads(text) for name, text in shipped_options().items()}
    corridor = documents["torch_corridor"]
    tables, catalogue = Tables.builtin(), default_catalogue()
    with open_desk(folder) as house:

        def trial(option: CompiledOption) -> SandboxReport:
            """The sandbox's own, in this process: no limit of wall time, however busy the machine is."""
            return try_option(option, catalogue, tables)

        here = replace(house.pipeline, try_out=trial)
        desk = replace(house, pipeline=here)
        lives = _Lives(desk)
        lives.register(corridor, _MODEL)
        lives.shadow("opt.torch_corridor@1.0.0", corridor, range(1, 30))

        # What is not safe passes no test of its own; without tests it gets as far as its shadow runs.
        careless = json.loads(json.dumps({**corridor, "version": "1.0.1", "description": "the same, but in a hurry"}))
        careless["tree"]["children"][0]["args"]["safe"] = False
        lives.register(careless, _MODEL)
        human = {"authored_by": "human"}
        lives.register({**careless, "version": "1.0.2", "tests": [], "provenance": human}, _OWNER)
        lives.shadow("opt.torch_corridor@1.0.2", corridor, range(1, 30))

        sooner = json.loads(json.dumps({**corridor, "version": "1.1.0", "description": "walks on as soon as it may"}))
        sooner["provenance"]["parent"] = "opt.torch_corridor@1.0.0"
        lives.register(sooner, _MODEL)
        lives.shadow("opt.torch_corridor@1.1.0", corridor, range(1, 13), "opt.torch_corridor@1.0.0")

        lives.register(documents["retreat_and_block"], _OWNER)
        lives.shadow("opt.retreat_and_block@1.0.0", documents["retreat_and_block"], range(1, 12))
        lives.register(documents["smelt_iron_basic"], _OWNER)
        lives.shadow("opt.smelt_iron_basic@1.0.0", documents["smelt_iron_basic"], range(1, 3))
        lives.register(documents["camp_and_cache"], _OWNER)
        desk.governor.end("opt.camp_and_cache@1.0.0", CapabilityAct.RETIRE, _OWNER, "the base has its own chests now")
        lives.register(documents["ore_ladder_iron"], _MODEL)

        # The world changes under the active option: now somebody stands in the corridors and stays.
        lives.shadow("opt.torch_corridor@1.0.0", _haunted(corridor), range(1, 30))
        _propose(desk)


class _Lives:
    def __init__(self, desk: CapabilityDesk) -> None:
        self._desk = desk
        self._tables = Tables.builtin()
        self._catalogue = default_catalogue()

    def register(self, document: dict[str, Any], by: Principal) -> None:
        try:
            print(f"registered {self._desk.pipeline.register(document, by).id}", flush=True)
        except RegistryRefusal as refusal:
            print(f"refused {document['id']}@{document['version']}: {refusal}", flush=True)

    def shadow(self, capability: str, document: dict[str, Any], seeds: range, incumbent: str | None = None) -> None:
        """Run the option from the starts of the document's tests, until the evidence decides."""
        pipeline = self._desk.pipeline
        known = None if incumbent is None else pipeline.compiled(incumbent)
        starts = self._starts(document, seeds)
        change = run_trials(self._desk.governor, pipeline.compiled(capability), known, starts, self._catalogue)
        print(f"{capability}: {'undecided' if change is None else change.reason}", flush=True)

    def _starts(self, document: dict[str, Any], seeds: range) -> Iterator[Start]:
        tests = tuple(OptionTest.model_validate_json(json.dumps(test)) for test in document["tests"])
        for seed in seeds:
            for test in tests:
                world = world_of(test, self._tables)
                yield Start(f"{test.name} #{seed}", world, test.args)


def _haunted(document: dict[str, Any]) -> dict[str, Any]:
    test = {**document["tests"][0], "name": "somebody stays", "world": "fixtures/corridor_16_blocks_hostile_stays.json"}
    return {**document, "tests": [test]}


def _propose(desk: CapabilityDesk) -> None:
    spec = LeafSpec(
        name="ring_bell",
        version="0.1.0",
        description="Rings a bell within reach, so that villagers hide.",
        input_schema={"type": "object", "properties": {"radius": {"type": "integer", "minimum": 1, "maximum": 16}}},
        timeout_ms=5000,
        retries=1,
        permissions=frozenset({Permission.SENSE, Permission.PLACE}),
    )
    desk.review.propose(spec, {"__init__.py": _LEAF}, _MODEL)
