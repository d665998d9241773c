"""Trying options in a process of their own, which is ended when it takes too long or dies of its hunger.

The process takes as long to get warm as the program itself. So whoever will need it starts it before anything
else is loaded, and this module loads next to nothing.
"""

from __future__ import annotations

import json
import select
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from conscious_bot.contracts import ConsciousBotError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conscious_bot.behavior import CompiledOption
    from conscious_bot.registry.leaf_code import LeafCode
    from conscious_bot.registry.trial import SandboxReport

__all__ = ["Sandbox", "SandboxLimits", "SandboxUnavailableError"]


@dataclass(frozen=True, slots=True)
class SandboxLimits:
    """`wall_s` for all tests of an option, `memory_mib` beyond what the warm process has, `start_s` to get warm."""

    wall_s: float = 60.0
    memory_mib: int = 1024
    start_s: float = 300.0


class SandboxUnavailableError(ConsciousBotError):
    """The worker process cannot be started. For whoever runs the bot; an option is never passed for it."""


class Sandbox:
    """One warm worker. Used from any thread, by one at a time; the worker is replaced when it had to be ended."""

    def __init__(self, limits: SandboxLimits | None = None) -> None:
        self._limits = limits or SandboxLimits()
        self._worker: subprocess.Popen[bytes] | None = None
        self._ready = False
        self._turn = threading.Lock()
        self._rest = b""

    def start(self) -> None:
        """Let a worker get warm while the caller goes on."""
        with self._turn:
            self._launched()

    def warm(self) -> None:
        """Start the worker and wait until it is warm."""
        with self._turn:
            self._started()

    def try_out(self, option: CompiledOption, outside: Sequence[LeafCode] = ()) -> SandboxReport:
        """Run the option's tests; `outside` is the code of those of its leaves that are not shipped.

        What does not answer in time has failed; its worker is gone."""
        from conscious_bot.registry.trial import SandboxReport  # noqa: PLC0415 - see the module's docstring

        request = {
            "document": json.loads(option.document.model_dump_json(by_alias=True, exclude_unset=True)),
            "capS": option.bound_s,
            "uses": list(option.leaves),
            "leaves": [code.wire() for code in outside],
        }
        with self._turn:
            worker = self._started()
            try:
                self._send(worker, request)
                answer = self._line(worker, self._limits.wall_s)
            except BaseException:
                self._end()
                raise
            if answer is None:
                status = worker.poll()
                self._end()
                self._launched()  # the next option need not wait for all of it
                what = f"took more than {self._limits.wall_s:g} s" if status is None else f"ended with status {status}"
                return SandboxReport(passed=False, problem=f"the sandbox {what} and was stopped")
            return SandboxReport.model_validate(answer)

    def close(self) -> None:
        """End the worker."""
        with self._turn:
            self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ------------------------------------------------------------------ the process

    def _launched(self) -> subprocess.Popen[bytes]:
        """The worker, which may still be getting warm."""
        if self._worker is not None and self._worker.poll() is None:
            return self._worker
        self._end()
        command = [sys.executable, "-m", "conscious_bot.registry.sandbox_worker", str(self._limits.memory_mib)]
        # In a session of its own: Ctrl-C is for whoever started it, who then ends it.
        self._worker = subprocess.Popen(  # noqa: S603 - our own module
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        )
        self._rest = b""
        return self._worker

    def _started(self) -> subprocess.Popen[bytes]:
        """The worker, warm."""
        worker = self._launched()
        if not self._ready:
            if self._line(worker, self._limits.start_s) != {"ready": True}:
                self._end()
                raise SandboxUnavailableError("the sandbox's process did not start; what it printed says why")
            self._ready = True
        return worker

    def _send(self, worker: subprocess.Popen[bytes], request: dict[str, Any]) -> None:
        if worker.stdin is None:
            raise SandboxUnavailableError("the sandbox's process has no input")
        worker.stdin.write(json.dumps(request).encode() + b"\n")
        worker.stdin.flush()

    def _line(self, worker: subprocess.Popen[bytes], seconds: float) -> dict[str, Any] | None:
        """The worker's next line, None if it ended or took too long."""
        if worker.stdout is None:
            return None
        end = time.monotonic() + seconds
        while b"\n" not in self._rest:
            left = end - time.monotonic()
            if left <= 0 or not select.select([worker.stdout], [], [], left)[0]:
                return None
            more = worker.stdout.read1(1 << 16)  # pyright: ignore[reportAttributeAccessIssue] - a buffered reader
            if not more:
                worker.wait()
                return None
            self._rest += more
        line, _, self._rest = self._rest.partition(b"\n")
        return json.loads(line)

    def _end(self) -> None:
        worker, self._worker, self._ready = self._worker, None, False
        if worker is None:
            return
        worker.kill()
        for pipe in (worker.stdin, worker.stdout):
            if pipe is not None:
                _closed(pipe)
        worker.wait()


def _closed(pipe: Any) -> None:
    try:
        pipe.close()
    except BrokenPipeError:
        return  # what was not sent is of no use to a process that has ended
