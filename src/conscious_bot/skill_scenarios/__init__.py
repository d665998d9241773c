"""Scenarios about skills themselves: proposed, registered, shadowed, promoted, used, taken back."""

from __future__ import annotations

from conscious_bot.skill_scenarios import degrading, lit_mine
from conscious_bot.skill_scenarios.outcome import SkillScenario

__all__ = ["SKILL_SCENARIOS", "find"]

SKILL_SCENARIOS = (
    SkillScenario("S11", "SCN-11", "A dark mine: a proposal becomes a skill by evidence, and the nights get better", lit_mine.play),
    SkillScenario("S13", "SCN-13", "A skill whose world changes goes back to shadow and is retired", degrading.play),
)


def find(name: str) -> SkillScenario:
    """A scenario by its id or its requirement's. KeyError if there is none."""
    return next(one for one in SKILL_SCENARIOS if name in (one.id, one.requirement))
