"""Settings of a run, read from the command line and checked once, here."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Literal

from conscious_bot.body.mineflayer import Address
from conscious_bot.contracts import UserError, Wire
from conscious_bot.registry.principals import Principal, Role

__all__ = ["Difficulty", "RunSettings", "parse_duration", "parse_speed", "parse_world", "read_tokens"]

Difficulty = Literal["peaceful", "easy", "normal", "hard"]

DEFAULT_PORT = 25565
"""Minecraft's own port."""


class RunSettings(Wire):
    """Everything `conscious-bot run` can be told. `server` None means the built-in world."""

    server: Address | None = None
    username: str = "Sterling"
    auth: Literal["offline", "microsoft"] = "offline"
    mc_version: str | None = None
    seed: int = 1
    difficulty: Difficulty = "peaceful"
    """Of a new built-in world."""
    goal: str | None = None
    speed: float | None = 1.0
    """Game seconds per wall second in the built-in world; None is as fast as it goes."""
    duration_s: float | None = None
    data: Path = Path(".conscious-bot")
    port: int = 8080
    dashboard: bool = True
    live_share: float = 0.0
    """The share of an option's live runs that a candidate in shadow may have: at most every other one, 0.5."""
    record: Path | None = None
    """Where to write everything that passes between leaves and body; a new file."""

    @property
    def home(self) -> Path:
        """The folder of this world's journal, inside the data directory."""
        name = f"sim-{self.seed}" if self.server is None else re.sub(r"[^A-Za-z0-9.-]", "_", str(self.server))
        return self.data / name


def read_tokens(path: Path) -> dict[str, Principal]:
    """The tokens of `tokens.toml` in the data directory, each with whose it is; none if there is no such file.

    The file has a table for each name with `role` (signer, operator, proposer, viewer) and `token`.
    Raises UserError naming what is wrong with it.
    """
    if not path.exists():
        return {}
    try:
        document = tomllib.loads(path.read_text("utf-8"))
        found = {str(part["token"]): Principal(name, Role(part["role"])) for name, part in document.items()}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"cannot read the tokens in {path} ({error})",
            'write a table for each name: [sam] role = "signer" token = "..."',
        ) from error
    if any(len(token) < 16 for token in found):
        raise UserError(f"a token in {path} is shorter than 16 characters", "use a long random text")
    return found


def parse_world(text: str) -> Address | None:
    """`sim`, or HOST or HOST:PORT. Raises UserError."""
    if text == "sim":
        return None
    host, colon, port = text.rpartition(":")
    if not colon:
        host, port = text, str(DEFAULT_PORT)
    if not re.fullmatch(r"[A-Za-z0-9.\-_\[\]:]+", host) or not port.isdigit() or not 0 < int(port) < 65536:
        raise UserError(f"cannot read the world {text!r}", "say sim, or a server as HOST:PORT, such as localhost:25565")
    return Address(host.strip("[]"), int(port))


def parse_duration(text: str) -> float:
    """`90`, `90s`, `10m`, `2h` as seconds. Raises UserError."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", text.strip())
    if not match or float(match[1]) <= 0:
        raise UserError(f"cannot read the duration {text!r}", "say for example 90s, 10m or 2h")
    return float(match[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[match[2]]


def parse_speed(text: str) -> float | None:
    """`max` (None) or a factor. Raises UserError."""
    if text == "max":
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed <= 10_000:
        raise UserError(f"cannot read the speed {text!r}", "say max, or a factor such as 1, 10 or 0.5")
    return speed
