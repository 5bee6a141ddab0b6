"""The modules that a page's script imports, so that the page can ask for all of them at once
(`modulepreload`).

Without a bundler a browser would learn of each import only after loading the file that has it.
"""

from __future__ import annotations

import posixpath
import re
from functools import cache
from pathlib import Path

IMPORT = re.compile(r"""^\s*(?:import|export)\b[^"'()]*?["'](\.{1,2}/[^"']+)["']""", re.MULTILINE)


@cache
def imported(folder: Path, name: str) -> tuple[str, ...]:
    """Names of a module and of all that it imports, directly or not, below `folder`; the module itself
    first.

    A running program's files do not change, so each page's graph is read once. Raises FileNotFoundError for
    an import of a file that is not there.
    """
    found: dict[str, None] = {}
    waiting = [name]
    while waiting:
        here = waiting.pop(0)
        if here in found:
            continue
        found[here] = None
        text = (folder / here).read_text("utf-8")
        waiting += [
            posixpath.normpath(posixpath.join(posixpath.dirname(here), each)) for each in IMPORT.findall(text)
        ]
    return tuple(found)
