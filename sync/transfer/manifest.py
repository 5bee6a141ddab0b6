"""What a bundle says of itself: `bundle.json` and its signature (`docs/bundle-format.md`, "The manifest").

Readable without any key. So it speaks of replicas, numbers and sizes, and of nobody's answers, names or villages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from sync import canonical, keys
from sync.names import NUMBER_MASK, REPLICA
from sync.problems import BUNDLE_DAMAGED, BUNDLE_FUTURE, BUNDLE_NOT_SIGNED, OTHER_KEY, SyncError
from sync.transfer.lines import PROTOCOL
from sync.transfer.seal import Lid

FORMAT = 1
MANIFEST, SIGNATURE = "bundle.json", "bundle.sig"
DRAFTS = "drafts.json"
LINES, MEDIA, SEALED, WITH_DRAFTS = "lines-1", "media-1", "seal-1", "drafts-1"
ABILITIES = frozenset({LINES, MEDIA, SEALED, WITH_DRAFTS})
"""What this version of Homeward can read in a bundle."""

PARTS_LIMIT = 60_000
LOGS_LIMIT = 60_000
MANIFEST_LIMIT = 16 << 20  # bytes
SIGNATURE_LIMIT = 4096
_COMMAS_LIMIT = 3 * PARTS_LIMIT + 6 * LOGS_LIMIT + 1000

_COUNTS = ("changes", "documents", "media", "drafts", "known")
_LINES_NAME = re.compile(r"changes-[0-9]{5}\.lines\.gz")
_MEDIA_NAME = re.compile(r"media/([0-9a-f]{64})")
_DIGEST = re.compile(r"[A-Za-z0-9_-]{43}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class LogSpan:
    """Of one log: the bundle holds changes `first` to `last` (`last` = `first` - 1: none; it begins after `last`),
    the chain's digest at `last` (`""` at 0); the writer had it up to `tip`, with `tip_digest` there."""

    replica: str
    first: int
    last: int
    digest: str
    tip: int
    tip_digest: str

    @property
    def count(self) -> int:
        """How many changes of the log the bundle holds."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class PartInfo:
    """An entry of the bundle: name, length and SHA-256 (hexadecimal) of its bytes as they stand in the file."""

    name: str
    size: int
    sha256: str

    @property
    def is_lines(self) -> bool:
        """Whether it holds documents and changes."""
        return _LINES_NAME.fullmatch(self.name) is not None

    @property
    def medium(self) -> str:
        """The digest in the name of a medium; `""` for another part."""
        match = _MEDIA_NAME.fullmatch(self.name)
        return match[1] if match else ""


@dataclass(frozen=True, slots=True)
class Counts:
    """What is in the bundle: changes with their logs, documents, files of media, drafts, and media that are named in
    the lines (`known`)."""

    changes: int = 0
    documents: int = 0
    media: int = 0
    drafts: int = 0
    known: int = 0


@dataclass(frozen=True, slots=True)
class Manifest:
    """`writer` the replica that wrote it, `made` ISO time, `hub` the replica that it is meant for (`""`: whoever);
    `documents_to` and `documents_digest` name the documents that the writer had (place in their order of arrival
    there, digest of the set); `seal` is there when the parts are sealed."""

    writer: str
    made: str
    hub: str = ""
    logs: tuple[LogSpan, ...] = ()
    counts: Counts = field(default_factory=Counts)
    documents_to: int = 0
    documents_digest: str = ""
    parts: tuple[PartInfo, ...] = ()
    seal: Lid | None = None
    abilities: tuple[str, ...] = (LINES,)
    protocol: str = PROTOCOL
    format: int = FORMAT

    @property
    def about(self) -> tuple[str, ...]:
        """What the keys of a sealed bundle are bound to."""
        return self.writer, self.made, self.hub

    def as_dict(self) -> dict[str, Any]:
        """The JSON object that stands in the file."""
        found: dict[str, Any] = {
            "homeward": "bundle",
            "format": self.format,
            "protocol": self.protocol,
            "abilities": list(self.abilities),
            "writer": self.writer,
            "made": self.made,
            "for": self.hub,
            "counts": asdict(self.counts),
            "documents": [self.documents_to, self.documents_digest],
            "logs": [[x.replica, x.first, x.last, x.digest, x.tip, x.tip_digest] for x in self.logs],
            "parts": [[part.name, part.size, part.sha256] for part in self.parts],
        }
        if self.seal is not None:
            found["seal"] = {"to": self.seal.to, "once": self.seal.once}
        return found

    def encode(self) -> str:
        """The text of `bundle.json`."""
        return json.dumps(self.as_dict(), ensure_ascii=False, separators=(",", ":"))


def decode(data: bytes, place: str) -> Manifest:
    """The manifest in the bytes of `bundle.json`. HW-2043 for one of a newer version, HW-2040 for what is none."""
    try:
        # Lists in lists take many times their text in memory: what no manifest needs is not read.
        if len(data) > MANIFEST_LIMIT or data.count(b",") > _COMMAS_LIMIT or data.count(b"[") > _COMMAS_LIMIT:
            raise ValueError("too large")
        found = json.loads(data.decode())
        if not isinstance(found, dict) or found.get("homeward") != "bundle":
            raise ValueError("no manifest")
        _check_version(found, place)
        return _read(found)
    except (ValueError, TypeError, KeyError, RecursionError):
        raise SyncError(BUNDLE_DAMAGED, place, part=MANIFEST) from None


def _check_version(found: dict[str, Any], place: str) -> None:
    version, abilities = _number(found["format"]), _texts(found["abilities"])
    if version > FORMAT or not set(abilities) <= ABILITIES:
        needed = ", ".join([f"{version}", *sorted(set(abilities) - ABILITIES)])
        raise SyncError(BUNDLE_FUTURE, place, needed=needed[:200])


def _read(found: dict[str, Any]) -> Manifest:
    writer, hub, made = found["writer"], found["for"], _matching(_TIME, found["made"])
    for name in [writer, *([hub] if hub != "" else [])]:
        _matching(REPLICA, name)
    counts = found["counts"]
    documents_to, documents_digest = found["documents"]
    manifest = Manifest(
        writer=writer,
        made=made,
        hub=hub,
        logs=tuple(_span(each) for each in found["logs"]),
        counts=Counts(*(_number(counts[name]) for name in _COUNTS)),
        documents_to=_number(documents_to),
        documents_digest=_matching(_DIGEST, documents_digest) if documents_digest != "" else "",
        parts=tuple(_part(each) for each in found["parts"]),
        seal=_lid(found["seal"], (writer, made, _matching(REPLICA, hub))) if "seal" in found else None,
        abilities=tuple(_texts(found["abilities"])),
        protocol=_text(found["protocol"]),
        format=_number(found["format"]),
    )
    _check_whole(manifest)
    return manifest


def _check_whole(manifest: Manifest) -> None:
    parts, logs = manifest.parts, manifest.logs
    if len(parts) > PARTS_LIMIT or len(logs) > LOGS_LIMIT or manifest.format != FORMAT:
        raise ValueError("limits")
    if len({part.name for part in parts}) < len(parts) or len({log.replica for log in logs}) < len(logs):
        raise ValueError("twice")
    kinds = ["0" if part.is_lines else "1" if part.name == DRAFTS else "2" for part in parts]
    if kinds != sorted(kinds) or sum(log.count for log in logs) != manifest.counts.changes:
        raise ValueError("order")
    if sum(1 for part in parts if part.medium) != manifest.counts.media:
        raise ValueError("media")


def _span(members: Any) -> LogSpan:
    replica, first, last, digest, tip, tip_digest = members
    _matching(REPLICA, replica)
    span = LogSpan(replica, _number(first), _number(last), _digest(digest), _number(tip), _digest(tip_digest))
    if not 1 <= span.first <= span.last + 1 or not span.last <= span.tip <= NUMBER_MASK or not span.tip:
        raise ValueError(replica)
    return span


def _part(members: Any) -> PartInfo:
    name, size, digest = members
    part = PartInfo(_text(name), _number(size), _matching(_SHA256, digest))
    if not (part.is_lines or part.medium or part.name == DRAFTS):
        raise ValueError(name)
    return part


def _lid(found: Any, about: tuple[str, ...]) -> Lid:
    for key in (found["to"], found["once"]):
        keys.load_public(_text(key))
    return Lid(found["to"], found["once"], about)


def _number(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 53:
        raise ValueError(value)
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    value.encode()  # half of a character is no text
    return value


def _texts(value: Any) -> list[str]:
    if not isinstance(value, list):
        raise TypeError(value)
    return [_text(each) for each in value]


def _matching(pattern: re.Pattern[str], value: Any) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise ValueError(value)
    return value


def _digest(value: Any) -> str:
    return value if value == "" else _matching(_DIGEST, value)


def lines_name(number: int) -> str:
    """Name of a part of documents and changes, counted from 1."""
    return f"changes-{number:05}.lines.gz"


def media_name(digest: str) -> str:
    """Name of a medium's part."""
    return f"media/{digest}"


def sign(key: keys.PrivateKey | None, writer: str, text: str) -> bytes:
    """The bytes of `bundle.sig` over a manifest; none without a key."""
    if key is None:
        return b""
    document = keys.key_document(writer, keys.public_text(key))
    return canonical.encode([document, keys.sign(key, text)]).encode()


def check_signature(data: bytes, manifest: Manifest, text: str, known: Iterable[str], place: str) -> str:
    """The public key that signed (`""`: nobody did). `known` are the keys that are known to be the writer's.

    HW-2044 for a signature that does not fit, or that is not there although a key is known; HW-2013 for one by
    another key than the known one."""
    public = set(known)
    if not data:
        if public:
            raise SyncError(BUNDLE_NOT_SIGNED, place, writer=manifest.writer)
        return ""
    try:
        document, signature = canonical.decode(data.decode())
        replica, signer = keys.read_key_document(document.encode())
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise SyncError(BUNDLE_DAMAGED, place, part=SIGNATURE) from None
    if public - {signer}:
        raise SyncError(OTHER_KEY, manifest.writer)
    if (
        replica != manifest.writer
        or not isinstance(signature, str)
        or not keys.verify(signer, text, signature)
    ):
        raise SyncError(BUNDLE_NOT_SIGNED, place, writer=manifest.writer)
    return signer
