"""What an enumerator's device says of photos and of other logs, and how the hub names what is wrong in a batch."""

from __future__ import annotations

import io
from contextlib import closing
from typing import Any

import httpx
import pytest

from collector.own_keys import to_hand_over
from sync import Replica, merge
from sync.names import replica_number
from sync.replica import log
from sync.transfer import give
from sync.transfer.lines import LogHead, Medium, Writer, medium_line
from tests.collector.replicas.conftest import NAME, SECRET, Hub, Laptop, MakeLaptop
from tests.collector.replicas.test_over_by_itself import told
from tests.collector.replicas.test_rights import headers_of, push

PHOTO = "/data/g_shop/photo"
STRANGE = "ab" * 32
LAST = 16_777_215


def post(laptop: Laptop, path: str, body: Any) -> Any:
    """The answer to a call with the laptop's token."""
    headers = {key: headers_of(laptop)[key] for key in ("Authorization", "Accept-Language")}
    return httpx.post(f"{laptop.url}/sync/v1/{path}", json=body, headers=headers, timeout=60, trust_env=False)


def lines_of(*media: Medium) -> bytes:
    """A batch of nothing but media."""
    out = io.BytesIO()
    writer = Writer(out.write)
    for medium in media:
        writer.line(medium_line(medium))
    writer.end()
    return out.getvalue()


def test_a_photo_that_no_change_names_is_not_missing(hub: Hub, anna: Laptop, laptop: MakeLaptop) -> None:
    """Whatever digest her device announces, by `media` or in a batch: it is answered as lacking, and the hub misses it
    only where a change that it holds names it. A supervisor's word is enough by itself."""
    with Replica.open(anna.path) as replica:
        mine = replica.put_media(b"photo" * 100, "image/jpeg")
    rows = [[digest, "image/jpeg", 500, "01a20f22f50b0000"] for digest in (STRANGE, mine)]
    batch = lines_of(*(Medium(*row) for row in rows))  # type: ignore[arg-type]
    for _ in range(2):
        assert post(anna, "media", {"media": rows}).json() == {"lacking": [STRANGE, mine]}
        assert push(anna, batch).status_code == 200
    assert told("status", hub)["media_missing"] == []
    record = anna.record("有照片的店")
    with Replica.open(anna.path) as replica:
        state = replica.state(record)
        answers = {**state.answers, PHOTO: mine}
        replica.save(record=record, form=state.form, answers=answers, author=anna.person)
        with closing(anna.accounts()) as connection:
            replica.sign_tip(to_hand_over(connection, replica))
        tip = log.tip(replica.db, replica_number(replica.name))
        assert push(anna, whole(replica, tip)).json()["problems"] == []
    assert told("status", hub)["media_missing"] == []
    assert push(anna, batch).status_code == 200
    assert told("status", hub)["media_missing"] == [mine]
    assert anna.sync().media_sent == 1
    assert told("status", hub)["media_missing"] == []
    chief = laptop(hub, "chief")
    chief.sync()
    post(chief, "media", {"media": rows})
    assert told("status", hub)["media_missing"] == [STRANGE]


def whole(replica: Replica, tip: log.Tip) -> bytes:
    """A batch of the replica's own log."""
    out = io.BytesIO()
    writer = Writer(out.write)
    give.write(replica, writer, give.Lack(replica.name, 1, tip.number))
    writer.end()
    return out.getvalue()


def test_what_a_device_claims_of_other_logs_makes_nothing_missing(
    hub: Hub, anna: Laptop, laptop: MakeLaptop
) -> None:
    """Her device says that a supervisor's laptop and one that nobody knows made 16,777,215 changes: `status` misses
    none. Of her own log her word counts, and a supervisor's of any."""
    chief = laptop(hub, "chief")
    chief.sync()
    chief.record("督导的店")
    assert chief.sync().complete
    names = {}
    for each in (anna, chief):
        with Replica.open(each.path) as replica:
            names[each.username] = replica.name

    def claim(caller: Laptop, *logs: str) -> dict[str, Any]:
        said = [[name, str(LAST), "x" * 43, "0"] for name in logs]
        body = {"replica": names[caller.username], "number": "0", "digest": "", "protocol": "1", "logs": said}
        assert post(caller, "hello", body).status_code == 200
        return {each["replica"]: each["missing"] for each in told("status", hub)["replicas"]}

    missing = claim(anna, names["chief"], "7k3m9q2x")
    assert (missing[names["chief"]], missing.get("7k3m9q2x")) == (None, None)
    assert claim(chief, names["anna"])[names["anna"]] == [1, LAST]


def broken(replica: Replica, header: str) -> bytes:
    """A signed batch of the own log whose second header is another text."""
    own = replica_number(replica.name)
    tip = log.tip(replica.db, own)
    rows = log.in_range(replica.db, own << 24 | 1, own << 24 | tip.number)
    pairs = [(text, payload) for _, _, text, payload in rows]
    pairs[1] = (header, pairs[1][1])
    out = io.BytesIO()
    writer = Writer(out.write)
    head = LogHead(replica.name, 1, tip.number, tip.digest, tip.signed, tip.signature)
    writer.stretch(head, [pairs])
    writer.end()
    return out.getvalue()


@pytest.mark.parametrize("who", ["anna", "chief"])
@pytest.mark.parametrize("spoil", ["no JSON", "record", "number"])
def test_a_malformed_header_is_named_by_replica_and_number(
    hub: Hub, laptop: MakeLaptop, who: str, spoil: str
) -> None:
    """HW-2009 says of which change it is, whoever pushed it: in the answer, and in what was set aside."""
    sender = laptop(hub, who)
    sender.sync()
    for number in range(3):
        sender.record(f"店{number}")
    with Replica.open(sender.path) as replica, closing(sender.accounts()) as connection:
        replica.sign_tip(to_hand_over(connection, replica))
        name = replica.name
        (text,) = log.headers(replica.db, replica_number(name), 2, 2)
        start = f'["1","{name}","2",'
        header = {
            "no JSON": "not a header",
            "record": text.replace(f'{start}""', f'{start}"no name"'),
            "number": text.replace(f'{start}""', f'{start}"{name}-99999999"'),
        }[spoil]
        answer = push(sender, broken(replica, header))
        body = {"replica": name, "changes": [[text, "{}"], [header, "{}"]], "tip": [name, "2", ""]}
    assert answer.status_code == 200, answer.text
    places = [(problem["code"], problem["place"]) for problem in answer.json()["problems"]]
    assert places == [("HW-2009", f"{name}-2")]
    aside = [each["problem"]["place"] for each in told("quarantine", hub)["entries"]]
    if spoil != "number":  # which has the shape of a header: her log is kept, as it is signed up to its end
        assert aside == ([f"{name}-2"] if who == "chief" else [])
        phone = post(sender, "changes", body).json()["problem"]
        assert (phone["code"], phone["place"]) == ("HW-2009", f"{name} changes[1]")
    else:
        assert aside == [f"{name}-2"]


def test_of_her_edit_of_a_supervisors_record_she_hears_the_review_and_no_answer(
    hub: Hub, anna: Laptop, laptop: MakeLaptop
) -> None:
    """A record in her village may be corrected by her whoever made it. It does not become hers: the review of it comes
    to her laptop, what others answer in it does not (but for the names that entity lists offer)."""
    chief = laptop(hub, "chief")
    chief.sync()
    made = chief.record("督导的店")
    assert chief.sync().complete
    with Replica.open(anna.path) as mine:
        merge(mine, [chief.path])  # as she had it from him on a stick: no hub gives it to her
        state = mine.state(made)
        answers = {**state.answers, NAME: "安娜改的店"}
        mine.save(record=made, form=state.form, answers=answers, author=anna.person)
    assert anna.sync().problems == []
    with Replica.open(hub.path) as there:
        assert there.state(made).answers[NAME] == "安娜改的店"
        answers = {**there.state(made).answers, SECRET: "督导记下的话"}
        there.save(record=made, form=state.form, answers=answers, author=chief.person)
        there.review(made, "has_issues", "请再核实", author=chief.person)
    assert anna.sync().excerpts == 1
    text = anna.path.read_bytes().decode("utf-8", "replace")
    assert ("请再核实" in text, "督导记下的话" in text) == (True, False)
