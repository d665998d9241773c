"""gap_1 to gap_3: a jump over so many missing blocks, level to level.

A jump lasts 12 ticks in the air (Minecraft Wiki, "Jumping"); the two longer ones are run-ups at a sprint, for
which a walk's time of half a block and of one block is added. Clearance: three cells high free from take-off
to landing, a floor at both ends and none between (there one walks).
"""

from __future__ import annotations

from conscious_bot.sterling.flags import FLOOR, FREE
from conscious_bot.sterling.moves.base import Move, Need
from conscious_bot.sterling.units import WALK_SECONDS, units_of_seconds

__all__ = ["GAPS"]

_AIRBORNE = 12 / 20


def _gap(width: int) -> Move:
    run_up = WALK_SECONDS * (width - 1) / 2
    return Move(
        name=f"gap_{width}",
        cost=units_of_seconds(_AIRBORNE + run_up),
        to=(width + 1, 0, 0),
        needs=(
            Need(width + 1, -1, all_of=FLOOR),
            Need(0, -1, all_of=FLOOR),
            *(Need(ahead, -1, none_of=FLOOR) for ahead in range(1, width + 1)),
            *(Need(ahead, up, all_of=FREE) for ahead in range(1, width + 2) for up in (0, 1, 2)),
            Need(0, 2, all_of=FREE),
        ),
    )


GAPS: tuple[Move, ...] = (_gap(1), _gap(2), _gap(3))
