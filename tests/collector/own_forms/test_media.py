"""Pictures, sound and video of a form: added by command and page, handed out, shown on the server's pages."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from collector.cli import main
from collector.form_media import MEDIA_KIND, addresses
from collector.library import current_form, install_library
from collector.own_forms.media import LARGEST_OF_FORM
from sync import Replica, merge
from tests.collector.fill.conftest import Page, follow

from .books import WELLS
from .conftest import Site
from .pictures import FILES, FORM, FORM_ID, png, wav
from .test_page import main_of, text_of

SHEET = ("herbs.md", FORM.encode())


def add(hub: Path, *given: Path, json_: bool = False) -> Result:
    """`homeward forms add` in English, the first file as the form."""
    words = [
        "forms",
        "add",
        str(hub),
        str(given[0]),
        *(x for path in given[1:] for x in ("--list", str(path))),
    ]
    return CliRunner().invoke(
        main, [*words, "--lang", "en", *(["--json"] if json_ else [])], catch_exceptions=False
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The form with its files, and a hub."""
    (tmp_path / "herbs.md").write_bytes(SHEET[1])
    for name, data in FILES.items():
        (tmp_path / name).write_bytes(data)
    with Replica.create(tmp_path / "hub.db") as replica:
        install_library(replica)
    return tmp_path


@pytest.fixture
def shown(site: Site) -> Site:
    """The form is in the hub with all that it shows."""
    site.add(site.browser("root"), SHEET, *FILES.items())
    return site


def media(hub: Path) -> dict[str, bytes]:
    """What the hub has, by name."""
    with Replica.open(hub) as replica:
        return {document.name: document.data for document in replica.documents(MEDIA_KIND)}


def test_the_command_adds_them_as_they_are_and_once(folder: Path) -> None:
    """Kept byte for byte by their names, told with their size and with what a phone fetches; again nothing changes."""
    given = [folder / "herbs.md", *(folder / name for name in FILES)]
    done = add(folder / "hub.db", *given)
    assert done.exit_code == 0, done.output
    assert "Added: picture mint.png (0 kB)." in done.stdout
    assert "Added: sound mint.wav (6 kB)." in done.stdout
    assert "“herbs”: a phone fetches" in done.stdout
    assert media(folder / "hub.db") == FILES
    again = json.loads(add(folder / "hub.db", *given, json_=True).stdout)
    assert [each["known"] for each in again["media"]] == [True] * len(FILES)
    assert again["forms"][0]["media_bytes"] == sum(map(len, FILES.values()))
    assert add(folder / "hub.db", folder / "herbs.md").exit_code == 0  # they are here


def test_what_is_missing_or_no_picture_refuses_all(folder: Path) -> None:
    """HW-1472 for each that nobody gave, HW-1470 for one that only bears the name and not the other number too."""
    (folder / "moss.png").write_bytes(b"<svg onload='alert(1)'/>")
    given = [folder / name for name in FILES if name != "mint.wav"]
    done = add(folder / "hub.db", folder / "herbs.md", *given, folder / "herbs.md")
    assert done.exit_code == 1
    for code, times in (("HW-1472", 1), ("HW-1470", 1), ("HW-1450", 1)):
        assert done.stderr.count(code) == times, (code, done.stderr)
    assert "choices, “mint”, column audio" in done.stderr
    assert media(folder / "hub.db") == {}


def test_a_replaced_file_is_told_with_the_forms_that_show_it(folder: Path) -> None:
    """HW-3471, a warning; and a file that no form shows is one (HW-1474)."""
    add(folder / "hub.db", folder / "herbs.md", *(folder / name for name in FILES))
    other = folder / "other.md"
    other.write_text(FORM.replace("| herbs | Herbs |", "| other | Other |"), "utf-8")
    (folder / "mint.png").write_bytes(png(1))
    (folder / "unused.png").write_bytes(png(2))
    done = add(folder / "hub.db", other, folder / "mint.png", folder / "unused.png")
    assert done.exit_code == 0, done.output
    assert "HW-3471" in done.stdout
    assert "herbs" in done.stdout.partition("HW-3471")[2]
    assert "HW-1474" in done.stdout
    assert media(folder / "hub.db")["mint.png"] == png(1)


def test_more_than_a_phone_should_fetch_is_refused(folder: Path) -> None:
    """HW-3472, with how much it is, also where part of it is here already."""
    heavy = wav().ljust(9_000_000, b"\0")
    rows = "".join(f"| | note | n{n} | N | N | | | | heavy{n}.wav | |\n" for n in range(4))
    (folder / "heavy.md").write_text(FORM.replace("| | begin repeat", f"{rows}| | begin repeat"), "utf-8")
    for number in range(4):
        (folder / f"heavy{number}.wav").write_bytes(heavy + bytes([number]))
    assert 4 * len(heavy) > LARGEST_OF_FORM > 3 * len(heavy)
    given = [folder / name for name in FILES]
    done = add(folder / "hub.db", folder / "heavy.md", *given, *(folder / f"heavy{n}.wav" for n in range(4)))
    assert done.exit_code == 1
    assert "HW-3472" in done.stderr
    assert "36.0 MB" in done.stderr
    assert media(folder / "hub.db") == {}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_takes_them(site: Site, lang: str) -> None:
    """What is missing is listed; with all of it the page that asks says what each is and what phones fetch."""
    root = site.browser("root")
    refused = site.upload(root, SHEET, *list(FILES.items())[1:], lang=lang)
    assert refused.status_code == 422
    assert "HW-1472" in main_of(refused.text)
    assert "look-en.png" in text_of(refused.text)
    asked = site.upload(root, SHEET, *FILES.items(), lang=lang)
    said = text_of(root.get(asked.location).text)
    for name in FILES:
        assert name in said
    assert ("A phone fetches" if lang == "en" else "手机先下载") in said
    assert 'accept=".csv,.geojson,.xml,.png' in root.get(f"/{lang}/forms").text


def test_they_are_handed_out_by_their_content(shown: Site) -> None:
    """To anybody, for ever, as what they are and nothing else; a part where a player asks for one."""
    with Replica.open(shown.hub) as replica:
        found = addresses(replica, current_form(replica, FORM_ID).form)
    assert set(found) == set(FILES)
    anybody = shown.app.test_client()
    for name, address in found.items():
        answer = anybody.get(address)
        assert answer.data == FILES[name]
        assert answer.mimetype == ("image/png" if name.endswith("png") else "audio/wav")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "immutable" in answer.headers["Cache-Control"]
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert "Set-Cookie" not in answer.headers
    sound = found["mint.wav"]
    part = anybody.get(sound, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.data) == (206, FILES["mint.wav"][10:20])
    assert part.headers["Content-Range"] == f"bytes 10-19/{len(FILES['mint.wav'])}"
    tag = anybody.get(sound).headers["ETag"]
    assert anybody.get(sound, headers={"If-None-Match": tag}).status_code == 304
    for wrong in (sound.replace(".wav", ".png"), sound.replace(".wav", ".html"), sound[:-5] + "x.wav"):
        assert anybody.get(wrong).status_code == 404, wrong


def test_what_came_from_elsewhere_is_looked_at_again(shown: Site) -> None:
    """A page under the name of a picture is neither shown nor handed out nor asked for by phones."""
    with Replica.open(shown.hub) as replica:
        id_ = replica.put_document(MEDIA_KIND, "mint.png", b"<script>alert(1)</script>")
        list_ = replica.put_document("list", "wells.csv", WELLS)
        assert "mint.png" not in addresses(replica, current_form(replica, FORM_ID).form)
    anybody = shown.app.test_client()
    for address in (f"/form-media/{id_}.png", f"/form-media/{list_}.png"):
        answer = anybody.get(address)
        assert answer.status_code == 404
        assert "alert(1)" not in answer.text
    assert id_ not in anybody.get("/sw.js").text


def elements(page: str, tag: str) -> list[str]:
    """The elements of one kind in the body of a page, without what waits in templates."""
    return re.findall(
        rf"<{tag}\b[^>]*>", re.sub(r"<template.*?</template>", "", main_of(page), flags=re.DOTALL)
    )


@pytest.mark.parametrize(("lang", "look"), [("en", "look-en.png"), ("zh", "look-zh.png")])
def test_pages_show_them_beside_labels_and_choices(shown: Site, lang: str, look: str) -> None:
    """By language, without a word for those who hear the label anyway, and with one where the picture is all there is;
    choices that open later bring theirs; scripts have those of all choices."""
    with Replica.open(shown.hub) as replica:
        at = addresses(replica, current_form(replica, FORM_ID).form)
    anna = shown.browser("anna")
    post = f"/{lang}/fill/{FORM_ID}"
    first = Page.of(anna.get(post))
    assert elements(first.text, "img") == [
        f'<img src="{at[name]}" alt="" decoding="async">' for name in (look, "map.png", "leaf.png")
    ]
    assert f'href="{at["map-large.png"]}"' in first.text
    (audio,) = elements(first.text, "audio")
    assert f'src="{at["where.wav"]}"' in audio
    assert 'controls preload="none"' in audio
    assert ("Sound: Where?" if lang == "en" else "声音：在哪里？") in html.unescape(audio)
    waiting = "".join(re.findall(r"<template data-beside>.*?</template>", first.text, flags=re.DOTALL))
    assert waiting.count("data-value") == 3 + 1 + 1  # herbs; parts in the first instance and in the blank one
    south = follow(anna, anna.post(post, data=first.posting({"/data/place": "s"}, "update")))
    images = elements(south.text, "img")
    assert f'<img src="{at["sage.png"]}" alt="" decoding="async">' in images
    assert f'<img src="{at["moss.png"]}" alt="moss" decoding="async">' in images
    assert at["mint.png"] not in "".join(images)


def test_phones_are_told_and_shells_have_them(shown: Site) -> None:
    """The worker keeps each address once, the empty page of the form has the elements; a new picture is a new version
    of what is kept."""
    anybody = shown.app.test_client()
    before = anybody.get("/sw.js").text
    with Replica.open(shown.hub) as replica:
        at = addresses(replica, current_form(replica, FORM_ID).form)
    for address in at.values():
        assert before.count(f'"{address}"') == 1
    assert at["look-zh.png"] in anybody.get(f"/zh/fill/{FORM_ID}").text
    with Replica.open(shown.hub) as replica:
        replica.put_document(MEDIA_KIND, "mint.png", png(3))
    after = anybody.get("/sw.js").text
    assert f'"{at["mint.png"]}"' not in after
    version = re.compile(r'"version":"(\w+)"')
    assert version.findall(before) != version.findall(after)


def test_they_travel_with_the_form(shown: Site, tmp_path: Path) -> None:
    """A hub that merges this one has form and files, and hands them out at the same addresses."""
    with Replica.create(tmp_path / "other.db") as other:
        merge(other, [shown.hub])
        found = addresses(other, current_form(other, FORM_ID).form)
    assert media(tmp_path / "other.db") == FILES
    with Replica.open(shown.hub) as replica:
        assert found == addresses(replica, current_form(replica, FORM_ID).form)
