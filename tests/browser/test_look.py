"""Every page on a small phone: nothing sticks out, targets fit a thumb, screen readers can read it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from collector.library import current_forms
from sync import Replica

from .conftest import VILLAGE, Hub, Phone

pytestmark = pytest.mark.browser

AXE = (Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")
PAGES = [
    "villages",
    f"visit/{VILLAGE}",
    "records",
    "outbox",
    "device",
    "self-test",
    "enrol",
    "help",
    "nowhere",
]
SMALL = """() => [...document.querySelectorAll('a, button, summary, select, input:not([type=hidden])')]
  .filter((one) => one.checkVisibility() && !one.closest('p, .option, .sr, dd') && !one.matches('.skip'))
  .map((one) => [one.outerHTML.slice(0, 90), Math.round(one.getBoundingClientRect().height)])
  .filter(([, height]) => height < 44)"""
"""Targets under 44 pixels; links inside a sentence and the boxes inside a large label are let off."""
STATUS_CHIP = 'class="chip'  # its pseudo-element takes the finger on the whole height of the bar


def seed(hub: Hub) -> str:
    """A visit, a business with gaps, one sent back; returns the record of the business."""
    with Replica.open(hub.db) as replica:
        entries = current_forms(replica)

        def save(form_id: str, **named: str) -> str:
            entry = entries[form_id]
            paths = {node.name: node.path for node in entry.form.nodes if node.is_leaf()}
            answers = {paths[name]: value for name, value in named.items()}
            scopes = hub.anna.scopes(VILLAGE)
            return replica.save(form=entry.version_id, answers=answers, author=hub.anna.id, scopes=scopes)

        save("village_visit", consent_interview="yes", disposition="complete", businesses_listed="3")
        business = save(
            "business",
            consent_interview="yes",
            business_uid="u1",
            business_name="一个名字特别特别长的返乡创业项目有限责任公司",
            disposition="complete",
            workers_total="6",
            sup_tax="received",
            sup_guarantee_loan="applied",
        )
        back = save("business", consent_interview="yes", business_uid="u2", business_name="Short")
        replica.review(back, "has_issues", "请补上开业年份。", author=hub.chief.id)
        return business


def faults(phone: Phone, address: str) -> list[Any]:
    """What is wrong with a page on this screen."""
    phone.page.goto(address)
    return flaws(phone)


def flaws(phone: Phone) -> list[Any]:
    """What is wrong with the page that is open."""
    phone.page.wait_for_load_state("networkidle")
    found: list[Any] = []
    width = phone.page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
    if width[0] > width[1]:
        found.append(("sticks out", *width))
    found += [one for one in phone.page.evaluate(SMALL) if STATUS_CHIP not in one[0]]
    phone.page.evaluate(AXE)
    result = phone.page.evaluate("async () => await axe.run()")
    assert len(result["passes"]) > 10  # it has looked
    found += [(one["id"], one["nodes"][0]["html"][:200]) for one in result["violations"]]
    return found


@pytest.mark.parametrize(("who", "lang"), [("anna", "zh"), ("chief", "en")])
def test_pages_on_a_small_phone(hub: Hub, phone: Phone, who: str, lang: str) -> None:
    """As the server sends them (a supervisor) and as the phone draws them (an enumerator)."""
    record = seed(hub)
    assert faults(phone, f"/{lang}/sign-in") == []
    assert faults(phone, f"/{lang}/villages") == []
    phone.sign_in(who, lang)
    if who == "anna":
        phone.ready()
    found = {page: faults(phone, f"/{lang}/{page}") for page in [*PAGES, f"record/{record}"]}
    assert {page: wrong for page, wrong in found.items() if wrong} == {}
    assert phone.errors == []
