"""A form version's layout: the flat map of answers packed into nested arrays, and back.

Layout entries: `path` (given by a person), `[path]` (derived), `[path, layout]` (a repeat, paths inside
relative)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sync.canonical import encode_trusted

INSTANCE = re.compile(r"\[([0-9a-z]{4,})\]")
UNKNOWN = "#"  # paths of answers whose form version is not known here: "#0", "#1" …


@dataclass(frozen=True)
class Layout:
    """A compiled layout. `paths[i]` is entry i's path, `repeats[i]` its inner layout (None for a
    question)."""

    paths: tuple[str, ...]
    repeats: tuple[Layout | None, ...]
    derived: frozenset[str]
    index: Mapping[str, int] = field(repr=False)

    @staticmethod
    def compile(entries: Sequence[Any], prefix: str = "") -> Layout:
        """Layout from its JSON form; `ValueError` when that is malformed."""
        paths: list[str] = []
        repeats: list[Layout | None] = []
        derived: set[str] = set()
        for entry in entries:
            path, inner = _entry(entry)
            paths.append(path)
            whole = f"{prefix}{path}"
            if inner is not None:
                compiled = Layout.compile(inner, f"{whole}/")
                derived |= compiled.derived
                repeats.append(compiled)
                continue
            repeats.append(None)
            if not isinstance(entry, str):
                derived.add(whole)
        if len(set(paths)) != len(paths):
            raise ValueError("a path stands twice in a layout")
        index = {path: number for number, path in enumerate(paths)}
        return Layout(tuple(paths), tuple(repeats), frozenset(derived), index)


def _entry(entry: Any) -> tuple[str, Sequence[Any] | None]:
    if isinstance(entry, str):
        return entry, None
    if not isinstance(entry, list | tuple) or len(entry) not in (1, 2) or not isinstance(entry[0], str):
        raise ValueError(f"not a layout entry: {entry!r}")
    if len(entry) == 1:
        return entry[0], None
    if not isinstance(entry[1], list | tuple):
        raise ValueError(f"not a layout entry: {entry!r}")
    return entry[0], entry[1]


def generic(path: str) -> str:
    """A flat path without its instance ids: `/data/founders[k3f9]/sex` → `/data/founders/sex`."""
    return INSTANCE.sub("", path) if "[" in path else path


def enclosing(path: str) -> list[str]:
    """Instance paths that `path` lies inside, outermost first; an instance does not enclose itself."""
    return [path[: match.end()] for match in INSTANCE.finditer(path) if match.end() < len(path)]


def is_instance(path: str) -> bool:
    """Whether the path names an instance of a repeat."""
    return path.endswith("]")


def pack(layout: Layout, answers: Mapping[str, str]) -> tuple[list[Any], list[list[str]]]:
    """`(values, extra)` of a flat map: lossless for every map of non-empty texts."""
    values, extra = _pack(layout, answers)
    return values, [[path, extra[path]] for path in sorted(extra)]


def _pack(layout: Layout, answers: Mapping[str, str]) -> tuple[list[Any], dict[str, str]]:
    values: list[Any] = ["" if inner is None else [] for inner in layout.repeats]
    extra: dict[str, str] = {}
    inside: dict[tuple[int, str], dict[str, str]] = {}
    for path, value in answers.items():
        place = layout.index.get(path)
        if place is not None and layout.repeats[place] is None:
            values[place] = value
            continue
        match = INSTANCE.search(path)
        place = layout.index.get(path[: match.start()]) if match else None
        rest = path[match.end() :] if match else ""
        if match is None or place is None or layout.repeats[place] is None or (rest and rest[0] != "/"):
            extra[path] = value
        else:
            inside.setdefault((place, match[1]), {})[rest] = value
    for (place, instance), given in inside.items():
        repeat = layout.repeats[place]
        order = given.pop("", None)
        start = f"{layout.paths[place]}[{instance}]"
        if repeat is None or order is None:  # answers of an instance that is not there: kept, as extra
            extra |= {start + rest: value for rest, value in given.items()}
            continue
        packed, more = _pack(repeat, {rest[1:]: value for rest, value in given.items()})
        extra |= {f"{start}/{rest}": value for rest, value in more.items()}
        values[place].append([instance, order, packed])
    for place, repeat in enumerate(layout.repeats):
        if repeat is not None:
            values[place].sort(key=lambda member: (member[1], member[0]))
    while values and not values[-1]:
        values.pop()
    return values, extra


def unpack(layout: Layout | None, values: Sequence[Any], extra: Sequence[Any] = ()) -> dict[str, str]:
    """The flat map again; `ValueError` when the arrays do not fit the layout. Without a layout: paths `#0`,
    `#1` …"""
    answers: dict[str, str] = {}
    if layout is None:
        for place, value in enumerate(values):
            if value:
                answers[f"{UNKNOWN}{place}"] = value if isinstance(value, str) else encode_trusted(value)
    else:
        _unpack(layout, values, "", answers)
    for path, value in extra:
        if not isinstance(path, str) or not isinstance(value, str):
            raise ValueError("extra answers are pairs of texts")
        answers[path] = value
    return answers


def _unpack(layout: Layout, values: Sequence[Any], prefix: str, answers: dict[str, str]) -> None:
    if len(values) > len(layout.paths):
        raise ValueError("more values than the layout has entries")
    for path, repeat, value in zip(layout.paths, layout.repeats, values, strict=False):
        if not value:
            continue
        if repeat is None:
            if not isinstance(value, str):
                raise ValueError(f"{path} is no repeat")
            answers[prefix + path] = value
            continue
        if isinstance(value, str):
            raise ValueError(f"{path} is a repeat")
        for instance, order, inner in value:
            if not isinstance(instance, str) or not isinstance(order, str) or isinstance(inner, str):
                raise ValueError(f"{path} holds no instances")
            here = f"{prefix}{path}[{instance}]"
            answers[here] = order
            _unpack(repeat, inner, f"{here}/", answers)
