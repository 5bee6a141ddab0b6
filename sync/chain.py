"""The digest chain over the headers of one replica, in blocks of 64 (`docs/data-model.md`, "Digest
chain")."""

from __future__ import annotations

from collections.abc import Iterable

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


def digest(headers: Iterable[str]) -> str:
    """The digest of a whole log from its first header; `""` for an empty one."""
    current = ""
    block: list[str] = []
    for header in headers:
        if len(block) == BLOCK:
            current, block = link(current, block), []
        block.append(header)
    return link(current, block) if block else current
