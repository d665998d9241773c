"""No known cause ends as `unknown`."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from conscious_bot.body.driver_process import DriverFailed, action_failed
from conscious_bot.contracts import ActionFailed, ExecErrorCode, UserError
from conscious_bot.leaves.causes import CAUSES, failure_of
from conscious_bot.sterling import errors as solver
from conscious_bot.world.grid import InputError

DRIVER = Path(__file__).resolve().parents[2] / "body-driver" / "src"


@pytest.mark.requirement("LEAF-05")
@pytest.mark.parametrize(
    ("error", "code"),
    [
        (TimeoutError("late"), "step.timeout"),
        (BrokenPipeError("gone"), "body.disconnected"),
        (asyncio.IncompleteReadError(b"", 4), "body.disconnected"),
        (solver.StaleError("blocks have changed"), "path.stuck"),
        (solver.CellError("outside"), "step.badArgs"),
        (UserError("no such command", "see help"), "step.badArgs"),
        (ActionFailed(ExecErrorCode.DIG_TIMEOUT), "dig.timeout"),
    ],
)
def test_what_is_thrown_on_this_side_has_a_code(error, code) -> None:
    failure = failure_of(error)
    assert failure is not None
    assert failure.code == code
    assert failure.error.retryable is ExecErrorCode(code).retryable


@pytest.mark.requirement("LEAF-05")
def test_a_cause_nobody_has_thought_of_has_none() -> None:
    assert failure_of(ZeroDivisionError("a bug")) is None
    assert ExecErrorCode.UNKNOWN not in {code for _, code in CAUSES}


@pytest.mark.requirement("LEAF-05")
def test_every_error_of_the_solver_has_a_row() -> None:
    kinds = [
        k for k in vars(solver).values() if isinstance(k, type) and issubclass(k, InputError) and k is not InputError
    ]
    assert len(kinds) >= 5
    assert all(failure_of(kind("x")) is not None for kind in kinds)


@pytest.mark.requirement("LEAF-05")
def test_every_code_the_driver_speaks_is_one_of_the_brains() -> None:
    text = "\n".join(path.read_text() for path in sorted(DRIVER.glob("*.js")))
    codes = set(re.findall(r"Failure\('([\w.]+)'", text)) | set(re.findall(r"code: '([\w.]+)'", text))
    codes = {code for code in codes if not code.startswith("connect.")} - {"unknown"}
    assert len(codes) > 30
    assert codes <= {code.value for code in ExecErrorCode}


@pytest.mark.requirement("LEAF-05")
def test_a_server_that_lets_nobody_back_in_is_a_lost_connection() -> None:
    assert action_failed(DriverFailed("connect.full", "later")).code == "body.disconnected"
    assert action_failed(DriverFailed("dig.timeout", None)).code == "dig.timeout"
    assert action_failed(DriverFailed("no.such", None)).code == "unknown"
