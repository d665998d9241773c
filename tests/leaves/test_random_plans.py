"""Over random plans: no leaf reports a changed success without a difference that someone else saw too.

The witness looks straight into the simulated world (its voxels, its players), not through the body's
senses that the runner uses.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conscious_bot.contracts import ActionResult
from conscious_bot.game.tables import Tables

LEAVES = ("move_to", "dig_block", "place_block", "craft_recipe", "equip_tool", "collect_items", "acquire_material",
          "place_workstation", "wait", "get_block_at", "find_resource", "respawn")  # fmt: skip
BLOCKS = ("dirt", "oak_log", "stone", "gravel", "oak_planks", "crafting_table", "air", "water", "oak_leaves")
ITEMS = ("dirt", "oak_log", "oak_planks", "stick", "crafting_table", "wooden_pickaxe", "torch", "cobblestone", "gravel")


@dataclass
class Witness:
    """What the world is, taken from its own arrays."""

    blocks: bytes
    items: dict[str, int]
    held: str | None
    position: tuple[float, float, float]

    @classmethod
    def of(cls, stage: Any, center: tuple[int, int, int]) -> Witness:
        x, y, z = center
        state = stage.body.state()
        cells = [
            stage.world.voxels.get((x + dx, y + dy, z + dz))
            for dx in range(-9, 10) for dy in range(-4, 6) for dz in range(-9, 10)
        ]  # fmt: skip
        counts = {name: count for name, count in state.inventory.counts().items() if count}
        held = None if state.held is None else state.held.item
        return cls(repr(cells).encode(), counts, held, state.position)

    def differs(self, other: Witness) -> bool:
        moved = max(abs(a - b) for a, b in zip(self.position, other.position, strict=True)) > 0.25
        return self.blocks != other.blocks or self.items != other.items or self.held != other.held or moved


def random_args(rng: random.Random, name: str, feet: tuple[int, int, int]) -> dict[str, Any]:
    def cell(reach: int) -> list[int]:
        return [
            feet[0] + rng.randint(-reach, reach),
            feet[1] + rng.randint(-2, 2),
            feet[2] + rng.randint(-reach, reach),
        ]

    return {
        "move_to": lambda: {"pos": cell(7), "tolerance": rng.randint(0, 2)},
        "dig_block": lambda: {"pos": cell(4), "harvest": rng.random() < 0.3},
        "place_block": lambda: {"item": rng.choice(ITEMS), "pos": cell(3)},
        "craft_recipe": lambda: {"recipe": rng.choice(ITEMS), "qty": rng.randint(1, 6)},
        "equip_tool": lambda: {"item": rng.choice(ITEMS)},
        "collect_items": lambda: {"radius": rng.randint(2, 12)},
        "acquire_material": lambda: {"item": rng.choice(ITEMS), "count": rng.randint(1, 3), "radius": 8},
        "place_workstation": lambda: {"kind": rng.choice(["crafting_table", "furnace"])},
        "wait": lambda: {"ms": rng.randint(0, 2000)},
        "get_block_at": lambda: {"pos": cell(9)},
        "find_resource": lambda: {"resource": rng.choice(ITEMS), "radius": 12},
        "respawn": dict,
    }[name]()


async def furnish(stage: Any, rng: random.Random) -> None:
    """Scatter blocks and items."""
    x, y, z = stage.feet
    for _ in range(rng.randint(5, 40)):
        pos = (x + rng.randint(-6, 6), y + rng.randint(-1, 3), z + rng.randint(-6, 6))
        if pos not in ((x, y, z), (x, y + 1, z), (x, y - 1, z)):
            await stage.set(pos, rng.choice(BLOCKS))
    for _ in range(rng.randint(0, 6)):
        await stage.give(rng.choice(ITEMS), rng.randint(1, 8))


def judge(result: ActionResult, before: Witness, after: Witness, name: str) -> None:
    if result.ok and result.changed:
        assert before.differs(after), (name, result)
    if result.ok and not result.changed:
        assert before.items == after.items, (name, result)
        assert before.blocks == after.blocks, (name, result)
    for entry in result.observables.get("expectations", ()):
        assert not result.ok or entry["verdict"] == "verified"
    gained = result.observables.get("difference", {}).get("inventory", {})
    for item, delta in gained.items():
        assert after.items.get(item, 0) - before.items.get(item, 0) == delta, (name, result)
    assert result.error is None or result.error.code != "unknown", result


@pytest.mark.requirement("LEAF-04")
@settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32 - 1))
def test_no_leaf_reports_a_changed_success_without_an_observed_difference(
    new_stage: Any, tables: Tables, seed: int
) -> None:
    stage = new_stage(seed=seed % 7, view=2)
    # What grows, withers or wanders by itself would be taken for the leaf's doing.
    stage.world.rules["randomTickSpeed"] = 0
    stage.world.rules["doMobSpawning"] = False
    rng = random.Random(seed)

    async def script(s: Any) -> None:
        await furnish(s, rng)
        for _ in range(8):
            name = rng.choice(LEAVES)
            args = random_args(rng, name, s.feet)
            await s.run("wait", ms=8000)  # what falls or flows by itself comes to rest
            center = s.feet
            before = Witness.of(s, center)
            result = await s.run(name, **args)
            judge(result, before, Witness.of(s, center), name)
            assert s.still(), (name, result)

    stage.play(script)
    assert stage.runner.unknown_errors == 0
