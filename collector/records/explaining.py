"""Why a record is as it is, in words: what its questions and answers are called, who its people are.

For whoever asks at the command line, without a request and without an account."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from forms import Form, FormError, Session
from forms.xpath.errors import EvaluationError
from sync import RecordState, Replica

from .. import app_db, entities, library
from ..accounts import people
from ..folding import answers_of
from ..i18n import has_text, translate
from ..lists import Lists, Row, stem
from ..tables.source import form_or_none
from .reading import SEPARATOR, bare

INSTANCE = re.compile(r"\[([^\]]*)\]")
INSIDE = " › "
"""Between an entry of a repeat and the question in it."""


def names_of(replica_path: Path) -> dict[str, str]:
    """Names of the people who have an account beside this replica, by author id; none where there is no such
    file."""
    path = app_db.path_for(replica_path)
    if not path.exists():
        return {}
    with app_db.reading(path) as connection:
        return {person.id: person.name for person in people.everybody(connection)}


class Vocabulary:
    """What the paths and values of one record are called in a language. Without its form version (`form` None)
    they are called as they are written."""

    def __init__(self, form: Form | None, session: Session | None, lang: str) -> None:
        self.form, self.session, self.lang = form, session, lang

    @classmethod
    def of(cls, replica: Replica, state: RecordState, lang: str) -> Vocabulary:
        """The words for a record as it is now."""
        form = form_or_none(replica, state.form)
        if form is None:
            return cls(None, None, lang)
        lists = Lists(
            lambda name: library.list_document(replica, stem(name)),
            lambda name: linked(replica, form, state.answers, stem(name)),
        )
        session = Session(form, lists, answers=answers_of(form, state), reasons=dict(state.reasons))
        session.language = form.language(lang)
        return cls(form, session, lang)

    def label(self, path: str) -> str:
        """The question with the entries of repeats that it stands in: `Founder 2 › Sex`; for an entry itself
        `Founder 2`. An entry that is not there any more is called by its id."""
        if path == "":
            return translate("records.disputed.whole", self.lang)
        entry = self.entry(path)
        if path.endswith("]"):
            return entry
        return f"{entry}{INSIDE}{self.own(path)}" if entry else self.own(path)

    def entry(self, path: str) -> str:
        """The entries of repeats that a path stands in or is, outermost first; "" outside repeats."""
        return INSIDE.join(
            f"{self.own(path[: match.start()])} {self._place(path[: match.end()])}"
            for match in INSTANCE.finditer(path)
        )

    def own(self, path: str) -> str:
        """The label of a node without what it stands in, in one line; its name where it has none, the path where
        the form does not know it."""
        number = self._number(path)
        if self.form is None or self.session is None or number is None:
            return path
        try:
            label = self.session.label(path)
        except FormError:  # in an entry that is gone
            label = self._plain_label(number)
        return " ".join(label.split()) or self.form.nodes[number].name

    def text(self, path: str, value: str, reason: str = "") -> str:
        """An answer or why there is none; choices as the form calls them; for an entry whether it is there."""
        if path == "":
            return translate(f"records.disputed.{value}", self.lang)
        if path.endswith("]"):
            return translate(f"cli.explain.entry.{'there' if value else 'removed'}", self.lang)
        if reason:
            key = f"js.reason.{reason}"
            return translate(key, self.lang) if has_text(key) else reason
        return self._choices(path, value) if value else translate("records.disputed.empty", self.lang)

    def order(self, path: str) -> tuple[tuple[int, str], ...]:
        """Sorts paths as the form asks them, entries in their order."""
        steps = []
        for match in INSTANCE.finditer(path):
            steps += [(self._rank(path[: match.start()]), ""), (0, self._place(path[: match.end()]).zfill(6))]
        return (*steps, (self._rank(path), path))

    def _number(self, path: str) -> int | None:
        return self.form.by_path.get(bare(path)) if self.form else None

    def _rank(self, path: str) -> int:
        number = self._number(path)
        return len(self.form.nodes) if number is None and self.form else number or 0

    def _place(self, instance: str) -> str:
        """The number of an entry among its like, as they stand now; its id where it is gone."""
        repeat, _, rest = instance.rpartition("[")
        try:
            there = self.session.instances(repeat) if self.session else []
        except FormError:  # it stood in an entry that is gone
            there = []
        return str(there.index(instance) + 1) if instance in there else rest.rstrip("]")

    def _plain_label(self, number: int) -> str:
        """The label without values that stand in it."""
        if self.form is None or (at := self.form.nodes[number].label) is None:
            return ""
        texts = self.form.texts[at]
        for language in (self.form.language(self.lang), self.form.default_language, "", *texts):
            pieces = texts.get(language, {}).get("long")
            if pieces is not None:
                return "".join(piece if isinstance(piece, str) else "…" for piece in pieces)
        return ""

    def _choices(self, path: str, value: str) -> str:
        number = self._number(path)
        if self.form is None or self.session is None or number is None:
            return value
        node = self.form.nodes[number]
        if node.choices is None:
            return value
        try:
            labels = dict(self.session.choices(path))
        except (FormError, EvaluationError):  # in an entry that is gone; choices that cannot be worked out
            return value
        if node.control == "select1":
            return labels.get(value, value)
        return SEPARATOR[self.lang].join(labels.get(one, one) for one in value.split())


def source_of(form: Form, instance: str) -> str:
    """The stem of the list that an instance of a form attaches."""
    return stem(str(form.instances.get(instance, {}).get("src", instance)))


def linked(replica: Replica, form: Form, answers: Mapping[str, str], name: str) -> list[Row] | None:
    """Rows of the entity list `name`, only of the records that these answers choose from it: a label is all that
    is wanted, and projecting every record of a hub for it would take minutes. None when no form feeds a list of
    that name."""
    feeders = entities.list_names(replica).get(name)
    if feeders is None:
        return None
    asked = {
        node.path for node in form.nodes if node.choices and source_of(form, node.choices.instance) == name
    }
    wanted = {value for path, value in answers.items() if bare(path) in asked}
    lists = Lists(lambda each: library.list_document(replica, stem(each)), lambda each: None)
    rows = []
    for form_id in feeders if wanted else ():
        for state in replica.states(form_id=form_id):
            held = {value.removeprefix("uuid:") for value in state.answers.values()}
            if state.deleted or state.withdrawn or wanted.isdisjoint(held):
                continue
            row = entities.project(library.form_for(replica, state.form), state.answers, lists)
            rows += [row] if row is not None else []
    return rows
