"""Where an expression is evaluated, and what its surroundings answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from forms.xpath.nodes import Node
from forms.xpath.values import Value


class World(Protocol):
    """What the surroundings of an expression answer."""

    def now(self) -> str:
        """ISO date-time with offset."""

    def random(self) -> float:
        """From 0 to below 1."""

    def uuid(self) -> str:
        """A new UUID, with hyphens."""

    def instance(self, name: str) -> Node | None:
        """The document of a secondary instance; None where there is none."""

    def rows(self, name: str, filters: Mapping[str, str]) -> Sequence[Node] | None:
        """Items of a list by the texts of columns; None for a list that cannot be asked so."""

    def choice_name(self, value: str, path: str, origin: Node) -> str:
        """The label of a choice of the question at `path`, seen from `origin`."""

    def itext(self, key: str, origin: Node) -> str:
        """The text with an itext id, in the language that is spoken, seen from `origin`."""


@dataclass(slots=True)
class Scope:
    """Where an expression is evaluated. `current` is the node that it stands at, `node` the context."""

    node: Node
    current: Node
    world: World
    position: int = 1
    size: int = 1


Run: TypeAlias = Callable[[Scope], Value]
"""An expression, ready to be evaluated."""
