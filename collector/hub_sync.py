"""Syncing a database of this computer with a hub: enrolment, tokens, accounts and drafts around
`sync.transfer.client`."""

from __future__ import annotations

import sqlite3
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sync import Replica, SyncError, keys
from sync.change import read_header
from sync.names import NUMBER_BITS, replica_number
from sync.problems import NOT_HOMEWARD, UNREACHABLE
from sync.replica import documents, log
from sync.transfer import client
from sync.transfer.hello import check_protocol
from sync.transfer.lines import PROTOCOL
from sync.transfer.over_http import Http, is_loopback
from sync.transfer.report import SyncReport
from sync.transfer.session import Progress
from sync.transfer.transport import Refused, Unreachable

from . import hubs
from .accounts import of_hub
from .accounts.people import Person
from .hubs import Access
from .own_keys import to_hand_over
from .problems import Problem
from .tables import Tables
from .tables.store import path_for

NOT_ENROLLED = "HW-3403"
NO_PAGE = "HW-3001"
SHOW_DIGEST = "HW-3413"
NAMES = 3  # that a replica may have in one sync: its own, and one that it gets as a copy is found


def address(url: str, *, insecure: bool = False) -> str:
    """The address of a hub as it is kept. Raises `Problem` HW-3418 for none, HW-3411 for one over which everybody on
    the way could read along, unless that is wanted."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise Problem("HW-3418", url)
    if parts.scheme == "http" and not insecure and not is_loopback(url):
        raise Problem("HW-3411", url)
    return url.rstrip("/")


def road(url: str, token: str = "", *, ca: Path | None = None, lang: str = "en") -> Http:
    """The road to a hub. Raises `Problem` HW-3417 for certificates that cannot be read."""
    try:
        return Http(url, token, ca=ca, lang=lang)
    except (ssl.SSLError, OSError) as error:
        raise Problem("HW-3417", str(ca), reason=getattr(error, "strerror", "") or error) from error


def access_to(
    replica: Replica,
    connection: sqlite3.Connection,
    url: str,
    username: str = "",
    *,
    ca: Path | None = None,
    lang: str = "en",
) -> Access | None:
    """How the replica speaks to a hub for somebody (or for whoever did last); None when it was never enrolled there.
    Under a new name it enrols itself, with the token that it has under the old one."""
    name, *former = replica.own_names()
    found = hubs.find(connection, url, name, username)
    if found is not None:
        return found
    for before in reversed(former):
        old = hubs.find(connection, url, before, username)
        if old is not None:
            with road(url, old.token, ca=ca, lang=lang) as way, _told_apart(connection, old):
                return enrol(replica, connection, way, old.username, former=before)
    return None


def enrol(
    replica: Replica,
    connection: sqlite3.Connection,
    way: Http,
    username: str,
    password: str | None = None,
    former: str = "",
) -> Access:
    """Enrols a replica at the hub at the end of `way` for a person, keeps the token, and makes the person known here
    when an enumerator. Without a password `way` carries the token of the `former` name."""
    key = to_hand_over(connection, replica)
    number = replica_number(replica.name)
    tip = log.tip(replica.db, number)
    request = {
        "protocol": PROTOCOL,
        **({} if password is None else {"username": username, "password": password}),
        "replica": replica.name,
        "spki": keys.public_text(key),
        "signature": keys.sign(key, keys.enrol_text(replica.name, former if password is None else username)),
        "number": str(tip.number),
        "digest": tip.digest,
        "authors": _authors(replica, number),
    }
    try:
        answer = _ask(way, request)
    except Refused as refused:
        name, _, at = refused.problem.place.rpartition("-")
        if refused.problem.code != SHOW_DIGEST or name != replica.name or not at.isdecimal():
            raise
        known = min(int(at), tip.number)
        shown = {"number": str(known), "digest": log.digest_at(replica.db, number, known)}
        answer = _ask(way, request | shown)
    access, person, hub, spki = _read(answer, way.place, replica.name)
    if password is not None:
        of_hub.take_in(connection, person, password)
    hubs.keep(connection, access)
    if documents.public_key(replica.db, hub) is None:
        replica.put_document(keys.KEY_KIND, hub, keys.key_document(hub, spki).encode())
    return access


def _ask(way: Http, request: Mapping[str, Any]) -> dict[str, Any]:
    """The hub's answer. Not tried again by itself: who waits at the keyboard would rather be told."""
    try:
        return way.ask("enrol", request)
    except Unreachable as error:
        raise SyncError(UNREACHABLE, way.place, reason=error) from error
    except Refused as refused:
        _refuse_other_address(refused, way.place)
        raise


def _refuse_other_address(refused: Refused, place: str) -> None:
    """HW-2053 where a hub answers that it has no page at this address: its own is another."""
    if refused.problem.code == NO_PAGE:
        raise SyncError(NOT_HOMEWARD, place, reason="HTTP 404") from refused


def _authors(replica: Replica, number: int) -> list[str]:
    rows = replica.db.execute(
        "SELECT header FROM change WHERE id BETWEEN ? AND ?",
        (number << NUMBER_BITS, (number + 1) << NUMBER_BITS),
    )
    return sorted({read_header(text).author for (text,) in rows})


def _read(answer: Mapping[str, Any], place: str, replica: str) -> tuple[Access, Person, str, str]:
    check_protocol(answer.get("protocol"))
    try:
        person = of_hub.read(answer["person"])
        token, hub, spki = answer["token"], answer["hub"], answer["spki"]
        if not all(isinstance(each, str) for each in (token, hub, spki)):
            raise ValueError("token")
        replica_number(hub)
    except (KeyError, ValueError, SyncError) as error:
        raise SyncError(NOT_HOMEWARD, place, reason=repr(error)[:200]) from error
    return Access(place, replica, person.username, token), person, hub, spki


def run(
    replica: Replica,
    connection: sqlite3.Connection,
    access: Access,
    *,
    ca: Path | None = None,
    lang: str = "en",
    progress: Progress = lambda what, done, of: None,
    sleep: Callable[[float], object] = time.sleep,
) -> SyncReport:
    """One sync. Raises `Problem` HW-3416 when the hub does not take the token any more, and what
    `sync.transfer.client.sync` raises."""

    def heard(answer: Mapping[str, Any]) -> None:
        for each in answer.get("people") or ():
            of_hub.follow(connection, of_hub.read(each))

    drafts = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'draft'").fetchone()  # of the pages

    def busy(record: str) -> bool:
        query = "SELECT 1 FROM draft WHERE record = ? AND saved_as = ''"
        return bool(drafts and connection.execute(query, [record]).fetchone())

    report = SyncReport()
    for _ in range(NAMES):
        report.renamed = False
        with road(access.url, access.token, ca=ca, lang=lang) as way, _told_apart(connection, access):
            key = to_hand_over(connection, replica)
            client.sync(
                replica, way, key, progress=progress, busy=busy, sleep=sleep, heard=heard, report=report
            )
        hubs.keep(connection, access)
        again = access_to(replica, connection, access.url, access.username, ca=ca, lang=lang)
        if not report.renamed or again is None:
            break
        access = again
    _bring_tables_up(replica)
    return report


@contextmanager
def _told_apart(connection: sqlite3.Connection, access: Access) -> Iterator[None]:
    """A token that the hub does not take any more is thrown away: HW-3416."""
    try:
        yield
    except Refused as refused:
        _refuse_other_address(refused, access.url)
        if refused.problem.code != NOT_ENROLLED:
            raise
        hubs.forget(connection, access)
        raise Problem("HW-3416", access.url) from refused


def _bring_tables_up(replica: Replica) -> None:
    """Answers that left must not stay in the tables that were made of them."""
    path = path_for(replica.path)
    if replica.left() and path.exists():
        with Tables(path) as tables:
            tables.update(replica)
