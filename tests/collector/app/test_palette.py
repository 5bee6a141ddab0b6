"""The colours of app.css can be read: contrasts of WCAG 2.2, worked out from the tokens themselves."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CSS = (Path(__file__).parents[3] / "collector" / "static" / "app.css").read_text("utf-8")
THEMES = {
    "light": r":root \{",
    "dark": r':root\[data-theme="dark"\] \{',
    "system dark": r':root:not\(\[data-theme="light"\], \[data-theme="sun"\]\) \{',
    "sun": r':root\[data-theme="sun"\] \{',
}
PAIRS = [
    ("ink", "paper", 7), ("ink", "card", 7), ("ink-2", "paper", 4.5), ("ink-2", "card", 4.5),
    ("brand", "paper", 4.5), ("brand", "card", 4.5), ("brand", "brand-soft", 4.5),
    ("brand-ink", "brand", 4.5),
    ("ink", "brand-soft", 7), ("ink", "bad-soft", 7), ("ink", "warn-soft", 7), ("ink-2", "bad-soft", 4.5),
    ("ok", "ok-soft", 4.5), ("warn", "warn-soft", 4.5), ("bad", "bad-soft", 4.5),
    ("accent", "paper", 4.5), ("line-strong", "card", 3), ("line-strong", "paper", 3), ("focus", "paper", 3),
    ("focus", "card", 3),
]  # fmt: skip

IN_THE_SUN = [
    ("ink", "paper"), ("ink-2", "paper"), ("brand", "paper"),
    ("bad", "bad-soft"), ("ok", "ok-soft"), ("warn", "warn-soft"),
]  # fmt: skip


def tokens(theme: str) -> dict[str, str]:
    """Colours of a theme; one that it does not set is that of the light theme."""
    found: dict[str, str] = {}
    for name in ("light", theme):
        block = re.search(THEMES[name] + r"(.*?)\}", CSS, re.S)
        assert block, name
        found |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6})\b", block.group(1)))
    return found


def luminance(colour: str) -> float:
    """Relative luminance of `#rgb` or `#rrggbb`, WCAG 2.2."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
def test_contrast(theme: str, front: str, back: str, least: float) -> None:
    """Text has 4.5:1 (running text 7:1), edges of controls and focus 3:1, in every theme."""
    colours = tokens(theme)
    light, dark = sorted((luminance(colours[front]), luminance(colours[back])), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= least


def test_strong_sunlight_is_stronger() -> None:
    """In the sun, running text and marks have at least 9:1."""
    colours = tokens("sun")
    for front, back in IN_THE_SUN:
        light, dark = sorted((luminance(colours[front]), luminance(colours[back])), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 9, (front, back)
