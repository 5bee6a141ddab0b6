"""Puts a finished directory in the place of an old one, so that a reader sees either and nothing between."""

from __future__ import annotations

import ctypes
import errno
import os
import secrets
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..problems import Problem

MARK = "release.json"
"""The file by which a directory is known to be a release, and may be replaced."""

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


@contextmanager
def replacing(out: Path) -> Iterator[Path]:
    """Gives an empty directory beside `out`; it becomes `out` when the block ends without an error, else it
    is removed.

    Raises HW-3503 when `out` is something that no release made, HW-3504 when it cannot be written.
    """
    check_target(out)
    fresh = out.parent / f".{out.name}.{secrets.token_hex(4)}"
    try:
        fresh.mkdir(parents=True)
    except OSError as error:
        raise Problem("HW-3504", str(out), why=error.strerror or str(error)) from error
    try:
        yield fresh
        flush(fresh)
        put(fresh, out)
    except OSError as error:
        raise Problem("HW-3504", str(out), why=error.strerror or str(error)) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def check_target(out: Path) -> None:
    """HW-3503 unless `out` is free, an empty directory, or an earlier release."""
    if not out.exists():
        return
    if not out.is_dir() or (any(out.iterdir()) and not (out / MARK).is_file()):
        raise Problem("HW-3503", str(out))


def flush(folder: Path) -> None:
    """Every file of the directory, and the directory itself, on the disk."""
    for path in [*sorted(folder.rglob("*")), folder]:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def put(fresh: Path, out: Path) -> None:
    """Renames `fresh` to `out`. An `out` that is there changes places with it in one step where the system
    can do that.
    """
    if not out.exists():
        fresh.rename(out)
    elif not _exchange(fresh, out):
        aside = fresh.with_name(fresh.name + ".old")
        out.rename(aside)
        fresh.rename(out)
        shutil.rmtree(aside)
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(out.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _exchange(a: Path, b: Path) -> bool:
    """Linux' renameat2 with RENAME_EXCHANGE; False where the system or the file system has none."""
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "renameat2"):
        return False
    if libc.renameat2(_AT_FDCWD, os.fsencode(a), _AT_FDCWD, os.fsencode(b), _RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP):
        return False
    raise OSError(code, os.strerror(code), str(b))
