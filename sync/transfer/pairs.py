"""The changes of a stretch as they are read, kept at hand for the case that they are set aside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sync.names import CHANGE, change_key
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
        named = len(members) == 9 and CHANGE.fullmatch(members[7]) is not None
        found.append(quarantine.Kept(at, change_key(members[7]) if named else None, header, payload))
    return found


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
        record = members[7] if len(members) == 9 else ""
        found.append(change_key(record) if record else None)
    return found
