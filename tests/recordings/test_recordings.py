"""Recorded sessions: they replay, what departs from them is named at once, and files are read as far as they go."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from conscious_bot.body.port import BodyEventKind, FollowResult
from conscious_bot.contracts import ActionFailed, ExecErrorCode, UserError
from conscious_bot.game.tables import Tables
from conscious_bot.leaves.catalogue import LeafCatalogue, default_catalogue
from conscious_bot.leaves.context import LeafContext
from conscious_bot.leaves.contract import Leaf, Outcome
from conscious_bot.leaves.hands import LeasedHands
from conscious_bot.simulation.body import SimulatedBody
from conscious_bot.simulation.loop import run_virtual
from conscious_bot.simulation.recording import VERSION, Recorder, read_recording
from conscious_bot.simulation.recording_codec import CALLS
from conscious_bot.simulation.recording_replay import Departure, Idle, Replay
from conscious_bot.simulation.world import SimulatedWorld
from conscious_bot.testing.recorded_leaves import replay_leaves
from conscious_bot.world.region import Box

from .sessions import RECORDINGS, SESSIONS


@pytest.mark.requirement("WORLD-03")
@pytest.mark.parametrize("family", list(SESSIONS))
def test_each_family_does_again_what_was_recorded_on_a_server(family: str) -> None:
    played = replay_leaves(RECORDINGS / f"{family}.jsonl.gz", default_catalogue())
    assert played == len(SESSIONS[family].runs)


class _Idle:
    """Hands that do nothing the first time they are asked to, and say they did."""

    def __init__(self, hands: LeasedHands) -> None:
        self._hands = hands
        self._skipped = False

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._hands, name)
        if self._skipped or not (name in CALLS and CALLS[name].acts):
            return found

        async def nothing(*_args: Any, **_named: Any) -> FollowResult:
            self._skipped = True
            return FollowResult("arrived", 0, (0.0, 0.0, 0.0))

        return nothing


class _LeavesOutADeed:
    """A planted change: the leaf does not do the first thing it did."""

    def __init__(self, leaf: Leaf) -> None:
        self.spec = leaf.spec
        self._leaf = leaf

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        return await self._leaf.run(replace(ctx, hands=cast("LeasedHands", _Idle(ctx.hands))), args)


class _LooksElsewhere:
    """A planted change: the leaf asks the body for something it did not ask for."""

    def __init__(self, leaf: Leaf) -> None:
        self.spec = leaf.spec
        self._leaf = leaf

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        await ctx.senses.find_blocks(["bedrock"], 1, 1)
        return await self._leaf.run(ctx, args)


class _SaysSomethingElse:
    """A planted change: the leaf does what it did, and tells of it what is not so."""

    def __init__(self, leaf: Leaf) -> None:
        self.spec = leaf.spec.model_copy(update={"output_schema": None})
        self._leaf = leaf

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        outcome = await self._leaf.run(ctx, args)
        return replace(outcome, output={**outcome.output, "told": "what it did not tell"})


def _planted(change: Callable[[Leaf], Any]) -> LeafCatalogue:
    catalogue, shipped = LeafCatalogue(), default_catalogue()
    for spec in shipped.specs():
        known = shipped.get(spec.id)
        assert known is not None
        catalogue.register(change(known.leaf))
    return catalogue


@pytest.mark.requirement("WORLD-03")
@pytest.mark.parametrize("family", list(SESSIONS))
def test_a_planted_change_of_a_leaf_is_caught_by_its_recording(family: str) -> None:
    with pytest.raises(Departure, match="never asked"):
        replay_leaves(RECORDINGS / f"{family}.jsonl.gz", _planted(_LooksElsewhere))
    recording = read_recording(RECORDINGS / f"{family}.jsonl.gz")
    if not any(kind == "result" and data["ok"] for _, kind, data in recording.notes):
        return  # a leaf that failed has told nothing
    with pytest.raises(Departure, match="what it did not tell"):
        replay_leaves(RECORDINGS / f"{family}.jsonl.gz", _planted(_SaysSomethingElse))


@pytest.mark.requirement("WORLD-03")
@pytest.mark.parametrize("family", ["movement", "interaction", "crafting"])
def test_a_leaf_that_leaves_out_a_deed_is_caught_by_its_recording(family: str) -> None:
    with pytest.raises(Departure):
        replay_leaves(RECORDINGS / f"{family}.jsonl.gz", _planted(_LeavesOutADeed))


@pytest.mark.requirement("WORLD-03")
def test_every_shipped_family_has_its_recording_and_the_files_stay_small() -> None:
    played = {run.leaf for session in SESSIONS.values() for run in session.runs}
    modules: dict[str, set[str]] = {}
    catalogue = default_catalogue()
    for spec in catalogue.specs():
        known = catalogue.get(spec.id)
        assert known is not None
        modules.setdefault(type(known.leaf).__module__, set()).add(spec.name)
    assert [module for module, leaves in modules.items() if not leaves & played] == []
    assert max(path.stat().st_size for path in RECORDINGS.glob("*.gz")) < 256 * 1024


def _record(path: Path) -> None:
    """A short session in the simulated world: looking, turning, failing to dig, giving up a walk, saying something."""
    world = SimulatedWorld.create(1, Tables.builtin(), "flat", view=2)
    body = SimulatedBody(world)

    async def session() -> None:
        await body.open()
        recorder = Recorder(body, path)
        recorded = recorder.body
        hands = recorded.claim_hands()
        x, y, z = (await recorded.observe()).block
        await recorded.scan(Box((x - 2, y - 2, z - 2), (x + 2, y + 2, z + 2)), light=True)
        await hands.look_at((0.5, 70.0, 5.5))
        with pytest.raises(ActionFailed):
            await hands.dig((x, y + 3, z))
        digging = asyncio.ensure_future(hands.dig((x + 1, y - 1, z)))
        await asyncio.sleep(0.2)
        digging.cancel()
        await asyncio.wait({digging})
        await recorded.stop()
        await hands.chat("hello")
        recorder.close()
        await body.close()

    run_virtual(session(), world)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("recording") / "session.jsonl.gz"
    _record(path)
    return path


def _play(path: Path, script: Any) -> Any:
    async def play() -> Any:
        replay = Replay(read_recording(path))
        await replay.body.open()
        return await script(replay)

    return run_virtual(play(), Idle())


@pytest.mark.requirement("WORLD-03")
def test_answers_failures_cancels_and_events_come_back_as_they_were(recorded: Path) -> None:
    async def script(replay: Replay) -> None:
        heard: list[BodyEventKind] = []
        replay.body.subscribe(lambda event: heard.append(event.kind))
        body, hands = replay.body, replay.body.claim_hands()
        x, y, z = (await body.observe()).block
        region = await body.scan(Box((x - 2, y - 2, z - 2), (x + 2, y + 2, z + 2)), light=True)
        assert region.blocks.shape == (5, 5, 5)
        assert region.sky_light is not None
        assert replay.tables.name_of(region.state((x, y - 1, z))) == "grass_block"
        await hands.look_at((0.5, 70.0, 5.5))
        with pytest.raises(ActionFailed) as caught:
            await hands.dig((x, y + 3, z))
        assert caught.value.code is ExecErrorCode.DIG_BLOCK_CHANGED
        digging = asyncio.ensure_future(hands.dig((x + 1, y - 1, z)))
        await asyncio.sleep(0.2)
        digging.cancel()
        await asyncio.wait({digging})
        await body.stop()
        assert (await body.observe()).block == (x, y, z)  # asked once more than in the recording
        await hands.chat("hello")
        replay.finish()
        assert BodyEventKind.CHAT in heard

    _play(recorded, script)


@pytest.mark.requirement("WORLD-03")
def test_other_deeds_other_arguments_and_an_early_end_are_departures(recorded: Path) -> None:
    async def other_argument(replay: Replay) -> None:
        await replay.body.claim_hands().look_at((0.5, 71.0, 5.5))

    async def other_deed(replay: Replay) -> None:
        await replay.body.claim_hands().chat("hello")

    async def never_asked(replay: Replay) -> None:
        await replay.body.scan(Box((0, 0, 0), (1, 1, 1)))

    async def early_end(replay: Replay) -> None:
        await replay.body.claim_hands().look_at((0.5, 70.0, 5.5))
        replay.finish()

    async def goes_on_waiting(replay: Replay) -> None:
        hands = replay.body.claim_hands()
        x, y, z = (await replay.body.observe()).block
        await hands.look_at((0.5, 70.0, 5.5))
        with pytest.raises(ActionFailed):
            await hands.dig((x, y + 3, z))
        await hands.dig((x + 1, y - 1, z))

    for script, words in [
        (other_argument, "instead of look_at"),
        (other_deed, "chat(hello) instead of"),
        (never_asked, "never asked"),
        (early_end, "ended before dig"),
        (goes_on_waiting, "was cancelled"),
    ]:
        with pytest.raises(Departure) as caught:
            _play(recorded, script)
        assert words in str(caught.value)


def test_a_file_that_was_cut_off_is_read_as_far_as_it_goes(recorded: Path, tmp_path: Path) -> None:
    whole = read_recording(recorded)
    assert whole.complete
    lines = gzip.decompress(recorded.read_bytes())
    cut = tmp_path / "cut.jsonl.gz"
    packed = gzip.compress(lines)
    cut.write_bytes(packed[: len(packed) * 2 // 3])
    part = read_recording(cut)
    assert not part.complete
    assert len(part.calls) <= len(whole.calls)
    half_line = tmp_path / "half.jsonl.gz"
    half_line.write_bytes(gzip.compress(lines[:-10]))
    assert not read_recording(half_line).complete


def test_what_is_no_recording_is_refused_with_its_place(recorded: Path, tmp_path: Path) -> None:
    lines = gzip.decompress(recorded.read_bytes()).decode().splitlines(keepends=True)
    bad = {
        "plain": b"hello",
        "other": gzip.compress(b'{"format": "else"}\n'),
        "newer": gzip.compress(lines[0].replace(f'"version":{VERSION}', '"version":99').encode()),
        "damaged": gzip.compress((lines[0] + '["call",0,1,"fly",[]]\n' + "".join(lines[1:])).encode()),
    }
    for name, content in bad.items():
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(UserError) as caught:
            read_recording(path)
        assert str(path) in caught.value.problem
        if name == "damaged":
            assert "line 2" in caught.value.problem
    with pytest.raises(UserError):
        read_recording(tmp_path / "missing")
