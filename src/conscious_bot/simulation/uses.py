"""What right-clicking a block does: first the block answers, then the item in hand.

Sources, Minecraft Wiki: "Door", "Trapdoor", "Fence Gate", "Lever", "Button", "Cake", "Sweet Berries"; "Hoe"
(tilling), "Shovel" (paths), "Axe" (stripping), "Bucket", "Flint and Steel". Redstone is not simulated: a lever
switches itself and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from conscious_bot.body.port import Face
from conscious_bot.contracts import BlockPos
from conscious_bot.simulation import life
from conscious_bot.simulation import state as s
from conscious_bot.simulation.facts import REPLACEABLE, SOLID
from conscious_bot.simulation.pairs import partner, turned
from conscious_bot.simulation.placement import OFFSETS, horizontal
from conscious_bot.simulation.players import Player
from conscious_bot.simulation.voxels import AIR, MAX_Y, MIN_Y
from conscious_bot.world.region import UNKNOWN
from conscious_bot.world.state import ItemStack

if TYPE_CHECKING:
    from conscious_bot.simulation.world import SimulatedWorld

__all__ = ["use_block"]

_IRON = frozenset({"iron_door", "iron_trapdoor"})
_TILLED = {
    "grass_block": "farmland", "dirt": "farmland", "dirt_path": "farmland", "coarse_dirt": "dirt",
    "rooted_dirt": "dirt",
}  # fmt: skip
_PATHS = frozenset({"grass_block", "dirt", "podzol", "coarse_dirt", "mycelium", "rooted_dirt"})
_STRIPPED_ENDINGS = ("_log", "_wood", "_stem", "_hyphae")
_CAKE_FOOD, _CAKE_SATURATION = 2, 0.4
_FULL = 20


def use_block(world: SimulatedWorld, player: Player, pos: BlockPos, face: Face) -> bool:
    """Right-click a block; whether anything answered. Changed blocks are told with the next `tell_changes`."""
    state = world.voxels.get(pos)
    if state == UNKNOWN:
        return False
    name = world.tables.name_of(state)
    for answers, rule in _BLOCKS:
        if answers(name) and rule(world, player, pos, state):
            return True
    held = player.inventory.held
    return held is not None and _use_item(world, player, held.item, pos, face, state)


# Blocks that answer


def _set(world: SimulatedWorld, pos: BlockPos, state: int, **changed: str) -> None:
    tables = world.tables
    world.set_block(pos, tables.state_of(tables.name_of(state), **{**tables.properties_of(state), **changed}))


def _flip(world: SimulatedWorld, state: int, key: str) -> str:
    return "false" if world.tables.properties_of(state)[key] == "true" else "true"


def _door(world: SimulatedWorld, _player: Player, pos: BlockPos, state: int) -> bool:
    opened = _flip(world, state, "open")
    _set(world, pos, state, open=opened)
    found = partner(world.tables, pos, state)
    if found is not None:
        other = world.voxels.get(found[0])
        if other != UNKNOWN and world.tables.name_of(other) == world.tables.name_of(state):
            _set(world, found[0], other, open=opened)
    return True


def _trapdoor(world: SimulatedWorld, _player: Player, pos: BlockPos, state: int) -> bool:
    _set(world, pos, state, open=_flip(world, state, "open"))
    return True


def _gate(world: SimulatedWorld, player: Player, pos: BlockPos, state: int) -> bool:
    opened = _flip(world, state, "open")
    facing = world.tables.properties_of(state)["facing"]
    looks = horizontal(float(world.arrays.pf[player.index, s.PF_YAW]))
    if opened == "true" and looks == turned(facing, 2):
        facing = looks  # it opens away from who opens it
    _set(world, pos, state, open=opened, facing=facing)
    return True


def _lever(world: SimulatedWorld, _player: Player, pos: BlockPos, state: int) -> bool:
    _set(world, pos, state, powered=_flip(world, state, "powered"))
    return True


def _button(world: SimulatedWorld, _player: Player, pos: BlockPos, state: int) -> bool:
    if world.tables.properties_of(state)["powered"] == "true":
        return False
    _set(world, pos, state, powered="true")
    world.storage.press(pos, world.tables.name_of(state))
    return True


def _cake(world: SimulatedWorld, player: Player, pos: BlockPos, state: int) -> bool:
    if world.health_of(player)[1] >= _FULL:
        return False
    life.feed(world, player, _CAKE_FOOD, _CAKE_SATURATION)
    bites = int(world.tables.properties_of(state)["bites"])
    if bites == 6:
        world.set_block(pos, AIR)
    else:
        _set(world, pos, state, bites=str(bites + 1))
    return True


def _berries(world: SimulatedWorld, _player: Player, pos: BlockPos, state: int) -> bool:
    age = int(world.tables.properties_of(state)["age"])
    if age < 2:
        return False
    count = world.rng.integer(1, 2) + (age == 3)
    world.drop(ItemStack("sweet_berries", count), (pos[0] + 0.5, pos[1] + 0.5, pos[2] + 0.5), (0.0, 0.2, 0.0))
    _set(world, pos, state, age="1")
    return True


_Rule = Callable[["SimulatedWorld", Player, BlockPos, int], bool]
_BLOCKS: tuple[tuple[Callable[[str], bool], _Rule], ...] = (
    (lambda name: name.endswith("_trapdoor") and name not in _IRON, _trapdoor),
    (lambda name: name.endswith("_door") and name not in _IRON, _door),
    (lambda name: name.endswith("_fence_gate"), _gate),
    (lambda name: name == "lever", _lever),
    (lambda name: name.endswith("_button"), _button),
    (lambda name: name == "cake", _cake),
    (lambda name: name == "sweet_berry_bush", _berries),
)


# Items that answer


def _use_item(world: SimulatedWorld, player: Player, item: str, pos: BlockPos, face: Face, state: int) -> bool:
    if item.endswith("_hoe"):
        return face != "down" and _turn(world, player, pos, _TILLED.get(world.tables.name_of(state)))
    if item.endswith("_shovel"):
        path = "dirt_path" if world.tables.name_of(state) in _PATHS else None
        return face != "down" and _turn(world, player, pos, path)
    if item.endswith("_axe"):
        return _strip(world, player, pos, state)
    if item == "bucket":
        return _fill_bucket(world, player, pos, state)
    if item in ("water_bucket", "lava_bucket"):
        return _empty_bucket(world, player, item, pos, face, state)
    if item == "flint_and_steel":
        return _light(world, player, pos, face, state)
    return False


def _turn(world: SimulatedWorld, player: Player, pos: BlockPos, into: str | None) -> bool:
    """Ground becomes other ground, where there is air above it; the tool wears by 1."""
    above = world.voxels.get((pos[0], pos[1] + 1, pos[2]))
    if into is None or above == UNKNOWN or world.tables.name_of(above) not in ("air", "cave_air"):
        return False
    was = world.tables.name_of(world.voxels.get(pos))
    world.set_block(pos, world.tables.state_of(into))
    if was == "rooted_dirt":
        world.drop(ItemStack("hanging_roots", 1), (pos[0] + 0.5, pos[1] + 1.0, pos[2] + 0.5), (0.0, 0.2, 0.0))
    player.inventory.use_up(1)
    return True


def _strip(world: SimulatedWorld, player: Player, pos: BlockPos, state: int) -> bool:
    tables = world.tables
    name = tables.name_of(state)
    stripped = f"stripped_{name}"
    if not name.endswith(_STRIPPED_ENDINGS) or stripped not in tables.blocks:
        return False
    world.set_block(pos, tables.state_of(stripped, **tables.properties_of(state)))
    player.inventory.use_up(1)
    return True


def _swap(world: SimulatedWorld, player: Player, gets: str) -> None:
    """One of the held items becomes another; what finds no room falls down."""
    inventory = player.inventory
    inventory.take(inventory.selected, 1)
    if inventory.held is None:
        inventory.put(inventory.selected, ItemStack(gets, 1))
    elif not inventory.add(ItemStack(gets, 1)):
        world.drop(ItemStack(gets, 1), world.position_of(player))


def _fill_bucket(world: SimulatedWorld, player: Player, pos: BlockPos, state: int) -> bool:
    tables = world.tables
    name, properties = tables.name_of(state), tables.properties_of(state)
    if name in ("water", "lava") and properties.get("level") == "0":
        world.set_block(pos, AIR)
        _swap(world, player, f"{name}_bucket")
    elif properties.get("waterlogged") == "true":
        _set(world, pos, state, waterlogged="false")
        _swap(world, player, "water_bucket")
    else:
        return False
    return True


def _empty_bucket(
    world: SimulatedWorld, player: Player, item: str, pos: BlockPos, face: Face, state: int
) -> bool:  # fmt: skip
    tables = world.tables
    fluid = item.removesuffix("_bucket")
    if fluid == "water" and tables.properties_of(state).get("waterlogged") == "false":
        _set(world, pos, state, waterlogged="true")
        _swap(world, player, "bucket")
        return True
    target, there = pos, state
    if not world.shapes.flags[state] & REPLACEABLE:
        dx, dy, dz = OFFSETS[face]
        target = (pos[0] + dx, pos[1] + dy, pos[2] + dz)
        there = world.voxels.get(target)
    if there == UNKNOWN or not MIN_Y <= target[1] <= MAX_Y or world.shapes.flags[there] & SOLID:
        return False
    if not world.shapes.flags[there] & REPLACEABLE or there == tables.state_of(fluid):
        return False
    world.set_block(target, tables.state_of(fluid))
    _swap(world, player, "bucket")
    return True


def _light(world: SimulatedWorld, player: Player, pos: BlockPos, face: Face, state: int) -> bool:
    tables = world.tables
    properties = tables.properties_of(state)
    if tables.name_of(state).endswith(("campfire", "candle")):
        if properties.get("lit") != "false" or properties.get("waterlogged") == "true":
            return False
        _set(world, pos, state, lit="true")
        player.inventory.use_up(1)
        return True
    dx, dy, dz = OFFSETS[face]
    target = (pos[0] + dx, pos[1] + dy, pos[2] + dz)
    there, floor = world.voxels.get(target), world.voxels.get((target[0], target[1] - 1, target[2]))
    if UNKNOWN in (there, floor) or tables.name_of(there) not in ("air", "cave_air"):
        return False
    if not world.shapes.flags[floor] & SOLID or not MIN_Y <= target[1] <= MAX_Y:
        return False
    soul = tables.name_of(floor) in ("soul_sand", "soul_soil")
    world.set_block(target, tables.state_of("soul_fire" if soul else "fire"))
    player.inventory.use_up(1)
    return True
