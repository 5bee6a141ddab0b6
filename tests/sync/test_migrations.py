"""Files of the versions before: opened they are brought up to date with all that they hold, and merged as they are."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from sync import Replica, keys, merge, verify
from sync.replica import connection, schema
from sync.replica.schema import ADDED, ASIDE, SCHEMA_VERSION, TABLES
from tests.sync.conftest import LAYOUT

NAME = "/data/name"


def of_first_version(path: Path) -> str:
    """A file as the first version left it: two records, an edit, a review, a signature, media; its state digest."""
    with Replica.create(path) as replica:
        form = replica.put_form("test", "1", b"<h:html/>", LAYOUT)
        record = replica.save(form=form, answers={NAME: "a"}, author="a", scopes=["v:1"])
        replica.save(record=record, form=form, answers={NAME: "b"}, author="a")
        replica.save(form=form, answers={NAME: replica.put_media(b"photo", "image/jpeg")}, author="a")
        replica.review(record, "approved", author="s")
        replica.sign_tip(keys.generate())
        digest = replica.state_digest()
    old = path.with_suffix(".old")
    db = sqlite3.connect(old, isolation_level=None)
    schema.migrations.apply(Database(db), stop_before="0002_roads")
    db.execute("ATTACH ? AS new", (str(path),))
    for table in TABLES.keys() - ADDED.keys() - ASIDE.keys():
        db.execute(f"INSERT INTO {table} SELECT * FROM new.{table}")
    db.execute("DETACH new")
    assert db.execute("PRAGMA user_version").fetchone() == (1,)
    db.close()
    old.replace(path)
    return digest


def test_a_file_of_the_first_version_is_brought_up_to_date(tmp_path: Path) -> None:
    """Nothing of it is lost or altered, its signature is kept for handing on, and it goes on like a new one."""
    path = tmp_path / "field.db"
    digest = of_first_version(path)
    with Replica.open(path) as replica:
        assert replica.db.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
        assert replica.state_digest() == digest
        assert verify(replica).problems == []
        assert replica.db.execute("SELECT count(*) FROM signature").fetchone() == (1,)
        form = next(replica.states()).form
        replica.save(form=form, answers={NAME: "new"}, author="a")
        assert verify(replica).problems == []
    with Replica.open(path) as again:
        assert again.counts()["records"] == 3


def test_a_file_of_the_first_version_is_merged_as_it_is(tmp_path: Path) -> None:
    """A stick from last year: all of it is taken, and not a byte of it is changed."""
    path = tmp_path / "stick" / "field.db"
    path.parent.mkdir()
    digest = of_first_version(path)
    before = path.read_bytes()
    with Replica.create(tmp_path / "hub.db") as hub:
        report = merge(hub, [path])
        assert (report.taken, report.sources[0].problems, report.sources[0].media) == (4, [], 1)
        assert hub.state_digest() == digest
        assert verify(hub).problems == []
        assert merge(hub, [path]).taken == 0
    assert path.read_bytes() == before


def test_a_migration_that_fails_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of a migration is none: the file is of the version before, whole, and the next attempt succeeds."""
    path = tmp_path / "field.db"
    digest = of_first_version(path)
    broken = {**ADDED, "backed_up": "CREATE TABLE half ("}
    with monkeypatch.context() as patched:
        patched.setattr(schema, "ADDED", broken)
        with pytest.raises(sqlite3.Error):
            schema.migrations.apply(Database(_opened(path)))
    db = _opened(path)
    assert db.execute("PRAGMA user_version").fetchone() == (1,)
    assert {row[0] for row in db.execute("SELECT name FROM sqlite_master")}.isdisjoint(ADDED)
    db.close()
    with Replica.open(path) as replica:
        assert replica.state_digest() == digest


def _opened(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode = delete")
    return db


def test_the_version_counts_the_migrations(tmp_path: Path) -> None:
    """`user_version` is the number of migrations, so that an older program can tell that it does not know a file."""
    migrations: Any = schema.migrations
    db = sqlite3.connect(":memory:")
    assert len(migrations.pending(Database(db))) == SCHEMA_VERSION
    db.close()
    assert connection.SCHEMA_VERSION == SCHEMA_VERSION
