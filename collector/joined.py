"""Modules of the phone joined into few files as they are served, so that a page asks for one and not for fifty.

Each module stays what is written in its file, in a function of its own: what it imports comes from the table
`globalThis.homeward.modules`, what it exports goes there. So a module runs once on a page, in whatever file it came.
A page begins with the file of its entry (`BASES`); what is imported later (`import("./x.js")`, which becomes
`homeward.load("folder/x.js")`) comes as a file of its own, with what it needs beyond that entry.

It reads the little of the language that our modules use: `import {…} from`, `export` before a declaration,
`export {…}`; anything else is refused (ValueError), and a test joins every module there is.
"""

from __future__ import annotations

import posixpath
import re
from functools import cache
from pathlib import Path

BASES = {
    "app": "mount/app.js",
    "enrol": "mount/enrol_page.js",
    "fill": "mount/fill.js",
    "worker": "sync/run.js",
}
"""The entry of a page, or of the service worker, by the name of its file."""

IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.{1,2}/[^"]+)";', re.MULTILINE)
_DECLARED = re.compile(r"^export ((?:async function|function|class|const)\*? (\w+))", re.MULTILINE)
_LISTED = re.compile(r'^export \{([^}]*)\}(?: from "(\.{1,2}/[^"]+)")?;', re.MULTILINE)
_LATER = re.compile(r'\bimport\("(\.{1,2}/[^"]+)"\)')
_COMMENT = re.compile(
    r"""("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|/\*.*?\*/|^[ \t]*//[^\n]*""",
    re.DOTALL | re.MULTILINE,
)
"""A comment, or a text (kept), since a text may hold what looks like one."""
_OTHER = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)


class Modules:
    """All modules below a folder, each by its path in it (`store/db.js`)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cache  # noqa: B019 - one object a folder, as long as the program runs
    def source(self, name: str) -> str:
        """A module without its comments. Raises FileNotFoundError."""
        return _COMMENT.sub(lambda found: found[1] or "", (self.folder / name).read_text("utf-8"))

    def names(self) -> list[str]:
        """All modules."""
        return sorted(path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*.js"))

    def needs(self, name: str) -> list[str]:
        """Modules that a module imports before it runs."""
        text = self.source(name)
        named = [found[2] for found in IMPORT.finditer(text)]
        named += [found[2] for found in _LISTED.finditer(text) if found[2]]
        return [_beside(name, each) for each in named]

    def later(self, name: str) -> list[str]:
        """Modules that a module imports while it runs, when it comes to that."""
        return [_beside(name, found[1]) for found in _LATER.finditer(self.source(name))]

    @cache  # noqa: B019
    def run(self, name: str) -> tuple[str, ...]:
        """A module and all that it needs, each after what it needs itself. Raises ValueError for a circle."""
        return tuple(self._run(name, {}, []))

    def _run(self, name: str, done: dict[str, None], open_: list[str]) -> dict[str, None]:
        if name in open_:
            raise ValueError(f"a circle of imports: {' → '.join([*open_, name])}")
        if name not in done:
            for each in self.needs(name):
                self._run(each, done, [*open_, name])
            done[name] = None
        return done

    def files(self, base: str) -> list[str]:
        """What a page with this entry can come to load later: names of modules."""
        found: dict[str, None] = {}
        first = frozenset(self.run(BASES[base]))
        waiting = [*first]
        seen = set(first)
        while waiting:
            for name in self.later(waiting.pop()):
                if name not in first:
                    found[name] = None
                fresh = [each for each in self.run(name) if each not in seen]
                seen.update(fresh)
                waiting += fresh
        return sorted(found)

    def joined(self, base: str, name: str = "") -> str:
        """The text of the first file of a page, or of the one that brings the module `name` later."""
        first = self.run(BASES[base])
        if not name:
            load = (
                "m=>h.modules[m]?Promise.resolve(h.modules[m]):"
                f"import(`/static/joined/{base}/${{m}}`).then(()=>h.modules[m])"
            )
            table = f"{{const h=globalThis.homeward={{modules:{{}},load:{load}}};}}\n"
            # A page may take it as a plain script, which runs as soon as it has come; strict like a module even so.
            return f'"use strict";{table}' + _TABLE + "".join(map(self._wrapped, first)) + "}"
        return _TABLE + "".join(self._wrapped(each) for each in self.run(name) if each not in first) + "}"

    def _wrapped(self, name: str) -> str:
        text = self.source(name)
        given = [found[2] for found in _DECLARED.finditer(text)]
        text = _DECLARED.sub(r"\1", text)
        for found in _LISTED.finditer(text):
            given += [_given(each, found[2] and _beside(name, found[2])) for each in _names(found[1])]
        text = _LISTED.sub("", text)
        text = IMPORT.sub(lambda found: _taken(found[1], _beside(name, found[2])), text)
        text = _LATER.sub(lambda found: f'globalThis.homeward.load("{_beside(name, found[1])}")', text)
        if left := _OTHER.search(text):
            raise ValueError(f"{name}: {left[0]}")
        return f'M["{name}"]??=(()=>{{{text}\nreturn{{{",".join(given)}}}}})();\n'


_TABLE = "{const M=globalThis.homeward.modules;"


def _beside(name: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), path))


def _names(listed: str) -> list[list[str]]:
    """`a, b as c` as [["a"], ["b", "c"]]."""
    return [each.split(" as ") for part in listed.split(",") if (each := part.strip())]


def _given(pair: list[str], source: str | None) -> str:
    own, name = pair[0], pair[-1]
    return f'{name}:M["{source}"].{own}' if source else f"{name}:{own}"


def _taken(listed: str, source: str) -> str:
    return f'const{{{",".join(":".join(each) for each in _names(listed))}}}=M["{source}"];'
