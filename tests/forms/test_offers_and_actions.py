"""Answers that a filter offers no more, and actions that set each other off."""

from __future__ import annotations

import pytest

from forms import FixedContext, Form, FormError, MemoryLists, Session, compile_form, read_xform

NOW = "2026-11-22T09:30:00.000+08:00"
PLACES = [
    {"name": "x1", "label": "X1", "county": "x"},
    {"name": "x2", "label": "X2", "county": "x"},
    {"name": "y1", "label": "Y1", "county": "y"},
]
CASCADE = """
| survey | | | | |
| | type | name | label | choice_filter |
| | text | county | County | |
| | select_one_from_file places.csv | town | Town | county=${county} |
| | select_multiple_from_file places.csv | towns | Towns | county=${county} |
"""
EACH_OTHER = """
| survey | | | | |
| | type | name | label | choice_filter |
| | select_one who | first | First | name != ${second} |
| | select_one who | second | Second | name != ${first} |
| choices | | |
| | list_name | name | label |
| | who | a | A |
| | who | b | B |
"""
HEAD = (
    '<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"><h:head><h:title/>'
    "<model><instance><data id='t'><a/><b/></data></instance>"
    "<bind nodeset='/data/a' type='int'/><bind nodeset='/data/b' type='int'/></model></h:head><h:body>"
)


def session(form: Form, lists: MemoryLists | None = None, answers: dict[str, str] | None = None) -> Session:
    return Session(form, lists, answers=answers, context=FixedContext(NOW))


@pytest.fixture(scope="module")
def cascade() -> Form:
    """Towns of a county."""
    return compile_form(CASCADE.encode(), "cascade.md")


def test_a_draft_keeps_what_is_offered_no_more(cascade: Form) -> None:
    """It is pruned from a finished record only; a draft that is opened again brings it back with its county."""
    lists = MemoryLists({"places": PLACES})
    before = session(cascade, lists)
    for path, value in (("county", "x"), ("town", "x2"), ("towns", "x1 x2"), ("county", "y")):
        before.answer(f"/data/{path}", value)
    assert before.answers()["/data/town"] == "x2"
    assert "/data/town" not in before.finalise()[0]
    again = session(cascade, lists, before.answers())
    assert again.value("/data/town") == again.value("/data/towns") == ""
    assert [problem.code for problem in again.problems()] == ["choice", "choice"]
    again.answer("/data/county", "x")
    assert (again.value("/data/town"), again.value("/data/towns")) == ("x2", "x1 x2")
    assert again.problems() == []


def test_part_of_an_answer_stays(cascade: Form) -> None:
    """Of several choices those stay that are offered."""
    lists = MemoryLists({"places": [*PLACES, {"name": "x2", "label": "X2 too", "county": "y"}]})
    record = session(cascade, lists, {"/data/county": "y", "/data/towns": "x1 x2 y1"})
    assert record.value("/data/towns") == "x2 y1"
    assert record.finalise()[0]["/data/towns"] == "x2 y1"


def test_a_list_that_has_not_come_takes_no_answer(cascade: Form) -> None:
    """An answer is told as a problem where its list does not know it, and stays."""
    record = session(cascade, MemoryLists({}), {"/data/county": "x", "/data/town": "x2"})
    assert record.value("/data/town") == "x2"
    assert [problem.code for problem in record.problems()] == ["choice"]
    assert record.finalise()[0]["/data/town"] == "x2"


def test_two_questions_may_leave_out_what_the_other_has() -> None:
    """This is no circle, and rests whichever was first."""
    record = session(compile_form(EACH_OTHER.encode(), "each_other.md"))
    record.answer("/data/first", "a")
    assert [value for value, _ in record.choices("/data/second")] == ["b"]
    record.answer("/data/second", "b")
    record.answer("/data/first", "b")
    assert (record.value("/data/first"), record.value("/data/second")) in [("", "b"), ("b", "")]


def test_actions_that_set_each_other_off_without_end_are_cut() -> None:
    """A form with such actions does not hang."""
    form = read_xform(
        HEAD
        + "<input ref='/data/a'><setvalue event='xforms-value-changed' ref='/data/b' value='/data/a + 1'/>"
        "</input><input ref='/data/b'><setvalue event='xforms-value-changed' ref='/data/a' value='/data/b + 1'/>"
        "</input></h:body></h:html>"
    )
    record = session(form)
    record.answer("/data/a", "1")
    assert 100 <= int(record.value("/data/b")) <= 210


def test_rows_that_the_form_fixes_cannot_be_added_or_removed() -> None:
    """`jr:noAddRemove` fixes the number of rows, here the one of the template."""
    form = read_xform(
        HEAD.replace("<a/>", "<row jr:template=''><x/></row><a/>").replace(
            "<h:html", '<h:html xmlns:jr="http://openrosa.org/javarosa"'
        )
        + "<repeat nodeset='/data/row' jr:noAddRemove='true()'><input ref='/data/row/x'/></repeat></h:body></h:html>"
    )
    record = session(form)
    (row,) = record.instances("/data/row")
    with pytest.raises(FormError, match="HW-1420"):
        record.add_repeat("/data/row")
    with pytest.raises(FormError, match="HW-1420"):
        record.remove_repeat(row)
