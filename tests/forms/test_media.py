"""Pictures, sound and video of a form: what is taken for one, what a form shows, what the check says of both."""

from __future__ import annotations

import pytest

from forms import Form, FormError, compile_form, read_xform
from forms.attached import MEDIA, media_name, read_media
from forms.attached.media import LARGEST
from forms.check import Place
from forms.check.media import check_media, check_media_file, check_media_unused
from forms.problems import LANGUAGES
from forms.shown import names_shown, shown_beside
from tests.collector.own_forms.pictures import FILES, FORM, png, wav

MP4 = b"\0\0\0\x18ftypisom" + b"\0" * 90
BEGINNINGS = {
    ".png": png(),
    ".jpg": b"\xff\xd8\xff\xe0" + b"\0" * 90,
    ".jpeg": b"\xff\xd8\xff\xe1" + b"\0" * 90,
    ".webp": b"RIFF\x10\0\0\0WEBPVP8 " + b"\0" * 90,
    ".gif": b"GIF89a" + b"\0" * 90,
    ".mp3": b"\xff\xfb\x90\0" + b"\0" * 90,
    ".m4a": b"\0\0\0\x18ftypM4A " + b"\0" * 90,
    ".ogg": b"OggS" + b"\0" * 90,
    ".wav": wav(),
    ".mp4": MP4,
    ".webm": b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm" + b"\0" * 90,
}
FOREIGN = {
    "page": b"<!DOCTYPE html><script>alert(1)</script>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "empty": b"",
    "program": b"MZ\x90\0",
    "aac": b"\xff\xf1\x50\x80" + b"\0" * 90,
    "matroska": b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x88matroska" + b"\0" * 90,
    "avi": b"RIFF\x10\0\0\0AVI LIST",
}


@pytest.fixture(scope="module")
def form() -> Form:
    """The form of herbs."""
    return compile_form(FORM.encode(), "herbs.md")


def test_a_file_is_what_its_beginning_says() -> None:
    """Each kind is known by its own beginning, and by no other name than its own and those of its family."""
    assert set(BEGINNINGS) == set(MEDIA)
    for ending, data in BEGINNINGS.items():
        assert read_media(data, f"x{ending.upper()}").type == MEDIA[ending].type
    families = [{".jpg", ".jpeg"}, {".m4a", ".mp4"}]
    for ending, data in BEGINNINGS.items():
        for other in set(MEDIA) - {ending}:
            if {ending, other} not in families:
                with pytest.raises(FormError) as told:
                    read_media(data, f"x{other}")
                assert told.value.problems[0].code == "HW-1470"


@pytest.mark.parametrize("ending", MEDIA)
@pytest.mark.parametrize("foreign", FOREIGN)
def test_nothing_else_goes_by_such_a_name(ending: str, foreign: str) -> None:
    """Pages, drawings with scripts, programs and formats that are not shown are refused under every ending."""
    kind, found = check_media_file(FOREIGN[foreign], f"x{ending}")
    assert kind is None
    assert [each.code for each in found] == ["HW-1470"]
    assert all(each.message(lang) and each.remedy(lang) for each in found for lang in LANGUAGES)


def test_bounds_and_endings() -> None:
    """The largest is taken, a byte more is not; endings that are none of ours are told with those that are."""
    assert read_media(png().ljust(LARGEST, b"\0"), "x.png").sort == "image"
    for name, data, code in (
        ("x.png", png().ljust(LARGEST + 1, b"\0"), "HW-1471"),
        ("x.svg", FOREIGN["svg"], "HW-1450"),
        ("png", png(), "HW-1450"),
    ):
        assert [each.code for each in check_media_file(data, name)[1]] == [code]


def test_names() -> None:
    """The last part counts, composed, with a small ending."""
    assert media_name("jr://images/Well.PNG") == "Well.png"
    assert media_name("jr://images/a/b.jpg") == media_name(r"c:\a\b.jpg") == "b.jpg"
    assert media_name("e\u0301.png") == "\u00e9.png"
    assert media_name("jr://images/") == ""


def test_what_a_form_shows(form: Form) -> None:
    """All files in all languages; beside each text those of the language, else of the default one."""
    assert names_shown(form) == set(FILES)
    look, place = (next(node for node in form.nodes if node.name == name) for name in ("look", "place"))
    assert shown_beside(form, look.label, "English (en)") == {"image": "look-en.png"}
    assert shown_beside(form, look.label, "中文 (zh)") == {"image": "look-zh.png"}
    for language in ("English (en)", "中文 (zh)"):
        found = shown_beside(form, place.label, language)
        assert found == {"image": "map.png", "big-image": "map-large.png", "audio": "where.wav"}
    assert shown_beside(form, None, "English (en)") == {}
    assert names_shown(read_xform(form.xform)) == set(FILES)


def test_each_missing_file_is_told_once_at_its_place(form: Form) -> None:
    """With the question or the value of the choice, and the column; what is there is not told."""
    assert list(check_media(form, FILES, {})) == []
    places = {"/data/place": Place("survey", 4, "place")}
    found = list(check_media(form, set(FILES) - {"map.png", "mint.wav"}, places))
    assert [(each.code, each.at, each.params["name"]) for each in found] == [
        ("HW-1472", Place("survey", 4, "place", "image"), "map.png"),
        ("HW-1472", Place("choices", 0, "mint", "audio"), "mint.wav"),
    ]
    assert all(each.message(lang) and each.remedy(lang) for each in found for lang in LANGUAGES)


@pytest.mark.parametrize("name", ["mint.svg", "mint.wav", "mint", "${place}.png", "mint.png${place}"])
def test_what_no_file_could_be_is_told(name: str) -> None:
    """A drawing with scripts, sound in the column of pictures, no ending, a name that answers make."""
    made = compile_form(FORM.replace("| look-en.png |", f"| {name} |").encode(), "herbs.md")
    (found,) = list(check_media(made, {*FILES, name}, {}))
    assert (found.code, found.params["column"]) == ("HW-1473", "image")
    assert ".webp" in found.remedy("en")
    assert all(found.message(lang) for lang in LANGUAGES)


def test_a_file_that_no_form_shows(form: Form) -> None:
    """A warning, with the name that was probably meant."""
    assert list(check_media_unused("Mint.PNG", [form])) != []
    assert list(check_media_unused("mint.PNG", [form])) == []
    (found,) = check_media_unused("mimt.png", [form])
    assert (found.code, found.severity, found.near) == ("HW-1474", "warning", "mint.png")
