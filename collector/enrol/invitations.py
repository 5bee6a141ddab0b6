"""One-time codes: table `invitation` of the app database. The code itself is shown once and kept only as a hash."""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlite_utils import Database, Migrations

from sync import Replica, enrolling, keys, protocol

from .. import app_db
from ..accounts import people
from ..accounts.people import ALPHABET, Person
from ..api import devices
from ..api.devices import Device
from ..own_keys import to_hand_over
from ..problems import Problem

LIFETIME = timedelta(minutes=10)
KEPT = timedelta(days=30)
"""How long it is told what became of a code."""
CLOCK = timedelta(minutes=5)
"""How far a phone's clock may be off. Later edits win by the clock, and a record says when it was made."""

LIVE, USED, EXPIRED, WITHDRAWN = "live", "used", "expired", "withdrawn"

migrations = Migrations("homeward-invitations")
app_db.register(migrations)


@migrations()
def create_invitation(db: Database) -> None:
    """Codes by SHA-256; times in ISO, UTC, `""` for never. `replica`, `spki` and `digits` are of the phone that used it
    and of the number that is to be compared."""
    columns = ("id", "code_sha", "person", "by", "created", "expires", "used", "withdrawn")
    db.table("invitation").create(
        dict.fromkeys((*columns, "replica", "spki", "digits"), str),
        pk="id",
        not_null={*columns, "replica", "spki", "digits"},
        foreign_keys=[("person", "person", "id")],
        strict=True,
    )
    db.table("invitation").create_index(["code_sha"], unique=True)


@dataclass(frozen=True)
class Invitation:
    """A code, without the code."""

    id: str
    person: str
    created: str
    expires: str
    used: str
    withdrawn: str
    replica: str
    spki: str
    digits: str

    @property
    def state(self) -> str:
        """`USED`, `WITHDRAWN`, `EXPIRED` or `LIVE`."""
        if self.used:
            return USED
        if self.withdrawn:
            return WITHDRAWN
        return LIVE if _now() < self.expires else EXPIRED

    @property
    def left(self) -> int:
        """Seconds for which it can still be used."""
        rest = (datetime.fromisoformat(self.expires) - datetime.now(UTC)).total_seconds()
        return max(0, round(rest)) if self.state == LIVE else 0


@dataclass(frozen=True)
class Issued:
    """A code as it is shown this once: `code` the secret, `fragment` for the QR code, `typed` for fingers."""

    invitation: Invitation
    person: Person
    code: str
    fragment: str
    typed: str


COLUMNS = "id, person, created, expires, used, withdrawn, replica, spki, digits"


def issue(connection: sqlite3.Connection, hub: Replica, person: Person, by: str = "") -> Issued:
    """Makes a code for a person; one that still waited for them is withdrawn.

    Raises `Problem` HW-3490 for anybody but an enumerator, `SyncError` HW-2049 for a hub whose key is lost."""
    if person.supervises:
        raise Problem("HW-3490", person.username)
    key = to_hand_over(connection, hub)
    hub.sign_tip(key)
    code, public = enrolling.new_code(), keys.public_text(key)
    id_ = "".join(secrets.choice(ALPHABET) for _ in range(8))
    now, until = _now(), _stamp(LIFETIME)
    with app_db.transaction(connection):
        connection.execute("DELETE FROM invitation WHERE created < ?", [_stamp(-KEPT)])
        connection.execute(
            "UPDATE invitation SET withdrawn = ? WHERE person = ? AND used = '' AND withdrawn = ''",
            [now, person.id],
        )
        connection.execute(
            "INSERT INTO invitation (id, code_sha, person, by, created, expires, used, withdrawn, replica, spki,"
            " digits) VALUES (?, ?, ?, ?, ?, ?, '', '', '', '', '')",
            [id_, _sha(code), person.id, by, now, until],
        )
    made = Invitation(id_, person.id, now, until, "", "", "", "", "")
    return Issued(made, person, code, enrolling.fragment(code, public), enrolling.typed(code, public).upper())


def by_id(connection: sqlite3.Connection, id_: str) -> Invitation:
    """A code that was made. Raises `Problem` HW-3493 when there is none."""
    row = connection.execute(f"SELECT {COLUMNS} FROM invitation WHERE id = ?", [id_]).fetchone()
    if row is None:
        raise Problem("HW-3493", id_)
    return Invitation(*row)


def last_of(connection: sqlite3.Connection, replica: str, person: str) -> Invitation | None:
    """The code by which a device was enrolled last."""
    row = connection.execute(
        f"SELECT {COLUMNS} FROM invitation WHERE replica = ? AND person = ? ORDER BY used DESC LIMIT 1",
        [replica, person],
    ).fetchone()
    return Invitation(*row) if row else None


def withdraw(connection: sqlite3.Connection, id_: str) -> None:
    """Ends a code that nobody has used."""
    connection.execute(
        "UPDATE invitation SET withdrawn = ? WHERE id = ? AND used = '' AND withdrawn = ''", [_now(), id_]
    )


def redeem(
    connection: sqlite3.Connection, hub: Replica, code: str, replica: str, spki: str
) -> tuple[str, Person, str]:
    """Enrols a phone by its code, to wait for its number to be compared: `(token, person, number)`. The same phone may
    ask again (its answer was lost), nobody else.

    Raises `Problem`: HW-3480 no such code, HW-3481 too late, HW-3482 used by another phone, HW-3483 withdrawn, HW-3401
    the name or key of the phone is another's."""
    public = keys.public_text(to_hand_over(connection, hub))
    if not protocol.is_free(hub, replica, spki):
        raise Problem("HW-3401", replica)
    digits = enrolling.confirmation(code, hub.name, public, replica, spki)
    with app_db.transaction(connection):
        row = connection.execute(
            f"SELECT {COLUMNS} FROM invitation WHERE code_sha = ?", [_sha(code)]
        ).fetchone()
        found = Invitation(*row) if row else None
        person = people.by_id(connection, found.person) if found else None
        if found is None or person is None:
            raise Problem("HW-3480")
        _check(connection, found, replica, spki)
        token = devices.put(connection, replica, person.id, spki, devices.WAITING)
        connection.execute(
            "UPDATE invitation SET used = ?, replica = ?, spki = ?, digits = ? WHERE id = ?",
            [_now(), replica, spki, digits, found.id],
        )
    return token, person, digits


def _check(connection: sqlite3.Connection, found: Invitation, replica: str, spki: str) -> None:
    if found.state == USED:
        held = devices.held_by(connection, replica, found.person)
        again = (found.replica, found.spki) == (replica, spki) and _now() < found.expires
        if not again or held is None or held.standing != devices.WAITING:
            raise Problem("HW-3482")
    if found.state == WITHDRAWN:
        raise Problem("HW-3483")
    if found.state == EXPIRED:
        raise Problem("HW-3481", minutes=int(LIFETIME.total_seconds() // 60))


def waiting(connection: sqlite3.Connection) -> list[tuple[Device, Invitation]]:
    """Devices whose number nobody has compared yet, each with its code."""
    found = [each for each in devices.everyone(connection) if each.standing == devices.WAITING]
    pairs = [(each, last_of(connection, each.replica, each.person)) for each in found]
    return [(device, invitation) for device, invitation in pairs if invitation is not None]


def with_digits(connection: sqlite3.Connection, digits: str) -> Device:
    """The one device that waits with this number. Raises `Problem` HW-3495 when none or several do."""
    wanted = "".join(each for each in digits if each.isdecimal())
    found = [device for device, invitation in waiting(connection) if invitation.digits == wanted]
    if len(found) != 1:
        raise Problem("HW-3495", digits[:20])
    return found[0]


def confirm(connection: sqlite3.Connection, hub: Replica, device: Device) -> None:
    """Takes a device in whose number was compared: its key becomes a document, and what it holds may be sent.

    Raises `Problem` HW-3492 when it does not wait any more, HW-3401 when its name is another's by now."""
    held = devices.held_by(connection, device.replica, device.person)
    if held is None or (held.standing, held.spki) != (devices.WAITING, device.spki):
        raise Problem("HW-3492", device.replica)
    if not protocol.is_free(hub, device.replica, device.spki):
        raise Problem("HW-3401", device.replica)
    document = keys.key_document(device.replica, device.spki)
    hub.put_document(keys.KEY_KIND, device.replica, document.encode())
    devices.set_standing(connection, device.replica, device.person, devices.CONFIRMED)


def reject(connection: sqlite3.Connection, device: Device) -> None:
    """Turns a device away whose number was another's. Raises `Problem` HW-3492 when it does not wait any more."""
    held = devices.held_by(connection, device.replica, device.person)
    if held is None or held.standing != devices.WAITING:
        raise Problem("HW-3492", device.replica)
    devices.set_standing(connection, device.replica, device.person, devices.REJECTED)


def _sha(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def _now() -> str:
    return _stamp(timedelta())


def _stamp(offset: timedelta) -> str:
    return (datetime.now(UTC) + offset).isoformat(timespec="milliseconds")
