"""The arrows between the packages run one way."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OURS = ("forms", "sync", "collector", "datasette_plugins")
MAY_IMPORT = {
    "forms": {"forms"},
    "sync": {"sync"},
    "collector": {"collector", "forms", "sync"},
    "datasette_plugins": {"datasette_plugins"},
}
FORBIDDEN = {
    "forms": {
        "flask",
        "flask_wtf",
        "wtforms",
        "sqlite3",
        "sqlite_utils",
        "socket",
        "urllib",
        "http",
        "datasette",
    },
    "sync": {"flask", "flask_wtf", "wtforms", "pyxform", "datasette"},
    "collector": {"datasette"},
    "datasette_plugins": {"flask", "pyxform"},
}


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Top-level names that a module imports, wherever in the file, with the line."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name.split(".")[0], node.lineno
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.split(".")[0], node.lineno


@pytest.mark.parametrize("package", OURS)
def test_arrows_run_downward(package: str) -> None:
    """`forms` and `sync` import nothing of ours, `collector` only these two, the public site nothing at all."""
    modules = list((ROOT / package).rglob("*.py"))
    assert modules
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in modules
        for name, line in imports(path)
        if (name in OURS and name not in MAY_IMPORT[package]) or name in FORBIDDEN[package]
    ]
    assert wrong == []


def test_top_level_is_as_agreed() -> None:
    """The four packages are there and no fifth has grown beside them."""
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks"}
    assert packages == set(OURS)
