"""What the service shows of the bot: one status, and the views it is made of.

The agent builds a `Status` from what it knows and publishes it; the service only passes it on. Every
view is a value: whoever publishes one does not change it afterwards. Times named `at`, `since`,
`started_at` are seconds of the run's clock, as in the journal.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, FiniteFloat

from conscious_bot.contracts import BlockPos, ExecError, PlanStep, Wire
from conscious_bot.game.tables import Tables
from conscious_bot.world.state import BodyState, Inventory, ItemStack

__all__ = [
    "BodyView",
    "GoalView",
    "InventoryView",
    "MetricsView",
    "NeedView",
    "PlanView",
    "SlotView",
    "Status",
    "StepStatus",
    "StepView",
    "WorldView",
    "body_view",
    "inventory_view",
    "step_view",
]

StepStatus = Literal["pending", "running", "done", "failed", "skipped"]

Point = tuple[FiniteFloat, FiniteFloat, FiniteFloat]


class WorldView(Wire):
    """Which world the bot lives in: `sim` is the built-in one, `server` one behind an address."""

    kind: Literal["sim", "server"]
    address: str | None = None
    version: str | None = None
    seed: int | None = None


class BodyView(Wire):
    """The body as last observed. Angles and units as in `BodyState`."""

    position: Point
    yaw: FiniteFloat
    pitch: FiniteFloat
    health: FiniteFloat
    food: int
    saturation: FiniteFloat
    air: int
    alive: bool
    on_ground: bool
    in_water: bool
    moving: bool
    dimension: str
    game_mode: str
    time_of_day: int
    raining: bool


class SlotView(Wire):
    """One filled slot. `wear` of `durability` is used up; both are left out for what does not wear."""

    slot: int | str
    item: str
    count: int
    wear: int | None = None
    durability: int | None = None


class InventoryView(Wire):
    """The filled slots (0-8 the hotbar, 9-35 the rest, worn things by name), totals, and the hand."""

    slots: tuple[SlotView, ...] = ()
    counts: dict[str, int] = Field(default_factory=dict)
    selected: int = 0
    held: str | None = None


class GoalView(Wire):
    """What the bot pursues now and why. `source` says who wished for it (user, system, memory)."""

    text: str
    reason: str
    since: FiniteFloat
    source: str


class NeedView(Wire):
    """One need: `level` runs from 0 (satisfied) to 1 (pressing), `reason` says what it was read from."""

    name: str
    level: float = Field(ge=0, le=1)
    reason: str = ""


class StepView(Wire):
    """One step of the plan with what became of it."""

    step_id: str
    type: str
    args: dict[str, Any] = Field(default_factory=dict)
    status: StepStatus = "pending"
    rationale: str | None = None
    started_at: FiniteFloat | None = None
    ended_at: FiniteFloat | None = None
    attempts: int = 0
    error: ExecError | None = None
    output: dict[str, Any] | None = None


class PlanView(Wire):
    """The plan under way, or the last one."""

    plan_id: str
    planner: str
    rationale: str
    steps: tuple[StepView, ...] = ()


class MetricsView(Wire):
    """Counts since the run began; time to first action in milliseconds of wall time."""

    ttfa_p50_ms: FiniteFloat | None = None
    ttfa_p95_ms: FiniteFloat | None = None
    steps_dispatched: int = 0
    steps_completed: int = 0
    steps_failed: int = 0
    deaths: int = 0


class Status(Wire):
    """Everything the first page shows, at one moment.

    `body` and `inventory` are missing until the bot has spawned. `path` are the cells still ahead of the
    feet, `target` the block that is being worked on. `clock` is the run's clock in seconds, `speed` how
    many of them pass in one second of wall time as set (None for as fast as possible).
    """

    bot: str
    world: WorldView
    connected: bool
    activity: str = ""
    body: BodyView | None = None
    inventory: InventoryView | None = None
    goal: GoalView | None = None
    needs: tuple[NeedView, ...] = ()
    plan: PlanView | None = None
    path: tuple[BlockPos, ...] = ()
    target: BlockPos | None = None
    metrics: MetricsView = MetricsView()
    clock: FiniteFloat = 0.0
    speed: FiniteFloat | None = 1.0


def body_view(state: BodyState) -> BodyView:
    """What of a body's state is shown."""
    return BodyView(
        position=state.position,
        yaw=state.yaw,
        pitch=state.pitch,
        health=state.health,
        food=state.food,
        saturation=state.saturation,
        air=state.air,
        alive=state.alive,
        on_ground=state.on_ground,
        in_water=state.in_water,
        moving=state.moving,
        dimension=state.dimension,
        game_mode=state.game_mode,
        time_of_day=state.time_of_day,
        raining=state.raining,
    )


def inventory_view(inventory: Inventory, selected: int, tables: Tables) -> InventoryView:
    """The filled slots with how worn they are; `selected` is the hotbar slot in hand."""
    hotbar_and_rest = [_slot(i, stack, tables) for i, stack in enumerate(inventory.slots) if stack is not None]
    worn = [_slot(where, inventory.worn[where], tables) for where in sorted(inventory.worn)]
    held = inventory.slots[selected]
    return InventoryView(
        slots=(*hotbar_and_rest, *worn),
        counts=dict(sorted(inventory.counts().items())),
        selected=selected,
        held=None if held is None else held.item,
    )


def step_view(step: PlanStep, status: StepStatus = "pending") -> StepView:
    """A step before anything happened to it."""
    return StepView(step_id=step.step_id, type=step.type, args=step.args, status=status, rationale=step.rationale)


def _slot(slot: int | str, stack: ItemStack, tables: Tables) -> SlotView:
    item = tables.items.get(stack.item)
    durability = None if item is None else item.durability
    return SlotView(
        slot=slot,
        item=stack.item,
        count=stack.count,
        wear=None if durability is None else stack.wear,
        durability=durability,
    )
