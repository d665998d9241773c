"""Orders of building, replayed by rules that know nothing of how they were found; blueprints, sites, refusals."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.sterling import building_rules
from tests.sterling.building_rules import RuleBrokenError

from conscious_bot.contracts import UserError
from conscious_bot.game.tables import Tables
from conscious_bot.sterling.bundle import SolveBundle, replay
from conscious_bot.sterling.construction import build_order, flat_ground, solve_bundle
from conscious_bot.sterling.construction_blueprint import MAX_SPAN, read_blueprint
from conscious_bot.sterling.construction_modules import SHELTER_SIZE, shelter
from conscious_bot.sterling.construction_site import choose_site
from conscious_bot.sterling.errors import LimitError
from conscious_bot.world.region import VoxelRegion

T = Tables.builtin()
PYRAMID = json.loads((Path(__file__).parent.parent / "data/blueprints/pyramid.json").read_text())
pytestmark = pytest.mark.requirement("STER-08")


def levels(*rows: list[list[str]], at: tuple[int, int, int] = (0, 0, 0)) -> dict[str, Any]:
    x, y, z = at
    return {"levels": [{"level": i, "coordinates": [x, y + i, z], "placement": row} for i, row in enumerate(rows)]}


def box(width: int, height: int, depth: int, block: str = "stone") -> dict[str, Any]:
    return levels(*[[[block] * width] * depth] * height)


def house(width: int, height: int, depth: int, *, door: bool = True) -> dict[str, Any]:
    """Walls, a roof, a bed and a torch inside."""
    found: list[list[list[str]]] = []
    for y in range(height):
        rows = [["air"] * width for _ in range(depth)]
        for z in range(depth):
            for x in range(width):
                if x in (0, width - 1) or z in (0, depth - 1) or y == height - 1:
                    rows[z][x] = "cobblestone"
        if y < 2 and door:
            rows[0][width // 2] = "oak_door"
        if y == 0:
            rows[1][1] = "torch"
            rows[2][1] = rows[3][1] = "white_bed"
        found.append(rows)
    return levels(*found)


def check(raw: dict[str, Any]) -> dict[str, Any]:
    """Solve, and replay by the rules: the order is whole, and at the end stands what the blueprint says."""
    blueprint = read_blueprint(raw, T)
    answer = dict(solve_bundle(raw, T).result)
    assert answer["status"] == "solved", answer["unplaced"][:3]
    assert answer["unplaced"] == []
    assert Counter((tuple(o["pos"]), o["block"]) for o in answer["order"]) == Counter(
        (p.pos, p.block) for p in blueprint.pieces
    )
    others = {piece.pos: piece.other for piece in blueprint.pieces if piece.other is not None}
    yard = building_rules.replay(answer, blueprint.low[1], others)
    assert yard.blocks == {cell: piece.block for piece in blueprint.pieces for cell in piece.cells}
    actions = Counter(step["action"] for step in answer["scaffold"]["steps"])
    assert actions["place"] == actions["dig"] == answer["scaffold"]["count"]
    return answer


def test_the_pyramid_is_ordered_and_its_materials_are_exact() -> None:
    answer = check(PYRAMID)
    assert answer["materials"] == dict(sorted(PYRAMID["pyramid"]["blueprint"]["materials"].items()))
    assert len(answer["order"]) == sum(answer["materials"].values()) == 168
    assert answer["scaffold"]["count"] == 0


@pytest.mark.parametrize(
    ("raw", "scaffold"),
    [
        (house(5, 4, 6), False),
        (house(5, 3, 5, door=False), False),
        (box(4, 4, 4), False),
        (box(4, 7, 4), True),
        (box(1, 10, 1), True),
        (levels([["stone"]], [["sand"]], [["torch"]]), True),
        (levels([["stone", "air", "stone"]], [["stone"] * 3]), False),
        (box(5, 1, 5, "glass"), False),
    ],
    ids=["house", "closed", "cube", "high cube", "pillar", "sand and torch", "bridge", "glass"],
)
def test_an_order_keeps_the_rules(raw: dict[str, Any], *, scaffold: bool) -> None:
    assert (check(raw)["scaffold"]["count"] > 0) is scaffold


@pytest.mark.parametrize("height", [7, 14])
def test_what_hangs_high_in_the_air_gets_steps_that_wind_around_its_scaffold(height: int) -> None:
    answer = check(levels([["stone", "air"]], *[[["air", "air"]]] * (height - 1), [["air", "stone"]]))
    assert answer["scaffold"]["count"] > height


def test_what_hangs_in_the_air_gets_scaffold_under_it() -> None:
    answer = check(levels([["stone", "air"]], [["air", "air"]], [["air", "air"]], [["air", "stone"]]))
    assert answer["scaffold"]["count"] > 0


def test_random_heaps_of_blocks_are_ordered_by_the_rules() -> None:
    rng = random.Random(4)
    for _ in range(8):
        size = rng.randint(2, 4), rng.randint(2, 5), rng.randint(2, 4)
        rows = [
            [[rng.choice(["stone", "oak_planks", "glass", "air"]) for _ in range(size[0])] for _ in range(size[2])]
            for _ in range(size[1])
        ]
        rows[0][0][0] = "stone"
        check(levels(*rows))


def test_a_torch_with_nothing_to_hold_it_is_named_and_nothing_is_ordered() -> None:
    answer = solve_bundle(levels([["stone", "air", "air"]], [["air"] * 3], [["air", "air", "torch"]]), T).result
    assert answer["status"] == "impossible"
    assert answer["order"] == []
    assert [(one["pos"], one["block"]) for one in answer["unplaced"]][-1] == ([2, 2, 0], "torch")
    assert "nothing is there to place it against" in answer["unplaced"][-1]["why"]


def test_fifty_thousand_blocks_are_ordered() -> None:
    answer = solve_bundle(box(200, 1, 250), T).result
    assert answer["status"] == "solved"
    assert answer["materials"] == {"stone": 50_000}
    assert len(answer["order"]) == len({tuple(one["pos"]) for one in answer["order"]}) == 50_000


def test_the_same_blueprint_has_the_same_bundle_and_it_replays() -> None:
    first = solve_bundle(house(5, 4, 6), T)
    again = SolveBundle.from_wire(json.loads(json.dumps(first.wire())))
    assert again.id == first.id
    assert replay(again, lambda asked: solve_bundle(asked["blueprint"], T)) == []


def test_the_rules_refuse_what_cannot_be_done() -> None:
    answer = dict(solve_bundle(house(5, 4, 6), T).result)
    backwards = {**answer, "order": answer["order"][::-1]}
    with pytest.raises(RuleBrokenError, match="nothing to place it against"):
        building_rules.replay(backwards, 0, {(2, 0, 0): (2, 1, 0), (1, 0, 2): (1, 0, 3)})
    walls = [o for o in answer["order"] if o["block"] == "cobblestone"]
    rest = [o for o in answer["order"] if o["block"] != "cobblestone"]
    with pytest.raises(RuleBrokenError, match="no place to stand"):
        building_rules.replay({**answer, "order": walls + rest[1:] + rest[:1]}, 0, {(1, 0, 2): (1, 0, 3)})


def test_what_stands_already_is_not_ordered_again() -> None:
    plan = read_blueprint(box(3, 3, 3), T)
    bare = flat_ground(plan, T)
    seed = (bare.origin[0], 0, bare.origin[2])
    whole = build_order(plan, bare, T, seed)
    blocks = bare.blocks.copy()
    for piece in whole.order[:13]:
        x, y, z = (c - o for c, o in zip(piece.pos, bare.origin, strict=True))
        blocks[x, y, z] = T.blocks["stone"].default_state
    rest = build_order(plan, VoxelRegion(bare.origin, blocks), T, seed)
    assert set(rest.order) == set(whole.order[13:])


def test_something_else_in_the_way_is_refused_with_its_name() -> None:
    plan = read_blueprint(box(2, 1, 2), T)
    bare = flat_ground(plan, T)
    blocks = bare.blocks.copy()
    blocks[0 - bare.origin[0], 0 - bare.origin[1], 0 - bare.origin[2]] = T.blocks["gold_block"].default_state
    with pytest.raises(LimitError, match=r"gold_block stands at \[0, 0, 0\]"):
        build_order(plan, VoxelRegion(bare.origin, blocks), T, (bare.origin[0], 0, bare.origin[2]))
    with pytest.raises(LimitError, match="nobody can stand"):
        build_order(plan, bare, T, (0, 0, 0))


def test_a_shelter_is_built_from_inside() -> None:
    made = shelter((0, 0, 0), "cobblestone", door="oak_door")
    plan = build_order(made.blueprint, flat_ground(made.blueprint, T), T, made.stand)
    assert plan.status == "solved"
    assert plan.scaffold == 0
    assert made.blueprint.materials == {"cobblestone": 46, "oak_door": 1, "torch": 1}
    assert plan.steps[-1].feet in made.inside


def level(*rows: Any, at: Any = (0, 0, 0)) -> dict[str, Any]:
    return {"coordinates": list(at), "placement": list(rows)}


@pytest.mark.parametrize(
    ("raw", "place", "what"),
    [
        (5, "/", "an object is wanted"),
        ({"levels": []}, "/levels", "a list of levels"),
        ({"levels": 3}, "/levels", "a list of levels"),
        ({"blueprint": {"levels": [{}]}}, "/blueprint/levels/0/coordinates", "three whole numbers"),
        ({"task": {"blueprint": {"levels": [5]}}}, "/task/blueprint/levels/0", "an object is wanted"),
        ({"levels": [level(["stine"])]}, "/levels/0/placement/0/0", "no block 'stine'"),
        ({"levels": [level(["water"])]}, "/levels/0/placement/0/0", "is poured"),
        ({"levels": [level([3])]}, "/levels/0/placement/0/0", "the name of a block"),
        ({"levels": [level("stone")]}, "/levels/0/placement/0", "a list is wanted"),
        ({"levels": [level(["air"])]}, "/levels", "nothing but air"),
        ({"levels": [level(["stone"], at=(0, 0.5, 0))]}, "/levels/0/coordinates", "three whole"),
        ({"levels": [level(at=(0, 0, 9**9))]}, "/levels/0/coordinates", "outside the world"),
        ({"levels": [level(["red_bed"])]}, "/levels/0/placement/0/0", "half a red_bed"),
        ({"levels": [level(["oak_door"]), level(["stone"], at=(0, 1, 0))]}, "/levels/0/placement/0/0", "upper half"),
        ({"levels": [level(["stone"])] * 2}, "/levels/1/placement/0/0", "already"),
        ({"levels": [level(["stone"] * (MAX_SPAN + 1))]}, "/levels/0/placement/0", "513"),
        ({"levels": [level(["stone"], at=(x, 0, 0)) for x in (0, 600)]}, "/", "601 cells along x"),
        ({"levels": [level(["stone"])], "materials": {"stone": -1}}, "/materials/stone", "no count"),
        ({"levels": [level(["stone"])], "palette": 1}, "/palette", "no such key"),
    ],
)
def test_a_malformed_blueprint_is_refused_with_the_place_and_the_reason(raw: Any, place: str, what: str) -> None:
    with pytest.raises(UserError) as refused:
        read_blueprint(raw, T)
    assert refused.value.problem.startswith(f"blueprint, {place}: ")
    assert what in refused.value.problem
    assert refused.value.remedy


def _country(height: Any, top: str = "grass_block") -> VoxelRegion:
    """Ground of that height over 40 by 40 columns."""
    blocks = np.zeros((40, 24, 40), np.uint16)
    for x in range(40):
        for z in range(40):
            h = height(x, z)
            blocks[x, :h, z] = T.blocks["dirt"].default_state
            blocks[x, h, z] = T.blocks[top].default_state
    return VoxelRegion((0, 60, 0), blocks)


def test_a_site_is_level_and_near() -> None:
    site = choose_site(_country(lambda x, z: 10 if x > 20 else 10 + (x * 7 + z * 5) % 4), T, SHELTER_SIZE, (10, 71, 20))
    assert site is not None
    assert site.corner[1] == 71
    assert site.corner[0] in range(18, 23)
    assert len(site.fill) + len(site.clear) <= 4


def test_a_site_is_dry_untouched_and_allowed() -> None:
    region = _country(lambda x, z: 8)
    water, planks = (T.blocks[name].default_state for name in ("water", "oak_planks"))
    region.blocks[:20, 8, :] = water
    region.blocks[20:40, 9, :20] = planks
    site = choose_site(region, T, SHELTER_SIZE, (5, 69, 5), lambda cell: cell[0] >= 30)
    assert site is not None
    assert (site.corner[0] >= 30, site.corner[2] >= 20) == (True, True)
    assert choose_site(region, T, SHELTER_SIZE, (5, 69, 5), lambda _: False) is None


def test_rough_or_wet_country_has_no_site() -> None:
    assert choose_site(_country(lambda x, z: 4 + (x * 5 + z * 3) % 9), T, (6, 3, 6), (20, 70, 20)) is None
    assert choose_site(_country(lambda x, z: 8, "water"), T, SHELTER_SIZE, (20, 70, 20)) is None


def test_a_blueprint_of_two_far_corners_is_answered() -> None:
    raw = {"levels": [{"coordinates": [i * 511, i, i * 511], "placement": [["stone"]]} for i in (0, 1)]}
    answer = solve_bundle(raw, T).result
    assert answer["status"] == "solved"
