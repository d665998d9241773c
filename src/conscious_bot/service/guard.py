"""Who may call: checked before any handler sees a request.

Three dangers, three checks. A page from elsewhere, open in the owner's browser, must not drive the bot:
`Host` has to be a name of this service, and `Origin`, where a browser sends one, the same. A stranger on
the network must not either: changing calls need the token whenever one is set, and a service that is
not bound to loopback has one. And no request body may fill the memory. Answers get the headers that keep
browsers from guessing, framing and keeping what changes.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from conscious_bot.registry.principals import Principal, Role
from conscious_bot.service.errors import ApiError, error_response

__all__ = ["Guard", "is_loopback"]

_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_MAX_BODY = 1 << 20
_MAX_GRID = 3 << 20  # base64 of 128^3 cells and what stands around it
_CHANGING = ("/api", "/world-scan", "/solve-navigation", "/capabilities")
_WS_POLICY_VIOLATION = 1008
_LOCAL = Principal("local", Role.OPERATOR)
"""Whoever sits at the machine the bot runs on."""
_ANYBODY = Principal("anybody", Role.VIEWER)
"""Whoever reads where a token is asked for, without one that is known."""


def is_loopback(host: str) -> bool:
    """Whether a service bound to this address is reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class Guard:
    """ASGI middleware with the three checks."""

    def __init__(
        self, app: ASGIApp, *, loopback: bool, token: str | None, principals: Mapping[str, Principal] | None = None
    ) -> None:
        self._app = app
        self._loopback = loopback
        self._token = token
        self._principals = dict(principals or {})
        if token is not None:
            self._principals[token] = Principal("owner", Role.OPERATOR)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        if scope["type"] == "http":
            send = _with_headers(send, scope["path"])
        headers = Headers(scope=scope)
        refusal = self._refusal(scope, headers)
        if refusal is None:
            unknown = _ANYBODY if self._token is not None or "authorization" in headers else _LOCAL
            scope.setdefault("state", {})["principal"] = self._principal(headers) or unknown
            await self._app(
                scope, _limited(receive, _most(scope["path"])) if scope["type"] == "http" else receive, send
            )
        elif scope["type"] == "http":
            detail = refusal.detail
            response = error_response(refusal.status, detail.code, detail.message, detail.remedy)
            if refusal.status == 401:
                response.headers["WWW-Authenticate"] = "Bearer"
            await response(scope, receive, send)
        else:
            await receive()  # the handshake's own message
            await send({"type": "websocket.close", "code": _WS_POLICY_VIOLATION, "reason": refusal.detail.code})

    def _refusal(self, scope: Scope, headers: Headers) -> ApiError | None:
        host = headers.get("host", "")
        if self._loopback and not is_loopback(_hostname(f"//{host}")):
            return ApiError(
                403, "request.host", f"this service is not {host!r}", "open it by the address it printed at its start"
            )
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != host:
            return ApiError(403, "request.origin", f"a page of {origin} may not use the bot", "use the bot's own page")
        if scope["type"] == "http" and scope["method"] not in _READING:
            principal = self._principal(headers)
            if principal is None and (self._token is not None or "authorization" in headers):
                return ApiError(
                    401,
                    "auth.required",
                    "this call changes what the bot does and needs the token",
                    "send 'Authorization: Bearer TOKEN' with the token the service was started with",
                )
            if not scope["path"].startswith("/capabilities/") and (principal or _LOCAL).role is not Role.OPERATOR:
                return ApiError(403, "auth.role", f"{principal} may not order the bot", "ask an operator")
            length = headers.get("content-length", "0")
            most = _most(scope["path"])
            too_large = not length.isdigit() or int(length) > most
            if too_large:
                return ApiError(413, "request.tooLarge", _too_large(most), "send less at once")
        return None

    def _principal(self, headers: Headers) -> Principal | None:
        """Whose token the request carries; every token is compared, so that the time taken tells nothing."""
        scheme, _, given = headers.get("authorization", "").partition(" ")
        found = None
        for token, principal in self._principals.items():
            if hmac.compare_digest(given.strip().encode(), token.encode()) and scheme.lower() == "bearer":
                found = principal
        return found


def _hostname(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # a Host that is no address at all
        return ""


def _most(path: str) -> int:
    """The largest body, in bytes. Grids are the one thing that may be long."""
    return _MAX_GRID if path == "/solve-navigation" else _MAX_BODY


def _too_large(most: int) -> str:
    return f"the body is larger than {most} bytes"


def _limited(receive: Receive, most: int) -> Receive:
    """Count what arrives: a chunked body announces no length."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > most:
            # The framework passes on this exception alone while it reads a body.
            raise HTTPException(413, _too_large(most))
        return message

    return counted


def _with_headers(send: Send, path: str) -> Send:
    async def extended(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            # Files may be kept if the browser asks each time whether they changed.
            headers.setdefault("Cache-Control", "no-store" if path.startswith(_CHANGING) else "no-cache")
            headers["X-Content-Type-Options"] = "nosniff"
            headers["X-Frame-Options"] = "DENY"
            headers["Referrer-Policy"] = "no-referrer"
        await send(message)

    return extended
