"""The survival world on virtual time: terrain, rules, creatures, its body, saves and forks."""

from pathlib import Path

from conscious_bot._compiled import discard_stale

discard_stale(Path(__file__).parent)
