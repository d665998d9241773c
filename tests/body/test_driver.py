"""The driver's own tests, and what can be said of a body without a server."""

from __future__ import annotations

import asyncio
import os
import subprocess

import pytest

from conscious_bot.body.driver_process import DriverFailed, DriverProcess, action_failed
from conscious_bot.body.install import driver_directory, node_binary
from conscious_bot.body.mineflayer import Address, MineflayerBody, ServerOptions
from conscious_bot.body.port import BodyEventKind
from conscious_bot.contracts import ActionFailed, ExecErrorCode, UserError


def test_the_drivers_own_tests_pass() -> None:
    ran = subprocess.run(
        [node_binary(), "--test", "--test-reporter=tap", *sorted((driver_directory() / "test").glob("*.test.js"))],
        cwd=driver_directory(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("localhost:25566", "localhost", 25566),
        ("play.example.org", "play.example.org", 25565),
        ("[::1]:25570", "::1", 25570),
        ("[::1]", "::1", 25565),
        ("127.0.0.1:1", "127.0.0.1", 1),
    ],
)
def test_addresses_are_read(text, host, port) -> None:
    assert Address.parse(text) == Address(host, port)


@pytest.mark.parametrize("text", ["", ":25565", "host:", "host:0", "host:65536", "host:port"])
def test_what_is_no_address_is_refused_with_an_example(text) -> None:
    with pytest.raises(UserError) as caught:
        Address.parse(text)
    assert "HOST:PORT" in caught.value.remedy


def test_a_password_is_never_shown() -> None:
    assert "secret" not in repr(ServerOptions(Address("localhost"), password="secret"))  # noqa: S106 - it is the point


def test_hands_are_given_out_once() -> None:
    body = MineflayerBody(ServerOptions(Address("localhost")))
    body.claim_hands()
    with pytest.raises(RuntimeError):
        body.claim_hands()


async def test_a_body_that_is_not_open_is_disconnected() -> None:
    body = MineflayerBody(ServerOptions(Address("localhost")))
    with pytest.raises(ActionFailed) as caught:
        await body.observe()
    assert caught.value.code is ExecErrorCode.BODY_DISCONNECTED
    await body.close()


@pytest.mark.requirement("LEAF-05")
def test_codes_of_the_driver_become_codes_of_actions_and_strangers_are_told_apart() -> None:
    assert action_failed(DriverFailed("dig.outOfReach", "far")).code is ExecErrorCode.DIG_OUT_OF_REACH
    stranger = action_failed(DriverFailed("no.such", "code"))
    assert stranger.code is ExecErrorCode.UNKNOWN
    assert stranger.error.detail == "no.such: code"


def test_every_kind_of_event_the_driver_sends_is_known_to_the_port() -> None:
    sent = {"spawned", "health", "died", "respawned", "inventory", "block", "chat", "kicked", "disconnected",
            "reconnected", "hurt", "slept", "woke", "window_closed", "progress"}  # fmt: skip
    assert sent == {kind.value for kind in BodyEventKind}


async def test_the_driver_answers_refuses_and_ends_with_its_input() -> None:
    driver = DriverProcess(lambda kind, data: None, lambda reason: None)
    hello = await driver.start(node_binary(), driver_directory() / "src" / "main.js")
    try:
        assert hello["mineflayer"] == "4.39.0"
        assert (await driver.request("ping", {"a": [1, "ä"]})).result == {"a": [1, "ä"]}
        for operation, code in [
            ("no such", "step.badArgs"),
            ("observe", "body.disconnected"),
            ("dig", "body.disconnected"),
        ]:
            with pytest.raises(DriverFailed) as caught:
                await driver.request(operation, {"pos": [0, 0, 0]})
            assert caught.value.code == code
        many = await asyncio.gather(*(driver.request("ping", {"n": n}) for n in range(200)))
        assert [answer.result["n"] for answer in many] == list(range(200))
        pid = driver.pid
    finally:
        await driver.close()
    assert pid is not None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises(DriverFailed):
        await driver.request("ping")
