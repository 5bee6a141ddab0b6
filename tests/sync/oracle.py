"""A second fold, written from the page alone: slow, over sets, without bit masks. Holds `sync.fold` to the
words."""

from __future__ import annotations

import re
from typing import Any


def fold(record: str, changes: list[dict[str, Any]], derived: set[str]) -> dict[str, Any]:
    """Changes are `{"name", "kind", "parents", "clock", "answers", "reasons", "changed"}` (or `state` of a
    review).

    Gives deleted, answers, reasons, conflicts {path: set of (change, value, reason)}, shown review state.
    """
    by_name = {change["name"]: change for change in changes}

    def above(name: str) -> set[str]:
        seen: set[str] = set()
        todo = [parent for parent in by_name[name]["parents"] if parent in by_name]
        while todo:
            one = todo.pop()
            if one not in seen:
                seen.add(one)
                todo += [parent for parent in by_name[one]["parents"] if parent in by_name]
        return seen

    def rank(name: str) -> tuple[str, str, int]:
        replica, _, number = name.rpartition("-")
        return by_name[name]["clock"], replica, int(number)

    def tops(names: list[str]) -> list[str]:
        return sorted((n for n in names if not any(n in above(m) for m in names)), key=rank)

    content = [c["name"] for c in changes if c["kind"] in ("edit", "settle", "delete")]
    heads = tops(content)
    reviews = tops([c["name"] for c in changes if c["kind"] == "review"])
    review = "received"
    if reviews:
        seen = above(reviews[-1])
        review = by_name[reviews[-1]]["state"] if set(content) <= seen else "edited"
    alive = [name for name in heads if by_name[name]["kind"] != "delete"]
    out: dict[str, Any] = {
        "deleted": not alive,
        "answers": {},
        "reasons": {},
        "conflicts": {},
        "review": review,
    }
    if not alive:
        return out
    last = by_name[alive[-1]]
    if len(heads) == 1:
        return out | {"answers": dict(last["answers"]), "reasons": dict(last["reasons"])}
    edits = [by_name[name] for name in content if by_name[name]["kind"] != "delete"]

    def plain(path: str) -> str:
        return re.sub(r"\[[0-9a-z]+\]", "", path)

    def around(path: str) -> list[str]:
        return [path[: m.end()] for m in re.finditer(r"\[[0-9a-z]+\]", path) if m.end() < len(path)]

    universe = {p for e in edits for p in e["changed"] if p != "*"}
    for edit in edits:
        if "*" in edit["changed"] or edit["name"] in alive:
            universe |= set(edit["answers"]) | set(edit["reasons"])
    universe = {p for p in universe if plain(p) not in derived}

    def wrote(edit: dict[str, Any], path: str) -> bool:
        named = path in edit["changed"] or "*" in edit["changed"]
        return named and all(i in edit["answers"] for i in around(path))

    def said(name: str, path: str) -> tuple[str, str, str]:
        return name, by_name[name]["answers"].get(path, ""), by_name[name]["reasons"].get(path, "")

    result: dict[str, tuple[str, str, str]] = {}
    for path in universe:
        writers = tops([e["name"] for e in edits if wrote(e, path)])
        if path.endswith("]"):
            removers = [n for n in writers if path not in by_name[n]["answers"]]
            inside = [
                e["name"]
                for e in edits
                if path in e["answers"]
                and any(p.startswith(path + "/") for p in e["changed"])
                and not any(e["name"] in above(r) or r in above(e["name"]) for r in removers)
            ]
            keepers = sorted({*tops(inside), *(n for n in writers if n not in removers)}, key=rank)
            if removers and keepers:
                out["conflicts"][path] = {said(n, path) for n in removers + keepers}
                result[path] = said(keepers[-1], path)
                continue
        if not writers:
            result[path] = said(last["name"], path)
            continue
        result[path] = said(writers[-1], path)
        if len({said(n, path)[1:] for n in writers}) > 1:
            out["conflicts"][path] = {said(n, path) for n in writers}
    for path, value in last["answers"].items():
        if plain(path) in derived:
            result[path] = (last["name"], value, last["reasons"].get(path, ""))
    for path, reason in last["reasons"].items():
        if plain(path) in derived:
            result[path] = (last["name"], last["answers"].get(path, ""), reason)

    def lives(path: str) -> bool:
        return all(i in result and result[i][1] and lives(i) for i in around(path))

    for path, (_, value, reason) in result.items():
        if not lives(path):
            out["conflicts"].pop(path, None)
            continue
        if value:
            out["answers"][path] = value
        if reason:
            out["reasons"][path] = reason
    if len(alive) < len(heads):
        out["conflicts"][""] = {
            (n, "delete" if by_name[n]["kind"] == "delete" else "edit", "") for n in heads
        }
    return out
