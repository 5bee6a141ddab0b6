"""Drafts of the pages without scripts: table `draft` of the app database. They never merge and never leave
the machine.

With scripts on a draft lives in the browser (IndexedDB) and nothing is written here.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypedDict

from sqlite_utils import Database, Migrations

from forms.carry import Left

migrations = Migrations("fill")


@migrations()
def draft_table(db: Database) -> None:
    """The first version of the table."""
    db.execute(
        """
        CREATE TABLE draft (
            id TEXT PRIMARY KEY,                -- 22 random characters; shown to their owner only
            person TEXT NOT NULL DEFAULT '',    -- '' until somebody signs in and opens it
            form TEXT NOT NULL,                 -- form-version id
            record TEXT NOT NULL DEFAULT '',    -- the record being edited, '' for a new one
            parents TEXT NOT NULL DEFAULT '[]', -- heads that the editor saw; rivals make a conflict
            base TEXT NOT NULL DEFAULT '[{},{}]', -- answers and reasons as the edit began
            answers TEXT NOT NULL,
            reasons TEXT NOT NULL,
            saving TEXT NOT NULL DEFAULT '',    -- when finalising began: shows a crash between two files
            saved_as TEXT NOT NULL DEFAULT '',  -- the change that it became
            created TEXT NOT NULL,
            updated TEXT NOT NULL
        ) STRICT, WITHOUT ROWID
        """
    )
    db.execute("CREATE INDEX draft_person ON draft (person, updated)")


@migrations()
def draft_moved(db: Database) -> None:
    """What an earlier version of the form left with a draft."""
    db.execute("ALTER TABLE draft ADD COLUMN moved TEXT NOT NULL DEFAULT ''")  # JSON, '' for none


_COLUMNS = (
    "id, person, form, record, parents, base, answers, reasons, saving, saved_as, created, updated, moved"
)


_KEPT = ("person", "form", "record", "parents", "answers", "reasons", "created", "updated", "moved")


class Moved(TypedDict):
    """How a draft came to the version it is in: answers `carried` over, questions `added`, and what the version has no
    room for, until the person has seen it and let go of it."""

    carried: int
    added: int
    left: list[Left]


def _new_id() -> str:
    return secrets.token_urlsafe(16)


@dataclass(frozen=True)
class Draft:
    """One record being filled in on the server. Times are ISO 8601 with offset; `form` is a form-version
    id."""

    form: str
    created: str
    id: str = field(default_factory=_new_id)
    person: str = ""
    record: str = ""
    parents: tuple[str, ...] = ()
    base_answers: Mapping[str, str] = field(default_factory=dict)
    base_reasons: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    saving: str = ""
    saved_as: str = ""
    updated: str = ""
    moved: Moved | None = None

    @property
    def left(self) -> list[Left]:
        """What an earlier version left and the person has not let go of."""
        return self.moved["left"] if self.moved else []

    def holding(self, answers: Mapping[str, str], reasons: Mapping[str, str], at: str) -> Draft:
        """The same draft with other content, changed at `at`."""
        return replace(self, answers=dict(answers), reasons=dict(reasons), updated=at)


def put(db: sqlite3.Connection, draft: Draft) -> None:
    """Write a draft; one that has become a record already is left as it is."""
    db.execute(
        f"INSERT INTO draft ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?) "
        "ON CONFLICT (id) DO UPDATE SET person = excluded.person, form = excluded.form, answers = excluded.answers, "
        "reasons = excluded.reasons, updated = excluded.updated, moved = excluded.moved WHERE saved_as = ''",
        (
            draft.id,
            draft.person,
            draft.form,
            draft.record,
            json.dumps(draft.parents),
            _text([draft.base_answers, draft.base_reasons]),
            _text(draft.answers),
            _text(draft.reasons),
            draft.saving,
            draft.saved_as,
            draft.created,
            draft.updated or draft.created,
            _text(draft.moved) if draft.moved else "",
        ),
    )


def get(db: sqlite3.Connection, draft_id: str, person: str) -> Draft | None:
    """The draft, if it is this person's or nobody's yet (its id is a secret of 128 bits)."""
    row = db.execute(
        f"SELECT {_COLUMNS} FROM draft WHERE id = ? AND person IN (?, '')", (draft_id, person)
    ).fetchone()
    return _draft(row) if row else None


def of_person(db: sqlite3.Connection, person: str) -> list[Draft]:
    """The unfinished drafts of a person, the latest first."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM draft WHERE person = ? AND saved_as = '' ORDER BY updated DESC", (person,)
    )
    return [_draft(row) for row in rows]


def unfinished(db: sqlite3.Connection) -> list[Draft]:
    """The unfinished drafts of everybody, in the order in which they were begun."""
    rows = db.execute(f"SELECT {_COLUMNS} FROM draft WHERE saved_as = '' ORDER BY created, id")
    return [_draft(row) for row in rows]


def as_line(draft: Draft) -> str:
    """A draft as one line of JSON, for keeping: without its id, by which whoever knows it could open it here."""
    kept = {name: getattr(draft, name) for name in _KEPT}
    return json.dumps(kept, ensure_ascii=False)


def begin_saving(db: sqlite3.Connection, draft_id: str, at: str) -> None:
    """Note that this draft is about to become a record (see `collector.fill.finalise`)."""
    db.execute("UPDATE draft SET saving = ? WHERE id = ? AND saved_as = ''", (at, draft_id))


def saved(db: sqlite3.Connection, draft_id: str, change: str) -> None:
    """Note the change that the draft became; its answers are not needed here any more."""
    db.execute(
        "UPDATE draft SET saved_as = ?, answers = '{}', reasons = '{}', base = '[{},{}]', moved = '' WHERE id = ?",
        (change, draft_id),
    )


def remove(db: sqlite3.Connection, draft_id: str, person: str) -> bool:
    """Throw a draft away; tells whether there was one."""
    return db.execute("DELETE FROM draft WHERE id = ? AND person = ?", (draft_id, person)).rowcount > 0


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _draft(row: tuple[str, ...]) -> Draft:
    (
        id_,
        person,
        form,
        record,
        parents,
        base,
        answers,
        reasons,
        saving,
        saved_as,
        created,
        updated,
        moved,
    ) = row
    base_answers, base_reasons = json.loads(base)
    return Draft(
        id=id_,
        person=person,
        form=form,
        record=record,
        parents=tuple(json.loads(parents)),
        base_answers=base_answers,
        base_reasons=base_reasons,
        answers=json.loads(answers),
        reasons=json.loads(reasons),
        saving=saving,
        saved_as=saved_as,
        created=created,
        updated=updated,
        moved=json.loads(moved) if moved else None,
    )
