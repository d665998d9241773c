"""The dashboard in a real browser, over the real service, fed with a piece of generated hills."""

from __future__ import annotations

import asyncio
import json
import math
import shutil
import struct
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conscious_bot.contracts import Event, EventType, Provenance
from conscious_bot.game.tables import Tables
from conscious_bot.service import (
    BodyView,
    Command,
    CommandReply,
    GoalView,
    Hub,
    InventoryView,
    MetricsView,
    NeedView,
    PlanView,
    Server,
    ServiceSettings,
    SlotView,
    Status,
    StepView,
    Suggestion,
    WorldView,
)
from conscious_bot.world.region import UNKNOWN, VoxelRegion
from conscious_bot.world.state import EntityView, ItemStack

HERE = Path(__file__).parent
PLAYWRIGHT = HERE.parents[1] / "dashboard" / "node_modules" / "playwright-core"
GATHERED = {"ok": True, "changed": True, "observables": {"commands": 3, "difference": {"inventory": {"oak_log": 3}}}}
REFUSED = {"ok": False, "changed": False, "error": {"code": "craft.missingInput", "detail": "no planks"}}
GOAL, REASON = "get 1 wooden_pickaxe", "stone gives nothing to bare hands"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def recorded_hills(tables: Tables) -> VoxelRegion:
    """The surroundings a bot saw in the built-in world, as /api/viewer/surroundings answered them."""
    raw = zlib.decompress((HERE / "hills.bin").read_bytes())
    (length,) = struct.unpack_from("<I", raw)
    header = json.loads(raw[4 : 4 + length])
    states = [tables.state_of(entry["name"], **entry.get("props", {})) for entry in header["palette"]]
    lookup = np.full(UNKNOWN + 1, UNKNOWN, np.uint16)
    lookup[: len(states)] = states
    cells = np.frombuffer(raw, "<u2", offset=4 + length).reshape(header["size"])
    return VoxelRegion(tuple(header["origin"]), lookup[cells])


def ground(region: VoxelRegion, x: int, z: int, tables: Tables) -> int:
    """The first free height over the highest block that is neither plant nor tree."""
    ox, oy, oz = region.origin
    for y in range(region.blocks.shape[1] - 1, -1, -1):
        name = tables.name_of(int(region.blocks[x - ox, y, z - oz]))
        if name in {"grass_block", "dirt", "stone", "sand", "gravel"}:
            return oy + y + 1
    raise AssertionError(f"no ground at {x} {z}")


def status(position: tuple[float, float, float], path: tuple[tuple[int, int, int], ...]) -> Status:
    steps = (
        StepView(step_id="s1", type="acquire_material", args={"item": "oak_log", "count": 3}, status="done",
                 rationale="planks are made of logs", started_at=1.0, ended_at=9.0, attempts=1),
        StepView(step_id="s2", type="craft_recipe", args={"recipe": "oak_planks", "qty": 12}, status="running",
                 rationale="planks are the base of every tool", started_at=9.0, attempts=1),
        StepView(step_id="s3", type="craft_recipe", args={"recipe": "wooden_pickaxe"}, rationale="the goal itself"),
    )  # fmt: skip
    items = (("wooden_axe", 1), ("oak_log", 3), ("cobblestone", 12), ("stick", 4), ("apple", 2), ("torch", 8))
    return Status(
        bot="Wren",
        world=WorldView(kind="sim", seed=4, version="1.20.4"),
        connected=True,
        activity="crafting oak_planks",
        body=BodyView(
            position=position, yaw=0.6, pitch=0.0, health=17.0, food=18, saturation=3.0, air=300, alive=True,
            on_ground=True, in_water=False, moving=True, dimension="overworld", game_mode="survival",
            time_of_day=3200, raining=False,
        ),
        inventory=InventoryView(
            slots=tuple(SlotView(slot=i, item=item, count=count) for i, (item, count) in enumerate(items)),
            counts=dict(items),
            selected=0,
            held="wooden_axe",
        ),
        goal=GoalView(text=GOAL, reason=REASON, since=0.5, source="system"),
        needs=(NeedView(name="tools", level=0.8, reason="no pickaxe yet"), NeedView(name="food", level=0.1)),
        plan=PlanView(plan_id="p1", planner="sterling", rationale="three steps, the cheapest way", steps=steps),
        path=path,
        metrics=MetricsView(ttfa_p50_ms=3.1, ttfa_p95_ms=12.0, steps_dispatched=2, steps_completed=1),
        clock=12.0,
    )  # fmt: skip


async def answer(command: Command) -> CommandReply:
    assert isinstance(command, Suggestion)
    if command.text.startswith("get "):
        return CommandReply(accepted=True, reason="I take it up after this.")
    return CommandReply(accepted=False, reason="I know no such goal.")


@contextmanager
def shown(time_of_day: int = 3200, creatures: tuple[str, ...] = ("cow",)) -> Iterator[str]:
    """The address of a page with something to see: hills, torches, creatures around the bot, at a time of day."""
    tables = Tables.builtin()
    region = recorded_hills(tables)
    x, z = 8, 8
    y = ground(region, x, z, tables)
    hub = Hub()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="agent")
    thread.start()
    hub.bind(loop, answer)
    server = Server(hub, ServiceSettings(port=0))
    server.start()
    hub.publish_surroundings(region, tables)
    for dx, dz in ((2, 1), (-3, 2)):
        hub.publish_block_change((x + dx, ground(region, x + dx, z + dz, tables), z + dz), tables.state_of("torch"))
    for dx in range(-3, 0):  # a pond
        for dz in range(4, 7):
            place = (x + dx, ground(region, x + dx, z + dz, tables) - 1, z + dz)
            hub.publish_block_change(place, tables.state_of("water"))
    path = tuple((x + i, ground(region, x + i, z + 1, tables), z + 1) for i in range(1, 6))
    now = status((x + 0.5, float(y), z + 0.5), path)
    assert now.body is not None
    hub.publish_status(now.model_copy(update={"body": now.body.model_copy(update={"time_of_day": time_of_day})}))
    entities = [around(kind, i, len(creatures), region, (x, z), tables) for i, kind in enumerate(creatures)]
    drop = (x - 0.5, float(ground(region, x - 1, z, tables)), z + 0.5)
    hub.publish_entities([*entities, EntityView(99, "item", drop, stack=ItemStack("oak_log", 1))])
    told: list[tuple[EventType, dict[str, Any]]] = [
        (EventType.RUN_STARTED, {}),
        (EventType.GOAL_SELECTED, {"goal": "get 1 wooden_pickaxe", "reason": "stone gives nothing to bare hands"}),
        (EventType.STEP_STARTED, {"type": "acquire_material", "args": {"item": "oak_log", "count": 3}}),
        (EventType.STEP_ENDED, {"type": "acquire_material", "attempts": 1, "result": GATHERED}),
        (EventType.STEP_ENDED, {"type": "craft_recipe", "attempts": 3, "result": REFUSED}),
        (EventType.BODY, {"kind": "chat", "sender": "Ada", "text": "<img src=x onerror=alert(1)>"}),
    ]
    for seq, (kind, data) in enumerate(told, 1):
        provenance = Provenance(step_id="s1" if data.get("type") == "acquire_material" else None)
        hub.publish_event(seq, Event(type=kind, at=float(seq), data=data, provenance=provenance))
    try:
        yield server.url
    finally:
        server.stop()
        hub.unbind()
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def around(kind: str, number: int, of: int, region: VoxelRegion, center: tuple[int, int], tables: Tables) -> EntityView:
    """A creature on a circle about the bot; zombies and spiders are hurt."""
    angle = 2 * math.pi * number / of
    x, z = center[0] + round(5 * math.cos(angle)), center[1] + round(5 * math.sin(angle))
    size = tables.entities[kind]
    health = {"zombie": 9.0, "spider": 4.0, "cow": 10.0}.get(kind)
    place = (x + 0.5, float(ground(region, x, z, tables)), z + 0.5)
    return EntityView(number + 1, kind, place, health=health, width=size.width, height=size.height)


@pytest.fixture
def page() -> Iterator[str]:
    """A page by day."""
    with shown() as url:
        yield url


def browser_command(script: str) -> list[str]:
    """How to run a script of this directory with a browser; skips where there is none."""
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        pytest.skip(f"no browser to look with: none of {', '.join(BROWSERS)} is installed")
    if not PLAYWRIGHT.is_dir():
        pytest.skip("dashboard/node_modules/playwright-core is missing: run `make setup`")
    node = shutil.which("node", path=str(Path(sys.executable).parent)) or shutil.which("node")
    assert node is not None, "node comes with the environment"
    return [node, str(HERE / script), str(PLAYWRIGHT), browser]


def look(
    url: str, picture: Path, size: tuple[int, int] = (1280, 800), scheme: str = "dark", suggestion: str = ""
) -> dict[str, Any]:
    arguments = [*browser_command("look.mjs"), url, str(picture), str(size[0]), str(size[1]), scheme, suggestion]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.browser
@pytest.mark.requirement("SRV-03")
def test_the_page_shows_the_world_the_goal_and_its_reason_the_plan_and_the_inventory(page: str, tmp_path: Path) -> None:
    picture = tmp_path / "dashboard.png"
    seen = look(page, picture, suggestion="get 1 stone_pickaxe")
    assert seen["problems"] == []
    assert seen["canvas"]["colours"] > 40, "a blank or nearly blank canvas"
    assert seen["canvas"]["green"] > 0.15, "hills with grass and trees are mostly green"
    assert seen["canvas"]["triangles"] > 5000
    assert seen["name"] == "Wren"
    assert "Get a wooden pickaxe" in seen["goal"]
    assert "stone gives nothing to bare hands" in seen["goal"]
    assert seen["steps"] == [
        ["done", "Gather 3 oak logs"],
        ["running", "Craft 12 oak planks"],
        ["pending", "Craft a wooden pickaxe"],
    ]
    assert [(item, count) for item, count, _ in seen["items"]] == [
        ("wooden_axe", 1), ("oak_log", 3), ("cobblestone", 12), ("stick", 4), ("apple", 2), ("torch", 8),
    ]  # fmt: skip
    assert all(drawn for _, _, drawn in seen["items"])
    assert seen["needs"] == ["Tools", "Food"]
    assert "Gather 3 oak logs: +3 oak log." in seen["log"]
    assert "Crafting failed after 3 tries: no planks (craft.missingInput)." in seen["log"]
    assert "Ada: <img src=x onerror=alert(1)>" in seen["log"], "what strangers say is shown as text"
    assert seen["reply"] == "Accepted I take it up after this."
    assert picture.stat().st_size > 50_000


@pytest.mark.browser
def test_the_page_fits_a_phone_in_light_colours_and_shows_a_refusal(page: str, tmp_path: Path) -> None:
    seen = look(page, tmp_path / "phone.png", size=(390, 844), scheme="light", suggestion="fly")
    assert seen["problems"] == []
    assert seen["overflow"] <= 0
    assert seen["canvas"]["colours"] > 40
    assert seen["reply"] == "Refused I know no such goal."


CREATURES = ("cow", "pig", "sheep", "chicken", "zombie", "skeleton", "spider", "creeper", "enderman", "arrow")


@pytest.mark.browser
@pytest.mark.requirement("SRV-03")
def test_the_page_shows_day_and_night_with_creatures_and_both_can_be_read(tmp_path: Path) -> None:
    pictures: dict[str, dict[str, Any]] = {}
    for name, time_of_day in (("day", 3200), ("night", 18000)):
        with shown(time_of_day, CREATURES) as url:
            picture = tmp_path / f"{name}.png"
            pictures[name] = seen = look(url, picture)
        assert seen["problems"] == []
        assert seen["creatures"] == len(CREATURES) + 1, "the creatures, and what lies on the ground"
        assert seen["wounds"] == ["45%", "25%"], "only who is hurt carries a bar"
        assert picture.stat().st_size > 50_000
    day, night = pictures["day"]["canvas"], pictures["night"]["canvas"]
    assert day["light"] > 1.25 * night["light"]
    assert night["light"] > 25, "deep night is dark, but not black"
    assert night["blue"] / night["red"] > 1.3 * day["blue"] / day["red"], "moonlight is blue"
    assert night["warm"] > 0.005, "lamps are warm"
    assert night["colours"] > 40


@pytest.mark.browser
def test_without_3d_there_is_a_plain_map_and_a_sentence(page: str) -> None:
    done = subprocess.run([*browser_command("flat.mjs"), page], capture_output=True, text=True, timeout=120, check=True)
    seen = json.loads(done.stdout)
    assert seen["colours"] > 40
    assert "shows no 3D" in seen["sentence"]


@pytest.mark.browser
def test_the_page_says_when_the_bot_is_gone_and_connects_again_by_itself() -> None:
    hub = Hub()
    server = Server(hub, ServiceSettings(port=0))
    server.start()
    again = Server(hub, ServiceSettings(port=server.port))
    with subprocess.Popen([*browser_command("reconnect.mjs"), server.url], stdout=subprocess.PIPE, text=True) as page:
        assert page.stdout is not None
        assert page.stdout.readline().strip() == "live"
        server.stop()
        gone = page.stdout.readline()
        assert gone.startswith("lost ")
        assert "connects again by itself" in gone
        again.start()
        assert page.stdout.readline().strip() == "live"
    again.stop()
    assert page.returncode == 0
