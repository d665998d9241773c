"""Darkness as walking minds it: sky light less what night takes, or block light, below the safe level."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from conscious_bot.simulation.sky import sky_darkening as simulated
from conscious_bot.world.daylight import SAFE_LIGHT, sky_darkening, too_dark
from conscious_bot.world.region import VoxelRegion
from conscious_bot.world.state import BodyState, Inventory


def _state(time_of_day: int) -> BodyState:
    return BodyState(
        position=(0, 64, 0),
        yaw=0,
        pitch=0,
        velocity=(0, 0, 0),
        on_ground=True,
        in_water=False,
        in_lava=False,
        health=20,
        food=20,
        saturation=5,
        air=300,
        alive=True,
        game_mode="survival",
        dimension="overworld",
        selected=0,
        inventory=Inventory(),
        time_of_day=time_of_day,
        age=0,
        raining=False,
        moving=False,
    )


@pytest.mark.parametrize("time", [0, 6000, 12000, 13000, 13670, 18000, 22330, 23500])
def test_night_takes_as_much_from_the_sky_as_in_the_simulated_world(time: int) -> None:
    assert sky_darkening(time) == simulated(time, 0, 0)
    assert sky_darkening(time, raining=True) == simulated(time, 100, 0)


def test_the_open_is_dark_by_night_a_cave_always_and_a_torch_lights_both() -> None:
    blocks = np.zeros((3, 1, 1), np.uint16)
    block = np.array([0, 0, SAFE_LIGHT], np.uint8).reshape(3, 1, 1)
    sky = np.array([15, 0, 0], np.uint8).reshape(3, 1, 1)
    region = VoxelRegion((0, 64, 0), blocks, block, sky)
    day, night = too_dark(region, _state(6000)), too_dark(region, _state(18000))
    assert day is not None
    assert night is not None
    assert day.reshape(-1).tolist() == [False, True, False]
    assert night.reshape(-1).tolist() == [True, True, False]
    assert too_dark(replace(region, sky_light=None), _state(6000)) is None
