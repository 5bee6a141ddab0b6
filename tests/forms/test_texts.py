"""Expressions in texts: what pyxform writes of them, and what is read."""

from __future__ import annotations

import pytest

from forms import FormError, Session, compile_form, read_xform
from forms.xform.itext import unescaped

SHEET = """| survey | | | |
| | type | name | label |
| | integer | least | Least |
| | select_one inns | inn | Inn |
| | note | told | {label} |
| choices | | | | |
| | list_name | name | label | beds |
| | inns | a | A & B | 3 |
| | inns | b | Big | 12 |
"""


def told(label: str) -> str:
    """The label of the note, after 5 was answered."""
    session = Session(compile_form(SHEET.format(label=label).encode(), "inns.md"))
    session.answer("/data/least", "5")
    return session.label("/data/told")


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("instance('inns')/root/item[beds < 5]/label", "A & B"),
        ("instance('inns')/root/item[beds >= ${least} and beds < 100]/label", "Big"),
        ("instance('inns')/root/item[label = 'A & B']/name", "a"),
        ("instance('inns')/root/item[name != '&lt;' and beds > 5]/label", "Big"),
        ("instance('inns')/root/item['&lt;' != '<' and name = 'a']/beds", "3"),
    ],
)
def test_a_comparison_in_a_text_is_read_as_it_was_written(expression: str, text: str) -> None:
    """`<`, `>` and `&` between brackets and between quotation marks."""
    assert told(f"Is it {expression} now") == f"Is it {text} now"


def test_texts_around_an_expression_stay_as_they_are() -> None:
    """What is no expression is not touched: the text says `&lt;` where the sheet says so."""
    assert told("a < b &lt; ${least}") == "a < b &lt; 5"


def test_an_xform_of_pyxform_is_read_too() -> None:
    """An XForm that another tool compiled with pyxform holds the expression escaped twice."""
    xform = compile_form(
        SHEET.format(label="x instance('inns')/root/item[beds < 5]/label").encode(), "inns.md"
    ).xform
    assert "[beds &lt; 5]" in xform
    form = read_xform(xform.replace("[beds &lt; 5]", "[beds &amp;lt; 5]"), "inns.xml")
    assert Session(form).label("/data/told") == "x A & B"


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("/data/a &lt; 5 and /data/b = '&amp;lt;'", "/data/a < 5 and /data/b = '&lt;'"),
        ("concat('&lt;', /data/a)", "concat('&lt;', /data/a)"),
        ("/data/a", "/data/a"),
        (None, ""),
    ],
)
def test_only_what_cannot_be_an_expression_is_unescaped(value: str | None, read: str) -> None:
    """Between quotation marks alone an `&lt;` may be meant."""
    assert unescaped(value) == read


def test_what_is_no_expression_even_so_is_told_as_the_sheet_has_it() -> None:
    """`<>` is no operator: the excerpt shows what was written."""
    with pytest.raises(FormError) as caught:
        told("instance('inns')/root/item[beds <> 1]/label")
    assert "beds <> 1" in caught.value.problems[0].excerpt
