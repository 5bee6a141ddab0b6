"""One replica: what may be written, what is read back, documents, media, proof."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import Replica, SyncError, canonical, keys, verify
from sync.layout import Layout, pack, unpack
from sync.names import change_key, change_name, new_replica, replica_name, replica_number
from sync.replica.connection import wal_is_safe
from sync.replica.schema import SCHEMA_VERSION

Make = Callable[[str], Replica]


def code_of(error: pytest.ExceptionInfo[SyncError]) -> str:
    """The number of the problem."""
    return error.value.problem.code


def test_a_record_is_read_as_it_was_written(make: Make, form: str) -> None:
    """Answers, reasons, author, scopes and time come back; empty answers do not stand."""
    replica = make("anna")
    answers = {"/data/name": "甲\n村", "/data/size": "", "/data/founders[k3f9]": "m"}
    record = replica.save(
        form=form,
        answers=answers,
        reasons={"/data/size": "dont_know"},
        author="anna",
        scopes=["v:1", "p:anna"],
        at=datetime(2026, 5, 1, 8, tzinfo=UTC),
    )
    state = replica.state(record)
    assert record == f"{replica.name}-1"
    assert state.answers == {"/data/name": "甲\n村", "/data/founders[k3f9]": "m"}
    assert state.reasons == {"/data/size": "dont_know"}
    assert (state.form, state.form_id, state.author) == (form, "test", "anna")
    assert state.scopes == ("p:anna", "v:1")
    assert state.created == state.updated == "2026-05-01T08:00:00.000Z"
    assert state.review.state == "received"
    assert (
        replica.save(record=record, form=form, answers=answers, reasons=state.reasons, author="b") == record
    )
    assert replica.counts()["changes"] == 1, "an edit that changes nothing writes nothing"


def test_an_edit_names_what_was_changed_and_keeps_the_scopes(make: Make, form: str) -> None:
    """Only the given paths that differ are named, derived ones not; scopes go on; what a newer form knew
    stays."""
    replica = make("anna")
    start = {"/data/name": "a", "/data/size": "1", "/data/label": "x", "/data/newer": "kept"}
    record = replica.save(form=form, answers=start, author="a", scopes=["v:1"])
    replica.save(
        record=record, form=form, answers=start | {"/data/size": "2", "/data/label": "y"}, author="a"
    )
    last = replica.history(record)[-1]
    assert last.header.scopes == ("v:1",)
    assert last.payload is not None
    assert last.payload.changed == ("/data/size",)
    assert replica.state(record).answers["/data/newer"] == "kept"


@pytest.mark.parametrize(
    ("answers", "reasons", "code"),
    [
        ({"/data/name": "a\ud800"}, {}, "HW-2001"),
        ({"/data/name": "x" * 200_001}, {}, "HW-2016"),
        ({f"/data/x{n}": "y" * 190_000 for n in range(6)}, {}, "HW-2017"),
        ({"/data/founders[k3f9]/founder_name": "x"}, {}, "HW-2022"),
        ({"/data/name": 3}, {}, "HW-2022"),
        ({"/data/name": "x"}, {"/data/name": "refused"}, "HW-2022"),
        ({}, {"/data/name": "whatever"}, "HW-2022"),
    ],
)
def test_what_cannot_stand_in_a_record_is_refused(
    make: Make, form: str, answers: dict[str, str], reasons: dict[str, str], code: str
) -> None:
    """A numbered problem, and nothing is written."""
    replica = make("anna")
    with pytest.raises(SyncError) as error:
        replica.save(form=form, answers=answers, reasons=reasons, author="a")
    assert code_of(error) == code
    assert replica.counts()["changes"] == 0


def test_other_refusals(make: Make, form: str, tmp_path: Path) -> None:
    """Unknown form, record, document, review state and name; a file that is there already."""
    replica = make("anna")
    calls = {
        "HW-2018": lambda: replica.save(form="x" * 22, answers={}, author="a"),
        "HW-2021": lambda: replica.state("00000000-1"),
        "HW-2023": lambda: replica.review("00000000-1", "fine", author="a"),
        "HW-2030": lambda: Replica.create(replica.path),
        "HW-2031": lambda: replica.document("x"),
        "HW-2032": lambda: replica.state("nonsense"),
        "HW-2002": lambda: Replica.open(tmp_path / "nowhere.db"),
    }
    for code, call in calls.items():
        with pytest.raises(SyncError) as error:
            call()
        assert code_of(error) == code


def test_review_and_delete(make: Make, form: str) -> None:
    """A review shows until the record is edited; a second review follows the first; a deleted record comes
    back."""
    replica = make("hub")
    record = replica.save(form=form, answers={"/data/name": "a"}, author="a", scopes=["v:1"])
    replica.review(record, "has_issues", "Which one?", ["/data/name"], author="s")
    shown = replica.state(record).review
    assert (shown.state, shown.comment, shown.questions, shown.by) == (
        "has_issues",
        "Which one?",
        ("/data/name",),
        "s",
    )
    replica.save(record=record, form=form, answers={"/data/name": "b"}, author="a")
    assert replica.state(record).review.state == "edited"
    replica.review(record, "approved", author="s")
    assert replica.state(record).review.state == "approved"
    assert len(replica.state(record).review.changes) == 1
    assert [state.record for state in replica.states(review="approved", scope="v:1", form_id="test")] == [
        record
    ]
    assert list(replica.states(review="received")) == []
    replica.delete(record, "twice", author="s")
    assert replica.state(record).deleted
    replica.save(record=record, form=form, answers={"/data/name": "b"}, author="a")
    assert not replica.state(record).deleted
    assert replica.state(record).answers == {"/data/name": "b"}
    assert verify(replica).sound


def test_a_transaction_is_all_or_nothing(make: Make, form: str) -> None:
    """What is written inside a transaction that fails is not there, and the numbers go on without a gap."""
    replica = make("anna")

    def fails() -> None:
        with replica.transaction():
            replica.save(form=form, answers={"/data/name": "a"}, author="a")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert replica.counts()["changes"] == 0
    with replica.transaction():
        names = [replica.save(form=form, answers={"/data/name": str(n)}, author="a") for n in range(130)]
    assert names[-1] == f"{replica.name}-130"
    assert verify(replica).sound
    assert replica.changed_since(0).records == names
    assert replica.changed_since(replica.changed_since(0).cursor).records == []


def test_documents_keep_their_versions(make: Make) -> None:
    """The latest of a name counts, older ones stay readable, an older one that is put again counts again."""
    replica = make("hub")
    first = replica.put_document("list", "villages.csv", b"1", scopes=["v:1"])
    second = replica.put_document("list", "villages.csv", b"2")
    assert [document.id for document in replica.documents("list")] == [second]
    assert replica.document(first).data == b"1"
    assert replica.document(first).scopes == ("v:1",)
    replica.put_document("list", "villages.csv", b"1")
    found = replica.document_named("list", "villages.csv")
    assert found is not None
    assert found.id == first == canonical.short_id(b"1")


def test_large_documents_are_glimpsed_at(make: Make) -> None:
    """Of each name the latest, with its id, its size and how it begins; the same bytes under two names are both."""
    replica = make("hub")
    replica.put_document("form-media", "a.png", b"older")
    data = bytes(range(256)) * 40
    id_ = replica.put_document("form-media", "a.png", data)
    replica.put_document("form-media", "b.png", data)
    replica.put_document("form-media", "c.png", b"")
    replica.put_document("list", "d.csv", b"name")
    whole = (id_, len(data), data[:100])
    nothing = (canonical.short_id(b""), 0, b"")
    assert replica.glimpses("form-media") == {"a.png": whole, "b.png": whole, "c.png": nothing}
    replica.put_document("form-media", "a.png", b"older")
    assert replica.glimpses("form-media")["a.png"].head == b"older"


def test_media_are_named_by_their_bytes(make: Make) -> None:
    """The same bytes are one file; a file that is gone is listed as missing."""
    replica = make("hub")
    digest = replica.put_media(b"photo", "image/jpeg")
    assert replica.put_media(b"photo", "image/jpeg") == digest
    assert replica.media(digest).read_bytes() == b"photo"
    assert replica.media_missing() == []
    replica.media(digest).unlink()
    assert replica.media_missing() == [digest]
    with pytest.raises(SyncError):
        replica.media("../../etc/passwd")


def test_verify_finds_what_was_altered(make: Make, form: str) -> None:
    """A changed payload, a changed derived row, a changed digest and a changed medium are each named; rows
    are repaired."""
    replica = make("hub")
    record = replica.save(form=form, answers={"/data/name": "before"}, author="a")
    replica.review(record, "approved", author="s")
    digest = replica.put_media(b"photo", "image/jpeg")
    replica.sign_tip(keys.generate())
    sound = verify(replica)
    assert sound.sound
    assert sound.state_digest == replica.state_digest()

    def altered(sql: str) -> list[str]:
        with replica.transaction():
            replica.db.execute(sql)
        return [problem.code for problem in verify(replica).problems]

    assert altered("UPDATE state SET review = 'rejected'") == ["HW-2027"]
    assert verify(replica, repair=True).repaired == 1
    assert verify(replica).sound
    assert altered("UPDATE change SET payload = replace(payload, 'before', 'behind')") == ["HW-2008"]
    assert altered("UPDATE change SET payload = replace(payload, 'behind', 'before')") == []
    assert altered("UPDATE log SET digest = 'x'") == ["HW-2010"]
    replica.media(digest).write_bytes(b"PHOTO")
    assert "HW-2025" in [problem.code for problem in verify(replica).problems]
    assert "HW-2009" in altered("UPDATE change SET header = 'x' WHERE record IS NULL")


def test_a_replica_of_the_future_is_refused_and_untouched(make: Make) -> None:
    """A file of a newer schema is not opened and not changed."""
    replica = make("hub")
    replica.close()
    with sqlite3.connect(replica.path) as db:
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    db.close()
    before = replica.path.read_bytes()
    with pytest.raises(SyncError) as error:
        Replica.open(replica.path)
    assert code_of(error) == "HW-2007"
    assert replica.path.read_bytes() == before


def test_the_journal_is_chosen_by_the_version_of_sqlite() -> None:
    """A WAL only where the reset race is repaired, else a rollback journal; commits are durable either
    way."""
    safe = {(3, 44, 5): False, (3, 44, 6): True, (3, 45, 0): False, (3, 50, 6): False, (3, 50, 7): True}
    safe |= {(3, 51, 2): False, (3, 51, 3): True, (3, 52, 0): True, (4, 0, 0): True, (3, 40, 1): False}
    assert {version: wal_is_safe(version) for version in safe} == safe


def test_synchronous_is_full(make: Make) -> None:
    """A receipt survives a power cut."""
    assert make("hub").db.execute("PRAGMA synchronous").fetchone()[0] == 2


def test_names_are_their_keys() -> None:
    """Names and integer keys are each other's inverse and sort alike; the largest fits into SQLite's
    integer."""
    chance = random.Random(3)
    numbers = sorted([0, (1 << 39) - 1, *(chance.randrange(1 << 39) for _ in range(200))])
    names = [replica_name(number) for number in numbers]
    assert names == sorted(names)
    assert [replica_number(name) for name in names] == numbers
    assert change_name(change_key("fzzzzzzz-16777215")) == "fzzzzzzz-16777215"
    assert change_key("fzzzzzzz-16777215") == (1 << 63) - 1
    assert len({new_replica() for _ in range(100)}) == 100


instance = st.sampled_from(["aaaa", "k3f9"])
path = st.one_of(
    st.sampled_from(["/data/a", "/data/b", "/data/new", "/data/r", "/data/r[aaaa", "x]", "/data/a[aaaa]"]),
    st.builds("/data/r[{}]".format, instance),
    st.builds("/data/r[{}]/{}".format, instance, st.sampled_from(["x", "y", "z", "n"])),
    st.builds("/data/r[{}]/n[{}]".format, instance, instance),
    st.builds("/data/r[{}]/n[{}]/z".format, instance, instance),
)
value = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=5)


@given(st.dictionaries(path, value))
def test_packing_loses_nothing(answers: dict[str, str]) -> None:
    """Any map of texts, also one that the layout does not fit, comes back from its canonical text."""
    layout = Layout.compile(["/data/a", ["/data/b"], ["/data/r", ["x", ["y"], ["n", ["z"]]]]])
    values, extra = canonical.decode(canonical.encode(list(pack(layout, answers))))
    assert unpack(layout, values, extra) == answers


def test_a_replica_is_made_where_no_second_name_can_be_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a stick (FAT has no hard links) a replica is made all the same, and a file that is there stays."""

    def refused(self: Path, target: Path) -> None:
        if self.exists():
            raise FileExistsError(str(self))
        raise PermissionError(1, "Operation not permitted", str(self))

    monkeypatch.setattr(Path, "hardlink_to", refused)
    with Replica.create(tmp_path / "stick.db") as made:
        name = made.name
    with pytest.raises(SyncError):
        Replica.create(tmp_path / "stick.db")
    with Replica.open(tmp_path / "stick.db") as again:
        assert again.name == name
