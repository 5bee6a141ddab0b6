"""Proof: whatever is wrong in a replica's file is found, named with its remedy, and repaired where it is derived."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sync import Replica, keys, merge, verify
from sync.problems import Problem, SyncError
from sync.transfer import give, lines
from tests.sync.conftest import Make
from tests.sync.transfer.conftest import hand_over, unpacked

NAME = "/data/name"
KEY = keys.generate()


def filled(make: Make, form: str) -> Replica:
    """A replica with one of everything: logs, conflicts, reviews, excerpts, an erased record, media, a signature."""
    anna, bo, hub = make("anna"), make("bo"), make("hub")
    record = anna.save(form=form, answers={NAME: "a"}, author="a", scopes=["p:a"])
    for n in range(70):
        anna.save(form=form, answers={NAME: f"{n}"}, author="a", scopes=["p:a"])
    gone = anna.save(form=form, answers={NAME: "gone"}, author="a", scopes=["p:a"])
    hand_over(anna, bo)
    bo.save(record=record, form=form, answers={NAME: "b"}, author="b")
    anna.save(record=record, form=form, answers={NAME: "c"}, author="a")
    anna.put_media(b"photo", "image/jpeg")
    hand_over(anna, hub)
    hub.review(record, "approved", author="s")
    hub.erase(gone, "asked", author="s")
    merge(anna, [bo.path])
    changes, _, _ = give.concerning(hub, give.Interest(frozenset({"p:a"})), "", anna.name, 1000)
    out: list[bytes] = []
    writer = lines.Writer(out.append)
    writer.excerpts([(text, payload) for header, text, payload in changes if header.replica == hub.name])
    writer.end()
    assert unpacked(anna, b"".join(out)).excerpts == 2
    anna.sign_tip(KEY)
    assert verify(anna).problems == []
    return anna


def run(statement: str) -> Callable[[Replica], object]:
    """A fault made by one statement."""
    return lambda replica: replica.db.execute(statement)


def alter_photo(replica: Replica) -> None:
    digest = replica.db.execute("SELECT sha256 FROM media").fetchone()[0]
    replica.media(digest).write_bytes(b"other")


LATER = "(SELECT max(id) - 1 FROM change WHERE record IS NULL)"
FAULTS = {
    "payload": (run(f"UPDATE change SET payload = '[]' WHERE id = {LATER}"), {"HW-2008"}),
    "payload lost": (run(f"UPDATE change SET payload = NULL WHERE id = {LATER}"), {"HW-2008"}),
    "header": (
        run(f"UPDATE change SET header = replace(header, '\"a\"', '\"b\"') WHERE id = {LATER}"),
        {"HW-2010"},
    ),
    "change lost": (run(f"DELETE FROM change WHERE id = {LATER}"), {"HW-2014", "HW-2010"}),
    "tip": (run("UPDATE log SET digest = 'x'"), {"HW-2010"}),
    "block": (run("UPDATE block SET digest = 'x'"), {"HW-2010"}),
    "arrival": (run("DELETE FROM arrival WHERE seq = 1"), {"HW-2010"}),
    "last signature": (run("UPDATE log SET signature = 'x' WHERE signed"), {"HW-2012"}),
    "signature": (run("UPDATE signature SET text = 'x'"), {"HW-2012"}),
    "document": (run("UPDATE content SET data = x'00'"), {"HW-2015"}),
    "document lost": (run("DELETE FROM content"), {"HW-2015"}),
    "photo": (alter_photo, {"HW-2025"}),
    "state": (run("UPDATE state SET conflicts = conflicts + 1"), {"HW-2027"}),
    "state lost": (run("DELETE FROM state"), {"HW-2027"}),
    "index": (run("DROP INDEX change_record"), {"HW-2093"}),
    "erased": (run("DELETE FROM erased"), {"HW-2094"}),
    "excerpt": (run("UPDATE excerpt SET payload = '[]' WHERE payload IS NOT NULL"), {"HW-2008"}),
    "excerpt's header": (run("UPDATE excerpt SET header = 'x'"), {"HW-2009"}),
    "excerpt's record": (run("UPDATE excerpt SET record = record + 1"), {"HW-2009"}),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_found_and_named(make: Make, form: str, fault: str) -> None:
    """One fault at a time: found, with its number and how to mend it, in both languages; nothing is raised."""
    replica = filled(make, form)
    spoil, expected = FAULTS[fault]
    spoil(replica)
    found = verify(replica)
    assert expected <= {problem.code for problem in found.problems}
    for problem in found.problems:
        for lang in ("en", "zh"):
            assert problem.as_dict(lang)["remedy"]


@pytest.mark.parametrize("fault", ["state", "state lost", "index", "erased"])
def test_what_is_derived_is_repaired(make: Make, form: str, fault: str) -> None:
    """`repair` rebuilds it from the log, says how much that was, and afterwards nothing is found."""
    replica = filled(make, form)
    digest = verify(replica).state_digest
    FAULTS[fault][0](replica)
    mended = verify(replica, repair=True)
    assert (mended.repaired > 0, mended.problems) == (True, [])
    after = verify(replica)
    assert (after.problems, after.repaired, after.state_digest) == ([], 0, digest)


def test_what_an_erase_left_behind_is_destroyed_by_repair(make: Make, form: str) -> None:
    """A payload that came back beside an erase is found, and destroyed."""
    replica = filled(make, form)
    gone = replica.db.execute("SELECT record FROM erased").fetchone()[0]
    other = replica.db.execute("SELECT payload FROM change WHERE payload IS NOT NULL LIMIT 1").fetchone()[0]
    replica.db.execute("UPDATE change SET payload = ? WHERE id = ?", (other, gone))
    assert "HW-2094" in {problem.code for problem in verify(replica).problems}
    assert verify(replica, repair=True).problems == []
    assert replica.db.execute("SELECT payload FROM change WHERE id = ?", (gone,)).fetchone() == (None,)


def test_a_photo_that_an_interrupted_erase_left_is_found_and_removed(make: Make, form: str) -> None:
    """The process ended after the erase was committed and before the file of the photo was removed: HW-2094 names it,
    and repair removes it. A photo that came back with another record stays."""
    replica = make("anna")
    for data in (b"her photo", b"shared"):
        digest = replica.put_media(data, "image/jpeg")
        record = replica.save(form=form, answers={NAME: digest}, author="a")
        path = replica.media(digest)
        replica.erase(record, "asked", author="a")
        assert not path.exists()
        path.write_bytes(data)
    replica.save(form=form, answers={NAME: digest}, author="a")
    replica.put_media(b"shared", "image/jpeg")
    (found,) = verify(replica).problems
    assert (found.code, replica.media(found.place).read_bytes()) == ("HW-2094", b"her photo")
    assert verify(replica, repair=True).problems == []
    assert (replica.media(found.place).exists(), path.exists()) == (False, True)


def test_answers_of_an_erased_record_among_what_was_set_aside_are_found(make: Make, form: str) -> None:
    """HW-2094 also where a payload was kept of a log that was refused; repair destroys it."""
    replica = filled(make, form)
    gone, payload = replica.db.execute(
        "SELECT e.record, (SELECT payload FROM change WHERE payload IS NOT NULL LIMIT 1) FROM erased AS e"
    ).fetchone()
    header = replica.db.execute("SELECT header FROM change WHERE id = ?", (gone,)).fetchone()[0]
    replica.set_aside("stick", Problem("HW-2014", "x"))
    aside = replica.quarantined()[0].id
    replica.db.execute(
        "INSERT INTO kept (aside, number, record, header, payload) VALUES (?, 1, ?, ?, ?)",
        (aside, gone, header, payload),
    )
    assert [problem.code for problem in verify(replica).problems] == ["HW-2094"]
    assert verify(replica, repair=True).problems == []
    assert replica.db.execute("SELECT payload FROM kept").fetchall() == [(None,)]


def test_what_is_written_meanwhile_is_no_fault(make: Make, form: str) -> None:
    """A hub is proved while devices send: a change that comes between two looks at the file is not taken for damage."""
    replica = filled(make, form)

    def write(done: int, of: int) -> None:
        with Replica.open(replica.path) as other:
            other.save(form=form, answers={NAME: f"{done} of {of}"}, author="a")

    assert verify(replica, step=write).problems == []


def test_a_file_that_is_not_ours_is_no_replica(make: Make, form: str) -> None:
    """Tables altered behind our back are refused at opening, before anything is believed."""
    replica = filled(make, form)
    replica.db.execute("DROP TABLE excerpt")
    replica.close()
    with pytest.raises(SyncError) as refused:
        Replica.open(replica.path)
    assert refused.value.problem.code == "HW-2005"
