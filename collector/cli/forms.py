"""`homeward forms`: checking forms."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from forms import Finding, Form, FormError, Report, Uses, check_form, compile_form
from forms.problems import catalogue
from sync import Replica

from .. import library
from ..i18n import translate
from ..records.form_uses import uses_of
from .shared import bar, counted, json_option, lang_option, print_json, refuse, refusing


@click.group()
def forms() -> None:
    """Forms: XLSForm (.xlsx, .xls, .csv, .md) or XForm (.xml)."""


@forms.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option(
    "--against",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The version before it: says what was renamed, moved or removed since.",
)
@click.option(
    "--db",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="DB",
    help="A database that has the form: compares with its latest version there, and counts the records that use what "
    "changed.",
)
@json_option
@lang_option
@refusing
def check(files: tuple[Path, ...], against: Path | None, db: Path | None, as_json: bool, lang: str) -> None:
    """Check forms and say all that is wrong with them at once, each with place and remedy.

    Errors keep a form from being used; warnings are what is probably not meant. Ends with 0 when all forms can be
    used, with 1 when one cannot.

    \b
    homeward forms check business.xlsx inn.md
    homeward forms check business.xlsx --against business-2025.xlsx
    homeward forms check business.xlsx --db hub.db
    """
    old = _compiled(against, as_json, lang) if against else None
    reports: list[tuple[Path, Report]] = []
    with bar("forms", len(files)) as progress:
        for file in files:
            reports.append((file, _checked(file, old, db)))
            progress.update()
    if as_json:
        print_json([_as_dict(file, report, lang) for file, report in reports])
    else:
        for file, report in reports:
            apart = "" if report is reports[-1][1] or not report.findings else "\n"
            click.echo("\n".join(_lines(file, report, lang)) + apart, err=not report.ok)
    if not all(report.ok for _, report in reports):
        sys.exit(1)


def _compiled(file: Path, as_json: bool, lang: str) -> Form:
    """The version before, which must be a form itself."""
    try:
        return compile_form(file)
    except FormError as error:
        refuse(error.problems[0].as_dict(lang), as_json, lang)


def _checked(file: Path, old: Form | None, db: Path | None) -> Report:
    """Checks a file; with a database, against what that has of the form."""
    report = check_form(file, against=old)
    if db is None or report.form is None:
        return report
    with Replica.open(db) as replica:
        known = library.current_forms(replica).get(report.form.form_id)
        before = old or (known.form if known else None)
        uses: Uses | None = uses_of(replica, known.form) if known else None
    return check_form(file, against=before, uses=uses)


def _as_dict(file: Path, report: Report, lang: str) -> dict[str, Any]:
    found: dict[str, Any] = {"file": str(file), "ok": report.ok}
    if report.form is not None:
        form = report.form
        found |= {"form_id": form.form_id, "version": form.version, "id": form.id}
        found["questions"] = len(form.questions)
    found |= {"errors": len(report.errors), "warnings": len(report.warnings)}
    return found | {"problems": [finding.as_dict(lang, file.name) for finding in report.findings]}


def _lines(file: Path, report: Report, lang: str) -> Iterator[str]:
    """A report for people: what it is, each finding, how many there are."""
    texts = catalogue(lang)
    form = report.form
    about: dict[str, Any] = {"file": file}
    if form is not None:
        about |= {"form_id": form.form_id, "version": form.version or "–", "questions": len(form.questions)}
    head = "check.head.bad" if not report.ok else "check.head.usable" if report.findings else "check.head.ok"
    yield texts[head].format_map(about)
    for finding in report.findings:
        yield ""
        yield from _finding(finding, file, lang)
    if report.findings:
        yield ""
        count = counted(lang, errors=len(report.errors), warnings=len(report.warnings))
        yield translate("cli.forms.count", lang, **count)


def _finding(finding: Finding, file: Path, lang: str) -> Iterator[str]:
    texts = catalogue(lang)
    severity = texts[f"check.{finding.severity}"]
    yield f"{severity} {finding.code}  {finding.at.text(lang) or file.name}"
    yield f"  {finding.message(lang)}"
    yield from finding.excerpt.splitlines()
    yield f"  {finding.remedy(lang)}"
