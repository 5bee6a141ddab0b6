"""`python -m tests.forms.fill_trees`: writes the syntax trees of `tests/vectors/xpath.json` again."""

from __future__ import annotations

import json

from forms.xpath.parser import parse
from tests.forms.vectors import VECTORS, read


def main() -> None:
    """Cases are written by hand; only their `ast` comes from the parser."""
    file = read("xpath.json")
    cases = file.pop("cases")
    head = [f" {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}," for key, value in file.items()]
    rows = [
        "  " + json.dumps({**case, "ast": parse(case["expression"])}, ensure_ascii=False) for case in cases
    ]
    text = "\n".join(["{", *head, ' "cases": [', ",\n".join(rows), " ]", "}"]) + "\n"
    (VECTORS / "xpath.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
