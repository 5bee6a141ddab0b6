"""The traces as sessions of the project's own kind, played in Python and in JavaScript step by step."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from forms import FormError
from forms.session.record import form_path
from tests.conformance.trace_player import CHANGING, Player, Step
from tests.forms.sessions import OPERATIONS
from tests.forms.sessions import Player as Vectors
from tests.js.test_node import node

_PASSED = re.compile(r"^✔ (session_trace_\d+\.json)", re.MULTILINE)


def write(folder: Path, numbered: Sequence[tuple[int, Player, list[Step]]]) -> list[str]:
    """A file for each trace that our form and its places allow, with what Python makes of it; their names."""
    names = []
    for number, player, steps in numbered:
        try:
            done = operations(player, steps)
        except (FormError, LookupError):
            continue
        file = _file(player)
        vectors = Vectors(file)
        played = [
            vectors.play(do) for do in (["start"], *done, ["problems"], ["name"], ["entities"], ["finalise"])
        ]
        names.append(f"session_trace_{number}.json")
        content = {**file, "json": player.form.to_json(), "steps": played}
        (folder / names[-1]).write_text(json.dumps(content), "utf-8")
    return names


def _file(player: Player) -> dict[str, Any]:
    lists = player.session.lists
    answers = {} if player.answers is None else {"answers": player.answers}
    return {
        **answers,
        "xform": player.xform,
        "language": "",
        "context": {
            "now": player.session.context.now(),
            "randoms": [],
            "uuids": [],
            "deviceid": "d",
            "username": "u",
        },
        "lists": {
            key: list(lists.rows(key)) for key, source in player.form.instances.items() if "src" in source
        },
        "trees": {key: tree for key in player.form.instances if (tree := lists.tree(key)) is not None},
    }


def operations(player: Player, steps: list[Step]) -> list[list[str]]:
    """What the steps do, and after each a look at all that is shown. Raises FormError or LookupError."""
    found: list[list[str]] = []
    for step in steps:
        if step["op"] in CHANGING:
            do = player.operation(step)
            OPERATIONS[do[0]](player.session, *do[1:])
            found.append(do)
        found.append(["problems"])
        for path in player.session.paths():
            question = player.form.node(form_path(path))
            if question.kind in ("question", "note"):
                asked = ("label", "required", "readonly", *(["choices"] if question.choices else []))
                found.extend([each, path] for each in asked)
    return found


def equal(folder: Path) -> set[str]:
    """Of the files in a folder, those that JavaScript plays as Python did."""
    done = node("--test", "--test-reporter=spec", "tests/js/session.test.js", SESSIONS=str(folder))
    return set(_PASSED.findall(done.stdout))
