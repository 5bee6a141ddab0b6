"""What must hold of a network: of one replica at any time, and of all when everybody has met everybody."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sync import Replica, merge, verify
from tests.sync import reading
from tests.sync.network.browser import Browser
from tests.sync.network.laptop import Laptop
from tests.sync.network.road import bring, file_bytes, flush


def derived_rows(replica: Replica) -> None:
    """The table `state` holds what the oracle folds from the log."""
    stored = replica.db.execute(
        "SELECT record, head, heads, deleted, conflicts, review FROM state"
        " WHERE record NOT IN (SELECT record FROM stale) ORDER BY record"
    ).fetchall()
    waiting = {record for (record,) in replica.db.execute("SELECT record FROM stale")}
    expected = reading.state_rows(replica.db)
    assert stored == [row for row in expected if row[0] not in waiting]


def as_the_words_say(replica: Replica) -> None:
    """Every record, its conflicts and the counts are the oracle's."""
    expected = reading.folded(reading.texts(replica.db), reading.layouts(replica.db))
    states = list(replica.states())
    assert [state.record for state in states] == [each["record"] for each in expected]
    for state, each in zip(states, expected, strict=True):
        conflicts = {
            conflict.path: [(said.change, said.value, said.reason) for said in conflict.values]
            for conflict in state.conflicts
        }
        found = {
            "record": state.record,
            "heads": list(state.heads),
            "deleted": state.deleted,
            "answers": state.answers,
            "reasons": state.reasons,
            "conflicts": conflicts,
            "review": state.review.state,
            "reviews": list(state.review.changes),
            "withdrawn": state.withdrawn,
        }
        assert found == each
    counts = replica.counts()
    assert counts["records"] == len(expected)
    assert counts["deleted"] == sum(each["deleted"] for each in expected)
    assert counts["conflicts"] == sum(bool(each["conflicts"]) for each in expected)
    assert replica.state_digest() == reading.state_digest(expected)


def everybody_meets(
    laptops: Sequence[Laptop], browsers: Sequence[Browser], order: Sequence[int], folder: Path
) -> None:
    """Everybody meets everybody, in an order of laptops: then all are equal, proved, complete, and as the words say."""
    wanted = headers(laptops, browsers)
    ranked = [laptops[place] for place in order if place < len(laptops)]
    for place, browser in enumerate(browsers):
        flush(browser, ranked[place % len(ranked)])
    for _ in range(2):
        for target in ranked:
            for source in [laptop for laptop in reversed(ranked) if laptop is not target]:
                source.sign()
                bring(target, source.path)
    for laptop in laptops:
        laptop.drop_excerpts()
        stored = {header for header, _ in reading.logs(laptop.replica.db)}
        assert stored == wanted
        derived_rows(laptop.replica)
        report = verify(laptop.replica)
        assert report.problems == []
        assert report.state_digest == laptop.replica.state_digest()
    assert len({laptop.replica.state_digest() for laptop in laptops}) == 1
    assert len({tuple((d.kind, d.name, d.id) for d in each.replica.documents()) for each in laptops}) == 1
    as_the_words_say(ranked[0].replica)
    nothing_more(ranked)
    rebuilt(ranked[-1], folder)


def headers(laptops: Sequence[Laptop], browsers: Sequence[Browser]) -> set[str]:
    """Every change that somebody holds."""
    found = {header for laptop in laptops for header, _ in reading.logs(laptop.replica.db)}
    return found | {header for browser in browsers for header, _ in browser.log}


def nothing_more(laptops: Sequence[Laptop]) -> None:
    """Meeting once more brings nothing and writes nothing."""
    target, *others = laptops
    before = file_bytes(target)
    report = merge(target.replica, [other.path for other in others])
    assert (report.taken, report.set_aside) == (0, [])
    assert file_bytes(target) == before


def rebuilt(laptop: Laptop, folder: Path) -> None:
    """A new replica that gets all of it at once has the same rows and the same digest."""
    folder.mkdir(exist_ok=True)
    path = folder / "rebuilt.db"
    laptop.sign()
    with Replica.create(path) as fresh:
        assert merge(fresh, [laptop.path]).set_aside == []
        derived_rows(fresh)
        assert fresh.state_digest() == laptop.replica.state_digest()
    path.unlink()
