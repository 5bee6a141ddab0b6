"""`python -m tests.conformance`: runs all kinds of cases; a further kind is one more entry of `SECTIONS`."""

from __future__ import annotations

import sys

from tests.conformance import expressions, forms, report, traces
from tests.conformance.cases import folder

SECTIONS: tuple[report.Run, ...] = (expressions.run, forms.run, traces.run)


def main() -> int:
    """Prints the table and writes page and figures; the exit status is 1 where the cases are not there."""
    where = folder()
    if where is None:
        print("HOMEWARD_CONFORMANCE names no folder with cases", file=sys.stderr)
        return 1
    sections = [run(where) for run in SECTIONS]
    print(report.table(sections))
    report.PAGE.write_text(report.page(sections), "utf-8")
    report.FIGURES.parent.mkdir(exist_ok=True)
    report.FIGURES.write_text(report.figures(sections), "utf-8")
    print(f"written: {report.PAGE.relative_to(report.ROOT)}, {report.FIGURES.relative_to(report.ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
