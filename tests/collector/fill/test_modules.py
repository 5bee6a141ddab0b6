"""The page asks at once for every module that its script will import."""

from __future__ import annotations

import re
from pathlib import Path

from tests.collector.fill.conftest import Desk


def test_every_import_is_preloaded_and_there(desk: Desk) -> None:
    """Each module named in the page's head exists, and none that they import is missing from the head."""
    client = desk.client("")
    text = client.get("/en/fill/business").get_data(as_text=True)
    preloaded = re.findall(r'<link rel="modulepreload" href="([^"]+)"', text)
    assert len(preloaded) == len(set(preloaded)) > 5
    static = Path(str(desk.app.static_folder))
    for address in preloaded:
        source = client.get(address)
        assert source.status_code == 200
        source.close()
        file = static / address.removeprefix("/static/")
        for name in re.findall(r'from "(\.[^"]+)"', file.read_text("utf-8")):
            imported = (file.parent / name).resolve().relative_to(static).as_posix()
            assert f"/static/{imported}" in preloaded, f"{address} imports {imported}"
