"""What a file holds that did not come with it: what came with another file of the same merge, and what was taken back
here before. Else a file whose changes all stood in another one would look as if it had brought nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence

from sync.merge_report import SourceReport, Span
from sync.replica import intake

_COUNT = "SELECT count(*), count(*) FILTER (WHERE record IS NULL) FROM change WHERE id BETWEEN ? AND ?"


def note_along(db: sqlite3.Connection, sources: Sequence[SourceReport]) -> None:
    """Fill `with_others` and `undone` of the reports of one merge."""
    came = {each.intake: (each.path, intake.ranges(db, each.intake)) for each in sources if each.intake}
    for source in sources:
        source.with_others = [
            (path, changes, records)
            for id_, (path, ranges) in came.items()
            if id_ != source.intake
            for changes, records in [_count(db, _both(source.held, ranges))]
            if changes
        ]
    undone = [each for each in intake.rows(db) if each.undone and each.road != intake.UNDO]
    for each in undone:
        ranges = intake.ranges(db, each.id)
        for source in sources:
            by = intake.undone_by(db, each.id)
            if by is not None and any(_both(source.held, ranges)):
                source.undone.append((each.id, by))


def _both(held: Sequence[Span], ranges: Iterable[tuple[int, int, int]]) -> Iterator[Span]:
    for low, high in held:
        for first, last, _ in ranges:
            if max(low, first) <= min(high, last):
                yield max(low, first), min(high, last)


def _count(db: sqlite3.Connection, spans: Iterable[Span]) -> tuple[int, int]:
    changes = records = 0
    for span in spans:
        some, begun = db.execute(_COUNT, span).fetchone()
        changes, records = changes + some, records + begun
    return changes, records
