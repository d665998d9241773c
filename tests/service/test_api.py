"""The HTTP surface, by a real server and a real client."""

from __future__ import annotations

import json
import struct
import threading

import httpx
import numpy as np
import pytest

from conscious_bot.contracts import Event, EventType
from conscious_bot.game.tables import Tables
from conscious_bot.service import Act, BodyView, ExecuteSteps, GoalView, Hub, Server, Status, Suggestion, WorldView
from conscious_bot.world.region import UNKNOWN, VoxelRegion

BODY = BodyView(
    position=(1.5, 70.0, -2.5), yaw=0.5, pitch=0.0, health=18.0, food=20, saturation=5.0, air=300, alive=True,
    on_ground=True, in_water=False, moving=False, dimension="overworld", game_mode="survival", time_of_day=1000,
    raining=False,
)  # fmt: skip
STATUS = Status(
    bot="Wren",
    world=WorldView(kind="sim", seed=7),
    connected=True,
    body=BODY,
    goal=GoalView(text="get 1 stone_pickaxe", reason="no tool", since=1.0, source="system"),
)
ERROR_KEYS = {"code", "message", "remedy"}


def refused(response: httpx.Response, status: int, code: str) -> str:
    assert response.status_code == status, response.text
    body = response.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == ERROR_KEYS
    assert all(body["error"].values())
    assert body["error"]["code"] == code
    return body["error"]["message"]


@pytest.mark.requirement("SRV-01")
def test_the_status_is_what_the_agent_published_in_camel_case(hub: Hub, http: httpx.Client) -> None:
    refused(http.get("/api/bot/status"), 503, "agent.unavailable")
    hub.publish_status(STATUS)
    body = http.get("/api/bot/status").json()
    assert body["body"]["timeOfDay"] == 1000
    assert body["goal"]["reason"] == "no tool"
    assert Status.model_validate(body) == STATUS


def test_health_says_what_is_wrong_and_never_fails(hub: Hub, http: httpx.Client, agent: object) -> None:
    assert http.get("/api/cognitive/health").json()["status"] == "down"
    hub.publish_status(STATUS)
    assert http.get("/api/cognitive/health").json()["status"] == "ok"
    hub.publish_status(STATUS.model_copy(update={"connected": False}))
    health = http.get("/api/cognitive/health").json()
    assert health["status"] == "degraded"
    assert health["reasons"] == ["the bot is not connected to its world"]
    hub.unbind()
    assert http.get("/api/cognitive/health").json()["status"] == "down"


@pytest.mark.requirement("SRV-01")
def test_a_suggestion_is_answered_by_the_agent_on_its_own_loop(http: httpx.Client, agent: object) -> None:
    reply = http.post("/api/cognitive/signals", json={"text": "get 1 stone_pickaxe", "source": "test"})
    assert reply.status_code == 200
    assert reply.json() == {"accepted": True, "reason": "heard 'get 1 stone_pickaxe'", "id": "int_1"}
    [(command, thread)] = agent.heard
    assert command == Suggestion(text="get 1 stone_pickaxe", source="test")
    assert thread is agent.thread


def test_a_refusal_by_the_agent_is_an_answer_with_its_reason(http: httpx.Client, agent: object) -> None:
    reply = http.post("/api/cognitive/signals", json={"text": "fly to the moon"}).json()
    assert reply["accepted"] is False
    assert "fly to the moon" in reply["reason"]


def test_execute_takes_a_goal_or_steps_and_nothing_else(http: httpx.Client, agent: object) -> None:
    assert http.post("/api/cognitive/execute", json={"goal": "come"}).json()["reason"] == "pursuing come"
    steps = [{"optionId": "opt.torch@1.0.0", "args": {"n": 1}}, {"type": "wait"}]
    assert (
        http.post("/api/cognitive/execute", json={"steps": steps}).json()["reason"] == "2 steps, first opt.torch@1.0.0"
    )
    assert isinstance(agent.heard[-1][0], ExecuteSteps)
    for wrong in ({}, {"goal": "come", "steps": steps}, {"steps": []}, {"goal": ""}, {"goals": "come"}):
        refused(http.post("/api/cognitive/execute", json=wrong), 422, "request.invalid")


def test_the_view_can_ask_for_another_size(http: httpx.Client, agent: object) -> None:
    assert http.post("/api/viewer/control", json={"radius": 16}).json()["accepted"] is True
    refused(http.post("/api/viewer/control", json={"radius": 5000}), 422, "request.invalid")


@pytest.mark.requirement("SRV-01")
def test_every_refusal_has_the_one_form(http: httpx.Client, agent: object) -> None:
    assert "/api/nothing" in refused(http.get("/api/nothing"), 404, "request.notFound")
    refused(http.get("/no/such/file.js"), 404, "request.notFound")
    refused(http.get("/vendor/three/missing.js"), 404, "request.notFound")
    refused(http.get("/api/cognitive/signals"), 404, "request.notFound")
    refused(http.post("/api/bot/status"), 405, "request.method")
    assert "text" in refused(http.post("/api/cognitive/signals", json={"txt": "x"}), 422, "request.invalid")
    refused(
        http.post("/api/cognitive/signals", content=b"{", headers={"content-type": "application/json"}),
        422,
        "request.invalid",
    )
    refused(
        http.post("/api/cognitive/signals", content=b"\x80", headers={"content-type": "application/json"}),
        422,
        "request.invalid",
    )
    refused(http.get("/api/events?after=-1"), 422, "request.invalid")
    refused(http.post("/api/cognitive/signals", json={"text": "break"}), 422, "request.impossible")


def test_a_bug_in_the_agent_is_told_without_its_inside(http: httpx.Client, agent: object) -> None:
    response = http.post("/api/cognitive/signals", json={"text": "bug"})
    refused(response, 500, "internal")
    assert "secret" not in response.text


def test_without_an_agent_a_command_is_refused_at_once(http: httpx.Client) -> None:
    refused(http.post("/api/cognitive/signals", json={"text": "come"}), 503, "agent.unavailable")


def test_a_body_that_is_too_large_is_refused_announced_or_not(http: httpx.Client, agent: object) -> None:
    refused(http.post("/api/cognitive/signals", json={"text": "x" * (2 << 20)}), 413, "request.tooLarge")

    def chunks() -> object:
        for _ in range(40):
            yield b"x" * (1 << 16)

    chunked = http.post("/api/cognitive/signals", content=chunks(), headers={"content-type": "application/json"})
    refused(chunked, 413, "request.tooLarge")


def test_events_are_told_in_order_and_from_a_number_on(http: httpx.Client, hub: Hub) -> None:
    for seq in range(1, 8):
        hub.publish_event(seq, Event(type=EventType.SIGNAL, at=float(seq), data={"n": seq}))
    page = http.get("/api/events?after=3&limit=2").json()
    assert [e["seq"] for e in page["events"]] == [4, 5]
    assert page["events"][0]["event"]["data"] == {"n": 4}
    assert page["latest"] == 7
    assert page["missed"] is False


def test_events_that_are_gone_are_said_to_be_missed() -> None:
    hub = Hub(history=3)
    for seq in range(1, 8):
        hub.publish_event(seq, Event(type=EventType.SIGNAL, at=0.0))
    assert hub.events_after(0, 100).missed is True
    assert [seq for seq, _ in hub.events_after(0, 100).events] == [5, 6, 7]
    assert hub.events_after(4, 100).missed is False


def test_numbers_that_are_none_become_null(http: httpx.Client, hub: Hub) -> None:
    hub.publish_event(1, Event(type=EventType.SIGNAL, at=0.0, data={"cost": float("inf")}))
    assert json.loads(http.get("/api/events").text)["events"][0]["event"]["data"] == {"cost": None}


def test_the_surroundings_carry_the_blocks_and_the_changes_since(http: httpx.Client, hub: Hub) -> None:
    refused(http.get("/api/viewer/surroundings"), 503, "agent.unavailable")
    tables = Tables.builtin()
    blocks = np.zeros((3, 2, 4), np.uint16)
    blocks[:, 0, :] = tables.state_of("stone")
    blocks[2, 1, 3] = UNKNOWN
    hub.publish_surroundings(VoxelRegion((10, 60, -5), blocks), tables)
    hub.publish_block_change((11, 60, -4), tables.state_of("oak_stairs"))
    hub.publish_block_change((99, 60, -4), tables.state_of("oak_stairs"))
    response = http.get("/api/viewer/surroundings")
    assert response.headers["content-encoding"] == "deflate"
    plain = http.get("/api/viewer/surroundings", headers={"accept-encoding": "identity"})
    assert plain.content == response.content
    (length,) = struct.unpack_from("<I", response.content)
    header = json.loads(response.content[4 : 4 + length])
    cells = np.frombuffer(response.content, "<u2", offset=4 + length).reshape(header["size"])
    assert header["origin"] == [10, 60, -5]
    assert header["size"] == [3, 2, 4]
    assert header["seq"] == 1
    names = [entry["name"] for entry in header["palette"]]
    assert names[cells[0, 0, 0]] == "stone"
    assert names[cells[0, 1, 0]] == "air"
    assert cells[2, 1, 3] == UNKNOWN
    stairs = header["palette"][cells[1, 0, 1]]
    assert stairs["name"] == "oak_stairs"
    assert len(stairs["boxes"]) > 1
    assert blocks[1, 0, 1] == tables.state_of("stone"), "the published region stays as it was"


def test_the_surroundings_carry_the_worlds_own_light_where_it_has_one(http: httpx.Client, hub: Hub) -> None:
    tables = Tables.builtin()
    blocks = np.zeros((2, 2, 2), np.uint16)
    sky, lamp = np.full((2, 2, 2), 15, np.uint8), np.zeros((2, 2, 2), np.uint8)
    sky[1, 0, 1], lamp[1, 0, 1] = 4, 11
    hub.publish_surroundings(VoxelRegion((0, 60, 0), blocks, lamp, sky), tables)
    content = http.get("/api/viewer/surroundings").content
    (length,) = struct.unpack_from("<I", content)
    assert json.loads(content[4 : 4 + length])["light"] is True
    light = np.frombuffer(content, np.uint8, offset=4 + length + blocks.size * 2).reshape(blocks.shape)
    assert light[1, 0, 1] == 4 << 4 | 11
    assert light[0, 0, 0] == 15 << 4


@pytest.mark.requirement("LEAF-16")
def test_an_action_is_handed_on_as_it_was_written(http: httpx.Client, agent: object) -> None:
    body = {"type": "craft", "parameters": {"item": "stick", "quantity": 4}}
    assert http.post("/action", json=body).json()["accepted"] is True
    assert agent.heard[-1][0] == Act(type="craft", parameters={"item": "stick", "quantity": 4})
    assert http.post("/action", json={"parameters": {}}).status_code == 422


def test_the_openapi_document_names_every_path_and_the_one_error(http: httpx.Client) -> None:
    document = http.get("/openapi.json").json()
    assert set(document["paths"]) == {
        "/api/bot/status", "/api/cognitive/health", "/api/cognitive/signals", "/api/cognitive/execute", "/api/events",
        "/api/viewer/control", "/api/viewer/surroundings", "/action", "/world-scan", "/solve-navigation",
    }  # fmt: skip
    for path in document["paths"].values():
        for operation in path.values():
            assert operation["responses"]["422"]["content"]["application/json"]["schema"]["$ref"].endswith("/ErrorBody")


def test_the_page_and_its_modules_are_served(http: httpx.Client) -> None:
    page = http.get("/")
    assert "text/html" in page.headers["content-type"]
    assert "Conscious Bot" in page.text
    assert page.headers["x-content-type-options"] == "nosniff"
    module = http.get("/js/main.js")
    assert "javascript" in module.headers["content-type"]
    assert module.headers["cache-control"] == "no-cache"
    assert http.get("/js/%2e%2e/%2e%2e/package.json").status_code == 404
    assert http.get("/vendor/preact/%2e%2e/%2e%2e/package.json").status_code == 404


def test_a_command_that_is_not_answered_in_time_is_withdrawn(hub: Hub, agent: object) -> None:
    import asyncio

    from conscious_bot.service.errors import ApiError

    async def impatient() -> None:
        with pytest.raises(ApiError) as refusal:
            await hub.command(Suggestion(text="wait for ever"), 0.2)
        assert refusal.value.detail.code == "agent.timeout"

    asyncio.run(impatient())
    assert agent.withdrawn.wait(5)


def test_a_command_to_an_agent_whose_loop_has_ended_is_refused(hub: Hub) -> None:
    import asyncio

    from conscious_bot.service.errors import ApiError

    closed = asyncio.new_event_loop()
    closed.close()

    async def never(_: object) -> object:
        raise AssertionError

    hub.bind(closed, never)

    async def ask() -> None:
        with pytest.raises(ApiError) as refusal:
            await hub.command(Suggestion(text="come"), 1.0)
        assert refusal.value.status == 503

    asyncio.run(ask())


def test_the_service_runs_in_a_thread_of_its_own_and_leaves_none_behind(hub: Hub, server: Server) -> None:
    assert any(t.name == "conscious-bot-service" for t in threading.enumerate())
    server.stop()
    assert not any(t.name == "conscious-bot-service" for t in threading.enumerate())
    server.stop()
