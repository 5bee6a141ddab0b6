"""The Flask-WTF form of a record: one field a question, made from what a `Session` shows.

A field's name is the flat path of its question. A field turns what a browser posts into the XForms lexical
text that is the answer; whether that answer is right is the session's affair, so no validator stands here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from flask_wtf import FlaskForm
from werkzeug.datastructures import FileStorage, MultiDict
from wtforms import Field

from forms import SystemContext
from forms.xpath.dates import zone_of

LONGEST = 20_000
"""Characters of one answer; what is longer is cut nowhere but refused at the question (HW-3602)."""

_TO_THE_MINUTE = re.compile(r"\d{4,}-\d\d-\d\dT\d\d:\d\d")

TICKED = "_ticked"
"""A hidden input of this name beside each checkbox question: an unticked box posts nothing at all."""


Posted = MultiDict[str, Any] | None


class AnswerField(Field):  # type: ignore[misc] # WTForms publishes no types
    """Text of one line or more. A question that was not on the page that was posted keeps its answer."""

    def process(
        self, formdata: MultiDict[str, Any] | None, data: Any = None, extra_filters: Any = None
    ) -> None:
        on_page = formdata is not None and (self.name in formdata or self.name in formdata.getlist(TICKED))
        super().process(formdata if on_page else None, data, extra_filters)

    def process_formdata(self, valuelist: list[str | FileStorage]) -> None:
        posted = [text for text in valuelist if isinstance(text, str)]  # a file is no answer to this question
        if posted:
            self.data = self.lexical(posted)

    def lexical(self, posted: list[str]) -> str:
        """The answer of what was posted. Line ends as the browser's DOM has them, so that both roads give
        one text."""
        return clean(posted[-1])


class NumberField(AnswerField):
    """A whole or decimal number. Full-width digits, which a Chinese keyboard types, are digits."""

    def lexical(self, posted: list[str]) -> str:
        return unicodedata.normalize("NFKC", clean(posted[-1])).strip().replace("−", "-")


class MultipleField(AnswerField):
    """Several choices: the answer has them in the order of the list, whatever the order of the taps."""

    def process_formdata(self, valuelist: list[str | FileStorage]) -> None:
        self.data = " ".join(dict.fromkeys(text for text in valuelist if text and isinstance(text, str)))


class RankField(AnswerField):
    """Choices by place: each is posted as `place:choice`, place 0 for none. Without any place there is no
    answer; else choices without one follow in the order of the list."""

    def lexical(self, posted: list[str]) -> str:
        ranked = []
        for index, text in enumerate(posted):
            place, _, choice = text.partition(":")
            ranked.append((int(place) if place.isascii() and place.isdigit() else 0, index, choice))
        if not any(place for place, _, _ in ranked):
            return ""
        return " ".join(
            choice for place, index, choice in sorted(ranked, key=lambda r: (r[0] or len(ranked) + 1, r[1]))
        )


class GeopointField(AnswerField):
    """A position typed by hand (`35.49, 112.85`) or taken by the phone: latitude, longitude, altitude,
    accuracy."""

    def lexical(self, posted: list[str]) -> str:
        text = unicodedata.normalize("NFKC", clean(posted[-1])).strip()
        parts = [part for part in re.split(r"[\s,;]+", text) if part]
        if len(parts) == 2:  # a hand-typed position has neither height nor accuracy
            parts += ["0", "0"]
        return " ".join(parts)


class MomentField(AnswerField):
    """A date and time, on the clock of the place where it is given; or a time of day. What stands as it was shown is
    the answer that was there, to the millisecond."""

    shown = 16

    def lexical(self, posted: list[str]) -> str:
        text = clean(posted[-1])
        held = self.object_data or ""
        if text == held[: self.shown]:
            return held
        return self.complete(text)

    def complete(self, text: str) -> str:
        """With seconds and the zone of here, where that is all that is missing."""
        if not _TO_THE_MINUTE.fullmatch(text):
            return text
        return f"{text}:00.000{zone_of(SystemContext().now())}"


class TimeField(MomentField):
    """A time of day."""

    shown = 5

    def complete(self, text: str) -> str:
        return text


class UploadField(Field):  # type: ignore[misc] # WTForms publishes no types
    """A photo, sound or file. `data` is the upload, or None when none was chosen: the old answer then
    stays."""

    data: FileStorage | None

    def process_formdata(self, valuelist: list[Any]) -> None:
        files = [one for one in valuelist if isinstance(one, FileStorage) and one.filename]
        self.data = files[-1] if files else None


FIELDS: Mapping[str, type[Field]] = {
    "text": AnswerField,
    "area": AnswerField,
    "int": NumberField,
    "decimal": NumberField,
    "range": NumberField,
    "date": AnswerField,
    "time": TimeField,
    "datetime": MomentField,
    "radio": AnswerField,
    "select": AnswerField,
    "checks": MultipleField,
    "rank": RankField,
    "geopoint": GeopointField,
    "trigger": MultipleField,
    "upload": UploadField,
}
"""The field of each shape of question (see `outline.Item.shape`)."""


class RecordForm(FlaskForm):  # type: ignore[misc] # Flask-WTF publishes no types
    """A record as a form: made by `record_form`; carries the CSRF token."""


def record_form(
    questions: Iterable[tuple[str, str]], answers: Mapping[str, str], posted: MultiDict[str, Any] | None
) -> RecordForm:
    """A bound form with one field for each (flat path, shape); `posted` holds texts and files.

    Every record has its own paths (repeats), so each has a form class of its own.
    """
    shapes = dict(questions)
    form_class = type("FilledForm", (RecordForm,), {path: FIELDS[shape]() for path, shape in shapes.items()})
    held = {path: None if shape == "upload" else answers.get(path, "") for path, shape in shapes.items()}
    form: RecordForm = form_class(formdata=posted, data=held)
    return form


def clean(text: str) -> str:
    """Posted text with one kind of line end and without NUL, which no text in SQLite or XML may hold."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
