"""What a session asks of the world: time, chance, who and where."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Protocol

INSTANCE_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"


class Context(Protocol):
    """What a session needs; the collector gives its own."""

    deviceid: str
    username: str

    def now(self) -> str:
        """ISO date-time with milliseconds and offset: `2026-11-22T09:30:00.000+08:00`."""

    def random(self) -> float:
        """From 0 to below 1."""

    def uuid(self) -> str:
        """A random UUID, with hyphens."""

    def instance_id(self) -> str:
        """4 or more characters of `0-9a-z`; the session asks again where it is taken."""


@dataclass
class SystemContext:
    """The clock and the chance of this machine."""

    deviceid: str = ""
    username: str = ""

    def now(self) -> str:
        """The clock of this machine, with its offset."""
        return datetime.now().astimezone().isoformat(timespec="milliseconds")

    def random(self) -> float:
        """From the operating system."""
        return secrets.randbelow(2**53) / 2**53

    def uuid(self) -> str:
        """Version 4."""
        return str(uuid.uuid4())

    def instance_id(self) -> str:
        """Four characters."""
        return "".join(secrets.choice(INSTANCE_ALPHABET) for _ in range(4))


@dataclass
class FixedContext:
    """A context that always answers the same: for generators and for cases shared between languages.

    `randoms` and `uuids` are given out one after the other; then `0.5` and UUIDs that count up follow.
    Instance ids count up: `i001`, `i002` ….
    """

    moment: str
    randoms: Iterable[float] = ()
    uuids: Iterable[str] = ()
    deviceid: str = ""
    username: str = ""
    _randoms: Iterator[float] = field(init=False)
    _uuids: Iterator[str] = field(init=False)
    _counter: Iterator[int] = field(init=False)
    _instances: Iterator[int] = field(init=False)

    def __post_init__(self) -> None:
        self._randoms = iter(self.randoms)
        self._uuids = iter(self.uuids)
        self._counter = count(1)
        self._instances = count(1)

    def now(self) -> str:
        """The moment given."""
        return self.moment

    def random(self) -> float:
        """The next number given."""
        return next(self._randoms, 0.5)

    def uuid(self) -> str:
        """The next UUID given."""
        found = next(self._uuids, None)
        return found or f"00000000-0000-4000-8000-{next(self._counter):012d}"

    def instance_id(self) -> str:
        """The next id."""
        return f"i{next(self._instances):03d}"
