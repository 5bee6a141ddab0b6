"""After changes were taken: what follows for branches that have a name by now, and what of the quarantine is here."""

from __future__ import annotations

from sync.branch import Branch
from sync.forks.arrive import declared, deliver, is_signed, strand_of
from sync.forks.guard import fork, spoken_of
from sync.forks.move import leave, rehang, take_back
from sync.forks.strand import KeptStrand
from sync.names import replica_number
from sync.problems import GAP, Problem, SyncError
from sync.replica import Replica, documents, log, quarantine
from sync.replica.quarantine import ARRIVED, NAMED, TAKEN, Quarantined
from sync.replica.store import now
from sync.transfer.lines import LogHead, Stretch
from sync.transfer.rules import Rules, Taken
from sync.transfer.take import take_parts


def settle(hub: Replica, found: Taken) -> None:
    """Bring branches to where their names say, inside a transaction of the caller's; what is taken in `found`.

    Writes nothing where nothing is to be done."""
    if not quarantine.any_open(hub.db) and not documents.branches(hub.db):
        return
    with hub.transaction():
        while _named_branches(hub, found) or _set_aside(hub, found):
            pass


def _named_branches(hub: Replica, found: Taken) -> bool:
    """Whether a branch with a name of its own was still under the old one here, or hung on what is not."""
    for branch in documents.branches(hub.db):
        if _under_the_old_name(hub, branch):
            leave(hub, branch, branch.replica, found)
            return True
        if rehang(hub, branch, found):
            return True
    return False


def _under_the_old_name(hub: Replica, branch: Branch) -> bool:
    replica = replica_number(branch.replica)
    reaches = log.tip(hub.db, replica).number >= branch.number
    return reaches and log.digest_at(hub.db, replica, branch.number) == branch.digest


def _set_aside(hub: Replica, found: Taken) -> bool:
    """Whether something that was set aside came to its end."""
    for entry in quarantine.rows(hub.db):
        if entry.replica and _settled(hub, entry, found):
            if quarantine.one(hub.db, entry.id).resolved:
                found.settled.append(entry.problem)
            return True
    return False


def _settled(hub: Replica, entry: Quarantined, found: Taken) -> bool:
    if is_here(hub, entry):
        quarantine.resolve(hub.db, entry.id, now(), ARRIVED)
        return True
    if not entry.fork:
        return False
    strand = strand_of(hub, entry)
    branch = declared(hub, strand)
    if branch is not None:
        return issue(hub, entry, branch, found)
    tip = log.tip(hub.db, strand.replica).number
    if tip >= entry.first:
        return entry.replica in hub.own_names() and _leave_own(hub, entry, strand)
    # What stood here in its place has a name of its own by now.
    return (
        tip == entry.first - 1
        and not spoken_of(hub, strand.replica, entry.first)
        and _move_in(hub, entry, found)
    )


def _leave_own(hub: Replica, entry: Quarantined, strand: KeptStrand) -> bool:
    """Of an own log the part that is here gets the new name: nobody else may have it, and others have the rest."""
    if not is_signed(hub, strand):
        return False
    digest = log.digest_at(hub.db, strand.replica, entry.first)
    documents.put_branch(hub.db, Branch(entry.replica, entry.first, digest), hub.tick())
    return True


def issue(hub: Replica, entry: Quarantined, branch: Branch, found: Taken, *, unsigned: bool = False) -> bool:
    """Whether a branch that was set aside could be taken under its own name. `unsigned`: also without the signature
    of its store."""
    strand = strand_of(hub, entry)
    try:
        if unsigned:
            strand.check(
                max(branch.number, entry.first), strand.chain_before(max(branch.number, entry.first))
            )
        deliver(hub, strand, branch, entry.source, found, proven=unsigned)
    except SyncError:
        return False
    quarantine.resolve(hub.db, entry.id, now(), NAMED)
    return True


def _move_in(hub: Replica, entry: Quarantined, found: Taken) -> bool:
    strand = strand_of(hub, entry)
    try:
        strand.check(entry.first, strand.chain_before(entry.first))
    except SyncError:
        return False
    if not is_signed(hub, strand) or not admit(hub, entry, found, Rules(proven=True)):
        return False
    if entry.replica in hub.own_names():
        take_back(hub, strand.replica, entry.first)
    return True


def admit(hub: Replica, entry: Quarantined, found: Taken, rules: Rules) -> bool:
    """Whether a log that was set aside could be taken under its own name, through the checks of any road."""
    replica = replica_number(entry.replica)
    other = quarantine.parts(hub.db, entry.id, replica)
    if other:
        found.problems.append(fork(entry.replica, other, entry.last).problem)
        return False
    first = max(entry.first, log.tip(hub.db, replica).number + 1)
    missing = quarantine.hole(hub.db, entry.id, first, entry.last)
    if missing:
        found.problems.append(
            Problem(GAP, f"{entry.replica}-{missing}", {"found": f"{entry.replica}-{missing + 1}"})
        )
        return False
    head = LogHead(entry.replica, first, entry.last, entry.digest, entry.signed, entry.signature)
    changes = quarantine.changes(hub.db, entry.id, first)

    def pairs(most: int) -> list[tuple[str, str | None]]:
        part = [next(changes, None) for _ in range(most)]
        return [(each.header, each.payload) for each in part if each is not None]

    before = len(found.problems)
    take_parts(hub, [Stretch(head, pairs)], entry.source, rules, found)
    changes.close()
    if len(found.problems) > before:
        return False
    quarantine.resolve(hub.db, entry.id, now(), TAKEN)
    return True


def arrived(hub: Replica, replica: int) -> None:
    """After a device sent changes of its own log, inside the transaction that took them: what was set aside of that
    log and is here by now is over."""
    if quarantine.any_open(hub.db):
        for entry in quarantine.of_log(hub.db, replica):
            if not entry.resolved and is_here(hub, entry):
                quarantine.resolve(hub.db, entry.id, now(), ARRIVED)


def is_here(hub: Replica, entry: Quarantined) -> bool:
    """Whether what was set aside of a log is here by now, by whatever road: the changes that were kept, or, where they
    were altered on their way, the log that they claimed to be."""
    replica = replica_number(entry.replica)
    tip = log.tip(hub.db, replica)
    if tip.number < entry.last:
        return False
    if not entry.count:
        return tip.signed >= entry.last
    if not entry.fork and log.digest_at(hub.db, replica, entry.last) == entry.digest:
        return True
    return not quarantine.not_here(hub.db, entry.id, replica)[0]
