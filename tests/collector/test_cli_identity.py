"""The commands `mend`, `quarantine` and `backup`, as a supervisor runs and reads them."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import stat
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from collector import app_db
from collector.accounts import people
from collector.tables.store import Tables
from sync import Replica, keys, merge, verify
from tests.collector.test_cli_sync import LAYOUT, homeward

NAME = "/data/name"


class Office:
    """A hub; Bo's laptop and a copy of it, which both went on after their first record; a form that all know."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.hub, self.bo, self.copy = (
            folder / "hub.db",
            folder / "field" / "bo.db",
            folder / "stick" / "bo.db",
        )
        with Replica.create(self.hub), Replica.create(self.bo) as bo:
            self.form = bo.put_form("test", "1", b"<x/>", LAYOUT)
            self.name = bo.name
            bo.save(form=self.form, answers={NAME: "共同"}, author="bo")
        self.copy.parent.mkdir()
        shutil.copy(self.bo, self.copy)
        self.write(self.bo, "甲", "乙")
        self.write(self.copy, "丙")

    def write(self, path: Path, *names: str) -> list[str]:
        """Records in a database; their names."""
        with Replica.open(path) as replica:
            return [replica.save(form=self.form, answers={NAME: name}, author="bo") for name in names]

    def values(self, path: Path) -> list[str]:
        """What the records of a database are called."""
        with Replica.open(path) as replica:
            assert verify(replica).problems == []
            return sorted(state.answers[NAME] for state in replica.states() if state.created)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """The hub has merged Bo's laptop, then the copy."""
    made = Office(tmp_path)
    assert homeward("merge", made.hub, made.bo, made.copy).returncode == 3
    return made


def words(done: subprocess.CompletedProcess[str]) -> str:
    """All that was printed, without the paths and times of this run."""
    return re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "TIME", done.stdout)


def test_mend_says_what_happened_and_does_it_only_when_told(office: Office) -> None:
    """In both languages: who went on from where, how much of it is here and set aside, under which name it is taken
    in; nothing is changed before --yes; afterwards there is nothing to mend."""
    before = office.hub.read_bytes()
    told = homeward("mend", office.hub)
    assert told.returncode == 3
    assert (
        f"Two copies of the database {office.name} both went on under that name after change 1."
        in told.stdout
    )
    assert f"One ({office.bo}) has 2 changes here since." in told.stdout
    assert f"What the other made ({office.copy}, TIME; 1 change in 1 record) is set aside." in words(told)
    assert "Nothing is lost." in told.stdout
    assert "Nothing was changed. With --yes it is done." in told.stdout
    chinese = homeward("mend", office.hub, "--lang", "zh").stdout
    assert f"数据库 {office.name} 的两份拷贝在第 1 条变更之后都用同一名称继续登记" in chinese
    assert "没有丢失内容" in chinese
    assert office.hub.read_bytes() == before
    found = json.loads(homeward("mend", office.hub, "--json").stdout)
    (finding,) = found["findings"]
    assert (finding["what"], finding["number"], finding["here"], finding["aside"]) == ("branch", 2, 2, 1)
    done = homeward("mend", office.hub, "--yes")
    assert (done.returncode, "1 change taken in" in done.stdout) == (0, True), done
    assert office.values(office.hub) == ["丙", "乙", "共同", "甲"]
    with Replica.open(office.hub) as hub:
        assert finding["name"] in [log["replica"] for log in hub.logs()]
    again = homeward("mend", office.hub, "--yes")
    assert (again.returncode, again.stdout.strip()) == (0, "Nothing is to be mended.")


def test_mend_takes_what_is_not_signed_only_when_told(office: Office) -> None:
    """A copy whose changes nobody signed stays set aside, with the reason; --unsigned takes it."""
    with Replica.open(office.bo) as bo:
        bo.sign_tip(keys.generate())
    homeward("merge", office.hub, office.bo)
    refused = homeward("mend", office.hub, "--yes")
    assert (refused.returncode, "HW-2073" in refused.stdout) == (3, True)
    assert "--unsigned" in homeward("mend", office.hub).stdout
    assert json.loads(homeward("mend", office.hub, "--yes", "--json").stdout)["findings"][0]["refused"][
        "code"
    ] == ("HW-2073")
    assert homeward("mend", office.hub, "--yes", "--unsigned").returncode == 0
    assert "丙" in office.values(office.hub)


def test_mend_names_records_that_a_third_may_have_meant_otherwise(office: Office) -> None:
    """Somebody reviewed a record whose name both copies gave: it is named, so that a person can look."""
    with Replica.open(office.hub) as hub:
        hub.review(f"{office.name}-2", "approved", author="s")
    told = homeward("mend", office.hub).stdout
    assert (
        f"1 record bear names that both copies gave, and somebody else edited or reviewed them: {office.name}-2"
        in (told)
    )


def test_a_laptop_mends_itself_with_the_hub(office: Office) -> None:
    """The copy, shown the hub, says that it was copied, gives its part a name of its own and goes on under a new one;
    an older copy says that it was set back. Of the hub only what the laptop itself made is taken."""
    old = office.folder / "old.db"
    with Replica.create(office.folder / "other.db") as other:
        other.put_form("test", "1", b"<x/>", LAYOUT)
    office.write(office.folder / "other.db", "丁")
    homeward("merge", office.hub, office.folder / "other.db")
    shutil.copy(office.copy, old)
    told = homeward("mend", office.copy, office.hub)
    assert told.returncode == 3
    assert "This database and a copy of it both went on under the name" in told.stdout
    assert homeward("mend", office.copy, office.hub, "--yes").returncode == 0
    assert office.values(office.copy) == ["丙", "乙", "共同", "甲"]
    (record,) = office.write(office.copy, "戊")
    assert not record.startswith(office.name)
    assert homeward("merge", office.hub, office.copy).returncode == 0
    assert office.values(office.hub) == ["丁", "丙", "乙", "共同", "戊", "甲"]
    assert f"Former names of this database: {office.name}" in homeward("status", office.copy).stdout
    behind = office.folder / "behind.db"
    with Replica.open(office.bo) as bo:
        shutil.copy(office.bo, behind)
        bo.save(form=office.form, answers={NAME: "己"}, author="bo")
    homeward("merge", office.hub, office.bo)
    assert "This database was set back" in homeward("mend", behind, office.hub).stdout
    assert "本库被换回了旧的状态" in homeward("mend", behind, office.hub, "--lang", "zh").stdout
    done = json.loads(homeward("mend", behind, office.hub, "--yes", "--json").stdout)
    assert (done["taken"], done["name"] != office.name) == (1, True)
    assert office.values(behind) == ["乙", "共同", "己", "甲"]


def test_what_cannot_be_mended_is_said_and_left(office: Office) -> None:
    """A file that is none and a log that was altered: mend says that it does not guess and where to look."""
    (office.folder / "broken.db").write_bytes(b"PK\x03\x04" * 100)
    altered = office.folder / "altered.db"
    with Replica.create(altered) as replica:
        replica.put_form("test", "1", b"<x/>", LAYOUT)
    office.write(altered, "辛")
    with closing(sqlite3.connect(altered)) as db, db:
        db.execute("UPDATE change SET payload = replace(payload, '辛', '壬')")
    homeward("merge", office.hub, office.folder / "broken.db", altered)
    done = homeward("mend", office.hub, "--yes")
    assert done.returncode == 3
    assert "HW-2004" in done.stdout
    assert "Mending does not guess what was meant." in done.stdout
    with Replica.open(office.hub) as hub:
        assert [entry.problem.code for entry in hub.quarantined()] == ["HW-2004", "HW-2008"]


def test_quarantine_shows_releases_and_drops(office: Office) -> None:
    """What was set aside is listed with its reason, its answers can be read, it is released through mend, thrown away
    only when a person agrees, and shown as over afterwards."""
    listed = homeward("quarantine", office.hub)
    assert (listed.returncode, "(1 change kept)" in listed.stdout, "HW-2011" in listed.stdout) == (
        3,
        True,
        True,
    )
    shown = homeward("quarantine", office.hub, "1").stdout
    assert f"{office.name}-2: bo recorded test on" in shown
    assert f"{NAME}: 丙" in shown
    whole = json.loads(homeward("quarantine", office.hub, "1", "--json").stdout)
    assert [change["answers"] for change in whole["changes"]] == [{NAME: "丙"}]
    assert "Nothing was thrown away." in homeward("quarantine", office.hub, "--drop", "1", stdin="n\n").stdout
    released = homeward("quarantine", office.hub, "--release", "1", "--lang", "zh")
    assert (released.returncode, "编号 1 已并入：变更 1 条。" in released.stdout) == (0, True), released
    assert homeward("quarantine", office.hub).stdout.strip() == "Nothing is set aside."
    assert "under a name of its own" in homeward("quarantine", office.hub, "--all").stdout
    assert "HW-2076" in homeward("quarantine", office.hub, "--drop", "1", "--yes").stderr
    assert "HW-2074" in homeward("quarantine", office.hub, "9").stderr
    (office.folder / "broken.db").write_bytes(b"")
    homeward("merge", office.hub, office.folder / "broken.db")
    assert "HW-2075" in homeward("quarantine", office.hub, "--release", "2").stderr
    assert homeward("quarantine", office.hub, "--drop", "2", "--yes").returncode == 0


def test_a_backup_holds_records_accounts_and_keys(office: Office) -> None:
    """The copy and the accounts beside it are readable for their owner alone; whoever restores both can sign in, and
    goes on under a new name; what is backed up shows in `status`."""
    with closing(app_db.connect(app_db.path_for(office.hub))) as connection:
        people.add(connection, "fang", "a-long-password", role="supervisor")
    target = office.folder / "disk"
    target.mkdir()
    (office.folder / "plain").mkdir()
    told = homeward("backup", office.hub, target / "hub.db")
    assert (told.returncode, "is checked" in told.stdout, "private keys" in told.stdout) == (0, True, True), (
        told
    )
    assert homeward("backup", office.hub, target).returncode == 0, "again, over the one before"
    assert sorted(path.name for path in target.iterdir()) == ["hub-app.db", "hub.db"]
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in target.iterdir())
    assert "Backed up: 3 changes" in homeward("status", office.hub).stdout
    restored = office.folder / "restored"
    shutil.copytree(target, restored)
    with closing(app_db.connect(app_db.path_for(restored / "hub.db"))) as connection:
        assert people.by_password(connection, "fang", "a-long-password") is not None
    assert "This file is a backup of" in homeward("status", restored / "hub.db").stdout
    assert "备份" in homeward("mend", restored / "hub.db", "--lang", "zh").stdout
    for source, onto in ((office.bo, target / "hub.db"), (restored / "hub.db", office.hub)):
        refused = homeward("backup", source, onto)
        assert (refused.returncode, "HW-2082" in refused.stderr) == (1, True), refused
    office.write(office.bo, "庚")
    homeward("merge", office.hub, office.bo)
    homeward("backup", office.hub, target)
    refused = homeward("backup", restored / "hub.db", target)
    assert (refused.returncode, "HW-2077" in refused.stderr) == (1, True), refused
    without = homeward(
        "backup", office.hub, office.folder / "plain" / "hub.db", "--without-accounts", "--json"
    )
    assert json.loads(without.stdout)["accounts"] is None
    assert [path.name for path in (office.folder / "plain").iterdir()] == ["hub.db"]


@pytest.mark.parametrize("dest", ["{folder}/disk/", "{folder}/mnt/disk/", "{folder}/mnt/hub.db"])
def test_a_backup_makes_no_folder(office: Office, dest: str) -> None:
    """A disk that is not plugged in is told (HW-3433), and nothing is made in its place."""
    refused = homeward("backup", office.hub, dest.format(folder=office.folder))
    assert (refused.returncode, refused.stderr[:7]) == (1, "HW-3433"), refused
    assert not {"disk", "mnt"} & {path.name for path in office.folder.iterdir()}


def test_tables_follow_when_records_get_other_names(office: Office) -> None:
    """The flat tables hold each record once, under the name that it goes by, also after another store moved it."""
    peer = office.folder / "peer.db"
    with Replica.create(peer) as other:
        merge(other, [office.copy, office.bo])
    assert homeward("mend", peer, "--yes").returncode == 0

    def names() -> list[str]:
        with Replica.open(office.hub) as hub, Tables.of(hub) as tables:
            tables.update(hub)
            rows = tables.connection.execute("SELECT _record FROM record ORDER BY 1").fetchall()
            assert [row[0] for row in rows] == [state.record for state in hub.states()]
            return [row[0] for row in rows]

    before = names()
    assert f"{office.name}-3" in before
    assert homeward("merge", office.hub, peer).returncode == 0
    after = names()
    assert f"{office.name}-3" not in after
    assert len(after) == 4
