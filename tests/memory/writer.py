"""A process that writes a journal until it is killed. Each acknowledged append is printed.

Its participant counts the events it has been told of, as the built-in world would save its sections.
"""

import sys
from pathlib import Path

from sqlalchemy import Connection, text

from conscious_bot.contracts import Event, EventType
from conscious_bot.memory import Journal


class Counter:
    def __init__(self, value: int) -> None:
        self.value = value

    def write(self, connection: Connection) -> None:
        data = str(self.value).encode()
        connection.execute(text("DELETE FROM world_state WHERE id = 1"))
        connection.execute(text("INSERT INTO world_state (id, data) VALUES (1, :data)"), {"data": data})


def main() -> None:
    with Journal.open(Path(sys.argv[1])) as journal:
        counter = Counter(journal.last)
        journal.register(counter)
        print("open", journal.last, flush=True)
        while True:
            batch = 1 + counter.value % 3
            events = [
                Event(type=EventType.BODY, at=float(counter.value + i), data={"n": counter.value + i + 1})
                for i in range(batch)
            ]
            counter.value += batch
            last = journal.append(*events, state={"n": counter.value}, synced=counter.value % 7 == 0)
            print("done", last, flush=True)


main()
