"""`X-tables.db`: built wholly, or brought up to what the replica received since.

Both give the same tables; a new form version with new questions, or a file of another plan, is built
wholly.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from sqlite_utils import Database

from forms import Form
from sync import RecordState, Replica

from . import check, schema, source
from .columns import FormTables, Row, rows_of
from .schema import Plan

Progress = Callable[[int], object]
"""Called with the number of records done since the last call."""


DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


@dataclass(frozen=True)
class Outcome:
    """What a build did: `whole` or not, `records` written, `failed` of them by the form's verdict."""

    whole: bool
    records: int
    failed: int


def path_for(replica_path: Path | str) -> Path:
    """`field/anna.db` → `field/anna-tables.db`."""
    path = Path(replica_path)
    return path.with_name(f"{path.stem}-tables.db")


class Tables:
    """The derived tables of one replica. `connection` is open for reading until `close`."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self.connection = self._open()

    @classmethod
    def of(cls, replica: Replica) -> Tables:
        """The tables beside a replica's file."""
        return cls(path_for(replica.path))

    def _open(self) -> sqlite3.Connection:
        """The file, which is thrown away and begun anew when it is damaged: it holds nothing of its own."""
        connection = sqlite3.connect(self.path, timeout=30, isolation_level=None)
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.DatabaseError as error:
            connection.close()
            if error.sqlite_errorcode & 0xFF not in DAMAGE:  # locked or out of reach is not damaged
                raise
            self.path.unlink()
            connection = sqlite3.connect(self.path, timeout=30, isolation_level=None)
        connection.execute("PRAGMA secure_delete = ON")  # not every SQLite does so by itself
        return connection

    def _discard(self) -> None:
        """Throws the file away: answers that left the replica must not be found in it, nor in its free pages."""
        self.connection.close()
        self.path.unlink()
        self.connection = self._open()

    def close(self) -> None:
        """Closes the file."""
        self.connection.close()

    def __enter__(self) -> Tables:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def update(self, replica: Replica, progress: Progress | None = None) -> Outcome:
        """Brings the tables up to the replica, by what changed where that suffices."""
        cursor = schema.meta(self.connection, "cursor")
        same = schema.meta(self.connection, "replica") == replica.lineage
        if not cursor or not same:
            return self.rebuild(replica, progress)
        left = replica.left()
        if schema.meta(self.connection, "left") != left:
            self._discard()
            return self.rebuild(replica, progress)
        touched = replica.changed_since(int(cursor))
        states = list(source.states_of(replica, touched.records))
        plan = source.plan(replica)
        if self._is_other(plan) or self._lists_changed(replica):
            return self.rebuild(replica, progress)
        with Database(self.connection).atomic():
            writer = Writer(self.connection, replica, plan)
            for record in touched.records:
                writer.remove(record)
            for state in states:
                writer.put(state)
                if progress:
                    progress(1)
            self._finish(replica, plan, touched.cursor, left)
        return Outcome(False, len(states), writer.failed)

    def rebuild(self, replica: Replica, progress: Progress | None = None) -> Outcome:
        """Builds everything anew. Verdicts are kept by content: a form answers the same again."""
        plan = source.plan(replica)
        verdicts = self._verdicts()
        with Database(self.connection).atomic():
            schema.create(Database(self.connection), plan)
            self.connection.executemany("INSERT INTO verdict (digest, problems) VALUES (?, ?)", verdicts)
            writer = Writer(self.connection, replica, plan)
            # Both first: what arrives or leaves while the records are read is looked at next time.
            cursor, left = replica.changed_since(0).cursor, replica.left()
            written = 0
            for state in replica.states():
                writer.put(state)
                written += 1
                if progress:
                    progress(1)
            self._finish(replica, plan, cursor, left)
        return Outcome(True, written, writer.failed)

    def _verdicts(self) -> list[tuple[str, str]]:
        if schema.meta(self.connection, "layout") != schema.LAYOUT:
            return []
        return self.connection.execute("SELECT digest, problems FROM verdict").fetchall()

    def _is_other(self, plan: Plan) -> bool:
        """Other columns; or a form version has come, perhaps after records that were made with it."""
        versions = schema.meta(self.connection, "versions")
        return plan.signature != schema.meta(self.connection, "plan") or _names(plan) != versions

    def _lists_changed(self, replica: Replica) -> bool:
        return schema.meta(self.connection, "lists") != lists_signature(replica)

    def _finish(self, replica: Replica, plan: Plan, cursor: int, left: str) -> None:
        row = source.round_row(replica)
        year = row.get("ref_year", "")
        self.connection.execute("DELETE FROM survey_round")
        self.connection.execute(
            "INSERT INTO survey_round (ref_year, ref_date, name) VALUES (?, ?, ?)",
            [int(year) if year.isdecimal() else None, row.get("ref_date") or None, row.get("name") or None],
        )
        for key, value in {
            "layout": schema.LAYOUT,
            "replica": replica.lineage,
            "left": left,
            "cursor": str(cursor),
            "versions": _names(plan),
            "lists": lists_signature(replica),
        }.items():
            schema.set_meta(self.connection, key, value)


def _names(plan: Plan) -> str:
    return json.dumps(sorted(plan.versions))


def lists_signature(replica: Replica) -> str:
    """Names the lists that verdicts and calculations read."""
    return json.dumps(sorted(document.id for document in replica.documents("list")))


class Writer:
    """Writes records into the tables of a plan; the caller holds the transaction."""

    def __init__(self, connection: sqlite3.Connection, replica: Replica, plan: Plan) -> None:
        self.connection = connection
        self.replica = replica
        self.plan = plan
        self.lists = source.lists(replica)
        self.entity_lists = source.entity_lists(replica)
        self.failed = 0
        self.inserts: dict[tuple[str, ...], str] = {}

    def remove(self, record: str) -> None:
        """Takes a record's rows out of every table."""
        names = [
            "record",
            "reason",
            "conflict",
            "check_problem",
            *(table.name for table in self.plan.form_tables()),
        ]
        for name in names:
            self.connection.execute(f'DELETE FROM "{name}" WHERE _record = ?', [record])

    def put(self, state: RecordState) -> None:
        """Writes one record: its answers, reasons, conflicts and the form's verdict."""
        form = self.plan.versions.get(state.form)
        answers, reasons = dict(state.answers), dict(state.reasons)
        if form is not None and state.recompute and not state.deleted:
            answers, reasons = check.recomputed(form, self.lists, state)
        problems = self._verdict(form, state) if form is not None and not state.deleted else []
        mark = "unknown_form" if form is None else "failed" if problems else "ok"
        self.failed += mark == "failed"
        standard = standard_columns(state, mark)
        self._insert("record", [{"form_id": state.form_id or None, **standard}])
        record: Row = {"_record": state.record}
        self._insert(
            "reason", [{**record, "path": path, "reason": why} for path, why in sorted(reasons.items())]
        )
        self._insert(
            "conflict",
            [
                {**record, "path": c.path, "showing": c.values[-1].value, "versions": len(c.values)}
                for c in state.conflicts
            ],
        )
        self._insert(
            "check_problem",
            [
                {**record, "path": path, "code": code, "number": number, "message": message}
                for path, code, number, message in problems
            ],
        )
        if form is not None:
            self._answers(self.plan.tables[form.form_id], answers, standard)

    def _answers(self, tables: FormTables, answers: dict[str, str], standard: Row) -> None:
        main = tables.tables[""].name
        for name, rows in rows_of(tables, answers).items():
            own = standard if name == main else {"_record": standard["_record"]}
            for row in rows:
                self._insert(name, [{**own, **row}])

    def _verdict(self, form: Form, state: RecordState) -> check.Found:
        digest = check.digest(state)
        row = self.connection.execute("SELECT problems FROM verdict WHERE digest = ?", [digest]).fetchone()
        if row:
            return [(path, code, number, message) for path, code, number, message in json.loads(row[0])]
        found = check.verdict(form, self.lists, state, self.entity_lists)
        self.connection.execute(
            "INSERT INTO verdict (digest, problems) VALUES (?, ?)",
            [digest, json.dumps(found, ensure_ascii=False)],
        )
        return found

    def _insert(self, table: str, rows: Iterable[Row]) -> None:
        for row in rows:
            key = (table, *row)
            sql = self.inserts.get(key)
            if sql is None:
                columns = ", ".join(f'"{column}"' for column in row)
                sql = self.inserts[key] = (
                    f'INSERT INTO "{table}" ({columns}) VALUES ({", ".join("?" * len(row))})'
                )
            self.connection.execute(sql, list(row.values()))


def standard_columns(state: RecordState, mark: str) -> Row:
    """The standard columns of a record's row."""
    village = next((scope[2:] for scope in state.scopes if scope.startswith("v:")), None)
    return {
        "_record": state.record,
        "_form_version": state.form,
        "_author": state.author or None,
        "_village": village,
        "_review": state.review.state,
        "_created": state.created or None,
        "_updated": state.updated or None,
        "_deleted": int(state.deleted),
        "_withdrawn": int(state.withdrawn),
        "_conflicts": len(state.conflicts),
        "_check": mark,
    }
