"""Problems of the public site, HW-4xxx: what is wrong, where, and how to mend it.

The texts stand in `locale/` under `HW-nnnn.message` and `HW-nnnn.remedy`. Numbers are never reused.

4001 not a release           4002 a release without a part    4003 not open to the public
4004 no such page            4005 a question that cannot be answered as asked
4006 fault of the program
"""

from __future__ import annotations

from .language import translate

BY_STATUS = {400: "HW-4005", 403: "HW-4003", 404: "HW-4004"}


class Problem(Exception):
    """A numbered problem of the public site.

    `code` is `HW-4nnn`; `place` says where (an address, a table, a file); `params` fill the placeholders.
    """

    def __init__(self, code: str, place: str = "", **params: object) -> None:
        super().__init__(code, place)
        self.code = code
        self.place = place
        self.params = params

    def message(self, lang: str) -> str:
        """What is wrong, in `zh` or `en`."""
        return translate(f"{self.code}.message", lang, place=self.place, **self.params)

    def remedy(self, lang: str) -> str:
        """How to mend it, in `zh` or `en`."""
        return translate(f"{self.code}.remedy", lang, place=self.place, **self.params)

    def text(self, lang: str) -> str:
        """Number, fault and remedy as one text."""
        return f"{self.code}: {self.message(lang)} {self.remedy(lang)}"

    def as_dict(self, lang: str) -> dict[str, str]:
        """`{"code", "place", "message", "remedy"}`, all text."""
        return {
            "code": self.code,
            "place": self.place,
            "message": self.message(lang),
            "remedy": self.remedy(lang),
        }


def for_status(status: int, place: str) -> Problem:
    """The problem that stands for an HTTP status of Datasette's own pages."""
    return Problem(BY_STATUS.get(status, "HW-4006"), place)
