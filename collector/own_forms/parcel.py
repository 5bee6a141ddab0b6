"""What a team brings in one go, forms and the files that they attach: checked against a replica, then added to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from forms import Finding, Form, MemoryLists, Report, check_form
from forms.attached import AttachedFile, memory_lists
from forms.check import Place, compared
from forms.check.attached import attached_by, check_attached, check_file, check_rows_of, check_unused
from forms.check.finding import in_order
from forms.check.media import check_media
from sync import Replica

from .. import form_media, library
from ..library import LIST_KIND, FormEntry
from ..lists import ListDocument, by_stem, file_of, readable
from ..records.form_uses import uses_of
from . import media, rules
from .file import File, Offer
from .media import MediaOffer


@dataclass(frozen=True)
class FormOffer:
    """A form that is to be added. `before` is the current version here, `records` how many there are of the form, in
    whatever version; `fetched` are the bytes of pictures, sound and video that it shows; `known` says that just this
    version is the current one already."""

    report: Report
    before: FormEntry | None = None
    records: int = 0
    fetched: int = 0

    @property
    def form(self) -> Form | None:
        """The form, None where its file is none."""
        return self.report.form

    @property
    def known(self) -> bool:
        """Nothing would change."""
        form = self.report.form
        return form is not None and self.before is not None and self.before.version_id == form.id


@dataclass(frozen=True)
class ListOffer(Offer):
    """An attached file that is to be added, as it was given. `before` counts the rows of the list of this name here: 0
    of a tree and of what cannot be read, None without one."""

    attached: AttachedFile | None
    before: int | None = None
    known: bool = False

    @property
    def stored(self) -> str:
        """The name that it has in the replica: its own, with the ending in small letters."""
        if self.attached is None:
            raise ValueError(f"{self.filename} cannot be read")
        return self.attached.name + self.attached.kind


@dataclass(frozen=True)
class Parcel:
    """Forms and what they attach, each with what is wrong with it."""

    forms: tuple[FormOffer, ...]
    lists: tuple[ListOffer, ...]
    media: tuple[MediaOffer, ...] = ()

    @property
    def attached(self) -> tuple[ListOffer | MediaOffer, ...]:
        """What the forms attach."""
        return (*self.lists, *self.media)

    @property
    def findings(self) -> list[tuple[str, Finding]]:
        """(file, finding) of everything, files in the order in which they were given."""
        found = [(offer.report.filename, each) for offer in self.forms for each in offer.report.findings]
        return found + [(offer.filename, each) for offer in self.attached for each in offer.findings]

    @property
    def errors(self) -> int:
        """How many errors there are."""
        return sum(finding.severity == "error" for _, finding in self.findings)

    @property
    def warnings(self) -> int:
        """How many warnings there are."""
        return len(self.findings) - self.errors

    @property
    def ok(self) -> bool:
        """Whether all of it can be added."""
        return not self.errors and all(offer.form is not None for offer in self.forms)

    @property
    def known(self) -> bool:
        """Whether all of it is here already."""
        return all(offer.known for offer in (*self.forms, *self.attached))

    @property
    def base(self) -> str:
        """What it was compared with, as text: another one says that the forms here have changed meanwhile."""
        return " ".join(offer.before.version_id if offer.before else "-" for offer in self.forms)


def examine(replica: Replica, forms: Sequence[File], attached: Sequence[File] = ()) -> Parcel:
    """Checks what is brought, against what the replica has: forms, and the files that they attach, which are told apart
    by the endings of their names. Writes nothing, and raises nothing for what is wrong with a file."""
    current = library.current_forms(replica)
    read = [_list(file) for file in attached if not media.is_media(file.name)]
    reports = [check_form(file.data, file.name) for file in forms]
    new = {report.form.form_id: report.form for report in reports if report.form is not None}
    others = [entry.form for form_id, entry in current.items() if form_id not in new]
    here = by_stem(replica.documents(LIST_KIND))
    broken = {offer.filename for offer in read if offer.attached is None}
    brought = {offer.attached.name: offer.attached for offer in read if offer.attached is not None}
    files = _Files(replica, here, brought, new.values())
    shown_here = form_media.shown_here(replica)
    offers_media = [
        media.offer(file, list(new.values()), others, shown_here)
        for file in attached
        if media.is_media(file.name)
    ]
    shown = {name: found.size for name, found in shown_here.items()}
    shown |= {each.stored: each.size for each in offers_media}
    counts = Counter[str]()
    for version, count in replica.records_by_form().items():
        counts[replica.form_id(version)] += count
    offers = [
        _form_offer(
            replica, report, current, files, broken, counts[report.form.form_id] if report.form else 0
        )
        for report in reports
    ]
    offers = [_with_media(each, shown) for each in offers]
    read_offers = [_list_offer(each, list(new.values()), others, here) for each in read]
    return _with_doubles(offers, read_offers, offers_media)


def add(replica: Replica, parcel: Parcel) -> None:
    """Puts what is new of a parcel without errors into the replica: files before the forms that name them, all or
    nothing."""
    if not parcel.ok:
        raise ValueError("a parcel with errors cannot be added")
    with replica.transaction():
        for offer in parcel.lists:
            if offer.attached is not None and not offer.known:
                replica.put_document(LIST_KIND, offer.stored, offer.file.data)
        for shown in parcel.media:
            if not shown.known:
                replica.put_document(form_media.MEDIA_KIND, shown.stored, shown.file.data)
        for each in parcel.forms:
            if each.form is not None and not each.known:
                library.put_form(replica, each.form)


class _Files:
    """Attached files by name: of one that was brought, else of one that is here; lists that are made of records have
    columns alone."""

    def __init__(
        self,
        replica: Replica,
        here: Mapping[str, ListDocument],
        brought: Mapping[str, AttachedFile],
        new: Iterable[Form],
    ) -> None:
        self.here, self.brought = here, brought
        known = {form_id: entry.form for form_id, entry in library.current_forms(replica).items()}
        self.forms = [*known.values(), *new]

    def columns(self, name: str) -> tuple[str, ...] | None:
        """The columns of a list; None where nobody has it."""
        made = [form.entity for form in self.forms if form.entity is not None and form.entity.list == name]
        entity = (
            sorted({"name", "label", *(column for each in made for column in each.save_to)}) if made else []
        )
        file = self.file(name)
        if file is not None:
            return (*file.columns, *entity)
        return tuple(entity) if made else None

    def file(self, name: str) -> AttachedFile | None:
        """The file as it will be here; None for one that cannot be read, which is as good as missing."""
        if name in self.brought:
            return self.brought[name]
        document = self.here.get(name)
        return file_of(document).attached if document is not None and readable(document) else None

    def lists(self, form: Form) -> MemoryLists:
        """What a form reads of them."""
        found = (self.file(wanted.name) for wanted in attached_by(form))
        return memory_lists(file for file in found if file is not None)


def _list(file: File) -> ListOffer:
    attached, found = check_file(file.data, file.name)
    if not rules.ATTACHED_NAME.fullmatch(file.name):
        wrong = rules.HubFinding("HW-3451", Place(file.name), {"name": file.name})
        return ListOffer(file, (wrong,), None)
    return ListOffer(file, in_order(found), attached)


def _form_offer(
    replica: Replica,
    report: Report,
    current: Mapping[str, FormEntry],
    files: _Files,
    broken: set[str],
    records: int,
) -> FormOffer:
    form = report.form
    if form is None:
        return FormOffer(report)
    before = current.get(form.form_id)
    if before is not None:
        report = compared(report, before.form, uses_of(replica, before.form) if records else None)
    attached = [
        each
        for each in check_attached(form, files.columns, report.places)
        if not (each.code == "HW-1457" and each.params["name"] in broken)
    ]
    found = [*attached, *rules.of_name(form), *rules.of_version(form, before)]
    if report.ok:
        found += rules.of_use(replica, form, current, files.lists(form))
    return FormOffer(report.beside(found), before, records)


def _with_media(offer: FormOffer, sizes: Mapping[str, int]) -> FormOffer:
    """The offer with what is to be said of what its form shows. `sizes` (bytes) of all that will be here, by name."""
    form = offer.form
    if form is None:
        return offer
    found = [*check_media(form, sizes, offer.report.places), *media.of_size(form, sizes)]
    return replace(offer, report=offer.report.beside(found), fetched=media.fetched(form, sizes))


def _list_offer(
    offer: ListOffer, new: list[Form], others: list[Form], here: Mapping[str, ListDocument]
) -> ListOffer:
    """The offer with what forms say of it, and with what it would replace."""
    attached = offer.attached
    if attached is None:
        return offer
    before = here.get(attached.name)
    known = before is not None and (before.name, before.data) == (offer.stored, offer.file.data)
    found = [*offer.findings, *check_unused(attached, new), *rules.of_places(attached)]
    for form in new:
        found += check_rows_of(form, attached)
    if not known:
        found += rules.of_others(attached, others)
    rows = None
    if before is not None:
        rows = len(file_of(before).table) if readable(before) else 0
    return replace(offer, findings=in_order(found), before=rows, known=known)


def _with_doubles(forms: list[FormOffer], lists: list[ListOffer], shown: list[MediaOffer]) -> Parcel:
    """The parcel; of two files that bring the same the second is told."""
    ids = [(offer.report.filename, offer.form.form_id if offer.form else "") for offer in forms]
    names = [(offer.filename, offer.attached.name if offer.attached else "") for offer in lists]
    for number, found in _doubled(ids):
        forms[number] = replace(forms[number], report=forms[number].report.beside([found]))
    for number, found in _doubled(names):
        lists[number] = replace(lists[number], findings=in_order([*lists[number].findings, found]))
    for number, found in _doubled([(offer.filename, offer.stored) for offer in shown]):
        shown[number] = replace(shown[number], findings=in_order([*shown[number].findings, found]))
    return Parcel(tuple(forms), tuple(lists), tuple(shown))


def _doubled(names: Sequence[tuple[str, str]]) -> list[tuple[int, Finding]]:
    """Place and finding of each (file, what it brings) that brings what one before it does."""
    found: list[tuple[int, Finding]] = []
    for number, (_, name) in enumerate(names):
        earlier = [other for other, same in names[:number] if name and same.lower() == name.lower()]
        if earlier:
            params = {"name": name, "other": earlier[0]}
            found.append((number, rules.HubFinding("HW-3456", Place(), params)))
    return found
