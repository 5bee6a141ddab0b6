"""A whole release from real records: what is in it, what must not be, and how it is put in place."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from collector.problems import Problem
from collector.release import release
from collector.tables import source

SECRETS = ("王小明示例", "13812345678", "91140521MA0GXXXX", "示例山货店", "不要告诉别人", "35.6901")
ROW_IDS = "SELECT row_id FROM businesses UNION SELECT row_id FROM inns"
FOUNDER = {"founder_name": SECRETS[0], "founder_phone": SECRETS[1], "founder_birth_year": "1985"}
PRIVATE = {
    "business_name": SECRETS[3],
    "notes": SECRETS[4],
    "gps_source": "gnss",
    "gps": f"{SECRETS[5]} 112.1234 800 5",
    "start_year": "2016",
    "workers_total": "3",
}


@pytest.fixture
def filled(survey: Any) -> Any:
    """Six businesses of one county (one for totals only), four inns, jobs, support and a training."""
    first = survey.business([FOUNDER], **PRIVATE)
    others = [survey.business() for _ in range(4)]
    survey.business(publish_record="totals")
    for _ in range(3):
        survey.inn(inn_name=SECRETS[3])
    survey.inn(publish_record="totals")
    survey.job(first, headcount="6", n_migrant="6", n_migrant_near="6")
    for business in [first, *others]:
        survey.support(business)
    return survey


def opened(out: Path) -> sqlite3.Connection:
    """The public file."""
    return sqlite3.connect(f"file:{out / 'homeward.db'}?mode=ro", uri=True)


def figures(out: Path) -> dict[tuple[str, str, str], tuple[int | None, str]]:
    """(indicator, place, breakdown) -> (value, withheld)."""
    rows = opened(out).execute("SELECT indicator, place_code, breakdown, value, withheld FROM figures")
    return {row[:3]: row[3:] for row in rows}


def test_files_and_tables(filled: Any, tmp_path: Path) -> None:
    """A release holds the files and tables of docs/release-format.md, and says what it is."""
    done = release(filled.hub, tmp_path / "public", today="2026-11-22")
    names = {path.name for path in done.out.iterdir()}
    assert names == {"homeward.db", "release.json", "inspect.json", "report.json", "report.txt"}
    tables = {
        name for (name,) in opened(done.out).execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    }
    assert tables == {
        *("figures", "businesses", "inns", "places", "_homeward_release", "_homeward_indicator"),
        *("_homeward_column", "_homeward_choice", "_homeward_left_out"),
    }
    about = dict(opened(done.out).execute("SELECT key, value FROM _homeward_release").fetchall())
    assert about["version"] == "2026-11-22.1"
    assert (about["ref_year"], about["ref_date"], about["synthetic"]) == ("2020", "2020-12-31", "yes")
    assert int(about["records_approved"]) == 16
    indicators = [
        row[0] for row in opened(done.out).execute("SELECT id FROM _homeward_indicator ORDER BY position")
    ]
    assert indicators == ["I01", "I02", "I02b", "I08b", "I18", "I25"]


def test_figures_of_one_county(filled: Any, tmp_path: Path) -> None:
    """Counts that may stand, stand; what rests on too few is empty and says why, and a total of one county
    alike.
    """
    got = figures(release(filled.hub, tmp_path / "public").out)
    for place in ("140521", "all"):
        assert got["I01", place, ""] == (6, "")
        assert got["I02", place, ""] == (None, "threshold")
        assert got["I02b", place, ""] == (6, "")
        assert got["I08b", place, ""] == (4, "")
        assert got["I18", place, "tax"] == (5, "")
        assert got["I18", place, "rent"] == (None, "threshold")
    assert got["I25", "all", ""] == (0, "")
    assert ("I01", "140522", "") not in got  # nobody was there


def test_rows_hold_allowed_columns_of_willing_owners(filled: Any, tmp_path: Path) -> None:
    """A row for each owner who agreed, with ranges and codes only, and the county as its place."""
    out = release(filled.hub, tmp_path / "public").out
    connection = opened(out)
    connection.row_factory = sqlite3.Row
    rows = [dict(row) for row in connection.execute("SELECT * FROM businesses")]
    assert len(rows) == 5
    assert len(connection.execute("SELECT * FROM inns").fetchall()) == 3
    row = next(row for row in rows if row["start_year"] == "2015-2019" and row["workers_total"] == "2-4")
    assert row["county_code"] == "140521"
    assert row["today"] == "2021-01"
    assert set(row) == {
        *("row_id", "county_code", "today", "ref_year", "ref_date", "op_status", "start_year", "industry"),
        *("workers_total", "any_support", "disposition"),
    }
    described = connection.execute("SELECT column_name FROM _homeward_column WHERE table_name = 'businesses'")
    assert {name for (name,) in described} == set(row)


def test_nothing_private_is_in_any_file(filled: Any, tmp_path: Path) -> None:
    """No answer that a form does not publish, no uuid, name of a record, replica, person or village, in any
    byte.
    """
    out = release(filled.hub, tmp_path / "public").out
    every = b"\0".join(path.read_bytes() for path in sorted(out.iterdir()))
    hidden: set[str] = {filled.hub.name, "anna0000", "140521901", *SECRETS}
    assert b"13812345678" not in every
    for state in filled.hub.states():
        hidden.add(state.record)
        hidden |= {
            value
            for path, value in state.answers.items()
            if any(
                path.endswith(f"/{name}")
                for name in ("business_uid", "inn_uid", "founder_uid", "card_code", "card_no", "start", "end")
            )
        }
    assert len(hidden) > 40
    present = sorted(text for text in hidden if text.encode() in every)
    assert present == []


def test_left_out_says_why(filled: Any, tmp_path: Path) -> None:
    """Every question that is not published is named with the reason, in words in both languages."""
    connection = opened(release(filled.hub, tmp_path / "public").out)
    left = {
        (form, question): reason
        for form, question, reason in connection.execute(
            "SELECT form, question, reason FROM _homeward_left_out"
        )
    }
    assert left["business", "founder_phone"] == "drop"
    assert left["business", "village_code"] == "later"
    assert left["business", "township_code"] == "place"
    assert left["business", "business_code"] == "linkable"
    assert left["inn", "business_uid"] == "linkable"
    assert left["business", "founder_sex"] == "repeat"
    assert left["support", "instrument"] == "no_rows"
    words = {
        value
        for (value,) in connection.execute(
            "SELECT value FROM _homeward_choice WHERE table_name = '_homeward_left_out'"
        )
    }
    assert set(left.values()) == words


def test_codes_have_labels(filled: Any, tmp_path: Path) -> None:
    """Choices, counties and kinds of support have labels in both languages, in the order of the form."""
    connection = opened(release(filled.hub, tmp_path / "public").out)

    def labels(table: str, column: str) -> list[tuple[str, str, str]]:
        sql = (
            "SELECT value, label_en, label_zh FROM _homeward_choice WHERE table_name = ? AND column_name = ?"
        )
        sql += " ORDER BY position"
        return connection.execute(sql, [table, column]).fetchall()

    assert labels("businesses", "op_status")[:2] == [
        ("operating", "Operating", "正常经营"),
        ("seasonal", "Closed for the season", "季节性停业"),
    ]
    assert labels("figures", "breakdown")[0] == ("tax", "Tax reduction or exemption", "税费减免")
    assert ("140521", "Qinshui County", "沁水县") in labels("businesses", "county_code")
    assert labels("businesses", "any_support") == [("yes", "Yes", "是"), ("no", "No", "否")]
    assert [value for value, _, _ in labels("inns", "rooms")] == ["0", "1-4", "5-14", "15-49", "50+"]


def test_columns_have_names_for_people(filled: Any, tmp_path: Path) -> None:
    """Every column of every file has a label in both languages that is not its technical name; the data
    year is filled in.
    """
    connection = opened(release(filled.hub, tmp_path / "public").out)
    rows = connection.execute(
        "SELECT table_name, column_name, label_en, label_zh FROM _homeward_column"
    ).fetchall()
    assert len(rows) > 30
    assert [row for row in rows if row[1] in row[2:] or "…" in row[2] or "…" in row[3]] == []
    labels = {row[:2]: row[2] for row in rows}
    assert "2020-12-31" in labels["businesses", "workers_total"]


def test_row_ids_are_new_each_time(filled: Any, tmp_path: Path) -> None:
    """Two releases of the same records share no row id, so rows cannot be followed from one to the next."""
    first = release(filled.hub, tmp_path / "one").out
    second = release(filled.hub, tmp_path / "two").out
    ids = [{row[0] for row in opened(out).execute(ROW_IDS)} for out in (first, second)]
    assert len(ids[0]) == 8
    assert ids[0].isdisjoint(ids[1])


def test_small_county_cannot_be_subtracted(filled: Any, tmp_path: Path) -> None:
    """A county with too few, one with many and the total: one more county is withheld."""
    for _ in range(2):
        filled.business(village="140522901901")
    for _ in range(7):
        filled.business(village="140524901901")
    got = figures(release(filled.hub, tmp_path / "public").out)
    assert got["I01", "140522", ""] == (None, "threshold")
    assert got["I01", "140521", ""] == (None, "complementary")
    assert got["I01", "140524", ""] == (7, "")
    assert got["I01", "all", ""] == (15, "")


def test_ten_businesses_without_a_giant_show_their_jobs(filled: Any, tmp_path: Path) -> None:
    """Jobs are shown from ten employers of which none has half; a giant hides the figure again."""
    businesses = [filled.business() for _ in range(10)]
    for business in businesses:
        filled.job(business)
    assert figures(release(filled.hub, tmp_path / "public").out)["I02", "all", ""] == (26, "")
    filled.job(businesses[0], headcount="40")
    assert figures(release(filled.hub, tmp_path / "public").out)["I02", "all", ""] == (None, "dominance")


def test_sha256_and_inspect_are_those_of_the_file(filled: Any, tmp_path: Path) -> None:
    """Datasette's own inspection gives what inspect.json says, but for the path of the file."""
    out = release(filled.hub, tmp_path / "public").out
    command = [sys.executable, "-m", "datasette", "inspect", "homeward.db"]
    theirs = json.loads(subprocess.run(command, cwd=out, check=True, capture_output=True, text=True).stdout)
    ours = json.loads((out / "inspect.json").read_text("utf-8"))
    assert ours == theirs
    mark = json.loads((out / "release.json").read_text("utf-8"))
    assert mark["sha256"] == theirs["homeward"]["hash"]
    assert mark["tables"] == {name: table["count"] for name, table in theirs["homeward"]["tables"].items()}


def test_version_counts_within_a_day(filled: Any, tmp_path: Path) -> None:
    """The second release of a day over the first is .2; a new day begins at .1."""
    out = tmp_path / "public"
    assert release(filled.hub, out, today="2026-11-22").version == "2026-11-22.1"
    assert release(filled.hub, out, today="2026-11-22").version == "2026-11-22.2"
    assert release(filled.hub, out, today="2026-11-23").version == "2026-11-23.1"


def test_a_reader_of_the_old_release_goes_on(filled: Any, tmp_path: Path) -> None:
    """Who has the old file open reads it to the end; whoever opens it anew reads the new one; nothing else
    is left.
    """
    out = tmp_path / "public"
    release(filled.hub, out)
    reader = opened(out)
    before = reader.execute("SELECT count(*) FROM businesses").fetchone()
    filled.business()
    release(filled.hub, out)
    assert reader.execute("SELECT count(*) FROM businesses").fetchone() == before
    assert opened(out).execute("SELECT count(*) FROM businesses").fetchone() == (before[0] + 1,)
    assert sorted(path.name for path in tmp_path.iterdir() if not path.name.startswith("hub")) == ["public"]


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_foreign_things_are_not_replaced(filled: Any, tmp_path: Path, kind: str) -> None:
    """A file or a folder that no release made is refused and left as it was."""
    out = tmp_path / "mine"
    if kind == "file":
        out.write_text("letter")
    else:
        out.mkdir()
        (out / "letter.txt").write_text("letter")
    with pytest.raises(Problem, match="HW-3503"):
        release(filled.hub, out)
    assert (out if kind == "file" else out / "letter.txt").read_text() == "letter"
    assert [path.name for path in tmp_path.iterdir() if "mine" in path.name] == ["mine"]


def test_unknown_rule_stops_the_release(filled: Any, tmp_path: Path) -> None:
    """A form whose question asks for a rule that nobody defined is not released, and the old release
    stays.
    """
    out = tmp_path / "public"
    release(filled.hub, out)
    before = (out / "release.json").read_bytes()
    form = filled.session("inn").form
    xform = form.xform.replace('fs:publish="as_is"', 'fs:publish="as_iss"', 1)
    assert xform != form.xform
    filled.hub.put_form("inn", "2026112299", xform.encode(), form.layout)
    with pytest.raises(Problem, match="HW-3501"):
        release(filled.hub, out)
    assert (out / "release.json").read_bytes() == before


def test_stricter_older_version_wins(filled: Any, tmp_path: Path) -> None:
    """A question that an older version of the form promised not to publish stays unpublished while its
    records are here.
    """
    form = filled.session("inn").form
    old = form.xform.replace('fs:publish="band:0,1-4,5-14,15-49,50+"', 'fs:publish="drop"', 1)
    assert old != form.xform
    version = filled.hub.put_form("inn", "2020010101", old.encode(), form.layout)
    answers, _ = filled.fill("inn", INN, []).finalise()
    filled.hub.save(form=version, answers=answers, author="anna0000")
    filled.hub.put_document("form", "inn", filled.hub.document(form.id).data)
    assert form.id in {one.id for one in source.current(filled.hub)}
    connection = opened(release(filled.hub, tmp_path / "public").out)
    assert "rooms" not in {row[1] for row in connection.execute("PRAGMA table_info(inns)")}
    reason = connection.execute(
        "SELECT reason FROM _homeward_left_out WHERE form = 'inn' AND question = 'rooms'"
    ).fetchone()
    assert reason == ("versions",)


def test_without_a_round_nothing_is_released(filled: Any, tmp_path: Path) -> None:
    """Figures need a year and a date: a database without them is refused."""
    filled.hub.put_document("list", "round.csv", b"name,label\nr,R\n")
    with pytest.raises(Problem, match="HW-3506"):
        release(filled.hub, tmp_path / "public")
    assert not (tmp_path / "public").exists()


def test_report_adds_up(filled: Any, tmp_path: Path) -> None:
    """The supervisor's report says for each form which records were not used and why, and the sums agree."""
    filled.business(approve=False)
    filled.add("business", {"contact": "no", "disposition": "not_home"} | filled.place())
    out = release(filled.hub, tmp_path / "public").out
    found = json.loads((out / "report.json").read_text("utf-8"))
    business = found["records"]["business"]
    reasons = {"deleted": 0, "withdrawn": 0, "not_approved": 1, "conflicts": 0, "consent": 1}
    assert business == {"total": 8, "used": 6, **reasons}
    assert found["rows"]["businesses"] == {"rows": 5, "held": 1}
    text = (out / "report.txt").read_text("utf-8")
    assert "返乡创业人数" in text
    assert "Returnee founders" in text


INN = {
    "contact": "yes",
    "consent_interview": "yes",
    "publish_record": "record",
    "card_given": "yes",
    "county_code": "140521",
    "township_code": "140521901",
    "village_code": "140521901901",
    "linked": "no",
    "op_status": "operating",
    "opened_year": "2018",
    "tourist_road": "taihang_no1",
    "gps_source": "none",
    "disposition": "complete",
}
