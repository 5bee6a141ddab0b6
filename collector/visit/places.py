"""Where the built-in forms keep what a start fills in beforehand: form id → name → flat path.

Twin of `static/app/logic/places.js`; `tests/collector/visit/test_places.py` holds both against the forms.
"""

from __future__ import annotations

WHERE: dict[str, dict[str, str]] = {
    "village_visit": {
        "code_status": "/data/g_where/code_status",
        "county": "/data/g_where/county_code",
        "township": "/data/g_where/township_code",
        "village": "/data/g_where/village_code",
        "date": "/data/g_where/visit_date",
    },
    "business": {
        "listed": "/data/g_where/village_listed",
        "county": "/data/g_where/county_code",
        "township": "/data/g_where/township_code",
        "village": "/data/g_where/village_code",
    },
    "inn": {
        "listed": "/data/g_where/village_listed",
        "county": "/data/g_where/county_code",
        "township": "/data/g_where/township_code",
        "village": "/data/g_where/village_code",
        "linked": "/data/g_link/linked",
        "business": "/data/g_link/business_uid",
    },
    "jobs": {
        "consent": "/data/g_consent/consent_source",
        "employer": "/data/g_employer/employer_type",
        "business": "/data/g_employer/business_uid",
        "inn": "/data/g_employer/inn_uid",
    },
    "support": {
        "consent": "/data/g_consent/consent_source",
        "beneficiary": "/data/g_who/beneficiary_type",
        "business": "/data/g_who/business_uid",
        "inn": "/data/g_who/inn_uid",
        "instrument": "/data/g_what/instrument",
        "status": "/data/g_what/support_status",
    },
    "event": {
        "county": "/data/g_event/county_code",
        "township": "/data/g_event/township_code",
        "village": "/data/g_event/village_code",
    },
    "case_story": {
        "listed": "/data/g_where/village_listed",
        "county": "/data/g_where/county_code",
        "township": "/data/g_where/township_code",
        "village": "/data/g_where/village_code",
        "business": "/data/g_where/business_uid",
        "inn": "/data/g_where/inn_uid",
    },
}
