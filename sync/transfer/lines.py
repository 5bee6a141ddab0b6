"""Lines: how documents and stretches of logs travel, in a bundle and over HTTP (`docs/sync-protocol.md`, "Lines").

UTF-8, one JSON text a line. Headers and payloads are the bytes that were hashed: canonical JSON holds no line break, so
they stand on lines of their own and nothing is encoded again on the way."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain as joined
from typing import Any

from sync.canonical import from_base64url, to_base64url
from sync.problems import BAD_LINES, CUT_SHORT, SyncError
from sync.replica.documents import Document

PROTOCOL = "1"
LINE_LIMIT = 64 << 20  # characters of one line: a list of a province as a document
_PIECE = 1 << 18
_PAIR = 128  # bytes of a pair without its texts, about
_GZIP = b"\x1f\x8b"
NOTHING = "null"  # the line of a payload that was erased
LEVEL = 3  # of gzip: 6 makes a tenth less of it and takes twice the time

Pairs = list[tuple[str, str | None]]  # header, payload (None: erased)


@dataclass(frozen=True, slots=True)
class LogHead:
    """What stands before a stretch of a log: changes `first` to `last` (0 and 0: a signature alone), the chain's
    digest at `last`, and the highest number not above it that its author signed, with the signature."""

    replica: str
    first: int
    last: int
    digest: str
    signed: int = 0
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Medium:
    """A medium that is known: its bytes travel apart."""

    sha256: str
    type: str
    size: int
    added: str


@dataclass(slots=True)
class Stretch:
    """A stretch being read: `pairs` gives its changes in parts of at most the size asked for, in order. Whoever
    reads on before all are taken passes them over."""

    head: LogHead
    pairs: Callable[[int], Pairs]


@dataclass(slots=True)
class Excerpts:
    """Changes that come without their logs, in one part."""

    changes: Pairs


Part = Document | Medium | Stretch | Excerpts


def document_line(document: Document) -> str:
    """`["document", id, kind, name, scopes, added, data as base64url]`"""
    return _json(
        [
            "document",
            document.id,
            document.kind,
            document.name,
            list(document.scopes),
            document.added,
            to_base64url(document.data),
        ]
    )


def medium_line(medium: Medium) -> str:
    """`["medium", sha256, type, size, added]`"""
    return _json(["medium", medium.sha256, medium.type, str(medium.size), medium.added])


def log_line(head: LogHead) -> str:
    """`["log", replica, first, last, digest, signed, signature]`; a header and a payload line for each change
    follow."""
    numbers = str(head.first), str(head.last)
    return _json(["log", head.replica, *numbers, head.digest, str(head.signed), head.signature])


def excerpts_line(count: int) -> str:
    """`["excerpts", count]`; a header and a payload line for each follow."""
    return _json(["excerpts", str(count)])


def pair_lines(pairs: Iterable[tuple[str, str | None]]) -> str:
    """Headers and payloads, a line each, with a line break at the end."""
    flat = list(joined.from_iterable(pairs))
    if None in flat:
        flat = [NOTHING if text is None else text for text in flat]
    return "\n".join(flat) + "\n" if flat else ""  # type: ignore[arg-type] # no None is left


class Writer:
    """Lines, compressed with gzip as they come. `out` takes the bytes."""

    def __init__(self, out: Callable[[bytes], object], level: int = LEVEL) -> None:
        self._out = out
        self._gzip = zlib.compressobj(level, zlib.DEFLATED, 31)
        self._lines = 0
        self.line(_json(["homeward", PROTOCOL]))

    def line(self, text: str) -> None:
        """One line."""
        self.block(text + "\n", 1)

    def block(self, text: str, lines: int) -> None:
        """Several lines at once, each with its line break."""
        self.raw(text.encode(), lines)

    def raw(self, text: bytes, lines: int) -> None:
        """The same, as they are encoded."""
        self._lines += lines
        if data := self._gzip.compress(text):
            self._out(data)

    def stretch(self, head: LogHead, pairs: Iterable[Pairs]) -> None:
        """A log's head and its changes, part by part."""
        self.line(log_line(head))
        for part in pairs:
            self.block(pair_lines(part), 2 * len(part))

    def excerpts(self, pairs: Pairs) -> None:
        """Changes without their logs."""
        self.line(excerpts_line(len(pairs)))
        self.block(pair_lines(pairs), 2 * len(pairs))

    def end(self) -> None:
        """The last line, `["end", lines before it]`: without it what came was cut."""
        self._out(
            self._gzip.compress((_json(["end", str(self._lines)]) + "\n").encode()) + self._gzip.flush()
        )


def _json(value: list[Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Reader:
    """Reads lines from pieces of gzip (or of plain text), and never holds more than a piece and a line."""

    def __init__(self, pieces: Iterable[bytes], limit: int = 0, *, packed: bool | None = True) -> None:
        """`limit` bounds what is unpacked, in bytes. `packed` None: as the first bytes say; a proxy may have unpacked
        them."""
        found = iter(pieces)
        if packed is None:
            first = next(found, b"")
            packed, found = first.startswith(_GZIP), joined([first], found)
        self._pieces = unpacked(found, limit) if packed else found
        self._lines: list[str] = []
        self._at = 0
        self._rest = b""
        self.read = 0

    def _more(self) -> bool:
        """Read the next piece that completes a line; False at the end."""
        line, size = [self._rest], len(self._rest)
        self._rest = b""
        for piece in self._pieces:
            cut = piece.rfind(b"\n")
            line.append(piece if cut < 0 else piece[:cut])
            size += len(piece)
            if cut < 0 and size > LINE_LIMIT:
                raise SyncError(BAD_LINES, str(self.read + 1))
            if cut >= 0:
                try:
                    self._lines = b"".join(line).decode().split("\n")
                except UnicodeDecodeError:
                    raise SyncError(BAD_LINES, str(self.read + 1)) from None
                self._at, self._rest = 0, piece[cut + 1 :]
                return True
        self._rest = b"".join(line)
        return False

    def lines(self, most: int) -> list[str]:
        """The next lines, at most so many, at least one; HW-2037 when there are no more."""
        if self._at == len(self._lines) and not self._more():
            raise SyncError(CUT_SHORT, str(self.read))
        found = self._lines[self._at : self._at + most]
        self._at += len(found)
        self.read += len(found)
        return found

    def pairs(self, most: int) -> Pairs:
        """The next changes, at most so many, at least one; HW-2037 when there are no more."""
        found = self.lines(2 * most)
        if len(found) % 2:
            found += self.lines(1)
        payloads = [None if text == NOTHING else text for text in found[1::2]]
        return list(zip(found[::2], payloads, strict=True))

    def _excerpts(self, count: int) -> Excerpts:
        """As many changes as announced, all at once; HW-2036 for more than a line may have characters, counting what
        an empty one takes in memory too."""
        found: Pairs = []
        size = 0
        while len(found) < count:
            part = self.pairs(count - len(found))
            found += part
            size += sum(len(header) + len(payload or "") + _PAIR for header, payload in part)
            if size > LINE_LIMIT:
                raise SyncError(BAD_LINES, str(self.read))
        return Excerpts(found)

    def parts(self) -> Iterator[Part]:
        """The parts in their order. HW-2036 for what is none, HW-2037 when the end is missing."""
        if self._head() != ["homeward", PROTOCOL]:
            raise SyncError(BAD_LINES, "1")
        while True:
            before = self.read
            members = self._head()
            kind = members[0]
            if kind == "end":
                if members[1:] != [str(before)] or self._at < len(self._lines) or self._rest or self._more():
                    raise SyncError(CUT_SHORT, str(before))
                return
            try:
                yield from self._part(kind, members)
            except (ValueError, TypeError, IndexError):
                raise SyncError(BAD_LINES, str(before + 1)) from None

    def _head(self) -> list[Any]:
        (text,) = self.lines(1)
        try:
            members = json.loads(text)
            if "\\u" in text:  # half a character could be escaped, and nothing here could keep it
                _json(members).encode()
        except (ValueError, RecursionError):
            members = None
        if not isinstance(members, list) or not members or not isinstance(members[0], str):
            raise SyncError(BAD_LINES, str(self.read))
        return members

    def _part(self, kind: str, members: list[Any]) -> Iterator[Part]:
        if kind == "document":
            yield _document(members)
        elif kind == "medium":
            _, digest, media_type, size, added = members
            yield Medium(str(digest), str(media_type), _number(size), str(added))
        elif kind == "excerpts":
            yield self._excerpts(_number(members[1]))
        elif kind == "log":
            yield from self._stretch(members)
        else:
            raise ValueError(kind)

    def _stretch(self, members: list[Any]) -> Iterator[Part]:
        _, replica, first, last, digest, signed, signature = members
        if not all(isinstance(each, str) for each in members):
            raise TypeError
        head = LogHead(replica, _number(first), _number(last), digest, _number(signed), signature)
        count = head.last - head.first + 1 if head.last else 0
        if count < 0 or (head.last and not head.first):
            raise ValueError(first)
        left = count

        def take(most: int) -> Pairs:
            nonlocal left
            part = self.pairs(min(most, left)) if left else []
            left -= len(part)
            return part

        yield Stretch(head, take)
        while left:
            take(1024)


def _number(text: Any) -> int:
    if not (isinstance(text, str) and text.isdecimal() and text.isascii() and len(text) < 16):
        raise ValueError(text)
    return int(text)


def _document(members: list[Any]) -> Document:
    _, id_, kind, name, scopes, added, data = members
    if not all(isinstance(each, str) for each in (id_, kind, name, added, data, *scopes)):
        raise TypeError
    return Document(id_, kind, name, from_base64url(data), tuple(scopes), added)


def unpacked(pieces: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """The text of gzip pieces; HW-2036 for what is no gzip or grows beyond the limit, HW-2037 for what ends before
    its end."""
    gzip = zlib.decompressobj(31)
    total = 0
    for piece in pieces:
        waiting = piece
        while waiting:
            try:
                data = gzip.decompress(waiting, _PIECE)
            except zlib.error:
                raise SyncError(BAD_LINES, "gzip") from None
            total += len(data)
            if total > limit:
                raise SyncError(BAD_LINES, "gzip")
            yield data
            if gzip.eof and gzip.unused_data:
                raise SyncError(BAD_LINES, "gzip")
            waiting = gzip.unconsumed_tail
    if data := gzip.flush():
        yield data
    if not gzip.eof:  # all lines may be there; the check sum over them is not
        raise SyncError(CUT_SHORT, "-")
