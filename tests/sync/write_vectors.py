"""Writes `tests/vectors/changes.json`: worked examples of bytes, changes, digests, signature and fold.

Run as `python -m tests.sync.write_vectors`; read the difference before you commit it. Everything is fixed
(names, salts, clocks, key), except the signature, which ECDSA makes anew: it is written once and kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sync import canonical, chain, keys
from sync.change import (
    Change,
    Header,
    decode_payload,
    encode_edit,
    encode_removal,
    encode_review,
    read_header,
)
from sync.clock import tick
from sync.fold import Folded, digest_text, fold
from sync.layout import Layout, pack

FILE = Path(__file__).parents[1] / "vectors" / "changes.json"
LAYOUT: list[Any] = [
    "/data/name",
    "/data/size",
    ["/data/label"],
    ["/data/founders", ["founder_name", ["age"]]],
]
FORM = canonical.encode(["form", "test", "1", canonical.short_id(b"<h:html/>"), LAYOUT])
FORM_ID = canonical.short_id(FORM)
SALT = "AAECAwQFBgcICQoLDA0ODw"
TEXTS = ["", "甲村", '"\\/', "\b\t\n\f\r", "\x00\x1f\x7f\x80\u2028", "é", "e\u0301", "😀\ufffd\uffff"]


def edit(
    name: str,
    record: str,
    parents: list[str],
    clock: str,
    answers: dict[str, str],
    changed: list[str],
    **more: Any,
) -> dict[str, Any]:
    """One edit, its input and its bytes."""
    reasons = more.get("reasons", {})
    payload = encode_edit(Layout.compile(LAYOUT), answers, reasons, changed, SALT)
    kind = "settle" if len(parents) > 1 else "edit"
    given = {"answers": answers, "reasons": reasons, "changed": changed, "salt": SALT}
    return _change(name, record, parents, clock, kind, payload, given)


def review(name: str, record: str, parents: list[str], clock: str, state: str) -> dict[str, Any]:
    """One review."""
    payload = encode_review(state, "请核对", ["/data/name"], SALT)
    given = {"state": state, "comment": "请核对", "questions": ["/data/name"], "salt": SALT}
    return _change(name, record, parents, clock, "review", payload, given)


def delete(name: str, record: str, parents: list[str], clock: str) -> dict[str, Any]:
    """One delete."""
    return _change(
        name,
        record,
        parents,
        clock,
        "delete",
        encode_removal("twice", SALT),
        {"reason": "twice", "salt": SALT},
    )


def _change(
    name: str, record: str, parents: list[str], clock: str, kind: str, payload: str, given: dict[str, Any]
) -> dict[str, Any]:
    replica, _, number = name.rpartition("-")
    header = Header(
        replica,
        int(number),
        record,
        FORM_ID,
        tuple(parents),
        clock,
        "p1",
        kind,
        ("p:p1", "v:1"),
        canonical.sha(payload),
    ).encode()
    return {
        "name": name,
        "record": record,
        "parents": parents,
        "clock": clock,
        "author": "p1",
        "kind": kind,
        "scopes": ["p:p1", "v:1"],
        **given,
        "payload": payload,
        "payload_sha": canonical.sha(payload),
        "header": header,
        "header_sha": canonical.sha(header),
    }


def changes_of() -> dict[str, list[dict[str, Any]]]:
    """Small histories, each of one record."""
    here = "0aaaaaaa-1"
    start = {
        "/data/name": "甲",
        "/data/label": "L",
        "/data/founders[k3f9]": "m",
        "/data/founders[k3f9]/founder_name": "王",
    }
    first = edit(here, here, [], "0190000000000000", start, ["*"])
    named = {**start, "/data/name": "乙"}
    other = {**start, "/data/name": "丙"}
    gone = {path: value for path, value in start.items() if "founders" not in path}
    inside = {**start, "/data/founders[k3f9]/founder_name": "李"}
    more = {**start, "/data/founders[zz01]": "s", "/data/founders[zz01]/founder_name": "赵"}
    a2 = edit("0aaaaaaa-2", here, [here], "0190000000010000", named, ["/data/name"])
    b1 = edit("1bbbbbbb-1", here, [here], "0190000000010000", other, ["/data/name"])
    return {
        "a creation": [first],
        "an edit that saw it, with an earlier clock": [
            first,
            edit(
                "1bbbbbbb-1",
                here,
                [here],
                "0180000000000000",
                {"/data/name": "乙"},
                ["/data/name"],
                reasons={"/data/size": "dont_know"},
            ),
        ],
        "two edits of different answers": [
            first,
            a2,
            edit(
                "1bbbbbbb-1", here, [here], "0190000000020000", {**start, "/data/size": "3"}, ["/data/size"]
            ),
        ],
        "two edits of one answer, equal clocks": [first, a2, b1],
        "the same, settled, and reviewed": [
            first,
            a2,
            b1,
            edit("0aaaaaaa-3", here, ["0aaaaaaa-2", "1bbbbbbb-1"], "0190000000030000", named, ["/data/name"]),
            review("2cccccc0-1", here, ["0aaaaaaa-3"], "0190000000040000", "approved"),
        ],
        "edited after the review": [
            first,
            review("2cccccc0-1", here, [here], "0190000000040000", "approved"),
            edit("0aaaaaaa-2", here, [here], "0190000000050000", named, ["/data/name"]),
        ],
        "two founders added at once": [
            first,
            edit(
                "0aaaaaaa-2",
                here,
                [here],
                "0190000000010000",
                more,
                ["/data/founders[zz01]", "/data/founders[zz01]/founder_name"],
            ),
            edit(
                "1bbbbbbb-1",
                here,
                [here],
                "0190000000020000",
                {**start, "/data/founders[yy02]": "s", "/data/founders[yy02]/age": "40"},
                ["/data/founders[yy02]"],
            ),
        ],
        "a founder removed while the other side wrote inside": [
            first,
            edit(
                "0aaaaaaa-2",
                here,
                [here],
                "0190000000020000",
                gone,
                ["/data/founders[k3f9]", "/data/founders[k3f9]/founder_name"],
            ),
            edit(
                "1bbbbbbb-1", here, [here], "0190000000010000", inside, ["/data/founders[k3f9]/founder_name"]
            ),
        ],
        "a founder removed while the other side wrote elsewhere": [
            first,
            edit(
                "0aaaaaaa-2",
                here,
                [here],
                "0190000000010000",
                gone,
                ["/data/founders[k3f9]", "/data/founders[k3f9]/founder_name"],
            ),
            edit(
                "1bbbbbbb-1", here, [here], "0190000000020000", {**start, "/data/size": "3"}, ["/data/size"]
            ),
        ],
        "a delete": [first, delete("1bbbbbbb-1", here, [here], "0190000000010000")],
        "a delete against an edit": [first, a2, delete("1bbbbbbb-1", here, [here], "0190000000020000")],
        "the creation has not arrived": [a2],
    }


def decoded(changes: list[dict[str, Any]]) -> list[Change]:
    """The changes of a case, read from their bytes."""
    layout = Layout.compile(LAYOUT)
    return [
        Change(read_header(c["header"]), decode_payload(c["kind"], c["payload"], layout)) for c in changes
    ]


def told(folded: Folded) -> dict[str, Any]:
    """A fold as JSON."""
    conflicts = [[c.path, [[v.change, v.value, v.reason] for v in c.values]] for c in folded.conflicts]
    text = digest_text(
        folded.record, folded.deleted, folded.answers, folded.reasons, folded.conflicts, folded.review
    )
    return {
        "heads": list(folded.heads),
        "deleted": folded.deleted,
        "answers": dict(sorted(folded.answers.items())),
        "reasons": dict(sorted(folded.reasons.items())),
        "conflicts": conflicts,
        "review": folded.review.state,
        "recompute": folded.recompute,
        "digest_text": text,
        "state_digest": canonical.sha(text),
    }


def signature_of(known: dict[str, Any]) -> dict[str, Any]:
    """The signature example, kept while what it signs is the same."""
    text = keys.tip_text("7k3m9q2x", 130, canonical.sha("tip"))
    if known.get("text") == text:
        return known
    key = keys.generate()
    public = keys.public_text(key)
    document = keys.key_document("7k3m9q2x", public)
    return {
        "replica": "7k3m9q2x",
        "number": "130",
        "digest": canonical.sha("tip"),
        "text": text,
        "public": public,
        "document": document,
        "document_id": canonical.short_id(document),
        "signature": keys.sign(key, text),
    }


def build(known: dict[str, Any]) -> dict[str, Any]:
    """The whole file."""
    headers = [f"header {number}" for number in range(1, 131)]
    sortable = ["\uffff", "\U00010000", "a", "é", "Z", "ab"]
    packed = {
        "/data/name": "甲",
        "/data/founders[k3f9]": "m",
        "/data/founders[b001]": "m",
        "/data/founders[aa01]": "\U00010000",
        "/data/founders[aa02]": "\uffff",
        "/data/founders[k3f9]/founder_name": "王",
        "/data/other": "new",
        "/data/founders[k3f9]/other": "newer",
    }
    values, extra = pack(Layout.compile(LAYOUT), packed)
    ticks = [
        ["", 5],
        ["0000000000050000", 5],
        ["0000000000050000", 4],
        ["000000000005ffff", 5],
        ["0000000000050009", 9],
    ]
    return {
        "canonical": [{"value": text, "text": canonical.encode(text)} for text in TEXTS],
        "sorted": {"given": sortable, "expected": sorted(sortable)},
        "sha": [{"text": text, "sha": canonical.sha(text), "id": canonical.short_id(text)} for text in TEXTS],
        "ticks": [
            {"latest": latest, "milliseconds": ms, "clock": tick(str(latest), int(ms))}
            for latest, ms in ticks
        ],
        "chain": {
            "headers": "header 1 … header 130",
            "digests": {str(n): chain.digest(headers[:n]) for n in (0, 1, 63, 64, 65, 128, 129, 130)},
        },
        "form": {"layout": LAYOUT, "document": FORM, "id": FORM_ID},
        "pack": {"answers": packed, "values": values, "extra": extra},
        "signature": signature_of(known.get("signature", {})),
        "folds": [
            {"case": case, "changes": changes, "state": told(fold(changes[0]["record"], decoded(changes)))}
            for case, changes in changes_of().items()
        ],
    }


def main() -> None:
    """Write the file."""
    known = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}
    FILE.write_text(json.dumps(build(known), ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
