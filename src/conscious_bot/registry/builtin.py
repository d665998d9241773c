"""The verbs of the shipped leaves, each with its guard and its acceptance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from conscious_bot.contracts import LeafSpec
from conscious_bot.registry.verbs import Acceptance, Capability, Evidence, Guard, VerbTable
from conscious_bot.world.state import BodyState

__all__ = ["ACCEPTANCE", "builtin_verbs"]


def _alive(state: BodyState, _args: Mapping[str, Any]) -> str | None:
    return None if state.alive else "the bot is dead"


def _dead(state: BodyState, _args: Mapping[str, Any]) -> str | None:
    return "the bot is alive" if state.alive else None


def _observed(_evidence: Evidence) -> str | None:
    """Sensing and talking leave nothing in the body's state to compare; the leaf's own postcondition stands."""
    return None


def _gained(item_key: str, count_key: str, default: int) -> Acceptance:
    def check(evidence: Evidence) -> str | None:
        item, wanted = evidence.args[item_key], int(evidence.args.get(count_key, default))
        gained = evidence.gained(item)
        return None if gained >= wanted else f"wanted {wanted} more {item}, gained {gained}"

    return check


def _smelted(evidence: Evidence) -> str | None:
    item, wanted = str(evidence.output.get("item")), int(evidence.args.get("qty", 1))
    gained = evidence.gained(item)
    return None if gained >= wanted else f"wanted {wanted} more {item}, gained {gained}"


def _eaten(evidence: Evidence) -> str | None:
    item = str(evidence.output.get("item"))
    gained = evidence.gained(item)
    return None if gained < 0 else f"wanted to eat {item}, carries {gained} more"


def _arrived(goal_key: str) -> Acceptance:
    def check(evidence: Evidence) -> str | None:
        if evidence.args.get("safe") and evidence.output.get("reached") is False:
            return None  # it promised to stop where it is safe; the runner saw that it had to
        goal = _cell(evidence.args[goal_key])
        xz = max(int(evidence.args.get("toleranceXZ", 1)), int(evidence.args.get("tolerance", 0)))
        y = max(int(evidence.args.get("toleranceY", 0)), int(evidence.args.get("tolerance", 0)))
        here = evidence.post.block
        if max(abs(here[0] - goal[0]), abs(here[2] - goal[2])) <= xz and abs(here[1] - goal[1]) <= y:
            return None
        return f"wanted to stand at {goal} (within {xz}, {y}), stands at {here}"

    return check


def _holds(evidence: Evidence) -> str | None:
    held = evidence.post.held.item if evidence.post.held else None
    wanted = evidence.output.get("equipped")
    return None if held == wanted else f"wanted {wanted} in the hand, holds {held}"


def _lives(evidence: Evidence) -> str | None:
    return None if evidence.post.alive else "the bot is still dead"


def _cell(value: Any) -> tuple[int, int, int]:
    x, y, z = (value["x"], value["y"], value["z"]) if isinstance(value, Mapping) else value
    return int(x // 1), int(y // 1), int(z // 1)


ACCEPTANCE: dict[str, tuple[Guard, Acceptance]] = {
    "acquire_material": (_alive, _gained("item", "count", 1)),
    "attack_entity": (_alive, _observed),
    "build_module": (_alive, _observed),
    "chat": (_alive, _observed),
    "close_container": (_alive, _observed),
    "collect_items": (_alive, _observed),
    "consume_food": (_alive, _eaten),
    "craft_recipe": (_alive, _gained("recipe", "qty", 1)),
    "dig_block": (_alive, _observed),
    "emergency_retreat": (_alive, _observed),
    "emergency_surface": (_alive, _observed),
    "equip_tool": (_alive, _holds),
    "equip_weapon": (_alive, _holds),
    "find_resource": (_alive, _observed),
    "flee": (_alive, _observed),
    "follow_entity": (_alive, _observed),
    "get_block_at": (_alive, _observed),
    "get_light_level": (_alive, _observed),
    "harvest_crop": (_alive, _observed),
    "interact_with_block": (_alive, _observed),
    "introspect_recipe": (_alive, _observed),
    "manage_farm": (_alive, _observed),
    "manage_inventory": (_alive, _observed),
    "move_to": (_alive, _arrived("pos")),
    "open_container": (_alive, _observed),
    "pillar_up": (_alive, _observed),
    "place_block": (_alive, _observed),
    "place_feature": (_alive, _observed),
    "place_torch": (_alive, _observed),
    "place_torch_if_needed": (_alive, _observed),
    "place_workstation": (_alive, _observed),
    "plant_crop": (_alive, _observed),
    "prepare_site": (_alive, _observed),
    "respawn": (_dead, _lives),
    "retreat_and_block": (_alive, _observed),
    "retreat_from_threat": (_alive, _observed),
    "sense_hostiles": (_alive, _observed),
    "sleep": (_alive, _observed),
    "smelt": (_alive, _smelted),
    "step_forward_safely": (_alive, _observed),
    "sterling_navigate": (_alive, _arrived("goal")),
    "till_soil": (_alive, _observed),
    "toss": (_alive, _observed),
    "transfer_items": (_alive, _observed),
    "use_item": (_alive, _observed),
    "wait": (_alive, _observed),
    "wake": (_alive, _observed),
}
"""Guard and acceptance of every shipped leaf. `_observed` stands where the effect is a block or nothing
at all: there the runner's own probe of the leaf's postcondition is the acceptance."""


def builtin_verbs(specs: Iterable[LeafSpec]) -> VerbTable:
    """The table over these leaves. A leaf without an acceptance check is a KeyError that names it."""
    return VerbTable(tuple(Capability(spec, *ACCEPTANCE[spec.name]) for spec in specs))
