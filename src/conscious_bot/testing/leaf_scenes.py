"""Scenes for the cases of the shipped leaves: what is set up on flat ground, by day, with empty pockets.

A scene is a `Prepare`: it sets things up and returns the leaf's arguments. Those with parameters are made by a
function; `refused`, `carried_back`, `laden`, `walled` and `fenced` make another scene of one.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

from conscious_bot.contracts import BlockPos, UserError
from conscious_bot.leaves.observation import is_night
from conscious_bot.leaves.run_state import MovementGoal
from conscious_bot.testing.leaf_kit import Bench, Prepare

Args = dict[str, Any]
Step = Callable[[Bench], Awaitable[None]]

_SLOTS = 36
_CARRIED_EVERY = 0.25  # seconds: shorter than a step to the next cell


async def nothing(_bench: Bench) -> Args:
    """Flat ground."""
    return {}


def args(**args: Any) -> Prepare:
    """Flat ground, and these arguments."""

    async def prepare(_bench: Bench) -> Args:
        return args

    return prepare


def given(*items: str, count: int = 1, **args: Any) -> Prepare:
    """These items in the pockets."""

    async def prepare(bench: Bench) -> Args:
        for item in items:
            await bench.give(item, count)
        return args

    return prepare


def placed(block: str, *items: str, count: int = 1, key: str = "pos", **args: Any) -> Prepare:
    """A block two cells to the east, which the argument `key` names, and these items."""

    async def prepare(bench: Bench) -> Args:
        await bench.set(bench.at(2, 0, 0), block)
        for item in items:
            await bench.give(item, count)
        return {key: list(bench.at(2, 0, 0)), **args} if key else args

    return prepare


def to(key: str, dx: int, dz: int, dy: int = 0, **args: Any) -> Prepare:
    """A cell of the ground as the goal."""

    async def prepare(bench: Bench) -> Args:
        return {key: list(bench.at(dx, dy, dz)), **args}

    return prepare


def after(prepare: Prepare, *steps: Step) -> Prepare:
    """A scene, and then some more."""

    async def prepared(bench: Bench) -> Args:
        found = await prepare(bench)
        for step in steps:
            await step(bench)
        return found

    return prepared


# ------------------------------------------------------------------ what makes another scene of one


async def _refuse(bench: Bench) -> None:
    await bench.refuse()


def refused(prepare: Prepare) -> Prepare:
    """The world answers no deed of the hands."""
    return after(prepare, _refuse)


async def _carry_back(bench: Bench) -> None:
    x, y, z = bench.origin

    async def carry() -> None:
        while True:
            await asyncio.sleep(_CARRIED_EVERY)
            await bench.command(f"tp {bench.body.name} {x} {y} {z}")

    bench.keep(asyncio.ensure_future(carry()))


def carried_back(prepare: Prepare) -> Prepare:
    """Whatever step it takes, something carries the body back."""
    return after(prepare, _carry_back)


def laden(prepare: Prepare, slots: int = _SLOTS) -> Prepare:
    """With cobblestone in so many slots, all by default."""

    async def fill(bench: Bench) -> None:
        await bench.give("cobblestone", 64 * slots)

    return after(prepare, fill)


def walled(prepare: Prepare) -> Prepare:
    """Shut into the cell where the body stands."""

    async def wall(bench: Bench) -> None:
        await _ring(bench, 0, 2, "bedrock")
        await bench.set(bench.at(0, 2, 0), "bedrock")
        await bench.set(bench.at(0, -1, 0), "bedrock")

    return after(prepare, wall)


def fenced(prepare: Prepare) -> Prepare:
    """Where nobody gets out of, and all can look in."""

    async def fence(bench: Bench) -> None:
        await _ring(bench, 0, 0, "oak_fence")

    return after(prepare, fence)


async def _ring(bench: Bench, low: int, high: int, block: str) -> None:
    """All eight columns around the body."""
    await bench.fill(bench.at(-1, low, -1), bench.at(-1, high, 1), block)
    await bench.fill(bench.at(1, low, -1), bench.at(1, high, 1), block)
    await bench.fill(bench.at(0, low, -1), bench.at(0, high, -1), block)
    await bench.fill(bench.at(0, low, 1), bench.at(0, high, 1), block)


# ------------------------------------------------------------------ places

CAGED: BlockPos = (6, 0, 6)
"""The middle of the cage, from where the body begins."""


async def cage(bench: Bench) -> None:
    """A cage that nobody digs into, from below neither: three cells wide and high, its floor kept."""
    x, y, z = CAGED
    for low, high in (
        ((x - 3, y - 3, z - 3), (x - 2, y + 3, z + 3)),
        ((x + 2, y - 3, z - 3), (x + 3, y + 3, z + 3)),
        ((x - 1, y - 3, z - 3), (x + 1, y + 3, z - 2)),
        ((x - 1, y - 3, z + 2), (x + 1, y + 3, z + 3)),
        ((x - 1, y + 3, z - 1), (x + 1, y + 3, z + 1)),
        ((x - 1, y - 3, z - 1), (x + 1, y - 2, z + 1)),
    ):
        await bench.fill(bench.at(*low), bench.at(*high), "bedrock")


def caged(key: str, *items: str, block: str | None = None, dy: int = 0, **args: Any) -> Prepare:
    """The goal in a cage, with this block there, and these items in the pockets."""

    async def prepare(bench: Bench) -> Args:
        x, y, z = CAGED
        cell = bench.at(x, y + dy, z)
        if block is not None:
            await bench.set(cell, block)
        for item in items:
            await bench.give(item)
        await cage(bench)
        return {key: list(cell), **args} if key else args

    return prepare


async def buried(bench: Bench) -> None:
    """All around a log is bedrock."""
    x, y, z = CAGED
    await bench.fill(bench.at(x - 2, y - 2, z - 2), bench.at(x + 2, y + 2, z + 2), "bedrock")
    await bench.set(bench.at(x, y, z), "oak_log")


async def lake(bench: Bench) -> None:
    """Water all around the block on which the body stands."""
    for low, high in (((-14, -14), (14, -1)), ((-14, 1), (14, 14)), ((-14, 0), (-1, 0)), ((1, 0), (14, 0))):
        await bench.fill(bench.at(low[0], -1, low[1]), bench.at(high[0], -1, high[1]), "water")


async def pool(bench: Bench) -> None:
    """One cell of water, which keeps fields wet."""
    await bench.set(bench.at(3, -1, 0), "water")


async def midnight(bench: Bench) -> None:
    """The middle of the night."""
    await bench.command("time set midnight")


def goal(dx: int, dz: int) -> Step:
    """The run is on its way to a cell of the ground."""

    async def aim(bench: Bench) -> None:
        bench.state.goal = MovementGoal(pos=bench.at(dx, 0, dz))

    return aim


# ------------------------------------------------------------------ creatures


async def creeper(bench: Bench) -> None:
    """Something that hunts, and stays where it is."""
    await _creeper(bench, 5, 1)


async def close_creeper(bench: Bench) -> None:
    """The same, too near to build a wall."""
    await _creeper(bench, 2, 0)


async def _creeper(bench: Bench, dx: float, dz: float) -> None:
    with contextlib.suppress(UserError):  # some servers have no difficulties; then it comes or does not
        await bench.command("difficulty easy")
    await bench.summon("creeper", dx, dz, "{NoAI:1b}")


def killed(kind: str, seconds: float) -> Step:
    """Somebody else kills these creatures after so long."""

    async def kill(bench: Bench) -> None:
        async def later() -> None:
            await asyncio.sleep(seconds)
            await bench.command(f"kill @e[type={kind}]")

        bench.keep(asyncio.ensure_future(later()))

    return kill


async def sensed(bench: Bench) -> None:
    """The run has looked for hostiles."""
    bench.state.sensed_radius = 8.0


hunted = after(nothing, creeper)
"""A creeper near."""
hunted_with_blocks = after(given("dirt", count=16), creeper, sensed)
"""A creeper near, and blocks to build with."""
hunted_for_a_while = after(hunted_with_blocks, killed("creeper", 6.0))
"""The same, and it is gone after a while."""


def prey(dx: float = 3, dz: float = 0, tags: str = "", **more: Any) -> Prepare:
    """A pig and a sword."""

    async def prepare(bench: Bench) -> Args:
        await bench.give("iron_sword")
        await bench.summon("pig", dx, dz, tags)
        return {"kind": "pig", "targetFilter": "passive", **more}

    return prepare


def friend(dx: float = 5, dz: float = 2, ms: int = 500) -> Prepare:
    """A pig to go with."""

    async def prepare(bench: Bench) -> Args:
        return {"id": (await bench.summon("pig", dx, dz, "{NoAI:1b}")).id, "ms": ms}

    return prepare


# ------------------------------------------------------------------ things that lie about or in chests


async def lying(bench: Bench) -> Args:
    """A block of dirt on the ground, to be picked up."""
    await bench.set(bench.at(3, 0, 0), "dirt")
    for _ in range(3):  # in a world that lags it may not go at once
        if (await bench.run("dig_block", {"pos": list(bench.at(3, 0, 0))})).ok:
            break
    return {"radius": 8}


async def shut_off(bench: Bench) -> None:
    """Bedrock around what lies there."""
    await bench.fill(bench.at(2, 0, -1), bench.at(2, 2, 1), "bedrock")
    await bench.fill(bench.at(4, 0, -1), bench.at(4, 2, 1), "bedrock")
    await bench.fill(bench.at(3, 0, -1), bench.at(3, 2, -1), "bedrock")
    await bench.fill(bench.at(3, 0, 1), bench.at(3, 2, 1), "bedrock")
    await bench.fill(bench.at(3, 1, 0), bench.at(3, 2, 0), "bedrock")


async def far_chest(bench: Bench) -> None:
    """A chest some steps away."""
    await bench.set(bench.at(9, 0, 0), "chest")


async def on_the_edge(bench: Bench) -> None:
    """The body stands with its middle beyond the edge of a block, over a hole."""
    await bench.fill(bench.at(1, -3, 0), bench.at(1, -1, 0), "air")
    x, y, z = bench.origin
    await bench.command(f"tp {bench.body.name} {x + 1.2} {y} {z + 0.5}")
    await asyncio.sleep(0.5)


async def lid(bench: Bench) -> None:
    """A block on the chest."""
    await bench.set(bench.at(2, 1, 0), "stone")


async def lock(bench: Bench) -> None:
    """A chest or furnace that opens only to who holds a key."""
    x, y, z = bench.at(2, 0, 0)
    await bench.command(f'data merge block {x} {y} {z} {{Lock:"key"}}')


async def deposit(bench: Bench) -> Args:
    """A chest and dirt to put into it."""
    await bench.set(bench.at(2, 0, 0), "chest")
    await bench.give("dirt", 8)
    return {"pos": list(bench.at(2, 0, 0)), "item": "dirt", "count": 5, "direction": "deposit"}


async def filled_chest(bench: Bench) -> Args:
    """A chest in which nothing has room any more."""
    args = await deposit(bench)
    await bench.give("cobblestone", 64 * 27)
    await bench.run("transfer_items", {"pos": args["pos"], "item": "cobblestone", "direction": "deposit"})
    return args


async def withdraw(bench: Bench) -> Args:
    """A chest with dirt in it."""
    args = await deposit(bench)
    await bench.run("transfer_items", {**args, "count": 8})
    return {**args, "direction": "withdraw"}


def cluttered(block: str | None = None) -> Prepare:
    """Pockets full of cobblestone, and perhaps a block in which to put some of it."""

    async def prepare(bench: Bench) -> Args:
        await bench.give("cobblestone", 64 * 34)
        if block is None:
            return {"freeSlots": 8}
        await bench.set(bench.at(2, 0, 0), block)
        return {"freeSlots": 8, "pos": list(bench.at(2, 0, 0))}

    return prepare


async def opened(bench: Bench) -> Args:
    """A chest that was opened."""
    await bench.set(bench.at(2, 0, 0), "chest")
    await bench.run("open_container", {"pos": list(bench.at(2, 0, 0))})
    return {}


# ------------------------------------------------------------------ building

COLUMN: dict[str, Any] = {"levels": [{"coordinates": [0, y, 0], "placement": [["dirt"]]} for y in range(2)]}


def column(dx: int = 4, dz: int = 3) -> Prepare:
    """Two blocks to build, and what it takes."""

    async def prepare(bench: Bench) -> Args:
        await bench.give("dirt", 2)
        return {"pos": list(bench.at(dx, 0, dz)), "blueprint": COLUMN}

    return prepare


def site(dx: int = 3, dz: int = 3, block: str = "dirt") -> Prepare:
    """A place for something small with a block on it."""

    async def prepare(bench: Bench) -> Args:
        await bench.set(bench.at(dx + 1, 0, dz + 1), block)
        return {"pos": list(bench.at(dx, 0, dz)), "size": [3, 3, 3]}

    return prepare


async def hole(bench: Bench) -> Args:
    """A place for something small with a hole in it."""
    await bench.set(bench.at(4, -1, 4), "air")
    return {"pos": list(bench.at(3, 0, 3)), "size": [3, 3, 3]}


# ------------------------------------------------------------------ farming


async def tillable(bench: Bench) -> Args:
    """Ground with water beside it, and a hoe."""
    await pool(bench)
    await bench.give("wooden_hoe")
    return {"radius": 2, "count": 2}


def field(dx: int = 2, dz: int = 1, *, wet: bool = True, crop: str | None = None, named: bool = False) -> Prepare:
    """A cell of farmland with or without water, carrots, and perhaps a crop on it."""

    async def prepare(bench: Bench) -> Args:
        if wet:
            await bench.set(bench.at(dx + 1, -1, dz - 1), "water")
        await bench.set(bench.at(dx, -1, dz), f"farmland[moisture={7 if wet else 0}]")
        if crop is not None:
            await bench.set(bench.at(dx, 0, dz), crop)
        await bench.give("carrot", 2)
        return {"crop": "carrot", **({"pos": list(bench.at(dx, -1, dz))} if named else {"radius": 6})}

    return prepare


def ripe(dx: int = 2, dz: int = 1) -> Prepare:
    """A cell of ripe carrots."""

    async def prepare(bench: Bench) -> Args:
        await field(dx, dz, crop="carrots[age=7]")(bench)
        return {"radius": 6}

    return prepare


async def ripe_in_the_cage(bench: Bench) -> Args:
    """Ripe carrots where nobody gets."""
    await ripe(CAGED[0], CAGED[2])(bench)
    await cage(bench)
    return {"radius": 8}


async def field_in_the_cage(bench: Bench) -> Args:
    """Farmland where nobody gets."""
    await field(CAGED[0], CAGED[2])(bench)
    await cage(bench)
    return {"crop": "carrot", "radius": 8}


async def ripe_and_laden(bench: Bench) -> Args:
    """Ripe carrots and no room in the pockets."""
    await pool(bench)
    await bench.set(bench.at(2, -1, 1), "farmland[moisture=7]")
    await bench.set(bench.at(2, 0, 1), "carrots[age=7]")
    await bench.give("cobblestone", 64 * _SLOTS)
    return {"radius": 3}


# ------------------------------------------------------------------ beds and doors


async def door(bench: Bench) -> Args:
    """A shut door."""
    x, y, z = bench.at(2, 0, 0)
    await bench.set((x, y, z), "oak_door[half=lower]")
    await bench.set((x, y + 1, z), "oak_door[half=upper]")
    return {"pos": [x, y, z], "open": True}


async def night(bench: Bench) -> Args:
    """A bed in the pockets, by night."""
    await bench.give("red_bed")
    await bench.command("time set night")
    return {"placeBed": True}


def bed(dx: int = 2, dz: int = 0, *, occupied: bool = False, time: str = "night") -> Prepare:
    """A bed on the ground, by night or at another time."""

    async def prepare(bench: Bench) -> Args:
        more = f"occupied={str(occupied).lower()}"
        await bench.set(bench.at(dx, 0, dz), f"red_bed[part=foot,facing=east,{more}]")
        await bench.set(bench.at(dx + 1, 0, dz), f"red_bed[part=head,facing=east,{more}]")
        await bench.command(f"time set {time}")
        return {"pos": list(bench.at(dx, 0, dz))}

    return prepare


async def woken(bench: Bench) -> None:
    """Something hurts the sleeper."""

    async def later() -> None:
        dark = False
        while not (state := await bench.body.observe()).sleeping:
            if dark and not is_night(state):
                raise UserError("in this world the night is over before a sleeper can be woken", "have others stay up")
            dark = is_night(state)
            await asyncio.sleep(0.05)
        await bench.command(f"effect give {bench.body.name} instant_damage 1 0")

    bench.keep(asyncio.ensure_future(later()))


# ------------------------------------------------------------------ the rest


async def dead(bench: Bench) -> Args:
    """Dead."""
    await bench.command(f"kill {bench.body.name}")
    await asyncio.sleep(0.5)
    return {}


async def drowning(bench: Bench) -> Args:
    """In deep water with the head under it."""
    await bench.fill(bench.at(-2, -3, -2), bench.at(2, -1, 2), "water")
    await asyncio.sleep(2.5)
    return {}


async def tank(bench: Bench) -> Args:
    """In water with a lid on it."""
    await bench.fill(bench.at(-2, -4, -2), bench.at(2, -4, 2), "bedrock")
    await bench.fill(bench.at(-2, -3, -2), bench.at(2, -1, 2), "bedrock")
    await bench.fill(bench.at(-1, -3, -1), bench.at(1, -1, 1), "water")
    await asyncio.sleep(2.5)
    await bench.fill(bench.at(-2, 0, -2), bench.at(2, 0, 2), "bedrock")
    return {}


async def dark(bench: Bench) -> Args:
    """On the way by night, with torches."""
    await midnight(bench)
    await goal(6, 0)(bench)
    await bench.give("torch", 2)
    return {}


unsafe = after(nothing, midnight, goal(6, 0))
"""On the way by night."""


async def bucket(bench: Bench) -> Args:
    """Water and a bucket."""
    await pool(bench)
    await bench.give("bucket")
    return {"item": "bucket", "on": list(bench.at(3, -1, 0))}


async def crowded_smelt(bench: Bench) -> Args:
    """A furnace, and no slot in which what comes out of it has room."""
    await bench.set(bench.at(2, 0, 0), "furnace")
    await bench.give("raw_iron", 2)
    await bench.give("coal", 2)
    await bench.give("cobblestone", 64 * (_SLOTS - 2))
    return {"input": "raw_iron"}
