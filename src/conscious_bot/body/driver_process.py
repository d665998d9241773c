"""The driver as a process: requests with answers, cancellation, pushed events, an orderly end."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import structlog

from conscious_bot.body.frames import Frame, FrameDecoder, FrameError, encode_frame
from conscious_bot.contracts import ActionFailed, ExecErrorCode, UserError

__all__ = ["Answer", "DriverFailed", "DriverProcess", "action_failed"]

PROTOCOL = 1
_READ_BYTES = 1 << 18
_HELLO_SECONDS = 20.0
_CLOSE_SECONDS = 5.0
_KEPT_LOG_LINES = 20

_log = structlog.get_logger("conscious_bot.body.driver")


class Answer(NamedTuple):
    """What a request gave: its result, and the raw bytes that came with it."""

    result: Any
    payload: bytes


class DriverFailed(Exception):
    """The driver refused a request; `code` is an ExecErrorCode or one of PROTOCOL.md's `connect.*` codes."""

    def __init__(self, code: str, detail: str | None) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class DriverProcess:
    """One Node process and the pipe to it. Belongs to the event loop that started it."""

    def __init__(self, on_event: Callable[[str, Mapping[str, Any]], None], on_exit: Callable[[str], None]) -> None:
        self._on_event = on_event
        self._on_exit = on_exit
        self._process: asyncio.subprocess.Process | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._waiting: dict[int, asyncio.Future[Answer]] = {}
        self._next_id = 1
        self._hello: asyncio.Future[Mapping[str, Any]] | None = None
        self._closing = False
        self._gone: str | None = None
        self._last_lines: deque[str] = deque(maxlen=_KEPT_LOG_LINES)

    @property
    def pid(self) -> int | None:
        """The process's id while it runs."""
        return self._process.pid if self._process is not None and self._process.returncode is None else None

    async def start(self, node: Path, program: Path) -> Mapping[str, Any]:
        """Start the driver; returns what it says of itself. Raises UserError if it does not come up."""
        self._hello = asyncio.get_running_loop().create_future()
        try:
            self._process = await asyncio.create_subprocess_exec(
                str(node), str(program),
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
                limit=_READ_BYTES,
            )  # fmt: skip
        except OSError as error:
            raise UserError(f"{node} cannot be started: {error.strerror}", "run `make setup` again") from error
        self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._read_log())]
        try:
            hello = await asyncio.wait_for(asyncio.shield(self._hello), _HELLO_SECONDS)
        except (TimeoutError, DriverFailed) as error:
            await self.close()
            last = self._last_lines[-1] if self._last_lines else str(error) or "it said nothing"
            raise UserError(
                f"the Minecraft driver did not start: {last}",
                f"run `npm ci` in {program.parent.parent} and try again",
            ) from error
        if hello.get("protocol") != PROTOCOL:
            await self.close()
            raise UserError(
                f"the Minecraft driver speaks protocol {hello.get('protocol')}, this brain {PROTOCOL}",
                "install conscious-bot again, so that both come from one version",
            )
        return hello

    async def request(self, operation: str, arguments: Mapping[str, Any] | None = None) -> Answer:
        """Ask for an operation and wait for its answer.

        Raises DriverFailed. If this task is cancelled the driver is told to cancel the operation; it ends
        soon after, and its late answer is dropped.
        """
        if self._gone is not None or self._process is None or self._process.stdin is None:
            raise DriverFailed(ExecErrorCode.BODY_DISCONNECTED, self._gone or "the driver does not run")
        number = self._next_id
        self._next_id += 1
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        try:
            self._write({"t": "req", "id": number, "op": operation, "args": dict(arguments or {})})
            await self._drain()
            return await future
        except asyncio.CancelledError:
            self._write({"t": "cancel", "id": number})
            raise
        finally:
            self._waiting.pop(number, None)

    async def close(self) -> None:
        """Make the driver leave the world and end. Safe to call twice; never leaves a process behind."""
        self._closing = True
        process = self._process
        if process is None:
            return
        try:
            if process.returncode is None:
                if process.stdin is not None:
                    process.stdin.close()  # the driver leaves the world when its input ends
                try:
                    await asyncio.wait_for(process.wait(), _CLOSE_SECONDS)
                except TimeoutError:
                    _log.warning("driver did not end by itself", pid=process.pid)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            self._tasks = []

    def _write(self, header: dict[str, Any]) -> None:
        if self._process is not None and self._process.stdin is not None and not self._process.stdin.is_closing():
            self._process.stdin.write(encode_frame(header))

    async def _drain(self) -> None:
        if self._process is not None and self._process.stdin is not None:
            # A broken pipe shows as the end of the process, which fails every waiting request.
            with contextlib.suppress(ConnectionError):
                await self._process.stdin.drain()

    async def _read(self) -> None:
        process = self._process
        if process is None or process.stdout is None:
            raise RuntimeError("read before start")
        decoder = FrameDecoder()
        reason = "the driver ended"
        try:
            while data := await process.stdout.read(_READ_BYTES):
                for frame in decoder.push(data):
                    self._receive(frame)
        except FrameError as error:
            reason = f"the driver sent something unreadable: {error}"
            process.kill()
        status = await process.wait()
        if status != 0 and not self._closing:
            last = f": {self._last_lines[-1]}" if self._last_lines else ""
            reason = f"{reason} with status {status}{last}"
        self._lost(reason)

    def _lost(self, reason: str) -> None:
        self._gone = reason
        failure = DriverFailed(ExecErrorCode.BODY_DISCONNECTED, reason)
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(failure)
        if self._hello is not None and not self._hello.done():
            self._hello.set_exception(failure)
        if not self._closing:
            self._on_exit(reason)

    def _receive(self, frame: Frame) -> None:
        header = frame.header
        match header.get("t"):
            case "event":
                self._on_event(str(header.get("kind")), header.get("data") or {})
            case "ok" | "err":
                future = self._waiting.get(header.get("id", 0))
                if future is None or future.done():
                    return  # the answer to something cancelled meanwhile
                if header["t"] == "ok":
                    future.set_result(Answer(header.get("result"), frame.payload))
                else:
                    future.set_exception(DriverFailed(str(header.get("code")), header.get("detail")))
            case "hello":
                if self._hello is not None and not self._hello.done():
                    self._hello.set_result(header)
            case other:
                _log.warning("message ignored", type=other)

    async def _read_log(self) -> None:
        process = self._process
        if process is None or process.stderr is None:
            raise RuntimeError("read before start")
        while True:
            try:
                line = await process.stderr.readline()
            except ValueError:  # a line longer than the limit; the reader has dropped it
                continue
            if not line:
                return
            self._log_line(line.decode(errors="replace").rstrip())

    def _log_line(self, line: str) -> None:
        try:
            fields = json.loads(line)
            level, event = str(fields.pop("level")), str(fields.pop("event"))
        except (ValueError, KeyError, AttributeError):
            self._last_lines.append(line)
            _log.warning("driver", text=line)
            return
        if level in {"warning", "error"}:
            self._last_lines.append(f"{event} {' '.join(str(v) for v in fields.values())}"[:300])
        write = {"debug": _log.debug, "info": _log.debug, "warning": _log.info, "error": _log.error}.get(
            level, _log.info
        )
        write(event, **{str(k): v for k, v in fields.items()})


def action_failed(failure: DriverFailed) -> ActionFailed:
    """The failure as leaves know it; a code the brain does not know is `unknown`, with the code in the detail.

    Why a server could not be entered again (`connect.*`) is, to an action, a connection that is lost.
    """
    if failure.code.startswith("connect."):
        return ActionFailed(ExecErrorCode.BODY_DISCONNECTED, f"{failure.code}: {failure.detail}")
    try:
        return ActionFailed(ExecErrorCode(failure.code), failure.detail)
    except ValueError:
        return ActionFailed(ExecErrorCode.UNKNOWN, f"{failure.code}: {failure.detail}")
