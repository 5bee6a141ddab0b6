"""What a draft keeps when its form gets another version."""

from forms.carry.carry import Carried, carry
from forms.carry.left import Left, kept, lying, undecided

__all__ = ["Carried", "Left", "carry", "kept", "lying", "undecided"]
