"""The journal: everything that happened, append-only, and what is read from it."""

from conscious_bot.memory.journal import Journal, JournalError, Participant
from conscious_bot.memory.provenance import ActionTrace, StepChain

__all__ = ["ActionTrace", "Journal", "JournalError", "Participant", "StepChain"]
