"""What a soak is judged by: read from the bot's own journal, and from what the process and its driver hold."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from statistics import median

import numpy as np

from conscious_bot.contracts import Event, EventType, ExecErrorCode
from conscious_bot.leaves.catalogue import LeafCatalogue
from conscious_bot.memory.journal import Journal

__all__ = ["Fault", "Held", "Ledger", "Leftovers", "Sample", "megabytes", "sample", "slope_per_hour"]

_REST_S = 60.0
"""A leaf that ended later than its timeout and this hung: bringing the body to rest and looking take no longer."""
_WARM_UP = 1 / 3
"""The share of a soak whose memory does not count: until then caches fill."""


@dataclass(slots=True)
class Fault:
    """One fault: what and when, and when the first step that was begun after it succeeded."""

    kind: str
    at: float
    borne_at: float | None = None
    codes: Counter[str] = field(default_factory=Counter[str])
    """The failures of steps in between."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What is held at one time: megabytes, counted things; the driver's where there is one."""

    at: float
    rss: float
    objects: int
    tasks: int
    files: int
    driver_rss: float | None = None
    driver_heap: float | None = None
    driver_listeners: int | None = None


def megabytes(pid: int | str) -> float:
    """The resident memory of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def sample(at: float) -> Sample:
    """What this process holds now, after a collection."""
    gc.collect()
    return Sample(at, megabytes("self"), len(gc.get_objects()), len(asyncio.all_tasks()), _open_files())


def slope_per_hour(times: list[float], values: list[float]) -> float:
    """The fitted slope of values over times in seconds, an hour; 0 for fewer than three."""
    if len(times) < 3:
        return 0.0
    return float(np.polyfit(np.array(times) / 3600, np.array(values), 1)[0])


@dataclass(frozen=True, slots=True)
class Leftovers:
    """What may be left behind: tasks, threads, open files, child processes."""

    tasks: int
    threads: int
    files: int
    children: int

    @classmethod
    def now(cls) -> Leftovers:
        """Of this process, in the running loop."""
        children = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split()
        return cls(len(asyncio.all_tasks()), threading.active_count(), _open_files(), len(children))

    def within(self, before: Leftovers) -> bool:
        """Whether no more is there than before."""
        return (
            self.tasks <= before.tasks
            and self.threads <= before.threads
            and self.files <= before.files
            and self.children <= before.children
        )


@dataclass(frozen=True, slots=True)
class Held:
    """One thing that a soak has to show, whether it did, and what was seen."""

    what: str
    ok: bool
    seen: str


@dataclass(slots=True)
class Ledger:
    """Reads a journal as it grows."""

    journal: Journal
    timeouts: dict[str, float]
    goals: Counter[tuple[str, str, str]] = field(default_factory=Counter[tuple[str, str, str]])
    steps: Counter[str] = field(default_factory=Counter[str])
    actions: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    slowest: dict[str, float] = field(default_factory=dict[str, float])
    hung: list[str] = field(default_factory=list[str])
    unknown: list[str] = field(default_factory=list[str])
    told: Counter[str] = field(default_factory=Counter[str])
    faults: list[Fault] = field(default_factory=list[Fault])
    samples: list[Sample] = field(default_factory=list[Sample])
    journal_hash: str = ""
    """Of the whole journal, once the soak is over: equal for equal seeds on virtual time."""
    silence: float = 0.0
    """The longest time between two ends of steps."""
    _read: int = 0
    _last_end: float = 0.0
    _open_actions: dict[str, tuple[str, float]] = field(default_factory=dict[str, tuple[str, float]])
    _open_steps: dict[str, float] = field(default_factory=dict[str, float])

    @classmethod
    def of(cls, journal: Journal, catalogue: LeafCatalogue) -> Ledger:
        """An empty ledger that knows each leaf's timeout."""
        return cls(journal, {spec.id: spec.timeout_ms / 1000 for spec in catalogue.specs()})

    def read(self) -> None:
        """Take in what was written since the last time."""
        for number, event in self.journal.events(after=self._read):
            self._read = number
            self._take(event)

    def _take(self, event: Event) -> None:
        data, ids = event.data, event.provenance
        match event.type:
            case EventType.GOAL_ENDED:
                error = data.get("error")
                form = str(data["goal"]).split()[0]
                self.goals[form, data["outcome"], "" if error is None else error["code"]] += 1
            case EventType.BODY:
                self.told[data["kind"]] += 1
            case EventType.STEP_STARTED:
                self._open_steps[ids.step_id or ""] = event.at
            case EventType.STEP_ENDED:
                self._step_ended(event)
            case EventType.ACTION_STARTED:
                self._open_actions[ids.action_id or ""] = (data["leaf"], event.at)
            case EventType.ACTION_ENDED:
                self._action_ended(event)
            case _:
                pass

    def _step_ended(self, event: Event) -> None:
        began = self._open_steps.pop(event.provenance.step_id or "", event.at)
        self.silence = max(self.silence, event.at - max(self._last_end, began))
        self._last_end = event.at
        result = event.data["result"]
        code = "ok" if result["ok"] else result["error"]["code"]
        self.steps[code] += 1
        for fault in self.faults:
            if fault.borne_at is not None or began < fault.at:
                continue
            if code == "ok":
                fault.borne_at = event.at
            else:
                fault.codes[code] += 1

    def _action_ended(self, event: Event) -> None:
        leaf, began = self._open_actions.pop(
            event.provenance.action_id or "", (event.provenance.capability or "?", event.at)
        )
        error = event.data.get("error")
        code = "ok" if error is None else error["code"]
        self.actions[leaf, code] += 1
        if code == ExecErrorCode.UNKNOWN:
            self.unknown.append(f"{leaf} at {event.at:.0f} s: {error['detail'] if error else ''}")
        took = event.at - began
        self.slowest[leaf] = max(self.slowest.get(leaf, 0.0), took)
        if took > self.timeouts.get(leaf, 0.0) + _REST_S:
            self.hung.append(f"{leaf} took {took:.0f} s of {self.timeouts.get(leaf, 0.0):.0f} s at {event.at:.0f} s")

    def verdicts(self, before: Leftovers, after: Leftovers, *, bear_s: float, growth: float) -> list[Held]:
        """What has to hold. `bear_s`: within how long a fault has to be borne; `growth`: the share of memory that
        may be added in an hour, beyond which it counts as growing."""
        unborne = [f for f in self.faults if f.borne_at is None and self._last_end - f.at > bear_s]
        late = [f for f in self.faults if f.borne_at is not None and f.borne_at - f.at > bear_s]
        open_ = [leaf for leaf, _ in self._open_actions.values()]
        held = [
            Held("no unknown error", not self.unknown, f"{len(self.unknown)}: {'; '.join(self.unknown[:5])}"),
            Held("no hung leaf", not self.hung and not open_, f"hung {self.hung[:5]}, open at the end {open_}"),
            Held(
                f"every fault borne within {bear_s:.0f} s",
                not unborne and not late,
                f"{len(self.faults)} faults, {len(unborne)} not borne, {len(late)} late: "
                + ", ".join(f"{f.kind} at {f.at:.0f} s" for f in [*unborne, *late][:8]),
            ),
            Held("nothing left behind", after.within(before), f"before {before}, after {after}"),
        ]
        return [*held, *self._memory(growth)]

    def _memory(self, growth: float) -> list[Held]:
        if not self.samples:
            return []
        end = self.samples[-1].at
        counted = [s for s in self.samples if s.at - self.samples[0].at >= _WARM_UP * (end - self.samples[0].at)]
        times = [s.at for s in counted]
        found: list[Held] = []
        series: list[tuple[str, list[float], float]] = [
            ("resident memory, MB", [s.rss for s in counted], 8.0),
            ("Python objects, thousands", [s.objects / 1000 for s in counted], 10.0),
            ("open files", [float(s.files) for s in counted], 2.0),
            ("tasks", [float(s.tasks) for s in counted], 20.0),
        ]
        if counted and counted[-1].driver_rss is not None:
            heap = [(s.at, s.driver_heap) for s in counted if s.driver_heap is not None]
            found.append(_steady("driver's heap, MB", [t for t, _ in heap], [h for _, h in heap], growth, 16.0))
            ears = [(s.at, float(s.driver_listeners)) for s in counted if s.driver_listeners is not None]
            found.append(_steady("driver's listeners", [t for t, _ in ears], [n for _, n in ears], growth, 4.0))
        return [*(_steady(what, times, values, growth, slack) for what, values, slack in series), *found]

    def lines(self) -> list[str]:
        """The report."""
        found = [f"goals: {sum(self.goals.values())} ended"]
        for (form, outcome, code), count in sorted(self.goals.items()):
            found.append(f"  {form} {outcome}{f' ({code})' if code else ''}: {count}")
        found.append("steps: " + ", ".join(f"{code} {count}" for code, count in self.steps.most_common()))
        found.append("told by the body: " + ", ".join(f"{k} {n}" for k, n in sorted(self.told.items())))
        found.append(f"faults: {len(self.faults)}")
        for kind in sorted({f.kind for f in self.faults}):
            these = [f for f in self.faults if f.kind == kind]
            took = [f.borne_at - f.at for f in these if f.borne_at is not None]
            codes: Counter[str] = sum((f.codes for f in these), Counter())
            typical = (
                f"next success after {median(took):.0f} s, at most {max(took):.0f} s" if took else "no success since"
            )
            met = f"; met {', '.join(f'{c} {n}' for c, n in codes.most_common(6))}" if codes else ""
            found.append(f"  {kind}: {len(these)}, {typical}{met}")
        found.append(
            f"leaves: {sum(self.actions.values())} runs; the longest silence between steps {self.silence:.0f} s"
        )
        for leaf in sorted({leaf for leaf, _ in self.actions}):
            ends = {code: n for (name, code), n in self.actions.items() if name == leaf}
            told = ", ".join(f"{code} {n}" for code, n in sorted(ends.items(), key=lambda e: -e[1]))
            bound = self.timeouts.get(leaf, 0.0)
            found.append(f"  {leaf}: {told}; slowest {self.slowest.get(leaf, 0.0):.1f} s of {bound:.0f} s")
        return found


def _steady(what: str, times: list[float], values: list[float], growth: float, slack: float) -> Held:
    """Whether a series does not grow: less than `slack` over what was watched, or than a share `growth` an hour."""
    if len(times) < 3:
        return Held(f"no growth: {what}", ok=True, seen="too short to tell")
    slope = slope_per_hour(times, values)
    hours = (times[-1] - times[0]) / 3600
    ok = slope * hours <= slack or slope <= growth * float(np.mean(values))
    thirds = [part for part in np.array_split(np.array(values), 3) if len(part)]
    course = " > ".join(f"{float(np.mean(part)):.1f}" for part in thirds)
    rises = sum(b > a for a, b in pairwise(values))
    return Held(f"no growth: {what}", ok, f"{course}, {slope:+.2f} an hour, {rises} of {len(values) - 1} samples rose")
