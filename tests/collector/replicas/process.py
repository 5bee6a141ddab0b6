"""A laptop as a process of its own: `python -m tests.collector.replicas.process DB URL USERNAME ROUNDS`.

It writes a few records and syncs, round by round, in small batches and without long pauses. What the network does to
it is told by its exit status: the number of rounds that did not come through."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from collector import app_db, hub_sync, hubs
from collector.own_keys import open_to_write
from sync import Replica, SyncError
from sync.transfer import giving, session
from sync.transfer import pull as pulling
from tests.collector.replicas.conftest import HERE, Laptop, record, rename

BATCH = 20
MAY_FAIL = ("HW-2052", "HW-2036", "HW-2037", "HW-3021", "HW-3011", "HW-2028")


def main(db: str, url: str, username: str, rounds: str, each: str = "5") -> int:
    """Rounds of writing and syncing."""
    giving.MOST = session.MOST = pulling.MOST = BATCH
    laptop, failed = Laptop(Path(db), url, username), 0
    for number in range(int(rounds)):
        with open_to_write(laptop.path) as replica, replica.transaction():
            write(replica, laptop.person, number, int(each))
        failed += not synced(laptop)
    return failed


def write(replica: Replica, person: str, number: int, count: int) -> None:
    """A few new records, and an edit of one that is here, whoever made it."""
    for place in range(count):
        record(replica, f"{replica.name} {number} {place}", HERE, person)
    known = [state.record for state in replica.states()]
    rename(replica, known[number * 7 % len(known)], f"{replica.name} renamed {number}", person)


def synced(laptop: Laptop) -> bool:
    """One sync; False when the network did not let it come through."""
    with Replica.open(laptop.path) as replica, closing(laptop.accounts()) as connection:
        access = hubs.find(connection, laptop.url, replica.name, laptop.username)
        assert access is not None
        try:
            hub_sync.run(replica, connection, access, sleep=lambda seconds: time.sleep(seconds / 100))
        except SyncError as error:
            if error.problem.code not in MAY_FAIL:
                raise
            return False
    return True


@contextmanager
def enrolled_at(laptop: Laptop, url: str) -> Iterator[None]:
    """Lets a laptop that is enrolled speak to its hub by another address."""
    with Replica.open(laptop.path) as replica, closing(app_db.connect(app_db.path_for(laptop.path))) as own:
        access = hubs.find(own, laptop.url, replica.name, laptop.username)
        assert access is not None
        hubs.keep(own, hubs.Access(url, access.replica, access.username, access.token))
    yield


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
