"""A file on a stick speaks for a device with a key only with that device's signature."""

from __future__ import annotations

import shutil
from pathlib import Path

from sync import Replica, keys, merge, verify
from tests.sync.conftest import Make


def signed_phone(make: Make, form: str) -> tuple[Replica, keys.PrivateKey]:
    phone, key = make("phone"), keys.generate()
    phone.save(form=form, answers={"/data/name": "a"}, author="anna")
    phone.sign_tip(key)
    return phone, key


def test_a_stranger_cannot_go_on_in_the_name_of_a_device_with_a_key(
    make: Make, form: str, tmp_path: Path
) -> None:
    """A copy of its log with one change more and no signature over it is set aside (HW-2012), whether the
    copy keeps the old signature or none; the device itself goes on as if nothing had been."""
    hub = make("hub")
    phone, key = signed_phone(make, form)
    merge(hub, [phone.path])
    (tmp_path / "stick").mkdir()
    for number, forget in enumerate((False, True)):
        path = tmp_path / "stick" / f"{number}.db"
        shutil.copy(phone.path, path)
        with Replica.open(path) as forged:
            forged.save(form=form, answers={"/data/name": "forged"}, author="anna")
            if forget:
                forged.db.execute("UPDATE log SET signed = 0, signature = ''")
        report = merge(hub, [path]).sources[0]
        assert ([problem.code for problem in report.problems], report.taken) == (["HW-2012"], 0)
    phone.save(form=form, answers={"/data/name": "b"}, author="anna")
    phone.sign_tip(key)
    assert merge(hub, [phone.path]).sources[0].problems == []
    assert [state.answers["/data/name"] for state in hub.states()] == ["a", "b"]
    assert verify(hub).sound


def test_a_log_without_a_key_is_taken_and_told(make: Make, form: str) -> None:
    """A laptop that never had a key is taken at the word of whoever carries the file."""
    hub, laptop = make("hub"), make("laptop")
    laptop.save(form=form, answers={"/data/name": "a"}, author="anna")
    report = merge(hub, [laptop.path]).sources[0]
    assert (report.taken, report.unsigned, report.problems) == (1, [laptop.name], [])
