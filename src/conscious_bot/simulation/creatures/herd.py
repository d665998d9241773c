"""The creatures of one world, as Python sees them: who is there, births, deaths, saves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from conscious_bot.contracts import Position
from conscious_bot.game.tables import Tables
from conscious_bot.simulation import limits
from conscious_bot.simulation.creatures import layout as y
from conscious_bot.simulation.creatures.blast import CREEPER_POWER, explode
from conscious_bot.simulation.creatures.spawning import add_creature
from conscious_bot.simulation.creatures.ticks import harm
from conscious_bot.simulation.facts import CLIMBABLE, LAVA, SOLID, WATER, Shapes
from conscious_bot.simulation.gamerules import GR_MOB_LOOT
from conscious_bot.simulation.harm import BERRIES, BURNS, CACTUS, CAMPFIRE, HOT_FLOOR
from conscious_bot.simulation.limits import numbers
from conscious_bot.simulation.rng import Rng
from conscious_bot.simulation.voxels import AIR, MIN_Y, ColumnKey
from conscious_bot.world.region import UNKNOWN
from conscious_bot.world.state import EntityView, ItemStack

if TYPE_CHECKING:
    from conscious_bot.simulation.world import SimulatedWorld

__all__ = ["Herd"]

_COOKED = {
    "beef": "cooked_beef",
    "porkchop": "cooked_porkchop",
    "mutton": "cooked_mutton",
    "chicken": "cooked_chicken",
}
"""What meat becomes if the animal dies while it burns (Minecraft Wiki, "Cow", "Drops", and alike)."""
_SNAPSHOT = "surroundings"
"""The preset of forks of live surroundings: what is seen is in them, and nothing else appears."""
_HERDS = {
    "plains": ("sheep", "sheep", "pig", "pig", "chicken", "chicken", "cow", "cow"),
    "forest": ("sheep", "pig", "chicken", "cow"),
    "taiga": ("sheep", "pig", "chicken", "cow"),
    "hills": ("sheep", "sheep", "pig", "chicken", "cow"),
}
"""Animals of new columns by biome; deserts have rabbits only, which this world lacks."""
_HERD_ODDS = 0.1
_HERD_SIZE = 4
_ARROW_SIZE = 0.5

_facts: dict[int, tuple[Tables, npt.NDArray[np.uint8], npt.NDArray[np.uint8]]] = {}


def _facts_of(tables: Tables, shapes: Shapes) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """What every state means to a walker, and the states animals appear on; made once per tables."""
    known = _facts.get(id(tables))
    if known is None or known[0] is not tables:
        flags, top = shapes.flags, shapes.top
        walk = np.full(1 << 16, y.W_FREE, np.uint8)
        solid = (flags & SOLID) != 0
        walk[solid & (top > 0.5)] = y.W_FLOOR
        walk[solid & (top <= 0.5)] = y.W_LOW
        walk[solid & (top > 1.0)] = y.W_TALL
        walk[(flags & WATER != 0) & ~solid] = y.W_WATER
        walk[flags & LAVA != 0] = y.W_DANGER
        walk[(flags & CLIMBABLE != 0) & ~solid] = y.W_FREE
        walk[shapes.harm & (BURNS | CACTUS | CAMPFIRE | BERRIES | HOT_FLOOR) != 0] = y.W_DANGER
        walk[UNKNOWN] = y.W_UNKNOWN
        grass = np.zeros(1 << 16, np.uint8)
        block = tables.blocks.get("grass_block")
        if block is not None:
            grass[block.min_state : block.max_state + 1] = 1
        known = _facts[id(tables)] = (tables, walk, grass)
    return known[1], known[2]


class Herd:
    """All creatures of a world. Rows of the arrays move; `id` is what stays."""

    def __init__(self, world: SimulatedWorld) -> None:
        self._world = world
        self._settled: set[ColumnKey] = set()
        self._swings: dict[int, int] = {}

    @staticmethod
    def arrays_for(tables: Tables, shapes: Shapes) -> y.CreatureArrays:
        """Empty arrays for a new world."""
        return y.new_creatures(*_facts_of(tables, shapes))

    @property
    def arrays(self) -> y.CreatureArrays:
        """The creatures' arrays; take them afresh after anything that may have grown them."""
        return self._world.arrays.creatures

    def __len__(self) -> int:
        return int(self.arrays.head[y.HD_COUNT])

    # Before and after the kernels

    def prepare(self) -> None:
        """Make room for those that may appear, and tell the kernels where nobody may."""
        c, world = self.arrays, self._world
        c.head[y.HD_NATURAL] = world.preset != _SNAPSHOT
        c.head[y.HD_SPAWN_X], c.head[y.HD_SPAWN_Y], c.head[y.HD_SPAWN_Z] = world.spawn
        room = len(c.cf)
        if len(self) + 32 > room:
            world.arrays = world.arrays.replace(
                creatures=c.replace(
                    cf=np.concatenate([c.cf, np.zeros_like(c.cf)]),
                    ci=np.concatenate([c.ci, np.zeros_like(c.ci)]),
                    paths=np.concatenate([c.paths, np.zeros_like(c.paths)]),
                )
            )

    def happened(self, code: int, what: int) -> None:
        """See to what a kernel told of a creature."""
        row = self.row(what)
        if row is None:
            return
        if code == y.EV_CREATURE_DIED:
            self._drop_loot(row)
            self._remove(row)
        elif code == y.EV_BLAST:
            x, feet, z = self.arrays.cf[row, : y.CF_Z + 1].tolist()
            self._remove(row)
            explode(self._world, (x, feet, z), CREEPER_POWER)

    def lively(self) -> bool:
        """Whether something could happen to a player by itself."""
        c, n = self.arrays, len(self)
        hunters = (c.ci[:n, y.CI_KIND] >= y.FIRST_MONSTER) & (c.ci[:n, y.CI_NO_AI] == 0)
        return bool(hunters.any()) or bool(c.head[y.HD_SHOTS])

    # Who is there

    def row(self, creature: int) -> int | None:
        """The row of a living creature by its id; None if it is not there."""
        c, n = self.arrays, len(self)
        found = np.flatnonzero(c.ci[:n, y.CI_ID] == creature)
        return int(found[0]) if found.size and not c.ci[found[0], y.CI_GONE] else None

    def views(self) -> list[EntityView]:
        """All creatures and flying arrows, oldest first."""
        c, n = self.arrays, len(self)
        found: list[EntityView] = []
        for f, i in zip(c.cf[:n].tolist(), c.ci[:n].tolist(), strict=True):
            if f[y.CF_HEALTH] <= 0 or i[y.CI_GONE]:
                continue
            kind = i[y.CI_KIND]
            velocity = (f[y.CF_VX], 0.0 if i[y.CI_ON_GROUND] else f[y.CF_VY], f[y.CF_VZ])
            found.append(
                EntityView(
                    i[y.CI_ID], y.KINDS[kind], (f[y.CF_X], f[y.CF_Y], f[y.CF_Z]), velocity, f[y.CF_HEALTH],
                    width=float(c.kinds[kind, y.KD_WIDTH]), height=float(c.kinds[kind, y.KD_HEIGHT]),
                )
            )  # fmt: skip
        shots = int(c.head[y.HD_SHOTS])
        for f, i in zip(c.shots_f[:shots].tolist(), c.shots_i[:shots].tolist(), strict=True):
            found.append(
                EntityView(i[0], "arrow", (f[0], f[1], f[2]), (f[3], f[4], f[5]), width=_ARROW_SIZE, height=_ARROW_SIZE)
            )
        return found

    # Births and deaths

    def summon(
        self, kind: str, position: Position, *, no_ai: bool = False, kept: bool = False, health: float | None = None
    ) -> int:
        """Let a creature appear; its id. KeyError for a kind this world does not have.

        `no_ai`: it neither moves nor acts. `kept`: it does not despawn.
        """
        if kind not in y.KINDS:
            raise KeyError(kind)
        self.prepare()
        px, py, pz = (float(v) for v in position)
        number = y.KINDS.index(kind)
        row = int(add_creature(self._world.arrays, number, px, py, pz))
        c = self.arrays
        c.ci[row, y.CI_NO_AI], c.ci[row, y.CI_KEPT] = no_ai, kept
        if health is not None:
            c.cf[row, y.CF_HEALTH] = min(max(health, 0.1), float(c.kinds[number, y.KD_HEALTH]))
        return int(c.ci[row, y.CI_ID])

    def kill(self, creature: int) -> bool:
        """A creature dies and leaves its loot; whether it was there."""
        row = self.row(creature)
        if row is None:
            return False
        self._drop_loot(row)
        self._remove(row)
        return True

    def hurt(self, creature: int, amount: float) -> bool:
        """Hurt a creature; whether it took harm. One that is dead then leaves its loot."""
        row = self.row(creature)
        if row is None or not harm(self.arrays, row, float(amount)):
            return False
        if self.arrays.cf[row, y.CF_HEALTH] <= 0:
            self.kill(creature)
        return True

    def provoke(self, creature: int, player: int) -> None:
        """A monster that was hit turns on who did it."""
        row = self.row(creature)
        if row is not None and self.arrays.ci[row, y.CI_KIND] >= y.FIRST_MONSTER:
            ci = self.arrays.ci[row]
            ci[y.CI_TARGET], ci[y.CI_ANGRY], ci[y.CI_UNSEEN], ci[y.CI_REPLAN] = player + 1, 1, 0, 0

    def last_swing(self, player: int, age: int | None = None) -> int:
        """The age at which a player struck last; with `age`, that it strikes now."""
        before = self._swings.get(player, -1000)
        if age is not None:
            self._swings[player] = age
        return before

    def _drop_loot(self, row: int) -> None:
        world, c = self._world, self.arrays
        if not world.rules.values[GR_MOB_LOOT]:
            return
        rng = world.rng
        place = c.cf[row, : y.CF_Z + 1].tolist()
        for drop in world.tables.creature_drops.get(y.KINDS[c.ci[row, y.CI_KIND]], ()):
            if drop.chance < 1.0 and rng.random() >= drop.chance:
                continue
            count = rng.integer(drop.low, drop.high)
            item = _COOKED.get(drop.item, drop.item) if c.ci[row, y.CI_FIRE] > 0 else drop.item
            if count > 0:
                velocity = (rng.between(-0.1, 0.1), 0.2, rng.between(-0.1, 0.1))
                world.drop(ItemStack(item, count), (place[0], place[1], place[2]), velocity)

    def _remove(self, row: int) -> None:
        c, n = self.arrays, len(self)
        for table in (c.cf, c.ci, c.paths):
            table[row : n - 1] = table[row + 1 : n].copy()
        c.head[y.HD_COUNT] = n - 1

    # Animals of new land

    def settle(self, columns: Iterable[ColumnKey]) -> None:
        """Let herds stand on columns that nobody has loaded before. A function of the seed and the place."""
        world = self._world
        for cx, cz in columns:
            if (cx, cz) in self._settled:
                continue
            self._settled.add((cx, cz))
            if world.preset != "default":
                continue  # as in the game's flat world: animals come later, one by one
            rng = Rng.seeded(world.seed, f"animals/{cx}/{cz}")
            while rng.random() < _HERD_ODDS:
                self._found_herd(rng, cx, cz)

    def _found_herd(self, rng: Rng, cx: int, cz: int) -> None:
        world = self._world
        biome = getattr(world.generator, "biome", None)
        kinds = _HERDS.get(biome(cx * 16 + 8, cz * 16 + 8), ()) if biome else ()
        if not kinds:
            return
        kind = kinds[rng.integer(0, len(kinds) - 1)]
        x, z = cx * 16 + rng.integer(0, 15), cz * 16 + rng.integer(0, 15)
        for _ in range(_HERD_SIZE):
            for _ in range(4):
                x += rng.integer(0, 4) - rng.integer(0, 4)
                z += rng.integer(0, 4) - rng.integer(0, 4)
                floor = self._meadow(x, z)
                if (x >> 4, z >> 4) == (cx, cz) and floor is not None:
                    self.summon(kind, (x + 0.5, float(floor), z + 0.5))
                    break

    def _meadow(self, x: int, z: int) -> int | None:
        """The cell on top of the grass in a loaded column with the open sky above; None if there is none."""
        world = self._world
        cells = world.voxels.cells
        height = MIN_Y + int(cells.top.max())
        for top in range(height, MIN_Y, -1):
            state = world.voxels.get((x, top, z))
            if state == UNKNOWN:
                return None
            if self.arrays.grass[state]:
                return top + 1
            if state != AIR and world.shapes.flags[state]:
                return None
        return None

    # Saves

    def digest(self) -> bytes:
        """Everything that makes up the creatures, for the world's hash."""
        c, n, shots = self.arrays, len(self), int(self.arrays.head[y.HD_SHOTS])
        parts = (c.cf[:n], c.ci[:n], c.shots_f[:shots], c.shots_i[:shots])
        ways = b"".join(c.paths[k, : int(c.ci[k, y.CI_STEPS])].tobytes() for k in range(n) if c.ci[k, y.CI_WALKS])
        return (
            b"".join(np.ascontiguousarray(part).tobytes() for part in parts)
            + ways
            + repr((sorted(self._settled), sorted(self._swings.items()))).encode()
        )

    def export(self) -> dict[str, Any]:
        """Everything, for a save. Ways are not kept: a loaded creature stands and thinks anew."""
        c, n, shots = self.arrays, len(self), int(self.arrays.head[y.HD_SHOTS])
        return {
            "f": c.cf[:n].tolist(),
            "i": c.ci[:n].tolist(),
            "ways": [c.paths[k, : int(c.ci[k, y.CI_STEPS])].tolist() for k in range(n)],
            "shots": {"f": c.shots_f[:shots].tolist(), "i": c.shots_i[:shots].tolist()},
            "settled": sorted(self._settled),
            "swings": sorted(self._swings.items()),
        }

    def adopt(self, other: Herd) -> None:
        """Know what another herd knows; the arrays are the world's."""
        self._settled = set(other._settled)
        self._swings = dict(other._swings)

    def restore(self, saved: Mapping[str, Any], players: int) -> None:
        """Take a save over in a world of so many players and no creatures. ValueError names what does not fit."""
        cf = numbers(saved["f"], (None, y.CF_COLUMNS), np.float64, limits.CREATURE_F, "creatures.f")
        ci = numbers(saved["i"], (len(cf), y.CI_COLUMNS), np.int64, limits.CREATURE, "creatures.i")
        shots_f = numbers(saved["shots"]["f"], (None, y.SF_COLUMNS), np.float64, limits.SHOT_F, "shots.f")
        shots_i = numbers(saved["shots"]["i"], (len(shots_f), y.SI_COLUMNS), np.int64, {}, "shots.i")
        ways = [numbers(way, (None, 3), np.int64, limits.PLACE, "ways") for way in saved["ways"]]
        if len(cf) != len(ways) or len(shots_f) > y.MAX_SHOTS:
            raise ValueError("the tables of the creatures do not fit each other")
        if any(len(way) > y.PATH or i[y.CI_STEPS] != len(way) for way, i in zip(ways, ci, strict=True)):
            raise ValueError("a creature's way does not have the length it says")
        if (ci[:, y.CI_STEP] > ci[:, y.CI_STEPS]).any() or (ci[:, y.CI_TARGET] > players).any():
            raise ValueError("a creature is beyond the end of its way, or after a player who is not there")
        self._settled = {(int(cx), int(cz)) for cx, cz in saved["settled"]}
        self._swings = {int(player): int(age) for player, age in saved["swings"]}
        world = self._world
        room = 64
        while room < len(cf) + 32:
            room *= 2
        fresh = y.new_creatures(self.arrays.walk, self.arrays.grass, room)
        fresh.cf[: len(cf)], fresh.ci[: len(ci)] = cf, ci
        for k, way in enumerate(ways):
            fresh.paths[k, : len(way)] = way
        fresh.shots_f[: len(shots_f)], fresh.shots_i[: len(shots_i)] = shots_f, shots_i
        fresh.head[y.HD_COUNT], fresh.head[y.HD_SHOTS] = len(cf), len(shots_f)
        world.arrays = world.arrays.replace(creatures=fresh)
