"""The record being filled in by a request: its draft, its form and the session that holds its answers.

The page of a record that nobody has posted yet carries its beginning (identifiers, the code on the card,
what the link filled in) signed in a hidden input, so that looking at a page writes nothing and still the
code that was read out is kept.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeSerializer

from forms import Form, Session
from sync import Replica

from .. import library
from ..accounts.people import Person
from ..app_db import transaction
from ..folding import answers_of
from ..problems import Problem
from ..records.access import record_for
from ..replica_access import app_connection, replica
from ..server_session import session_for
from . import begun, drafts, moved
from .drafts import Draft
from .posted import exists

SEED = "_state"
"""The hidden input with the signed beginning; or, once it is stored, the id of the draft."""


@dataclass
class Work:
    """`stored`: the draft stands in the table. `person` is None on the empty shell of a page."""

    draft: Draft
    form: Form
    session: Session
    person: Person | None
    stored: bool

    @property
    def village(self) -> str:
        """The village whose visit the address of a new record names, "" for none."""
        return "" if self.draft.record else begun.known(replica(), request.args.get("village", ""))

    @property
    def token(self) -> str:
        """The value of the hidden input."""
        if self.person is None:
            return ""
        seed = {"id": self.draft.id, "version": self.draft.form} if self.stored else asdict(self.current())
        return _signer().dumps(seed)

    def current(self) -> Draft:
        """The draft with the session's answers of now."""
        return self.draft.holding(self.session.answers(), self.session.reasons(), now())

    def keep(self) -> None:
        """Writes the draft."""
        self.draft = replace(self.current(), person=self.person.id if self.person else "")
        drafts.put(app_connection(), self.draft)
        begun.note(app_connection(), self.draft.id, self.village)
        self.stored = True


def now() -> str:
    """The moment, ISO 8601 with offset."""
    return datetime.now(UTC).astimezone().isoformat(timespec="seconds")


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="fill")


def begin(source: Replica, form_id: str, person: Person | None, lang: str) -> Work:
    """A new record of the current version of a form, with what the address fills in. Raises Problem
    HW-3605, HW-3606."""
    entry = library.current_form(source, form_id)
    session = session_for(source, entry.form, person, lang)
    _prefill(session, prefill_of(request.args))
    return Work(Draft(form=entry.version_id, created=now()), entry.form, session, person, stored=False)


def begin_edit(source: Replica, record: str, person: Person, lang: str) -> Work:
    """An edit of a record as it is now. The heads seen now are the parents of the change. Raises Problem
    HW-3012."""
    state = record_for(source, person, record)
    form = library.form_for(source, state.form)
    session = session_for(source, form, person, lang, answers_of(form, state), state.reasons)
    draft = Draft(
        form=state.form,
        created=now(),
        record=state.record,
        parents=tuple(state.heads),
        base_answers=dict(state.answers),
        base_reasons=dict(state.reasons),
    )
    return Work(draft, form, session, person, stored=False)


def resume(source: Replica, draft_id: str, person: Person, lang: str) -> Work:
    """A kept draft, in the newest version of its form. Raises Problem HW-3604 when it is not there or is somebody
    else's."""
    with transaction(app_connection()):
        draft = drafts.get(app_connection(), draft_id, person.id)
        if draft is None:
            raise Problem("HW-3604", draft_id)
        draft = moved.move(source, draft, person, now())
    return _of_draft(source, draft, person, lang, stored=True)


def posted(source: Replica, person: Person, lang: str) -> Work | None:
    """What the posted page was about: from the table, else from its signed beginning; None when it carries
    neither. A page of another version than the draft is in by now (another window opened it) is taken in its own."""
    try:
        seed: dict[str, Any] = _signer().loads(request.form.get(SEED, ""))
    except BadSignature:
        return None
    draft = drafts.get(app_connection(), seed["id"], person.id)
    if draft is not None:
        version = seed.get("version") or seed.get("form") or draft.form
        draft = moved.into(source, draft, version, person, now())
        return _of_draft(source, draft, person, lang, stored=True)
    if "form" not in seed:
        raise Problem("HW-3604", seed["id"])
    return _of_draft(source, Draft(**{**seed, "parents": tuple(seed["parents"])}), person, lang, stored=False)


def _of_draft(source: Replica, draft: Draft, person: Person, lang: str, *, stored: bool) -> Work:
    form = library.form_for(source, draft.form)
    session = session_for(source, form, person, lang, draft.answers, draft.reasons)
    return Work(draft, form, session, person, stored)


def prefill_of(args: Mapping[str, str]) -> dict[str, str]:
    """What an address fills in: `?prefill={"/data/x":"y"}`, or `?/data/x=y` for each path. Raises Problem
    HW-3606."""
    found = {name: value for name, value in args.items() if name.startswith("/")}
    text = args.get("prefill", "")
    if not text:
        return found
    try:
        given = json.loads(text)
    except ValueError as error:
        raise Problem("HW-3606", "prefill") from error
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise Problem("HW-3606", "prefill")
    return found | given


def _prefill(session: Session, values: Mapping[str, str]) -> None:
    """Answers what is known, in the order of the form. A path that the form does not have is left out: the
    link may be of another version of it, and nothing that a person said is lost."""
    order = session.form.by_path
    for path in sorted((path for path in values if path in order), key=order.__getitem__):
        if session.form.node(path).kind == "question" and exists(session, path):
            session.answer(path, values[path])
