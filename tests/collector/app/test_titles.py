"""What a record is called in the lists of the pages."""

from __future__ import annotations

import pytest

from collector.i18n import LANGUAGES, catalogue
from forms import library

KINDS = [str(item["name"]) for item in library.load("support").instances["instrument"]["items"]]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_support_has_a_name(lang: str, kind: str) -> None:
    """No list shows the code of a kind of support: each choice of the form has a text in both languages."""
    assert catalogue(lang).get(f"js.support.{kind}", kind) != kind
