"""What is installed is pinned, and no place is named from where it comes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SETUP = ["Makefile", ".npmrc", "pyproject.toml", "package.json", "package-lock.json"]


@pytest.mark.parametrize("name", ["run.txt", "dev.txt"])
def test_each_requirement_is_pinned(name: str) -> None:
    """Each line of a lock is `name==version` and nothing else."""
    lines = (ROOT / "requirements" / name).read_text("utf-8").splitlines()
    pins = [line for line in lines if line.strip() and not line.startswith("#")]
    assert len(pins) > 20
    assert [line for line in pins if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", line)] == []


def test_set_up_names_no_host() -> None:
    """Nothing that installs holds an address: the machine's own settings say where packages come from."""
    files = [ROOT / name for name in SETUP] + [path for path in (ROOT / ".ci").iterdir() if path.is_file()]
    files += list((ROOT / "requirements").iterdir())
    assert [str(path) for path in files if "://" in path.read_text("utf-8")] == []


def test_pages_load_nothing_from_elsewhere() -> None:
    """No template, style sheet or script fetches from another origin."""
    pages = [
        path
        for package in ("collector", "datasette_plugins")
        for path in (ROOT / package).rglob("*")
        if path.suffix in {".html", ".css", ".js"}
    ]
    loads = re.compile(
        r"""(?:src|action|data|poster)=["']?(?:https?:)?//|url\(["']?(?:https?:)?//"""
        r"""|from ["']https?:|<link[^>]+href=["']?(?:https?:)?//"""
    )
    assert pages
    assert [str(path.relative_to(ROOT)) for path in pages if loads.search(path.read_text("utf-8"))] == []
