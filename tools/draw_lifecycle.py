"""Draws the life cycle of a capability from its table into docs/skills.md."""

from __future__ import annotations

import re
from pathlib import Path

from conscious_bot.registry.lifecycle import BIRTH, LIFECYCLE

__all__ = ["drawing", "main"]

_PAGE = Path(__file__).parent.parent / "docs" / "skills.md"
_BLOCK = re.compile(r"```mermaid\nstateDiagram-v2\n.*?```", re.DOTALL)


def drawing() -> str:
    """The diagram, as a Mermaid block."""
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f"    [*] --> {status}: new {kind}" for kind, status in BIRTH.items()]
    lines += [f"    {before} --> {target}: {act}" for (before, act), target in LIFECYCLE.items()]
    sources = {before for before, _ in LIFECYCLE}
    lines += [f"    {status} --> [*]" for status in dict.fromkeys(LIFECYCLE.values()) if status not in sources]
    return "\n".join([*lines, "```"])


def main() -> None:
    """Replace the diagram in the page."""
    text = _PAGE.read_text("utf-8")
    _PAGE.write_text(_BLOCK.sub(lambda _: drawing(), text, count=1), "utf-8")


if __name__ == "__main__":
    main()
