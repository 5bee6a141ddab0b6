"""Pictures, sound and video that a form shows: which kinds there are, and whether a file is what its name says.

A file is believed only when its first bytes are those of its ending: an address answers with the type of the ending,
and nothing that a browser could run goes by one of these names. SVG is not among them, since it can carry scripts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath

from forms.problems import FormError, Problem

LARGEST = 10_000_000
"""Bytes of one file: each phone fetches it before it can work without a network."""
_SPLIT = re.compile(r"[/\\]")


@dataclass(frozen=True, slots=True)
class Kind:
    """`sort` is `image`, `audio` or `video`; `type` the media type that the file is handed out as."""

    sort: str
    type: str
    begins: Callable[[bytes], object]


def _starts(*beginnings: bytes) -> Callable[[bytes], object]:
    return lambda data: data.startswith(beginnings)


def _riff(form: bytes) -> Callable[[bytes], object]:
    return lambda data: data[:4] == b"RIFF" and data[8:12] == form


_mp4: Callable[[bytes], object] = re.compile(rb".{4}ftyp", re.DOTALL).match
_webm: Callable[[bytes], object] = re.compile(rb"\x1a\x45\xdf\xa3.{0,60}?webm", re.DOTALL).match
# A tag, or the head of a frame of MPEG audio: its layer is one of three, what a fourth would be is another format.
_mp3: Callable[[bytes], object] = re.compile(rb"ID3|\xff[\xe2-\xe7\xf2-\xf7\xfa-\xff]", re.DOTALL).match

_JPEG = Kind("image", "image/jpeg", _starts(b"\xff\xd8\xff"))
MEDIA = {
    ".png": Kind("image", "image/png", _starts(b"\x89PNG\r\n\x1a\n")),
    ".jpg": _JPEG,
    ".jpeg": _JPEG,
    ".webp": Kind("image", "image/webp", _riff(b"WEBP")),
    ".gif": Kind("image", "image/gif", _starts(b"GIF87a", b"GIF89a")),
    ".mp3": Kind("audio", "audio/mpeg", _mp3),
    ".m4a": Kind("audio", "audio/mp4", _mp4),
    ".ogg": Kind("audio", "audio/ogg", _starts(b"OggS")),
    ".wav": Kind("audio", "audio/wav", _riff(b"WAVE")),
    ".mp4": Kind("video", "video/mp4", _mp4),
    ".webm": Kind("video", "video/webm", _webm),
}
"""By the ending of the name, in small letters."""


def ending_of(filename: str) -> str:
    """The ending of a file's name, as MEDIA has it."""
    return PurePath(filename).suffix.lower()


def media_name(address: str) -> str:
    """The name by which a file is known, of an address in a form (`jr://images/Well.PNG`) or of a file: the last part,
    composed, with its ending in small letters."""
    last = unicodedata.normalize("NFC", _SPLIT.split(address)[-1])
    ending = PurePath(last).suffix
    return last.removesuffix(ending) + ending.lower()


def kind_of_media(data: bytes, filename: str) -> Kind | None:
    """What a file is, None where its beginning is not that of its ending or its ending is none of MEDIA's."""
    kind = MEDIA.get(ending_of(filename))
    return kind if kind is not None and kind.begins(data[:100]) else None


def read_media(data: bytes, filename: str) -> Kind:
    """What a file is. Raises FormError HW-1450 (no such kind), HW-1470 (other than its name says), HW-1471 (size)."""
    ending = ending_of(filename)
    if ending not in MEDIA:
        raise FormError([Problem("HW-1450", filename, {"name": filename})])
    if len(data) > LARGEST:
        limits = {"name": filename, "megabytes": str(LARGEST // 1_000_000)}
        raise FormError([Problem("HW-1471", filename, limits)])
    kind = kind_of_media(data, filename)
    if kind is None:
        raise FormError([Problem("HW-1470", filename, {"name": filename, "kind": ending[1:]})])
    return kind
