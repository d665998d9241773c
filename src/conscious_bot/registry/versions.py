"""Which version a name means: exact, caret, tilde, or the latest that is active."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from semver import Version

from conscious_bot.contracts import ConsciousBotError

__all__ = ["SelectorError", "best", "newest_first", "split"]


class SelectorError(ConsciousBotError):
    """A text that selects no version. Seen by whoever asked for a capability."""


def split(selector: str) -> tuple[str, str]:
    """The name and the wish for a version (empty for the latest) in `name`, `name@1.2.3`, `name@^1.2`, `name@~1.2`."""
    name, _, wish = selector.partition("@")
    return name, wish


@lru_cache(maxsize=65536)
def _parsed(version: str) -> Version:
    return Version.parse(version)


def newest_first(versions: Iterable[str]) -> list[str]:
    """Versions in the order of semver precedence, the highest first."""
    return sorted(versions, key=_parsed, reverse=True)


def best(versions: Iterable[str], wish: str) -> str | None:
    """The highest version that the wish lets through, None if none does.

    `^1.2.3` is 1.2.3 or later below 2 (below 0.3 for ^0.2.3), `~1.2.3` is 1.2.3 or later below 1.3, a
    bare version is that one alone, and nothing is the highest of all. A pre-release is never chosen
    unless it is named exactly.
    """
    if wish and wish[0] not in "^~":
        _lowest(wish)
        return wish if wish in set(versions) else None
    released = [one for one in versions if not _parsed(one).prerelease]
    if wish:
        low = _lowest(wish[1:])
        high = _above_caret(low) if wish[0] == "^" else low.bump_minor()
        released = [one for one in released if low <= _parsed(one) < high]
    return max(released, key=_parsed, default=None)


@lru_cache(maxsize=4096)
def _lowest(text: str) -> Version:
    try:
        return Version.parse(text, optional_minor_and_patch=True)
    except (TypeError, ValueError) as error:
        raise SelectorError(f"{text!r} is no version; write 1.2.3, ^1.2 or ~1.2") from error


def _above_caret(low: Version) -> Version:
    if low.major:
        return low.bump_major()
    return low.bump_minor() if low.minor else low.bump_patch()
