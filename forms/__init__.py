"""What a form is and what an answer means. Pure: no Flask, no SQL, no network."""

from forms.check import Finding, Report, Uses, check_form
from forms.compile import compile_form
from forms.compile import compile_form as compile  # the word of the field: forms.compile(path)
from forms.model import Form, Node
from forms.problems import FormError, Problem
from forms.session import AnswerProblem, FixedContext, MemoryLists, Session, SystemContext
from forms.xform.read import read_xform

__all__ = [
    "AnswerProblem",
    "Finding",
    "FixedContext",
    "Form",
    "FormError",
    "MemoryLists",
    "Node",
    "Problem",
    "Report",
    "Session",
    "SystemContext",
    "Uses",
    "check_form",
    "compile",
    "compile_form",
    "read_xform",
]
