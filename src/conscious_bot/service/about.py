"""Which Conscious Bot this is."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

__all__ = ["VERSION"]


def _version() -> str:
    try:
        return version("conscious-bot")
    except PackageNotFoundError:  # run from its sources, never installed
        return "unknown"


VERSION = _version()
"""The installed version; `unknown` where the package runs from its sources without being installed."""
