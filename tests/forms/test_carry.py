"""A draft that moves to another version of its form: what comes along, what is left, and that nothing is lost."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms import Session, compile_form
from forms.carry import carry, kept, undecided
from forms.session.record import form_path
from tests.forms.carrying import FILE, forms_of, random_answers, random_form, result
from tests.forms.vectors import read

VECTORS = read(FILE)
FORMS = forms_of(VECTORS)


def moved(name: str) -> Any:
    """The result of a case of the vectors."""
    return next(case["result"] for case in VECTORS["cases"] if case["name"] == name)


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
def test_the_vectors_hold(case: dict[str, Any]) -> None:
    """Python makes of each case what the file says; JavaScript is held to the same."""
    assert result(VECTORS, FORMS, case) == case["result"]


def test_what_is_not_asked_any_more_is_left_in_words_of_both_languages() -> None:
    """The question as it was asked and the answer, so that they can be read without the old version."""
    item = moved("all that can happen")["left"][0]
    assert (item["path"], item["why"], item["value"]) == ("/data/rooms", "gone", "12")
    assert item["label"] == {"zh": "房间数", "en": "Number of rooms"}


def test_a_choice_that_is_there_no_more_is_left_and_the_others_stay() -> None:
    """One of two ticked choices is gone: the other is carried over, the gone one is called by its label."""
    found = moved("all that can happen")
    assert found["answers"]["/data/acts"] == "pick"
    fish = next(item for item in found["left"] if item["path"] == "/data/acts")
    assert (fish["value"], fish["shown"]) == ("fish", {"zh": "钓鱼", "en": "Fishing"})


def test_a_question_that_moved_takes_its_answer_along() -> None:
    """Into a group, inside a repeat that moved, under a new name with the same words."""
    answers = moved("all that can happen")["answers"]
    assert answers["/data/g/name"] == "山里人家"
    assert answers["/data/p/founders[k3f9]/who"] == "王"
    assert answers["/data/owner"] == "王小满"


def test_an_answer_fits_another_type_or_is_left() -> None:
    """`2019` is a whole number, `2019年` is none."""
    assert moved("a choice of the same label, a number that fits")["answers"]["/data/opened"] == "2019"
    left = moved("all that can happen")["left"]
    assert ("/data/opened", "type", "2019年") in [(item["path"], item["why"], item["value"]) for item in left]


def test_what_the_form_gave_never_becomes_an_answer_that_nobody_gave() -> None:
    """A calculation of the old version that is a question of the new one leaves it empty; a code that was read out and
    is worked out no longer stays."""
    assert "/data/code" not in moved("what the form works out now, and no longer")["answers"]
    assert moved("all that can happen")["answers"]["/data/code"] == "K7"


def test_a_move_back_restores_everything() -> None:
    """What was left returns to its question when the form has it again."""
    before = next(case for case in VECTORS["cases"] if case["name"] == "all that can happen")["answers"]
    assert moved("an older version, back from the newer")["answers"] == before


@settings(max_examples=150, deadline=None)
@given(st.randoms(use_true_random=True))
def test_no_answer_is_ever_lost(chance: Random) -> None:
    """There and back between any two versions of any form: each answer and reason of a person is there again or is
    shown."""
    names = ["p", "q", "r", "s"]
    first, second = (compile_form(random_form(chance, names).encode(), "f.md") for _ in "12")
    answers, reasons = random_answers(chance, first)
    there = carry(first, second, answers, reasons)
    back = carry(second, first, there.answers, there.reasons, None, there.left)
    shown = {(item["path"], item["value"] or item["reason"]) for item in back.left}
    for path, said in [*answers.items(), *reasons.items()]:
        node = first.node(form_path(path))
        if node.kind != "question" or node.is_derived():
            continue
        held = back.answers.get(path, "") or back.reasons.get(path, "")
        offered = (
            first.instances[node.choices.instance]["items"] if node.choices and path in answers else None
        )
        could = {row["name"] for row in offered} if offered is not None else set(said.split())
        rest = {word for word in said.split() if word in could and word not in held.split()}
        assert not rest or rest <= {word for at, value in shown if at == path for word in value.split()}, path


ASKED = """| survey | | | |
| | type | name | label |
| | integer | beds | Beds |
| | select_one k | kind | Kind |
| choices | | | |
| | list_name | name | label |
| | k | farm | Farm |
"""


def item(path: str, value: str, why: str = "choice") -> Any:
    """Something left."""
    texts: dict[str, str] = {}
    return {
        "path": path, "why": why, "type": "one", "label": texts, "value": value, "reason": "", "shown": texts,
        "within": texts,
    }  # fmt: skip


def test_an_answer_given_anew_decides_and_what_is_not_asked_goes_with_the_record() -> None:
    """A choice that is gone stands in the way of finishing until the question is answered or it is let go of; an answer
    that nobody asks for any more does not, and is kept."""
    session = Session(compile_form(ASKED.encode(), "a.md"), answers={"/data/beds": "3"})
    left = [item("/data/kind", "other"), item("/data/rooms", "12", "gone")]
    assert undecided(session, left) == left[:1]
    assert kept(session, left) == ({"/data/rooms": "12"}, {})
    session.answer("/data/kind", "farm")
    assert undecided(session, left) == []
    session.reason("/data/kind", "refused")
    assert undecided(session, left) == []
