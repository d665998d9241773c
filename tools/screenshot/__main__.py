"""Take the picture of the dashboard: `python -m tools.screenshot --out docs/dashboard.png --seed 8 --after 40`.

The bot is started as anybody starts it, in a new built-in world, and the page is looked at with the
Chromium of this machine. The picture is taken at the first moment after `--after` seconds of the run at
which the bot works on a block under the open sky by day and carries something.

`python -m tools.screenshot --page skills --out docs/registry.png` takes that of the skills' page, over a registry
whose options were really registered, tried in shadow, promoted, taken back and retired before (`evidence.py`).
"""

from __future__ import annotations

import argparse
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.screenshot.evidence import prepare

HERE = Path(__file__).parent
PLAYWRIGHT = HERE.parents[1] / "dashboard" / "node_modules" / "playwright-core"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def main() -> int:
    """Take it; status 1 with a line that says why if it could not be taken."""
    parser = argparse.ArgumentParser(prog="python -m tools.screenshot", description="Take a picture of the dashboard.")
    parser.add_argument("--out", type=Path, default=Path("docs/dashboard.png"), help="where it goes, as PNG")
    parser.add_argument("--page", choices=("bot", "skills"), default="bot", help="which page")
    parser.add_argument("--option", default="opt.torch_corridor@1.0.0", help="skills: the one that is shown")
    parser.add_argument("--seed", type=int, default=8, help="the world and every choice of the bot")
    parser.add_argument("--after", type=float, default=40.0, help="not before so many seconds of the run's clock")
    parser.add_argument("--speed", default="1", help="game seconds per second until then")
    parser.add_argument("--block", default="_log$", help="a pattern for the name of the block that it works on")
    parser.add_argument("--patience", type=float, default=240.0, help="give up after so many seconds of wall time")
    wish = parser.parse_args()
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    node = shutil.which("node", path=str(Path(sys.executable).parent)) or shutil.which("node")
    if browser is None or node is None or not PLAYWRIGHT.is_dir():
        print("a Chromium, node and dashboard/node_modules are needed: run `make setup`", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as data, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        if wish.page == "skills":
            prepare(Path(data))
        command = [sys.executable, "-m", "conscious_bot.cli", "run", "--seed", str(wish.seed), "--speed", wish.speed]
        bot = subprocess.Popen([*command, "--port", str(port), "--data", data], stdout=subprocess.DEVNULL)
        try:
            if wish.page == "skills":
                script, how = "skills.mjs", [wish.option, str(wish.patience)]
            else:
                script, how = "take.mjs", [str(wish.after), str(wish.patience), wish.block]
            look = [node, str(HERE / script), str(PLAYWRIGHT), browser, f"http://127.0.0.1:{port}"]
            taken = subprocess.run([*look, str(wish.out), *how], check=False)
        finally:
            bot.terminate()
            try:
                bot.wait(30)
            except subprocess.TimeoutExpired:  # in the middle of a long compilation
                bot.kill()
    if taken.returncode == 0:
        print(f"{wish.out}: {wish.out.stat().st_size / 1000:.0f} kB")
    return taken.returncode


if __name__ == "__main__":
    sys.exit(main())
