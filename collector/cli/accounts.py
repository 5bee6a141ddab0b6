"""What commands that read or change accounts share."""

from __future__ import annotations

from pathlib import Path

import click

from .. import app_db

DB = click.argument("db", type=click.Path(path_type=Path))


def accounts_of(db: Path) -> Path:
    """The app database of a replica that exists. Opening the replica first refuses a file that is none."""
    from sync import Replica  # here, so that `--help` does not load it

    Replica.open(db).close()
    return app_db.path_for(db)
