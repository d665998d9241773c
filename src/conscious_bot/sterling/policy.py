"""Hazard policy: what a route pays for danger. Injected, versioned, named by the hash of its content."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import rfc8785

from conscious_bot.sterling.errors import PolicyError
from conscious_bot.sterling.units import MAX_PENALTY, units

__all__ = ["DEFAULT_PENALTIES", "HAZARDS", "HazardPolicy", "ReplanEscalation", "RiskMode"]

RiskMode = Literal["cautious", "normal", "aggressive"]
ReplanEscalation = Literal["expand_scan", "downgrade_primitives", "safe_mode", "fail"]

DEFAULT_PENALTIES: Mapping[str, float] = {
    "lava_adjacent": 100.0,
    "cliff_lethal": 50.0,
    "hostile_zone": 20.0,
    "cactus": 15.0,
    "deep_water": 8.0,
    "dark_area": 5.0,
}
HAZARDS: tuple[str, ...] = tuple(DEFAULT_PENALTIES)
"""Every hazard there is. What each means stands in `hazards.py`."""

_RISK_FACTOR: Mapping[str, float] = {"cautious": 2.0, "normal": 1.0, "aggressive": 0.5}
_KEYS = {"hazardPolicyId", "version", "riskMode", "penalties", "maxReplans", "scanMargin", "replanEscalation"}


@dataclass(frozen=True, slots=True)
class HazardPolicy:
    """Penalties in cost units of a walk, added once for each cell entered that has the hazard.

    The risk mode scales them: cautious 2, normal 1, aggressive 0.5. A hazard left out costs nothing.
    `max_replans`, `scan_margin` (cells beyond the straight line) and `replan_escalation` are for the leaf
    that walks; they are part of the content and so of the id. Raises `PolicyError`.
    """

    version: int = 1
    risk_mode: RiskMode = "normal"
    penalties: Mapping[str, float] = field(default_factory=lambda: dict(DEFAULT_PENALTIES))
    max_replans: int = 3
    scan_margin: int = 5
    replan_escalation: ReplanEscalation = "expand_scan"

    def __post_init__(self) -> None:
        if self.risk_mode not in get_args(RiskMode):
            raise PolicyError(f"hazardPolicy.riskMode: {self.risk_mode!r} is none of {get_args(RiskMode)}")
        if self.replan_escalation not in get_args(ReplanEscalation):
            known = get_args(ReplanEscalation)
            raise PolicyError(f"hazardPolicy.replanEscalation: {self.replan_escalation!r} is none of {known}")
        numbers: list[tuple[str, Any, int]] = [  # Any: they may come from outside
            ("version", self.version, 2**31),
            ("maxReplans", self.max_replans, 100),
            ("scanMargin", self.scan_margin, 256),
        ]
        for name, value, most in numbers:
            if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
                raise PolicyError(f"hazardPolicy.{name}: {value!r} is not a whole number from 0 to {most}")
        for hazard in sorted(self.penalties):
            penalty: Any = self.penalties[hazard]
            if hazard not in HAZARDS:
                raise PolicyError(
                    f"hazardPolicy.penalties: no hazard is called {hazard!r}; known: {', '.join(HAZARDS)}"
                )
            if isinstance(penalty, bool) or not isinstance(penalty, (int, float)) or not math.isfinite(penalty):
                raise PolicyError(f"hazardPolicy.penalties.{hazard}: {penalty!r} is not a number")
            if not 0 <= penalty <= MAX_PENALTY:
                raise PolicyError(f"hazardPolicy.penalties.{hazard}: {penalty!r} is not between 0 and {MAX_PENALTY}")

    @property
    def id(self) -> str:
        """sha256 over the RFC 8785 form of the content, the id itself left out."""
        return "sha256:" + hashlib.sha256(rfc8785.dumps(self.wire(with_id=False))).hexdigest()

    def units(self, hazard: str) -> int:
        """What entering a cell with this hazard adds, in the solver's cost units, risk mode applied."""
        return units(self.penalties.get(hazard, 0.0) * _RISK_FACTOR[self.risk_mode])

    def wire(self, *, with_id: bool = True) -> dict[str, Any]:
        """The documents' form."""
        content: dict[str, Any] = {
            "version": self.version,
            "riskMode": self.risk_mode,
            "penalties": {hazard: float(self.penalties[hazard]) for hazard in sorted(self.penalties)},
            "maxReplans": self.max_replans,
            "scanMargin": self.scan_margin,
            "replanEscalation": self.replan_escalation,
        }
        return {"hazardPolicyId": self.id, **content} if with_id else content

    @classmethod
    def from_wire(cls, raw: Any) -> HazardPolicy:
        """Read the documents' form; what is left out has its default.

        A `hazardPolicyId` that came along is replaced by the content's own, which results report.
        """
        if not isinstance(raw, Mapping):
            raise PolicyError(f"hazardPolicy: expected an object, got {type(raw).__name__}")
        unknown = sorted(set(map(str, raw)) - _KEYS)
        if unknown:
            raise PolicyError(f"hazardPolicy: unknown keys {', '.join(unknown)}")
        penalties = raw.get("penalties", DEFAULT_PENALTIES)
        if not isinstance(penalties, Mapping):
            raise PolicyError(f"hazardPolicy.penalties: expected an object, got {type(penalties).__name__}")
        return cls(
            version=raw.get("version", 1),
            risk_mode=raw.get("riskMode", "normal"),
            penalties=dict(penalties),
            max_replans=raw.get("maxReplans", 3),
            scan_margin=raw.get("scanMargin", 5),
            replan_escalation=raw.get("replanEscalation", "expand_scan"),
        )
