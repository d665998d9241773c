"""The whole API of a living bot against its own description, in every role and without one."""

from __future__ import annotations

import argparse
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
from tests.service.schemas import Examination, examine
from tests.service.test_schemas import OPTION, OWNER

from conscious_bot.registry.desk import open_desk
from conscious_bot.registry.principals import Role
from tools.prove._pieces import add_pace, pace_of, pieces

EXAMPLES = 25
_ID = f"{OPTION['id']}@{OPTION['version']}"
_PATIENCE_S = 300.0
_CALLERS = (None, *Role)


def main(words: Sequence[str] = ()) -> bool:
    """No server error, no answer that is not described; who has no right to a call is told so."""
    parser = argparse.ArgumentParser(prog="api", description=__doc__)
    add_pace(parser)
    good = True
    for number, called in pieces("api", range(len(_CALLERS)), _called, pace_of(parser.parse_args(list(words)))):
        found, who = called.found, _CALLERS[number] or "no token, on this machine"
        print(f"{who}: {found.cases} cases, {found.operations} operations; {called.afterwards}", flush=True)
        if not found.ok:
            print(found.text)
        good = good and found.ok and found.operations > 0 and called.alive
    return good


@dataclass(frozen=True, slots=True)
class _Called:
    """What came of one caller's calls, and how the bot was afterwards."""

    found: Examination
    alive: bool
    afterwards: str


def _called(number: int) -> _Called:
    """Everything the document describes, called by one caller, of a bot of its own."""
    caller = _CALLERS[number]
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        tokens = {role: f"{role}-token-of-this-proof" for role in Role}
        lines = [f'[{role}]\nrole = "{role}"\ntoken = "{token}"\n' for role, token in tokens.items()]
        (data / "tokens.toml").write_text("\n".join(lines), "utf-8")
        with open_desk(data) as desk:
            desk.pipeline.register(OPTION, OWNER)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [sys.executable, "-m", "conscious_bot.cli", "run", "--port", str(port), "--data", folder]
        bot = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        url = f"http://127.0.0.1:{port}"
        try:
            _wait(url)
            found = examine(
                url,
                data / "schemas",
                capability=_ID,
                leaf="hum@1.0.0",
                token=None if caller is None else tokens[caller],
                examples=EXAMPLES,
                seconds=3600,
            )
            if bot.poll() is not None:
                return _Called(found, alive=False, afterwards=f"the bot ended with status {bot.returncode}")
            health = httpx.get(f"{url}/api/cognitive/health", timeout=30).json()
            return _Called(found, alive=True, afterwards=f"the bot afterwards: {health['status']} {health['reasons']}")
        finally:
            bot.terminate()
            bot.wait(60)


def _wait(url: str) -> None:
    end = time.monotonic() + _PATIENCE_S
    while True:
        try:
            if httpx.get(f"{url}/api/bot/status", timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            pass  # the bot is still starting
        if time.monotonic() > end:
            raise TimeoutError(f"the bot did not come up within {_PATIENCE_S:g} s")
        time.sleep(0.5)


if __name__ == "__main__":
    sys.exit(0 if main(sys.argv[1:]) else 1)
