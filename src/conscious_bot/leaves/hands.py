"""The hands as one run of a leaf gets them: checked against its permissions, counted, and taken back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Literal, Protocol, TypeVar

from conscious_bot.body.port import Face, FollowResult, FurnacePart, Hands, Senses
from conscious_bot.contracts import ActionFailed, BlockPos, Clock, ExecErrorCode, Permission, Position, Primitive
from conscious_bot.game.tables import Recipe
from conscious_bot.leaves.activity import Activity
from conscious_bot.leaves.run_state import RunState
from conscious_bot.world.creatures import is_hostile
from conscious_bot.world.region import UNKNOWN, Box
from conscious_bot.world.state import WindowView

__all__ = ["OFFSETS", "EditPolicy", "LeasedHands", "UnrestrictedEdits", "beside", "look_at_blocks"]

_T = TypeVar("_T")

OFFSETS: dict[Face, BlockPos] = {
    "down": (0, -1, 0),
    "up": (0, 1, 0),
    "north": (0, 0, -1),
    "south": (0, 0, 1),
    "west": (-1, 0, 0),
    "east": (1, 0, 0),
}
"""The step from a block to its neighbour on each side."""

_SLOTS = frozenset(
    {Permission.DIG, Permission.PLACE, Permission.CRAFT, Permission.CONTAINER_READ, Permission.CONTAINER_WRITE}
)
"""Any of these allows changing what the hand holds: digging and placing need it."""

_CONTAINER = frozenset({Permission.CONTAINER_READ, Permission.CONTAINER_WRITE})
"""Either allows looking into a container; moving items needs container.write."""


def beside(pos: BlockPos, face: Face) -> BlockPos:
    """The cell on that side of a block."""
    dx, dy, dz = OFFSETS[face]
    return pos[0] + dx, pos[1] + dy, pos[2] + dz


class EditPolicy(Protocol):
    """Which blocks may be dug or built over: protected areas, the geofence (decision 20)."""

    def may_edit(self, pos: BlockPos) -> bool:
        """Whether this cell may be changed."""
        ...


class UnrestrictedEdits:
    """The policy where nobody has protected anything."""

    def may_edit(self, pos: BlockPos) -> bool:
        """Always."""
        return True


async def look_at_blocks(senses: Senses, cells: Iterable[BlockPos]) -> dict[BlockPos, int]:
    """The states of some cells. One scan if they lie close together, else one each."""
    wanted = sorted(set(cells))
    if not wanted:
        return {}
    low = (min(p[0] for p in wanted), min(p[1] for p in wanted), min(p[2] for p in wanted))
    high = (max(p[0] for p in wanted), max(p[1] for p in wanted), max(p[2] for p in wanted))
    around = Box(low, high)
    if around.volume <= 4096:
        region = await senses.scan(around)
        return {pos: region.state(pos) for pos in wanted}
    return {pos: (await senses.scan(Box(pos, pos))).state(pos) for pos in wanted}


class LeasedHands:
    """Hands for one run. Each call needs the leaf's permission for it and stands in the run's activity.

    Before a block is touched its state is noted, so that the runner can show the difference. Fails with
    permission.denied where the leaf lacks the permission, the policy forbids the cell, or the run is over.
    """

    def __init__(
        self,
        hands: Hands,
        senses: Senses,
        *,
        permissions: frozenset[Permission],
        policy: EditPolicy,
        clock: Clock,
        activity: Activity,
        run: RunState,
        own: set[BlockPos] | None = None,
    ) -> None:
        self._hands = hands
        self._senses = senses
        self._permissions = permissions
        self._policy = policy
        self._clock = clock
        self._activity = activity
        self._run = run
        self._revoked = False
        self.own = set[BlockPos]() if own is None else own
        """Cells that the bot's hands have filled, over all runs."""
        self.walked = False
        """Whether the leaf told the body to walk."""
        self.seen_before: dict[BlockPos, int] = {}
        """The states of touched or watched blocks before the first touch."""
        self.denied: str | None = None
        """The first thing the leaf tried that it may not do, whatever it did then."""

    def revoke(self) -> None:
        """Take the hands back; every later call is refused."""
        self._revoked = True

    async def watch(self, cells: Iterable[BlockPos]) -> None:
        """Note the states of cells as they are now, unless they were noted before."""
        new = [pos for pos in cells if self.seen_before.get(pos, UNKNOWN) == UNKNOWN]
        self.seen_before.update(await look_at_blocks(self._senses, new))

    def _allow(self, what: str, needs: frozenset[Permission]) -> None:
        if self._revoked:
            raise ActionFailed(ExecErrorCode.PERMISSION_DENIED, f"{what}: the run that held the hands is over")
        if not self._permissions & needs:
            names = " or ".join(sorted(needs))
            raise self._denial(f"{what} needs the permission {names}")

    def _allow_edit(self, what: str, pos: BlockPos) -> None:
        if not self._policy.may_edit(pos):
            raise self._denial(f"{what}: the block at {pos} is protected")

    def _denial(self, detail: str) -> ActionFailed:
        self.denied = self.denied or detail
        return ActionFailed(ExecErrorCode.PERMISSION_DENIED, detail)

    async def _command(self, call: Callable[[], Awaitable[_T]]) -> _T:
        self._activity.command(self._clock.now())
        try:
            return await call()
        finally:
            self._activity.touch(self._clock.now())

    async def follow(self, path: Sequence[Primitive]) -> FollowResult:
        """Walk the way; needs movement."""
        self._allow("follow", frozenset({Permission.MOVEMENT}))
        self.walked = True
        cells = tuple(primitive.to for primitive in path)
        done = 0
        with self._activity.walking(cells):
            try:
                result = await self._command(lambda: self._hands.follow(path))
                done = result.done
                return result
            finally:
                self._run.stood_in(cells[: max(done, self._activity.walked)])

    async def look_at(self, point: Position) -> None:
        """Turn the head; needs any permission that acts with hand or feet."""
        self._allow("look_at", _SLOTS | {Permission.MOVEMENT})
        await self._command(lambda: self._hands.look_at(point))

    async def dig(self, pos: BlockPos) -> None:
        """Break a block; needs dig, and the policy's consent."""
        self._allow("dig", frozenset({Permission.DIG}))
        self._allow_edit("dig", pos)
        await self.watch([pos])
        with self._activity.working_on(pos):
            await self._command(lambda: self._hands.dig(pos))
        self.own.discard(pos)

    async def place(self, against: BlockPos, face: Face) -> None:
        """Put down the held block; needs place, and the policy's consent for both cells it may change."""
        self._allow("place", frozenset({Permission.PLACE}))
        target = beside(against, face)
        self._allow_edit("place", target)
        await self.watch([against, target])
        with self._activity.working_on(target):
            await self._command(lambda: self._hands.place(against, face))
        self.own.add(target)

    async def equip(self, item: str, where: Literal["hand", "off-hand", "head", "torso", "legs", "feet"]) -> None:
        """Take an item into the hand or put it on."""
        self._allow("equip", _SLOTS)
        await self._command(lambda: self._hands.equip(item, where))

    async def unequip(self) -> None:
        """Empty the hand."""
        self._allow("unequip", _SLOTS)
        await self._command(self._hands.unequip)

    async def craft(self, recipe: Recipe, times: int, table: BlockPos | None) -> None:
        """Apply a recipe; needs craft."""
        self._allow("craft", frozenset({Permission.CRAFT}))
        await self._command(lambda: self._hands.craft(recipe, times, table))

    async def toss(self, item: str, count: int) -> None:
        """Throw items away; needs container.write."""
        self._allow("toss", frozenset({Permission.CONTAINER_WRITE}))
        await self._command(lambda: self._hands.toss(item, count))

    async def consume(self) -> None:
        """Eat what the hand holds; needs container.write, since an item goes."""
        self._allow("consume", frozenset({Permission.CONTAINER_WRITE}))
        await self._command(self._hands.consume)

    async def use_block(self, pos: BlockPos, face: Face = "up") -> None:
        """Right-click a block; needs place, and the policy's consent for both cells it may change."""
        self._allow("use_block", frozenset({Permission.PLACE}))
        target = beside(pos, face)
        self._allow_edit("use_block", pos)
        self._allow_edit("use_block", target)
        await self.watch([pos, target])
        with self._activity.working_on(pos):
            await self._command(lambda: self._hands.use_block(pos, face))

    async def use_item(self, *, ticks: int = 0) -> None:
        """Use what the hand holds; needs container.write, since an item may go."""
        self._allow("use_item", frozenset({Permission.CONTAINER_WRITE}))
        await self._command(lambda: self._hands.use_item(ticks=ticks))

    async def raise_shield(self, up: bool) -> None:
        """Raise or lower the shield; needs movement."""
        self._allow("raise_shield", frozenset({Permission.MOVEMENT}))
        await self._command(lambda: self._hands.raise_shield(up))

    async def attack(self, entity: int) -> None:
        """Strike an entity; needs movement, and target.passive as well for what is no monster."""
        self._allow("attack", frozenset({Permission.MOVEMENT}))
        struck = next((e for e in await self._senses.entities(16.0) if e.id == entity), None)
        if struck is None:
            raise ActionFailed(ExecErrorCode.COMBAT_TARGET_GONE, f"no entity {entity} within 16 blocks")
        if not is_hostile(self._senses.tables, struck.kind):
            self._allow(f"attacking a {struck.kind}", frozenset({Permission.TARGET_PASSIVE}))
        await self._command(lambda: self._hands.attack(entity))

    async def open_container(self, pos: BlockPos) -> WindowView:
        """Open a container and look inside; needs container.read or container.write."""
        self._allow("open_container", _CONTAINER)
        return await self._command(lambda: self._hands.open_container(pos))

    async def window(self) -> WindowView:
        """What the open window shows; needs container.read or container.write."""
        self._allow("window", _CONTAINER)
        return await self._command(self._hands.window)

    async def put(self, item: str, count: int, part: FurnacePart | None = None) -> WindowView:
        """Put items into the open window; needs container.write."""
        self._allow("put", frozenset({Permission.CONTAINER_WRITE}))
        return await self._command(lambda: self._hands.put(item, count, part))

    async def take(self, item: str, count: int, part: FurnacePart | None = None) -> WindowView:
        """Take items out of the open window; needs container.write."""
        self._allow("take", frozenset({Permission.CONTAINER_WRITE}))
        return await self._command(lambda: self._hands.take(item, count, part))

    async def close_window(self) -> None:
        """Close the open window; needs container.read or container.write."""
        self._allow("close_window", _CONTAINER)
        await self._command(self._hands.close_window)

    async def chat(self, text: str) -> None:
        """Speak; needs chat."""
        self._allow("chat", frozenset({Permission.CHAT}))
        await self._command(lambda: self._hands.chat(text))

    async def sleep(self, pos: BlockPos) -> None:
        """Lie down in a bed; needs movement."""
        self._allow("sleep", frozenset({Permission.MOVEMENT}))
        await self._command(lambda: self._hands.sleep(pos))

    async def wake(self) -> None:
        """Get up; needs movement."""
        self._allow("wake", frozenset({Permission.MOVEMENT}))
        await self._command(self._hands.wake)

    async def respawn(self) -> None:
        """Come back after death; needs movement."""
        self._allow("respawn", frozenset({Permission.MOVEMENT}))
        await self._command(self._hands.respawn)
