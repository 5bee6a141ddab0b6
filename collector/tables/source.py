"""What the tables read of a replica: forms of every version that a record has, the round, lists."""

from __future__ import annotations

from collections.abc import Iterator

from forms import Form
from sync import RecordState, Replica, SyncError
from sync.problems import UNKNOWN_RECORD

from .. import entities, library
from ..lists import Lists, Row, stem, table_of
from ..problems import Problem
from .columns import tables_for
from .schema import Plan


def form_or_none(source: Replica, version_id: str) -> Form | None:
    """The form of a version id; None when this replica does not know it or cannot read it."""
    try:
        return library.form_for(source, version_id)
    except (Problem, SyncError):
        return None


def current(source: Replica) -> list[Form]:
    """The newest version of every form here, by form id."""
    forms = [form_or_none(source, document.id) for document in source.documents(library.FORM_KIND)]
    return sorted((form for form in forms if form is not None), key=lambda form: form.form_id)


def plan(source: Replica) -> Plan:
    """The plan for this replica: every form version here that can be read, oldest first, whether a record uses it or
    not (a draft that went on in a newer version may keep answers of the older).
    """
    found = [form_or_none(source, version) for version in source.form_versions()]
    versions = [form for form in found if form is not None]
    return Plan(current(source), versions, tables_for(versions))


def used_versions(source: Replica) -> set[str]:
    """Ids of the form versions that records here show."""
    return {state.form for state in source.states()}


def states_of(source: Replica, records: list[str]) -> Iterator[RecordState]:
    """The state of each record; one that is not here any more has none."""
    for record in records:
        try:
            yield source.state(record)
        except SyncError as error:
            if error.problem.code != UNKNOWN_RECORD:
                raise


def round_row(source: Replica) -> Row:
    """The first row of the list `round`: the forms read the same. Empty when there is none."""
    document = library.list_document(source, "round")
    rows = table_of(document).rows() if document is not None else []
    return rows[0] if rows else {}


def list_rows(source: Replica, name: str) -> list[Row]:
    """All rows of an attached list by its stem (`counties`)."""
    document = library.list_document(source, name)
    return table_of(document).rows() if document is not None else []


def lists(source: Replica) -> Lists:
    """The lists as the hub sees them: every record's entity is offered."""
    return Lists(
        lambda name: library.list_document(source, stem(name)), lambda name: entities.rows(source, stem(name))
    )


def entity_lists(source: Replica) -> set[str]:
    """Names of the lists that are made of records."""
    return set(entities.list_names(source))
