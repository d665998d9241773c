"""The journal keeps order, chains and hashes, and says clearly why a store cannot be used."""

import hashlib
import json
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import rfc8785
from sqlalchemy import Connection, inspect, text

from conscious_bot.contracts import ActionResult, Event, EventType, Provenance, UserError
from conscious_bot.memory import Journal, JournalError, schema


def body(n: int) -> Event:
    return Event(type=EventType.BODY, at=n / 20, data={"n": n})


@pytest.fixture
def journal(tmp_path: Path):
    with Journal.open(tmp_path / "journal.db") as opened:
        yield opened


def test_events_come_back_in_order_with_their_numbers(journal: Journal) -> None:
    assert journal.append(body(1), body(2)) == 2
    assert journal.append(body(3)) == 3
    assert [(number, event.data["n"]) for number, event in journal.events()] == [(1, 1), (2, 2), (3, 3)]
    assert [number for number, _ in journal.events(after=1, limit=1)] == [2]


def test_events_come_back_equal_to_what_was_appended(journal: Journal) -> None:
    event = Event(
        type=EventType.ACTION_ENDED,
        at=1.25,
        data={"text": "grün ☃", "none": None, "nested": {"b": [1, 2.5, True], "a": -0.1}},
        provenance=Provenance(intent_id="i", plan_id="p", step_id="s", capability="dig@1.0.0", action_id="a"),
    )
    journal.append(event)
    assert next(journal.events()) == (1, event)


def test_events_can_be_chosen_by_type_across_pages(journal: Journal) -> None:
    journal.append(*(body(n) for n in range(1500)))
    journal.append(Event(type=EventType.SIGNAL, at=80))
    journal.append(*(body(n) for n in range(1500, 2500)))
    assert [number for number, _ in journal.events(types={EventType.SIGNAL})] == [1501]
    assert len(list(journal.events(types={EventType.BODY}))) == 2500


def test_numbers_go_on_after_reopening(tmp_path: Path) -> None:
    for expected in (1, 2, 3):
        with Journal.open(tmp_path / "journal.db") as journal:
            assert journal.append(body(expected)) == expected


def test_the_hash_is_that_of_the_canonical_list_of_events(journal: Journal) -> None:
    events = [body(n) for n in range(5)]
    assert journal.hash() == hashlib.sha256(b"[]").hexdigest()
    journal.append(*events)
    documents = [{"type": "body", "at": event.at, "data": event.data} for event in events]
    assert journal.hash() == hashlib.sha256(rfc8785.dumps(documents)).hexdigest()


@pytest.mark.parametrize("hash_seed", ["1", "4242"])
def test_equal_runs_have_equal_hashes_in_any_process(tmp_path: Path, hash_seed: str) -> None:
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from conscious_bot.contracts import Event, EventType\n"
        "from conscious_bot.memory import Journal\n"
        "with Journal.open(Path(sys.argv[1])) as journal:\n"
        "    for n in range(50):\n"
        "        data = {key: n for key in {'one', 'two', 'three', 'four'}}\n"
        "        journal.append(Event(type=EventType.BODY, at=n / 3, data=data))\n"
        "    print(journal.hash())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "journal.db")],
        env={"PYTHONPATH": ":".join(sys.path), "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    )
    events = [
        {"type": "body", "at": n / 3, "data": dict.fromkeys(("one", "two", "three", "four"), n)} for n in range(50)
    ]
    assert done.stdout.strip() == hashlib.sha256(rfc8785.dumps(events)).hexdigest()


def test_the_hash_sees_every_difference(tmp_path: Path) -> None:
    variants = [[body(1), body(2)], [body(2), body(1)], [body(1)], [body(1), Event(type=EventType.BODY, at=0.1)]]
    hashes = set()
    for number, events in enumerate(variants):
        with Journal.open(tmp_path / f"{number}.db") as journal:
            journal.append(*events)
            hashes.add(journal.hash())
    assert len(hashes) == len(variants)


def test_wall_times_stand_beside_the_record(journal: Journal) -> None:
    before = time.time()
    journal.append(body(1))
    wall = journal.wall(1)
    assert wall is not None
    assert before <= wall <= time.time()
    assert journal.wall(2) is None


def test_participants_are_written_in_the_events_transaction(journal: Journal) -> None:
    class Section:
        def write(self, connection: Connection) -> None:
            events = connection.execute(text("SELECT count(*) FROM event")).scalar()
            connection.execute(
                text("INSERT INTO world_section VALUES (:n, 0, 0, :data)"), {"n": events, "data": b"stone"}
            )

    journal.register(Section())
    journal.append(body(1))
    journal.append(body(2), body(3))
    rows = journal.read(lambda c: c.execute(text("SELECT cx, data FROM world_section ORDER BY cx")).all())
    assert [tuple(row) for row in rows] == [(1, b"stone"), (3, b"stone")]


def test_a_participant_that_fails_undoes_the_transaction_and_ends_writing(tmp_path: Path) -> None:
    class Failing:
        def write(self, connection: Connection) -> None:
            raise RuntimeError("section lost")

    with Journal.open(tmp_path / "journal.db") as journal:
        journal.append(body(1))
        journal.register(Failing())
        with pytest.raises(RuntimeError, match="section lost"):
            journal.append(body(2), state={"x": 1})
        with pytest.raises(JournalError, match="takes no more writes"):
            journal.append(body(3))
    with Journal.open(tmp_path / "journal.db") as journal:
        assert journal.last == 1
        assert journal.get("x") is None


def test_projections_are_kept_and_replaced(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "journal.db") as journal:
        journal.append(body(1), state={"goal": {"text": "get 1 log"}, "n": 1})
        journal.put("n", 2)
        assert journal.get("n") == 2
        journal.commit()
        journal.put("late", [1])
    with Journal.open(tmp_path / "journal.db") as journal:
        assert journal.get("goal") == {"text": "get 1 log"}
        assert journal.get("n") == 2
        assert journal.get("late") == [1]
        assert journal.get("never") is None


@pytest.mark.parametrize("value", [{1, 2}, float("nan"), object(), 2**60, {1: 2}, "\ud800"])
def test_data_that_json_cannot_carry_is_refused_before_anything_is_written(journal: Journal, value: object) -> None:
    with pytest.raises(JournalError, match="JSON cannot carry"):
        journal.append(body(1), Event(type=EventType.BODY, at=0, data={"value": value}))
    assert journal.append(body(2)) == 1


@pytest.mark.requirement("MEM-03")
def test_the_chain_of_a_step_leads_from_intent_to_effects(journal: Journal) -> None:
    ids = Provenance(intent_id="intent_1", plan_id="plan_1")
    step = ids.model_copy(update={"step_id": "step_1", "capability": "dig_block@1.0.0"})
    action = step.model_copy(update={"action_id": "action_1"})
    result = ActionResult(ok=True, changed=True, started_at=1, ended_at=2, observables={"gained": {"oak_log": 1}})
    other = step.model_copy(update={"step_id": "step_2", "action_id": "action_2"})
    journal.append(
        Event(type=EventType.INTENT, at=0, data={"goal": "get 1 oak_log"}, provenance=Provenance(intent_id="intent_1")),
        Event(type=EventType.INTENT, at=0, data={"goal": "other"}, provenance=Provenance(intent_id="intent_2")),
        Event(type=EventType.PLAN_GENERATED, at=0, data={"planner": "sterling"}, provenance=ids),
        Event(type=EventType.STEP_STARTED, at=1, provenance=step),
        Event(type=EventType.ACTION_STARTED, at=1, data={"args": {"pos": [1, 2, 3]}}, provenance=action),
        Event(type=EventType.ACTION_STARTED, at=1, provenance=other),
        Event(type=EventType.ACTION_ENDED, at=2, data=result.wire(), provenance=action),
        Event(type=EventType.STEP_ENDED, at=2, data={"ok": True}, provenance=step),
    )
    chain = journal.provenance("step_1")
    assert chain is not None
    assert chain.intent is not None
    assert chain.intent.data["goal"] == "get 1 oak_log"
    assert chain.plan is not None
    assert chain.plan.data["planner"] == "sterling"
    assert chain.capability == "dig_block@1.0.0"
    assert [event.type for event in chain.step] == [EventType.STEP_STARTED, EventType.STEP_ENDED]
    assert [(a.action_id, a.effects) for a in chain.actions] == [("action_1", {"gained": {"oak_log": 1}})]
    assert journal.steps("intent_1") == ["step_1"]


@pytest.mark.requirement("MEM-03")
def test_a_step_nobody_recorded_has_no_chain(journal: Journal) -> None:
    assert journal.provenance("step_9") is None


def test_the_export_is_one_json_document_per_line(journal: Journal, tmp_path: Path) -> None:
    journal.append(*(body(n) for n in range(3)))
    assert journal.export(tmp_path / "out.jsonl") == 3
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [(line["sequence"], line["event"]["data"]["n"]) for line in lines] == [(1, 0), (2, 1), (3, 2)]


def test_runs_are_listed(journal: Journal) -> None:
    journal.append(Event(type=EventType.RUN_STARTED, at=0), body(1), Event(type=EventType.RUN_ENDED, at=1))
    assert [event.type for event in journal.runs()] == [EventType.RUN_STARTED, EventType.RUN_ENDED]


def test_a_reader_in_another_thread_sees_whole_transactions_while_the_bot_writes(journal: Journal) -> None:
    seen: list[int] = []
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            seen.append(len(list(journal.events())))

    reader = threading.Thread(target=look)
    reader.start()
    for n in range(200):
        journal.append(body(n), body(n), body(n))
    done.set()
    reader.join()
    assert seen == sorted(seen)
    assert all(count % 3 == 0 for count in seen)


def test_a_second_process_may_read_but_not_write(journal: Journal, tmp_path: Path) -> None:
    journal.append(body(1))
    with Journal.open(tmp_path / "journal.db", readonly=True) as reader:
        assert reader.last == 1
        journal.append(body(2))
        assert reader.last == 2
        assert reader.hash() == journal.hash()
        with pytest.raises(JournalError, match="for reading only"):
            reader.append(body(3))
    with pytest.raises(UserError, match="another bot is writing the journal"):
        Journal.open(tmp_path / "journal.db")


def test_a_closed_journal_refuses_writes_and_frees_its_lock(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "journal.db")
    journal.close()
    journal.close()
    with pytest.raises(JournalError, match="closed"):
        journal.append(body(1))
    Journal.open(tmp_path / "journal.db").close()


def test_streams_share_a_store_without_seeing_each_other(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "journal.db", stream="ann") as ann:
        ann.append(body(1), state={"name": "ann"})
    with Journal.open(tmp_path / "journal.db", stream="bob") as bob:
        assert bob.last == 0
        assert bob.get("name") is None
        assert bob.append(body(7)) == 1
        assert [event.data["n"] for _, event in bob.events()] == [7]


# ---------------------------------------------------------------- stores that cannot be used


def test_a_directory_that_cannot_be_made_is_named_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be created") as caught:
        Journal.open(tmp_path / "file" / "data" / "journal.db")
    assert str(tmp_path / "file") in caught.value.problem
    assert "--data" in caught.value.remedy


def test_a_directory_that_cannot_be_written_is_named_with_a_remedy() -> None:
    with pytest.raises(UserError, match="cannot be") as caught:
        Journal.open("/proc/journal.db")
    assert "/proc" in caught.value.problem


@pytest.mark.parametrize("content", [b"not a database, but long enough to be read as one" * 40, b"x"])
def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "journal.db"
    path.write_bytes(content)
    with pytest.raises(UserError, match="damaged") as caught:
        Journal.open(path)
    assert str(path) in caught.value.problem
    assert path.read_bytes() == content


@pytest.mark.requirement("MEM-04")
def test_a_damaged_page_is_reported_not_read_as_truth(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with Journal.open(path) as journal:
        journal.append(*(body(n) for n in range(2000)))
    raw = bytearray(path.read_bytes())
    for page in range(2, len(raw) // 4096):
        raw[page * 4096 : page * 4096 + 64] = b"\xff" * 64
    path.write_bytes(raw)

    def use() -> None:
        with Journal.open(path) as journal:
            list(journal.events())

    with pytest.raises(UserError, match="damaged"):
        use()


def test_a_database_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE recipes (id)")
    other.close()
    with pytest.raises(UserError, match="something else"):
        Journal.open(path)


def test_tables_of_a_newer_version_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    Journal.open(path).close()
    with sqlite3.connect(path) as store:
        store.execute("UPDATE alembic_version SET version_num = '9999'")
    store.close()
    with pytest.raises(UserError, match="newer version"):
        Journal.open(path)


def test_a_journal_that_is_not_there_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no journal"):
        Journal.open(tmp_path / "journal.db", readonly=True)


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(UserError):
        Journal.open("nonsense://somewhere/x")
    with pytest.raises(UserError, match="in memory"):
        Journal.open("sqlite://")


# ---------------------------------------------------------------- tables


def test_the_migrations_make_exactly_the_tables_of_the_schema(journal: Journal) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    assert journal.read(lambda c: compare_metadata(MigrationContext.configure(c), schema.metadata)) == []
    names = journal.read(lambda c: set(inspect(c).get_table_names()))
    assert names == set(schema.metadata.tables) | {"alembic_version"}


def test_the_named_head_is_the_newest_revision() -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [schema.HEAD]


@pytest.mark.requirement("MEM-04")
def test_a_first_start_that_is_cut_off_leaves_nothing_half_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from alembic import op

    def cut_off(*_args: object, **_kwargs: object) -> None:
        raise KeyboardInterrupt

    path = tmp_path / "journal.db"
    with monkeypatch.context() as patch:
        patch.setattr(op, "create_index", cut_off)
        with pytest.raises(KeyboardInterrupt):
            Journal.open(path)
    with sqlite3.connect(path) as store:
        assert store.execute("SELECT name FROM sqlite_master").fetchall() == []
    store.close()
    with Journal.open(path) as journal:
        assert journal.append(body(1)) == 1


def test_the_tables_and_inserts_have_a_postgresql_form() -> None:
    from sqlalchemy import insert
    from sqlalchemy.dialects import postgresql
    from sqlalchemy.schema import CreateIndex, CreateTable

    dialect = postgresql.dialect()
    for table in schema.metadata.sorted_tables:
        assert str(CreateTable(table).compile(dialect=dialect))
        assert str(insert(table).compile(dialect=dialect))
        for index in table.indexes:
            assert str(CreateIndex(index).compile(dialect=dialect))


def test_the_journal_may_be_written_from_another_thread_than_the_one_that_opened_it(journal: Journal) -> None:
    thread = threading.Thread(target=lambda: journal.append(body(1), synced=True))
    thread.start()
    thread.join()
    assert journal.append(body(2)) == 2
