"""Makes a record of a draft, exactly once, although draft and record lie in two files.

The draft is marked first (`saving`), then the change is written to the replica, then the draft learns its
change. A crash between the last two leaves the mark: whoever finalises next looks for the record by its
instanceID before writing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from forms import Session
from forms.carry import kept
from sync import Replica

from ..accounts.people import Person
from ..app_db import transaction
from ..visit.roster import place_of
from . import begun, drafts
from .drafts import Draft

INSTANCE_ID = "/meta/instanceID"


def finalise(
    target: Replica, connection: sqlite3.Connection, draft: Draft, session: Session, person: Person, at: str
) -> tuple[str, bool]:
    """Saves the session's record as this person; returns its name and whether it is new (False: it was
    saved before).

    The session has no problems left. `draft` stands in the table already.
    """
    with transaction(connection):
        tried_before = bool((drafts.get(connection, draft.id, person.id) or draft).saving)
        drafts.begin_saving(connection, draft.id, at)
    # The write lock of the app database is held while the record is written: a second tap on the button
    # waits here.
    with transaction(connection):
        held = drafts.get(connection, draft.id, person.id)
        if held is not None and held.saved_as:
            return draft.record or held.saved_as, False
        answers, reasons = whole(session, draft)
        earlier = _saved_earlier(target, session, draft, answers) if tried_before else None
        change = earlier or target.save(
            record=draft.record or None,
            form=draft.form,
            answers=answers,
            reasons=reasons,
            author=person.id,
            scopes=scopes_of(target, draft, answers, person, begun.village_of(connection, draft.id)),
            parents=list(draft.parents) if draft.record else None,
        )
        drafts.saved(connection, draft.id, change)
    return draft.record or change, earlier is None


def whole(session: Session, draft: Draft) -> tuple[dict[str, str], dict[str, str]]:
    """Answers and reasons of the record: also those that this version of the form has no place for."""
    answers, reasons = session.finalise()
    beside, why = kept(session, draft.left)
    return session.extra() | beside | answers, why | reasons


def scopes_of(
    target: Replica, draft: Draft, answers: Mapping[str, str], person: Person, begun_in: str = ""
) -> tuple[str, ...]:
    """The tags of the change: the village that the answers give, else the one it was begun in; the person's own for a
    new record, those of the record for an edit (who corrects a record does not take it away from whoever made it)."""
    if not draft.record:
        return person.scopes(place_of(answers) or begun_in)
    village = place_of(answers)
    kept = {scope for scope in target.state(draft.record).scopes if not (village and scope.startswith("v:"))}
    return tuple(sorted(kept | ({f"v:{village}"} if village else set())))


def _saved_earlier(target: Replica, session: Session, draft: Draft, answers: Mapping[str, str]) -> str | None:
    path = session.form.root + INSTANCE_ID
    wanted = answers.get(path, "")
    if draft.record:
        # An edit: it is there when a head of the record is a change of ours that the editor had not seen yet.
        state = target.state(draft.record)
        new = set(state.heads) - set(draft.parents)
        same = state.answers == dict(answers) and len(new) == 1
        return new.pop() if same else None
    if not wanted:
        return None
    for state in target.states(form_id=session.form.form_id):
        if state.answers.get(path) == wanted:
            return state.record
    return None
