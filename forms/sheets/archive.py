"""The archive that a workbook is: looked over before anything in it is unpacked for good."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from io import BytesIO
from zipfile import ZipFile

from lxml import etree

from forms.problems import FormError, Problem
from forms.sheets.bounds import ROWS, STRINGS, UNPACKED, too_many_rows
from forms.sheets.model import SUPPORTED

_CHUNK = 1 << 20
_VALUES = (b"<v>", b"<v ", b"<is>", b"<t>")
OLD = b"\xd0\xcf\x11\xe0"
"""How an old workbook (.xls) begins."""


def check_archive(data: bytes, filename: str) -> None:
    """That it is a zip with a workbook in it that unpacks into bounds and declares no entities. Raises FormError."""
    if data.startswith(OLD):
        raise FormError([Problem("HW-1320", filename, {"is": ".xls", "named": ".xlsx"})])
    try:
        with ZipFile(BytesIO(data)) as archive:
            _check(archive, filename)
    except FormError:
        raise
    except Exception as error:
        # zipfile and the unpackers below it raise anything on damaged parts: nothing of ours runs inside
        raise FormError([Problem("HW-1008", filename)]) from error


def _check(archive: ZipFile, filename: str) -> None:
    entries = archive.infolist()
    if "xl/workbook.xml" not in {entry.filename for entry in entries}:
        raise FormError([Problem("HW-1008", filename)])
    large = sum(entry.file_size for entry in entries) > UNPACKED
    if large or any("sharedStrings" in entry.filename and entry.file_size > STRINGS for entry in entries):
        raise FormError([Problem("HW-1005", filename, {"megabytes": str(UNPACKED // 1_000_000)})])
    for entry in entries:
        if entry.filename.endswith((".xml", ".rels")) and _declares(archive, entry.filename):
            raise FormError([Problem("HW-1003", filename)])
    for title, part in _sheets(archive):
        if part in archive.NameToInfo and _rows(archive, part) > ROWS + 1:
            raise too_many_rows(filename, title)


def _declares(archive: ZipFile, name: str) -> bool:
    """Whether a part declares a document type: before its first element, so near its start."""
    with archive.open(name) as part:
        head = part.read(_CHUNK).replace(b"\x00", b"")
    return b"<!DOCTYPE" in head or b"<!ENTITY" in head


def _sheets(archive: ZipFile) -> Iterator[tuple[str, str]]:
    """Title and part of each sheet that is read as one of a form."""
    parts = {
        str(each.get("Id")): posixpath.normpath(posixpath.join("xl", str(each.get("Target")))).lstrip("/")
        for each in _xml(archive, "xl/_rels/workbook.xml.rels")
    }
    sheets = [each for each in _xml(archive, "xl/workbook.xml").iter() if str(each.tag).endswith("}sheet")]
    for sheet in sheets:
        title = str(sheet.get("name"))
        ids = [str(value) for key, value in sheet.attrib.items() if str(key).endswith("}id")]
        if ids and (title.strip().lower() in SUPPORTED or len(sheets) == 1):
            yield title, parts.get(ids[0], "").removeprefix("xl//")


def _xml(archive: ZipFile, name: str) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.fromstring(archive.read(name), parser)


def _rows(archive: ZipFile, part: str) -> int:
    """How many rows hold something, counted without reading the cells; stops where there are too many."""
    count = 0
    rest = b""
    with archive.open(part) as stream:
        while count <= ROWS + 1 and (chunk := stream.read(_CHUNK)):
            *rows, rest = (rest + chunk).split(b"<row")
            count += sum(any(mark in row for mark in _VALUES) for row in rows)
    return count + any(mark in rest for mark in _VALUES)
