"""What holds a torch, by the game's own pages, in versions with and without block states."""

from __future__ import annotations

import pytest

from conscious_bot.game.support import holds_torch
from conscious_bot.game.tables import Tables


@pytest.mark.parametrize(
    ("block", "on_top", "aside"),
    [
        ("stone", True, True),
        ("glass", True, True),
        ("oak_fence", True, False),
        ("cobblestone_wall", True, False),
        ("oak_slab[type=top]", True, False),
        ("oak_slab[type=bottom]", False, False),
        ("oak_stairs[half=bottom]", False, False),
        ("chest", False, False),
        ("farmland", False, False),
        ("oak_leaves", False, False),
        ("torch", False, False),
        ("air", False, False),
    ],
)
def test_a_torch_stands_on_firm_middles_and_hangs_on_whole_cubes(block: str, on_top: bool, aside: bool) -> None:
    tables = Tables.builtin()
    name, _, rest = block.rstrip("]").partition("[")
    state = tables.state_of(name, **dict([rest.split("=")] if rest else []))
    assert (holds_torch(tables, state, on_top=True), holds_torch(tables, state, on_top=False)) == (on_top, aside)
