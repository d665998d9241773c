"""What travels over the WebSocket, as JSON texts of the form {"type": ..., ...}.

| type | when | fields |
| --- | --- | --- |
| hello | first | version of the service |
| statusChanged | the status changed | data: the changed top-level keys of `Status`, null for those gone |
| entities | creatures or things moved | data: all of them |
| surroundings | another region is there | version: load /api/viewer/surroundings |
| blockChanged | blocks of the region changed | seq, changes: [{pos, block}], block as in the palette |
| planGenerated | event plan.generated | seq, event |
| executionComplete | events step.ended, goal.ended | seq, event |
| safety_emergency | the body died, or an event whose data says `emergency: true` | seq, event |
| botEvent | every other event | seq, event |
| registryChanged | a capability, a run or a proposal was added or changed | version: ask /capabilities again |
| dropped | this reader was too slow | count of events left out, the oldest ones |
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic_core import to_json

from conscious_bot.contracts import Event, EventType
from conscious_bot.game.tables import Tables
from conscious_bot.service.about import VERSION
from conscious_bot.service.hub import Batch, NumberedEvent
from conscious_bot.service.surroundings import palette_entry
from conscious_bot.world.region import UNKNOWN
from conscious_bot.world.state import EntityView

__all__ = ["Writer", "encode", "event_name", "event_record"]

_NAMES: dict[EventType, str] = {
    EventType.PLAN_GENERATED: "planGenerated",
    EventType.STEP_ENDED: "executionComplete",
    EventType.GOAL_ENDED: "executionComplete",
}


def encode(value: object) -> str:
    """JSON as browsers read it: what is no number becomes null."""
    return to_json(value, inf_nan_mode="null").decode()


def event_name(event: Event) -> str:
    """The WebSocket type an event travels under."""
    died = event.type is EventType.BODY and event.data.get("kind") == "died"
    if died or event.data.get("emergency") is True:
        return "safety_emergency"
    return _NAMES.get(event.type, "botEvent")


def event_record(numbered: NumberedEvent) -> dict[str, Any]:
    """An event with its number, as the API and the WebSocket show it."""
    seq, event = numbered
    return {"type": event_name(event), "seq": seq, "event": event.wire()}


class Writer:
    """Turns batches into messages for one reader; remembers which status that reader has."""

    def __init__(self) -> None:
        self._sent: dict[str, object] = {}

    def hello(self) -> str:
        """The first message."""
        return encode({"type": "hello", "version": VERSION})

    def messages(self, batch: Batch, tables: Tables | None) -> Iterator[str]:
        """The batch as messages, in the order in which a reader can use them."""
        if batch.dropped:
            yield encode({"type": "dropped", "count": batch.dropped})
        for numbered in batch.events:
            yield encode(event_record(numbered))
        if batch.surroundings is not None:
            yield encode({"type": "surroundings", "version": batch.surroundings})
        if batch.changes and tables is not None:
            changes = [
                {"pos": pos, "block": None if state == UNKNOWN else palette_entry(state, tables)}
                for pos, state in batch.changes.items()
            ]
            yield encode({"type": "blockChanged", "seq": batch.changes_seq, "changes": changes})
        if batch.registry is not None:
            yield encode({"type": "registryChanged", "version": batch.registry})
        if batch.status is not None:
            now = batch.status.wire()
            changed = {k: v for k, v in now.items() if k not in self._sent or self._sent[k] != v}
            changed.update(dict.fromkeys(self._sent.keys() - now.keys()))
            self._sent = now
            if changed:
                yield encode({"type": "statusChanged", "data": changed})
        if batch.entities is not None:
            yield encode({"type": "entities", "data": [_entity(e) for e in batch.entities]})


def _entity(entity: EntityView) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": entity.id,
        "kind": entity.kind,
        "position": [round(v, 3) for v in entity.position],
        "width": entity.width,
        "height": entity.height,
    }
    if entity.name is not None:
        shown["name"] = entity.name
    if entity.health is not None:
        shown["health"] = entity.health
    if entity.stack is not None:
        shown["stack"] = {"item": entity.stack.item, "count": entity.stack.count}
    return shown
