"""The recorded sessions, one a family of leaves: how the world is set up, and what is run.

`python -m tests.recordings.sessions [FAMILY ...]` records them anew on the protocol server, with mineflayer.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conscious_bot.body.mineflayer import MineflayerBody, MineflayerOperator
from conscious_bot.leaves.catalogue import default_catalogue
from conscious_bot.testing.leaf_scenes import COLUMN
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
    flat: bool = False
    """On a plain instead."""
    meanwhile: tuple[float, str] | None = None
    """A command that is given so many seconds after the start."""


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
    "combat": Session(
        ("give Walker iron_sword 1", "summon pig 3 64 0 {NoAI:1b}"),
        (LeafRun("equip_weapon", {}), LeafRun("attack_entity", {"kind": "pig", "targetFilter": "passive"})),
        flat=True,
    ),
    "collecting": Session(
        ("setblock 3 64 0 dirt",),
        (LeafRun("dig_block", {"pos": [3, 64, 0]}), LeafRun("collect_items", {"radius": 8})),
        flat=True,
    ),
    "construction": Session(
        ("give Walker dirt 4", "give Walker chest 1", "setblock 4 64 4 dirt"),
        (
            LeafRun("prepare_site", {"pos": [3, 64, 3], "size": [3, 3, 3]}),
            LeafRun("build_module", {"pos": [4, 64, 4], "blueprint": COLUMN}),
            LeafRun("place_feature", {"feature": "chest", "pos": [2, 64, 0]}),
        ),
        flat=True,
    ),
    "containers": Session(
        ("setblock 2 64 0 chest", "give Walker dirt 8", "give Walker stick 5"),
        (
            LeafRun("transfer_items", {"pos": [2, 64, 0], "item": "dirt", "count": 5, "direction": "deposit"}),
            LeafRun("open_container", {"pos": [2, 64, 0]}),
            LeafRun("transfer_items", {"item": "dirt", "direction": "withdraw"}),
            LeafRun("close_container", {}),
            LeafRun("toss", {"item": "stick", "count": 2}),
        ),
        flat=True,
    ),
    "escape": Session(
        ("summon creeper 5 64 1 {NoAI:1b}", "summon pig -5 64 2 {NoAI:1b}"),
        (LeafRun("sense_hostiles", {"radius": 10}), LeafRun("retreat_from_threat", {}), LeafRun("flee", {})),
        flat=True,
    ),
    "farming": Session(
        (
            "setblock 3 63 0 water",
            "setblock 2 63 2 farmland[moisture=7]",
            "setblock 2 64 2 carrots[age=7]",
            "give Walker wooden_hoe 1",
            "give Walker carrot 2",
        ),
        (
            LeafRun("harvest_crop", {"radius": 3}),
            LeafRun("till_soil", {"pos": [2, 63, 0]}),
            LeafRun("plant_crop", {"crop": "carrot", "pos": [2, 63, 0]}),
        ),
        flat=True,
    ),
    "pillar": Session(("give Walker dirt 3",), (LeafRun("pillar_up", {"height": 2}),), flat=True),
    "safety": Session(
        ("give Walker torch 2",),
        (
            LeafRun("move_to", {"pos": [4, 64, 0], "safe": True}),
            LeafRun("place_torch", {}),
            LeafRun("step_forward_safely", {}),
            LeafRun("place_torch_if_needed", {}),
        ),
        flat=True,
    ),
    "shelter": Session(
        ("give Walker dirt 16", "summon creeper 5 64 1 {NoAI:1b}"),
        (LeafRun("sense_hostiles", {"radius": 8}), LeafRun("retreat_and_block", {})),
        flat=True,
        meanwhile=(12.0, "kill @e[type=creeper]"),
    ),
    "using": Session(
        (
            "setblock 2 64 0 oak_door[half=lower]",
            "setblock 2 65 0 oak_door[half=upper]",
            "setblock 0 63 2 water",
            "give Walker bucket 1",
            "give Walker red_bed 1",
            "time set night",
        ),
        (
            LeafRun("interact_with_block", {"pos": [2, 64, 0], "open": True}),
            LeafRun("use_item", {"item": "bucket", "on": [0, 63, 2]}),
            LeafRun("sleep", {"placeBed": True}),
            LeafRun("wake", {}),
        ),
        flat=True,
    ),
}
"""One for each family of leaves that a body can be seen to keep its word in."""


async def record(families: list[str]) -> None:
    for flat in (False, True):
        wanted = [family for family in families if SESSIONS[family].flat == flat]
        if wanted:
            await _record(wanted, flat=flat)


async def _record(families: list[str], *, flat: bool) -> None:
    server = await ProtocolServer.start(flat=flat)
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
                if session.meanwhile is not None:
                    seconds, command = session.meanwhile
                    asyncio.get_running_loop().call_later(seconds, _soon, operator.command(command))
                results = await record_leaves(body, default_catalogue(), session.runs, path)
                for run, result in zip(session.runs, results, strict=True):
                    print(family, run.leaf, "ok" if result.ok else result.error, f"{path.stat().st_size} bytes")
            finally:
                await body.close()
    finally:
        await server.stop()


_doing = set[asyncio.Future[None]]()


def _soon(deed: Coroutine[Any, Any, None]) -> None:
    _doing.add(asyncio.ensure_future(deed))


if __name__ == "__main__":
    asyncio.run(record(sys.argv[1:] or list(SESSIONS)))
