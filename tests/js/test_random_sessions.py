"""Server and phone play the same random interviews over all built-in forms and must agree on every step."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from forms import library
from forms.session import Session
from forms.session.record import form_path
from tests.forms.sessions import Player
from tests.js.test_node import node

STEPS = 70
TYPED = {
    "int": [
        "0",
        "1",
        "2",
        "12",
        "2018",
        "2020",
        "2024",
        "x",
        "",
        "-1",
        "1.5",
        "007",
        "+3",
        "9" * 15,
        "9" * 16,
        "１２",
    ],
    "decimal": ["0.5", "12", "", "1e3", ".5", "5.", " 3 ", "-0", "1" + "0" * 23],
    "date": ["2026-11-01", "2026-02-30", "", "2020-12-31", "2026-11-23", "0001-01-01"],
    "geopoint": ["35.4 112.7 900 60", "35.4 112.7", "35.4  112.7 900 5", "95 1", " ", ""],
    "time": ["09:30", "25:00", ""],
}
WRITTEN = [
    "李",
    "13812345678",
    "",
    "1234-5670",
    "王 小明",
    " ",
    "📷a",
    "a\nb",
    "'\"<&",
    "+86 138 1234 5678",
    "0",
    "true",
]
BUSINESSES = [
    {"name": "b1", "label": "B1", "business_uid": "u1", "village_code": "140521901901", "start_year": "2016"},
    {"name": "b2", "label": "B2", "business_uid": "u2", "village_code": "140521901902"},
]
INNS = [{"name": "n1", "label": "N1", "inn_uid": "i1", "village_code": "140521901901"}]


def some_value(chance: random.Random, session: Session, path: str) -> str:
    """An answer that somebody might give, mostly one of the choices."""
    question = session.form.node(form_path(path))
    values = [value for value, _ in session.choices(path)]
    if not values or chance.random() < 0.05:
        return chance.choice(TYPED.get(question.type, WRITTEN))
    if question.control == "select":
        return chance.choice([" ", "  "]).join(chance.sample(values, min(len(values), chance.randint(0, 3))))
    return "yes" if "yes" in values and chance.random() < 0.5 else chance.choice(values)


def some_step(chance: random.Random, session: Session) -> list[str]:
    """What somebody might do next, at a question that is shown or, now and then, at any."""
    asked = [
        path
        for path in session.paths()
        if (question := session.form.node(form_path(path))).kind == "question" and question.calculate is None
    ]
    shown = [path for path in asked if session.relevant(path)]
    path = chance.choice(shown if shown and chance.random() < 0.8 else asked)
    act = chance.random()
    if act < 0.08:
        return ["reason", path, chance.choice(["dont_know", "refused", "come_back", ""])]
    if act < 0.14:
        return [chance.choice(["problems", "entities", "name", "reasons"])]
    if act < 0.24:
        return [chance.choice(["choices", "label", "hint", "required", "readonly", "message"]), path]
    if act < 0.28:
        return ["language", chance.choice(["zh", "en"])]
    return ["answer", path, some_value(chance, session, path)]


def interview(form: str, chance: random.Random) -> dict[str, Any]:
    """A file as those of `tests/vectors/session_*.json`, with what Python says of each step."""
    file: dict[str, Any] = {
        "form": form,
        "language": "zh",
        "context": {
            "now": "2026-11-22T09:30:00.000+08:00",
            "randoms": [0.25],
            "uuids": [],
            "deviceid": "d",
            "username": "u",
        },
        "lists": {"businesses": BUSINESSES, "inns": INNS},
    }
    player = Player(file)
    steps = [player.play(["start"])]
    steps += [player.play(some_step(chance, player.session)) for _ in range(STEPS)]
    steps += [player.play([last]) for last in ("problems", "entities", "finalise", "problems")]
    return {**file, "steps": steps}


def test_random_interviews_go_alike_in_both_languages(tmp_path: Path) -> None:
    """Whatever is answered in whatever order, right or wrong, the phone's verdict is the server's."""
    for form in library.names():
        file = interview(form, random.Random(f"alike {form}"))
        assert any("answers" in step for step in file["steps"][1:])
        (tmp_path / f"session_{form}.json").write_text(json.dumps(file), "utf-8")
    done = node("--test", "tests/js/session.test.js", SESSIONS=str(tmp_path))
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert f"\nℹ pass {len(library.names())}\n" in done.stdout, done.stdout
