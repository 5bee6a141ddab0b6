"""What the supervisor is told of a release: which records, figures and questions are not in it, and why."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence
from typing import Any

from ..i18n import translate
from ..tables.views import pub_name
from .database import Content
from .figures import Indicator


def findings(
    connection: sqlite3.Connection, content: Content, skipped: Sequence[tuple[Indicator, list[str]]]
) -> dict[str, Any]:
    """The report as JSON: counts and words, no data of anybody."""
    return {
        "version": content.about["version"],
        "date": content.about["date"],
        "records_approved": int(content.about["records_approved"]),
        "records": {one.form.form_id: records(connection, one.form.form_id) for one in content.plans},
        "rows": {file.table: {"rows": len(file.rows), "held": file.held} for file in content.files},
        "figures": {indicator.id: withheld(content, indicator.id) for indicator in content.indicators},
        "figures_skipped": {indicator.id: forms for indicator, forms in skipped},
        "left_out": [vars(item) for item in content.left_out],
    }


def records(connection: sqlite3.Connection, form_id: str) -> dict[str, int]:
    """How many records of a form there are, are used, and are not used for which reason (the first that
    holds).
    """
    total, deleted, withdrawn, not_approved, conflicts = connection.execute(
        """SELECT count(*), coalesce(sum(_deleted = 1), 0),
            coalesce(sum(_deleted = 0 AND _withdrawn = 1), 0),
            coalesce(sum(_deleted = 0 AND _withdrawn = 0 AND _review <> 'approved'), 0),
            coalesce(sum(_deleted = 0 AND _withdrawn = 0 AND _review = 'approved' AND _conflicts > 0), 0)
        FROM record WHERE form_id = ?""",
        [form_id],
    ).fetchone()
    used = connection.execute(f"SELECT count(*) FROM {pub_name(form_id)}").fetchone()[0]
    return {
        "total": total,
        "used": used,
        "deleted": deleted,
        "withdrawn": withdrawn,
        "not_approved": not_approved,
        "conflicts": conflicts,
        "consent": total - used - deleted - withdrawn - not_approved - conflicts,
    }


def withheld(content: Content, indicator: str) -> dict[str, int]:
    """Number of cells of an indicator by reason; '' counts what is shown."""
    return dict(Counter(figure.withheld for figure in content.figures if figure.indicator == indicator))


def as_text(found: dict[str, Any], lang: str) -> str:
    """The report for a person."""

    def t(key: str, **params: object) -> str:
        return translate(key, lang, **params)

    lines = [t("report.title", version=found["version"], date=found["date"]), "", t("report.records")]
    for form, counts in found["records"].items():
        lines.append("  " + t("report.records.line", form=form, total=counts["total"], used=counts["used"]))
        held = ("not_approved", "deleted", "withdrawn", "conflicts", "consent")
        reasons = [reason for reason in held if counts[reason]]
        lines += [f"    {counts[reason]}  {t(f'report.{reason}')}" for reason in reasons]
    lines += ["", t("report.rows")]
    for table, counts in found["rows"].items():
        lines.append("  " + t("report.rows.line", table=table, rows=counts["rows"], held=counts["held"]))
    lines += ["", t("report.figures")]
    for indicator, reasons in found["figures"].items():
        why = ", ".join(f"{t(f'withheld.{reason}')} {n}" for reason, n in sorted(reasons.items()) if reason)
        name = t(f"indicator.{indicator}.name")
        hidden = sum(n for reason, n in reasons.items() if reason)
        line = t(
            "report.figures.line",
            indicator=indicator,
            name=name,
            shown=reasons.get("", 0),
            withheld=hidden,
            reasons=why or t("report.none"),
        )
        lines.append("  " + line)
    for indicator, forms in found["figures_skipped"].items():
        name = t(f"indicator.{indicator}.name")
        lines.append(
            "  " + t("report.figures.skipped", indicator=indicator, name=name, forms=", ".join(forms))
        )
    lines += ["", t("report.columns")]
    by_reason: dict[str, list[str]] = {}
    for item in found["left_out"]:
        by_reason.setdefault(item["reason"], []).append(f"{item['form']}/{item['question']}")
    for reason, names in sorted(by_reason.items()):
        lines.append(f"  {t(f'left_out.{reason}')}: {', '.join(names)}")
    return "\n".join(lines)
