"""What a run shows of itself while it acts: the way ahead and the block in work."""

from __future__ import annotations

import asyncio


async def watched(stage, running) -> list[tuple[tuple[tuple[int, int, int], ...], tuple[int, int, int] | None]]:
    """The way ahead and the target, looked at every tick until the action ends; repeats left out."""
    task = asyncio.ensure_future(running)
    seen = []
    while not task.done():
        activity = stage.runner.activity
        now = ((), None) if activity is None else (activity.ahead, activity.target)
        if not seen or seen[-1] != now:
            seen.append(now)
        await asyncio.sleep(0.05)
    assert task.result().ok, task.result()
    return seen


def test_a_walk_shows_the_cells_still_ahead_and_they_grow_fewer(stage) -> None:
    async def script(s):
        goal = s.at(6, 0, 0)
        return goal, await watched(s, s.run("move_to", pos=list(goal)))

    goal, seen = stage.play(script)
    ways = [ahead for ahead, _ in seen if ahead]
    assert all(way[-1] == goal for way in ways)
    assert sorted({len(way) for way in ways}, reverse=True) == [len(way) for way in ways]
    assert len(ways) > 3
    assert stage.runner.activity is None


def test_digging_shows_its_block_and_only_while_it_digs(stage) -> None:
    async def script(s):
        block = s.at(2, 0, 0)
        await s.set(block, "dirt")
        return block, await watched(s, s.run("dig_block", pos=list(block)))

    block, seen = stage.play(script)
    targets = [target for _, target in seen]
    assert block in targets
    assert set(targets) <= {block, None}
    assert targets[0] is None
