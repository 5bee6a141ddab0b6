"""Names of replicas and changes, as text and as the integer key that SQLite holds."""

from __future__ import annotations

import re
import secrets
from functools import lru_cache

from sync.problems import BAD_NAME, SyncError

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base32 in lower case: text order is number order
NUMBER_BITS = 24
NUMBER_MASK = (1 << NUMBER_BITS) - 1

REPLICA = re.compile(r"[0-9a-f][0-9a-hjkmnp-tv-z]{7}")
CHANGE = re.compile(r"([0-9a-f][0-9a-hjkmnp-tv-z]{7})-([1-9][0-9]{0,7})")
_VALUE = {letter: index for index, letter in enumerate(ALPHABET)}


def new_replica() -> str:
    """A fresh replica name: 39 random bits, 8 characters."""
    return replica_name(secrets.randbits(39))


@lru_cache(4096)
def replica_name(number: int) -> str:
    """The 8 characters of a replica's 39 bits."""
    if not 0 <= number < 1 << 39:
        raise SyncError(BAD_NAME, str(number))
    return "".join(ALPHABET[(number >> shift) & 31] for shift in range(35, -1, -5))


@lru_cache(4096)
def replica_number(name: str) -> int:
    """The 39 bits of a replica's name; HW-2032 when it is none."""
    if not REPLICA.fullmatch(name):
        raise SyncError(BAD_NAME, name)
    number = 0
    for letter in name:
        number = number << 5 | _VALUE[letter]
    return number


def change_name(key: int) -> str:
    """`7k3m9q2x-17` from its integer key."""
    return f"{replica_name(key >> NUMBER_BITS)}-{key & NUMBER_MASK}"


def change_key(name: str) -> int:
    """The integer key `replica << 24 | number` of a change's name; HW-2032 when it is none."""
    match = CHANGE.fullmatch(name)
    if not match or int(match[2]) > NUMBER_MASK:
        raise SyncError(BAD_NAME, name)
    return replica_number(match[1]) << NUMBER_BITS | int(match[2])


def order(name: str) -> tuple[str, int]:
    """Sort key of a change's name: replica, then number as a number (the order of the integer keys)."""
    replica, _, number = name.rpartition("-")
    return replica, int(number)
