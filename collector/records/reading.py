"""One record as people read it: labels and answers in the order of the form, and its history in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from forms import Form, Session
from sync import Problem as SyncProblem
from sync import RecordState, Replica, SyncError
from sync.problems import UNKNOWN_FORM

from .. import library
from ..accounts import people
from ..accounts.people import Person
from ..folding import answers_of
from ..i18n import has_text, translate
from ..problems import Problem
from ..replica_access import app_connection
from ..server_session import lists_for
from ..tables import check, source

SEPARATOR = {"zh": "、", "en": ", "}


@dataclass(frozen=True)
class Answer:
    """A question and its answer in words; `reason` why there is none; `conflict` the other values, in
    words."""

    path: str
    label: str
    text: str
    reason: str = ""
    conflict: tuple[str, ...] = ()


@dataclass(frozen=True)
class Section:
    """A group of the form with the answers in it; `label` may be empty."""

    label: str
    answers: list[Answer] = field(default_factory=list)


@dataclass(frozen=True)
class Done:
    """A change in words: `who` a display name, `labels` what was changed (a few)."""

    name: str
    kind: str
    who: str
    at: str
    labels: tuple[str, ...] = ()
    comment: str = ""


@dataclass(frozen=True)
class Rival:
    """One of the values that disagree, in words, with who gave it and when (ISO); `shown` for the one that
    the record shows meanwhile."""

    text: str
    who: str
    at: str
    shown: bool


@dataclass(frozen=True)
class Dispute:
    """A question, by its label, on which changes disagree."""

    label: str
    rivals: tuple[Rival, ...]


class Reader:
    """Puts the answers of one record into the words of its form in one language."""

    def __init__(self, form: Form, session: Session, state: RecordState, lang: str) -> None:
        self.form, self.session, self.state, self.lang = form, session, state, lang
        self.rival = {conflict.path: conflict for conflict in state.conflicts}

    def sections(self) -> list[Section]:
        """Groups of the first level, and each instance of a repeat, with what was answered in them."""
        found: list[Section] = []
        for parent, answer in self._walk(-1, self.form.root, ""):
            if not found or found[-1].label != parent:
                found.append(Section(parent))
            found[-1].answers.append(answer)
        return found

    def _walk(self, parent: int, prefix: str, label: str) -> Iterator[tuple[str, Answer]]:
        for number in self.form.children[parent]:
            node = self.form.nodes[number]
            path = f"{prefix}/{node.name}"
            if node.kind == "group":
                yield from self._walk(number, path, label or self._label(path))
            elif node.kind == "repeat":
                for instance in self.session.instances(path):
                    yield from self._walk(
                        number, instance, f"{self._label(path)} {self._place(path, instance)}".strip()
                    )
            elif node.kind == "question" and (path in self.state.answers or path in self.state.reasons):
                yield label, self._answer(path)

    def _place(self, repeat: str, instance: str) -> str:
        return str(self.session.instances(repeat).index(instance) + 1)

    def _answer(self, path: str) -> Answer:
        rivals: tuple[str, ...] = ()
        if path in self.rival:
            shown = self.state.answers.get(path, "")
            values = dict.fromkeys(value.value for value in self.rival[path].values)
            rivals = tuple(self.words(path, value) for value in values if value != shown)
        value = self.state.answers.get(path, "")
        return Answer(
            path, self._label(path), self.words(path, value), self.state.reasons.get(path, ""), rivals
        )

    def _label(self, path: str) -> str:
        return self.session.label(path) or ""

    def words(self, path: str, value: str) -> str:
        """An answer as its choices call it; other answers as they are."""
        node = self.form.node(bare(path))
        if node.choices is None or not value:
            return value
        labels = dict(self.session.choices(path))
        if node.control == "select1":
            return labels.get(value, value)
        return SEPARATOR[self.lang].join(labels.get(one, one) for one in value.split())

    def label_of(self, path: str) -> str:
        """What a changed path is called; "" for what nobody is asked."""
        number = self.form.by_path.get(bare(path))
        if number is None or self.form.nodes[number].kind not in ("question", "repeat"):
            return ""
        return self._label(path)


def bare(path: str) -> str:
    """A flat path without the ids of instances."""
    return "/".join(step.partition("[")[0] for step in path.split("/"))


def reader(replica: Replica, state: RecordState, lang: str, person: Person | None = None) -> Reader | None:
    """The reader of a record; None when its form version is not known here.

    With a person, an answer that names another record is called as that person's lists call it.
    """
    try:
        form = library.form_for(replica, state.form)
    except (Problem, SyncError):
        return None
    session = Session(
        form,
        lists_for(replica, person),
        answers=answers_of(form, state),
        reasons=dict(state.reasons),
        context=None,
    )
    session.language = form.language(lang)
    return Reader(form, session, state, lang)


def sections(replica: Replica, state: RecordState, lang: str, person: Person) -> list[Section]:
    """The answers of a record by section; raw paths when its form version is not known here."""
    found = reader(replica, state, lang, person)
    if found is None:
        return [Section("", [Answer(path, path, value) for path, value in sorted(state.answers.items())])]
    return found.sections()


def faults(replica: Replica, state: RecordState, lang: str) -> list[dict[str, str]]:
    """What is wrong with a record as it arrived, as numbered problems: its form version is not known here or
    cannot be read (HW-2018, HW-3605), or the form refuses answers (at most one a question; the place is what
    the question is called).
    """
    if replica.form(state.form) is None:
        return [SyncProblem(UNKNOWN_FORM, state.form).as_dict(lang)]
    found = reader(replica, state, lang)
    if found is None:
        return [Problem("HW-3605", state.form).as_dict(lang)]
    problems = check.verdict(found.form, source.lists(replica), state, source.entity_lists(replica))
    return [
        {
            "code": number,
            "place": found.label_of(path) or path,
            "message": words if number.startswith("HW-12") else translate(f"{number}.message", lang),
            "remedy": translate(f"{number}.remedy", lang),
        }
        for path, _, number, words in problems
    ]


def disputes(replica: Replica, state: RecordState, lang: str, person: Person) -> list[Dispute]:
    """The conflicts of a record, each with all values in the order of the clock; the last one shows."""
    if not state.conflicts:
        return []
    words = reader(replica, state, lang, person)
    names = {one.id: one.name for one in people.everybody(app_connection())}
    headers = {change.name: change.header for change in replica.history(state.record)}
    found = []
    for conflict in state.conflicts:
        rivals = []
        for value in conflict.values:
            header = headers[value.change]
            text = _rival_text(words, conflict.path, value.value, value.reason, lang)
            shown = value is conflict.values[-1]
            rivals.append(Rival(text, names.get(header.author, header.author), header.at, shown))
        label = words.label_of(conflict.path) if words else ""
        whole = translate("records.disputed.whole", lang) if conflict.path == "" else conflict.path
        found.append(Dispute(label or whole, tuple(rivals)))
    return found


def _rival_text(words: Reader | None, path: str, value: str, reason: str, lang: str) -> str:
    if path == "":  # a delete against an edit
        return translate(f"records.disputed.{value}", lang)
    if reason and has_text(f"js.reason.{reason}"):
        return translate(f"js.reason.{reason}", lang)
    text = words.words(path, value) if words else value
    return text or reason or translate("records.disputed.empty", lang)


def changes(replica: Replica, state: RecordState, lang: str, most: int = 4) -> list[Done]:
    """The history of a record, latest first."""
    words = reader(replica, state, lang)
    names = {person.id: person.name for person in people.everybody(app_connection())}
    found = []
    for change in reversed(replica.history(state.record)):
        header, payload = change.header, change.payload
        created = change.name == state.record
        touched = (
            []
            if created
            else [words.label_of(path) if words else path for path in getattr(payload, "changed", ())]
        )
        labels = tuple(dict.fromkeys(label for label in touched if label))
        found.append(
            Done(
                change.name,
                "create" if created else header.kind,
                names.get(header.author, header.author),
                header.at,
                labels[:most] + (("…",) if len(labels) > most else ()),
                getattr(payload, "comment", "") or getattr(payload, "reason", ""),
            )
        )
    return found
