"""Forms that cannot be used: each fault gives its number, place and remedy, and nothing crashes."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms import FixedContext, FormError, Session, compile_form, read_xform
from forms.problems import LANGUAGES
from forms.xpath.errors import ExpressionError
from forms.xpath.parser import parse

SURVEY = """| survey |
| | type | name | label | calculation | relevant | constraint | choice_filter |
{rows}
| choices |
| | list_name | name | label |
| | yn | yes | Yes |
"""


def table(*rows: str) -> bytes:
    """An XLSForm of these rows: type, name, label, calculation, relevant, constraint, choice_filter."""
    filled = [
        "| | " + " | ".join([*(part.strip() for part in row.split("¦")), *[""] * 7][:7]) + " |"
        for row in rows
    ]
    return SURVEY.format(rows="\n".join(filled)).encode()


def xform(binds: str, instance: str = "<a/><b/>", body: str = "", head: str = "") -> str:
    """A small XForm."""
    return (
        f'{head}<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml" '
        'xmlns:jr="http://openrosa.org/javarosa"><h:head><h:title>t</h:title><model>'
        f'<instance><data id="t">{instance}</data></instance>{binds}</model></h:head>'
        f"<h:body>{body}</h:body></h:html>"
    )


def codes(error: FormError) -> list[str]:
    """The numbers of all problems; each must have texts in both languages."""
    for problem in error.problems:
        for lang in LANGUAGES:
            assert problem.message(lang)
            assert problem.remedy(lang)
            assert set(problem.as_dict(lang)) >= {"code", "place", "message", "remedy"}
    return [problem.code for problem in error.problems]


def refused(source: bytes | str, filename: str) -> FormError:
    """The error that a form gives."""
    data = source.encode() if isinstance(source, str) else source
    with pytest.raises(FormError) as caught:
        compile_form(data, filename)
    return caught.value


def zipped(**files: bytes) -> bytes:
    """A zip archive."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "filename", "code"),
    [
        (b"", "f.xlsx", "HW-1008"),
        (b"\xd0\xcf\x11\xe0 an old xls", "f.xlsx", "HW-1320"),
        (b"PK\x03\x04 broken", "f.xlsx", "HW-1008"),
        (zipped(nothing=b"x"), "f.xlsx", "HW-1008"),
        (zipped(nothing=b"x")[:-10], "f.xlsx", "HW-1008"),
        (b"\x89PNG", "photo.png", "HW-1007"),
        (b"whatever", "no_ending", "HW-1007"),
        ("| survey |\n| | type | name | label |\n| | text | 名 | x |".encode("gb18030"), "f.md", "HW-1009"),
        (b"<html>", "f.xml", "HW-1002"),
        (b"<html/>", "f.xml", "HW-1006"),
        (b"", "f.xml", "HW-1002"),
        (b"", "f.md", "HW-1323"),
        (b"no table here", "f.md", "HW-1323"),
        (b"a,b\n1,2", "f.csv", "HW-1323"),
        (b"\x00\x01\x02", "f.csv", "HW-1323"),
        ("name,label,x\nv1,村,1\n,,\na,b,c\n".encode(), "f.csv", "HW-1323"),
    ],
)
def test_what_is_no_form_gives_a_number(data: bytes, filename: str, code: str) -> None:
    """A file that is no spreadsheet, broken, or in another encoding is refused by number and name."""
    error = refused(data, filename)
    assert codes(error) == [code]
    assert error.problems[0].place.startswith(filename)


def test_missing_file_gives_a_number(tmp_path: Path) -> None:
    """A file that is not there, or is a folder, is refused like any other."""
    for path in (tmp_path / "none.md", tmp_path / "folder.md"):
        if path.stem == "folder":
            path.mkdir()
        with pytest.raises(FormError) as caught:
            compile_form(path)
        assert codes(caught.value) == ["HW-1001"]


def test_refusal_of_pyxform_keeps_its_row() -> None:
    """What pyxform says of a row is said with that row."""
    error = refused(table("text ¦ a ¦ A", "text ¦ ¦ B"), "f.md")
    assert codes(error) == ["HW-1010"]
    assert error.problems[0].place == "f.md row 3"


def test_all_faulty_expressions_are_named_at_once() -> None:
    """A form with several faults is mended in one go: each expression with question, column and a caret."""
    error = refused(
        table(
            "text ¦ a ¦ A ¦ ¦ ¦ . = 1 2",
            "text ¦ b ¦ B ¦ ¦ (${a} = 'x'",
            "calculate ¦ c ¦ ¦ uppercase(${a})",
            "calculate ¦ d ¦ ¦ zzz(1)",
            "calculate ¦ e ¦ ¦ substr(${a})",
            "calculate ¦ f ¦ ¦ ${a} + ",
            "calculate ¦ g ¦ ¦ ${a} 'x",
        ),
        "f.md",
    )
    assert codes(error) == ["HW-1101", "HW-1106", "HW-1110", "HW-1109", "HW-1111", "HW-1105", "HW-1102"]
    assert [problem.place for problem in error.problems][:2] == [
        "f.md /data/a constraint",
        "f.md /data/b relevant",
    ]
    assert error.problems[2].params["near"] == "upper-case"
    line, caret = error.problems[0].excerpt.splitlines()
    assert line[caret.index("^")] == "2"


def test_caret_stands_under_the_typographic_quote() -> None:
    """A quote from a word processor is pointed at, wide characters before it counted as two columns."""
    error = refused(xform('<bind nodeset="/data/a" constraint=". != \'村庄\' and . = ‘x’"/>'), "f.xml")
    assert codes(error) == ["HW-1103"]
    line, caret = error.problems[0].excerpt.splitlines()
    assert caret.index("^") == line.index("‘") + len("村庄")
    assert error.problems[0].params["wanted"] == "'"


def test_circle_is_refused_with_the_names_of_its_questions() -> None:
    """A circle of calculations names the questions in it, in the order in which they are read."""
    error = refused(
        table(
            "calculate ¦ a ¦ ¦ ${b} + 1",
            "calculate ¦ b ¦ ¦ ${c} + 1",
            "calculate ¦ c ¦ ¦ ${a} + 1",
            "text ¦ d ¦ D",
        ),
        "f.md",
    )
    assert codes(error) == ["HW-1015"]
    assert set(error.problems[0].params["names"].split(" → ")) == {"a", "b", "c"}


@pytest.mark.parametrize(
    "binds",
    [
        '<bind nodeset="/data/a" calculate=". + 1"/>',
        '<bind nodeset="/data/a" relevant="/data/a = 1"/>',
        '<bind nodeset="/data/a" relevant="/data/b = 1"/><bind nodeset="/data/b" calculate="/data/a"/>',
    ],
)
def test_circles_through_relevance_and_oneself_are_refused(binds: str) -> None:
    """A question whose value or relevance rests on itself is refused."""
    assert codes(refused(xform(binds), "f.xml")) == ["HW-1015"]


def test_constraint_on_itself_and_required_by_a_later_answer_are_no_circles() -> None:
    """Constraints and requirements only look: they may look at each other."""
    binds = (
        '<bind nodeset="/data/a" constraint=". &lt; /data/b" required="/data/b = \'\'"/>'
        '<bind nodeset="/data/b" constraint=". &gt; /data/a" required="/data/a != \'\'"/>'
    )
    assert read_xform(xform(binds)).order == ()


def test_count_may_rest_on_the_number_of_rows() -> None:
    """A count worked out from how many rows there are is followed until it rests, and is no circle."""
    binds = (
        '<bind nodeset="/data/n" calculate="count(/data/r)"/>'
        '<bind nodeset="/data/wanted" calculate="if(/data/n &lt; 3, /data/n + 1, 3)"/>'
    )
    body = (
        '<repeat nodeset="/data/r" jr:count="/data/wanted" xmlns:jr="http://openrosa.org/javarosa">'
        '<input ref="/data/r/x"/></repeat>'
    )
    form = read_xform(xform(binds, "<n/><wanted/><r><x/></r>", body))
    session = Session(form, context=FixedContext("2026-11-22T09:30:00.000+08:00"))
    assert session.value("/data/n") == "3"


def test_unknown_questions_lists_and_nodes_are_named() -> None:
    """References to what the form does not have are found when it is loaded."""
    itemset = '<itemset nodeset="instance(\'none\')/root/item"><value ref="name"/></itemset>'
    body = f'<select1 ref="/data/b">{itemset}</select1>'
    body += '<input ref="/data/nowhere"/>'
    binds = '<bind nodeset="/data/a" calculate="/data/z + /data/b/c"/><bind nodeset="/data/idle"/>'
    error = refused(xform(binds, body=body), "f.xml")
    assert sorted(codes(error)) == ["HW-1012", "HW-1013", "HW-1013", "HW-1014"]


BOMB = '<!DOCTYPE h [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'


def test_entities_and_depth_are_refused() -> None:
    """Entity bombs, files on this machine and endless nesting get nowhere."""
    assert codes(refused(xform("", "<a>&c;</a>", head=BOMB), "f.xml")) == ["HW-1003"]
    local = '<!DOCTYPE h [<!ENTITY f SYSTEM "file:///etc/hostname">]>'
    assert codes(refused(xform("", "<a>&f;</a>", head=local), "f.xml")) == ["HW-1003"]
    assert codes(refused(xform("", "<a>" * 100 + "</a>" * 100), "f.xml")) == ["HW-1004"]
    assert codes(refused(xform("", "<a>" * 5000 + "</a>" * 5000), "f.xml")) == ["HW-1002"]


def test_deep_and_long_expressions_are_refused_not_overflown() -> None:
    """An expression of a thousand brackets or operators is a numbered problem, not an overflow."""
    for source in (
        "(" * 2000 + "1" + ")" * 2000,
        "+".join(["1"] * 5000),
        "-" * 5000 + "1",
        "a[" * 500 + "1" + "]" * 500,
    ):
        with pytest.raises(ExpressionError, match="HW-1107"):
            parse(source)
    parse("+".join(["1"] * 300))
    parse("(" * 40 + "1" + ")" * 40)


@given(st.text(alphabet="abc/.:*()[]'\",+-<>=!|@$ 1${}“ordivmod", max_size=60))
@settings(max_examples=400, deadline=None)
def test_parser_answers_every_text(text: str) -> None:
    """Any text is an expression or an ExpressionError with a place inside it."""
    try:
        parse(text)
    except ExpressionError as error:
        position = error.position
    else:
        position = 0
    assert 0 <= position <= len(text)


@given(st.binary(max_size=300))
@settings(max_examples=60, deadline=None)
def test_bytes_of_any_kind_are_answered(data: bytes) -> None:
    """Whatever arrives as a form is compiled or refused by number."""
    for filename in ("f.xml", "f.md", "f.csv", "f.xlsx"):
        with pytest.raises(FormError) as caught:
            compile_form(data, filename)
        assert codes(caught.value)
