"""Where the cases of other engines are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance.cases import folder


@pytest.fixture(scope="session")
def cases() -> Path:
    """The folder with the cases."""
    found = folder()
    if found is None:
        pytest.skip("no conformance cases beside this checkout (HOMEWARD_CONFORMANCE)")
    return found
