"""Every conformance probe on the built-in world and on the protocol server, in one table.

What the protocol server's survival plugin adds is this project's own reading of the rules, so this shows that two
readings agree and that mineflayer and the driver carry them; a server that others wrote is asked with
`conscious-bot conformance --world HOST:PORT`.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from tests.protocol_server.harness import ProtocolServer

from conscious_bot.body.mineflayer import Address, MineflayerBody, MineflayerOperator, ServerOptions
from conscious_bot.testing import conformance_command
from conscious_bot.testing.conformance import examine, summary
from conscious_bot.testing.conformance_probes import PROBES

__all__ = ["main"]


async def _on_server() -> dict[str, Any]:
    server = await ProtocolServer.start()
    body = MineflayerBody(ServerOptions(Address("127.0.0.1", server.port), username="Prober"))
    try:
        await body.open()
        found = await examine(body, MineflayerOperator(body, answer_seconds=0.05), PROBES)
        return summary("protocol server", body.tables.version, found)
    finally:
        await body.close()
        await server.stop()


def main() -> bool:
    """Print how both answer each case; True if nothing differs and nothing was skipped."""
    reports = [conformance_command.run(None), asyncio.run(_on_server())]
    cases: dict[tuple[str, str], dict[str, str]] = {}
    for report in reports:
        for found in report["findings"]:
            case = cases.setdefault((found["probe"], found["case"]), {"expected": found["expected"]})
            case[report["world"]] = f"{found['verdict']}: {found['observed']}"
    for (probe, case), answers in cases.items():
        print(f"{probe} | {case} | {answers.pop('expected')} | " + " | ".join(f"{w} {a}" for w, a in answers.items()))
    for report in reports:
        print("{world}: {agrees} agree, {differs} differ, {skipped} skipped".format(**report))
    return all(report["differs"] == report["skipped"] == 0 for report in reports)


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
