"""What a hub asks of a form beyond what every form must keep: an id for addresses and tables, lists that its other
forms can go on with, pages and tables that can be made of it."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace

from sqlite_utils import Database

from forms import Finding, Form, FormError, MemoryLists, Session
from forms.attached import AttachedFile
from forms.check import Place
from forms.check.attached import attached_by, check_columns_of
from forms.check.finding import Listed, Param, nearest
from forms.xpath.errors import EvaluationError
from sync import Replica

from ..fill.outline import outline
from ..i18n import LANGUAGES
from ..library import FormEntry
from ..problems import Problem
from ..server_session import context_for
from ..tables import schema, source
from ..tables.columns import tables_for

ATTACHED_NAME = re.compile(r"\w[\w .-]{0,79}")
FORM_ID = re.compile(r"\w(?:[\w .-]{0,62}[\w-])?")
WARNINGS = frozenset({"HW-3458", "HW-3459", "HW-3471"})
PLACES = {
    "villages": ("name", "label", "township", "county"),
    "townships": ("name", "label"),
    "counties": ("name", "label"),
}
"""Lists that the pages of villages are made of -> the columns they read."""


@dataclass(frozen=True, slots=True)
class HubFinding(Finding):
    """A finding of the collector: its texts stand in the collector's catalogue."""

    @property
    def severity(self) -> str:
        """`error` or `warning`."""
        return "warning" if self.code in WARNINGS else "error"

    def _problem(self, lang: str) -> Problem:  # type: ignore[override]  # the same two texts from another catalogue
        words = {key: each if isinstance(each, str) else each.text(lang) for key, each in self.params.items()}
        return Problem(self.code, "", **words)


def of_name(form: Form) -> Iterator[Finding]:
    """HW-3452: an id that no address can hold."""
    if not FORM_ID.fullmatch(form.form_id):
        yield HubFinding("HW-3452", Place("settings", 2, column="form_id"), {"form_id": form.form_id[:80]})


def of_version(form: Form, before: FormEntry | None) -> Iterator[Finding]:
    """HW-3458: another content under the version of the one before."""
    if before is not None and before.version_id != form.id and before.form.version == form.version:
        at = Place("settings", 2, column="version")
        yield HubFinding("HW-3458", at, {"version": form.version or "–"})


def of_places(attached: AttachedFile) -> Iterator[Finding]:
    """HW-3457: a list of places without what the pages of villages read."""
    for column in PLACES.get(attached.name, ()):
        if attached.tree is not None or column not in attached.columns:
            near = "" if column in attached.columns else nearest(column, attached.columns)
            yield HubFinding(
                "HW-3457", Place(attached.filename, 1, column=column), {"column": column}, near=near
            )


def of_others(attached: AttachedFile, others: Iterable[Form]) -> Iterator[Finding]:
    """HW-1453 where other forms of this hub would miss a column of the list that they read too; else HW-3459."""
    users = []
    missing: dict[str, tuple[Finding, list[str]]] = {}
    for form in others:
        for wanted in attached_by(form):
            if wanted.name == attached.name:
                users.append(form.form_id)
                for found in check_columns_of(form, wanted, attached.columns):
                    missing.setdefault(found.at.column, (found, []))[1].append(form.form_id)
    for column, (found, forms) in missing.items():
        at = Place(attached.filename, found.at.row, column=column)
        yield replace(found, at=at, params={**found.params, "form": Listed(tuple(forms))})
    if users and not missing:
        params: dict[str, Param] = {"name": attached.filename, "forms": Listed(tuple(users))}
        yield HubFinding("HW-3459", Place(attached.filename), params)


def of_use(
    replica: Replica, form: Form, current: Mapping[str, FormEntry], lists: MemoryLists
) -> Iterator[Finding]:
    """HW-3453: what keeps pages or tables from being made of it, and thereby those of all other forms. `lists` are
    those that it will read."""
    for reason in (_pages(replica, form, lists), _tables(replica, form, current)):
        if reason:
            yield HubFinding("HW-3453", Place(), {"reason": reason})


def _pages(replica: Replica, form: Form, lists: MemoryLists) -> str:
    try:
        for lang in LANGUAGES:
            outline(Session(form, lists, context=context_for(replica, None), language=lang))
    except FormError as error:
        return error.problems[0].text("en")
    except EvaluationError as error:
        return str(error)
    return ""


def _tables(replica: Replica, form: Form, current: Mapping[str, FormEntry]) -> str:
    """All tables of the hub with this form among them, made in memory, and each view asked for nothing."""
    newest = {form_id: entry.form for form_id, entry in current.items()} | {form.form_id: form}
    used = [source.form_or_none(replica, version) for version in replica.records_by_form()]
    versions = [*(each for each in used if each is not None), *newest.values()]
    plan = schema.Plan(sorted(newest.values(), key=lambda each: each.form_id), versions, tables_for(versions))
    with closing(sqlite3.connect(":memory:")) as connection:
        try:
            schema.create(Database(connection), plan)
            for name in plan.views:
                connection.execute(f'SELECT * FROM "{name}" LIMIT 0')
        except sqlite3.Error as error:
            return str(error)
    return ""
