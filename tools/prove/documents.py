"""A million random option documents: no exception, no escalation that passes, one hash for every order of keys."""

from __future__ import annotations

import random
import sys
from collections import Counter
from typing import Any

from conscious_bot.behavior import CompileError, LeafIndex, compile_option, lint_option
from conscious_bot.contracts import FindingCode, OptionDocument, Permission
from conscious_bot.leaves.catalogue import default_catalogue

DOCUMENTS = 1_000_000
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
}


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


def main(documents: int = DOCUMENTS) -> bool:
    """Lint all, compile those that pass; an independent count of permissions judges the linter."""
    catalogue = default_catalogue()
    leaves = LeafIndex(catalogue.specs())
    needs = {spec.name: spec.permissions for spec in leaves}
    granted = frozenset(Permission) - {Permission.CHAT}
    chance = random.Random("documents")
    author = _Author(chance)
    counts: Counter[str] = Counter()
    for number in range(documents):
        raw = author.document()
        report = lint_option(raw, leaves, granted)
        escalates = FindingCode.PERMISSION_ESCALATION in {one.code for one in report.errors}
        counts["refused for a permission"] += escalates
        if report.errors:
            counts["refused"] += 1
        else:
            used = {p for name in _leaves_of(raw["tree"]) for p in needs[name]}
            declared = set(raw.get("permissions", used))
            counts["ESCALATIONS THAT PASSED"] += not used <= declared or not declared <= granted
            try:
                one, two = (
                    compile_option(OptionDocument.model_validate(each), leaves, cap_s=600)
                    for each in (raw, shuffled(raw, chance))
                )
            except CompileError:
                counts["PASSED AND DID NOT COMPILE"] += 1
                continue
            counts["compiled"] += 1
            counts["HASHES THAT DIFFER"] += one.document_hash != two.document_hash or one.program != two.program
            counts["WITHOUT A BOUND"] += not 0 < one.bound_s <= 600
        if documents >= 100_000 and (number + 1) % 100_000 == 0:
            print(f"{number + 1}: {dict(counts)}", flush=True)
    print(f"{documents} documents: {dict(counts)}")
    return not any(count for name, count in counts.items() if name.isupper()) and counts["compiled"] > 0


def _leaves_of(node: Any) -> list[str]:
    if not isinstance(node, dict):
        return []
    if node.get("type") == "Leaf":
        return [node["name"]]
    return [name for child in [*node.get("children", []), node.get("child")] for name in _leaves_of(child)]


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
