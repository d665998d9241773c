"""From minecraft-data's documents to the facts of one version.

The documents differ by age: up to 1.12 a block's states are its metadata (`id * 16 + metadata`), ids in
recipes may carry metadata, and loot stands in the block itself; later ones number every state and, from
1.14, bring loot tables. Variants of one item (up to 1.12) share its name here, as they do in an inventory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conscious_bot.contracts import UserError
from conscious_bot.game.facts import Block, EntityKind, Food, Item, Recipe
from conscious_bot.game.supplements import creature_name

__all__ = ["Documents", "RawDrop", "read_documents"]

_LIQUIDS = frozenset({"water", "lava", "flowing_water", "flowing_lava", "bubble_column"})
"""minecraft-data calls some of them diggable with hardness 100; nothing digs a liquid."""

_PLACES = {  # Minecraft Wiki: each item's own page, "Usage"
    "bamboo": "bamboo_sapling",
    "beetroot_seeds": "beetroots",
    "carrot": "carrots",
    "cocoa_beans": "cocoa",
    "comparator": "unpowered_comparator",
    "glow_berries": "cave_vines",
    "lava_bucket": "lava",
    "melon_seeds": "melon_stem",
    "pitcher_pod": "pitcher_crop",
    "potato": "potatoes",
    "powder_snow_bucket": "powder_snow",
    "pumpkin_seeds": "pumpkin_stem",
    "redstone": "redstone_wire",
    "repeater": "unpowered_repeater",
    "sign": "standing_sign",
    "string": "tripwire",
    "sweet_berries": "sweet_berry_bush",
    "torchflower_seeds": "torchflower_crop",
    "water_bucket": "water",
    "wheat_seeds": "wheat",
}
_NOT_PLACED = frozenset({"air", "wheat"})
"""Items that share a block's name and do not place it."""

_REMAINS = {  # Minecraft Wiki: Crafting, "Ingredients that are not consumed"
    "dragon_breath": "glass_bottle",
    "honey_bottle": "glass_bottle",
    "lava_bucket": "bucket",
    "milk_bucket": "bucket",
    "water_bucket": "bucket",
}


@dataclass(frozen=True, slots=True)
class RawDrop:
    """One line of a block's loot as minecraft-data gives it; its chance is not trusted, so not here."""

    item: str
    low: int
    high: int
    aged: bool


@dataclass(frozen=True, slots=True)
class Documents:
    """Everything a version's tables are made of, names in place of ids."""

    version: str
    blocks: dict[str, Block]
    items: dict[str, Item]
    recipes: dict[str, tuple[Recipe, ...]]
    foods: dict[str, Food]
    entities: dict[str, EntityKind]
    speeds: dict[str, dict[str, float]]
    loot: dict[str, tuple[RawDrop, ...]]
    has_loot: bool
    """Whether `loot` is from loot tables. Without (1.13) minecraft-data says that each block drops itself."""
    shapes: dict[str, int | list[int]]
    boxes: dict[str, list[list[float]]]


def read_documents(raw: Mapping[str, Any]) -> Documents:
    """Read the documents. Raises UserError that names the document and what is wrong in it."""
    part = "version"
    try:
        version = raw["version"]
        version = version if isinstance(version, str) else str(version["minecraftVersion"])
        part = "items"
        items = {int(r["id"]): str(r["name"]) for r in _rows(raw["items"])}
        part = "blocks"
        block_rows = _rows(raw["blocks"])
        block_ids = {int(r["id"]): str(r["name"]) for r in block_rows}
        blocks = {b.name: b for b in (_block(r, items) for r in block_rows)}
        part = "items"
        item_facts = {i.name: i for i in (_item(r, blocks) for r in _rows(raw["items"]))}
        part = "recipes"
        # Up to 1.12 a recipe may name a block's id that has no item row of its own.
        recipes = _recipes(raw["recipes"], {**block_ids, **items})
        part = "foods"
        foods = {f.name: f for f in (_food(r) for r in _rows(raw["foods"]))}
        part = "materials"
        speeds = {
            str(k): {items[int(i)]: float(s) for i, s in v.items() if int(i) in items}
            for k, v in raw.get("materials", {}).items()
        }
        part = "entities"
        entities = {e.name: e for e in (_entity(r) for r in _rows(raw.get("entities", ())))}
        part = "blockLoot"
        loot = _loot(_rows(raw.get("blockLoot") or ()), block_rows, {**block_ids, **items})
        part = "blockCollisionShapes"
        shapes, boxes = raw["blockCollisionShapes"]["blocks"], raw["blockCollisionShapes"]["shapes"]
        for name in blocks:
            shapes[name]
        has_loot = bool(raw.get("blockLoot")) or "states" not in block_rows[0]
        return Documents(version, blocks, item_facts, recipes, foods, entities, speeds, loot, has_loot, shapes, boxes)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise UserError(
            f"minecraft-data's document {part!r} cannot be read: {type(error).__name__}: {error}",
            "check that the driver's minecraft-data package is complete and supports this version",
        ) from error


def _rows(document: Sequence[dict[str, Any]] | Mapping[str, dict[str, Any]]) -> list[dict[str, Any]]:
    return list(document.values()) if isinstance(document, Mapping) else list(document)


def _block(row: Mapping[str, Any], items: Mapping[int, str]) -> Block:
    name = str(row["name"])
    hardness = row.get("hardness")
    diggable = bool(row["diggable"]) and hardness is not None and hardness >= 0 and name not in _LIQUIDS
    flat = "minStateId" in row and "states" in row
    first = int(row["minStateId"]) if flat else int(row["id"]) << 4
    last = int(row["maxStateId"]) if flat else first + 15
    if flat:
        properties = tuple((str(s["name"]), _values(s)) for s in row["states"])
    else:
        properties = (("metadata", tuple(str(m) for m in range(16))),)
    tools = frozenset(items[int(i)] for i in row.get("harvestTools") or () if int(i) in items)
    return Block(
        name=name,
        hardness=float(hardness) if diggable and hardness is not None else None,
        diggable=diggable,
        material=str(row.get("material") or "default"),
        harvest_tools=tools,
        min_state=first,
        max_state=last,
        default_state=int(row.get("defaultState", first)),
        properties=properties,
        emit_light=int(row.get("emitLight", 0)),
        filter_light=int(row.get("filterLight", 0)),
        transparent=bool(row.get("transparent", False)),
    )


def _values(state: Mapping[str, Any]) -> tuple[str, ...]:
    """A property's values in the order of its states; a bool's first is true."""
    if "values" in state:
        return tuple(str(v) for v in state["values"])
    if state["type"] == "bool":
        return ("true", "false")
    return tuple(str(v) for v in range(int(state["num_values"])))


def _item(row: Mapping[str, Any], blocks: Mapping[str, Block]) -> Item:
    name = str(row["name"])
    block = _PLACES.get(name)
    if block not in blocks:
        block = name if name in blocks and name not in _NOT_PLACED else None
    wear = row.get("maxDurability")
    return Item(name, int(row["id"]), int(row["stackSize"]), int(wear) if wear else None, block)


def _food(row: Mapping[str, Any]) -> Food:
    return Food(str(row["name"]), int(row["foodPoints"]), float(row["saturation"]))


def _entity(row: Mapping[str, Any]) -> EntityKind:
    width, height = row.get("width") or 0, row.get("height") or 0
    name, kind = creature_name(str(row["name"])), str(row.get("type", "other"))
    kind, older = "mob" if kind == "UNKNOWN" else kind, row.get("category")
    if kind == "mob" and older not in (None, "UNKNOWN"):
        kind = "other" if name == "evoker_fangs" else _CLASSES.get(older, "other")
    return EntityKind(name, int(row["id"]), float(width), float(height), kind)


_CLASSES = {"Hostile mobs": "hostile", "Passive mobs": "animal", "Projectiles": "projectile", "NPCs": "passive"}
"""Up to 1.16 the type says no more than `mob`, of arrows too; the category says which are hostile."""


def _recipes(document: Mapping[str, Any], names: Mapping[int, str]) -> dict[str, tuple[Recipe, ...]]:
    found: dict[str, dict[Recipe, None]] = {}
    for rows in document.values():
        for row in rows:
            if not _ids(row) <= names.keys():
                continue  # the recipes of one version are shared with others that have more items
            recipe = _recipe(row, names)
            inputs = dict(recipe.ingredients)
            # Up to 1.12 a name stands for all variants: repairs and recolourings turn a thing into itself.
            if inputs and inputs.get(recipe.result, 0) < recipe.count:
                found.setdefault(recipe.result, {})[recipe] = None
    return {result: tuple(recipes) for result, recipes in found.items()}


def _ids(row: Mapping[str, Any]) -> set[int]:
    """Every item that a recipe speaks of."""
    lines: Iterable[Sequence[Any]] = row.get("inShape") or [row["ingredients"]]
    cells = [row["result"], *(cell for line in lines for cell in line)]
    found = {int(cell["id"] if isinstance(cell, Mapping) else cell) for cell in cells if cell is not None}
    return {item for item in found if item >= 0}


def _recipe(row: Mapping[str, Any], names: Mapping[int, str]) -> Recipe:
    shapeless = "inShape" not in row
    rows: Iterable[Sequence[Any]] = [row["ingredients"]] if shapeless else row["inShape"]
    shape = _trimmed([[_name(cell, names) for cell in line] for line in rows])
    result = row["result"]
    inputs = Counter(cell for line in shape for cell in line if cell is not None)
    remains = Counter({back: inputs[item] for item, back in _REMAINS.items() if item in inputs})
    name = names[int(result["id"])]
    return Recipe(name, int(result.get("count", 1)), shape, shapeless, tuple(sorted(remains.items())))


def _name(cell: Any, names: Mapping[int, str]) -> str | None:
    if isinstance(cell, Mapping):
        cell = cell["id"]
    return None if cell is None or int(cell) < 0 else names[int(cell)]


def _trimmed(rows: list[list[str | None]]) -> tuple[tuple[str | None, ...], ...]:
    """The shape as a full rectangle without empty outer rows and columns."""
    width = max(map(len, rows))
    full = [line + [None] * (width - len(line)) for line in rows]
    used_rows = [y for y, line in enumerate(full) if any(line)]
    used = [x for x in range(width) if any(line[x] for line in full)]
    return tuple(tuple(full[y][used[0] : used[-1] + 1]) for y in range(used_rows[0], used_rows[-1] + 1))


def _loot(
    tables: list[dict[str, Any]], blocks: list[dict[str, Any]], names: Mapping[int, str]
) -> dict[str, tuple[RawDrop, ...]]:
    """What each block drops without silk touch: the loot table, or the block's own list where there is none."""
    loot = {str(t["block"]): tuple(_loot_line(d) for d in t["drops"] if not d.get("silkTouch")) for t in tables}
    for row in blocks:
        if str(row["name"]) not in loot:
            loot[str(row["name"])] = tuple(_old_drop(d, names) for d in row.get("drops") or ())
    return loot


def _loot_line(line: Mapping[str, Any]) -> RawDrop:
    low, high = line["stackSizeRange"] if isinstance(line["stackSizeRange"], list) else (1, 1)
    low = 1 if low is None else int(low)
    return RawDrop(str(line["item"]), low, max(low, low if high is None else int(high)), "blockAge" in line)


def _old_drop(line: Any, names: Mapping[int, str]) -> RawDrop:
    low, high = 1, 1
    if isinstance(line, Mapping):
        low, high = int(line.get("minCount", 1)), int(line.get("maxCount", line.get("minCount", 1)))
        line = line["drop"]
    if isinstance(line, Mapping):
        line = line["id"]
    return RawDrop(names[int(line)], int(low), max(int(low), int(high)), aged=False)
