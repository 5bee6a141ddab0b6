"""What came (or would come) by a merge, in the words of whoever holds the stick."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import click

from sync import MergeReport, Preview, Problem, Replica, SourceReport
from sync.brought import Brought, author_of, brought
from sync.names import CHANGE, REPLICA
from sync.preview import Found, Named
from sync.problems import sentence

from ..i18n import size_text, translate, translate_n
from .names import Names
from .words import form_name

KINDS = {"edit": "edits", "settle": "edits", "review": "reviews"} | {
    kind: kind for kind in ("delete", "withdraw", "erase")
}
"""What the kinds of change are called here."""


def tell_merge(hub: Replica, report: MergeReport, open_conflicts: int, lang: str) -> None:
    """A line a file, the sum, whose records they are, what is set aside and what to do about it."""
    replicas = {replica for source in report.sources for replica in source.replicas}
    names = Names(hub.path, lang, {replica: author_of(hub, replica) for replica in replicas})
    total, called = Brought(), shown(report.sources)
    for source in report.sources:
        came = brought(hub, source.intake)
        total.add(came)
        click.echo(line(called[source.path], source, came, brought_along([source], came, lang), names))
        tell_along(source, called, hub.path, lang)
        if source.media_missing:
            click.echo(f"  {translate_n('cli.merge.media_missing', source.media_missing, lang)}")
    if len(report.sources) > 1:
        click.echo()
        new = sum(bool(source.taken) for source in report.sources)
        tell_sum(total, brought_along(report.sources, total, lang), (new, len(report.sources)), names)
    if open_conflicts:
        click.echo(translate_n("cli.merge.conflicts", open_conflicts, lang))
        click.echo(f"  {translate('cli.conflicts.how', lang, hub=hub.path)}")
    if report.taken:
        click.echo(translate("cli.merge.undo", lang, hub=hub.path))
    for note in report.notes:
        click.echo(note.text(lang), err=True)
    tell_aside(report.sources, names)


def brought_along(sources: Iterable[SourceReport], came: Brought, lang: str) -> list[str]:
    """What files brought: changes, documents, photos, in words."""
    counts = {"documents": 0, "media": 0}
    for source in sources:
        counts["documents"] += source.documents
        counts["media"] += source.media_copied
    named = [translate_n(f"cli.count.{what}", count, lang) for what, count in counts.items() if count]
    return [*counted(came, lang), *named]


def tell_along(source: SourceReport, called: Mapping[str, str], hub: Path, lang: str) -> None:
    """What a file holds that did not come with it now."""
    for path, changes, records in source.with_others:
        name = called.get(path, path)
        key, count = ("records", records) if records else ("changes", changes)
        click.echo(f"  {translate_n(f'cli.merge.with.{key}', count, lang, path=name)}")
    for number, undo in source.undone:
        click.echo(f"  {translate('cli.merge.undone', lang, number=number, hub=hub, undo=undo)}")


def tell_preview(hub: Path, found: Preview, lang: str) -> None:
    """The same of what a merge would bring."""
    names = Names(hub, lang, found.authors)
    called = shown(each.source for each in found.sources)
    click.echo(translate("cli.preview.head", lang))
    for each in found.sources:
        parts = [*counted(each.found.brought, lang), *expected(each.found, lang)]
        click.echo(line(called[each.source.path], each.source, each.found.brought, parts, names))
        tell_along(each.source, called, hub, lang)
    if len(found.sources) > 1:
        click.echo()
        new = sum(bool(each.source.taken) for each in found.sources)
        parts = [*counted(found.total.brought, lang), *expected(found.total, lang)]
        tell_sum(found.total.brought, parts, (new, len(found.sources)), names)
    for key, count in (
        ("cli.preview.conflicts", len(found.total.conflicts)),
        ("cli.preview.settled", len(found.total.settled)),
        ("cli.preview.missing", found.total.media.missing),
        ("cli.preview.removed", found.total.media.removed),
    ):
        if count:
            click.echo(translate_n(key, count, lang))
    for note in found.notes:
        click.echo(note.text(lang), err=True)
    tell_aside([each.source for each in found.sources], names)


def counted(came: Brought, lang: str) -> list[str]:
    """New records by form, other changes by kind, in words."""
    parts = []
    if came.records:
        forms = [f"{form_name(form, lang)} {count}" for form, count in came.records.most_common()]
        told = translate("cli.list.forms", lang).join(forms)
        parts.append(
            translate(
                plural("cli.came.records", came.records.total()), lang, n=came.records.total(), forms=told
            )
        )
    kinds: dict[str, int] = {}
    for kind, count in came.kinds.items():
        kinds[KINDS[kind]] = kinds.get(KINDS[kind], 0) + count
    return parts + [
        translate_n(f"cli.came.{kind}", kinds[kind], lang)
        for kind in dict.fromkeys(KINDS.values())
        if kind in kinds
    ]


def plural(key: str, n: int) -> str:
    """The key of a text with other placeholders beside its number."""
    return f"{key}.{'one' if n == 1 else 'other'}"


def expected(found: Found, lang: str) -> list[str]:
    """Documents, forms and lists by name, and media with their size, in words."""
    named = [document_name(each, lang) for each in found.documents]
    parts = [name for name in named if name]
    if quiet := len(named) - len(parts):
        parts.append(translate_n("cli.came.documents", quiet, lang))
    if found.media.new:
        told = translate_n("cli.count.media", found.media.new, lang)
        parts.append(translate("cli.came.size", lang, media=told, size=size_text(found.media.size)))
    return parts


def document_name(document: Named, lang: str) -> str:
    """A form version or an attached file as people call it; "" for other documents, which nobody calls by name."""
    if document.kind == "form":
        form = form_name(document.name, lang)
        return translate("cli.came.form", lang, form=form, version=document.version)
    if document.kind in ("list", "form-media"):
        return translate(f"cli.came.{document.kind}", lang, name=document.name)
    return ""


def shown(sources: Iterable[SourceReport]) -> dict[str, str]:
    """What each path is called in a list: its name, the path where two have the same."""
    paths = [source.path for source in sources]
    count = Counter(Path(path).name for path in paths)
    return {path: path if count[Path(path).name] > 1 else Path(path).name for path in paths}


def line(name: str, source: SourceReport, came: Brought, parts: Sequence[str], names: Names) -> str:
    """One file: whose it is, and what it brings."""
    who = names.of(came, source.replicas)
    path = translate("cli.merge.whose", names.lang, path=name, who=who) if who else name
    if source.problems and not parts and not source.already:
        return translate("cli.merge.aside", names.lang, path=path)
    if not parts:
        return translate("cli.merge.nothing", names.lang, path=path)
    return translate(
        "cli.merge.came", names.lang, path=path, what=translate("cli.list.comma", names.lang).join(parts)
    )


def tell_sum(total: Brought, parts: Sequence[str], files: tuple[int, int], names: Names) -> None:
    """All files together, and whose the new records are."""
    lang = names.lang
    what = translate("cli.list.comma", lang).join(parts) or translate("cli.came.nothing", lang)
    click.echo(translate("cli.merge.sum", lang, new=files[0], files=files[1], what=what))
    if total.recorded:
        told = [f"{names.person(author)} {count}" for author, count in total.recorded.most_common()]
        click.echo(translate("cli.merge.people", lang, people=translate("cli.list.and", lang).join(told)))


def tell_aside(sources: Sequence[SourceReport], names: Names) -> None:
    """What was set aside, problem by problem: of which file and whose, what is wrong, and what to do about it. Then
    what was taken all the same and wants attention."""
    aside = [source for source in sources if source.problems]
    if aside:
        click.echo(err=True)
        click.echo(translate_n("cli.merge.set_aside", len(aside), names.lang), err=True)
    for source in aside:
        for problem in source.problems:
            tell_problem(source, problem, names)
    for source in sources:
        for problem in source.notes:
            tell_problem(source, problem, names)


def tell_problem(source: SourceReport, problem: Problem, names: Names) -> None:
    """A problem in two lines: number, place and what is wrong; the remedy."""
    told = problem.as_dict(names.lang)
    places = [source.path]
    if problem.place and problem.place != source.path:
        places.append(place_of(problem.place, names))
    where = translate("cli.list.comma", names.lang).join(places)
    click.echo(f"  {sentence(problem.code, where, told['message'], '', names.lang)}", err=True)
    click.echo(f"    {translate('cli.merge.remedy', names.lang, remedy=told['remedy'])}", err=True)


def place_of(place: str, names: Names) -> str:
    """The place of a problem; beside a device or its change it says whose that is."""
    if not (CHANGE.fullmatch(place) or REPLICA.fullmatch(place)):
        return place
    who = names.device(place[:8])
    return who if place in who else f"{who} {place}"
