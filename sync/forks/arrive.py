"""What becomes of a log that could not be taken as it stands: a branch that has a name goes there, anything else is
kept with its reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import islice

from sync import keys
from sync.branch import Branch
from sync.chain import Chain
from sync.forks.guard import fork
from sync.forks.strand import PART, KeptStrand, Strand
from sync.forks.ways import goes_on, way_before, ways
from sync.names import NUMBER_MASK, change_key, replica_number
from sync.problems import BRANCH_UNSIGNED, FORK, Problem, SyncError
from sync.replica import Replica, documents, log, quarantine
from sync.replica.identity import COPIED
from sync.replica.quarantine import DROPPED, Claim, Kept, Quarantined
from sync.replica.store import now
from sync.transfer.lines import LogHead, Pairs, Stretch
from sync.transfer.rules import Rules, Taken
from sync.transfer.take import take_parts


def arrive(hub: Replica, strand: Strand, problem: Problem, source: str, found: Taken) -> int | None:
    """Say in `found` what became of the log, inside the transaction that looked at it; `problem` is why it could not
    be taken under its own name. The number under which it was set aside; None when it was taken after all."""
    branch = declared(hub, strand)
    if branch is not None:
        try:
            deliver(hub, strand, branch, source, found)
            return None
        except SyncError as error:
            found.problems.append(error.problem)
            if strand.first <= branch.number <= log.tip(hub.db, strand.replica).number + 1:
                return keep_branch(hub, strand, branch.number, source)
            return keep_log(hub, strand, error.problem, source)
    entry = continued(hub, strand)
    if entry is None and problem.code != FORK:
        found.problems.append(problem)
        return keep_log(hub, strand, problem, source)
    if entry is not None and entry.problem in found.problems:
        found.problems.remove(entry.problem)  # it is one, and longer than it was
    number = entry.first if entry else parts_at(hub, strand, change_key(problem.place) & NUMBER_MASK)
    found.problems.append(fork(strand.name, number, strand.last).problem)
    if strand.name == hub.own_names()[0] and is_signed(hub, strand):
        hub.outdate(COPIED, number, source)
    return keep_branch(hub, strand, number, source, entry)


def strand_of(hub: Replica, entry: Quarantined) -> KeptStrand:
    """What was kept of a log, as a strand."""
    claim = Claim(
        replica_number(entry.replica),
        entry.first,
        entry.last,
        entry.start,
        entry.digest,
        entry.signed,
        entry.signature,
    )
    strand = KeptStrand(hub.db, entry.id, claim)
    if (
        entry.fork and not entry.digest
    ):  # an older version kept a branch, once it was checked, without its digest
        strand.digest = strand.digest_at(entry.last)
    return strand


def declared(hub: Replica, strand: Strand) -> Branch | None:
    """The branch with a name of its own that a log holds, or goes on with; None when it holds none."""
    for branch in documents.branches(hub.db, strand.name):
        if strand.first <= branch.number <= strand.last:
            if strand.digest_at(branch.number) == branch.digest and _agree(hub, strand, branch.number - 1):
                return branch
        elif branch.number < strand.first and way_before(hub, branch, strand) is not None:
            return branch
    return None


def _agree(hub: Replica, strand: Strand, number: int) -> bool:
    """Whether a strand and what is here do not part up to a number."""
    both = min(number, log.tip(hub.db, strand.replica).number)
    return both < strand.first or strand.digest_at(both) == log.digest_at(hub.db, strand.replica, both)


def parts_at(hub: Replica, strand: Strand, number: int) -> int:
    """The first change of a strand that is another one here, at a number or before it."""
    for start in range(strand.first, number, PART):
        last = min(start + PART, number) - 1
        ours = log.headers(hub.db, strand.replica, start, last)
        for place, pair in enumerate(zip(ours, strand.headers(start, last), strict=False), start):
            if pair[0] != pair[1]:
                return place
    return number


def continued(hub: Replica, strand: Strand) -> Quarantined | None:
    """The branch that was set aside and that these changes go on with; None when there is none."""
    for entry in quarantine.of_log(hub.db, strand.replica):
        if entry.fork and not entry.resolved and entry.first < strand.first <= entry.last + 1:
            before = strand_of(hub, entry)
            chain = before.run_on(before.chain_before(entry.first), entry.first, strand.first - 1)
            if goes_on(strand, chain):
                return entry
    return None


def keep_branch(
    hub: Replica, strand: Strand, number: int, source: str, entry: Quarantined | None = None
) -> int:
    """Keep a branch from the number on where it parts; one that is kept already grows. Its number."""
    db = hub.db
    start = entry.start if entry else strand.digest_at(number)
    known = entry or _kept_before(hub, strand, number, start)
    problem = fork(strand.name, number, strand.last).problem
    claim = strand.claim(number, start)
    if known is None:
        id_ = quarantine.add_log(db, now(), source, problem, claim)
        quarantine.keep_from(db, id_, strand.select, number - 1)
    elif (
        known.resolved
        or known.last > strand.last
        or (known.last == strand.last and known.signed >= claim.signed)
    ):
        return known.id
    else:
        id_ = known.id
        quarantine.claim_more(db, id_, problem, claim)
        quarantine.keep_from(db, id_, strand.select, known.last)
    quarantine.destroy_erased(db, id_)
    return id_


def _kept_before(hub: Replica, strand: Strand, number: int, start: str) -> Quarantined | None:
    """The same branch as it was kept before, or thrown away; None for another one."""
    for entry in quarantine.of_log(hub.db, strand.replica):
        # An older version kept branches without the digest at their start.
        if not entry.fork or entry.first != number or entry.start not in ("", start):
            continue
        if entry.resolved:
            if entry.outcome == DROPPED and entry.last >= strand.last:
                return entry
            continue
        both = min(entry.last, strand.last)
        if quarantine.header(hub.db, entry.id, both) == strand.header(both):
            return entry
    return None


def keep_log(hub: Replica, strand: Strand, problem: Problem, source: str) -> int:
    """Keep what of a log is not here, when something else stands against it. Its number."""
    db, base = hub.db, strand.replica << 24
    select = (
        f"SELECT s.number, s.record, s.header, s.payload FROM ({strand.select}) AS s WHERE NOT EXISTS ("
        f"SELECT 1 FROM main.change AS c WHERE c.id = {base} | s.number AND c.header = s.header"
        " AND c.payload IS s.payload)"
    )
    first = db.execute(f"SELECT min(number) FROM ({select})").fetchone()[0]
    claim = strand.claim(first or strand.first)
    for entry in quarantine.of_log(db, strand.replica):
        if entry.resolved or entry.fork or entry.problem.code != problem.code:
            continue
        if (entry.last, entry.digest, entry.problem) == (claim.last, claim.digest, problem):
            return entry.id
        differs = (
            f"SELECT 1 FROM ({select}) AS n JOIN kept AS k ON k.aside = ? AND k.number = n.number"
            " WHERE k.header <> n.header OR k.payload IS NOT n.payload LIMIT 1"
        )
        if entry.last <= claim.last and db.execute(differs, (entry.id,)).fetchone() is None:
            quarantine.claim_more(db, entry.id, problem, claim)
            known = f"SELECT number FROM kept WHERE aside = {entry.id}"
            new = f"SELECT * FROM ({select}) AS n WHERE n.number NOT IN ({known})"
            quarantine.keep_from(db, entry.id, new, 0)
            quarantine.destroy_erased(db, entry.id)
            return entry.id
    id_ = quarantine.add_log(db, now(), source, problem, claim)
    quarantine.keep_from(db, id_, select, 0)
    quarantine.destroy_erased(db, id_)
    return id_


def deliver(
    hub: Replica,
    strand: Strand,
    branch: Branch,
    source: str,
    found: Taken,
    *,
    proven: bool = False,
) -> None:
    """Take a branch in under its own name, and before it what is common and not here yet.

    `proven`: it was checked before; else its chain, its payloads and its signature are, and nothing is taken when they
    do not hold (HW-2073 for the signature)."""
    common = log.tip(hub.db, strand.replica).number
    issued = log.tip(hub.db, replica_number(branch.name)).number
    last = strand.last - branch.number + 1
    if not proven:
        if common >= branch.number - 1 and issued >= last and _holds(hub, branch, strand, last):
            found.already += strand.last - strand.first + 1
            return
        prove(hub, strand, branch)
    rules = Rules(proven=True)
    if common < branch.number - 1:
        before = LogHead(strand.name, common + 1, branch.number - 1, strand.digest_at(branch.number - 1))
        with closing(strand.changes(common + 1)) as changes:
            take_parts(hub, [Stretch(before, _pairs(changes, lambda text: text))], source, rules, found)
    first = max(1, strand.first - branch.number + 1)
    if first <= issued <= last and _holds(hub, branch, strand, issued):
        found.already += issued - first + 1
        first = issued + 1
    if first > last:
        return
    head = LogHead(branch.name, first, last, _digest_issued(hub, strand, branch, first, last))
    with closing(strand.changes(first + branch.number - 1)) as changes:
        take_parts(hub, [Stretch(head, _pairs(changes, branch.issue))], source, rules, found)


def prove(hub: Replica, strand: Strand, branch: Branch) -> None:
    """Check a branch, with what is common and not here yet, up to its end: chain, payloads, signature."""
    if strand.first > branch.number:
        chain = strand.chain_before(branch.number)
        chain.add([branch.restore(text) for text in way_before(hub, branch, strand) or ()])
        strand.check(strand.first, chain)
    else:
        begin = min(log.tip(hub.db, strand.replica).number + 1, branch.number)
        strand.check(begin, strand.chain_before(begin))
    if not is_signed(hub, strand):
        raise SyncError(BRANCH_UNSIGNED, f"{strand.name}-{branch.number}", replica=strand.name)


def has(hub: Replica, strand: Strand) -> bool:
    """Whether a whole log is here, under its own name or, from where it parts, under that of a branch."""
    tip = log.tip(hub.db, strand.replica).number
    if tip >= strand.last and log.digest_at(hub.db, strand.replica, strand.last) == strand.digest:
        return True
    branch = declared(hub, strand)
    if branch is None:
        return False
    end = branch.issue(strand.header(strand.last) or "")
    return any(way[-1] == end for way in ways(hub, branch.name, strand.last - branch.number + 1))


def _holds(hub: Replica, branch: Branch, strand: Strand, number: int) -> bool:
    """Whether a change of the branch stands under the branch's own name as it stands in the strand."""
    here = log.headers(hub.db, replica_number(branch.name), number, number)
    there = strand.header(number + branch.number - 1)
    return bool(here) and there is not None and here[0] == branch.issue(there)


def _digest_issued(hub: Replica, strand: Strand, branch: Branch, first: int, last: int) -> str:
    """The digest that the branch has at `last` under its own name."""
    chain = log.chain_at(hub.db, log.Tip(replica_number(branch.name), first - 1, ""))
    before = branch.number - 1
    if first + before == strand.first > branch.number:  # what it follows need not be what goes by that name
        chain = Chain()
        chain.add(way_before(hub, branch, strand) or ())
    return strand.run_on(chain, first + before, last + before, branch.issue).digest


def _pairs(changes: Iterator[Kept], name: Callable[[str], str]) -> Callable[[int], Pairs]:
    def take(most: int) -> Pairs:
        return [(name(each.header), each.payload) for each in islice(changes, most)]

    return take


def is_signed(hub: Replica, strand: Strand) -> bool:
    """Whether a log carries the signature of its store over all of it, or none is to be had: no key is known."""
    public = documents.public_key(hub.db, strand.name)
    if public is None:
        return True
    text = keys.tip_text(strand.name, strand.last, strand.digest)
    return strand.signed == strand.last and keys.verify(public, text, strand.signature)
