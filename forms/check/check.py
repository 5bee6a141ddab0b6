"""All that is wrong with a form, at once: the rules over its sheets, pyxform, the reader of XForms."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pyxform.errors import PyXFormError

from forms.check.bare import check_bare
from forms.check.beside import check_beside
from forms.check.columns import check_columns
from forms.check.compiled import check_instances, outline_of, problems_of
from forms.check.constants import check_constants
from forms.check.cycles import check_cycles
from forms.check.expressions import check_expressions
from forms.check.finding import Finding, Findings, Place, Report, from_problem, in_order
from forms.check.languages import check_languages
from forms.check.lists import check_lists
from forms.check.order import check_order
from forms.check.privacy import check_namespaces, check_privacy
from forms.check.reading import Reader
from forms.check.refusal import refused, warned
from forms.check.repeated import check_repeated
from forms.check.rows import check_rows, check_sheets
from forms.check.survey import Outline, read_survey
from forms.check.surveycto import told_once
from forms.check.unasked import check_unasked
from forms.check.values import check_values
from forms.check.versions import Uses, check_versions
from forms.compile import convert_sheets, kind_of, read_source
from forms.model import Form
from forms.problems import FormError
from forms.sheets import Workbook, read_sheets
from forms.xform.read import Reading, read_parts


def check_form(
    source: str | Path | bytes, filename: str = "", against: Form | None = None, uses: Uses | None = None
) -> Report:
    """Checks an XLSForm or XForm (a path, or bytes with a file name) and reports everything at once; of a path also
    what is wrong with attached files that lie beside it.

    `against` is the version before it, `uses` how many records use what of that. Never raises for what is wrong
    with the file; the report's `form` is the compiled form, None where there is an error that keeps it from being one.
    """
    try:
        data, filename = read_source(source, filename)
        kind = kind_of(data, filename)
        if kind == ".xml":
            found, outline, form = _xform(data, filename)
        else:
            found, outline, form = _sheets(read_sheets(data, kind, filename), filename)
    except FormError as error:
        return Report(filename, in_order(from_problem(problem) for problem in error.problems), None)
    found = told_once(_without_echoes(found))
    places = {item.path: item.at for item in outline.items}
    if form is not None and not isinstance(source, bytes):
        found += check_beside(form, Path(source).parent, places)
    if against is not None:
        found += _against(_as_compiled(places, form) if form else outline, form, against, uses)
    return Report(filename, in_order(found), form, places)


def compared(report: Report, against: Form, uses: Uses | None = None) -> Report:
    """A report with what the version before says against the form, as `check_form` with `against` gives it. Of a file
    that is no form there is nothing to compare: its report stays as it is."""
    if report.form is None:
        return report
    return report.beside(_against(_as_compiled(report.places, report.form), report.form, against, uses))


def _xform(data: bytes, filename: str) -> tuple[list[Finding], Outline, Form | None]:
    reading = read_parts(data, filename)
    outline = outline_of(reading)
    found = list(problems_of(reading.pool.problems, outline, []))
    found += check_instances(reading)
    found += _meaning(outline)
    return found, outline, _form(reading)


def _sheets(book: Workbook, filename: str) -> tuple[list[Finding], Outline, Form | None]:
    found = [*check_sheets(book), *check_columns(book), *check_namespaces(book)]
    outline = read_survey(book)
    found += check_rows(outline)
    found += check_lists(book, outline)
    found += check_expressions(outline, book)
    found += check_cycles(outline)
    found += check_languages(book)
    found += _meaning(outline)
    warnings: list[str] = []
    try:
        reading = read_parts(convert_sheets(book, warnings), filename)
    except PyXFormError as error:
        found += refused(str(error), book, outline, found)
        return found, outline, None
    except FormError as error:  # the XForm of a form that one of our findings explains, such as a prefix
        if all(each.severity == "warning" for each in found):
            found += [from_problem(problem) for problem in error.problems]
        return found, outline, None
    found += warned(warnings, book, outline)
    found += problems_of(reading.pool.problems, outline, found, "survey")
    return found, outline, _form(reading)


def _meaning(outline: Outline) -> Findings:
    """The rules that look at expressions that could be parsed."""
    reader = Reader(outline)
    yield from check_order(reader)
    yield from check_repeated(reader)
    yield from check_unasked(reader)
    yield from check_values(reader)
    yield from check_constants(reader)
    yield from check_bare(reader)
    yield from check_privacy(reader)


def _without_echoes(found: list[Finding]) -> list[Finding]:
    """Without what another finding says better: a group that waits for itself is a circle too, and in a circle there
    is no order that would help."""
    waiting = {(each.at.row, each.at.line, each.at.question) for each in found if each.code == "HW-1376"}
    circles = [{*str(each.params["names"]).split(" → ")} for each in found if each.code == "HW-1015"]
    return [each for each in found if not _echoes(each, waiting, circles)]


def _echoes(found: Finding, waiting: set[tuple[int, int, str]], circles: list[set[str]]) -> bool:
    if found.code == "HW-1015":
        return (found.at.row, found.at.line, found.at.question) in waiting
    if found.code == "HW-1350":
        return any({found.at.question, str(found.params["name"])} <= circle for circle in circles)
    return False


def _form(reading: Reading) -> Form | None:
    return None if reading.pool.problems else reading.form()


def _against(outline: Outline, form: Form | None, against: Form, uses: Uses | None) -> Findings:
    old = outline_of(read_parts(against.xform, against.form_id))
    if form is not None and form.form_id != against.form_id:
        params = {"old": against.form_id, "new": form.form_id}
        yield Finding("HW-1370", Place("settings", column="form_id"), params)
    yield from check_versions(outline, old, uses)


def _as_compiled(places: Mapping[str, Place], form: Form) -> Outline:
    """The new version as it was compiled, so that like is compared with like, at the rows of the sheet."""
    compiled = outline_of(read_parts(form.xform, form.form_id))
    for item in compiled.items:
        item.at = places.get(item.path, item.at)
    return compiled
