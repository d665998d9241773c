"""Who may call, and where the service may listen."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from conscious_bot.contracts import UserError
from conscious_bot.service import Hub, Server, ServiceSettings
from conscious_bot.service.guard import is_loopback


@pytest.fixture
def guarded(hub: Hub) -> Iterator[Server]:
    server = Server(hub, ServiceSettings(port=0, token="s3cret"))  # noqa: S106 - a token of this test
    server.start()
    yield server
    server.stop()


@pytest.mark.requirement("SRV-06")
def test_with_a_token_changing_calls_need_it_and_reading_does_not(guarded: Server, agent: object) -> None:
    with httpx.Client(base_url=guarded.url) as http:
        wish = {"text": "get 1 stick"}
        for headers in ({}, {"authorization": "Bearer wrong"}, {"authorization": "Basic s3cret"}):
            refusal = http.post("/api/cognitive/signals", json=wish, headers=headers)
            assert refusal.status_code == 401
            assert refusal.json()["error"]["code"] == "auth.required"
        assert agent.heard == []
        assert http.get("/api/cognitive/health").status_code == 200
        good = http.post("/api/cognitive/signals", json=wish, headers={"authorization": "Bearer s3cret"})
        assert good.json()["accepted"] is True


@pytest.mark.requirement("SRV-06")
def test_without_loopback_there_is_no_service_without_a_token() -> None:
    with pytest.raises(UserError, match="without a token"):
        ServiceSettings(host="0.0.0.0")  # noqa: S104 - that is what is refused
    assert ServiceSettings(host="0.0.0.0", token="t").token == "t"  # noqa: S104, S105, S106
    assert is_loopback("127.0.0.1")
    assert is_loopback("::1")
    assert not is_loopback("192.168.1.4")


def test_a_page_from_elsewhere_may_not_drive_the_bot(server: Server, agent: object) -> None:
    with httpx.Client(base_url=server.url) as http:
        wish = {"text": "get 1 stick"}
        crossed = http.post("/api/cognitive/signals", json=wish, headers={"origin": "https://elsewhere.example"})
        assert (crossed.status_code, crossed.json()["error"]["code"]) == (403, "request.origin")
        rebound = http.get("/api/bot/status", headers={"host": f"elsewhere.example:{server.port}"})
        assert (rebound.status_code, rebound.json()["error"]["code"]) == (403, "request.host")
        own = http.post("/api/cognitive/signals", json=wish, headers={"origin": server.url})
        assert own.status_code == 200
    assert len(agent.heard) == 1


def test_a_page_from_elsewhere_may_not_listen_either(server: Server) -> None:
    with pytest.raises(InvalidStatus), connect(f"ws://127.0.0.1:{server.port}/ws", origin="https://elsewhere.example"):
        pass


def test_a_port_in_use_is_one_clear_line_with_a_remedy(hub: Hub) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        server = Server(hub, ServiceSettings(port=port))
        with pytest.raises(UserError) as refusal:
            server.start()
    assert refusal.value.problem == f"port {port} is in use on 127.0.0.1"
    assert "--port" in refusal.value.remedy
    server.start()  # and once the port is free, the same server comes up
    assert httpx.get(f"{server.url}/api/cognitive/health").status_code == 200
    server.stop()


def test_a_port_or_address_that_cannot_be_is_refused_too(hub: Hub) -> None:
    for settings in (ServiceSettings(port=70000), ServiceSettings(host="192.0.2.1", port=0, token="t")):  # noqa: S106
        with pytest.raises(UserError) as refusal:
            Server(hub, settings).start()
        assert refusal.value.remedy
