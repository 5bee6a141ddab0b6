"""The files that a form attaches: whether each is there, can be read, and has the columns that the form reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from forms.attached import KINDS, AttachedFile, read_file
from forms.check.finding import Finding, Findings, Listed, Param, Place, from_problem, nearest
from forms.check.reading import below
from forms.model import Form, Node, Text
from forms.problems import FormError
from forms.xpath.parser import Ast

FILES = "jr://file"
_LABELS = ("label_", "label::")
_NOWHERE: Mapping[str, Place] = {}
_COLUMNS = {
    "relevant": "relevant", "required": "required", "constraint": "constraint", "calculate": "calculation",
    "readonly": "read_only", "count": "repeat_count",
}  # fmt: skip
"""Members of a node that are expressions -> the columns of the sheet that they come from."""

Columns = Callable[[str], tuple[str, ...] | None]
"""The columns of a list by its name; None where nobody has it."""


@dataclass(frozen=True)
class Reading:
    """Where a form reads a list: the question, and the column of the sheet that says so."""

    node: Node
    column: str

    def place(self, places: Mapping[str, Place]) -> Place:
        """In the sheet as `places` of the form's report have it; without them by the question alone."""
        at = places.get(self.node.path, Place("survey", question=self.node.name))
        return Place(
            at.sheet, at.row, at.question or self.node.name, self.column if at.sheet else "", at.line
        )


@dataclass(frozen=True)
class Wanted:
    """A list that a form attaches: the instance's id, the file's name, its name without ending, which columns are
    read by which question in which column of the sheet (None: by none in particular), which are the values of which
    question's choices, and who reads the list first."""

    instance: str
    filename: str
    name: str
    columns: Mapping[str, Reading | None]
    values: Mapping[str, Node]
    reader: Reading | None


def attached_by(form: Form) -> list[Wanted]:
    """The files that a form attaches, in the order of the form."""
    found = []
    readings = _readings(form)
    for instance, source in form.instances.items():
        address = str(source.get("src", ""))
        if not address.startswith(FILES):
            continue
        filename = address.rpartition("/")[2]
        found.append(_wanted(form, instance, filename, readings))
    return found


def _wanted(form: Form, instance: str, filename: str, readings: Mapping[int, Reading]) -> Wanted:
    columns: dict[str, Reading | None] = {}
    values: dict[str, Node] = {}
    readers: list[Reading] = []
    for node in form.nodes:
        if node.choices is not None and node.choices.instance == instance:
            readers.append(Reading(node, "type"))
            columns |= dict.fromkeys((node.choices.value, node.choices.label), readers[-1])
            filters = _filtered_by(form.expressions[node.choices.nodeset])
            columns |= {name: Reading(node, "choice_filter") for name in filters if name not in columns}
            values.setdefault(node.choices.value, node)
    for number, names in _looked_up(form, instance):
        reading = readings.get(number)
        readers += [reading] if reading else []
        for name in names:
            columns.setdefault(name, reading)
    reader = readers[0] if readers else None
    return Wanted(instance, filename, filename.rpartition(".")[0], columns, values, reader)


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
        at = wanted.reader.place(places) if wanted.reader else Place()
        if not wanted.filename.lower().endswith(KINDS) or wanted.instance != wanted.name:
            yield Finding("HW-1458", at, {"name": wanted.filename, "instance": wanted.instance})
            continue
        have = columns(wanted.name)
        if have is None:
            yield Finding("HW-1457", at, {"name": wanted.filename})
        else:
            yield from check_columns_of(form, wanted, have, places)


def check_columns_of(
    form: Form, wanted: Wanted, have: tuple[str, ...], places: Mapping[str, Place] = _NOWHERE
) -> Findings:
    """The columns that a form reads of a list and that are not among those it has; of GeoJSON the properties."""
    features = wanted.filename.lower().endswith(".geojson")
    for column, reading in wanted.columns.items():
        if column in have or (column == "label" and any(each.startswith(_LABELS) for each in have)):
            continue
        name = reading.node.name if reading else ""
        at = Place(wanted.filename, 0 if features else 1, name, column)
        params: dict[str, Param] = {
            "column": column,
            "form": form.title or form.form_id,
            "known": Listed(have[:12]),
            "where": reading.place(places) if reading else Place("survey"),
        }
        yield Finding("HW-1490" if features else "HW-1453", at, params, near=nearest(column, have))


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


def _readings(form: Form) -> dict[int, Reading]:
    """Which question evaluates an expression first, by the number of the expression."""
    found: dict[int, Reading] = {}
    for node in form.nodes:
        for member, column in _COLUMNS.items():
            number = getattr(node, member)
            if number is not None:
                found.setdefault(number, Reading(node, column))
        if node.choices is not None:
            found.setdefault(node.choices.nodeset, Reading(node, "choice_filter"))
        for text, column in ((node.label, "label"), (node.hint, "hint")):
            for number in _numbers(form.texts[text]) if text is not None else ():
                found.setdefault(number, Reading(node, column))
    for action in form.actions:
        if action.value is not None and action.sets in form.by_path:
            column = "calculation" if action.target else "default"
            found.setdefault(action.value, Reading(form.node(action.sets), column))
    return found


def _numbers(text: Text) -> Iterator[int]:
    """The expressions in a text."""
    for kinds in text.values():
        for pieces in kinds.values():
            if isinstance(pieces, list):
                yield from (piece for piece in pieces if isinstance(piece, int))


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


def _looked_up(form: Form, instance: str) -> Iterator[tuple[int, list[str]]]:
    """Columns that expressions look up, where they are named outright: by `pulldata`, and by a path into the list;
    with the number of the expression."""
    source = ["call", "instance", ["str", instance]]
    for number, expression in enumerate(form.expressions):
        for part in below(expression) if isinstance(expression, list) else ():
            if part[:2] == ["call", "pulldata"] and part[2:3] == [["str", instance]]:
                yield number, [each[1] for each in part[3:5] if isinstance(each, list) and each[0] == "str"]
            elif part[:2] == ["path", source]:
                named = [*_own_columns(["path", ".", part[4]]), *_filtered_by(part)] if len(part) == 5 else []
                yield number, named
