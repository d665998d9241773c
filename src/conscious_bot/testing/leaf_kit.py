"""The leaf conformance kit: every leaf through every way a run can end, on whatever body it is given.

A `Place` gives a bench: a body that stands free on flat ground under the open sky by day, an operator who can
set blocks, give items and summon creatures, and a runner. For each leaf there is a case that succeeds, and a
case for every code that its spec declares; from the first the kit makes the others: an argument that there is
not, the same idempotency key twice, a timeout, cancellation at random moments, a connection that is lost.

What a world does not offer (an operator's command it does not know, a fault it does not have, `body.notOffered`)
is told as such, with the reason; it never passes.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Literal

from conscious_bot.body.port import Body, Operator
from conscious_bot.contracts import ActionFailed, ActionResult, BlockPos, ExecErrorCode, LeafRunOptions, UserError
from conscious_bot.leaves.catalogue import LeafCatalogue, default_catalogue
from conscious_bot.leaves.failures import COMMON
from conscious_bot.leaves.run_state import RunState
from conscious_bot.leaves.runner import LeafRunner
from conscious_bot.testing.older_names import in_command, in_version
from conscious_bot.world.region import Box
from conscious_bot.world.state import EntityView

__all__ = ["ANSWERS", "Bench", "Case", "Kit", "LeafCases", "Place", "Row", "table"]

_STILL = 0.01
"""Blocks a tick: a body slower than this stands still."""

ANSWERS = "this world answers to every deed"
"""Why a place without `Bench.refuse` does not offer what a deaf world brings about."""

_LOOKS = 20  # a tenth of a second apart: a server tells of a placed block before it tells of the slot
_EXACT = 1e-6
_HEARD_SECONDS = 1.0
_CENSUS = Box((-12, -6, -12), (12, 8, 12))


async def _empty() -> Mapping[str, int]:
    return {}


async def _answers() -> None:
    raise UserError(ANSWERS, "look at a server that can be told not to")


@dataclass(slots=True)
class Bench:
    """A body to try leaves on. `cut` ends its connection for good, as a server or a network would."""

    body: Body
    operator: Operator
    runner: LeafRunner
    cut: Callable[[], Awaitable[None]]
    state: RunState = field(default_factory=RunState)
    origin: BlockPos = (0, 0, 0)
    inside: Callable[[], Awaitable[Mapping[str, int]]] = _empty
    """What lies in containers, where the world can be asked without opening them."""
    refuse: Callable[[], Awaitable[None]] = _answers
    """Have the world answer no deed of the hands any more, as one does that lags or has a plugin against it."""
    tasks: list[asyncio.Future[Any]] = field(default_factory=list["asyncio.Future[Any]"])

    def keep(self, task: asyncio.Future[Any]) -> None:
        """Something that happens meanwhile; it ends with the bench."""
        self.tasks.append(task)

    async def close(self) -> None:
        """End what still happens."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def meanwhile(self) -> None:
        """Raise the UserError with which something ended that was to happen meanwhile."""
        done = (await asyncio.wait(self.tasks, timeout=_HEARD_SECONDS))[0] if self.tasks else ()
        for task in done:
            if isinstance(error := task.exception(), UserError):
                raise error

    def at(self, dx: int, dy: int, dz: int) -> BlockPos:
        """A cell relative to where the body began."""
        x, y, z = self.origin
        return x + dx, y + dy, z + dz

    async def command(self, text: str) -> None:
        """An operator's command, with today's names whatever the version."""
        await self.operator.command(in_command(self.body.tables, text))

    async def set(self, pos: BlockPos, block: str) -> None:
        """Put a block."""
        await self.command(f"setblock {pos[0]} {pos[1]} {pos[2]} {block}")

    async def fill(self, low: BlockPos, high: BlockPos, block: str) -> None:
        """Put blocks."""
        await self.command(f"fill {' '.join(map(str, (*low, *high)))} {block}")

    async def give(self, item: str, count: int = 1) -> None:
        """Give the bot items."""
        await self.command(f"give {self.body.name} {item} {count}")

    async def summon(self, kind: str, dx: float, dz: float, tags: str = "") -> EntityView:
        """Have a creature appear. UserError if none does."""
        x, y, z = self.origin
        await self.command(f"summon {kind} {x + dx + 0.5} {y} {z + dz + 0.5} {tags}".strip())
        for _ in range(20):
            found = [e for e in await self.body.entities(40.0) if e.kind == kind]
            if found:
                return max(found, key=lambda e: e.id)
            await asyncio.sleep(0.1)
        raise UserError(f"no {kind} appeared", "use a world with creatures")

    async def run(self, leaf: str, args: Mapping[str, Any], **options: Any) -> ActionResult:
        """One run of a leaf within the bench's run, with today's names whatever the version."""
        known = in_version(self.body.tables, args)
        return await self.runner.run(leaf, known, options=LeafRunOptions(**options), state=self.state)

    async def mass(self, weights: Mapping[str, float]) -> float:
        """The weight of what is carried, lies about, stands around and lies in containers."""
        weights = in_version(self.body.tables, weights)
        counts = Counter((await self.body.observe()).inventory.counts())
        counts.update(await self.inside())
        for entity in await self.body.entities(48.0):
            if entity.stack is not None:
                counts[entity.stack.item] += entity.stack.count
        low, high = self.at(*_CENSUS.low), self.at(*_CENSUS.high)
        region = await self.body.scan(Box(low, high))
        tables = self.body.tables
        total = sum(weights.get(item, 0.0) * count for item, count in counts.items())
        for name, weight in weights.items():
            block = tables.blocks.get(name)
            if block is not None:
                states = (region.blocks >= block.min_state) & (region.blocks <= block.max_state)
                total += weight * int(states.sum())
        return total

    async def lost_or_made(self, case: Case, before: float) -> str | None:
        """What of a case's things became less or more, once all that is on its way has come."""
        after = before
        for _ in range(_LOOKS):
            after = await self.mass(case.weights)
            if abs(after - before) < _EXACT or (case.spends and after < before):
                return None
            await asyncio.sleep(0.1)
        return f"of {', '.join(case.weights)} there was {before:g} and is {after:g}"

    async def unrest(self) -> str | None:
        """What of the body is not at rest; None if it is."""
        state = await self.body.observe()
        if state.moving or max(abs(v) for v in (state.velocity[0], state.velocity[2])) > _STILL:
            return f"the body moves: {state.velocity}"
        if state.window is not None:
            return f"the window of a {state.window} is open"
        return "the body lies in bed" if state.sleeping else None


Place = Callable[[], AbstractAsyncContextManager[Bench]]
"""Gives a bench, fresh each time."""

Prepare = Callable[[Bench], Awaitable[dict[str, Any]]]
"""Sets the scene and returns the leaf's arguments."""


@dataclass(frozen=True, slots=True)
class Case:
    """One scene and what is to come of it: `expect` is a code, None for success.

    `weights` say what must neither be lost nor made, by name of item and block, whatever happens; `spends`:
    it may become less (food, fuel).
    """

    prepare: Prepare
    expect: ExecErrorCode | None = None
    weights: Mapping[str, float] = field(default_factory=dict[str, float])
    spends: bool = False


@dataclass(frozen=True, slots=True)
class LeafCases:
    """The cases of one leaf, one for each code that it declares."""

    leaf: str
    success: Case
    failures: tuple[Case, ...] = ()


Status = Literal["ok", "FAILED", "not offered"]


@dataclass(frozen=True, slots=True)
class Row:
    """What came of one outcome of one leaf in one world."""

    leaf: str
    outcome: str
    status: Status
    detail: str = ""


class Kit:
    """Runs leaves through their outcomes in one kind of world. `catalogue` holds their specs."""

    def __init__(self, place: Place, *, catalogue: LeafCatalogue | None = None, seed: int = 1) -> None:
        self._place = place
        self._catalogue = catalogue or default_catalogue()
        self._rng = random.Random(seed)

    async def check(self, cases: LeafCases, *, cancels: int = 1) -> list[Row]:
        """Every outcome of one leaf; cancelled at so many random moments."""
        leaf = cases.leaf
        rows = [await self._row(leaf, "success", self._success, cases.success)]
        rows += [await self._row(leaf, str(case.expect), self._fails, case) for case in cases.failures]
        rows += self._declared(cases)
        if rows[0].status != "ok":
            return rows
        rows.append(await self._row(leaf, "arguments", self._refused, cases.success))
        rows.append(await self._row(leaf, "repeat", self._repeat, cases.success))
        rows.append(await self._row(leaf, "timeout", self._timeout, cases.success))
        rows += [await self._row(leaf, "cancel", self.cancel, cases.success) for _ in range(cancels)]
        rows.append(await self._row(leaf, "lost", self._lost, cases.success))
        return rows

    def _declared(self, cases: LeafCases) -> list[Row]:
        """The codes for which there is no case, and those that a case expects and no spec declares."""
        known = self._catalogue.get(cases.leaf)
        if known is None:
            raise UserError(f"no leaf {cases.leaf!r} is registered", "give the kit the catalogue that holds it")
        declared = known.spec.failures
        expected = {case.expect for case in cases.failures if case.expect is not None}
        strange = sorted(expected - declared - COMMON)
        return [
            *(
                Row(cases.leaf, code, "FAILED", "declared, and no case brings it about")
                for code in sorted(declared - expected)
            ),
            *(Row(cases.leaf, code, "FAILED", "a case expects it, and it is not declared") for code in strange),
        ]

    async def cancel(self, leaf: str, case: Case) -> str | None:
        """Cancel a run at a random moment; what is wrong afterwards, None if nothing is."""
        async with self._place() as bench:
            args = await case.prepare(bench)
            before = await bench.mass(case.weights)
            job = asyncio.ensure_future(bench.run(leaf, args))
            # Short moments are as likely as long ones: most leaves are done in seconds.
            await asyncio.wait({job}, timeout=10 ** self._rng.uniform(-2, 1.2))
            cut = job.cancel()
            await asyncio.wait({job})
            if cut and not job.cancelled():
                return f"it was cancelled and returned {job.result()}"
            unrest = await bench.unrest()
            if unrest is not None:
                return unrest
            wrong = await bench.lost_or_made(case, before)
            if wrong is not None:
                return wrong
            again = await bench.run("wait", {"ms": 50})
            return None if again.ok else f"nothing can be run any more: {again.error}"

    async def _row(
        self, leaf: str, outcome: str, check: Callable[[str, Case], Awaitable[str | None]], case: Case
    ) -> Row:
        try:
            problem = await check(leaf, case)
        except UserError as error:
            return Row(leaf, outcome, "not offered", error.problem)
        except ActionFailed as failure:
            return Row(leaf, outcome, "FAILED", f"the scene did not come about: {failure}")
        if problem is not None and str(ExecErrorCode.BODY_NOT_OFFERED) in problem:
            return Row(leaf, outcome, "not offered", problem)
        return Row(leaf, outcome, "ok" if problem is None else "FAILED", problem or "")

    async def _success(self, leaf: str, case: Case) -> str | None:
        async with self._place() as bench:
            result = await bench.run(leaf, await case.prepare(bench))
            return await bench.unrest() if result.ok else f"{result.error}"

    async def _fails(self, leaf: str, case: Case) -> str | None:
        async with self._place() as bench:
            args = await case.prepare(bench)
            before = await bench.mass(case.weights)
            result = await bench.run(leaf, args)
            if result.error is None or result.error.code is not case.expect:
                await bench.meanwhile()
                return f"expected {case.expect}, got {result.error or 'success'}"
            return await bench.lost_or_made(case, before) or await bench.unrest()

    async def _refused(self, leaf: str, case: Case) -> str | None:
        async with self._place() as bench:
            args = await case.prepare(bench)
            result = await bench.run(leaf, {**args, "no such argument": 1})
            if result.error is None or result.error.code is not ExecErrorCode.STEP_BAD_ARGS:
                return f"expected {ExecErrorCode.STEP_BAD_ARGS}, got {result.error or 'success'}"
            return None if "refused" in result.observables else "it was not refused before anything was done"

    async def _repeat(self, leaf: str, case: Case) -> str | None:
        async with self._place() as bench:
            args = await case.prepare(bench)
            key = f"kit {self._rng.random()}"
            first = await bench.run(leaf, args, idempotency_key=key)
            before = self._repeats(bench, leaf)
            second = await bench.run(leaf, args, idempotency_key=key)
            same = first == second and self._repeats(bench, leaf) == before + 1
            return None if same else "the second call under the same key was another run"

    @staticmethod
    def _repeats(bench: Bench, leaf: str) -> int:
        return sum(m.repeats for name, m in bench.runner.metrics.items() if name.startswith(f"{leaf}@"))

    async def _timeout(self, leaf: str, case: Case) -> str | None:
        async with self._place() as bench:
            args = await case.prepare(bench)
            result = await bench.run(leaf, args, timeout_ms=1)
            # What needs no time at all is done before the time is over.
            if not result.ok and result.error is not None and result.error.code is not ExecErrorCode.STEP_TIMEOUT:
                return f"expected {ExecErrorCode.STEP_TIMEOUT}, got {result.error}"
            return await bench.unrest()

    async def _lost(self, leaf: str, case: Case) -> str | None:
        async with self._place() as bench:
            args = await case.prepare(bench)
            job = asyncio.ensure_future(bench.run(leaf, args))
            await asyncio.wait({job}, timeout=self._rng.uniform(0.0, 0.4))
            await bench.cut()
            result = await job
            # Lost between the act and the look at it: then nobody knows.
            if result.error is not None and result.error.code not in (
                ExecErrorCode.BODY_DISCONNECTED,
                ExecErrorCode.STEP_INCONCLUSIVE,
            ):
                return f"expected {ExecErrorCode.BODY_DISCONNECTED}, got {result.error}"
            after = await bench.run(leaf, args)
            # What looks at no world (a recipe, a wait) goes on without one.
            lost = after.error is not None and after.error.code is ExecErrorCode.BODY_DISCONNECTED
            return None if lost or leaf in _WORLDLESS else f"without a connection it ended {after.error or 'ok'}"


_WORLDLESS = frozenset({"introspect_recipe", "wait"})


def table(rows: Iterable[Row], world: str) -> str:
    """The rows as text: a line for each leaf, a word for each outcome."""
    by_leaf: dict[str, list[Row]] = {}
    for row in rows:
        by_leaf.setdefault(row.leaf, []).append(row)
    lines = [f"leaf outcomes in {world}"]
    for leaf, found in sorted(by_leaf.items()):
        lines.append(f"  {leaf:24} {', '.join(_words(found))}")
    counts = Counter(row.status for group in by_leaf.values() for row in group)
    lines.append("  " + ", ".join(f"{counts[status]} {status}" for status in ("ok", "FAILED", "not offered")))
    return "\n".join(lines)


def _words(rows: Sequence[Row]) -> list[str]:
    counts = Counter((row.outcome, row.status, row.detail) for row in rows)
    words: list[str] = []
    for (outcome, status, detail), count in counts.items():
        times = f" x{count}" if count > 1 else ""
        words.append(f"{outcome}{times} {status}" + (f" ({detail})" if detail else ""))
    return words
