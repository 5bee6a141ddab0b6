"""What a form is and what an answer means. Pure: no Flask, no SQL, no network."""

from forms.compile import compile_form
from forms.compile import compile_form as compile  # the word of the field, `forms.compile(path)`
from forms.model import Form, Node
from forms.problems import FormError, Problem

__all__ = ["Form", "FormError", "Node", "Problem", "compile", "compile_form"]
