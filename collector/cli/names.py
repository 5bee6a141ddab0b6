"""What people call those whose changes come: names of accounts, where this machine knows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from sync.brought import Brought

from .. import app_db
from ..i18n import translate

SHOWN = 3
"""Names that stand beside a file; the others are counted."""


class Names:
    """Names of people by the id that stands in their changes, and of devices by whoever made their latest change
    (`authors`, by device). A database without accounts knows nobody."""

    def __init__(self, hub: Path, lang: str, authors: Mapping[str, str]) -> None:
        self.lang, self.authors = lang, authors
        self.people: dict[str, str] = {}
        path = app_db.path_for(hub)
        if path.exists():
            from ..accounts import people  # here, so that `--help` does not load it

            with app_db.reading(path) as connection:
                self.people = {one.id: one.name for one in people.everybody(connection)}

    def person(self, author: str) -> str:
        """The name of a person; the id of one who has no account here."""
        return self.people.get(author) or translate("cli.names.stranger", self.lang, author=author)

    def device(self, replica: str) -> str:
        """A device by whoever made its latest change; else by its own name."""
        known = self.people.get(self.authors.get(replica, ""))
        return known or translate("cli.names.device", self.lang, replica=replica)

    def of(self, brought: Brought, replicas: Iterable[str]) -> str:
        """Whose a file is: of whom it brought something, the most first; else whose devices stand in it."""
        if brought.people and all(author in self.people for author in brought.people):
            return self.listed((self.people[author] for author, _ in brought.people.most_common()), "people")
        from_ = [replica for replica, _ in brought.devices.most_common()] or list(replicas)
        known = all(self.authors.get(replica) in self.people for replica in from_)
        return self.listed(dict.fromkeys(map(self.device, from_)), "people" if known else "devices")

    def listed(self, names: Iterable[str], what: str) -> str:
        """Names in a row, of `people` or also of `devices`; of many the first few."""
        all_ = list(names)
        told = translate("cli.list.and", self.lang).join(all_[:SHOWN])
        more = len(all_) - SHOWN
        return translate(f"cli.names.more.{what}", self.lang, names=told, count=more) if more > 0 else told
