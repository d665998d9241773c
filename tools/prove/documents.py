"""A million random option documents: no exception, no escalation that passes, one hash for every order of keys.

Of those that compile 10,000 are run as well, spread over all, each in a fork of a small world, with
arguments that fit, that lead nowhere, or that are missing. None may outlast its bound or a Timeout of its tree
by more than it takes to halt, start a leaf that needs what it has not declared, or end in anything but a result.
"""

from __future__ import annotations

import argparse
import gc
import random
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

from conscious_bot.behavior import CompiledOption, CompileError, Kind, LeafIndex, Status, compile_option, lint_option
from conscious_bot.contracts import FindingCode, LeafSpec, OptionDocument, Permission
from conscious_bot.game.tables import Tables
from conscious_bot.leaves.catalogue import LeafCatalogue, default_catalogue
from conscious_bot.registry.shadow import ShadowRun, Start, run_shadow
from conscious_bot.simulation.terrain import Fixture
from conscious_bot.simulation.world import SimulatedWorld
from tools.prove._pieces import add_pace, pace_of, pieces

DOCUMENTS = 1_000_000
RUNS = 10_000
PIECE = 10_000
"""So many documents are one piece of the proof, from a seed of their own."""
CAP_S = 600.0
RUN_CAP_S = 60.0
HALTS_WITHIN_S = 10.0
"""A leaf may finish what it must not be interrupted in; the longest such section is far shorter."""
_PREDICATES = (
    *("has(item:torch)>=1", "health<6", "hostiles_present", "reached(end)==true", "distance_to($end)<=$n", "food>=0"),
    *("light>15", "eval(1)", "x && y", "reached($nowhere)", "corridor.light>=8", "has()", "health>=true", ""),
)
_ARGS: dict[str, tuple[dict[str, Any], ...]] = {
    "move_to": ({"pos": "$end"}, {"pos": [1, 2, 3], "safe": True}, {"pos": "there"}, {}),
    "wait": ({}, {"seconds": 1}, {"ms": "$n"}, {"code": "x"}),
    "sense_hostiles": ({"radius": "$n"}, {"radius": 10}, {"radius": -1}),
    "place_torch_if_needed": ({"interval": 6}, {"interval": "$n"}),
    "chat": ({"message": "hello"}, {"message": "$name"}),
    "dig_block": ({"pos": "$end"}, {"pos": {"x": 1, "y": 2, "z": 3}}),
    "fly": ({}, {"to": "$end"}),
    "step_forward_safely": ({}, {"far": True}),
    "consume_food": ({}, {"item": "bread"}),
    "craft_recipe": ({"recipe": "torch"}, {"recipe": "$name"}, {}),
    "equip_tool": ({"kind": "shovel"}, {"kind": "spoon"}),
    "toss": ({"item": "dirt", "count": "$n"}, {"item": "torch"}),
    "place_block": ({"item": "dirt"}, {"item": "dirt", "pos": "$end"}),
    "retreat_and_block": ({}, {"radius": 3}),
}
_ENDS = ({"x": 11, "y": 4, "z": 11}, {"x": 5, "y": 4, "z": 4}, {"x": 11, "y": 40, "z": 9}, {"x": 10**6, "y": 0, "z": 0})


def _room(entities: list[dict[str, Any]]) -> dict[str, Any]:
    """A dark room in stone: small, as it is forked for every run."""
    carried = {"torch": 8, "dirt": 16, "stone_shovel": 1, "bread": 2, "coal": 2, "stick": 2}
    return {
        "format": 1,
        "name": "room",
        "blocks": [
            {"box": [[0, 0, 0], [15, 12, 15]], "block": "stone"},
            {"box": [[2, 4, 2], [13, 7, 13]], "block": "air"},
        ],
        "bot": {
            "position": [4.5, 4, 4.5],
            "yaw": 0,
            "inventory": [{"item": item, "count": count} for item, count in carried.items()],
        },
        "entities": entities,
        "time": 18000,
        "gamerules": {"doDaylightCycle": False, "doMobSpawning": False, "doWeatherCycle": False},
    }


_ROOMS = (_room([]), _room([{"kind": "zombie", "position": [10.5, 4, 10.5]}]))


class _Author:
    """Writes documents, most of them nearly right."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance

    def document(self) -> dict[str, Any]:
        pick = self.chance
        document: dict[str, Any] = {
            "id": pick.choice(["opt.a", "opt.b_c", "opt.a", "Opt", ""]) if pick.random() < 0.2 else "opt.thing",
            "version": "1.0.0" if pick.random() < 0.95 else pick.choice(["1", "1.0.0-rc.1", "01.0.0", 1]),
            "tree": self.node(pick.randrange(1, 5)),
            "argsSchema": {
                "type": "object",
                "properties": {"end": {"type": "object"}, "n": {"type": "integer", "default": 5}},
                "required": ["end"],
            },
            "provenance": {"authoredBy": "human"},
        }
        if pick.random() < 0.6:
            document["permissions"] = pick.sample([str(one) for one in Permission], pick.randrange(6))
        if pick.random() < 0.3:
            document["post"] = [pick.choice(_PREDICATES)]
        if pick.random() < 0.03:
            document[pick.choice(["pre", "tests", "x", "argsSchema", "tree"])] = self.junk(3)
        return document

    def node(self, depth: int) -> Any:
        pick = self.chance
        if pick.random() < 0.01:
            return self.junk(2)
        kind = pick.randrange(6) if depth else 5
        if kind < 2:
            children = [self.node(depth - 1) for _ in range(pick.randrange(1, 4))]
            return {"type": ("Sequence", "Selector")[kind], "children": children}
        if kind == 2:
            return {"type": "Repeat.Until", "predicate": self.predicate(), "child": self.node(depth - 1)}
        if kind == 3:
            return {"type": "Decorator.Timeout", "ms": pick.choice([1, 1000, 60_000]), "child": self.node(depth - 1)}
        if kind == 4:
            return {"type": "Decorator.FailOnTrue", "cond": self.predicate(), "child": self.node(depth - 1)}
        name = pick.choice(list(_ARGS)) if pick.random() < 0.3 else pick.choice(["move_to", "wait", "sense_hostiles"])
        return {"type": "Leaf", "name": name, "args": _ARGS[name][pick.randrange(len(_ARGS[name]))]}

    def predicate(self) -> str:
        return self.chance.choice(_PREDICATES if self.chance.random() < 0.3 else _PREDICATES[:4])

    def junk(self, depth: int) -> Any:
        pick = self.chance
        if depth and pick.random() < 0.6:
            inner = [self.junk(depth - 1) for _ in range(pick.randrange(3))]
            return inner if pick.random() < 0.5 else {str(number): one for number, one in enumerate(inner)}
        return pick.choice([None, True, -1, 1.5, 2**60, float("nan"), "", "$end", "\ud800", "Leaf"])


def shuffled(value: Any, chance: random.Random) -> Any:
    """The same JSON with its keys in another order."""
    if isinstance(value, dict):
        keys = list(value)
        chance.shuffle(keys)
        return {key: shuffled(value[key], chance) for key in keys}
    return [shuffled(one, chance) for one in value] if isinstance(value, list) else value


@dataclass
class _Stage:
    """Where documents are run. The worlds stay as they are: every run is in a fork of one."""

    catalogue: LeafCatalogue
    needs: dict[str, LeafSpec]
    longest_over_s: float = 0.0
    codes: Counter[str] = field(default_factory=Counter[str])

    def run(self, option: CompiledOption, chance: random.Random) -> list[str]:
        """Run it; what it should not have done."""
        args: dict[str, Any] = {"end": chance.choice(_ENDS), "n": chance.choice((1, 5, 0, -1, 10**6))}
        if chance.random() < 0.02:
            del args["end"]
        start = Start("documents", chance.choice(_worlds()), args)
        run = run_shadow(option, start, self.catalogue)
        error = run.result.error
        self.codes["ok" if error is None else str(error.code)] += 1
        return [*self._overrun(option, run), *self._escalated(option, run)]

    def _overrun(self, option: CompiledOption, run: ShadowRun) -> list[str]:
        program = option.program
        over = [("ITS BOUND", run.seconds - option.bound_s)]
        over += [
            ("A TIMEOUT", tick.lasted - program.timeout[tick.node])
            for tick in run.ticks
            if program.kind[tick.node] is Kind.TIMEOUT and tick.lasted is not None
        ]
        self.longest_over_s = max(self.longest_over_s, *(seconds for _, seconds in over))
        unended = {tick.node for tick in run.ticks if tick.status is Status.RUNNING}
        unended -= {tick.node for tick in run.ticks if tick.status in (Status.SUCCESS, Status.FAILURE)}
        return [f"RAN PAST {what}" for what, seconds in over if seconds > HALTS_WITHIN_S] + (
            ["ENDED WITH A NODE UNDER WAY"] if unended else []
        )

    def _escalated(self, option: CompiledOption, run: ShadowRun) -> list[str]:
        refused = ["PASSED AND VIOLATED ITS BOUNDS WHEN RUN"] if run.result.violation is not None else []
        used = {
            permission for leaf in run.result.leaves for permission in self.needs[leaf.name].permissions_for(leaf.args)
        }
        return refused + ([] if used <= option.permissions else ["RAN BEYOND ITS PERMISSIONS"])


def main(words: Sequence[str] = ()) -> bool:
    """Lint all, compile those that pass, run some; an independent count of permissions judges the linter."""
    parser = argparse.ArgumentParser(prog="documents", description=__doc__)
    parser.add_argument("--documents", type=int, default=DOCUMENTS)
    parser.add_argument("--runs", type=int, default=RUNS, help="how many of them are run")
    add_pace(parser)
    found = parser.parse_args(list(words))
    each = min(PIECE, found.documents)
    numbers = range(found.documents // each)
    work = partial(_piece, documents=each, runs=-(-found.runs // len(numbers)))
    counts, codes, longest_over_s = Counter[str](), Counter[str](), 0.0
    for number, piece in pieces(f"documents-{each}-{found.runs}", numbers, work, pace_of(found), _warm):
        counts.update(piece.counts)
        codes += piece.codes
        longest_over_s = max(longest_over_s, piece.longest_over_s)
        print(f"piece {number}: {dict(counts)}", flush=True)
    print(f"{each * len(numbers)} documents: {dict(counts)}")
    print(f"the runs ended with {dict(codes.most_common())}")
    print(f"the longest that a limit was outlasted until the body stood still: {longest_over_s:.3f} s")
    bad = sum(count for name, count in counts.items() if name.isupper())
    return bad == 0 and counts["compiled"] > 0 and counts["run"] >= min(found.runs, counts["compiled"]) * 0.95


@dataclass
class _Piece:
    """What came of some documents, and of those that were run."""

    counts: Counter[str] = field(default_factory=Counter[str])
    codes: Counter[str] = field(default_factory=Counter[str])
    longest_over_s: float = 0.0


@cache
def _catalogue() -> LeafCatalogue:
    return default_catalogue()


@cache
def _worlds() -> tuple[SimulatedWorld, ...]:
    tables = Tables.builtin()
    return tuple(SimulatedWorld.from_fixture(Fixture.of(room, tables), tables) for room in _ROOMS)


def _warm() -> None:
    """Tables and specs stay; a collection need not look at them for every fork."""
    _catalogue()
    _worlds()
    gc.collect()
    gc.freeze()


def _piece(number: int, documents: int, runs: int) -> _Piece:
    catalogue = _catalogue()
    leaves = LeafIndex(catalogue.specs())
    needs = {spec.name: spec for spec in leaves}
    granted = frozenset(Permission) - {Permission.CHAT}
    chance = random.Random(f"documents {number}")
    author, stage = _Author(chance), _Stage(catalogue, needs)
    counts: Counter[str] = Counter()
    for document in range(documents):
        raw = author.document()
        report = lint_option(raw, leaves, granted)
        escalates = FindingCode.PERMISSION_ESCALATION in {one.code for one in report.errors}
        counts["refused for a permission"] += escalates
        if report.errors:
            counts["refused"] += 1
            continue
        used = {p for name in _leaves_of(raw["tree"]) for p in needs[name].permissions}
        declared = set(raw.get("permissions", used))
        counts["ESCALATIONS THAT PASSED"] += not used <= declared or not declared <= granted
        try:
            one, two = (
                compile_option(OptionDocument.model_validate(each), leaves, cap_s=CAP_S)
                for each in (raw, shuffled(raw, chance))
            )
        except CompileError:
            counts["PASSED AND DID NOT COMPILE"] += 1
            continue
        counts["compiled"] += 1
        counts["HASHES THAT DIFFER"] += one.document_hash != two.document_hash or one.program != two.program
        counts["WITHOUT A BOUND"] += not 0 < one.bound_s <= CAP_S
        if counts["run"] < -(-(document + 1) * runs // documents):  # rounded up: the last one is not missed
            capped = compile_option(OptionDocument.model_validate(raw), leaves, cap_s=RUN_CAP_S)
            counts.update(stage.run(capped, chance))
            counts["run"] += 1
    return _Piece(counts, stage.codes, stage.longest_over_s)


def _leaves_of(node: Any) -> list[str]:
    if not isinstance(node, dict):
        return []
    if node.get("type") == "Leaf":
        return [node["name"]]
    return [name for child in [*node.get("children", []), node.get("child")] for name in _leaves_of(child)]


if __name__ == "__main__":
    sys.exit(0 if main(sys.argv[1:]) else 1)
