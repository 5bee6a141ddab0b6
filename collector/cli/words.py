"""What commands call things in lists: forms, records, questions, devices; and columns that hold Chinese."""

from __future__ import annotations

from unicodedata import east_asian_width

from sync import RecordState, Replica

from ..i18n import has_text, translate


def form_name(form_id: str, lang: str) -> str:
    """The short name of a form; one of somebody else's is called by its id."""
    key = f"js.form.{form_id}"
    return translate(key, lang) if has_text(key) else form_id


def record_name(state: RecordState, lang: str) -> str:
    """The form of a record and its title, where it has one."""
    from ..records.titles import title  # here and below, so that small commands do not load forms

    called, form = title(state.form_id, state.answers, lang), form_name(state.form_id or state.form, lang)
    return translate("cli.words.record", lang, form=form, title=called) if called else form


def questions(replica: Replica, state: RecordState, paths: list[str], lang: str) -> str:
    """Questions of a record by their labels, as its form asks them."""
    from ..records.explaining import Vocabulary

    words = Vocabulary.of(replica, state, lang)
    labels = [words.label(path) for path in sorted(paths, key=words.order)]
    return translate("cli.list.items", lang).join(labels)


def padded(text: str, columns: int) -> str:
    """A text filled up with blanks to so many columns of a terminal, in which a Chinese character takes two."""
    return text + " " * (columns - sum(2 if east_asian_width(each) in "WF" else 1 for each in text))
