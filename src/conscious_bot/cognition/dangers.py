"""What threatens the body now, and what to do about it at once.

Dangers are looked for in the order of this table; the first one found counts. Its reactions are tried in order
until one succeeds. All of them are shipped leaves, so each is verified like any other step.

| danger    | it is there when                                             | reactions                              |
| --------- | ------------------------------------------------------------ | -------------------------------------- |
| air       | less than a third of the air is left                         | surface                                |
| burning   | the body stands in lava                                      | retreat                                |
| hostiles  | one that sees the body or has a way to it is near enough     | fight, wall in, run: see `_against`    |
| shut in   | the body stands behind the wall that a reaction left         | wait while they are there, then open   |
| night     | it can sleep, a bed is at hand and nothing hostile is near   | sleep                                  |
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from conscious_bot.body.port import Senses
from conscious_bot.contracts import BlockPos
from conscious_bot.game.supplements import creature_name
from conscious_bot.leaves.combat import best_weapon
from conscious_bot.leaves.observation import is_night
from conscious_bot.leaves.shelter import building_blocks
from conscious_bot.leaves.threats import Threat, threats_around
from conscious_bot.leaves.watching import hostiles_among
from conscious_bot.world.state import BodyState, EntityView

__all__ = ["Danger", "DangerKind", "Reaction", "danger_to"]

DangerKind = Literal["air", "burning", "hostiles", "shut in", "night"]

UPON = 5.0
"""Blocks within which a hostile that has to come near is a danger; further off whatever walks minds it itself."""

SHOT = 12.0
"""Blocks within which one that shoots and has the body in sight is a danger."""

SIGHT = 16.0
"""How far hostiles are looked for, in blocks."""

BRAVE = 12.0
"""The least health with which a fight is begun."""

STRUCK = 18.0
"""With less health it has been struck already, and runs even if it has nothing to fight or build with."""

FOES = 2
"""So many hostiles at most are fought."""

BUILD = 3.5
"""Blocks: with a hostile nearer than this there is no time to build a wall (`retreat_and_block`)."""

WALL = 10
"""Blocks that a wall in the open takes: two at each side, one above, and one to hold that."""

OUT_OF_BREATH = 100
"""Ticks of air, of 300."""

SHOOTERS = frozenset({"skeleton", "stray", "bogged", "blaze", "ghast", "pillager", "witch", "breeze"})
BURSTING = frozenset({"creeper"})
"""Who comes near these is the worse for it: they are not fought from near."""


@dataclass(frozen=True, slots=True)
class Reaction:
    """Steps to run in order, and why these."""

    steps: tuple[tuple[str, dict[str, Any]], ...]
    why: str


@dataclass(frozen=True, slots=True)
class Danger:
    """One danger: what was seen, and the reactions to try."""

    kind: DangerKind
    seen: str
    reactions: tuple[Reaction, ...]

    @property
    def urgent(self) -> bool:
        """Whether it hurts now; the others can wait until a step ends."""
        return self.kind in ("air", "burning", "hostiles")


async def danger_to(senses: Senses, wall: BlockPos | None = None) -> Danger | None:
    """The danger the body is in, None if it is safe or dead. `wall` is the cell in which it walled itself in.

    Raises ActionFailed if the world is out of reach.
    """
    state = await senses.observe()
    if not state.alive:
        return None
    if state.air < OUT_OF_BREATH and state.in_water:
        return _one("air", f"{state.air} of 300 ticks of air", [("emergency_surface", {})], "up to the air")
    if state.in_lava:
        return _one("burning", "the body stands in lava", [("emergency_retreat", {})], "out of what burns")
    around = hostiles_among(await senses.entities(SIGHT), senses.tables)
    threats = [t for t in await threats_around(senses, SIGHT) if t.present] if around else []
    pressing = [t for t in threats if _presses(t)]
    if pressing:
        seen = (
            f"{_named([t.view for t in pressing])} within {pressing[0].distance:.0f} blocks, health {state.health:.0f}"
        )
        reactions = _against(pressing, threats, state, senses)
        return Danger("hostiles", seen, reactions) if reactions else None
    if wall is not None and state.block == wall:
        return _behind_a_wall(around)
    if is_night(state) and not around and await _bed(senses, state):
        return _one("night", "it is night and a bed is at hand", [("sleep", {"placeBed": True})], "the night passes")
    return None


def _one(kind: DangerKind, seen: str, steps: list[tuple[str, dict[str, Any]]], why: str) -> Danger:
    return Danger(kind, seen, (Reaction(tuple(steps), why),))


def _presses(threat: Threat) -> bool:
    if creature_name(threat.view.kind) in SHOOTERS:
        return threat.sight and threat.distance <= SHOT
    return threat.distance <= UPON


def _against(
    pressing: Sequence[Threat], threats: Sequence[Threat], state: BodyState, senses: Senses
) -> tuple[Reaction, ...]:
    """Whom it can beat it fights; else it walls itself in; else it runs; who has no way out fights after all.

    A single one, nothing to fight or build with, and not struck yet: left to whatever walks, which looks out for
    itself.
    """
    nearest = pressing[0]
    armed = best_weapon(state.inventory) is not None
    far_better = {creature_name(t.view.kind) for t in pressing} & (SHOOTERS | BURSTING)
    blocks = sum(count for _, count in building_blocks(senses.tables, state.inventory))
    found: list[Reaction] = []
    if armed and state.health >= BRAVE and len(threats) <= FOES and not far_better:
        args = {"entityId": nearest.view.id, "retreatHealth": BRAVE / 2}
        found.append(Reaction((("attack_entity", args),), "it is armed and strong enough to fight"))
    if blocks >= WALL:
        sense = ("sense_hostiles", {"radius": SIGHT})
        away = () if nearest.distance >= BUILD else (("retreat_from_threat", {"radius": SIGHT}),)
        found.append(
            Reaction((sense, *away, ("retreat_and_block", {})), f"{blocks} blocks are carried to wall in with")
        )
    if found or state.health < STRUCK or len(pressing) > 1:
        found.append(Reaction((("flee", {"distance": SIGHT}),), "there is nothing better than to run"))
    if found and armed:
        args = {"entityId": nearest.view.id, "retreatHealth": 0}
        found.append(Reaction((("attack_entity", args),), "there is no way out"))
    return tuple(found)


def _behind_a_wall(around: Sequence[EntityView]) -> Danger:
    if around:
        return _one("shut in", f"{_named(around)} outside the wall", [("wait", {"ms": 5000})], "they are still there")
    steps: list[tuple[str, dict[str, Any]]] = [("sense_hostiles", {"radius": SIGHT}), ("retreat_and_block", {})]
    return _one("shut in", "nothing hostile is near the wall", steps, "the wall comes down and its blocks along")


def _named(hostiles: Sequence[EntityView]) -> str:
    kinds = [creature_name(h.kind) for h in hostiles]
    return ", ".join(f"{kinds.count(kind)} {kind}" for kind in sorted(set(kinds)))


async def _bed(senses: Senses, state: BodyState) -> bool:
    """Whether a bed is carried or stands near."""
    beds = [name for name in senses.tables.blocks if name == "bed" or name.endswith("_bed")]
    return any(state.inventory.count(bed) for bed in beds) or bool(await senses.find_blocks(beds, int(SIGHT), 1))
