"""A scenario trace played on a real session, and the state of that session in the words of the trace."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from lxml import etree

from forms import FixedContext, Form, MemoryLists, Node, Session, read_xform
from forms.attached import KINDS, read_file
from forms.session.record import form_path
from forms.xpath.calls import calls

Step = Mapping[str, Any]
Nodes = dict[str, dict[str, Any]]
"""State by position path: `/data/house[2]/name`."""
CHANGING = frozenset({"answer", "createNewRepeat", "removeRepeat", "setLanguage"})
"""Operations that change state; the others begin, or read an answer."""
_BOOLEANS = {"boolean": ("0", "1")}
_TRIGGER = ("", "OK")


def plain(ref: str) -> str:
    """A path of a trace without prefixes."""
    return "/".join(step.rpartition(":")[2] for step in ref.split("/"))


@dataclass
class Player:
    """Carries out the steps of one trace. `folder` has the attached files; `edited` is a record made before."""

    xform: str
    now: str
    folder: Path
    edited: str = ""

    @cached_property
    def form(self) -> Form:
        """The form, compiled by the product. Raises FormError."""
        return read_xform(self.xform)

    @cached_property
    def session(self) -> Session:
        """The record: a new one, or the one that is edited."""
        moment = datetime.fromisoformat(self.now).isoformat(timespec="milliseconds")
        lists = attached(self.form, self.folder)
        return Session(self.form, lists, answers=self.answers, context=FixedContext(moment))

    @cached_property
    def answers(self) -> dict[str, str] | None:
        """Answers of the record that is edited, None for a new one."""
        if not self.edited:
            return None
        found: dict[str, str] = {}
        self._read(etree.fromstring(self.edited.encode()), self.form.root, found)
        return found

    def _read(self, element: etree._Element, path: str, found: dict[str, str]) -> None:
        for place, child in enumerate(element):
            at = f"{path}/{etree.QName(child).localname}"
            number = self.form.by_path.get(form_path(at))
            if number is not None and self.form.nodes[number].kind == "repeat":
                at = f"{at}[e{len(found):03d}]"
                found[at] = f"{place:04d}"
            if number is not None and self.form.nodes[number].is_leaf() and child.text:
                found[at] = child.text
            self._read(child, at, found)

    def operation(self, step: Step) -> list[str]:
        """What a step does, as the session vectors of the project write it."""
        if step["op"] == "answer":
            path = self.flat(step["ref"])
            return ["answer", path, self.text(path, step)]
        if step["op"] == "createNewRepeat":
            return ["add_repeat", self.flat(step["arg"])]
        if step["op"] == "removeRepeat":
            return ["remove_repeat", self.flat(step["ref"])]
        return ["language", step["lang"]]

    def flat(self, ref: str) -> str:
        """The flat path of a position path."""
        path = ""
        for step in plain(ref).split("/")[1:]:
            name, _, place = step.rstrip("]").partition("[")
            path = f"{path}/{name}"
            if place:
                path = self.session.instances(path)[int(place) - 1]
        return path

    def text(self, path: str, step: Step) -> str:
        """The answer that a control gives for what was picked or typed."""
        given = step["args"]
        picked = given[1:] if len(given) > 1 and given[0] == step["ref"] else given
        node = self.form.node(form_path(path))
        if node.control == "upload":  # the file itself is not in the trace: its name is what came of it
            return next(each["value"] for each in step["changed"] if each["ref"] == step["ref"])
        truths = _TRIGGER if node.control == "trigger" else _BOOLEANS.get(node.type, ("false", "true"))
        words = [truths[each] if isinstance(each, bool) else str(each) for each in picked]
        if node.control == "select":  # boxes give what is ticked in the order that they stand in
            ticked = " ".join(words).split()
            order = [value for value, _ in self.session.choices(path)]
            words = sorted(ticked, key=lambda each: order.index(each) if each in order else len(order))
        return " ".join(words)

    # -- state

    def state(self) -> Nodes:
        """All that the session says now."""
        root = self.form.root
        found: Nodes = {root: {"type": "root", "relevant": True}}
        for path in (root, *self.session.paths()):
            if path != root:
                found[self.position(path)] = self.describe(path)
            number = self.form.by_path.get(form_path(path), -1)
            for child in self.form.children[number]:
                node = self.form.nodes[child]
                if node.kind == "repeat":
                    kind = "controlled" if node.count is not None else "uncontrolled"
                    found[f"{self.position(path)}/{node.name}"] = {
                        "type": f"repeat-range:{kind}",
                        "relevant": self.session.relevant(f"{path}/{node.name}"),
                    }
        return found

    def position(self, path: str) -> str:
        """The position path of a flat path."""
        flat = found = ""
        for step in path.split("/")[1:]:
            flat, name = f"{flat}/{step}", step.partition("[")[0]
            found = f"{found}/{name}"
            if step != name:
                found += f"[{self.session.instances(flat.rpartition('[')[0]).index(flat) + 1}]"
        return found

    def describe(self, path: str) -> dict[str, Any]:
        """What the session says of one node."""
        session, node = self.session, self.form.node(form_path(path))
        found: dict[str, Any] = {"type": self.kind(path), "relevant": session.relevant(path)}
        if node.kind == "repeat":
            return found
        found["label"] = session.label(path)
        found["readonly"] = session.readonly(path)
        if node.kind == "group":
            return found
        found["kind"] = self.kinds[node.path]
        found |= {"bind_type": node.type, "value": session.value(path), "required": session.required(path)}
        found["derived"] = node.is_derived()
        if node.control in ("select", "select1", "rank"):
            found["options"] = [list(each) for each in session.choices(path)]
        problems = session.problems_at(path)
        found["codes"] = [each.code for each in problems]
        for each in problems:
            if each.code in ("required", "constraint"):
                found |= {"violation": each.code, "message": each.message}
        return found

    @cached_property
    def kinds(self) -> dict[str, str]:
        """By path without instance ids, how values are to be compared: types, and `drawn` for what is drawn by lot."""

        def drawn(node: Node) -> bool:
            return node.calculate is not None and calls(self.form.expressions[node.calculate], {"random"})

        return {node.path: "drawn" if drawn(node) else node.type for node in self.form.nodes}

    def kind(self, path: str) -> str:
        """The word of the trace for a node."""
        node = self.form.node(form_path(path))
        if node.kind == "group":
            return "group"
        if node.kind == "repeat":
            return "repeat-instance"
        text = node.control == "input" and node.type == "string" and node.calculate is None
        if text and node.readonly is not None and self.form.expressions[node.readonly] == ["call", "true"]:
            return "note"
        return {"select1": "select", None: "model-value"}.get(node.control, node.control or "")

    def xml(self) -> list[Any]:
        """The record as it would be given away now: `[name, text or children]`, without what is not relevant."""
        return next(iter(self._elements([self.form.root, *self.session.paths()])))

    def _elements(self, paths: list[str]) -> Iterator[list[Any]]:
        tree: dict[str, list[Any]] = {}
        for path in paths:
            above = path.rpartition("/")[0]
            if path != self.form.root and (above not in tree or not self.session.relevant(path)):
                continue
            number = self.form.by_path.get(form_path(path), -1)
            leaf = number >= 0 and self.form.nodes[number].kind not in ("group", "repeat")
            name = path.rpartition("/")[2].partition("[")[0]
            text = unicodedata.normalize("NFC", self.session.value(path)) if leaf else ""
            tree[path] = [name, text if leaf else []]
            if above in tree:
                tree[above][1].append(tree[path])
        yield tree[self.form.root]


def attached(form: Form, folder: Path) -> MemoryLists:
    """The lists that a form attaches, as far as they are among the forms of the folder."""
    lists = MemoryLists()
    for key, source in form.instances.items():
        name = str(source.get("src", "")).rpartition("/")[2]
        found = sorted(folder.rglob(f"*__{name}")) if name.endswith(KINDS) else []
        if found:
            file = read_file(found[0].read_bytes(), name)
            if file.tree is not None:
                lists.put_tree(key, file.tree)
            else:
                lists.put(key, file.rows)
    return lists
