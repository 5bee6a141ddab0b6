"""Fills in a form on a page as a thumb does, and the answers of one guesthouse visit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from playwright.sync_api import Page, expect

NOT_APPLIED = "not_applied"
BUSINESS = {
    "/data/g_consent/contact": "yes",
    "/data/g_consent/consent_interview": "yes",
    "/data/g_consent/respondent_role": "founder",
    "/data/g_consent/publish_record": "record",
    "/data/g_consent/card_given": "yes",
    "/data/g_where/business_name": "山里人家（示例）",
    "/data/g_where/publish_name": "yes",
    "/data/g_founders/founders_told": "1",
}
FOUNDER = {
    "founder_agreed": "self",
    "founder_name": "王小满（示例）",
    "founder_sex": "female",
    "founder_birth_year": "1985",
    "founder_education": "senior_sec",
    "founder_identity": "migrant_worker",
    "hukou_rel": "this_village",
    "away_scope": "other_province",
    "away_total_years": "6",
    "away_total_months": "0",
    "away_before_return": "11",
    "away_reason": "wage_work",
    "return_year": "2017",
    "other_businesses": "no",
    "founder_model": "none",
}
BUSINESS_REST = {
    "/data/g_activity/op_status": "operating",
    "/data/g_activity/start_year": "2018",
    "/data/g_activity/origin": "new",
    "/data/g_activity/legal_form": "individual",
    "/data/g_activity/uscc_state": "not_shown",
    "/data/g_activity/activity_text": "民宿带农家饭",
    "/data/g_activity/fields": "tourism lodging",
    "/data/g_activity/premises": "home",
    "/data/g_activity/sells_online": "no",
    "/data/g_activity/gps_source": "none",
    "/data/g_money/capital_sources": "migration_savings",
    "/data/g_money/months_open": "10",
    "/data/g_money/revenue_answer": "band",
    "/data/g_money/revenue_band": "b4",
    "/data/g_money/result": "profit",
    "/data/g_money/accounts": "notes",
    "/data/g_work/workers_start": "2",
    "/data/g_work/workers_total": "3",
    "/data/g_work/workers_women": "2",
    **{
        f"/data/g_support/sup_{kind}": NOT_APPLIED
        for kind in (
            *("tax", "guarantee_loan", "other_loan", "bonus", "rent"),
            *("social_insurance", "land_use", "training", "platform", "other"),
        )
    },
    "/data/g_env/in_platform": "no",
    "/data/g_env/obstacles": "none",
    "/data/g_env/plan": "same",
    "/data/g_env/story_willing": "yes",
    "/data/g_result/disposition": "complete",
}
INN = {
    "/data/g_consent/contact": "yes",
    "/data/g_consent/consent_interview": "yes",
    "/data/g_consent/publish_record": "record",
    "/data/g_consent/card_given": "yes",
    "/data/g_where/inn_name": "山里人家客栈（示例）",
    "/data/g_where/publish_name": "yes",
    "/data/g_link/operator": "returnee",
    "/data/g_link/dividend": "no",
    "/data/g_inn/inn_type": "farm_stay",
    "/data/g_inn/building": "own_home",
    "/data/g_inn/op_status": "operating",
    "/data/g_inn/opened_year": "2019",
    "/data/g_inn/licences": "business hygiene",
    "/data/g_inn/grade": "none",
    "/data/g_inn/rooms": "5",
    "/data/g_inn/bed_places": "10",
    "/data/g_inn/tourist_road": "taihang_no1",
    "/data/g_inn/gps_source": "none",
    "/data/g_use/days_open": "200",
    "/data/g_use/nights_method": "notes",
    "/data/g_use/arrivals": "400",
    "/data/g_use/nights_known": "guest_nights",
    "/data/g_use/guest_nights_told": "700",
    "/data/g_use/activities": "picking food",
    "/data/g_result/disposition": "complete",
}


def question(page: Page, path: str) -> Any:
    """The question at a flat path."""
    return page.locator(f'.q[data-path="{path}"]')


def give(page: Page, path: str, value: str) -> None:
    """Gives one answer the way its control wants it; the question must be on view."""
    place = question(page, path)
    expect(place).to_be_visible()
    if place.locator(f'input[name="{path}"]:is([type=radio], [type=checkbox])').count():
        for one in value.split():
            box = place.locator(f'input[name="{path}"][value="{one}"]')
            if not box.is_checked():
                place.locator(f'label.choice:has(input[name="{path}"][value="{one}"])').click()
    elif place.locator(f'select[name="{path}"]').count():
        place.locator(f'select[name="{path}"]').select_option(value)
    else:
        place.locator(f'[name="{path}"]').fill(value)


def fill_in(page: Page, answers: Mapping[str, str], update: Callable[[], None] | None = None) -> None:
    """Gives the answers in their order. `update`: how to see what follows where no script shows it."""
    for path, value in answers.items():
        if update and not question(page, path).is_visible():
            update()
        give(page, path, value)


def fill_business(page: Page, update: Callable[[], None] | None = None) -> None:
    """A whole interview in a guesthouse, one founder; the place is filled in already."""
    fill_in(page, BUSINESS, update)
    if update:
        update()
    founder = page.locator(".ri")
    expect(founder).to_have_count(1)
    instance = founder.get_attribute("data-path")
    fill_in(page, {f"{instance}/{name}": value for name, value in FOUNDER.items()}, update)
    fill_in(page, BUSINESS_REST, update)
