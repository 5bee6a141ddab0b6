"""Shows modules past 400 lines (scripts past 250) and functions past 60: each wants a reason or a new wall."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

LIST = ["git", "ls-files"]
ROOMS = ("forms/", "sync/", "collector/", "datasette_plugins/")


def main() -> None:
    """Prints one line for each large module or function; never fails: a size is a question and not a fault."""
    listed = subprocess.run(LIST, capture_output=True, text=True, check=True).stdout.splitlines()
    for name in listed:
        path = Path(name)
        if not name.startswith(ROOMS) or "/vendor/" in name or not path.is_file():
            continue
        if path.suffix == ".js":
            report(name, path.read_text("utf-8").count("\n"), 250)
        elif path.suffix == ".py":
            text = path.read_text("utf-8")
            report(name, text.count("\n"), 400)
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
                    report(f"{name}:{node.name}", node.end_lineno - node.lineno + 1, 60)


def report(what: str, lines: int, limit: int) -> None:
    """Prints `what` if it has more lines than `limit`."""
    if lines > limit:
        print(f"large: {what} {lines} lines (more than {limit})")


if __name__ == "__main__":
    main()
