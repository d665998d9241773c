"""What counts as a danger, and which reactions it asks for, in the simulated world."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from conscious_bot.cognition.dangers import Danger, danger_to
from conscious_bot.game.tables import Tables
from conscious_bot.simulation.body import SimulatedBody
from conscious_bot.simulation.commands import SimulatedOperator
from conscious_bot.simulation.loop import run_virtual
from conscious_bot.simulation.world import SimulatedWorld


def met(*commands: str, walled: bool = False, time: int = 1000) -> Danger | None:
    """The danger to a bot at the origin of a flat world, once these commands were run."""
    world = SimulatedWorld.create(1, Tables.builtin(), "flat", view=3)
    world.rules["doMobSpawning"] = False
    world.difficulty = "normal"
    world.time_of_day = time

    async def script() -> Danger | None:
        body, operator = SimulatedBody(world), SimulatedOperator(world)
        await body.open()
        await operator.command("tp Bot 0.5 -60 0.5")
        await asyncio.sleep(0.5)
        for command in commands:
            await operator.command(command)
        await asyncio.sleep(0.05)
        found = await danger_to(body, (0, -60, 0) if walled else None)
        await body.close()
        return found

    return run_virtual(script(), world)


def verbs(danger: Danger | None) -> Sequence[tuple[str, ...]]:
    assert danger is not None
    return [tuple(verb for verb, _ in reaction.steps) for reaction in danger.reactions]


ZOMBIE = "summon zombie 4 -60 0 {NoAI:1b}"
ARMED, BLOCKS = "give Bot stone_sword", "give Bot dirt 16"


@pytest.mark.requirement("MIND-07")
def test_by_day_with_nobody_near_there_is_no_danger():
    assert met() is None


@pytest.mark.requirement("MIND-07", "MIND-02")
@pytest.mark.parametrize(
    ("commands", "expected"),
    [
        ((ZOMBIE, ARMED), [("attack_entity",), ("flee",), ("attack_entity",)]),
        ((ZOMBIE, BLOCKS), [("sense_hostiles", "retreat_and_block"), ("flee",)]),
        (
            ("summon zombie 2 -60 0 {NoAI:1b}", BLOCKS),
            [("sense_hostiles", "retreat_from_threat", "retreat_and_block"), ("flee",)],
        ),
        (
            (ZOMBIE, ARMED, BLOCKS, "effect give Bot instant_damage 1 1"),
            [("sense_hostiles", "retreat_and_block"), ("flee",), ("attack_entity",)],
        ),
        (
            ("summon creeper 4 -60 0 {NoAI:1b}", ARMED, BLOCKS),
            [("sense_hostiles", "retreat_and_block"), ("flee",), ("attack_entity",)],
        ),
        (
            ("summon skeleton 10 -60 0 {NoAI:1b}", ARMED, BLOCKS),
            [("sense_hostiles", "retreat_and_block"), ("flee",), ("attack_entity",)],
        ),
        ((ZOMBIE, "effect give Bot instant_damage 1 0"), [("flee",)]),
        ((ZOMBIE, "summon zombie 3 -60 3 {NoAI:1b}"), [("flee",)]),
    ],
    ids=["armed", "with blocks", "too near to build", "hurt", "creeper", "skeleton", "struck with nothing", "two"],
)
def test_whom_it_can_beat_it_fights_else_it_walls_itself_in_else_it_runs(commands, expected):
    danger = met(*commands)
    assert verbs(danger) == expected
    assert danger is not None
    assert danger.urgent
    assert all(reaction.why for reaction in danger.reactions)


@pytest.mark.requirement("MIND-07")
@pytest.mark.parametrize(
    "commands",
    [
        (ZOMBIE,),  # nothing to fight or build with: whatever walks looks out for itself
        ("summon zombie 9 -60 0 {NoAI:1b}", ARMED),  # too far
        ("summon enderman 3 -60 0 {NoAI:1b}", ARMED),  # leaves alone who leaves it alone
        ("fill 2 -60 -3 2 -57 3 stone", "fill -3 -60 -3 -3 -57 3 stone", "fill -3 -60 3 2 -57 3 stone",
         "fill -3 -60 -3 2 -57 -3 stone", ZOMBIE, ARMED),  # neither sees it nor has a way to it
    ],
    ids=["nothing to do about it", "far", "neutral", "walled off"],
)  # fmt: skip
def test_what_does_not_press_is_left_to_whatever_walks(commands):
    assert met(*commands) is None


@pytest.mark.requirement("MIND-06")
def test_by_night_it_sleeps_where_a_bed_is_at_hand_and_nobody_is_near():
    assert verbs(met("give Bot white_bed", time=14000)) == [("sleep",)]
    assert met(time=14000) is None
    assert met("give Bot white_bed", "summon zombie 12 -60 0 {NoAI:1b}", time=14000) is None


@pytest.mark.requirement("MIND-07")
def test_behind_its_wall_it_waits_while_they_are_there_and_opens_it_then():
    wall = ("fill 1 -60 0 1 -59 0 dirt", "fill -1 -60 0 -1 -59 0 dirt", "fill 0 -60 1 0 -59 1 dirt",
            "fill 0 -60 -1 0 -59 -1 dirt", "setblock 0 -58 0 dirt")  # fmt: skip
    waits = met(*wall, ZOMBIE, walled=True)
    assert verbs(waits) == [("wait",)]
    assert waits is not None
    assert not waits.urgent
    assert verbs(met(*wall, walled=True)) == [("sense_hostiles", "retreat_and_block")]


@pytest.mark.requirement("MIND-02")
def test_who_stands_in_lava_or_runs_out_of_air_gets_out_first():
    assert verbs(met("setblock 0 -60 0 lava", ZOMBIE, ARMED)) == [("emergency_retreat",)]
