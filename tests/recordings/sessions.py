"""The recorded sessions, one a family of leaves: how the world is set up, and what is run.

`python -m tests.recordings.sessions [FAMILY ...]` records them anew on the protocol server, with mineflayer.
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path

from conscious_bot.body.mineflayer import MineflayerBody, MineflayerOperator
from conscious_bot.leaves.catalogue import default_catalogue
from conscious_bot.testing.recorded_leaves import LeafRun, record_leaves
from tests.protocol_server.harness import ProtocolServer, brought_home, options

RECORDINGS = Path(__file__).parent.parent / "data" / "recordings"


@dataclass(frozen=True, slots=True)
class Session:
    """Set-up commands (the spawn is at 0 64 0, the ground rises to the east) and the leaves that are run."""

    commands: tuple[str, ...]
    runs: tuple[LeafRun, ...]
    wait: float = 0.0
    """Seconds between set-up and start."""


SESSIONS = {
    "movement": Session((), (LeafRun("move_to", {"pos": [6, 66, 2], "tolerance": 1}),)),
    "navigation": Session((), (LeafRun("sterling_navigate", {"goal": [9, 65, 5], "toleranceY": 3}),)),
    "sensing": Session(
        ("setblock 3 67 3 oak_log",),
        (
            LeafRun("find_resource", {"resource": "oak_log", "radius": 16}),
            LeafRun("get_block_at", {"pos": [3, 67, 3]}),
            LeafRun("chat", {"message": "it is recorded"}),
        ),
    ),
    "interaction": Session(
        ("give Walker cobblestone 4",),
        (LeafRun("dig_block", {"pos": [1, 63, 1]}), LeafRun("place_block", {"item": "cobblestone", "pos": [1, 63, 1]})),
    ),
    "acquiring": Session(
        ("fill 3 66 0 3 67 0 oak_log", "give Walker iron_axe 1"),
        (LeafRun("acquire_material", {"item": "oak_log", "count": 2}),),
    ),
    "crafting": Session(
        ("give Walker oak_log 3",),
        (
            LeafRun("craft_recipe", {"recipe": "oak_planks", "qty": 8}),
            LeafRun("craft_recipe", {"recipe": "crafting_table"}),
            LeafRun("place_workstation", {"kind": "crafting_table"}),
            LeafRun("craft_recipe", {"recipe": "stick", "qty": 4}),
            LeafRun("craft_recipe", {"recipe": "wooden_shovel"}),
            LeafRun("craft_recipe", {"recipe": "furnace"}),
        ),
    ),
    "smelting": Session(
        ("setblock 1 64 1 furnace", "give Walker raw_iron 2", "give Walker coal 1"),
        (LeafRun("smelt", {"input": "raw_iron", "qty": 1}),),
    ),
    "eating": Session(
        ("effect give Walker hunger 2 255", "give Walker bread 2"),
        (LeafRun("consume_food", {"item": "bread"}),),
        wait=2.0,
    ),
    "inventory": Session(
        ("give Walker iron_pickaxe 1", "give Walker dirt 3"), (LeafRun("equip_tool", {"kind": "pickaxe"}),)
    ),
}


async def record(families: list[str]) -> None:
    server = await ProtocolServer.start()
    try:
        for family in families:
            session = SESSIONS[family]
            body = MineflayerBody(options(server))
            await server.do("reset")
            await body.open()
            try:
                await brought_home(server, body)
                operator = MineflayerOperator(body, answer_seconds=0.3)
                for command in session.commands:
                    await operator.command(command)
                await asyncio.sleep(session.wait)
                path = RECORDINGS / f"{family}.jsonl.gz"
                results = await record_leaves(body, default_catalogue(), session.runs, path)
                for run, result in zip(session.runs, results, strict=True):
                    print(family, run.leaf, "ok" if result.ok else result.error, f"{path.stat().st_size} bytes")
            finally:
                await body.close()
    finally:
        await server.stop()


if __name__ == "__main__":
    asyncio.run(record(sys.argv[1:] or list(SESSIONS)))
