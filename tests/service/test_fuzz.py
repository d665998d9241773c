"""Whatever is sent to whatever the OpenAPI document lists: an answer it declares, and never the service's own fault."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import httpx
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conscious_bot.contracts import Event, EventType
from conscious_bot.game.tables import Tables
from conscious_bot.service import Hub, Status, WorldView
from conscious_bot.world.region import VoxelRegion

# "break" and "bug" are how the agent of these tests is told to misbehave; "wait for ever" needs no fuzzing to find.
WORDS = st.text(max_size=40).filter(lambda text: text not in {"break", "bug", "wait for ever"})
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | WORDS
KEYS = st.sampled_from(
    ["text", "source", "goal", "steps", "type", "optionId", "option_id", "args", "radius", "command"]
) | st.text(max_size=8)
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5), max_leaves=12
)
# Half of the bodies come close to what is wanted.
STEP = st.fixed_dictionaries({}, optional={"type": LEAVES, "optionId": LEAVES, "args": JSON})
NEARLY = st.fixed_dictionaries({}, optional={
    "text": LEAVES, "source": LEAVES, "goal": LEAVES, "radius": LEAVES, "steps": st.lists(STEP, max_size=3),
})  # fmt: skip
QUERY = st.dictionaries(st.sampled_from(["after", "limit", "radius", "x"]), st.integers() | WORDS, max_size=3)
PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30)


@pytest.fixture
def document(hub: Hub, http: httpx.Client, agent: object) -> dict[str, Any]:
    """The OpenAPI document of a service that has something to tell."""
    hub.publish_status(Status(bot="Wren", world=WorldView(kind="sim", seed=7), connected=True))
    hub.publish_surroundings(VoxelRegion((0, 60, 0), np.zeros((2, 2, 2), np.uint16)), Tables.builtin())
    hub.publish_event(1, Event(type=EventType.RUN_STARTED, at=0.0))
    return http.get("/openapi.json").json()


@pytest.fixture
def declared(document: dict[str, Any]) -> dict[tuple[str, str], frozenset[str]]:
    """Each operation with the status codes it declares."""
    return {
        (path, method): frozenset(operation["responses"])
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }


@pytest.mark.requirement("SRV-01")
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_request_makes_the_service_fail(
    declared: dict[tuple[str, str], frozenset[str]], http: httpx.Client, data: st.DataObject
) -> None:
    path, method = data.draw(st.sampled_from(sorted(declared)))
    query = data.draw(QUERY)
    if method == "get":
        response = http.get(path, params=query, headers={"accept-encoding": data.draw(PRINTABLE).strip()})
    elif data.draw(st.booleans()):
        response = http.post(path, params=query, json=data.draw(NEARLY | JSON))
    else:
        kind = data.draw(st.sampled_from(["application/json", "text/plain", "application/x-www-form-urlencoded"]))
        body = data.draw(st.binary(max_size=200))
        response = http.post(path, params=query, content=body, headers={"content-type": kind})
    assert response.status_code < 500, (path, response.status_code, response.text)
    assert str(response.status_code) in declared[path, method], "a status that is not declared"
    if response.status_code >= 400:
        assert set(response.json()["error"]) == {"code", "message", "remedy"}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=PRINTABLE, method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"]))
def test_no_address_makes_the_service_fail(http: httpx.Client, path: str, method: str) -> None:
    assert http.request(method, "/" + quote(path.lstrip("/"), safe="/?&=%.;:@")).status_code < 500


def test_the_openapi_document_says_what_every_operation_is_for(document: dict[str, Any]) -> None:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            assert operation.get("description"), f"{method} {path} has no description"
            content = operation["responses"]["200"]["content"]
            assert content, f"{method} {path} does not say what it answers"
    assert "/ws" in document["info"]["description"], "OpenAPI knows no WebSockets: the description names it"
