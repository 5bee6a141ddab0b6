"""What is written down is true: links, cited names, commands, generated pages, the worked example."""

from __future__ import annotations

import importlib.util
import json
import re
import struct
import subprocess
import sys
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from collector.cli import COMMANDS
from collector.demo.build import Demo
from sync import Replica
from sync.transfer import push, take

ROOT = Path(__file__).parent.parent
READMES = [ROOT / "README.md", ROOT / "README.zh.md"]
PAGES = [*READMES, ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
ROOMS = ["forms", "sync", "collector", "datasette_plugins", "tests", "benchmarks", ".ci"]
CODE = {".py", ".js", ".html", ".css", ".json", ".svg", ".csv", ".md"}
GENERATED = {"commands.md", "commands.zh.md", "problems.md"}
MADE = {"media/"}  # folders that are there only when the program has run
HOMEWARD = str(Path(sys.executable).parent / "homeward")


def name(path: Path) -> str:
    """A path as it is shown in the name of a test."""
    return str(path.relative_to(ROOT))


def prose(path: Path) -> str:
    """A page without its fenced blocks."""
    return re.sub(r"^ *```.*?^ *```$", "", path.read_text("utf-8"), flags=re.M | re.S)


def fenced(text: str, kind: str) -> list[str]:
    """Lines of all fenced blocks of a kind."""
    blocks = re.findall(rf"^ *```{kind}\n(.*?)^ *```$", text, flags=re.M | re.S)
    return [line.strip() for block in blocks for line in block.splitlines() if line.strip()]


def cited(path: Path) -> list[str]:
    """What a page sets in backticks."""
    return re.findall(r"`([^`\n]+)`", prose(path))


@cache
def files() -> dict[str, Path]:
    """The project's own files that code or text may name, by path from the root."""
    found = [path for path in ROOT.iterdir() if path.is_file()]
    for room in [*ROOMS, "docs", "requirements"]:
        found += [
            path for path in (ROOT / room).rglob("*") if path.is_file() and "__pycache__" not in path.parts
        ]
    return {name(path): path for path in found}


@cache
def words() -> set[str]:
    """Every word of the code and of the texts that ship with it."""
    found: set[str] = set()
    for where, path in files().items():
        if where.startswith("docs/") or path in PAGES or path == Path(__file__):
            continue
        if path.suffix in CODE or path.name in ("Makefile", "pyproject.toml"):
            found |= set(re.findall(r"\w+", path.read_text("utf-8")))
    return found


def generator() -> ModuleType:
    """`.ci/write_docs.py`, which is in no package."""
    spec = importlib.util.spec_from_file_location("write_docs", ROOT / ".ci" / "write_docs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_links_lead_somewhere(path: Path) -> None:
    """Every relative link and picture of a page is a file of the project."""
    text = prose(path)
    targets = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'src="([^"]+)"', text)
    broken = [
        target
        for target in targets
        if not re.match(r"https?:", target) and not (path.parent / target.partition("#")[0]).exists()
    ]
    assert broken == []


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_cited_files_exist(path: Path) -> None:
    """A source file or folder of the project that a page names in backticks is there, by the end of its path."""
    missing = []
    for one in cited(path):
        if not re.fullmatch(
            r"[\w./-]*\w+\.(py|js|mjs|html|css|md|csv|svg|toml)|[a-z_.][\w.-]*(/[\w.-]+)*/", one
        ):
            continue
        wanted = "/" + one.removeprefix("/")
        if not any(
            wanted in f"/{where}" if one.endswith("/") else f"/{where}".endswith(wanted) for where in files()
        ):
            missing.append(one)
    assert set(missing) <= MADE


@pytest.mark.parametrize("path", [page for page in PAGES if page.name not in GENERATED], ids=name)
def test_cited_names_are_in_the_code(path: Path) -> None:
    """Each part of a name in backticks (`a_name`, `a.dotted.name`, `a_call(with)`) is a word of the code."""
    unknown = []
    for one in cited(path):
        bare = re.sub(r"\([^)]*\)", "", one)
        if re.fullmatch(r"[A-Za-z_]\w*(\.\w+)*", bare):
            unknown += [one for part in bare.split(".") if part not in words()]
    assert unknown == []


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_no_line_numbers(path: Path) -> None:
    """Pages name things and not lines, which move."""
    assert re.findall(r"\.(?:py|js|html):\d+|\.(?:py|js)#L\d+", path.read_text("utf-8")) == []


@pytest.mark.parametrize("page", sorted(GENERATED))
def test_generated_pages_are_up_to_date(page: str) -> None:
    """`make docs` would change nothing."""
    path = ROOT / "docs" / page
    assert path.read_text("utf-8") == generator().pages()[path], "run `make docs`"


@pytest.mark.parametrize("path", READMES, ids=name)
def test_every_command_is_in_the_readme(path: Path) -> None:
    """The table of commands names all of them, and none that is not there."""
    rows = re.findall(r"^\| `homeward (\w+)", path.read_text("utf-8"), flags=re.M)
    assert rows == [*dict.fromkeys(rows)]
    assert set(rows) == set(COMMANDS)


def test_both_readmes_say_the_same() -> None:
    """The Chinese page has the commands, links, pictures and headings of the English one."""
    english, chinese = (path.read_text("utf-8") for path in READMES)
    assert fenced(english, "sh") == fenced(chinese, "sh")
    for pattern in (r"\]\((docs/[^)]+|[A-Z]+[^)]*)\)", r"`(make [\w-]+|homeward [^`]+)`", r"^\d+\. "):
        found = [
            sorted({one.replace(".zh.md", ".md") for one in re.findall(pattern, text, flags=re.M)})
            for text in (english, chinese)
        ]
        assert found[0] == found[1]
    assert len(re.findall(r"^#+ ", english, flags=re.M)) == len(re.findall(r"^#+ ", chinese, flags=re.M))


def test_verbs_of_make_exist() -> None:
    """A verb that a page names is a target of the Makefile, and has its line in `make help`."""
    verbs = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text("utf-8"), flags=re.M))
    for path in PAGES:
        named = set(re.findall(r"`make ([a-z-]+)", path.read_text("utf-8")))
        named |= {
            line.split()[1] for line in fenced(path.read_text("utf-8"), "sh") if line.startswith("make ")
        }
        assert named <= verbs, name(path)


def test_the_index_has_every_page() -> None:
    """docs/README.md links each page of docs/."""
    index = (ROOT / "docs" / "README.md").read_text("utf-8")
    for path in sorted((ROOT / "docs").rglob("*.md")):
        if path.name != "README.md":
            assert f"({path.relative_to(ROOT / 'docs')})" in index


def test_every_room_is_in_the_architecture() -> None:
    """Each folder of code, and each module at the top of a package, has its place in docs/architecture.md."""
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    missing = []
    for package in ROOMS[:4]:
        for path in [*(ROOT / package).rglob("*.py"), *(ROOT / package).rglob("*.js")]:
            where = name(path.parent) + "/"
            if path.parent == ROOT / package and path.stem not in ("__init__", "problems"):
                where = name(path)
            if f"`{where}`" not in page:
                missing.append(where)
    assert sorted(set(missing)) == []


def test_pictures_are_small() -> None:
    """Each picture is a palette PNG under 120 KB, and some page shows it."""
    text = "".join(path.read_text("utf-8") for path in PAGES)
    pictures = sorted((ROOT / "docs" / "images").iterdir())
    assert pictures
    for path in pictures:
        head = path.read_bytes()[:26]
        assert head[:8] == b"\x89PNG\r\n\x1a\n", path.name
        assert struct.unpack(">II2B", head[16:26])[3] == 3, f"{path.name} is no palette image"
        assert path.stat().st_size < 120_000, path.name
        assert f"docs/images/{path.name}" in text


def test_worked_example() -> None:
    """The example of docs/data-model.md is the one of the vectors, byte for byte and whole."""
    page = (ROOT / "docs" / "data-model.md").read_text("utf-8")
    vectors: dict[str, Any] = json.loads((ROOT / "tests" / "vectors" / "changes.json").read_text("utf-8"))
    case = next(one for one in vectors["folds"] if one["case"] == "two edits of one answer, equal clocks")
    wanted = [vectors["form"]["document"], vectors["form"]["id"]]
    for number, change in enumerate(case["changes"]):
        wanted += [change["payload"], *([] if number else [change["payload_sha"]]), change["header"]]
    wanted += [case["state"]["digest_text"], case["state"]["state_digest"]]
    assert case["case"] in page
    assert fenced(page.partition("## A worked example")[2], "text") == wanted


def test_worked_example_of_a_push(tmp_path: Path) -> None:
    """The lines of docs/sync-protocol.md are taken by a new hub, and answered as the page says."""
    page = (ROOT / "docs" / "sync-protocol.md").read_text("utf-8")
    *lines, told = fenced(page.partition("### A worked example")[2], "text")
    with Replica.create(tmp_path / "hub.db") as hub:
        answer = push.receive(hub, ["\n".join([*lines, ""]).encode()], "0aaaaaaa", take.EVERYTHING)
        assert hub.state("0aaaaaaa-1").answers["/data/name"] == "乙"
    assert answer["receipts"][0][3].startswith("20")
    answer["receipts"][0][3] = "…"
    assert answer == json.loads(told)


@pytest.mark.slow
@pytest.mark.parametrize("path", READMES, ids=name)
def test_commands_of_the_readme_run(path: Path, tmp_path: Path) -> None:
    """Every `homeward` of the page works as it stands, in its order, on what `make demo` leaves."""
    Demo(tmp_path / "demo", "village").build(Silent())
    (tmp_path / "forms").symlink_to(ROOT / "forms")
    statuses = {}
    lines = [line for line in fenced(path.read_text("utf-8"), "sh") if line.startswith(".venv/")]
    for line in lines:
        words_ = re.findall(r'"[^"]*"|\S+', line)[1:]
        command = [HOMEWARD, *(word.strip('"') for word in words_)]
        statuses[words_[0]] = served(command, tmp_path) if words_[0] in SERVES else ran(command, tmp_path)
    assert statuses == {
        # 3: the records that two people changed differently are listed and not approved
        **{"merge": 0, "review": 3, "release": 0, "status": 0, "verify": 0},
        **{"serve": 0, "user": 0, "forms": 0, "public": 0},
    }


SERVES = {"serve", "public"}


class Silent:
    """Progress of the demonstration, not shown."""

    def step(self, key: str, total: int) -> None:
        """Nothing to show."""

    def advance(self, count: int) -> None:
        """Nothing to show."""


def ran(command: list[str], folder: Path) -> int:
    """The exit status of a command that ends by itself; a password is given where one is asked for."""
    done = subprocess.run(
        command, cwd=folder, input="a-long-password\n", capture_output=True, text=True, timeout=120
    )
    assert "Traceback" not in done.stderr
    return done.returncode


def served(command: list[str], folder: Path) -> int:
    """The exit status of a server that was let come up, at a free port, and then told to stop."""
    process = subprocess.Popen(
        [*command, "--port", "0"], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    try:
        lines = iter(process.stdout.readline, "")
        assert any(re.search(r"http://127\.0\.0\.1:\d+", line) for line in lines), "it never served"
    finally:
        process.send_signal(2)  # Ctrl+C
        rest = process.stdout.read()
        process.stdout.close()
    assert "Traceback" not in rest
    return process.wait(30)
