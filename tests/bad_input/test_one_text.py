"""Whoever is told of a case is told the same: number, message and remedy, in either language."""

from __future__ import annotations

import html
import json
import shutil
from collections.abc import Callable

import pytest

from sync import Replica, merge
from tests.bad_input.conftest import BAD_FILES, LANGUAGES, VILLAGE, House, Phone, homeward, problems_in
from tests.bad_input.test_command_line import unknown

Told = dict[str, dict[str, str]]
"""Road (`command`, `json`, `page`) -> the problem as that road tells it; of a page its text under `text`."""


def bad_hub(kind: str) -> Callable[[House, Phone, str], Told]:
    """A hub whose file has become a bad one."""

    def tell(house: House, phone: Phone, lang: str) -> Told:
        client, kept = house.client(), house.folder / "kept.db"
        shutil.move(house.hub, kept)
        house.bad(kind, house.hub)
        told = {
            "command": problem(homeward("status", house.hub, "--json", "--lang", lang).stdout),
            "json": problem(
                phone.post({"replica": phone.replica.name, "number": "0", "digest": ""}, lang).text
            ),
            "page": {"text": client.get(f"/{lang}/records").text},
        }
        house.hub.unlink(missing_ok=True)
        shutil.move(kept, house.hub)
        return told

    return tell


def unknown_form(house: House, phone: Phone, lang: str) -> Told:
    """A record of a form version that the hub does not know, by file and from a phone."""
    record, _ = unknown(house.folder / "ghost.db")
    merged = homeward("merge", house.hub, house.folder / "ghost.db", "--json", "--lang", lang)
    form = phone.replica.put_form("other", "1", b"<y/>", ["/data/name"])
    scopes = [f"p:{phone.person}", f"v:{VILLAGE}"]
    phone.replica.save(form=form, answers={"/data/name": "乙"}, author=phone.person, scopes=scopes)
    return {
        "command": problem(merged.stdout),
        "json": problem(phone.post(phone.offer(), lang).text),
        "page": {"text": house.client().get(f"/{lang}/record/{record}").text},
    }


def broken_constraint(house: House, phone: Phone, lang: str) -> Told:
    """A record that its form refuses: what a reviewer is told, and what its page says."""
    with Replica.open(house.laptop) as laptop:
        (state,) = laptop.states()
        answers = {**state.answers, "/data/g_activity/start_year": "1066"}
        laptop.save(record=state.record, form=state.form, answers=answers, author=state.author)
    with Replica.open(house.hub) as hub:
        merge(hub, [house.laptop])
    return {
        "command": problem(homeward("review", house.hub, "--approve", "--json", "--lang", lang).stdout),
        "page": {"text": house.client().get(f"/{lang}/record/{state.record}").text},
    }


def changed_byte(house: House, phone: Phone, lang: str) -> Told:
    """An answer altered on its way, in a file and in a request."""
    whole = house.laptop.read_bytes()
    house.laptop.write_bytes(whole.replace("豆腐坊".encode(), "豆腐店".encode()))
    phone.record(**{"/data/g_where/business_name": "豆腐坊"})
    offer = phone.offer()
    offer["changes"][0][1] = offer["changes"][0][1].replace("豆腐坊", "豆腐店")
    return {
        "command": problem(homeward("merge", house.hub, house.laptop, "--json", "--lang", lang).stdout),
        "json": problem(phone.post(offer, lang).text),
    }


def problem(text: str) -> dict[str, str]:
    """The one problem in a JSON text."""
    (found,) = problems_in(json.loads(text))
    return found


CASES = {
    **{f"hub {kind}": (number, bad_hub(kind)) for kind, number in BAD_FILES.items()},
    "unknown form": ("HW-2018", unknown_form),
    "broken constraint": ("HW-1302", broken_constraint),
    "changed byte": ("HW-2008", changed_byte),
}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("case", CASES)
def test_every_road_tells_the_same(house: House, phone: Phone, case: str, lang: str) -> None:
    """One number, one message, one remedy, on the command line, in JSON and on the page."""
    number, tell = CASES[case]
    told = tell(house, phone, lang)
    said = told["command"]
    assert said["code"] == number
    if "json" in told:
        assert {part: told["json"][part] for part in ("code", "message", "remedy")} == {
            part: said[part] for part in ("code", "message", "remedy")
        }
    if "page" in told:
        page = html.unescape(told["page"]["text"])
        body = page[: page.index("</main>")]
        for part in ("code", "message", "remedy"):
            assert said[part] in body
