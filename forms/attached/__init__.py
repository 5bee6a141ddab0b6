"""Files that stand beside a form, read within bounds: lists as rows, other XML as a tree. The one reader of them."""

from forms.attached.memory import memory_lists
from forms.attached.read import KINDS, AttachedFile, read_file

__all__ = ["KINDS", "AttachedFile", "memory_lists", "read_file"]
