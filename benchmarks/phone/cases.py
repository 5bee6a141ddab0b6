"""The forms that are measured, and what is typed into them."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from forms import Form, read_xform

WEB_FORMS = "forms/web-forms"
PREFILL = {
    "/data/g_consent/contact": "yes",
    "/data/g_consent/consent_interview": "yes",
    "/data/g_where/county_code": "140521",
    "/data/g_where/township_code": "140521901",
    "/data/g_where/village_code": "140521901901",
}


@dataclass(frozen=True)
class Case:
    """A page: its path on a hub, the input that is typed into, what is typed, and what then must be on the page."""

    path: str
    field: str
    value: str
    follows: str
    """A selector; as many elements as `count` match it once the answer has had its consequences."""
    count: int


BUSINESS = Case(
    f"/zh/fill/business?prefill={quote(json.dumps(PREFILL))}", "/data/g_founders/founders_told", "3", ".ri", 3
)
FILES = {
    "ifrc": (
        "preview-service__xforms__ifrc-distribution-site-assessment-v1.xml",
        "/data/location_details/site_name",
    ),
    "who": ("test-javarosa__resources__smokewhova_form.xml", "/data/respondent_backgr/Id10007"),
}


def outside() -> tuple[dict[str, Case], list[Form]]:
    """Cases by name and their forms; both empty where HOMEWARD_CONFORMANCE names no folder that has them."""
    folder = Path(os.environ.get("HOMEWARD_CONFORMANCE", "")) / WEB_FORMS
    cases, forms = {}, []
    for name, (file, field) in FILES.items():
        if not os.environ.get("HOMEWARD_CONFORMANCE") or not (folder / file).is_file():
            return {}, []
        form = read_xform((folder / file).read_text("utf-8"))
        forms.append(form)
        cases[name] = Case(f"/en/fill/{quote(form.form_id, safe='')}", field, "abc", "#fill", 1)
    return cases, forms
