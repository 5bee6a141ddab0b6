"""Making changes: what an author may write, and which parents and changed paths it gets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sync.canonical import check_text
from sync.change import ANSWER_LIMIT, EVERYTHING, PAYLOAD_LIMIT, REASONS, Change
from sync.fold import Folded, Graph, fold
from sync.layout import Layout, enclosing, generic, is_instance
from sync.problems import ANSWER_TOO_LONG, BAD_ANSWER, RECORD_TOO_LARGE, SyncError


@dataclass(frozen=True, slots=True)
class Basis:
    """What an author had seen of a record: the parents of the new change and the fold of what they descend
    from."""

    parents: tuple[str, ...]
    seen: Folded
    scopes: tuple[str, ...]


def basis(record: str, changes: Iterable[Change], parents: Sequence[str] | None) -> Basis:
    """What is seen from `parents` (None: from the content heads, that is everything)."""
    graph = Graph(changes)
    everything = fold(record, graph.changes)
    chosen = everything.heads if parents is None else tuple(parents)
    seen = everything if parents is None else fold(record, graph.closure(chosen))
    headers = [graph.changes[graph.index[name]].header for name in chosen if name in graph.index]
    scopes = tuple(sorted({scope for header in headers for scope in header.scopes}))
    return Basis(tuple(sorted(chosen)), seen, scopes)


def clean_answers(answers: Mapping[str, str]) -> dict[str, str]:
    """Answers without empty ones; HW-2001, HW-2016 or HW-2022 for what cannot stand in a record."""
    kept: dict[str, str] = {}
    for path, value in answers.items():
        if not isinstance(path, str) or not isinstance(value, str) or not path or path == EVERYTHING:
            raise SyncError(BAD_ANSWER, str(path))
        check_text(path, repr(path))
        check_text(value, path)
        if len(value.encode()) > ANSWER_LIMIT or len(path.encode()) > ANSWER_LIMIT:
            raise SyncError(ANSWER_TOO_LONG, path[:200], limit=ANSWER_LIMIT, size=len(value.encode()))
        if value:
            kept[path] = value
    for path in kept:
        if "[" in path and any(instance not in kept for instance in enclosing(path)):
            raise SyncError(BAD_ANSWER, path)
    return kept


def clean_reasons(reasons: Mapping[str, str], answers: Mapping[str, str]) -> dict[str, str]:
    """Reasons without empty ones; HW-2022 for a reason that is none or stands beside an answer."""
    kept = {path: reason for path, reason in reasons.items() if reason}
    for path, reason in kept.items():
        check_text(path, repr(path))
        if reason not in REASONS or path in answers or is_instance(path):
            raise SyncError(BAD_ANSWER, path)
    return kept


def changed_paths(
    basis_: Basis, layout: Layout, answers: Mapping[str, str], reasons: Mapping[str, str]
) -> list[str]:
    """Given paths whose answer or reason differs from what the author had seen, and the conflicts thereby
    settled."""
    seen = basis_.seen
    paths = {conflict.path for conflict in seen.conflicts if conflict.path}
    for old, new in ((seen.answers, answers), (seen.reasons, reasons)):
        paths |= {path for path in {*old, *new} if old.get(path, "") != new.get(path, "")}
    return sorted(path for path in paths if generic(path) not in layout.derived)


def check_size(payload: str) -> None:
    """HW-2017 for a record that does not fit into one change."""
    size = len(payload.encode())
    if size > PAYLOAD_LIMIT:
        raise SyncError(RECORD_TOO_LARGE, "", limit=PAYLOAD_LIMIT, size=size)
