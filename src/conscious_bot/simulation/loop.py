"""An asyncio loop on virtual time.

Whenever nothing is ready to run, the loop's clock moves to the next timer at once, and on the way there
the world runs its ticks. Four rules hold:

- The world stops early, at the tick in which something happens that the brain hears of, and the clock
  stops with it. So between two such moments there is no asyncio at all, however many ticks pass.
- While a real operation (thread, worker, disk, socket) is outstanding the clock stands still; afterwards
  the operation is charged the virtual cost that was declared for it, not what it took. `outside` does both.
  What runs through `run_in_executor` and `asyncio.to_thread` freezes the clock by itself.
- With `speed` the clock is paced to the wall. A backlog (the machine slept, a real operation took long)
  of more than a quarter of a second is forgotten, a smaller one is made up for, so the pace does not drift.
- Nothing ready, no timer, nothing outstanding and nobody outside who could call: that is a deadlock and
  raises `DeadlockError` where another loop would hang.

Timers of equal time fire in an order that depends on nothing but the calls that made them.
"""

from __future__ import annotations

import asyncio
import math
import selectors
import time
from collections.abc import Awaitable, Callable, Coroutine, Generator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar, cast

from conscious_bot.contracts import ConsciousBotError

__all__ = ["DeadlockError", "TimeSource", "VirtualLoop", "run_virtual"]

_T = TypeVar("_T")

_SLICE = 50.0
"""At most so many virtual seconds pass before the loop looks whether someone outside called."""
_PACE = 0.025
"""A paced loop sleeps at most so many real seconds before it lets the world go on."""
_BACKLOG = 0.25
"""A paced loop that is behind by more real seconds than this starts counting anew."""


class DeadlockError(ConsciousBotError):
    """Nothing can ever wake the loop again. For whoever wrote what awaits: it awaits what nobody will set."""


class TimeSource(Protocol):
    """What fills the time between timers: the world."""

    def now(self) -> float:
        """The time it stands at, in seconds."""
        ...

    def advance(self, until: float) -> float:
        """Run on to `until` (finite), or to the first moment at which the brain was told something.

        Returns the time reached. What it tells it hands over with `call_soon` or by setting futures.
        """
        ...

    def pending(self) -> bool:
        """Whether something is under way that the brain will be told of even if it sets no timer."""
        ...


class _JumpingSelector:
    """Stands in for the loop's selector: where the loop would sleep, it lets virtual time pass."""

    def __init__(self, real: selectors.BaseSelector) -> None:
        self.real = real
        self.wait: Callable[[float | None], list[tuple[selectors.SelectorKey, int]]] = real.select

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is not None and timeout <= 0:
            return self.real.select(0)
        return self.wait(timeout)

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self.real.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self.real.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self.real.modify(fileobj, events, data)

    def get_key(self, fileobj: Any) -> selectors.SelectorKey:
        return self.real.get_key(fileobj)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self.real.get_map()

    def close(self) -> None:
        self.real.close()


class VirtualLoop(asyncio.SelectorEventLoop):
    """The loop. `speed` is None for as fast as possible, else how many virtual seconds pass in a real one."""

    def __init__(self, source: TimeSource, speed: float | None = None) -> None:
        self._jumping = _JumpingSelector(selectors.DefaultSelector())
        self._source = source
        self._virtual = source.now()
        self._outstanding = 0
        self._outsiders = 0
        self._speed: float | None = None
        self._anchor = (0.0, 0.0)
        super().__init__(cast("selectors.BaseSelector", self._jumping))
        self._jumping.wait = self._idle
        try:
            self.speed = speed
        except ValueError:
            self.close()
            raise

    # Time

    def time(self) -> float:
        """Virtual time, in seconds."""
        return self._virtual

    @property
    def speed(self) -> float | None:
        """Virtual seconds per real one; None for as fast as possible. May be changed at any time."""
        return self._speed

    @speed.setter
    def speed(self, speed: float | None) -> None:
        if speed is not None and not (0 < speed < math.inf):
            raise ValueError(f"a speed is a positive number or None, not {speed}")
        self._speed = speed
        self._anchor = (time.monotonic(), self._virtual)

    # Real operations

    @contextmanager
    def real_operation(self) -> Generator[None]:
        """The clock stands still inside. For real operations that are charged nothing, such as shutting down."""
        self._outstanding += 1
        try:
            yield
        finally:
            self._outstanding -= 1

    async def outside(self, cost: float, operation: Awaitable[_T]) -> _T:
        """Await a real operation with the clock standing still, then let `cost` virtual seconds pass.

        The end of the charge is set at the start, so operations that overlap end in an order that does not
        depend on how long they really took, as long as their costs are positive. The operation itself must
        not wait for this loop's timers: they stand still too. An operation that fails is charged as well.
        """
        if not 0 <= cost < math.inf:
            raise ValueError(f"the cost of a real operation is a number of seconds, not {cost}")
        charged = self.create_future()
        timer = self.call_at(self._virtual + cost, _settle, charged)
        try:
            with self.real_operation():
                result = await operation
        except Exception:
            await charged
            raise
        else:
            await charged
            return result
        finally:
            timer.cancel()

    def run_in_executor(self, executor: Any, func: Callable[..., _T], *args: Any) -> asyncio.Future[_T]:
        """As asyncio's; the clock stands still until the call has returned."""
        future = super().run_in_executor(executor, func, *args)
        self._outstanding += 1
        future.add_done_callback(self._returned)
        return future

    def _returned(self, _future: asyncio.Future[Any]) -> None:
        self._outstanding -= 1

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:  # noqa: ASYNC109 (asyncio's signature)
        """As asyncio's; waiting for threads is a real operation."""
        with self.real_operation():
            # Python 3.11 takes no timeout; later versions have one, and their default suits.
            await super().shutdown_default_executor()

    # The outside

    @contextmanager
    def outsider(self) -> Generator[None]:
        """While inside, someone in another thread may use `call_soon_threadsafe`, so waiting is no deadlock."""
        self.attach_outsider()
        try:
            yield
        finally:
            self.detach_outsider()

    def attach_outsider(self) -> None:
        """Count one more source of calls from other threads."""
        self._outsiders += 1

    def detach_outsider(self) -> None:
        """Count one less. RuntimeError if there was none."""
        if self._outsiders == 0:
            raise RuntimeError("no outsider is attached")
        self._outsiders -= 1

    # Idling

    def _idle(self, timeout: float | None) -> list[tuple[selectors.SelectorKey, int]]:
        """Called where the loop would sleep for `timeout` seconds (None: until something happens)."""
        if self._outstanding:
            return self._jumping.real.select(None)
        if timeout is None and not self._source.pending():
            if not self._outsiders:
                raise DeadlockError(
                    f"at {self._virtual:.3f} s nothing is ready, no timer is set, no real operation is under way "
                    "and nobody outside could call"
                )
            if self._speed is None:
                return self._jumping.real.select(None)
        target = math.inf if timeout is None else self._virtual + timeout
        if self._speed is None:
            self._advance(min(target, self._virtual + _SLICE))
            return self._jumping.real.select(0)
        return self._paced(target, self._speed)

    def _paced(self, target: float, speed: float) -> list[tuple[selectors.SelectorKey, int]]:
        """Let as much virtual time pass as is due, or sleep until some is."""
        wall, virtual = self._anchor
        due = virtual + (time.monotonic() - wall) * speed
        if due > self._virtual:
            if due - self._virtual > _BACKLOG * speed:
                self._anchor = (time.monotonic(), self._virtual + _BACKLOG * speed)
            self._advance(min(target, due, self._virtual + _SLICE))
            return self._jumping.real.select(0)
        ahead = min(target - self._virtual, 1e9) + (self._virtual - due)
        return self._jumping.real.select(max(0.0, min(ahead / speed, _PACE + (self._virtual - due) / speed)))

    def _advance(self, until: float) -> None:
        """Let the world run; the clock goes where it got to, never back."""
        reached = self._source.advance(until)
        self._virtual = max(self._virtual, min(reached, until))


def _settle(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def run_virtual(main: Coroutine[Any, Any, _T], source: TimeSource, speed: float | None = None) -> _T:
    """Run a coroutine to its end on a new virtual loop, as `asyncio.run` does on an ordinary one."""
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(source, speed)) as runner:
        return runner.run(main)
