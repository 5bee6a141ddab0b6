"""Small forms for the tests of the check."""

from __future__ import annotations

from io import BytesIO

from openpyxl import Workbook

from forms import Finding, Report, check_form

Rows = list[list[str]]
NAMESPACES = 'fs="urn:field-survey:1"'
SETTINGS: Rows = [["form_id", "version", "namespaces"], ["t", "1", NAMESPACES]]


def markdown(**sheets: Rows) -> bytes:
    """An XLSForm as tables; the first row of each sheet are its headers."""
    lines = []
    for name, rows in sheets.items():
        lines.append(f"| {name} |")
        lines += ["| | " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines).encode()


def workbook(**sheets: Rows) -> bytes:
    """The same as .xlsx."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def checked(**sheets: Rows) -> Report:
    """The report of a form of these sheets, as a workbook, so that rows are those of a spreadsheet."""
    return check_form(workbook(**sheets), "form.xlsx")


def the(report: Report, code: str) -> Finding:
    """The one finding of a number; AssertionError where there is none or another number of them."""
    found = [each for each in report.findings if each.code == code]
    assert len(found) == 1, [(each.code, each.at, dict(each.params)) for each in report.findings]
    return found[0]
