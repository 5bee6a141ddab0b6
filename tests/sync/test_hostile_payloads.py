"""Payloads that fit their hash and are none of ours: the record is there, empty, and nothing else suffers."""

from __future__ import annotations

import pytest

from sync import merge, verify
from tests.sync.conftest import Make

SALT = "A" * 22


@pytest.mark.parametrize(
    "payload",
    [
        f'["1","{SALT}",["\\ud800"],[],["*"],[]]',
        f'["1","{SALT}",[],[["/data/name","\\uDFFF"]],["*"],[]]',
        f'["1","{SALT}",[],[],["*","\\ud8AA"],[]]',
        f'["1","{SALT}",[],[],["*"],[["/data/name","\\ud800"]]]',
    ],
)
def test_half_a_character_pair_is_no_answer(make: Make, form: str, payload: str) -> None:
    """A lone surrogate has no UTF-8 form: its payload cannot be read, `verify` says so (HW-2026), and state
    digest and the other records go on."""
    hub, laptop = make("hub"), make("laptop")
    fine = laptop.save(form=form, answers={"/data/name": "a"}, author="anna")
    with laptop.transaction():
        broken = laptop._append("edit", None, form, (), "anna", ["v:1"], payload, None, None)
        laptop._append("edit", broken, form, (), "anna", ["v:1"], payload, None, None)
    assert merge(hub, [laptop.path]).taken == 3
    assert hub.state(broken).answers == {}
    assert hub.state(fine).answers == {"/data/name": "a"}
    assert len(hub.state_digest()) == 43
    assert {problem.code for problem in verify(hub).problems} == {"HW-2026"}


def test_control_characters_are_answers(make: Make, form: str) -> None:
    """The escapes that canonical text has are read as ever."""
    hub = make("hub")
    record = hub.save(form=form, answers={"/data/name": "a\u0001\\ud800😀"}, author="anna")
    assert hub.state(record).answers["/data/name"] == "a\u0001\\ud800😀"
