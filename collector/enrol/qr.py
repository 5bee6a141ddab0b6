"""QR codes: as SVG for a page, as blocks for a terminal."""

from __future__ import annotations

import io

import segno
from markupsafe import Markup


def svg(text: str, label: str) -> Markup:
    """An SVG image that says `label` to a screen reader. Black on white whatever the theme: scanners want it so."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        out,
        kind="svg",
        border=4,
        dark="#000",
        light="#fff",
        xmldecl=False,
        svgns=True,
        omitsize=True,
        nl=False,
    )
    image = out.getvalue().decode("utf-8")
    head = Markup('<svg role="img" aria-label="{}" ').format(label)
    return Markup(image.replace("<svg ", str(head), 1))  # noqa: S704 # made here, of modules and no text


def terminal(text: str) -> str:
    """Lines of half blocks, white on black by escape sequences: the modules are dark whatever the colours of the
    terminal are."""
    out = io.StringIO()
    segno.make(text, error="m", micro=False).terminal(out, border=2, compact=True)
    return "\n".join(f"\033[97;40m{line}\033[0m" for line in out.getvalue().splitlines())
