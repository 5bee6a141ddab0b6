"""Which questions an expression reads, found by walking its syntax tree over the paths of the form."""

from __future__ import annotations

from dataclasses import dataclass, field

from forms.xpath.parser import Ast

Paths = frozenset[str]
_NOWHERE: Paths = frozenset()


class Shape:
    """The paths of a form, for resolving steps. The document root is ""."""

    def __init__(self, root: str, paths: list[str]) -> None:
        self.root = root
        self.kids: dict[str, list[str]] = {"": [root], root: []}
        for path in paths:
            self.kids.setdefault(path, [])
            self.kids.setdefault(path.rpartition("/")[0], []).append(path)
        self.paths = frozenset(self.kids)

    def below(self, path: str) -> list[str]:
        """A path and all below it."""
        found = [path]
        for kid in self.kids.get(path, []):
            found.extend(self.below(kid))
        return found


@dataclass
class References:
    """What is read. `elsewhere`: paths read through a predicate, perhaps in another instance of a repeat."""

    paths: set[str] = field(default_factory=set)
    elsewhere: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)


def references(ast: Ast, context: str, shape: Shape) -> References:
    """All references of an expression that stands at the node `context`."""
    found = References()
    _Walk(shape, context, found).value(ast, frozenset([context]))
    found.elsewhere -= found.paths
    return found


class _Walk:
    """`None` as a set of paths stands for nodes of another instance (a choice list)."""

    def __init__(self, shape: Shape, current: str, found: References) -> None:
        self.shape = shape
        self.current = current
        self.found = found

    def value(self, ast: Ast, context: Paths | None) -> Paths | None:
        """Walks an expression; the paths of the nodes that it yields, if it yields nodes."""
        kind = ast[0]
        if kind in ("num", "str"):
            return _NOWHERE
        if kind == "path":
            return self.path(ast, context)
        if kind == "call":
            return self.call(ast, context)
        if kind == "filter":
            base = self.value(ast[1], context)
            for predicate in ast[2:]:
                self.value(predicate, base)
            return base
        while (
            isinstance(ast[1], list)
            and len(ast) == 3
            and ast[1][0] not in ("path", "call", "filter", "num", "str")
        ):
            if ast[0] == "neg":
                break
            self.value(ast[2], context)
            ast = ast[1]
        for operand in ast[1:]:
            self.value(operand, context)
        return _NOWHERE

    def call(self, ast: Ast, context: Paths | None) -> Paths | None:
        name = ast[1]
        for argument in ast[2:]:
            self.value(argument, context)
        if name == "current":
            return frozenset([self.current])
        return None if name in ("instance", "randomize") else _NOWHERE

    def path(self, ast: Ast, context: Paths | None) -> Paths | None:
        start = ast[1]
        if start == "/":
            paths: Paths | None = frozenset([""])
        elif start == ".":
            paths = context
        else:
            paths = self.value(start, context)
        filtered = False
        for step in ast[2:]:
            before = paths
            paths = self.step(step, paths)
            if start == "/" and before and paths is not None and not paths and step[0] == "child":
                self.found.unknown.add(f"{min(before)}/{step[1]}")
            for predicate in step[2:]:
                filtered = filtered or paths is not None
                self.value(predicate, paths)
        if paths:
            (self.found.elsewhere if filtered else self.found.paths).update(paths)
        return paths

    def step(self, step: Ast, paths: Paths | None) -> Paths | None:
        if paths is None:
            return None
        axis, test = step[0], step[1]
        if axis == "child" and test not in ("node()", "*") and not test.endswith(("()", ":*")):
            # looked up and not searched for: a group may have thousands of children
            name = test.rpartition(":")[2]
            return frozenset(f"{path}/{name}" for path in paths) & self.shape.paths
        reached = {path for start in paths for path in self.axis(axis, start)}
        if test in ("node()", "*"):
            return frozenset(reached)
        if test.endswith("()"):
            return paths  # text() of a node is its value
        name = test.rpartition(":")[2]
        if name == "*":
            return frozenset(reached)
        return frozenset(path for path in reached if path.rpartition("/")[2] == name)

    def axis(self, axis: str, path: str) -> list[str]:
        shape = self.shape
        parent = path.rpartition("/")[0]
        if axis == "child":
            return shape.kids.get(path, [])
        if axis == "self":
            return [path]
        if axis == "parent":
            return [parent] if path else []
        if axis == "attribute" or axis == "namespace":
            return []
        if axis.startswith("descendant"):
            return shape.below(path)[0 if axis.endswith("self") else 1 :]
        if axis.startswith("ancestor"):
            parts = path.split("/")
            above = ["/".join(parts[:n]) for n in range(1, len(parts))]
            return [*above, path] if axis.endswith("self") else above
        if axis.endswith("sibling"):
            return shape.kids.get(parent, [])
        return shape.below(shape.root)
