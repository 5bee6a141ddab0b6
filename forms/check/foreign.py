"""Signs of other languages, of spreadsheets and of Chinese keyboards, with what is written here instead."""

from __future__ import annotations

import re

_PLAIN = {
    "==": "=", "===": "=", "!==": "!=", "<>": "!=", "=>": ">=", "=<": "<=", "&&": "and", "||": "or", "=!": "!=",
    "＝": "=", "＝＝": "=", "！＝": "!=", "!＝": "!=", "＜": "<", "＞": ">", "＜＝": "<=", "＞＝": ">=", "＜＞": "!=",
    "≠": "!=", "≤": "<=", "≥": ">=", "＋": "+", "－": "-", "＊": "*", "×": "*", "÷": "div", "．": ".",
    "［": "[", "］": "]", "；": ",", "、": ",",
}  # fmt: skip
_WORDS = {"and": "and", "or": "or", "div": "div", "mod": "mod"}
_NAME = r"[^\W\d][\w.\-]*"
_SIGNS = re.compile(
    "|".join(
        [
            *(re.escape(sign) for sign in sorted(_PLAIN, key=len, reverse=True)),
            rf"(?<![\w.\-])(?P<word>(?i:{'|'.join(_WORDS)}))(?![\w.\-])",
            rf"[$＄]?[{{｛]\s*(?P<braced>{_NAME})\s*[}}｝]|[$＄](?P<bare>{_NAME})",
        ]
    )
)


def foreign(text: str, position: int) -> tuple[int, str, str] | None:
    """Where a sign of another language stands that covers a position of an expression, the sign and what is written
    here instead; None where there is none."""
    for match in _SIGNS.finditer(text):
        if not match.start() <= position < match.end():
            continue
        name = match["braced"] or match["bare"]
        if name:
            wanted = f"${{{name}}}"
        elif match["word"]:
            wanted = _WORDS[match["word"].lower()]
        else:
            wanted = _PLAIN[match[0]]
        return None if wanted == match[0] else (match.start(), match[0], wanted)
    return None
