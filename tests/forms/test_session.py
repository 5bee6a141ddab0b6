"""Rules of a session that hold whatever the form: nothing lost, nothing stale, nothing asked in vain."""

from __future__ import annotations

import random
from typing import Any

import pytest

from forms import FixedContext, Form, FormError, Session, compile_form, library, read_xform
from forms.attached import memory_lists, read_file
from forms.session.record import form_path
from tests.forms.test_bad_forms import table, xform

NOW = "2026-11-22T09:30:00.000+08:00"
LISTS = memory_lists(read_file(data, name) for name, data in library.lists().items())
LISTS.put("businesses", [{"name": "b", "label": "B", "business_uid": "u1", "village_code": "140502901901"}])


def session(form: Form, **given: Any) -> Session:
    """A session of the fixed world."""
    return Session(form, LISTS, context=FixedContext(NOW), **given)


def small(*rows: str) -> Session:
    """A session of an XLSForm with these rows."""
    return session(compile_form(table(*rows), "f.md"))


def some_value(chance: random.Random, current: Session, path: str, kind: str) -> str:
    """An answer that somebody might give, right or wrong."""
    choices = current.choices(path)
    if choices:
        return chance.choice([value for value, _ in choices] + [""])
    return chance.choice(
        {
            "int": ["0", "1", "2", "3", "2018", "x", ""],
            "decimal": ["0.5", "12", ""],
            "date": ["2026-11-01", "2026-02-30", ""],
            "geopoint": ["35.4 112.7 900 60", "35.4 112.7", ""],
        }.get(kind, ["李", "13812345678", ""])
    )


@pytest.mark.parametrize("name", library.names())
@pytest.mark.parametrize("seed", range(3))
def test_following_each_change_gives_what_computing_everything_gives(name: str, seed: int) -> None:
    """After any answers in any order, a session holds what a fresh one computes from the same answers."""
    chance = random.Random(f"{name} {seed}")
    form = library.load(name)
    current = session(form)
    for _ in range(150):
        paths = [
            path
            for path in current.paths()
            if (node := form.node(form_path(path))).kind == "question" and not node.is_derived()
        ]
        path = chance.choice(paths)
        current.answer(path, some_value(chance, current, path, form.node(form_path(path)).type))
    again = session(form, answers=current.answers(), reasons=current.reasons())
    assert again.answers() == current.answers()
    assert {path for path in again.paths() if again.relevant(path)} == {
        path for path in current.paths() if current.relevant(path)
    }
    assert again.problems() == current.problems()
    assert again.finalise() == current.finalise()


def test_finalised_record_loads_without_change() -> None:
    """What is sent computes itself again: nothing relevant is pruned, nothing pruned comes back."""
    current = session(library.load("business"))
    current.answer("/data/g_consent/contact", "yes")
    current.answer("/data/g_consent/consent_interview", "yes")
    current.answer("/data/g_founders/founders_told", "2")
    answers, reasons = current.finalise()
    again = session(library.load("business"), answers=answers, reasons=reasons)
    assert again.finalise() == (answers, reasons)


def test_wide_digits_of_a_chinese_keyboard_are_numbers() -> None:
    """Full-width digits and points are stored as plain ones, in numbers only."""
    current = small("integer ¦ n ¦ N", "decimal ¦ d ¦ D", "text ¦ t ¦ T")
    current.answer("/data/n", " １２ ")
    current.answer("/data/d", "３．５")
    current.answer("/data/t", "１２")
    assert [current.value(f"/data/{name}") for name in "ndt"] == ["12", "3.5", "１２"]


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("integer", ["0", "-5", "+7", "007"], ["1.5", "1e3", "x", "1 2", "9" * 16]),
        ("decimal", ["1", "-0.5", ".5", "5."], ["1,5", "1e3", "abc", "."]),
        ("date", ["2024-02-29", "1999-12-31"], ["2023-02-29", "2024-2-9", "29.2.2024", "2024-02-29T10:00"]),
        ("time", ["09:30", "23:59:59.999+08:00"], ["24:00", "9:30", "09:60", "noon"]),
        ("dateTime", ["2024-02-29T10:00:00.000+08:00"], ["2024-02-29", "2024-02-29T25:00"]),
        ("geopoint", ["35.5 112.8", "35.5 112.8 900.1 5"], ["35.5", "95 112", "35 190", "35,5 112,8", "a b"]),
        ("select_one yn", ["yes"], ["no", "yes yes"]),
        ("select_multiple yn", ["yes", "yes yes"], ["yes no"]),
    ],
)
def test_types_and_choices_are_checked(kind: str, good: list[str], bad: list[str]) -> None:
    """A malformed answer is a problem at its question and is kept as it was typed."""
    current = small(f"{kind} ¦ q ¦ Q")
    for value in good:
        current.answer("/data/q", value)
        assert current.problems() == [], value
    for value in bad:
        current.answer("/data/q", value)
        (problem,) = current.problems()
        assert problem.path == "/data/q"
        assert problem.code in ("type", "choice")
        assert problem.message
        assert problem.as_dict("zh")["remedy"]
        assert current.value("/data/q") == value


def test_constraint_is_not_asked_of_an_empty_answer() -> None:
    """An empty answer breaks no constraint, and what is not relevant is not required."""
    binds = (
        '<bind nodeset="/data/a" constraint=". = 1"/>'
        '<bind nodeset="/data/b" relevant="/data/a = 1" required="true()"/>'
    )
    body = '<input ref="/data/a"/><input ref="/data/b"/>'
    current = session(read_xform(xform(binds, body=body)))
    assert current.problems() == []
    current.answer("/data/a", "2")
    assert [problem.code for problem in current.problems()] == ["constraint"]
    current.answer("/data/a", "1")
    assert [(problem.path, problem.code) for problem in current.problems()] == [("/data/b", "required")]
    current.reason("/data/b", "dont_know")
    assert current.problems() == []


def test_slow_pattern_is_a_problem_and_not_a_standstill() -> None:
    """A pattern that would run for years gives a numbered problem in a moment."""
    binds = '<bind nodeset="/data/a" constraint="regex(., \'(a|a|aa)+$\')"/>'
    current = session(read_xform(xform(binds, body='<input ref="/data/a"/>')))
    current.answer("/data/a", "a" * 60 + "!")
    (problem,) = current.problems()
    assert (problem.code, problem.number) == ("constraint", "HW-1203")


def test_malformed_date_in_a_calculation_is_a_problem_of_that_question() -> None:
    """An expression that cannot be worked out marks its question, and the others go on."""
    binds = (
        '<bind nodeset="/data/a" type="string"/>'
        '<bind nodeset="/data/b" calculate="format-date(/data/a, \'%Y\')"/>'
    )
    current = session(read_xform(xform(binds, body='<input ref="/data/a"/>')))
    current.answer("/data/a", "not a date")
    (problem,) = current.problems()
    assert (problem.path, problem.code, problem.number) == ("/data/b", "expression", "HW-1201")
    assert "not a date" in problem.message
    current.answer("/data/a", "2020-01-01")
    assert current.problems() == []
    assert current.value("/data/b") == "2020"


def test_paths_that_the_record_does_not_have_are_refused_by_number() -> None:
    """A wrong path, a wrong reason and a row that a count rules are numbered problems, and change nothing."""
    current = session(library.load("business"))
    before = current.answers()
    for act in (
        lambda: current.answer("/data/none", "x"),
        lambda: current.answer("/data/g_consent", "x"),
        lambda: current.reason("/data/g_consent/contact", "lazy"),
        lambda: current.add_repeat("/data/g_founders/founders"),
        lambda: current.add_repeat("/data/g_founders"),
        lambda: current.remove_repeat("/data/g_founders/founders[zzzz]"),
        lambda: current.label("/data/none"),
    ):
        with pytest.raises(FormError, match="HW-14"):
            act()
    assert current.answers() == before


def test_answers_that_the_form_does_not_know_are_kept_aside() -> None:
    """What another version of the form asked is neither lost nor mixed in."""
    current = session(
        library.load("jobs"),
        answers={"/data/g_job/headcount": "3", "/data/new_question": "x", "/data/rows[ab12]": "0001"},
    )
    assert current.extra() == {"/data/new_question": "x", "/data/rows[ab12]": "0001"}
    assert "/data/new_question" not in current.answers()
    assert current.value("/data/g_job/headcount") == "3"


def test_a_context_that_repeats_its_ids_does_not_stop_a_repeat() -> None:
    """Instances get ids of their own even where the context always gives the same."""

    class Same(FixedContext):
        def instance_id(self) -> str:
            return "0000"

    current = Session(library.load("business"), LISTS, context=Same(NOW))
    current.answer("/data/g_consent/contact", "yes")
    current.answer("/data/g_consent/consent_interview", "yes")
    current.answer("/data/g_founders/founders_told", "3")
    paths = current.instances("/data/g_founders/founders")
    assert len(paths) == len(set(paths)) == 3


def test_a_count_from_a_hostile_answer_stays_within_bounds() -> None:
    """A count of millions makes a thousand rows, not a standstill."""
    current = session(library.load("village_visit"))
    current.answer("/data/g_consent/contact", "yes")
    current.answer("/data/g_consent/consent_interview", "yes")
    current.answer("/data/g_listing/places_n", "999999999")
    assert len(current.instances("/data/g_listing/places")) == 1000
    current.answer("/data/g_listing/places_n", "-4")
    assert current.instances("/data/g_listing/places") == []


def test_lists_that_change_are_read_again() -> None:
    """A business recorded a moment ago is offered once the session is told."""
    lists = memory_lists(read_file(data, name) for name, data in library.lists().items())
    current = Session(library.load("inn"), lists, context=FixedContext(NOW))
    assert current.choices("/data/g_link/business_uid") == []
    lists.put("businesses", [{"name": "n", "label": "L", "business_uid": "u"}])
    current.lists_changed()
    assert current.choices("/data/g_link/business_uid") == [("u", "L")]
