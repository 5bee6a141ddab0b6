"""The views that the indicators are defined on, over the tables of `columns`.

`pub_FORM` holds what may enter a total; its conditions come from the form's own publish rules. The other
views are the ones that `forms/library/indicators.csv` names; docs/tables.md explains each. A view over a
form that is not here is not made.
"""

from __future__ import annotations

from collections.abc import Iterable

from forms import Form

from .columns import FormTables, table_name

NEEDS: dict[str, tuple[str, ...]] = {
    "hub_business": ("business",),
    "hub_founder": ("business",),
    "returnee_business": ("business",),
    "all_business": ("business",),
    "hub_support": ("support", "business", "inn"),
    "cur_jobs": ("jobs", "business", "inn"),
    "returnee_job": ("jobs", "business", "inn"),
    "cur_inn": ("inn",),
    "cur_visit": ("village_visit",),
    "place": ("village_visit",),
    "event": ("event",),
}
"""View -> the forms that it reads, in the order in which the views are made."""

# The county where somebody answered for is the one chosen; where only a village is known, its code begins
# with it.
COUNTY = "coalesce({0}county_code, substr({0}village_code, 1, 6))"

SQL: dict[str, str] = {}

SQL["hub_business"] = f"""
SELECT _record AS record, business_uid AS uid, {COUNTY.format("")} AS county_code,
    township_code, village_code, CAST(ref_year AS INTEGER) AS ref_year, start_year, op_status, origin,
    legal_form, industry, fields, premises, sells_online, capital_sources, accounts, in_platform, obstacles,
    workers_total, disposition,
    coalesce(revenue_band, CASE
        WHEN revenue IS NULL THEN NULL WHEN revenue <= 0 THEN 'b0' WHEN revenue < 10000 THEN 'b1'
        WHEN revenue < 50000 THEN 'b2' WHEN revenue < 100000 THEN 'b3' WHEN revenue < 200000 THEN 'b4'
        WHEN revenue < 500000 THEN 'b5' WHEN revenue < 1000000 THEN 'b6' WHEN revenue < 5000000 THEN 'b7'
        ELSE 'b8' END) AS revenue_band,
    _created AS created
FROM pub_business WHERE disposition IN ('complete', 'partial')
"""

# A person is counted once: records with the same telephone are one person, who counts in the record of the
# business that began first (then the one recorded first). Two founders of one record are two people, also
# with one telephone between them. A record where the person is a returnee goes before one where that is not
# known. The desk will be able to decide otherwise for single people.
SQL["hub_founder"] = """
WITH founder AS (
    SELECT f._record AS record, f._instance AS instance, f.founder_uid, b.uid AS business_uid, b.county_code,
        b.start_year, b.created, f.returnee_type, f.founder_sex, f.founder_birth_year, f.founder_age_band,
        f.founder_identity AS identity, f.away_scope, f.return_year, f.founder_phone_norm AS phone
    FROM form_business__founders f JOIN hub_business b ON b.record = f._record
), person AS (
    SELECT phone, record, row_number() OVER (
        PARTITION BY phone
        ORDER BY max(returnee_type = 'returnee') DESC, min(start_year) IS NULL, min(start_year),
        min(created), record
    ) AS place
    FROM founder WHERE phone IS NOT NULL GROUP BY phone, record
)
SELECT founder.record, founder.instance, founder_uid, business_uid, county_code, start_year, returnee_type,
    founder_sex, founder_birth_year, founder_age_band, identity, away_scope, return_year,
    CASE WHEN person.place > 1 THEN 0 ELSE 1 END AS counts_once
FROM founder LEFT JOIN person ON person.phone = founder.phone AND person.record = founder.record
"""

SQL["returnee_business"] = """
SELECT * FROM hub_business b
WHERE start_year <= (SELECT ref_year FROM survey_round)
    AND EXISTS (SELECT 1 FROM hub_founder f WHERE f.record = b.record AND f.returnee_type = 'returnee')
"""

# Outcomes of every attempt, refusals too: for response rates only, never with an answer beside it.
SQL["all_business"] = """
SELECT _record AS record, county_code, disposition FROM form_business
WHERE _deleted = 0 AND _withdrawn = 0 AND _review = 'approved'
"""

SQL["hub_support"] = """
SELECT s._record AS record, s.support_uid AS uid, s.beneficiary_type, s.business_uid, s.inn_uid, s.instrument,
    s.support_status, s.decision_year, s.amount_kind, s.amount, s.borrower, s.ceiling, s.ceiling_other,
    s.item_code, s.counterfactual, s.village_code,
    coalesce(substr(s.village_code, 1, 6), s.county_code_asked, b.county_code, i.county_code) AS county_code
FROM pub_support s
LEFT JOIN (SELECT business_uid, min(county_code) AS county_code FROM pub_business GROUP BY 1) b
    ON b.business_uid = s.business_uid
LEFT JOIN (SELECT inn_uid, min(county_code) AS county_code FROM pub_inn GROUP BY 1) i ON i.inn_uid = s.inn_uid
"""

# A job stands where the work is done: the village of its line, else the county of its employer.
SQL["cur_jobs"] = """
SELECT j._record AS record, j.job_uid AS uid, j.employer_type, j.business_uid, j.inn_uid, j.ref_date,
    CAST(j.ref_year AS INTEGER) AS ref_year, j.status, j.occupation_group, j.headcount, j.n_women,
    j.n_migrant, j.n_migrant_near, j.n_former_poor, j.n_insured, CAST(j.fte AS REAL) AS fte, j.village_code,
    coalesce(substr(j.village_code, 1, 6), j.county_code_asked, b.county_code, i.county_code) AS county_code
FROM pub_jobs j
LEFT JOIN (SELECT business_uid, min(county_code) AS county_code FROM pub_business GROUP BY 1) b
    ON b.business_uid = j.business_uid
LEFT JOIN (SELECT inn_uid, min(county_code) AS county_code FROM pub_inn GROUP BY 1) i ON i.inn_uid = j.inn_uid
"""

SQL["returnee_job"] = """
SELECT * FROM cur_jobs
WHERE employer_type = 'returnee_business' AND status <> 'founder_self'
    AND ref_date = (SELECT ref_date FROM survey_round)
    AND business_uid IN (SELECT uid FROM returnee_business)
"""

SQL["cur_inn"] = f"""
SELECT _record AS record, inn_uid AS uid, {COUNTY.format("")} AS county_code, village_code,
    op_status, opened_year, inn_type, tourist_road, rooms, bed_places, days_open,
    CAST(guest_nights AS REAL) AS guest_nights, business_uid
FROM pub_inn
WHERE disposition IN ('complete', 'partial')
    AND CAST(ref_year AS INTEGER) = (SELECT ref_year FROM survey_round)
"""

# Per village and year only the latest complete visit counts. A village of which neither code nor name is known is
# nobody else's.
SQL["cur_visit"] = f"""
WITH visit AS (
    SELECT *, row_number() OVER (
        PARTITION BY ref_year, coalesce(village_code, township_code || ' ' || village_new, _record)
        ORDER BY visit_date DESC, _created DESC, _record DESC
    ) AS place
    FROM pub_village_visit WHERE disposition = 'complete'
)
SELECT _record AS record, visit_uid AS uid, {COUNTY.format("")} AS county_code, township_code, village_code,
    CAST(ref_year AS INTEGER) AS ref_year, visit_date, population, returned_workers, employed_near_home,
    founders_cumulative, founders_this_year, public_posts, unemployment_insurance, businesses_listed,
    inns_listed, tourist_road, tourist_visits, farmers_gaining, exit_persons, exit_road
FROM visit WHERE place = 1
"""

SQL["place"] = """
SELECT p._record AS record, p._instance AS instance, v.uid AS visit_uid, p.place_type, p.place_seat,
    p.place_name, p.place_opened, p.place_model
FROM form_village_visit__places p JOIN cur_visit v ON v.record = p._record
"""

# Several offices may report one event as a whole: of an official code the latest such report counts. Parts
# that villages report stay beside it and are never added.
SQL["event"] = """
WITH report AS (
    SELECT *, row_number() OVER (
        PARTITION BY CASE WHEN report_scope = 'whole' AND event_code IS NOT NULL THEN event_code
            ELSE _record END
        ORDER BY _created DESC, _record DESC
    ) AS place
    FROM pub_event
)
SELECT _record AS record, event_uid AS uid, event_kind, event_code, report_scope, organiser_level,
    coalesce(county_code, substr(village_code, 1, 6)) AS county_code, village_code, start_date, enrolled,
    completed, completed_first, recognised_kind, recognised_name, recognised_level, recognised_year
FROM report WHERE place = 1
"""


def views(forms: Iterable[Form], tables: dict[str, FormTables]) -> dict[str, str]:
    """View name -> SELECT, in an order in which they can be made. `forms` are the newest versions."""
    here = {form.form_id: form for form in forms}
    made = {
        pub_name(form_id): publishable(form, tables[form_id], set(here)) for form_id, form in here.items()
    }
    for name, needs in NEEDS.items():
        if all(form_id in here for form_id in needs):
            made[name] = SQL[name]
    return made


def pub_name(form_id: str) -> str:
    """The view of the records of a form that may enter a total: `pub_business`."""
    return "pub_" + table_name(form_id).removeprefix("form_")


def publishable(form: Form, tables: FormTables, here: set[str]) -> str:
    """SELECT of the records of a form that may enter a total: approved, not deleted or withdrawn, no conflict,
    consent given (`filter:value`), the data year over, and what the record rests on may enter one too.
    """
    table = tables.tables[""]
    columns = table.sql()
    conditions = [
        "_deleted = 0",
        "_withdrawn = 0",
        "_review = 'approved'",
        "_conflicts = 0",
        *consents(form, tables),
    ]
    if "ref_part" in columns:
        conditions.append("ref_part IS NOT 'part'")
    if {"consent_source", "business_uid", "inn_uid"} <= columns.keys() and {"business", "inn"} <= here:
        # What hangs on a business or inn goes with it, and rests on its consent where none of its own was
        # asked.
        conditions += [
            f"({link} IS NULL OR {link} IN (SELECT {link} FROM form_{other} WHERE _deleted = 0 AND _withdrawn = 0))"
            for link, other in (("business_uid", "business"), ("inn_uid", "inn"))
        ]
        conditions.append(
            "(consent_source IS NOT 'linked' OR business_uid IN (SELECT business_uid FROM pub_business)"
            " OR inn_uid IN (SELECT inn_uid FROM pub_inn))"
        )
    return f"SELECT * FROM {table.name} WHERE " + " AND ".join(conditions)


def consents(form: Form, tables: FormTables) -> list[str]:
    """Conditions of the form's `filter:value` questions: none is answered otherwise, and at least one is
    answered so.

    A question that the form did not ask (`consent_interview` where consent is given with the business)
    decides nothing.
    """
    table = tables.tables[""]
    wanted = [
        (table.columns[node.path].name, (node.publish or "").partition(":")[2])
        for node in form.nodes
        if (node.publish or "").startswith("filter:") and node.path in table.columns
    ]
    if not wanted:
        return []
    tests = [f"CAST({name} AS TEXT) = '{value.replace(chr(39), chr(39) * 2)}'" for name, value in wanted]
    none_against = [f"({name} IS NULL OR {test})" for (name, _), test in zip(wanted, tests, strict=True)]
    given = " OR ".join(f"coalesce({test}, 0)" for test in tests)
    return [*none_against, f"({given})"]
