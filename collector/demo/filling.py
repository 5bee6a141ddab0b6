"""Fills in a form through `forms.Session` from planned answers; what else it asks gets a plausible one."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from forms import Form, Session
from forms.model import Node
from forms.session import Lists

Plan = Mapping[str, Any]
"""Question name -> answer; name of a repeat -> a plan for each of its instances."""

AVOIDED = {"refused", "stop", "dk", "none", "unknown", "other"}
"""Choices that the generator takes only where nothing else is offered."""

NUMBERS = {
    "away_total_months": (0, 11),
    "away_before_return": (8, 12),
    "startup_capital": (10_000, 200_000),
    "months_open": (6, 12),
    "workers_start": (1, 4),
    "workers_women": (0, 1),
    "days_open": (90, 300),
    "arrivals": (100, 800),
    "guest_nights_told": (800, 1500),
    "room_nights": (300, 700),
    "people_per_room": (2, 3),
    "hours_week": (20, 48),
    "n_former_poor": (0, 0),
    "n_insured": (0, 0),
    "monthly_pay": (1800, 4200),
    "wait_days": (10, 90),
    "term_months": (12, 36),
    "attempt_no": (1, 1),
    "exit_persons": (0, 20),
    "places_n": (0, 0),
    "media_n": (0, 0),
    "public_posts": (1, 6),
    "tourist_visits": (200, 4000),
}


@dataclass
class SeededContext:
    """The world of a session, from a seed: a fixed moment, chance that repeats itself."""

    rng: Random
    moment: str
    username: str
    deviceid: str

    def now(self) -> str:
        """The moment of this record."""
        return self.moment

    def random(self) -> float:
        """From 0 to below 1."""
        return self.rng.random()

    def uuid(self) -> str:
        """A UUID of version 4 from the seed."""
        return str(uuid.UUID(int=self.rng.getrandbits(128), version=4))

    def instance_id(self) -> str:
        """Five characters."""
        return "".join(self.rng.choice("0123456789abcdefghijklmnopqrstuvwxyz") for _ in range(5))


class FaultyPlan(RuntimeError):
    """The generator made a record that its form does not allow: a fault of the generator."""


class Filler:
    """Fills in one form, again and again."""

    def __init__(self, form: Form, lists: Lists, rng: Random) -> None:
        self.form = form
        self.lists = lists
        self.rng = rng
        self.nodes = {node.path: node for node in form.nodes}

    def fill(self, plan: Plan, context: SeededContext) -> Session:
        """A session that its form has nothing against.

        What is planned comes first: the result of the visit is among it, and decides what is required. Raises
        FaultyPlan when a planned answer is refused or something stays wrong.
        """
        session = Session(self.form, self.lists, context=context)
        while self.round(session, plan, invent=False) or self.round(session, plan, invent=True):
            pass
        wrong = session.problems()
        if wrong:
            found = ", ".join(f"{one.path} {one.code} {session.value(one.path)!r}" for one in wrong)
            raise FaultyPlan(f"{self.form.form_id}: {found}")
        return session

    def round(self, session: Session, plan: Plan, invent: bool) -> bool:
        """Goes through the form once and answers what is open now; True when it answered something."""
        answered = False
        for path in session.paths():
            node = self.nodes[re.sub(r"\[\w+\]", "", path)]
            if node.kind != "question" or node.role == "desk" or not self.open(session, path):
                continue
            value = planned(session, plan, path, node)
            if value is None and invent and session.required(path):
                value = self.invent(session, path, node)
            if value:
                session.answer(path, value)
                answered = True
        return answered

    @staticmethod
    def open(session: Session, path: str) -> bool:
        """Shown, and neither answered nor excused."""
        return session.relevant(path) and not session.value(path) and path not in session.reasons()

    def invent(self, session: Session, path: str, node: Node) -> str:
        """A plausible answer that breaks no constraint."""
        for _ in range(30):
            value = self.guess(session, path, node)
            session.answer(path, value)
            fits = not session.problems_at(path)
            session.answer(path, "")
            if fits:
                return value
        raise FaultyPlan(f"{self.form.form_id}: nothing fits {path}")

    def guess(self, session: Session, path: str, node: Node) -> str:
        """One attempt at a plausible answer."""
        if node.choices is not None:
            offered = [value for value, _ in session.choices(path)]
            liked = [value for value in offered if value not in AVOIDED] or offered
            if node.control == "select":
                return " ".join(sorted(self.rng.sample(liked, k=min(len(liked), self.rng.randint(1, 2)))))
            return self.rng.choice(liked)
        if node.type in ("int", "decimal"):
            least, most = NUMBERS.get(node.name, (0, 12))
            return str(self.rng.randint(least, most))
        if node.type == "date":
            return session.context.now()[:10]
        return "示例"


def planned(session: Session, plan: Plan, path: str, node: Node) -> str | None:
    """The planned answer of a question, in a repeat that of its instance; None without a plan."""
    found = re.search(r"/(\w+)\[\w+\]", path)
    if found:
        repeat = path[: found.start()] + "/" + found[1]
        instance = path[: found.end()]
        inner: Plan = plan.get(found[1], [])[session.instances(repeat).index(instance)]
        return text_or_none(inner.get(node.name))
    return text_or_none(plan.get(node.name))


def text_or_none(value: object) -> str | None:
    """A planned value as an answer's text."""
    return None if value is None else str(value)
