"""Taking changes out from under a name that two stores used, and issuing them under the name of their branch."""

from __future__ import annotations

from collections.abc import Callable

from sync.branch import Branch
from sync.chain import Chain
from sync.change import CONTENT, ERASES, WITHDRAWALS, read_header
from sync.fold import fold
from sync.forks.arrive import deliver, strand_of
from sync.forks.guard import fork, speaking
from sync.forks.repeat import repeat
from sync.forks.strand import KeptStrand
from sync.forks.ways import ways
from sync.names import NUMBER_BITS, NUMBER_MASK, change_key, change_name, replica_number
from sync.problems import SyncError
from sync.replica import Replica, documents, log, quarantine, state
from sync.replica.identity import COPIED
from sync.replica.quarantine import Claim, Kept, Quarantined
from sync.transfer.rules import Taken

Rename = Callable[[str], str]


def leave(hub: Replica, branch: Branch, source: str, found: Taken) -> None:
    """Issue the log of `branch.replica`, from `branch.number` on, under the name of the branch, inside a transaction.
    A store of that name takes a new one."""
    if branch.replica == hub.own_names()[0]:
        hub.outdate(COPIED, branch.number, source)
        hub.renew()
    replica = replica_number(branch.replica)
    base, tip = replica << NUMBER_BITS, log.tip(hub.db, replica)
    claim = Claim(replica, branch.number, tip.number, branch.digest, tip.digest, 0, "")
    aside = quarantine.loose(hub.db)
    quarantine.keep_from(hub.db, aside, _select(replica, branch.number), 0)
    hub.db.execute(
        "UPDATE OR REPLACE released SET id = id + ? WHERE id BETWEEN ? AND ?",
        (change_key(f"{branch.name}-1") - (base | branch.number), base | branch.number, base | NUMBER_MASK),
    )
    _lift(hub, replica, branch.number, branch.issued)
    deliver(hub, KeptStrand(hub.db, aside, claim), branch, source, found, proven=True)
    quarantine.forget_changes(hub.db, aside)


def take_back(hub: Replica, replica: int, number: int) -> None:
    """After another copy's changes moved in under a former name of this store, from a number on: take back what this
    store said of records by those names meanwhile. It meant its own, and has said it again of them."""
    own = hub.own_names()
    strays: dict[str, set[str]] = {}
    for record, change in speaking(hub.db, replica, number):
        if change_name(change).partition("-")[0] in own:
            strays.setdefault(change_name(record), set()).add(change_name(change))
    for spoken_of, names in strays.items():
        changes = hub.history(spoken_of)
        meant = fold(spoken_of, [change for change in changes if change.name not in names])
        form = next((c.header.form for c in changes if meant.heads and c.name == meant.heads[-1]), "")
        written = any(c.header.kind in CONTENT for c in changes if c.name in names)
        if written and not meant.deleted and hub.layout(form):
            author = next(c.header.author for c in changes if c.name in names)
            hub.save(record=spoken_of, form=form, answers=meant.answers, reasons=meant.reasons, author=author)


def rehang(hub: Replica, branch: Branch, found: Taken) -> bool:
    """Whether a branch was issued again because what it hangs on goes by another name here.

    It was named when the changes before it still stood under the old name; here they are part of a branch themselves,
    so it is a branch of that one."""
    replica, parent = replica_number(branch.name), replica_number(branch.replica)
    tip = log.tip(hub.db, replica)
    if not tip.number:
        return False
    first = branch.restore(log.headers(hub.db, replica, 1, 1)[0])
    if log.chain_at(hub.db, log.Tip(parent, branch.number - 1, "")).digest_after([first]) == branch.digest:
        return False
    for trunk in documents.branches(hub.db, branch.replica):
        way = _grew_from(hub, trunk, branch, first) if trunk.number < branch.number else None
        if way is not None:
            _move_to(hub, branch, trunk, way, found)
            return True
    return False


def _grew_from(hub: Replica, trunk: Branch, branch: Branch, first: str) -> list[str] | None:
    """What `first`, the header that begins `branch`, follows under the name of `trunk`; None when it follows nothing
    there."""
    for way in ways(hub, trunk.name, branch.number - trunk.number):
        chain = log.chain_at(hub.db, log.Tip(replica_number(trunk.replica), trunk.number - 1, ""))
        chain.add([trunk.restore(text) for text in way])
        if chain.digest_after([first]) == branch.digest:
            return way
    return None


def _move_to(hub: Replica, branch: Branch, trunk: Branch, way: list[str], found: Taken) -> None:
    """Issue a branch as one of `trunk`, where it follows `way`."""
    db, replica, parent = hub.db, replica_number(branch.name), replica_number(trunk.name)
    before = len(way)

    def retell(text: str) -> str:
        return trunk.issue(branch.restore(text))

    chain = Chain()
    chain.add(way)
    headers = [retell(text) for text in log.headers(db, replica, 1, NUMBER_MASK)]
    moved = Branch(trunk.name, before + 1, chain.digest_after(headers[:1]))
    documents.put_branch(db, moved, hub.tick())
    chain.add(headers)
    aside = quarantine.loose(db)
    rows = db.execute(_select(replica, 1)).fetchall()
    kept = [
        Kept(before + number, record and change_key(read_header(text).record), text, payload)
        for (number, record, _, payload), text in zip(rows, headers, strict=True)
    ]
    quarantine.keep(db, aside, kept)
    parted = [entry for entry in quarantine.of_log(db, replica) if entry.fork and _holds(hub, entry)]
    _lift(hub, replica, 1, lambda name: moved.issued(trunk.issued(branch.original(name))))
    claim = Claim(parent, before + 1, before + len(headers), moved.digest, chain.digest, 0, "")
    deliver(hub, KeptStrand(db, aside, claim), moved, branch.name, found, proven=True)
    quarantine.forget_changes(db, aside)
    for entry in parted:
        _take_along(hub, entry, moved, lambda text: moved.issue(retell(text)))


def _holds(hub: Replica, entry: Quarantined) -> bool:
    """Whether what is set aside is a sound branch of a log as it stands here."""
    strand = strand_of(hub, entry)
    try:
        strand.check(entry.first, strand.chain_before(entry.first))
    except SyncError:
        return False
    return not entry.resolved


def _take_along(hub: Replica, entry: Quarantined, moved: Branch, retell: Rename) -> None:
    """What parted from a branch that was issued again parts from it under its name now."""
    db, replica = hub.db, replica_number(moved.name)
    kept = []
    for each in quarantine.changes(db, entry.id):
        text = retell(each.header)
        kept.append(
            Kept(each.number, each.record and change_key(read_header(text).record), text, each.payload)
        )
    chain = log.chain_at(db, log.Tip(replica, entry.first - 1, ""))
    start = chain.digest_after([kept[0].header])
    chain.add([each.header for each in kept])
    claim = Claim(replica, entry.first, entry.last, start, chain.digest, 0, "")
    quarantine.claim_more(db, entry.id, fork(moved.name, entry.first, entry.last).problem, claim)
    quarantine.forget_changes(db, entry.id)
    quarantine.keep(db, entry.id, kept)


def _select(replica: int, number: int) -> str:
    base = replica << NUMBER_BITS
    return (
        "SELECT id & 16777215 AS number, record, header, payload FROM change"
        f" WHERE id BETWEEN {base | number} AND {base | NUMBER_MASK} ORDER BY id"
    )


def _lift(hub: Replica, replica: int, number: int, rename: Rename) -> None:
    """Take a log out of the file from a number on. What this store said of its records is said again of them under
    their new names, and so is a withdrawal, whoever noted it: else it would be lost."""
    db, base = hub.db, replica << NUMBER_BITS
    ends = (base | number, base | NUMBER_MASK)
    own = hub.own_names()
    state.mark_leaving(db, *ends)
    db.execute(
        "DELETE FROM erased WHERE record BETWEEN ?1 AND ?2 AND NOT EXISTS (SELECT 1 FROM change AS c"
        " WHERE c.record = erased.record AND c.id NOT BETWEEN ?1 AND ?2 AND instr(c.header, ?3))",
        (*ends, ERASES),
    )
    said = []
    for _, id_ in speaking(db, replica, number):
        row = log.one(db, id_)
        if row is not None and row[3] is not None:
            said.append((read_header(row[2]), row[3]))
    log.cut(db, replica, number)
    db.execute(
        "INSERT INTO meta (key, value) VALUES ('moves', '1')"
        " ON CONFLICT (key) DO UPDATE SET value = CAST(value AS INTEGER) + 1"
    )
    again: dict[str, str] = {}
    for header, payload in sorted(said, key=lambda each: each[0].order):
        if header.replica in own or header.kind in WITHDRAWALS:
            again[header.name] = repeat(
                hub, header, payload, lambda name: again[name] if name in again else rename(name)
            )
