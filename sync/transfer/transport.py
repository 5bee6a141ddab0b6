"""What a sync needs of a road on which requests are answered; `sync.transfer.over_http` is the one over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol

from sync.problems import Problem, SyncError
from sync.replica.parts import Held, Source


class Unreachable(Exception):
    """No answer, or none that is whole: the same may be tried again."""


@dataclass(frozen=True)
class Told(Problem):
    """A problem as the other side tells it, in the language that it was asked in."""

    message: str = ""
    remedy: str = ""

    def as_dict(self, lang: str = "en") -> dict[str, str]:
        """`{"code", "place", "message", "remedy"}`."""
        return {"code": self.code, "place": self.place, "message": self.message, "remedy": self.remedy}


def told(value: Any) -> Told:
    """A problem out of an answer; `ValueError` for anything else."""
    if not isinstance(value, Mapping):
        raise ValueError("no problem")
    texts = [value.get(name) for name in ("code", "place", "message", "remedy")]
    code, place, message, remedy = texts
    if not all(isinstance(each, str) for each in texts):
        raise ValueError("no problem")
    return Told(str(code), str(place), {}, str(message), str(remedy))


class Refused(SyncError):
    """The other side refuses, and says why; `later`: only for now."""

    def __init__(self, problem: Told, *, later: bool = False) -> None:
        super().__init__(problem.code, problem.place)
        self.problem: Problem = problem
        self.later = later


class Transport(Protocol):
    """Requests to one hub. Every method raises `Unreachable` when there is no whole answer, `Refused` when the hub
    refuses, `SyncError` HW-2053 when somebody else answers in its place."""

    @property
    def place(self) -> str:
        """Where the hub is, for people."""
        ...

    def ask(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """A JSON object for a JSON object."""
        ...

    def push(self, body: BinaryIO) -> dict[str, Any]:
        """Send packed lines, from the beginning of `body`; the JSON object that answers."""
        ...

    def pull(self, body: Mapping[str, Any], into: BinaryIO) -> tuple[str, bool]:
        """Write the packed lines that answer a JSON object; the cursor and whether there is more."""
        ...

    def held(self, digest: str) -> Held:
        """How much of a medium the hub has."""
        ...

    def send_piece(self, digest: str, offset: int, total: int, media_type: str, data: bytes) -> Held:
        """Send a piece of a medium of `total` bytes; how much the hub has then."""
        ...

    def fetch(self, digest: str, offset: int) -> AbstractContextManager[Source]:
        """A medium from `offset` on."""
        ...
