"""The changes of a stretch as they are read, kept at hand for the case that they are set aside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sync.names import CHANGE, NUMBER_MASK, change_key
from sync.replica import quarantine
from sync.transfer.lines import Pairs, Stretch


class PairReader:
    """The changes of a stretch as they are read; the part read last stays at hand."""

    def __init__(self, stretch: Stretch) -> None:
        self._pairs = stretch.pairs
        self._part: Pairs = []
        self.number = stretch.head.first

    def take(self, most: int) -> Pairs:
        """The next changes, at most so many; `number` is that of the first of them."""
        self.number += len(self._part)
        self._part = self._pairs(most)
        return self._part

    def back_to(self, number: int) -> None:
        """Let go of what stands before a number in the part read last."""
        self._part = self._part[number - self.number :]
        self.number = number

    def left(self) -> Iterator[tuple[int, Pairs]]:
        """The part read last and all that follows, each with the number of its first change."""
        while True:
            yield self.number, self._part
            if not self.take(1024):
                return


def kept_of(number: int, pairs: Pairs) -> list[quarantine.Kept]:
    """Changes that are set aside, whatever their headers look like."""
    found = []
    for at, (header, payload) in enumerate(pairs, number):
        members = header.split('"', 8)
        record = _key_of(members[7]) if len(members) == 9 else None
        found.append(quarantine.Kept(at, record, header, payload))
    return found


def _key_of(record: str) -> int | None:
    """The key of a record that a header names; None where it is no name: that is for the check of the header to
    refuse, which can say of which change it is."""
    match = CHANGE.fullmatch(record)
    return change_key(record) if match and int(match[2]) <= NUMBER_MASK else None


def records_of(replica: str, number: int, headers: Sequence[str]) -> list[int | None]:
    """What belongs into the column `record` for headers that begin at `number`: None for a creation."""
    found: list[int | None] = []
    start = f'["1","{replica}","'
    for at, header in enumerate(headers, number):
        if header.startswith(f'{start}{at}","","'):
            found.append(None)
            continue
        # The record is the fourth text of a header, and no text before it can hold a quotation mark.
        members = header.split('"', 8)
        found.append(_key_of(members[7]) if len(members) == 9 else None)
    return found
