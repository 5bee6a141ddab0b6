"""Server and phone move the same random drafts between the same random versions and must agree on all of it."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

from tests.forms.carrying import random_file
from tests.js.test_node import node


def test_random_drafts_move_alike_in_both_languages(tmp_path: Path) -> None:
    """Answers, reasons, what is left and in which order, what is counted; on to a third version too."""
    file = random_file(Random("carry"), 60)
    assert sum(len(case["result"]["left"]) > 0 for case in file["cases"]) > 60
    path = tmp_path / "carry.json"
    path.write_text(json.dumps(file), "utf-8")
    done = node("--test", "tests/js/carry.test.js", CARRY=str(path))
    assert done.returncode == 0, f"{done.stdout[-4000:]}\n{done.stderr}"
