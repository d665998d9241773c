import tomllib
from pathlib import Path

import pytest

from conscious_bot.simulation import state as s
from conscious_bot.simulation.nature.growth import random_tick
from conscious_bot.simulation.nature.trees import grow_tree
from conscious_bot.simulation.world import SimulatedWorld

VALUES = tomllib.loads((Path(__file__).parent / "golden_nature.toml").read_text())["value"]


class Field:
    """A flat world with a player who stands aside, and its means of measuring."""

    def __init__(self, tables):
        self.tables = tables
        self.world = SimulatedWorld.create(5, tables, "flat", view=1)
        self.world.difficulty = "peaceful"
        self.world.rules.set({"doMobSpawning": False, "randomTickSpeed": 0, "doWeatherCycle": False})
        self.world.add_player("Bot")
        _, self.y, _ = self.world.spawn

    def put(self, x, y, z, name, **properties):
        self.world.set_block((x, self.y + y, z), self.tables.state_of(name, **properties))

    def name(self, x, y, z):
        return self.tables.name_of(self.world.voxels.get((x, self.y + y, z)))

    def property(self, x, y, z, key):
        return self.tables.properties_of(self.world.voxels.get((x, self.y + y, z)))[key]

    def tick(self, x, y, z):
        """One random tick of one cell."""
        self.world.sync_changes()
        self.world.voxels.reserve(512)
        self.world.renew_cells()
        a, raining = self.world.arrays, False
        random_tick(a.cells, a.nature, a.light, a.dice, self.world.sky_darkening, raining, x, self.y + y, z)
        self.world.tell_changes()

    # Light

    def torch_light(self, distance):
        self.put(2, 0, 5, "torch")
        return self.world.light_at((2 + distance, self.y, 5)).block

    def sky_at(self, time, weather="clear"):
        self.world.time_of_day = time
        self.world.rules["doDaylightCycle"] = False
        self.world.set_weather(weather, 6000)
        self.world.run(101)
        return self.world.light_at((2, self.y, 5)).level

    def first_time_at_level(self, level, weather="clear"):
        self.world.set_weather(weather, 6000)
        self.world.time_of_day = 11000
        self.world.run(101)
        while self.world.light_at((2, self.y, 5)).level > level:
            self.world.run(1)
        return self.world.time_of_day

    def day_length(self):
        start = self.world.time_of_day
        self.world.run(1)
        ticks = 1
        while self.world.time_of_day != start:
            ticks += 1
            self.world.run(1)
        return ticks

    # Fluids

    def spread(self, fluid, ticks):
        self.put(0, 0, 5, fluid)
        self.world.run(ticks)
        return max(x for x in range(16) if self.name(x, 0, 5) == fluid)

    def between_sources(self):
        for x in (1, 2, 3):
            for z in (4, 6):
                self.put(x, 0, z, "stone")
        self.put(0, 0, 5, "stone")
        self.put(4, 0, 5, "stone")
        self.put(1, 0, 5, "water")
        self.put(3, 0, 5, "water")
        self.world.run(10)
        return self.property(2, 0, 5, "level")

    def lava_meets_water(self, level):
        self.put(2, 0, 5, "lava", level=level)
        self.put(3, 0, 5, "water")
        self.world.run(3)
        return self.name(2, 0, 5)

    def lava_onto_water(self):
        for x, z in ((1, 5), (3, 5), (2, 4), (2, 6)):
            for y in range(3):
                self.put(x, y, z, "stone")
        self.put(2, 0, 5, "water")
        self.put(2, 2, 5, "lava")
        self.world.run(90)
        return self.name(2, 0, 5)

    # Growth

    def moisture(self, distance):
        self.put(2, -1, 5, "farmland")
        self.put(2 + distance, -1, 5, "water")
        self.tick(2, -1, 5)
        return int(self.property(2, -1, 5, "moisture")) if self.name(2, -1, 5) == "farmland" else -1

    def growth_odds(self, moisture, around, neighbours):
        for x in range(3):
            for z in range(4, 7):
                self.put(x, -1, z, around, **({"moisture": moisture} if around == "farmland" else {}))
        self.put(1, -1, 5, "farmland", moisture=moisture)
        cells = {"none": [], "row": [(0, 5), (2, 5)], "field": [(x, z) for x in range(3) for z in range(4, 7)]}
        for x, z in cells[neighbours]:
            self.put(x, 0, z, "wheat", age="7")
        grown = 0
        for _ in range(2000):
            self.put(1, 0, 5, "wheat", age="0")
            self.tick(1, 0, 5)
            grown += self.property(1, 0, 5, "age") == "1"
        return grown / 2000

    def ticks_between_random_ticks(self):
        canes = [(x, z) for x in range(1, 14, 2) for z in range(-14, 14, 2)]
        for x, z in canes:
            self.put(x, -1, z, "sand")
            self.put(x + 1, -1, z, "water")
            self.put(x, 0, z, "sugar_cane")
        self.world.rules["randomTickSpeed"] = 3
        before = after = 0
        self.world.run(8000)
        for x, z in canes:
            after += int(self.property(x, 0, z, "age"))
        return 8000 * len(canes) / (after - before)

    def cane_height(self):
        self.put(2, -1, 5, "sand")
        self.put(3, -1, 5, "water")
        self.put(2, 0, 5, "sugar_cane")
        for _ in range(20):
            for y in range(4):
                self.tick(2, y, 5)
        for _ in range(40):
            for y in range(4):
                self.tick(2, y, 5)
        return sum(self.name(2, y, 5) == "sugar_cane" for y in range(6))

    def leaves_left(self):
        self.put(0, 3, 5, "oak_log")
        for x in range(1, 11):
            self.put(x, 3, 5, "oak_leaves", distance="1", persistent="false")
        self.world.run(20)
        for _ in range(3):
            for x in range(1, 11):
                self.tick(x, 3, 5)
        return sum(self.name(x, 3, 5) == "oak_leaves" for x in range(1, 11))

    def falls_to(self, name):
        """The height at which a block comes to lie that was put into the air three blocks up."""
        self.put(2, 3, 5, name)
        self.world.run(3)
        return next(y for y in range(4) if self.name(2, y, 5) == name)

    def trampled(self, blocks):
        """What farmland is after the player fell on it from so high."""
        self.put(2, -1, 5, "farmland", moisture="7")
        self.world.teleport(self.world.players[0], (2.5, self.y + float(blocks), 5.5))
        self.world.run(40)
        return self.name(2, -1, 5)

    def sapling_odds(self):
        """In how many random ticks an oak sapling in the light takes one of its two steps, on average."""
        places = [(x, z) for x in range(1, 15, 3) for z in range(-14, 15, 3)]
        for x, z in places:
            self.put(x, 0, z, "oak_sapling", stage="0")
        ticks = grown = 0
        for _ in range(40):
            for x, z in places:
                if self.name(x, 0, z) == "oak_sapling" and self.property(x, 0, z, "stage") == "0":
                    self.tick(x, 0, z)
                    ticks += 1
                    grown += self.property(x, 0, z, "stage") == "1"
        return ticks / grown

    def tree_logs(self, which):
        found = []
        for _ in range(60):
            fork = self.world.fork()
            fork.arrays.dice[0] = self.world.rng.bits()
            a = fork.arrays
            assert grow_tree(a.cells, a.nature, a.dice, 2, self.y, 5, 0)
            states = [fork.voxels.get((2, self.y + k, 5)) for k in range(10)]
            found.append(sum(self.tables.name_of(state) == "oak_log" for state in states))
        return max(found) if which == "most" else min(found)

    # Weather

    def weather_bound(self, weather, which):
        found = []
        for _ in range(400):
            self.world.set_weather(weather)
            found.append(int(self.world.arrays.weather[s.WE_RAIN_TICKS]))
        return min(found) if which == "least" else max(found)


@pytest.mark.requirement("WORLD-02")
@pytest.mark.parametrize("value", VALUES, ids=[value["name"] for value in VALUES])
def test_the_world_has_the_games_value(tables, value):
    assert value["source"].startswith("Minecraft Wiki, ")
    found = getattr(Field(tables), value["measure"])(**value.get("args", {}))
    if isinstance(value["expected"], str):
        assert found == value["expected"]
    else:
        assert abs(found - value["expected"]) <= value.get("tolerance", 0), found
