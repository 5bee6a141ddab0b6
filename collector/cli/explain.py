"""`homeward explain DB RECORD`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Any

import click

from sync import Explanation, Origin, RecordState, Replica, Why
from sync.explain import DERIVED, DISAGREEMENTS, Unseen
from sync.layout import enclosing

from ..i18n import as_moment, has_text, translate
from ..problems import Problem
from ..records.explaining import Vocabulary, names_of
from ..records.reading import bare
from .help import Command
from .shared import json_option, lang_option, print_json, refusing

ENDS = ("?", "？", ".", "。", "!", "！", ":", "：")
"""What a question may end with that takes no colon after it."""

MOST = 6
"""Questions of a change that are named; --json has all."""


@click.command(name="explain", cls=Command)
@click.argument("db", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("record")
@click.option(
    "--path",
    metavar="PATH",
)
@json_option
@lang_option
@refusing
def explain(db: Path, record: str, path: str | None, as_json: bool, lang: str) -> None:
    """Tell why each answer of a record in the database DB is what it is."""
    with Replica.open(db) as replica:
        found = replica.explain(record)
        answers = [why for why in found.answers if path is None or meant(why.path, path)]
        if path is not None and not answers:
            raise Problem("HW-3027", record, path=path)
        state = replica.state(record)
        teller = Teller(replica.name, found, state, Vocabulary.of(replica, state, lang), names_of(db), lang)
        if as_json:
            print_json({"db": str(db), **teller.as_dict(answers)})
            return
        for line in teller.all_of(answers) if path is None else teller.apart(teller.in_order(answers)):
            click.echo(line)


def meant(path: str, wanted: str) -> bool:
    """Whether `wanted` means the answer at `path`: its path, that of a group or entry around it, or the end of
    either, each with or without the ids of entries."""
    if wanted in (path, ""):
        return wanted == path
    sought = f"/{wanted.removeprefix('/')}"
    for each in (path, bare(path)):
        start = each.find(sought)
        follows = each[start + len(sought) :][:1]
        if start >= 0 and follows in ("", "/", "[") and (start == 0 or not wanted.startswith("/")):
            return True
    return False


class Teller:
    """Puts an explanation into sentences. `own` is the database that was asked, `names` are people's by author
    id."""

    def __init__(
        self,
        own: str,
        found: Explanation,
        state: RecordState,
        words: Vocabulary,
        names: dict[str, str],
        lang: str,
    ) -> None:
        self.own, self.found, self.state = own, found, state
        self.words, self.names, self.lang = words, names, lang

    def all_of(self, answers: Iterable[Why]) -> Iterator[str]:
        """The record, then its answers."""
        yield from self.record()
        yield from self.answers(answers)

    # The record

    def record(self) -> Iterator[str]:
        """What the record is, who made it, whether it is still there, how it was reviewed."""
        key = f"js.form.{self.state.form_id}"
        form = translate(key, self.lang) if has_text(key) else self.state.form_id or self.state.form
        answers = self.state.answers.items()
        title = next((value for path, value in answers if path.endswith("/meta/instanceName")), "")
        yield self.say("title" if title else "untitled", form=form, title=title, record=self.found.record)
        yield self.by("created", self.found.created) if self.found.created else self.say("not_begun")
        if len(self.found.heads) > 1:
            yield self.say("heads", n=len(self.found.heads))
        for deletion in self.found.deletions:
            yield self.by("deleted", deletion.origin) + self.because(deletion.because)
            if deletion.undone_by is not None:
                yield self.by("undone", deletion.undone_by)
        for withdrawal in self.found.withdrawals:
            yield self.by(withdrawal.origin.kind, withdrawal.origin) + self.because(withdrawal.because)
        yield from self.review()

    def review(self) -> Iterator[str]:
        """The review state and why it shows."""
        review = self.found.review
        state = self.state_name(review.state)
        if review.origin is None:
            yield self.say("review.none", state=state)
            return
        key = "review.edited" if review.unseen else "review.given"
        given = self.state_name(review.given)
        yield self.by(key, review.origin, state=state, given=given) + self.because(review.comment)
        for unseen in review.unseen:
            yield f"  {self.by('voice', unseen.origin, text=self.touched(unseen))}"
        for other in review.others:
            yield self.by("review.other", other.origin, given=self.state_name(other.value))

    def touched(self, unseen: Unseen) -> str:
        """What a change touched, in words."""
        if unseen.origin.kind == "delete":
            return translate("records.disputed.delete", self.lang)
        if unseen.origin.change == self.found.record:
            return self.words.label("")
        changed = set(unseen.changed)
        paths = [path for path in changed if changed.isdisjoint(enclosing(path))]
        labels = [self.words.label(path) for path in sorted(paths, key=self.words.order)]
        more = ["…"] if len(labels) > MOST else []
        return self.say("and").join(labels[:MOST] + more) or self.say("nothing")

    # Answers

    def answers(self, answers: Iterable[Why]) -> Iterator[str]:
        """What waits for a decision first, then what changed last, at the end what the form filled in; answers of
        one change for one reason stand together under it."""
        ordered = self.in_order(answers)
        ordered.sort(key=lambda why: (why.origin.at, why.origin.change, self.sentence(why)), reverse=True)
        ordered.sort(key=lambda why: (why.rule not in DISAGREEMENTS, why.rule == DERIVED))
        for sentence, group in groupby(ordered, key=self.sentence):
            members = list(group)
            yield ""
            if len(members) == 1 or members[0].voices:
                yield from self.apart(members)
            else:
                yield self.say("together", why=sentence[:1].upper() + sentence[1:])
                yield from self.listed(members)

    def in_order(self, answers: Iterable[Why]) -> list[Why]:
        """As the form asks them."""
        return sorted(answers, key=lambda why: self.words.order(why.path))

    def listed(self, answers: Iterable[Why]) -> Iterator[str]:
        """A line for each answer; those in an entry of a repeat below its name. What is empty is only named."""
        for entry, group in groupby(answers, key=lambda why: self.words.entry(why.path)):
            if entry:
                yield f"  {entry}"
            for why in group:
                label = self.words.own(why.path)
                if not why.path.endswith("]"):
                    line = self.answer(why, label) if why.value or why.reason else label
                    yield f"{'    ' if entry else '  '}{line}"

    def apart(self, answers: Iterable[Why]) -> Iterator[str]:
        """Each answer with its sentence, and below it who says what."""
        for why in answers:
            key = "apart.voices" if why.voices else "apart"
            label = self.words.label(why.path)
            # Whether the record or an entry of a repeat is there, the sentence says.
            answer = label if why.path == "" or why.path.endswith("]") else self.answer(why, label)
            yield self.say(key, answer=answer, why=self.sentence(why))
            for place, voice in enumerate(why.voices, 1):
                last = place == len(why.voices)
                shows = why.rule in DISAGREEMENTS and (voice.value == why.value if why.path == "" else last)
                text = self.words.text(why.path, voice.value, voice.reason)
                yield "    " + self.by("voice.shows" if shows else "voice", voice.origin, text=text)

    def answer(self, why: Why, label: str) -> str:
        """Question and answer."""
        asks = label.endswith(ENDS)
        text = self.words.text(why.path, why.value, why.reason)
        return self.say("answer.asked" if asks else "answer", label=label, text=text)

    def sentence(self, why: Why) -> str:
        """Why an answer is what it is, without a full stop."""
        there, nothing = ("there", "removed") if why.path.endswith("]") else ("", "empty")
        form = there if why.value or why.reason else nothing
        if why.rule == DERIVED and self.found.recompute:
            form = "again"
        key = f"rule.{why.rule}.{form}"
        return self.by(key if has_text(f"cli.explain.{key}") else f"rule.{why.rule}", why.origin)

    # Words

    def say(self, key: str, **params: object) -> str:
        """A text of this command."""
        return translate(f"cli.explain.{key}", self.lang, **params)

    def by(self, key: str, origin: Origin, **params: str) -> str:
        """A text that tells of a change: who made it, when by this computer's time, where."""
        where = "place.own" if origin.replica == self.own else "place"
        return self.say(
            key,
            who=self.who(origin.author),
            at=as_moment(origin.at).strftime("%Y-%m-%d %H:%M"),
            place=self.say(where, device=origin.replica, change=origin.change),
            **params,
        )

    def who(self, author: str) -> str:
        """A person's name where it is known here, else the id."""
        return self.names.get(author) or author or self.say("somebody")

    def because(self, text: str) -> str:
        """What its author said of a change; nothing where nothing was said."""
        return self.say("because", text=" ".join(text.split())) if text.strip() else ""

    def state_name(self, state: str) -> str:
        """A review state as the pages call it."""
        key = f"cli.review_state.{state}"
        return translate(key, self.lang) if has_text(key) else state

    # JSON

    def as_dict(self, answers: Iterable[Why]) -> dict[str, Any]:
        """The explanation as `Explanation.as_dict` with `form`, `form_id`; besides `author` the `name`; besides the
        `path` of an answer its `label`, besides each value the `text`."""
        told = self.found.as_dict() | {"form": self.state.form, "form_id": self.state.form_id}
        told["answers"] = [asdict(why) for why in answers]
        for why in told["answers"]:
            why["label"] = self.words.label(why["path"])
            for each in (why, *why["voices"]):
                each["text"] = self.words.text(why["path"], each["value"], each["reason"])
        self.add_names(told)
        return told

    def add_names(self, told: Any) -> None:
        """Puts the name beside each author."""
        if isinstance(told, dict):
            if "author" in told:
                told["name"] = self.who(told["author"])
            told = list(told.values())
        if isinstance(told, list | tuple):
            for each in told:
                self.add_names(each)
