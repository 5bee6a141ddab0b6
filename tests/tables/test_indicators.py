"""The definitions of the indicators: their SQL against a few records filled in by hand, naive counts beside
them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from collector.release.figures import INDICATORS, cells
from collector.tables import Tables

ANOTHER_COUNTY = "140522901901"
BY_ID = {indicator.id: indicator for indicator in INDICATORS}


@contextmanager
def built(survey: Any) -> Iterator[Tables]:
    """The tables of what was recorded so far."""
    with Tables.of(survey.hub) as tables:
        tables.update(survey.hub)
        yield tables


def value(survey: Any, indicator: str, place: str = "all", breakdown: str = "") -> int:
    """The figure before it is protected."""
    with built(survey) as tables:
        found = cells(tables.connection, BY_ID[indicator], 2020, "2020-12-31").get(breakdown, {})
        return found[place].value if place in found else 0


def one(survey: Any, sql: str) -> Any:
    """The single value of a query."""
    with built(survey) as tables:
        return tables.connection.execute(sql).fetchone()[0]


# -- I01: returnee founders


def test_founders_are_people_not_businesses(survey: Any) -> None:
    """Two returnees of one business are two; a local partner is none."""
    survey.business([{}, {}, {"away_scope": "never"}])
    assert value(survey, "I01") == 2
    assert one(survey, "SELECT count(*) FROM form_business__founders") == 3  # the naive count


def test_a_person_with_two_businesses_counts_once(survey: Any) -> None:
    """The same telephone, however written, is one person, who counts with the business that began first."""
    survey.business([{"founder_phone": "+86 138-1234-5678"}], start_year="2019")
    survey.business([{"founder_phone": "13812345678"}], ANOTHER_COUNTY, start_year="2016")
    assert value(survey, "I01") == 1
    assert (value(survey, "I01", "140521"), value(survey, "I01", "140522")) == (0, 1)
    assert one(survey, "SELECT count(*) FROM form_business__founders WHERE returnee_type = 'returnee'") == 2


def test_two_founders_with_one_telephone_between_them(survey: Any) -> None:
    """A couple that gives one number in one record is two people."""
    survey.business(
        [{"founder_phone": "13812345678"}, {"founder_phone": "13812345678", "founder_sex": "male"}]
    )
    assert value(survey, "I01") == 2


def test_missing_telephones_make_nobody_the_same(survey: Any) -> None:
    """Founders without a number are not taken for one person."""
    survey.business()
    survey.business()
    assert value(survey, "I01") == 2


@pytest.mark.parametrize(
    ("founder", "counted"),
    [
        ({}, 1),
        ({"away_total_years": "0", "away_total_months": "6"}, 1),
        ({"away_total_years": "0", "away_total_months": "5"}, 0),
        ({"away_scope": "never"}, 0),
        ({"hukou_rel": "this_prefecture"}, 0),
        ({"founder_agreed": "no"}, 0),
    ],
)
def test_who_is_a_returnee(survey: Any, founder: dict[str, str], counted: int) -> None:
    """Registered in the county, away six months or more, and agreed to be recorded."""
    kept = dict(founder)
    survey.business([kept])
    assert value(survey, "I01") == counted


@pytest.mark.parametrize(
    ("given", "counted"),
    [
        ({}, 1),
        ({"op_status": "closed"}, 1),
        ({"start_year": "2020"}, 1),
        ({"start_year": "2021"}, 0),
        ({"disposition": "partial"}, 1),
        ({"disposition": "not_eligible"}, 0),
        ({"disposition": "already_recorded"}, 0),
        ({"disposition": "breakoff"}, 0),
        ({"publish_record": "totals"}, 1),
    ],
)
def test_which_businesses_count(survey: Any, given: dict[str, str], counted: int) -> None:
    """Started by the end of the data year and interviewed; closed ones stay in; totals only is enough."""
    survey.business(**given)
    assert value(survey, "I01") == counted


def test_only_approved_undeleted_and_undisputed_records(survey: Any) -> None:
    """Received, rejected, edited after approval, deleted and conflicting records enter no figure."""
    survey.business(approve=False)
    survey.hub.review(survey.business(), "rejected", author="hub")
    edited, deleted, disputed = survey.business(), survey.business(), survey.business()
    state = survey.hub.state(edited)
    changed = {**state.answers, "/data/g_activity/start_year": "2017"}
    survey.hub.save(record=edited, form=state.form, answers=changed, author="ben00000")
    survey.hub.delete(deleted, "twice", author="hub")
    state = survey.hub.state(disputed)
    for year in ("2014", "2015"):
        changed = {**state.answers, "/data/g_activity/start_year": year}
        survey.hub.save(
            record=disputed, form=state.form, answers=changed, parents=state.heads, author="ben00000"
        )
    survey.hub.review(disputed, "approved", author="hub")
    assert survey.hub.state(disputed).conflicts
    assert value(survey, "I01") == 0
    survey.business()
    assert value(survey, "I01") == 1


def test_no_consent_no_figure(survey: Any) -> None:
    """A refusal holds no answers and counts in the response only."""
    survey.add(
        "business", {"contact": "yes", "consent_interview": "no", "disposition": "refused"} | survey.place()
    )
    survey.add("business", {"contact": "no", "disposition": "not_home"} | survey.place())
    survey.business()
    assert value(survey, "I01") == 1
    assert one(survey, "SELECT count(*) FROM hub_business") == 1
    assert one(survey, "SELECT count(*) FROM all_business") == 3


# -- I02, I02b: jobs


def test_jobs_leave_the_founders_out(survey: Any) -> None:
    """Heads at work on the data date; the founder's own line and other employers are not among them."""
    business = survey.business()
    survey.job(business, headcount="7", n_migrant="4", n_migrant_near="3")
    survey.job(business, status="founder_self", headcount="1", n_migrant="1", n_migrant_near="1")
    public = {
        "employer_type": "public_post",
        "consent_source": "register",
        "headcount": "5",
        "n_migrant": "5",
    }
    survey.job(
        **public,
        n_migrant_near="5",
        county_code_asked="140521",
        township_code_asked="140521901",
        village_code_asked="140521901901",
    )
    assert value(survey, "I02") == 7
    assert value(survey, "I02b") == 8
    assert one(survey, "SELECT sum(headcount) FROM form_jobs") == 13  # the naive count


def test_jobs_of_businesses_without_a_returnee(survey: Any) -> None:
    """Jobs at a local's business are no jobs of returnees, but near-home work all the same."""
    survey.job(survey.business([{"away_scope": "never"}]))
    assert (value(survey, "I02"), value(survey, "I02b")) == (0, 2)


def test_jobs_go_with_their_business(survey: Any) -> None:
    """Where the consent is the business', a job enters only while the business may; a deleted business
    takes it along.
    """
    business = survey.business(approve=False)
    survey.job(business)
    assert (value(survey, "I02"), value(survey, "I02b")) == (0, 0)
    survey.hub.review(business, "approved", author="hub")
    assert (value(survey, "I02"), value(survey, "I02b")) == (2, 2)
    survey.hub.delete(business, "withdrawn", author="hub")
    assert (value(survey, "I02"), value(survey, "I02b")) == (0, 0)


def test_a_job_stands_where_the_work_is(survey: Any) -> None:
    """A job is counted in the county of its own village."""
    survey.job(survey.business(village=ANOTHER_COUNTY))
    assert (value(survey, "I02b", "140522"), value(survey, "I02b", "140521")) == (2, 0)


# -- I08b: inns


@pytest.mark.parametrize(
    ("given", "counted"),
    [
        ({}, 1),
        ({"op_status": "seasonal"}, 1),
        ({"op_status": "closed"}, 0),
        ({"op_status": "suspended"}, 0),
        ({"tourist_road": "none"}, 0),
        ({"tourist_road": "other"}, 0),
        ({"tourist_road": "great_wall_no1"}, 1),
        ({"opened_year": "2021"}, 0),
        ({"disposition": "already_recorded"}, 0),
    ],
)
def test_which_inns_count(survey: Any, given: dict[str, str], counted: int) -> None:
    """Open all year or in season, opened by the end of the year, near one of the three named roads."""
    survey.inn(**given)
    assert value(survey, "I08b") == counted


# -- I18: support


def test_beneficiaries_count_once_for_each_kind(survey: Any) -> None:
    """Three tax reliefs of one business are one beneficiary; an application is none; a shared loan counts
    for each.
    """
    first, second = survey.business(), survey.business()
    for year in ("2018", "2019", "2020"):
        survey.support(first, decision_year=year)
    survey.support(second, support_status="applied")
    loan = {"instrument": "guarantee_loan", "beneficiaries_n": "2"}
    survey.support(first, **loan)
    survey.support(second, **loan, shared_code="1234-5670")
    assert value(survey, "I18", breakdown="tax") == 1
    assert value(survey, "I18", breakdown="guarantee_loan") == 2
    assert one(survey, "SELECT count(*) FROM form_support WHERE instrument = 'tax'") == 4  # the naive count


def test_support_of_a_person_and_of_a_village(survey: Any) -> None:
    """A person is a beneficiary, a village as a whole is none."""
    where = {
        "county_code_asked": "140521",
        "township_code_asked": "140521901",
        "village_code_asked": "140521901901",
    }
    given = {"consent_source": "register", "instrument": "training"} | where
    survey.support(beneficiary_type="person", **given)
    survey.support(beneficiary_type="person", **given)
    survey.support(beneficiary_type="village", **given)
    assert value(survey, "I18", "140521", "training") == 2


# -- I25: trainings


def training(survey: Any, **given: str) -> str:
    """A report of a special training of 2020."""
    whole = {
        "event_kind": "training",
        "event_code": "TR2020-1",
        "event_name": "示例培训",
        "organiser_level": "province",
        "report_scope": "whole",
        "start_date": "2020-05-04",
        "enrolled": "60",
        "completed": "50",
        "completed_first": "40",
    }
    return str(survey.add("event", whole | given))


def test_trained_farmers_come_from_whole_reports(survey: Any) -> None:
    """Village parts of a training, other trainings and other years are not added to the whole report."""
    training(survey)
    part = {"report_scope": "village_part", "county_code": "140521", "township_code": "140521901"}
    training(survey, **part, village_code="140521901901", completed_first="12")
    training(survey, event_code="", completed_first="9")
    assert value(survey, "I25") == 40
    assert one(survey, "SELECT sum(completed_first) FROM form_event") == 61  # the naive count


def test_one_training_reported_twice(survey: Any) -> None:
    """Two whole reports of one official training count once, the later one."""
    training(survey, completed_first="40")
    training(survey, completed_first="41")
    assert value(survey, "I25") == 41


# -- visits


def test_only_the_latest_complete_visit_counts(survey: Any) -> None:
    """A village visited twice gives its later complete visit; a later refusal does not push that out."""
    first = visit(survey, "2021-01-02", "10")
    visit(survey, "2021-01-03", "12")
    visit(survey, "2021-01-03", "15", village="140521901902")
    assert first
    assert one(survey, "SELECT sum(founders_cumulative) FROM cur_visit WHERE ref_year = 2020") == 27
    assert one(survey, "SELECT sum(founders_cumulative) FROM form_village_visit") == 37  # the naive count
    refused = {
        "contact": "yes",
        "consent_interview": "no",
        "disposition": "refused",
        "visit_date": "2021-01-04",
    }
    survey.add("village_visit", refused | survey.place() | {"code_status": "as_listed"})
    assert one(survey, "SELECT sum(founders_cumulative) FROM cur_visit") == 27


def test_villages_that_nobody_could_name_are_not_one_village(survey: Any) -> None:
    """Visits of villages that are not in the list count each where name or township is not known; a new
    village visited twice counts once.
    """
    for founders, unknown in (
        ("10", "village_new"),
        ("12", "village_new"),
        ("15", "township_code"),
        ("16", "township_code"),
    ):
        unlisted(survey, founders, unknown)
    for founders in ("20", "21"):
        unlisted(survey, founders)
    counted = "SELECT founders_cumulative FROM cur_visit ORDER BY 1"
    assert one(survey, f"SELECT group_concat(founders_cumulative) FROM ({counted})") == "10,12,15,16,21"


def unlisted(survey: Any, founders: str, unknown: str = "") -> None:
    """A complete visit of a village that is not in the list; of one question the answer is not known."""
    given = VISIT | survey.place() | {"founders_cumulative": founders, "visit_date": "2021-01-02"}
    del given["village_code"]
    session = survey.fill("village_visit", given | {"code_status": "not_listed", "village_new": "新庄"})
    if unknown:
        session.reason(f"/data/g_where/{unknown}", "dont_know")
    assert session.problems() == []
    answers, reasons = session.finalise()
    record = survey.hub.save(form=session.form.id, answers=answers, reasons=reasons, author="anna0000")
    survey.hub.review(record, "approved", author="hub")


def visit(survey: Any, date: str, founders: str, village: str = "140521901901") -> str:
    """A complete visit of a village."""
    given = VISIT | {"visit_date": date, "founders_cumulative": founders}
    return str(survey.add("village_visit", given | survey.place(village)))


VISIT = {
    "contact": "yes",
    "consent_interview": "yes",
    "code_status": "as_listed",
    "gps_source": "none",
    "population": "900",
    "founders_this_year": "1",
    "places_n": "0",
    "disposition": "complete",
}
