"""The runner's promises, each provoked with a small leaf of its own on the simulated body."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, ClassVar

import pytest
import structlog

from conscious_bot.contracts import (
    ActionFailed,
    EventType,
    ExecErrorCode,
    LeafRunOptions,
    LeafSpec,
    Permission,
    Provenance,
)
from conscious_bot.leaves.catalogue import CatalogueError, LeafCatalogue, default_catalogue
from conscious_bot.leaves.context import LeafContext
from conscious_bot.leaves.contract import Outcome
from conscious_bot.leaves.expectations import BlockIs, BlockIsNot, InventoryDelta, NoThreat
from conscious_bot.leaves.hands import LeasedHands
from conscious_bot.leaves.schemas import POS, object_schema, to_pos


def spec(name: str, *permissions: Permission, **changes: Any) -> LeafSpec:
    base: dict[str, Any] = {
        "name": name,
        "version": "1.0.0",
        "description": "for a test",
        "input_schema": object_schema({}),
        "timeout_ms": 5000,
        "retries": 0,
        "permissions": frozenset(permissions),
    }
    return LeafSpec(**{**base, **changes})


class Digs:
    """Breaks a block after failing as often as told, counting how often it is run."""

    spec: ClassVar = spec(
        "digs",
        Permission.DIG,
        input_schema=object_schema({"pos": POS, "fail": {"type": "integer", "default": 0}}, ("pos",)),
        retries=2,
    )

    def __init__(self) -> None:
        self.runs = 0

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        self.runs += 1
        if self.runs <= args["fail"]:
            raise ActionFailed(ExecErrorCode.DIG_TIMEOUT, "as told")
        pos = to_pos(args["pos"])
        await ctx.hands.dig(pos)
        return Outcome((BlockIs(pos, ("air",)),))


class Claims:
    """Says that it placed a block and gained a diamond, and does nothing."""

    spec: ClassVar = spec("claims", Permission.DIG, input_schema=object_schema({"pos": POS}, ("pos",)))

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        return Outcome((BlockIsNot(to_pos(args["pos"]), ("air",)), InventoryDelta(("diamond",), 1)))


class ClaimsPeace:
    """Says that no hostile is about, and does not look."""

    spec: ClassVar = spec("claims_peace", Permission.DIG)

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        await ctx.watch_for(NoThreat())
        return Outcome((NoThreat(),))


class SaysNothing:
    """Acts, and names nothing to verify."""

    spec: ClassVar = spec("says_nothing", Permission.DIG)

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        return Outcome()


class LooksFarAway:
    """Expects something of a block nobody can see."""

    spec: ClassVar = spec("looks_far_away", Permission.DIG)

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        return Outcome((BlockIs((100_000, 64, 100_000), ("air",)),))


class Crashes:
    """Fails without a code."""

    spec: ClassVar = spec("crashes", Permission.SENSE)

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        raise ValueError("a bug")


class Oversteps:
    """Digs without the permission to."""

    spec: ClassVar = spec("oversteps", Permission.MOVEMENT)

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        x, y, z = (await ctx.senses.observe()).block
        await ctx.hands.dig((x, y - 1, z))
        return Outcome()


class KeepsHands:
    """Remembers the hands it was lent."""

    spec: ClassVar = spec("keeps_hands", Permission.DIG)
    kept: LeasedHands | None = None

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        KeepsHands.kept = ctx.hands
        pos = (await ctx.senses.observe()).block
        await ctx.watch([pos])
        return Outcome((BlockIs(pos, ("air",)),))


class LiesInOutput:
    """Returns what its output schema forbids."""

    spec: ClassVar = spec(
        "lies_in_output", Permission.SENSE, output_schema=object_schema({"n": {"type": "integer"}}, ("n",))
    )

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        return Outcome(output={"n": "three"})


class WantsMore:
    """Digs, but its spec's postcondition asks for an item that digging grass by hand never gives."""

    spec: ClassVar = spec(
        "wants_more",
        Permission.DIG,
        input_schema=object_schema({"pos": POS}, ("pos",)),
        postconditions={"type": "object", "required": ["inventory"]},
    )

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        pos = to_pos(args["pos"])
        await ctx.hands.dig(pos)
        return Outcome((BlockIs(pos, ("air",)),))


class Dozes:
    """Sleeps without saying so, then as a declared wait."""

    spec: ClassVar = spec("dozes", Permission.MOVEMENT, timeout_ms=60_000)

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        await asyncio.sleep(4)
        await ctx.sleep(10, "declared")
        return Outcome()


@pytest.fixture
def digs(stage) -> Digs:
    leaf = Digs()
    others = (
        Claims(),
        ClaimsPeace(),
        SaysNothing(),
        LooksFarAway(),
        Crashes(),
        Oversteps(),
        KeepsHands(),
        LiesInOutput(),
        WantsMore(),
    )
    for one in (leaf, *others, Dozes()):
        stage.catalogue.register(one)
    return leaf


def code(result) -> str:
    assert result.error is not None, result
    return str(result.error.code)


def play(stage, name: str, **options: Any):
    async def script(s):
        return await s.run(name, **options)

    return stage.play(script)


def test_an_unknown_leaf_is_refused(stage) -> None:
    result = play(stage, "fly")
    assert code(result) == "unknown_verb"
    assert result.observables["refused"] is True


@pytest.mark.parametrize(
    ("args", "pointer"),
    [
        ({"ms": "soon"}, "/ms"),
        ({"ms": -1}, "/ms"),
        ({}, "/: "),
        ({"ms": 1, "hurry": True}, "/: "),
    ],
)
def test_arguments_that_do_not_fit_are_refused_with_their_pointer(stage, args, pointer) -> None:
    result = play(stage, "wait", **args)
    assert code(result) == "step.badArgs"
    assert pointer in result.error.detail


@pytest.mark.requirement("LEAF-01")
def test_a_version_never_changes_and_the_newest_is_found() -> None:
    catalogue = LeafCatalogue()
    catalogue.register(Digs())
    with pytest.raises(CatalogueError) as error:
        catalogue.register(Digs())
    assert error.value.code == "version_exists"

    class Newer(Digs):
        spec: ClassVar = Digs.spec.model_copy(update={"version": "1.10.0"})

    class Middle(Digs):
        spec: ClassVar = Digs.spec.model_copy(update={"version": "1.9.0"})

    catalogue.register(Newer())
    catalogue.register(Middle())
    assert catalogue.get("digs").spec.version == "1.10.0"
    assert catalogue.get("digs@1.9.0").spec.version == "1.9.0"
    assert catalogue.get("digs", "2.0.0") is None


@pytest.mark.requirement("LEAF-01")
def test_a_broken_schema_is_refused_at_registration() -> None:
    class Broken(Digs):
        spec: ClassVar = spec("broken", Permission.DIG, input_schema={"type": "no such type"})

    with pytest.raises(CatalogueError) as error:
        LeafCatalogue().register(Broken())
    assert error.value.code == "bad_spec"


@pytest.mark.requirement("LEAF-01")
def test_every_shipped_leaf_has_schemas_limits_and_permissions() -> None:
    for one in default_catalogue().specs():
        assert one.input_schema["additionalProperties"] is False, one.id
        assert one.permissions, one.id
        assert one.description, one.id
        assert LeafSpec.model_validate(one.wire()) == one


def test_a_leaf_whose_permissions_are_not_granted_is_refused(stage) -> None:
    stage.granted = frozenset({Permission.SENSE})
    result = play(stage, "dig_block", pos=[0, 0, 0])
    assert code(result) == "permission.denied"
    assert "dig" in result.error.detail


@pytest.mark.requirement("LEAF-04", "LEAF-05")
def test_a_hostile_that_is_there_after_all_is_a_threat_that_persists(stage, digs) -> None:
    async def script(s):
        alone = await s.run("claims_peace")
        await s.operator.command("difficulty easy")
        x, y, z = s.feet
        await s.operator.command(f"summon creeper {x + 6.5} {y} {z + 0.5} {{NoAI:1b}}")
        return alone, await s.run("claims_peace")

    alone, met = stage.play(script)
    assert alone.ok
    assert code(met) == "combat.threatPersists"
    assert "noThreat" in met.error.detail


def test_a_leaf_gets_no_hand_that_its_permissions_do_not_name(stage, digs) -> None:
    ground = stage.play(lambda s: s.run("oversteps"))
    assert code(ground) == "permission.denied"
    assert stage.block(stage.at(0, -1, 0)) == "grass_block"


def test_hands_are_taken_back_when_the_run_is_over(stage, digs) -> None:
    async def script(s):
        assert (await s.run("keeps_hands")).ok
        with pytest.raises(ActionFailed) as failed:
            await KeepsHands.kept.dig(s.at(0, -1, 0))
        return failed.value.code

    assert stage.play(script) == ExecErrorCode.PERMISSION_DENIED


@pytest.mark.requirement("LEAF-04")
def test_a_claim_that_nobody_sees_is_effects_unmet(stage, digs) -> None:
    result = stage.play(lambda s: s.run("claims", pos=list(s.at(2, 0, 0))))
    assert code(result) == "effects_unmet"
    assert "blockIsNot" in result.error.detail
    assert "diamond" in result.error.detail
    assert not result.changed


@pytest.mark.requirement("LEAF-04")
def test_a_leaf_that_acts_and_names_nothing_to_verify_is_not_believed(stage, digs) -> None:
    assert code(play(stage, "says_nothing")) == "effects_unmet"


@pytest.mark.requirement("LEAF-04")
def test_an_effect_that_cannot_be_seen_is_looked_for_again_and_never_dispatched_again(stage, digs) -> None:
    result = play(stage, "looks_far_away")
    assert code(result) == "step.inconclusive"
    assert result.observables["attempts"] == 1
    assert result.observables["probes"] > 1


@pytest.mark.requirement("LEAF-04")
def test_the_specs_own_postcondition_is_checked_against_the_difference_seen(stage, digs) -> None:
    result = stage.play(lambda s: s.run("wants_more", pos=list(s.at(2, -1, 0))))
    assert code(result) == "effects_unmet"
    assert "inventory" in result.error.detail


@pytest.mark.requirement("LEAF-05")
def test_a_cause_without_a_code_is_unknown_counted_and_logged(stage, digs) -> None:
    with structlog.testing.capture_logs() as logs:
        result = play(stage, "crashes")
    assert code(result) == "unknown"
    assert "ValueError: a bug" in result.error.detail
    assert stage.runner.unknown_errors == 1
    assert any(entry["log_level"] == "error" and entry["exc_info"] for entry in logs)


@pytest.mark.requirement("LEAF-05")
def test_output_that_breaks_its_schema_is_a_counted_bug(stage, digs) -> None:
    with structlog.testing.capture_logs():
        assert code(play(stage, "lies_in_output")) == "unknown"


@pytest.mark.requirement("LEAF-03")
def test_retryable_failures_are_tried_again_with_growing_pauses(stage, digs) -> None:
    result = stage.play(lambda s: s.run("digs", pos=list(s.at(2, -1, 0)), fail=2))
    assert result.ok
    assert result.changed
    assert result.observables["attempts"] == 3
    assert result.ended_at - result.started_at > 0.25 + 0.5


@pytest.mark.requirement("LEAF-03")
def test_retries_end(stage, digs) -> None:
    result = stage.play(lambda s: s.run("digs", pos=list(s.at(2, -1, 0)), fail=9))
    assert code(result) == "dig.timeout"
    assert digs.runs == 3


@pytest.mark.requirement("LEAF-03")
def test_what_is_not_retryable_is_tried_once(stage, digs) -> None:
    result = stage.play(lambda s: s.run("digs", pos=list(s.at(30, -1, 0))))
    assert code(result) == "dig.outOfReach"
    assert digs.runs == 1


@pytest.mark.requirement("LEAF-03")
def test_a_leaf_is_refused_when_it_is_called_too_often_and_free_again_after_a_minute(stage) -> None:
    async def script(s):
        results = [await s.run("chat", message=f"line {i}") for i in range(21)]
        await asyncio.sleep(60)
        return results, await s.run("chat", message="again")

    results, later = stage.play(script)
    assert [r.ok for r in results] == [True] * 20 + [False]
    assert code(results[-1]) == "limit.rate"
    assert later.ok


@pytest.mark.requirement("LEAF-03")
def test_a_leaf_runs_no_more_often_at_once_than_its_spec_says(stage) -> None:
    async def script(s):
        return await asyncio.gather(*(s.run("wait", ms=1000) for _ in range(6)))

    results = stage.play(script)
    assert sorted(r.ok for r in results) == [False, False, True, True, True, True]
    assert {code(r) for r in results if not r.ok} == {"limit.concurrency"}


@pytest.mark.requirement("PBI-10")
def test_the_body_is_commanded_by_one_leaf_at_a_time(stage) -> None:
    async def script(s):
        walk = asyncio.ensure_future(s.run("move_to", pos=list(s.at(8, 0, 0))))
        await asyncio.sleep(0.5)
        second = await s.run("dig_block", pos=list(s.at(1, -1, 0)))
        return second, await walk

    second, walked = stage.play(script)
    assert code(second) == "limit.concurrency"
    assert "move_to@1.0.0" in second.error.detail
    assert walked.ok
    assert walked.changed


@pytest.mark.requirement("LEAF-03")
def test_a_step_that_takes_too_long_ends_with_a_still_body(stage) -> None:
    async def script(s):
        result = await s.run("move_to", pos=list(s.at(20, 0, 0)), timeout_ms=1000)
        here = s.body.state().position
        await asyncio.sleep(1)
        return result, s.still(), here == s.body.state().position

    result, still, stayed = stage.play(script)
    assert code(result) == "step.timeout"
    assert still
    assert stayed


@pytest.mark.requirement("LEAF-02", "PBI-07")
def test_a_repeat_with_the_same_key_returns_the_first_result_and_acts_once(stage, digs) -> None:
    async def script(s):
        pos = list(s.at(2, -1, 0))
        first = await s.run("digs", pos=pos, key="k")
        await s.set(tuple(pos), "dirt")
        second = await s.run("digs", pos=pos, key="k")
        return first, second, s.block(tuple(pos))

    first, second, block = stage.play(script)
    assert first.ok
    assert second == first
    assert block == "dirt"
    assert digs.runs == 1


@pytest.mark.requirement("LEAF-02", "PBI-07")
def test_a_repeat_while_the_first_is_under_way_waits_for_it(stage, digs) -> None:
    async def script(s):
        pos = list(s.at(2, -1, 0))
        return await asyncio.gather(*(s.run("digs", pos=pos, key="k") for _ in range(3)))

    results = stage.play(script)
    assert results[0].ok
    assert results[0] == results[1] == results[2]
    assert digs.runs == 1


@pytest.mark.requirement("LEAF-02")
def test_a_key_used_for_another_action_is_refused(stage) -> None:
    async def script(s):
        return await s.run("wait", ms=1, key="k"), await s.run("wait", ms=2, key="k")

    first, second = stage.play(script)
    assert first.ok
    assert code(second) == "step.badArgs"


@pytest.mark.requirement("LEAF-02")
def test_a_key_is_free_again_after_its_window(stage, digs) -> None:
    async def script(s):
        pos = s.at(2, -1, 0)
        await s.run("digs", pos=list(pos), key="k")
        await s.set(pos, "dirt")
        await asyncio.sleep(601)
        return await s.run("digs", pos=list(pos), key="k")

    assert stage.play(script).changed
    assert digs.runs == 2


def test_a_cancelled_run_may_be_taken_up_again_under_its_key(stage) -> None:
    async def script(s):
        goal = list(s.at(10, 0, 0))
        walk = asyncio.ensure_future(s.run("move_to", pos=goal, key="k"))
        waiting = asyncio.ensure_future(s.run("move_to", pos=goal, key="k"))
        await asyncio.sleep(1)
        walk.cancel()
        with pytest.raises(asyncio.CancelledError):
            await walk
        return await waiting, await s.run("move_to", pos=goal, key="k")

    waited, again = stage.play(script)
    assert code(waited) == "step.cancelled"
    assert again.ok
    assert again.changed


@pytest.mark.requirement("LEAF-06")
def test_cancelling_ends_with_a_still_body_and_an_event(stage) -> None:
    async def script(s):
        walk = asyncio.ensure_future(s.run("move_to", pos=list(s.at(10, 0, 0))))
        await asyncio.sleep(1)
        assert s.body.state().moving
        walk.cancel()
        with pytest.raises(asyncio.CancelledError):
            await walk
        return s.still()

    assert stage.play(script)
    assert [e.type for e in stage.events] == [EventType.ACTION_STARTED, EventType.ACTION_ENDED]
    assert stage.events[-1].data["error"]["code"] == "step.cancelled"
    assert stage.runner.activity is None


def test_every_action_is_recorded_with_where_it_comes_from(stage) -> None:
    async def script(s):
        provenance = Provenance(intent_id="i", plan_id="p", step_id="s", capability="opt.x@1.0.0")
        return await s.runner.run("wait", {"ms": 5}, options=LeafRunOptions(), provenance=provenance)

    result = stage.play(script)
    started, ended = stage.events
    assert started.type is EventType.ACTION_STARTED
    assert started.data == {"leaf": "wait@1.0.0", "args": {"ms": 5}, "within": "opt.x@1.0.0"}
    assert ended.data["ok"] is True
    for event in stage.events:
        assert event.provenance.step_id == "s"
        assert event.provenance.capability == "wait@1.0.0"
        assert event.provenance.action_id == result.observables["actionId"]


@pytest.mark.requirement("PBI-06")
def test_the_activity_tells_silence_from_a_declared_wait(stage, digs) -> None:
    async def script(s):
        run = asyncio.ensure_future(s.run("dozes"))
        await asyncio.sleep(3.5)
        now = asyncio.get_running_loop().time()
        silent = s.runner.activity.idle_for(now)
        await asyncio.sleep(6)
        declared = s.runner.activity.idle_for(now + 6)
        await run
        return silent, declared

    silent, declared = stage.play(script)
    assert silent > 3
    assert declared == 0


@pytest.mark.requirement("PBI-03", "PBI-06")
def test_a_walk_and_a_long_dig_show_signs_of_life_and_the_first_command(stage) -> None:
    async def script(s):
        await s.set(s.at(1, 0, 0), "stone")
        dig = asyncio.ensure_future(s.run("dig_block", pos=list(s.at(1, 0, 0))))
        idle = 0.0
        while not dig.done():
            await asyncio.sleep(0.25)
            activity = s.runner.activity
            if activity is not None:
                idle = max(idle, activity.idle_for(asyncio.get_running_loop().time()))
        return await dig, idle

    result, idle = stage.play(script)
    assert result.ok
    assert result.ended_at - result.started_at > 7
    assert idle < 3
    assert result.observables["firstCommandAt"] - result.started_at < 2


def test_the_metrics_count_runs_failures_and_retries(stage, digs) -> None:
    async def script(s):
        pos = list(s.at(2, -1, 0))
        await s.run("digs", pos=pos, fail=1)
        await s.run("digs", pos=list(s.at(30, -1, 0)))
        return s.runner.metrics["digs@1.0.0"]

    metrics = stage.play(script)
    assert (metrics.runs, metrics.ok, metrics.retries) == (2, 1, 1)
    assert metrics.failures == {ExecErrorCode.DIG_OUT_OF_REACH: 1}
    assert len(metrics.durations) == 2
