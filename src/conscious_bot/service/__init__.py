"""HTTP, WebSocket and the dashboard: what the bot shows of itself, and what may be asked of it."""

from conscious_bot.service.app import ServiceSettings
from conscious_bot.service.commands import (
    Act,
    Command,
    CommandReply,
    ExecuteGoal,
    ExecuteSteps,
    ScannedWorld,
    ScanWorld,
    StepRequest,
    Suggestion,
    ViewerControl,
)
from conscious_bot.service.hub import Handler, Hub
from conscious_bot.service.models import (
    BodyView,
    GoalView,
    InventoryView,
    MetricsView,
    NeedView,
    PlanView,
    SlotView,
    Status,
    StepStatus,
    StepView,
    WorldView,
    body_view,
    inventory_view,
    step_view,
)
from conscious_bot.service.server import Server

__all__ = [
    "Act",
    "BodyView",
    "Command",
    "CommandReply",
    "ExecuteGoal",
    "ExecuteSteps",
    "GoalView",
    "Handler",
    "Hub",
    "InventoryView",
    "MetricsView",
    "NeedView",
    "PlanView",
    "ScanWorld",
    "ScannedWorld",
    "Server",
    "ServiceSettings",
    "SlotView",
    "Status",
    "StepRequest",
    "StepStatus",
    "StepView",
    "Suggestion",
    "ViewerControl",
    "WorldView",
    "body_view",
    "inventory_view",
    "step_view",
]
