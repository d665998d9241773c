"""The simulated world: blocks, players, dropped items and a clock that ticks 20 times a second.

It is a time source for `VirtualLoop`: between two moments that concern the brain its kernels run without
any Python at all. Everything that happens is a function of the seed, the save it was loaded from and the
calls made, in order.
"""

from __future__ import annotations

import hashlib
import heapq
import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from conscious_bot.body.port import BodyEventKind
from conscious_bot.contracts import TICKS_PER_SECOND, BlockPos, Position
from conscious_bot.game.tables import Tables
from conscious_bot.simulation import beds, life
from conscious_bot.simulation import state as s
from conscious_bot.simulation.creatures.herd import Herd
from conscious_bot.simulation.creatures.layout import EV_CREATURES
from conscious_bot.simulation.damage import CAUSES, exhaust
from conscious_bot.simulation.dropped import DroppedItems, item_names
from conscious_bot.simulation.facts import WATER, Shapes, make_shapes
from conscious_bot.simulation.gamerules import GameRules
from conscious_bot.simulation.light import LightField
from conscious_bot.simulation.light_rules import light_rules
from conscious_bot.simulation.nature.columns import scheduled, with_columns, with_room
from conscious_bot.simulation.nature.layout import C_DROPS, C_REFUSED, C_SEEN, Rules, new_nature
from conscious_bot.simulation.nature.tables import nature_rules
from conscious_bot.simulation.nature.ticks import notice_changes
from conscious_bot.simulation.outfit import dig_wear
from conscious_bot.simulation.players import Player
from conscious_bot.simulation.rng import Rng
from conscious_bot.simulation.sky import Light, follow_light, sky_darkening
from conscious_bot.simulation.storage import Storage
from conscious_bot.simulation.terrain import Fixture, make_terrain, spawn_point
from conscious_bot.simulation.ticking import run_ticks
from conscious_bot.simulation.visitors import Visitors
from conscious_bot.simulation.voxels import AIR, ColumnGenerator, VoxelStore
from conscious_bot.simulation.weather import set_weather
from conscious_bot.world.region import UNKNOWN

__all__ = ["DIFFICULTIES", "MAX_HEALTH", "SimulatedWorld"]

MAX_HEALTH = 20.0
_AIR_TICKS = 300
_FRESH_SATURATION = 5.0
_DEATH_DELAY = 40
_LOG_ROOM = 8192  # rows for the changes of blocks of one batch of ticks
_ROUNDING = 1e-6  # of a tick: times are floats, ticks are not
DIFFICULTIES = ("peaceful", "easy", "normal", "hard")
"""By their number in the game and in the clock array."""
_NORMAL = 2
_DIG_EXHAUSTION = 0.005  # Minecraft Wiki, "Hunger"
_DIG_PAUSE = 6  # ticks after a block that did not break at once (Minecraft Wiki, "Breaking")

_facts: dict[int, tuple[Tables, Shapes, npt.NDArray[np.uint16], Rules, list[str]]] = {}


def _facts_of(tables: Tables) -> tuple[Shapes, npt.NDArray[np.uint16], Rules, list[str]]:
    """What these tables are for kernels: shapes, light, nature, names of items. Made once, as they are immutable."""
    known = _facts.get(id(tables))
    if known is None or known[0] is not tables:
        shapes, light = make_shapes(tables), light_rules(tables)
        known = _facts[id(tables)] = (tables, shapes, light, nature_rules(tables, shapes, light), item_names(tables))
    return known[1:]


class SimulatedWorld(DroppedItems):
    """One world. Not for several threads at once."""

    def __init__(
        self,
        tables: Tables,
        generator: ColumnGenerator,
        *,
        seed: int,
        preset: str,
        view: int = 4,
        ground: tuple[VoxelStore, LightField] | None = None,
    ) -> None:
        """A world without anybody. `ground` is the blocks and their light, for a fork; None for new ones."""
        self.tables = tables
        self.seed = seed
        self.preset = preset
        self.view = view
        """Columns that are loaded around each player, to each side."""
        self.generator = generator
        self.shapes, lights, doings, self._item_names = _facts_of(tables)
        self.voxels = VoxelStore(generator) if ground is None else ground[0]
        self.light = LightField(self.voxels, lights) if ground is None else ground[1]
        """Kept right through every change, where someone asked; `light_at` and `sync_light` see to what is new."""
        self.rng = Rng.seeded(seed, "world")
        self.spawn: BlockPos = (0, 0, 0)
        """The cell where new players appear."""
        self.players: list[Player] = []
        self.rules = GameRules()
        nature = new_nature(doings, self.voxels.capacity)
        self.arrays = s.new_arrays(
            self.voxels.cells,
            self.shapes,
            self.light.cells,
            self.rules.values,
            nature,
            Herd.arrays_for(tables, self.shapes),
        )
        self.herd = Herd(self)
        """The creatures."""
        self._seen_loads = 0 if ground is None else self.voxels.loads
        self.arrays.clock[s.CK_NEXT_ID] = 1
        self.arrays.dice[0] = Rng.seeded(seed, "kernels").state
        self.arrays.clock[s.CK_DIFFICULTY] = _NORMAL
        self._due: list[tuple[int, int, Callable[[], None]]] = []
        self._dues = 0
        self._told = False
        self.storage = Storage(self)
        self.visitors = Visitors(self)
        """Players who follow scripts."""

    def reseed(self, seed: int, purpose: str) -> None:
        """Other dice from here on, for everything that chance decides; the ground stays."""
        self.rng.state = Rng.seeded(seed, purpose).state
        self.arrays.dice[0] = Rng.seeded(seed, f"{purpose}, kernels").state

    @classmethod
    def create(
        cls, seed: int, tables: Tables, preset: str = "default", *, view: int = 4, spawn: BlockPos | None = None
    ) -> SimulatedWorld:
        """A new world at 06:00 of its first day. UserError if there is no such preset.

        `spawn` is where players begin; None for a good place near the middle.
        """
        terrain = make_terrain(preset, seed, tables)
        world = cls(tables, terrain, seed=seed, preset=preset, view=view)
        # The search loads many columns; in a store of its own it leaves nothing behind.
        world.spawn = spawn_point(VoxelStore(terrain), terrain, tables) if spawn is None else spawn
        return world

    @classmethod
    def from_fixture(cls, fixture: Fixture, tables: Tables, *, name: str = "Bot", view: int = 4) -> SimulatedWorld:
        """The whole world of a fixture; see `forks.from_fixture`."""
        from conscious_bot.simulation.forks import from_fixture  # noqa: PLC0415 - forks are made of worlds

        return from_fixture(fixture, tables, name=name, view=view)

    def fork(self) -> SimulatedWorld:
        """An independent copy that goes on as this world would; see `forks.fork`."""
        from conscious_bot.simulation.forks import fork  # noqa: PLC0415 - forks are made of worlds

        return fork(self)

    # Time

    @property
    def age(self) -> int:
        """All ticks this world has seen."""
        return self.arrays.clock.item(s.CK_AGE)

    @property
    def time_of_day(self) -> int:
        """0 (06:00) to 23999."""
        return int(self.arrays.clock[s.CK_TIME])

    @time_of_day.setter
    def time_of_day(self, ticks: int) -> None:
        self.arrays.clock[s.CK_TIME] = ticks % 24000

    @property
    def difficulty(self) -> str:
        """peaceful, easy, normal or hard."""
        return DIFFICULTIES[int(self.arrays.clock[s.CK_DIFFICULTY])]

    @difficulty.setter
    def difficulty(self, name: str) -> None:
        self.arrays.clock[s.CK_DIFFICULTY] = DIFFICULTIES.index(name)

    def now(self) -> float:
        """The time of the last tick, in seconds of the world."""
        return self.age / TICKS_PER_SECOND

    def pending(self) -> bool:
        """Whether someone waits for an action's end or a tick, or something moves or lies about that may be told of."""
        if self._due or self.arrays.clock[s.CK_ITEMS] or any(player.on_end is not None for player in self.players):
            return True
        if self.herd.lively():
            return True
        pf, pi = self.arrays.pf, self.arrays.pi
        return any(
            pi[p, s.PI_ONLINE]
            and pi[p, s.PI_ALIVE]
            and (not pi[p, s.PI_ON_GROUND] or pf[p, s.PF_VX : s.PF_VZ + 1 : 2].any())
            for p in range(len(pi))
        )

    def advance(self, until: float) -> float:
        """Run the ticks up to a time, or up to the first in which someone was told something."""
        target = math.floor(until * TICKS_PER_SECOND + _ROUNDING)
        self._told = False
        while self.age < target:
            self._run(target)
            if self._told:
                return min(until, self.now())
        return until

    def run(self, ticks: int) -> None:
        """Run so many ticks, whatever happens in them."""
        target = self.age + ticks
        while self.age < target:
            self._run(target)

    def schedule(self, ticks: int, call: Callable[[], None]) -> Callable[[], None]:
        """Call something at the end of a tick to come (at least 1); returns how to call it off."""
        if ticks < 1:
            raise ValueError(f"a call can be scheduled for later ticks only, not in {ticks}")
        entry = [True]

        def due() -> None:
            if entry[0]:
                self._told = True
                call()

        def cancel() -> None:
            entry[0] = False

        self._dues += 1
        heapq.heappush(self._due, (self.age + ticks, self._dues, due))
        return cancel

    def _run(self, target: int) -> None:
        """Run the kernel until `target`, the next scheduled call or the next event, and see to those."""
        stop = min(target, self._due[0][0]) if self._due else target
        self.voxels.reserve(_LOG_ROOM)
        self.herd.prepare()
        self.renew_cells()
        run_ticks(self.arrays, stop - self.age)
        self._let_drop()
        told = self.arrays.told.item(0)
        if told:
            for code, who, what in self.arrays.events[:told].tolist():
                if code >= EV_CREATURES:
                    self.herd.happened(code, what)
                else:
                    self.happened(code, self.players[who], what)
        while self._due and self._due[0][0] <= self.age:
            heapq.heappop(self._due)[2]()
        self.tell_changes()

    def tell_changes(self) -> None:
        """Tell listeners of changed blocks, inventories and health. Called after whatever may change them."""
        while self.voxels.cells.logged.item(0):
            self.sync_changes()
            changes = self.voxels.drain().tolist()
            self.arrays.light_seen[0] = self.arrays.nature.counts[C_SEEN] = 0
            self.storage.follow(changes)
            if any(player.listeners for player in self.players):
                for x, y, z, _, after in changes:
                    self._tell_all(BodyEventKind.BLOCK, pos=(x, y, z), state=after)
        self.storage.close_far()
        for player in self.players:
            if player.inventory.version != player.told_version:
                player.told_version = player.inventory.version
                life.dress(self, player)
                self._wake_items()
                self._tell(player, BodyEventKind.INVENTORY)
            health = self.health_of(player)
            if health != player.told_health:
                player.told_health = health
                self._tell(player, BodyEventKind.HEALTH, health=health[0], food=health[1], saturation=health[2])

    def later(self, ticks: int, call: Callable[[], None]) -> None:
        """Call something of the world's own at the end of a tick to come (at least 1); nobody is told."""
        self._dues += 1
        heapq.heappush(self._due, (self.age + max(1, ticks), self._dues, call))

    def tell(self, player: Player, kind: BodyEventKind, **data: object) -> None:
        """Tell a player's listeners something."""
        self._tell(player, kind, **data)

    def _tell(self, player: Player, kind: BodyEventKind, **data: object) -> None:
        if player.emit(kind, **data):
            self._told = True

    def _tell_all(self, kind: BodyEventKind, **data: object) -> None:
        for player in self.players:
            self._tell(player, kind, **data)

    # What the kernel reports

    def happened(self, code: int, player: Player, what: int) -> None:
        """See to what a kernel told of a player."""
        if code == s.EV_CELL:
            self._tell(player, BodyEventKind.PROGRESS, action="follow", done=what, total=player.steps)
        elif code == s.EV_PICKUP:
            self._pick_up(player, what)
        elif code == s.EV_COLUMN:
            self.load_around(player)
        elif code == s.EV_HURT:
            beds.get_up(self, player)
            self._tell(player, BodyEventKind.HURT, cause=CAUSES[what])
        elif code == s.EV_DIED:
            self._die(player)
        elif code in (s.EV_ARMOUR, s.EV_SHIELD):
            life.happened(player, code, what)
        else:
            if code == s.EV_DUG and player.digging is not None:
                self._harvest(player, player.digging)
            if player.finish(code, what):
                self._told = True

    def _die(self, player: Player) -> None:
        self.halt(player)
        self._told |= player.finish(s.EV_DIED, 0)
        x, y, z = self.position_of(player)
        for stack in [] if self.rules["keepInventory"] else player.inventory.take_all():
            angle = self.rng.between(0, math.tau)
            speed = self.rng.between(0, 0.5)
            self.drop(
                stack, (x, y + 1.32, z), (-math.sin(angle) * speed, 0.2, math.cos(angle) * speed), delay=_DEATH_DELAY
            )
        self._tell(player, BodyEventKind.DIED, position=(x, y, z))
        if self.rules["doImmediateRespawn"]:
            self.respawn(player)

    # Players

    def add_player(self, name: str) -> Player:
        """The player of this name comes in: where it left, or at the spawn point the first time."""
        for player in self.players:
            if player.name == name:
                self.arrays.pi[player.index, s.PI_ONLINE] = 1
                self.load_around(player)
                return player
        x, y, z = self.spawn
        player = Player(name, len(self.players), self.tables, (x + 0.5, float(y), z + 0.5))
        self.players.append(player)
        self.grow_players()
        self._revive(player)
        self.arrays.pi[player.index, s.PI_ONLINE] = 1
        self.load_around(player)
        return player

    def remove_player(self, player: Player) -> None:
        """A player leaves; it stays in the world's memory."""
        self.halt(player)
        beds.get_up(self, player)
        player.on_end = None
        self.arrays.pi[player.index, s.PI_ONLINE] = 0

    def kick(self, player: Player, reason: str) -> None:
        """Throw a player out, who is told why."""
        if self.arrays.pi[player.index, s.PI_ONLINE]:
            self._tell(player, BodyEventKind.KICKED, reason=reason)
            self.remove_player(player)

    def grow_players(self) -> None:
        """Make a row for every player."""
        arrays = self.arrays
        missing = len(self.players) - len(arrays.pf)
        self.arrays = arrays.replace(
            pf=np.concatenate([arrays.pf, np.zeros((missing, s.PF_COLUMNS))]),
            pi=np.concatenate([arrays.pi, np.zeros((missing, s.PI_COLUMNS), np.int64)]),
            paths=np.concatenate([arrays.paths, np.zeros((missing, arrays.paths.shape[1], 4), np.int64)]),
        )

    def respawn(self, player: Player) -> None:
        """A dead player lives again at its spawn point; nothing happens to one that lives."""
        if self.is_alive(player):
            return
        self._revive(player)
        beds.bring_home(self, player)
        self.load_around(player)
        self._tell(player, BodyEventKind.RESPAWNED)
        self.tell_changes()

    def _revive(self, player: Player) -> None:
        pf, pi = self.arrays.pf[player.index], self.arrays.pi[player.index]
        online = pi[s.PI_ONLINE]
        pf[:] = 0.0
        pi[:] = 0
        pf[s.PF_X], pf[s.PF_Y], pf[s.PF_Z] = player.spawn
        pf[s.PF_HEALTH], pf[s.PF_SATURATION] = MAX_HEALTH, _FRESH_SATURATION
        pi[s.PI_ONLINE], pi[s.PI_ALIVE], pi[s.PI_FOOD], pi[s.PI_AIR] = online, 1, 20, _AIR_TICKS

    def is_alive(self, player: Player) -> bool:
        """Whether the player lives."""
        return bool(self.arrays.pi[player.index, s.PI_ALIVE])

    def position_of(self, player: Player) -> Position:
        """Where the player's feet are."""
        x, y, z = self.arrays.pf[player.index, : s.PF_Z + 1].tolist()
        return x, y, z

    def health_of(self, player: Player) -> tuple[float, int, float]:
        """Health, food and saturation."""
        pf, pi, p = self.arrays.pf, self.arrays.pi, player.index
        return pf.item(p, s.PF_HEALTH), pi.item(p, s.PI_FOOD), pf.item(p, s.PF_SATURATION)

    def teleport(self, player: Player, position: Position) -> None:
        """Put a player somewhere else, at rest."""
        pf, pi = self.arrays.pf[player.index], self.arrays.pi[player.index]
        pf[s.PF_X], pf[s.PF_Y], pf[s.PF_Z] = position
        pf[s.PF_VX : s.PF_VZ + 1] = 0.0
        pf[s.PF_FALL] = 0.0
        pi[s.PI_ON_GROUND] = 0
        self.load_around(player)

    def load_around(self, player: Player) -> None:
        """Load the columns around a player, and let go of those that are far from everyone."""
        x, _, z = self.position_of(player)
        cx, cz = math.floor(x) >> 4, math.floor(z) >> 4
        pi = self.arrays.pi
        pi[player.index, s.PI_CX], pi[player.index, s.PI_CZ] = cx, cz
        new = self.voxels.ensure_around(cx, cz, self.view)
        near = self.view + 2
        centers = [(int(pi[p.index, s.PI_CX]), int(pi[p.index, s.PI_CZ])) for p in self.players]
        far = [
            key
            for key in self.voxels.columns()
            if all(max(abs(key[0] - at[0]), abs(key[1] - at[1])) > near for at in centers)
        ]
        if far:
            self.sync_changes()
            for key in far:
                self.light.leave(*key)
                self.voxels.unload(*key)
            self.arrays.items_i[: int(self.arrays.clock[s.CK_ITEMS]), s.II_ASLEEP] = 0
        self.renew_cells()
        self.herd.settle(new)
        self.storage.columns_changed()

    def halt(self, player: Player, *, landing: bool = False) -> None:
        """End what a player does: keys up, no digging. The body may glide on for a moment.

        With `landing` a jump or fall that is part of a walk is first brought to its end.
        """
        pf, pi = self.arrays.pf[player.index], self.arrays.pi[player.index]
        walks = pi[s.PI_ACTION] in (s.ACT_FOLLOW, s.ACT_LAND)
        if landing and walks and not (pi[s.PI_ON_GROUND] or pi[s.PI_IN_WATER] or pi[s.PI_IN_LAVA]):
            pi[s.PI_ACTION] = s.ACT_LAND
            return
        pi[s.PI_STEPS] = 0
        pi[s.PI_ACTION] = s.ACT_NONE
        pi[s.PI_JUMP] = pi[s.PI_SPRINT] = pi[s.PI_SNEAK] = 0
        pf[s.PF_FORWARD] = pf[s.PF_STRAFE] = 0.0
        pf[s.PF_DIG] = 0.0
        pi[s.PI_SHIELD] = 0
        player.digging = None
        player.window = None

    # Blocks

    def renew_cells(self) -> None:
        """Let the kernels see the store's arrays of now. Called after anything that may have replaced them."""
        cells = self.voxels.cells
        if self.arrays.cells is not cells:
            self.arrays = self.arrays.replace(cells=cells, light=self.light.cells)
        if self._seen_loads != self.voxels.loads:
            self._seen_loads = self.voxels.loads
            self.arrays = self.arrays.replace(nature=with_columns(self.arrays.nature, self.voxels))

    def sync_changes(self) -> None:
        """Let light and nature take note of all changes of blocks so far."""
        self.sync_light()
        nature = with_room(self.arrays.nature, int(self.voxels.cells.logged[0]))
        if nature is not self.arrays.nature:
            self.arrays = self.arrays.replace(nature=nature)
        notice_changes(self.arrays.cells, self.arrays.nature, self.age)

    def _let_drop(self) -> None:
        """The items of blocks that broke by themselves."""
        counts = self.arrays.nature.counts
        refused, drops = counts.item(C_REFUSED), counts.item(C_DROPS)
        if refused:
            raise RuntimeError(f"{refused} scheduled ticks found no room")
        if not drops:
            return
        broken = self.arrays.nature.drops[:drops].tolist()
        counts[C_DROPS] = 0
        if self.rules["doTileDrops"]:
            for x, y, z, state in broken:
                self.drop_from((x, y, z), state, None)

    def sync_light(self) -> None:
        """Let the light follow all changes of blocks so far."""
        self.renew_cells()
        follow_light(self.arrays)

    def light_at(self, pos: BlockPos) -> Light:
        """The light at a cell now; all dark where nothing is loaded."""
        self.sync_light()
        self.light.ensure([(pos[0] >> 4, pos[2] >> 4)])
        block, sky = self.light.block(pos), self.light.sky(pos)
        return Light(block, sky, max(block, sky - self.sky_darkening))

    @property
    def sky_darkening(self) -> int:
        """What night and weather take from the sky's light, 0 to 11."""
        clock, weather = self.arrays.clock, self.arrays.weather
        return sky_darkening(clock[s.CK_TIME], weather[s.WE_RAIN], weather[s.WE_THUNDER])

    @property
    def raining(self) -> bool:
        """Whether it rains (or snows) now."""
        return bool(self.arrays.weather[s.WE_RAINING])

    def set_weather(self, weather: str, ticks: int | None = None) -> None:
        """`clear`, `rain` or `thunder`, for so many ticks; None for as long as the dice say."""
        set_weather(self.arrays.weather, weather, ticks, self.rng)

    def set_block(self, pos: BlockPos, state: int) -> None:
        """Change a block; listeners hear of it with the next `tell_changes`."""
        self.renew_cells()
        self.voxels.set(pos, state)
        self.renew_cells()
        self.arrays.items_i[: int(self.arrays.clock[s.CK_ITEMS]), s.II_ASLEEP] = 0

    def remains_of(self, state: int) -> int:
        """What a block leaves in its cell when it goes: air, or the water it stood in."""
        if self.shapes.flags[state] & WATER and self.shapes.boxed[state]:
            return self.tables.state_of("water")
        return AIR

    def _harvest(self, player: Player, pos: BlockPos) -> None:
        """A player's block breaks: it is gone, drops what it drops, and wears the tool."""
        state = self.voxels.get(pos)
        if state == UNKNOWN:
            return
        held = player.inventory.held
        tool = held.item if held else None
        block = self.tables.block_of(state)
        self.set_block(pos, self.remains_of(state))
        self.drop_from(pos, state, tool)
        if held is not None:
            player.inventory.use_up(dig_wear(held.item, block.hardness))
        exhaust(self.arrays.pf, player.index, _DIG_EXHAUSTION)
        if block.hardness:
            self.arrays.pi[player.index, s.PI_DIG_AFTER] = self.age + _DIG_PAUSE

    # The whole

    def state_hash(self) -> str:
        """A hash over everything that makes this world what it is: blocks, players, items, time, dice."""
        digest = hashlib.sha256(f"{self.seed}/{self.preset}/{self.tables.version}".encode())
        for (cx, cz), sections in self.voxels.export_changes().items():
            for number, packed in sections.items():
                digest.update(f"/{cx},{number},{cz}/".encode() + packed)
        arrays = self.arrays
        n = int(arrays.clock[s.CK_ITEMS])
        for part in (
            arrays.pf,
            arrays.pi,
            arrays.items_f[:n],
            arrays.items_i[:n],
            arrays.clock,
            arrays.weather,
            arrays.rules,
            arrays.dice,
        ):
            digest.update(np.ascontiguousarray(part).tobytes())
        for player in self.players:
            digest.update(
                repr(
                    (player.name, player.spawn, player.bed, player.inventory.view(), player.inventory.selected)
                ).encode()
            )
        digest.update(self.herd.digest())
        digest.update(repr((scheduled(arrays.nature), self.storage.export(), self.visitors.export())).encode())
        digest.update(str(self.rng.state).encode())
        return digest.hexdigest()
