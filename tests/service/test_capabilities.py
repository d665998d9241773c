"""The registry over HTTP: the documents' proposal verbatim, roles, one form of errors, and nothing that breaks it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.registry.corridors import PROPOSAL, twin
from tests.registry.test_signatures import SOURCE, SPEC
from websockets.sync.client import connect

from conscious_bot.contracts import LeafSpec, OptionDocument
from conscious_bot.game.tables import Tables
from conscious_bot.leaves.catalogue import default_catalogue
from conscious_bot.registry.desk import CapabilityDesk, open_desk
from conscious_bot.registry.envelopes import sign_leaf
from conscious_bot.registry.keyring import key_of, new_private_key
from conscious_bot.registry.principals import Principal, Role
from conscious_bot.registry.shadow import run_trials, starts_of
from conscious_bot.service import Hub, Server, ServiceSettings

from .test_websocket import read_until

OWNER = "a-long-one-of-the-owner"
ID = "opt.torch_corridor@1.0.0"
TOKENS = {f"{role}-token-0123456789": Principal(f"some {role}", role) for role in Role}


def bearer(role: Role) -> dict[str, str]:
    return {"Authorization": f"Bearer {role}-token-0123456789"}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CapabilityDesk]:
    with open_desk(tmp_path_factory.mktemp("desk")) as desk:
        desk.sandbox.warm()
        yield desk


@pytest.fixture(scope="module")
def api(desk: CapabilityDesk) -> Iterator[httpx.Client]:
    server = Server(Hub(), ServiceSettings(port=0, principals=TOKENS), desk)
    server.start()
    with httpx.Client(base_url=server.url, timeout=60) as client:
        yield client
    server.stop()


def post(api: httpx.Client, path: str, body: Any = None, role: Role | None = None) -> tuple[int, dict[str, Any]]:
    answer = api.post(path, json=body, headers=bearer(role) if role else {})
    return answer.status_code, answer.json()


@pytest.mark.requirement("GOV-14", "GOV-12")
def test_the_documents_proposal_is_accepted_byte_for_byte_and_its_variants_answer_as_they_should(
    api: httpx.Client,
) -> None:
    headers = {"Content-Type": "application/json"}
    answer = api.post("/capabilities/option/register", content=PROPOSAL.read_bytes(), headers=headers)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["ok"], answer.json()["id"]) == (True, ID)
    raw = json.loads(PROPOSAL.read_bytes())
    escalating = {**raw, "version": "1.0.2", "permissions": ["movement"]}
    answers = [
        post(api, "/capabilities/option/register", document)
        for document in (raw, twin(raw, safe=False, version="1.0.1"), escalating)
    ]
    assert [(status, body["ok"], body["error"]["code"]) for status, body in answers] == [
        (409, False, "version_exists"),
        (400, False, "tests_failed"),
        (400, False, "option-permission-escalation"),
    ]
    posts = answers[1][1]["error"]["evidence"]["report"]["tests"][0]["post"]
    assert {one["name"]: one["ok"] for one in posts} == {"corridor.light>=8": False, "reached(end)==true": True}
    found = [one for one in answers[2][1]["error"]["findings"] if one["code"] == "option-permission-escalation"]
    assert found[0]["pointer"].startswith("/tree/children/")
    view = api.get(f"/capabilities/{ID}").json()
    assert (view["record"]["status"], view["verdict"]) == ("shadow", "keep watching")
    assert api.get(f"/capabilities/{ID}/health").json()["runs"] == 0
    assert [one["id"] for one in api.get("/capabilities").json()] == [ID]


@pytest.mark.requirement("GOV-14", "GOV-04", "SRV-06")
def test_roles_hold_and_a_closed_gate_answers_with_its_figure(api: httpx.Client) -> None:
    proposal = json.loads(PROPOSAL.read_bytes())
    for role, status in ((Role.VIEWER, 403), (Role.PROPOSER, 200)):
        document = {**proposal, "version": f"2.0.{len(role)}"}
        assert post(api, "/capabilities/option/register", document, role)[0] == status
    mine = f"opt.torch_corridor@2.0.{len(Role.PROPOSER)}"
    assert post(api, f"/capabilities/{mine}/promote", None, Role.PROPOSER)[0] == 403
    status, body = post(api, f"/capabilities/{mine}/promote", None, Role.OPERATOR)
    assert (status, body["error"]["code"], body["error"]["evidence"]["gate"]) == (409, "registry.gateClosed", "runs")
    assert post(api, f"/capabilities/{mine}/retire", {"reason": "t"}, Role.SIGNER)[0] == 403
    status, body = post(api, f"/capabilities/{mine}/retire", {"reason": "not wanted"}, Role.OPERATOR)
    assert (status, body["change"]["after"], body["change"]["reason"]) == (200, "retired", "not wanted")
    assert post(api, f"/capabilities/{mine}/promote", None, Role.OPERATOR)[1]["error"]["code"] == (
        "registry.illegalTransition"
    )
    assert post(api, f"/capabilities/{mine}/revoke", None, Role.OPERATOR)[0] == 200
    assert post(api, "/capabilities/opt.none@1.0.0/promote", None, Role.OPERATOR)[0] == 404
    assert api.post(f"/capabilities/{mine}/retire", headers={"Authorization": "Bearer guess"}).status_code == 401
    assert post(api, "/api/cognitive/execute", {"goal": "get 1 oak_log"}, Role.PROPOSER)[0] == 403


@pytest.mark.requirement("GOV-09", "GOV-10", "GOV-14", "SCN-12")
def test_a_leaf_is_proposed_read_signed_and_registered(api: httpx.Client, desk: CapabilityDesk) -> None:
    leaf = {"spec": SPEC.wire(), "files": {"__init__.py": SOURCE}}
    assert post(api, "/capabilities/leaf/propose", leaf, Role.VIEWER)[0] == 403
    status, proposal = post(api, "/capabilities/leaf/propose", leaf, Role.PROPOSER)
    assert (status, proposal["status"]) == (200, "pending")
    assert proposal["checks"][0]["what"] == "imports from pathlib"
    private, now = new_private_key(), datetime.now(UTC)
    key = key_of(private, "Sam", not_before=now - timedelta(days=1), expires=now + timedelta(days=1))
    desk.review.trust(key, Principal("Sam", Role.SIGNER))
    shown = api.get("/capabilities/leaf/proposals").json()[0]
    envelope = sign_leaf(SPEC, {name: text.encode() for name, text in shown["files"].items()}, private, now)
    path = "/capabilities/leaf/hum@1.0.0/accept"
    assert post(api, path, {"envelope": envelope}, Role.OPERATOR)[0] == 403
    assert post(api, path, {}, Role.SIGNER)[1]["error"]["code"] == "registry.untrusted"
    assert post(api, path, {"envelope": envelope}, Role.SIGNER) == (200, {"ok": True, "id": "hum@1.0.0"})
    assert post(api, "/capabilities/leaf/register", leaf, Role.SIGNER)[1]["error"]["message"].startswith("unsigned")


@pytest.mark.requirement("SRV-06")
@pytest.mark.requirement("GOV-09", "GOV-12")
def test_a_signed_leaf_can_be_used_in_an_option_until_it_is_revoked(api: httpx.Client, desk: CapabilityDesk) -> None:
    home = files("conscious_bot.skill_scenarios") / "seal_off"
    code = {name: (home / name).read_text("utf-8") for name in ("__init__.py", "spec.json")}
    spec = LeafSpec.model_validate_json(code["spec.json"])
    private, now = new_private_key(), datetime.now(UTC)
    trusted = key_of(private, "Sam", not_before=now - timedelta(days=1), expires=now + timedelta(days=1))
    desk.review.trust(trusted, Principal("sam", Role.SIGNER))

    def register(spec: LeafSpec) -> tuple[int, dict[str, Any]]:
        envelope = sign_leaf(spec, {name: text.encode() for name, text in code.items()}, private, now)
        body = {"spec": spec.wire(), "files": code, "envelope": envelope}
        return post(api, "/capabilities/leaf/register", body, Role.SIGNER)

    def option(version: str) -> dict[str, Any]:
        tree = {"type": "Leaf", "name": "seal_off", "args": {"side": "east"}}
        expect = {"post": ["has(item:dirt)<=14"], "runtime": {"timeoutMs": 20_000}}
        test = {"name": "walls in", "world": "fixtures/corridor_12_blocks.json", "assert": expect}
        return {
            "id": "opt.wall_in",
            "version": version,
            "tree": tree,
            "tests": [test],
            "provenance": {"authoredBy": "human"},
        }

    def refused(document: dict[str, Any]) -> list[tuple[str, str]]:
        status, body = post(api, "/capabilities/option/register", document)
        assert (status, body["error"]["code"]) == (400, "registry.lint")
        return [(one["pointer"], one["code"]) for one in body["error"]["findings"] if one["severity"] == "error"]

    unknown = [("/tree/name", "unknown-leaf")]
    assert refused(option("1.0.0")) == unknown
    status, body = register(spec.model_copy(update={"name": "move_to", "version": "9.0.0"}))
    assert (status, body["error"]["code"]) == (409, "version_exists"), "nobody's code takes a shipped leaf's place"
    assert register(spec)[0] == 200
    status, body = post(api, "/capabilities/option/register", option("1.0.0"))
    assert status == 200, body
    assert body["report"]["tests"][0]["leaves"] == {"seal_off": 1}
    record = api.get(f"/capabilities/{quote(body['id'])}").json()["record"]
    assert record["uses"] == [spec.id]
    assert post(api, f"/capabilities/{quote(spec.id)}/revoke", {"reason": "not wanted"})[0] == 200
    assert refused(option("1.0.1")) == unknown


def test_without_a_token_nothing_is_changed_where_the_network_can_reach(desk: CapabilityDesk) -> None:
    settings = ServiceSettings(host="127.0.0.1", port=0, token=OWNER, principals=TOKENS)
    server = Server(Hub(), settings, desk)
    server.start()
    try:
        with httpx.Client(base_url=server.url, timeout=20) as client:
            paths = client.get("/openapi.json").json()["paths"]
            for path, item in paths.items():
                for method in item.keys() - {"get", "head", "options"}:
                    at = path.replace("{capability}", ID).replace("{leaf}", "hum@1.0.0")
                    for headers in ({}, {"Authorization": "Bearer guess"}):
                        found = client.request(method, at, json={}, headers=headers)
                        assert (found.status_code, found.json()["error"]["code"]) == (401, "auth.required"), path
            assert client.get("/capabilities").status_code == 200
            assert client.get("/api/me").json() == {"name": "anybody", "role": "viewer", "rights": ["look"]}
            me = client.get("/api/me", headers=bearer(Role.SIGNER)).json()
            assert (me["role"], "register leaf" in me["rights"], "change status" in me["rights"]) == (
                "signer",
                True,
                False,
            )
    finally:
        server.stop()


@pytest.mark.requirement("GOV-15", "SRV-02")
def test_what_changes_is_told_at_once_and_the_evidence_can_be_read(api: httpx.Client, desk: CapabilityDesk) -> None:
    tree = {"type": "Leaf", "name": "wait", "args": {"ms": 50}}
    breathe = {"id": "opt.breathe", "version": "1.0.0", "post": ["has(item:torch)>=99"], "tree": tree}
    capability = "opt.breathe@1.0.0"
    with connect(f"ws{str(api.base_url).removeprefix('http')}/ws") as reader:
        read_until(reader, "hello")
        assert post(api, "/capabilities/option/register", breathe)[0] == 200
        version = read_until(reader, "registryChanged")[-1]["version"]
        starts = starts_of(OptionDocument.model_validate(json.loads(PROPOSAL.read_bytes())), Tables.builtin(), (1, 2))
        run_trials(desk.governor, desk.pipeline.compiled(capability), None, starts, default_catalogue())
        assert read_until(reader, "registryChanged")[-1]["version"] > version, "a run is news as well"
    shown = next(one for one in api.get("/capabilities").json() if one["id"] == capability)
    assert (shown["runs"], shown["winRate"], shown["winRateHigh"] > 0.5) == (2, 0.0, True)
    runs = api.get(f"/capabilities/{capability}/runs?limit=1").json()
    assert [(run["mode"], run["ok"], run["start"][-2:]) for run in runs] == [("shadow", False, "#2")]
    [report] = api.get(f"/capabilities/{capability}/reports").json()
    assert report["run"] == runs[0], "the last failure is kept whole"
    assert [(one["name"], one["ok"], one["observed"]) for one in report["post"]] == [("has(item:torch)>=99", False, 16)]
    assert [tick["status"] for tick in report["ticks"]] == ["running", "success"]
    nodes = api.get(f"/capabilities/{capability}/tree").json()["nodes"]
    assert nodes == [{"path": "", "kind": "leaf", "label": "wait ms=50"}]
    status, body = post(api, f"/capabilities/{capability}/sandbox")
    assert (status, body["error"]["code"]) == (404, "registry.notFound"), "it has no tests"
    assert post(api, f"/capabilities/{capability}/sandbox", None, Role.VIEWER)[0] == 403
    if desk.registry.get(ID) is None:  # where this test runs alone
        desk.pipeline.register(json.loads(PROPOSAL.read_bytes()), Principal("owner", Role.OPERATOR))
    status, report = post(api, f"/capabilities/{ID}/sandbox", None, Role.PROPOSER)
    assert (status, report["passed"], report["tests"][0]["post"][0]["ok"]) == (200, True, True)
    refused = api.get("/capabilities/audit/refusals?limit=1").json()
    assert (refused[0]["subject"], refused[0]["act"]) == (capability, "register option")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["id", "version", "tree", "type", "children", "spec", "files", "envelope", "reason", "tests"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@pytest.mark.requirement("GOV-14", "SRV-01")
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_request_makes_the_registry_fail_or_answer_what_is_not_declared(
    api: httpx.Client, data: st.DataObject
) -> None:
    paths = api.get("/openapi.json").json()["paths"]
    operations = sorted((p, m) for p, item in paths.items() for m in item if p.startswith("/capabilities"))
    path, method = data.draw(st.sampled_from(operations))
    name = data.draw(st.sampled_from([ID, "opt.x", "opt.x@^1", "opt.x@^z"]) | st.text(min_size=1, max_size=10))
    url = path.replace("{capability}", quote(name, safe="")).replace("{leaf}", quote(name, safe=""))
    headers = bearer(data.draw(st.sampled_from([Role.SIGNER, Role.PROPOSER, Role.VIEWER])))
    body = data.draw(_JSON) if method == "post" else None
    answer = api.request(method.upper(), url, json=body, headers=headers)
    assert answer.status_code < 500, answer.text
    if quote(name, safe="") not in (".", ".."):
        assert str(answer.status_code) in paths[path][method]["responses"]
