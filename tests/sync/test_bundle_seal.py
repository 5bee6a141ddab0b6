"""Sealed bundles: what only the hub can open, and what anybody may read of them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync import Replica, SyncError, keys, merge, verify
from sync.transfer import bundle, known, pack, seal
from sync.transfer.seal import FRAME, TAG, Sealer, lid_for, opened, sealed_size, secret_of
from tests.sync.bundles import Make, busy, entries, making, put_together, rewritten


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Replicas with folders of their own."""
    with making(tmp_path) as build:
        yield build


KEY = keys.generate()
PUBLIC = keys.public_text(KEY)


def finder(hub: Replica, key: keys.PrivateKey = KEY) -> seal.Find:
    """The hub's key for the hub's name, and nothing else."""
    return lambda name: key if name == hub.name else None


def sealed(anna: Replica, hub: Replica, path: Path, **given: object) -> Path:
    """A bundle of `anna` for `hub` alone."""
    pack.write(anna, path, hub=hub.name, seal_to=PUBLIC, **given)  # type: ignore[arg-type]
    return path


def test_a_sealed_round_trip(make: Make, form: str, tmp_path: Path) -> None:
    """What is sealed to a hub comes out there whole, photos and drafts too; again, it brings nothing."""
    anna, hub = busy(make("anna"), form), make("hub")
    big = anna.put_media(random.Random(1).randbytes(3 * FRAME), "audio/ogg")
    path = sealed(anna, hub, tmp_path / "a.homeward", drafts=b'["draft"]', draft_count=1)
    (source,) = merge(hub, [path], find=finder(hub)).sources
    assert source.problems == []
    assert hub.state_digest() == anna.state_digest()
    assert hub.media_missing() == []
    assert hub.media(big).stat().st_size == 3 * FRAME
    assert verify(hub).sound
    assert bundle.check(path, find=finder(hub)).seal is not None
    with bundle.opened(path) as found:
        found.unlock(finder(hub))
        assert found.drafts() == b'["draft"]'
    before = hub.path.read_bytes()
    assert merge(hub, [path], find=finder(hub)).taken == 0
    assert hub.path.read_bytes() == before


def test_another_hub_cannot_open_it(make: Make, form: str, tmp_path: Path) -> None:
    """Without the key HW-2045, with another one HW-2046; nothing is taken; that the file is whole can be told all
    the same."""
    anna, hub, other = busy(make("anna"), form), make("hub"), make("other")
    path = sealed(anna, hub, tmp_path / "a.homeward")
    stranger = keys.generate()
    empty = other.state_digest()
    for find, code in (
        (None, "HW-2045"),
        (finder(other), "HW-2045"),
        (finder(hub, stranger), "HW-2046"),
    ):
        (source,) = merge(other, [path], find=find).sources
        assert [problem.code for problem in source.problems] == [code]
    assert other.state_digest() == empty
    assert other.counts()["documents"] == 2
    assert bundle.check(path).hub == hub.name
    data = bytearray(path.read_bytes())
    data[500] ^= 1
    path.write_bytes(data)
    with pytest.raises(SyncError) as error:
        bundle.check(path)
    assert error.value.problem.code == "HW-2040"


def test_nothing_about_people_stays_readable(make: Make, form: str, tmp_path: Path) -> None:
    """Without the key nobody learns an answer, a scope, a person, a document's name or which photo is in it."""
    anna, hub = busy(make("anna"), form), make("hub")
    anna.save(form=form, answers={"/data/name": "13800001111"}, author="person-1", scopes=["v:140521901901"])
    photo = anna.put_media(b"her face", "image/jpeg")
    data = sealed(anna, hub, tmp_path / "a.homeward").read_bytes()
    readable = data + b"".join(entries(tmp_path / "a.homeward").values())
    plain = ["13800001111", "person-1", "v:140521901901", "甲", "note", "image/jpeg", "her face", photo, form]
    assert [text for text in plain if text.encode() in readable] == []
    manifest = bundle.inspect(tmp_path / "a.homeward")
    assert (manifest.writer, manifest.hub, manifest.counts.media) == (anna.name, hub.name, 4)
    assert len(entries(tmp_path / "a.homeward")) == 7


def test_parts_cannot_be_swapped_cut_or_taken_from_another_bundle(
    make: Make, form: str, tmp_path: Path
) -> None:
    """A sealed part belongs to its name and its bundle: exchanged, shortened by a frame, or of another bundle to the
    same hub, it does not open (HW-2046), though all sums of the file are right."""
    anna, hub = busy(make("anna"), form), make("hub")
    anna.put_media(random.Random(1).randbytes(2 * FRAME), "audio/ogg")
    path = sealed(anna, hub, tmp_path / "a.homeward")
    parts = entries(path)
    lines = "changes-00001.lines.gz"
    others = entries(sealed(anna, hub, tmp_path / "b.homeward"))
    photo, other_photo, *_ = sorted(
        (name for name in parts if name.startswith("media/")), key=lambda name: len(parts[name])
    )
    big = max((name for name in parts if name.startswith("media/")), key=lambda name: len(parts[name]))
    frame = FRAME + TAG
    turned = parts[big][frame : 2 * frame] + parts[big][:frame] + parts[big][2 * frame :]
    target = make("target")
    empty = target.state_digest()
    for change in (
        {lines: others[lines]},
        {lines: parts[lines][:-1]},
        {lines: parts[photo]},
        {photo: parts[other_photo], other_photo: parts[photo]},
        {big: parts[big][:frame]},
        {big: turned},
    ):
        rewritten(path, tmp_path / "bad.homeward", change)
        (source,) = merge(target, [tmp_path / "bad.homeward"], find=lambda name: KEY).sources
        assert {problem.code for problem in source.problems} == {"HW-2046"}, change.keys()
        assert target.state_digest() == empty
        assert target.counts()["media"] == 0
    rewritten(path, tmp_path / "bad.homeward", {}, {"for": anna.name})
    (source,) = merge(hub, [tmp_path / "bad.homeward"], find=lambda name: KEY).sources
    assert [problem.code for problem in source.problems] == ["HW-2046"], "whom it is for is bound too"


def test_since_a_sealed_bundle(make: Make, form: str, tmp_path: Path) -> None:
    """A writer with a key of its own knows the photos of its sealed bundles again, and does not give them twice; one
    without gives them again."""
    anna, hub = make("anna"), make("hub")
    own = keys.generate()
    for key in (own, None):
        name = "signed" if key else "unsigned"
        anna.put_media(name.encode(), "image/jpeg")
        path = sealed(anna, hub, tmp_path / f"1{name}.homeward", sign=key)
        earlier = known.by_bundle(anna, bundle.inspect(path))
        path = sealed(anna, hub, tmp_path / f"2{name}.homeward", sign=key, since=earlier)
        assert bundle.inspect(path).counts.media == (0 if key else 2)


def test_the_key_is_a_document_that_travels(make: Make, form: str, tmp_path: Path) -> None:
    """A replica that once took anything of the hub knows for whom to seal; a second key for the same name is set
    aside (HW-2013), and one of another kind of curve is no document at all (HW-2015)."""
    anna, hub = make("anna"), make("hub")
    with pytest.raises(SyncError) as error:
        known.the_hub(anna)
    assert error.value.problem.code == "HW-2047"
    hub.put_document(keys.SEAL_KIND, hub.name, keys.key_document(hub.name, PUBLIC, keys.SEAL_KIND).encode())
    pack.write(hub, tmp_path / "hub.homeward")
    merge(anna, [tmp_path / "hub.homeward"])
    assert known.the_hub(anna) == (hub.name, PUBLIC)
    rogue = make("rogue")
    other = keys.key_document(hub.name, keys.public_text(keys.generate()), keys.SEAL_KIND)
    rogue.put_document(keys.SEAL_KIND, hub.name, other.encode())
    for source in (rogue.path, tmp_path / "rogue.homeward"):
        if source != rogue.path:
            pack.write(rogue, source)
        (report,) = merge(anna, [source]).sources
        assert [problem.code for problem in report.problems] == ["HW-2013"]
    assert known.the_hub(anna) == (hub.name, PUBLIC)
    broken = make("broken")
    broken.put_document(
        keys.SEAL_KIND, broken.name, keys.key_document(broken.name, "AAAA", keys.SEAL_KIND).encode()
    )
    (report,) = merge(anna, [broken.path]).sources
    assert [problem.code for problem in report.problems] == ["HW-2015"]
    second = make("second")
    second.put_document(
        keys.SEAL_KIND, second.name, keys.key_document(second.name, PUBLIC, keys.SEAL_KIND).encode()
    )
    merge(anna, [second.path])
    with pytest.raises(SyncError) as error:
        known.the_hub(anna)
    assert error.value.problem.code == "HW-2047"
    assert hub.name in error.value.problem.params["known"]


ABOUT = ("0aaaaaaa", "2021-01-05T09:00:00.000Z", "1bbbbbbb")
SIZES = [0, 1, FRAME - 1, FRAME, FRAME + 1, 2 * FRAME, 2 * FRAME + 7]


@pytest.mark.parametrize("size", SIZES)
def test_any_size_is_sealed_and_opened(size: int) -> None:
    """Frames of any number come out as they went in, a full last one too."""
    lid, secret = lid_for(PUBLIC, ABOUT)
    data = random.Random(size).randbytes(size)
    out = bytearray()
    sealer = Sealer(lid, secret, "part", out.extend)
    for start in range(0, size, 70_000):
        sealer.write(data[start : start + 70_000])
    sealer.end()
    assert len(out) == sealed_size(size)
    assert secret_of(lid, KEY) == secret
    assert plain_of(lid, secret, bytes(out)) == data


def plain_of(lid: seal.Lid, secret: bytes, data: bytes, part: str = "part") -> bytes:
    """What is opened."""
    left = memoryview(data)

    def read(length: int) -> bytes:
        nonlocal left
        piece, left = left[:length], left[length:]
        return bytes(piece)

    return b"".join(opened(lid, secret, part, len(data), read))


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 10_000), st.integers(0, 7))
def test_a_flipped_bit_does_not_open(data: bytes, place: int, bit: int) -> None:
    """Any bit of a sealed part that is changed keeps it shut, as does another name."""
    lid, secret = lid_for(PUBLIC, ABOUT)
    out = bytearray()
    sealer = Sealer(lid, secret, "part", out.extend)
    sealer.write(data)
    sealer.end()
    for bad, part in ((bytes(out), "other"), (flipped(out, place, bit), "part"), (bytes(out[:-1]), "part")):
        with pytest.raises(SyncError) as error:
            plain_of(lid, secret, bad, part)
        assert error.value.problem.code == "HW-2046"


def flipped(data: bytearray, place: int, bit: int) -> bytes:
    """The data with one bit changed."""
    copy = bytearray(data)
    copy[place % len(copy)] ^= 1 << bit
    return bytes(copy)


def test_a_sealed_part_by_hand(make: Make, form: str, tmp_path: Path) -> None:
    """The format as it is written down, worked out with nothing but the primitives that Web Crypto has."""
    import json
    from hashlib import sha256

    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    from sync.canonical import to_base64url

    anna, hub = make("anna"), make("hub")
    photo = anna.put_media(b"her face", "image/jpeg")
    found = entries(sealed(anna, hub, tmp_path / "a.homeward"))
    manifest = json.loads(found["bundle.json"])
    lid = manifest["seal"]
    text = json.dumps(
        ["sealed", "1", lid["to"], lid["once"], manifest["writer"], manifest["made"], manifest["for"]],
        separators=(",", ":"),
    )
    digest = sha256(text.encode()).digest()
    secret = KEY.exchange(ec.ECDH(), keys.load_public(lid["once"]))
    name = next(name for name in found if name.startswith("media/"))
    key = HKDF(SHA256(), 32, digest, f"homeward part {name}".encode()).derive(secret)
    beside = f"{to_base64url(digest)} {name}".encode()
    plain = AESGCM(key).decrypt(bytes(11) + b"\1", found[name], beside)
    assert plain == bytes.fromhex(photo) + b"her face"
    put_together(tmp_path / "same.homeward", found)
    assert (tmp_path / "same.homeward").read_bytes() == (tmp_path / "a.homeward").read_bytes()
