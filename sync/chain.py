"""The digest chain over the headers of one replica, in blocks of 64 (`docs/data-model.md`, "Digest
chain")."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sync.canonical import sha

BLOCK = 64


def block_of(number: int) -> int:
    """Index of the block in which change `number` (from 1) stands."""
    return (number - 1) // BLOCK


def block_start(number: int) -> int:
    """First number of the block in which `number` stands."""
    return block_of(number) * BLOCK + 1


def link(before: str, headers: Iterable[str]) -> str:
    """`D` over one (perhaps unfinished) block: `before` is the digest of the block before, `""` for the
    first."""
    return sha(before + "\n" + "\n".join(headers))


class Chain:
    """A chain that grows at its end. It holds the headers of the unfinished block only.

    `number` is that of the last header, `full` the `(number, digest)` of the blocks that became full since it
    was made.
    """

    def __init__(self, number: int = 0, before: str = "", unfinished: Sequence[str] = ()) -> None:
        self.number = number
        self.full: list[tuple[int, str]] = []
        self._before = before
        self._unfinished = list(unfinished)

    @property
    def room(self) -> int:
        """How many headers the unfinished block still takes."""
        return BLOCK - len(self._unfinished)

    @property
    def digest(self) -> str:
        """The digest at `number`."""
        return link(self._before, self._unfinished) if self._unfinished else self._before

    def digest_after(self, headers: Sequence[str]) -> str:
        """The digest if these headers (at least one, at most `room`) were appended."""
        return link(self._before, [*self._unfinished, *headers])

    def add(self, headers: Sequence[str]) -> None:
        """Append headers."""
        position = 0
        while position < len(headers):
            part = headers[position : position + self.room]
            position += len(part)
            self.number += len(part)
            self._unfinished += part
            if len(self._unfinished) == BLOCK:
                self._before, self._unfinished = link(self._before, self._unfinished), []
                self.full.append((self.number, self._before))


def digest(headers: Iterable[str]) -> str:
    """The digest of a whole log from its first header; `""` for an empty one."""
    chain = Chain()
    chain.add(list(headers))
    return chain.digest
