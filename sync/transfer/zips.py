"""ZIP files in which no byte is left to choice: entries stored, ZIP64 records throughout, one date
(`docs/bundle-format.md`, "The ZIP"). Any ZIP tool opens them; whoever knows names, sizes and check sums knows every
other byte, so that a changed one cannot hide."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import BinaryIO
from zlib import crc32

_LOCAL = struct.Struct("<4s5H3L2H")
_LOCAL_EXTRA = struct.Struct("<2H2Q")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_CENTRAL_EXTRA = struct.Struct("<2H3Q")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")
_END = struct.Struct("<4s4H2LH")
_VERSION = 45  # the first with ZIP64
_DATE = 33  # 1980-01-01
_SEE_EXTRA = 0xFFFFFFFF
MAGIC = b"PK\3\4"
_END_MAGIC = b"PK\5\6"
TAIL = _END64.size + _LOCATOR.size + _END.size


def local_header(name: str, size: int, crc: int) -> bytes:
    """What stands before the bytes of an entry."""
    raw = name.encode("ascii")
    head = (_VERSION, 0, 0, 0, _DATE, crc, _SEE_EXTRA, _SEE_EXTRA, len(raw), _LOCAL_EXTRA.size)
    return _LOCAL.pack(MAGIC, *head) + raw + _LOCAL_EXTRA.pack(1, 16, size, size)


def local_length(name: str) -> int:
    """Length of an entry's local header."""
    return _LOCAL.size + len(name) + _LOCAL_EXTRA.size


def central_record(name: str, size: int, crc: int, offset: int) -> bytes:
    """An entry's line in the list at the end; `offset` is where its local header begins."""
    raw = name.encode("ascii")
    head = (_VERSION, _VERSION, 0, 0, 0, _DATE, crc, _SEE_EXTRA, _SEE_EXTRA, len(raw), _CENTRAL_EXTRA.size)
    record = _CENTRAL.pack(b"PK\1\2", *head, 0, 0, 0, 0, _SEE_EXTRA)
    return record + raw + _CENTRAL_EXTRA.pack(1, 24, size, size, offset)


def central_length(name: str) -> int:
    """Length of an entry's line in the list at the end."""
    return _CENTRAL.size + len(name) + _CENTRAL_EXTRA.size


def read_central(name: str, record: bytes) -> tuple[int, int, int] | None:
    """`(size, crc, offset)` of an entry's line in the list; None when it is none of this name, byte for byte."""
    crc = _CENTRAL.unpack_from(record)[7]
    size, _, offset = _CENTRAL_EXTRA.unpack_from(record, _CENTRAL.size + len(name))[2:]
    return (size, crc, offset) if central_record(name, size, crc, offset) == record else None


def tail(count: int, size: int, offset: int) -> bytes:
    """The end: how many entries, length and place of their list."""
    end64 = (_END64.size - 12, _VERSION, _VERSION, 0, 0, count, count, size, offset)
    return (
        _END64.pack(b"PK\6\6", *end64)
        + _LOCATOR.pack(b"PK\6\7", 0, offset + size, 1)
        + _END.pack(_END_MAGIC, 0, 0, 0xFFFF, 0xFFFF, _SEE_EXTRA, _SEE_EXTRA, 0)
    )


def read_tail(end: bytes) -> tuple[int, int, int] | None:
    """`(count, size, offset)` of a file's last bytes; None when they are not such an end, byte for byte."""
    if len(end) != TAIL:
        return None
    count, size, offset = _END64.unpack_from(end)[7:]
    if size + offset >= 1 << 63:
        return None
    return (count, size, offset) if tail(count, size, offset) == end else None


def is_damaged_tail(end: bytes) -> bool:
    """Whether the last bytes of a file were such an end before they were altered."""
    whole = tail(0, 0, 0)
    return end[-_END.size :] == whole[-_END.size :] or end[-TAIL:][:12] == whole[:12]


def ends_as_zip(end: bytes) -> bool:
    """Whether the last bytes of a file are the end of some ZIP, its remark included."""
    at = end.rfind(_END_MAGIC)
    if at < 0 or len(end) < at + _END.size:
        return False
    return at + _END.size + int(_END.unpack_from(end, at)[-1]) == len(end)


class Entry:
    """An entry being written or read: its length and sums so far."""

    def __init__(self) -> None:
        self.size = 0
        self.crc = 0
        self._sha = sha256()

    def add(self, data: bytes) -> None:
        """The next bytes of it."""
        self.size += len(data)
        self.crc = crc32(data, self.crc)
        self._sha.update(data)

    @property
    def sha256(self) -> str:
        """SHA-256 of all of it, in hexadecimal."""
        return self._sha.hexdigest()


class Out(Entry):
    """An entry being written."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file = file
        self.dropped = False

    def write(self, data: bytes) -> None:
        """The next bytes of it."""
        self.add(data)
        self._file.write(data)

    def drop(self) -> None:
        """Leave it out after all."""
        self.dropped = True


class ZipWriter:
    """Writes entries one after the other into a file that can be sought in."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._central: list[bytes] = []

    @contextmanager
    def entry(self, name: str) -> Iterator[Out]:
        """One entry. Its header is written again when its length and sum are known."""
        offset = self._file.tell()
        self._file.write(local_header(name, 0, 0))
        entry = Out(self._file)
        yield entry
        self._file.seek(offset)
        if entry.dropped:
            self._file.truncate()
            return
        self._file.write(local_header(name, entry.size, entry.crc))
        self._file.seek(entry.size, 1)
        self._central.append(central_record(name, entry.size, entry.crc, offset))

    def close(self) -> None:
        """The list of the entries, and the end."""
        offset, size = self._file.tell(), sum(map(len, self._central))
        for record in self._central:
            self._file.write(record)
        self._file.write(tail(len(self._central), size, offset))
