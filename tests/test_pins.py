"""What is installed is pinned, and no place is named from where it comes."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_locks_pin_exactly_and_name_no_host() -> None:
    """Each Python requirement is `name==version`; neither lock holds an address."""
    for name in ("run.txt", "dev.txt"):
        lines = (ROOT / "requirements" / name).read_text("utf-8").split("\n")
        wrong = [line for line in lines if line.strip() and not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", line.strip())]
        assert wrong == [], name
    assert "://" not in (ROOT / "package-lock.json").read_text("utf-8")


def test_no_tracked_text_names_a_package_host() -> None:
    """The project names no package host and loads nothing from a content network."""
    hosts = re.compile(r"files\.python" + r"hosted|pypi\." + r"org|registry\.npm|unpkg\." + r"com|jsdelivr|cdnjs|deb\.debian")
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    for name in tracked:
        path = ROOT / name
        if name and path.is_file() and path.suffix in {".py", ".js", ".json", ".md", ".toml", ".txt", ".html", ".css", ".sh", ""}:
            assert not hosts.search(path.read_text("utf-8", errors="replace")), name
