"""The solver: one search core, its domains, and what it learns. No input or output, no clock."""

from pathlib import Path

from conscious_bot._compiled import discard_stale

discard_stale(Path(__file__).parent)
