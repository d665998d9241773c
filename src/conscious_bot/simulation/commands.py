"""The operator port on the simulated world: set-up commands in the game's own syntax.

Every command is read to its end before anything is done, so one that is refused has changed nothing.
Source of the syntax and its limits: Minecraft Wiki, "Commands", and the commands' own pages.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator

from conscious_bot.contracts import BlockPos, Position, UserError
from conscious_bot.simulation import life_commands
from conscious_bot.simulation.command_words import (
    RefusedError,
    arguments,
    coordinates,
    duration,
    integer,
    item_of,
    state_of,
)
from conscious_bot.simulation.creatures.layout import KINDS
from conscious_bot.simulation.creatures.orders import read_wishes
from conscious_bot.simulation.damage import VOID
from conscious_bot.simulation.gamerules import GAME_RULES, GameRules
from conscious_bot.simulation.life import hurt
from conscious_bot.simulation.players import Player
from conscious_bot.simulation.voxels import AIR, MAX_Y, MIN_Y
from conscious_bot.simulation.world import SimulatedWorld
from conscious_bot.world.state import ItemStack, block_of

__all__ = ["SimulatedOperator"]

_MAX_FILL = 32768
_MAX_STACKS = 100
_MAX_LENGTH = 4096
_MAX_EXECUTES = 8
_TIMES = {"day": 1000, "noon": 6000, "night": 13000, "midnight": 18000}
_FILLS = ("replace", "keep", "hollow", "outline")

Deed = Callable[[], None]
"""What a command does, once it has been read."""


class SimulatedOperator:
    """Runs set-up commands on a simulated world, all of one or nothing."""

    def __init__(self, world: SimulatedWorld) -> None:
        self._world = world
        self._origin: Position | None = None
        """Where a command runs that came through `execute at` or `execute positioned`."""
        self._self: Player | None = None
        """Whom `@s` means in a command that came through `execute as`."""
        self._commands: dict[str, tuple[str, Callable[[list[str]], Deed]]] = {
            "give": ("give PLAYER ITEM[{Damage:N}] [COUNT]", self._give),
            "difficulty": ("difficulty peaceful|easy|normal|hard", self._difficulty),
            "gamemode": ("gamemode survival [PLAYER]", self._gamemode),
            "effect": ("effect give PLAYER EFFECT [SECONDS [LEVEL]], or effect clear PLAYER [EFFECT]", self._effect),
            "clear": ("clear PLAYER [ITEM [COUNT]]", self._clear),
            "tp": ("tp PLAYER X Y Z, or tp PLAYER OTHER", self._tp),
            "spawnpoint": ("spawnpoint PLAYER [X Y Z]", self._spawnpoint),
            "setblock": ("setblock X Y Z BLOCK [replace|keep]", self._setblock),
            "fill": (f"fill X1 Y1 Z1 X2 Y2 Z2 BLOCK [{'|'.join(_FILLS)}], or ... replace OLD", self._fill),
            "weather": ("weather clear|rain|thunder [DURATION]", self._weather),
            "gamerule": (f"gamerule {'|'.join(GAME_RULES)} VALUE", self._gamerule),
            "summon": ("summon KIND [X Y Z [{NoAI:1b,PersistenceRequired:1b,Health:10}]]", self._summon),
            "kick": ("kick PLAYER [REASON]", self._kick),
            "kill": ("kill [PLAYER|@e|@e[type=KIND]|@a]", self._kill),
            "execute": ("execute (at PLAYER|as PLAYER|positioned X Y Z)... run COMMAND", self._execute),
            "time": ("time set day|noon|night|midnight|TICKS, or time add TICKS", self._time),
        }

    async def command(self, text: str) -> None:
        """Run one command. `UserError` names what could not be read or done."""
        words = text.strip().removeprefix("/").split()
        if not words:
            raise UserError("the command is empty", f"known commands: {', '.join(sorted(self._commands))}")
        if len(text) > _MAX_LENGTH:
            raise UserError(f"the command is longer than {_MAX_LENGTH} characters", "give several")
        self._origin, self._self = None, None
        self._read(words, text.strip())()
        self._world.tell_changes()

    def _read(self, words: list[str], text: str) -> Deed:
        name = {"teleport": "tp"}.get(words[0], words[0])
        known = self._commands.get(name)
        if known is None:
            raise UserError(
                f"the built-in world has no command {words[0]!r}",
                f"known commands: {', '.join(sorted(self._commands))}",
            )
        usage, read = known
        try:
            return read(words[1:])
        except RefusedError as error:
            raise UserError(f"{text}: {error}", f"usage: {usage}") from error

    # Players

    def _give(self, words: list[str]) -> Deed:
        arguments(words, 2, 3)
        players = self._players(words[0])
        word, wear = life_commands.split_damage(words[1])
        item = item_of(word, self._world.tables)
        kind = self._world.tables.items[item]
        if wear and wear >= (kind.durability or 0):
            raise RefusedError(f"{item} does not last for {wear} damage")
        count = integer(words[2], 1, kind.stack_size * _MAX_STACKS) if len(words) > 2 else 1

        def do() -> None:
            for player in players:
                left = count - player.inventory.add(ItemStack(item, count, wear))
                if left:  # what finds no room falls at the player's feet
                    self._world.drop(ItemStack(item, left, wear), self._world.position_of(player), delay=0)

        return do

    def _clear(self, words: list[str]) -> Deed:
        arguments(words, 1, 3)
        players = self._players(words[0])
        item = item_of(words[1], self._world.tables) if len(words) > 1 else None
        count = integer(words[2], 0, 2**31 - 1) if len(words) > 2 else None

        def do() -> None:
            for player in players:
                if item is None:
                    player.inventory.take_all()
                    continue
                have = player.inventory.count(item)
                player.inventory.remove(item, have if count is None else min(have, count))

        return do

    def _difficulty(self, words: list[str]) -> Deed:
        arguments(words, 1, 1)
        return life_commands.difficulty(self._world, words[0])

    def _gamemode(self, words: list[str]) -> Deed:
        arguments(words, 1, 2)
        if len(words) > 1:
            self._players(words[1])
        return life_commands.gamemode(words[0])

    def _effect(self, words: list[str]) -> Deed:
        arguments(words, 2, 6)
        if words[0] not in ("give", "clear"):
            raise RefusedError(f"{words[0]!r} is neither give nor clear")
        return life_commands.effect(self._world, self._players(words[1]), [words[0], *words[2:]])

    def _tp(self, words: list[str]) -> Deed:
        if len(words) == 2:
            (goal, *more) = self._players(words[1])
            if more:
                raise RefusedError(f"{words[1]!r} is more than one player")
            there = self._world.position_of(goal)
            places = [(player, there) for player in self._players(words[0])]
        else:
            arguments(words, 4, 4)
            places = [(player, self._point(player, words[1:])) for player in self._players(words[0])]

        def do() -> None:
            for player, point in places:
                self._world.teleport(player, point)

        return do

    def _spawnpoint(self, words: list[str]) -> Deed:
        if len(words) != 1:
            arguments(words, 4, 4)
        players = self._players(words[0])
        places = [self._point(player, words[1:] or ["~", "~", "~"]) for player in players]

        def do() -> None:
            for player, (x, y, z) in zip(players, places, strict=True):
                px, py, pz = block_of((x, y, z))
                player.spawn, player.bed = (px + 0.5, float(py), pz + 0.5), None

        return do

    # Blocks

    def _setblock(self, words: list[str]) -> Deed:
        arguments(words, 4, 5)
        pos = self._cell(words[:3])
        state = state_of(words[3], self._world.tables)
        how = words[4] if len(words) > 4 else "replace"
        if how not in _FILLS[:2]:
            raise RefusedError(f"{how!r} is none of {', '.join(_FILLS[:2])}")
        return lambda: self._put([pos], state, how)

    def _put(self, cells: list[BlockPos], state: int, how: str) -> None:
        """Change blocks: all, or only air (`keep`)."""
        for pos in cells:
            if how != "keep" or self._world.voxels.get(pos) == AIR:
                self._world.storage.clear(pos)
                self._world.set_block(pos, state)

    def _fill(self, words: list[str]) -> Deed:
        arguments(words, 7, 9)
        one, other = self._cell(words[:3]), self._cell(words[3:6])
        state = state_of(words[6], self._world.tables)
        how = words[7] if len(words) > 7 else "replace"
        if how not in _FILLS:
            raise RefusedError(f"{how!r} is none of {', '.join(_FILLS)}")
        if len(words) > 8 and how != "replace":
            raise RefusedError(f"{words[8]!r} has no meaning after {how}")
        old = range(0)
        if len(words) > 8:
            found = state_of(words[8], self._world.tables)
            block = self._world.tables.block_of(found)
            old = range(found, found + 1) if "[" in words[8] else range(block.min_state, block.max_state + 1)
        low = tuple(min(a, b) for a, b in zip(one, other, strict=True))
        high = tuple(max(a, b) for a, b in zip(one, other, strict=True))
        volume = (high[0] - low[0] + 1) * (high[1] - low[1] + 1) * (high[2] - low[2] + 1)
        if volume > _MAX_FILL:
            raise RefusedError(f"{volume} blocks are more than {_MAX_FILL}")
        for cx in range(low[0] >> 4, (high[0] >> 4) + 1):
            for cz in range(low[2] >> 4, (high[2] >> 4) + 1):
                if not self._world.voxels.is_loaded(cx, cz):
                    raise RefusedError(f"column {cx}, {cz} is not loaded")

        def cells() -> Iterator[BlockPos]:
            spans = [range(low[axis], high[axis] + 1) for axis in (1, 2, 0)]
            return ((x, y, z) for y, z, x in itertools.product(*spans))

        def do() -> None:
            world = self._world
            if how in ("hollow", "outline"):
                shell = [p for p in cells() if any(p[a] in (low[a], high[a]) for a in range(3))]
                inside = [] if how == "outline" else sorted(set(cells()) - set(shell))
                self._put(inside, AIR, "replace")
                self._put(shell, state, "replace")
            else:
                self._put([p for p in cells() if not old or world.voxels.get(p) in old], state, how)

        return do

    # The world

    def _time(self, words: list[str]) -> Deed:
        arguments(words, 2, 2)
        world = self._world
        if words[0] == "set":
            named = _TIMES.get(words[1])
            ticks = named if named is not None else duration(words[1])
            return lambda: setattr(world, "time_of_day", ticks)
        if words[0] == "add":
            more = duration(words[1])
            return lambda: setattr(world, "time_of_day", world.time_of_day + more)
        raise RefusedError(f"{words[0]!r} is neither set nor add")

    def _weather(self, words: list[str]) -> Deed:
        arguments(words, 1, 2)
        if words[0] not in ("clear", "rain", "thunder"):
            raise RefusedError(f"{words[0]!r} is neither clear, rain nor thunder")
        ticks = duration(words[1]) if len(words) > 1 else None
        return lambda: self._world.set_weather(words[0], ticks)

    def _gamerule(self, words: list[str]) -> Deed:
        arguments(words, 2, 2)
        name = next((known for known in GAME_RULES if known.lower() == words[0].lower()), words[0])
        flag = {"true": True, "false": False}.get(words[1])
        value = integer(words[1], 0, 2**31 - 1) if flag is None else flag
        GameRules()[name] = value
        return lambda: self._world.rules.set({name: value})

    def _summon(self, words: list[str]) -> Deed:
        if not words or len(words) in (2, 3):
            raise RefusedError(f"{len(words)} arguments where a kind and a place are needed")
        kind = words[0].removeprefix("minecraft:")
        if kind not in KINDS:
            raise RefusedError(f"this world has no creature {words[0]!r}, only {', '.join(KINDS)}")
        try:
            wishes = read_wishes("".join(words[4:]))
        except ValueError as error:
            raise RefusedError(str(error)) from error
        place = coordinates(words[1:4] or ["~", "~", "~"], self._here(), centered=True)
        pos = block_of(place)
        if not MIN_Y <= pos[1] <= MAX_Y or not self._world.voxels.is_loaded(pos[0] >> 4, pos[2] >> 4):
            raise RefusedError(f"{place[0]} {place[1]} {place[2]} is not loaded, or outside the world")

        def do() -> None:
            self._world.herd.summon(kind, place, no_ai=wishes.no_ai, kept=wishes.kept, health=wishes.health)

        return do

    def _kick(self, words: list[str]) -> Deed:
        if not words:
            raise RefusedError("who is to be kicked?")
        players = self._players(words[0])
        reason = " ".join(words[1:]) or "Kicked by an operator"  # the game's own words

        def do() -> None:
            for player in players:
                self._world.kick(player, reason)

        return do

    def _kill(self, words: list[str]) -> Deed:
        arguments(words, 0, 1)
        word = words[0] if words else "@s"
        match = re.fullmatch(r"@e(?:\[type=(?:minecraft:)?([a-z_]+)\])?", word)
        if match is None:
            players = self._players(word)

            def die() -> None:
                for player in players:
                    hurt(self._world, player, 1e9, VOID)

            return die
        if match[1] is not None and match[1] not in KINDS:
            raise RefusedError(f"this world has no creature {match[1]!r}, only {', '.join(KINDS)}")

        def do() -> None:
            for view in self._world.herd.views():
                if match[1] in (None, view.kind):
                    self._world.herd.kill(view.id)

        return do

    def _execute(self, words: list[str], depth: int = 0) -> Deed:
        if depth > _MAX_EXECUTES:
            raise RefusedError(f"more than {_MAX_EXECUTES} executes in one another")
        origin, me = self._origin, self._self
        deeds: list[Deed] = []
        match words:
            case ["run", *rest] if rest and depth:
                if rest[0] == "execute":
                    return self._execute(rest[1:], depth + 1)
                return self._read(rest, " ".join(rest))
            case ["positioned", x, y, z, *rest] if rest:
                self._origin = coordinates([x, y, z], self._here(), centered=True)
                deeds.append(self._execute(rest, depth + 1))
            case ["at" | "as" as how, who, *rest] if rest:
                for player in self._players(who):
                    if how == "at":
                        self._origin = self._world.position_of(player)
                    else:
                        self._self = player
                    deeds.append(self._execute(rest, depth + 1))
            case _:
                raise RefusedError(f"{' '.join(words) or 'nothing'!r} cannot be executed")
        self._origin, self._self = origin, me

        def do() -> None:
            for deed in deeds:
                deed()

        return do

    def _here(self) -> Position | None:
        """Where a command runs: at whom it was sent to, else at the first player."""
        if self._origin is not None:
            return self._origin
        return self._world.position_of(self._world.players[0]) if self._world.players else None

    # What their arguments mean

    def _players(self, word: str) -> list[Player]:
        everyone = self._world.players
        if word == "@s" and self._self is not None:
            return [self._self]
        found = [player for player in everyone if word in ("@a", player.name)]
        if word in ("@p", "@r", "@s") and len(everyone) == 1:
            found = list(everyone)
        if not found:
            names = ", ".join(player.name for player in everyone) or "nobody"
            raise RefusedError(f"no player {word!r} is here ({names} is)")
        return found

    def _cell(self, words: list[str]) -> BlockPos:
        point = coordinates(words, self._here(), centered=False)
        pos = block_of(point)
        if not MIN_Y <= pos[1] <= MAX_Y:
            raise RefusedError(f"y = {pos[1]} lies outside the world ({MIN_Y} to {MAX_Y})")
        if not self._world.voxels.is_loaded(pos[0] >> 4, pos[2] >> 4):
            raise RefusedError(f"{pos[0]} {pos[1]} {pos[2]} is not loaded")
        return pos

    def _point(self, player: Player, words: list[str]) -> Position:
        x, y, z = coordinates(words, self._origin or self._world.position_of(player), centered=True)
        if not self._world.voxels.inside(int(x // 16), int(z // 16)):
            raise RefusedError(f"{x} {z} lies outside the world")
        if not 2 * MIN_Y <= y <= 2 * MAX_Y:
            raise RefusedError(f"y = {y} lies outside the world")
        return x, y, z
