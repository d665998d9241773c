"""What readers of the WebSocket get, and that slow ones cost the bot nothing."""

from __future__ import annotations

import json
import socket
import time
import tracemalloc
from typing import Any

import numpy as np
import pytest
from websockets.sync.client import ClientConnection, connect

from conscious_bot.contracts import Event, EventType
from conscious_bot.game.tables import Tables
from conscious_bot.service import Hub, NeedView, Server, Status, WorldView
from conscious_bot.world.region import VoxelRegion
from conscious_bot.world.state import EntityView

STATUS = Status(bot="Wren", world=WorldView(kind="sim", seed=7), connected=True)


def read_until(reader: ClientConnection, kind: str) -> list[dict[str, Any]]:
    """All messages up to the first of this kind."""
    messages: list[dict[str, Any]] = []
    while not messages or messages[-1]["type"] != kind:
        messages.append(json.loads(reader.recv(timeout=20)))
    return messages


def wait_for_readers(hub: Hub, count: int) -> None:
    deadline = time.monotonic() + 10
    while hub.readers != count:
        assert time.monotonic() < deadline, f"{hub.readers} readers, not {count}"
        time.sleep(0.01)


@pytest.mark.requirement("SRV-02")
def test_events_travel_under_the_documents_names(hub: Hub, server: Server) -> None:
    cases = [
        (EventType.PLAN_GENERATED, {}, "planGenerated"),
        (EventType.STEP_ENDED, {"ok": True}, "executionComplete"),
        (EventType.GOAL_ENDED, {}, "executionComplete"),
        (EventType.BODY, {"kind": "died"}, "safety_emergency"),
        (EventType.SIGNAL, {"emergency": True}, "safety_emergency"),
        (EventType.BODY, {"kind": "chat"}, "botEvent"),
        (EventType.STEP_STARTED, {}, "botEvent"),
    ]
    with connect(f"ws://127.0.0.1:{server.port}/ws") as reader:
        read_until(reader, "entities")
        for seq, (kind, data, _) in enumerate(cases, 1):
            hub.publish_event(seq, Event(type=kind, at=1.0, data=data))
        for seq, (kind, data, name) in enumerate(cases, 1):
            message = json.loads(reader.recv(timeout=20))
            assert message == {"type": name, "seq": seq, "event": message["event"]}
            assert message["event"]["type"] == kind
            assert message["event"]["data"] == data
    wait_for_readers(hub, 0)


def test_a_status_is_sent_whole_once_and_then_only_what_changed(hub: Hub, server: Server) -> None:
    hub.publish_status(STATUS)
    with connect(f"ws://127.0.0.1:{server.port}/ws") as reader:
        first = read_until(reader, "entities")
        assert [m["type"] for m in first] == ["hello", "statusChanged", "entities"]
        assert first[1]["data"]["bot"] == "Wren"
        hub.publish_status(STATUS.model_copy(update={"clock": 5.0, "needs": (NeedView(name="wood", level=0.5),)}))
        [changed] = read_until(reader, "statusChanged")
        assert set(changed["data"]) == {"clock", "needs"}
        hub.publish_status(STATUS.model_copy(update={"clock": 5.0, "speed": None}))
        [gone] = read_until(reader, "statusChanged")
        assert gone["data"] == {"needs": [], "speed": None}


def test_a_reader_that_comes_back_gets_what_it_missed(hub: Hub, server: Server) -> None:
    for seq in range(1, 6):
        hub.publish_event(seq, Event(type=EventType.SIGNAL, at=0.0))
    with connect(f"ws://127.0.0.1:{server.port}/ws?after=3") as reader:
        seen = [m["seq"] for m in read_until(reader, "entities") if m["type"] == "botEvent"]
    assert seen == [4, 5]


def test_block_changes_come_as_palette_entries_and_creatures_as_they_are(hub: Hub, server: Server) -> None:
    tables = Tables.builtin()
    hub.publish_surroundings(VoxelRegion((0, 0, 0), np.zeros((4, 4, 4), np.uint16)), tables)
    with connect(f"ws://127.0.0.1:{server.port}/ws") as reader:
        [notice] = [m for m in read_until(reader, "entities") if m["type"] == "surroundings"]
        assert notice["version"] == 1
        hub.publish_block_change((1, 2, 3), tables.state_of("torch"))
        [change] = read_until(reader, "blockChanged")
        assert change["changes"] == [{"pos": [1, 2, 3], "block": {"name": "torch", "light": 14}}]
        hub.publish_entities([EntityView(4, "cow", (1.0, 2.0, 3.0))])
        [entities] = read_until(reader, "entities")
        assert entities["data"][0]["kind"] == "cow"


def test_too_many_block_changes_become_one_notice_to_load_anew(hub: Hub) -> None:
    import asyncio

    async def check() -> None:
        hub.publish_surroundings(VoxelRegion((0, 0, 0), np.zeros((20, 20, 20), np.uint16)), Tables.builtin())
        reader = hub.subscribe()
        await reader.next()
        for i in range(6000):
            hub.publish_block_change((i % 20, i // 20 % 20, i // 400), 1)
        batch = await reader.next()
        assert batch.surroundings == 1
        assert batch.changes is None
        reader.close()

    asyncio.run(check())


@pytest.mark.requirement("SRV-02")
def test_a_reader_that_does_not_read_costs_the_bot_nothing_and_is_told_what_it_missed(hub: Hub, server: Server) -> None:
    count = 40_000
    filler = "x" * 500
    # The stalled reader is a bare socket: a WebSocket library would read in the background.
    with socket.create_connection(("127.0.0.1", server.port)) as stalled:
        stalled.sendall(
            f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        wait_for_readers(hub, 1)
        tracemalloc.start()
        slowest = 0.0
        began = time.perf_counter()
        for seq in range(1, count + 1):
            at = time.perf_counter()
            hub.publish_event(seq, Event(type=EventType.SIGNAL, at=0.0, data={"n": seq, "text": filler}))
            slowest = max(slowest, time.perf_counter() - at)
        spent = time.perf_counter() - began
        held, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        # 20 MB went by; what is held is the hub's history and one bounded queue.
        assert held < 20_000_000, f"{held} bytes are held for a reader that does not read"
        assert spent / count < 0.002
        assert slowest < 1.0
        # Someone who reads is not held up by the one who does not.
        with connect(f"ws://127.0.0.1:{server.port}/ws?after={count - 1}") as reader:
            assert any(m.get("seq") == count for m in read_until(reader, "entities"))
        text = _drain(stalled, f'"seq":{count}'.encode())
    assert b'"type":"dropped"' in text
    dropped = sum(int(part.split(b"}")[0]) for part in text.split(b'"type":"dropped","count":')[1:])
    told = text.count(b'"type":"botEvent"')
    assert dropped + told == count
    assert dropped > count // 2


def _drain(stalled: socket.socket, until: bytes) -> bytes:
    stalled.settimeout(20)
    received = bytearray()
    while until not in received[-8192:]:
        received += stalled.recv(1 << 16)
    return bytes(received)


def test_the_service_stops_while_readers_are_connected(hub: Hub, server: Server) -> None:
    with connect(f"ws://127.0.0.1:{server.port}/ws") as reader:
        read_until(reader, "entities")
        began = time.monotonic()
        server.stop()
        assert time.monotonic() - began < 5
    hub.publish_event(1, Event(type=EventType.SIGNAL, at=0.0))
    assert hub.readers == 0
