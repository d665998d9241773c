"""Using things: doors and levers, items in the hand, beds; recipes; an operator's sky."""

from __future__ import annotations

import pytest
from tests.leaves.conftest import code, shown

from conscious_bot.leaves.catalogue import default_catalogue
from conscious_bot.leaves.environment import ControlEnvironment


@pytest.mark.requirement("LEAF-09")
def test_a_door_opens_once_and_a_lever_switches(stage) -> None:
    async def script(s):
        door, lever = s.at(2, 0, 0), s.at(0, 0, 2)
        await s.operator.command(f"setblock {door[0]} {door[1]} {door[2]} oak_door[half=lower]")
        await s.operator.command(f"setblock {door[0]} {door[1] + 1} {door[2]} oak_door[half=upper]")
        await s.operator.command(f"setblock {lever[0]} {lever[1]} {lever[2]} lever[face=floor]")
        return (
            await s.run("interact_with_block", pos=list(door), open=True),
            await s.run("interact_with_block", pos=list(door), open=True),
            await s.run("interact_with_block", pos=list(lever)),
            await s.run("interact_with_block", pos=list(s.at(0, -1, 0))),
            await s.run("interact_with_block", pos=list(lever), open=True),
            await s.run("interact_with_block", pos=list(s.at(9, 0, 0))),
        )

    opened, again, switched, ground, wrong, far = stage.play(script)
    assert shown(opened).observables["difference"]["blocks"][0]["after"] == "oak_door[open=true]"
    assert shown(again).changed is False
    assert shown(switched).changed
    assert code(ground) == "use.noEffect"
    assert code(wrong) == "step.badArgs"
    assert code(far) == "use.outOfReach"


@pytest.mark.requirement("LEAF-09")
def test_an_item_is_used_on_a_block_or_put_on(stage) -> None:
    async def script(s):
        await s.give("bucket")
        await s.give("iron_helmet")
        x, y, z = s.at(2, -1, 0)
        await s.set((x, y, z), "water")
        return (
            await s.run("use_item", item="bucket", on=[x, y, z]),
            await s.run("use_item", item="iron_helmet"),
            await s.run("use_item", item="stick"),
            await s.run("use_item", item="water_bucket"),
        )

    filled, worn, none, nothing = stage.play(script)
    assert shown(filled).observables["difference"]["inventory"] == {"bucket": -1, "water_bucket": 1}
    assert shown(worn).observables["difference"]["worn"]["after"] == {"head": "iron_helmet"}
    assert code(none) == "inventory.missing"
    assert code(nothing) == "use.noEffect"


@pytest.mark.requirement("LEAF-09")
def test_the_night_is_slept_through_in_a_bed_that_is_brought_along(stage) -> None:
    async def script(s):
        by_day = await s.run("sleep", placeBed=True)
        await s.operator.command("time set night")
        none = await s.run("sleep")
        await s.give("red_bed")
        slept = await s.run("sleep", placeBed=True)
        return by_day, none, slept, await s.run("wake")

    by_day, none, slept, awake = stage.play(script)
    assert code(by_day) == "sleep.notNight"
    assert code(none) == "sleep.noBed"
    assert shown(slept).observables["output"]["placed"] is True
    assert slept.observables["difference"]["night"] == {"before": True, "after": False}
    assert stage.carried("red_bed") == 1
    assert shown(awake).changed is False


@pytest.mark.requirement("LEAF-09")
def test_a_bed_that_stands_is_walked_to(stage) -> None:
    async def script(s):
        x, y, z = s.at(7, 0, 2)
        await s.operator.command(f"setblock {x} {y} {z} red_bed[part=foot,facing=east]")
        await s.operator.command(f"setblock {x + 1} {y} {z} red_bed[part=head,facing=east]")
        await s.operator.command("time set night")
        return await s.run("sleep")

    result = stage.play(script)
    assert shown(result).observables["output"]["placed"] is False


@pytest.mark.requirement("LEAF-10")
def test_recipes_are_told_with_what_they_take(stage) -> None:
    async def script(s):
        return (
            await s.run("introspect_recipe", item="torch"),
            await s.run("introspect_recipe", item="iron_ingot"),
            await s.run("introspect_recipe", item="dirt"),
            await s.run("introspect_recipe", item="nonsense"),
        )

    torch, ingot, dirt, nonsense = stage.play(script)
    assert {"count": 4, "ingredients": {"coal": 1, "stick": 1}, "needsTable": False} in shown(torch).observables[
        "output"
    ]["recipes"]
    assert "raw_iron" in shown(ingot).observables["output"]["smeltedFrom"]
    assert code(dirt) == "craft.noRecipe"
    assert code(nonsense) == "step.badArgs"


@pytest.mark.requirement("LEAF-11")
def test_only_an_operator_has_the_leaf_that_sets_the_sky(stage) -> None:
    assert default_catalogue().get("control_environment") is None
    stage.catalogue.register(ControlEnvironment(stage.operator))

    async def script(s):
        return (
            await s.run("control_environment", time="night"),
            await s.run("control_environment", time="night"),
            await s.run("control_environment", weather="rain"),
            await s.run("control_environment"),
        )

    night, again, rain, nothing = stage.play(script)
    assert shown(night).observables["difference"]["night"] == {"before": False, "after": True}
    assert shown(again).changed is False
    assert shown(rain).changed
    assert code(nothing) == "step.badArgs"
