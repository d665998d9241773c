"""Scenarios: a world set up by commands, a goal, and predicates that must hold in the world afterwards.

Those about skills themselves (`skill_scenarios`) set up worlds of their own, and their predicates are checks.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import time
import tomllib
from collections.abc import AsyncGenerator, Coroutine
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError, model_validator

from conscious_bot import agent, skill_scenarios
from conscious_bot.behavior.predicates import parse_predicate
from conscious_bot.body.mineflayer import Address
from conscious_bot.cognition.goals import Goal
from conscious_bot.contracts import BlockPos, UserError, Wire
from conscious_bot.memory.journal import Journal
from conscious_bot.planning.goals import parse_goal
from conscious_bot.registry.refusal import RegistryRefusal
from conscious_bot.runtime.readings import check_predicates, judge
from conscious_bot.settings import Difficulty, RunSettings
from conscious_bot.simulation.terrain import Visit
from conscious_bot.skill_scenarios.outcome import SkillScenario

__all__ = ["Scenario", "ScenarioEvent", "SkillScenario", "find", "home", "named", "run", "shipped"]

_LOOKS_EVERY_S = 0.25
"""Seconds between two looks whether an event is due."""


class ScenarioWorld(Wire):
    """Which built-in world to make."""

    preset: str = "default"
    difficulty: Difficulty = "normal"


class ScenarioLimits(Wire):
    """How long it may take, in seconds of the world."""

    seconds: float = Field(default=600, gt=0)


class ScenarioEvent(Wire):
    """Something that happens meanwhile, once: so many seconds after the start, or when a predicate first holds."""

    command: str
    after: float | None = Field(default=None, ge=0)
    when: str | None = None

    @model_validator(mode="after")
    def _one_cause(self) -> ScenarioEvent:
        if (self.after is None) == (self.when is None):
            raise ValueError("an event has either `after` or `when`")
        return self


class Scenario(Wire):
    """One scenario file. `{name}` in commands stands for the bot's player name, `$place` in predicates for a place."""

    id: str
    requirement: str
    title: str
    goal: str
    commands: tuple[str, ...] = ()
    events: tuple[ScenarioEvent, ...] = ()
    places: dict[str, BlockPos] = Field(default_factory=dict[str, BlockPos])
    success: tuple[str, ...] = Field(min_length=1)
    world: ScenarioWorld = ScenarioWorld()
    visitors: tuple[Visit, ...] = ()
    """Scripted players, invited after the commands; the built-in world only."""
    limits: ScenarioLimits = ScenarioLimits()
    variant: str | None = None

    @property
    def arguments(self) -> dict[str, Any]:
        """The places as predicates take them."""
        return {name: dict(zip("xyz", place, strict=True)) for name, place in self.places.items()}


def home() -> Path:
    """Where the shipped scenarios are: beside the package in a checkout, inside it when installed."""
    shipped_with_package = Path(__file__).parent / "_shipped" / "scenarios"
    return shipped_with_package if shipped_with_package.is_dir() else Path(__file__).parents[2] / "scenarios"


def shipped() -> list[Scenario | SkillScenario]:
    """All scenarios, by id."""
    documents = (_read(path) for path in home().glob("*.toml"))
    return sorted((*documents, *skill_scenarios.SKILL_SCENARIOS), key=lambda s: (len(s.id), s.id))


def named(name: str, variant: Path | None = None) -> Scenario | SkillScenario:
    """A scenario of either kind by its id or its requirement's (S4, SCN-11)."""
    skill = skill_scenarios.find(name)
    if skill is None:
        return find(name, variant)
    if variant is not None:
        raise UserError(f"{skill.id} has no variants", "leave --variant out")
    return skill


def find(name: str, variant: Path | None = None) -> Scenario:
    """A scenario file by its id or its requirement's (S4, SCN-04), overridden by a variant file."""
    for path in sorted(home().glob("*.toml")):
        scenario = _read(path)
        if name.upper() in (scenario.id, scenario.requirement):
            return _read(path, variant) if variant else scenario
    known = ", ".join(s.id for s in shipped())
    raise UserError(f"there is no scenario {name!r}", f"known are: {known}")


def _read(path: Path, variant: Path | None = None) -> Scenario:
    document: dict[str, Any] = _toml(path)
    if variant is not None:
        changes = _toml(variant)
        for key, value in changes.items():
            if isinstance(value, dict) and isinstance(document.get(key), dict):
                document[key] = {**document[key], **value}
            else:
                document[key] = value
        document["variant"] = variant.name
    try:
        return Scenario.model_validate(document)
    except ValidationError as error:
        found = "; ".join(f"{'.'.join(str(p) for p in e['loc'])}: {e['msg']}" for e in error.errors())
        raise UserError(f"{(variant or path).name} is not a scenario: {found}", "mend the file") from None


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text())
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"cannot read {path.name}: {error}", "give the path of a TOML file") from None
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{path.name} is not TOML: {error}", "mend the file") from None


def _check(scenario: Scenario) -> None:
    """Refuse predicates that cannot be read or that speak of places the scenario does not name."""
    texts = [*scenario.success, *(event.when for event in scenario.events if event.when is not None)]
    check_predicates(texts)
    for text in texts:
        try:
            parse_predicate(text).call(scenario.arguments)
        except KeyError as missing:
            problem = f"the predicate {text!r} speaks of {missing}, which is no place of {scenario.id}"
            raise UserError(
                problem, f"add it under [places]; there are: {', '.join(scenario.places) or 'none'}"
            ) from None


def run(scenario: Scenario | SkillScenario, *, server: Address | None, seed: int, data: Path) -> dict[str, Any]:
    """Run a scenario in a fresh world and report what held; the journal stays for whoever wants to know why."""
    where = "sim" if server is None else "server"
    if isinstance(scenario, SkillScenario) and server is not None:
        raise UserError(f"scenario {scenario.id} makes worlds of its own", "run it in the built-in world")
    folder = data / "scenarios" / f"{scenario.id}-{where}-{seed}"
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(folder)
    if isinstance(scenario, SkillScenario):
        return _run_skill(scenario, seed, folder)
    _check(scenario)
    settings = RunSettings(
        server=server, seed=seed, difficulty=scenario.world.difficulty, speed=None, data=folder, dashboard=False
    )
    began = time.monotonic()
    with contextlib.closing(Journal.open(settings.home / "journal.sqlite")) as journal:
        world = agent.open_world(settings, journal, preset=scenario.world.preset)
        with asyncio.Runner(loop_factory=world.new_loop) as runner:
            report = runner.run(_run(scenario, settings, journal, world))
        report |= {
            "scenario": scenario.id,
            "variant": scenario.variant,
            "world": where if server is None else str(server),
            "seed": seed,
            "wallSeconds": round(time.monotonic() - began, 3),
            "journal": str(settings.home / "journal.sqlite"),
            "journalHash": journal.hash(),
        }
    return report


def _run_skill(scenario: SkillScenario, seed: int, folder: Path) -> dict[str, Any]:
    began = time.monotonic()
    try:
        outcome = scenario.play(seed, folder, None)
    except RegistryRefusal as refusal:
        problem = f"{scenario.id}: {refusal.error.code}: {refusal.error.detail}"
        raise UserError(problem, f"the registry in {folder} has what was refused") from refusal
    with contextlib.closing(Journal.open(outcome.journal, stream="registry")) as journal:
        journal_hash = journal.hash()
    return {
        "passed": all(check.ok for check in outcome.checks),
        "predicates": [check.wire() for check in outcome.checks],
        "virtualSeconds": round(outcome.virtual_seconds, 3),
        "steps": {
            "dispatched": outcome.leaves,
            "completed": outcome.leaves - outcome.failed,
            "failed": outcome.failed,
            "lost": 0,
        },
        "deaths": outcome.deaths,
        "scenario": scenario.id,
        "variant": None,
        "world": "sim",
        "seed": seed,
        "wallSeconds": round(time.monotonic() - began, 3),
        "journal": str(outcome.journal),
        "journalHash": journal_hash,
        "report": outcome.report,
    }


async def _run(scenario: Scenario, settings: RunSettings, journal: Journal, world: agent.World) -> dict[str, Any]:
    async with agent.assemble(settings, journal, world) as live:
        for command in scenario.commands:
            await world.operator.command(command.replace("{name}", live.body.name))
        for visit in scenario.visitors:
            if world.invite is None:
                raise UserError(f"scenario {scenario.id} has visitors", "run it in the built-in world")
            world.invite(visit)
        began = live.mind.clock.now()
        goal = Goal(str(parse_goal(scenario.goal, live.body.tables)), "user", f"scenario {scenario.id}", 1.0)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(scenario.limits.seconds), _meanwhile(_happen(scenario, live, world)):
                await live.mind.live(goal)
        await live.body.stop()
        predicates = await judge(scenario.success, live.body, scenario.arguments)
        metrics = live.mind.executor.metrics
        return {
            "passed": all(p["ok"] for p in predicates),
            "predicates": predicates,
            "virtualSeconds": round(live.mind.clock.now() - began, 3),
            "steps": {
                "dispatched": metrics.dispatched,
                "completed": metrics.completed,
                "failed": metrics.failed,
                "lost": metrics.dispatched - metrics.completed - metrics.failed,
            },
            "deaths": live.mind.deaths,
        }


async def _happen(scenario: Scenario, live: agent.Agent, world: agent.World) -> None:
    """Let each event happen when its time has come."""
    began = live.mind.clock.now()
    waiting = list(scenario.events)
    while waiting:
        for event in tuple(waiting):
            if event.when is not None:
                (seen,) = await judge([event.when], live.body, scenario.arguments)
                due = bool(seen["ok"])
            else:
                due = live.mind.clock.now() - began >= (event.after or 0.0)
            if due:
                waiting.remove(event)
                await world.operator.command(event.command.replace("{name}", live.body.name))
        await asyncio.sleep(_LOOKS_EVERY_S)


@contextlib.asynccontextmanager
async def _meanwhile(events: Coroutine[Any, Any, None]) -> AsyncGenerator[None]:
    """Have something go on while inside; what went wrong in it is raised at the end."""
    task = asyncio.ensure_future(events)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
