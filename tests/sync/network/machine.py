"""A network of 2 to 8 replicas that live at random, as a Hypothesis state machine.

What each rule does to a replica stands in `laptop.py` and `browser.py`, what each road must keep in `road.py`, what
must hold in the end in `checks.py`. Every choice is drawn by Hypothesis; names and clocks come from here, so that the
steps that a failing run prints fail again."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sync import keys
from sync.change import REVIEW_STATES
from sync.names import replica_name
from tests.sync.network.browser import Browser, Packet
from tests.sync.network.checks import derived_rows, everybody_meets
from tests.sync.network.clocks import STAMPS, WRONG, Clock, World
from tests.sync.network.forms import INSTANCES, PATHS, VALUES, Act
from tests.sync.network.laptop import Laptop
from tests.sync.network.lines import hand_excerpts, hand_over
from tests.sync.network.road import FAULTS, Sending, bring, deliver

which = st.integers(0, 7)
KINDS = ("answer", "answer", "reason", "founder", "child", "move", "drop")
act = st.builds(
    Act, st.sampled_from(KINDS), st.sampled_from(PATHS), st.sampled_from(INSTANCES), st.sampled_from(VALUES)
)
acts = st.lists(act, min_size=1, max_size=3)
stamps = st.sampled_from(["own", "own", "own", *STAMPS])
orders = st.permutations(range(4))
# Above all: the middle of a batch is damaged, and the request that would sign what was taken of it is lost.
plans = st.one_of(st.lists(st.sampled_from(FAULTS), max_size=4), st.just(["payload", "lost"]))
# No power is cut here, so a file system in memory will do where there is one.
_SHARED = "/dev/shm"  # noqa: S108 - each run makes a folder of its own in it
MEMORY = _SHARED if os.access(_SHARED, os.W_OK) else None
COPIES = 6  # carried about at once
FLYING = 20  # requests that a road may still deliver
TAKEN_BACK = 2  # records taken back in one run; nothing shows of them afterwards
AT_LAPTOPS = ("create", "edit", "edit", "open", "finish", "finish", "settle")
AT_BROWSERS = ("create", "edit", "edit", "edit", "delete")
EDITS_BETWEEN = 15  # steps between two meetings of everybody


class Network(RuleBasedStateMachine):
    """The machine. `taken` counts the steps of all its runs in this process."""

    taken = 0

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="homeward-network-", dir=MEMORY))
        self.world = World()
        self.laptops: list[Laptop] = []
        self.browsers: list[Browser] = []
        self.copies: list[tuple[Laptop, str, Path]] = []
        self.flying: list[Packet] = []
        self.written: list[Laptop] = []
        self.order: Sequence[int] = range(4)
        self.names = self.files = self.apart = self.gone = 0
        self.many = False
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr("sync.clock.now_milliseconds", self.world.now)
        self.patch.setattr("sync.replica.store.new_replica", self.name)

    def name(self) -> str:
        """The next name of a replica, in no order, and the same in each run."""
        self.names += 1
        return replica_name(self.names * 0x2545F4914F % (1 << 39))

    @initialize(
        laptops=st.sampled_from([2, 3, 4, 1]),
        browsers=st.sampled_from([1, 2, 3, 4, 0]),
        unsigned=which,
        ahead=st.booleans(),
        order=orders,
    )
    def begin(self, laptops: int, browsers: int, unsigned: int, ahead: bool, order: Sequence[int]) -> None:
        """Replicas that all know one record. `unsigned` says which laptop has no key, `ahead` that phones have a
        newer form than laptops."""
        for number in range(laptops):
            key = None if number == unsigned else keys.generate()
            self.laptops.append(Laptop(self.folder / f"{number}.db", self.name(), Clock(self.world), key))
        for _ in range(max(browsers, 2 - laptops)):
            self.browsers.append(Browser(self.name(), Clock(self.world)))
        first = self.laptops[0]
        first.create("1", [Act("answer", "/data/name", "", "甲"), Act("founder", "", "aaaa", "王")], "own")
        first.sign()
        for laptop in self.laptops[1:]:
            bring(laptop, first.path)
        for browser in self.browsers:
            browser.pull(first)
            if ahead:
                browser.learn("2")
        self.order = order

    def laptop(self, number: int) -> Laptop:
        """One of the laptops, whose rows are looked at after the step."""
        chosen = self.laptops[number % len(self.laptops)]
        self.written.append(chosen)
        return chosen

    def person(self, number: int) -> Laptop | Browser:
        """One of everybody."""
        place = number % (len(self.laptops) + len(self.browsers))
        return self.laptop(place) if place < len(self.laptops) else self.browsers[place - len(self.laptops)]

    def browser(self, number: int) -> Browser:
        """One of the browsers."""
        return self.browsers[number % len(self.browsers)]

    # What people do at laptops

    @rule(
        who=which,
        what=st.sampled_from(AT_LAPTOPS),
        record=which,
        given=acts,
        newest=st.booleans(),
        stamp=stamps,
    )
    def work(self, who: int, what: str, record: int, given: list[Act], newest: bool, stamp: str) -> None:
        """One thing that a person does at a laptop. An edit of a record with several heads is a settle, one of a
        deleted record brings it back; what a draft is compared with is what was there when it was opened."""
        laptop = self.laptop(who)
        found = laptop.editable()
        if what == "create" or not found:
            laptop.create("2" if newest and laptop.knows("2") else "1", given, stamp)
        elif what == "edit":
            laptop.finish(laptop.begin(found[record % len(found)].record), given, newest, stamp)
        elif what == "open":
            laptop.begin(found[record % len(found)].record)
        elif what == "finish" and laptop.drafts:
            laptop.finish(laptop.drafts[record % len(laptop.drafts)], given, newest, stamp)
        else:  # settle, perhaps by what shows already
            disputed = [state for state in found if state.conflicts] or found
            laptop.finish(laptop.begin(disputed[record % len(disputed)].record), given[1:], newest, "own")

    @rule(one=which, other=which, record=which, mine=acts, theirs=st.none() | acts, newest=st.booleans())
    def edit_at_once(
        self, one: int, other: int, record: int, mine: list[Act], theirs: list[Act] | None, newest: bool
    ) -> None:
        """Two people edit one record and neither sees the other; without `theirs` they do the same."""
        first, second = self.person(one), self.person(other)
        shared = sorted(first.can_edit() & second.can_edit())
        if shared:
            name = shared[record % len(shared)]
            first.edit(name, mine, newest)
            second.edit(name, theirs or mine, newest and theirs is None)

    @rule(who=which, what=st.sampled_from(["delete", *sorted(REVIEW_STATES)]), record=which, stamp=stamps)
    def judge(self, who: int, what: str, record: int, stamp: str) -> None:
        """A record is reviewed or deleted, also one that nobody here can read."""
        laptop = self.laptop(who)
        found, clock = laptop.records(), STAMPS.get(stamp)
        if found and what == "delete":
            laptop.at_work().delete(found[record % len(found)].record, "twice", author="anna", clock=clock)
        elif found:
            laptop.at_work().review(found[record % len(found)].record, what, author="sun", clock=clock)

    @precondition(lambda self: self.gone < TAKEN_BACK)
    @rule(who=which, erased=st.booleans(), record=which)
    def take_back(self, who: int, erased: bool, record: int) -> None:
        """A respondent takes a record back, or asks for it to be erased."""
        self.gone += 1
        laptop = self.laptop(who)
        found = laptop.records()
        if found:
            taken_back = laptop.at_work().erase if erased else laptop.at_work().withdraw
            taken_back(found[record % len(found)].record, "called", author="sun")

    @precondition(lambda self: not self.many)
    @rule(who=which, count=st.sampled_from([2, 63, 64, 65]))
    def create_many(self, who: int, count: int) -> None:
        """About as many records as end a block of the digest chain."""
        self.many = True
        self.laptop(who).create_many(count)

    @rule(who=which, what=st.sampled_from([*WRONG, "used up", *["version"] * 3]))
    def surroundings(self, who: int, what: str) -> None:
        """A clock is set wrong, or right, or its counter is at its end; a new version of the form comes to a laptop,
        or to a phone from a hub that nobody here knows."""
        person = self.person(who)
        if what == "version":
            person.learn("2")
        elif what == "used up":
            person.use_up_counter()
        else:
            person.clock.set_wrong(what)

    # Files

    @rule(one=which, other=which, both=st.booleans())
    def meet(self, one: int, other: int, both: bool) -> None:
        """One laptop merges the other's file, perhaps in both directions."""
        first, second = self.laptop(one), self.laptop(other)
        if first is not second:
            for target, source in [(first, second), (second, first)][: 1 + both]:
                source.sign()
                bring(target, source.path)

    @rule(one=which, other=which, most=st.sampled_from([1 << 24, 1, 3, 64]), excerpts=st.booleans())
    def hand_over(self, one: int, other: int, most: int, excerpts: bool) -> None:
        """One laptop gives another what it lacks in lines, or what concerns it without the logs."""
        source, target = self.laptop(one), self.laptop(other)
        if source is not target:
            if excerpts:
                hand_excerpts(source, target)
            else:
                hand_over(source, target, most)

    @rule(who=which, road=st.sampled_from(["vacuum", "backup", "part"]), only=which)
    def copy(self, who: int, road: str, only: int) -> None:
        """A copy of a file is put on a stick."""
        laptop = self.laptop(who)
        self.files += 1
        path = self.folder / f"copy{self.files}.db"
        self.copies = [*self.copies, (laptop, road, laptop.copy(path, road, only))][-COPIES:]

    @precondition(lambda self: self.copies)
    @rule(who=which, copy=which, restored=st.sampled_from([False, False, True]))
    def bring_copy(self, who: int, copy: int, restored: bool) -> None:
        """A stick arrives, perhaps after newer ones, perhaps again; or its machine is set back to what is on it, unless
        that forgot an erase which others know as an excerpt: nothing brings that back."""
        laptop, road, path = self.copies[copy % len(self.copies)]
        if not restored:
            bring(self.laptop(who), path)
        elif road != "part" and not laptop.would_forget_an_erase(path):
            laptop.restore(path)
            self.written.append(laptop)

    # Browsers

    @precondition(lambda self: self.browsers)
    @rule(
        who=which, what=st.sampled_from(AT_BROWSERS), record=which, given=acts, newest=st.booleans(),
        names_conflicts=st.booleans(), stamp=stamps,
    )  # fmt: skip
    def work_in_browser(
        self,
        who: int,
        what: str,
        record: int,
        given: list[Act],
        newest: bool,
        names_conflicts: bool,
        stamp: str,
    ) -> None:
        """One thing that a person does on a phone, with records as the phone last heard of them."""
        browser = self.browser(who)
        seen = sorted(browser.seen)
        if what == "create" or not seen:
            browser.create(max(browser.versions) if newest else "1", given, stamp)
        elif what == "edit":
            draft = browser.begin(seen[record % len(seen)], names_conflicts)
            browser.finish(draft, given, newest, stamp)
        else:
            browser.delete(seen[record % len(seen)], stamp)

    @precondition(lambda self: self.browsers)
    @rule(who=which, hub=which, size=st.sampled_from([200, 3, 2, 1]), plan=plans, pulled=st.booleans())
    def send(self, who: int, hub: int, size: int, plan: list[str], pulled: bool) -> None:
        """A phone sends what waits, over a bad road, and perhaps learns what the hub has."""
        browser, laptop = self.browser(who), self.laptop(hub)
        Sending(browser, laptop, plan, self.flying).run(size)
        del self.flying[:-FLYING]
        if pulled:
            browser.pull(laptop)

    @precondition(lambda self: self.flying)
    @rule(packet=which, hub=which, heard=st.booleans())
    def arrive_late(self, packet: int, hub: int, heard: bool) -> None:
        """A request arrives that was sent long ago, perhaps again, perhaps at another hub."""
        late = self.flying[packet % len(self.flying)]
        answer = deliver(self.laptop(hub), late)
        assert {each["problem"]["code"] for each in answer["refused"]} <= {"HW-2014"}
        sender = next(browser for browser in self.browsers if browser.name == late.sender)
        if heard:
            sender.take(answer)

    # What holds

    @precondition(lambda self: self.apart > EDITS_BETWEEN)
    @rule(order=orders)
    def everybody_meets(self, order: Sequence[int]) -> None:
        """Everybody meets, and life goes on."""
        self.apart = 0
        everybody_meets(self.laptops, self.browsers, order, self.folder / "checks")

    @invariant()
    def rows_follow_the_log(self) -> None:
        """Whoever took part in a step has derived rows as the oracle folds them."""
        type(self).taken += 1
        self.apart += 1
        for laptop in {id(each): each for each in self.written}.values():
            derived_rows(laptop.replica)
        self.written.clear()

    def teardown(self) -> None:
        """In the end everybody meets everybody."""
        try:
            if self.laptops and sys.exc_info()[0] is None:
                everybody_meets(self.laptops, self.browsers, self.order, self.folder / "checks")
        finally:
            for laptop in self.laptops:
                laptop.close()
            self.patch.undo()
            shutil.rmtree(self.folder)
