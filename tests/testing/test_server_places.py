"""What the leaf kit needs of a server: an operator who hears each answer, and a connection that can be lost."""

from __future__ import annotations

import asyncio

import pytest

from conscious_bot.body.mineflayer import Address, MineflayerOperator
from conscious_bot.contracts import UserError
from conscious_bot.testing.server_places import Relay

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.server
@pytest.mark.requirement("WORLD-04")
async def test_an_operator_hears_each_refusal_with_the_command_it_is_for(body) -> None:
    operator = MineflayerOperator(body, answer_seconds=0.05, echo=True)
    with pytest.raises(UserError, match="gamerule nonsense"):
        await operator.command("gamerule nonsense 1")
    await operator.command("time set 1000")


@pytest.mark.requirement("LEAF-05")
async def test_a_relay_carries_both_ways_until_it_is_cut() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(line.upper())
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    relay = Relay(Address("127.0.0.1", server.sockets[0].getsockname()[1]))
    there = await relay.open()
    reader, writer = await asyncio.open_connection(there.host, there.port)
    writer.write(b"hello\n")
    assert await asyncio.wait_for(reader.readline(), 10) == b"HELLO\n"
    await relay.cut()
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await asyncio.wait_for(reader.readexactly(1), 10)
    writer.close()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(there.host, there.port)
    server.close()
