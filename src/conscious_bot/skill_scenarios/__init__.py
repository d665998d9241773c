"""Scenarios about skills themselves: proposed, registered, shadowed, promoted, used, taken back."""

from __future__ import annotations

from conscious_bot.skill_scenarios import degrading, lit_mine, new_leaf
from conscious_bot.skill_scenarios.outcome import SkillScenario

__all__ = ["SKILL_SCENARIOS", "find"]

SKILL_SCENARIOS = (
    SkillScenario(
        "S11", "SCN-11", "Five dark nights in a mine, a proposal, its promotion, five with it", lit_mine.play
    ),
    SkillScenario("S12", "SCN-12", "A proposed leaf waits for a human's signature and is used then", new_leaf.play),
    SkillScenario("S13", "SCN-13", "A skill whose world changes goes back to shadow and is retired", degrading.play),
)
"""All of them, by id."""


def find(name: str) -> SkillScenario | None:
    """A scenario by its id or its requirement's (S11, SCN-11); None if there is none."""
    return next((one for one in SKILL_SCENARIOS if name.upper() in (one.id, one.requirement)), None)
