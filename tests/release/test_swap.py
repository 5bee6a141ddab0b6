"""Putting a finished directory in the place of an old one."""

from __future__ import annotations

from pathlib import Path

import pytest

from collector.problems import Problem
from collector.release import swap


def make(out: Path, text: str) -> None:
    """A release that holds nothing but its mark."""
    with swap.replacing(out) as fresh:
        (fresh / swap.MARK).write_text(text)


def make_half(out: Path) -> None:
    """A release that stops half-way."""
    with swap.replacing(out) as fresh:
        (fresh / "half").write_text("…")
        raise RuntimeError("stopped")


def names(folder: Path) -> list[str]:
    """What is in a folder."""
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("exchange", [True, False], ids=["in one step", "in two steps"])
def test_new_takes_the_place_of_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exchange: bool) -> None:
    """The new directory stands where the old one stood, and nothing else is left, on systems with and
    without exchange.
    """
    if not exchange:
        monkeypatch.setattr(swap.sys, "platform", "darwin")
    out = tmp_path / "deep" / "public"
    make(out, "one")
    make(out, "two")
    assert (out / swap.MARK).read_text() == "two"
    assert names(out.parent) == ["public"]
    assert names(out) == [swap.MARK]


def test_a_failure_leaves_the_old_one(tmp_path: Path) -> None:
    """When the work fails half-way the old release stays and the half is removed."""
    out = tmp_path / "public"
    make(out, "one")
    with pytest.raises(RuntimeError):
        make_half(out)
    assert (out / swap.MARK).read_text() == "one"
    assert names(tmp_path) == ["public"]


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    """A path below a file is a numbered problem."""
    (tmp_path / "file").write_text("")
    with pytest.raises(Problem, match="HW-3504"):
        make(tmp_path / "file" / "public", "one")


def test_an_empty_directory_is_taken(tmp_path: Path) -> None:
    """A directory that somebody made for the release is used."""
    (tmp_path / "public").mkdir()
    make(tmp_path / "public", "one")
    assert names(tmp_path / "public") == [swap.MARK]
