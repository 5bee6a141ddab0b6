"""Replicas with keys, and a road between two of them that is no network: the same bytes, without a wire."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, BinaryIO

import pytest

from sync import Replica, SyncError, keys
from sync.interest import Interest
from sync.replica.parts import Held
from sync.transfer import client, files, hello, pull, push
from sync.transfer.hello import Caller
from sync.transfer.report import SyncReport
from sync.transfer.signing import sign_own
from sync.transfer.take import EVERYTHING, Rules
from sync.transfer.transport import Refused, Told, Unreachable


@dataclass
class Direct:
    """The hub's side, called without a wire. `before` runs before each call, named as its address."""

    hub: Path
    key: keys.PrivateKey
    caller: str
    interest: Interest | None = None
    rules: Rules = EVERYTHING
    before: Callable[[str], object] = lambda path: None
    former: tuple[str, ...] = ()
    calls: list[str] = field(default_factory=list)
    place: str = "direct"

    def ask(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """hello, or media."""
        self._called(path)
        given = json.loads(json.dumps(body))
        with Replica.open(self.hub) as hub:
            if path == "media":
                return {"lacking": files.offered(hub, given["media"], self.rules)}
            answer = hello.answer(hub, given, Caller(self.interest))
        result: dict[str, Any] = json.loads(json.dumps(answer))
        return result

    def push(self, body: BinaryIO) -> dict[str, Any]:
        """A batch."""
        self._called("push")
        body.seek(0)
        with Replica.open(self.hub) as hub:
            answer = push.receive(hub, [body.read()], self.caller, self.rules)
        result: dict[str, Any] = json.loads(json.dumps(answer))
        return result

    def pull(self, body: Mapping[str, Any], into: BinaryIO) -> tuple[str, bool]:
        """An answer."""
        self._called("pull")
        with Replica.open(self.hub) as hub:
            asked = pull.read_request(json.loads(json.dumps(body)))
            sign_own(
                hub, self.key, asked.logs[hub.name].number if hub.name in asked.logs else 0, 5000, 1 << 40
            )
            names = [self.caller, *self.former]
            handed = pull.hand_over(hub, asked, names, self.interest, into, lambda known: ())
        return handed.cursor, handed.more

    def held(self, digest: str) -> Held:
        """How much of a medium is there."""
        self._called("held")
        with Replica.open(self.hub) as hub:
            return hub.media_received(digest)

    def send_piece(self, digest: str, offset: int, total: int, media_type: str, data: bytes) -> Held:
        """A piece of a medium."""
        self._called("piece")
        with Replica.open(self.hub) as hub:
            return told_as_refused(
                lambda: hub.append_media(digest, offset, io.BytesIO(data), total, media_type)
            )

    @contextmanager
    def fetch(self, digest: str, offset: int) -> Iterator[BinaryIO]:
        """A medium from `offset` on."""
        self._called("fetch")
        with Replica.open(self.hub) as hub:
            path = hub.media(digest)
        if not path.exists():
            raise Refused(Told("HW-3421", digest, {}, "It is not here.", "Ask."))
        with path.open("rb") as file:
            file.seek(offset)
            yield file

    def _called(self, path: str) -> None:
        self.calls.append(path)
        self.before(path)


def told_as_refused(call: Callable[[], Held]) -> Held:
    """What a server makes of a problem."""
    try:
        return call()
    except SyncError as error:
        told = error.problem.as_dict()
        raise Refused(Told(told["code"], told["place"], {}, told["message"], told["remedy"])) from error


@dataclass
class Faulty(Direct):
    """Loses requests and answers, cuts both, repeats old batches late; what comes through is `often` undisturbed."""

    chance: Random = field(default_factory=lambda: Random(1))
    often: float = 0.5
    old: list[bytes] = field(default_factory=list)

    def ask(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """hello, or nothing."""
        self._lose()
        answer = super().ask(path, body)
        self._lose()
        return answer

    def held(self, digest: str) -> Held:
        """How much is there, or nothing."""
        self._lose()
        return super().held(digest)

    def send_piece(self, digest: str, offset: int, total: int, media_type: str, data: bytes) -> Held:
        """A piece, perhaps the beginning of one alone, perhaps without an answer."""
        self._lose()
        part = data if self.chance.random() < self.often else data[: len(data) // 2]
        held = super().send_piece(digest, offset, total, media_type, part)
        if part != data:
            raise Unreachable("cut")
        self._lose()
        return held

    @contextmanager
    def fetch(self, digest: str, offset: int) -> Iterator[BinaryIO]:
        """A medium, perhaps its beginning alone."""
        self._lose()
        with super().fetch(digest, offset) as file:
            data = file.read()
            yield Broken(data if self.chance.random() < self.often else data[: len(data) // 2 + 1], len(data))

    def push(self, body: BinaryIO) -> dict[str, Any]:
        """A batch, perhaps cut or late, perhaps after an older one came again."""
        self._lose()
        body.seek(0)
        data = body.read()
        self.old.append(data)
        if self.chance.random() > self.often:
            self._cut(data)
        if self.chance.random() > self.often:
            super().push(io.BytesIO(self.chance.choice(self.old)))
        answer = super().push(io.BytesIO(data))
        self._lose()
        return answer

    def pull(self, body: Mapping[str, Any], into: BinaryIO) -> tuple[str, bool]:
        """An answer, perhaps cut."""
        self._lose()
        whole = io.BytesIO()
        found = super().pull(body, whole)
        data = whole.getvalue()
        into.write(data if self.chance.random() < self.often else data[: self.chance.randrange(len(data))])
        return found

    def _cut(self, data: bytes) -> None:
        with pytest.raises(SyncError):
            super().push(io.BytesIO(data[: self.chance.randrange(len(data))]))
        raise Unreachable("cut")

    def _lose(self) -> None:
        if self.chance.random() > self.often:
            raise Unreachable("lost")


class Broken(io.BytesIO):
    """A stream that breaks where its bytes end before `length`."""

    def __init__(self, data: bytes, length: int) -> None:
        super().__init__(data)
        self.whole = len(data) == length

    def read(self, size: int | None = -1, /) -> bytes:
        """The next bytes."""
        data = super().read(size)
        if not data and not self.whole:
            raise Unreachable("cut")
        return data


@dataclass
class Station:
    """A replica with its key."""

    replica: Replica
    key: keys.PrivateKey
    form: str

    @property
    def path(self) -> Path:
        """Its file."""
        return self.replica.path

    def record(self, name: str, *scopes: str) -> str:
        """A record."""
        return self.replica.save(form=self.form, answers={"/data/name": name}, author="p", scopes=scopes)

    def rename(self, record: str, name: str) -> str:
        """An edit of it."""
        return self.replica.save(
            record=record, form=self.form, answers={"/data/name": name}, author="p", scopes=()
        )

    def to(self, hub: Station, **more: Any) -> Direct:
        """The road to a hub."""
        kind = Faulty if "chance" in more else Direct
        name, *former = self.replica.own_names()
        return kind(hub.path, hub.key, name, former=tuple(former), **more)

    def sync(self, hub: Station, road: Direct | None = None, **more: Any) -> SyncReport:
        """One sync."""
        way = road or self.to(hub)
        return client.sync(self.replica, way, self.key, sleep=lambda seconds: None, **more)

    def names(self) -> dict[str, str]:
        """Record → its name."""
        return {s.record: s.answers.get("/data/name", "") for s in self.replica.states() if not s.deleted}


def outcome(one: Station, hub: Station, chance: Random) -> str:
    """The number with which a sync over a bad road ends; "" when it comes through."""
    try:
        one.sync(hub, one.to(hub, chance=chance, often=0.75))
    except SyncError as error:
        return error.problem.code
    return ""


MakeStation = Callable[[str], Station]
