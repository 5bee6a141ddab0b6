"""The road of a stick: what is written into a bundle comes out of it, once and whole."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync import Replica, SyncError, keys, merge, verify
from sync.canonical import sha
from sync.names import ALPHABET, replica_number
from sync.replica import intake, sighting
from sync.transfer import bundle, known, pack
from sync.transfer import manifest as manifests
from sync.transfer.manifest import Counts, LogSpan, Manifest, PartInfo
from sync.transfer.seal import lid_for
from sync.transfer.zips import ZipWriter
from tests.sync.bundles import Make, answer, making, resigned


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Replicas with folders of their own."""
    with making(tmp_path) as build:
        yield build


def codes(error: pytest.ExceptionInfo[SyncError]) -> str:
    """The number of a problem that was raised."""
    return error.value.problem.code


def test_a_round_trip_gives_the_same_state(make: Make, form: str, tmp_path: Path) -> None:
    """Records, conflicts, reviews, documents, media and their proofs come out as they went in; again, nothing
    is written; the intake says by which road and what the writer had is noted."""
    anna, bo, hub = make("anna"), make("bo"), make("hub")
    record = anna.save(form=form, answers={"/data/name": "甲"}, author="a")
    merge(bo, [anna.path])
    answer(anna, record, form, "乙")
    answer(bo, record, form, "丙")
    for number in range(200):
        bo.save(form=form, answers={"/data/name": str(number)}, author="b")
    photo = anna.put_media(b"photo" * 100_000, "image/jpeg")
    merge(anna, [bo.path])
    anna.review(record, "has_issues", "which?", author="s")
    anna.put_document("note", "x", b"y", ["v:1"])
    written = pack.write(anna, tmp_path / "anna.homeward")
    assert not written.signed
    assert (written.changes_left, written.media_left) == (0, 0)
    (source,) = merge(hub, [tmp_path / "anna.homeward"]).sources
    assert source.problems == []
    assert (source.taken, source.already, source.media) == (204, 0, 1)
    (by_file,) = merge(make("other"), [anna.path]).sources
    assert source.as_dict() == by_file.as_dict() | {"path": source.path}
    assert hub.state_digest() == anna.state_digest()
    assert hub.media(photo).read_bytes() == b"photo" * 100_000
    note = hub.document_named("note", "x")
    assert note is not None
    assert (note.data, note.scopes) == (b"y", ("v:1",))
    assert verify(hub).sound
    (noted,) = intake.rows(hub.db)
    assert (noted.road, noted.source) == (intake.BUNDLE, str(tmp_path / "anna.homeward"))
    seen = {(each.replica, each.source, each.number) for each in sighting.rows(hub.db)}
    assert seen == {
        (replica_number(anna.name), anna.name, 3),
        (replica_number(bo.name), anna.name, 201),
    }
    before = hub.path.read_bytes()
    (again,) = merge(hub, [tmp_path / "anna.homeward"]).sources
    assert (again.taken, again.already, again.documents, again.media) == (0, 204, 0, 0)
    assert hub.path.read_bytes() == before


def test_any_zip_tool_opens_it(make: Make, form: str, tmp_path: Path) -> None:
    """The file is a ZIP of stored entries: a standard reader lists, checks and reads them."""
    anna = make("anna")
    anna.save(form=form, answers={"/data/name": "甲"}, author="a")
    photo = anna.put_media(b"photo", "image/jpeg")
    written = pack.write(anna, tmp_path / "a.homeward", drafts=b'["draft"]', draft_count=1)
    with zipfile.ZipFile(tmp_path / "a.homeward") as file:
        assert file.testzip() is None
        assert file.namelist() == [
            "changes-00001.lines.gz",
            "drafts.json",
            f"media/{photo}",
            "bundle.json",
            "bundle.sig",
        ]
        assert file.read("drafts.json") == b'["draft"]'
        assert file.read(f"media/{photo}") == b"photo"
        assert json.loads(file.read("bundle.json")) == written.manifest.as_dict()
    assert bundle.inspect(tmp_path / "a.homeward") == written.manifest
    assert bundle.check(tmp_path / "a.homeward") == written.manifest


def test_beyond_four_gigabytes_it_is_the_same(tmp_path: Path) -> None:
    """Places that 32 bits cannot hold are found by a standard reader: entries behind a hole of five gigabytes."""
    with (tmp_path / "large.zip").open("wb") as file:
        file.seek(5 << 30)
        writer = ZipWriter(file)
        for name in ("one", "two"):
            with writer.entry(name) as entry:
                entry.write(name.encode())
        writer.close()
    with zipfile.ZipFile(tmp_path / "large.zip") as found:
        assert found.testzip() is None
        assert found.read("two") == b"two"
        assert found.infolist()[0].header_offset == 5 << 30


def test_drafts_are_kept_apart(make: Make, form: str, tmp_path: Path) -> None:
    """Drafts come out as they went in, and no record is made of them."""
    anna, hub = make("anna"), make("hub")
    pack.write(anna, tmp_path / "a.homeward", drafts="[{}]甲".encode(), draft_count=1)
    with bundle.opened(tmp_path / "a.homeward") as opened:
        assert opened.drafts() == "[{}]甲".encode()
        assert opened.manifest.counts.drafts == 1
    assert merge(hub, [tmp_path / "a.homeward"]).taken == 0
    assert hub.counts()["records"] == 0


def test_only_what_the_other_side_lacks_is_given(make: Make, form: str, tmp_path: Path) -> None:
    """After the hub was seen to have a log, a bundle holds what came later; a sighting of another log of that name
    counts for nothing."""
    anna, hub = make("anna"), make("hub")
    record = anna.save(form=form, answers={"/data/name": "甲"}, author="a")
    merge(hub, [anna.path])
    pack.write(hub, tmp_path / "hub.homeward")
    merge(anna, [tmp_path / "hub.homeward"])
    answer(anna, record, form, "乙")
    since = known.by_sightings(anna, hub.name)
    assert since.logs == {anna.name: 1}
    written = pack.write(anna, tmp_path / "a.homeward", since=since, hub=hub.name)
    (log,) = written.manifest.logs
    assert (log.first, log.last, log.tip) == (2, 2, 2)
    assert merge(hub, [tmp_path / "a.homeward"]).taken == 1
    assert hub.state_digest() == anna.state_digest()
    with anna.transaction():
        anna.db.execute("UPDATE sighting SET digest = ?", (sha("another log"),))
    assert known.by_sightings(anna, hub.name).logs == {}


def test_a_plain_mapping_says_where_to_begin(make: Make, form: str, tmp_path: Path) -> None:
    """`since` may be what a hub says in its greeting: of each log a number; more than is here leaves nothing."""
    anna, bo = make("anna"), make("bo")
    for number in range(5):
        anna.save(form=form, answers={"/data/name": str(number)}, author="a")
    bo.save(form=form, answers={"/data/name": "b"}, author="b")
    merge(anna, [bo.path])
    written = pack.write(anna, tmp_path / "a.homeward", since={anna.name: 3, bo.name: 9})
    assert {(log.replica, log.first, log.last, log.tip) for log in written.manifest.logs} == {
        (anna.name, 4, 5, 5),
        (bo.name, 2, 1, 1),
    }
    assert bundle.check(tmp_path / "a.homeward") == written.manifest


def test_since_an_earlier_bundle(make: Make, form: str, tmp_path: Path) -> None:
    """What an earlier bundle held (changes, documents, media) is not given again; one of somebody else says
    nothing (HW-2048), one of the hub says what the hub has."""
    anna, bo, hub = make("anna"), make("bo"), make("hub")
    anna.save(form=form, answers={"/data/name": "1"}, author="a")
    first_photo = anna.put_media(b"first", "image/jpeg")
    one = pack.write(anna, tmp_path / "1.homeward").manifest
    record = anna.save(form=form, answers={"/data/name": "2"}, author="a")
    second_photo = anna.put_media(b"second", "image/jpeg")
    anna.put_document("note", "x", b"y")
    two = pack.write(anna, tmp_path / "2.homeward", since=known.by_bundle(anna, one)).manifest
    assert (two.counts.changes, two.counts.documents, two.counts.media) == (1, 1, 1)
    assert [part.medium for part in two.parts if part.medium] == [second_photo]
    for name in ("2.homeward", "1.homeward", "2.homeward"):
        merge(hub, [tmp_path / name])
    assert hub.state_digest() == anna.state_digest()
    assert hub.media(first_photo).exists()
    assert hub.media_missing() == []
    with pytest.raises(SyncError) as error:
        known.by_bundle(bo, one)
    assert codes(error) == "HW-2048"
    from_hub = pack.write(hub, tmp_path / "hub.homeward").manifest
    answer(anna, record, form, "3")
    assert known.by_bundle(anna, from_hub, hub.name).logs == {anna.name: 2}


def test_a_hub_at_hand_says_what_it_has(make: Make, form: str, tmp_path: Path) -> None:
    """The hub's database itself says what it has of logs, documents and media, and is not written to."""
    anna = make("anna")
    anna.save(form=form, answers={"/data/name": "1"}, author="a")
    anna.put_media(b"first", "image/jpeg")
    with Replica.create(tmp_path / "office" / "hub.db") as hub:
        merge(hub, [anna.path])
        name = hub.name
    before = (tmp_path / "office" / "hub.db").read_bytes()
    anna.save(form=form, answers={"/data/name": "2"}, author="a")
    anna.put_media(b"second", "image/jpeg")
    found = known.by_file(anna, tmp_path / "office" / "hub.db")
    assert (found.name, found.seal, found.known.logs) == (name, "", {anna.name: 1})
    written = pack.write(anna, tmp_path / "a.homeward", since=found.known)
    assert written.manifest.counts == Counts(changes=1, documents=0, media=1, drafts=0, known=2)
    assert (tmp_path / "office" / "hub.db").read_bytes() == before


def test_a_gap_names_what_is_missing(make: Make, form: str, tmp_path: Path) -> None:
    """A bundle that begins after what the hub has: that log is set aside with the first change that is missing, the
    other logs are taken; with the missing bundle first, all is."""
    anna, bo, hub = make("anna"), make("bo"), make("hub")
    for number in range(5):
        anna.save(form=form, answers={"/data/name": str(number)}, author="a")
    bo.save(form=form, answers={"/data/name": "b"}, author="b")
    merge(anna, [bo.path])
    pack.write(anna, tmp_path / "late.homeward", since={anna.name: 3})
    pack.write(anna, tmp_path / "all.homeward")
    (source,) = merge(hub, [tmp_path / "late.homeward"]).sources
    assert [(problem.code, problem.place) for problem in source.problems] == [("HW-2014", f"{anna.name}-1")]
    assert source.taken == 1
    (kept,) = hub.quarantined()
    assert len(list(hub.kept_changes(kept.id))) == kept.count == 2
    merge(hub, [tmp_path / "all.homeward", tmp_path / "late.homeward"])
    assert hub.state_digest() == anna.state_digest()


def test_a_large_log_comes_in_several_parts(
    make: Make, form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After so many changes a new part begins; of a signed log where its author signed. Together they are the
    log."""
    monkeypatch.setattr(pack, "PART_CHANGES", 10)
    anna, hub = make("anna"), make("hub")
    key = keys.generate()
    for number in range(35):
        anna.save(form=form, answers={"/data/name": str(number)}, author="a")
        if number in (3, 17, 30):
            anna.sign_tip(key)
    plain = pack.write(make("empty"), tmp_path / "empty.homeward").manifest
    assert [part.name for part in plain.parts] == ["changes-00001.lines.gz"]
    told: list[tuple[int, int]] = []
    written = pack.write(
        anna, tmp_path / "a.homeward", sign=key, progress=lambda done, of: told.append((done, of))
    )
    assert written.signed
    assert sum(part.is_lines for part in written.manifest.parts) > 1
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1] > 0
    assert merge(hub, [tmp_path / "a.homeward"]).taken == 35
    assert hub.state_digest() == anna.state_digest()
    assert verify(hub).sound
    heads = [part.head.last for part in all_stretches(tmp_path / "a.homeward")]
    assert heads == [4, 18, 31, 35], "a log is cut only where it is signed"


def all_stretches(path: Path) -> list[bundle.Stretch]:
    """The stretches of a bundle, in order."""
    with bundle.opened(path) as opened:
        return [part for part in opened.parts() if isinstance(part, bundle.Stretch)]


def test_what_is_not_signed_waits(make: Make, form: str, tmp_path: Path) -> None:
    """Changes of a keyed device after its last signature stay with whoever carries them, and are counted."""
    anna, bo = make("anna"), make("bo")
    key = keys.generate()
    anna.save(form=form, answers={"/data/name": "1"}, author="a")
    anna.sign_tip(key)
    merge(bo, [anna.path])
    anna.save(form=form, answers={"/data/name": "2"}, author="a")
    written = pack.write(anna, tmp_path / "unsigned.homeward")
    assert (written.signed, written.changes_left, written.manifest.counts.changes) == (False, 1, 1)
    written = pack.write(anna, tmp_path / "signed.homeward", sign=key)
    assert (written.signed, written.changes_left, written.manifest.counts.changes) == (True, 0, 2)
    (log,) = pack.write(bo, tmp_path / "bo.homeward").manifest.logs
    assert (log.last, log.tip) == (1, 1)


def test_the_writers_signature_is_checked(make: Make, form: str, tmp_path: Path) -> None:
    """Where the writer's key is known, the bundle must be signed by it; where none is known, its own signature must
    fit, and a key that it brings itself must be the one that signed."""
    anna, hub = make("anna"), make("hub")
    key, other = keys.generate(), keys.generate()
    anna.save(form=form, answers={"/data/name": "1"}, author="a")
    pack.write(anna, tmp_path / "none.homeward")
    pack.write(anna, tmp_path / "first.homeward", sign=other)
    anna.sign_tip(key)
    with pytest.raises(SyncError) as error:
        pack.write(anna, tmp_path / "never.homeward", sign=other)
    assert codes(error) == "HW-2013"
    pack.write(anna, tmp_path / "good.homeward", sign=key)
    pack.write(anna, tmp_path / "unsigned.homeward")
    assert merge(make("fresh"), [tmp_path / "first.homeward"]).taken == 1
    assert merge(hub, [tmp_path / "good.homeward"]).taken == 1
    for name, code in (("unsigned", "HW-2044"), ("none", "HW-2044"), ("first", "HW-2013")):
        (source,) = merge(hub, [tmp_path / f"{name}.homeward"]).sources
        assert [problem.code for problem in source.problems] == [code], name
    with pytest.raises(SyncError) as error:
        bundle.check(tmp_path / "good.homeward", (keys.public_text(other),))
    assert codes(error) == "HW-2013"
    assert bundle.check(tmp_path / "good.homeward", (keys.public_text(key),)).writer == anna.name


def test_a_bundle_cannot_bring_a_key_that_contradicts_its_signature(
    make: Make, form: str, tmp_path: Path
) -> None:
    """A bundle signed by one key that makes another one known for its writer is refused whole."""
    anna, hub = make("anna"), make("hub")
    anna.save(form=form, answers={"/data/name": "1"}, author="a")
    empty = hub.state_digest()
    key = keys.generate()
    anna.sign_tip(key)
    pack.write(anna, tmp_path / "b.homeward", sign=key)
    resigned(tmp_path / "b.homeward", keys.generate())
    (source,) = merge(hub, [tmp_path / "b.homeward"]).sources
    assert [problem.code for problem in source.problems] == ["HW-2013"]
    assert hub.state_digest() == empty
    assert hub.documents(keys.KEY_KIND) == []


def test_a_fork_is_set_aside_and_the_rest_is_taken(
    make: Make, form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log that went on twice under one name is set aside with its reason, once, though it comes in several parts;
    the other logs of the bundle are taken."""
    monkeypatch.setattr(pack, "PART_CHANGES", 2)
    with Replica.create(tmp_path / "copy" / "anna.db", name="7aaaaaaa") as copy:
        copy.put_form("test", "1", b"<h:html/>", [])
        for number in range(7):
            copy.save(form=copy.documents("form")[0].id, answers={"/data/x": f"copy {number}"}, author="a")
        bo = make("bo")
        bo.save(form=form, answers={"/data/name": "b"}, author="b")
        merge(copy, [bo.path])
        pack.write(copy, tmp_path / "copy.homeward")
    hub = make("hub")
    with Replica.create(tmp_path / "anna.db", name="7aaaaaaa") as anna:
        anna.put_form("test", "1", b"<h:html/>", [])
        anna.save(form=anna.documents("form")[0].id, answers={"/data/x": "original"}, author="a")
        merge(hub, [anna.path])
    (source,) = merge(hub, [tmp_path / "copy.homeward"]).sources
    assert [(problem.code, problem.place) for problem in source.problems] == [("HW-2011", "7aaaaaaa-1")]
    assert source.taken == 1
    assert len(hub.quarantined()) == 1
    assert verify(hub).sound


def test_erased_records_stay_erased(make: Make, form: str, tmp_path: Path) -> None:
    """Payloads that were destroyed are given as gone, with the proof; whoever has them still destroys them; media that
    went with them do not come."""
    anna, hub, late = make("anna"), make("hub"), make("late")
    photo = anna.put_media(b"her face", "image/jpeg")
    secret = anna.save(form=form, answers={"/data/name": photo}, author="a")
    anna.save(form=form, answers={"/data/name": "stays"}, author="a")
    pack.write(anna, tmp_path / "before.homeward")
    merge(late, [tmp_path / "before.homeward"])
    assert late.media(photo).exists()
    merge(hub, [anna.path])
    hub.erase(secret, "her wish", author="s")
    pack.write(hub, tmp_path / "hub.homeward")
    merge(anna, [tmp_path / "hub.homeward"])
    pack.write(anna, tmp_path / "after.homeward")
    fresh = make("fresh")
    for replica in (late, fresh):
        (source,) = merge(replica, [tmp_path / "after.homeward"]).sources
        assert source.problems == []
        assert replica.state_digest() == hub.state_digest()
        assert not replica.media(photo).exists()
        assert replica.state(secret).answers == {}
        assert verify(replica).sound
    merge(fresh, [tmp_path / "before.homeward"])
    assert not fresh.media(photo).exists(), "an old bundle does not bring back what was erased"
    assert fresh.state_digest() == hub.state_digest()


def test_excerpts_are_not_handed_on(make: Make, form: str, tmp_path: Path) -> None:
    """Changes of others that came by scope, without their log, are in no bundle."""
    from sync.change import parse_header
    from sync.replica import excerpt

    anna, hub, phone = make("anna"), make("hub"), make("phone")
    record = anna.save(form=form, answers={"/data/name": "甲"}, author="a")
    merge(hub, [anna.path])
    merge(phone, [anna.path])
    name = hub.review(record, "approved", author="s")
    (header, payload) = hub.db.execute(
        "SELECT header, payload FROM change WHERE record IS NOT NULL"
    ).fetchone()
    with phone.transaction():
        excerpt.put(phone.db, [(parse_header(header), header, payload)], "2021-01-01T00:00:00.000Z")
    assert phone.state(record).review.state == "approved"
    pack.write(phone, tmp_path / "p.homeward")
    other = make("other")
    merge(other, [tmp_path / "p.homeward"])
    assert other.state(record).review.state == "received"
    assert name not in {change.name for change in other.history(record)}


def test_a_file_of_that_name_is_not_replaced(make: Make, tmp_path: Path) -> None:
    """HW-2030 for a name that is taken; a writing that fails leaves nothing; what a killed one left goes away."""
    anna = make("anna")
    (tmp_path / "a.homeward").write_bytes(b"mine")
    with pytest.raises(SyncError) as error:
        pack.write(anna, tmp_path / "a.homeward")
    assert codes(error) == "HW-2030"
    assert (tmp_path / "a.homeward").read_bytes() == b"mine"
    (tmp_path / ".b.homeward.0123abcd.part").write_bytes(b"half")

    def stop(done: int, of: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pack.write(anna, tmp_path / "b.homeward", progress=stop)
    assert [path.name for path in tmp_path.iterdir() if "b.homeward" in path.name] == []


def test_a_damaged_photo_is_left_out_and_named(make: Make, tmp_path: Path) -> None:
    """A photo whose bytes are not what its name says does not go into the bundle; the others do."""
    anna, hub = make("anna"), make("hub")
    good, bad = anna.put_media(b"good", "image/jpeg"), anna.put_media(b"bad", "image/jpeg")
    anna.media(bad).write_bytes(b"BAD")
    written = pack.write(anna, tmp_path / "a.homeward")
    assert [(problem.code, problem.place) for problem in written.problems] == [("HW-2025", bad)]
    assert written.manifest.counts.media == 1
    merge(hub, [tmp_path / "a.homeward"])
    assert hub.media(good).exists()
    assert hub.media_missing() == [bad]
    assert pack.write(anna, tmp_path / "none.homeward", media="none").manifest.counts.media == 0


names = st.builds(
    lambda first, rest: first + rest,
    st.sampled_from("0123456789abcdef"),
    st.text(ALPHABET, min_size=7, max_size=7),
)
digests = st.binary(min_size=1, max_size=4).map(sha)
hexes = st.text("0123456789abcdef", min_size=64, max_size=64)
numbers = st.integers(0, 1 << 20)


@st.composite
def spans(draw: st.DrawFn) -> LogSpan:
    """What is said of a log."""
    first = draw(st.integers(1, 1000))
    last = draw(st.integers(first - 1, 2000))
    tip = draw(st.integers(max(1, last), 3000))
    return LogSpan(draw(names), first, last, draw(digests), tip, draw(digests))


@st.composite
def whole_manifests(draw: st.DrawFn) -> Manifest:
    """Manifests that a writer could make."""
    logs = draw(st.lists(spans(), max_size=5, unique_by=lambda span: span.replica))
    lines = [manifests.lines_name(n + 1) for n in range(draw(st.integers(1, 4)))]
    media = [manifests.media_name(each) for each in draw(st.lists(hexes, max_size=4, unique=True))]
    with_drafts = draw(st.booleans())
    parts = [*lines, *([manifests.DRAFTS] if with_drafts else []), *media]
    hub = draw(st.one_of(st.just(""), names))
    made = "2021-01-05T09:00:00.000Z"
    writer = draw(names)
    return Manifest(
        writer=writer,
        made=made,
        hub=hub,
        logs=tuple(logs),
        counts=Counts(
            sum(log.count for log in logs), draw(numbers), len(media), draw(numbers), draw(numbers)
        ),
        documents_to=draw(numbers),
        documents_digest=draw(digests),
        parts=tuple(PartInfo(name, draw(numbers), draw(hexes)) for name in parts),
        seal=lid_for(PUBLIC, (writer, made, hub))[0] if hub and draw(st.booleans()) else None,
        abilities=tuple(sorted(draw(st.sets(st.sampled_from(sorted(manifests.ABILITIES)))))),
    )


PUBLIC = keys.public_text(keys.generate())


@settings(max_examples=100, deadline=None)
@given(whole_manifests())
def test_a_manifest_is_read_as_it_was_written(manifest: Manifest) -> None:
    """Encoding and decoding give the same manifest, and the same bytes."""
    text = manifest.encode()
    assert manifests.decode(text.encode(), "x") == manifest
    assert manifests.decode(text.encode(), "x").encode() == text


@settings(max_examples=100, deadline=None)
@given(whole_manifests(), st.data())
def test_a_manifest_that_is_none_is_refused_by_number(manifest: Manifest, data: st.DataObject) -> None:
    """Whatever stands in place of a member, the answer is a manifest or a numbered problem."""
    found = manifest.as_dict()
    key = data.draw(st.sampled_from(sorted(found)))
    json_values = st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text()),
        lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)),
        max_leaves=8,
    )
    found[key] = data.draw(json_values)
    number, again = decoded(json.dumps(found).encode())
    assert number in {"", "HW-2040", "HW-2043"}
    assert again is None or decoded(again.encode().encode()) == ("", again)


def decoded(data: bytes) -> tuple[str, Manifest | None]:
    """A manifest, or the number of the problem."""
    try:
        return "", manifests.decode(data, "x")
    except SyncError as error:
        return error.problem.code, None


def test_a_newer_version_says_what_it_needs(make: Make, tmp_path: Path) -> None:
    """A format or an ability that is not known here: HW-2043, with what is needed; an ability that is known and not
    used is no hindrance."""
    anna = make("anna")
    found = pack.write(anna, tmp_path / "a.homeward").manifest.as_dict()
    for change, needed in (({"format": 2}, "2"), ({"abilities": ["lines-9", "media-1"]}, "1, lines-9")):
        with pytest.raises(SyncError) as error:
            manifests.decode(json.dumps(found | change).encode(), "x")
        assert codes(error) == "HW-2043"
        assert error.value.problem.params["needed"] == needed
    assert manifests.decode(json.dumps(found | {"abilities": sorted(manifests.ABILITIES)}).encode(), "x")
