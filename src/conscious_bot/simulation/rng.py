"""The world's dice: SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).

The whole state is one 64-bit word, so it is saved, hashed and forked with the world.
"""

from __future__ import annotations

import hashlib

__all__ = ["Rng"]

_MASK = (1 << 64) - 1


class Rng:
    """A seeded source of random numbers whose state is one integer."""

    def __init__(self, state: int) -> None:
        self.state = state & _MASK

    @classmethod
    def seeded(cls, seed: int, purpose: str) -> Rng:
        """Independent dice for a purpose, from the world's seed."""
        digest = hashlib.sha256(f"{purpose}/{seed}".encode()).digest()
        return cls(int.from_bytes(digest[:8], "little"))

    def bits(self) -> int:
        """64 random bits."""
        self.state = (self.state + 0x9E3779B97F4A7C15) & _MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        return z ^ (z >> 31)

    def random(self) -> float:
        """A number from 0 up to, not including, 1."""
        return (self.bits() >> 11) * 2.0**-53

    def between(self, low: float, high: float) -> float:
        """A number from `low` up to, not including, `high`."""
        return low + (high - low) * self.random()

    def integer(self, low: int, high: int) -> int:
        """An integer from `low` to `high`, both included."""
        return low + (self.bits() * (high - low + 1) >> 64)
