"""What those who write leaves or bodies of their own test them with."""

from __future__ import annotations

from conscious_bot.testing.leaf_cases import CASES
from conscious_bot.testing.leaf_kit import Bench, Case, Kit, LeafCases, Place, Row, table
from conscious_bot.testing.simulated_places import SimulatedPlaces

__all__ = ["CASES", "Bench", "Case", "Kit", "LeafCases", "Place", "Row", "SimulatedPlaces", "table"]
