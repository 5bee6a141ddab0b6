"""Attached lists: rows by several columns, and what is newer stands in front of what was handed out."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from collector.lists import Lists, Table, by_stem, file_of, readable, stem
from collector.problems import Problem

ROWS = [
    {"name": "a", "county": "1", "kind": "x"},
    {"name": "b", "county": "1", "kind": "y"},
    {"name": "c", "county": "2", "kind": "x"},
]


@dataclass
class Document:
    """A list document."""

    id: str
    data: bytes
    name: str = "businesses.csv"
    added: str = ""


def test_rows_by_columns_keep_the_order_of_the_list() -> None:
    """No filter gives all rows; filters hold together; a column or value that is not there gives none."""
    table = Table(ROWS)
    assert table.rows() == ROWS
    assert [row["name"] for row in table.rows({"county": "1"})] == ["a", "b"]
    assert [row["name"] for row in table.rows({"kind": "x", "county": "2"})] == ["c"]
    assert table.rows({"county": "9"}) == []
    assert table.rows({"nothing": "1"}) == []
    assert len(table.rows({"nothing": ""})) == 3


def test_own_records_come_before_what_the_hub_published() -> None:
    """A row of a record replaces the published row of the same name; other published rows stay."""
    document = Document("own-first", b"name,label\nu1,old\nu2,kept\n")
    lists = Lists(lambda name: document, lambda name: [{"name": "u1", "label": "new"}])
    assert [(row["name"], row["label"]) for row in lists.rows("businesses")] == [
        ("u1", "new"),
        ("u2", "kept"),
    ]


def test_a_list_that_is_not_here_has_no_rows() -> None:
    """A form may attach a list that nobody has handed out yet."""
    lists = Lists(lambda name: None, lambda name: None)
    assert lists.rows("jr://file-csv/nothing.csv", {"a": "b"}) == []


def test_what_cannot_be_read_is_told_each_time() -> None:
    """By the number of what is wrong with it; also when it is asked for again."""
    document = Document("broken-list", b'name,label\na,"x\n')
    for _ in range(2):
        with pytest.raises(Problem) as caught:
            file_of(document)
        assert (caught.value.code, caught.value.place) == ("HW-3460", "businesses.csv")
        assert not readable(document)


def test_the_same_bytes_under_another_ending_are_another_file() -> None:
    """What is remembered of one does not answer for the other."""
    data = b"<root><item><name>a</name></item></root>"
    assert file_of(Document("twice", data, "x.xml")).table.rows() == [{"name": "a"}]
    assert file_of(Document("twice", data, "x.csv")).table.rows() == []


def test_of_one_stem_the_file_that_was_put_last_counts() -> None:
    """Whatever its kind."""
    old, new = Document("o", b"", "x.csv", "01"), Document("n", b"", "x.GEOJSON", "02")
    assert by_stem([new, old]) == {"x": new}


@pytest.mark.parametrize(
    "name", ["villages", "villages.csv", "jr://file/villages.xml", "jr://file-csv/villages.CSV"]
)
def test_one_list_by_all_its_names(name: str) -> None:
    """Instance id, file name and address of a list mean the same list."""
    assert stem(name) == "villages"
