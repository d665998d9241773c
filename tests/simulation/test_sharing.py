"""Forks share columns until one writes: no write is seen by another, whoever writes, in whatever order."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conscious_bot.contracts import BlockPos
from conscious_bot.game.tables import Tables
from conscious_bot.simulation.sharing import HELD, PLACE, SharedColumns
from conscious_bot.simulation.voxels import MIN_Y, VoxelStore
from conscious_bot.simulation.world import SimulatedWorld

HEIGHT = 4


class Floor:
    """One layer of 5 at the bottom."""

    def fill(self, cx: int, cz: int, out: Any) -> int:
        out[0] = 5
        return 1


cells = st.tuples(st.integers(-16, 31), st.sampled_from((MIN_Y, 0, 319)), st.integers(-16, 31))
acts = st.one_of(
    st.tuples(st.just("set"), st.integers(0, 30), cells, st.integers(0, 9)),
    st.tuples(st.just("fork"), st.integers(0, 30)),
    st.tuples(st.just("forget"), st.integers(0, 30)),
    st.tuples(st.just("leave"), st.integers(0, 30), st.integers(-1, 1), st.integers(-1, 1)),
)


@pytest.mark.requirement("WORLD-05")
@settings(max_examples=60, deadline=None)
@given(st.lists(acts, max_size=60))
def test_a_family_of_forks_is_as_if_each_had_been_copied(doings: list[tuple[Any, ...]]) -> None:
    first = VoxelStore(Floor())
    first.ensure_around(0, 0, 1)
    family: list[tuple[VoxelStore, dict[BlockPos, int]]] = [(first, {})]
    for act, which, *rest in doings:
        store, changed = family[which % len(family)]
        if act == "set":
            pos, state = rest
            store.set(pos, state)
            changed[pos] = state
        elif act == "fork":
            family.append((store.fork(), dict(changed)))
        elif act == "forget" and len(family) > 1:
            family.pop(which % len(family))
        elif act == "leave":  # and come back to what was built
            store.unload(*rest)
            store.ensure_loaded(*rest)
    touched = {pos for _, changed in family for pos in changed}
    for store, changed in family:
        for pos in touched:
            assert store.get(pos) == changed.get(pos, 5 if pos[1] == MIN_Y else 0)
        for cx in (-1, 0, 1):
            for cz in (-1, 0, 1):
                inside = {p for p, state in changed.items() if p[0] >> 4 == cx and p[2] >> 4 == cz and state}
                dug = {p for p, state in changed.items() if p[0] >> 4 == cx and p[2] >> 4 == cz and p[1] == MIN_Y}
                expected = 256 - len(dug) + len(inside)
                assert np.count_nonzero(store.states_of(cx, cz)) == expected


def test_a_column_is_copied_by_its_first_write_and_no_other() -> None:
    store = VoxelStore(Floor())
    store.ensure_around(0, 0, 1)
    twin = store.fork()
    for one in (store, twin):
        table = one.cells.columns
        assert (table[1:10, HELD] != table[1:10, PLACE]).all()
    assert np.array_equal(store.cells.columns[1:10, HELD], twin.cells.columns[1:10, HELD])
    twin.set((0, 0, 0), 7)
    twin.set((1, 0, 0), 7)
    table = twin.cells.columns
    assert np.count_nonzero(table[1:10, HELD] == table[1:10, PLACE]) == 1
    assert (store.cells.columns[1:10, HELD] != store.cells.columns[1:10, PLACE]).all()


def test_a_write_that_changes_nothing_copies_nothing() -> None:
    store = VoxelStore(Floor())
    store.ensure_loaded(0, 0)
    twin = store.fork()
    twin.set((0, MIN_Y, 0), 5)
    assert twin.cells.columns[1, HELD] != twin.cells.columns[1, PLACE]


def test_what_is_not_loaded_is_unknown_in_every_generation() -> None:
    store = VoxelStore(Floor())
    store.ensure_loaded(0, 0)
    for k in range(40):
        store.set((k % 16, 0, 0), 7)
        twin = store.fork()
        assert twin.get((100, 0, 100)) == store.get((100, 0, 100)) == 0xFFFF


def test_the_past_of_a_world_that_is_forked_again_and_again_stays_bounded() -> None:
    columns = SharedColumns((HEIGHT, 2, 2), np.uint16, 32)
    heights = dict.fromkeys(range(32), HEIGHT)
    twins = []
    for k in range(200):
        columns.own(k % 32, HEIGHT)[0, 0, 0] = k
        twins.append((columns.fork(heights), [int(columns[slot][0, 0, 0]) for slot in heights]))
        assert len(columns._shared) <= 17
    for twin, expected in twins:
        assert [int(twin[slot][0, 0, 0]) for slot in heights] == expected


def test_more_slots_move_nothing() -> None:
    columns = SharedColumns((HEIGHT, 2, 2), np.uint8, 2)
    columns.own(1, 0)[0, 0, 0] = 9
    before = columns.table[1].tolist()
    columns.grow(5)
    assert columns.table[1].tolist() == before
    twin = columns.fork({1: HEIGHT})
    twin.own(4, 0)[0, 0, 0] = 3
    twin.clear(1, HEIGHT)
    assert (columns[1][0, 0, 0], columns[4][0, 0, 0], twin[1][0, 0, 0], twin[4][0, 0, 0]) == (9, 0, 0, 3)


def _busy(tables: Tables) -> SimulatedWorld:
    world = SimulatedWorld.create(5, tables, "default", view=2)
    world.add_player("Bot")
    x, y, z = world.spawn
    world.set_block((x + 2, y + 6, z), tables.state_of("water"))
    world.set_block((x, y + 7, z + 3), tables.state_of("lava"))
    world.run(40)
    return world


@pytest.mark.requirement("WORLD-05")
def test_a_world_goes_on_as_if_it_had_never_been_forked(tables: Tables) -> None:
    world, alone = _busy(tables), _busy(tables)
    forks = []
    for _ in range(6):
        forks.append((world.fork(), world.state_hash()))
        world.run(30)
        alone.run(30)
        assert world.state_hash() == alone.state_hash()
    for fork, before in forks:
        assert fork.state_hash() == before


@pytest.mark.requirement("WORLD-05")
def test_a_world_and_its_forks_run_side_by_side_in_threads(tables: Tables) -> None:
    world, alone = _busy(tables), _busy(tables)
    worlds = [world, world.fork(), world.fork()]
    with ThreadPoolExecutor(3) as pool:
        hashes = list(pool.map(lambda each: (each.run(300), each.state_hash())[1], worlds))
    alone.run(300)
    assert set(hashes) == {alone.state_hash()}
