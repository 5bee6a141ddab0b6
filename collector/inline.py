"""The one script that stands in every page: it sets the chosen display before the first paint, and wakes IndexedDB.

A file of its own would hold the page up twice: a browser runs it only when the style sheets before it have come, and
reads no further until then. The policy names it by its digest, so that it stays the only one.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from markupsafe import Markup
from rjsmin import jsmin

DISPLAY = Markup(  # noqa: S704 - our own file
    jsmin((Path(__file__).parent / "static" / "display.js").read_text("utf-8")).strip()
)
"""The script as it stands in the page. It holds no `<`, which a test looks at."""

SOURCE = f"'sha256-{base64.b64encode(hashlib.sha256(DISPLAY.encode()).digest()).decode()}'"
"""Its name in a Content-Security-Policy."""
