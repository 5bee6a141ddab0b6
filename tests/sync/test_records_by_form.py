"""Counting records by form version reads heads alone, and says what the states say."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from sync import Replica, merge

Make = Callable[[str], Replica]
LAYOUT = ["/data/name", "/data/size"]


def by_states(replica: Replica) -> dict[str, int]:
    """The same, by folding every record."""
    return dict(Counter(state.form for state in replica.states() if not state.deleted))


@pytest.mark.parametrize("seed", range(6))
def test_counts_are_those_of_the_states(make: Make, tmp_path: Path, seed: int) -> None:
    """Two replicas make, edit, review and delete records in two versions and merge, conflicts among them."""
    chance = random.Random(seed)
    replicas = [make("anna"), make("ben")]
    forms = []
    for version in ("1", "2"):
        for replica in replicas:
            form = replica.put_form("test", version, b"<h:html/>", LAYOUT)
        forms.append(form)
    for _ in range(60):
        replica = chance.choice(replicas)
        known = [state.record for state in replica.states() if not state.deleted]
        action = chance.choice(["new", "new", "edit", "edit", "review", "delete", "merge"])
        if action == "new" or not known:
            replica.save(form=chance.choice(forms), answers={"/data/name": str(chance.random())}, author="a")
        elif action == "edit":
            answers = {"/data/name": str(chance.random())}
            replica.save(record=chance.choice(known), form=chance.choice(forms), answers=answers, author="a")
        elif action == "review":
            replica.review(chance.choice(known), "approved", author="a")
        elif action == "delete":
            replica.delete(chance.choice(known), "mistake", author="a")
        else:
            other = next(each for each in replicas if each is not replica)
            merge(replica, [other.path])
        assert replica.records_by_form() == by_states(replica)
    assert sum(replicas[0].records_by_form().values()) > 3


def test_older_documents_of_a_name_stay(make: Make) -> None:
    """All of a kind, by name and the latest first."""
    replica = make("anna")
    for name, data in (("b", b"1"), ("a", b"2"), ("b", b"3")):
        replica.put_document("note", name, data)
    assert [(each.name, each.data) for each in replica.documents_of("note")] == [
        ("a", b"2"), ("b", b"3"), ("b", b"1"),
    ]  # fmt: skip
