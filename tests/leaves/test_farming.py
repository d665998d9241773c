"""A field from dirt to harvest."""

from __future__ import annotations

import pytest
from tests.leaves.conftest import code, shown


async def field(s, *, water: bool = True):
    """A pool of water three blocks beside the body, in the ground."""
    x, y, z = s.at(3, -1, 0)
    if water:
        await s.set((x, y, z), "water")
    return x, y, z


@pytest.mark.requirement("LEAF-13")
def test_watered_soil_is_tilled_planted_and_reaped(stage) -> None:
    async def script(s):
        await field(s)
        await s.give("wooden_hoe")
        await s.give("wheat_seeds", 8)
        tilled = await s.run("till_soil", radius=3, count=4)
        planted = await s.run("plant_crop", crop="wheat_seeds", radius=4, count=3)
        early = await s.run("harvest_crop", radius=5)
        for x, y, z in planted.observables["output"]["cells"]:
            await s.operator.command(f"setblock {x} {y} {z} wheat[age=7]")
        reaped = await s.run("harvest_crop", radius=5)
        return tilled, planted, early, reaped

    tilled, planted, early, reaped = stage.play(script)
    assert shown(tilled).observables["output"]["count"] == 4
    assert shown(planted).observables["output"]["count"] == 3
    assert planted.observables["difference"]["inventory"] == {"wheat_seeds": -3}
    assert code(early) == "sense.notFound"
    assert shown(reaped).observables["output"]["harvested"]["wheat"] == 3
    assert reaped.observables["output"]["planted"] == 3
    assert all(stage.block(tuple(c)) == "wheat" for c in reaped.observables["output"]["cells"])


@pytest.mark.requirement("LEAF-13", "LEAF-05")
def test_farming_fails_with_the_right_code(stage) -> None:
    async def script(s):
        dry = s.at(2, -1, 0)
        no_hoe = await s.run("till_soil", pos=list(dry))
        await s.give("stone_hoe")
        no_water = await s.run("till_soil", radius=3)
        no_seed = await s.run("plant_crop", crop="carrot")
        await s.give("carrot", 2)
        no_field = await s.run("plant_crop", crop="carrot")
        dirt = await s.run("plant_crop", crop="carrot", pos=list(dry))
        tilled = await s.run("till_soil", pos=list(dry))
        again = await s.run("till_soil", pos=list(dry))
        dry_land = await s.run("plant_crop", crop="carrot", pos=list(dry))
        return no_hoe, no_water, no_seed, no_field, dirt, tilled, again, dry_land, await s.run("manage_farm")

    no_hoe, no_water, no_seed, no_field, dirt, tilled, again, dry_land, nothing = stage.play(script)
    assert code(no_hoe) == "inventory.missing"
    assert code(no_water) == "sense.notFound"
    assert code(no_seed) == "inventory.missing"
    assert code(no_field) == "sense.notFound"
    assert code(dirt) == "sense.notFound"
    assert shown(tilled).changed
    assert shown(again).changed is False
    assert code(dry_land) == "effects_unmet.precond_missing"
    assert code(nothing) == "sense.notFound"


@pytest.mark.requirement("LEAF-13")
def test_a_field_is_kept_going_in_one_round(stage) -> None:
    async def script(s):
        x, y, z = await field(s)
        await s.give("wooden_hoe")
        await s.give("potato", 6)
        for dz in (1, 2):
            await s.operator.command(f"setblock {x} {y} {z + dz} farmland[moisture=7]")
        await s.operator.command(f"setblock {x} {y + 1} {z + 1} potatoes[age=7]")
        return await s.run("manage_farm", radius=4, crop="potato")

    result = stage.play(script)
    output = shown(result).observables["output"]
    assert output["count"] == 1
    assert output["tilled"] >= 3
    assert output["planted"] >= 5
