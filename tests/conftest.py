"""What several folders of tests share: a survey whose records are filled in through the real forms."""

from __future__ import annotations

import signal
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from collector.library import install_library
from collector.tables import source
from forms import FixedContext, Form, Session, library
from sync import Replica

# A shell that starts the tests in the background ignores SIGINT, and so would every process that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)

START = datetime(2021, 1, 5, 9, tzinfo=UTC)
QINSHUI = "140521901901"
FILL = {"int": "1", "decimal": "1", "date": "2021-01-04", "string": "示例"}
"""What a required question gets that a test says nothing of, by type; a choice gets its first."""


class Survey:
    """A hub with the built-in forms and lists. Each record is one that its form allows."""

    def __init__(self, path: Path) -> None:
        self.hub = Replica.create(path)
        install_library(self.hub)
        self.random = Random(1)
        self.minutes = 0

    def session(self, form_id: str, answers: Mapping[str, str] | None = None) -> Session:
        """A session of a form over the lists and the records of the hub."""
        self.minutes += 1
        moment = (START + timedelta(minutes=self.minutes)).isoformat(timespec="milliseconds")
        context = FixedContext(
            moment,
            randoms=(self.random.random() for _ in range(1000)),
            uuids=(str(uuid.UUID(int=self.random.getrandbits(128), version=4)) for _ in range(1000)),
            deviceid="device",
            username="anna",
        )
        return Session(library.load(form_id), source.lists(self.hub), answers=answers, context=context)

    def fill(
        self, form_id: str, given: Mapping[str, str], repeats: Sequence[Mapping[str, str]] = ()
    ) -> Session:
        """Answers by question name; `repeats` are the instances of the form's repeat, whose count is
        answered.
        """
        session = self.session(form_id)
        left = dict(given)
        for _ in range(3):  # a later answer can make an earlier question relevant
            for node in session.form.nodes:
                if node.kind != "question" or node.is_derived() or node.role == "desk":
                    continue
                for path in [path for path in session.paths() if generic(path) == node.path]:
                    self.fill_one(session, node, path, left, repeats)
        for name in given:
            paths = [path for path in session.paths() if path.rpartition("/")[2] == name]
            assert paths, f"{form_id} asks no {name}"
        assert [(p.path, p.code, p.message) for p in session.problems()] == []
        return session

    def fill_one(
        self,
        session: Session,
        node: Any,
        path: str,
        given: Mapping[str, str],
        repeats: Sequence[Mapping[str, str]],
    ) -> None:
        """One question: what the test says, else something that the form takes where it must have an
        answer.
        """
        if not session.relevant(path) or session.value(path):
            return
        here = given
        if "[" in path:
            instance = path[: path.rindex("]") + 1]
            here = repeats[session.instances(instance[: instance.rindex("[")]).index(instance)]
        if node.name in here:
            session.answer(path, here[node.name])
        elif session.required(path) and node.name != "disposition":
            choices = session.choices(path) if node.choices is not None else []
            session.answer(path, choices[0][0] if choices else FILL[node.type])

    def add(
        self,
        form_id: str,
        given: Mapping[str, str],
        repeats: Sequence[Mapping[str, str]] = (),
        *,
        author: str = "anna0000",
        approve: bool = True,
        village: str = "",
    ) -> str:
        """Saves a record and (unless told otherwise) approves it. Returns its name."""
        answers, reasons = self.fill(form_id, given, repeats).finalise()
        place = village or given.get("village_code", QINSHUI)
        record = self.hub.save(
            form=library.load(form_id).id,
            answers=answers,
            reasons=reasons,
            author=author,
            scopes=[f"v:{place}", f"p:{author}"],
            at=START + timedelta(minutes=self.minutes),
        )
        if approve:
            self.hub.review(record, "approved", author="hub")
        return record

    def place(self, village: str = QINSHUI) -> dict[str, str]:
        """Answers that say where."""
        return {"county_code": village[:6], "township_code": village[:9], "village_code": village}

    def business(
        self,
        founders: Sequence[Mapping[str, str]] = ({},),
        village: str = QINSHUI,
        *,
        author: str = "anna0000",
        approve: bool = True,
        **given: str,
    ) -> str:
        """A business of returnees, started in 2018 unless `given` says otherwise. Returns its record."""
        people = [RETURNEE | dict(founder) for founder in founders]
        answers = CONSENT | self.place(village) | BUSINESS | {"founders_told": str(len(people))} | given
        return self.add("business", answers, people, author=author, approve=approve)

    def inn(self, village: str = QINSHUI, *, approve: bool = True, **given: str) -> str:
        """An open inn along Taihang No. 1. Returns its record."""
        return self.add("inn", CONSENT | self.place(village) | INN | given, approve=approve)

    def job(self, business: str = "", *, approve: bool = True, **given: str) -> str:
        """A job line of a business. Returns its record."""
        link = {"employer_type": "returnee_business", "business_uid": self.uid(business)} if business else {}
        return self.add("jobs", {"consent_source": "linked"} | link | JOB | given, approve=approve)

    def support(self, business: str = "", *, approve: bool = True, **given: str) -> str:
        """Support received by a business. Returns its record."""
        link = {"beneficiary_type": "business", "business_uid": self.uid(business)} if business else {}
        return self.add("support", {"consent_source": "linked"} | link | SUPPORT | given, approve=approve)

    def uid(self, record: str) -> str:
        """The uuid by which other forms link to a business or inn."""
        answers = self.hub.state(record).answers
        return next(
            value for path, value in answers.items() if path in ("/data/business_uid", "/data/inn_uid")
        )


CONSENT = {"contact": "yes", "consent_interview": "yes", "publish_record": "record", "card_given": "yes"}
BUSINESS = {"op_status": "operating", "start_year": "2018", "gps_source": "none", "disposition": "complete"}
RETURNEE = {
    "founder_agreed": "self",
    "hukou_rel": "this_village",
    "away_scope": "other_province",
    "away_total_years": "5",
    "return_year": "2017",
}
INN = {
    "linked": "no",
    "op_status": "operating",
    "opened_year": "2018",
    "tourist_road": "taihang_no1",
    "gps_source": "none",
    "disposition": "complete",
}
JOB = {
    "status": "employee_permanent",
    "headcount": "2",
    "n_women": "1",
    "n_migrant": "2",
    "n_migrant_near": "2",
    "months_year": "12",
    "hours_week": "40",
    "days_year": "250",
}
SUPPORT = {"instrument": "tax", "support_status": "received", "decision_year": "2020"}


def generic(path: str) -> str:
    """A path without instance ids."""
    while "[" in path:
        start = path.index("[")
        path = path[:start] + path[path.index("]", start) + 1 :]
    return path


@pytest.fixture
def survey(tmp_path: Path) -> Iterator[Survey]:
    """An empty hub with the built-in forms."""
    made = Survey(tmp_path / "hub.db")
    yield made
    made.hub.close()


def form_of(form_id: str) -> Form:
    """A built-in form."""
    return library.load(form_id)


SLOW = (
    "bad_input/test_command_line.py",
    "bad_input/test_surroundings.py",
    "bad_input/test_wrong_arguments.py",
    "collector/api/test_media_http.py",
    "collector/app/test_boundaries.py",
    "collector/fill/test_edit.py",
    "collector/fill/test_without_scripts.py",
    "collector/test_cli_bundle.py",
    "collector/replicas/",
    "collector/test_cli_identity.py",
    "collector/test_cli_sync.py",
    "demonstration/",
    "js/test_random_sessions.py",
    "public/test_command.py",
    "release/test_release.py",
    "sync/test_bundle_damage.py",
    "sync/test_bundle_killed.py",
    "sync/test_fork_networks.py",
    "test_docs.py",
)
"""Files that start many processes or fill in whole interviews: `make test-fast` leaves them out."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks the tests of `SLOW`."""
    here = Path(__file__).parent
    for item in items:
        if item.path.relative_to(here).as_posix().startswith(SLOW):
            item.add_marker(pytest.mark.slow)
