"""The built-in forms and the lists that they attach."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from forms.compile import compile_form
from forms.model import Form

HERE = Path(__file__).parent
_ORDER = ("village_visit", "business", "inn", "jobs", "support", "event", "case_story")


def names() -> list[str]:
    """Names of the built-in forms, in the order of a visit."""
    return list(_ORDER)


def path(name: str) -> Path:
    """The XLSForm of a built-in form. Raises KeyError for another name."""
    if name not in _ORDER:
        raise KeyError(name)
    return HERE / "forms" / f"{name}.md"


@cache
def load(name: str) -> Form:
    """A built-in form, compiled. Raises KeyError for another name."""
    return compile_form(path(name))


def lists() -> dict[str, bytes]:
    """The lists that the forms attach, by file name (`villages.csv`), as UTF-8 CSV."""
    return {file.name: file.read_bytes() for file in sorted((HERE / "lists").glob("*.csv"))}
