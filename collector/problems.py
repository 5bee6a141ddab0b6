"""Problems of the application, HW-3xxx: what is wrong, where, and how to mend it.

The texts stand in `collector/locale/` under `HW-nnnn.message` and `HW-nnnn.remedy`. `forms` (HW-1xxx) and
`sync`
(HW-2xxx) have classes of their own with the same shape, described here by `AnyProblem`.
Numbers are never reused; retired ones stay below as comments.

3001 no such page            3002 signed out                3003 token of the page missing or old
3004 not allowed             3005 wrong name or password    3006 too many attempts
3007 request too large       3008 photo or sound too large  3009 fault of the program
3010 method not allowed      3011 malformed request         3012 no such record
3013 no such village         3014 user name taken           3015 password too short
3016 unknown role            3017 listening beyond this computer
3018 port taken              3019 not a replica of this program
3020 user name malformed     3021 request body cut short
3022 no such account          3023 file of this machine fails
3024 stopped by the person    3025 address not of this computer
3026 accounts file fails      3027 no such answer in a record
34xx phones: see collector/api; 3450 to 3459 forms that a team brings: see collector/own_forms
3460 a list that cannot be read: collector/lists.py
3470 to 3472 what forms show: collector/form_media.py, collector/own_forms
3480 to 3496 codes and lost devices: collector/enrol
36xx filling in: see collector/fill
"""

from __future__ import annotations

import errno
import sqlite3
from typing import Protocol, runtime_checkable

from sync import SyncError, problem_of
from sync.faults import is_full
from sync.problems import DISK_FULL, sentence

from .i18n import translate

# The HTTP status that a problem answers with; 400 where nothing stands here.
STATUS = {
    "HW-2002": 503,  # the hub's own file: nothing that the sender could mend
    "HW-2003": 503,
    "HW-2004": 503,
    "HW-2005": 503,
    "HW-2006": 503,
    "HW-2007": 503,
    "HW-2028": 503,
    "HW-3001": 404,
    "HW-3002": 401,
    "HW-3004": 403,
    "HW-3005": 403,
    "HW-3006": 429,
    "HW-3007": 413,
    "HW-3008": 413,
    "HW-3009": 500,
    "HW-3010": 405,
    "HW-3012": 404,
    "HW-3013": 404,
    "HW-3023": 503,
    "HW-3026": 503,
    "HW-3401": 409,
    "HW-3403": 401,
    "HW-3404": 413,
    "HW-3407": 403,
    "HW-3408": 403,
    "HW-3410": 413,
    "HW-3413": 409,
    "HW-3414": 409,
    "HW-3421": 404,
    "HW-3422": 416,
    "HW-3423": 403,
    "HW-3450": 403,
    "HW-3455": 404,
    "HW-3460": 409,
    "HW-3470": 404,
    "HW-3480": 403,
    "HW-3481": 403,
    "HW-3482": 403,
    "HW-3483": 403,
    "HW-3486": 403,
    "HW-3487": 403,
    "HW-3488": 403,
    "HW-3489": 403,
    "HW-3491": 429,
    "HW-3492": 404,
    "HW-3494": 413,
    "HW-3604": 404,
    "HW-3605": 404,
    "HW-3608": 404,
    "HW-2021": 404,
    "HW-2031": 404,
    "HW-2060": 409,
    "HW-2101": 503,
    "HW-2102": 503,
}


@runtime_checkable
class AnyProblem(Protocol):
    """What the problems of all packages have in common."""

    @property
    def code(self) -> str:
        """Its number, `HW-nnnn`."""
        ...

    def text(self, lang: str) -> str:
        """Message and remedy as running text."""
        ...

    def as_dict(self, lang: str) -> dict[str, str]:
        """`{"code", "place", "message", "remedy"}`, all text."""
        ...


class Problem(Exception):
    """A numbered problem of the application.

    `code` is `HW-3nnn`; `place` says where (an address, a file, a field; may be empty); `params` fill the
    placeholders.
    """

    def __init__(self, code: str, place: str = "", **params: object) -> None:
        super().__init__(code, place)
        self.code = code
        self.place = place
        self.params = params

    @property
    def status(self) -> int:
        """The HTTP status that goes with it."""
        return STATUS.get(self.code, 400)

    def message(self, lang: str) -> str:
        """What is wrong."""
        return translate(f"{self.code}.message", lang, place=self.place, **self.params)

    def remedy(self, lang: str) -> str:
        """How to mend it."""
        return translate(f"{self.code}.remedy", lang, place=self.place, **self.params)

    def text(self, lang: str) -> str:
        """Number, place, what is wrong and how to mend it, for the command line."""
        return sentence(self.code, self.place, self.message(lang), self.remedy(lang), lang)

    def as_dict(self, lang: str) -> dict[str, str]:
        """`{"code", "place", "message", "remedy"}`, all text."""
        return {
            "code": self.code,
            "place": self.place,
            "message": self.message(lang),
            "remedy": self.remedy(lang),
        }

    def __str__(self) -> str:
        return self.text("en")


def numbered(error: BaseException, place: str) -> AnyProblem | None:
    """The numbered problem of an error that comes from outside the program: the one it carries, a database
    or a file of this machine that fails (`place` when the error names none), the person who stops it. None
    for a fault of the program itself.
    """
    if isinstance(error, Problem):
        return error
    if isinstance(error, SyncError):
        return error.problem
    if isinstance(error, sqlite3.Error):
        return problem_of(error, place)
    if isinstance(error, KeyboardInterrupt):
        return Problem("HW-3024")
    if isinstance(error, OSError) and error.errno not in (None, errno.EPIPE):
        where = error.filename if isinstance(error.filename, str) else place
        if is_full(error, where):
            return SyncError(DISK_FULL, where, reason=error.strerror or error).problem
        return Problem("HW-3023", where, reason=error.strerror or error)
    return None
