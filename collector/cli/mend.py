"""`homeward mend DB [SOURCE]`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from sync import Problem, Replica
from sync import merge as merge_files
from sync.forks import mend as mending
from sync.forks.mend import BEHIND, BRANCH, FILE, LOG, OWN, RENEWAL, Finding, Mended
from sync.replica.identity import ASKED, Renewal
from sync.replica.store import now

from ..i18n import translate
from .shared import SET_ASIDE, counted, json_option, lang_option, moment, print_json, refusing

SHOWN = 8
"""Records that are named; --json names all."""


@click.command(name="mend")
@click.argument("db", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("source", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Do what is said.")
@click.option("--unsigned", is_flag=True, help="Take also what is not signed: only if you know who made it.")
@click.option("--new-name", is_flag=True, help="Also take a new name: for a device whose keys were lost.")
@json_option
@lang_option
@refusing
def mend(
    db: Path, source: Path | None, yes: bool, unsigned: bool, new_name: bool, as_json: bool, lang: str
) -> None:
    """Mend a database DB that was copied or set back, and take in what copies of others made.

    Says what happened and what will be done; only with --yes it is done.

    \b
    homeward mend hub.db                     the hub: copies of field databases
    homeward mend field/bo.db hub.db --yes   a laptop that was restored or copied

    Where two copies of one database went on under the same name, the changes of one are set aside when they are
    merged. They are taken in under a name of their own, which follows from them: whoever mends, the name is the same.
    SOURCE is the hub's database or another that knows DB: of it only what DB itself once made is taken. Nothing is
    thrown away.

    Exit status 3 when something is left to be mended or looked at."""
    with Replica.open(db) as replica:
        found = mending.compare(replica, source) if source else []
        known = mending.look(replica)
        found += [each for each in known if not (found and each.what == RENEWAL)]
        if new_name and all(each.what != RENEWAL for each in found):
            found.append(asked(replica, wait=yes))
        done = act(replica, source, unsigned) if yes else None
        left = mending.look(replica) if yes else found
        teller = Teller(lang, source, replica.name, replica.former_names())
    if as_json:
        print_json(teller.as_dict(db, found, done))
    else:
        for line in teller.told(found, done):
            click.echo(line)
    if left:
        sys.exit(SET_ASIDE)


def asked(replica: Replica, *, wait: bool) -> Finding:
    """That the database is to take a new name; noted in it when it is to `wait` for that."""
    if wait:
        replica.outdate(ASKED, 0, "")
    renewal = replica.outdated() or Renewal(replica.name, ASKED, 0, "", now())
    return Finding(RENEWAL, replica=replica.name, renewal=renewal)


def act(replica: Replica, source: Path | None, unsigned: bool) -> Mended:
    """Takes back what the source has of the own log, then mends."""
    merged = merge_files(replica, [source], only=replica.own_names()) if source else None
    done = mending.mend(replica, unsigned=unsigned)
    if merged is not None:
        done.taken += merged.taken + merged.settled
    return done


class Teller:
    """Puts findings into words. `name` is the database's own now, `former` its names before and why they ended."""

    def __init__(self, lang: str, source: Path | None, name: str, former: Sequence[Renewal]) -> None:
        self.lang, self.source, self.name, self.former = lang, source, name, former

    def as_dict(self, db: Path, found: list[Finding], done: Mended | None) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "db": str(db),
            "name": self.name,
            "done": done is not None,
            "taken": done.taken if done else 0,
            "findings": [self.finding(each, done) for each in found],
        }

    def finding(self, each: Finding, done: Mended | None) -> dict[str, Any]:
        """One finding with its words; `refused` is why it was not mended."""
        refused = done.refused.get(each.id) if done else None
        return {
            **asdict(each),
            "problem": each.problem.as_dict(self.lang) if each.problem else None,
            "happened": self.happened(each),
            "todo": self.todo(each),
            "refused": refused.as_dict(self.lang) if refused else None,
        }

    def told(self, found: list[Finding], done: Mended | None) -> Iterator[str]:
        """Lines for people."""
        if not found:
            yield translate("cli.mend.nothing", self.lang)
            yield from self.before_now()
        for each in found:
            yield self.happened(each)
            yield from (f"  {line}" for line in self.follows(each, done))
        if done is not None and found:
            key = "cli.mend.done" if done.done or done.taken else "cli.mend.not_done"
            yield translate(key, self.lang, **counted(self.lang, changes=done.taken))
            if any(each.what == RENEWAL for each in done.done):
                yield translate("cli.mend.named", self.lang, name=self.name)
        elif any(each.what in (BRANCH, OWN, BEHIND, RENEWAL) for each in found):
            yield translate("cli.mend.ask", self.lang)

    def before_now(self) -> Iterator[str]:
        """What was mended before: why each former name ended."""
        for each in self.former:
            about = {"name": each.name, "source": each.source, "at": moment(each.at)}
            yield "  " + translate(f"cli.mend.renewal.{each.why}", self.lang, **about)
        if self.former:
            yield "  " + translate("cli.mend.named", self.lang, name=self.name)

    def follows(self, each: Finding, done: Mended | None) -> Iterator[str]:
        """What will be done about a finding, or why it was not; what to look at."""
        refused = done.refused.get(each.id) if done else None
        if refused:
            yield refused.text(self.lang)
        elif done is None or each.what in (LOG, FILE):
            yield self.todo(each)
        if each.spoken_of:
            names = ", ".join(each.spoken_of[:SHOWN]) + (" …" if len(each.spoken_of) > SHOWN else "")
            records = counted(self.lang, records=len(each.spoken_of))
            yield translate("cli.mend.spoken_of", self.lang, names=names, **records)

    def happened(self, each: Finding) -> str:
        """What happened."""
        if each.renewal is not None:
            about = {"name": each.renewal.name, "source": each.renewal.source, "at": moment(each.renewal.at)}
            return translate(f"cli.mend.renewal.{each.renewal.why}", self.lang, **about)
        if each.what in (LOG, FILE):
            return self.aside(each)
        return translate(
            f"cli.mend.{each.what}",
            self.lang,
            name=each.replica,
            before=self.before(each.number - 1),
            here=self.changes(each.here),
            aside=self.changes(each.aside),
            origin=each.origin or translate("cli.mend.here", self.lang),
            source=each.source,
            at=moment(each.at),
            **counted(self.lang, records=each.records),
        )

    def aside(self, each: Finding) -> str:
        problem = each.problem or Problem("")
        said = problem.as_dict(self.lang)
        about = {"source": each.source, "code": problem.code, "message": said["message"], "id": each.id}
        return translate(
            f"cli.mend.{each.what}", self.lang, name=each.replica, aside=self.changes(each.aside), **about
        )

    def todo(self, each: Finding) -> str:
        """What will be done."""
        if each.renewal is not None:
            wanting = self.source is None and each.renewal.why in ("copied", "behind")
            form = ".source" if wanting else ".asked" if each.renewal.why == ASKED else ""
            return translate(f"cli.mend.todo.renewal{form}", self.lang)
        key = f"cli.mend.todo.{each.what}"
        if each.what == BRANCH and not each.signed:
            key += ".unsigned"
        here, aside = self.changes(each.here), self.changes(each.aside)
        return translate(key, self.lang, name=each.name, id=each.id, here=here, aside=aside)

    def before(self, number: int) -> str:
        """After which change they parted."""
        key = "cli.mend.after" if number else "cli.mend.from_the_first"
        return translate(key, self.lang, number=number)

    def changes(self, number: int) -> str:
        """So many changes."""
        return counted(self.lang, changes=number)["changes"]
