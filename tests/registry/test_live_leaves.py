"""A living agent has a signed leaf, and the options that use it, from the moment they are active to their end."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from conscious_bot.contracts import CapabilityAct, CapabilityStatus, Event, EventType
from conscious_bot.leaves.catalogue import default_catalogue
from conscious_bot.live_options import LiveOptions
from conscious_bot.registry.builtin import builtin_verbs
from conscious_bot.registry.code_hash import hash_tree
from conscious_bot.registry.desk import CapabilityDesk, open_desk
from conscious_bot.registry.envelopes import sign_leaf
from conscious_bot.registry.keyring import key_of, new_private_key

from .conftest import OPERATOR, SIGNER
from .test_signatures import NOW, SPEC, code_of

OPTION: dict[str, Any] = {
    "id": "opt.hum",
    "version": "1.0.0",
    "tree": {"type": "Leaf", "name": "hum", "args": {}},
    "provenance": {"authoredBy": "human"},
}


class Clock:
    """Stands still."""

    def now(self) -> float:
        return 0.0


class Agent:
    """What an agent keeps of the registry."""

    def __init__(self, desk: CapabilityDesk) -> None:
        self.catalogue = default_catalogue()
        self.verbs = builtin_verbs(self.catalogue.specs())
        self.events: list[Event] = []
        self.options = LiveOptions(desk, self.verbs, self.catalogue, Clock(), self.events.append)

    @property
    def has(self) -> tuple[bool, bool]:
        """The leaf, and the option."""
        return self.catalogue.get("hum@1.0.0") is not None, self.verbs.option("opt.hum@1.0.0") is not None


@pytest.mark.requirement("GOV-09")
def test_a_signed_leaf_and_its_options_come_and_go_together(tmp_path: Path) -> None:
    private = new_private_key()
    files = {"__init__.py": code_of(SPEC)}
    encoded = {name: text.encode() for name, text in files.items()}
    with open_desk(tmp_path) as desk:
        desk.review.trust(key_of(private, "Sam", not_before=NOW, expires=NOW.replace(year=2100)), SIGNER)

        async def live() -> None:
            agent, again = Agent(desk), Agent(desk)
            with agent.options.followed(asyncio.get_running_loop()):
                desk.review.register_files(SPEC, files, sign_leaf(SPEC, encoded, private, NOW), SIGNER)
                assert agent.has == (True, False)
                desk.pipeline.register(OPTION, OPERATOR)
                desk.registry.move("opt.hum@1.0.0", CapabilityAct.PROMOTE, "t", "t", {"runsBefore": 0})
                assert agent.has == (True, True)
                with again.options.followed(asyncio.get_running_loop()):
                    assert again.has == (True, True), "who starts later has them as well"
                desk.governor.end("hum@1.0.0", CapabilityAct.REVOKE, OPERATOR, "not wanted")
                assert agent.has == (False, False)
                await asyncio.sleep(0)  # the events are told on the agent's own loop
            refused = [event for event in agent.events if event.type is EventType.CAPABILITY_REFUSED]
            assert [event.data["subject"] for event in refused] == ["opt.hum@1.0.0"]

        asyncio.run(live())
        assert desk.registry.require("opt.hum@1.0.0").status is CapabilityStatus.ACTIVE


def test_a_signed_leaf_whose_code_was_altered_is_left_out_with_its_options(tmp_path: Path) -> None:
    private = new_private_key()
    files = {"__init__.py": code_of(SPEC)}
    encoded = {name: text.encode() for name, text in files.items()}
    with open_desk(tmp_path) as desk:
        desk.review.trust(key_of(private, "Sam", not_before=NOW, expires=NOW.replace(year=2100)), SIGNER)
        record = desk.review.register_files(SPEC, files, sign_leaf(SPEC, encoded, private, NOW), SIGNER)
        assert record.provenance.code_hash == hash_tree(encoded)
        desk.pipeline.register(OPTION, OPERATOR)
        desk.registry.move("opt.hum@1.0.0", CapabilityAct.PROMOTE, "t", "t", {"runsBefore": 0})
        next((tmp_path / "leaves").glob("hum-*/__init__.py")).write_text("leaf = None\n", "utf-8")

        async def live() -> None:
            agent = Agent(desk)
            with agent.options.followed(asyncio.get_running_loop()):
                assert agent.has == (False, False)
            assert [event.data["subject"] for event in agent.events] == ["hum@1.0.0", "opt.hum@1.0.0"]

        asyncio.run(live())
