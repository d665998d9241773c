"""The grid on the wire: contract version 1, and what is refused."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conscious_bot.world.grid import SOLID, CellError, GridError, OccupancyGrid

pytestmark = pytest.mark.requirement("STER-01")


def _wire(**changes: Any) -> dict[str, Any]:
    raw: dict[str, Any] = {
        "contractVersion": 1,
        "origin": {"x": -20, "y": 60, "z": 290},
        "size": {"dx": 2, "dy": 3, "dz": 4},
        "blocks": base64.b64encode(bytes(i % 6 for i in range(24))).decode(),
    }
    return raw | changes


def test_cells_lie_in_x_y_z_order() -> None:
    grid = OccupancyGrid.from_wire(_wire())
    for lx in range(2):
        for ly in range(3):
            for lz in range(4):
                assert grid.class_at((lx - 20, ly + 60, lz + 290)) == (((lx * 3) + ly) * 4 + lz) % 6
    assert grid.wire() == _wire()


@given(
    size=st.tuples(*[st.integers(1, 5)] * 3),
    origin=st.tuples(*[st.integers(-30_000_000, 30_000_000)] * 3),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_grid_survives_the_wire(size: tuple[int, int, int], origin: tuple[int, int, int], seed: int) -> None:
    grid = OccupancyGrid(origin, np.random.default_rng(seed).integers(0, 6, size, dtype=np.uint8))
    back = OccupancyGrid.from_wire(grid.wire())
    assert back.origin == origin
    assert np.array_equal(back.blocks, grid.blocks)


def test_the_version_may_be_left_out_as_in_the_documents() -> None:
    raw = _wire()
    del raw["contractVersion"]
    assert OccupancyGrid.from_wire(raw).wire() == _wire()


def test_outside_of_the_grid_everything_is_solid_and_nothing_a_floor() -> None:
    grid = OccupancyGrid.from_wire(_wire())
    assert grid.class_at((0, 0, 0)) == SOLID
    assert not grid.floor_at((0, 0, 0))


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (_wire(size={"dx": 2, "dy": 3, "dz": 5}), "24 bytes"),
        (_wire(size={"dx": 2, "dy": 3, "dz": 3}), "18"),
        (_wire(size={"dx": 0, "dy": 3, "dz": 4}), "dx"),
        (_wire(size={"dx": 2, "dy": 3}), "size"),
        (_wire(size={"dx": True, "dy": 3, "dz": 4}), "dx"),
        (_wire(size={"dx": 10**6, "dy": 10**6, "dz": 10**6}), "cells"),
        (_wire(size=None), "size"),
        (_wire(contractVersion=2), "contractVersion: 2"),
        (_wire(contractVersion=True), "contractVersion"),
        (_wire(colour="red"), "unknown keys colour"),
        (_wire(blocks="not base64!"), "base64"),
        (_wire(blocks="A" * 10**6), "longer"),
        (_wire(blocks=7), "base64"),
        (_wire(blocks=base64.b64encode(bytes([6] * 24)).decode()), "class 6"),
        ({"origin": {"x": 0, "y": 0, "z": 0}}, "size, blocks missing"),
        (None, "object"),
    ],
)
def test_a_malformed_grid_is_refused_with_the_name_of_what_is_wrong(raw: Any, says: str) -> None:
    with pytest.raises(GridError, match=says):
        OccupancyGrid.from_wire(raw)


def test_a_malformed_origin_is_refused() -> None:
    with pytest.raises(CellError, match=r"occupancyGrid\.origin"):
        OccupancyGrid.from_wire(_wire(origin={"x": 0, "y": "low", "z": 0}))


def test_arrays_must_fit_together() -> None:
    blocks = np.zeros((2, 2, 2), np.uint8)
    with pytest.raises(GridError, match="standable"):
        OccupancyGrid((0, 0, 0), blocks, np.zeros((2, 2, 3), np.bool_))
    with pytest.raises(GridError, match="uint8"):
        OccupancyGrid((0, 0, 0), blocks.astype(np.int64))  # pyright: ignore[reportArgumentType]
    with pytest.raises(GridError, match="3 dimensions"):
        OccupancyGrid((0, 0, 0), np.zeros((2, 2), np.uint8))
