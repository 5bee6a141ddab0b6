"""`python -m tests.forms.record_sessions`: plays the session vectors and writes what happens."""

from __future__ import annotations

import json
from typing import Any

from tests.forms.sessions import Player
from tests.forms.vectors import VECTORS, read


def main() -> None:
    """Rewrites each file, one step a line."""
    for path in sorted(VECTORS.glob("session_*.json")):
        file = read(path.name)
        path.write_text(written(file), encoding="utf-8")


def written(file: dict[str, Any]) -> str:
    """The text of a file with results and changes as they are now."""
    player = Player(file)
    head = [f" {_json(key)}: {_json(value)}," for key, value in file.items() if key != "steps"]
    rows = ["  " + _json(player.play(step["do"])) for step in file["steps"]]
    return "\n".join(["{", *head, ' "steps": [', ",\n".join(rows), " ]", "}"]) + "\n"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


if __name__ == "__main__":
    main()
