"""The operator port on the simulated world: set-up commands in the game's own syntax.

Source of the syntax and its limits: Minecraft Wiki, "Commands", and the commands' own pages.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from conscious_bot.contracts import BlockPos, Position, UserError
from conscious_bot.simulation.creatures.layout import KINDS
from conscious_bot.simulation.creatures.orders import read_wishes
from conscious_bot.simulation.damage import VOID
from conscious_bot.simulation.gamerules import GAME_RULES
from conscious_bot.simulation.life import hurt
from conscious_bot.simulation.players import Player
from conscious_bot.simulation.voxels import MAX_Y, MIN_Y
from conscious_bot.simulation.world import DIFFICULTIES, SimulatedWorld
from conscious_bot.world.state import ItemStack, block_of

__all__ = ["SimulatedOperator"]

_MAX_FILL = 32768
_MAX_STACKS = 100
_FAR = 3.0e7
_TIMES = {"day": 1000, "noon": 6000, "night": 13000, "midnight": 18000}
_BLOCK = re.compile(r"(?:minecraft:)?([a-z0-9_]+)(?:\[([a-z0-9_=,]*)\])?")
_UNITS = {"t": 1, "s": 20, "d": 24000}


class SimulatedOperator:
    """Runs set-up commands on a simulated world, all of one or nothing."""

    def __init__(self, world: SimulatedWorld) -> None:
        self._world = world
        self._origin: Position | None = None
        """Where a command runs that came through `execute at`."""
        self._commands: dict[str, tuple[str, Callable[[list[str]], None]]] = {
            "give": ("give PLAYER ITEM [COUNT]", self._give),
            "clear": ("clear PLAYER [ITEM [COUNT]]", self._clear),
            "tp": ("tp PLAYER X Y Z", self._tp),
            "setblock": ("setblock X Y Z BLOCK", self._setblock),
            "fill": ("fill X1 Y1 Z1 X2 Y2 Z2 BLOCK", self._fill),
            "weather": ("weather clear|rain|thunder [DURATION]", self._weather),
            "gamerule": (f"gamerule {'|'.join(GAME_RULES)} VALUE", self._gamerule),
            "summon": ("summon KIND [X Y Z [{NoAI:1b,PersistenceRequired:1b,Health:10}]]", self._summon),
            "kill": ("kill [PLAYER|@e|@e[type=KIND]|@a]", self._kill),
            "difficulty": (f"difficulty {'|'.join(DIFFICULTIES)}", self._difficulty),
            "execute": ("execute at|as PLAYER run COMMAND", self._execute),
            "time": ("time set day|noon|night|midnight|TICKS, or time add TICKS", self._time),
        }

    async def command(self, text: str) -> None:
        """Run one command. `UserError` names what could not be read or done."""
        words = text.strip().removeprefix("/").split()
        if not words:
            raise UserError("the command is empty", f"known commands: {', '.join(sorted(self._commands))}")
        self._run(words, text.strip())
        self._world.tell_changes()

    def _run(self, words: list[str], text: str) -> None:
        name = {"teleport": "tp"}.get(words[0], words[0])
        known = self._commands.get(name)
        if known is None:
            raise UserError(
                f"the built-in world has no command {words[0]!r}",
                f"known commands: {', '.join(sorted(self._commands))}",
            )
        usage, run = known
        try:
            run(words[1:])
        except _CannotError as error:
            raise UserError(f"{text}: {error}", f"usage: {usage}") from error

    # The commands

    def _give(self, words: list[str]) -> None:
        _arguments(words, 2, 3)
        players = self._players(words[0])
        item = self._item(words[1])
        limit = self._world.tables.items[item].stack_size
        count = _integer(words[2], 1, limit * _MAX_STACKS) if len(words) > 2 else 1
        for player in players:
            left = count - player.inventory.add(ItemStack(item, count))
            if left:  # what finds no room falls at the player's feet
                self._world.drop(ItemStack(item, left), self._world.position_of(player), delay=0)

    def _clear(self, words: list[str]) -> None:
        _arguments(words, 1, 3)
        players = self._players(words[0])
        item = self._item(words[1]) if len(words) > 1 else None
        count = _integer(words[2], 0, 2**31 - 1) if len(words) > 2 else None
        for player in players:
            if item is None:
                player.inventory.take_all()
                continue
            have = player.inventory.count(item)
            player.inventory.remove(item, have if count is None else min(have, count))

    def _tp(self, words: list[str]) -> None:
        _arguments(words, 4, 4)
        places = [(player, self._point(player, words[1:])) for player in self._players(words[0])]
        for player, point in places:
            self._world.teleport(player, point)

    def _setblock(self, words: list[str]) -> None:
        _arguments(words, 4, 4)
        pos = self._cell(words[:3])
        state = self._state(words[3])
        self._world.storage.clear(pos)
        self._world.set_block(pos, state)

    def _fill(self, words: list[str]) -> None:
        _arguments(words, 7, 7)
        one, other = self._cell(words[:3]), self._cell(words[3:6])
        state = self._state(words[6])
        low = tuple(min(a, b) for a, b in zip(one, other, strict=True))
        high = tuple(max(a, b) for a, b in zip(one, other, strict=True))
        volume = (high[0] - low[0] + 1) * (high[1] - low[1] + 1) * (high[2] - low[2] + 1)
        if volume > _MAX_FILL:
            raise _CannotError(f"{volume} blocks are more than {_MAX_FILL}")
        for cx in range(low[0] >> 4, (high[0] >> 4) + 1):
            for cz in range(low[2] >> 4, (high[2] >> 4) + 1):
                if not self._world.voxels.is_loaded(cx, cz):
                    raise _CannotError(f"column {cx}, {cz} is not loaded")
        for y in range(low[1], high[1] + 1):
            for z in range(low[2], high[2] + 1):
                for x in range(low[0], high[0] + 1):
                    self._world.storage.clear((x, y, z))
                    self._world.set_block((x, y, z), state)

    def _time(self, words: list[str]) -> None:
        _arguments(words, 2, 2)
        if words[0] == "set":
            named = _TIMES.get(words[1])
            self._world.time_of_day = named if named is not None else _duration(words[1])
        elif words[0] == "add":
            self._world.time_of_day += _duration(words[1])
        else:
            raise _CannotError(f"{words[0]!r} is neither set nor add")

    def _weather(self, words: list[str]) -> None:
        _arguments(words, 1, 2)
        if words[0] not in ("clear", "rain", "thunder"):
            raise _CannotError(f"{words[0]!r} is neither clear, rain nor thunder")
        self._world.set_weather(words[0], _duration(words[1]) if len(words) > 1 else None)

    def _gamerule(self, words: list[str]) -> None:
        _arguments(words, 2, 2)
        rules = self._world.rules
        name = next((known for known in GAME_RULES if known.lower() == words[0].lower()), words[0])
        value = {"true": True, "false": False}.get(words[1])
        rules[name] = _integer(words[1], 0, 2**31 - 1) if value is None else value

    def _summon(self, words: list[str]) -> None:
        if not words or len(words) in (2, 3):
            raise _CannotError(f"{len(words)} arguments where a kind and a place are needed")
        kind = words[0].removeprefix("minecraft:")
        if kind not in KINDS:
            raise _CannotError(f"this world has no creature {words[0]!r}, only {', '.join(KINDS)}")
        try:
            wishes = read_wishes("".join(words[4:]))
        except ValueError as error:
            raise _CannotError(str(error)) from error
        place = _coordinates(words[1:4] or ["~", "~", "~"], self._here(), centered=True)
        pos = block_of(place)
        if not MIN_Y <= pos[1] <= MAX_Y or not self._world.voxels.is_loaded(pos[0] >> 4, pos[2] >> 4):
            raise _CannotError(f"{place[0]} {place[1]} {place[2]} is not loaded, or outside the world")
        self._world.herd.summon(kind, place, no_ai=wishes.no_ai, kept=wishes.kept, health=wishes.health)

    def _kill(self, words: list[str]) -> None:
        _arguments(words, 0, 1)
        word = words[0] if words else "@s"
        match = re.fullmatch(r"@e(?:\[type=(?:minecraft:)?([a-z_]+)\])?", word)
        if match is None:
            for player in self._players(word):
                hurt(self._world, player, 1e9, VOID)
            return
        if match[1] is not None and match[1] not in KINDS:
            raise _CannotError(f"this world has no creature {match[1]!r}, only {', '.join(KINDS)}")
        for view in self._world.herd.views():
            if match[1] in (None, view.kind):
                self._world.herd.kill(view.id)

    def _difficulty(self, words: list[str]) -> None:
        _arguments(words, 1, 1)
        if words[0] not in DIFFICULTIES:
            raise _CannotError(f"there is no difficulty {words[0]!r}")
        self._world.difficulty = words[0]

    def _execute(self, words: list[str]) -> None:
        if len(words) < 4 or words[0] not in ("at", "as") or words[2] != "run":
            raise _CannotError("only `at PLAYER run` and `as PLAYER run` are known")
        if words[3] == "execute":
            raise _CannotError("an execute within an execute is not known")
        places = [self._world.position_of(player) for player in self._players(words[1])]
        before = self._origin
        for place in places:
            self._origin = place if words[0] == "at" else before
            try:
                self._run(words[3:], " ".join(words[3:]))
            finally:
                self._origin = before

    def _here(self) -> Position | None:
        """Where a command runs: at whom it was sent to, else at the first player."""
        if self._origin is not None:
            return self._origin
        return self._world.position_of(self._world.players[0]) if self._world.players else None

    # What their arguments mean

    def _players(self, word: str) -> list[Player]:
        everyone = self._world.players
        found = [player for player in everyone if word in ("@a", player.name)]
        if word in ("@p", "@r", "@s") and len(everyone) == 1:
            found = list(everyone)
        if not found:
            names = ", ".join(player.name for player in everyone) or "nobody"
            raise _CannotError(f"no player {word!r} is here ({names} is)")
        return found

    def _item(self, word: str) -> str:
        name = word.removeprefix("minecraft:")
        if name not in self._world.tables.items:
            raise _CannotError(f"this version has no item {word!r}")
        return name

    def _state(self, word: str) -> int:
        match = _BLOCK.fullmatch(word)
        block = self._world.tables.blocks.get(match[1]) if match else None
        if match is None or block is None:
            raise _CannotError(f"this version has no block {word!r}")
        known = dict(block.properties)
        wanted: dict[str, str] = {}
        for part in (match[2] or "").split(",") if match[2] else []:
            key, _, value = part.partition("=")
            if value not in known.get(key, ()):
                raise _CannotError(f"{block.name} has no state {part!r}")
            wanted[key] = value
        return self._world.tables.state_of(block.name, **wanted)

    def _cell(self, words: list[str]) -> BlockPos:
        point = _coordinates(words, self._here(), centered=False)
        pos = block_of(point)
        if not MIN_Y <= pos[1] <= MAX_Y:
            raise _CannotError(f"y = {pos[1]} lies outside the world ({MIN_Y} to {MAX_Y})")
        if not self._world.voxels.is_loaded(pos[0] >> 4, pos[2] >> 4):
            raise _CannotError(f"{pos[0]} {pos[1]} {pos[2]} is not loaded")
        return pos

    def _point(self, player: Player, words: list[str]) -> Position:
        x, y, z = _coordinates(words, self._origin or self._world.position_of(player), centered=True)
        if not self._world.voxels.inside(int(x // 16), int(z // 16)):
            raise _CannotError(f"{x} {z} lies outside the world")
        if not 2 * MIN_Y <= y <= 2 * MAX_Y:
            raise _CannotError(f"y = {y} lies outside the world")
        return x, y, z


class _CannotError(Exception):
    """A command that cannot be read or done; turned into a UserError with the command's usage."""


def _arguments(words: list[str], low: int, high: int) -> None:
    if not low <= len(words) <= high:
        wanted = str(low) if low == high else f"{low} to {high}"
        raise _CannotError(f"{len(words)} arguments where {wanted} are needed")


def _integer(word: str, low: int, high: int) -> int:
    if not re.fullmatch(r"-?[0-9]{1,10}", word):
        raise _CannotError(f"{word!r} is no whole number")
    value = int(word)
    if not low <= value <= high:
        raise _CannotError(f"{value} does not lie between {low} and {high}")
    return value


def _duration(word: str) -> int:
    """Ticks, or a number with t, s or d for ticks, seconds or days."""
    unit = _UNITS.get(word[-1:])
    return _integer(word[:-1] if unit else word, 0, 2**31 - 1) * (unit or 1)


def _coordinates(words: list[str], origin: Position | None, *, centered: bool) -> Position:
    """Three coordinates, `~` ones relative to `origin`; whole x and z mean the middle of a block if `centered`."""
    found: list[float] = []
    for axis, word in enumerate(words):
        relative = word.startswith("~")
        number = word[1:] if relative else word
        if not re.fullmatch(r"-?[0-9]{1,9}(\.[0-9]{0,12})?", number) and not (relative and not number):
            raise _CannotError(f"{word!r} is no coordinate")
        value = float(number) if number else 0.0
        if relative:
            if origin is None:
                raise _CannotError(f"{word!r} is relative, and nobody is here")
            value += origin[axis]
        elif centered and axis != 1 and "." not in number:
            value += 0.5
        if abs(value) > _FAR:
            raise _CannotError(f"{word!r} is too far away")
        found.append(value)
    return found[0], found[1], found[2]
