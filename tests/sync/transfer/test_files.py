"""Photos and recordings in a sync: both ways, in pieces, and never in anybody's way."""

from __future__ import annotations

from io import BytesIO
from random import Random
from typing import Any

import pytest

from sync import verify
from sync.interest import Interest
from sync.transfer import files
from sync.transfer.take import EVERYTHING
from sync.transfer.transport import Refused, Told
from tests.sync.transfer.roads import Direct, MakeStation, Station, outcome

MINE = Interest(frozenset({"p:me"}), frozenset({"v:1"}))
AWAY = Interest(frozenset({"p:me"}), frozenset({"v:2"}), frozenset({"v:1"}))


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces of a kilobyte."""
    monkeypatch.setattr(files, "PIECE", 1000)


def photo(station: Station, seed: int, *scopes: str) -> str:
    """A record with a photo of some kilobytes; the photo's digest."""
    digest = station.replica.put_media(Random(seed).randbytes(3500), "image/jpeg")
    station.replica.save(form=station.form, answers={"/data/name": digest}, author="p", scopes=scopes)
    return digest


def has(station: Station, digest: str) -> bool:
    """Whether a file is here."""
    return station.replica.media(digest).exists()


def test_files_go_both_ways_in_pieces(station: MakeStation) -> None:
    """Between replicas that hold everything; a second sync asks for nothing."""
    hub, chief = station("hub"), station("chief")
    up, down = photo(chief, 1), photo(hub, 2)
    road = chief.to(hub)
    report = chief.sync(hub, road)
    assert (report.media_sent, report.media_received, report.media_missing) == (1, 1, 0)
    assert has(hub, up)
    assert has(chief, down)
    assert road.calls.count("piece") == 4
    for each in (hub, chief):
        assert verify(each.replica).problems == []
    road = chief.to(hub)
    chief.sync(hub, road)
    assert road.calls == ["hello"]


@pytest.mark.parametrize("seed", range(4))
def test_a_cut_costs_a_piece(station: MakeStation, seed: int) -> None:
    """Over a road that breaks, all files arrive whole on both sides, and what was taken stays taken."""
    hub, chief = station("hub"), station("chief")
    up, down = [photo(chief, n) for n in range(3)], [photo(hub, n) for n in range(10, 13)]
    chance = Random(seed)
    for _ in range(30):
        code = outcome(chief, hub, Random(chance.random()))
        assert code in ("", "HW-2052", "HW-2036", "HW-2037")
        if not code:
            break
    chief.sync(hub)
    assert all(has(hub, each) for each in up)
    assert all(has(chief, each) for each in down)


def test_a_wrong_beginning_is_begun_again(station: MakeStation) -> None:
    """What somebody else began wrongly is thrown away at the end, and the file is sent once more."""
    hub, chief = station("hub"), station("chief")
    digest = photo(chief, 1)
    hub.replica.append_media(digest, 0, BytesIO(b"x" * 1000), 3500, "image/jpeg")
    report = chief.sync(hub)
    assert (report.media_sent, report.problems) == (1, [])
    assert has(hub, digest)


def test_a_file_that_does_not_go_over_holds_up_nothing(station: MakeStation) -> None:
    """One that is refused, altered or gone is told with HW-2056; the others and all records go."""

    class Picky(Direct):
        """Refuses one file."""

        bad = ""

        def send_piece(self, digest: str, *more: Any) -> Any:
            if digest == self.bad:
                raise Refused(Told("HW-3008", digest, {}, "Too large.", "Smaller."))
            return super().send_piece(digest, *more)

    hub, chief = station("hub"), station("chief")
    refused, altered, fine = (photo(chief, n) for n in (1, 2, 3))
    chief.replica.media(altered).write_bytes(b"y" * 3500)
    road = Picky(hub.path, hub.key, chief.replica.name)
    road.bad = refused
    report = chief.sync(hub, road)
    assert sorted((p.code, p.place) for p in report.problems) == sorted(
        [("HW-2056", refused), ("HW-2056", altered)]
    )
    assert (report.complete, has(hub, fine)) == (True, True)
    assert sorted(hub.replica.media_missing()) == sorted([refused, altered])


def test_what_is_nowhere_is_counted_and_comes_later(station: MakeStation) -> None:
    """A file that the hub does not have yet is missing, not a fault; once it is there it comes."""
    hub, chief = station("hub"), station("chief")
    digest = photo(hub, 1)
    path = hub.replica.media(digest)
    data = path.read_bytes()
    path.unlink()
    report = chief.sync(hub)
    assert (report.media_missing, report.problems) == (1, [])
    hub.replica.put_media(data, "image/jpeg")
    assert chief.sync(hub).media_received == 1


def test_a_field_device_sends_its_own_and_is_given_what_its_records_show(station: MakeStation) -> None:
    """Not what only a draft shows, and nothing that belongs to others."""
    hub, me = station("hub"), station("me")
    own = photo(me, 1, "p:me", "v:1")
    draft = me.replica.put_media(b"a draft's photo", "image/jpeg")
    theirs = photo(hub, 2, "p:other", "v:1")
    for_me = photo(hub, 3, "p:me", "v:1")
    report = me.sync(hub, me.to(hub, interest=MINE))
    assert (report.media_sent, report.media_received, report.media_missing) == (1, 1, 0)
    assert has(hub, own)
    assert not has(hub, draft)
    assert has(me, for_me)
    assert me.replica.media_type(theirs) is None


def test_the_file_of_a_record_that_left_goes_when_the_hub_has_it(station: MakeStation) -> None:
    """Not before; then the file and what is known of it, and it does not come again."""
    hub, me = station("hub"), station("me")
    digest = photo(me, 1, "p:me", "v:1")
    me.sync(hub, me.to(hub, interest=MINE))
    data = hub.replica.media(digest).read_bytes()
    hub.replica.media(digest).unlink()
    hub.replica.db.execute("INSERT INTO backed_up SELECT replica, tip, '' FROM log")

    class Full(Direct):
        """A hub whose disk takes no photos."""

        def send_piece(self, digest: str, *more: Any) -> Any:
            raise OSError(28, "no space")

    report = me.sync(hub, Full(hub.path, hub.key, me.replica.name, AWAY))
    assert len(report.left) == 1
    assert has(me, digest)
    report = me.sync(hub, me.to(hub, interest=AWAY))
    assert report.media_sent == 1
    assert not has(me, digest)
    assert hub.replica.media(digest).read_bytes() == data
    assert (me.replica.media_type(digest), me.sync(hub, me.to(hub, interest=AWAY)).media_missing) == (None, 0)


def test_erased_media_are_not_offered_again(station: MakeStation) -> None:
    """The hub does not want what went with an erased record, whoever still has the file."""
    hub, chief = station("hub"), station("chief")
    digest = photo(chief, 1)
    chief.sync(hub)
    record = next(state.record for state in hub.replica.states())
    hub.replica.erase(record, "so", author="p")
    assert not has(hub, digest)
    rows = [[digest, "image/jpeg", 3500, "0" * 16]]
    assert files.offered(hub.replica, rows, EVERYTHING) == []
    chief.sync(hub)
    assert not has(chief, digest)
    assert not has(hub, digest)
