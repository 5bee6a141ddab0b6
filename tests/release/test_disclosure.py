"""Which figures may stand beside each other."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from collector.release.disclosure import Cell, Limit, protect, together

PERSONS = Limit(least=5)
CONTRIBUTORS = Limit(least=10, share=0.5)


def people(**counts: int) -> list[Cell]:
    """Cells of a count of people."""
    return [Cell(place, n, n, 1) for place, n in counts.items()]


def total(cells: list[Cell]) -> Cell:
    """The margin's total."""
    return together(cells, "all")


def test_all_large_enough_all_published() -> None:
    """Nothing is withheld where every cell may stand."""
    cells = people(a=5, b=60)
    assert protect(cells, total(cells), PERSONS) == {"a": "", "b": "", "all": ""}


def test_small_cell_takes_one_more_with_it() -> None:
    """A single withheld county cannot be had by taking the others from the total: the smallest goes with
    it.
    """
    cells = people(a=3, b=60, c=7)
    assert protect(cells, total(cells), PERSONS) == {
        "a": "threshold",
        "b": "",
        "c": "complementary",
        "all": "",
    }


def test_zero_is_a_small_count() -> None:
    """0 counts as below the threshold, and is protected like 1."""
    cells = people(a=0, b=60, c=70)
    assert protect(cells, total(cells), PERSONS) == {
        "a": "threshold",
        "b": "complementary",
        "c": "",
        "all": "",
    }


def test_two_small_ones_together_too_small() -> None:
    """Two withheld counties whose sum is still too small take a third with them."""
    cells = people(a=1, b=2, c=50, d=60)
    reasons = protect(cells, total(cells), PERSONS)
    assert reasons == {"a": "threshold", "b": "threshold", "c": "complementary", "d": "", "all": ""}


def test_total_too_small() -> None:
    """Where the whole is below the threshold nothing is shown."""
    cells = people(a=1, b=2)
    assert set(protect(cells, total(cells), PERSONS).values()) == {"threshold"}


def test_one_county_is_the_total() -> None:
    """A survey of one county publishes the county and the whole alike, or neither."""
    assert protect(people(a=9), total(people(a=9)), PERSONS) == {"a": "", "all": ""}
    assert protect(people(a=4), total(people(a=4)), PERSONS) == {"a": "threshold", "all": "threshold"}


def test_dominance() -> None:
    """A total that is half or more one business' is withheld, and one more county with it."""
    cells = [Cell("a", 100, 12, 50), Cell("b", 90, 12, 10), Cell("c", 80, 15, 10)]
    assert protect(cells, total(cells), CONTRIBUTORS) == {
        "a": "dominance",
        "b": "complementary",
        "c": "",
        "all": "",
    }


def test_just_below_dominance() -> None:
    """Below half, with ten contributors, a figure stands."""
    assert protect([Cell("a", 101, 10, 50)], Cell("all", 101, 10, 50), CONTRIBUTORS) == {"a": "", "all": ""}
    assert protect([Cell("a", 101, 9, 20)], Cell("all", 101, 9, 20), CONTRIBUTORS)["a"] == "threshold"


def test_records_without_a_county_count_as_withheld() -> None:
    """What only the total holds is found by subtraction too."""
    cells = people(a=10, b=20)
    hidden = Cell("", 2, 2, 1)
    assert protect(cells, Cell("all", 32, 32, 1), PERSONS, hidden) == {
        "a": "complementary",
        "b": "",
        "all": "",
    }


def test_public_figures_are_never_withheld() -> None:
    """A public indicator (trainings held by offices) shows single counts."""
    cells = people(a=0, b=1)
    assert set(protect(cells, Cell("all", 40, 40, 1), Limit(), Cell("", 39, 39, 1)).values()) == {""}


@given(st.dictionaries(st.sampled_from("abcdefg"), st.integers(0, 30), min_size=1))
def test_nothing_small_is_found_by_subtraction(counts: Mapping[str, int]) -> None:
    """For any county counts: nothing small stands, and what a reader can subtract is never one county or
    too few people.
    """
    cells = people(**counts)
    reasons = protect(cells, total(cells), PERSONS)
    for cell in cells:
        assert reasons[cell.place] or cell.value >= 5
    withheld = [cell for cell in cells if reasons[cell.place]]
    if not reasons["all"] and withheld:
        left = sum(counts.values()) - sum(cell.value for cell in cells if not reasons[cell.place])
        assert len(withheld) >= 2
        assert left >= 5
