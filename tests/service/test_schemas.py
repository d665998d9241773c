"""The whole API against its own description."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conscious_bot.contracts import Event, EventType, OptionDocument
from conscious_bot.game.tables import Tables
from conscious_bot.leaves.catalogue import default_catalogue
from conscious_bot.registry.desk import open_desk
from conscious_bot.registry.principals import Principal, Role
from conscious_bot.registry.shadow import run_trials, starts_of
from conscious_bot.service import Hub, Server, ServiceSettings, Status, WorldView
from conscious_bot.world.region import VoxelRegion

from .schemas import examine

OWNER = Principal("owner", Role.OPERATOR)
OPTION: dict[str, Any] = {
    "id": "opt.take_a_breath",
    "version": "1.0.0",
    "post": ["has(item:torch)>=1"],
    "tree": {"type": "Leaf", "name": "wait", "args": {"ms": 100}},
    "tests": [{"name": "in the dark", "world": "fixtures/corridor_12_blocks.json"}],
}


@pytest.fixture
def url(tmp_path: Path, hub: Hub, agent: object) -> Iterator[str]:
    """A service with a bot that has something to tell, and a registry with an option that has run."""
    hub.publish_status(Status(bot="Wren", world=WorldView(kind="sim", seed=7), connected=True))
    hub.publish_surroundings(VoxelRegion((0, 60, 0), np.zeros((2, 2, 2), np.uint16)), Tables.builtin())
    hub.publish_event(1, Event(type=EventType.RUN_STARTED, at=0.0))
    with open_desk(tmp_path / "desk") as desk:
        taken = desk.pipeline.register({**OPTION, "tests": []}, OWNER)
        document = OptionDocument.model_validate_json(json.dumps(OPTION))
        starts = starts_of(document, Tables.builtin(), range(2))
        run_trials(desk.governor, desk.pipeline.compiled(taken.id), None, starts, default_catalogue())
        assert desk.registry.store.reports(taken.id)
        server = Server(hub, ServiceSettings(port=0), desk)
        server.start()
        yield server.url
        server.stop()


@pytest.mark.requirement("GOV-14", "SRV-01")
@pytest.mark.slow
def test_no_call_makes_a_server_error_or_gets_an_answer_that_is_not_described(url: str, tmp_path: Path) -> None:
    """A longer run over a living bot, in every role: `make prove ARGS=api`."""
    found = examine(url, tmp_path / "schemas", capability="opt.take_a_breath@1.0.0", leaf="hum@1.0.0", examples=3)
    assert found.ok, found.text
    assert found.operations >= 29, found.text
    assert found.cases > 300, found.text
