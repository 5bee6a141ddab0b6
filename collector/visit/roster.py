"""The roster of a village: pure, the same for the server's page and the phone.

Twin of `static/app/logic/roster.js`; both reproduce `tests/vectors/roster.json`. No text for people is made
here:
states and gaps are codes, and pages put them into words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypedDict

from .places import WHERE

Answers = Mapping[str, str]

NOT_COUNTED = frozenset({"not_eligible", "already_recorded"})
"""Results of a visit that say: this is no unit of ours (the forms' `create_if` leaves the same out)."""

ASKED_OF = frozenset({"received", "applied"})
"""Answers to "did you receive this support?" after which the forms ask for a support record."""

SUPPORT = (
    "tax",
    "guarantee_loan",
    "other_loan",
    "bonus",
    "rent",
    "social_insurance",
    "land_use",
    "training",
    "platform",
)
"""Kinds of support that have a question `sup_…` of their own; `sup_other` takes any other kind."""

NAMES = frozenset(
    [
        "disposition",
        "consent_interview",
        "linked",
        "business_uid",
        "business_code",
        "business_name",
        "inn_uid",
        "inn_code",
        "inn_name",
        "village_code",
        "visit_date",
        "businesses_listed",
        "inns_listed",
        "fields",
        "workers_total",
        "headcount",
        "instrument",
        "title",
        "event_name",
        "occupation_text",
        "sup_other",
    ]
) | {f"sup_{kind}" for kind in SUPPORT}
"""Questions that the roster and the titles in lists read: all that a phone is given of other people's
records."""


class Current(TypedDict, total=False):
    """A record as it is now. `review`: received, edited, has_issues, approved, rejected; "" when the hub
    has not seen it."""

    record: str
    form_id: str
    answers: Answers
    review: str
    comment: str
    created: str


class Start(TypedDict):
    """A form to open, with what is known already: flat path → value."""

    form: str
    prefill: dict[str, str]
    kind: str


class Missing(TypedDict):
    """`what` is jobs, support or inn; `have` of `want` people, kinds or inns; `kinds` of support not
    recorded yet."""

    what: str
    have: int
    want: int
    kinds: list[str]


class Line(TypedDict):
    """A business or an inn, `parent` the record of the business that runs the inn."""

    form: str
    record: str
    parent: str
    uid: str
    name: str
    code: str
    result: str
    review: str
    comment: str
    done: bool
    missing: list[Missing]
    starts: list[Start]


class Visit(TypedDict):
    """The latest visit of the village as a whole; `listed` counts are -1 when nobody has listed them."""

    record: str
    result: str
    review: str
    comment: str


class Counts(TypedDict):
    """Units recorded with consent, units that the visit listed (-1: not listed), refusals, records sent
    back."""

    businesses: int
    businesses_listed: int
    inns: int
    inns_listed: int
    refused: int
    returned: int


class Roster(TypedDict):
    """Everything that the page of a visit shows; lines in the order of their creation, an inn below its
    business."""

    visit: Visit | None
    counts: Counts
    lines: list[Line]
    starts: list[Start]
    others: list[Current]


class Place(TypedDict):
    """Codes of a village and what it lies in."""

    village: str
    township: str
    county: str


def find(answers: Answers, name: str) -> str:
    """The answer of the question `name` outside repeats; "" when there is none. Forms never give a name
    twice."""
    ending = "/" + name
    for path, value in answers.items():
        if path.endswith(ending) and "[" not in path:
            return value
    return ""


def place_of(answers: Answers) -> str:
    """The village that a record belongs to: its `village_code`, asked or worked out from the employer; ""
    for none."""
    return find(answers, "village_code")


def _number(text: str) -> int:
    """A whole number of people; what is no number counts as none (a draft may hold anything)."""
    return int(text) if text.isascii() and text.isdigit() else 0


def _listed(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else -1


def _prefill(form: str, values: Mapping[str, str]) -> dict[str, str]:
    paths = WHERE[form]
    return {paths[name]: value for name, value in values.items() if value}


def start(form: str, values: Mapping[str, str], kind: str = "") -> Start:
    """A start of `form`; `values` by the short names of `places.WHERE`."""
    return {"form": form, "prefill": _prefill(form, values), "kind": kind}


def _place_values(place: Place) -> dict[str, str]:
    return {
        "listed": "yes",
        "county": place["county"],
        "township": place["township"],
        "village": place["village"],
    }


def unit_starts(place: Place, today: str = "") -> list[Start]:
    """What can be begun in a village without a unit: business, inn, visit, event, story. `today` ISO date
    or ""."""
    where = _place_values(place)
    place_only = {name: value for name, value in where.items() if name != "listed"}
    return [
        start("village_visit", {"code_status": "as_listed", **place_only, "date": today}),
        start("business", where),
        start("inn", where),
        start("event", place_only),
        start("case_story", where),
    ]


def _latest_visit(visits: list[Current]) -> Current | None:
    # A complete visit is never hidden by a later attempt that found nobody.
    def rank(one: Current) -> tuple[bool, str, str]:
        answers = one["answers"]
        return (
            find(answers, "disposition") == "complete",
            find(answers, "visit_date"),
            one.get("created", ""),
        )

    return max(visits, key=rank, default=None)


def _counts_as_unit(answers: Answers) -> bool:
    return find(answers, "consent_interview") == "yes" and find(answers, "disposition") not in NOT_COUNTED


def _jobs_gap(answers: Answers, jobs: list[Current]) -> list[Missing]:
    told = find(answers, "workers_total")
    if told == "":  # not asked (an inn run by a recorded business, a place not yet open) or not known
        return []
    want = _number(told)
    have = sum(_number(find(job["answers"], "headcount")) for job in jobs)
    return [{"what": "jobs", "have": have, "want": want, "kinds": []}] if have != want else []


def _support_gap(answers: Answers, support: list[Current]) -> list[Missing]:
    recorded = {find(one["answers"], "instrument") for one in support}
    wanted = [kind for kind in SUPPORT if find(answers, f"sup_{kind}") in ASKED_OF]
    open_kinds = [kind for kind in wanted if kind not in recorded]
    if find(answers, "sup_other") in ASKED_OF:
        wanted.append("other")
        if not recorded - set(SUPPORT) - {""}:
            open_kinds.append("other")
    if not open_kinds:
        return []
    return [
        {"what": "support", "have": len(wanted) - len(open_kinds), "want": len(wanted), "kinds": open_kinds}
    ]


def _inn_gap(answers: Answers, inns: list[Current]) -> list[Missing]:
    if "lodging" in find(answers, "fields").split() and not inns:
        return [{"what": "inn", "have": 0, "want": 1, "kinds": []}]
    return []


def _line_starts(unit: Current, uid: str, place: Place, missing: list[Missing]) -> list[Start]:
    form = unit["form_id"]
    link = {"business" if form == "business" else "inn": uid}
    employer = "returnee_business" if form == "business" else "inn"
    beneficiary = "business" if form == "business" else "inn"
    starts: list[Start] = []
    if form == "business":
        starts.append(start("inn", {**_place_values(place), "linked": "yes", "business": uid}))
    elif find(unit["answers"], "linked") == "yes":  # its people and its support are those of the business
        return [start("case_story", {**_place_values(place), **link})]
    starts.append(start("jobs", {"consent": "linked", "employer": employer, **link}))
    aid = {"consent": "linked", "beneficiary": beneficiary, **link}
    for gap in missing:
        for kind in gap["kinds"]:
            received = find(unit["answers"], f"sup_{kind}") == "received"
            known = {"instrument": "" if kind == "other" else kind, "status": "received" if received else ""}
            starts.append(start("support", {**aid, **known}, kind))
    starts.append(start("support", aid))
    starts.append(start("case_story", {**_place_values(place), **link}))
    return starts


def _line(unit: Current, parent: str, place: Place, linked: Mapping[str, list[Current]]) -> Line:
    answers, form = unit["answers"], unit["form_id"]
    stem = "business" if form == "business" else "inn"
    uid = find(answers, f"{stem}_uid")
    result = find(answers, "disposition")
    missing: list[Missing] = []
    if _counts_as_unit(answers):
        missing += _jobs_gap(answers, linked["jobs"])
        missing += _support_gap(answers, linked["support"])
        if form == "business":
            missing += _inn_gap(answers, linked["inn"])
    return {
        "form": form,
        "record": unit["record"],
        "parent": parent,
        "uid": uid,
        "name": find(answers, f"{stem}_name"),
        "code": find(answers, f"{stem}_code"),
        "result": result,
        "review": unit.get("review", ""),
        "comment": unit.get("comment", ""),
        "done": result == "complete" and not missing and unit.get("review", "") != "has_issues",
        "missing": missing,
        "starts": _line_starts(unit, uid, place, missing) if _counts_as_unit(answers) else [],
    }


def _links_to(records: list[Current], name: str, uid: str) -> list[Current]:
    return [one for one in records if uid and find(one["answers"], name) == uid]


def roster(place: Place, records: Iterable[Current], today: str = "") -> Roster:
    """The roster of a village from the current, undeleted records that belong to it, in any order."""
    ordered = sorted(records, key=lambda one: (one.get("created", ""), one["record"]))
    by_form: dict[str, list[Current]] = {form: [] for form in WHERE}
    for one in ordered:
        by_form.setdefault(one["form_id"], []).append(one)
    lines: list[Line] = []
    hung: set[str] = set()

    def add(unit: Current, parent: str, stem: str) -> None:
        uid = find(unit["answers"], f"{stem}_uid")
        linked = {form: _links_to(by_form[form], f"{stem}_uid", uid) for form in ("jobs", "support")}
        linked["inn"] = _links_to(by_form["inn"], "business_uid", uid) if stem == "business" else []
        lines.append(_line(unit, parent, place, linked))
        hung.update(one["record"] for form in ("jobs", "support") for one in linked[form])
        for inn in linked["inn"]:
            if inn["record"] not in hung:
                hung.add(inn["record"])
                add(inn, unit["record"], "inn")

    for business in by_form["business"]:
        add(business, "", "business")
    for inn in by_form["inn"]:
        if inn["record"] not in hung:
            add(inn, "", "inn")
    shown = hung | {line["record"] for line in lines}
    visit = _latest_visit(by_form["village_visit"])
    return {
        "visit": _visit(visit),
        "counts": _counts(ordered, visit),
        "lines": lines,
        "starts": unit_starts(place, today),
        "others": [one for one in ordered if one["record"] not in shown and one is not visit],
    }


def _visit(latest: Current | None) -> Visit | None:
    if latest is None:
        return None
    result = find(latest["answers"], "disposition")
    comment = latest.get("comment", "")
    return {
        "record": latest["record"],
        "result": result,
        "review": latest.get("review", ""),
        "comment": comment,
    }


def _counts(records: list[Current], visit: Current | None) -> Counts:
    def units(form: str) -> int:
        return sum(one["form_id"] == form and _counts_as_unit(one["answers"]) for one in records)

    listing: Answers = visit["answers"] if visit else {}
    return {
        "businesses": units("business"),
        "businesses_listed": _listed(find(listing, "businesses_listed")),
        "inns": units("inn"),
        "inns_listed": _listed(find(listing, "inns_listed")),
        "refused": sum(find(one["answers"], "disposition") == "refused" for one in records),
        "returned": sum(one.get("review", "") == "has_issues" for one in records),
    }
