"""`homeward forms`: checking forms, adding them to a database, listing them."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from forms import Form, FormError, Report, Uses, check_form, compile_form
from sync import Replica

from .. import library
from ..own_forms import rules
from ..records.form_uses import uses_of
from .form_report import as_dict, lines
from .forms_add import add
from .forms_list import list_
from .help import Group
from .shared import bar, json_option, lang_option, print_json, refuse, refusing


@click.group(cls=Group)
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
)
@click.option(
    "--db",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="DB",
)
@json_option
@lang_option
@refusing
def check(files: tuple[Path, ...], against: Path | None, db: Path | None, as_json: bool, lang: str) -> None:
    """Check forms and say all that is wrong with them at once, each with place and remedy."""
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
    """Checks a file, also whether its form_id can be one at a hub; with a database, against what that has of it."""
    report = check_form(file, against=old)
    if report.form is None:
        return report
    unfit = list(rules.of_name(report.form))
    if db is None:
        return report.beside(unfit)
    with Replica.open(db) as replica:
        known = library.current_forms(replica).get(report.form.form_id)
        before = old or (known.form if known else None)
        uses: Uses | None = uses_of(replica, known.form) if known else None
    return check_form(file, against=before, uses=uses).beside(unfit)
