"""The skills' page in a real browser, over a registry whose options have really run."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.registry.corridors import proposal, twin
from tests.registry.test_signatures import SOURCE, SPEC

from conscious_bot.contracts import CapabilityAct, OptionDocument
from conscious_bot.game.tables import Tables
from conscious_bot.leaves.catalogue import default_catalogue
from conscious_bot.registry.desk import CapabilityDesk, open_desk
from conscious_bot.registry.principals import Principal, Role
from conscious_bot.registry.shadow import run_trials, starts_of
from conscious_bot.registry.trial import try_option
from conscious_bot.service import Hub, Server, ServiceSettings

from .test_browser import browser_command

OWNER = Principal("owner", Role.OPERATOR)
TOKENS = {f"{role}-token-0123456789": Principal(f"some {role}", role) for role in Role}


def shadow(desk: CapabilityDesk, capability: str, runs: int) -> None:
    document = OptionDocument.model_validate(proposal())
    starts = starts_of(document, Tables.builtin(), range(runs))
    run_trials(desk.governor, desk.pipeline.compiled(capability), None, starts, default_catalogue())


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[CapabilityDesk]:
    """A good option that was tried and has run, one that shadow runs have retired, one that never ran, a proposal."""
    tables, catalogue = Tables.builtin(), default_catalogue()
    with open_desk(tmp_path / "desk") as house:
        # The same trials, in this process: a worker would have to get warm first.
        here = replace(house.pipeline, try_out=lambda option: try_option(option, catalogue, tables))
        opened = replace(house, pipeline=here)
        opened.pipeline.register(proposal(), OWNER)
        shadow(opened, "opt.torch_corridor@1.0.0", 2)
        careless = twin(proposal(), safe=False, version="1.0.2")
        description = "<img src=x onerror=alert(1)>"
        human = {"tests": [], "description": description, "provenance": {"authored_by": "human"}}
        opened.pipeline.register({**careless, **human}, OWNER)
        shadow(opened, "opt.torch_corridor@1.0.2", 9)
        breathe = {"id": "opt.breathe", "version": "1.0.0", "tree": {"type": "Leaf", "name": "wait", "args": {"ms": 9}}}
        opened.pipeline.register(breathe, OWNER)
        opened.review.propose(SPEC, {"__init__.py": SOURCE}, Principal("model", Role.PROPOSER))
        yield opened


def page_of(server: Server, picture: Path) -> subprocess.Popen[str]:
    tokens = [f"{role}-token-0123456789" for role in (Role.SIGNER, Role.VIEWER)]
    command = [*browser_command("skills.mjs"), server.url, str(picture), *tokens]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


@pytest.mark.browser
@pytest.mark.requirement("GOV-15", "GOV-10", "SRV-03")
def test_the_page_shows_figures_trees_lives_and_reasons_and_does_what_the_role_may(
    desk: CapabilityDesk, tmp_path: Path
) -> None:
    server = Server(Hub(), ServiceSettings(port=0, principals=TOKENS), desk)
    server.start()
    try:
        with page_of(server, tmp_path / "skills.png") as page:
            assert page.stdin is not None
            assert page.stdout is not None
            first: dict[str, Any] = json.loads(page.stdout.readline())
            desk.registry.move("opt.torch_corridor@1.0.0", CapabilityAct.PROMOTE, "test", "as a test wants it")
            page.stdin.write("promoted\n")
            page.stdin.flush()
            second: dict[str, Any] = json.loads(page.stdout.readline())
        assert page.returncode == 0
    finally:
        server.stop()
    failed, player = first["failed"], first["player"]
    assert failed["rows"] == [
        ["breathe", "1.0.0", "shadow", "\u2013"],
        ["torch corridor", "1.0.0", "shadow", "2"],
        ["torch corridor", "1.0.2", "retired", "4"],
    ]
    assert failed["description"] == "<img src=x onerror=alert(1)>", "what authors write is shown as text"
    assert ["corridor.light", "≥ 8", "0", "after"] in failed["conditions"]
    assert ["reached(end)", "true", "true", "after"] in failed["conditions"]
    assert failed["history"][0].startswith("Retired shadow → retired win-rate: log-likelihood ratio")
    assert "the gate, by evidence" in failed["history"][0]
    assert failed["dots"] == 4
    assert "corridor.light>=8" in failed["error"]
    assert player["labels"][:4] == ["Sequence", "move_to", "Repeat.Until", "Sequence"]
    assert set(player["atFirst"]) == {"idle"}
    assert player["underWay"][:3] == ["running", "running", "idle"]
    assert player["atEnd"][0] == "success"
    assert player["bars"] > 10
    assert player["sandbox"] == "Its test passed"
    assert (tmp_path / "skills.png").stat().st_size > 50_000
    assert "opt.torch_corridor@1.0.0: shadow → active" in second["news"]
    assert second["asOperator"] == ["Sandbox again", "Retire", "Revoke"]
    assert second["asViewer"] == {"buttons": [], "note": "A viewer may not change its status."}
    assert second["review"]["answer"] is True
    assert ["3from pathlib import Path" in line for line in second["review"]["marked"]].count(True) == 1
    assert second["revoked"].startswith("Revoked retired → revoked not safe by local (operator)")
    assert "registry.gateClosed" in second["refusal"]
    assert "no test of it has passed there" in second["refusal"]
    assert max(second["overflow"]) <= 0
    assert second["problems"] == []
    decided = desk.review.proposals()[0]
    assert (decided.status, decided.reason) == ("rejected", "it starts programs")
