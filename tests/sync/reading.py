"""What a replica file holds, read again from its bytes for the oracle: nothing of `sync` is used here.

`docs/data-model.md` gives the bytes; headers and payloads are those that were hashed and stored."""

from __future__ import annotations

import json
import sqlite3
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from tests.sync import oracle

Texts = Iterable[tuple[str, str | None]]  # header and payload
Layouts = Mapping[str, Sequence[Any]]  # by the id of the form version


def sha(text: str | bytes) -> str:
    """SHA-256 as base64url without padding."""
    raw = text.encode() if isinstance(text, str) else text
    return urlsafe_b64encode(sha256(raw).digest()).rstrip(b"=").decode()


def canonical(value: Any) -> str:
    """The one text of a value of texts and arrays."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def logs(db: sqlite3.Connection) -> list[tuple[str, str | None]]:
    """Header and payload of every change in the logs of a file, in the order of their keys."""
    return db.execute("SELECT header, payload FROM change ORDER BY id").fetchall()


def texts(db: sqlite3.Connection) -> list[tuple[str, str | None]]:
    """Those of its logs and its excerpts: all that is folded."""
    return logs(db) + db.execute("SELECT header, payload FROM excerpt ORDER BY id").fetchall()


def layouts(db: sqlite3.Connection) -> dict[str, Any]:
    """The layouts of the form versions that a file holds, by the id that its bytes give."""
    rows = db.execute("SELECT data FROM content WHERE id IN (SELECT id FROM document WHERE kind = 'form')")
    return {sha(data)[:22]: json.loads(data)[4] for (data,) in rows}


def records(changes: Texts, known: Layouts) -> dict[str, list[oracle.Change]]:
    """The changes of each record, as the oracle reads them; records in the order of their names."""
    found: dict[str, list[oracle.Change]] = {}
    for header, payload in changes:
        _, replica, number, record, form, parents, clock, _, kind, _, _ = json.loads(header)
        name = f"{replica}-{number}"
        change = {"name": name, "kind": kind, "parents": parents, "clock": clock}
        if payload is not None:
            change |= _content(kind, json.loads(payload), known.get(form))
        found.setdefault(record or name, []).append(change)
    return dict(sorted(found.items(), key=lambda item: _place(item[0])))


def _place(name: str) -> tuple[str, int]:
    replica, _, number = name.rpartition("-")
    return replica, int(number)


def _content(kind: str, members: Sequence[Any], layout: Sequence[Any] | None) -> dict[str, Any]:
    if kind == "review":
        return {"state": members[2]}
    if kind not in ("edit", "settle"):
        return {}
    _, _, values, extra, changed, reasons = members
    return {
        "answers": unpack(layout, values) | dict(extra),
        "reasons": dict(reasons),
        "changed": changed,
        "derived": set() if layout is None else derived(layout),
    }


def unpack(layout: Sequence[Any] | None, values: Sequence[Any], before: str = "") -> dict[str, str]:
    """The flat answers of packed values. A form version that is not known gives the paths `#0`, `#1` …"""
    if layout is None:
        return {
            f"#{place}": value if isinstance(value, str) else canonical(value)
            for place, value in enumerate(values)
            if value
        }
    answers: dict[str, str] = {}
    for entry, value in zip(layout, values, strict=False):
        if isinstance(entry, list) and len(entry) == 2:
            for instance, order, inner in value:
                here = f"{before}{entry[0]}[{instance}]"
                answers |= {here: order} | unpack(entry[1], inner, f"{here}/")
        elif value:
            answers[before + (entry if isinstance(entry, str) else entry[0])] = value
    return answers


def derived(layout: Sequence[Any], before: str = "") -> set[str]:
    """The generic paths that a form version derives."""
    found: set[str] = set()
    for entry in layout:
        if isinstance(entry, list) and len(entry) == 1:
            found.add(before + entry[0])
        elif isinstance(entry, list):
            found |= derived(entry[1], f"{before}{entry[0]}/")
    return found


def folded(changes: Texts, known: Layouts) -> list[dict[str, Any]]:
    """The oracle's state of every record, in the order of their names."""
    return [oracle.fold(record, history) for record, history in records(changes, known).items()]


def state_digest(states: Iterable[Mapping[str, Any]]) -> str:
    """The digest of `docs/data-model.md`, "Fold", over the oracle's states."""
    lines = []
    for state in states:
        conflicts = [[path, [list(said) for said in values]] for path, values in _pairs(state["conflicts"])]
        text = [
            state["record"],
            "1" if state["deleted"] else "",
            [list(pair) for pair in _pairs(state["answers"])],
            [list(pair) for pair in _pairs(state["reasons"])],
            conflicts,
            [state["review"], state["reviews"]],
            *(["withdrawn"] if state["withdrawn"] else []),
        ]
        lines.append(canonical(text))
    return sha("\n".join(lines))


def _pairs(mapping: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return sorted(mapping.items(), key=lambda pair: pair[0].encode())


def key(name: str) -> int:
    """The integer that SQLite holds for a change: `replica << 24 | number`."""
    replica, number = _place(name)
    value = 0
    for letter in replica:
        value = value << 5 | "0123456789abcdefghjkmnpqrstvwxyz".index(letter)
    return value << 24 | number


def state_rows(db: sqlite3.Connection) -> list[tuple[Any, ...]]:
    """What the table `state` must hold: a row for each record that is more than a creation in a log."""
    rows = []
    created = {id_ for (id_,) in db.execute("SELECT id FROM change WHERE record IS NULL")}
    for record, history in records(texts(db), layouts(db)).items():
        if len(history) == 1 and key(history[0]["name"]) in created:
            continue
        state = oracle.fold(record, history)
        heads = state["heads"]
        counts = (len(heads), int(state["deleted"]), len(state["conflicts"]))
        rows.append((key(record), key(heads[-1]) if heads else 0, *counts, state["review"]))
    return rows
