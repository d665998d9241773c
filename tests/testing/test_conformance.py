"""The same probes on the simulated world and on a protocol server, and what they say of a world that is otherwise."""

from __future__ import annotations

import asyncio
import copy
import json
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from conscious_bot.body.mineflayer import MineflayerBody, MineflayerOperator
from conscious_bot.cli import app
from conscious_bot.contracts import UserError
from conscious_bot.game.tables import Tables
from conscious_bot.simulation.body import SimulatedBody
from conscious_bot.simulation.commands import SimulatedOperator
from conscious_bot.simulation.loop import run_virtual
from conscious_bot.simulation.world import SimulatedWorld
from conscious_bot.testing import conformance_command
from conscious_bot.testing.conformance import Finding, examine
from conscious_bot.testing.conformance_probes import PROBES
from tests.protocol_server.harness import options


def disagreements(findings: list[Finding]) -> list[Finding]:
    return [found for found in findings if found.verdict != "agrees"]


def in_a_simulated_world(probes, operator=SimulatedOperator, body_of=SimulatedBody) -> list[Finding]:
    world = SimulatedWorld.create(1, Tables.builtin(), "flat", view=3)
    body = body_of(world)

    async def play() -> list[Finding]:
        await body.open()
        await asyncio.sleep(1)
        return await examine(body, operator(world), probes)

    return run_virtual(play(), world)


@pytest.mark.requirement("WORLD-04")
def test_the_simulated_world_agrees_with_the_versions_tables_in_every_probe() -> None:
    findings = in_a_simulated_world(PROBES)
    assert {found.probe for found in findings} == PROBES.keys()
    assert disagreements(findings) == []


@pytest.mark.server
@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.requirement("WORLD-04")
async def test_the_protocol_server_agrees_in_the_quick_probes(server) -> None:
    quick = ("recipes", "walking", "light", "chests")
    body = MineflayerBody(options(server, "Prober"))
    await body.open()
    try:
        findings = await examine(body, MineflayerOperator(body, answer_seconds=0.05), {n: PROBES[n] for n in quick})
    finally:
        await body.close()
    assert {found.probe for found in findings} == set(quick)
    assert disagreements(findings) == []


@pytest.mark.server
@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.requirement("WORLD-04")
async def test_an_old_version_is_probed_under_its_own_names(start_server) -> None:
    server = await start_server(version="1.8.8")
    body = MineflayerBody(options(server, "Prober", version=None))
    try:
        await body.open()
        findings = await examine(
            body, MineflayerOperator(body, answer_seconds=0.05), {n: PROBES[n] for n in ("recipes", "chests")}
        )
    finally:
        await body.close()
        await server.stop()
    assert {"planks", "wooden_pickaxe"} <= {found.case for found in findings}
    assert disagreements(findings) == []


class _NoCommands(SimulatedOperator):
    """A world whose operator may not put blocks."""

    refused = "setblock"

    async def command(self, text: str) -> None:
        if text.startswith(self.refused):
            raise UserError("you do not have permission to use this command", "ask the owner")
        await super().command(text)


@pytest.mark.requirement("WORLD-04")
def test_what_a_world_does_not_offer_is_skipped_with_the_reason_and_never_passed() -> None:
    findings = in_a_simulated_world({"chests": PROBES["chests"]}, _NoCommands)
    assert [found.verdict for found in findings] == ["skipped"]
    assert "permission" in findings[0].observed


@pytest.mark.requirement("WORLD-04")
def test_a_world_without_difficulties_is_probed_in_all_that_needs_none() -> None:
    class NoDifficulty(_NoCommands):
        refused = "difficulty"

    findings = in_a_simulated_world({name: PROBES[name] for name in ("chests", "creatures")}, NoDifficulty)
    verdicts = {found.probe: found.verdict for found in findings}
    assert verdicts == {"chests": "agrees", "creatures": "skipped"}


@pytest.mark.requirement("WORLD-04")
def test_a_world_with_other_rules_is_told_apart() -> None:
    class Misinformed(SimulatedBody):
        """Its tables promise more of bread than this world gives."""

        @property
        def tables(self) -> Tables:
            other = copy.copy(super().tables)
            other.foods = {**other.foods, "bread": replace(other.foods["bread"], food=7)}
            return other

    findings = in_a_simulated_world({"hunger": PROBES["hunger"]}, body_of=Misinformed)
    differing = [f for f in findings if f.verdict == "differs"]
    assert [(f.case, f.expected, f.observed) for f in differing] == [("food of bread", "7", "5")]


def test_the_command_prints_one_document_and_its_status_says_whether_anything_differs() -> None:
    result = CliRunner().invoke(app, ["conformance", "--probe", "chests", "--json"])
    assert result.exit_code == 0
    report = json.loads(result.stdout)
    assert (report["world"], report["version"], report["differs"], report["skipped"]) == ("sim", "1.20.4", 0, 0)
    assert report["agrees"] == len(report["findings"]) == 3
    with pytest.raises(UserError) as caught:
        conformance_command.run(None, ["no such"])
    assert "no such" in caught.value.problem
