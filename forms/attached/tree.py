"""An XML file: a list where it has the shape `root/item/column`, else a tree."""

from __future__ import annotations

from collections.abc import Iterator

from forms.attached.bounds import ELEMENTS, too_much, unreadable
from forms.problems import FormError, Problem
from forms.session.lists import Tree
from forms.xform.document import read_xml
from forms.xform.instances import inside


def read_tree(data: bytes, filename: str) -> list[dict[str, str]] | Tree:
    """The rows of a list, or the tree: `[name, {attribute: text}, text or trees]`. Raises FormError."""
    if data.count(b"<") > 2 * ELEMENTS:  # before anything is built of it
        raise too_much(filename)
    try:
        root = read_xml(data, filename)
    except FormError as error:
        raise FormError([_of_no_form(problem, filename) for problem in error.problems]) from error
    if sum(1 for _ in root.iter()) > ELEMENTS:
        raise too_much(filename)
    found = inside(root)
    content: list[dict[str, str]] | Tree = found["tree"] if "tree" in found else found["items"]
    return content


def names_in(tree: Tree) -> Iterator[str]:
    """The names of all elements, and of attributes with `@`."""
    name, attributes, below = tree
    yield name
    yield from (f"@{each}" for each in attributes)
    for child in below if isinstance(below, list) else ():
        yield from names_in(child)


def _of_no_form(problem: Problem, filename: str) -> Problem:
    """A problem of XML whose words or remedy are for forms, told of an attached file."""
    if problem.code == "HW-1002":
        (told,) = unreadable(f"line {problem.params['line']}: {problem.params['reason']}", filename).problems
    elif problem.code == "HW-1004":
        (told,) = unreadable(f"nested deeper than {problem.params['levels']} levels", filename).problems
    else:
        return problem
    return told
