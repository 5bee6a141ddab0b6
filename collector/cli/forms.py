"""`homeward forms`: checking forms, adding them to a database, listing them."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from forms import Form, FormError, Report, Uses, check_form, compile_form
from sync import Replica

from .. import library
from ..records.form_uses import uses_of
from .form_report import as_dict, lines
from .forms_add import add
from .forms_list import list_
from .shared import bar, json_option, lang_option, print_json, refuse, refusing


@click.group()
def forms() -> None:
    """Forms: XLSForm (.xlsx, .xls, .csv, .md) or XForm (.xml)."""


forms.add_command(add)
forms.add_command(list_)


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
        print_json([as_dict(str(file), report, lang) for file, report in reports])
    else:
        for file, report in reports:
            apart = "" if report is reports[-1][1] or not report.findings else "\n"
            click.echo("\n".join(lines(str(file), report, lang)) + apart, err=not report.ok)
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
