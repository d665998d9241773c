"""Why a server could not be entered: the driver's codes as one line for the user, and one that helps."""

from __future__ import annotations

from typing import NamedTuple

from conscious_bot.contracts import UserError

__all__ = ["refused"]


class _Advice(NamedTuple):
    problem: str
    remedy: str


_ADVICE = {
    "connect.unknownHost": _Advice(
        "no host is known by the name of {address}", "check the spelling of --world HOST:PORT and the network"
    ),
    "connect.refused": _Advice(
        "nothing listens at {address}", "start the server, or check its port (server-port in server.properties)"
    ),
    "connect.timeout": _Advice(
        "{address} did not let the bot in within the time: {detail}",
        "check that the server runs and that no firewall is in between",
    ),
    "connect.lost": _Advice(
        "{address} closed the connection: {detail}", "check that a Minecraft Java server runs there and see its log"
    ),
    "connect.version": _Advice(
        "the version does not fit {address}: {detail}",
        "leave out --mc-version, or give the server's own version; the driver speaks 1.8.8 to 26.1",
    ),
    "connect.banned": _Advice(
        "{address} has banned {username}: {detail}", "pardon the bot on the server, or use another --username"
    ),
    "connect.whitelist": _Advice(
        "{username} is not on the whitelist of {address}", "run `whitelist add {username}` on the server's console"
    ),
    "connect.auth": _Advice(
        "{address} wants a signed-in account: {detail}",
        "use --auth microsoft, or set online-mode=false on a server of your own",
    ),
    "connect.duplicate": _Advice("{username} is on {address} already", "use another --username"),
    "connect.full": _Advice("{address} is full", "try again later, or raise max-players"),
    "connect.kicked": _Advice("{address} sent the bot away: {detail}", "see the server's log for the reason"),
    "body.disconnected": _Advice(
        "the connection to {address} was lost: {detail}", "see the server's log, then try again"
    ),
}


_OTHER = _Advice("{address} could not be entered: {detail}", "see the log for the cause, then try again")


def refused(code: str, detail: str | None, address: str, username: str) -> UserError:
    """The error for a refusal. A code without advice still names what the driver said."""
    advice = _ADVICE.get(
        code, _Advice("{address} could not be entered: {detail}", "see the log (--verbose) for the cause")
    )
    names = {"address": address, "username": username, "detail": detail or "no answer"}
    return UserError(advice.problem.format(**names), advice.remedy.format(**names))
