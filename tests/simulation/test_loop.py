"""Virtual time: the clock jumps, freezes, is paced, and never hangs in silence."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

import pytest

from conscious_bot.simulation.loop import DeadlockError, VirtualLoop, run_virtual


class Nothing:
    """A world in which nothing happens but what is planned: `moments` are times at which it tells something."""

    def __init__(self, moments: tuple[float, ...] = (), *, busy: bool = False) -> None:
        self.moments = sorted(moments)
        self.busy = busy
        self.at = 0.0
        self.asked: list[float] = []

    def now(self) -> float:
        return self.at

    def pending(self) -> bool:
        return self.busy and bool(self.moments)

    def advance(self, until: float) -> float:
        self.asked.append(until)
        if self.moments and self.moments[0] <= until:
            self.at = self.moments.pop(0)
            asyncio.get_running_loop().call_soon(self.told)
        else:
            self.at = until
        return self.at

    def told(self) -> None:
        return


async def _now() -> float:
    return asyncio.get_running_loop().time()


@pytest.mark.requirement("WORLD-02")
def test_an_hour_of_sleep_takes_no_time_and_ends_on_the_dot() -> None:
    async def main() -> float:
        await asyncio.sleep(3600)
        return await _now()

    started = time.monotonic()
    assert run_virtual(main(), Nothing()) == pytest.approx(3600, abs=1e-6)
    assert time.monotonic() - started < 2


def test_the_world_is_not_asked_to_run_past_the_next_timer() -> None:
    world = Nothing()

    async def main() -> None:
        await asyncio.sleep(0.5)
        await asyncio.sleep(0.25)

    run_virtual(main(), world)
    assert world.asked == pytest.approx([0.5, 0.75])


def test_the_clock_stops_at_the_moment_at_which_the_world_tells_something() -> None:
    world = Nothing((1.25,))
    seen: list[float] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        world.told = lambda: seen.append(loop.time())  # type: ignore[method-assign]
        await asyncio.sleep(2)

    run_virtual(main(), world)
    assert seen == [1.25]


def test_without_a_timer_it_waits_for_the_world_if_something_is_under_way() -> None:
    world = Nothing((7.5,), busy=True)

    async def main() -> float:
        future = asyncio.get_running_loop().create_future()
        world.told = lambda: future.set_result(None)  # type: ignore[method-assign]
        await future
        return await _now()

    assert run_virtual(main(), world) == 7.5


def test_nothing_that_could_wake_it_is_a_deadlock_and_says_so() -> None:
    async def main() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(DeadlockError, match="nothing is ready, no timer is set"):
        run_virtual(main(), Nothing())


def test_a_real_operation_freezes_the_clock_and_is_charged_what_was_declared() -> None:
    async def main() -> tuple[int, float]:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        other = asyncio.create_task(asyncio.sleep(0.03))
        answer = await loop.outside(0.05, asyncio.to_thread(lambda: time.sleep(0.05) or 42))
        await other
        return answer, loop.time()

    assert run_virtual(main(), Nothing()) == (42, pytest.approx(0.05))


def test_a_failing_real_operation_is_charged_too_and_its_error_comes_through() -> None:
    async def main() -> float:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)

        def fail() -> None:
            raise OSError("no disk")

        with pytest.raises(OSError, match="no disk"):
            await loop.outside(0.25, asyncio.to_thread(fail))
        return loop.time()

    assert run_virtual(main(), Nothing()) == pytest.approx(0.25)


def test_overlapping_real_operations_end_in_the_order_of_their_costs_not_of_their_duration() -> None:
    async def main() -> list[str]:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        order: list[str] = []

        async def one(name: str, real: float, cost: float) -> None:
            await loop.outside(cost, asyncio.to_thread(time.sleep, real))
            order.append(name)

        await asyncio.gather(one("slow", 0.06, 0.1), one("quick", 0.001, 0.2), one("same", 0.02, 0.1))
        return order

    assert run_virtual(main(), Nothing()) == ["slow", "same", "quick"]


def test_threads_freeze_the_clock_even_if_nobody_declared_them() -> None:
    async def main() -> float:
        sleeper = asyncio.create_task(asyncio.sleep(5))
        await asyncio.to_thread(time.sleep, 0.03)
        now = await _now()
        sleeper.cancel()
        return now

    assert run_virtual(main(), Nothing()) == 0.0


def test_a_cancelled_real_operation_lets_the_clock_go_on() -> None:
    async def main() -> float:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        never: asyncio.Future[Any] = loop.create_future()
        task = asyncio.create_task(loop.outside(0.1, never))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(1)
        return loop.time()

    assert run_virtual(main(), Nothing()) == pytest.approx(1)


def test_a_call_from_another_thread_wakes_it_at_once() -> None:
    async def main() -> float:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        woken = asyncio.Event()
        with loop.outsider():
            caller = threading.Timer(0.05, lambda: loop.call_soon_threadsafe(woken.set))
            caller.start()
            await woken.wait()
            caller.join()
        return time.monotonic()

    started = time.monotonic()
    assert 0.04 < run_virtual(main(), Nothing()) - started < 1


def test_a_call_from_another_thread_wakes_a_paced_loop_in_the_middle_of_a_sleep() -> None:
    async def main() -> tuple[float, float]:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        woken = asyncio.Event()
        with loop.outsider():
            caller = threading.Timer(0.1, lambda: loop.call_soon_threadsafe(woken.set))
            caller.start()
            sleeper = asyncio.create_task(asyncio.sleep(1000))
            await woken.wait()
            sleeper.cancel()
            caller.join()
        return time.monotonic(), loop.time()

    started = time.monotonic()
    ended, virtual = run_virtual(main(), Nothing(), speed=1.0)
    assert ended - started < 1
    assert virtual == pytest.approx(ended - started, abs=0.1)


def test_a_paced_loop_keeps_the_pace_without_drift() -> None:
    async def main() -> list[float]:
        loop = asyncio.get_running_loop()
        started, late = time.monotonic(), []
        for _ in range(20):
            await asyncio.sleep(0.5)
            late.append(time.monotonic() - started - loop.time() / 20)
        return late

    late = run_virtual(main(), Nothing(), speed=20.0)
    assert min(late) > -0.005  # never early
    assert late[-1] < 0.2  # what one wake-up is late does not add up


def test_two_timers_of_one_time_fire_in_the_order_in_which_they_were_set() -> None:
    async def main() -> list[int]:
        order: list[int] = []
        loop = asyncio.get_running_loop()
        for number in range(3):
            loop.call_at(1.0, order.append, number)
        await asyncio.sleep(2)
        return order

    first = run_virtual(main(), Nothing())
    assert first == run_virtual(main(), Nothing())
    assert sorted(first) == [0, 1, 2]


@pytest.mark.parametrize("speed", [0.0, -1.0, float("inf"), float("nan")])
def test_a_speed_that_is_none_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="a speed is a positive number"):
        VirtualLoop(Nothing(), speed)
