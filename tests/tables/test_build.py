"""`X-tables.db` from a replica: whole, by parts, after damage."""

from __future__ import annotations

import shutil
import sqlite3
from random import Random
from typing import Any

import pytest

from collector.tables import Tables
from sync import Replica, merge

BOOKKEEPING = {"meta", "verdict"}


def dump(connection: sqlite3.Connection) -> dict[str, Any]:
    """Every table's rows and every view's text; the store's own bookkeeping left out."""
    found: dict[str, Any] = {}
    for name, kind, sql in connection.execute(
        "SELECT name, type, sql FROM sqlite_master ORDER BY name"
    ).fetchall():
        if kind == "table" and name not in BOOKKEEPING:
            found[name] = sorted(map(repr, connection.execute(f'SELECT * FROM "{name}"')))
        elif kind == "view":
            found[name] = sql
    return found


def built_anew(survey: Any) -> dict[str, Any]:
    """The same tables from nothing, in another file."""
    with Tables(survey.hub.path.with_name("anew.db")) as tables:
        assert tables.rebuild(survey.hub).whole
        return dump(tables.connection)


def test_typed_columns_and_repeats(survey: Any) -> None:
    """Whole numbers, numbers, text and repeats get their types; an instance keeps its place."""
    survey.business([{"founder_birth_year": "1985"}, {"founder_age_band": "45-54"}], start_year="2016")
    with Tables.of(survey.hub) as tables:
        tables.update(survey.hub)
        row = tables.connection.execute(
            "SELECT start_year, typeof(start_year), op_status, founders_told, county_code, _review, _check,"
            " _deleted FROM form_business"
        ).fetchone()
        assert row == (2016, "integer", "operating", 2, "140521", "approved", "ok", 0)
        founders = tables.connection.execute(
            "SELECT _position, founder_birth_year, founder_age_band, returnee_type"
            " FROM form_business__founders ORDER BY _position"
        ).fetchall()
        assert founders == [(1, 1985, None, "returnee"), (2, None, "45-54", "returnee")]


def test_position_becomes_four_numbers(survey: Any) -> None:
    """A geopoint is split into latitude, longitude, altitude and accuracy."""
    survey.inn(gps_source="gnss", gps="35.69 112.18 812.5 7")
    with Tables.of(survey.hub) as tables:
        tables.update(survey.hub)
        got = tables.connection.execute("SELECT gps_lat, gps_lon, gps_alt, gps_acc FROM form_inn").fetchone()
        assert got == (35.69, 112.18, 812.5, 7.0)


def test_reasons_are_kept(survey: Any) -> None:
    """Why an answer is missing stands in its own table."""
    session = survey.fill("business", BUSINESS_GIVEN, [PERSON])
    session.reason("/data/g_money/startup_capital", "refused")
    answers, reasons = session.finalise()
    record = survey.hub.save(form=session.form.id, answers=answers, reasons=reasons, author="anna0000")
    with Tables.of(survey.hub) as tables:
        tables.update(survey.hub)
        assert tables.connection.execute("SELECT * FROM reason").fetchall() == [
            (record, "/data/g_money/startup_capital", "refused")
        ]
        assert tables.connection.execute("SELECT startup_capital, _check FROM form_business").fetchone() == (
            None,
            "ok",
        )


def test_a_record_that_fails_is_marked_and_kept(survey: Any) -> None:
    """A record that breaks a constraint of its form is in the tables, marked, with the question that is
    wrong.
    """
    answers, _ = survey.fill("business", BUSINESS_GIVEN, [PERSON]).finalise()
    bad = answers | {"/data/g_activity/start_year": "1066"}
    record = survey.hub.save(form=survey.session("business").form.id, answers=bad, author="anna0000")
    with Tables.of(survey.hub) as tables:
        assert tables.update(survey.hub).failed == 1
        assert tables.connection.execute("SELECT _check, start_year FROM form_business").fetchall() == [
            ("failed", 1066)
        ]
        problems = tables.connection.execute(
            "SELECT _record, path, code, number FROM check_problem"
        ).fetchall()
        assert problems == [(record, "/data/g_activity/start_year", "constraint", "HW-1302")]


def test_a_value_of_the_wrong_type_is_null(survey: Any) -> None:
    """Text in a question for a number is no number in the tables, and the check says so."""
    answers, _ = survey.fill("business", BUSINESS_GIVEN, [PERSON]).finalise()
    bad = answers | {"/data/g_activity/start_year": "long ago"}
    survey.hub.save(form=survey.session("business").form.id, answers=bad, author="anna0000")
    with Tables.of(survey.hub) as tables:
        tables.update(survey.hub)
        assert tables.connection.execute("SELECT start_year, _check FROM form_business").fetchall() == [
            (None, "failed")
        ]


def test_by_parts_is_the_same_as_whole(survey: Any) -> None:
    """After new records, edits, reviews and deletions the tables brought up to date equal the tables built
    anew.
    """
    first = survey.business([{}, {}])
    survey.inn()
    with Tables.of(survey.hub) as tables:
        assert tables.update(survey.hub).whole
        second = survey.business(approve=False)
        survey.job(first)
        survey.hub.delete(second, "twice", author="hub")
        state = survey.hub.state(first)
        survey.hub.save(
            record=first,
            form=state.form,
            answers={**state.answers, "/data/g_activity/start_year": "2019"},
            author="ben00000",
        )
        outcome = tables.update(survey.hub)
        assert (outcome.whole, outcome.records) == (False, 3)
        assert dump(tables.connection) == built_anew(survey)
        got = tables.connection.execute(
            "SELECT _record, start_year, _review, _deleted FROM form_business ORDER BY 1"
        ).fetchall()
        assert sorted(got) == sorted([(first, 2019, "edited", 0), (second, None, "received", 1)])


@pytest.mark.parametrize("seed", range(3))
def test_any_history_by_parts_is_the_same_as_whole(survey: Any, seed: int) -> None:
    """Whatever is recorded, edited on two devices, reviewed, deleted and merged: tables kept up to date now
    and then equal
    the tables built anew.
    """
    chance = Random(seed)
    records = [survey.business([{}, {}], approve=False) for _ in range(3)]
    path = survey.hub.path.with_name("field.db")
    shutil.copyfile(survey.hub.path, path)
    with Replica.open(path) as field, Tables.of(survey.hub) as tables:
        field.renew()
        for _ in range(25):
            where = chance.choice([survey.hub, field])
            state = where.state(chance.choice(records))
            act = chance.choice(["edit", "edit", "edit", "review", "delete", "merge", "update"])
            if act == "edit" and state.answers:
                answers = {**state.answers, START_YEAR: str(chance.randint(2010, 2019))}
                where.save(record=state.record, form=state.form, answers=answers, author="anna0000")
            elif act == "review":
                where.review(state.record, chance.choice(["approved", "has_issues"]), author="hub")
            elif act == "delete" and not state.deleted and chance.random() < 0.3:
                where.delete(state.record, "twice", author="hub")
            elif act == "merge":
                assert not merge(survey.hub, [path]).set_aside
            elif act == "update":
                tables.update(survey.hub)
        merge(survey.hub, [path])
        tables.update(survey.hub)
        assert dump(tables.connection) == built_anew(survey)


def test_nothing_new_writes_nothing(survey: Any) -> None:
    """A second update of the same replica touches no record."""
    survey.business()
    with Tables.of(survey.hub) as tables:
        tables.update(survey.hub)
        assert tables.update(survey.hub).records == 0


def test_new_list_builds_anew(survey: Any) -> None:
    """A new version of an attached list is a new ground for every verdict: everything is built again."""
    survey.business()
    with Tables.of(survey.hub) as tables:
        tables.update(survey.hub)
        survey.hub.put_document("list", "round.csv", b"name,ref_year,ref_date\nr,2021,2021-12-31\n")
        assert tables.update(survey.hub).whole
        assert tables.connection.execute("SELECT * FROM survey_round").fetchall() == [
            (2021, "2021-12-31", "r")
        ]


def test_damaged_file_is_built_again(survey: Any) -> None:
    """The tables hold nothing of their own: a damaged file is thrown away and built from the replica."""
    survey.business()
    path = survey.hub.path.with_name("hub-tables.db")
    path.write_bytes(b"this is not a database, and it is long enough to be looked at" * 40)
    with Tables.of(survey.hub) as tables:
        assert tables.update(survey.hub).whole
        assert tables.connection.execute("SELECT count(*) FROM record").fetchone() == (1,)


def test_folded_records_are_computed_again(survey: Any) -> None:
    """Two people who each add a founder to one business: both founders are there and the counts are theirs
    together.
    """
    record = survey.business()
    state = survey.hub.state(record)
    for instance, kind in (("aaaa", "other_province"), ("bbbb", "never")):
        session = survey.session("business", state.answers)
        session.answer("/data/g_founders/founders_told", "2")
        added = next(one for one in session.instances(FOUNDERS) if one not in state.answers)
        for name, text in {
            **PERSON,
            "away_scope": kind,
            "founder_sex": "male",
            "founder_age_band": "25-34",
        }.items():
            if session.relevant(f"{added}/{name}"):
                session.answer(f"{added}/{name}", text)
        for name in ("founder_education", "founder_identity", "other_businesses", "founder_model"):
            session.answer(f"{added}/{name}", session.choices(f"{added}/{name}")[0][0])
        answers, _ = session.finalise()
        moved = {path.replace(added, f"{FOUNDERS}[{instance}]"): value for path, value in answers.items()}
        survey.hub.save(
            record=record, form=state.form, answers=moved, parents=state.heads, author=f"{instance}0000"
        )
    folded = survey.hub.state(record)
    assert folded.recompute
    assert not folded.conflicts
    with Tables.of(survey.hub) as tables:
        tables.update(survey.hub)
        got = tables.connection.execute(
            "SELECT founders_n, CAST(returnee_founders_n AS INTEGER), _check FROM form_business"
        ).fetchone()
        assert [int(got[0]), got[1]] == [3, 2]
        assert tables.connection.execute("SELECT count(*) FROM form_business__founders").fetchone() == (3,)


def test_unknown_form_version_is_kept(survey: Any) -> None:
    """A record of a form version that is not here stands in `record`, marked, and in no form's table."""
    other = survey.hub.path.with_name("other.db")
    with Replica.create(other) as replica:
        form = replica.put_form("strange", "1", b"<not-an-xform/>", ["/data/a"])
        record = replica.save(form=form, answers={"/data/a": "1"}, author="anna0000")
    merge(survey.hub, [other])
    with Tables.of(survey.hub) as tables:
        tables.update(survey.hub)
        got = tables.connection.execute("SELECT _record, _check FROM record").fetchall()
        assert got == [(record, "unknown_form")]


BUSINESS_GIVEN = {
    "contact": "yes",
    "consent_interview": "yes",
    "publish_record": "record",
    "card_given": "yes",
    "county_code": "140521",
    "township_code": "140521901",
    "village_code": "140521901901",
    "founders_told": "1",
    "op_status": "operating",
    "start_year": "2018",
    "gps_source": "none",
    "disposition": "complete",
}
START_YEAR = "/data/g_activity/start_year"
FOUNDERS = "/data/g_founders/founders"
PERSON = {
    "founder_agreed": "self",
    "hukou_rel": "this_village",
    "away_scope": "other_province",
    "away_total_years": "5",
    "return_year": "2017",
}
