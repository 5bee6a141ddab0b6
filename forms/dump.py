"""`python -m forms.dump NAME`: the JSON of a built-in form, or of a form file, as the phone gets it."""

from __future__ import annotations

import json
import sys

from forms import library
from forms.compile import compile_form


def main(name: str) -> None:
    """Writes one line of JSON."""
    form = library.load(name) if name in library.names() else compile_form(name)
    sys.stdout.write(json.dumps(form.to_json(), ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
