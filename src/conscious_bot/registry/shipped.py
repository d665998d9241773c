"""The options that come with the package. They are documents like any other and go through the same pipeline."""

from __future__ import annotations

from pathlib import Path

__all__ = ["shipped_options"]


def shipped_options() -> dict[str, bytes]:
    """Every shipped option's document as it stands in its file, by the file's name, sorted."""
    package = Path(__file__).parents[1]
    inside = package / "_shipped" / "options"  # when installed; in a checkout they stand beside the package
    home = inside if inside.is_dir() else package.parents[1] / "options"
    return {path.stem: path.read_bytes() for path in sorted(home.glob("*.json"))}
