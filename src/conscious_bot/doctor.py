"""What this machine has and lacks for running the bot."""

from __future__ import annotations

import re
import shutil
import socket
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

from conscious_bot.body.install import driver_directory, is_installed, node_binary
from conscious_bot.contracts import UserError
from conscious_bot.service.app import find_dashboard

__all__ = ["Finding", "examine"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: whether it is there, what was found, what would mend it."""

    verdict: Literal["ok", "optional", "missing"]
    what: str
    found: str
    remedy: str = ""


def examine() -> list[Finding]:
    """Look at everything the bot needs. Starts nothing and installs nothing."""
    return [_python(), *_packages(), _dashboard(), _node(), _driver(), _port(), _browser()]


def _python() -> Finding:
    version = ".".join(str(part) for part in sys.version_info[:3])
    return Finding("ok", "Python", version)  # an older one could not have imported this


def _packages() -> list[Finding]:
    wanted = [line for line in metadata.requires("conscious-bot") or () if "extra ==" not in line]
    names = [re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in wanted]
    absent = [name for name in names if not _installed(name)]
    if absent:
        return [Finding("missing", "Python packages", f"without {', '.join(absent)}", "make setup")]
    return [Finding("ok", "Python packages", "complete")]


def _installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def _dashboard() -> Finding:
    home = find_dashboard()
    if (home / "node_modules" / "three").is_dir():
        return Finding("ok", "dashboard", "installed")
    return Finding("missing", "dashboard", "its packages are not installed", "make setup")


def _node() -> Finding:
    try:
        return Finding("ok", "Node.js for real servers", str(node_binary().name))
    except UserError as error:
        return Finding("missing", "Node.js for real servers", error.problem, error.remedy)


def _driver() -> Finding:
    if is_installed(driver_directory()):
        return Finding("ok", "Minecraft driver", "installed")
    return Finding("optional", "Minecraft driver", "not installed", "comes with the first --world HOST:PORT")


def _port() -> Finding:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", 8080))
        except OSError:
            return Finding("optional", "port 8080", "in use", "choose another with --port N")
    return Finding("ok", "port 8080", "free")


def _browser() -> Finding:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return Finding("ok", "browser for the tests", Path(path).name)
    return Finding("optional", "browser for the tests", "none", "apt-get install chromium; only tests need it")
