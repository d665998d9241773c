"""Dropped items of a kind that lie close together become one stack. A kernel.

Source: Minecraft Wiki, "Item (entity)": items merge with those of the same kind within half a block to the side,
looked for every other tick while moving and every 40 at rest; the larger stack takes the smaller, the later
end of the pickup delay and the lower age count.
"""

from __future__ import annotations

from conscious_bot.simulation.bundles import kernel_njit
from conscious_bot.simulation.state import (
    CK_AGE,
    CK_ITEMS,
    IF_X,
    IF_Y,
    IF_Z,
    II_AGE,
    II_ASLEEP,
    II_COUNT,
    II_DELAY,
    II_ID,
    II_KIND,
    II_LIMIT,
    II_REFUSED,
    II_WEAR,
    Floats,
    Ints,
)

__all__ = ["merge_items"]

_WIDE = 0.75  # an item's box is 0.25 wide and is widened by 0.5 to each side
_HIGH = 0.25


@kernel_njit
def _fit(items_f: Floats, items_i: Ints, i: int, j: int) -> bool:
    """Whether two items may become one."""
    return (
        items_i[j, II_KIND] == items_i[i, II_KIND]
        and items_i[j, II_WEAR] == items_i[i, II_WEAR]
        and items_i[j, II_COUNT] > 0
        and items_i[i, II_COUNT] + items_i[j, II_COUNT] <= items_i[i, II_LIMIT]
        and abs(items_f[j, IF_X] - items_f[i, IF_X]) < _WIDE
        and abs(items_f[j, IF_Z] - items_f[i, IF_Z]) < _WIDE
        and abs(items_f[j, IF_Y] - items_f[i, IF_Y]) < _HIGH
    )


@kernel_njit
def merge_items(items_f: Floats, items_i: Ints, clock: Ints) -> None:
    """Merge what is due in this tick; rows keep their order."""
    n = clock[CK_ITEMS]
    merged = False
    for i in range(n):
        every = 40 if items_i[i, II_ASLEEP] else 2
        if (clock[CK_AGE] + items_i[i, II_ID]) % every or not 0 < items_i[i, II_COUNT] < items_i[i, II_LIMIT]:
            continue
        for j in range(n):
            if j == i or not _fit(items_f, items_i, i, j):
                continue
            into, gone = (i, j) if items_i[j, II_COUNT] < items_i[i, II_COUNT] else (j, i)
            items_i[into, II_COUNT] += items_i[gone, II_COUNT]
            items_i[into, II_DELAY] = max(items_i[into, II_DELAY], items_i[gone, II_DELAY])
            items_i[into, II_AGE] = min(items_i[into, II_AGE], items_i[gone, II_AGE])
            items_i[into, II_REFUSED] = 0
            items_i[gone, II_COUNT] = 0
            merged = True
            if gone == i:
                break
    if not merged:
        return
    kept = 0
    for i in range(n):
        if items_i[i, II_COUNT] == 0:
            continue
        if kept != i:
            for column in range(items_f.shape[1]):
                items_f[kept, column] = items_f[i, column]
            for column in range(items_i.shape[1]):
                items_i[kept, column] = items_i[i, column]
        kept += 1
    clock[CK_ITEMS] = kept
