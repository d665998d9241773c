"""Looking, speaking, waiting: nothing changes, and nothing is claimed to."""

from __future__ import annotations

import pytest

from conscious_bot.body.port import BodyEventKind


def code(result) -> str:
    assert result.error is not None, result
    return str(result.error.code)


@pytest.mark.requirement("LEAF-11")
def test_find_resource_finds_blocks_and_the_sources_of_an_item(stage) -> None:
    async def script(s):
        near, far = s.at(5, 0, 0), s.at(9, 0, 0)
        await s.set(near, "iron_ore")
        await s.set(far, "oak_log")
        by_item = await s.run("find_resource", resource="raw_iron", radius=16)
        by_name = await s.run("find_resource", names=["oak_log", "iron_ore"], radius=16)
        return near, far, by_item, by_name

    near, far, by_item, by_name = stage.play(script)
    assert by_item.ok
    assert not by_item.changed
    assert [f["pos"] for f in by_item.observables["output"]["found"]] == [list(near)]
    assert [f["name"] for f in by_name.observables["output"]["found"]] == ["iron_ore", "oak_log"]
    assert by_name.observables["output"]["found"][1]["pos"] == list(far)


@pytest.mark.requirement("LEAF-05")
def test_find_resource_says_when_there_is_none_and_when_there_can_be_none(stage) -> None:
    assert code(stage.play(lambda s: s.run("find_resource", resource="diamond"))) == "sense.notFound"
    assert code(stage.play(lambda s: s.run("find_resource", resource="unobtainium"))) == "step.badArgs"
    assert code(stage.play(lambda s: s.run("find_resource", resource="dirt", names=["dirt"]))) == "step.badArgs"


@pytest.mark.requirement("LEAF-11")
def test_get_block_at_names_block_and_properties(stage) -> None:
    async def script(s):
        pos = s.at(2, 0, 0)
        await s.set(pos, "oak_log[axis=x]")
        return await s.run("get_block_at", pos=list(pos)), await s.run("get_block_at", pos=[90_000, 0, 0])

    there, nowhere = stage.play(script)
    assert there.observables["output"]["name"] == "oak_log"
    assert there.observables["output"]["properties"] == {"axis": "x"}
    assert code(nowhere) == "path.unloaded"


@pytest.mark.requirement("LEAF-11")
def test_chat_is_heard_and_commands_are_not_spoken(stage) -> None:
    heard: list[str] = []

    async def script(s):
        s.body.subscribe(lambda e: heard.append(e.data["text"]) if e.kind is BodyEventKind.CHAT else None)
        return await s.run("chat", message="hello"), await s.run("chat", message="/op Bot")

    said, refused = stage.play(script)
    assert said.ok
    assert not said.changed
    assert code(refused) == "step.badArgs"
    assert heard == ["hello"]


@pytest.mark.requirement("LEAF-11")
def test_wait_lets_the_time_pass_on_the_runs_clock(stage) -> None:
    result = stage.play(lambda s: s.run("wait", ms=12_000))
    assert result.ok
    assert not result.changed
    assert abs(result.ended_at - result.started_at - 12) < 0.1
