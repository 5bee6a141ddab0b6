"""A file that somebody brings."""

from __future__ import annotations

import re
from dataclasses import dataclass

from forms import Finding

NAME_SHOWN = 120


@dataclass(frozen=True)
class File:
    """A file as it was given: its name, which is shown and never used as a path, and its bytes."""

    name: str
    data: bytes

    @classmethod
    def given(cls, name: str, data: bytes) -> File:
        """With the last part of a name that may be a path of any system; what cannot be printed is left out."""
        last = re.split(r"[/\\]", name)[-1]
        return cls("".join(char for char in last if char.isprintable())[-NAME_SHOWN:].strip() or "?", data)


@dataclass(frozen=True)
class Offer:
    """A file that is to be added beside a form, with what is wrong with it."""

    file: File
    findings: tuple[Finding, ...]

    @property
    def filename(self) -> str:
        """Its name as it was given."""
        return self.file.name
