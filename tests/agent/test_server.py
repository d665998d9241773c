"""The same brain on a Minecraft server, and its page."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.protocol_server.harness import ProtocolServer

pytestmark = pytest.mark.server


@contextlib.asynccontextmanager
async def a_server() -> AsyncIterator[ProtocolServer]:
    server = await ProtocolServer.start()
    try:
        yield server
    finally:
        await server.stop()


async def conscious_bot(*args: str) -> asyncio.subprocess.Process:
    command = [sys.executable, "-u", "-m", "conscious_bot.cli", "run", *args]
    return await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )


def get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 (this machine's own page)
        return answer.read()


@pytest.mark.requirement("WORLD-01", "SRV-01", "SRV-03")
async def test_the_brain_walks_on_a_server_by_its_own_plan_and_the_page_shows_that_world(tmp_path: Path):
    async with a_server() as server:
        world = f"127.0.0.1:{server.port}"
        bot = await conscious_bot("--world", world, "--data", str(tmp_path), "--port", "0", "--goal", "go 28 67 9")
        assert bot.stdout is not None
        said: list[str] = []
        seen: dict[str, Any] = {}
        page = ""
        async with asyncio.timeout(120):
            while line := (await bot.stdout.readline()).decode():
                said.append(line)
                if line.startswith("dashboard at "):
                    page = line.split()[-1]
                if "plan: sterling_navigate" in line:
                    while "goal" not in seen:
                        await asyncio.sleep(0.2)
                        seen = json.loads(await asyncio.to_thread(get, f"{page}/api/bot/status"))
                    surroundings = await asyncio.to_thread(get, f"{page}/api/viewer/surroundings")
            status = await bot.wait()
    assert status == 0, "".join(said)
    assert "reached: go 28 67 9\n" in said
    assert seen["world"] == {"kind": "server", "address": world, "version": "1.20.4"}
    assert seen["goal"]["text"] == "go 28 67 9"
    assert seen["connected"]
    assert len(surroundings) > 500


@pytest.mark.requirement("SRV-09")
async def test_a_version_that_no_server_speaks_is_named_with_a_remedy(tmp_path: Path):
    async with a_server() as server:
        bot = await conscious_bot(
            *("--world", f"127.0.0.1:{server.port}", "--mc-version", "1.99.9"),
            "--no-dashboard",
            "--data",
            str(tmp_path),
        )
        said = (await asyncio.wait_for(bot.communicate(), 60))[0].decode()
    assert bot.returncode == 2, said
    assert "Traceback" not in said
    assert "1.99.9" in said
