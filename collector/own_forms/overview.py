"""The forms of a replica: their versions, and how many records there are of each."""

from __future__ import annotations

from dataclasses import dataclass

from sync import Replica, SyncError
from sync.clock import milliseconds_of, time_of

from .. import library
from ..problems import Problem


@dataclass(frozen=True)
class Version:
    """A version of a form: id, what the form calls it, when it was put here (ISO; "" for
    the built-in ones, which are dated by their edition), records
    that show it, whether new records are made with it."""

    id: str
    name: str
    added: str
    records: int
    current: bool


@dataclass(frozen=True)
class FormLine:
    """A form with its versions, the current one first. `title` is its current version's."""

    form_id: str
    title: str
    versions: tuple[Version, ...]

    @property
    def records(self) -> int:
        """Records of all versions."""
        return sum(version.records for version in self.versions)


def overview(replica: Replica) -> list[FormLine]:
    """Every form here, by form id; a version that cannot be read is called by its id alone."""
    counts = replica.records_by_form()
    lines: dict[str, list[Version]] = {}
    for document in replica.documents_of(library.FORM_KIND):
        versions = lines.setdefault(document.name, [])
        known = replica.form(document.id)
        versions.append(
            Version(
                document.id,
                known.version if known else "",
                time_of(document.added) if milliseconds_of(document.added) > library.EDITION else "",
                counts.get(document.id, 0),
                current=not versions,
            )
        )
    return [FormLine(form_id, _title(replica, found[0].id), tuple(found)) for form_id, found in lines.items()]


def _title(replica: Replica, version_id: str) -> str:
    try:
        return library.form_for(replica, version_id).title
    except (Problem, SyncError):
        return ""
