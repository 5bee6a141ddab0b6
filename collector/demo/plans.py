"""Planned answers: what the world says, in the words of each form."""

from __future__ import annotations

from functools import singledispatch
from random import Random
from typing import Any

from . import names
from .world import (
    COUNTY,
    INCOMER,
    LOCAL,
    REF_YEAR,
    SHORT,
    UNKNOWN,
    Business,
    Event,
    Founder,
    Inn,
    Job,
    Story,
    Support,
    Unit,
    Village,
    Visit,
)

Answers = dict[str, Any]
MET = ("complete", "partial")


def place(village: Village) -> Answers:
    """Where a record was made."""
    return {
        "village_listed": "yes",
        "county_code": COUNTY,
        "township_code": village.township,
        "village_code": village.code,
    }


def position(village: Village, rng: Random) -> Answers:
    """A position within some hundred metres of the village's point."""
    latitude = village.latitude + rng.uniform(-0.003, 0.003)
    longitude = village.longitude + rng.uniform(-0.003, 0.003)
    return {"gps_source": "gnss", "gps": f"{latitude:.6f} {longitude:.6f} 0 {rng.randint(4, 18)}"}


def consent(disposition: str, publish: bool = True) -> Answers:
    """Consent as the outcome of an attempt tells it."""
    if disposition in MET:
        agreed = {"contact": "yes", "consent_interview": "yes", "card_given": "yes"}
        return {**agreed, "publish_record": "record" if publish else "totals", "disposition": disposition}
    if disposition == "refused":
        return {"contact": "yes", "consent_interview": "no", "disposition": disposition}
    return {"contact": "no", "disposition": disposition}


@singledispatch
def plan(unit: Unit, rng: Random) -> Answers:
    """Planned answers of a record; `TypeError` for what becomes none."""
    raise TypeError(type(unit).__name__)


def form_of(unit: Unit) -> str:
    """The form that a thing is recorded with."""
    forms = {
        Visit: "village_visit",
        Business: "business",
        Inn: "inn",
        Job: "jobs",
        Support: "support",
        Event: "event",
    }
    return forms.get(type(unit), "case_story")


@plan.register
def _(unit: Visit, rng: Random) -> Answers:
    started = min(unit.founders, rng.randint(0, 2))
    figures = {
        "population": unit.population,
        "returned_workers": rng.randint(10, 60),
        "employed_near_home": rng.randint(5, 40),
        "founders_cumulative": unit.founders,
        "founders_this_year": started,
        "businesses_listed": unit.founders,
        "inns_listed": 2,
        "tourist_road": unit.village.road,
        "has_tourists": "yes" if unit.village.road != "none" else "no",
    }
    where = {**place(unit.village), "code_status": "as_listed", **position(unit.village, rng)}
    asked = consent(unit.disposition)
    return {**asked, **where, **figures} if unit.disposition in MET else {**asked, **where}


@plan.register
def _(unit: Business, rng: Random) -> Answers:
    asked = {**consent(unit.disposition, unit.publish), **place(unit.village), "attempt_no": 1}
    if not unit.answered:
        return asked
    workers = len(unit.founders) + rng.randint(0, 8)
    return {
        **asked,
        **position(unit.village, rng),
        "business_name": unit.name,
        "activity_text": unit.activity,
        "fields": unit.trade,
        "founders_told": len(unit.founders),
        "founders": [founder(one, place, rng) for place, one in enumerate(unit.founders)],
        "op_status": unit.status,
        "start_year": unit.start_year,
        "workers_total": workers,
        "revenue_answer": "band",
        "respondent_role": "founder",
    }


def founder(one: Founder, place: int, rng: Random) -> Answers:
    """A founder's lines. Of somebody who did not agree nothing is written down."""
    if one.kind == UNKNOWN:
        return {"founder_agreed": "no"}
    answers: Answers = {
        "founder_agreed": "self" if place == 0 else "yes",
        "founder_name": one.name,
        "founder_phone": one.phone or None,
        "founder_sex": one.sex,
        "founder_birth_year": one.birth_year,
        "hukou_rel": "other_province" if one.kind == INCOMER else "this_county",
        "away_scope": "never" if one.kind == LOCAL else "other_province",
        "away_total_years": 0 if one.kind == SHORT else rng.randint(1, 12),
        "away_total_months": rng.randint(1, 4) if one.kind == SHORT else rng.randint(0, 11),
        "return_year": one.return_year,
        "other_businesses": "no",
    }
    return answers


@plan.register
def _(unit: Inn, rng: Random) -> Answers:
    linked = {"linked": "yes", "business_uid": unit.business.uid} if unit.business else {"linked": "no"}
    return {
        **consent(unit.disposition, unit.publish),
        **place(unit.village),
        **position(unit.village, rng),
        **linked,
        "inn_name": unit.name,
        "operator": "returnee" if unit.business else rng.choice(("villager", "collective")),
        "op_status": unit.status,
        "opened_year": unit.opened,
        "rooms": unit.rooms,
        "bed_places": unit.rooms * 2,
        "tourist_road": unit.road,
        "road_km": rng.randint(0, 5),
        "workers_total": rng.randint(1, 6),
        "workers_women": 1,
    }


def asked_place(village: Village) -> Answers:
    """Where a job or an item of support is that hangs on no recorded unit."""
    return {
        "village_listed_asked": "yes",
        "county_code_asked": COUNTY,
        "township_code_asked": village.township,
        "village_code_asked": village.code,
    }


@plan.register
def _(unit: Job, rng: Random) -> Answers:
    link: Answers = {"consent_source": "register", **asked_place(unit.village)}
    if unit.employer is not None:
        key = "business_uid" if isinstance(unit.employer, Business) else "inn_uid"
        link = {"consent_source": "linked", key: unit.employer.uid}
    return {
        **link,
        "employer_type": unit.kind,
        "employer_name": f"砖厂{names.MARK}",
        "occupation_text": unit.work,
        "status": unit.terms,
        "headcount": unit.heads,
        "n_women": unit.women,
        "n_migrant": unit.migrant,
        "n_migrant_near": unit.near,
        "hours_week": rng.choice((30, 40, 48)),
        "months_year": unit.months,
        "days_year": unit.months * 20,
        "peak_people": unit.heads + rng.randint(0, 3),
    }


@plan.register
def _(unit: Support, rng: Random) -> Answers:
    link: Answers = {"consent_source": "register", "beneficiary_type": "person", **asked_place(unit.village)}
    if unit.to is not None:
        kind = "business" if isinstance(unit.to, Business) else "inn"
        link = {"consent_source": "linked", "beneficiary_type": kind, f"{kind}_uid": unit.to.uid}
    return {
        **link,
        "instrument": unit.instrument,
        "support_status": unit.status,
        "decision_year": unit.year,
        "amount_kind": "none"
        if not unit.amount
        else "loan"
        if unit.instrument == "guarantee_loan"
        else "cash",
        "amount": unit.amount or None,
        "borrower": "individual",
        "ceiling": "c150",
        "beneficiaries_n": 1,
    }


@plan.register
def _(unit: Event, rng: Random) -> Answers:
    return {
        "event_kind": unit.kind,
        "event_code": unit.code or None,
        "event_name": unit.name,
        "organiser_level": unit.level,
        "report_scope": unit.scope,
        "county_code": COUNTY,
        "township_code": unit.village.township,
        "village_code": unit.village.code,
        "start_date": f"{REF_YEAR}-0{rng.randint(3, 9)}-1{rng.randint(0, 9)}",
        "enrolled": unit.enrolled,
        "completed": unit.completed,
        "completed_first": unit.first,
        "recognised_kind": "base",
        "recognised_name": f"沁水示例创业基地{names.MARK}",
        "recognised_level": "county",
        "recognised_year": REF_YEAR,
    }


@plan.register
def _(unit: Story, rng: Random) -> Answers:
    about = {"business_uid": unit.about.uid} if unit.about else {}
    return {
        **place(unit.village),
        **about,
        "consent_tell": "yes",
        "adult": "yes",
        "consent_record": "no",
        "card_given": "yes",
        "teller_role": "returnee",
        "before": f"在外面干了几年，一年回来一次。{names.MARK}",
        "change": f"现在每天能回家吃饭，村里还有几个人跟着干。{names.MARK}",
        "why_significant": f"老人孩子都在身边。{names.MARK}",
        "title": unit.title,
        "publish_text": unit.publish,
        "use_name": "pseudonym",
        "public_name": f"老王{names.MARK}",
        "review_contact": f"村委会转交{names.MARK}",
        "teller_name": unit.teller,
    }
