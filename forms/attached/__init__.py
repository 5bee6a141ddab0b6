"""Lists that stand beside a form, as files: read within bounds, and said of each what is wrong with it."""

from forms.attached.read import KINDS, AttachedList, read_attached

__all__ = ["KINDS", "AttachedList", "read_attached"]
