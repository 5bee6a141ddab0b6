"""What records look like now: reading them, and the derived rows that lists are counted by."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sync.canonical import to_base64url
from sync.change import CONTENT, Change, Edit, decode_payload, read_header
from sync.fold import RECEIVED, Conflict, Folded, Graph, ReviewState, digest_text, fold
from sync.names import change_key, change_name
from sync.replica import log, released
from sync.replica.summary import Layouts, StateRow, summary


@dataclass(frozen=True, slots=True)
class RecordState:
    """A record as it is now.

    `form` is the id of the form version that its showing head was written with, `form_id` that form's name
    (`""` when the version is not known here: then the answers' paths are `#0`, `#1` …). `author` created the
    record; `created` and `updated` are ISO times in UTC (`created` is `""` until the creating change has
    arrived). `recompute`: derived answers are to be computed again, as several heads were folded.
    `withdrawn`: the respondent took it back; nothing of it may be published."""

    record: str
    form: str
    form_id: str
    answers: Mapping[str, str]
    reasons: Mapping[str, str]
    conflicts: tuple[Conflict, ...]
    review: ReviewState
    deleted: bool
    heads: tuple[str, ...]
    scopes: tuple[str, ...]
    author: str
    created: str
    updated: str
    recompute: bool
    withdrawn: bool = False

    def holds(self, value: str) -> bool:
        """Whether an answer is this value, or might be once its conflict is settled."""
        disputed = (each.value for conflict in self.conflicts for each in conflict.values)
        return value in self.answers.values() or value in disputed


def decode(row: log.Row, layouts: Layouts) -> Change:
    """The decoded change of a row."""
    header = read_header(row[2])
    layout = layouts(header.form) if header.kind in CONTENT else None
    return Change(header, decode_payload(header.kind, row[3], layout))


def changes(db: sqlite3.Connection, record: int, layouts: Layouts) -> list[Change]:
    """All changes of a record, decoded."""
    return [decode(row, layouts) for row in log.of_record(db, record)]


def build(record: str, known: Iterable[Change], form_id: Callable[[str], str]) -> RecordState:
    """The state of a record from its changes (at least one)."""
    graph = Graph(known)
    folded = fold(record, graph.changes)
    return _assemble(folded, {change.name: change for change in graph.changes}, form_id)


def _assemble(folded: Folded, known: Mapping[str, Change], form_id: Callable[[str], str]) -> RecordState:
    heads = [known[name].header for name in folded.heads]
    created = known.get(folded.record)
    edits = [header for header in heads if header.kind != "delete"]
    first = next(iter(known.values())).header
    form = edits[-1].form if edits else heads[-1].form if heads else first.form
    return RecordState(
        folded.record,
        form,
        form_id(form),
        folded.answers,
        folded.reasons,
        folded.conflicts,
        folded.review,
        folded.deleted,
        folded.heads,
        tuple(sorted({scope for header in (heads or [first]) for scope in header.scopes})),
        created.header.author if created else "",
        created.header.at if created else "",
        max((header.at for header in heads), default=""),
        folded.recompute,
        folded.withdrawn,
    )


def single(row: log.Row, layouts: Layouts, form_id: Callable[[str], str]) -> RecordState:
    """The state of a record that is nothing but its creation: no folding."""
    change = decode(row, layouts)
    header, edit = change.header, change.payload
    answers, reasons = (edit.answers, edit.reasons) if isinstance(edit, Edit) else ({}, {})
    at = header.at
    return RecordState(
        header.record,
        header.form,
        form_id(header.form),
        answers,
        reasons,
        (),
        RECEIVED,
        False,
        (header.record,),
        header.scopes,
        header.author,
        at,
        at,
        False,
    )


def read(
    db: sqlite3.Connection, record: int, layouts: Layouts, form_id: Callable[[str], str]
) -> RecordState | None:
    """The state of one record; None when nothing of it is here, or it left (`released`)."""
    rows = log.of_record(db, record)
    if not rows or (any(row[3] is None for row in rows) and released.holds(db, record)):
        return None
    if len(rows) == 1 and rows[0][1] is None:
        return single(rows[0], layouts, form_id)
    return build(change_name(record), [decode(row, layouts) for row in rows], form_id)


def everything(
    db: sqlite3.Connection, layouts: Layouts, form_id: Callable[[str], str], review: str | None = None
) -> Iterator[RecordState]:
    """Every record in the order of its name (replica, then number); `review` narrows to one review state."""
    # Records whose creation has not arrived stand in `state` alone.
    rows = db.execute(
        "SELECT c.id, s.record, c.header, c.payload FROM change AS c LEFT JOIN state AS s ON s.record = c.id"
        " WHERE c.record IS NULL AND (?1 IS NULL OR coalesce(s.review, 'received') = ?1)"
        " UNION ALL SELECT s.record, s.record, '', NULL FROM state AS s"
        " WHERE NOT EXISTS (SELECT 1 FROM change AS c WHERE c.id = s.record)"
        " AND (?1 IS NULL OR s.review = ?1)"
        " ORDER BY 1",
        (review,),
    )
    yield from _read_all(db, rows, layouts, form_id)


def by_form(db: sqlite3.Connection, layouts: Layouts, form_id: Callable[[str], str]) -> dict[str, int]:
    """How many records show each form version, deleted ones left out: told by the head, no payload is read; where
    several heads stand beside each other, the record is folded."""
    rows = db.execute(
        "WITH every AS (SELECT c.id AS record, coalesce(s.head, c.id) AS head, coalesce(s.deleted, 0) AS deleted,"
        " coalesce(s.heads, 1) AS heads FROM change AS c LEFT JOIN state AS s ON s.record = c.id"
        " WHERE c.record IS NULL UNION ALL SELECT s.record, s.head, s.deleted, s.heads FROM state AS s"
        " WHERE NOT EXISTS (SELECT 1 FROM change AS c WHERE c.id = s.record))"
        " SELECT json_extract(coalesce(c.header, e.header), '$[4]'), count(*) FROM every"
        " LEFT JOIN change AS c ON c.id = every.head LEFT JOIN excerpt AS e ON e.id = every.head"
        " WHERE every.heads = 1 AND NOT every.deleted AND NOT (e.id IS NULL AND c.payload IS NULL AND every.record IN"
        " (SELECT coalesce(g.record, g.id) FROM released AS r JOIN change AS g ON g.id = r.id))"
        " GROUP BY 1",
    )
    counts = Counter({str(form): int(count) for form, count in rows if form is not None})
    for (record,) in db.execute("SELECT record FROM state WHERE heads > 1 AND NOT deleted").fetchall():
        found = read(db, record, layouts, form_id)
        if found is not None:
            counts[found.form] += 1
    return dict(counts)


def _read_all(
    db: sqlite3.Connection, rows: Iterable[tuple[Any, ...]], layouts: Layouts, form_id: Callable[[str], str]
) -> Iterator[RecordState]:
    """The states of records given as `(record, whether there is more than its creation, header, payload)`."""
    for id_, more, header, payload in rows:
        if payload is None and not more and released.holds(db, id_):
            continue
        if not more:
            yield single((id_, None, header, payload), layouts, form_id)
            continue
        state = read(db, id_, layouts, form_id)
        if state is not None:
            yield state


def _from_the_log(db: sqlite3.Connection, layouts: Layouts) -> Iterator[RecordState]:
    """Every record in the order of its name; nothing derived is read."""
    rows = db.execute(
        "SELECT c.id, EXISTS (SELECT 1 FROM change AS l WHERE l.record = c.id)"
        " OR EXISTS (SELECT 1 FROM excerpt AS e WHERE e.record = c.id), c.header, c.payload"
        " FROM change AS c WHERE c.record IS NULL UNION ALL SELECT record, 1, '', NULL FROM ("
        " SELECT record FROM change WHERE record IS NOT NULL UNION SELECT record FROM excerpt"
        " EXCEPT SELECT id FROM change WHERE record IS NULL) ORDER BY 1"
    )
    yield from _read_all(db, rows, layouts, lambda _: "")


def digest(db: sqlite3.Connection, layouts: Layouts, step: Callable[[], object] = lambda: None) -> str:
    """The state digest: every record folded from the log, in the order of their names. `step` is called for
    each."""
    running = sha256()
    between = b""
    for each in _from_the_log(db, layouts):
        text = digest_text(
            each.record,
            each.deleted,
            each.answers,
            each.reasons,
            each.conflicts,
            each.review,
            each.withdrawn,
        )
        running.update(between + text.encode())
        between = b"\n"
        step()
    return to_base64url(running.digest())


def mark_stale(db: sqlite3.Connection, first: int, last: int, *, later: bool) -> None:
    """Say that the rows of the records that these changes speak of are behind the log (inside the transaction
    that wrote the log). `later`: there are more than creations among them."""
    # A creation that comes after what was written to its record.
    db.execute(
        "INSERT OR IGNORE INTO stale (record) SELECT record FROM state WHERE record BETWEEN ? AND ?",
        (first, last),
    )
    if later:
        db.execute(
            "INSERT OR IGNORE INTO stale (record)"
            " SELECT record FROM change WHERE id BETWEEN ? AND ? AND record IS NOT NULL",
            (first, last),
        )


def mark_leaving(db: sqlite3.Connection, first: int, last: int) -> None:
    """As `mark_stale`, before these changes are taken out of the file."""
    db.execute(
        "INSERT OR IGNORE INTO stale (record) SELECT coalesce(record, id) FROM change WHERE id BETWEEN ? AND ?",
        (first, last),
    )


def has_row(db: sqlite3.Connection, record: int) -> bool:
    """Whether a record has a derived row: there is more of it here than its creation."""
    return db.execute("SELECT 1 FROM state WHERE record = ?", (record,)).fetchone() is not None


def mark_stale_by_form(db: sqlite3.Connection, form: str) -> None:
    """Say that the rows of the records with changes of a form version are behind: its layout has only now come,
    and which answers agree was not known without it."""
    db.execute(
        "INSERT OR IGNORE INTO stale (record) SELECT s.record FROM main.state AS s WHERE EXISTS ("
        " SELECT 1 FROM main.change AS c WHERE (c.id = s.record OR c.record = s.record) AND instr(c.header, ?1))"
        " OR EXISTS (SELECT 1 FROM main.excerpt AS e WHERE e.record = s.record AND instr(e.header, ?1))",
        (f'"{form}"',),
    )


def conflicts_of(db: sqlite3.Connection, first: int, last: int) -> int:
    """Conflicts in the records that these changes speak of."""
    row = db.execute(
        "SELECT coalesce(sum(s.conflicts), 0) FROM state AS s WHERE s.record IN"
        " (SELECT c.record FROM change AS c WHERE c.id BETWEEN ? AND ?)",
        (first, last),
    ).fetchone()
    return int(row[0])


def in_conflict(db: sqlite3.Connection) -> dict[int, int]:
    """How many conflicts there are in each record that has one (once nothing is stale)."""
    return dict(db.execute("SELECT record, conflicts FROM state WHERE conflicts").fetchall())


def stale(db: sqlite3.Connection) -> list[int]:
    """Records whose rows are behind the log."""
    return [row[0] for row in db.execute("SELECT record FROM stale ORDER BY record")]


def refresh(db: sqlite3.Connection, records: Iterable[int], layouts: Layouts) -> int:
    """Bring the rows of these records up to the log; returns the number of conflicts in them."""
    total = 0
    waiting = list(records)
    for start in range(0, len(waiting), _PART):
        part = waiting[start : start + _PART]
        rows = [row for record in part if (row := _row(db, record, layouts)) is not None]
        total += sum(row[4] for row in rows)
        keys = [(record,) for record in part]
        db.executemany("DELETE FROM state WHERE record = ?", keys)
        db.executemany(
            "INSERT INTO state (record, head, heads, deleted, conflicts, review) VALUES (?, ?, ?, ?, ?, ?)",
            rows,
        )
        db.executemany("DELETE FROM stale WHERE record = ?", keys)
    return total


_PART = 500  # records folded before their rows are written


def _row(db: sqlite3.Connection, record: int, layouts: Layouts) -> StateRow | None:
    """As `derive`, and faster where the record is plain."""
    rows = log.of_record(db, record)
    if not rows or (len(rows) == 1 and rows[0][1] is None):
        return None
    return summary(record, rows, layouts) or _folded(record, rows, layouts)


def derive(db: sqlite3.Connection, record: int, layouts: Layouts) -> StateRow | None:
    """The row that `state` must hold for a record, by the fold; None for one that is nothing but its
    creation."""
    rows = log.of_record(db, record)
    if not rows or (len(rows) == 1 and rows[0][1] is None):
        return None
    return _folded(record, rows, layouts)


def _folded(record: int, rows: Iterable[log.Row], layouts: Layouts) -> StateRow:
    folded = fold(change_name(record), [decode(row, layouts) for row in rows])
    head = change_key(folded.heads[-1]) if folded.heads else 0
    return record, head, len(folded.heads), int(folded.deleted), len(folded.conflicts), folded.review.state
