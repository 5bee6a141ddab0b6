"""Modules joined into few files are still the modules that were written."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from collector.joined import BASES, Modules
from collector.static_files import joined, joined_names

from .test_static_files import FOLDER, NODE, ROOT, different

APP = FOLDER / "app"
MODULES = Modules(APP)


def test_every_module_loses_its_comments_and_nothing_else() -> None:
    """What is joined has the syntax tree of what is written, by TypeScript's parser."""
    names = MODULES.names()
    assert len(names) > 60
    assert different([(name, (APP / name).read_text("utf-8"), MODULES.source(name)) for name in names]) == []


def test_joined_files_export_what_the_modules_export() -> None:
    """Each module of `logic`, `store` and `sync` gives the same names, of the same kinds, in Node."""
    names = [name for name in MODULES.names() if not name.startswith("mount/")]
    files = [
        ("worker", MODULES.joined("worker")),
        *((name, MODULES.joined("worker", name)) for name in names),
    ]
    task = {"folder": str(APP), "files": files, "modules": names}
    done = subprocess.run(
        [NODE, ROOT / "tests/js/joined.mjs"],
        input=json.dumps(task), cwd=ROOT, capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    assert done.stdout.split() == []
    assert len(names) > 40


def test_every_file_that_a_page_asks_for_is_there() -> None:
    """All that an entry comes to import, now or later, in whatever module; each brings what it is named after."""
    names = joined_names(APP)
    assert {f"joined/{base}.js" for base in BASES} < set(names)
    assert "joined/fill/mount/fill_finish.js" in names
    for name in names:
        file = joined(APP, name.removeprefix("joined/"))
        assert file is not None, name
        base, _, later = name.removeprefix("joined/").partition("/")
        brought = later or BASES[base.removesuffix(".js")]
        assert f'M["{brought}"]??=' in file.body.decode("utf-8"), name


@pytest.mark.parametrize("name", ["fill/../../sw.js", "fill/mount/nothing.js", "other.js", "fill", "fill/"])
def test_what_is_no_module_is_not_served(name: str) -> None:
    """A name from outside leads nowhere."""
    assert joined(APP, name) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('import * as all from "./b.js";', "import"),
        ("export default 1;", "export default"),
        ('import { b } from "./a.js";\nexport const a = b;', "circle"),
    ],
)
def test_what_the_joiner_does_not_read_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    """Another way to write a module stops the program and does not go to a phone half understood."""
    (tmp_path / "mount").mkdir()
    (tmp_path / "mount" / "a.js").write_text(text)
    (tmp_path / "mount" / "fill.js").write_text('import { a } from "./a.js";\na();')
    (tmp_path / "mount" / "b.js").write_text("export const b = 1;")
    with pytest.raises(ValueError, match=reason):
        Modules(tmp_path).joined("fill")


def test_a_text_may_look_like_a_comment(tmp_path: Path) -> None:
    """Only comments go."""
    (tmp_path / "a.js").write_text(
        'const any = "*/*", all = "/*"; /* gone */\n  // gone\nconst url = "http://x";\n'
    )
    assert "gone" not in (source := Modules(tmp_path).source("a.js"))
    assert '"/*"' in source
    assert '"http://x"' in source
