"""Text in columns of a terminal, in which a Chinese character takes two: how wide it is, where its lines break."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from unicodedata import east_asian_width

import click

OPENING = frozenset("（《【“‘「([{")
"""What no line ends with."""

CLOSING = frozenset("，。、；：？！）》】”’」…—,.;:?!)]}")
"""What no line begins with."""

KEPT = "\b\n"
"""The start of a paragraph whose lines stay as they are, as click has it."""


def columns(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(1 + is_wide(each) for each in text)


def is_wide(character: str) -> bool:
    """It takes two columns."""
    return east_asian_width(character) in "WF"


def wrapped(text: str, width: int) -> list[str]:
    """The lines of a paragraph, none of them wider than `width` columns but for a word that is so by itself."""
    lines, line = [], ""
    for piece in pieces(text):
        if columns(line) + columns(piece.rstrip()) > width and line.strip():
            lines.append(line.rstrip())
            line = ""
        line += piece if line else piece.lstrip()
    return [*lines, line.rstrip()] if line else lines


def pieces(text: str) -> Iterator[str]:
    """A text in pieces that a line may end after: words, and single Chinese characters with the punctuation that
    belongs to them. What stands in `[…]`, such as a default, stays together."""
    piece = ""
    for character in text:
        if piece and piece.count("[") <= piece.count("]") and may_part(piece[-1], character):
            yield piece
            piece = ""
        piece += character
    if piece:
        yield piece


def may_part(before: str, after: str) -> bool:
    """A line may end between two characters."""
    if before.isspace() or after.isspace():
        return before.isspace() != after.isspace()
    return (is_wide(before) or is_wide(after)) and before not in OPENING and after not in CLOSING


class Formatter(click.HelpFormatter):
    """click's layout of a help text, measured in columns; click counts characters."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """The usage line, what follows the command set in below it. `prefix` ends with its own blank or colon."""
        lead = f"{prefix or ''}{prog} "
        self._hang(lead, columns(lead), args)

    def write_heading(self, heading: str) -> None:
        """A heading, which brings its colon."""
        self.write(f"{'':>{self.current_indent}}{heading}\n")

    def write_text(self, text: str) -> None:
        """Paragraphs; one that begins with a line of `\\b` alone keeps its lines."""
        indent = " " * self.current_indent
        written = []
        for paragraph in text.split("\n\n"):
            if paragraph.startswith(KEPT):
                lines = paragraph.removeprefix(KEPT).split("\n")
            else:
                lines = wrapped(paragraph, self.width - self.current_indent)
            written.append("\n".join(indent + line for line in lines))
        self.write("\n\n".join(written) + "\n")

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Terms, and beside each what it means."""
        rows = list(rows)
        first = min(max((columns(term) for term, _ in rows), default=0), col_max) + col_spacing
        indent = " " * self.current_indent
        for term, text in rows:
            lead = f"{indent}{term}"
            if columns(term) > first - col_spacing:
                self.write(f"{lead}\n")
                lead = ""
            self._hang(lead, self.current_indent + first, text)

    def _hang(self, lead: str, column: int, text: str) -> None:
        """A text that begins at a column, with something before its first line."""
        lines = wrapped(text, max(self.width - column, 10)) or [""]
        first = lead + " " * (column - columns(lead)) + lines[0]
        self.write("\n".join([first.rstrip(), *(" " * column + line for line in lines[1:])]) + "\n")
