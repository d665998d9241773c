import time
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from conscious_bot.simulation.voxels import (
    AIR,
    HALF,
    MAX_Y,
    MIN_Y,
    OutsideError,
    VoxelStore,
    get_state,
    put_state,
)
from conscious_bot.world.region import UNKNOWN, Box


class Layers:
    """Stone (1) below y 0, and one mark per column at y 10, so that columns can be told apart."""

    def fill(self, cx, cz, out):
        out[:64] = 1
        out[74, 3, 5] = 100 + (cx * 31 + cz) % 50
        return 75


@njit  # not cached: it would not know when the kernels it calls have changed
def fill_row(cells, start, count, state):
    x0, y, z = start
    done = 0
    for x in range(x0, x0 + count):
        if put_state(cells, x, y, z, state):
            done += 1
    return done


@njit
def read(cells, x, y, z):
    return get_state(cells, x, y, z)


@pytest.fixture
def store():
    made = VoxelStore(Layers())
    made.ensure_around(0, 0, 1)
    return made


def test_a_cell_reads_the_same_from_python_from_a_kernel_and_from_a_scan(store):
    region = store.scan(Box((-20, -66, -20), (20, 12, 20)))
    cells = store.cells
    for pos in [(-20, -66, -20), (-17, 0, 3), (-16, -64, -16), (-11, 10, 3), (5, 10, 3), (5, 10, 19), (15, -1, 15)]:
        assert store.get(pos) == read(cells, *pos) == region.state(pos)
    assert store.get((-11, 10, 3)) == 100 + (-31) % 50
    assert store.get((5, 9, 3)) == AIR
    assert store.get((0, -1, 0)) == 1


def test_cells_outside_are_unknown_and_those_above_and_below_are_air(store):
    far = HALF * 16 + 5
    cells = store.cells
    for pos in [(100, 0, 0), (far, 0, 0), (0, 0, -far - 40), (100, 400, 0)]:
        assert store.get(pos) == UNKNOWN
        assert read(cells, *pos) == UNKNOWN
    for pos in [(0, MAX_Y + 1, 0), (0, MIN_Y - 1, 0)]:
        assert store.get(pos) == AIR
        assert read(cells, *pos) == AIR


def test_writes_outside_are_refused_and_change_nothing(store):
    for pos in [(100, 0, 0), (0, MAX_Y + 1, 0), (0, MIN_Y - 1, 0), (HALF * 16, 0, 0)]:
        with pytest.raises(OutsideError, match=str(pos[1])):
            store.set(pos, 3)
        assert fill_row(store.cells, pos, 1, 3) == 0
    with pytest.raises(ValueError, match="65535"):
        store.set((0, 0, 0), UNKNOWN)
    with pytest.raises(OutsideError, match=str(HALF)):
        store.ensure_loaded(HALF, 0)
    assert len(store.drain()) == 0
    assert store.export_changes() == {}


def test_the_log_tells_every_change_in_order_once(store):
    assert store.set((1, 5, 1), 7) == AIR
    assert store.set((1, 5, 1), 7) == 7  # no change, no entry
    assert fill_row(store.cells, (-3, 5, 1), 5, 9) == 5
    rows = store.drain().tolist()
    assert rows[0] == [1, 5, 1, 0, 7]
    assert rows[1:] == [[-3, 5, 1, 0, 9], [-2, 5, 1, 0, 9], [-1, 5, 1, 0, 9], [0, 5, 1, 0, 9], [1, 5, 1, 7, 9]]
    assert len(store.drain()) == 0


def test_a_kernel_without_room_in_the_log_is_noticed_and_reserving_gives_room(store):
    size = store.cells.log.shape[0]
    for i in range(size):
        store.set((0, 20, 0), 1 + i % 2)
    assert fill_row(store.cells, (0, 30, 0), 4, 9) == 0
    with pytest.raises(RuntimeError, match="4 block changes"):
        store.drain()
    for i in range(size):
        store.set((0, 20, 0), 3 + i % 2)
    store.reserve(4)
    assert fill_row(store.cells, (0, 30, 0), 4, 9) == 4
    assert len(store.drain()) == size + 4


def test_a_store_grows_beyond_its_first_columns_and_keeps_what_it_holds(store):
    store.set((1, 200, 1), 7)
    store.ensure_around(0, 0, 9)
    assert len(store.columns()) == 19 * 19
    assert store.get((1, 200, 1)) == 7
    assert store.get((9 * 16 + 5, 10, 3)) == 100 + 9 * 31 % 50
    assert store.get((10 * 16, 0, 0)) == UNKNOWN


def test_an_unloaded_column_comes_back_with_its_changes(store):
    store.set((2, 100, 2), 7)
    store.set((2, -10, 2), AIR)
    before = store.export_changes()
    store.unload(0, 0)
    store.unload(0, 0)
    assert store.get((2, 100, 2)) == UNKNOWN
    assert store.export_changes() == before
    assert store.export_changes(unsaved_only=True) == before
    assert store.ensure_loaded(5, 5)  # takes the freed slot, which must be clean
    assert store.get((82, 100, 82)) == AIR
    assert store.ensure_loaded(0, 0)
    assert not store.ensure_loaded(0, 0)
    assert store.get((2, 100, 2)) == 7
    assert store.get((2, -10, 2)) == AIR
    assert store.export_changes(unsaved_only=True) == before


def test_only_changed_sections_are_saved_and_a_new_store_takes_them_over(store):
    store.set((2, 100, 2), 7)
    store.set((-5, -10, 2), 8)
    saved = store.export_changes()
    assert {key: list(sections) for key, sections in saved.items()} == {(-1, 0): [3], (0, 0): [10]}
    store.mark_saved()
    assert store.export_changes(unsaved_only=True) == {}
    assert store.export_changes() == saved
    other = VoxelStore(Layers())
    other.import_changes(saved)
    assert other.export_changes() == saved
    other.ensure_around(0, 0, 1)
    box = Box((-16, -64, -16), (31, 319, 31))
    assert (other.scan(box).blocks == store.scan(box).blocks).all()
    assert other.export_changes(unsaved_only=True) == {}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({(0, 0): {3: b"nonsense"}}, "column 0, 0, section 3: damaged"),
        ({(0, 0): {3: zlib.compress(b"\0" * 8190)}}, "section 3: not the size"),
        ({(0, 0): {3: zlib.compress(b"\0" * 8194)}}, "section 3: not the size"),
        ({(0, 0): {3: zlib.compress(b"\0" * 8192)[:-2]}}, "section 3: not the size"),
        ({(0, 0): {3: zlib.compress(b"\xff" * 8192)}}, "unknown cells"),
        ({(0, 0): {24: zlib.compress(b"\0" * 8192)}}, "no section 24"),
        ({(9999, 0): {1: zlib.compress(b"\0" * 8192)}}, "column 9999, 0"),
    ],
)
def test_a_damaged_save_is_refused_by_place_and_reason_and_nothing_is_taken(changes, message):
    store = VoxelStore(Layers())
    good = {(7, 7): {1: zlib.compress(b"\0" * 8192)}}
    with pytest.raises(ValueError, match=message):
        store.import_changes({**good, **changes})
    assert store.export_changes() == {}


def test_a_fork_and_its_origin_do_not_see_each_others_changes(store):
    store.set((1, 250, 1), 7)
    fork = store.fork()
    fork.set((1, 250, 1), 8)
    store.set((2, 250, 1), 9)
    assert store.get((1, 250, 1)) == 7
    assert fork.get((2, 250, 1)) == AIR
    assert fork.get((100, 0, 0)) == UNKNOWN
    fork.ensure_loaded(6, 6)
    assert store.get((101, 0, 101)) == UNKNOWN
    assert fork.get((101, -1, 101)) == 1
    assert fork.export_changes().keys() == {(0, 0)}


def test_a_fork_of_nine_by_nine_columns_costs_milliseconds():
    store = VoxelStore(Layers())
    store.ensure_around(0, 0, 4)
    times = []
    for _ in range(10):
        start = time.perf_counter()
        store.fork()
        times.append(time.perf_counter() - start)
    assert min(times) < 0.02


@settings(max_examples=40, deadline=None)
@given(
    cells=st.lists(
        st.tuples(st.integers(-16, 31), st.integers(-64, 319), st.integers(-16, 31)),
        min_size=1,
        max_size=60,
        unique=True,
    ),
    center=st.tuples(st.integers(-40, 40), st.integers(-70, 330), st.integers(-40, 40)),
    radius=st.integers(0, 200),
    limit=st.integers(1, 30),
)
def test_find_gives_the_nearest_cells_first_and_ties_by_y_x_z(cells, center, radius, limit):
    store = VoxelStore(Layers())
    store.ensure_around(0, 0, 1)
    for pos in cells:
        store.set(pos, 777)
    mask = np.zeros(1 << 16, np.bool_)
    mask[777] = True
    found = store.find(mask, center, radius, limit)

    def order(pos):
        x, y, z = pos
        return (x - center[0]) ** 2 + (y - center[1]) ** 2 + (z - center[2]) ** 2, y, x, z

    expected = sorted((order(pos), pos) for pos in cells)
    assert found == [pos for (far, *_), pos in expected if far <= radius * radius][:limit]


def test_find_looks_only_at_what_is_loaded_and_refuses_what_it_cannot_search(store):
    mask = np.ones(1 << 16, np.bool_)
    assert store.find(mask, (1000, 0, 1000), 50, 5) == []
    assert store.find(mask, (0, 0, 0), 50, 0) == []
    with pytest.raises(ValueError, match="513"):
        store.find(mask, (0, 0, 0), 513, 5)
    with pytest.raises(ValueError, match="65536"):
        store.find(mask[:5], (0, 0, 0), 5, 5)
