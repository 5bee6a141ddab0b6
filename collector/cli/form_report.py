"""Reports of form checks on the command line: for people and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from forms import Finding, Report
from forms.problems import catalogue

from ..i18n import translate
from .shared import counted


def as_dict(file: str, report: Report, lang: str) -> dict[str, Any]:
    """A report as JSON."""
    found: dict[str, Any] = {"file": file, "ok": report.ok}
    if report.form is not None:
        form = report.form
        found |= {"form_id": form.form_id, "version": form.version, "id": form.id}
        found["questions"] = len(form.questions)
    found |= {"errors": len(report.errors), "warnings": len(report.warnings)}
    return found | {"problems": [finding.as_dict(lang, report.filename) for finding in report.findings]}


def lines(file: str, report: Report, lang: str) -> Iterator[str]:
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
        yield from of_finding(finding, report.filename, lang)
    if report.findings:
        yield ""
        count = counted(lang, errors=len(report.errors), warnings=len(report.warnings))
        yield translate("cli.forms.count", lang, **count)


def of_finding(finding: Finding, filename: str, lang: str) -> Iterator[str]:
    """A finding for people: number and place, what is wrong, the expression, how to mend it."""
    texts = catalogue(lang)
    severity = texts[f"check.{finding.severity}"]
    yield f"{severity} {finding.code}  {finding.at.text(lang) or filename}"
    yield f"  {finding.message(lang)}"
    yield from finding.excerpt.splitlines()
    yield f"  {finding.remedy(lang)}"
