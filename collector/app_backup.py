"""A copy of `X-app.db` beside the backup of its replica: accounts, devices' tokens (hashed) and private keys.

It never merges; a hub that is restored without it has nobody who can sign in."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from sync import backup
from sync.faults import writing

from . import app_db
from .problems import Problem


def target(db: Path, copy: Path) -> Path | None:
    """Where the app database of `db` goes beside a backup `copy`; None when there is none. HW-2081 for one that is in
    use."""
    if not app_db.path_for(db).exists():
        return None
    path = app_db.path_for(copy)
    backup.refuse_in_use(path)
    return path


def copy(db: Path, path: Path) -> None:
    """Copy the app database of `db` to a path, in one step, readable for its owner alone. Raises `Problem` HW-3430
    when the copy does not hold, `SyncError` HW-2101 when there is no room for it."""
    with (
        app_db.reading(app_db.path_for(db)) as source,
        TemporaryDirectory(dir=path.parent, prefix=backup.PREFIX) as folder,
        writing(path),
    ):
        new = Path(folder) / path.name
        backup.copy_pages(source, new)
        with closing(sqlite3.connect(new)) as made:
            made.execute("PRAGMA journal_mode = DELETE")
            said = made.execute("PRAGMA quick_check(1)").fetchone()[0]
        if said != "ok":
            raise Problem("HW-3430", str(path), reason=said)
        backup.put(new, path)
