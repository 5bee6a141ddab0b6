"""Attached files as a form reads them (`places.csv`, `places.geojson`, `places.xml`), within bounds.

A list comes to rows, a dict of texts for each; an XML file that is no list to a tree, as those of the form itself:
`[name, {attribute: text}, text or trees]`. Both are JSON, and told apart by their first member.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

from forms.problems import FormError, Problem
from forms.session.geojson import read_geojson
from forms.session.lists import Tree
from forms.sheets.bounds import COLUMNS, check_size
from forms.xform.document import read_xml
from forms.xform.instances import inside

ENDINGS = (".csv", ".geojson", ".xml")
LARGEST_TREE = 5_000_000
"""Bytes of GeoJSON or XML, which take many times their size while they are read; CSV may have more."""

ROWS = 100_000
CELLS = 2_000_000
ELEMENTS = 300_000
"""What a phone can hold and search beside everything else."""

Content = list[dict[str, str]] | Tree


def read_file(data: bytes, filename: str) -> Content:
    """The rows or the tree of an attached file, by the ending of its name. Raises FormError: HW-1003, HW-1005,
    HW-1009, HW-1460 to HW-1462; nothing else, whatever the bytes are."""
    ending = PurePath(filename).suffix.lower()
    if ending not in ENDINGS:
        raise FormError([Problem("HW-1460", filename, {"name": PurePath(filename).name})])
    check_size(data, filename)
    if ending == ".csv":
        return _csv(data, filename)
    if len(data) > LARGEST_TREE:
        raise _too_much(filename)
    return _geojson(data, filename) if ending == ".geojson" else _xml(data, filename)


def is_tree(content: Any) -> bool:
    """Whether it is a tree and not rows."""
    return bool(content) and isinstance(content[0], str)


def _csv(data: bytes, filename: str) -> Content:
    try:
        return list(_rows(data, filename))
    except UnicodeDecodeError as error:
        raise _encoding(error, filename) from error
    except csv.Error as error:
        raise _unreadable(str(error), filename) from error


def _rows(data: bytes, filename: str) -> Iterator[dict[str, str]]:
    reader = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
    columns = len(reader.fieldnames or ())
    if columns > COLUMNS:
        raise _too_much(filename)
    for number, row in enumerate(reader, start=1):
        if number > ROWS or number * columns > CELLS:
            raise _too_much(filename)
        yield {column: value or "" for column, value in row.items() if column}


def _geojson(data: bytes, filename: str) -> Content:
    try:
        rows = read_geojson(data)
        if b"\\ud" in data.lower():  # half of a pair of escapes is no text
            "".join(text for row in rows for cell in row.items() for text in cell).encode()
    except UnicodeDecodeError as error:
        raise _encoding(error, filename) from error
    except RecursionError as error:
        raise _unreadable("nested too deeply", filename) from error
    except (ValueError, OverflowError) as error:
        raise _unreadable(str(error), filename) from error
    if len(rows) > ROWS:
        raise _too_much(filename)
    return rows


def _xml(data: bytes, filename: str) -> Content:
    if data.count(b"<") > 2 * ELEMENTS:  # before anything is built of it
        raise _too_much(filename)
    try:
        root = read_xml(data, filename)
    except FormError as error:
        raise FormError([_of_no_form(problem, filename) for problem in error.problems]) from error
    if sum(1 for _ in root.iter()) > ELEMENTS:
        raise _too_much(filename)
    found = inside(root)
    content: Content = found["tree"] if "tree" in found else found["items"]
    return content


def _of_no_form(problem: Problem, filename: str) -> Problem:
    """A problem of XML whose words or remedy are for forms, told of an attached file."""
    if problem.code == "HW-1002":
        reason = f"line {problem.params['line']}: {problem.params['reason']}"
    elif problem.code == "HW-1004":
        reason = f"nested deeper than {problem.params['levels']} levels"
    else:
        return problem
    return Problem("HW-1461", filename, {"reason": reason})


def _too_much(filename: str) -> FormError:
    limits = {
        "rows": f"{ROWS:,}",
        "columns": f"{COLUMNS:,}",
        "cells": f"{CELLS:,}",
        "elements": f"{ELEMENTS:,}",
    }
    limits["megabytes"] = str(LARGEST_TREE // 1_000_000)
    return FormError([Problem("HW-1462", filename, limits)])


def _encoding(error: UnicodeDecodeError, filename: str) -> FormError:
    return FormError([Problem("HW-1009", filename, {"byte": str(error.start)})])


def _unreadable(reason: str, filename: str) -> FormError:
    return FormError([Problem("HW-1461", filename, {"reason": reason})])
