"""Attached files that lie beside a form: whether they can be read. One that does not lie there may be elsewhere."""

from __future__ import annotations

from pathlib import Path

from forms.attached.media import MEDIA, ending_of
from forms.check.attached import attached_by, check_file
from forms.check.finding import Finding, Findings, Place
from forms.check.media import check_media_file
from forms.model import Form
from forms.sheets.bounds import LARGEST
from forms.shown import names_shown


def check_beside(form: Form, folder: Path) -> Findings:
    """What is wrong with the files that the form attaches or shows and that are in the folder."""
    lists = [wanted.filename for wanted in attached_by(form)]
    media = [name for name in sorted(names_shown(form)) if ending_of(name) in MEDIA]
    for filename in [*lists, *media]:
        path = folder / filename
        if path.parent != folder:
            continue
        try:
            if not path.is_file():
                continue
            with path.open("rb") as opened:
                data = opened.read(LARGEST + 1)  # no further than to where it is too large
        except OSError as error:
            yield Finding("HW-1001", Place(filename), {"reason": error.strerror or str(error)})
        else:
            yield from (check_media_file if filename in media else check_file)(data, filename)[1]
