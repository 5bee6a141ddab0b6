"""Stores that were copied and both used on: found, set aside whole, mended under names that follow from them."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from sync import Replica, keys, merge, verify
from sync.branch import Branch
from sync.forks.mend import BRANCH, mend
from sync.names import replica_number
from sync.replica import log
from tests.sync.conftest import Make
from tests.sync.copies import copied, edit, meet, problems, signed, sound, values, write


@pytest.mark.parametrize("copy_first", [False, True])
def test_a_copied_store_is_mended_whichever_came_first(
    make: Make, form: str, tmp_path: Path, copy_first: bool
) -> None:
    """Both went on: the one that came later is set aside whole, and after mending everything of both is here, once;
    what came first keeps its names."""
    bo, hub = make("bo"), make("hub")
    write(bo, form, "common")
    with Replica.open(copied(bo, tmp_path / "stick" / "bo.db")) as copy:
        (mine,) = write(bo, form, "bo 1")
        edit(bo, form, mine, "bo 1b")
        theirs = write(copy, form, "copy 1", "copy 2")
        edit(copy, form, theirs[0], "copy 1b")
        first, second = (copy, bo) if copy_first else (bo, copy)
        assert problems(hub, first) == []
        assert problems(hub, second) == ["HW-2011"]
        before = log.tip(hub.db, replica_number(bo.name))
        (finding,) = mend(hub).done
        number = replica_number(bo.name)
        branch = Branch(bo.name, 2, log.digest_at(second.db, number, 2))
        assert (finding.what, finding.replica, finding.number, finding.name) == (
            BRANCH,
            bo.name,
            2,
            branch.name,
        )
        assert (finding.here, finding.aside, finding.records) == ((3, 2, 1) if copy_first else (2, 3, 2))
        assert log.tip(hub.db, number) == before, "what came first keeps its names"
        assert values(hub) == ["bo 1b", "common", "copy 1b", "copy 2"]
        assert hub.quarantined() == []
        (entry,) = hub.quarantined(everything=True)
        assert (entry.outcome, entry.count) == ("named", 0)
    assert verify(hub).problems == []


def test_mending_again_changes_nothing(make: Make, form: str, tmp_path: Path) -> None:
    """A second mend, and the same files again, write nothing; the branch is no trouble any more."""
    bo, hub = make("bo"), make("hub")
    write(bo, form, "common")
    with Replica.open(copied(bo, tmp_path / "copy.db")) as copy:
        write(bo, form, "bo")
        write(copy, form, "copy")
        problems(hub, bo, copy)
        assert mend(hub).taken == 1
        before, digest = hub.path.read_bytes(), hub.state_digest()
        assert (mend(hub).done, problems(hub, bo, copy)) == ([], [])
        assert (hub.path.read_bytes(), hub.state_digest()) == (before, digest)


def test_a_branch_that_comes_again_longer_grows(make: Make, form: str, tmp_path: Path) -> None:
    """Before it is mended what is set aside grows and does not pile up; after it the same name's log does."""
    bo, hub = make("bo"), make("hub")
    write(bo, form, "common")
    with Replica.open(copied(bo, tmp_path / "copy.db")) as copy:
        write(bo, form, "bo")
        write(copy, form, "c1")
        problems(hub, bo, copy)
        write(copy, form, "c2", "c3")
        assert problems(hub, copy) == ["HW-2011"]
        (entry,) = hub.quarantined()
        assert (entry.count, entry.problem.params["count"]) == (3, "3")
        assert problems(hub, copy) == ["HW-2011"]
        assert [each.count for each in hub.quarantined()] == [3]
        assert mend(hub).taken == 3
        (record,) = write(copy, form, "c4")
        edit(copy, form, record, "c4b")
        report = merge(hub, [copy.path]).sources[0]
        assert (report.problems, report.taken) == ([], 2)
        assert values(hub) == ["bo", "c1", "c2", "c3", "c4b", "common"]
        assert len(hub.logs()) == 2
    assert verify(hub).problems == []


def test_two_hubs_that_mend_apart_make_the_same_changes(make: Make, form: str, tmp_path: Path) -> None:
    """Mended at two hubs by themselves, in the same order of arrival, the branch has the same name and the same bytes;
    set union does no harm."""
    bo, hubs = make("bo"), [make("hub0"), make("hub1")]
    write(bo, form, "common")
    with Replica.open(copied(bo, tmp_path / "copy.db")) as copy:
        write(bo, form, "bo")
        theirs = write(copy, form, "c1")
        edit(copy, form, theirs[0], "c2")
        rows = []
        for hub in hubs:
            problems(hub, bo, copy)
            mend(hub)
            rows.append(
                hub.db.execute("SELECT id, record, header, payload FROM change ORDER BY id").fetchall()
            )
        assert rows[0] == rows[1]
        assert problems(hubs[0], hubs[1]) == problems(hubs[1], hubs[0]) == []
        sound(*hubs)


def test_two_hubs_that_mend_opposite_sides_agree(make: Make, form: str, tmp_path: Path) -> None:
    """Where one hub had the original first and the other the copy, both sides go by names of their own in the end, at
    both hubs, and everything is there once. What a hub said of a record is said again of its new name."""
    bo, hubs = make("bo"), [make("hub0"), make("hub1")]
    write(bo, form, "common")
    with Replica.open(copied(bo, tmp_path / "copy.db")) as copy:
        records = [*write(bo, form, "bo"), *write(copy, form, "copy")]
        assert records[0] == records[1], "two records of one name"
        for hub, (first, second) in zip(hubs, itertools.permutations((bo, copy)), strict=True):
            problems(hub, first)
            hub.review(records[0], "approved", author="s")
            problems(hub, second)
            mend(hub)
        meet(hubs)
        sound(*hubs)
        for hub in hubs:
            shown = [state for state in hub.states() if state.created]
            assert sorted(state.answers["/data/name"] for state in shown) == ["bo", "common", "copy"]
            reviews = {state.answers["/data/name"]: state.review.state for state in shown}
            assert reviews == {"bo": "approved", "common": "received", "copy": "approved"}
        for store in (bo, copy):
            merge(store, [hubs[0].path])
            assert store.name != records[0].partition("-")[0], "it goes on under a name of its own"
            write(store, form, f"later {store.path.stem}")
        assert problems(hubs[0], bo, copy) == []
        assert values(hubs[0])[-2:] == ["later bo", "later copy"]


def test_a_copy_that_meets_the_hub_mends_itself(make: Make, form: str, tmp_path: Path) -> None:
    """A copy that is shown the hub's file gives its own part the name that the hub would give it, takes back the other
    part, and goes on under a new name; the hub takes all of it without a word."""
    bo, hub, other = make("bo"), make("hub"), make("other")
    write(bo, form, "common")
    with Replica.open(copied(bo, tmp_path / "copy.db")) as copy:
        write(bo, form, "bo")
        mine = write(copy, form, "copy")
        problems(hub, bo)
        problems(other, bo, copy)
        mend(other)
        before = copy.name
        report = merge(copy, [hub.path])
        assert (report.set_aside, [note.code for note in report.notes]) == ([], ["HW-2079"])
        assert copy.name != before
        assert copy.former_names()[0].why == "copied"
        edit(copy, form, _record(copy, "copy"), "copy later")
        assert mine == [f"{before}-2"]
        assert problems(hub, copy) == []
        assert hub.quarantined() == copy.quarantined() == []
        assert values(hub) == values(copy) == ["bo", "common", "copy later"]
        assert problems(other, copy) == []
        sound(hub, copy, other)


def _record(store: Replica, value: str) -> str:
    (found,) = [state.record for state in store.states() if state.answers.get("/data/name") == value]
    return found


def test_a_copy_of_a_copy(make: Make, form: str, tmp_path: Path) -> None:
    """Three stores under one name, parted at two places, in every order of arrival: everything is there once, the names
    are the same, and hubs agree."""
    bo = make("bo")
    write(bo, form, "common")
    with Replica.open(copied(bo, tmp_path / "copy.db")) as copy:
        write(bo, form, "bo")
        write(copy, form, "both copies")
        with Replica.open(copied(copy, tmp_path / "second.db")) as second:
            (record,) = write(copy, form, "copy")
            edit(copy, form, record, "copy")
            edit(second, form, _record(second, "both copies"), "both copies, edited")
            write(second, form, "second")
            hubs = []
            for number, order in enumerate(itertools.permutations((bo, copy, second))):
                hub = make(f"hub{number}")
                for store in order:
                    problems(hub, store)
                mend(hub)
                assert hub.quarantined() == []
                assert values(hub) == ["bo", "both copies, edited", "common", "copy", "second"]
                assert verify(hub).problems == []
                hubs.append(hub)
            meet(hubs)
            sound(*hubs)
            shown = [state for state in hubs[0].states() if state.created]
            assert len(shown) == 5
            assert all(state.created for state in hubs[0].states()), "nothing is said of what is not there"


def test_a_large_branch_is_kept_whole(make: Make, form: str, tmp_path: Path) -> None:
    """Nothing of a branch is left out, whatever its size, and its bytes are those of the copy."""
    bo, hub = make("bo"), make("hub")
    write(bo, form, "common")
    with Replica.open(copied(bo, tmp_path / "copy.db")) as copy:
        write(bo, form, "bo")
        with copy.transaction():
            write(copy, form, *(f"c{n}" for n in range(5000)))
        problems(hub, bo, copy)
        (entry,) = hub.quarantined()
        kept = [(each.header, each.payload) for each in hub.kept_changes(entry.id)]
        query = "SELECT header, payload FROM change WHERE id & 16777215 > 1 ORDER BY id"
        assert kept == copy.db.execute(query).fetchall()
        assert mend(hub).taken == 5000
        assert hub.counts()["records"] == 5002
    assert verify(hub).problems == []


def test_a_branch_without_its_store_s_signature_waits(make: Make, form: str, tmp_path: Path) -> None:
    """Of a store whose key is known a branch is taken only when that key signed it: anybody can write a file in
    somebody's name. A supervisor who knows better takes it all the same."""
    bo, hub = make("bo"), make("hub")
    write(bo, form, "common")
    key = signed(bo)
    with Replica.open(copied(bo, tmp_path / "copy.db")) as copy:
        write(bo, form, "bo")
        bo.sign_tip(key)
        write(copy, form, "copy")
        problems(hub, bo, copy)
        (entry,) = hub.quarantined()
        refused = mend(hub).refused[entry.id]
        assert (refused.code, refused.place) == ("HW-2073", f"{bo.name}-2")
        assert values(hub) == ["bo", "common"]
        copy.sign_tip(key)
        assert problems(hub, copy) == ["HW-2011"]
        assert mend(hub).refused == {}
        assert values(hub) == ["bo", "common", "copy"]
        write(copy, form, "unsigned")
        assert problems(hub, copy) == ["HW-2073"]
        assert values(hub) == ["bo", "common", "copy"]
        assert mend(hub, unsigned=True).taken == 1
        assert values(hub) == ["bo", "common", "copy", "unsigned"]
    assert verify(hub).problems == []


def test_what_was_erased_stays_erased_in_what_is_set_aside(make: Make, form: str, tmp_path: Path) -> None:
    """An erase reaches the branch that is kept, where both sides mean the same record, and leaves alone a record of
    the branch that only has the name of the erased one."""
    bo, hub = make("bo"), make("hub")
    (common,) = write(bo, form, "common")
    with Replica.open(copied(bo, tmp_path / "copy.db")) as copy:
        (mine,) = write(bo, form, "bo")
        (theirs,) = write(copy, form, "copy")
        edit(copy, form, common, "secret of common")
        problems(hub, bo, copy)
        assert mine == theirs
        hub.erase(common, "wish", author="s")
        hub.erase(mine, "wish", author="s")
        (entry,) = hub.quarantined()
        assert [each.payload is None for each in hub.kept_changes(entry.id)] == [False, True]
        mend(hub)
        assert values(hub) == ["", "", "copy"]
        assert b"secret of common" not in hub.path.read_bytes()
    assert verify(hub).problems == []


def test_an_erase_inside_a_branch_destroys_what_was_kept_of_it(make: Make, form: str, tmp_path: Path) -> None:
    """The copy erased a record of its own after the first delivery: what was kept of it goes with the second."""
    bo, hub = make("bo"), make("hub")
    write(bo, form, "common")
    with Replica.open(copied(bo, tmp_path / "copy.db")) as copy:
        write(bo, form, "bo")
        (theirs,) = write(copy, form, "secret of copy")
        problems(hub, bo, copy)
        copy.erase(theirs, "wish", author="p")
        problems(hub, copy)
        (entry,) = hub.quarantined()
        assert [each.payload is None for each in hub.kept_changes(entry.id)] == [True, False]
        mend(hub)
        assert b"secret of copy" not in hub.path.read_bytes()
        assert problems(hub, copy) == []
    assert verify(hub).problems == []


def test_a_withdrawal_follows_the_record_to_its_new_name(make: Make, form: str, tmp_path: Path) -> None:
    """What was withdrawn or erased under the old name is so under the new one, whoever noted it."""
    bo, hubs = make("bo"), [make("hub0"), make("hub1")]
    write(bo, form, "common")
    with Replica.open(copied(bo, tmp_path / "copy.db")) as copy:
        records = write(bo, form, "withdrawn", "erased", "open")
        write(copy, form, "copy")
        problems(hubs[0], bo)
        hubs[0].withdraw(records[0], "wish", author="s")
        hubs[0].erase(records[1], "wish", author="s")
        problems(hubs[0], copy)
        mend(hubs[0])
        problems(hubs[1], copy, bo)
        mend(hubs[1])
        meet(hubs)
        sound(*hubs)
        for hub in hubs:
            shown = {state.answers.get("/data/name"): state for state in hub.states() if state.created}
            assert shown["withdrawn"].withdrawn
            assert not shown["open"].withdrawn
            assert b'"erased"' not in hub.path.read_bytes()


def test_a_branch_parts_in_mid_block_and_at_the_first_change(make: Make, form: str, tmp_path: Path) -> None:
    """The place where logs part may be the first change, the end of a block of the chain, or the next one."""
    for common in (0, 63, 64, 65):
        bo, hub = make(f"bo{common}"), make(f"hub{common}")
        with bo.transaction():
            write(bo, form, *(f"common {n}" for n in range(common)))
        with Replica.open(copied(bo, tmp_path / f"copy{common}.db")) as copy:
            write(bo, form, *(f"bo {n}" for n in range(3)))
            with copy.transaction():
                write(copy, form, *(f"copy {n}" for n in range(130)))
            problems(hub, bo, copy)
            (finding,) = mend(hub).done
            assert finding.number == common + 1
            assert hub.counts()["records"] == common + 133
        assert verify(hub).problems == []


def test_a_key_signs_what_was_written_under_former_names(make: Make, form: str, tmp_path: Path) -> None:
    """A store that took a new name signs what it wrote under the old one too, so that hubs can take it."""
    bo, hub = make("bo"), make("hub")
    key = keys.generate()
    bo.sign_tip(key)
    write(bo, form, "before")
    bo.renew()
    write(bo, form, "after")
    assert problems(hub, bo) == ["HW-2012"]
    bo.sign_tip(key)
    assert problems(hub, bo) == []
    assert values(hub) == ["after", "before"]
