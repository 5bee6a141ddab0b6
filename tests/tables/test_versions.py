"""Records of several versions of a form in one table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from collector.library import put_form
from collector.tables import Tables
from collector.tables.columns import tables_for
from forms import Form, compile_form
from sync import Replica, merge
from tests.forms.carrying import FILE, forms_of
from tests.forms.vectors import read

FORMS = forms_of(read(FILE))
OLD = {
    "/data/name": "山里人家", "/data/rooms": "12", "/data/kind": "other", "/data/acts": "pick fish",
    "/data/opened": "2019年", "/data/price": "88.5", "/data/founders[k3f9]": "0001", "/data/founders[k3f9]/who": "王",
    "/data/founders[k3f9]/age": "40",
}  # fmt: skip
NEW = {
    "/data/g/name": "河边人家", "/data/g/kind": "hotel", "/data/acts": "walk", "/data/opened": "2020",
    "/data/price": "90", "/data/beds": "8", "/data/p/founders[a1b2]": "0001", "/data/p/founders[a1b2]/who": "李",
    "/data/p/founders[a1b2]/home": "甲村",
}  # fmt: skip


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Replica]:
    """An empty hub."""
    with Replica.create(tmp_path / "hub.db") as replica:
        yield replica


def rows(hub: Replica, sql: str) -> list[Any]:
    """What the tables, brought up to date, answer."""
    with Tables.of(hub) as tables:
        tables.update(hub)
        return tables.connection.execute(sql).fetchall()


def save(hub: Replica, form: str, answers: Mapping[str, str]) -> str:
    """A record of a form version."""
    return hub.save(form=put_form(hub, FORMS[form]), answers=dict(answers), author="anna0000")


def small(*questions: str) -> Form:
    """A form of these rows: type, name, and what the release does with it."""
    head = ["| survey | | | | |", "| | type | name | label | bind::fs:publish |"]
    lines = ["| | {} | {} | Q | {} |".format(*each.split("|")) for each in questions]
    settings = ["| settings | | |", "| | form_id | namespaces |", '| | small | fs="urn:field-survey:1" |', ""]
    return compile_form("\n".join([*head, *lines, *settings]).encode(), "small.md")


def test_columns_are_those_of_all_versions(hub: Replica) -> None:
    """A question that only one version asks is NULL in records of the other; one that moved, and a repeat that moved,
    have one column and one table."""
    save(hub, "stay1", OLD)
    save(hub, "stay2", NEW)
    got = rows(hub, "SELECT name, rooms, beds, _check FROM form_stay ORDER BY rooms IS NULL")
    assert got == [("山里人家", 12, None, "ok"), ("河边人家", None, 8, "ok")]
    founders = rows(hub, "SELECT who, age, home, _position FROM form_stay__founders ORDER BY who")
    assert founders == [("李", None, "甲村", 1), ("王", 40, None, 1)]
    tables = rows(
        hub, "SELECT name FROM sqlite_master WHERE name LIKE 'form_stay%' AND type = 'table' ORDER BY name"
    )
    assert [name for (name,) in tables] == ["form_stay", "form_stay__founders", "form_stay__trips"]


def test_a_choice_that_was_removed_or_renamed_keeps_its_records(hub: Replica) -> None:
    """Each record shows what was chosen in its own version, and passes the check of that version."""
    save(hub, "stay1", OLD)
    save(hub, "stay1", {**OLD, "/data/kind": "inn"})
    save(hub, "stay2", NEW)
    got = rows(hub, "SELECT kind, acts, _check FROM form_stay ORDER BY kind")
    assert got == [("hotel", "walk", "ok"), ("inn", "pick fish", "ok"), ("other", "pick fish", "ok")]


def test_a_type_that_changed_holds_what_every_version_answered(hub: Replica) -> None:
    """Text and whole number: text. A number with decimals and a whole one: numbers."""
    save(hub, "stay1", OLD)
    save(hub, "stay2", NEW)
    got = rows(hub, "SELECT opened, price, typeof(price), _check FROM form_stay ORDER BY price")
    assert got == [("2019年", 88.5, "real", "ok"), ("2020", 90.0, "real", "ok")]


def test_a_text_that_became_a_position_has_both(hub: Replica) -> None:
    """The words of before in their column, the position in its four; another question of such a name keeps its own."""
    for form, value in (
        (small("text|gps|", "text|gps_lat|"), "behind the mill"),
        (small("geopoint|gps|", "text|gps_lat|"), "35.5 112.5 800 5"),
    ):
        hub.save(
            form=put_form(hub, form), answers={"/data/gps": value, "/data/gps_lat": "x"}, author="anna0000"
        )
    got = rows(hub, "SELECT gps, gps_2_lat, gps_2_acc, gps_lat FROM form_small ORDER BY gps IS NULL")
    assert got == [("behind the mill", None, None, "x"), (None, 35.5, 5.0, "x")]


def test_an_answer_that_went_along_with_a_newer_version_is_in_its_old_column(hub: Replica) -> None:
    """No record here was made with the version that asked it."""
    put_form(hub, FORMS["stay1"])
    save(hub, "stay2", {**NEW, "/data/rooms": "12"})
    assert rows(hub, "SELECT rooms, beds, _check FROM form_stay") == [(12, 8, "ok")]


def test_a_version_that_comes_after_its_records_brings_them_in(hub: Replica, tmp_path: Path) -> None:
    """Until then a record stands in `record` alone; whole and by parts give the same afterwards."""
    late = FORMS["stay1"]
    with Replica.create(tmp_path / "field" / "field.db") as field:
        save(field, "stay1", OLD)
        path = field.path
    save(hub, "stay2", NEW)
    merge(hub, [path])
    with hub.transaction():
        hub.db.execute("DELETE FROM document WHERE id = ?", [late.id])
    hub.close()
    with Replica.open(hub.path) as again:
        assert rows(again, "SELECT _check FROM record ORDER BY _check") == [("ok",), ("unknown_form",)]
        assert rows(again, "SELECT count(*) FROM form_stay") == [(1,)]
        put_form(again, late)
        assert rows(again, "SELECT name, _check FROM form_stay ORDER BY name") == [
            ("山里人家", "ok"),
            ("河边人家", "ok"),
        ]
        with Tables(tmp_path / "anew.db") as anew, Tables.of(again) as tables:
            anew.rebuild(again)
            everything = "SELECT * FROM form_stay ORDER BY _record"
            assert (
                anew.connection.execute(everything).fetchall()
                == tables.connection.execute(everything).fetchall()
            )


def test_a_late_version_that_changes_no_column_is_noticed(hub: Replica) -> None:
    """Only a label is other: its records come in all the same."""
    first = small("text|a|")
    second = compile_form(first.xform.replace(">Q<", ">R<").encode(), "small.xml")
    put_form(hub, first)
    record = hub.save(form=put_form(hub, second), answers={"/data/a": "1"}, author="anna0000")
    with hub.transaction():
        hub.db.execute("DELETE FROM document WHERE id = ?", [second.id])
    assert rows(hub, "SELECT _check FROM record") == [("unknown_form",)]
    put_form(hub, second)
    assert rows(hub, "SELECT _record, a, _check FROM form_small") == [(record, "1", "ok")]


def test_what_an_earlier_version_kept_back_never_shares_a_column_with_what_is_published() -> None:
    """A question that moved and is published only now has a column of its own: the release reads that alone."""
    grouped = ("begin group|g|", "text|a|as_is", "end group||")
    before, now = small("text|a|drop", "text|b|as_is"), small(*grouped, "text|b|as_is")
    columns = tables_for([before, now])["small"].tables[""].columns
    assert columns["/data/a"] is not columns["/data/g/a"]
    same = tables_for([small("text|a|as_is"), now])["small"].tables[""].columns
    assert same["/data/a"] is same["/data/g/a"]


def test_two_questions_of_one_name_keep_two_columns() -> None:
    """Where a name is not enough to tell which question moved, none is taken for the other."""
    now = small("begin group|g|", "text|a|", "end group||", "begin group|h|", "text|a|", "end group||")
    columns = tables_for([small("text|a|"), now])["small"].tables[""].columns
    assert len({columns[path].name for path in ("/data/a", "/data/g/a", "/data/h/a")}) == 3
