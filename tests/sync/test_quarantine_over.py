"""What was set aside because it was altered on its way is over by itself once the true changes came, by any road."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from sync import Replica, keys, merge, protocol
from sync.replica import media
from sync.transfer import pack
from tests.sync.bundles import making
from tests.sync.conftest import Make
from tests.sync.copies import copied, problems, write
from tests.sync.test_forks_by_line import send
from tests.sync.test_protocol import enrol, request_of

SPOILS = {
    "payload": ("UPDATE change SET payload = replace(payload, '甲村', '乙村')", "HW-2008"),
    "payload that is no text": ("UPDATE change SET payload = x'00' WHERE id & 16777215 = 3", "HW-2014"),
    "first header": ("UPDATE change SET header = header || ' ' WHERE id & 16777215 = 1", "HW-2009"),
    "last header": ("UPDATE change SET header = header || ' ' WHERE id & 16777215 = 3", "HW-2009"),
    "author": ("UPDATE change SET header = replace(header, '\"p\"', '\"q\"')", "HW-2010"),
    "hole": ("DELETE FROM change WHERE id & 16777215 = 2", "HW-2014"),
    "signature": ("UPDATE log SET signature = signature || 'A'", "HW-2012"),
}


def by_file(device: Replica, hub: Replica, key: keys.PrivateKey, folder: Path) -> None:
    """The file itself is merged."""
    assert problems(hub, device) == []


def by_bundle(device: Replica, hub: Replica, key: keys.PrivateKey, folder: Path) -> None:
    """It comes on a stick."""
    pack.write(device, folder / "device.homeward", sign=key)
    assert merge(hub, [folder / "device.homeward"]).set_aside == []


def by_lines(device: Replica, hub: Replica, key: keys.PrivateKey, folder: Path) -> None:
    """A replica pushes it, or a hub hands it over."""
    assert send(device, hub).problems == []


def by_phone(device: Replica, hub: Replica, key: keys.PrivateKey, folder: Path) -> None:
    """The device sends its own log, a change at a time."""
    for number in (1, 2, 3):
        request = request_of(device, number, number, key)
        assert len(protocol.receive(hub, request, device.name)["receipts"]) == 1


ROADS: dict[str, Callable[[Replica, Replica, keys.PrivateKey, Path], None]] = {
    "file": by_file,
    "bundle": by_bundle,
    "lines": by_lines,
    "phone": by_phone,
}


@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize("spoil", SPOILS)
def test_what_was_altered_on_its_way_is_over_when_it_comes_true(
    make: Make, form: str, tmp_path: Path, spoil: str, road: str
) -> None:
    """An altered copy of a log is set aside. When the device's own changes have come, up to where the copy went,
    nothing is open any more, whatever was altered and whichever road they took."""
    device, hub = make("device"), make("hub")
    write(device, form, "甲村", "2", "3")
    key = enrol(hub, device)
    device.sign_tip(key)
    sql, code = SPOILS[spoil]
    path = copied(device, tmp_path / "stick" / "copy.db")
    with sqlite3.connect(path) as db:
        db.execute(sql)
    db.close()
    assert [problem.code for problem in merge(hub, [path]).sources[0].problems] == [code]
    assert [entry.problem.code for entry in hub.quarantined()] == [code]
    ROADS[road](device, hub, key, tmp_path)
    assert hub.quarantined() == []
    (over,) = hub.quarantined(everything=True)
    assert (over.outcome, over.count) == ("arrived", 0)
    assert hub.state_digest() == device.state_digest()


@pytest.mark.parametrize("road", ["file", "bundle", "pieces", "whole"])
def test_a_photo_that_was_altered_on_its_way_is_over_when_it_comes_true(tmp_path: Path, road: str) -> None:
    """HW-2025 of a file of photos: over once the photo itself is here, wherever it came from."""
    data = b"photo" * 1000
    with making(tmp_path) as make:
        device, hub = make("device"), make("hub")
        digest = device.put_media(data, "image/jpeg")
        stick = copied(device, tmp_path / "stick" / "copy.db")
        altered = media.file_of(media.folder_of(stick), digest)
        altered.parent.mkdir(parents=True)
        altered.write_bytes(b"foto" * 1250)
        merge(hub, [stick])
        assert [(e.problem.code, e.problem.place) for e in hub.quarantined()] == [("HW-2025", digest)]
        if road == "file":
            assert problems(hub, device) == []
        elif road == "bundle":
            pack.write(device, tmp_path / "device.homeward")
            assert merge(hub, [tmp_path / "device.homeward"]).set_aside == []
        elif road == "pieces":
            hub.append_media(digest, 0, io.BytesIO(data[:2000]), len(data), "image/jpeg")
            assert len(hub.quarantined()) == 1
            hub.append_media(digest, 2000, io.BytesIO(data[2000:]), len(data), "image/jpeg")
        else:
            hub.put_media(data, "image/jpeg")
        assert hub.quarantined() == []
        assert [entry.outcome for entry in hub.quarantined(everything=True)] == ["arrived"]
        assert hub.media_missing() == []
