"""Bundles: kernels see a bundle's arrays as Python does, through one pointer."""

import copy
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import numpy.typing as npt
import pytest
from numba import njit

from conscious_bot.simulation.bundles import Bundle, array_at, kernel_njit


@dataclass(frozen=True, eq=False)
class Inner(Bundle):
    counts: Annotated[npt.NDArray[np.int32], (3,)]
    grid: Annotated[npt.NDArray[np.uint16], (-1, 4, -1)]


@dataclass(frozen=True, eq=False)
class Outer(Bundle):
    numbers: Annotated[npt.NDArray[np.float64], (-1, 2)]
    inner: Inner


@njit
def read(outer: Outer, i: int, j: int, k: int) -> float:
    inner = outer.inner
    return outer.numbers[i, 1] * 1000 + inner.grid[i, j, k] + inner.counts[2]


@njit
def lengths(outer: Outer) -> tuple[int, int, int]:
    return outer.numbers.shape[0], outer.inner.grid.shape[0], outer.inner.grid.shape[2]


@njit
def write(outer: Outer, value: float) -> None:
    outer.numbers[1, 0] = value
    outer.inner.counts[0] += 1


def made(rows: int = 2) -> Outer:
    grid = np.arange(rows * 4 * 5, dtype=np.uint16).reshape(rows, 4, 5)
    return Outer(np.arange(2.0 * rows).reshape(rows, 2), Inner(np.array([7, 8, 9], np.int32), grid))


def test_a_kernel_reads_what_python_sees_in_every_array_of_a_bundle():
    outer = made()
    for i in range(2):
        for j in range(4):
            for k in range(5):
                assert read(outer, i, j, k) == outer.numbers[i, 1] * 1000 + outer.inner.grid[i, j, k] + 9
    assert lengths(made(3)) == (3, 3, 5)


def test_what_a_kernel_writes_python_sees_at_once_and_the_next_kernel_too():
    outer = made()
    write(outer, 42.0)
    assert outer.numbers[1, 0] == 42.0
    assert outer.inner.counts[0] == 8
    outer.inner.counts[2] = 100
    assert read(outer, 0, 0, 0) == 1100


def test_a_bundle_with_another_array_is_another_one_and_the_old_one_stays():
    outer = made()
    other = outer.replace(numbers=np.zeros((5, 2)))
    assert lengths(other)[0] == 5
    assert lengths(outer)[0] == 2
    write(other, 1.0)
    assert outer.numbers[1, 0] == 2.0
    assert outer.inner.counts[0] == 8  # the inner bundle is shared


def test_a_deep_copy_has_arrays_of_its_own_in_kernels_as_well():
    outer = made()
    other = copy.deepcopy(outer)
    write(other, 5.0)
    assert outer.numbers[1, 0] == 2.0
    assert outer.inner.counts[0] == 7
    assert other.numbers[1, 0] == 5.0


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((2, 3)),
        np.zeros(2),
        np.zeros((2, 2), np.float32),
        np.zeros((2, 4))[:, ::2],
        [[0.0, 0.0]],
    ],
)
def test_an_array_that_is_not_as_declared_is_refused_by_name(wrong):
    with pytest.raises(TypeError, match=r"Outer\.numbers is a"):
        made().replace(numbers=wrong)


def test_another_thing_in_place_of_an_inner_bundle_is_refused_by_name():
    with pytest.raises(TypeError, match=r"Outer\.inner is a bundle Inner"):
        made().replace(inner=made())


grid_at = array_at(np.uint16, (4, 5))


@kernel_njit
def through(rows: Inner, addresses: npt.NDArray[np.int64], slot: int, j: int, k: int) -> int:
    grid = grid_at(addresses[slot])
    grid[0, 0] = rows.counts[0]
    return grid[j, k]


def test_a_kernel_reads_and_writes_the_array_at_an_address():
    layers = np.arange(60, dtype=np.uint16).reshape(3, 4, 5)
    addresses = layers.ctypes.data + layers[0].nbytes * np.array([2, 0, 1])
    assert through(made().inner, addresses, 0, 3, 4) == 59
    assert through(made().inner, addresses, 1, 3, 4) == 19
    assert layers[:, 0, 0].tolist() == [7, 20, 7]
