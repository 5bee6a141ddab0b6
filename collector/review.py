"""Reviewing many records at once: which are meant, which must not be approved unseen, and by whom."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sync import Replica
from sync.problems import UNKNOWN_FORM

from . import app_db
from .accounts import people
from .problems import Problem
from .tables import Tables

FILTERS = {
    "form": "form_id = ?",
    "village": "_village = ?",
    "township": "substr(_village, 1, 9) = ?",
    "county": "substr(_village, 1, 6) = ?",
    "state": "_review = ?",
    "author": "_author = ?",
    "record": "_record = ?",
}
"""What records can be chosen by: a name -> its condition on the table `record`. `author` is an id or a user
name.
"""

UNREADABLE_FORM = "HW-3605"
HUB = "hub"
"""The author of a review on a database without accounts."""


@dataclass(frozen=True)
class Held:
    """A record that was not approved: `reason` is `conflict`, `failed`, `unknown_form`; `problems` what its
    check found, as (number, flat path, words of the check).
    """

    record: str
    form_id: str
    village: str
    reason: str
    problems: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class Reviewed:
    """What a review did: records reviewed, records that were so already, records held back."""

    done: list[str]
    already: list[str]
    held: list[Held]


def parse_filters(texts: Iterable[str]) -> list[tuple[str, str]]:
    """(name, value) of each `name=value`. Raises HW-3507."""
    found = []
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or name.strip() not in FILTERS or not value.strip():
            raise Problem("HW-3507", "FILTER", filter=text, names=", ".join(FILTERS))
        found.append((name.strip(), value.strip()))
    return found


def reviewer(replica_path: Path, username: str = "") -> str:
    """Author id of a review: the named supervisor or administrator, else the first that there is, else
    `hub`.

    Raises HW-3508 when the name is nobody's who may review.
    """
    path = app_db.path_for(replica_path)
    if not path.exists():
        if username:
            raise Problem("HW-3508", str(replica_path), name=username)
        return HUB
    with app_db.reading(path) as connection:
        able = [person for person in people.everybody(connection) if person.supervises]
    if not username:
        return able[0].id if able else HUB
    for person in able:
        if person.username == username.lower():
            return person.id
    raise Problem("HW-3508", str(replica_path), name=username)


def author_ids(replica_path: Path, name: str) -> list[str]:
    """The author ids that a filter `author=NAME` means: the id itself, and the account of that user name."""
    path = app_db.path_for(replica_path)
    if not path.exists():
        return [name]
    with app_db.reading(path) as connection:
        return [name, *(one.id for one in people.everybody(connection) if one.username == name.lower())]


def chosen(
    tables: sqlite3.Connection, filters: Sequence[tuple[str, str]], replica_path: Path
) -> list[sqlite3.Row]:
    """Records that all filters hold for, deleted and withdrawn ones left out, in the order of their names."""
    conditions, values = ["_deleted = 0", "_withdrawn = 0"], []
    for name, value in filters:
        choices = author_ids(replica_path, value) if name == "author" else [value]
        conditions.append("(" + " OR ".join([FILTERS[name]] * len(choices)) + ")")
        values += choices
    tables.row_factory = sqlite3.Row
    return tables.execute(
        "SELECT _record, form_id, _form_version, _village, _review, _conflicts, _check FROM record WHERE "
        + " AND ".join(conditions)
        + " ORDER BY _record",
        values,
    ).fetchall()


def obstacle(row: sqlite3.Row) -> str:
    """Why a record should not be approved unseen; '' when nothing speaks against it."""
    if row["_conflicts"]:
        return "conflict"
    return "" if row["_check"] == "ok" else str(row["_check"])


def checked(tables: sqlite3.Connection, row: sqlite3.Row) -> tuple[tuple[str, str, str], ...]:
    """What the check of a record found; HW-2018 for a form version that is not known here, HW-3605 for one
    that cannot be read, with its id.
    """
    if row["_check"] == "unknown_form":
        return ((UNREADABLE_FORM if row["form_id"] else UNKNOWN_FORM, row["_form_version"], ""),)
    rows = tables.execute(
        "SELECT number, path, message FROM check_problem WHERE _record = ? ORDER BY path", [row["_record"]]
    )
    return tuple((number, path, words) for number, path, words in rows)


def review_records(
    hub: Replica,
    state: str,
    filters: Sequence[tuple[str, str]],
    *,
    author: str,
    comment: str = "",
    anyway: bool = False,
) -> Reviewed:
    """Sets the review state (`approved`, `rejected`, `has_issues`) of all records that the filters choose.

    Approval holds back records with an answer in conflict or a failed check unless `anyway`. A record that
    has this state already (and the review has no comment) is left alone. One transaction: all or none.
    Raises HW-3510 when no record fits.
    """
    with Tables.of(hub) as tables:
        tables.update(hub)
        rows = chosen(tables.connection, filters, hub.path)
        found = {row["_record"]: checked(tables.connection, row) for row in rows if obstacle(row)}
    if not rows:
        raise Problem("HW-3510", str(hub.path))
    done, already, held = [], [], []
    with hub.transaction():
        for row in rows:
            reason = obstacle(row) if state == "approved" and not anyway else ""
            if row["_review"] == state and not comment:
                already.append(row["_record"])
            elif reason:
                what = (row["_record"], row["form_id"] or "", row["_village"] or "", reason)
                held.append(Held(*what, found[row["_record"]]))
            else:
                hub.review(row["_record"], state, comment, author=author)
                done.append(row["_record"])
    return Reviewed(done, already, held)
