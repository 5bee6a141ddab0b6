"""`homeward forms`: checking forms."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from forms import Form, FormError, compile_form
from forms.problems import catalogue

from .shared import bar, json_option, lang_option, print_json


@click.group()
def forms() -> None:
    """Forms: XLSForm (.xlsx, .csv, .md) or XForm (.xml)."""


@forms.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@json_option
@lang_option
def check(files: tuple[Path, ...], as_json: bool, lang: str) -> None:
    """Check forms and say all that is wrong with them, each with place and remedy.

    Ends with 0 when all can be used, with 1 when one cannot.

    \b
    homeward forms check business.xlsx inn.md
    """
    reports: list[dict[str, Any]] = []
    with bar("forms", len(files)) as progress:
        for file in files:
            reports.append(_report(file, lang))
            progress.update()
    if as_json:
        print_json([{key: value for key, value in report.items() if key != "text"} for report in reports])
    else:
        for report in reports:
            click.echo(report["text"], err=not report["ok"])
    if not all(report["ok"] for report in reports):
        sys.exit(1)


def _report(file: Path, lang: str) -> dict[str, Any]:
    try:
        form = compile_form(file)
    except FormError as error:
        lines = [catalogue(lang)["check.bad"].format(file=file, count=len(error.problems))]
        lines += [problem.text(lang) for problem in error.problems]
        problems = [problem.as_dict(lang) for problem in error.problems]
        return {"file": str(file), "ok": False, "problems": problems, "text": "\n".join(lines)}
    return _fine(file, form, lang)


def _fine(file: Path, form: Form, lang: str) -> dict[str, Any]:
    about = {"form_id": form.form_id, "version": form.version, "questions": len(form.questions)}
    text = catalogue(lang)["check.ok"].format(file=file, **about)
    return {"file": str(file), "ok": True, "id": form.id, **about, "problems": [], "text": text}
