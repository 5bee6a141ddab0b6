"""`homeward review HUB --approve [FILTER …]`."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import click

from sync import Replica
from sync.problems import sentence

from ..i18n import translate
from ..own_keys import open_to_write
from ..problems import Problem
from ..review import FILTERS, Held, Reviewed, parse_filters, review_records, reviewer
from ..villages.registry import registry
from .shared import SET_ASIDE, json_option, lang_option, print_json, refusing
from .words import questions, record_name

SHOWN = 20
"""Records held back that are named one by one; --json names all."""


@click.command(name="review", epilog=f"FILTER is NAME=VALUE with NAME one of: {', '.join(FILTERS)}.")
@click.argument("hub", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("filters", metavar="[FILTER]...", nargs=-1)
@click.option(
    "--approve", "state", flag_value="approved", help="Approve: the records enter the next release."
)
@click.option("--reject", "state", flag_value="rejected", help="Reject: the records enter no release.")
@click.option("--has-issues", "state", flag_value="has_issues", help="Send back to whoever recorded them.")
@click.option("--comment", default="", help="What to tell whoever recorded them.")
@click.option("--anyway", is_flag=True, help="Approve also what has an answer in conflict or a failed check.")
@click.option(
    "--as", "username", default="", metavar="USERNAME", help="Who reviews (default: the first supervisor)."
)
@json_option
@lang_option
@refusing
def review(
    hub: Path,
    filters: tuple[str, ...],
    state: str | None,
    comment: str,
    anyway: bool,
    username: str,
    as_json: bool,
    lang: str,
) -> None:
    """Review records of the database HUB: all, or those that every FILTER holds for.

    \b
    homeward review hub.db --approve
    homeward review hub.db --approve form=business county=140521 state=received
    homeward review hub.db --has-issues record=7k3m9q2x-17 --comment "Which village is it?"

    Records with an answer in conflict or a failed check are not approved but listed, and the exit status is
    3.
    """
    if state is None:
        raise click.UsageError(translate("cli.usage.review", lang))
    wanted = parse_filters(filters)
    with open_to_write(hub) as replica:
        author = reviewer(hub, username)
        done = review_records(replica, state, wanted, author=author, comment=comment, anyway=anyway)
        if as_json:
            held = [vars(item) | {"problems": problems_of(item, lang)} for item in done.held]
            print_json({"state": state, "reviewed": done.done, "already": len(done.already), "held": held})
        else:
            tell(replica, done, state, lang)
    if done.held:
        sys.exit(SET_ASIDE)


def problems_of(item: Held, lang: str) -> list[dict[str, str]]:
    """What the check of a record that was held back found, with the text of each number.

    A fault within an expression (HW-12xx) is told in the words that the check left: its text has parts that
    only the check knew.
    """
    return [
        {
            "code": number,
            "place": place,
            "message": words
            if number.startswith("HW-12")
            else translate(f"{number}.message", lang, place=place),
            "remedy": translate(f"{number}.remedy", lang, place=place),
        }
        for number, place, words in item.problems
    ]


def tell(replica: Replica, done: Reviewed, state: str, lang: str) -> None:
    """What was done, and what was held back and why."""
    click.echo(translate(f"review.done.{state}", lang, done=len(done.done), already=len(done.already)))
    if not done.held:
        return
    problem = Problem("HW-3509", "", count=len(done.held))
    click.echo(problem.text(lang), err=True)
    villages = registry(replica)
    for item in done.held[:SHOWN]:
        record = replica.state(item.record)
        village = villages.get(item.village)
        where = village.name(lang) if village else item.village
        reason = translate(f"review.held.{item.reason}", lang)
        click.echo(f"  {item.record}  {record_name(record, lang)}  {where}  {reason}", err=True)
        for each in problems_of(item, lang):
            place = questions(replica, record, [each["place"]], lang)
            click.echo(f"    {sentence(**each | {'place': place}, lang=lang)}", err=True)
    if len(done.held) > SHOWN:
        kinds = Counter(item.reason for item in done.held)
        told = (f"{translate(f'review.held.{reason}', lang)} {n}" for reason, n in sorted(kinds.items()))
        more = translate("cli.list.and", lang).join(told)
        click.echo(translate("review.held.more", lang, n=len(done.held) - SHOWN, kinds=more), err=True)
