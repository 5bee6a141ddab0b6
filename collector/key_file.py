"""The file with which a hub hands out the key that others seal for it: one key document, text."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from sync import SyncError, keys
from sync.problems import FILE_EXISTS, UNREADABLE_FILE
from sync.transfer.appearing import appearing

from .problems import Problem

_LONGEST = 4096


def read(path: Path) -> tuple[str, str]:
    """`(hub, its public sealing key)`. Raises `Problem` HW-3431 for a file that holds none, `SyncError` HW-2002 for one
    that cannot be read."""
    try:
        with path.open("rb") as file:
            data = file.read(_LONGEST)
    except OSError as error:
        raise SyncError(UNREADABLE_FILE, str(path), reason=error.strerror or error) from None
    try:
        hub, public = keys.read_key_document(data.strip(), keys.SEAL_KIND)
        keys.load_public(public)
    except (ValueError, TypeError, RecursionError):
        raise Problem("HW-3431", str(path)) from None
    return hub, public


def refuse_other(path: Path, names: Collection[str]) -> None:
    """HW-2030 for a path at which something else stands than a key of one of these hubs."""
    if not path.exists():
        return
    try:
        # A pipe or a device would be waited for, or written to.
        hub = read(path)[0] if path.is_file() else ""
    except (Problem, SyncError):
        hub = ""
    if hub not in names:
        raise SyncError(FILE_EXISTS, str(path))


def write(path: Path, text: str, names: Collection[str]) -> None:
    """Write a key document; it takes the place of nothing but a key of one of these hubs (HW-2030)."""
    refuse_other(path, names)
    path.unlink(missing_ok=True)
    with appearing(path) as file:
        file.write(text.encode() + b"\n")
