"""The action contract registry: one table from action types to leaves, and from what callers write to what leaves take.

Normalising goes in this order: keys that are null count as absent; coordinates given one by one are packed
into a position; aliases are renamed, and where the target key is there as well it wins; keys that mean
nothing here are stripped, each with a note; defaults are filled in; then what is required has to be there
(fail closed). Normalising twice is normalising once. Values are the leaf's schema's business.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from conscious_bot.contracts import ActionFailed, ExecErrorCode, LeafSpec

__all__ = ["ACTION_CONTRACTS", "Action", "ActionContract", "ActionContracts"]

Mode = Literal["leaf", "guarded"]
"""`leaf`: straight to the leaf. `guarded`: certain keys ask for more than the leaf does and are refused."""


@dataclass(frozen=True, slots=True)
class ActionContract:
    """How one action type is dispatched.

    `aliases` map other spellings to the leaf's keys; `packed` maps a key to the three that may stand for it;
    `required` are keys that have to be there, each a name or several of which one is enough; `refused` maps
    keys to the reason why the action cannot be done with them (mode `guarded`).
    """

    leaf: str
    aliases: Mapping[str, str] = field(default_factory=dict[str, str])
    packed: Mapping[str, tuple[str, str, str]] = field(default_factory=dict[str, tuple[str, str, str]])
    stripped: tuple[str, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict[str, Any])
    required: tuple[str | tuple[str, ...], ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def mode(self) -> Mode:
        """How it is dispatched."""
        return "guarded" if self.refused else "leaf"


@dataclass(frozen=True, slots=True)
class Action:
    """A normalised action: the leaf, its arguments, and notes on what was left out."""

    leaf: str
    args: dict[str, Any]
    notes: tuple[str, ...] = ()


_XYZ = {"pos": ("x", "y", "z")}
_PLACES = {"position": "pos", "location": "pos", "target": "pos", "coordinates": "pos"}
_MANY = {"quantity": "count", "amount": "count", "qty": "count"}
_QTY = {"quantity": "qty", "amount": "qty", "count": "qty"}
_ITEM = {"block_type": "item", "blockType": "item", "itemName": "item", "item_name": "item", "block": "item"}
_RECIPE = {"item": "recipe", "itemName": "recipe", "item_name": "recipe", **_QTY}
_INPUT = {"item": "input", "itemName": "input", "item_name": "input", **_QTY}
_WHOM = {"id": "entityId", "entity_id": "entityId", "targetId": "entityId", "target_id": "entityId"}
_SPEED = ("speed", "sprint", "timeout")

_CRAFT = ActionContract("craft_recipe", {**_RECIPE}, defaults={"qty": 1}, required=("recipe",))
_SMELT = ActionContract("smelt", {**_INPUT, "fuelType": "fuel"}, defaults={"qty": 1}, required=("input",))
_MOVE = ActionContract(
    "move_to",
    {**_PLACES, "goal": "pos", "range": "tolerance", "radius": "tolerance"},
    packed=_XYZ,
    stripped=_SPEED,
    required=("pos",),
)
_DIG = ActionContract(
    "dig_block", {**_PLACES, "blockType": "expect", "block_type": "expect"}, packed=_XYZ, required=("pos",)
)
_PLACE = ActionContract(
    "place_block",
    {**_ITEM, **_PLACES},
    packed=_XYZ,
    required=("item", ("pos", "against")),
    refused={
        "pattern": "a pattern is built by build_module",
        "placements": "several blocks are placed by build_module",
    },
)
_ACQUIRE = ActionContract(
    "acquire_material",
    {**_ITEM, **_MANY, "material": "item", "resource": "item", "maxDistance": "radius"},
    defaults={"count": 1},
    stripped=("tool",),
    required=("item",),
)
_COLLECT = ActionContract(
    "collect_items",
    {"itemName": "item", "item_name": "item", "maxDistance": "radius", "maxSearchRadius": "radius"},
    stripped=("exploreOnFail",),
)
_EAT = ActionContract("consume_food", {"food": "item", "foodItem": "item", "food_item": "item", "itemName": "item"})
_FIND = ActionContract(
    "find_resource",
    {"block_type": "resource", "blockType": "resource", "resourceType": "resource", "item": "resource"},
    required=(("resource", "names"),),
)
_ATTACK = ActionContract("attack_entity", {**_WHOM, "entityType": "kind", "type": "kind", "target": "kind"})
_FOLLOW = ActionContract(
    "follow_entity",
    {"entityId": "id", "entity_id": "id", "player": "name", "username": "name", "distance": "range"},
    required=(("id", "name"),),
)
_SENSE = ActionContract("sense_hostiles", {"range": "radius", "distance": "radius", "maxDistance": "radius"})
_STATION = ActionContract(
    "place_workstation", {"workstation": "kind", "type": "kind", "item": "kind"}, required=("kind",)
)
_NAVIGATE = ActionContract(
    "sterling_navigate",
    {"pos": "goal", "position": "goal", "target": "goal", "tolerance": "toleranceXZ"},
    packed={"goal": ("x", "y", "z")},
    required=("goal",),
)

ACTION_CONTRACTS: dict[str, ActionContract] = {
    "move_to": _MOVE,
    "navigate": _MOVE,
    "navigate_to": _MOVE,
    "sterling_navigate": _NAVIGATE,
    "follow": _FOLLOW,
    "follow_entity": _FOLLOW,
    "dig_block": _DIG,
    "mine_block": _DIG,
    "dig": _DIG,
    "mine": _ACQUIRE,
    "acquire_material": _ACQUIRE,
    "gather": _ACQUIRE,
    "place_block": _PLACE,
    "place": _PLACE,
    "craft": _CRAFT,
    "craft_item": _CRAFT,
    "craft_recipe": _CRAFT,
    "smelt": _SMELT,
    "smelt_item": _SMELT,
    "place_workstation": _STATION,
    "collect_items": _COLLECT,
    "collect_items_enhanced": _COLLECT,
    "pickup_item": _COLLECT,
    "consume_food": _EAT,
    "eat_food": _EAT,
    "eat": _EAT,
    "find_resource": _FIND,
    "sense_hostiles": _SENSE,
    "attack": _ATTACK,
    "attack_entity": _ATTACK,
    "hunt": ActionContract("attack_entity", _ATTACK.aliases, defaults={"targetFilter": "passive"}),
    "equip_tool": ActionContract("equip_tool", {"tool": "kind", "toolType": "kind", "tier": "minTier"}),
    "flee": ActionContract("flee", _WHOM),
    "place_torch": ActionContract("place_torch", _PLACES, packed=_XYZ),
    "get_block_at": ActionContract("get_block_at", _PLACES, packed=_XYZ, required=("pos",)),
    "get_light_level": ActionContract("get_light_level", _PLACES, packed=_XYZ),
    "open_container": ActionContract("open_container", _PLACES, packed=_XYZ, required=("pos",)),
    "transfer_items": ActionContract(
        "transfer_items", {**_PLACES, **_MANY, "itemName": "item"}, packed=_XYZ, required=("item", "direction")
    ),
    "toss": ActionContract("toss", {**_MANY, "itemName": "item"}, required=("item",)),
    "drop_item": ActionContract("toss", {**_MANY, "itemName": "item"}, required=("item",)),
    "interact_with_block": ActionContract("interact_with_block", _PLACES, packed=_XYZ, required=("pos",)),
    "activate_block": ActionContract("interact_with_block", _PLACES, packed=_XYZ, required=("pos",)),
    "sleep": ActionContract("sleep", {**_PLACES, "place_bed": "placeBed"}, packed=_XYZ),
    "till_soil": ActionContract("till_soil", _PLACES, packed=_XYZ),
    "plant_crop": ActionContract(
        "plant_crop",
        {**_PLACES, "seed": "crop", "seedType": "crop", "seed_type": "crop", "item": "crop"},
        packed=_XYZ,
        required=("crop",),
    ),
    "chat": ActionContract("chat", {"text": "message", "msg": "message"}, required=("message",)),
    "wait": ActionContract("wait", {"duration": "ms", "durationMs": "ms", "timeMs": "ms"}, required=("ms",)),
}
"""Every action type besides the leaves that are called by their own names with their own keys."""


class ActionContracts:
    """The table over the leaves that exist. An entry whose leaf does not exist is left out."""

    def __init__(self, specs: Iterable[LeafSpec]) -> None:
        known = {spec.name: spec for spec in specs}
        self._contracts = {kind: contract for kind, contract in ACTION_CONTRACTS.items() if contract.leaf in known}
        for name, spec in known.items():
            required = tuple(str(key) for key in spec.input_schema.get("required", ()))
            self._contracts.setdefault(name, ActionContract(name, required=required))

    def __contains__(self, action_type: object) -> bool:
        return action_type in self._contracts

    @property
    def types(self) -> tuple[str, ...]:
        """Every action type, sorted."""
        return tuple(sorted(self._contracts))

    def get(self, action_type: str) -> ActionContract | None:
        """The contract of an action type."""
        return self._contracts.get(action_type)

    def normalise(self, action_type: str, parameters: Mapping[str, Any]) -> Action:
        """The leaf and its arguments.

        Fails with unknown_verb for a type that is not in the table, step.badArgs naming what is missing or
        what the action cannot be asked for.
        """
        contract = self._contracts.get(action_type)
        if contract is None:
            raise ActionFailed(ExecErrorCode.UNKNOWN_VERB, f"there is no action {action_type!r}")
        args = {key: value for key, value in parameters.items() if value is not None}
        for target, parts in contract.packed.items():
            if all(part in args for part in parts):
                packed = [args.pop(part) for part in parts]
                args.setdefault(target, packed)
        for alias, target in contract.aliases.items():
            if alias in args:
                value = args.pop(alias)
                args.setdefault(target, value)
        for key, reason in contract.refused.items():
            if key in args:
                raise ActionFailed(ExecErrorCode.STEP_BAD_ARGS, f"/{key}: {reason}")
        notes = tuple(
            f"/{key} means nothing to {contract.leaf} and was left out" for key in contract.stripped if key in args
        )
        for key in contract.stripped:
            args.pop(key, None)
        for key, value in contract.defaults.items():
            args.setdefault(key, value)
        missing = [need for need in contract.required if not _given(need, args)]
        if missing:
            names = "; ".join(need if isinstance(need, str) else " or ".join(need) for need in missing)
            raise ActionFailed(ExecErrorCode.STEP_BAD_ARGS, f"{action_type} needs {names}")
        return Action(contract.leaf, args, notes)


def _given(need: str | tuple[str, ...], args: Mapping[str, Any]) -> bool:
    return need in args if isinstance(need, str) else any(name in args for name in need)
