"""A form that shows pictures and sound beside its labels and choices, and the files for it, made here."""

from __future__ import annotations

import io
import struct
import wave
import zlib

FORM_ID = "herbs"
TITLE = "Herbs"
COLUMNS = "| type | name | {0} | image::English (en) | image::中文 (zh) | big-image | audio | choice_filter |"
LABELS = "label::English (en) | label::中文 (zh)"
FORM = f"""| survey | | | | | | | | |
| {COLUMNS.format(LABELS)}
| | note | look | Look | 请看 | look-en.png | look-zh.png | | | |
| | select_one place | place | Where? | 在哪里？ | map.png | map.png | map-large.png | where.wav | |
| | select_one herb | herb | Which herb? | 哪种草药？ | | | | | place=${{place}} |
| | begin repeat | finds | Finds | 找到的 | | | | | |
| | select_multiple part | part | Which parts? | 哪些部分？ | | | | | |
| | end repeat | | | | | | | | |
| choices | | | | | | | |
| | list_name | name | {LABELS} | image | audio | place |
| | place | n | North | 北 | | | |
| | place | s | South | 南 | | | |
| | herb | mint | Mint | 薄荷 | mint.png | mint.wav | n |
| | herb | sage | Sage | 鼠尾草 | sage.png | | s |
| | herb | moss | | | moss.png | | s |
| | part | leaf | Leaf | 叶 | leaf.png | | |
| | part | root | Root | 根 | | | |
| settings | | | |
| | form_id | form_title | version |
| | herbs | Herbs | 1 |
"""


def png(shade: int = 120, side: int = 8) -> bytes:
    """A square of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + bytes([shade, 200, 100]) * side) * side
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def wav(seconds: float = 0.2) -> bytes:
    """Silence."""
    out = io.BytesIO()
    with wave.open(out, "wb") as made:
        made.setnchannels(1)
        made.setsampwidth(2)
        made.setframerate(8000)
        made.writeframes(b"\0\0" * int(8000 * seconds))
    return out.getvalue()


PICTURES = (
    "look-en.png", "look-zh.png", "map.png", "map-large.png", "mint.png", "sage.png", "moss.png", "leaf.png",
)  # fmt: skip
FILES = {name: png(40 + 20 * number) for number, name in enumerate(PICTURES)} | {
    "where.wav": wav(),
    "mint.wav": wav(0.4),
}
"""All that the form shows, by name; no two are alike."""
