"""`homeward quarantine DB [ID]`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import click

from sync import Quarantined, RecordState, Replica
from sync.change import EVERYTHING, Change, Edit, Removal, Review
from sync.forks import mend as mending
from sync.layout import generic
from sync.replica.quarantine import Kept

from ..i18n import has_text, translate, translate_n
from ..records.explaining import Vocabulary, names_of
from .explain import ENDS
from .shared import SET_ASIDE, counted, json_option, lang_option, moment, print_json, refusing
from .status import state_name

SHOWN = 20
"""Changes that are shown; --json has all."""


@click.command(name="quarantine")
@click.argument("db", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("id", required=False, type=int)
@click.option("--all", "everything", is_flag=True, help="Also what came to its end.")
@click.option("--release", type=int, metavar="ID", help="Try again to take it, through the ordinary checks.")
@click.option("--unsigned", is_flag=True, help="With --release: a copy's changes also without a signature.")
@click.option("--drop", type=int, metavar="ID", help="Throw it away; asks first.")
@click.option("--yes", is_flag=True, help="With --drop: do not ask.")
@json_option
@lang_option
@refusing
def quarantine(
    db: Path,
    id: int | None,
    everything: bool,
    release: int | None,
    unsigned: bool,
    drop: int | None,
    yes: bool,
    as_json: bool,
    lang: str,
) -> None:
    """Look at what was set aside in the database DB, release it or throw it away.

    Without ID it lists what is open; with ID it shows the changes that were kept, with their answers where the form is
    known.

    \b
    homeward quarantine hub.db
    homeward quarantine hub.db 3
    homeward quarantine hub.db --release 3

    What was set aside is taken only through the checks that every road has. What arrives whole by another road, or
    goes by the name of a branch (`homeward mend`), is over by itself. Exit status 3 when something is open."""
    if sum(each is not None for each in (id, release, drop)) > 1:
        raise click.UsageError(translate("cli.usage.quarantine", lang))
    with Replica.open(db) as replica:
        desk = Desk(replica, db, lang)
        if release is not None:
            said = desk.release(release, unsigned=unsigned)
        elif drop is not None:
            said = desk.drop(drop, asking=not yes, as_json=as_json)
        elif id is not None:
            said = desk.show(id, whole=as_json)
        else:
            said = desk.list(everything=everything)
        still_open = bool(replica.quarantined())
    if as_json:
        print_json({"db": str(db), **said.json})
    else:
        for line in said.lines:
            click.echo(line)
    if still_open:
        sys.exit(SET_ASIDE)


def given(edit: Edit) -> set[str]:
    """The paths that a person gave with a change: of a creation all, else those that were changed."""
    if edit.changed == (EVERYTHING,):
        return {path for path in {*edit.answers, *edit.reasons} if generic(path) not in edit.derived}
    return set(edit.changed)


class Said:
    """What is printed: for people and for programs."""

    def __init__(self, json: dict[str, Any], lines: list[str]) -> None:
        self.json, self.lines = json, lines


class Desk:
    """What can be asked of the quarantine of a database."""

    def __init__(self, replica: Replica, db: Path, lang: str) -> None:
        self.replica, self.db, self.lang = replica, db, lang

    def list(self, *, everything: bool) -> Said:
        """All that is open, or all."""
        rows = self.replica.quarantined(everything=everything)
        lines = [line for row in rows for line in self.lines(row)]
        return Said({"entries": [self.as_dict(row) for row in rows]}, lines or [self.say("none")])

    def lines(self, row: Quarantined) -> Iterator[str]:
        """One thing in two lines."""
        told = self.say("head", id=row.id, at=moment(row.at), source=row.source)
        if row.count:
            told += self.say("kept", **counted(self.lang, changes=row.count))
        if row.resolved:
            told += self.say(f"over.{row.outcome}", at=moment(row.resolved))
        yield told
        yield f"    {row.problem.text(self.lang)}"

    def as_dict(self, row: Quarantined) -> dict[str, Any]:
        """One thing, JSON-ready."""
        return {
            "id": row.id,
            "at": row.at,
            "source": row.source,
            "problem": row.problem.as_dict(self.lang),
            "replica": row.replica,
            "first": row.first,
            "last": row.last,
            "count": row.count,
            "fork": row.fork,
            "resolved": row.resolved,
            "outcome": row.outcome,
        }

    def show(self, id: int, *, whole: bool) -> Said:
        """One thing with the changes that were kept. HW-2074 when there is none of this number."""
        row = self.replica.aside(id)
        kept = list(islice(self.replica.kept_changes(id), None if whole else SHOWN))
        names = names_of(self.db)
        lines = [*self.lines(row), *(line for each in kept for line in self.change(each, names))]
        if row.count > len(kept):
            lines.append(translate_n("cli.quarantine.more", row.count - len(kept), self.lang))
        return Said(self.as_dict(row) | {"changes": [self.change_dict(each) for each in kept]}, lines)

    def change(self, kept: Kept, names: dict[str, str]) -> Iterator[str]:
        """A change that was kept, in words: who did what to which record, and the answers."""
        found = self.replica.read_kept(kept)
        if found is None:
            yield f"  {self.say('unreadable', number=kept.number)}"
            return
        change, state = found
        author = change.header.author
        who = names.get(author, author) or translate("cli.explain.somebody", self.lang)
        kind = "create" if change.header.creates else change.header.kind
        key = f"js.form.{state.form_id}"
        form = translate(key, self.lang) if has_text(key) else state.form_id or state.form
        about = {"change": change.name, "record": state.record, "form": form, "at": moment(change.header.at)}
        yield f"  {self.say(f'kind.{kind}', who=who, **about)}"
        yield from (f"      {line}" for line in self.content(change, state))

    def content(self, change: Change, state: RecordState) -> Iterator[str]:
        """What a change says."""
        payload = change.payload
        if payload is None:
            yield self.say("empty")
        elif isinstance(payload, Edit):
            words = Vocabulary.of(self.replica, state, self.lang)
            paths = sorted(given(payload), key=words.order)
            if not paths:
                yield self.say("no_answers")
            for path in paths:
                said = words.text(path, state.answers.get(path, ""), state.reasons.get(path, ""))
                label = words.label(path)
                key = "answer.asked" if label.endswith(ENDS) else "answer"
                yield translate(f"cli.explain.{key}", self.lang, label=label, text=said)
        elif isinstance(payload, Review):
            yield f"{state_name(payload.state, self.lang)}: {payload.comment}".rstrip(": ")
        elif isinstance(payload, Removal) and payload.reason:
            yield payload.reason

    def change_dict(self, kept: Kept) -> dict[str, Any]:
        """A change that was kept, JSON-ready; without `record` where its header cannot be read."""
        found = self.replica.read_kept(kept)
        if found is None:
            return {"number": kept.number, "header": kept.header, "payload": kept.payload}
        change, state = found
        header = change.header
        about = {"change": change.name, "record": state.record, "kind": header.kind, "author": header.author}
        return {
            "number": kept.number,
            **about,
            "at": header.at,
            "form": state.form_id or state.form,
            "answers": dict(state.answers),
            "reasons": dict(state.reasons),
            "payload": kept.payload,
        }

    def release(self, id: int, *, unsigned: bool) -> Said:
        """Tries to take something that was set aside."""
        found = mending.release(self.replica, id, unsigned=unsigned)
        if found.problems:
            said = self.say("refused", id=id)
            problems = [problem.text(self.lang) for problem in found.problems]
            lines = [said, *(f"    {text}" for text in problems)]
        else:
            lines = [self.say("released", id=id, **counted(self.lang, changes=found.taken))]
        told = [problem.as_dict(self.lang) for problem in found.problems]
        return Said({"released": not found.problems, "taken": found.taken, "problems": told}, lines)

    def drop(self, id: int, *, asking: bool, as_json: bool) -> Said:
        """Throws something away that was set aside, when a person agrees."""
        shown = self.show(id, whole=False)
        if asking:
            if as_json:
                raise click.UsageError(translate("cli.usage.drop", self.lang))
            for line in shown.lines:
                click.echo(line)
            if not click.confirm(self.say("ask")):
                return Said({"dropped": False}, [self.say("stays")])
        mending.drop(self.replica, id)
        return Said({"dropped": True}, [self.say("dropped", id=id)])

    def say(self, key: str, **params: object) -> str:
        """A text of this command."""
        return translate(f"cli.quarantine.{key}", self.lang, **params)
