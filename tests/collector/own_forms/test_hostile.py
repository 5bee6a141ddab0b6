"""Uploads that mean harm: a number in bounded time, no trace in the hub, no name that is believed."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook

from collector.own_forms.parcel import File
from forms.library import path as built_in

from .books import WELLS, book
from .conftest import Site
from .test_page import main_of, text_of

SECONDS = 30


def bomb() -> bytes:
    """A workbook of some kilobytes that unpacks to more than a gigabyte."""
    out = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(book())) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as target,
    ):
        for name in source.namelist():
            target.writestr(name, source.read(name))
        with target.open("xl/media/zeros.bin", "w", force_zip64=True) as part:
            for _ in range(1100):
                part.write(b"\0" * 1_000_000)
    return out.getvalue()


def many_rows() -> bytes:
    """A workbook with 200,000 questions."""
    made = Workbook(write_only=True)
    survey = made.create_sheet("survey")
    survey.append(["type", "name", "label"])
    for number in range(200_000):
        survey.append(["text", f"q{number}", "x"])
    out = BytesIO()
    made.save(out)
    return out.getvalue()


def entities() -> bytes:
    """An XForm whose entities would fill the memory."""
    return b'<!DOCTYPE h [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><h>&b;</h>'


def all_wrong() -> bytes:
    """A form with 4,000 errors."""
    rows = [f"| | txt | q{number} | Q |" for number in range(4_000)]
    return "\n".join(["| survey |", "| | type | name | label |", *rows]).encode()


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("bomb.xlsx", bomb, "HW-1005"),
        ("rows.xlsx", many_rows, "HW-1321"),
        ("entities.xml", entities, "HW-1003"),
        ("large.xlsx", lambda: b"PK\x03\x04" + b"\0" * 21_000_000, "HW-1005"),
        ("photo.xlsx", lambda: b"\x89PNG nothing of a workbook", "HW-1008"),
        ("empty.xlsx", lambda: b"", "HW-1008"),
        ("program.exe", lambda: b"MZ", "HW-1007"),
        ("deep.md", lambda: b"| survey |\n| | type | name | label | relevant |\n| | text | a | A | "
         + b"(" * 10_000 + b" |\n", "HW-1"),
    ],
)  # fmt: skip
def test_an_attack_is_a_number_in_bounded_time(
    site: Site, name: str, data: Callable[[], bytes], code: str
) -> None:
    """Refused on the same page with its number; hub and uploads are as before."""
    made = data()
    before = site.documents()
    client = site.browser("root")
    start = time.monotonic()
    answer = site.upload(client, (name, made), ("wells.csv", WELLS))
    assert time.monotonic() - start < SECONDS
    assert answer.status_code == 422
    assert code in main_of(answer.text)
    assert site.documents() == before
    assert site.waiting() == 0


def test_more_than_a_page_can_show_is_counted(site: Site) -> None:
    """Thousands of problems make a page of bounded length that says how many there are."""
    answer = site.upload(site.browser("root"), ("wrong.md", all_wrong()))
    assert answer.status_code == 422
    assert main_of(answer.text).count("HW-1328") == 500
    assert "500 of 4000 problems" in text_of(answer.text)
    assert len(answer.data) < 1_000_000


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../../etc/cron.d/wells.csv", "wells.csv"),
        ("/etc/passwd\x00/wells.csv", "wells.csv"),
    ],
)
def test_the_folders_of_a_name_are_nobodys_business(
    site: Site, tmp_path: Path, name: str, shown: str
) -> None:
    """Only the last part of a name counts, and nothing is written but the two databases of the hub."""
    before = {path.name for path in tmp_path.iterdir()}
    client = site.browser("root")
    assert site.add(client, (f"../{name}.xlsx", book()), (name, WELLS)).status_code == 303
    assert ("list", shown) in {(kind, each) for kind, each, _ in site.documents()}
    made = {path.name for path in tmp_path.iterdir()} - before
    assert all(each.startswith("hub") for each in made)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("C:\\Users\\x\\wells.csv", "wells.csv"),
        ("a/b\\../wells.csv", "wells.csv"),
        ("wells\x00\n.csv", "wells.csv"),
        ("", "?"),
        ("/", "?"),
        ("x" * 5_000 + ".csv", "x" * 116 + ".csv"),
    ],
)
def test_a_name_is_its_last_part(name: str, shown: str) -> None:
    """Folders of any system, what cannot be printed and what is too long for a page are left out."""
    assert File.given(name, b"").name == shown


@pytest.mark.parametrize(
    "name",
    ["<script>alert(1)</script>.csv", "'><img src=x>.csv", ".csv", "-rf.csv", "a" * 90 + ".csv", "*.csv"],
)
def test_a_name_that_cannot_be_a_list_is_a_number_and_text(site: Site, name: str) -> None:
    """HW-3451, or no list at all (HW-1450); markup stays text."""
    answer = site.upload(site.browser("root"), ("mine.xlsx", book()), (name, WELLS))
    assert answer.status_code == 422
    assert "HW-3451" in main_of(answer.text)
    assert "<script>alert" not in main_of(answer.text)
    assert "<img" not in main_of(answer.text)


@pytest.mark.parametrize("form_id", ["../x", "a/b", "a?b", "<b>", "x" * 65, ".", " ", "-x", "a%2fb"])
def test_an_id_that_no_address_can_hold(site: Site, form_id: str) -> None:
    """HW-3452, and nothing is added."""
    before = site.documents()
    answer = site.upload(site.browser("root"), ("mine.xlsx", book(form_id=form_id)), ("wells.csv", WELLS))
    if answer.status_code == 303:  # a blank is no id: the form has pyxform's own
        assert form_id == " "
        return
    assert answer.status_code == 422
    assert "HW-3452" in main_of(answer.text)
    assert "“<b>”" not in main_of(answer.text)
    assert site.documents() == before


@pytest.mark.parametrize("form_id", ["wells 2", "调查", "a.b-c", "Wells_2"])
def test_an_id_that_an_address_can_hold(site: Site, form_id: str) -> None:
    """Spaces, Chinese, dots: the form is added, offered and opens."""
    site.add(site.browser("root"), ("mine.xlsx", book(form_id=form_id)), ("wells.csv", WELLS))
    anna = site.browser("anna")
    assert anna.get(f"/en/fill/{form_id}").status_code == 200
    assert anna.get("/sw.js").status_code == 200


@pytest.mark.parametrize(
    "made",
    [
        lambda: book(form_id="Jobs"),  # a table of this name is there, but for capitals
        lambda: book(form_id="business"),  # the figures of the hub count what this one does not ask
        lambda: book(
            more=[["text", f"q{number}", "Q", "题"] for number in range(2_000)]
        ),  # SQLite: 2,000 columns
        lambda: book(more=[["text", "Region", "R", "丙"]], form_id="jobs"),
    ],
    ids=["same table", "figures", "too many columns", "jobs without its questions"],
)
def test_one_form_cannot_stop_the_tables_of_all(site: Site, made: Callable[[], bytes]) -> None:
    """HW-3453: a form of which no tables or figures can be made is refused before it is in the hub."""
    before = site.documents()
    answer = site.upload(site.browser("root"), ("mine.xlsx", made()), ("wells.csv", WELLS))
    assert answer.status_code == 422
    assert "HW-3453" in main_of(answer.text)
    assert site.documents() == before


def test_a_list_of_the_hub_is_not_broken_by_another_form(site: Site) -> None:
    """villages.csv without what pages and other forms read is refused; a whole one is taken, and said to replace it."""
    client = site.browser("root")
    form = book(without=["well"], more=[["select_one_from_file villages.csv", "v", "V", "村"]])
    broken = site.upload(client, ("mine.xlsx", form), ("villages.csv", b"name,label\n1,One\n"))
    assert broken.status_code == 422
    assert "HW-3457" in main_of(broken.text)
    assert "HW-1453" in main_of(broken.text)
    whole = b"name,label,township,county\n140521901901,One,140521901,140521\n"
    asked = site.upload(client, ("mine.xlsx", form), ("villages.csv", whole))
    assert asked.status_code == 303
    page = text_of(client.get(asked.location).text)
    assert "HW-3459" in page
    assert "replaces the list here, which has 240" in page


def test_the_built_in_forms_pass(site: Site) -> None:
    """What the hub has already is found to be just that."""
    answer = site.upload(site.browser("root"), ("business.md", built_in("business").read_bytes()))
    assert answer.status_code == 200
    assert "Nothing was changed" in text_of(answer.text)


def test_a_tree_takes_no_list_of_places_away(site: Site) -> None:
    """XML that is no list, under the name of one that the pages of villages are made of, is refused though it has
    elements of those names, and nothing is suggested in their place."""
    form = book(without=["well"], more=[["xml-external", "counties"]])
    tree = b'<root><item id="1"><name>a</name><label>A</label></item></root>'
    said = main_of(site.upload(site.browser("root"), ("mine.xlsx", form), ("counties.xml", tree)).text)
    assert said.count("HW-3457") == 2
    assert "Did you mean" not in said
    assert site.waiting() == 0
