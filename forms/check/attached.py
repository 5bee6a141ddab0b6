"""The files that a form attaches: whether each is there, can be read, and has the columns that the form reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from forms.attached import KINDS, AttachedFile, read_file
from forms.check.finding import Finding, Findings, Place, from_problem, nearest
from forms.check.reading import below
from forms.model import Form, Node
from forms.problems import FormError
from forms.xpath.parser import Ast

FILES = "jr://file"
_LABELS = ("label_", "label::")

Columns = Callable[[str], tuple[str, ...] | None]
"""The columns of a list by its name; None where nobody has it."""


@dataclass(frozen=True)
class Wanted:
    """A list that a form attaches: the instance's id, the file's name, its name without ending, and which columns are
    read by which question (None: by none in particular)."""

    instance: str
    filename: str
    name: str
    columns: Mapping[str, Node | None]
    values: Mapping[str, Node]


def attached_by(form: Form) -> list[Wanted]:
    """The files that a form attaches, in the order of the form."""
    found = []
    for instance, source in form.instances.items():
        address = str(source.get("src", ""))
        if not address.startswith(FILES):
            continue
        filename = address.rpartition("/")[2]
        columns: dict[str, Node | None] = dict.fromkeys(_looked_up(form, instance))
        values: dict[str, Node] = {}
        for node in form.nodes:
            if node.choices is not None and node.choices.instance == instance:
                columns |= dict.fromkeys(_of_choices(form, node), node)
                values.setdefault(node.choices.value, node)
        found.append(Wanted(instance, filename, filename.rpartition(".")[0], columns, values))
    return found


def check_file(data: bytes, filename: str) -> tuple[AttachedFile | None, list[Finding]]:
    """A file as a form would read it, and what is wrong with it; None where that is an error. Never raises for what is
    in the file."""
    try:
        file = read_file(data, filename)
    except FormError as error:
        found = [from_problem(problem) for problem in error.problems]
        return None, [Finding(each.code, Place(filename), each.params) for each in found]
    wrong = list(_headers(file)) if file.tree is None else []
    return (None if wrong else file), wrong


def _headers(file: AttachedFile) -> Findings:
    for number, name in enumerate(file.columns):
        if not name or name in file.columns[:number]:
            at = Place(file.filename, 1, column=name)
            yield Finding("HW-1454", at, {"name": name, "number": str(number + 1)})


def check_attached(form: Form, columns: Columns, places: Mapping[str, Place]) -> Findings:
    """Whether all that a form attaches is there, of a kind that can be read, with the columns that it needs. `places`
    are those of the form's report."""
    for wanted in attached_by(form):
        node = next(iter(wanted.values.values()), None)
        at = _place(node, places)
        if not wanted.filename.lower().endswith(KINDS) or wanted.instance != wanted.name:
            yield Finding("HW-1458", at, {"name": wanted.filename, "instance": wanted.instance})
            continue
        have = columns(wanted.name)
        if have is None:
            yield Finding("HW-1457", at, {"name": wanted.filename})
        else:
            yield from check_columns_of(form, wanted, have)


def check_columns_of(form: Form, wanted: Wanted, have: tuple[str, ...]) -> Findings:
    """The columns that a form reads of a list and that are not among those it has."""
    for column, node in wanted.columns.items():
        if column in have or (column == "label" and any(each.startswith(_LABELS) for each in have)):
            continue
        at = Place(wanted.filename, 1, node.name if node else "", column)
        params = {"column": column, "form": form.title or form.form_id, "known": ", ".join(have[:12])}
        yield Finding("HW-1453", at, params, near=nearest(column, have))


def check_rows_of(form: Form, attached: AttachedFile) -> Findings:
    """Rows of a list that nobody could choose, or that cannot be told apart once chosen."""
    for wanted in attached_by(form):
        for column, node in wanted.values.items() if wanted.name == attached.name else ():
            yield from _values(column, node, attached)


def check_unused(attached: AttachedFile, forms: list[Form]) -> Findings:
    """Whether one of the forms that came with a list attaches it."""
    names = [wanted.filename for form in forms for wanted in attached_by(form)]
    if forms and attached.name not in {name.rpartition(".")[0] for name in names}:
        near = nearest(attached.filename, names)
        yield Finding("HW-1459", Place(attached.filename), {"name": attached.filename}, near=near)


def _values(column: str, node: Node, attached: AttachedFile) -> Findings:
    values = [row.get(column, "").strip() for row in attached.rows]
    first = 2 if attached.kind == ".csv" else 1  # below the line of column names
    empty = [number for number, value in enumerate(values, start=first) if not value]
    if empty:
        at = Place(attached.filename, empty[0], node.name, column)
        yield Finding("HW-1455", at, {"column": column, "count": f"{len(empty):,}"})
    if node.choices is not None and not node.choices.filter_paths:  # cascading lists may name a choice again
        double = [value for value, count in Counter(values).items() if value and count > 1]
        if double:
            second = [number for number, value in enumerate(values, start=first) if value == double[0]][1]
            params = {"name": double[0], "column": column, "count": f"{len(double):,}"}
            yield Finding("HW-1456", Place(attached.filename, second, node.name, column), params)


def _place(node: Node | None, places: Mapping[str, Place]) -> Place:
    if node is None:
        return Place()
    at = places.get(node.path, Place("survey", question=node.name))
    return Place(at.sheet, at.row, at.question or node.name, "type" if at.sheet else "", at.line)


def _of_choices(form: Form, node: Node) -> Iterator[str]:
    """Columns that the choices of a question are made and filtered by."""
    choices = node.choices
    if choices is None:
        return
    yield choices.value
    yield choices.label
    yield from _filtered_by(form.expressions[choices.nodeset])


def _filtered_by(path: Ast) -> Iterator[str]:
    """Columns that the predicates of a path into a list compare."""
    for step in path[2:] if isinstance(path, list) and path[0] == "path" else ():
        for predicate in step[2:] if isinstance(step, list) else ():
            yield from _own_columns(predicate)


def _own_columns(ast: Ast) -> Iterator[str]:
    """Names below the row itself in a predicate; what stands in another path is read elsewhere."""
    if ast[0] != "path":
        for part in ast[1:]:
            if isinstance(part, list):
                yield from _own_columns(part)
    elif (
        ast[1] == "." and len(ast) == 3 and ast[2][0] == "child" and ast[2][1].replace("_", "a")[:1].isalpha()
    ):
        yield ast[2][1]


def _looked_up(form: Form, instance: str) -> Iterator[str]:
    """Columns that expressions look up, where they are named outright: by `pulldata`, and by a path into the list."""
    source = ["call", "instance", ["str", instance]]
    for expression in form.expressions:
        for part in below(expression) if isinstance(expression, list) else ():
            if part[:2] == ["call", "pulldata"] and part[2:3] == [["str", instance]]:
                found = [each[1] for each in part[3:5] if isinstance(each, list) and each[0] == "str"]
            elif part[:2] == ["path", source] and len(part) == 5:
                found = [*_own_columns(["path", ".", part[4]]), *_filtered_by(part)]
            else:
                continue
            yield from found
