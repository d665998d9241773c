"""The whole API of a living bot against its own description, in every role and without one."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
from tests.service.schemas import examine
from tests.service.test_schemas import OPTION, OWNER

from conscious_bot.registry.desk import open_desk
from conscious_bot.registry.principals import Role

EXAMPLES = 25
_ID = f"{OPTION['id']}@{OPTION['version']}"
_PATIENCE_S = 300.0


def main() -> bool:
    """No server error, no answer that is not described; who has no right to a call is told so."""
    good = True
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
            for who, token in ((None, None), *tokens.items()):
                found = examine(
                    url,
                    data / "schemas",
                    capability=_ID,
                    leaf="hum@1.0.0",
                    token=token,
                    examples=EXAMPLES,
                    seconds=3600,
                )
                print(f"{who or 'no token, on this machine'}: {found.cases} cases, {found.operations} operations")
                if not found.ok:
                    print(found.text)
                good = good and found.ok and found.operations > 0
                if bot.poll() is not None:
                    print(f"the bot ended with status {bot.returncode}")
                    return False
            health = httpx.get(f"{url}/api/cognitive/health", timeout=30).json()
            print(f"the bot afterwards: {health['status']} {health['reasons']}")
        finally:
            bot.terminate()
            bot.wait(60)
    return good


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
