"""What blocks hold others on (Minecraft Wiki, "Torch" and "Opacity/Placement")."""

from __future__ import annotations

from conscious_bot.game.tables import Tables

__all__ = ["holds_torch"]

_CENTRE = (7 / 16, 9 / 16)


def holds_torch(tables: Tables, state: int, *, on_top: bool) -> bool:
    """Whether a block in this state holds a torch on its top or, else, on any of its sides.

    A torch stands where the middle of the top is level with the cell's, so also on fences and upper slabs, but not
    on chests, farmland and paths; it hangs on the sides of whole cubes. Leaves hold none.
    """
    if tables.name_of(state).endswith("leaves"):
        return False
    offsets, boxes = tables.collision_boxes
    low, high = _CENTRE
    for x0, y0, z0, x1, y1, z1 in boxes[offsets[state] : offsets[state + 1]].tolist():
        if on_top and y1 >= 1 and x0 <= low and x1 >= high and z0 <= low and z1 >= high:
            return True
        if (x0, y0, z0, x1, y1, z1) == (0, 0, 0, 1, 1, 1):
            return True
    return False
