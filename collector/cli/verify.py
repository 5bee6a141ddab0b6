"""`homeward verify DB`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from sync import Problem, Replica, SyncError
from sync import verify as verify_replica
from sync.problems import (
    BAD_SIGNATURE,
    CHAIN_BROKEN,
    DAMAGED_FILE,
    DOCUMENT_CHANGED,
    EMPTY_FILE,
    GAP,
    HEADER_MALFORMED,
    MEDIA_CHANGED,
    PAYLOAD_CHANGED,
    UNKNOWN_FORM,
    sentence,
)

from ..i18n import translate, translate_n
from .shared import bar, counted, json_option, lang_option, print_json, refuse, refusing

DAMAGE = {
    EMPTY_FILE,
    DAMAGED_FILE,
    PAYLOAD_CHANGED,
    HEADER_MALFORMED,
    CHAIN_BROKEN,
    BAD_SIGNATURE,
    GAP,
    DOCUMENT_CHANGED,
    MEDIA_CHANGED,
}
"""What elsewhere is said of a file that was brought; the database itself cannot be copied again from a device."""


@click.command(name="verify")
@click.argument("db", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--repair", is_flag=True, help="Write derived rows anew where they differ from the log.")
@json_option
@lang_option
@refusing
def verify(db: Path, repair: bool, as_json: bool, lang: str) -> None:
    """Prove the database DB from its own log.

    Checks every payload, the digest chain of every device, signatures, documents and media, folds every
    record anew and compares. Prints the state digest: two databases that hold the same changes print the same
    one. Exit status 1 when something does not hold."""
    with opened(db, as_json, lang) as replica, bar(translate("cli.verify.bar", lang)) as progress:

        def step(done: int, of: int) -> None:
            progress.total = of
            progress.update(done - progress.n)

        report = verify_replica(replica, repair=repair, step=step)
    if as_json:
        problems = [told(problem, lang) for problem in report.problems]
        print_json({"db": str(db), **report.as_dict(lang), "problems": problems})
    else:
        for problem in report.problems:
            click.echo(sentence(**told(problem, lang), lang=lang), err=True)
        key = "cli.verify.sound" if report.sound else "cli.verify.unsound"
        click.echo(
            translate(
                key,
                lang,
                **counted(
                    lang,
                    changes=report.changes,
                    records=report.records,
                    documents=report.documents,
                    media=report.media,
                    problems=len(report.problems),
                ),
            )
        )
        if report.repaired:
            click.echo(translate_n("cli.verify.repaired", report.repaired, lang))
        for form in report.unknown_forms:
            click.echo(Problem(UNKNOWN_FORM, form).text(lang), err=True)
        click.echo(translate("cli.verify.digest", lang, digest=report.state_digest))
    if not report.sound:
        sys.exit(1)


def opened(db: Path, as_json: bool, lang: str) -> Replica:
    """The database; ends with status 1 for one that is too damaged to be opened."""
    try:
        return Replica.open(db)
    except SyncError as error:
        if error.problem.code not in DAMAGE:
            raise
        refuse(told(error.problem, lang), as_json, lang)


def told(problem: Problem, lang: str) -> dict[str, str]:
    """A problem of the database itself, with what mends that."""
    own = {"remedy": translate("cli.verify.restore", lang)} if problem.code in DAMAGE else {}
    return problem.as_dict(lang) | own
