"""Labels, hints and messages: itext, inline texts, and values inside them."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from forms.model import Language, Piece, Text
from forms.xform.names import elements, local, text_of
from forms.xform.pool import Pool

_TAG = re.compile(r"\(([A-Za-z]{2,3}(?:-[A-Za-z0-9]+)*)\)\s*$")
_ITEXT = re.compile(r"""^\s*jr:itext\(\s*(?:'([^']*)'|"([^"]*)")\s*\)\s*$""")
_LITERAL = re.compile(r""""[^"]*"|'[^']*'""")
_ESCAPED = re.compile(r"&(?:lt|gt|amp);")
_FORMS = {"": "long", "long": "long", "short": "short", "guidance": "guidance"}


class Itext:
    """The translations of a form. `languages` in the order of the form, `default` a language name or ""."""

    def __init__(self, model: etree._Element, pool: Pool) -> None:
        self.pool = pool
        self.languages: list[Language] = []
        self.default = ""
        self._values: dict[str, Text] = {}
        for itext in elements(model):
            if local(itext) == "itext":
                for translation in elements(itext):
                    self._translation(translation)
        if not self.default and self.languages:
            self.default = self.languages[0].name

    def _translation(self, translation: etree._Element) -> None:
        name = translation.get("lang", "")
        tag = _TAG.search(name)
        self.languages.append(Language(name, tag[1].lower() if tag else name))
        if translation.get("default") is not None and translation.get("default") != "false()":
            self.default = name
        for text in elements(translation):
            key = text.get("id", "")
            kinds: dict[str, Any] = {}
            for value in elements(text):
                form = value.get("form") or ""
                if form in _FORMS:
                    kinds[_FORMS[form]] = self.pieces(value, key)
                else:
                    kinds[form] = _address(value)
            # pyxform writes "-" where a translation is missing: the default language stands in for it
            if kinds.get("long") == ["-"]:
                del kinds["long"]
            if kinds:
                self._values.setdefault(key, {})[name] = kinds

    def pieces(self, element: etree._Element, what: str) -> list[Piece]:
        """Text and `<output>`s of an element."""
        found: list[Piece] = []
        _add_text(found, element.text)
        for child in element:
            if isinstance(child.tag, str) and local(child) == "output":
                number = self.pool.expression(unescaped(child.get("value")) or child.get("ref") or "''", what)
                if number is not None:
                    found.append(number)
            elif isinstance(child.tag, str):
                _add_text(found, text_of(child))
            _add_text(found, child.tail)
        return _trimmed(found)

    def by_id(self, key: str) -> int | None:
        """Number of the text with an itext id, None where there is none."""
        text = self._values.get(key)
        return None if text is None else self.pool.text(text)

    def numbers(self) -> dict[str, int]:
        """Numbers of all texts by their ids."""
        return {key: self.pool.text(text) for key, text in self._values.items()}

    def of(self, element: etree._Element | None, what: str) -> int | None:
        """Number of the text of a `<label>` or `<hint>`: by reference or inline."""
        if element is None:
            return None
        ref = element.get("ref")
        if ref:
            return self.reference(ref, what)
        pieces = self.pieces(element, what)
        return self.pool.text({"": {"long": pieces}}) if pieces else None

    def reference(self, ref: str, what: str) -> int | None:
        """Number of the text that `jr:itext('id')` names; other text stands for itself.

        An id that is worked out (`jr:itext(concat(…))`) is an expression whose value stands there.
        """
        match = _ITEXT.match(ref)
        if match is None and ref.lstrip().startswith("jr:itext("):
            number = self.pool.expression(ref, what)
            return None if number is None else self.pool.text({"": {"long": [number]}})
        if match is None:
            return self.pool.plain(ref)
        number = self.by_id(match[1] or match[2])
        if number is None and (match[1] or match[2]) not in self._values:
            self.pool.problem("HW-1011", what, id=match[1] or match[2])
        return number


def _address(value: etree._Element) -> str:
    """Where a picture, sound or video is. Of one that answers name only the folder: no such file can be attached."""
    address = (value.text or "").strip()
    return address[: address.rfind("/") + 1] if len(value) else address


def unescaped(value: str | None) -> str:
    """The expression of an `<output>`. pyxform escapes `instance(…)` in texts once too often; outside of quotation
    marks an `&lt;` cannot be XPath, so it shows that all of the expression is escaped once more."""
    if not value or not _ESCAPED.search(_LITERAL.sub("", value)):
        return value or ""
    return value.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _add_text(pieces: list[Piece], text: str | None) -> None:
    if text:
        pieces.append(text)


def _trimmed(pieces: list[Piece]) -> list[Piece]:
    """pyxform pads texts that contain values with blanks; line breaks inside are meant."""
    if pieces and isinstance(pieces[0], str):
        pieces[0] = pieces[0].lstrip()
    if pieces and isinstance(pieces[-1], str):
        pieces[-1] = pieces[-1].rstrip()
    return [piece for piece in pieces if piece != ""]
