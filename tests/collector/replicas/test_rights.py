"""What an enumerator's laptop with a sound token must not be able to do, and what it may carry for others."""

from __future__ import annotations

import io
import os
from contextlib import closing
from typing import Any

import httpx
import pytest

from collector import app_db, hubs, library
from collector.api import devices
from collector.form_media import MEDIA_KIND
from collector.own_keys import to_hand_over
from forms.attached.media import LARGEST
from sync import Document, Replica, keys, merge, verify
from sync.canonical import encode, short_id
from sync.change import new_salt
from sync.names import replica_number
from sync.replica import log
from sync.transfer import give
from sync.transfer.lines import Writer, document_line
from sync.transfer.push import Batch
from tests.collector.replicas.conftest import FAR, HERE, NAME, Hub, Laptop, MakeLaptop, names_at, record


def headers_of(laptop: Laptop) -> dict[str, str]:
    """What a laptop's requests carry."""
    with Replica.open(laptop.path) as replica, closing(laptop.accounts()) as connection:
        access = hubs.find(connection, laptop.url, replica.name)
    assert access is not None
    return {
        "Authorization": f"Bearer {access.token}",
        "Content-Type": "application/x-ndjson",
        "Content-Encoding": "gzip",
        "Accept-Language": "en",
    }


def push(laptop: Laptop, data: bytes, **headers: str) -> Any:
    """The answer to a batch."""
    return httpx.post(
        f"{laptop.url}/sync/v1/push",
        content=data,
        headers=headers_of(laptop) | headers,
        timeout=60,
        trust_env=False,
    )


def lines(*documents: Document, replica: Replica | None = None, excerpts: Any = ()) -> bytes:
    """A batch of documents, of all logs of a replica, and of excerpts."""
    out = io.BytesIO()
    writer = Writer(out.write)
    for document in documents:
        writer.line(document_line(document))
    if replica is not None:
        Batch(stretches=give.lacking(replica, {})).write(replica, writer)
    if excerpts:
        writer.excerpts(list(excerpts))
    writer.end()
    return out.getvalue()


def codes(answer: Any) -> list[str]:
    """The numbers of the problems in an answer."""
    return [problem["code"] for problem in answer.json()["problems"]]


@pytest.fixture
def phone(anna: Laptop) -> Any:
    """A replica with a key that joined anna's laptop: its log is signed, and its key is here."""
    with Replica.create(anna.path.parent / "phone.db") as replica:
        with Replica.open(anna.path) as here:
            for document in here.documents():
                if document.kind in ("form", "xform"):
                    replica.put_document(document.kind, document.name, document.data)
        yield replica


def join(anna: Laptop, phone: Replica) -> None:
    """The laptop takes what the phone has."""
    with Replica.open(anna.path) as replica:
        assert not merge(replica, [phone.path]).set_aside


def test_a_phones_log_is_carried_to_the_hub_signed(hub: Hub, anna: Laptop, phone: Replica) -> None:
    """What a phone gave to a laptop on its hotspot reaches the hub by the laptop's sync, with the phone's own
    signature and key."""
    made = record(phone, "手机登记的店", HERE, anna.person)
    phone.sign_tip(keys.generate())
    join(anna, phone)
    report = anna.sync()
    assert (report.problems, report.lacking) == ([], {})
    assert names_at(hub.path) == {made: "手机登记的店"}
    with Replica.open(hub.path) as replica:
        assert {each["replica"]: each["signed"] for each in replica.logs()}[phone.name] == 1


def test_an_unsigned_log_of_another_is_not_taken_from_an_enumerator(
    hub: Hub, anna: Laptop, phone: Replica, laptop: MakeLaptop
) -> None:
    """Her client does not offer it, and the hub would refuse it with HW-2039; a supervisor brings it."""
    made = record(phone, "没有签名的店", HERE, anna.person)
    join(anna, phone)
    report = anna.sync()
    assert (report.sent, report.lacking) == (0, {phone.name: 1})
    assert codes(push(anna, lines(replica=phone))) == ["HW-2039"]
    assert names_at(hub.path) == {}
    chief = laptop(hub, "chief")
    join(chief, phone)
    assert chief.sync().problems == []
    assert names_at(hub.path) == {made: "没有签名的店"}


def test_forms_and_lists_come_from_supervisors_alone(hub: Hub, anna: Laptop, laptop: MakeLaptop) -> None:
    """What a survey asks is not an enumerator's to say, whatever her laptop sends."""
    with Replica.open(hub.path) as replica:
        before = library.current_form(replica, "business").version_id
    data = encode(["form", "business", "9", "A" * 22, ["/data/x"]]).encode()
    form = Document(short_id(data), "form", "business", data, (), "f" * 16)
    assert push(anna, lines(form)).json()["documents"] == 0
    chief = laptop(hub, "chief")
    chief.sync()
    with Replica.open(hub.path) as replica:
        assert library.current_form(replica, "business").version_id == before
    with Replica.open(chief.path) as replica:
        replica.put_document("list", "events.csv", b"name,label\nnew,New\n")
    assert chief.sync().documents_sent == 1
    with Replica.open(hub.path) as replica:
        assert b"new,New" in replica.document_named("list", "events.csv").data  # type: ignore[union-attr]
    anna.sync()
    with Replica.open(anna.path) as replica:
        assert b"new,New" in replica.document_named("list", "events.csv").data  # type: ignore[union-attr]


def test_what_forms_show_comes_from_supervisors_and_goes_to_all(
    hub: Hub, anna: Laptop, laptop: MakeLaptop
) -> None:
    """Pictures and videos as large as they may be, more of them than one answer holds: an enumerator's laptop is given
    all, and what it says itself is not taken."""
    mine = Document(short_id(b"mine"), MEDIA_KIND, "look.png", b"mine", (), "f" * 16)
    assert push(anna, lines(mine)).json()["documents"] == 0
    files = {f"film{number}.mp4": os.urandom(LARGEST) for number in range(5)}
    chief = laptop(hub, "chief")
    with Replica.open(chief.path) as replica:
        for name, data in files.items():
            replica.put_document(MEDIA_KIND, name, data)
    report = chief.sync()
    assert (report.documents_sent, report.problems) == (len(files), [])
    assert anna.sync().problems == []
    for path in (hub.path, anna.path):
        with Replica.open(path) as replica:
            assert {each.name: each.data for each in replica.documents(MEDIA_KIND)} == files


def test_nobody_is_locked_out_of_a_name(hub: Hub, anna: Laptop, tmp_path: Any) -> None:
    """A key for a name whose changes are at the hub is not taken from a stranger; for a new name it is, and only the
    first one."""
    with Replica.create(tmp_path / "keyless.db") as keyless:
        library.install_library(keyless)
        record(keyless, "店", HERE, "somebody")
        with Replica.open(hub.path) as replica:
            merge(replica, [keyless.path])
    spki = keys.public_text(keys.generate())
    for name, taken in ((keyless.name, 0), ("7k3m9q2x", 1), ("7k3m9q2x", 0)):
        data = keys.key_document(name, spki if taken else keys.public_text(keys.generate())).encode()
        key = Document(short_id(data), keys.KEY_KIND, name, data, (), "0" * 16)
        assert push(anna, lines(key)).json()["documents"] == taken


def forge(anna: Laptop, kind: str, which: str, author: str, payload: str = "") -> None:
    """Let anna's laptop write a change as no page of it would."""
    with Replica.open(anna.path) as replica, closing(anna.accounts()) as connection:
        form = library.current_form(replica, "business").version_id
        payload = payload or encode(
            ["1", new_salt(), [], [], ["*"], []] if kind == "edit" else ["1", new_salt(), "approved", "", []]
        )
        with replica.transaction():
            scopes = [f"p:{anna.person}", f"v:{HERE}"]
            replica._append(kind, which, form, [which], author, scopes, payload, None, None)
        replica.sign_tip(to_hand_over(connection, replica))


@pytest.mark.parametrize(
    ("kind", "far", "author", "code"),
    [
        ("review", False, "", "HW-2033"),
        ("edit", True, "", "HW-2034"),
        ("edit", False, "stranger", "HW-2050"),
    ],
)
def test_what_stands_before_a_refused_change_is_taken(
    hub: Hub, anna: Laptop, kind: str, far: bool, author: str, code: str
) -> None:
    """A review by an enumerator, a change of a record of another village, a change in a stranger's name: refused with
    its number, kept on the laptop, and nothing of it set aside at the hub. The records before it arrive."""
    elsewhere = hub.record("远处的店", FAR)
    own = [anna.record(f"店{number}") for number in range(3)]
    forge(anna, kind, elsewhere if far else own[0], author or anna.person)
    anna.record("后面的店")
    report = anna.sync()
    assert [problem.code for problem in report.problems] == [code]
    assert (report.made, report.there, report.complete) == (5, 3, False)
    assert set(names_at(hub.path)) == {elsewhere, *own}
    with Replica.open(hub.path) as replica:
        assert replica.quarantined() == []
        assert replica.state(elsewhere).answers[NAME] == "远处的店"
    again = anna.sync()
    assert (again.there, [problem.code for problem in again.problems]) == (3, [code])


@pytest.mark.parametrize(
    "payload",
    [
        "no JSON",
        "[5]",
        '{"a":1}',
        '["9","salt",[],[],["*"],[]]',
        '["1","salt","abc",[],["*"],[]]',
        '["1","salt",{"a":1},[],["*"],[]]',
        '["1","salt",[],[["/data/x"]],["*"],[]]',
        '["1","salt",[],[],["*"],[["/data/x",1]]]',
        '["1","salt",[],[],"*",[]]',
        '["1", "salt", [], [], ["*"], []]',
    ],
)
def test_what_is_no_payload_is_not_taken_from_an_enumerator(hub: Hub, anna: Laptop, payload: str) -> None:
    """HW-2026 though it is signed and as its header names it: it stays on the laptop, what stands before it arrives,
    and the hub's own proof holds."""
    own = anna.record("店")
    forge(anna, "edit", own, anna.person, payload)
    report = anna.sync()
    assert [problem.code for problem in report.problems] == ["HW-2026"]
    assert (report.made, report.there, report.complete) == (2, 1, False)
    with Replica.open(hub.path) as replica:
        assert (replica.quarantined(), verify(replica).problems) == ([], [])


def test_a_phones_log_may_name_only_its_own_people(hub: Hub, anna: Laptop, phone: Replica) -> None:
    """A replica that is enrolled at the hub speaks for whoever enrolled on it, also when another carries its log."""
    key = keys.generate()
    with closing(app_db.connect(app_db.path_for(hub.path))) as connection:
        devices.enrol(connection, phone.name, hub.people["bert"].id, keys.public_text(key))
    record(phone, "冒名的店", HERE, hub.people["anna"].id)
    phone.sign_tip(key)
    join(anna, phone)
    assert [problem.code for problem in anna.sync().problems] == ["HW-2050"]
    assert names_at(hub.path) == {}


def test_an_erasure_without_its_log_is_not_taken_from_an_enumerator(
    hub: Hub, anna: Laptop, phone: Replica
) -> None:
    """Nothing proves an excerpt: what she sends of that kind destroys nothing."""
    made = hub.record("留着的店", HERE)
    assert not merge(phone, [hub.path]).set_aside
    phone.erase(made, "假的", author=anna.person)
    erase = log.one(phone.db, replica_number(phone.name) << 24 | 1)
    assert erase is not None
    answer = push(anna, lines(excerpts=[(erase[2], erase[3])]))
    assert answer.json()["excerpts"] == 0
    assert names_at(hub.path) == {made: "留着的店"}


def test_only_the_token_opens_the_addresses(hub: Hub, anna: Laptop) -> None:
    """No token, a wrong one, and none that was ended by a new password; cookies are not asked for."""
    for path in ("hello", "push", "pull"):
        for given in ({}, {"Authorization": "Bearer nonsense"}, {"Cookie": "homeward=x"}):
            answer = httpx.post(f"{hub.url}/sync/v1/{path}", json={}, headers=given, trust_env=False)
            assert (answer.status_code, answer.json()["problem"]["code"]) == (401, "HW-3403")
            assert "Set-Cookie" not in answer.headers
