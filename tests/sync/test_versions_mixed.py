"""Form versions side by side: replicas that know different ones, and a version that comes late."""

from __future__ import annotations

import itertools
from pathlib import Path

from sync import Replica, merge, verify
from tests.sync.conftest import Make
from tests.sync.network.browser import Browser
from tests.sync.network.checks import as_the_words_say, derived_rows
from tests.sync.network.clocks import Clock, World
from tests.sync.network.forms import Act
from tests.sync.network.laptop import Laptop
from tests.sync.network.road import Sending

NAME, SIZE, NOTE = "/data/name", "/data/size", "/data/note"
FOUNDER = "/data/founders[k3f9]"


def newer(replica: Replica) -> str:
    """A version with a question more, another order, and a size that is computed now."""
    return replica.put_form(
        "test", "2", b"<h:html/>", [NOTE, [SIZE], ["/data/founders", ["founder_name", "phone"]], NAME]
    )


def test_old_and_new_form_versions_mixed(make: Make, form: str) -> None:
    """One record edited in two versions on three devices, one of which has never heard of the new one: every answer is
    kept through the old version too, what is computed in the version that shows is no conflict, one answer disputed
    across the versions is, and all orders of meeting say the same."""
    old, new, older = make("old"), make("new"), make("older")
    second = newer(new)
    start = {NAME: "甲", SIZE: "1", FOUNDER: "m", f"{FOUNDER}/founder_sex": "f"}
    record = old.save(form=form, answers=start, author="a")
    for device in (new, older):
        merge(device, [old.path])
    given = start | {NOTE: "new", SIZE: "4", f"{FOUNDER}/phone": "139"}
    new.save(record=record, form=second, answers=given, author="n")
    older.save(record=record, form=form, answers=start | {SIZE: "2"}, author="o")
    merge(old, [new.path])
    kept = dict(old.state(record).answers)
    assert kept == given
    old.save(record=record, form=form, answers=kept | {NAME: "乙"}, author="a")
    assert old.state(record).answers == kept | {NAME: "乙"}, "an older version keeps what a newer one added"
    new.save(record=record, form=second, answers=given | {NAME: "丙"}, author="n")
    digests = set()
    for number, order in enumerate(itertools.permutations([old.path, new.path, older.path])):
        hub = make(f"hub{number}")
        merge(hub, order)
        state = hub.state(record)
        assert (state.answers[NOTE], state.answers[f"{FOUNDER}/phone"]) == ("new", "139")
        assert state.answers[f"{FOUNDER}/founder_sex"] == "f"
        assert {c.path: sorted(v.value for v in c.values) for c in state.conflicts} == {NAME: ["丙", "乙"]}
        as_the_words_say(hub)
        assert verify(hub).problems == []
        digests.add(hub.state_digest())
    assert len(digests) == 1


def test_a_form_version_that_comes_late(tmp_path: Path) -> None:
    """A phone with a version that the hub has not yet: its edit is taken and shown raw; when the version comes, by a
    file that brings nothing else, answers that were the same are no conflict any more, in lists and counts too."""
    world = World()
    hub = Laptop(tmp_path / "hub.db", "00000001", Clock(world), None)
    other = Laptop(tmp_path / "other.db", "00000002", Clock(world), None)
    phone = Browser("10000000", Clock(world))
    record = hub.create("1", [Act("answer", NAME, "", "甲")], "own")
    merge(other.replica, [hub.path])
    phone.pull(hub)
    phone.learn("2")
    same = [Act("answer", NAME, "", "乙"), Act("founder", "", "k3f9", "王")]
    hub.edit(record, same, newest=False)
    phone.edit(record, same, newest=True)
    assert Sending(phone, hub, (), []).run(200)
    assert hub.replica.counts()["conflicts"] == 1
    derived_rows(hub.replica)
    other.learn("2")
    assert merge(hub.replica, [other.path]).taken == 0
    assert hub.replica.counts()["conflicts"] == 0
    state = hub.replica.state(record)
    assert (state.answers[NAME], state.conflicts) == ("乙", ())
    derived_rows(hub.replica)
    assert verify(hub.replica).problems == []
    hub.close()
    other.close()


def test_a_form_version_put_here_late(make: Make) -> None:
    """The same where the version is put into the hub itself: answers that cannot be told apart without it are a
    conflict from then on."""
    hub, field, beside = make("hub"), make("field"), make("beside")
    second = newer(field)
    record = field.save(form=second, answers={NAME: "甲"}, author="a")
    merge(beside, [field.path])
    for device, value in ((field, "乙"), (beside, "丙")):
        device.save(record=record, form=second, answers={NAME: value}, author="a")
        device.db.execute("DELETE FROM document WHERE id = ?", (second,))
    assert merge(hub, [field.path, beside.path]).set_aside == []
    assert hub.counts()["conflicts"] == 0
    assert newer(hub) == second
    assert hub.counts()["conflicts"] == 1
    assert verify(hub).problems == []
    ((conflict,),) = [state.conflicts for state in hub.states()]
    assert sorted(said.value for said in conflict.values) == ["丙", "乙"]
