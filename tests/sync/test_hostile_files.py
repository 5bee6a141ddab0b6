"""Database files of somebody who means ill: nothing of theirs runs, and nothing of theirs is taken for ours."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from sync import merge, verify
from tests.sync.conftest import Make

NAME = "/data/name"
Spoil = Callable[[sqlite3.Connection], object]


def script(text: str) -> Spoil:
    """A fault made by SQL."""
    return lambda db: db.executescript(text)


def written_schema(text: str) -> Spoil:
    """A fault made in the schema itself."""

    def spoil(db: sqlite3.Connection) -> None:
        db.execute("PRAGMA writable_schema = ON")
        db.execute(text)
        db.commit()

    return spoil


AS_VIEW = """
ALTER TABLE change RENAME TO stolen;
CREATE VIEW change AS SELECT id, record, header, payload FROM stolen;
"""
GENERATED = """
ALTER TABLE change RENAME TO stolen;
CREATE TABLE change (id INTEGER PRIMARY KEY, record INTEGER, header TEXT NOT NULL,
 payload TEXT GENERATED ALWAYS AS (header) VIRTUAL);
INSERT INTO change (id, record, header) SELECT id, record, header FROM stolen;
"""
RECURSIVE = """
ALTER TABLE log RENAME TO stolen;
CREATE VIEW log AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
 SELECT i AS replica, 1 AS tip, '' AS digest, 0 AS signed, '' AS signature FROM n;
"""
DOCUMENT = """
INSERT INTO content (id, data) VALUES ('AAAAAAAAAAAAAAAAAAAAAA', x'61');
INSERT INTO document (id, kind, name, scopes, added)
 VALUES ('AAAAAAAAAAAAAAAAAAAAAA', 'list', 'villages.csv', '[]', '0190000000000000');
"""
REFUSED: dict[str, tuple[Spoil, set[str]]] = {
    "a trigger": (
        script("CREATE TRIGGER t AFTER INSERT ON change BEGIN DELETE FROM change; END;"),
        {"HW-2005"},
    ),
    "a view for a table": (script(AS_VIEW), {"HW-2005"}),
    "an endless view": (script(RECURSIVE), {"HW-2005"}),
    "a computed column": (script(GENERATED), {"HW-2005"}),
    "an index over a call": (script("CREATE INDEX i ON change (length(header));"), {"HW-2005"}),
    "a column more": (script("ALTER TABLE change ADD COLUMN more TEXT;"), {"HW-2005"}),
    "a table less": (script("DROP TABLE block;"), {"HW-2005"}),
    "one table's pages for another's": (
        written_schema(
            "UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = 'meta')"
            " WHERE name = 'change'"
        ),
        {"HW-2006", "HW-2010"},
    ),
    "a schema that is none": (
        written_schema("UPDATE sqlite_master SET sql = 'CREATE TABLE change (x' WHERE name = 'change'"),
        {"HW-2006"},
    ),
    "numbers as texts": (script("UPDATE log SET tip = 'many';"), {"HW-2010"}),
    "a number past its end": (script("UPDATE log SET tip = 1 << 40;"), {"HW-2010"}),
    "a log of nobody": (script("UPDATE log SET replica = -1;"), {"HW-2010"}),
    "bytes for a digest": (script("UPDATE log SET digest = x'00';"), {"HW-2010"}),
    "a header as bytes": (script("UPDATE change SET header = CAST(header AS BLOB);"), {"HW-2014"}),
    "a payload as a number": (script("UPDATE change SET payload = 7;"), {"HW-2008", "HW-2014"}),
    "another record in the column": (script("UPDATE change SET record = 5 WHERE record;"), {"HW-2009"}),
    "a document that is not its id": (script(DOCUMENT), {"HW-2015"}),
    "a medium that is no name": (
        script("INSERT INTO media VALUES ('../../etc/passwd', 'text/plain', 1, '');"),
        {"HW-2025"},
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_hostile_file_is_set_aside(make: Make, form: str, case: str) -> None:
    """Set aside with its number, in both languages; the file is not written to, nothing in it runs, the hub is as it
    was, and the next file is merged."""
    spoil, codes = REFUSED[case]
    anna, bo, hub = make("anna"), make("bo"), make("hub")
    for replica in (anna, bo, hub):
        record = replica.save(form=form, answers={NAME: "甲"}, author="a")
        replica.save(record=record, form=form, answers={NAME: "乙"}, author="a")
    anna.close()
    before = hub.state_digest()
    with closing(sqlite3.connect(anna.path)) as db:
        spoil(db)
    bytes_before = anna.path.read_bytes()
    bad, good = merge(hub, [anna.path, bo.path]).sources
    found = {problem.code for problem in bad.problems}
    assert found
    assert found <= codes
    assert (bad.taken, good.taken, good.problems) == (0, 2, [])
    assert all(problem.as_dict(lang)["remedy"] for problem in bad.problems for lang in ("en", "zh"))
    assert anna.path.read_bytes() == bytes_before
    assert verify(hub).problems == []
    assert hub.state_digest() != before
    assert {state.record for state in hub.states()} == {f"{hub.name}-1", f"{bo.name}-1"}


def test_a_file_with_more_than_ours_is_read_as_ours(make: Make, form: str) -> None:
    """Tables of a stranger beside ours are no business of the merge: not read, not run, not copied."""
    anna, hub = make("anna"), make("hub")
    anna.save(form=form, answers={NAME: "甲"}, author="a")
    anna.close()
    with closing(sqlite3.connect(anna.path)) as db:
        db.executescript(
            "CREATE TABLE notes (x); INSERT INTO notes VALUES ('stranger');"
            "CREATE TRIGGER t AFTER INSERT ON notes BEGIN DELETE FROM notes; END;"
        )
    (report,) = merge(hub, [anna.path]).sources
    assert (report.taken, report.problems) == (1, [])
    assert hub.db.execute("SELECT count(*) FROM main.sqlite_master WHERE name = 'notes'").fetchone() == (0,)


def test_a_folder_a_pipe_and_a_link_are_no_databases(make: Make, form: str, tmp_path: Path) -> None:
    """What stands where a file should is told, and holds nobody up; a link to the hub is the hub."""
    hub = make("hub")
    hub.save(form=form, answers={NAME: "甲"}, author="a")
    (tmp_path / "folder.db").mkdir()
    os.mkfifo(tmp_path / "pipe.db")
    (tmp_path / "nothing.db").symlink_to(tmp_path / "gone.db")
    (tmp_path / "self.db").symlink_to(hub.path)
    sources = [tmp_path / f"{name}.db" for name in ("folder", "pipe", "nothing", "self")]
    codes = [[p.code for p in source.problems] for source in merge(hub, sources).sources]
    assert codes == [["HW-2002"], ["HW-2003"], ["HW-2002"], ["HW-2024"]]
    assert verify(hub).problems == []
