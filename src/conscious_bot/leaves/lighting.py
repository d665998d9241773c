"""What leaves and sensors ask about light: cells, the cells of a run, and where it is light enough to be safe."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from conscious_bot.body.port import Senses
from conscious_bot.contracts import ActionFailed, BlockPos, ExecErrorCode
from conscious_bot.leaves.run_state import RunState
from conscious_bot.world.light import present_light
from conscious_bot.world.region import UNKNOWN, Box

__all__ = ["SAFE_LIGHT", "corridor_light", "light_at"]

SAFE_LIGHT = 8
"""A cell at least this light is safe (the documents' `lightlevel>=8`)."""


async def light_at(senses: Senses, cells: Iterable[BlockPos]) -> dict[BlockPos, int]:
    """The present light of cells, those that are not loaded left out. Fails with sense.apiError without light."""
    state = await senses.observe()
    groups: defaultdict[BlockPos, list[BlockPos]] = defaultdict(list)
    for cell in cells:
        groups[cell[0] >> 4, cell[1] >> 4, cell[2] >> 4].append(cell)
    found: dict[BlockPos, int] = {}
    for group in groups.values():
        low = (min(c[0] for c in group), min(c[1] for c in group), min(c[2] for c in group))
        high = (max(c[0] for c in group), max(c[1] for c in group), max(c[2] for c in group))
        region = await senses.scan(Box(low, high), light=True)
        light = present_light(region, state)
        if light is None:
            raise ActionFailed(ExecErrorCode.SENSE_API_ERROR, "this world does not tell how light it is")
        for cell in group:
            if region.state(cell) != UNKNOWN:
                found[cell] = int(light[cell[0] - low[0], cell[1] - low[1], cell[2] - low[2]])
    return found


async def corridor_light(senses: Senses, run: RunState) -> int:
    """The lowest present light over the cells the body stood in since the run began, its own cell included.

    What is no longer loaded is left out. Fails with sense.apiError if nothing of it is, or without light.
    """
    here = (await senses.observe()).block
    found = await light_at(senses, {**run.cells, here: None})
    if not found:
        raise ActionFailed(ExecErrorCode.SENSE_API_ERROR, "no cell of the run's way is loaded")
    return min(found.values())
