"""A record being filled in."""

from forms.session.checks import AnswerProblem
from forms.session.context import Context, FixedContext, SystemContext
from forms.session.lists import Lists, MemoryLists
from forms.session.session import REASONS, EntityRow, Session

__all__ = [
    "REASONS",
    "AnswerProblem",
    "Context",
    "EntityRow",
    "FixedContext",
    "Lists",
    "MemoryLists",
    "Session",
    "SystemContext",
]
