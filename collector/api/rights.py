"""What a device may bring and is given, by the people who enrolled on it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from flask import request

from sync import Document, SyncError, keys, protocol
from sync.branch import FORK_KIND, read_fork_document
from sync.change import CONTENT, Header
from sync.interest import ANY, Interest
from sync.problems import AUTHOR_REFUSED, KIND_REFUSED, RECORD_REFUSED, REPORTED_LOST, UNKNOWN_RECORD
from sync.problems import Problem as SyncProblem
from sync.replica import documents
from sync.transfer.hello import Caller
from sync.transfer.take import EVERYTHING, Rules

from ..accounts import of_hub
from ..accounts.people import Person, by_id
from ..accounts.visible import visible
from ..problems import Problem
from ..replica_access import app_connection, replica
from . import devices
from .devices import Device

OFFERS = frozenset({keys.KEY_KIND, FORK_KIND})
"""Documents that an enumerator's device brings: keys, and what says that a branch of its own log has a name of its own.
Forms and lists are the hub's to say."""


def sender(device: Device) -> Person:
    """Who holds the token. Raises `Problem` HW-3403 when there is no such account any more."""
    person = by_id(app_connection(), device.person)
    if person is None:
        raise Problem("HW-3403", request.path)
    return person


def on_device(device: Device) -> list[Person]:
    """Who else may be given their own on it: those who hold a token for it."""
    if device.standing == devices.LOST:
        return []
    found = [by_id(app_connection(), each) for each in devices.holders_of(app_connection(), device.replica)]
    return [person for person in found if person is not None]


def people_on(device: Device) -> list[dict[str, Any]]:
    """The same as JSON, so that a laptop's accounts follow the hub's."""
    return [of_hub.as_dict(person) for person in on_device(device)]


def field_workers(device: Device, person: Person) -> list[Person]:
    """Those whose work the sender is given: a supervisor's own alone, else every enumerator's on the device."""
    if person.supervises:
        return [person]
    return [each for each in on_device(device) if not each.supervises]


def interest_of(device: Device) -> Interest | None:
    """What a device is given: everything for a supervisor without an area, the villages of one who has some; for
    enumerators their own records, and news of their villages that carries no answers."""
    if device.standing == devices.LOST:
        return Interest(frozenset(), frozenset(), frozenset())
    person = sender(device)
    if person.supervises and not person.villages:
        return None
    workers = field_workers(device, person)
    own = {f"p:{each.id}" for each in workers}
    near = {f"v:{code}" for each in workers for code in each.villages or (ANY,)}
    lost = {f"v:{code}" for each in workers for code in each.former} - near
    if f"v:{ANY}" in near:
        lost = set()
    if person.supervises:
        return Interest(frozenset(own | near), frozenset(near), frozenset(lost))
    own |= {
        f"p:{author}"
        for name in devices.names_of(app_connection(), device.replica)
        for author in devices.own_authors(app_connection(), name)
    }
    return Interest(frozenset(own), frozenset(near), frozenset(lost))


def caller(device: Device) -> Caller:
    """The device as `hello` knows it."""
    if sender(device).supervises and device.standing != devices.LOST:
        return Caller(interest_of(device))
    # What it says of logs that are not its own proves nothing: it is given none of them whole.
    own = frozenset(devices.names_of(app_connection(), device.replica)) - set(replica().own_names())
    return Caller(interest_of(device), OFFERS, unsigned=False, evidence=own.__contains__, shown=_has_key)


def _has_key(name: str) -> bool:
    """Whether an enumerator's laptop learns the digest of a log: not of one without a key. It could not bring more of
    that, and whoever shows that digest may enrol as its store."""
    return documents.public_key(replica().db, name) is not None


def rules(device: Device) -> Rules:
    """What it may push. A supervisor is believed as with a file; from an enumerator's come the own log, and logs that
    their makers signed, with nothing in them but what an enumerator may do. From one that was reported lost the same,
    set aside."""
    lost = device.standing == devices.LOST
    if sender(device).supervises and not lost:
        return EVERYTHING
    return Rules(
        aside=SyncProblem(REPORTED_LOST, device.replica) if lost else None,
        offers=OFFERS,
        unsigned=False,
        judge=_judge(device),
        excerpts=False,
        accepts=lambda document: _accepts(device, document),
    )


def _accepts(device: Device, document: Document) -> bool:
    """A key for its own name, or for one that nobody has yet: else one device could lock another out of its name. Of
    branches those of its own log."""
    try:
        if (
            document.kind == FORK_KIND
        ):  # by any name: that of another's branch is computed, and could be enrolled
            names = devices.names_of(app_connection(), device.replica)
            return read_fork_document(document.data).replica in names
        return document.name == device.replica or protocol.is_free(
            replica(), document.name, keys.read_key_document(document.data)[1]
        )
    except (SyncError, ValueError):
        return False


def _judge(device: Device) -> Callable[[Header], SyncProblem | None]:
    connection, allowed = app_connection(), may(device)

    @cache
    def authors(name: str) -> frozenset[str]:
        return frozenset(devices.authors_of(connection, name))

    def judge(header: Header) -> SyncProblem | None:
        if header.kind not in CONTENT:
            return SyncProblem(KIND_REFUSED, header.name, {"kind": header.kind})
        known = authors(header.replica) or authors(device.replica)
        # A phone that joined the laptop may have people who are nobody's here; nobody else speaks for those who are.
        stranger = not authors(header.replica) and by_id(connection, header.author) is None
        if header.author not in known and not (stranger and header.replica != device.replica):
            return SyncProblem(AUTHOR_REFUSED, header.name)
        if not header.record.startswith(f"{header.replica}-") and not allowed(header):
            return SyncProblem(RECORD_REFUSED, header.name, {"record": header.record})
        return None

    return judge


def may(device: Device) -> protocol.May:
    """Who may change a record of another device: whoever may see it. One that is not here yet is nobody's: a
    change that came before it could make it its author's to read. What a supervisor sends is taken."""
    connection = app_connection()
    person = by_id(connection, device.person)

    def allowed(header: Header) -> bool:
        if person is not None and person.supervises and device.standing != devices.LOST:
            return True
        author = by_id(connection, header.author)
        try:
            state = replica().state(header.record)
        except SyncError as error:
            if error.problem.code != UNKNOWN_RECORD:
                raise
            return False
        return author is not None and visible(author, state)

    return allowed
