"""Pictures, sound and video that come with forms: what each is, what it would replace, how much phones fetch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from forms import Finding, Form
from forms.attached import MEDIA, ending_of, media_name
from forms.check import Place
from forms.check.finding import in_order
from forms.check.media import check_media_file, check_media_unused
from forms.shown import names_shown
from sync.canonical import short_id
from sync.replica.documents import Glimpse

from . import rules
from .file import File, Offer

LARGEST_OF_FORM = 30_000_000
"""Bytes of all that one form shows: a phone takes all of it or none of the new version."""


@dataclass(frozen=True)
class MediaOffer(Offer):
    """A picture, sound or video that is to be added. `sort` is `image`, `audio` or `video`, "" where it cannot be
    shown; `before` says that there is a file of this name here."""

    sort: str = ""
    before: bool = False
    known: bool = False

    @property
    def stored(self) -> str:
        """The name that it has in the replica, by which forms name it."""
        return media_name(self.file.name)

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.file.data)


def is_media(filename: str) -> bool:
    """Whether a file is one of these and no list, by its name."""
    return ending_of(filename) in MEDIA


def offer(file: File, new: list[Form], others: list[Form], here: Mapping[str, Glimpse]) -> MediaOffer:
    """A file with what is wrong with it, with what forms say of it, and with what it would replace."""
    kind, found = check_media_file(file.data, file.name)
    name = media_name(file.name)
    if not rules.ATTACHED_NAME.fullmatch(name):
        found = [rules.HubFinding("HW-3451", Place(file.name), {"name": file.name})]
    before = here.get(name)
    known = before is not None and before.id == short_id(file.data)
    found += check_media_unused(file.name, new)
    if before is not None and not known:
        found += of_others(name, others)
    return MediaOffer(file, in_order(found), kind.sort if kind else "", before is not None, known)


def of_others(name: str, others: list[Form]) -> Iterator[Finding]:
    """HW-3471 where other forms show what a file would replace."""
    users = [form.form_id for form in others if name in names_shown(form)]
    if users:
        yield rules.HubFinding("HW-3471", Place(name), {"name": name, "forms": ", ".join(users)})


def of_size(form: Form, sizes: Mapping[str, int]) -> Iterator[Finding]:
    """HW-3472: more than a phone should fetch for one form."""
    total = fetched(form, sizes)
    if total > LARGEST_OF_FORM:
        params = {"megabytes": f"{total / 1e6:.1f}", "limit": str(LARGEST_OF_FORM // 1_000_000)}
        yield rules.HubFinding("HW-3472", Place(), params)


def fetched(form: Form, sizes: Mapping[str, int]) -> int:
    """Bytes that a phone fetches to show what a form shows. `sizes` by name of file."""
    return sum(sizes.get(name, 0) for name in names_shown(form))
