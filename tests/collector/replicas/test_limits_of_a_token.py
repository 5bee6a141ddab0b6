"""What somebody with a sound password or token of an enumerator gains by what no client of ours sends: nothing."""

from __future__ import annotations

import io
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from collector import library
from collector.own_keys import to_hand_over
from sync import Document, Replica, keys, merge, verify
from sync.branch import FORK_KIND, Branch
from sync.canonical import encode, sha, short_id
from sync.change import Header, new_salt
from sync.names import change_key, replica_number
from sync.replica import documents, log
from sync.transfer import give
from sync.transfer.lines import Writer, document_line
from sync.transfer.push import Batch
from tests.collector.replicas.conftest import (
    FAR,
    HERE,
    NAME,
    Hub,
    Laptop,
    MakeLaptop,
    digest_at,
    names_at,
    record,
    secret,
)
from tests.collector.replicas.test_rights import codes, headers_of, lines, push

CLOCK = "0190000000000000"


@pytest.fixture
def bert(hub: Hub, laptop: MakeLaptop) -> Laptop:
    """Bert's laptop, with a record that is at the hub and none of anna's business."""
    made = laptop(hub, "bert")
    made.sync()
    made.record("伯特的店", FAR)
    assert made.sync().complete
    return made


def name_of(path: Path) -> str:
    """The name of a replica."""
    with Replica.open(path) as replica:
        return replica.name


def ask(hub: Hub, path: str, body: Any, token: str = "") -> Any:
    """The answer to a request in JSON."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.post(f"{hub.url}/sync/v1/{path}", json=body, headers=headers, timeout=60, trust_env=False)


def enrolment(name: str, key: keys.PrivateKey, **more: Any) -> dict[str, Any]:
    """Anna's request to enrol a replica of that name."""
    return {
        "protocol": "1",
        "username": "anna",
        "password": secret("anna"),
        "replica": name,
        "spki": keys.public_text(key),
        "signature": keys.sign(key, keys.enrol_text(name, "anna")),
        "number": "0",
        "digest": "",
        "authors": [],
        **more,
    }


def fork_document(branch: Branch) -> Document:
    """What says that a branch goes by its own name."""
    data = branch.document().encode()
    return Document(short_id(data), FORK_KIND, branch.name, data, (), "0" * 16)


def key_document(name: str, key: keys.PrivateKey) -> Document:
    """What says that a key is that of a name."""
    data = keys.key_document(name, keys.public_text(key)).encode()
    return Document(short_id(data), keys.KEY_KIND, name, data, (), "0" * 16)


def test_a_public_key_alone_opens_nothing(hub: Hub, anna: Laptop, bert: Laptop) -> None:
    """HW-3423: everybody knows the public key of bert's laptop. Only who signs with the private one gets a token for
    it, and with that its whole log; neither anna's password nor the token of her own laptop is enough."""
    name, mine = name_of(bert.path), keys.generate()
    with Replica.open(hub.path) as there:
        spki = documents.public_key(there.db, name)
    token = headers_of(anna)["Authorization"].removeprefix("Bearer ")
    request = enrolment(name, mine, spki=spki)
    by_token = {k: v for k, v in request.items() if k not in ("username", "password")}
    former = keys.sign(mine, keys.enrol_text(name, name_of(anna.path)))
    for body in (request, request | {"signature": None}, by_token, by_token | {"signature": former}):
        answer = ask(hub, "enrol", body, token)
        assert (answer.status_code, answer.json()["problem"]["code"]) == (403, "HW-3423")
    assert bert.sync().complete


def test_what_was_signed_for_one_person_enrols_no_other(hub: Hub, anna: Laptop) -> None:
    """A request that somebody overheard is of no use with another password, or another name."""
    key = keys.generate()
    held = enrolment("7k3m9q2x", key)
    theirs = held | {"username": "bert", "password": secret("bert")}
    for body in (theirs, held | {"replica": "7k3m9q2y"}):
        assert ask(hub, "enrol", body).json()["problem"]["code"] == "HW-3423"
    assert ask(hub, "enrol", held).status_code == 201


def test_nobody_says_of_anothers_log_that_it_is_a_branch(hub: Hub, anna: Laptop, bert: Laptop) -> None:
    """The name of a branch follows from what everybody may know, so it can be enrolled. That bert's records go by it is
    not taken from anna all the same, and nothing of the hub's own log either."""
    hub.record("汇总端的店", HERE)
    before, key = digest_at(hub.path), keys.generate()
    for path in (bert.path, hub.path):
        with Replica.open(path) as replica:
            name = replica.name
            branch = Branch(name, 1, log.digest_at(replica.db, replica_number(name), 1))
        token = ask(hub, "enrol", enrolment(branch.name, key)).json()["token"]
        headers = {"Authorization": f"Bearer {token}"}
        for sender in ({}, headers):
            answer = push(anna, lines(fork_document(branch)), **sender)
            assert (answer.status_code, answer.json()["documents"]) == (200, 0)
    assert digest_at(hub.path) == before
    assert bert.sync().complete


def copy_of(laptop: Laptop, path: Path) -> tuple[Replica, keys.PrivateKey]:
    """Another store under a laptop's name, with the first change of its log, and its key."""
    with Replica.open(laptop.path) as here, closing(laptop.accounts()) as connection:
        key, number = to_hand_over(connection, here), replica_number(here.name)
        copy = Replica.create(path, here.name)
        first = log.one(here.db, number << 24 | 1)
        assert first is not None
        for document in here.documents():
            if document.kind != documents.ENTITIES:
                copy.put_document(document.kind, document.name, document.data, document.scopes)
    log.append(copy.db, number, None, first[2], first[3] or "", "2026-01-01T00:00:00Z")
    return copy, key


def write(copy: Replica, kind: str, which: str, author: str) -> None:
    """Let a store write a change as no page of it would."""
    number = replica_number(copy.name)
    members = {"review": ["approved", "", []], "edit": [[NAME], [], ["*"], []]}.get(kind, [""])
    payload = encode(["1", new_salt(), *members])
    at = log.next_number(copy.db, number)
    form = library.current_form(copy, "business").version_id
    header = Header(copy.name, at, which, form, (which,), CLOCK, author, kind, (), sha(payload))
    log.append(copy.db, number, change_key(which), header.encode(), payload, "2026-01-01T00:00:00Z")


@pytest.mark.parametrize(
    ("kind", "far", "author", "code"),
    [
        ("erase", False, "", "HW-2033"),
        ("review", False, "", "HW-2033"),
        ("edit", True, "", "HW-2034"),
        ("edit", False, "chief", "HW-2050"),
    ],
)
def test_a_second_copy_brings_no_more_than_the_first_may(
    hub: Hub, anna: Laptop, tmp_path: Path, kind: str, far: bool, author: str, code: str
) -> None:
    """A log that forked is set aside and taken by another name later. What an enumerator may not do does not come in by
    that way: it is refused with its number, and not set aside."""
    made = hub.record("留着的店", FAR if far else HERE)
    anna.record("一号店")
    anna.record("二号店")
    anna.sync()
    before = digest_at(hub.path)
    copy, key = copy_of(anna, tmp_path / "copy.db")
    with copy:
        write(copy, kind, made, hub.people[author or "anna"].id)
        copy.sign_tip(key)
        branch = Branch(copy.name, 2, log.digest_at(copy.db, replica_number(copy.name), 2))
        assert codes(push(anna, lines(replica=copy))) == [code]
    push(anna, lines(fork_document(branch)))
    assert (digest_at(hub.path), names_at(hub.path)[made]) == (before, "留着的店")
    with Replica.open(hub.path) as there:
        assert there.quarantined() == []
        assert verify(there).problems == []


def test_neither_does_it_as_a_phone(hub: Hub, anna: Laptop, tmp_path: Path) -> None:
    """The same by the call of phones: HW-2033, and what forked there is not kept for a supervisor to take in."""
    made = hub.record("留着的店", HERE)
    anna.record("一号店")
    anna.record("二号店")
    anna.sync()
    copy, key = copy_of(anna, tmp_path / "copy.db")
    with copy:
        write(copy, "erase", made, hub.people["anna"].id)
        number = replica_number(copy.name)
        rows = log.in_range(copy.db, number << 24 | 1, number << 24 | 2)
        tip = [copy.name, "2", log.digest_at(copy.db, number, 2)]
        body = {
            "replica": copy.name,
            "changes": [[header, payload] for _, _, header, payload in rows],
            "tip": tip,
            "signature": keys.sign(key, keys.tip_text(copy.name, 2, tip[2])),
        }
    for first in (0, 1):
        sent = body | {"changes": body["changes"][first:]}
        answer = ask(hub, "changes", sent, headers_of(anna)["Authorization"].removeprefix("Bearer "))
        assert [each["problem"]["code"] for each in answer.json()["refused"]] == ["HW-2033"]
    with Replica.open(hub.path) as there:
        assert there.quarantined() == []
    assert names_at(hub.path)[made] == "留着的店"


def test_a_copys_own_records_are_set_aside_and_taken(hub: Hub, anna: Laptop, tmp_path: Path) -> None:
    """What a copy may bring it brings, also where the log parts."""
    anna.record("一号店")
    anna.record("二号店")
    anna.sync()
    copy, key = copy_of(anna, tmp_path / "copy.db")
    with copy:
        write(copy, "edit", f"{copy.name}-1", hub.people["anna"].id)
        copy.sign_tip(key)
        branch = Branch(copy.name, 2, log.digest_at(copy.db, replica_number(copy.name), 2))
        assert codes(push(anna, lines(replica=copy))) == ["HW-2011"]
    with Replica.open(hub.path) as there:
        assert len(there.quarantined()) == 1
    push(anna, lines(fork_document(branch)))
    with Replica.open(hub.path) as there:
        assert there.quarantined() == []
        assert branch.name in {each["replica"] for each in there.logs()}


def test_nobody_says_that_anothers_laptop_was_copied(
    hub: Hub, anna: Laptop, bert: Laptop, tmp_path: Path
) -> None:
    """A log under bert's name that his key did not sign is no copy of his store: it stays with who sent it."""
    copy, _ = copy_of(bert, tmp_path / "copy.db")
    with copy:
        bert.record("又一家", FAR)
        bert.sync()
        write(copy, "edit", f"{copy.name}-1", hub.people["bert"].id)
        number = replica_number(copy.name)
        text = keys.tip_text(copy.name, 2, log.digest_at(copy.db, number, 2))
        forged = keys.sign(keys.generate(), text)
        copy.db.execute("INSERT INTO signature (id, text) VALUES (?, ?)", (number << 24 | 2, forged))
        answer = push(anna, lines(replica=copy))
    assert codes(answer) == ["HW-2011"]
    with Replica.open(hub.path) as there:
        assert there.quarantined() == []
    assert bert.sync().complete


def test_a_new_name_lends_nobody_a_supervisors_rights(hub: Hub, anna: Laptop, tmp_path: Path) -> None:
    """HW-2050: a log that anna carries for a phone that nobody enrolled speaks for her, and for ids that are nobody's
    at the hub; not for its supervisor, who may change any record, and not for bert."""
    made, key = hub.record("远处的店", FAR), keys.generate()
    for number, username in enumerate(("chief", "bert")):
        with Replica.create(tmp_path / f"fresh{number}.db") as fresh:
            merge(fresh, [hub.path])
            state = fresh.state(made)
            answers = {**state.answers, NAME: "改了"}
            fresh.save(record=made, form=state.form, answers=answers, author=hub.people[username].id)
            fresh.sign_tip(key)
            out = io.BytesIO()
            writer = Writer(out.write)
            writer.line(document_line(key_document(fresh.name, key)))
            own = [lack for lack in give.lacking(fresh, {}) if lack.replica == fresh.name]
            Batch(stretches=own).write(fresh, writer)
            writer.end()
        assert codes(push(anna, out.getvalue())) == ["HW-2050"]
    assert names_at(hub.path)[made] == "远处的店"


@pytest.fixture
def keyless(hub: Hub, tmp_path: Path) -> str:
    """The name of a laptop without a key, whose records by an account that only it knows came to the hub by file."""
    with Replica.create(tmp_path / "keyless.db") as replica:
        library.install_library(replica)
        record(replica, "文件带来的店", FAR, "localid0")
        with Replica.open(hub.path) as there:
            assert not merge(there, [tmp_path / "keyless.db"]).set_aside
        return replica.name


def test_the_digest_that_proves_a_laptop_is_told_to_nobody_else(hub: Hub, anna: Laptop, keyless: str) -> None:
    """Whoever shows the digest of a log without a key enrols as its store: an enumerator who asks does not hear it. Who
    has all of it, as the store itself, hears that it is here."""
    name, token = name_of(anna.path), headers_of(anna)["Authorization"].removeprefix("Bearer ")
    for number, digest in (("0", ""), ("16777215", "x")):
        body = {
            "replica": name,
            "number": "0",
            "digest": "",
            "protocol": "1",
            "abilities": [],
            "logs": [[keyless, number, digest, "0"]],
            "documents": "",
        }
        answer = ask(hub, "hello", body, token)
        assert answer.status_code == 200
        assert keyless not in answer.text
    with Replica.open(hub.path) as there:
        digest = log.digest_at(there.db, replica_number(keyless), 1)
    answer = ask(hub, "hello", body | {"logs": [[keyless, "1", digest, "0"]]}, token)
    assert [keyless, "1", digest, digest, "0", "0"] in answer.json()["logs"]


def test_nobody_is_given_the_records_of_an_id_that_wrote_elsewhere(
    hub: Hub, anna: Laptop, keyless: str
) -> None:
    """An account that only another laptop knows is nobody's at the hub; anna's laptop does not become its by saying
    so."""
    with Replica.open(anna.path) as replica, closing(anna.accounts()) as connection:
        key = to_hand_over(connection, replica)
        name = replica.name
    token = ask(hub, "enrol", enrolment(name, key, authors=["localid0"])).json()["token"]
    answer = ask(hub, "pull", {"logs": [], "documents": [], "cursor": "", "back": []}, token)
    assert answer.status_code == 200
    assert answer.text.startswith('["homeward"')
    assert "文件带来的店" not in answer.text
