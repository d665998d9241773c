"""One form for everything the service refuses: a code for programs, a message and a remedy for people."""

from __future__ import annotations

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from conscious_bot.contracts import ActionFailed, UserError, Wire

__all__ = ["ApiError", "ErrorBody", "ErrorDetail", "error_response", "install_error_handlers"]

_log = structlog.get_logger(__name__)


class ErrorDetail(Wire):
    """What is wrong and what would help. `code` is stable, the texts are not."""

    code: str
    message: str
    remedy: str


class ErrorBody(Wire):
    """The body of every answer that is not a success."""

    error: ErrorDetail


class ApiError(Exception):
    """A refusal with its HTTP status; raised by handlers, turned into an `ErrorBody` at the edge."""

    def __init__(self, status: int, code: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.status = status
        self.detail = ErrorDetail(code=code, message=message, remedy=remedy)


_BY_STATUS: dict[int, tuple[str, str]] = {
    404: ("request.notFound", "see /openapi.json for what there is"),
    405: ("request.method", "see /openapi.json for the methods of this path"),
    413: ("request.tooLarge", "send less at once"),
}


def error_response(status: int, code: str, message: str, remedy: str) -> JSONResponse:
    """An error in the one form."""
    body = ErrorBody(error=ErrorDetail(code=code, message=message, remedy=remedy))
    return JSONResponse(body.wire(), status_code=status)


def install_error_handlers(app: FastAPI) -> None:
    """Give every failure of the app the one form, those of the framework included."""

    async def refused(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, ApiError)  # noqa: S101 - registered for this type alone
        return JSONResponse(ErrorBody(error=error.detail).wire(), status_code=error.status)

    async def http(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)  # noqa: S101 - registered for this type alone
        if error.status_code == 400:  # the framework's word for a body that it cannot decode
            return error_response(422, "request.invalid", "the body is no JSON in UTF-8", "see /openapi.json")
        code, remedy = _BY_STATUS.get(error.status_code, ("request.refused", "see /openapi.json"))
        message = f"{request.method} {request.url.path}: {error.detail}"
        response = error_response(error.status_code, code, message, remedy)
        response.headers.update(error.headers or {})
        return response

    async def invalid(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this type alone
        wrong = [f"{'.'.join(str(p) for p in e['loc'])}: {e['msg']}" for e in error.errors()]
        return error_response(422, "request.invalid", "; ".join(wrong), "see /openapi.json for the fields")

    async def user(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, UserError)  # noqa: S101 - registered for this type alone
        return error_response(422, "request.impossible", error.problem, error.remedy)

    async def action(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, ActionFailed)  # noqa: S101 - registered for this type alone
        return error_response(409, str(error.code), str(error), error.code.traits.hint)

    async def bug(request: Request, error: Exception) -> JSONResponse:
        _log.error("request.failed", method=request.method, path=request.url.path, exc_info=error)
        return error_response(
            500, "internal", f"{type(error).__name__} in the service", "please report the log's entry"
        )

    app.add_exception_handler(ApiError, refused)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(UserError, user)
    app.add_exception_handler(ActionFailed, action)
    app.add_exception_handler(Exception, bug)
